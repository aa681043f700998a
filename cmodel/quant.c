/* SPDX-License-Identifier: Apache-2.0
 *
 * Constants that the operators derive from scales and zero points.
 *
 * Which products are rounded to float32 and which are kept in double is part of the rule: one wrong rounding changes a
 * multiplier by one unit and, once in some million outputs, a byte. Each choice below was compared with the reference kernels.
 */
#include "quant.h"

#include <float.h>
#include <math.h>

/* The float32 steps below must round at each operation: an x87-style build would break them silently. */
_Static_assert(FLT_EVAL_METHOD == 0, "float arithmetic must be done in float");

static const weft_tensor_t *in(const weft_graph_t *g, const weft_op_t *op, int i) { return &g->tensor[op->in[i]]; }
static const weft_tensor_t *out(const weft_graph_t *g, const weft_op_t *op) { return &g->tensor[op->out[0]]; }

void weft_qm(double r, int32_t *q, int *e) {
  *q = 0;
  *e = 0;
  if (!(r > 0)) return;
  int x;
  int64_t m = (int64_t)round(frexp(r, &x) * 2147483648.0);   /* round(): half away from zero */
  if (m == INT64_C(1) << 31) {
    m /= 2;
    x++;
  }
  if (x < -31) return;
  *q = (int32_t)m;
  *e = x;
}

/* zero + round(f / scale), in float32. The importer has checked that it fits. */
static int32_t quantised(const weft_tensor_t *t, float f) { return t->zero[0] + (int32_t)roundf(f / t->scale[0]); }

void weft_act_bounds(const weft_graph_t *g, const weft_op_t *op, int32_t *lo, int32_t *hi) {
  const weft_tensor_t *t = out(g, op);
  weft_act_t act = op->code == WEFT_OP_RELU ? WEFT_ACT_RELU : op->code == WEFT_OP_RELU6 ? WEFT_ACT_RELU6 : op->act;
  *lo = INT8_MIN;
  *hi = INT8_MAX;
  if (act == WEFT_ACT_NONE) return;
  int32_t bottom = quantised(t, act == WEFT_ACT_RELU_N1_TO_1 ? -1.0f : 0.0f);
  if (bottom > *lo) *lo = bottom;
  if (act == WEFT_ACT_RELU) return;
  int32_t top = quantised(t, act == WEFT_ACT_RELU6 ? 6.0f : 1.0f);
  if (top < *hi) *hi = top;
}

void weft_conv_requant(const weft_graph_t *g, const weft_op_t *op, int channel, int32_t *q, int *e) {
  const weft_tensor_t *w = in(g, op, 1);
  const float si = in(g, op, 0)->scale[0], sw = w->scale[w->nscale > 1 ? channel : 0];
  double product = (double)si * (double)sw;
  if (op->code == WEFT_OP_FULLY_CONNECTED && w->nscale == 1) {
    const float rounded = si * sw;
    product = (double)rounded;
  }
  weft_qm(product / (double)out(g, op)->scale[0], q, e);
}

void weft_rescale_requant(const weft_graph_t *g, const weft_op_t *op, int32_t *q, int *e) {
  const float si = in(g, op, 0)->scale[0], so = out(g, op)->scale[0];
  const float rounded = si / so;
  weft_qm(op->code == WEFT_OP_QUANTIZE ? (double)si / (double)so : (double)rounded, q, e);
}

void weft_add_params(const weft_graph_t *g, const weft_op_t *op, weft_add_params_t *p) {
  const double sa = (double)in(g, op, 0)->scale[0], sb = (double)in(g, op, 1)->scale[0];
  const double t = 2 * (sa > sb ? sa : sb);   /* common scale: twice the larger, so that both factors are at most 1/2 */
  weft_qm(sa / t, &p->qa, &p->ea);
  weft_qm(sb / t, &p->qb, &p->eb);
  weft_qm(t / ((1 << WEFT_ADD_SHIFT) * (double)out(g, op)->scale[0]), &p->qo, &p->eo);
}

void weft_mean_params(const weft_graph_t *g, const weft_op_t *op, int32_t *n, int32_t *q, int *e) {
  const weft_tensor_t *x = in(g, op, 0);
  *n = x->dim[1] * x->dim[2];
  weft_qm((double)x->scale[0] / (double)out(g, op)->scale[0], q, e);
  int s = 0;   /* floor(log2 n), limited so that the resulting exponent stays >= -31 */
  while (s < 30 && (INT64_C(2) << s) <= *n) s++;
  if (s > 31 + *e) s = 31 + *e;
  *q = (int32_t)(((int64_t)*q << s) / *n);
  *e -= s;
}

void weft_softmax_params(const weft_graph_t *g, const weft_op_t *op, int32_t *q, int *left, int32_t *diff_min) {
  const double one = 67108864.0;   /* 1.0 in Q5.26 */
  double r = (double)op->beta * (double)in(g, op, 0)->scale[0] * one;
  weft_qm(r < 2147483647.0 ? r : 2147483647.0, q, left);
  *diff_min = -(int32_t)floor(31.0 * one / (double)(INT64_C(1) << *left));
}
