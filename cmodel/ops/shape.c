/* SPDX-License-Identifier: Apache-2.0
 *
 * SHAPE: the input's dimensions as numbers. Shapes are fixed, so the importer folds it; the input's bytes are not looked at.
 */
#include "ops.h"

const char *weft_op_shape_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  if (y->type != WEFT_I32 && y->type != WEFT_I64) return "the output must be INT32 or INT64";
  return y->rank == 1 && y->elements == (size_t)x->rank ? NULL : "the output must have one number for each dimension of the input";
}

void weft_op_shape_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  for (int i = 0; i < x->rank; i++) {
    if (y->type == WEFT_I32) ((int32_t *)data[op->out[0]])[i] = x->dim[i];
    else ((int64_t *)data[op->out[0]])[i] = x->dim[i];
  }
}
