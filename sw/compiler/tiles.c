/* SPDX-License-Identifier: Apache-2.0
 *
 * Tile sizes (see tiles.h).
 */
#include "tiles.h"

#include <stdbool.h>
#include <string.h>

static double max2(double a, double b) { return a > b ? a : b; }
static int least(double a, int64_t b) { return a < (double)b ? (int)a : (int)b; }

int64_t weft_tiles_count(const weft_tiles_t *t) { return t->nhead + t->middle + t->ntail; }

int weft_tiles_size(const weft_tiles_t *t, int64_t i)
{
  if (i < t->nhead) return t->head[i];
  i -= t->nhead;
  if (i < t->middle) return (int)(t->rest * (i + 1) / t->middle - t->rest * i / t->middle);
  return t->tail[t->ntail - 1 - (i - t->middle)];
}

/* When the last store ends: each engine takes its tiles in order, a slot is free when the tile before last has left it. */
static double run(const weft_tile_cost_t *c, const weft_tiles_t *t)
{
  double load = 0, work = c->tables, store = 0, work_before = 0, store_before = 0;
  const int64_t n = weft_tiles_count(t);
  for (int64_t i = 0; i < n; i++) {
    const double size = weft_tiles_size(t, i);
    load = max2(load, work_before) + c->load_start + size * c->load;
    work_before = work;
    work = max2(max2(load, work), store_before) + c->work_start + size * c->work;
    store_before = store;
    store = max2(work, store) + c->store_start + size * c->store;
  }
  return store;
}

/* A head that starts with `first` units and a tail that ends with `last`. A tile grows as far as the work on its neighbour hides its load, in
 * the tail its store; where it does not grow, the middle begins. What takes no time to load or store makes an infinite size, which `most` ends. */
static void ramp(const weft_tile_cost_t *c, int64_t total, int most, int first, int last, weft_tiles_t *t)
{
  int64_t left = total;
  double head = first, tail = last;
  memset(t, 0, sizeof *t);
  t->total = total;
  for (bool more = true; more;) {
    more = false;
    if (t->nhead < WEFT_TILE_RAMP && head >= 1 && head < most && left > 2 * head) {
      const double next = (c->work_start + (int)head * c->work - c->load_start) / c->load;
      left -= t->head[t->nhead++] = (int)head;
      head = next < head + 1 ? 0 : next < most ? next : most;
      more = true;
    }
    if (t->ntail < WEFT_TILE_RAMP && tail >= 1 && tail < most && left > 2 * tail) {
      const double next = (c->work_start + (int)tail * c->work - c->store_start) / c->store;
      left -= t->tail[t->ntail++] = (int)tail;
      tail = next < tail + 1 ? 0 : next < most ? next : most;
      more = true;
    }
  }
  t->rest = left;
  t->middle = (left + most - 1) / most;
  t->largest = (int)((left + t->middle - 1) / t->middle);
  for (int i = 0; i < t->nhead; i++) if (t->head[i] > t->largest) t->largest = t->head[i];
  for (int i = 0; i < t->ntail; i++) if (t->tail[i] > t->largest) t->largest = t->tail[i];
  t->cycles = run(c, t);
}

void weft_tiles(const weft_tile_cost_t *c, int64_t total, int most, weft_tiles_t *to)
{
  enum { CAPS = 4 };
  const double worth = 0.99;         /* larger slots must save this much: what they take is not there for the next layer's first loads */
  bool any = false;
  for (int k = 1; k <= CAPS; k++) {
    const int cap = (int)((int64_t)most * k / CAPS);
    double before = any ? worth * to->cycles : 0;
    for (int first = cap; first > 0; first /= 2)
      for (int last = cap; last > 0; last /= 2) {
        weft_tiles_t t;
        ramp(c, total, least(cap, total), first, last, &t);
        if (before && t.cycles >= before) continue;
        any = true;
        before = t.cycles;
        *to = t;
      }
  }
}
