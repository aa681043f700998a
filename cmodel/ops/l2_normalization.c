/* SPDX-License-Identifier: Apache-2.0
 *
 * L2_NORMALIZATION over the last dimension: each row divided by the root of its sum of squares, int8 out in steps of 1/128.
 *
 * The sum of squares is exact, its inverse root comes from five Newton steps (weft_inv_sqrt) and scales the row.
 */
#include "fixmath.h"
#include "ops.h"
#include "quant.h"

enum { OUT_FRACTION = 7, MOST = INT32_MAX / (255 * 255) };   /* values of a row whose squares fit the sum */

const char *weft_op_l2_normalization_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  const char *bad = weft_op_accept_i8(x);
  if (bad || (bad = weft_op_accept_i8(y))) return bad;
  if (x->rank < 1 || !weft_op_same_shape(x, y)) return "input and output must have the same shape, of rank 1 or more";
  if (op->act != WEFT_ACT_NONE) return "no fused activation is possible";
  if (y->scale[0] != 1.0f / (1 << OUT_FRACTION) || y->zero[0] != 0) return "the output must have scale 1/128 and zero point 0";
  return x->dim[x->rank - 1] <= MOST ? NULL : "rows of more than 33025 values";
}

void weft_op_l2_normalization_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *t = weft_op_in(g, op, 0);
  const size_t depth = (size_t)t->dim[t->rank - 1];
  const int32_t zx = t->zero[0];
  const int8_t *x = data[op->in[0]];
  int8_t *y = data[op->out[0]];
  for (size_t done = 0; done < t->elements; done += depth, x += depth, y += depth) {
    int32_t squares = 0, q;
    int e;
    for (size_t i = 0; i < depth; i++) squares += (x[i] - zx) * (x[i] - zx);
    weft_inv_sqrt(squares, &q, &e);
    for (size_t i = 0; i < depth; i++) y[i] = weft_requant(x[i] - zx, q, e + OUT_FRACTION, 0, INT8_MIN, INT8_MAX);
  }
}
