/* SPDX-License-Identifier: Apache-2.0
 *
 * Weight-stationary: each PE holds the weights of LANES channels of one tap (wide: of several filters) while all pixels of the tile pass.
 *
 * A pixel is broadcast to all PEs that want it. The PEs of one filter form a chain over taps and channels along which its psum travels; what a
 * chain does not cover waits as a psum in the buffer. Bounds: taps, channel words and filters in space; filters in a PE.
 */
#include "flow.h"

enum { TAPS, WORDS, FILTERS, HELD };

static double tile(const weft_fabric_t *f, const weft_shape_t *s, const weft_map_t *map, const weft_tile_t *t, uint64_t times, weft_events_t *e) {
  const int64_t *b = map->b, taps = s->R * s->S, pixels = t->n * t->e * s->F, words = weft_flow_ceil(s->C, f->lanes);
  const int64_t blocks = weft_flow_ceil(t->m, b[FILTERS] * b[HELD]), parts = taps / b[TAPS] * weft_flow_ceil(words, b[WORDS]);
  const int64_t rows = b[TAPS] == taps ? weft_flow_span(t->e, t->e, s->stride_y, s->R, s->H) : s->R * t->e;
  const int64_t columns = b[TAPS] == 1 ? s->S * s->F : weft_flow_span(s->F, s->F, s->stride_x, s->S, s->W);
  const uint64_t macs = (uint64_t)(pixels * t->m * taps * s->C), weights = (uint64_t)(t->m * taps * s->C);
  const uint64_t arrive = (uint64_t)(pixels * taps * s->C * weft_flow_ceil(t->m, b[HELD]));
  e->n[WEFT_EV_BUF_FILTER] += times * weights;
  e->n[WEFT_EV_NET_FILTER] += times * weights;
  e->n[WEFT_EV_FILTER_WR] += times * weights;
  e->n[WEFT_EV_FILTER_RD] += times * macs;
  e->n[WEFT_EV_BUF_IFMAP] += times * (uint64_t)(blocks * s->C * t->n * rows * columns);
  e->n[WEFT_EV_NET_IFMAP] += times * arrive;
  if (b[HELD] > 1) {           /* a pixel is held for the PE's filters */
    e->n[WEFT_EV_WINDOW_WR] += times * arrive;
    e->n[WEFT_EV_WINDOW_RD] += times * macs;
  }
  e->n[WEFT_EV_NET_PSUM] += times * (uint64_t)(pixels * t->m * words * taps * WEFT_PSUM_BYTES);
  e->n[WEFT_EV_BUF_PSUM] += times * (uint64_t)(2 * (parts - 1) * pixels * t->m * WEFT_PSUM_BYTES);
  return parts > 1 ? (double)(pixels * weft_flow_min(t->m, b[FILTERS] * b[HELD]) * WEFT_PSUM_BYTES) : 0;
}

static int maps(const weft_fabric_t *f, const weft_shape_t *s, bool wide, weft_map_t *map, int max) {
  const int64_t pes = f->rows * f->cols, tap[] = {s->R * s->S, s->S, 1}, words = weft_flow_ceil(s->C, f->lanes);
  int count = 0;
  for (int i = 0; i < 3; i++)
    for (int64_t held = 1; held <= (wide ? 64 : 1); held *= 2)
      for (int64_t w = 1; w <= words && w * tap[i] <= pes && count < max; w = w < words && 2 * w > words ? words : 2 * w) {
        if ((i && tap[i] == tap[i - 1]) || tap[i] > pes || held > 2 * s->M) continue;
        const double filter = (double)(held * f->lanes), window = held > 1 ? f->lanes : 0;
        map[count++] = (weft_map_t){.b = {tap[i], w, weft_flow_min(pes / (w * tap[i]), weft_flow_ceil(s->M, held)), held},
          .stores = {.fspad = filter, .window = window, .buffer = f->area - f->area_ratio * (double)pes * (filter + window)}};
      }
  return count;
}

const weft_schedule_t weft_schedule_ws = {tile, maps};
