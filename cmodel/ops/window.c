/* SPDX-License-Identifier: Apache-2.0
 *
 * Geometry of sliding windows: padding and output size as TFLite computes them.
 */
#include "window.h"

static int pad_before(int in, int out, int filter, int stride, int dilation) {
  int total = (out - 1) * stride + (filter - 1) * dilation + 1 - in;
  return total > 0 ? total / 2 : 0;
}

int weft_window_size(weft_padding_t padding, int in, int filter, int stride, int dilation) {
  if (padding == WEFT_PAD_SAME) return (in + stride - 1) / stride;
  return (in + stride - 1 - (filter - 1) * dilation) / stride;
}

void weft_window(const weft_graph_t *g, const weft_op_t *op, weft_window_t *w) {
  const weft_tensor_t *x = &g->tensor[op->in[0]], *y = &g->tensor[op->out[0]];
  const bool pool = op->code == WEFT_OP_AVERAGE_POOL_2D || op->code == WEFT_OP_MAX_POOL_2D;
  const weft_tensor_t *f = pool ? NULL : &g->tensor[op->in[1]];
  *w = (weft_window_t){
      .batch = x->dim[0], .in_h = x->dim[1], .in_w = x->dim[2], .in_c = x->dim[3],
      .out_h = y->dim[1], .out_w = y->dim[2], .out_c = y->dim[3],
      .filter_h = pool ? op->filter_h : f->dim[1], .filter_w = pool ? op->filter_w : f->dim[2],
      .stride_h = op->stride_h, .stride_w = op->stride_w,
      .dilation_h = pool ? 1 : op->dilation_h, .dilation_w = pool ? 1 : op->dilation_w,
  };
  if (op->padding == WEFT_PAD_SAME) {
    w->pad_top = pad_before(w->in_h, w->out_h, w->filter_h, w->stride_h, w->dilation_h);
    w->pad_left = pad_before(w->in_w, w->out_w, w->filter_w, w->stride_w, w->dilation_w);
  }
}

weft_window_t weft_transpose_window(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *f = &g->tensor[op->in[1]], *x = &g->tensor[op->in[2]], *y = &g->tensor[op->out[0]];
  weft_window_t w = {
      .batch = x->dim[0], .in_h = x->dim[1], .in_w = x->dim[2], .in_c = x->dim[3],
      .out_h = y->dim[1], .out_w = y->dim[2], .out_c = y->dim[3],
      .filter_h = f->dim[1], .filter_w = f->dim[2], .stride_h = op->stride_h, .stride_w = op->stride_w, .dilation_h = 1, .dilation_w = 1,
  };
  if (op->padding == WEFT_PAD_SAME) {
    w.pad_top = pad_before(w.out_h, w.in_h, w.filter_h, w.stride_h, 1);
    w.pad_left = pad_before(w.out_w, w.in_w, w.filter_w, w.stride_w, 1);
  }
  return w;
}

const char *weft_window_accept(const weft_graph_t *g, const weft_op_t *op) {
  const bool pool = op->code == WEFT_OP_AVERAGE_POOL_2D || op->code == WEFT_OP_MAX_POOL_2D;
  if (g->tensor[op->in[0]].rank != 4 || g->tensor[op->out[0]].rank != 4 || (!pool && g->tensor[op->in[1]].rank != 4))
    return "input, weights and output must have rank 4";
  weft_window_t w;
  weft_window(g, op, &w);
  if (w.stride_h < 1 || w.stride_w < 1 || w.dilation_h < 1 || w.dilation_w < 1 || w.filter_h < 1 || w.filter_w < 1)
    return "stride, dilation and filter size must be at least 1";
  if (g->tensor[op->out[0]].dim[0] != w.batch || w.out_h < 1 || w.out_w < 1 ||
      w.out_h != weft_window_size(op->padding, w.in_h, w.filter_h, w.stride_h, w.dilation_h) ||
      w.out_w != weft_window_size(op->padding, w.in_w, w.filter_w, w.stride_w, w.dilation_w))
    return "output size does not follow from input, window, stride and padding";
  return NULL;
}
