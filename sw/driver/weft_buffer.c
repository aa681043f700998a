/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's buffers: pieces of one range of DRAM, first fit (see weft_driver.h).
 *
 * The caller's weft_buf_t are the list, in order of address, so nothing is allocated; a call goes once along it.
 */
#include "weft_driver.h"

enum { STATUS_BUSY = 1, GRAIN = WEFT_CMD_BYTES };

int weft_buf_pool(weft_dev_t *d, uint32_t base, uint32_t bytes)
{
  if (!d || base % GRAIN || bytes % GRAIN || (uint64_t)base + bytes > 1ULL << 32) return WEFT_DRV_E_ARG;
  if (d->bufs) return WEFT_DRV_E_STATE;
  d->pool_base = base;
  d->pool_bytes = bytes;
  return WEFT_DRV_OK;
}

/* The link that holds b, or NULL. */
static weft_buf_t **find(weft_dev_t *d, const weft_buf_t *b)
{
  weft_buf_t **link = &d->bufs;
  while (*link && *link != b) link = &(*link)->next;
  return *link ? link : NULL;
}

int weft_buf_create(weft_dev_t *d, weft_buf_t *b, uint32_t bytes)
{
  if (!d || !b || !bytes || find(d, b)) return WEFT_DRV_E_ARG;
  uint64_t size = ((uint64_t)bytes + GRAIN - 1) / GRAIN * GRAIN, at = d->pool_base, end = (uint64_t)d->pool_base + d->pool_bytes;
  weft_buf_t **link = &d->bufs;
  for (; *link && (*link)->addr - at < size; link = &(*link)->next) at = (uint64_t)(*link)->addr + (*link)->bytes;
  if (size > end - at) return WEFT_DRV_E_MEMORY;
  *b = (weft_buf_t){(uint32_t)at, (uint32_t)size, *link};
  *link = b;
  return WEFT_DRV_OK;
}

int weft_buf_free(weft_dev_t *d, weft_buf_t *b)
{
  weft_buf_t **link = d && b ? find(d, b) : NULL;
  if (!link) return WEFT_DRV_E_ARG;
  if (d->io.read32(d->io.ctx, WEFT_REG_STATUS) & STATUS_BUSY) return WEFT_DRV_E_STATE;
  for (int r = 0; r < WEFT_REGIONS; r++) {
    uint64_t lo = d->region_base[r], hi = lo + d->region_bytes[r];
    int e = lo < (uint64_t)b->addr + b->bytes && b->addr < hi ? weft_dev_region(d, r, 0, 0) : WEFT_DRV_OK;
    if (e) return e;
  }
  *link = b->next;
  *b = (weft_buf_t){0, 0, NULL};
  return WEFT_DRV_OK;
}

static bool inside(const weft_dev_t *d, const weft_buf_t *b, uint32_t offset, uint32_t bytes)
{
  return d && b && offset <= b->bytes && bytes <= b->bytes - offset;
}

int weft_buf_write(weft_dev_t *d, const weft_buf_t *b, uint32_t offset, const void *from, uint32_t bytes)
{
  if (!inside(d, b, offset, bytes) || !from) return WEFT_DRV_E_ARG;
  return d->io.mem_write(d->io.ctx, b->addr + offset, from, bytes) ? WEFT_DRV_E_IO : WEFT_DRV_OK;
}

int weft_buf_read(weft_dev_t *d, const weft_buf_t *b, uint32_t offset, void *to, uint32_t bytes)
{
  if (!inside(d, b, offset, bytes) || !to) return WEFT_DRV_E_ARG;
  return d->io.mem_read(d->io.ctx, b->addr + offset, to, bytes) ? WEFT_DRV_E_IO : WEFT_DRV_OK;
}

int weft_buf_bind(weft_dev_t *d, int region, const weft_buf_t *b)
{
  return d && b && find(d, b) ? weft_dev_region(d, region, b->addr, b->bytes) : WEFT_DRV_E_ARG;
}
