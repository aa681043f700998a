/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a program (see run.h). Every command list passes the validator when it is created.
 */
#include "run.h"

#include <stdlib.h>

#include "golden.h"

/* A limit of 4 times a generous estimate, plus what a slow memory may add to each burst. */
enum { SLACK = 4, STALL = 64, BASE_TICKS = 20000, CHUNK = 1 << 20, PAGE = 4096 };

size_t weft_run_dram_bytes(const weft_program_t *p)
{
  size_t end = 0;
  for (int i = 0; i < WEFT_PROGRAM_REGIONS; i++)
    if ((size_t)p->base[i] + p->size[i] > end) end = (size_t)p->base[i] + p->size[i];
  return end + 4096;
}

static int driver_fail(int e, const char *what, weft_msg_t *m)
{
  return weft_fail(m, WEFT_E_DEVICE, "%s: %s", what, weft_drv_error_text(e));
}

static int write_bytes(weft_run_t *r, int region, uint32_t offset, const uint8_t *from, size_t n, weft_msg_t *m)
{
  for (size_t at = 0; at < n; at += CHUNK) {
    size_t k = n - at < CHUNK ? n - at : CHUNK;
    if (weft_buf_write(&r->dev, &r->buf[region], offset + (uint32_t)at, from + at, (uint32_t)k))
      return weft_fail(m, WEFT_E_DEVICE, "cannot write device memory at byte 0x%x of region %d", offset, region);
  }
  return WEFT_OK;
}

/* Buffers where the compiler has laid the regions out, whole pages of them. */
static int set_regions(weft_run_t *r, weft_msg_t *m)
{
  const weft_program_t *p = r->p;
  int e = weft_buf_pool(&r->dev, PAGE, (uint32_t)(weft_run_dram_bytes(p) / PAGE * PAGE) - PAGE);
  for (int i = 0; i < WEFT_PROGRAM_REGIONS && !e; i++) {
    if (p->size[i]) e = weft_buf_create(&r->dev, &r->buf[i], (p->size[i] + PAGE - 1) / PAGE * PAGE);
    if (!e) e = weft_dev_region(&r->dev, i, r->buf[i].addr, p->size[i]);
  }
  return e ? driver_fail(e, "setting the DRAM regions", m) : WEFT_OK;
}

static int create_lists(weft_run_t *r, weft_msg_t *m)
{
  const weft_program_t *p = r->p;
  uint32_t longest = 0;
  for (int i = 0; i < p->nseg; i++)
    if (p->seg[i].npu && p->seg[i].count > longest) longest = p->seg[i].count;
  size_t bytes = weft_list_scratch_bytes(longest);
  void *scratch = malloc(bytes);
  int err = scratch ? WEFT_OK : weft_fail(m, WEFT_E_MEMORY, "out of memory");
  for (int i = 0; i < p->nseg && !err; i++) {
    const weft_segment_t *s = &p->seg[i];
    weft_msg_t why = {""};
    if (!s->npu) continue;
    int e = weft_list_create(&r->dev, &r->list[i], p->cmd + (size_t)s->first * WEFT_CMD_WORDS, s->first * WEFT_CMD_BYTES, s->count, scratch,
                             bytes, &why);
    if (e == WEFT_DRV_E_LIST)
      err = weft_fail(m, WEFT_E_INTERNAL, "command list of layers %d-%d is not valid: %.220s", s->layer, s->layer + s->nlayers - 1, why.msg);
    else if (e) err = driver_fail(e, "writing a command list", m);
  }
  free(scratch);
  return err;
}

static size_t tensor_bytes(const weft_tensor_t *t) { return t->elements * weft_dtype_size(t->type); }

/* Tensor t's bytes on the device, from host memory. */
static int write_tensor(weft_run_t *r, int t, const void *from, weft_msg_t *m)
{
  const weft_place_t *at = &r->p->place[t];
  return write_bytes(r, at->region, at->offset, from, tensor_bytes(&r->g->tensor[t]), m);
}

