/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a program (see run.h). Every command list passes the validator before it is submitted for the first time.
 */
#include "run.h"

#include <stdlib.h>

#include "golden.h"
#include "validate.h"

/* A limit of 4 times a generous estimate, plus what a slow memory may add to each burst. */
enum { SLACK = 4, STALL = 64, BASE_TICKS = 20000, CHUNK = 1 << 20 };

size_t weft_run_dram_bytes(const weft_program_t *p)
{
  size_t end = 0;
  for (int i = 0; i < WEFT_PROGRAM_REGIONS; i++)
    if ((size_t)p->base[i] + p->size[i] > end) end = (size_t)p->base[i] + p->size[i];
  return end + 4096;
}

static int driver_fail(weft_run_t *r, int e, const char *what, weft_msg_t *m)
{
  static const char *const text[] = {"", "a bad argument", "no Weft of this version answers", "the device is not ready",
        "no answer in time",
                                     "the device reports an error", "the bus failed"};
  (void)r;
  return weft_fail(m, WEFT_E_DEVICE, "%s: %s", what, text[-e <= 6 ? -e : 0]);
}

static int write_bytes(weft_run_t *r, uint32_t addr, const uint8_t *from, size_t n, weft_msg_t *m)
{
  for (size_t at = 0; at < n; at += CHUNK) {
    size_t k = n - at < CHUNK ? n - at : CHUNK;
    if (r->dev.io.mem_write(r->dev.io.ctx, addr + (uint32_t)at, from + at, k))
      return weft_fail(m, WEFT_E_DEVICE, "cannot write device memory at 0x%x", addr);
  }
  return WEFT_OK;
}

/* Records are little endian in DRAM whatever the host is. */
static int write_commands(weft_run_t *r, weft_msg_t *m)
{
  const weft_program_t *p = r->p;
  for (uint32_t i = 0; i < p->ncmd; i++) {
    uint8_t b[WEFT_CMD_BYTES];
    for (int w = 0; w < WEFT_CMD_WORDS; w++)
      for (int k = 0; k < 4; k++) b[4 * w + k] = (uint8_t)(p->cmd[(size_t)i * WEFT_CMD_WORDS + (size_t)w] >> 8 * k);
    int err = write_bytes(r, p->base[WEFT_REG_COMMANDS] + i * WEFT_CMD_BYTES, b, sizeof b, m);
    if (err) return err;
  }
  return WEFT_OK;
}

static size_t tensor_bytes(const weft_tensor_t *t) { return t->elements * weft_dtype_size(t->type); }

static uint32_t address(const weft_run_t *r, int t) { return r->p->base[r->p->place[t].region] + r->p->place[t].offset; }

int weft_run_open(weft_run_t *r, const weft_graph_t *g, const weft_program_t *p, weft_target_t *t, int latency, weft_msg_t *m)
{
  memset(r, 0, sizeof *r);
  r->g = g;
  r->p = p;
  r->target = t;
  r->latency = (uint64_t)(latency > 0 ? latency : 32);
  weft_io_t io = weft_target_io(t);
  int e = weft_dev_open(&r->dev, &io), err;
  if (e) return driver_fail(r, e, "opening the device", m);
  /* Whatever ran before may have ended in an error; regions and buffer survive this. */
  if ((e = weft_dev_reset(&r->dev))) return driver_fail(r, e, "resetting the device", m);
  if (!weft_dev_is(&r->dev, p->cfg)) return weft_fail(m, WEFT_E_DEVICE, "the device is not built as configuration %s", p->cfg->name);
  if ((err = write_commands(r, m)) || (err = write_bytes(r, p->base[WEFT_REG_CONSTANTS], p->konst, p->nkonst, m))) return err;
  for (int i = 0; i < WEFT_PROGRAM_REGIONS; i++)
    if ((e = weft_dev_region(&r->dev, i, p->base[i], p->size[i]))) return driver_fail(r, e, "setting the DRAM regions", m);
  r->counter = calloc((size_t)p->nseg + 1, sizeof *r->counter);
  r->valid = calloc((size_t)p->nseg + 1, sizeof *r->valid);
  r->data = calloc((size_t)g->ntensors + 1, sizeof *r->data);
  if (!r->counter || !r->valid || !r->data) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
  return weft_run_reset(r, m);
}

int weft_run_reset(weft_run_t *r, weft_msg_t *m)
{
  int err = WEFT_OK;
  for (int t = 0; t < r->g->ntensors && !err; t++) {
    const weft_tensor_t *x = &r->g->tensor[t];
    if (!x->variable || r->p->place[t].region < 0) continue;
    if (!r->data[t] && !(r->data[t] = malloc(tensor_bytes(x)))) return weft_fail(m, WEFT_E_MEMORY, "no memory for tensor '%.72s'", x->name);
    weft_initial(x, r->data[t]);
    err = write_bytes(r, address(r, t), r->data[t], tensor_bytes(x), m);
  }
  return err;
}

void weft_run_close(weft_run_t *r)
{
  free(r->counter);
  free(r->valid);
  for (int i = 0; r->data && i < r->g->ntensors; i++) free(r->data[i]);
  free(r->data);
  memset(r, 0, sizeof *r);
}

int weft_run_input(weft_run_t *r, int i, const void *bytes, weft_msg_t *m)
{
  int t = r->g->in[i];
  return write_bytes(r, address(r, t), bytes, tensor_bytes(&r->g->tensor[t]), m);
}

