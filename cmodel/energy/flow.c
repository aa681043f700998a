/* SPDX-License-Identifier: Apache-2.0
 *
 * Tiles of a layer, traffic between DRAM and buffer, and the search for the cheapest mapping (flow.h).
 *
 * Filters outer: a tile of filters stands in the buffer while all ifmap tiles pass; ifmap outer: the reverse. What is in the buffer whole is
 * loaded once. Neighbouring ifmap tiles share rows, which are loaded again. Partial tiles are counted by their own size.
 */
#include <stdlib.h>
#include <string.h>

#include "flow.h"

enum { MAPS = 16384, SIZES = 24 };

const char *const weft_flow_name[WEFT_FLOWS] = {"row-stationary", "weight-stationary", "output-stationary", "no local reuse"};
const char *const weft_charge_name[WEFT_CHARGES] = {"in MACs, a psum is four operands", "in MACs, a psum is one operand", "pJ at 45 nm"};

uint64_t weft_shape_macs(const weft_shape_t *s) { return (uint64_t)(s->groups * s->N * s->M * s->C * s->R * s->S * s->E * s->F); }

weft_fabric_t weft_fabric(const weft_config_t *cfg, double area_ratio) {
  weft_fabric_t f = {.rows = cfg->rows, .cols = cfg->cols, .lanes = cfg->lanes, .window_words = WEFT_WINDOW_WORDS, .fspad = cfg->fspad_bytes,
                     .area_ratio = area_ratio, .stores = weft_stores(cfg)};
  f.area = f.stores.buffer + area_ratio * (cfg->rows * cfg->cols * (f.stores.fspad + f.stores.window) + cfg->cols * f.stores.column);
  return f;
}

weft_charge_t weft_charge(weft_charge_kind_t kind, const weft_stores_t *s) {
  return kind == WEFT_CHARGE_PJ ? weft_charge_pj(s) : weft_charge_units(kind == WEFT_CHARGE_UNITS ? WEFT_PSUM_BYTES : WEFT_PSUM_EQUAL);
}

int64_t weft_flow_span(int64_t n, int64_t block, int64_t stride, int64_t taps, int64_t height) {
  int64_t sum = 0;
  for (int part = 0; part < 2; part++) {
    const int64_t size = part ? n % block : block, blocks = part ? 1 : n / block;
    if (size) sum += blocks * weft_flow_min(weft_flow_min(size * taps, (size - 1) * stride + taps), height);
  }
  return sum;
}

static const weft_schedule_t *schedule(weft_flow_t flow) {
  static const weft_schedule_t *const of[WEFT_FLOWS] = {&weft_schedule_rs, &weft_schedule_ws, &weft_schedule_os, &weft_schedule_nlr};
  return of[flow];
}

/* Events inside all tiles of one group. Returns the largest number of psum bytes. */
static double inside(const weft_schedule_t *flow, const weft_fabric_t *f, const weft_shape_t *s, const weft_map_t *map, const weft_tile_t *t,
                     weft_events_t *e) {
  double psums = 0;
  for (int part = 0; part < 8; part++) {
    const weft_tile_t of = {.m = part & 1 ? s->M % t->m : t->m, .e = part & 2 ? s->E % t->e : t->e, .n = part & 4 ? s->N % t->n : t->n};
    const int64_t times = (part & 1 ? 1 : s->M / t->m) * (part & 2 ? 1 : s->E / t->e) * (part & 4 ? 1 : s->N / t->n);
    if (!of.m || !of.e || !of.n || !times) continue;
    const double p = flow->tile(f, s, map, &of, (uint64_t)times, e);
    if (p > psums) psums = p;
  }
  return psums;
}

/* Bytes of the buffer that the tile takes, all groups' kept tensors included. */
static double occupied(const weft_shape_t *s, const weft_tile_t *t, double psums, bool in_kept, bool out_kept) {
  const double rows = (double)weft_flow_span(t->e, t->e, s->stride_y, s->R, s->H);
  const double in = in_kept ? (double)(s->groups * s->N * s->C * s->H * s->W) : (double)(t->n * s->C * s->W) * rows;
  const double out = out_kept ? (double)(s->groups * s->N * s->M * s->E * s->F) : 0;
  return in + out + psums + (double)(t->m * s->C * s->R * s->S);
}

