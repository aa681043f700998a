/* SPDX-License-Identifier: Apache-2.0
 *
 * QUANTIZE, DEQUANTIZE and CAST between the types at a network's edges.
 *
 * QUANTIZE from FLOAT32: round(x / scale) half away, in float32, plus the zero point, saturated. Between integers: M2(x - zx, si / so) + zo,
 * with the ratio in double. DEQUANTIZE: scale * (x - zero point) in double, rounded to float32 once. CAST: the number in the other type,
 * fractions cut off; what does not fit saturates (the reference kernels leave it to the machine).
 */
#include <math.h>

#include "ops.h"
#include "quant.h"

static bool quantised(const weft_tensor_t *t) { return (t->type == WEFT_I8 || t->type == WEFT_U8 || t->type == WEFT_I16) && t->nscale == 1; }

static void range(weft_dtype_t t, int64_t *lo, int64_t *hi) {
  switch (t) {
    case WEFT_I8: *lo = INT8_MIN, *hi = INT8_MAX; return;
    case WEFT_U8: *lo = 0, *hi = UINT8_MAX; return;
    case WEFT_I16: *lo = INT16_MIN, *hi = INT16_MAX; return;
    case WEFT_I64: *lo = INT64_MIN, *hi = INT64_MAX; return;
    default: *lo = INT32_MIN, *hi = INT32_MAX; return;
  }
}

static int64_t load(weft_dtype_t t, const void *data, size_t i) {
  switch (t) {
    case WEFT_I8: return ((const int8_t *)data)[i];
    case WEFT_U8: case WEFT_BOOL: return ((const uint8_t *)data)[i];
    case WEFT_I16: return ((const int16_t *)data)[i];
    case WEFT_I64: return ((const int64_t *)data)[i];
    default: return ((const int32_t *)data)[i];
  }
}

static void store(weft_dtype_t t, void *data, size_t i, int64_t v) {
  switch (t) {
    case WEFT_I8: ((int8_t *)data)[i] = (int8_t)v; return;
    case WEFT_U8: ((uint8_t *)data)[i] = (uint8_t)v; return;
    case WEFT_BOOL: ((uint8_t *)data)[i] = v != 0; return;
    case WEFT_I16: ((int16_t *)data)[i] = (int16_t)v; return;
    case WEFT_I64: ((int64_t *)data)[i] = v; return;
    default: ((int32_t *)data)[i] = (int32_t)v; return;
  }
}

static int64_t clamp(int64_t v, int64_t lo, int64_t hi) { return v < lo ? lo : v > hi ? hi : v; }

/* v saturated into [lo, hi], NaN to 0. Bounds of 64 bits are compared as the next float, which is outside. */
static int64_t to_integer(float v, int64_t lo, int64_t hi) {
  if (v != v) return 0;
  if (v >= (float)hi) return hi;
  return v <= (float)lo ? lo : (int64_t)v;
}

const char *weft_op_quantize_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  if (!quantised(y)) return "the output must be INT8, UINT8 or INT16 with one scale";
  if (x->type != WEFT_F32 && !quantised(x)) return "the input must be FLOAT32, or INT8, UINT8 or INT16 with one scale";
  if (!weft_op_same_shape(x, y)) return "input and output must have the same shape";
  return x->type == WEFT_F32 || (double)x->scale[0] / (double)y->scale[0] < 1073741824.0 * (1.0 - 0x1p-32)
             ? NULL : "the ratio of the scales does not fit the fixed-point multiplier (below 2^30)";
}

void weft_op_quantize_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  const int32_t zo = y->zero[0];
  int64_t lo, hi;
  range(y->type, &lo, &hi);
  if (x->type == WEFT_I8 && y->type == WEFT_I8) {
    weft_op_unary_run(g, op, data);        /* the same rule as a table, which the compiler prints too */
    return;
  }
  if (x->type == WEFT_F32) {
    const float *from = data[op->in[0]], scale = y->scale[0];
    for (size_t i = 0; i < x->elements; i++)
      store(y->type, data[op->out[0]], i, clamp(to_integer(roundf(from[i] / scale), INT32_MIN, INT32_MAX) + zo, lo, hi));
    return;
  }
  int32_t q;
  int e;
  weft_rescale_requant(g, op, &q, &e);
  for (size_t i = 0; i < x->elements; i++) {
    const int32_t v = (int32_t)load(x->type, data[op->in[0]], i) - x->zero[0];
    store(y->type, data[op->out[0]], i, clamp(weft_wrap_add(weft_m2(v, q, e), zo), lo, hi));
  }
}

const char *weft_op_dequantize_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  if (!quantised(x)) return "the input must be INT8, UINT8 or INT16 with one scale";
  if (y->type != WEFT_F32) return "the output must be FLOAT32";
  return weft_op_same_shape(x, y) ? NULL : "input and output must have the same shape";
}

void weft_op_dequantize_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *x = weft_op_in(g, op, 0);
  float *to = data[op->out[0]];
  for (size_t i = 0; i < x->elements; i++) {
    const double v = (double)x->scale[0] * (double)(load(x->type, data[op->in[0]], i) - x->zero[0]);
    to[i] = (float)v;
  }
}

const char *weft_op_cast_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  if (x->type == WEFT_I4 || y->type == WEFT_I4) return "INT4 cannot be cast";
  return weft_op_same_shape(x, y) ? NULL : "input and output must have the same shape";
}

void weft_op_cast_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  int64_t lo, hi;
  range(y->type, &lo, &hi);
  for (size_t i = 0; i < x->elements; i++) {
    const float f = x->type == WEFT_F32 ? ((const float *)data[op->in[0]])[i] : 0;
    if (y->type == WEFT_F32) ((float *)data[op->out[0]])[i] = x->type == WEFT_F32 ? f : (float)load(x->type, data[op->in[0]], i);
    else if (x->type != WEFT_F32) store(y->type, data[op->out[0]], i, load(x->type, data[op->in[0]], i));
    else store(y->type, data[op->out[0]], i, y->type == WEFT_BOOL ? f != 0 : to_integer(f, lo, hi));
  }
}
