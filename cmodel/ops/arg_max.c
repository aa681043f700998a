/* SPDX-License-Identifier: Apache-2.0
 *
 * ARG_MAX: the index of the largest value along one axis, the first of equals; INT32 or INT64.
 */
#include "move.h"

const char *weft_op_arg_max_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  if (x->type != WEFT_I8 && x->type != WEFT_U8) return "the input must be INT8 or UINT8";
  if (y->type != WEFT_I32 && y->type != WEFT_I64) return "the output must be INT32 or INT64";
  const int axis = weft_op_axis(weft_op_in(g, op, 1), x->rank);
  if (axis < 0) return "the axis must be a constant INT32 or INT64, one of the input's";
  return y->elements == x->elements / (size_t)x->dim[axis] ? NULL : "the output must have the input's shape without the axis";
}

void weft_op_arg_max_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  const int axis = weft_op_axis(weft_op_in(g, op, 1), x->rank);
  const size_t outer = weft_op_outer(x, axis), inner = weft_op_inner(x, axis), n = (size_t)x->dim[axis];
  const uint8_t flip = x->type == WEFT_I8 ? 0x80 : 0;     /* INT8 bytes in unsigned order */
  const uint8_t *from = data[op->in[0]];
  for (size_t o = 0, k = 0; o < outer; o++, from += n * inner)
    for (size_t i = 0; i < inner; i++, k++) {
      size_t best = 0;
      for (size_t a = 1; a < n; a++)
        if ((from[a * inner + i] ^ flip) > (from[best * inner + i] ^ flip)) best = a;
      if (y->type == WEFT_I32) ((int32_t *)data[op->out[0]])[k] = (int32_t)best;
      else ((int64_t *)data[op->out[0]])[k] = (int64_t)best;
    }
}
