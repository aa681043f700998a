/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks at a device while a job runs (see probe.h).
 */
#include "probe.h"

static uint32_t p_read32(void *ctx, uint32_t offset) { return probe_read(ctx, offset); }
static uint64_t p_now(void *ctx) { return probe_now(ctx); }

static void p_write32(void *ctx, uint32_t offset, uint32_t value)
{
  const weft_io_t *io = &((probe_t *)ctx)->inner->io;
  io->write32(io->ctx, offset, value);
}

static int p_mem_read(void *ctx, uint32_t addr, void *to, size_t bytes)
{
  const weft_io_t *io = &((probe_t *)ctx)->inner->io;
  return io->mem_read(io->ctx, addr, to, bytes);
}

static int p_mem_write(void *ctx, uint32_t addr, const void *from, size_t bytes)
{
  const weft_io_t *io = &((probe_t *)ctx)->inner->io;
  return io->mem_write(io->ctx, addr, from, bytes);
}

static int p_wait_until(void *ctx, uint64_t deadline)
{
  const probe_t *p = ctx;
  const weft_io_t *io = &p->inner->io;
  for (;;) {
    const uint64_t next = io->now(io->ctx) + p->interval;
    const int up = io->wait_until(io->ctx, next < deadline ? next : deadline);
    if (p->look) p->look(p->ctx);
    if (up || next >= deadline) return up;
  }
}

static const char *p_diagnosis(weft_target_t *t) { return weft_target_diagnosis(((probe_t *)t)->inner); }

void probe_attach(probe_t *p, weft_device_t *device, uint64_t cycles, uint64_t looks)
{
  p->inner = device->target;
  p->interval = cycles / looks > PROBE_LEAST ? cycles / looks : PROBE_LEAST;
  p->base = (weft_target_t){.io = {p, p_read32, p_write32, p_mem_read, p_mem_write, p_now, p_wait_until}, .diagnosis = p_diagnosis};
  device->target = &p->base;
}

void probe_detach(probe_t *p, weft_device_t *device) { device->target = p->inner; }
uint32_t probe_read(const probe_t *p, uint32_t offset) { return p->inner->io.read32(p->inner->io.ctx, offset); }
uint64_t probe_now(const probe_t *p) { return p->inner->io.now(p->inner->io.ctx); }
