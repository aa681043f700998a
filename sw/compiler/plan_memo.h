/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans of convolutions and tiles of the lanes that were made before: a compile asks for the same several times, and the search (search.h) compiles the same network again
 * and again with few layers changed.
 */
#ifndef WEFT_PLAN_MEMO_H
#define WEFT_PLAN_MEMO_H

#include "conv_plan.h"
#include "tiles.h"

enum { WEFT_TILED = 256 };
typedef struct {
  weft_tile_cost_t cost;
  int64_t total;
  int most;                /* 0: empty */
  weft_tiles_t tiles;
} weft_tiled_t;

typedef struct {
  struct weft_planned **slot;
  size_t slots, n;
  weft_tiled_t *tiled;     /* WEFT_TILED, each overwritten when its place is wanted by others */
  uint64_t work;           /* what was spent on plans that were not there, in tilings weighed */
} weft_plan_memo_t;

/* The best plan by one aim (conv_plan.h). 0, WEFT_E_UNSUPPORTED with the reason, or WEFT_E_MEMORY. memo: zeroed at first. */
int weft_conv_plan(weft_plan_memo_t *memo, const weft_conv_geom_t *g, const weft_config_t *cfg, int aim, weft_conv_plan_t *best, weft_msg_t *m);
/* weft_tiles() of tiles.h. */
void weft_tiles_again(weft_plan_memo_t *memo, const weft_tile_cost_t *c, int64_t total, int most, weft_tiles_t *to);
void weft_plan_memo_free(weft_plan_memo_t *memo);

#endif
