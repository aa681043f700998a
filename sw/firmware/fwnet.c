/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens a network image (see fwnet.h): nothing in it is believed.
 *
 * Sizes are compared as "offset <= end && size <= end - offset", so that no sum can wrap. Time is linear in the image.
 */
#include "fwnet.h"

#include "golden.h"

enum { MAX_DIM = 1 << 24, MAX_SEGMENTS = 4096 };

static int refuse(weft_msg_t *m, const char *what, uint32_t have, uint32_t want)
{
  return weft_fail(m, WEFT_E_FORMAT, "image: %s: %lu, accepted is %lu", what, (unsigned long)have, (unsigned long)want);
}

/* count records of `size` bytes at offset `at` inside the image, at a multiple of `grain`. */
static bool inside(const fwnet_t *n, uint32_t at, uint32_t count, uint32_t size, uint32_t grain)
{
  return at % grain == 0 && at >= sizeof *n->head && at <= n->head->bytes && count <= (n->head->bytes - at) / size;
}

static const void *at(const fwnet_t *n, uint32_t offset) { return n->dram + n->image + offset; }

static int check_head(fwnet_t *n, uint32_t bytes, weft_msg_t *m)
{
  const weft_netimage_t *h = n->head;
  weft_dev_t *d = n->dev;
  if (bytes < sizeof *h) return refuse(m, "cut short, bytes", bytes, sizeof *h);
  if (h->magic != WEFT_NETIMAGE_MAGIC) return refuse(m, "not a network image, first word", h->magic, WEFT_NETIMAGE_MAGIC);
  if (h->format != WEFT_NETIMAGE_FORMAT) return refuse(m, "image format", h->format, WEFT_NETIMAGE_FORMAT);
  if (h->version >> 8 != d->info.version >> 8) return refuse(m, "compiled for machine version", h->version >> 8, d->info.version >> 8);
  if (h->config[WEFT_NETIMAGE_CONFIG - 1] || h->name[WEFT_NETIMAGE_NAME - 1]) return refuse(m, "name without an end", 1, 0);
  static const uint32_t cfg[4] = {WEFT_REG_CFG0, WEFT_REG_CFG1, WEFT_REG_CFG2, WEFT_REG_CFG3};
  for (int i = 0; i < 4; i++) {
    uint32_t have = d->io.read32(d->io.ctx, cfg[i]);
    if (h->cfg[i] != have)
      return weft_fail(m, WEFT_E_FORMAT, "image: compiled for configuration %s, CFG%d 0x%lx: the device has 0x%lx", h->config, i,
                       (unsigned long)h->cfg[i], (unsigned long)have);
  }
  if (h->bytes > bytes) return refuse(m, "cut short, bytes", bytes, h->bytes);
  if (h->bytes % 4 || h->bytes < sizeof *h) return refuse(m, "size in bytes", h->bytes, h->bytes / 4 * 4);
  uint32_t sum = weft_netimage_sum((const uint32_t *)(const void *)h, h->bytes / 4);
  if (sum != h->sum) return refuse(m, "damaged, checksum", sum, h->sum);
  if (!inside(n, h->commands, h->ncommands, WEFT_CMD_BYTES, WEFT_CMD_BYTES)) return refuse(m, "commands beyond the image, at", h->commands, h->bytes);
  if (!inside(n, h->constants, h->constant_bytes, 1, WEFT_CMD_BYTES)) return refuse(m, "constants beyond the image, at", h->constants, h->bytes);
  if (!inside(n, h->segments, h->nsegments, sizeof(weft_netimage_segment_t), 4)) return refuse(m, "segments beyond the image, at", h->segments, h->bytes);
  if (!inside(n, h->tensors, h->ntensors, sizeof(weft_netimage_tensor_t), 4)) return refuse(m, "tensors beyond the image, at", h->tensors, h->bytes);
  if (!inside(n, h->ops, h->nops, sizeof(weft_netimage_op_t), 4)) return refuse(m, "operators beyond the image, at", h->ops, h->bytes);
  if (h->nsegments < 1 || h->nsegments > MAX_SEGMENTS) return refuse(m, "segments", h->nsegments, MAX_SEGMENTS);
  if (h->ntensors > FWNET_TENSORS) return refuse(m, "tensors", h->ntensors, FWNET_TENSORS);
  if (WEFT_FW_GOLDEN && h->nops > FWNET_OPS) return refuse(m, "operators on the CPU", h->nops, FWNET_OPS);
  if (h->ninputs < 1 || h->ninputs > FWNET_TENSORS) return refuse(m, "inputs", h->ninputs, FWNET_TENSORS);
  if (h->noutputs < 1 || h->noutputs > FWNET_TENSORS) return refuse(m, "outputs", h->noutputs, FWNET_TENSORS);
  if (!inside(n, h->io, h->ninputs + h->noutputs, 4, 4)) return refuse(m, "inputs and outputs beyond the image, at", h->io, h->bytes);
  return WEFT_OK;
}

