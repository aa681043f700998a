/* SPDX-License-Identifier: Apache-2.0
 *
 * LOG_SOFTMAX over the last dimension: int8 in, int8 out in steps of 1/16 from -255/16 to 0.
 *
 * x - max - log(sum of exp(x - max)) in fixed point, after TFLite: exponentials as in SOFTMAX, the logarithm from a rational
 * polynomial (weft_log_q26). Beyond 4096 equal logits the references' sum leaves its word; here it stops at its largest value.
 */
#include "fixmath.h"
#include "ops.h"
#include "quant.h"

enum { SUM_FRACTION = 19, OUT_FRACTION = 4, OUT_ZERO = 127 };

const char *weft_op_log_softmax_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  const char *bad = weft_op_accept_i8(x);
  if (bad || (bad = weft_op_accept_i8(y))) return bad;
  if (x->rank < 1 || !weft_op_same_shape(x, y)) return "input and output must have the same shape, of rank 1 or more";
  if (y->scale[0] != 1.0f / (1 << OUT_FRACTION) || y->zero[0] != OUT_ZERO) return "the output must have scale 1/16 and zero point 127";
  return (double)x->scale[0] * 67108864.0 > 1.0 ? NULL : "the input's scale must be above 2^-26";
}

void weft_op_log_softmax_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *t = weft_op_in(g, op, 0);
  const size_t depth = (size_t)t->dim[t->rank - 1];
  int32_t q, back_q, diff_min;
  int left, back_e;
  int32_t scaled[256], exps[256];   /* by steps below the maximum: the difference in Q5.26, and its exponential in Q12.19 */
  weft_softmax_params(g, op, &q, &left, &diff_min);
  weft_log_softmax_back(g, op, &back_q, &back_e);
  for (int d = 0; d < 256; d++) {
    scaled[d] = weft_m2(-d, q, left);
    exps[d] = -d >= diff_min ? weft_rdp(weft_exp_q31(scaled[d]), 31 - SUM_FRACTION) : 0;
  }

  const int8_t *x = data[op->in[0]];
  int8_t *y = data[op->out[0]];
  for (size_t done = 0; done < t->elements; done += depth, x += depth, y += depth) {
    int8_t top = x[0];
    for (size_t i = 1; i < depth; i++) top = x[i] > top ? x[i] : top;
    uint64_t sum = 0;   /* at least 2^19: the maximum itself contributes 1 */
    for (size_t i = 0; i < depth; i++) sum += (uint64_t)exps[top - x[i]];
    const int32_t log_sum = weft_log_q26(sum > INT32_MAX ? INT32_MAX : (int32_t)sum);
    /* The lowest difference that still fits Q5.26 after log_sum has been taken off. */
    int32_t low = weft_m2(log_sum + INT32_MIN, back_q, back_e);
    low = low < diff_min - 1 ? diff_min - 1 : low;
    for (size_t i = 0; i < depth; i++) {
      const int d = top - x[i];
      int32_t v = INT8_MIN;
      if (-d > low) v = weft_rdp(scaled[d] - log_sum, 26 - OUT_FRACTION) + OUT_ZERO;
      y[i] = (int8_t)(v < INT8_MIN ? INT8_MIN : v > INT8_MAX ? INT8_MAX : v);
    }
  }
}
