/* SPDX-License-Identifier: Apache-2.0
 *
 * Pooling of a piece that stands in the buffer: shared by the pools by themselves (pool_lower.c) and those behind a convolution (pooled.h).
 */
#ifndef WEFT_POOL_H
#define WEFT_POOL_H

#include "emit.h"
#include "ops/window.h"

typedef struct {
  weft_emit_t *e;
  weft_window_t w;
  bool max;
  int32_t lo, hi;
} weft_pool_t;

/* The piece as it lies in the buffer: words of ifmap row y0, column 0 and of ofmap row oy0, column 0 (that they need not contain), words of the channels,
 * from row to row and from pixel to pixel. */
typedef struct { int in, out, y0, oy0, cw, irow, ipix, orow, opix; } weft_pool_place_t;

/* e->op's window and limits; WEFT_E_UNSUPPORTED with the reason. */
int weft_pool_begin(weft_emit_t *e, weft_pool_t *p);
/* Output rows oy..oy+rows-1, columns ox..ox+columns-1. */
int weft_pool_piece(const weft_pool_t *p, const weft_pool_place_t *t, int oy, int rows, int ox, int columns);

#endif
