/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks of the operators that work value by value: two feature maps with broadcasting, and functions of one byte.
 *
 * Shapes and types first, then the scales: a factor that TFLite would abort on, or whose shift would leave the word, is refused here, with
 * the numbers. Factors are computed as quant.c computes them (float32 where it does), so that the limit is the one that counts.
 */
#include <float.h>
#include <math.h>

#include "check.h"

/* Size of dimension i counted from the last, as if there were leading ones without end. */
static int32_t dim_from_end(const weft_tensor_t *t, int i) { return i < t->rank ? t->dim[t->rank - 1 - i] : 1; }

/* Two int8 inputs whose shapes may differ where one has size 1 (it is repeated) or fewer dimensions, and the output that results. */
static int operands(const weft_check_t *c) {
  int e = weft_check_arity(c, 2, 2);
  if (e) return e;
  const weft_tensor_t *a = weft_check_in(c, 0), *b = weft_check_in(c, 1), *out = weft_check_out(c, 0);
  if ((e = weft_check_i8(c, a)) || (e = weft_check_i8(c, b)) || (e = weft_check_i8(c, out))) return e;
  int64_t dim[WEFT_MAX_RANK];
  int rank = a->rank > b->rank ? a->rank : b->rank;
  for (int i = 0; i < rank; i++) {
    int32_t da = dim_from_end(a, i), db = dim_from_end(b, i);
    if (da != db && da != 1 && db != 1)
      return weft_check_fail(c, WEFT_E_FORMAT,
                             "tensors " WEFT_NAME " and " WEFT_NAME " have sizes %d and %d in dimension %d; accepted: equal, or one of them 1",
                             a->name, b->name, (int)da, (int)db, rank - 1 - i);
    dim[rank - 1 - i] = da == 1 ? db : da;
  }
  if ((e = weft_check_dims(c, out, rank, dim))) return e;
  return weft_check_act(c, out, c->op->act);
}

/* ADD, SUB: both inputs are brought to T = 2 * max(scale), shifted left by 20; SQUARED_DIFFERENCE squares them in T, shifted by 7 each.
 * The way back must be a multiplier below one. */
int weft_check_add(const weft_check_t *c) {
  int e = operands(c);
  if (e) return e;
  const double sa = (double)weft_check_in(c, 0)->scale[0], sb = (double)weft_check_in(c, 1)->scale[0], so = (double)weft_check_out(c, 0)->scale[0];
  const double t = 2.0 * fmax(sa, sb), below_one = 1.0 - ldexp(1.0, -32);
  if (c->op->code == WEFT_OP_SQUARED_DIFFERENCE && !(t * t / (16384.0 * so) < below_one))
    return weft_check_fail(c, WEFT_E_UNSUPPORTED, "output scale %g is too small for inputs of scale %g and %g (accepted: above %g)", so, sa, sb, t * t / 16384.0);
  if (c->op->code != WEFT_OP_SQUARED_DIFFERENCE && !(t / (1048576.0 * so) < below_one))
    return weft_check_fail(c, WEFT_E_UNSUPPORTED, "output scale %g is too small for inputs of scale %g and %g (ratio below 2^19)", so, sa, sb);
  return WEFT_OK;
}

int weft_check_mul(const weft_check_t *c) {
  int e = operands(c);
  if (e) return e;
  const float product = weft_check_in(c, 0)->scale[0] * weft_check_in(c, 1)->scale[0];
  return weft_check_ratio(c, (double)(product / weft_check_out(c, 0)->scale[0]));
}

/* Raw bytes are compared, so all three tensors share one quantisation. */
int weft_check_min_max(const weft_check_t *c) {
  int e = operands(c);
  if (e) return e;
  const weft_tensor_t *out = weft_check_out(c, 0);
  if ((e = weft_check_same_quant(c, weft_check_in(c, 0), out))) return e;
  return weft_check_same_quant(c, weft_check_in(c, 1), out);
}