int weft_run_open(weft_run_t *r, const weft_graph_t *g, const weft_program_t *p, weft_target_t *t, int latency, weft_msg_t *m)
{
  memset(r, 0, sizeof *r);
  r->g = g;
  r->p = p;
  r->target = t;
  r->latency = (uint64_t)(latency > 0 ? latency : 32);
  weft_io_t io = weft_target_io(t);
  int e = weft_dev_open(&r->dev, &io), err;
  if (e) return driver_fail(e, "opening the device", m);
  /* Whatever ran before may have ended in an error; regions and buffer survive this. */
  if ((e = weft_dev_reset(&r->dev))) return driver_fail(e, "resetting the device", m);
  if (!weft_dev_is(&r->dev, p->cfg)) return weft_fail(m, WEFT_E_DEVICE, "the device is not built as configuration %s", p->cfg->name);
  r->counter = calloc((size_t)p->nseg + 1, sizeof *r->counter);
  r->list = calloc((size_t)p->nseg + 1, sizeof *r->list);
  r->data = calloc((size_t)g->ntensors + 1, sizeof *r->data);
  if (!r->counter || !r->list || !r->data) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
  err = set_regions(r, m);
  if (!err) err = write_bytes(r, WEFT_REG_CONSTANTS, 0, p->konst, p->nkonst, m);
  if (!err) err = create_lists(r, m);
  return err ? err : weft_run_reset(r, m);
}

int weft_run_reset(weft_run_t *r, weft_msg_t *m)
{
  int err = WEFT_OK;
  for (int t = 0; t < r->g->ntensors && !err; t++) {
    const weft_tensor_t *x = &r->g->tensor[t];
    if (!x->variable || r->p->place[t].region < 0) continue;
    if (!r->data[t] && !(r->data[t] = malloc(tensor_bytes(x)))) return weft_fail(m, WEFT_E_MEMORY, "no memory for tensor '%.72s'", x->name);
    weft_initial(x, r->data[t]);
    err = write_tensor(r, t, r->data[t], m);
  }
  return err;
}

void weft_run_close(weft_run_t *r)
{
  for (int i = 0; i < WEFT_PROGRAM_REGIONS; i++)
    if (r->buf[i].bytes) (void)weft_buf_free(&r->dev, &r->buf[i]);    /* a device that does not let go is opened anew before its next use */
  free(r->counter);
  free(r->list);
  for (int i = 0; r->data && i < r->g->ntensors; i++) free(r->data[i]);
  free(r->data);
  memset(r, 0, sizeof *r);
}

int weft_run_input(weft_run_t *r, int i, const void *bytes, weft_msg_t *m)
{
  return write_tensor(r, r->g->in[i], bytes, m);
}

int weft_run_tensor(weft_run_t *r, int t, void *to, weft_msg_t *m)
{
  if (r->p->place[t].region < 0) return weft_fail(m, WEFT_E_ARG, "tensor '%.72s' is not in DRAM", r->g->tensor[t].name);
  if (weft_buf_read(&r->dev, &r->buf[r->p->place[t].region], r->p->place[t].offset, to, (uint32_t)tensor_bytes(&r->g->tensor[t])))
    return weft_fail(m, WEFT_E_DEVICE, "cannot read device memory");
  return WEFT_OK;
}

/* A host buffer for tensor t, filled from the device unless it is an output. */
static int host_copy(weft_run_t *r, int t, bool fill, void **to, weft_msg_t *m)
{
  const weft_tensor_t *x = &r->g->tensor[t];
  if (x->data) {
    *to = x->data;
    return WEFT_OK;
  }
  if (!r->data[t] && !(r->data[t] = malloc(tensor_bytes(x)))) return weft_fail(m, WEFT_E_MEMORY, "no memory for tensor '%.72s'", x->name);
  *to = r->data[t];
  return fill ? weft_run_tensor(r, t, *to, m) : WEFT_OK;
}

static int read_bytes(weft_run_t *r, uint32_t at, void *to, size_t n, weft_msg_t *m)
{
  return weft_buf_read(&r->dev, &r->buf[WEFT_REG_ARENA], at, to, (uint32_t)n) ? weft_fail(m, WEFT_E_DEVICE, "cannot read device memory") : WEFT_OK;
}

/* The gates of one time step, from the products that jobs have left in the arena. */
static int lstm_step(weft_run_t *r, const weft_layer_t *l, int t, void **data, weft_msg_t *m)
{
  const weft_op_t *op = &r->g->op[l->op];
  const weft_lstm_size_t s = weft_lstm_size(r->g, op);
  size_t row = 4 * (size_t)s.units, units = (size_t)s.units, batch = (size_t)s.batch;
  int16_t *sums = malloc(batch * row * sizeof *sums), *products = malloc(batch * row * sizeof *products);
  int err = sums && products ? WEFT_OK : weft_fail(m, WEFT_E_MEMORY, "out of memory");
  for (int b = 0; b < s.batch && !err; b++)
    err = read_bytes(r, l->sums + (uint32_t)((size_t)(t * s.row_step + b * s.row_batch) * row * sizeof *sums), sums + (size_t)b * row, row * sizeof *sums, m);
  if (!err) err = read_bytes(r, l->products, products, batch * row * sizeof *products, m);
  if (!err) weft_golden_lstm_step(r->g, op, t, sums, row, products, data);
  free(sums);
  free(products);
  const weft_place_t *y = &r->p->place[op->out[0]];
  for (int b = 0; b < s.batch && !err; b++) {
    size_t at = (size_t)(t * s.row_step + b * s.row_batch) * units;
    err = write_bytes(r, y->region, y->offset + (uint32_t)at, (uint8_t *)data[op->out[0]] + at, units, m);
  }
  return err;
}