int weft_run_tensor(weft_run_t *r, int t, void *to, weft_msg_t *m)
{
  if (r->p->place[t].region < 0) return weft_fail(m, WEFT_E_ARG, "tensor '%.72s' is not in DRAM", r->g->tensor[t].name);
  if (r->dev.io.mem_read(r->dev.io.ctx, address(r, t), to, tensor_bytes(&r->g->tensor[t])))
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

static int write_back(weft_run_t *r, int t, void *const *data, weft_msg_t *m)
{
  return write_bytes(r, address(r, t), data[t], tensor_bytes(&r->g->tensor[t]), m);
}

static int on_cpu(weft_run_t *r, const weft_layer_t *l, weft_msg_t *m)
{
  const weft_op_t *op = &r->g->op[l->op];
  void **data = calloc((size_t)r->g->ntensors, sizeof *data);
  int err = data ? WEFT_OK : weft_fail(m, WEFT_E_MEMORY, "out of memory");
  for (int i = 0; i < op->nin && !err; i++)
    if (op->in[i] >= 0) err = host_copy(r, op->in[i], true, &data[op->in[i]], m);
  for (int i = 0; i < op->nout && !err; i++) err = host_copy(r, op->out[i], false, &data[op->out[i]], m);
  if (!err) err = weft_golden_op(r->g, op, data, m);
  for (int i = 0; i < op->nout && !err; i++) err = write_back(r, op->out[i], data, m);
  for (int i = 0; i < op->nin && !err; i++)
    if (op->in[i] >= 0 && r->g->tensor[op->in[i]].variable) err = write_back(r, op->in[i], data, m);
  free(data);
  return err;
}

static int device_error(weft_run_t *r, const weft_segment_t *s, weft_msg_t *m)
{
  static const char *const engine[] = {"LOAD", "ARRAY", "VECTOR", "STORE", "FETCH"};
  weft_dev_error_t e;
  if (weft_dev_error(&r->dev, &e)) return driver_fail(r, WEFT_DRV_E_IO, "reading the error", m);
  uint32_t tag = e.command < s->count ? r->p->cmd[(size_t)(s->first + e.command) * WEFT_CMD_WORDS] >> 16 : 0;
  return weft_fail(m, WEFT_E_DEVICE, "device error: %s (engine %s, command %u of layer %u, address 0x%x)", weft_error_text(e.code),
                   e.engine >= 0 && e.engine < 5 ? engine[e.engine] : "?", s->first + e.command, tag, e.addr);
}

static int validate(const weft_run_t *r, const weft_segment_t *s, weft_msg_t *m)
{
  weft_msg_t why = {""};
  uint32_t bytes[WEFT_REGIONS] = {0};
  for (int i = 0; i < WEFT_PROGRAM_REGIONS; i++) bytes[i] = r->p->size[i];
  weft_validate_scratch_t *scratch = malloc(weft_validate_scratch_bytes(s->count));
  if (!scratch) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
  int err = weft_validate(r->p->cfg, r->p->cmd + (size_t)s->first * WEFT_CMD_WORDS, s->count, bytes, scratch, &why);
  free(scratch);
  if (!err) return WEFT_OK;
  return weft_fail(m, WEFT_E_INTERNAL, "command list of layers %d-%d is not valid: %.220s", s->layer, s->layer + s->nlayers - 1, why.msg);
}

static int on_device(weft_run_t *r, int seg, weft_msg_t *m)
{
  const weft_segment_t *s = &r->p->seg[seg];
  int e = r->valid[seg] ? WEFT_OK : validate(r, s, m);
  if (e) return e;
  r->valid[seg] = true;
  e = weft_dev_submit(&r->dev, s->first * WEFT_CMD_BYTES, s->count);
  if (e) return driver_fail(r, e, "submitting a job", m);
  uint64_t ticks = SLACK * (s->ticks + s->runs * (r->latency + STALL)) + BASE_TICKS + (uint64_t)s->count * (r->latency + STALL) * SLACK;
  e = weft_dev_wait(&r->dev, ticks);
  if (e == WEFT_DRV_E_DEVICE) return device_error(r, s, m);
  if (e == WEFT_DRV_E_TIMEOUT)
    return weft_fail(m, WEFT_E_DEVICE, "layers %d-%d did not end within %llu cycles: %s", s->layer, s->layer + s->nlayers - 1,
                     (unsigned long long)ticks, weft_target_diagnosis(r->target));
  if (e == WEFT_DRV_E_IO)
    return weft_fail(m, WEFT_E_DEVICE, "layers %d-%d: the simulation stopped: %s", s->layer, s->layer + s->nlayers - 1,
          weft_target_diagnosis(r->target));
  if (e) return driver_fail(r, e, "waiting for a job", m);
  if ((e = weft_dev_counters(&r->dev, r->counter[seg]))) return driver_fail(r, e, "reading the counters", m);
  return WEFT_OK;
}

int weft_run_infer(weft_run_t *r, weft_msg_t *m)
{
  memset(r->counter, 0, (size_t)r->p->nseg * sizeof *r->counter);
  for (int i = 0; i < r->p->nseg; i++) {
    const weft_segment_t *s = &r->p->seg[i];
    if (r->progress && !r->progress(r->progress_ctx, i)) return weft_fail(m, WEFT_E_ARG, "stopped");
    int err = s->npu ? on_device(r, i, m) : on_cpu(r, &r->p->layer[s->layer], m);
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
