/* SPDX-License-Identifier: Apache-2.0
 *
 * The Weft driver (see weft_driver.h). Every loop is bounded, so a device that answers garbage cannot hang it.
 */
#include "weft_driver.h"

/* Bits of CTRL, STATUS and the interrupt registers (docs/spec/registers.def). */
enum {
  CTRL_START = 1, CTRL_RESET = 2,
  STATUS_BUSY = 1, STATUS_DONE = 2, STATUS_ERROR = 4, STATUS_RESETTING = 8,
  IRQ_ALL = 3
};
enum { RESET_POLLS = 1000, RESET_TICKS = 1000, SPURIOUS = 16 };

static uint32_t rd(weft_dev_t *d, uint32_t reg) { return d->io.read32(d->io.ctx, reg); }
static void wr(weft_dev_t *d, uint32_t reg, uint32_t v) { d->io.write32(d->io.ctx, reg, v); }

int weft_dev_open(weft_dev_t *d, const weft_io_t *io)
{
  if (!d || !io || !io->read32 || !io->write32 || !io->mem_read || !io->mem_write || !io->wait) return WEFT_DRV_E_ARG;
  memset(d, 0, sizeof *d);
  d->io = *io;
  if (rd(d, WEFT_REG_ID) != WEFT_ID) return WEFT_DRV_E_ID;
  weft_info_t *i = &d->info;
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

int weft_dev_is(const weft_dev_t *d, const weft_config_t *c)
{
  const weft_info_t *i = &d->info;
  return i->rows == c->rows && i->cols == c->cols && i->lanes == c->lanes && i->ppu_lanes == c->ppu_lanes &&
         i->buf_words == c->buf_words && i->net_bytes == c->net_bytes && i->bus_bytes == c->bus_bytes &&
         i->fspad_bytes == c->fspad_bytes && i->acc_depth == WEFT_ACC_DEPTH && i->window_words == WEFT_WINDOW_WORDS &&
         i->param_depth == WEFT_PARAM_DEPTH && i->obuf_words == WEFT_OBUF_WORDS;
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
  return rd(d, reg) == base && rd(d, reg + 4) == bytes ? WEFT_DRV_OK : WEFT_DRV_E_STATE;
}

int weft_dev_submit(weft_dev_t *d, uint32_t offset, uint32_t count)
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

int weft_dev_wait(weft_dev_t *d, uint64_t ticks)
{
  if (!d) return WEFT_DRV_E_ARG;
  for (int i = 0; i < SPURIOUS; i++) {
    int up = d->io.wait(d->io.ctx, ticks);
    if (up < 0) return WEFT_DRV_E_IO;
    uint32_t s = rd(d, WEFT_REG_STATUS);
    if (s & STATUS_ERROR) return WEFT_DRV_E_DEVICE;
    if (s & STATUS_DONE && !(s & STATUS_BUSY)) {
      wr(d, WEFT_REG_IRQ_STATUS, IRQ_ALL);
      return WEFT_DRV_OK;
    }
    if (!up) return WEFT_DRV_E_TIMEOUT;
    wr(d, WEFT_REG_IRQ_STATUS, IRQ_ALL);   /* an interrupt without a reason: acknowledge and wait again */
  }
  return WEFT_DRV_E_TIMEOUT;
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
    if (d->io.wait(d->io.ctx, RESET_TICKS) < 0) return WEFT_DRV_E_IO;
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
