/* SPDX-License-Identifier: Apache-2.0
 *
 * QUANTIZE (int8 to int8), stand-alone RELU and RELU6: y = clamp(M2(x - zx, si / so) + zo).
 *
 * One file because they are one function with different bounds. 256 possible inputs, so a table. RELU6 follows LiteRT: it
 * rescales to the output's quantisation (TFLM's only clamps raw bytes, and is right only when both quantisations are equal).
 */
#include "ops.h"
#include "quant.h"

const char *weft_op_rescale_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  const char *bad = weft_op_accept_i8(x);
  if (bad || (bad = weft_op_accept_i8(y))) return bad;
  return x->elements == y->elements ? NULL : "output size differs from the input's";
}

void weft_op_rescale_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  int32_t q, lo, hi;
  int e;
  int8_t table[256];
  weft_rescale_requant(g, op, &q, &e);
  weft_act_bounds(g, op, &lo, &hi);
  for (int v = INT8_MIN; v <= INT8_MAX; v++) table[(uint8_t)v] = weft_requant(v - x->zero[0], q, e, y->zero[0], lo, hi);

  const uint8_t *from = data[op->in[0]];
  int8_t *to = data[op->out[0]];
  for (size_t i = 0; i < x->elements; i++) to[i] = table[from[i]];
}
