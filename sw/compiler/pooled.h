/* SPDX-License-Identifier: Apache-2.0
 *
 * The pool behind a convolution, made of each of its tiles while they are in the buffer.
 *
 * The convolution's own result is never stored, and the lanes pool while the array works on the next tile. Rows of a tile that windows of the next one
 * need as well are copied above the next tile's slot, so that every slot is a run of rows.
 */
#ifndef WEFT_POOLED_H
#define WEFT_POOLED_H

#include "conv_walk.h"
#include "pool.h"

typedef struct weft_pooled {
  weft_emit_t emit;            /* the convolution's, with the pool as its operator */
  weft_pool_t pool;
  weft_image_t out;
  int stay;                    /* words of the result if it stays in the buffer, else 0 */
  int base, step, next;        /* buffer words: the result, or two slots for parts of it; from one to the other */
} weft_pooled_t;

/* The pool that e->onto is. False: it cannot be made of tiles. Sets g's fields for the plan. */
bool weft_pooled_begin(weft_pooled_t *k, weft_emit_t *e, weft_conv_geom_t *g);
/* Pools what `part` (channels of a tile that stand from word `at` on, the tile's first row at `at`) completes and stores it. */
int weft_pooled_part(weft_pooled_t *k, const weft_walk_t *w, const weft_rect_t *part, int at, int row);
/* Copies the rows that the next tile's windows need above the slot whose tile begins at word `to`. */
int weft_pooled_carry(weft_pooled_t *k, const weft_walk_t *w, const weft_rect_t *tile, int at, int row, int to);
/* Cycles of the pool by itself, for comparison. */
double weft_pooled_apart(const weft_pooled_t *k);

#endif
