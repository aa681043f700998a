/* SPDX-License-Identifier: Apache-2.0
 *
 * Fixed-point arithmetic of int8 networks, and every constant that the operators derive from scales and zero points.
 *
 * The golden operators, the compiler (requantisation tables) and the tests all take these numbers from here, so that they
 * exist once. Rules: TensorFlow Lite's reference kernels with double rounding, see docs. A real factor r > 0 is kept as a
 * pair (q, e), r ~ q * 2^(e - 31), q = 0 or 2^30 <= q < 2^31, -31 <= e <= 30.
 */
#ifndef WEFT_QUANT_H
#define WEFT_QUANT_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Real factor to (q, e); half away from zero. Factors below 2^-32 become (0, 0), as in TFLite. r: finite, >= 0. */
void weft_qm(double r, int32_t *q, int *e);

/* The factor r can be written as (q, e) with e <= 30, so that the left shift stays in the word. */
bool weft_ratio_fits(double r);

/* a * b / 2^31, rounded to the nearest, ties towards plus infinity; only a = b = -2^31 saturates. (TFLite writes it with a nudge that
 * depends on the sign and a truncating division: the same function, see tests/test_quant.c.) Relies on >> of a negative number
 * being arithmetic, which GCC and Clang promise. */
static inline int32_t weft_srdhm(int32_t a, int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
  return (int32_t)(((int64_t)a * b + (INT64_C(1) << 30)) >> 31);
}

/* x / 2^n, half away from zero; 0 <= n <= 31. */
static inline int32_t weft_rdp(int32_t x, int n) {
  const int32_t mask = (int32_t)((INT64_C(1) << n) - 1);
  return (x >> n) + ((x & mask) > (mask >> 1) + (x < 0));
}

/* x * q * 2^(e-31), rounded twice. The left shift wraps in 32 bits, as it does in the reference kernels. */
static inline int32_t weft_m2(int32_t x, int32_t q, int e) {
  x = (int32_t)((uint32_t)x << (e > 0 ? e : 0));
  return weft_rdp(weft_srdhm(x, q), e > 0 ? 0 : -e);
}

/* a + b that wraps: what an int32 accumulator does in hardware and, compiled, in the reference kernels. */
static inline int32_t weft_wrap_add(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }

/* Accumulator to int8: scale, add the zero point (in wrapping int32), clamp to [lo, hi]. */
static inline int8_t weft_requant(int32_t acc, int32_t q, int e, int32_t zero, int32_t lo, int32_t hi) {
  int32_t v = weft_wrap_add(weft_m2(acc, q, e), zero);
  v = v < lo ? lo : v;
  return (int8_t)(v > hi ? hi : v);
}

/* Clamp bounds of an operator's int8 output: its fused activation, or its own for the stand-alone RELUs. */
void weft_act_bounds(const weft_graph_t *g, const weft_op_t *op, int32_t *lo, int32_t *hi);

/* CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV, FULLY_CONNECTED: the factor of one output channel, si * sw[channel] / so. Per-tensor fully
 * connected rounds si * sw to float32 first; everything else is in double. */
double weft_conv_factor(const weft_graph_t *g, const weft_op_t *op, int channel);
void weft_conv_requant(const weft_graph_t *g, const weft_op_t *op, int channel, int32_t *q, int *e);

/* Requantising operators of one int8 input: the factor si / so (in double for QUANTIZE, in float32 for RELU, RELU6, RELU_N1_TO_1, RELU_0_TO_1,
 * ABS and NEG). */
void weft_rescale_requant(const weft_graph_t *g, const weft_op_t *op, int32_t *q, int *e);

/* ADD, SUB: y = M2(M2((a - za) << shift, a) +- M2((b - zb) << shift, b), out) + zo. Every e is <= 0. */
#define WEFT_ADD_SHIFT 20
typedef struct { int32_t qa, qb, qo; int ea, eb, eo; } weft_add_params_t;
void weft_add_params(const weft_graph_t *g, const weft_op_t *op, weft_add_params_t *p);

/* SQUARED_DIFFERENCE: y = M2((M2((a - za) << shift, a) - M2((b - zb) << shift, b))^2, out) + zo. Every e is <= 0. */
#define WEFT_SQUARE_SHIFT 7
void weft_squared_difference_params(const weft_graph_t *g, const weft_op_t *op, weft_add_params_t *p);

/* MUL: the factor sa * sb / so, in float32. */
void weft_mul_requant(const weft_graph_t *g, const weft_op_t *op, int32_t *q, int *e);

