/* SPDX-License-Identifier: Apache-2.0
 *
 * RESHAPE and SQUEEZE: the same bytes under another shape. The references do not compare the quantisation, nor do we.
 */
#include <string.h>

#include "ops.h"

const char *weft_op_reshape_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  return x->type == y->type && x->elements == y->elements ? NULL : "input and output must have the same type and number of elements";
}

void weft_op_reshape_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *x = weft_op_in(g, op, 0);
  memmove(data[op->out[0]], data[op->in[0]], x->elements * weft_dtype_size(x->type));
}
