/* SPDX-License-Identifier: Apache-2.0
 *
 * Row-unrolled ifmaps: for every output column the S*C bytes of its window row as one pixel of S*C channels.
 *
 * For ifmaps of few channels. The layer becomes one of R x 1 taps with horizontal stride 1: full lanes, and a network packet carries a
 * window row instead of a pixel. LOAD does it, since a run may begin anywhere; at the borders it brings bytes from beside the row, which two VEC
 * commands replace by the zero point.
 */
#ifndef WEFT_UNROLL_H
#define WEFT_UNROLL_H

#include "conv_walk.h"

typedef struct {
  weft_emit_t *e;
  const weft_conv_geom_t *g;   /* the layer as it is */
  weft_place_t place;
  int first, last;             /* output columns first..last-1 whose windows lie inside the image */
  int words;                   /* of an unrolled pixel */
  int base;                    /* buffer: two masks for each column at the borders */
  bool masked;                 /* they are loaded */
  const weft_walk_t *walk;
} weft_unroll_t;

/* False when the layer or its place do not allow it. Else *to is the layer as the walk sees it. */
bool weft_unroll_geometry(weft_unroll_t *u, weft_conv_geom_t *to);
int weft_unroll_mask_words(const weft_unroll_t *u);
/* The walk's load_ifmap; ctx: the weft_unroll_t. */
int weft_unroll_load(void *ctx, const weft_rect_t *r, int at, int row);

#endif