/* The second input is alpha; it is repeated to the first's shape, never the other way round. */
int weft_check_prelu(const weft_check_t *c) {
  int e = operands(c);
  if (e) return e;
  const weft_tensor_t *in = weft_check_in(c, 0), *out = weft_check_out(c, 0);
  const float below = in->scale[0] * weft_check_in(c, 1)->scale[0];
  if ((e = weft_check_same_dims(c, in, out)) || (e = weft_check_ratio(c, (double)(in->scale[0] / out->scale[0])))) return e;
  return weft_check_ratio(c, (double)(below / out->scale[0]));
}

static int one_input(const weft_check_t *c) {
  int e = weft_check_arity(c, 1, 1);
  if (e) return e;
  const weft_tensor_t *in = weft_check_in(c, 0), *out = weft_check_out(c, 0);
  if ((e = weft_check_i8(c, in)) || (e = weft_check_i8(c, out))) return e;
  return weft_check_same_dims(c, in, out);
}

/* QUANTIZE, ABS, NEG, stand-alone RELUs; LEAKY_RELU has a second factor. */
int weft_check_rescale(const weft_check_t *c) {
  int e = one_input(c);
  if (e) return e;
  const weft_opcode_t code = c->op->code;
  const weft_tensor_t *out = weft_check_out(c, 0);
  const float si = weft_check_in(c, 0)->scale[0], so = out->scale[0], below = si * c->op->alpha;
  const weft_act_t act = code == WEFT_OP_RELU6 ? WEFT_ACT_RELU6 : code == WEFT_OP_RELU_N1_TO_1 || code == WEFT_OP_RELU_0_TO_1 ? WEFT_ACT_RELU_N1_TO_1
                         : code == WEFT_OP_RELU ? WEFT_ACT_RELU : WEFT_ACT_NONE;
  if ((e = weft_check_act(c, out, act)) || (e = weft_check_ratio(c, (double)si / (double)so))) return e;
  if (code != WEFT_OP_LEAKY_RELU) return WEFT_OK;
  return weft_check_ratio(c, fabs((double)(below / so)));
}

int weft_check_hard_swish(const weft_check_t *c) {
  int e = one_input(c);
  if (e) return e;
  const float fine = 0.0078125f * weft_check_in(c, 0)->scale[0], so = weft_check_out(c, 0)->scale[0], three = 3.0f / 32768.0f;
  if (!(fine / so < 1.0f))   /* a float32 below 1 is at most 1 - 2^-24: its multiplier needs no left shift */
    return weft_check_fail(c, WEFT_E_UNSUPPORTED, "output scale %g; accepted: above input scale / 128 = %g", (double)so, (double)fine);
  return weft_check_ratio(c, (double)(fine / three));
}

/* LOGISTIC, TANH, ELU, GELU, EXP: computed in float32, which must hold every dequantised input and the output's inverse scale. */
int weft_check_float_table(const weft_check_t *c) {
  int e = one_input(c);
  if (e) return e;
  const float si = weft_check_in(c, 0)->scale[0], so = weft_check_out(c, 0)->scale[0];
  if (!isfinite(si * 256.0f) || !isfinite(1.0f / so))
    return weft_check_fail(c, WEFT_E_UNSUPPORTED, "scales %g in and %g out; accepted: up to %g and from %g", (double)si, (double)so,
                           (double)(FLT_MAX / 256.0f), (double)(1.0f / FLT_MAX));
  if (c->op->code == WEFT_OP_LOGISTIC && so != 1.0f / 256.0f)
    return weft_check_fail(c, WEFT_E_UNSUPPORTED, "output scale %.9g; accepted: 1/256", (double)so);
  return WEFT_OK;
}

int weft_check_rsqrt(const weft_check_t *c) {
  int e = one_input(c);
  if (e) return e;
  const float product = sqrtf(weft_check_in(c, 0)->scale[0]) * weft_check_out(c, 0)->scale[0];
  return weft_check_ratio(c, 1.0 / (double)product);
}