/* DRAM, the DMA's side of the buffer, requantisation: of one group. */
static void outside(const weft_shape_t *s, const weft_tile_t *t, bool in_kept, bool out_kept, weft_events_t *e) {
  const int64_t filter_tiles = weft_flow_ceil(s->M, t->m), ifmap_tiles = weft_flow_ceil(s->E, t->e) * weft_flow_ceil(s->N, t->n);
  const int64_t rows = weft_flow_span(s->E, t->e, s->stride_y, s->R, s->H), outputs = s->N * s->M * s->E * s->F;
  const int64_t ifmap = s->N * s->C * s->W * rows * (t->ifmap_outer || ifmap_tiles == 1 ? 1 : filter_tiles);
  const int64_t filters = s->M * s->C * s->R * s->S * (t->ifmap_outer && filter_tiles > 1 ? ifmap_tiles : 1);
  const int64_t params = s->M * (int64_t)WEFT_AS_PARAM_BYTES, in = (in_kept ? 0 : ifmap) + filters + params, out = out_kept ? 0 : outputs;
  e->n[WEFT_EV_DRAM_RD] += (uint64_t)in;
  e->n[WEFT_EV_BUF_LOAD] += (uint64_t)in;
  e->n[WEFT_EV_DRAM_WR] += (uint64_t)out;
  e->n[WEFT_EV_BUF_STORE] += (uint64_t)out;
  e->n[WEFT_EV_BUF_PARAM] += (uint64_t)params;
  e->n[WEFT_EV_BUF_OFMAP] += (uint64_t)outputs;
  e->n[WEFT_EV_LANE] += (uint64_t)outputs;
  e->n[WEFT_EV_MAC] += weft_shape_macs(s) / (uint64_t)s->groups;
}

bool weft_flow_count(weft_flow_t flow, const weft_fabric_t *f, const weft_shape_t *s, const weft_map_t *map, const weft_tile_t *t, bool in_kept,
                     bool out_kept, weft_events_t *e) {
  weft_events_t one = {{0}};
  const double psums = inside(schedule(flow), f, s, map, t, &one);
  outside(s, t, in_kept, out_kept, &one);
  memset(e, 0, sizeof *e);
  weft_events_add(e, &one, (uint64_t)s->groups);
  return occupied(s, t, psums, in_kept, out_kept) <= map->stores.buffer;
}

/* 1, 2, 4 .. and n itself. */
static int sizes(int64_t n, int64_t to[SIZES]) {
  int count = 0;
  for (int64_t i = 1; i < n && count < SIZES - 1; i *= 2) to[count++] = i;
  to[count++] = n;
  return count;
}

typedef struct {
  const weft_schedule_t *flow;
  const weft_fabric_t *f;
  const weft_shape_t *s;
  weft_layer_best_t *to;
} search_t;

static double cost_of(const weft_events_t *e, const weft_charge_t *c) {
  double sum = 0;
  for (int i = 0; i < WEFT_EVENTS; i++) sum += (double)e->n[i] * c->cost[i];
  return sum;
}

/* One mapping in one size of tiles: the order and what is kept change only the outside. */
static void consider(const search_t *q, const weft_map_t *map, const weft_charge_t charge[WEFT_CHARGES], weft_tile_t t) {
  weft_events_t in = {{0}};
  if (occupied(q->s, &t, 0, false, false) > map->stores.buffer) return;
  const double psums = inside(q->flow, q->f, q->s, map, &t, &in), groups = (double)q->s->groups;
  double within[WEFT_CHARGES];
  for (int k = 0; k < WEFT_CHARGES; k++) within[k] = cost_of(&in, &charge[k]);
  for (int way = 0; way < 8; way++) {
    const bool in_kept = way & 1, out_kept = way & 2;
    t.ifmap_outer = way & 4;
    if (occupied(q->s, &t, psums, in_kept, out_kept) > map->stores.buffer) continue;
    weft_events_t out = {{0}};
    outside(q->s, &t, in_kept, out_kept, &out);
    for (int k = 0; k < WEFT_CHARGES; k++) {
      weft_best_t *b = &q->to->best[k][in_kept][out_kept];
      if (b->found && b->cost <= within[k] * groups) continue;
      const double cost = (within[k] + cost_of(&out, &charge[k])) * groups;
      if (b->found && b->cost <= cost) continue;
      *b = (weft_best_t){.found = true, .cost = cost, .map = *map, .tile = t};
      weft_events_add(&b->events, &in, (uint64_t)q->s->groups);
      weft_events_add(&b->events, &out, (uint64_t)q->s->groups);
    }
  }
}

bool weft_flow_layer(weft_flow_t flow, const weft_fabric_t *f, const weft_shape_t *s, bool wide, weft_layer_best_t *to) {
  weft_map_t *map = malloc(MAPS * sizeof *map);
  const search_t q = {schedule(flow), f, s, to};
  int64_t m[SIZES], e[SIZES], n[SIZES];
  const int maps = map ? q.flow->maps(f, s, wide, map, MAPS) : MAPS, nm = sizes(s->M, m), ne = sizes(s->E, e), nn = sizes(s->N, n);
  memset(to, 0, sizeof *to);
  for (int i = 0; i < maps && maps < MAPS; i++) {
    weft_charge_t c[WEFT_CHARGES];
    for (int k = 0; k < WEFT_CHARGES; k++) c[k] = weft_charge((weft_charge_kind_t)k, &map[i].stores);
    for (int tile = 0; tile < nm * ne * nn; tile++)
      consider(&q, &map[i], c, (weft_tile_t){.m = m[tile % nm], .e = e[tile / nm % ne], .n = n[tile / nm / ne]});
  }
  free(map);
  return maps < MAPS;
}
