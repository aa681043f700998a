/* SPDX-License-Identifier: Apache-2.0
 *
 * GATHER: slices of the input along one axis, in the order of a list of indexes; the first batch_dims dimensions are shared.
 *
 * Input [batch, outer, axis, inner], indexes [batch, count], output [batch, outer, count, inner]. Constant indexes are checked when the
 * network is read; an index computed at run time that lies outside takes the nearest one inside (the reference kernels give up).
 */
#include <string.h>

#include "move.h"

weft_gather_t weft_gather(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *index = weft_op_in(g, op, 1);
  weft_gather_t s = {.batch = 1, .outer = 1, .axis = (size_t)x->dim[op->axis], .inner = weft_op_inner(x, op->axis), .count = 1};
  for (int i = 0; i < op->axis; i++) *(i < op->batch_dims ? &s.batch : &s.outer) *= (size_t)x->dim[i];
  for (int i = op->batch_dims; i < index->rank; i++) s.count *= (size_t)index->dim[i];
  return s;
}

int64_t weft_gather_index(const weft_tensor_t *t, const void *data, size_t i) {
  if (t->type == WEFT_I16) return ((const int16_t *)data)[i];
  return t->type == WEFT_I64 ? ((const int64_t *)data)[i] : ((const int32_t *)data)[i];
}

const char *weft_op_gather_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *index = weft_op_in(g, op, 1), *y = weft_op_out(g, op);
  const char *bad = weft_op_accept_moved(x, y);
  if (bad) return bad;
  if (index->type != WEFT_I16 && index->type != WEFT_I32 && index->type != WEFT_I64) return "indexes must be INT16, INT32 or INT64";
  if (op->axis >= x->rank || op->batch_dims > op->axis || op->batch_dims > index->rank) return "axis and batch_dims must be dimensions of the input";
  for (int i = 0; i < op->batch_dims; i++)
    if (x->dim[i] != index->dim[i]) return "input and indexes must agree in the first batch_dims dimensions";
  if (y->rank != x->rank + index->rank - 1 - op->batch_dims) return "the output's rank does not follow from input and indexes";
  for (int i = 0; i < y->rank; i++) {
    const int k = i - op->axis + op->batch_dims;       /* dimension of the indexes, when the output's i lies among them */
    const int32_t want = i < op->axis ? x->dim[i] : k < index->rank ? index->dim[k] : x->dim[i - (y->rank - x->rank)];
    if (y->dim[i] != want) return "the output's shape does not follow from input and indexes";
  }
  for (size_t i = 0; index->data && i < index->elements; i++) {
    const int64_t v = weft_gather_index(index, index->data, i);
    if (v < 0 || v >= x->dim[op->axis]) return "a constant index lies outside the axis";
  }
  return NULL;
}

void weft_op_gather_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *index = weft_op_in(g, op, 1);
  const weft_gather_t s = weft_gather(g, op);
  const size_t slice = s.inner * weft_dtype_size(x->type);
  const unsigned char *from = data[op->in[0]];
  unsigned char *to = data[op->out[0]];
  for (size_t b = 0; b < s.batch; b++)
    for (size_t o = 0; o < s.outer; o++, from += s.axis * slice)
      for (size_t i = 0; i < s.count; i++, to += slice) {
        const int64_t v = weft_gather_index(index, data[op->in[1]], b * s.count + i), top = (int64_t)s.axis - 1;
        memcpy(to, from + (size_t)(v < 0 ? 0 : v > top ? top : v) * slice, slice);
      }
}
