/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs an open network image: jobs by interrupt, CPU operators by the golden model, errors by name.
 */
#include "golden.h"
#include "fwnet.h"

/* Names the failure and resets the device, so that it takes the next job. */
static int job_failed(fwnet_t *n, weft_msg_t *m, int code, const char *what, const weft_netimage_segment_t *s)
{
  static const char *const engine[] = {"LOAD", "ARRAY", "VECTOR", "STORE", "FETCH"};
  weft_dev_error_t e = {0};
  if (code == WEFT_DRV_E_DEVICE) weft_dev_error(n->dev, &e);       /* before the reset: it clears the error */
  const char *tail = weft_dev_reset(n->dev) ? "; the device does not come out of reset" : "";
  if (code != WEFT_DRV_E_DEVICE) return weft_fail(m, WEFT_E_DEVICE, "layer %lu: %s%s", (unsigned long)s->layer, what, tail);
  return weft_fail(m, WEFT_E_DEVICE, "layer %lu: %s: %s, engine %s, command %lu, address 0x%lx%s", (unsigned long)s->layer, what,
                   weft_error_text(e.code), (unsigned)e.engine < 5 ? engine[e.engine] : "unknown", (unsigned long)(s->first + e.command),
                   (unsigned long)e.addr, tail);
}

static int on_device(fwnet_t *n, uint32_t i, weft_msg_t *m)
{
  const weft_netimage_segment_t *s = &n->seg[i];
  uint64_t ticks = s->ticks_lo | (uint64_t)s->ticks_hi << 32, counter[WEFT_COUNTERS];
  weft_dev_t *d = n->dev;
  int e = weft_dev_submit(d, &n->list[i]);
  if (e) return job_failed(n, m, e, "the device does not take the job", s);
  e = weft_dev_wait(d, weft_dev_deadline(d, ticks));
  if (e == WEFT_DRV_E_DEVICE) return job_failed(n, m, e, "device error", s);
  if (e == WEFT_DRV_E_TIMEOUT) return job_failed(n, m, e, "job timeout: the device did not finish in time", s);
  if (e == WEFT_DRV_E_IRQ) return job_failed(n, m, e, "lost interrupt: the job is done but no interrupt came", s);
  if (e) return job_failed(n, m, e, "waiting for the job failed", s);
  n->irqs++;
  if (weft_dev_counters(d, counter)) return job_failed(n, m, WEFT_DRV_E_IO, "counters cannot be read", s);
  for (int k = 0; k < WEFT_COUNTERS; k++) n->counter[k] += counter[k];
  return WEFT_OK;
}

int fwnet_segment(fwnet_t *n, uint32_t i, weft_msg_t *m)
{
  const weft_netimage_segment_t *s = &n->seg[i];
  if (s->npu) return on_device(n, i, m);
#if WEFT_FW_GOLDEN
  if (s->step != WEFT_NETIMAGE_NONE) {
    const weft_op_t *op = &n->op[s->first];
    const weft_lstm_size_t k = weft_lstm_size(&n->g, op);
    const uint8_t *arena = n->dram + n->arena.addr;
    const int16_t *sums = (const int16_t *)(const void *)(arena + s->sums), *products = (const int16_t *)(const void *)(arena + s->products);
    const size_t row = 4 * (size_t)k.units;
    weft_golden_lstm_step(&n->g, op, (int)s->step, sums + s->step * (uint32_t)k.row_step * row, (uint32_t)k.row_batch * row, products, n->data);
    return WEFT_OK;
  }
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