static int bad_tensor(weft_msg_t *m, uint32_t i, const char *what)
{
  return weft_fail(m, WEFT_E_FORMAT, "image: tensor %lu: %s", (unsigned long)i, what);
}

static int open_tensor(fwnet_t *n, uint32_t i, weft_msg_t *m)
{
  const weft_netimage_tensor_t *from = (const weft_netimage_tensor_t *)at(n, n->head->tensors) + i;
  weft_tensor_t *t = &n->tensor[i];
  uint32_t size = weft_dtype_size((weft_dtype_t)from->type), elements = 1;
  if (from->type > WEFT_I4 || !size) return bad_tensor(m, i, "unknown type");
  if (from->rank > WEFT_MAX_RANK) return bad_tensor(m, i, "rank above 6");
  if (from->name[WEFT_NETIMAGE_NAME - 1]) return bad_tensor(m, i, "name without an end");
  *t = (weft_tensor_t){.name = (char *)(uintptr_t)from->name, .type = (weft_dtype_t)from->type, .rank = (int)from->rank};
  for (uint32_t d = 0; d < from->rank; d++) {
    if (from->dim[d] < 1 || from->dim[d] > MAX_DIM || elements > WEFT_NETIMAGE_NONE / from->dim[d] / size) return bad_tensor(m, i, "a dimension out of range");
    elements *= from->dim[d];
    t->dim[d] = (int32_t)from->dim[d];
  }
  t->elements = elements;
  n->bytes[i] = elements * size;
  if (from->nscale) {
    if (from->nscale > 1 && (from->qdim >= from->rank || from->nscale != from->dim[from->qdim])) return bad_tensor(m, i, "scales do not match a dimension");
    if (!inside(n, from->scale, from->nscale, 4, 4) || !inside(n, from->zero, from->nscale, 4, 4)) return bad_tensor(m, i, "scales beyond the image");
    t->nscale = (int)from->nscale;
    t->qdim = (int)(from->nscale > 1 ? from->qdim : 0);
    t->scale = (float *)(uintptr_t)at(n, from->scale);
    t->zero = (int32_t *)(uintptr_t)at(n, from->zero);
    for (uint32_t k = 0; k < from->nscale; k++) {
      if (!(t->scale[k] > 1e-12f && t->scale[k] < 1e12f)) return bad_tensor(m, i, "a scale outside 1e-12 to 1e12");
      if (t->zero[k] < INT8_MIN || t->zero[k] > INT8_MAX) return bad_tensor(m, i, "a zero point that is not int8");
    }
  }
  if (from->variable > 1) return bad_tensor(m, i, "neither variable nor not");
  t->variable = from->variable != 0;
  if (from->data != WEFT_NETIMAGE_NONE && !inside(n, from->data, n->bytes[i], 1, 4)) return bad_tensor(m, i, "constant beyond the image");
  if (from->place != WEFT_NETIMAGE_NONE && (from->place % 4 || from->place > n->head->arena_bytes || n->bytes[i] > n->head->arena_bytes - from->place))
    return bad_tensor(m, i, "place beyond the arena");
  void *bytes = from->data == WEFT_NETIMAGE_NONE ? NULL : (void *)(uintptr_t)at(n, from->data);
  if (from->place != WEFT_NETIMAGE_NONE) n->data[i] = n->dram + n->arena.addr + from->place;
  else if (!t->variable) n->data[i] = t->data = bytes;      /* NULL: an intermediate tensor, of which only the quantisation matters */
  if (t->variable && (!bytes || !n->data[i])) return bad_tensor(m, i, "a variable without place or first value");
  t->initial = t->variable ? bytes : NULL;
  return WEFT_OK;
}

