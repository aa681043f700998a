/* SPDX-License-Identifier: Apache-2.0
 *
 * MEAN over height and width of [batch, h, w, c]; the output is [batch, c] or [batch, 1, 1, c].
 *
 * The sum is exact, the division is part of the requantisation factor (weft_mean_params). No fused activation.
 */
#include <string.h>

#include "ops.h"
#include "quant.h"

enum { CHANNELS = 256 };

const char *weft_op_mean_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op), *axis = weft_op_in(g, op, 1);
  const char *bad = weft_op_accept_i8(x);
  if (bad || (bad = weft_op_accept_i8(y))) return bad;
  if (x->rank != 4 || y->elements != (size_t)x->dim[0] * (size_t)x->dim[3]) return "input must have rank 4 and output batch * channels values";
  if ((int64_t)x->dim[1] * x->dim[2] > 1 << 23) return "mean over more than 2^23 values";
  if (axis->type != WEFT_I32 || !axis->data) return "axes must be constant INT32";
  unsigned seen = 0;
  for (size_t i = 0; i < axis->elements; i++) {
    const int32_t a = ((const int32_t *)axis->data)[i];
    seen |= a < -4 || a > 3 ? 1u : 1u << (a & 3);   /* a & 3 folds -4..-1 to 0..3 */
  }
  return seen == 6u ? NULL : "axes must be height and width";
}

void weft_op_mean_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *x = weft_op_in(g, op, 0);
  const int32_t channels = x->dim[3], zx = x->zero[0], zo = weft_op_out(g, op)->zero[0];
  int32_t n, q, sum[CHANNELS];
  int e;
  weft_mean_params(g, op, &n, &q, &e);
  const int8_t *image = data[op->in[0]];
  int8_t *to = data[op->out[0]];

  for (int b = 0; b < x->dim[0]; b++, image += (size_t)n * channels, to += channels)
    for (int c = 0; c < channels; c += CHANNELS) {
      const int len = channels - c < CHANNELS ? channels - c : CHANNELS;
      memset(sum, 0, sizeof sum);
      for (int32_t p = 0; p < n; p++) {
        const int8_t *from = image + (size_t)p * channels + c;
        for (int i = 0; i < len; i++) sum[i] += from[i];
      }
      for (int i = 0; i < len; i++) to[c + i] = weft_requant(sum[i] - zx * n, q, e, zo, INT8_MIN, INT8_MAX);
    }
}
