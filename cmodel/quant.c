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

bool weft_ratio_fits(double r) { return isfinite(r) && r >= 0 && r < 1073741824.0 * (1.0 - ldexp(1.0, -32)); }

/* zero + round(f / scale), in float32. The importer has checked that it fits. */
static int32_t quantised(const weft_tensor_t *t, float f) { return t->zero[0] + (int32_t)roundf(f / t->scale[0]); }

void weft_act_bounds(const weft_graph_t *g, const weft_op_t *op, int32_t *lo, int32_t *hi) {
  const weft_tensor_t *t = out(g, op);
  float bottom = 0.0f, top = INFINITY;
  *lo = INT8_MIN;
  *hi = INT8_MAX;
  if (op->code == WEFT_OP_RELU6 || op->act == WEFT_ACT_RELU6) top = 6.0f;
  else if (op->code == WEFT_OP_RELU_0_TO_1) top = 1.0f;
  else if (op->code == WEFT_OP_RELU_N1_TO_1 || op->act == WEFT_ACT_RELU_N1_TO_1) bottom = -1.0f, top = 1.0f;
  else if (op->code != WEFT_OP_RELU && op->act == WEFT_ACT_NONE) return;
  const int32_t least = quantised(t, bottom), most = isinf(top) ? INT8_MAX : quantised(t, top);
  if (least > *lo) *lo = least;
  if (most < *hi) *hi = most;
}

double weft_conv_factor(const weft_graph_t *g, const weft_op_t *op, int channel) {
  const weft_tensor_t *w = in(g, op, 1);
  const float si = in(g, op, op->code == WEFT_OP_TRANSPOSE_CONV ? 2 : 0)->scale[0], sw = w->scale[w->nscale > 1 ? channel : 0];
  double product = (double)si * (double)sw;
  if (op->code == WEFT_OP_FULLY_CONNECTED && w->nscale == 1) {
    const float rounded = si * sw;
    product = (double)rounded;
  }
  return product / (double)out(g, op)->scale[0];
}

void weft_conv_requant(const weft_graph_t *g, const weft_op_t *op, int channel, int32_t *q, int *e) { weft_qm(weft_conv_factor(g, op, channel), q, e); }

void weft_rescale_requant(const weft_graph_t *g, const weft_op_t *op, int32_t *q, int *e) {
  const float si = in(g, op, 0)->scale[0], so = out(g, op)->scale[0];
  const float rounded = si / so;
  weft_qm(op->code == WEFT_OP_QUANTIZE ? (double)si / (double)so : (double)rounded, q, e);
}

/* What ADD, SUB and SQUARED_DIFFERENCE share. Returns T: twice the larger scale, so that both factors are at most 1/2. */
static double common_scale(const weft_graph_t *g, const weft_op_t *op, weft_add_params_t *p) {
  const double sa = (double)in(g, op, 0)->scale[0], sb = (double)in(g, op, 1)->scale[0];
  const double t = 2 * (sa > sb ? sa : sb);
  weft_qm(sa / t, &p->qa, &p->ea);
  weft_qm(sb / t, &p->qb, &p->eb);
  return t;
}

void weft_add_params(const weft_graph_t *g, const weft_op_t *op, weft_add_params_t *p) {
  const double t = common_scale(g, op, p);
  weft_qm(t / ((1 << WEFT_ADD_SHIFT) * (double)out(g, op)->scale[0]), &p->qo, &p->eo);
}

void weft_squared_difference_params(const weft_graph_t *g, const weft_op_t *op, weft_add_params_t *p) {
  const double t = common_scale(g, op, p);
  weft_qm(t * t / ((1 << 2 * WEFT_SQUARE_SHIFT) * (double)out(g, op)->scale[0]), &p->qo, &p->eo);
}

void weft_mul_requant(const weft_graph_t *g, const weft_op_t *op, int32_t *q, int *e) {
  const float product = in(g, op, 0)->scale[0] * in(g, op, 1)->scale[0], ratio = product / out(g, op)->scale[0];
  weft_qm((double)ratio, q, e);
}