/* LEAKY_RELU, PRELU: factors for x >= 0 and x < 0 (there times alpha, or times the value of the alpha tensor), in float32. A negative
 * alpha of LEAKY_RELU gives a negative q_neg. */
typedef struct { int32_t q_pos, q_neg; int e_pos, e_neg; } weft_slopes_t;
void weft_slopes(const weft_graph_t *g, const weft_op_t *op, weft_slopes_t *p);

/* HARD_SWISH: factors of 15 bits, r ~ q * 2^(e - 15), 2^14 <= q < 2^15 or 0. out: si / (128 so), e_out <= 0 (the importer's check);
 * gate: si / 128 to the scale on which 3.0 is 2^15. */
typedef struct { int32_t q_out, q_gate; int e_out, e_gate; } weft_hard_swish_params_t;
void weft_hard_swish_params(const weft_graph_t *g, const weft_op_t *op, weft_hard_swish_params_t *p);

/* RSQRT: the factor 1 / (sqrt(si) * so) for a root with 20 fraction bits. (0, 0) below 2^-12, where every output is the zero point. */
#define WEFT_RSQRT_FRACTION 20
void weft_rsqrt_requant(const weft_graph_t *g, const weft_op_t *op, int32_t *q, int *e);

/* MEAN, SUM, REDUCE_MAX: bit i is set when dimension i is reduced; input 1 is a constant INT32 list of dimensions of the input. Values that make
 * one output. */
unsigned weft_reduce_axes(const weft_graph_t *g, const weft_op_t *op);
int64_t weft_reduce_count(const weft_graph_t *g, const weft_op_t *op);

/* MEAN, SUM: y = M2(sum(x) - zx * n, q, e) + zo. MEAN's division by n is folded into q as TFLite does it. n <= 2^23. */
void weft_mean_params(const weft_graph_t *g, const weft_op_t *op, int32_t *n, int32_t *q, int *e);

/* SOFTMAX, LOG_SOFTMAX: (x - max) << left, times q, is the exponent in Q5.26; differences below diff_min count as zero. */
void weft_softmax_params(const weft_graph_t *g, const weft_op_t *op, int32_t *q, int *left, int32_t *diff_min);

/* LOG_SOFTMAX: the way back, from Q5.26 to steps of the input. */
void weft_log_softmax_back(const weft_graph_t *g, const weft_op_t *op, int32_t *q, int *e);

/* BATCH_MATMUL: sizes of one product, distance in memory from one row or depth of a, depth or column of b, to the next, and
 * y = M2(sum (a - za)(b - zb), q, e) + zo. */
typedef struct {
  int32_t rows, depth, columns, za, zb, zo, q;
  int e;
  size_t a_row, a_depth, b_depth, b_column;
} weft_matmul_t;
void weft_matmul(const weft_graph_t *g, const weft_op_t *op, weft_matmul_t *m);

/* RESIZE_*: where output position `at` of one axis comes from. Nearest: that input position, computed in float32. Bilinear: two
 * neighbours and the weight of the higher one in Q10 (the lower has 1024 - weight; before the first pixel it is negative and both
 * neighbours are the same). */
typedef struct { int32_t low, high, weight; } weft_resize_t;
int32_t weft_resize_nearest(const weft_op_t *op, int32_t in, int32_t out, int32_t at);
weft_resize_t weft_resize_bilinear(const weft_op_t *op, int32_t in, int32_t out, int32_t at);

/* UNIDIRECTIONAL_SEQUENCE_LSTM, see ops/lstm.c: factors of the input's and the recurrent product of gate 0..3 (input, forget, cell,
 * output), of the hidden state, and the cell state's format. */
typedef struct {
  int32_t qi[4], qr[4], qh;
  int ei[4], er[4], eh;
  int32_t hidden_zero, cell_clip;   /* cell_clip in steps of the cell state, 0 for none */
  int cell_log2;                    /* the cell state's scale is 2^cell_log2 */
} weft_lstm_params_t;
void weft_lstm_params(const weft_graph_t *g, const weft_op_t *op, weft_lstm_params_t *p);

/* SVDF: factors from the feature product to the state and from the time product to the output. */
typedef struct { int32_t q1, q2; int e1, e2; } weft_svdf_params_t;
void weft_svdf_params(const weft_graph_t *g, const weft_op_t *op, weft_svdf_params_t *p);

#ifdef __cplusplus
}
#endif
#endif
