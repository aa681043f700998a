/* SPDX-License-Identifier: Apache-2.0
 *
 * The ADD behind a convolution, made of each of its tiles while they are in the buffer.
 *
 * The convolution's own result is never stored and the lanes add while the array works on the next tile. What is added is loaded tile by tile, in the
 * layout of the convolution's tile, unless the buffer holds it.
 */
#ifndef WEFT_RESIDUAL_H
#define WEFT_RESIDUAL_H

#include "conv_walk.h"
#include "lane_program.h"

typedef struct weft_residual {
  weft_emit_t add;             /* the convolution's, with the ADD as its operator */
  int with;                    /* tensor that is added */
  weft_image_t image;          /* of it and of the sum */
  int held;                    /* first word where the buffer holds all of it, or -1 */
  weft_lane_t lane;
  int tables, base, step;      /* buffer words: of the tables, of the two slots of what is added, from one to the other */
  int next, slot;
  bool loaded;                 /* the tables are */
} weft_residual_t;

/* The ADD that e->onto is; `out`: the convolution's result as the walk sees it. False: it cannot be made of tiles. Sets g's fields for the plan. */
bool weft_residual_begin(weft_residual_t *r, const weft_emit_t *e, const weft_image_t *out, weft_conv_geom_t *g);
/* Whether the buffer still holds what is added, after something was forgotten. */
void weft_residual_look(weft_residual_t *r, weft_conv_geom_t *g);
/* Brings what is added to the rectangle of a tile that comes next into r->slot. */
int weft_residual_load(weft_residual_t *r, const weft_walk_t *w, const weft_rect_t *out);
/* Adds what is in that slot to the channels of the rectangle `part` that stand from word `at` on, rows `row` words apart; `c0`: first channel of the loaded rectangle. */
int weft_residual_add(weft_residual_t *r, const weft_walk_t *w, int slot, const weft_rect_t *part, int c0, int at, int row);
/* Cycles of an ADD by itself, which the sum of tiles saves: for comparison. */
double weft_residual_apart(const weft_residual_t *r);

#endif