void weft_slopes(const weft_graph_t *g, const weft_op_t *op, weft_slopes_t *p) {
  const float si = in(g, op, 0)->scale[0], so = out(g, op)->scale[0];
  const float alpha = op->code == WEFT_OP_PRELU ? in(g, op, 1)->scale[0] : op->alpha;
  const float below = si * alpha, pos = si / so, neg = below / so;
  weft_qm((double)pos, &p->q_pos, &p->e_pos);
  weft_qm(fabs((double)neg), &p->q_neg, &p->e_neg);
  if (neg < 0) p->q_neg = -p->q_neg;
}

/* QM with 15 bits of the factor's 31. */
static void qm15(float r, int32_t *q, int *e) {
  weft_qm((double)r, q, e);
  *q = *q >= INT32_MAX - (1 << 15) ? INT16_MAX : (*q + (1 << 15)) >> 16;
}

void weft_hard_swish_params(const weft_graph_t *g, const weft_op_t *op, weft_hard_swish_params_t *p) {
  const float fine = 0.0078125f * in(g, op, 0)->scale[0], three = 3.0f / 32768.0f;   /* x is taken 128 times finer */
  qm15(fine / out(g, op)->scale[0], &p->q_out, &p->e_out);
  qm15(fine / three, &p->q_gate, &p->e_gate);
}

void weft_rsqrt_requant(const weft_graph_t *g, const weft_op_t *op, int32_t *q, int *e) {
  const float product = sqrtf(in(g, op, 0)->scale[0]) * out(g, op)->scale[0];
  weft_qm(1.0 / (double)product, q, e);
  *e -= WEFT_RSQRT_FRACTION;
  if (*e < -31) *q = *e = 0;
}

unsigned weft_reduce_axes(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *axis = in(g, op, 1);
  const int rank = in(g, op, 0)->rank;
  unsigned axes = 0;
  for (size_t i = 0; rank > 0 && i < axis->elements; i++) {
    const int32_t a = ((const int32_t *)axis->data)[i];
    axes |= 1u << (a < 0 ? a + rank : a);
  }
  return axes;
}

int64_t weft_reduce_count(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = in(g, op, 0);
  const unsigned axes = weft_reduce_axes(g, op);
  int64_t n = 1;
  for (int i = 0; i < x->rank; i++)
    if (axes >> i & 1) n *= x->dim[i];
  return n;
}

void weft_mean_params(const weft_graph_t *g, const weft_op_t *op, int32_t *n, int32_t *q, int *e) {
  *n = (int32_t)weft_reduce_count(g, op);
  weft_qm((double)in(g, op, 0)->scale[0] / (double)out(g, op)->scale[0], q, e);
  if (op->code != WEFT_OP_MEAN) return;
  int s = 0;   /* floor(log2 n), limited so that the resulting exponent stays >= -31 */
  while (s < 30 && (INT64_C(2) << s) <= *n) s++;
  if (s > 31 + *e) s = 31 + *e;
  *q = (int32_t)(((int64_t)*q << s) / *n);
  *e -= s;
}

void weft_softmax_params(const weft_graph_t *g, const weft_op_t *op, int32_t *q, int *left, int32_t *diff_min) {
  const double one = 67108864.0;   /* 1.0 in Q5.26 */
  const double beta = op->code == WEFT_OP_LOG_SOFTMAX ? 1.0 : (double)op->beta;
  double r = beta * (double)in(g, op, 0)->scale[0] * one;
  weft_qm(r < 2147483647.0 ? r : 2147483647.0, q, left);
  *diff_min = -(int32_t)floor(31.0 * one / (double)(INT64_C(1) << *left));
}

void weft_log_softmax_back(const weft_graph_t *g, const weft_op_t *op, int32_t *q, int *e) {
  int32_t forward, diff_min;
  int left;
  weft_softmax_params(g, op, &forward, &left, &diff_min);
  weft_qm((double)(INT64_C(1) << (31 - left)) / (double)forward, q, e);
}

