/* SPDX-License-Identifier: Apache-2.0
 *
 * Bookkeeping of stores (see stores.h), in granules of GRAIN bytes. A store that writes a granule in part leaves the one before it read,
 * because its other bytes may still be wanted.
 */
#include "stores.h"

#include <stdlib.h>

enum { GRAIN = 16 };

int weft_stores_begin(weft_stores_t *s, uint64_t arena_bytes, weft_msg_t *m)
{
  s->granules = arena_bytes / GRAIN + 1;
  s->writer = malloc(s->granules * sizeof *s->writer);
  if (!s->writer) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
  memset(s->writer, -1, s->granules * sizeof *s->writer);
  s->n = 0;
  return WEFT_OK;
}

void weft_stores_again(weft_stores_t *s)
{
  s->n = 0;
  s->second = true;
}

void weft_stores_free(weft_stores_t *s)
{
  free(s->writer);
  free(s->read);
  memset(s, 0, sizeof *s);
}

void weft_stores_read(weft_stores_t *s, uint64_t at, uint64_t bytes)
{
  if (s->second || !bytes) return;
  for (uint64_t g = at / GRAIN; g <= (at + bytes - 1) / GRAIN && g < s->granules; g++)
    if (s->writer[g] >= 0) s->read[s->writer[g]] = 1;
}

static void write(weft_stores_t *s, uint64_t at, uint64_t bytes, int32_t store)
{
  for (uint64_t g = at / GRAIN; g <= (at + bytes - 1) / GRAIN && g < s->granules; g++) {
    bool whole = g * GRAIN >= at && (g + 1) * GRAIN <= at + bytes;
    if (!whole && s->writer[g] >= 0 && s->writer[g] != store) s->read[s->writer[g]] = 1;
    s->writer[g] = store;
  }
}

int weft_stores_put(weft_stores_t *s, const weft_dma_t *d, bool always, bool *out, weft_msg_t *m)
{
  *out = s->second && !s->read[s->n];
  if (s->second) {
    s->n++;
    return WEFT_OK;
  }
  if (s->n == s->cap) {
    uint32_t cap = s->cap ? 2 * s->cap : 1024;
    uint8_t *r = realloc(s->read, cap);
    if (!r) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
    s->read = r;
    s->cap = cap;
  }
  s->read[s->n] = always;
  for (int64_t i1 = 0; i1 < d->n1; i1++)
    for (int64_t i0 = 0; i0 < d->n0; i0++)
      write(s, (uint64_t)(d->offset + i1 * d->dram_s1 + i0 * d->dram_s0), (uint64_t)(d->elems * d->elem_bytes), (int32_t)s->n);
  s->n++;
  return WEFT_OK;
}

void weft_stores_get(weft_stores_t *s, const weft_dma_t *d)
{
  if (s->second) return;
  for (int64_t i1 = 0; i1 < d->n1; i1++)
    for (int64_t i0 = 0; i0 < d->n0; i0++)
      weft_stores_read(s, (uint64_t)(d->offset + i1 * d->dram_s1 + i0 * d->dram_s0), (uint64_t)(d->elems * d->elem_bytes));
}

uint32_t weft_stores_unread(const weft_stores_t *s)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < s->n; i++) n += !s->read[i];
  return n;
}
