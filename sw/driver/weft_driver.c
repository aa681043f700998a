/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's registers: query and jobs (see weft_driver.h). Every loop is bounded, so a device that answers garbage cannot hang it.
 */
#include "weft_driver.h"

/* Bits of CTRL, STATUS and the interrupt registers (docs/spec/registers.def). */
enum {
  CTRL_START = 1, CTRL_RESET = 2,
  STATUS_BUSY = 1, STATUS_DONE = 2, STATUS_ERROR = 4, STATUS_RESETTING = 8,
  IRQ_ALL = 3
};
enum { RESET_POLLS = 1000, RESET_TICKS = 1000, SPURIOUS = 16, MAX_NET_BYTES = 16, MAX_BUS_BYTES = 128 };

static uint32_t rd(weft_dev_t *d, uint32_t reg) { return d->io.read32(d->io.ctx, reg); }
static void wr(weft_dev_t *d, uint32_t reg, uint32_t v) { d->io.write32(d->io.ctx, reg, v); }

const char *weft_drv_error_text(int error)
{
  static const char *const text[] = {"no error", "a bad argument", "no Weft of this version and build answers", "the device is not ready",
    "no answer in time", "the device reports an error", "the bus failed", "lost interrupt", "no room for a buffer", "the command list is not valid"};
  return error <= 0 && error > -(int)(sizeof text / sizeof *text) ? text[-error] : "unknown error";
}

int weft_dev_query(weft_dev_t *d, weft_info_t *i)
{
  if (!d || !i) return WEFT_DRV_E_ARG;
  memset(i, 0, sizeof *i);
  if (rd(d, WEFT_REG_ID) != WEFT_ID) return WEFT_DRV_E_ID;
  i->version = rd(d, WEFT_REG_VERSION);
  if (i->version >> 8 != (WEFT_VERSION_MAJOR << 8 | WEFT_VERSION_MINOR)) return WEFT_DRV_E_ID;
  uint32_t c0 = rd(d, WEFT_REG_CFG0), c1 = rd(d, WEFT_REG_CFG1), c2 = rd(d, WEFT_REG_CFG2), c3 = rd(d, WEFT_REG_CFG3);
  i->rows = c0 & 0xff;
  i->cols = c0 >> 8 & 0xff;
  i->lanes = c0 >> 16 & 0xff;
  i->ppu_lanes = (int)(c0 >> 24);
  i->buf_words = c1 & 0xffff;
  i->net_bytes = c1 >> 16 & 0xff;
  i->bus_bytes = (int)(c1 >> 24);
  i->fspad_bytes = c2 & 0xffff;
  i->acc_depth = (int)(c2 >> 16);
  i->window_words = c3 & 0xff;
  i->param_depth = c3 >> 8 & 0xff;
  i->obuf_words = c3 >> 16 & 0xff;
  i->bank_words = (int)(c3 >> 24) * 256;
  return WEFT_DRV_OK;
}

/* What the validator relies on; a bus that answers garbage after a right ID fails here. */
static bool sensible(const weft_info_t *i)
{
  return i->rows && i->cols && i->lanes && i->ppu_lanes && i->buf_words && i->bank_words && i->fspad_bytes && i->net_bytes &&
         i->net_bytes <= MAX_NET_BYTES && i->bus_bytes && i->bus_bytes <= MAX_BUS_BYTES && i->acc_depth == WEFT_ACC_DEPTH &&
         i->window_words == WEFT_WINDOW_WORDS && i->param_depth == WEFT_PARAM_DEPTH && i->obuf_words == WEFT_OBUF_WORDS;
}

int weft_dev_open(weft_dev_t *d, const weft_io_t *io)
{
  if (!d || !io || !io->read32 || !io->write32 || !io->mem_read || !io->mem_write || !io->now || !io->wait_until) return WEFT_DRV_E_ARG;
  memset(d, 0, sizeof *d);
  d->io = *io;
  int e = weft_dev_query(d, &d->info);
  if (e) return e;
  const weft_info_t *i = &d->info;
  if (!sensible(i)) return WEFT_DRV_E_ID;
  d->cfg = (weft_config_t){"device", i->rows, i->cols, i->lanes, i->buf_words, i->bank_words, i->ppu_lanes, i->fspad_bytes, i->net_bytes,
                           i->bus_bytes, ""};
  for (uint32_t r = 0; r < WEFT_REGIONS; r++) {
    d->region_base[r] = rd(d, WEFT_REG_REGION0 + 8 * r);
    d->region_bytes[r] = rd(d, WEFT_REG_REGION0 + 8 * r + 4);
  }
  return WEFT_DRV_OK;
}

int weft_dev_is(const weft_dev_t *d, const weft_config_t *c)
{
  const weft_info_t *i = &d->info;
  return i->rows == c->rows && i->cols == c->cols && i->lanes == c->lanes && i->ppu_lanes == c->ppu_lanes &&
         i->buf_words == c->buf_words && i->net_bytes == c->net_bytes && i->bus_bytes == c->bus_bytes && i->fspad_bytes == c->fspad_bytes;
}

