/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps that the operator checks share, and the table from operator to check.
 *
 * Each step is a question with one message; a check is then a list of questions. Sizes are computed in int64: a dimension
 * is at most 2^31 - 1 and options are int32, so products of two and sums stay exact.
 */
#include "check.h"

#include "golden.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int weft_check_fail(const weft_check_t *c, int code, const char *fmt, ...) {
  char why[sizeof c->m->msg];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(why, sizeof why, fmt, ap);
  va_end(ap);
  return weft_fail(c->m, code, "operator %d %s: %s", c->op->index, weft_op_name(c->op->code), why);
}

const weft_tensor_t *weft_check_in(const weft_check_t *c, int i) {
  return i < c->op->nin && c->op->in[i] >= 0 ? &c->g->tensor[c->op->in[i]] : NULL;
}

const weft_tensor_t *weft_check_out(const weft_check_t *c, int i) {
  return i < c->op->nout && c->op->out[i] >= 0 ? &c->g->tensor[c->op->out[i]] : NULL;
}

int weft_check_arity(const weft_check_t *c, int nin_min, int nin_max) {
  if (c->op->nin < nin_min || c->op->nin > nin_max)
    return weft_check_fail(c, WEFT_E_FORMAT, nin_min == nin_max ? "has %d inputs; accepted: %d" : "has %d inputs; accepted: %d to %d",
                           c->op->nin, nin_min, nin_max);
  for (int i = 0; i < nin_min; i++)
    if (!weft_check_in(c, i)) return weft_check_fail(c, WEFT_E_FORMAT, "input %d is missing", i);
  if (c->op->nout != 1 || !weft_check_out(c, 0))
    return weft_check_fail(c, WEFT_E_FORMAT, "has %d outputs; accepted: 1", c->op->nout);
  return WEFT_OK;
}

int weft_check_type(const weft_check_t *c, const weft_tensor_t *t, weft_dtype_t type) {
  if (t->type == type) return WEFT_OK;
  return weft_check_fail(c, WEFT_E_UNSUPPORTED, "tensor " WEFT_NAME " has type %s; Weft accepts %s", t->name,
                         weft_dtype_name(t->type), weft_dtype_name(type));
}

int weft_check_i8(const weft_check_t *c, const weft_tensor_t *t) {
  int e = weft_check_type(c, t, WEFT_I8);
  if (e) return e;
  if (t->nscale == 1) return WEFT_OK;
  if (t->nscale == 0) return weft_check_fail(c, WEFT_E_FORMAT, "tensor " WEFT_NAME " has no quantisation parameters", t->name);
  return weft_check_fail(c, WEFT_E_UNSUPPORTED, "tensor " WEFT_NAME " is quantised per channel (%d scales); accepted only on constant weights",
                         t->name, t->nscale);
}

int weft_check_rank(const weft_check_t *c, const weft_tensor_t *t, int rank) {
  if (t->rank == rank) return WEFT_OK;
  return weft_check_fail(c, WEFT_E_UNSUPPORTED, "tensor " WEFT_NAME " has rank %d; Weft accepts %d", t->name, t->rank, rank);
}

/* "1x8x8x3" for a message; big enough for WEFT_MAX_RANK numbers of int64. */
typedef struct { char s[WEFT_MAX_RANK * 21 + 1]; } shape_text_t;
static shape_text_t shape_text(int rank, const int64_t *dim) {
  shape_text_t r = {"scalar"};
  size_t n = 0;
  for (int i = 0; i < rank && i < WEFT_MAX_RANK; i++)
    n += (size_t)snprintf(r.s + n, sizeof r.s - n, i ? "x%lld" : "%lld", (long long)dim[i]);
  return r;
}

int weft_check_dims(const weft_check_t *c, const weft_tensor_t *t, int rank, const int64_t *dim) {
  int64_t have[WEFT_MAX_RANK];
  bool same = t->rank == rank;
  for (int i = 0; i < t->rank; i++) have[i] = t->dim[i];
  for (int i = 0; same && i < rank; i++) same = have[i] == dim[i];
  if (same) return WEFT_OK;
  return weft_check_fail(c, WEFT_E_FORMAT, "tensor " WEFT_NAME " has shape %s; inputs and options give %s", t->name,
                         shape_text(t->rank, have).s, shape_text(rank, dim).s);
}

