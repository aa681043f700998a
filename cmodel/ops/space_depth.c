/* SPDX-License-Identifier: Apache-2.0
 *
 * SPACE_TO_DEPTH and DEPTH_TO_SPACE: squares of block x block pixels become one pixel of block * block times the channels, and back.
 *
 * The deep side is [batch, h, w, row of the block, column of the block, channels], the wide side [batch, h, row, w, column, channels].
 */
#include "move.h"

static const weft_tensor_t *wide(const weft_graph_t *g, const weft_op_t *op) {
  return op->code == WEFT_OP_SPACE_TO_DEPTH ? weft_op_in(g, op, 0) : weft_op_out(g, op);
}

static const weft_tensor_t *deep(const weft_graph_t *g, const weft_op_t *op) {
  return op->code == WEFT_OP_SPACE_TO_DEPTH ? weft_op_out(g, op) : weft_op_in(g, op, 0);
}

const char *weft_op_space_depth_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *w = wide(g, op), *d = deep(g, op);
  const char *bad = weft_op_accept_moved(w, d);
  if (bad) return bad;
  if (w->rank != 4 || d->rank != 4 || op->block_size < 1) return "input and output must have rank 4, the block size must be at least 1";
  const int64_t n = op->block_size;
  return w->dim[0] == d->dim[0] && w->dim[1] == d->dim[1] * n && w->dim[2] == d->dim[2] * n && w->dim[3] * n * n == d->dim[3]
             ? NULL : "height and width must be whole blocks, and channels change by block * block";
}

void weft_space_depth_move(const weft_graph_t *g, const weft_op_t *op, weft_move_t *v) {
  const weft_tensor_t *w = wide(g, op), *d = deep(g, op);
  const int64_t n = op->block_size, c = w->dim[3], row = w->dim[2] * c, deep_pixel = d->dim[3];
  *v = (weft_move_t){.rank = 6, .n = {d->dim[0], d->dim[1], d->dim[2], n, n, c},
                     .from = {w->dim[1] * row, n * row, n * c, row, c, 1},
                     .to = {d->dim[1] * d->dim[2] * deep_pixel, d->dim[2] * deep_pixel, deep_pixel, n * c, c, 1}};
  for (int i = 0; i < v->rank && op->code == WEFT_OP_DEPTH_TO_SPACE; i++) {
    const int64_t t = v->from[i];
    v->from[i] = v->to[i];
    v->to[i] = t;
  }
}

void weft_op_space_depth_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  weft_move_t v;
  weft_space_depth_move(g, op, &v);
  weft_move(&v, data[op->in[0]], data[op->out[0]], weft_dtype_size(weft_op_in(g, op, 0)->type));
}