void weft_matmul(const weft_graph_t *g, const weft_op_t *op, weft_matmul_t *m) {
  const weft_tensor_t *a = in(g, op, 0), *b = in(g, op, 1), *y = out(g, op);
  const size_t wa = (size_t)a->dim[a->rank - 1], wb = (size_t)b->dim[b->rank - 1];   /* width of the matrices as stored */
  *m = (weft_matmul_t){
      .rows = a->dim[a->rank - (op->adj_x ? 1 : 2)], .depth = a->dim[a->rank - (op->adj_x ? 2 : 1)], .columns = b->dim[b->rank - (op->adj_y ? 2 : 1)],
      .za = a->zero[0], .zb = b->zero[0], .zo = y->zero[0],
      .a_row = op->adj_x ? 1 : wa, .a_depth = op->adj_x ? wa : 1, .b_depth = op->adj_y ? 1 : wb, .b_column = op->adj_y ? wb : 1,
  };
  const float product = a->scale[0] * b->scale[0];
  weft_qm((double)product / (double)y->scale[0], &m->q, &m->e);
}

int32_t weft_resize_nearest(const weft_op_t *op, int32_t in_size, int32_t out_size, int32_t at) {
  const bool corners = op->align_corners && out_size > 1;
  const float step = corners ? (float)(in_size - 1) / (float)(out_size - 1) : (float)in_size / (float)out_size;
  const float centre = op->half_pixel ? 0.5f : 0.0f, where = ((float)at + centre) * step;
  const int32_t from = (int32_t)(op->align_corners ? roundf(where) : floorf(where));
  return from < in_size - 1 ? from : in_size - 1;
}

weft_resize_t weft_resize_bilinear(const weft_op_t *op, int32_t in_size, int32_t out_size, int32_t at) {
  const bool corners = op->align_corners && out_size > 1;
  const int32_t from = in_size - corners, to = out_size - corners, step = (1024 * from + to / 2) / to;
  const int32_t where = at * step + (op->half_pixel ? step / 2 - 512 : 0);
  weft_resize_t r = {where / 1024, (where + 1023) / 1024, 0};   /* both divisions truncate */
  if (r.low < 0) r.low = 0;
  if (r.high > in_size - 1) r.high = in_size - 1;
  r.weight = where - 1024 * r.low;
  return r;
}

void weft_lstm_params(const weft_graph_t *g, const weft_op_t *op, weft_lstm_params_t *p) {
  enum { INPUT_WEIGHTS = 1, RECURRENT_WEIGHTS = 5, HIDDEN = 18, CELL = 19, HIDDEN_SCALE = 4 };   /* operands, intermediate */
  const weft_tensor_t *hidden = in(g, op, HIDDEN), *product = &g->tensor[op->mid[HIDDEN_SCALE]];
  const float gate = 1.0f / 4096.0f;   /* gates are Q3.12 before their function */
  for (int i = 0; i < 4; i++) {
    const float fi = in(g, op, INPUT_WEIGHTS + i)->scale[0] * in(g, op, 0)->scale[0] / gate;
    const float fr = in(g, op, RECURRENT_WEIGHTS + i)->scale[0] * hidden->scale[0] / gate;
    weft_qm((double)fi, &p->qi[i], &p->ei[i]);
    weft_qm((double)fr, &p->qr[i], &p->er[i]);
  }
  const float fh = (float)(ldexp(1.0, -30) / (double)product->scale[0]);   /* two Q0.15 factors */
  weft_qm((double)fh, &p->qh, &p->eh);
  p->hidden_zero = product->zero[0];
  const float cell = in(g, op, CELL)->scale[0], clip = op->cell_clip / cell;
  p->cell_log2 = (int)lroundf(log2f(cell));
  p->cell_clip = clip > 32767.0f ? 32767 : clip > 0.0f ? (int32_t)clip : 0;
}

void weft_svdf_params(const weft_graph_t *g, const weft_op_t *op, weft_svdf_params_t *p) {
  const double state = (double)in(g, op, 4)->scale[0];
  weft_qm((double)in(g, op, 0)->scale[0] * (double)in(g, op, 1)->scale[0] / state, &p->q1, &p->e1);
  weft_qm(state * (double)in(g, op, 2)->scale[0] / (double)out(g, op)->scale[0], &p->q2, &p->e2);
}
