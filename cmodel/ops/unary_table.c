/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of one int8 value, each by the rule of TFLite's reference kernel.
 *
 * Three kinds: requantisation of x or |x| with one or two factors (M2); float32 functions of libm, rounded to the output's scale; and two
 * functions in fixed point of their own, HARD_SWISH (int16) and RSQRT (Newton). The float kind takes expf, tanhf, erfcf and expm1f from the
 * machine that runs it, as TFLite does: another libm may give another byte where a value falls next to a rounding tie.
 */
#include "unary_table.h"

#include <math.h>

#include "fixmath.h"
#include "ops.h"
#include "quant.h"

/* ---- float32 functions */
static float logistic(float x) { return 1.0f / (1.0f + expf(-x)); }
static float elu(float x) { return x < 0.0f ? expm1f(x) : x; }
/* x / 2 * (1 + erf(x / sqrt 2)) without the cancellation at large negative x */
static float gelu(float x) { return 0.5f * x * erfcf(x * -0.707106781f); }

/* sqrt(2 / pi) = 0.797884561, times x + 0.044715 x^3 */
static float gelu_tanh(float x) { return 0.5f * x * (1.0f + tanhf(0.797884561f * (x + 0.044715f * x * x * x))); }

/* The result is rounded before the zero point is added, and saturates, also where it is far outside int32. */
static void fill(const weft_tensor_t *x, const weft_tensor_t *y, float (*f)(float), int8_t table[256]) {
  const float inverse = 1.0f / y->scale[0];
  for (int v = INT8_MIN; v <= INT8_MAX; v++) {
    const float r = roundf(f(x->scale[0] * (float)(v - x->zero[0])) * inverse) + (float)y->zero[0];
    table[(uint8_t)v] = r >= 127.0f ? INT8_MAX : r > -128.0f ? (int8_t)r : INT8_MIN;
  }
}

/* ---- requantisation */
static int32_t absolute(int32_t x) { return x < 0 ? -x : x; }
static int32_t negative(int32_t x) { return -x; }
static int32_t itself(int32_t x) { return x; }

static void rescale(const weft_graph_t *g, const weft_op_t *op, int32_t (*f)(int32_t), int8_t table[256]) {
  const int32_t zx = weft_op_in(g, op, 0)->zero[0], zo = weft_op_out(g, op)->zero[0];
  int32_t q, lo, hi;
  int e;
  weft_rescale_requant(g, op, &q, &e);
  weft_act_bounds(g, op, &lo, &hi);
  for (int v = INT8_MIN; v <= INT8_MAX; v++) table[(uint8_t)v] = weft_requant(f(v - zx), q, e, zo, lo, hi);
}

static void leaky_relu(const weft_graph_t *g, const weft_op_t *op, int8_t table[256]) {
  const int32_t zx = weft_op_in(g, op, 0)->zero[0], zo = weft_op_out(g, op)->zero[0];
  weft_slopes_t p;
  weft_slopes(g, op, &p);
  for (int v = INT8_MIN; v <= INT8_MAX; v++) {
    const int32_t x = v - zx;
    table[(uint8_t)v] = weft_requant(x, x >= 0 ? p.q_pos : p.q_neg, x >= 0 ? p.e_pos : p.e_neg, zo, INT8_MIN, INT8_MAX);
  }
}

/* ---- HARD_SWISH: x * clamp(x / 6 + 1 / 2, 0, 1) in int16 */
static int32_t sat16(int64_t v) { return v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : (int32_t)v; }

/* a * b / 2^15, rounded to the nearest, ties upwards. Never both -2^15 here: factors are positive. */
static int32_t mul16(int32_t a, int32_t b) { return (a * b + (1 << 14)) >> 15; }

/* x / 2^n, half away from zero, with a mask of 16 bits as the kernel has it: from n = 16 on the mask is -1, and the result is 1 or -1 where
 * it should be 0. Scales that far apart are accepted, so it counts. 0 <= n <= 31. */
