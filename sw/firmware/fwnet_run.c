/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs an open network image: jobs by interrupt, CPU operators by the golden model, errors by name.
 */
#include "golden.h"
#include "fwnet.h"

/* The wait callback of the last job, watched: did the interrupt come, or did the time run out? */
typedef struct { weft_io_t io; int up; } watched_t;

static uint32_t read32(void *ctx, uint32_t offset) { watched_t *w = ctx; return w->io.read32(w->io.ctx, offset); }
static void write32(void *ctx, uint32_t offset, uint32_t v) { watched_t *w = ctx; w->io.write32(w->io.ctx, offset, v); }
static int wait(void *ctx, uint64_t ticks) { watched_t *w = ctx; return w->up = w->io.wait(w->io.ctx, ticks); }

/* Names the failure and resets the device, so that it takes the next job. */
static int job_failed(fwnet_t *n, weft_msg_t *m, int code, const char *what, const weft_netimage_segment_t *s)
{
  static const char *const engine[] = {"LOAD", "ARRAY", "VECTOR", "STORE", "FETCH"};
  weft_dev_error_t e = {0};
  if (code == WEFT_DRV_E_DEVICE) {
    weft_dev_error(n->dev, &e);
    weft_fail(m, 0, "layer %lu: %s: %s, engine %s, command %lu, address 0x%lx", (unsigned long)s->layer, what, weft_error_text(e.code),
              (unsigned)e.engine < 5 ? engine[e.engine] : "unknown", (unsigned long)(s->first + e.command), (unsigned long)e.addr);
  } else {
    weft_fail(m, 0, "layer %lu: %s", (unsigned long)s->layer, what);
  }
  if (weft_dev_reset(n->dev)) {
    size_t used = strlen(m->msg);
    weft_msg_t tail;
    weft_fail(&tail, 0, "; the device does not come out of reset");
    strncpy(m->msg + used, tail.msg, sizeof m->msg - used - 1);
    m->msg[sizeof m->msg - 1] = 0;
  }
  return WEFT_E_DEVICE;
}

static int on_device(fwnet_t *n, const weft_netimage_segment_t *s, weft_msg_t *m)
{
  uint64_t ticks = s->ticks_lo | (uint64_t)s->ticks_hi << 32, counter[WEFT_COUNTERS];
  watched_t w = {.io = n->dev->io};
  weft_dev_t d = *n->dev;
  d.io.ctx = &w;
  d.io.read32 = read32;
  d.io.write32 = write32;
  d.io.wait = wait;
  int e = weft_dev_submit(&d, s->first * WEFT_CMD_BYTES, s->count);
  if (e) return job_failed(n, m, e, "the device does not take the job", s);
  e = weft_dev_wait(&d, ticks);
  if (e == WEFT_DRV_E_DEVICE) return job_failed(n, m, e, "device error", s);
  if (e == WEFT_DRV_E_TIMEOUT) return job_failed(n, m, e, "job timeout: the device did not finish in time", s);
  if (e) return job_failed(n, m, e, "waiting for the job failed", s);
  if (!w.up) return job_failed(n, m, WEFT_DRV_E_TIMEOUT, "lost interrupt: the job is done but no interrupt came", s);
  n->irqs++;
  if (weft_dev_counters(&d, counter)) return job_failed(n, m, WEFT_DRV_E_IO, "counters cannot be read", s);
  for (int i = 0; i < WEFT_COUNTERS; i++) n->counter[i] += counter[i];
  return WEFT_OK;
}

int fwnet_segment(fwnet_t *n, uint32_t i, weft_msg_t *m)
{
  const weft_netimage_segment_t *s = &n->seg[i];
  if (s->npu) return on_device(n, s, m);
#if WEFT_FW_GOLDEN
  return weft_golden_op(&n->g, &n->op[s->first], n->data, m);
#else
  return weft_fail(m, WEFT_E_UNSUPPORTED, "built without golden operators");
#endif
}

int fwnet_infer(fwnet_t *n, weft_msg_t *m)
{
  int err = WEFT_OK;
  memset(n->counter, 0, sizeof n->counter);
  n->irqs = 0;
  for (uint32_t i = 0; i < n->head->nsegments && !err; i++) err = fwnet_segment(n, i, m);
  return err;
}
