/* SPDX-License-Identifier: Apache-2.0
 *
 * The cost model of convolutions' plans, and the best of those that it has seen. Private to conv_plan.c, which walks the mappings and tilings.
 */
#ifndef WEFT_CONV_COST_H
#define WEFT_CONV_COST_H

#include "conv_plan.h"

typedef struct {
  const weft_conv_geom_t *g;
  const weft_config_t *cfg;
  weft_conv_plan_t *best;      /* WEFT_CONV_PLANS; cycles 0: none yet */
  double worst;                /* score of the mappings' worst, once there are enough */
  uint64_t *work;
  bool found;
} weft_conv_search_t;

static inline int weft_max(int a, int b) { return a > b ? a : b; }
static inline int weft_min(int a, int b) { return a < b ? a : b; }

int weft_conv_position_words(const weft_conv_plan_t *p);
/* Cycles of one filter block over an oh x ow tile. */
double weft_conv_block_cycles(const weft_conv_search_t *s, const weft_conv_plan_t *p, int oh, int ow);
/* Of the array for the whole layer, tiles_y x tiles_x tiles of p->th x p->tw. */
double weft_conv_array_cycles(const weft_conv_search_t *s, const weft_conv_plan_t *p, int tiles_y, int tiles_x);
/* Can tiles of th x tw be pooled? Narrow ones must not share windows; rows that are carried need whole tiles of channels one behind the other. */
bool weft_conv_poolable(const weft_conv_search_t *s, weft_conv_plan_t *p);
/* Buffer words of an ifmap tile and of an ofmap tile. */
void weft_conv_tile_words(const weft_conv_search_t *s, weft_conv_plan_t *p, int th, int tw);
/* No tiling with so many cycles of the array can be the best by any aim. */
bool weft_conv_hopeless(const weft_conv_search_t *s, double arr);
/* A tiling whose slots are given and need so many words: it is kept for each aim by which it is the best so far. */
void weft_conv_weigh(weft_conv_search_t *s, const weft_conv_plan_t *p, double arr, int need, int tiles_y, int tiles_x);

#endif
