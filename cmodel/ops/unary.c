/* SPDX-License-Identifier: Apache-2.0
 *
 * Every operator from one int8 tensor to one of the same shape that treats each value alike: 256 bytes looked up (unary_table.c).
 */
#include <string.h>

#include "ops.h"
#include "unary_table.h"

const char *weft_op_unary_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  const char *bad = weft_op_accept_i8(x);
  if (bad || (bad = weft_op_accept_i8(y))) return bad;
  return x->elements == y->elements ? NULL : "output size differs from the input's";
}

void weft_op_unary_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  int8_t table[256];
  if (weft_unary_table(g, op, table)) return;   /* the dispatch table brings only operators that have one */
  const uint8_t *from = data[op->in[0]];
  int8_t *to = data[op->out[0]];
  const size_t n = weft_op_in(g, op, 0)->elements;
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {   /* eight at a time: one load and one store of the feature maps */
    uint8_t x[8], y[8];
    memcpy(x, from + i, 8);
    for (int k = 0; k < 8; k++) y[k] = (uint8_t)table[x[k]];
    memcpy(to + i, y, 8);
  }
  for (; i < n; i++) to[i] = table[from[i]];
}
