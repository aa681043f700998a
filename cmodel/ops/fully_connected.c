/* SPDX-License-Identifier: Apache-2.0
 *
 * FULLY_CONNECTED: input flattened to rows of `depth` values, weights [oc, depth], bias [oc], fused activation.
 *
 * Requantised in fixed point like a convolution (LiteRT from 1.3.0 on uses float64 here; we follow 1.2.0 and TFLM). Weights may have a
 * zero point zw: sum (x - zx)(w - zw) = sum (x - zx) w - zw sum (x - zx), everything modulo 2^32.
 */
#include "ops.h"
#include "quant.h"

enum { DEPTH = 4096, CHANNELS = 256 };   /* input values and output channels handled at a time */

const char *weft_op_fully_connected_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *w = weft_op_in(g, op, 1), *y = weft_op_out(g, op);
  const char *bad = weft_op_accept_i8(x);
  if (bad || (bad = weft_op_accept_i8(y))) return bad;
  if (w->rank != 2 || w->dim[1] < 1 || x->elements % (size_t)w->dim[1] != 0) return "input does not consist of rows of the weights' depth";
  if (y->elements != x->elements / (size_t)w->dim[1] * (size_t)w->dim[0]) return "output size does not follow from input and weights";
  return weft_op_accept_weights(g, op, 0);
}

void weft_op_fully_connected_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *tx = weft_op_in(g, op, 0), *tw = weft_op_in(g, op, 1);
  const int depth = tw->dim[1], channels = tw->dim[0];
  const size_t rows = tx->elements / (size_t)depth;
  const int8_t *x = data[op->in[0]], *f = data[op->in[1]];
  const int32_t *bias = weft_op_bias(op, data);
  int8_t *out = data[op->out[0]];
  const int32_t zx = tx->zero[0], zo = weft_op_out(g, op)->zero[0];
  int32_t lo, hi;
  weft_act_bounds(g, op, &lo, &hi);

  int16_t value[DEPTH];
  int32_t acc[CHANNELS], q[CHANNELS], zw[CHANNELS];
  int e[CHANNELS];
  for (int oc = 0; oc < channels; oc += CHANNELS) {
    const int n = channels - oc < CHANNELS ? channels - oc : CHANNELS;
    for (int i = 0; i < n; i++) {
      if (i == 0 || tw->nscale > 1) weft_conv_requant(g, op, oc + i, &q[i], &e[i]);
      else q[i] = q[0], e[i] = e[0];   /* one factor for all: making it costs more than a short row */
      zw[i] = tw->zero[tw->nscale > 1 ? oc + i : 0];
    }
    for (size_t row = 0; row < rows; row++) {
      for (int i = 0; i < n; i++) acc[i] = bias ? bias[oc + i] : 0;
      for (int first = 0; first < depth; first += DEPTH) {
        const int len = depth - first < DEPTH ? depth - first : DEPTH;
        const int8_t *from = x + row * (size_t)depth + first;
        int32_t sum = 0;   /* at most 255 * DEPTH */
        for (int i = 0; i < len; i++) sum += value[i] = (int16_t)(from[i] - zx);
        for (int i = 0; i < n; i++) {
          acc[i] = weft_wrap_add(acc[i], weft_dot(value, f + (size_t)(oc + i) * depth + first, len));
          acc[i] = weft_wrap_add(acc[i], -zw[i] * sum);
        }
      }
      int8_t *to = out + row * (size_t)channels + oc;
      for (int i = 0; i < n; i++) to[i] = weft_requant(acc[i], q[i], e[i], zo, lo, hi);
    }
  }
}
