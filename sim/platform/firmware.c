/* SPDX-License-Identifier: Apache-2.0
 *
 * Firmware for the virtual platform: runs one compiled network on Weft through the driver, by interrupt, and reports on the UART.
 *
 * It is plain C and touches hardware only through hal_t, so it can move to a real processor. The driver (weft_driver.c) and the
 * runner (run.c: command lists through the validator, CPU operators by the golden operators) are the ones that every target uses.
 */
#include "firmware.h"

#include <stdarg.h>
#include <stdio.h>

#include "driver/target_impl.h"
#include "map.h"

typedef struct {
  struct weft_target base;     /* first member: the runner sees a target */
  const hal_t *hal;
} platform_t;

static uint32_t peripheral(const hal_t *h, uint32_t offset) { return h->read32(h->ctx, SOC_PERIPHERALS + offset); }

static void set_peripheral(const hal_t *h, uint32_t offset, uint32_t v) { h->write32(h->ctx, SOC_PERIPHERALS + offset, v); }

static uint64_t now(const hal_t *h)
{
  uint64_t lo = peripheral(h, SOC_TIME_LO);            /* keeps the high word for the next read */
  return lo | (uint64_t)peripheral(h, SOC_TIME_HI) << 32;
}

/* The high word goes first, beyond reach, so that no half-written alarm rings. */
static void alarm_at(const hal_t *h, uint64_t t)
{
  set_peripheral(h, SOC_ALARM_HI, UINT32_MAX);
  set_peripheral(h, SOC_ALARM_LO, (uint32_t)t);
  set_peripheral(h, SOC_ALARM_HI, (uint32_t)(t >> 32));
}

__attribute__((format(printf, 2, 3))) static void print(const hal_t *h, const char *fmt, ...)
{
  char line[400];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(line, sizeof line, fmt, ap);
  va_end(ap);
  for (const char *c = line; *c; c++) set_peripheral(h, SOC_UART_DATA, (uint8_t)*c);
}

/* ---- the driver's bus */

static uint32_t io_read32(void *ctx, uint32_t offset)
{
  const platform_t *p = ctx;
  return p->hal->read32(p->hal->ctx, SOC_WEFT + offset);
}

static void io_write32(void *ctx, uint32_t offset, uint32_t value)
{
  const platform_t *p = ctx;
  p->hal->write32(p->hal->ctx, SOC_WEFT + offset, value);
}

static int io_mem_read(void *ctx, uint32_t addr, void *to, size_t bytes)
{
  const platform_t *p = ctx;
  return p->hal->read(p->hal->ctx, SOC_DRAM + addr, to, bytes);
}

static int io_mem_write(void *ctx, uint32_t addr, const void *from, size_t bytes)
{
  const platform_t *p = ctx;
  return p->hal->write(p->hal->ctx, SOC_DRAM + addr, from, bytes);
}

static uint64_t io_now(void *ctx) { return now(((platform_t *)ctx)->hal); }

static int io_wait_until(void *ctx, uint64_t deadline)
{
  const hal_t *h = ((platform_t *)ctx)->hal;
  alarm_at(h, deadline);
  h->wait_irq(h->ctx);
  uint32_t up = h->read32(h->ctx, PLATFORM_INTC + PLATFORM_INTC_PENDING);
  alarm_at(h, UINT64_MAX);
  return up & SOC_IRQ_WEFT ? 1 : 0;
}

/* ---- one network */

static int run(const hal_t *h, platform_t *p, firmware_job_t *job)
{
  weft_run_t r;
  int err = weft_run_open(&r, job->g, job->p, &p->base, job->latency, &job->m);
  if (!err)
    print(h, "Weft version 0x%06x, %d x %d PEs of %d lanes\n", r.dev.info.version, r.dev.info.rows, r.dev.info.cols, r.dev.info.lanes);
  for (int i = 0; i < job->g->nin && !err; i++) err = weft_run_input(&r, i, job->in[i], &job->m);
  uint64_t start = now(h);
  if (!err) err = weft_run_infer(&r, &job->m);
  job->infer_ticks = now(h) - start;
  for (int i = 0; i < job->g->nout && !err; i++) err = weft_run_tensor(&r, job->g->out[i], job->out[i], &job->m);
  job->device_cycles = err ? 0 : weft_run_sum(&r, WEFT_CNT_CYCLES);
  weft_run_close(&r);
  return err;
}

void firmware_main(const hal_t *h, firmware_job_t *job)
{
  platform_t p = {.hal = h};
  p.base.io = (weft_io_t){.ctx = &p, .read32 = io_read32, .write32 = io_write32, .mem_read = io_mem_read, .mem_write = io_mem_write,
                          .now = io_now, .wait_until = io_wait_until};
  uint64_t start = now(h);
  set_peripheral(h, SOC_IRQ_ENABLE, 2);                /* the timer's line */
  h->write32(h->ctx, PLATFORM_INTC + PLATFORM_INTC_ENABLE, SOC_IRQ_WEFT | SOC_IRQ_TIMER);
  job->err = run(h, &p, job);
  job->ticks = now(h) - start;
  if (job->err) print(h, "failed: %s\n", job->m.msg);
  else print(h, "done: %llu device cycles\n", (unsigned long long)job->device_cycles);
}
