/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes the image of a compiled network that firmware runs (netimage.h), for the host's tools: it ends the program when it cannot.
 */
#include "pack_image.h"

#include <stdio.h>
#include <stdlib.h>

#include "golden.h"
#include "netimage.h"

/* Of a job: this many times the compiler's generous estimate, with a slow memory's cycles for each DMA run and command, and this much
 * for starting. A job that takes longer is stuck. */
enum { TICKS_SLACK = 4, TICKS_LATENCY = 128, TICKS_BASE = 20000 };

typedef struct {
  const weft_graph_t *g;
  const weft_program_t *p;
  uint8_t *bytes;
  size_t size, cap;
  int *number;             /* [ntensors]: number of a graph tensor in the image, or -1 */
  int *tensor, ntensors;   /* the other way round */
  uint32_t head;
} pack_t;

static void die(const char *what)
{
  fprintf(stderr, "network image: %s\n", what);
  exit(2);
}

/* Appends n bytes (zeros when from is NULL) at a multiple of grain; returns their offset. */
static uint32_t append(pack_t *k, const void *from, size_t n, size_t grain)
{
  size_t at = (k->size + grain - 1) / grain * grain;
  if (at + n > k->cap) {
    size_t cap = 2 * (at + n) + 4096;
    uint8_t *b = realloc(k->bytes, cap);
    if (!b || cap > WEFT_DRAM_LIMIT) die("the network is too large");
    memset(b + k->cap, 0, cap - k->cap);
    k->bytes = b;
    k->cap = cap;
  }
  if (from && n) memcpy(k->bytes + at, from, n);
  k->size = at + n;
  return (uint32_t)at;
}

static size_t bytes_of(const weft_tensor_t *t) { return t->elements * weft_dtype_size(t->type); }

static uint32_t number_of(pack_t *k, int t)
{
  if (t < 0) return WEFT_NETIMAGE_NONE;
  if (k->number[t] < 0) {
    k->number[t] = k->ntensors;
    k->tensor[k->ntensors++] = t;
  }
  return (uint32_t)k->number[t];
}

static weft_netimage_op_t pack_op(pack_t *k, const weft_op_t *op)
{
  weft_netimage_op_t o = {.code = op->code, .index = (uint32_t)op->index, .nin = (uint32_t)op->nin, .nout = (uint32_t)op->nout, .nmid = (uint32_t)op->nmid};
  float f;
#define E(type, name) o.option[WEFT_OPTION_##name] = (uint32_t)op->name;
#define I(name) o.option[WEFT_OPTION_##name] = (uint32_t)op->name;
#define B(name) o.option[WEFT_OPTION_##name] = op->name;
#define F(name) f = op->name, memcpy(&o.option[WEFT_OPTION_##name], &f, sizeof f);
  WEFT_OP_OPTIONS(E, I, B, F)
#undef E
#undef I
#undef B
#undef F
  size_t n = (size_t)op->nin + (size_t)op->nout + (size_t)op->nmid;
  uint32_t *args = calloc(n + 1, sizeof *args);
  if (!args) die("out of memory");
  for (int i = 0; i < op->nin; i++) args[i] = number_of(k, op->in[i]);
  for (int i = 0; i < op->nout; i++) args[op->nin + i] = number_of(k, op->out[i]);
  for (int i = 0; i < op->nmid; i++) args[op->nin + op->nout + i] = number_of(k, op->mid[i]);
  o.args = append(k, args, n * sizeof *args, 4);
  free(args);
  return o;
}

/* Is t only an intermediate tensor, which has a quantisation but no bytes? */
static bool unused(const pack_t *k, int t)
{
  for (int i = 0; i < k->g->nops; i++)
    for (int j = 0; j < k->g->op[i].nmid; j++)
      if (k->g->op[i].mid[j] == t) return true;
  return false;
}

static weft_netimage_tensor_t pack_tensor(pack_t *k, int t)
{
  const weft_tensor_t *x = &k->g->tensor[t];
  const weft_place_t *place = &k->p->place[t];
  weft_netimage_tensor_t o = {.type = x->type, .rank = (uint32_t)x->rank, .nscale = (uint32_t)x->nscale, .qdim = (uint32_t)x->qdim,
      .data = WEFT_NETIMAGE_NONE, .place = WEFT_NETIMAGE_NONE};
  snprintf(o.name, sizeof o.name, "%s", x->name);
  for (int i = 0; i < x->rank; i++) o.dim[i] = (uint32_t)x->dim[i];
  if (x->nscale) {
    o.scale = append(k, x->scale, (size_t)x->nscale * 4, 4);
    o.zero = append(k, x->zero, (size_t)x->nscale * 4, 4);
  }
  o.variable = x->variable;
  if (x->data) o.data = append(k, x->data, bytes_of(x), 16);
  else if (place->region == WEFT_REG_ARENA) o.place = place->offset;
  else if (!unused(k, t)) die("a tensor of a CPU operator has no place");
  if (x->variable) {
    o.data = append(k, NULL, bytes_of(x), 16);
    weft_initial(x, k->bytes + o.data);
  }
  return o;
}