void fwnet_reset(fwnet_t *n)
{
  for (int i = 0; i < n->g.ntensors; i++)
    if (n->tensor[i].variable) memcpy(n->data[i], n->tensor[i].initial, n->bytes[i]);
}

static int bad_op(weft_msg_t *m, uint32_t i, const char *what)
{
  return weft_fail(m, WEFT_E_FORMAT, "image: CPU operator %lu: %s", (unsigned long)i, what);
}

/* Bytes of a and b meet. */
static bool overlap(const fwnet_t *n, int a, int b)
{
  const uint8_t *p = n->data[a], *q = n->data[b];
  return p && q && p < q + n->bytes[b] && q < p + n->bytes[a];
}

/* Options within their range: integers of 16 bits, finite floats. */
static int open_options(weft_op_t *op, const uint32_t *option, uint32_t i, weft_msg_t *m)
{
  bool ok = option[WEFT_OPTION_act] <= WEFT_ACT_RELU6 && option[WEFT_OPTION_padding] <= WEFT_PAD_VALID;
#define E(type, name) op->name = (type)option[WEFT_OPTION_##name];
#define I(name) ok &= option[WEFT_OPTION_##name] <= 0xffff, op->name = (int)option[WEFT_OPTION_##name];
#define B(name) ok &= option[WEFT_OPTION_##name] <= 1, op->name = option[WEFT_OPTION_##name] != 0;
#define F(name) ok &= (option[WEFT_OPTION_##name] >> 23 & 255) != 255, memcpy(&op->name, &option[WEFT_OPTION_##name], sizeof(float));
  WEFT_OP_OPTIONS(E, I, B, F)
#undef E
#undef I
#undef B
#undef F
  return ok ? WEFT_OK : bad_op(m, i, "an option out of range");
}

static int open_op(fwnet_t *n, uint32_t i, weft_msg_t *m)
{
  const weft_netimage_op_t *from = (const weft_netimage_op_t *)at(n, n->head->ops) + i;
  if (from->code >= WEFT_OP_COUNT) return bad_op(m, i, "unknown operator");
  if (!WEFT_FW_GOLDEN)
    return weft_fail(m, WEFT_E_UNSUPPORTED, "operator %lu %s needs the CPU: this firmware is built without golden operators",
                     (unsigned long)from->index, weft_op_name((weft_opcode_t)from->code));
  const uint32_t most = FWNET_ARGS - (uint32_t)n->nargs;
  if (from->nin > most || from->nout > most - from->nin || from->nmid > most - from->nin - from->nout)
    return bad_op(m, i, "more tensors than this firmware has room for");
  const uint32_t count = from->nin + from->nout + from->nmid, *arg = at(n, from->args);
  if (!inside(n, from->args, count, 4, 4)) return bad_op(m, i, "its tensors are beyond the image");
  weft_op_t *op = &n->op[i];
  *op = (weft_op_t){.code = (weft_opcode_t)from->code, .index = (int)(from->index & 0xffff), .nin = (int)from->nin, .nout = (int)from->nout,
      .nmid = (int)from->nmid, .in = n->arg + n->nargs};
  op->out = op->in + op->nin;
  op->mid = op->out + op->nout;
  n->nargs += (int)count;
  int err = open_options(op, from->option, i, m);
  if (err) return err;
  for (uint32_t k = 0; k < count; k++) {
    if (arg[k] == WEFT_NETIMAGE_NONE && k - from->nin >= from->nout) op->in[k] = -1;      /* outputs are never absent */
    else if (arg[k] >= n->head->ntensors) return bad_op(m, i, "no such tensor");
    else op->in[k] = (int)arg[k];
  }
  for (int k = 0; k < op->nout; k++)
    for (int j = 0; j < op->nin; j++)
      if (op->in[j] >= 0 && overlap(n, op->in[j], op->out[k])) return bad_op(m, i, "an output overlaps an input");
#if WEFT_FW_GOLDEN
  return weft_golden_supported(&n->g, op, m);
#else
  return WEFT_OK;
#endif
}