static int32_t rdp16(int32_t x, int n) {
  const int32_t mask = (int16_t)(uint16_t)((INT64_C(1) << n) - 1);
  return (x >> n) + ((x & mask) > (mask >> 1) + (x < 0));
}

static void hard_swish(const weft_graph_t *g, const weft_op_t *op, int8_t table[256]) {
  const int32_t zx = weft_op_in(g, op, 0)->zero[0], zo = weft_op_out(g, op)->zero[0];
  weft_hard_swish_params_t p;
  weft_hard_swish_params(g, op, &p);
  for (int v = INT8_MIN; v <= INT8_MAX; v++) {
    const int32_t x = (v - zx) * 128;   /* int16: |v - zx| <= 255 */
    /* x on a scale where 3 is 2^15; the last of the left shifts comes after the product, and is the only one whose saturation shows. */
    int32_t gate = p.e_gate > 0 ? sat16((int64_t)x * (1 << (p.e_gate - 1))) : x;
    gate = mul16(gate, p.q_gate);
    gate = p.e_gate > 0 ? sat16((int64_t)gate * 2) : rdp16(gate, -p.e_gate);
    gate = (gate + (1 << 15)) >> 1;     /* from [-1, 1] to [0, 1], Q0.15 */
    const int32_t y = gate * mul16(x, p.q_out) / (1 << 15);   /* truncates toward zero */
    const int32_t r = rdp16(y, -p.e_out) + zo;
    table[(uint8_t)v] = (int8_t)(r > INT8_MAX ? INT8_MAX : r < INT8_MIN ? INT8_MIN : r);
  }
}

/* ---- RSQRT: 1 / sqrt(x - zx) with 20 fraction bits, then the scales. At 0 the largest value; below 0, where TFLite stops with an
 * error and a table must have something, likewise. */
static void rsqrt(const weft_graph_t *g, const weft_op_t *op, int8_t table[256]) {
  const int32_t zx = weft_op_in(g, op, 0)->zero[0], zo = weft_op_out(g, op)->zero[0];
  int32_t q;
  int e;
  weft_rsqrt_requant(g, op, &q, &e);
  for (int v = INT8_MIN; v <= INT8_MAX; v++) {
    int32_t root;
    int shift;
    table[(uint8_t)v] = INT8_MAX;
    if (v <= zx) continue;
    weft_inv_sqrt(v - zx, &root, &shift);
    table[(uint8_t)v] = weft_requant(weft_m2(1, root, shift + WEFT_RSQRT_FRACTION), q, e, zo, INT8_MIN, INT8_MAX);
  }
}

int weft_unary_table(const weft_graph_t *g, const weft_op_t *op, int8_t table[256]) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  switch (op->code) {
    case WEFT_OP_QUANTIZE: case WEFT_OP_RELU: case WEFT_OP_RELU6: case WEFT_OP_RELU_N1_TO_1: case WEFT_OP_RELU_0_TO_1:
      rescale(g, op, itself, table);
      return WEFT_OK;
    case WEFT_OP_ABS: rescale(g, op, absolute, table); return WEFT_OK;
    case WEFT_OP_NEG: rescale(g, op, negative, table); return WEFT_OK;
    case WEFT_OP_LEAKY_RELU: leaky_relu(g, op, table); return WEFT_OK;
    case WEFT_OP_HARD_SWISH: hard_swish(g, op, table); return WEFT_OK;
    case WEFT_OP_RSQRT: rsqrt(g, op, table); return WEFT_OK;
    case WEFT_OP_LOGISTIC: fill(x, y, logistic, table); return WEFT_OK;
    case WEFT_OP_TANH: fill(x, y, tanhf, table); return WEFT_OK;
    case WEFT_OP_EXP: fill(x, y, expf, table); return WEFT_OK;
    case WEFT_OP_ELU: fill(x, y, elu, table); return WEFT_OK;
    case WEFT_OP_GELU: fill(x, y, op->approximate ? gelu_tanh : gelu, table); return WEFT_OK;
    default: return WEFT_E_UNSUPPORTED;
  }
}