int weft_check_same_dims(const weft_check_t *c, const weft_tensor_t *a, const weft_tensor_t *b) {
  int64_t d[WEFT_MAX_RANK];
  for (int i = 0; i < a->rank; i++) d[i] = a->dim[i];
  return weft_check_dims(c, b, a->rank, d);
}

int weft_check_constant(const weft_check_t *c, const weft_tensor_t *t) {
  if (t->data) return WEFT_OK;
  return weft_check_fail(c, WEFT_E_UNSUPPORTED, "tensor " WEFT_NAME " is computed at run time; Weft accepts a constant here", t->name);
}

/* TFLite's own tolerance for operators that move bytes without rescaling. */
int weft_check_same_quant(const weft_check_t *c, const weft_tensor_t *a, const weft_tensor_t *b) {
  if (a->zero[0] == b->zero[0] && fabs((double)a->scale[0] - b->scale[0]) <= 1e-6) return WEFT_OK;
  return weft_check_fail(c, WEFT_E_UNSUPPORTED,
                         "input and output need one quantisation: scale %.9g zero point %d in, %.9g and %d out",
                         (double)a->scale[0], (int)a->zero[0], (double)b->scale[0], (int)b->zero[0]);
}

/* A multiplier is q * 2^(e-31) with 2^30 <= q < 2^31; the left shift e must leave the int32 word in place: e <= 30.
 * There is no lower limit: below 2^-32 the multiplier is 0, as in TFLite. */
int weft_check_ratio(const weft_check_t *c, double ratio) {
  if (isfinite(ratio) && ratio >= 0 && ratio < 1073741824.0 * (1.0 - ldexp(1.0, -32))) return WEFT_OK;
  return weft_check_fail(c, WEFT_E_UNSUPPORTED, "scale ratio %g does not fit the fixed-point multiplier (below 2^30)", ratio);
}

/* The clamp bounds are round(6 / scale) and the like; they must be int32, as must their sum with a zero point. */
int weft_check_act(const weft_check_t *c, const weft_tensor_t *out, weft_act_t act) {
  float top = act == WEFT_ACT_RELU6 ? 6.0f : act == WEFT_ACT_RELU_N1_TO_1 ? 1.0f : 0.0f;
  if (top / out->scale[0] < 1073741824.0f) return WEFT_OK;
  return weft_check_fail(c, WEFT_E_UNSUPPORTED, "tensor " WEFT_NAME " has scale %g, too small for its activation bounds (above %g)",
                         out->name, (double)out->scale[0], (double)top / 1073741824.0);
}

/* Output size of a sliding window along one axis; VALID gives 0 or less when the window does not fit. */
static int64_t window_out(weft_padding_t pad, int64_t in, int64_t filter, int64_t stride, int64_t dilation) {
  int64_t reach = (filter - 1) * dilation + 1;
  if (pad == WEFT_PAD_SAME) return (in + stride - 1) / stride;
  return in < reach ? 0 : (in - reach) / stride + 1;
}

int weft_check_window(const weft_check_t *c, int filter_h, int filter_w, const weft_tensor_t *in, int64_t *oh, int64_t *ow) {
  const weft_op_t *op = c->op;
  if (filter_h < 1 || filter_w < 1)
    return weft_check_fail(c, WEFT_E_FORMAT, "filter size %dx%d; both must be at least 1", filter_h, filter_w);
  if (op->stride_h < 1 || op->stride_w < 1)
    return weft_check_fail(c, WEFT_E_FORMAT, "stride %dx%d; both must be at least 1", op->stride_h, op->stride_w);
  if (op->dilation_h < 1 || op->dilation_w < 1)
    return weft_check_fail(c, WEFT_E_FORMAT, "dilation %dx%d; both must be at least 1", op->dilation_h, op->dilation_w);
  /* Tap coordinates are computed in int32 downstream: keep window reach + image below 2^30. */
  int64_t reach_h = (int64_t)(filter_h - 1) * op->dilation_h + 1, reach_w = (int64_t)(filter_w - 1) * op->dilation_w + 1;
  const int64_t limit = 1 << 30;
  if (reach_h + in->dim[1] + op->stride_h > limit || reach_w + in->dim[2] + op->stride_w > limit)
    return weft_check_fail(c, WEFT_E_UNSUPPORTED, "window of %lldx%lld taps over %dx%d with stride %dx%d is too large (2^30)",
                           (long long)reach_h, (long long)reach_w, (int)in->dim[1], (int)in->dim[2], op->stride_h, op->stride_w);
  *oh = window_out(op->padding, in->dim[1], filter_h, op->stride_h, op->dilation_h);
  *ow = window_out(op->padding, in->dim[2], filter_w, op->stride_w, op->dilation_w);
  if (*oh < 1 || *ow < 1)
    return weft_check_fail(c, WEFT_E_FORMAT, "window of %lldx%lld does not fit into the input of %dx%d (VALID padding)",
                           (long long)reach_h, (long long)reach_w, (int)in->dim[1], (int)in->dim[2]);
  return WEFT_OK;
}