int weft_dev_region(weft_dev_t *d, int region, uint32_t base, uint32_t bytes)
{
  if (!d || region < 0 || region >= WEFT_REGIONS || base % WEFT_CMD_BYTES || (uint64_t)base + bytes > 1ULL << 32)
    return WEFT_DRV_E_ARG;
  if (rd(d, WEFT_REG_STATUS) & STATUS_BUSY) return WEFT_DRV_E_STATE;
  uint32_t reg = WEFT_REG_REGION0 + 8u * (uint32_t)region;
  wr(d, reg, base);
  wr(d, reg + 4, bytes);
  /* A locked region does not take the values: then the caller must not believe that it did. */
  d->region_base[region] = rd(d, reg);
  d->region_bytes[region] = rd(d, reg + 4);
  d->regions_version++;
  return d->region_base[region] == base && d->region_bytes[region] == bytes ? WEFT_DRV_OK : WEFT_DRV_E_STATE;
}

int weft_dev_start(weft_dev_t *d, uint32_t offset, uint32_t count)
{
  if (!d || !count || offset % WEFT_CMD_BYTES) return WEFT_DRV_E_ARG;
  if (rd(d, WEFT_REG_STATUS) & (STATUS_BUSY | STATUS_ERROR | STATUS_RESETTING)) return WEFT_DRV_E_STATE;
  wr(d, WEFT_REG_IRQ_STATUS, IRQ_ALL);
  wr(d, WEFT_REG_IRQ_ENABLE, IRQ_ALL);
  wr(d, WEFT_REG_CMD_OFFSET, offset);
  wr(d, WEFT_REG_CMD_COUNT, count);
  wr(d, WEFT_REG_CTRL, CTRL_START);
  return WEFT_DRV_OK;
}

int weft_dev_submit(weft_dev_t *d, const weft_list_t *l)
{
  if (!d || !l || !l->count) return WEFT_DRV_E_ARG;
  return l->regions_version == d->regions_version ? weft_dev_start(d, l->offset, l->count) : WEFT_DRV_E_STATE;
}

uint64_t weft_dev_deadline(weft_dev_t *d, uint64_t ticks)
{
  uint64_t now = d->io.now(d->io.ctx);
  return ticks < UINT64_MAX - now ? now + ticks : UINT64_MAX;
}

int weft_dev_wait(weft_dev_t *d, uint64_t deadline)
{
  if (!d) return WEFT_DRV_E_ARG;
  for (int i = 0; i < SPURIOUS; i++) {
    int up = d->io.wait_until(d->io.ctx, deadline);
    if (up < 0) return WEFT_DRV_E_IO;
    uint32_t s = rd(d, WEFT_REG_STATUS);
    if (s & STATUS_ERROR) return WEFT_DRV_E_DEVICE;
    if (s & STATUS_DONE && !(s & STATUS_BUSY)) {
      wr(d, WEFT_REG_IRQ_STATUS, IRQ_ALL);
      return up ? WEFT_DRV_OK : WEFT_DRV_E_IRQ;
    }
    if (!up) return WEFT_DRV_E_TIMEOUT;
    wr(d, WEFT_REG_IRQ_STATUS, IRQ_ALL);   /* an interrupt without a reason: acknowledge and wait again */
  }
  return WEFT_DRV_E_TIMEOUT;
}

int weft_dev_cancel(weft_dev_t *d)
{
  if (!d) return WEFT_DRV_E_ARG;
  return rd(d, WEFT_REG_STATUS) & (STATUS_BUSY | STATUS_RESETTING) ? weft_dev_reset(d) : WEFT_DRV_OK;
}

int weft_dev_reset(weft_dev_t *d)
{
  if (!d) return WEFT_DRV_E_ARG;
  wr(d, WEFT_REG_CTRL, CTRL_RESET);
  for (int i = 0; i < RESET_POLLS; i++) {
    uint32_t s = rd(d, WEFT_REG_STATUS);
    if (!(s & (STATUS_RESETTING | STATUS_BUSY | STATUS_ERROR))) {
      wr(d, WEFT_REG_IRQ_STATUS, IRQ_ALL);
      return WEFT_DRV_OK;
    }
    if (d->io.wait_until(d->io.ctx, weft_dev_deadline(d, RESET_TICKS)) < 0) return WEFT_DRV_E_IO;
  }
  return WEFT_DRV_E_TIMEOUT;
}

int weft_dev_error(weft_dev_t *d, weft_dev_error_t *e)
{
  if (!d || !e) return WEFT_DRV_E_ARG;
  uint32_t c = rd(d, WEFT_REG_ERROR_CAUSE);
  e->code = c & 0xff;
  e->engine = c >> 8 & 0xff;
  e->addr = rd(d, WEFT_REG_ERROR_ADDR);
  e->command = rd(d, WEFT_REG_ERROR_CMD);
  return WEFT_DRV_OK;
}

int weft_dev_counters(weft_dev_t *d, uint64_t counter[WEFT_COUNTERS])
{
  if (!d || !counter) return WEFT_DRV_E_ARG;
  for (uint32_t i = 0; i < WEFT_COUNTERS; i++) {
    uint64_t lo = rd(d, WEFT_REG_COUNTER0 + 8 * i);
    counter[i] = lo | (uint64_t)rd(d, WEFT_REG_COUNTER0 + 8 * i + 4) << 32;
  }
  return WEFT_DRV_OK;
}