static int on_cpu(weft_run_t *r, const weft_layer_t *l, int step, weft_msg_t *m)
{
  const weft_op_t *op = &r->g->op[l->op];
  void **data = calloc((size_t)r->g->ntensors, sizeof *data);
  int err = data ? WEFT_OK : weft_fail(m, WEFT_E_MEMORY, "out of memory");
  for (int i = 0; i < op->nin && !err; i++)
    if (op->in[i] >= 0) err = host_copy(r, op->in[i], true, &data[op->in[i]], m);
  for (int i = 0; i < op->nout && !err; i++) err = host_copy(r, op->out[i], false, &data[op->out[i]], m);
  if (!err) err = step < 0 ? weft_golden_op(r->g, op, data, m) : lstm_step(r, l, step, data, m);
  for (int i = 0; i < op->nout && step < 0 && !err; i++) err = write_tensor(r, op->out[i], data[op->out[i]], m);
  for (int i = 0; i < op->nin && !err; i++)
    if (op->in[i] >= 0 && r->g->tensor[op->in[i]].variable) err = write_tensor(r, op->in[i], data[op->in[i]], m);
  free(data);
  return err;
}

static int device_error(weft_run_t *r, const weft_segment_t *s, weft_msg_t *m)
{
  static const char *const engine[] = {"LOAD", "ARRAY", "VECTOR", "STORE", "FETCH"};
  weft_dev_error_t e;
  if (weft_dev_error(&r->dev, &e)) return driver_fail(WEFT_DRV_E_IO, "reading the error", m);
  uint32_t tag = e.command < s->count ? r->p->cmd[(size_t)(s->first + e.command) * WEFT_CMD_WORDS] >> 16 : 0;
  return weft_fail(m, WEFT_E_DEVICE, "device error: %s (engine %s, command %u of layer %u, address 0x%x)", weft_error_text(e.code),
                   e.engine >= 0 && e.engine < 5 ? engine[e.engine] : "?", s->first + e.command, tag, e.addr);
}

static int on_device(weft_run_t *r, int seg, weft_msg_t *m)
{
  const weft_segment_t *s = &r->p->seg[seg];
  int e = weft_dev_submit(&r->dev, &r->list[seg]);
  if (e) return driver_fail(e, "submitting a job", m);
  uint64_t ticks = SLACK * (s->ticks + s->runs * (r->latency + STALL)) + BASE_TICKS + (uint64_t)s->count * (r->latency + STALL) * SLACK;
  e = weft_dev_wait(&r->dev, weft_dev_deadline(&r->dev, ticks));
  if (e == WEFT_DRV_E_DEVICE) return device_error(r, s, m);
  if (e == WEFT_DRV_E_TIMEOUT)
    return weft_fail(m, WEFT_E_DEVICE, "layers %d-%d did not end within %llu cycles: %s", s->layer, s->layer + s->nlayers - 1,
                     (unsigned long long)ticks, weft_target_diagnosis(r->target));
  if (e == WEFT_DRV_E_IO)
    return weft_fail(m, WEFT_E_DEVICE, "layers %d-%d: the simulation stopped: %s", s->layer, s->layer + s->nlayers - 1,
          weft_target_diagnosis(r->target));
  if (e) return driver_fail(e, "waiting for a job", m);
  if ((e = weft_dev_counters(&r->dev, r->counter[seg]))) return driver_fail(e, "reading the counters", m);
  return WEFT_OK;
}

int weft_run_infer(weft_run_t *r, weft_msg_t *m)
{
  memset(r->counter, 0, (size_t)r->p->nseg * sizeof *r->counter);
  for (int i = 0; i < r->p->nseg; i++) {
    const weft_segment_t *s = &r->p->seg[i];
    if (r->progress && !r->progress(r->progress_ctx, i)) return weft_fail(m, WEFT_E_ARG, "stopped");
    int err = s->npu ? on_device(r, i, m) : on_cpu(r, &r->p->layer[s->layer], s->step, m);
    if (err) return err;
  }
  return WEFT_OK;
}

uint64_t weft_run_sum(const weft_run_t *r, int c)
{
  uint64_t n = 0;
  for (int i = 0; i < r->p->nseg; i++) n += r->counter[i][c];
  return n;
}