/* Time steps: of an LSTM, which open_op() has found sound, with its products in the arena. */
static int check_step(const fwnet_t *n, uint32_t i, weft_msg_t *m)
{
  (void)n;
#if WEFT_FW_GOLDEN
  const weft_netimage_segment_t *s = &n->seg[i];
  const weft_op_t *op = &n->op[s->first];
  if (op->code == WEFT_OP_UNIDIRECTIONAL_SEQUENCE_LSTM) {
    const weft_lstm_size_t k = weft_lstm_size(&n->g, op);
    const uint64_t row = 8 * (uint64_t)k.units * (uint64_t)k.batch, arena = n->head->arena_bytes;
    if (s->step < (uint32_t)k.steps && s->sums % 4 == 0 && s->products % 4 == 0 && s->sums + row * (uint64_t)k.steps <= arena && s->products + row <= arena)
      return WEFT_OK;
  }
#endif
  return weft_fail(m, WEFT_E_FORMAT, "image: segment %lu: no such step of an LSTM, or its products lie beyond the arena", (unsigned long)i);
}

/* A job's commands lie in the list. */
static int check_segments(const fwnet_t *n, weft_msg_t *m)
{
  const weft_netimage_t *h = n->head;
  for (uint32_t i = 0; i < h->nsegments; i++) {
    const weft_netimage_segment_t *s = &n->seg[i];
    uint32_t end = s->npu ? h->ncommands : h->nops;
    if (s->npu > 1 || s->count < 1 || s->first > end || s->count > end - s->first || (!s->npu && s->count != 1))
      return weft_fail(m, WEFT_E_FORMAT, "image: segment %lu names %s %lu to %lu of %lu", (unsigned long)i, s->npu ? "commands" : "operators",
                       (unsigned long)s->first, (unsigned long)s->first + s->count - 1, (unsigned long)end);
    int err = !s->npu && s->step != WEFT_NETIMAGE_NONE ? check_step(n, i, m) : WEFT_OK;
    if (err) return err;
  }
  return WEFT_OK;
}

/* STORE may write activations and nothing else: the validator keeps it inside its region, here is the region. */
static int check_stores(const fwnet_t *n, weft_msg_t *m)
{
  const uint32_t *rec = at(n, n->head->commands);
  const weft_field_t *f = NULL;
  int count;
  const weft_field_t *field = weft_cmd_fields(WEFT_CMD_STORE, &count);
  for (int i = 0; i < count; i++)
    if (!strcmp(field[i].name, "region")) f = &field[i];
  if (!f) return weft_fail(m, WEFT_E_INTERNAL, "no field region in STORE");
  for (uint32_t i = 0; i < n->head->ncommands; i++, rec += WEFT_CMD_WORDS) {
    uint32_t region = rec[f->word] << (32 - f->lsb - f->width) >> (32 - f->width);
    if ((rec[0] & 255) == WEFT_CMD_STORE && region != 2)
      return weft_fail(m, WEFT_E_FORMAT, "image: command %lu STORE: region %lu, accepted is 2 (activations)", (unsigned long)i, (unsigned long)region);
  }
  return WEFT_OK;
}

static int set_regions(fwnet_t *n, weft_msg_t *m)
{
  const weft_netimage_t *h = n->head;
  for (int i = 0; i < WEFT_REGIONS; i++) {
    uint32_t base = 0, size = 0;
    if (i == 0) base = n->image + h->commands, size = h->ncommands * WEFT_CMD_BYTES;
    if (i == 1) base = n->image + h->constants, size = h->constant_bytes;
    if (i == 2) base = n->arena.addr, size = h->arena_bytes;
    if (weft_dev_region(n->dev, i, base, size)) return weft_fail(m, WEFT_E_DEVICE, "device: region %d cannot be set", i);
  }
  return WEFT_OK;
}

