/* SPDX-License-Identifier: Apache-2.0
 *
 * Schedules other than Weft's, counted: what a layer's loop nest costs at each level when weights, outputs, filter rows or nothing stay in the PEs.
 *
 * All have the same multipliers (PEs of LANES multipliers and one adder tree, as Weft's) and the same storage area: what a schedule does not
 * use as register file is buffer. A layer goes through the buffer in tiles (filters x output rows x images); inside a tile the schedule's own
 * loops run. Each picks the cheapest of all its mappings and tiles under the given charge. Only useful MACs count, idle PEs cost nothing,
 * operands enter the array without waste: all of that is in favour of these schedules when they are compared with what Weft does.
 */
#ifndef WEFT_FLOW_H
#define WEFT_FLOW_H

#include "energy.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A convolution of `groups` independent groups; M, C and so on of one group. A matrix product has R = S = H = W = E = F = 1. */
typedef struct { int64_t groups, N, M, C, R, S, stride_y, stride_x, H, W, E, F; } weft_shape_t;
uint64_t weft_shape_macs(const weft_shape_t *s);       /* of all groups, padding taps included */

typedef enum { WEFT_FLOW_RS, WEFT_FLOW_WS, WEFT_FLOW_OS, WEFT_FLOW_NLR, WEFT_FLOWS } weft_flow_t;
extern const char *const weft_flow_name[WEFT_FLOWS];

/* What all schedules share. area: storage in bytes of buffer, register files by AREA_RATIO. */
typedef struct { int rows, cols, lanes, window_words; double fspad, area, area_ratio; weft_stores_t stores; } weft_fabric_t;
weft_fabric_t weft_fabric(const weft_config_t *cfg, double area_ratio);

typedef enum { WEFT_CHARGE_UNITS, WEFT_CHARGE_EQUAL, WEFT_CHARGE_PJ, WEFT_CHARGES } weft_charge_kind_t;
extern const char *const weft_charge_name[WEFT_CHARGES];
weft_charge_t weft_charge(weft_charge_kind_t kind, const weft_stores_t *s);

/* Loop bounds of a mapping, each schedule's own, as the comments in flow_*.c say; stores: the memories that it leaves. */
enum { WEFT_FLOW_BOUNDS = 7 };
typedef struct { int64_t b[WEFT_FLOW_BOUNDS]; weft_stores_t stores; } weft_map_t;
/* Filters, output rows and images of a tile; ifmap_outer: all filter tiles pass by each ifmap tile, else the other way round. */
typedef struct { int64_t m, e, n; bool ifmap_outer; } weft_tile_t;

/* One schedule. tile(): adds the events inside the array and between array and buffer of one tile of one group, `times` times, and returns
 * the bytes of psums that wait in the buffer. maps(): fills up to `max` mappings, those of register files as published or (wide) any. */
typedef struct {
  double (*tile)(const weft_fabric_t *f, const weft_shape_t *s, const weft_map_t *map, const weft_tile_t *t, uint64_t times, weft_events_t *e);
  int (*maps)(const weft_fabric_t *f, const weft_shape_t *s, bool wide, weft_map_t *map, int max);
} weft_schedule_t;
extern const weft_schedule_t weft_schedule_rs, weft_schedule_ws, weft_schedule_os, weft_schedule_nlr;

/* The cheapest mapping of a layer under each charge; [1][..]: the ifmap stays in the buffer from the layer before, [..][1]: the ofmap stays. */
typedef struct { bool found; double cost; weft_map_t map; weft_tile_t tile; weft_events_t events; } weft_best_t;
typedef struct { weft_best_t best[WEFT_CHARGES][2][2]; } weft_layer_best_t;
/* False without memory, or when there are more mappings than it has room for. */
bool weft_flow_layer(weft_flow_t flow, const weft_fabric_t *f, const weft_shape_t *s, bool wide, weft_layer_best_t *to);

/* A layer with a given mapping and tile; false when the tile does not fit. The search uses it, tests compare it with the machine model. */
bool weft_flow_count(weft_flow_t flow, const weft_fabric_t *f, const weft_shape_t *s, const weft_map_t *map, const weft_tile_t *t, bool in_kept,
                     bool out_kept, weft_events_t *e);

/* ---- a chain of layers (flow_net.c) */
/* conv: shape counts. Otherwise fixed is what the layer costs in any schedule, without DRAM and the DMA's side of the buffer. alias: nothing moves,
 * the ofmap is the ifmap. */
typedef struct { bool conv, alias; weft_shape_t shape; weft_events_t fixed; uint64_t in_bytes, out_bytes; bool follows; } weft_stage_t;
/* layer, events: of n stages, the caller's. */
typedef struct { weft_energy_t total, *layer; weft_events_t *events; } weft_flow_net_t;
/* The cheapest choice of which tensors stay in the buffer between layers, for each charge: total, and layer by layer. follows: the stage reads
 * only the tensor that the stage before it has made, and is its only reader. False when some layer has no mapping, or without memory. */
bool weft_flow_net(weft_flow_t flow, const weft_fabric_t *f, const weft_stage_t *stage, int n, bool wide, weft_flow_net_t to[WEFT_CHARGES]);

static inline int64_t weft_flow_ceil(int64_t a, int64_t b) { return (a + b - 1) / b; }
static inline int64_t weft_flow_min(int64_t a, int64_t b) { return a < b ? a : b; }
/* Ifmap rows (or columns) under n output rows in blocks of `block`, every block fetched anew: taps R, at most `height` a block. */
int64_t weft_flow_span(int64_t n, int64_t block, int64_t stride, int64_t taps, int64_t height);

#ifdef __cplusplus
}
#endif
#endif
