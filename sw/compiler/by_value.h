/* SPDX-License-Identifier: Apache-2.0
 *
 * The value-by-value operator behind a convolution (ADD of a residual, GELU, ...), made of each of its tiles while they are in the buffer.
 *
 * The convolution's own result is never stored and the lanes work while the array does the next tile. A second operand is loaded tile by tile, in the
 * layout of the convolution's tile, unless the buffer holds it.
 */
#ifndef WEFT_BY_VALUE_H
#define WEFT_BY_VALUE_H

#include "conv_walk.h"
#include "lane_program.h"

typedef struct weft_by_value {
  weft_emit_t emit;            /* the convolution's, with the value-by-value operator as its operator */
  int second;                  /* the other operand, or -1 */
  weft_image_t image;          /* of it and of the result */
  int held;                    /* first word where the buffer holds all of it, or -1 */
  weft_lane_t lane;
  int tables, base, step;      /* buffer words: of the tables, of the two slots of the other operand, from one to the other */
  int next, slot;
  bool loaded;                 /* the tables are */
} weft_by_value_t;

/* The operator that e->onto is; `out`: the convolution's result as the walk sees it. False: it cannot be made of tiles. Sets g's fields for the plan. */
bool weft_by_value_begin(weft_by_value_t *r, const weft_emit_t *e, const weft_image_t *out, weft_conv_geom_t *g);
/* Whether the buffer still holds the other operand, after something was forgotten. */
void weft_by_value_look(weft_by_value_t *r, weft_conv_geom_t *g);
/* Brings the tables and what goes with the rectangle of a tile that comes next into r->slot. */
int weft_by_value_load(weft_by_value_t *r, const weft_walk_t *w, const weft_rect_t *out);
/* Applies the operator, with what is in that slot, to the channels of the rectangle `part` that stand from word `at` on, rows `row` words apart; `c0`: first channel of the loaded rectangle. */
int weft_by_value_apply(weft_by_value_t *r, const weft_walk_t *w, int slot, const weft_rect_t *part, int c0, int at, int row);
/* Cycles of the operator by itself: for comparison. */
double weft_by_value_apart(const weft_by_value_t *r);

#endif
