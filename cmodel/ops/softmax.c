/* SPDX-License-Identifier: Apache-2.0
 *
 * SOFTMAX over the last dimension: int8 in, int8 out in steps of 1/256 from -128.
 *
 * Fixed point throughout, after TFLite and gemmlowp: exp by a polynomial and a product of constants, 1/sum by Newton's method. The
 * exponential depends only on the difference to the row's maximum, so it is a table of 256 entries (the hardware's plan too).
 * When the sum of exponentials reaches 512 the reference kernels abort; here every result is then below half a step, hence -128.
 */
#include "fixmath.h"
#include "ops.h"
#include "quant.h"

enum { SUM_FRACTION = 19 };   /* the sum is kept in Q12.19; terms are rounded to it */

const char *weft_op_softmax_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  const char *bad = weft_op_accept_i8(x);
  if (bad || (bad = weft_op_accept_i8(y))) return bad;
  if (x->rank < 1 || !weft_op_same_shape(x, y)) return "input and output must have the same shape, of rank 1 or more";
  return (double)op->beta * (double)x->scale[0] * 67108864.0 > 1.0 ? NULL : "beta * scale must be above 2^-26";
}

void weft_op_softmax_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *t = weft_op_in(g, op, 0);
  const size_t depth = (size_t)t->dim[t->rank - 1];
  int32_t q, diff_min, exps[256];   /* exps[d]: exp of a logit d steps below the maximum, Q0.31 */
  int left;
  weft_softmax_params(g, op, &q, &left, &diff_min);
  for (int d = 0; d < 256; d++) exps[d] = -d >= diff_min ? weft_exp_q31(weft_srdhm((int32_t)((uint32_t)-d << left), q)) : 0;

  const int8_t *x = data[op->in[0]];
  int8_t *y = data[op->out[0]];
  for (size_t done = 0; done < t->elements; done += depth, x += depth, y += depth) {
    int8_t top = x[0];
    for (size_t i = 1; i < depth; i++) top = x[i] > top ? x[i] : top;
    uint64_t sum = 0;   /* Q12.19 and, for very long rows, beyond; at least 2^19: the maximum itself contributes 1 */
    for (size_t i = 0; i < depth; i++) sum += (uint64_t)weft_rdp(exps[top - x[i]], 31 - SUM_FRACTION);
    if (sum >= UINT64_C(512) << SUM_FRACTION) {
      for (size_t i = 0; i < depth; i++) y[i] = INT8_MIN;
      continue;
    }
    int zeros = 0;      /* leading zeros of the sum as a 32-bit word: 4..12 */
    while (!(sum << zeros >> 31)) zeros++;
    const int32_t r = weft_reciprocal_q31((int32_t)((sum << zeros) - (UINT64_C(1) << 31)));
    for (size_t i = 0; i < depth; i++) {
      const int32_t v = weft_rdp(weft_srdhm(r, exps[top - x[i]]), 35 - zeros) + INT8_MIN;
      y[i] = (int8_t)(v > INT8_MAX ? INT8_MAX : v);
    }
  }
}
