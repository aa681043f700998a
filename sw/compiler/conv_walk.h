/* SPDX-License-Identifier: Apache-2.0
 *
 * A planned convolution as LOAD, CONV and STORE commands, tile by tile. Layers whose filters, ifmaps or ofmaps are no plain tensors put
 * functions of their own in place of a load or store.
 */
#ifndef WEFT_CONV_WALK_H
#define WEFT_CONV_WALK_H

#include "conv_image.h"

typedef struct {
  weft_emit_t *e;
  const weft_conv_geom_t *g;
  const weft_conv_plan_t *p;
  weft_image_t in, out;
  int held;                    /* first word of the ifmap, if g->held */
  int64_t filters, ifmap;      /* numbers of the operands, when a layer has several of them; what a slot holds is not loaded again */

  /* NULL, or: writes the filter image of the plan's block `blk` to buffer word `at`; `fresh` when the slot held other blocks. */
  int (*load_filters)(void *ctx, int blk, int at, bool fresh);
  /* NULL, or: brings the rectangle into the buffer, pixels p->in_pix words apart, rows `row`. */
  int (*load_ifmap)(void *ctx, const weft_rect_t *r, int at, int row);
  /* NULL, or: stores the rectangle; rows and pixels `row` and `pix` words apart. */
  int (*store)(void *ctx, const weft_rect_t *r, int at, int row, int pix);
  void *ctx;
  struct weft_by_value *value; /* NULL, or: the operator that each tile goes through (by_value.h) */
  struct weft_pooled *pooled;  /* NULL, or: what is made of each tile and stored instead (pooled.h) */

  /* Own: */
  uint32_t *blob;              /* offset of each filter block's image and entries in the constants */
  int wbase, ibase, obase;     /* first slots; obase: the whole ofmap, if g->stay */
  int wstep, istep, ostep;     /* words from slot to slot */
  int64_t wkey[2], ikey[2], ekey[2];      /* what the slots hold, -1: nothing; ekey: requantisation entries beside computed filters */
  int wnext, inext, onext, oslot;
} weft_walk_t;

/* Chooses a plan; then slots and constants; extra: NULL, or a class of two slots for the functions' own use, of *extra words each, and
 * becomes its first word. weft_walk_end() must follow a success of weft_walk_begin(). */
int weft_walk_begin(weft_walk_t *w, weft_conv_plan_t *p, const weft_conv_data_t *d, int *extra);
/* All tiles once; again after in, out, filters or ifmap have changed. */
int weft_walk(weft_walk_t *w);
void weft_walk_end(weft_walk_t *w);

/* The mapping for the table of layers. */
void weft_walk_describe(weft_layer_t *layer, const weft_conv_plan_t *p, const char *more);

#endif