/* ", 'name' INT8 1x8x8x3": a tensor of a refused operator. */
static size_t describe(char *to, size_t size, const char *before, const weft_tensor_t *t) {
  int64_t dim[WEFT_MAX_RANK];
  for (int i = 0; i < t->rank; i++) dim[i] = t->dim[i];
  int n = snprintf(to, size, "%s'%.40s' %s %s", before, t->name, weft_dtype_name(t->type), shape_text(t->rank, dim).s);
  return (size_t)n < size ? (size_t)n : size - 1;
}

/* Operators without a check of their own: accept() of the golden operator asks everything; the message gets the tensors. */
static int check_by_golden(const weft_check_t *c) {
  enum { LISTED = 3 };
  weft_msg_t why = {""};
  int e = weft_golden_supported(c->g, c->op, &why);
  if (!e) return e;
  char list[200] = "";
  size_t n = 0;
  for (int i = 0; i < c->op->nin && i < LISTED && n < sizeof list - 1; i++)
    if (weft_check_in(c, i)) n += describe(list + n, sizeof list - n, i ? ", " : " (", weft_check_in(c, i));
  if (weft_check_out(c, 0) && n < sizeof list - 1) describe(list + n, sizeof list - n, n ? " -> " : " (", weft_check_out(c, 0));
  return weft_fail(c->m, e, "%.160s%.150s%s", why.msg, list, list[0] ? ")" : "");
}

int weft_check_op(const weft_graph_t *g, const weft_op_t *op, const weft_op_extra_t *x, weft_msg_t *m) {
  const weft_check_t c = {g, op, x, m};
  switch (op->code) {
    case WEFT_OP_ADD: case WEFT_OP_SUB: case WEFT_OP_SQUARED_DIFFERENCE: return weft_check_add(&c);
    case WEFT_OP_MUL: return weft_check_mul(&c);
    case WEFT_OP_MAXIMUM: case WEFT_OP_MINIMUM: return weft_check_min_max(&c);
    case WEFT_OP_PRELU: return weft_check_prelu(&c);
    case WEFT_OP_AVERAGE_POOL_2D: case WEFT_OP_MAX_POOL_2D: return weft_check_pool(&c);
    case WEFT_OP_CONV_2D: return weft_check_conv(&c);
    case WEFT_OP_DEPTHWISE_CONV_2D: return weft_check_depthwise(&c);
    case WEFT_OP_FULLY_CONNECTED: return weft_check_fully_connected(&c);
    case WEFT_OP_RELU: case WEFT_OP_RELU6: case WEFT_OP_RELU_N1_TO_1: case WEFT_OP_RELU_0_TO_1:
    case WEFT_OP_ABS: case WEFT_OP_NEG: case WEFT_OP_LEAKY_RELU: return weft_check_rescale(&c);
    case WEFT_OP_HARD_SWISH: return weft_check_hard_swish(&c);
    case WEFT_OP_LOGISTIC: case WEFT_OP_TANH: case WEFT_OP_ELU: case WEFT_OP_GELU: case WEFT_OP_EXP: return weft_check_float_table(&c);
    case WEFT_OP_RSQRT: return weft_check_rsqrt(&c);
    case WEFT_OP_RESHAPE: return weft_check_reshape(&c);
    case WEFT_OP_SOFTMAX: return weft_check_softmax(&c);
    case WEFT_OP_PAD: return weft_check_pad(&c);
    case WEFT_OP_SQUEEZE: return weft_check_squeeze(&c);
    default: return check_by_golden(&c);
  }
}
