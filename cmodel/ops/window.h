/* SPDX-License-Identifier: Apache-2.0
 *
 * Geometry of a window that slides over an ifmap: convolution, depthwise convolution, pooling.
 *
 * One place for TFLite's padding arithmetic; the compiler takes it from here too. Tap (r, s) of output (y, x) reads input row
 * y * stride_h - pad_top + r * dilation_h and the column likewise; taps outside the image do not count.
 */
#ifndef WEFT_OPS_WINDOW_H
#define WEFT_OPS_WINDOW_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  int batch, in_h, in_w, in_c, out_h, out_w, out_c;
  int filter_h, filter_w, stride_h, stride_w, dilation_h, dilation_w;
  int pad_top, pad_left;   /* the smaller half when SAME needs an odd number */
} weft_window_t;

/* CONV_2D, DEPTHWISE_CONV_2D, AVERAGE_POOL_2D, MAX_POOL_2D of an imported graph. Pooling has dilation 1. */
void weft_window(const weft_graph_t *g, const weft_op_t *op, weft_window_t *w);

/* TRANSPOSE_CONV: sizes of ifmap and ofmap, and the padding of the convolution from the ofmap back to the ifmap. */
weft_window_t weft_transpose_window(const weft_graph_t *g, const weft_op_t *op);

/* Output size along one axis; 0 or less when a VALID window does not fit. */
int weft_window_size(weft_padding_t padding, int in, int filter, int stride, int dilation);

/* NULL when the tensors have rank 4 and the output has the size that the window gives, else what is wrong. */
const char *weft_window_accept(const weft_graph_t *g, const weft_op_t *op);

/* Taps [*first, *last) of one axis that fall inside 0..size-1 for an origin (output * stride - pad). */
static inline void weft_window_taps(int origin, int filter, int dilation, int size, int *first, int *last) {
  *first = origin < 0 ? (-origin + dilation - 1) / dilation : 0;
  const int n = size - origin;                                 /* how far the image still reaches */
  *last = n <= 0 ? 0 : (n + dilation - 1) / dilation;
  if (*last > filter) *last = filter;
  if (*first > *last) *first = *last;
}

#ifdef __cplusplus
}
#endif
#endif
