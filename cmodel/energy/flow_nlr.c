/* SPDX-License-Identifier: Apache-2.0
 *
 * No local reuse: PEs hold nothing; every operand comes from the buffer each time it is used, shared only in space.
 *
 * A pixel goes to PEs of several filters, a weight (wide: also to PEs of several pixels); psums are summed along the PEs of several channels and
 * wait in the buffer between taps and channel blocks. Bounds: filters, channel words, pixels in space.
 */
#include "flow.h"

enum { FILTERS, WORDS, PIXELS };

static double tile(const weft_fabric_t *f, const weft_shape_t *s, const weft_map_t *map, const weft_tile_t *t, uint64_t times, weft_events_t *e) {
  const int64_t *b = map->b, taps = s->R * s->S, pixels = t->n * t->e * s->F, words = weft_flow_ceil(s->C, f->lanes);
  const int64_t parts = taps * weft_flow_ceil(words, b[WORDS]);
  const uint64_t macs = (uint64_t)(pixels * t->m * taps * s->C);
  e->n[WEFT_EV_BUF_FILTER] += times * (uint64_t)(t->m * taps * s->C * weft_flow_ceil(pixels, b[PIXELS]));
  e->n[WEFT_EV_NET_FILTER] += times * macs;
  e->n[WEFT_EV_BUF_IFMAP] += times * (uint64_t)(pixels * taps * s->C * weft_flow_ceil(t->m, b[FILTERS]));
  e->n[WEFT_EV_NET_IFMAP] += times * macs;
  e->n[WEFT_EV_NET_PSUM] += times * (uint64_t)(pixels * t->m * words * taps * WEFT_PSUM_BYTES);
  e->n[WEFT_EV_BUF_PSUM] += times * (uint64_t)(2 * (parts - 1) * pixels * t->m * WEFT_PSUM_BYTES);
  return 0;
}

static int maps(const weft_fabric_t *f, const weft_shape_t *s, bool wide, weft_map_t *map, int max) {
  const int64_t pes = f->rows * f->cols, words = weft_flow_ceil(s->C, f->lanes), pixels = s->N * s->E * s->F;
  int count = 0;
  for (int64_t p = 1; p <= (wide ? pes : 1) && p < 2 * pixels; p *= 2)
    for (int64_t w = 1; w <= words && w * p <= pes && count < max; w = w < words && 2 * w > words ? words : 2 * w)
      map[count++] = (weft_map_t){.b = {weft_flow_min(pes / (w * p), s->M), w, p}, .stores = {.buffer = f->area}};
  return count;
}

const weft_schedule_t weft_schedule_nlr = {tile, maps};