static void cfg_words(const weft_config_t *c, uint32_t cfg[4])
{
  cfg[0] = (uint32_t)(c->rows | c->cols << 8 | c->lanes << 16) | (uint32_t)c->ppu_lanes << 24;
  cfg[1] = (uint32_t)(c->buf_words | c->net_bytes << 16) | (uint32_t)c->bus_bytes << 24;
  cfg[2] = (uint32_t)c->fspad_bytes | (uint32_t)WEFT_ACC_DEPTH << 16;
  cfg[3] = (uint32_t)(WEFT_WINDOW_WORDS | WEFT_PARAM_DEPTH << 8 | WEFT_OBUF_WORDS << 16) | (uint32_t)(c->bank_words / 256) << 24;
}

static void pack(pack_t *k, const char *name)
{
  const weft_graph_t *g = k->g;
  const weft_program_t *p = k->p;
  weft_netimage_t h = {.magic = WEFT_NETIMAGE_MAGIC, .format = WEFT_NETIMAGE_FORMAT,
      .version = WEFT_VERSION_MAJOR << 16 | WEFT_VERSION_MINOR << 8 | WEFT_VERSION_PATCH, .arena_bytes = (p->arena_bytes + 3) / 4 * 4,
      .ninputs = (uint32_t)g->nin, .noutputs = (uint32_t)g->nout};
  cfg_words(p->cfg, h.cfg);
  snprintf(h.config, sizeof h.config, "%s", p->cfg->name);
  snprintf(h.name, sizeof h.name, "%s", name);
  k->head = append(k, NULL, sizeof h, 128);

  uint32_t *io = malloc(((size_t)g->nin + (size_t)g->nout) * 4);
  weft_netimage_segment_t *seg = calloc((size_t)p->nseg + 1, sizeof *seg);
  weft_netimage_op_t *op = calloc((size_t)p->nseg + 1, sizeof *op);
  if (!io || !seg || !op) die("out of memory");
  for (int i = 0; i < g->nin + g->nout; i++) io[i] = number_of(k, i < g->nin ? g->in[i] : g->out[i - g->nin]);
  for (int i = 0; i < p->nseg; i++) {
    const weft_segment_t *s = &p->seg[i];
    uint64_t ticks = TICKS_SLACK * (s->ticks + (s->runs + s->count) * TICKS_LATENCY) + TICKS_BASE;
    seg[i] = (weft_netimage_segment_t){.npu = s->npu, .first = s->first, .count = s->count, .layer = (uint32_t)s->layer, .ticks_lo = (uint32_t)ticks, .ticks_hi = (uint32_t)(ticks >> 32), .step = WEFT_NETIMAGE_NONE};
    if (s->npu) continue;
    if (s->step >= 0) {
      seg[i].step = (uint32_t)s->step;
      seg[i].sums = p->layer[s->layer].sums;
      seg[i].products = p->layer[s->layer].products;
    }
    if (s->step < 1) op[h.nops++] = pack_op(k, &g->op[p->layer[s->layer].op]);      /* the steps of one operator follow each other */
    seg[i].first = h.nops - 1;
    seg[i].count = 1;
  }
  weft_netimage_tensor_t *tensor = calloc((size_t)k->ntensors + 1, sizeof *tensor);
  if (!tensor) die("out of memory");
  for (int i = 0; i < k->ntensors; i++) tensor[i] = pack_tensor(k, k->tensor[i]);
  h.nsegments = (uint32_t)p->nseg;
  h.segments = append(k, seg, (size_t)p->nseg * sizeof *seg, 4);
  h.ntensors = (uint32_t)k->ntensors;
  h.tensors = append(k, tensor, (size_t)k->ntensors * sizeof *tensor, 4);
  h.ops = append(k, op, h.nops * sizeof *op, 4);
  h.io = append(k, io, ((size_t)g->nin + (size_t)g->nout) * 4, 4);
  h.ncommands = p->ncmd;
  h.commands = append(k, p->cmd, (size_t)p->ncmd * WEFT_CMD_BYTES, WEFT_CMD_BYTES);
  h.constant_bytes = (uint32_t)p->nkonst;
  h.constants = append(k, p->konst, p->nkonst, WEFT_CMD_BYTES);
  append(k, NULL, 0, WEFT_CMD_BYTES);
  h.bytes = (uint32_t)k->size;
  memcpy(k->bytes, &h, sizeof h);
  h.sum = weft_netimage_sum((const uint32_t *)(const void *)k->bytes, h.bytes / 4);
  memcpy(k->bytes, &h, sizeof h);
  free(io);
  free(seg);
  free(op);
  free(tensor);
}

uint8_t *pack_image(const weft_graph_t *g, const weft_program_t *p, const char *path, size_t *size)
{
  pack_t k = {.g = g, .p = p, .number = malloc(((size_t)g->ntensors + 1) * sizeof *k.number), .tensor = malloc(((size_t)g->ntensors + 1) * sizeof *k.tensor)};
  if (!k.number || !k.tensor) die("out of memory");
  for (int i = 0; i < g->ntensors; i++) k.number[i] = -1;
  const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path, *dot = strrchr(file, '.');
  char name[WEFT_NETIMAGE_NAME];
  snprintf(name, sizeof name, "%.*s", dot ? (int)(dot - file) : (int)strlen(file), file);
  pack(&k, name);
  free(k.number);
  free(k.tensor);
  *size = k.size;
  return k.bytes;
}
