/* SPDX-License-Identifier: Apache-2.0
 *
 * Row-stationary, counted like the other schedules: Weft's loop nest (docs/spec.md section 4) with the best mapping for energy, without what the
 * machine wastes (partial words and packets, void pairs, zeros that fill lanes, columns of a last row block that have no output).
 *
 * Tests compare it with the machine model on layers where nothing is wasted. Bounds: channels of a group, PE rows of a chain, chains of a column, what
 * they differ in (0: output rows, 1: filters), output rows and filter groups over the columns, filters in a PE.
 */
#include "flow.h"

enum { Q, CHAIN, CHAINS, BY_FILTER, E_COLS, T, P };

/* Ifmap rows that all folds fetch for a row block of `block` output rows, summed over channel groups: pairs (filter row, group) are dealt to the
 * chain in order, so a fold may hold only some filter rows of a group. n: output rows in all. */
static int64_t rows_fetched(const weft_shape_t *s, int64_t groups, int64_t chain, int64_t n, int64_t block) {
  int64_t sum = 0;
  for (int64_t pair = 0; pair < s->R * groups;) {
    const int64_t fold_end = (pair / chain + 1) * chain, group_end = (pair / s->R + 1) * s->R;
    const int64_t end = weft_flow_min(weft_flow_min(fold_end, group_end), s->R * groups);
    sum += weft_flow_span(n, block, s->stride_y, end - pair, s->H);
    pair = end;
  }
  return sum;
}

static double tile(const weft_fabric_t *f, const weft_shape_t *s, const weft_map_t *map, const weft_tile_t *t, uint64_t times, weft_events_t *e) {
  const int64_t *b = map->b, groups = weft_flow_ceil(s->C, b[Q]), pairs = s->R * groups, folds = weft_flow_ceil(pairs, b[CHAIN]);
  const int64_t block = b[E_COLS] * (b[BY_FILTER] ? 1 : b[CHAINS]), filters = b[T] * b[P] * (b[BY_FILTER] ? b[CHAINS] : 1);
  const int64_t across = weft_flow_min(s->F, WEFT_ACC_DEPTH / (b[P] * b[CHAINS])), tiles = weft_flow_ceil(s->F, across);
  const int64_t outputs = t->n * t->e * s->F * t->m, weights = t->m * s->C * s->R * s->S;
  const int64_t columns = weft_flow_span(s->F, across, s->stride_x, s->S, INT64_MAX), inside = weft_flow_span(s->F, across, s->stride_x, s->S, s->W);
  const uint64_t macs = (uint64_t)(outputs * s->C * s->R * s->S), words = (uint64_t)(outputs * s->R * s->S * weft_flow_ceil(s->C, f->lanes));
  /* Every PE takes the row of its pair and output row; filters stay when they are there whole, else they come for every pass. */
  const uint64_t in = (uint64_t)(weft_flow_ceil(t->m, b[P]) * t->n * t->e * s->R * s->C * columns);
  const int64_t loads = folds == 1 ? 1 : t->n * tiles * weft_flow_ceil(t->e, block), holders = folds == 1 ? weft_flow_min(block, t->e) : t->n * tiles * t->e;
  const int64_t rows = rows_fetched(s, groups, b[CHAIN], t->e, block);
  e->n[WEFT_EV_BUF_IFMAP] += times * (uint64_t)(weft_flow_ceil(t->m, filters) * t->n * rows * weft_flow_min(b[Q], s->C) * inside);
  e->n[WEFT_EV_NET_IFMAP] += times * in;
  e->n[WEFT_EV_WINDOW_WR] += times * in;
  e->n[WEFT_EV_WINDOW_RD] += times * macs;
  e->n[WEFT_EV_BUF_FILTER] += times * (uint64_t)(weights * loads);
  e->n[WEFT_EV_NET_FILTER] += times * (uint64_t)(weights * holders);
  e->n[WEFT_EV_FILTER_WR] += times * (uint64_t)(weights * holders);
  e->n[WEFT_EV_FILTER_RD] += times * macs;
  e->n[WEFT_EV_ACC_RD] += times * words * WEFT_PSUM_BYTES;
  e->n[WEFT_EV_ACC_WR] += times * words * WEFT_PSUM_BYTES;
  e->n[WEFT_EV_NET_PSUM] += times * (uint64_t)(outputs * (pairs - folds) * WEFT_PSUM_BYTES);
  e->n[WEFT_EV_NET_DRAIN] += times * (uint64_t)(outputs * folds * WEFT_PSUM_BYTES);
  e->n[WEFT_EV_COLUMN_RD] += times * (uint64_t)(outputs * (folds - 1) * WEFT_PSUM_BYTES);
  e->n[WEFT_EV_COLUMN_WR] += times * (uint64_t)(outputs * (folds - 1) * WEFT_PSUM_BYTES);
  return 0;
}

/* Filters in a PE: as many as fit, and fewer. */
static int by_filters(const weft_fabric_t *f, const weft_shape_t *s, weft_map_t m, weft_map_t *map, int max) {
  int count = 0;
  const int64_t most = weft_flow_min((int64_t)f->fspad / (s->S * m.b[Q]), s->M);
  for (int64_t e = 1; e <= f->cols && e < 2 * s->E; e *= 2)
    for (int64_t p = most; p >= 1 && count < max; p /= 2) {
      if (p * m.b[CHAINS] > WEFT_ACC_DEPTH) continue;
      map[count] = m;
      map[count].b[E_COLS] = weft_flow_min(e, s->E);
      map[count].b[T] = weft_flow_min(f->cols / map[count].b[E_COLS], weft_flow_ceil(s->M, p));
      map[count++].b[P] = p;
    }
  return count;
}

static int maps(const weft_fabric_t *f, const weft_shape_t *s, bool wide, weft_map_t *map, int max) {
  int count = 0;
  (void)wide;                  /* its register files are Weft's */
  for (int64_t q = f->lanes; q == f->lanes || q < 2 * s->C; q *= 2) {
    if (s->S * q > f->window_words * f->lanes || s->S * q > (int64_t)f->fspad) break;
    const int64_t pairs = s->R * weft_flow_ceil(s->C, q);
    for (int64_t k = 1; k <= f->rows; k++) {       /* chains of whole groups, and one over all rows */
      const int64_t chain = weft_flow_min(weft_flow_min(k * s->R, pairs), f->rows);
      for (int64_t chains = 1; chains * chain <= f->rows && chains <= s->S * q / f->lanes; chains++)
        for (int by = 0; by < (chains > 1 ? 2 : 1); by++)
          count += by_filters(f, s, (weft_map_t){.b = {q, chain, chains, by}, .stores = f->stores}, map + count, max - count);
      if (chain == pairs || chain == f->rows) break;
    }
  }
  return count;
}

const weft_schedule_t weft_schedule_rs = {tile, maps};
