/* SPDX-License-Identifier: Apache-2.0
 *
 * Output-stationary: each PE keeps the psum of one output (wide: of several filters and pixels) until it is complete.
 *
 * The PEs share filters between pixels and pixels between filters; pixels that the windows of neighbouring outputs share go from PE to PE, so
 * that the buffer is read once for the footprint of a block of outputs, for which no storage is charged. Bounds: output rows, columns and filters
 * in space; filters and pixels of a row in a PE.
 */
#include "flow.h"

enum { ROWS, COLUMNS, FILTERS, PE_FILTERS, PE_PIXELS };

static double tile(const weft_fabric_t *f, const weft_shape_t *s, const weft_map_t *map, const weft_tile_t *t, uint64_t times, weft_events_t *e) {
  const int64_t *b = map->b, taps = s->R * s->S, pixels = t->n * t->e * s->F, across = b[COLUMNS] * b[PE_PIXELS];
  const int64_t blocks = weft_flow_ceil(t->e, b[ROWS]) * weft_flow_ceil(s->F, across);
  const int64_t footprint = weft_flow_span(t->e, b[ROWS], s->stride_y, s->R, s->H) * weft_flow_span(s->F, across, s->stride_x, s->S, s->W);
  const uint64_t macs = (uint64_t)(pixels * t->m * taps * s->C), weights = (uint64_t)(t->m * taps * s->C);
  const uint64_t words = (uint64_t)(pixels * t->m * taps * weft_flow_ceil(s->C, f->lanes));
  const uint64_t in = (uint64_t)(pixels * taps * s->C * weft_flow_ceil(t->m, b[PE_FILTERS]));
  const uint64_t filters = weights * (uint64_t)(t->n * t->e * weft_flow_ceil(s->F, b[PE_PIXELS]));
  e->n[WEFT_EV_BUF_FILTER] += times * weights * (uint64_t)(t->n * blocks);
  e->n[WEFT_EV_NET_FILTER] += times * filters;
  e->n[WEFT_EV_BUF_IFMAP] += times * (uint64_t)(weft_flow_ceil(t->m, b[FILTERS] * b[PE_FILTERS]) * s->C * t->n * footprint);
  e->n[WEFT_EV_NET_IFMAP] += times * in;
  if (b[PE_PIXELS] > 1) {
    e->n[WEFT_EV_FILTER_WR] += times * filters;
    e->n[WEFT_EV_FILTER_RD] += times * macs;
  }
  if (b[PE_FILTERS] > 1) {
    e->n[WEFT_EV_WINDOW_WR] += times * in;
    e->n[WEFT_EV_WINDOW_RD] += times * macs;
  }
  e->n[WEFT_EV_ACC_RD] += times * words * WEFT_PSUM_BYTES;
  e->n[WEFT_EV_ACC_WR] += times * words * WEFT_PSUM_BYTES;
  e->n[WEFT_EV_NET_DRAIN] += times * (uint64_t)(pixels * t->m * WEFT_PSUM_BYTES);
  return 0;
}

static int maps(const weft_fabric_t *f, const weft_shape_t *s, bool wide, weft_map_t *map, int max) {
  const int64_t pes = f->rows * f->cols, most = wide ? 8 : 1;
  int count = 0;
  for (int64_t pm = 1; pm <= most && pm < 2 * s->M; pm *= 2)
    for (int64_t pp = 1; pp <= most && pp < 2 * s->F; pp *= 2)
      for (int64_t rows = 1; rows <= s->E && rows <= pes; rows = rows < s->E && 2 * rows > s->E ? s->E : 2 * rows)
        for (int64_t c = 1; c <= weft_flow_ceil(s->F, pp) && rows * c <= pes && count < max;) {
          const int64_t m = weft_flow_min(pes / (rows * c), weft_flow_ceil(s->M, pm)), last = weft_flow_ceil(s->F, pp);
          const double filter = pp > 1 ? (double)(pm * f->lanes) : 0, window = pm > 1 ? (double)(pp * f->lanes) : 0;
          const double acc = (double)(pm * pp * WEFT_PSUM_BYTES);
          map[count++] = (weft_map_t){.b = {rows, c, m, pm, pp}, .stores = {.fspad = filter, .window = window, .acc = acc,
            .buffer = f->area - f->area_ratio * (double)pes * (filter + window + acc)}};
          c = c < last && 2 * c > last ? last : 2 * c;
        }
  return count;
}

const weft_schedule_t weft_schedule_os = {tile, maps};