/* Every job's list through the validator. Its scratch is device memory that the activations do not need yet. */
static int check_lists(fwnet_t *n, weft_msg_t *m)
{
  const weft_netimage_t *h = n->head;
  weft_dev_t *d = n->dev;
  weft_buf_t scratch = {0};
  uint32_t longest = 0;
  uint64_t start = d->io.now(d->io.ctx);
  for (uint32_t i = 0; i < h->nsegments; i++)
    if (n->seg[i].npu && n->seg[i].count > longest) longest = n->seg[i].count;
  size_t bytes = weft_list_scratch_bytes(longest);
  if (weft_buf_create(d, &n->lists, h->nsegments * (uint32_t)sizeof *n->list) || weft_buf_create(d, &scratch, (uint32_t)bytes))
    return weft_fail(m, WEFT_E_MEMORY, "image: no room above its activations to check its commands in: %lu bytes", (unsigned long)bytes);
  n->list = (weft_list_t *)(void *)(n->dram + n->lists.addr);
  int err = WEFT_OK;
  for (uint32_t i = 0; i < h->nsegments && !err; i++) {
    const weft_netimage_segment_t *s = &n->seg[i];
    weft_msg_t why = {""};
    if (!s->npu) continue;
    if (i > 1 && s[-2].npu && s[-2].first == s->first && s[-2].count == s->count) {      /* the same job before each step of an LSTM */
      n->list[i] = n->list[i - 2];
      continue;
    }
    const uint32_t *rec = (const uint32_t *)at(n, h->commands) + s->first * WEFT_CMD_WORDS;
    if (weft_list_check(d, &n->list[i], rec, s->first * WEFT_CMD_BYTES, s->count, n->dram + scratch.addr, bytes, &why))
      err = weft_fail(m, WEFT_E_FORMAT, "image: job of layer %lu: %.240s", (unsigned long)s->layer, why.msg);
  }
  (void)weft_buf_free(d, &scratch);
  n->check_ticks = d->io.now(d->io.ctx) - start;
  return err;
}

static int open_parts(fwnet_t *n, weft_msg_t *m)
{
  const weft_netimage_t *h = n->head;
  int err = WEFT_OK;
  n->seg = at(n, h->segments);
  n->io = at(n, h->io);
  n->g = (weft_graph_t){.ntensors = (int)h->ntensors, .nops = (int)h->nops, .tensor = n->tensor, .op = n->op};
  for (uint32_t i = 0; i < h->ntensors && !err; i++) err = open_tensor(n, i, m);
  for (uint32_t i = 0; i < h->nops && !err; i++) err = open_op(n, i, m);
  for (uint32_t i = 0; i < h->ninputs + h->noutputs && !err; i++)
    if (n->io[i] >= h->ntensors || (i < h->ninputs && n->tensor[n->io[i]].data)) err = weft_fail(m, WEFT_E_FORMAT, "image: input or output %lu names no tensor", (unsigned long)i);
  if (!err) err = check_segments(n, m);
  if (!err) err = check_stores(n, m);
  if (!err) err = set_regions(n, m);
  if (!err) fwnet_reset(n);
  return err ? err : check_lists(n, m);
}

void fwnet_close(fwnet_t *n)
{
  if (n->arena.bytes) (void)weft_buf_free(n->dev, &n->arena);
  if (n->lists.bytes) (void)weft_buf_free(n->dev, &n->lists);
}

int fwnet_open(fwnet_t *n, weft_dev_t *dev, uint8_t *dram, uint32_t dram_bytes, uint32_t image, uint32_t bytes, uint32_t free_at,
                  weft_msg_t *m)
{
  if (!n || !dev || !dram || image % WEFT_CMD_BYTES || free_at % WEFT_CMD_BYTES || free_at > dram_bytes || image > free_at || bytes > free_at - image)
    return weft_fail(m, WEFT_E_ARG, "image: not below the free memory, or not at a multiple of %d", WEFT_CMD_BYTES);
  memset(n, 0, sizeof *n);
  n->dev = dev;
  n->dram = dram;
  n->image = image;
  n->head = (const weft_netimage_t *)(const void *)(dram + image);
  int err = check_head(n, bytes, m);
  if (err) return err;
  uint32_t room = (dram_bytes - free_at) / WEFT_CMD_BYTES * WEFT_CMD_BYTES, arena = n->head->arena_bytes ? n->head->arena_bytes : 1;
  if (weft_buf_pool(dev, free_at, room)) return weft_fail(m, WEFT_E_ARG, "image: another network is open on the device");
  if (weft_buf_create(dev, &n->arena, arena)) return refuse(m, "bytes of activations", arena, room);
  err = open_parts(n, m);
  if (err) fwnet_close(n);
  return err;
}

uint8_t *fwnet_input(fwnet_t *n, uint32_t i, uint32_t *bytes)
{
  *bytes = n->bytes[n->io[i]];
  return n->data[n->io[i]];
}

uint8_t *fwnet_output(fwnet_t *n, uint32_t i, uint32_t *bytes) { return fwnet_input(n, n->head->ninputs + i, bytes); }

const weft_tensor_t *fwnet_output_tensor(const fwnet_t *n, uint32_t i) { return &n->tensor[n->io[n->head->ninputs + i]]; }
