/* SPDX-License-Identifier: Apache-2.0
 *
 * DEPTHWISE_CONV_2D: ifmap [batch, h, w, c], weights [1, r, s, c * multiplier], bias [c * multiplier]; output channel
 * c * multiplier + m reads input channel c.
 *
 * The inner loop runs over output channels, which are contiguous in weights and ofmap; only taps inside the image are visited.
 */
#include <string.h>

#include "ops.h"
#include "quant.h"
#include "window.h"

enum { CHANNELS = 256 };   /* output channels handled at a time */

const char *weft_op_depthwise_conv_2d_accept(const weft_graph_t *g, const weft_op_t *op) {
  const char *bad = weft_window_accept(g, op);
  if (bad || (bad = weft_op_accept_i8(weft_op_in(g, op, 0))) || (bad = weft_op_accept_i8(weft_op_out(g, op)))) return bad;
  const weft_tensor_t *x = weft_op_in(g, op, 0), *w = weft_op_in(g, op, 1);
  if (w->dim[0] != 1 || op->depth_multiplier < 1 || w->dim[3] != (int64_t)x->dim[3] * op->depth_multiplier)
    return "weights must be [1, r, s, channels * multiplier]";
  for (int i = 0; i < w->nscale; i++)
    if (w->zero[i] != 0) return "weights must have zero point 0";
  return weft_op_accept_weights(g, op, 3);
}

void weft_op_depthwise_conv_2d_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  weft_window_t w;
  weft_window(g, op, &w);
  const int8_t *image = data[op->in[0]], *f = data[op->in[1]];
  const int32_t *bias = weft_op_bias(op, data);
  int8_t *out = data[op->out[0]];
  const int32_t zo = weft_op_out(g, op)->zero[0];
  const int16_t zx = (int16_t)weft_op_in(g, op, 0)->zero[0];
  const int m = op->depth_multiplier;
  int32_t lo, hi;
  weft_act_bounds(g, op, &lo, &hi);

  int32_t start[CHANNELS], q[CHANNELS], acc[CHANNELS];
  int e[CHANNELS];
  int16_t value[CHANNELS];   /* zero-point-corrected ifmap values, one for each output channel of the block */
  for (int oc = 0; oc < w.out_c; oc += CHANNELS) {
    const int n = w.out_c - oc < CHANNELS ? w.out_c - oc : CHANNELS;
    for (int i = 0; i < n; i++) {
      start[i] = bias ? bias[oc + i] : 0;
      weft_conv_requant(g, op, oc + i, &q[i], &e[i]);
    }
    int8_t *to = out + oc;
    for (int b = 0; b < w.batch; b++)
      for (int oy = 0; oy < w.out_h; oy++)
        for (int ox = 0; ox < w.out_w; ox++, to += w.out_c) {
          const int y0 = oy * w.stride_h - w.pad_top, x0 = ox * w.stride_w - w.pad_left;
          int r0, r1, s0, s1;
          weft_window_taps(y0, w.filter_h, w.dilation_h, w.in_h, &r0, &r1);
          weft_window_taps(x0, w.filter_w, w.dilation_w, w.in_w, &s0, &s1);
          memcpy(acc, start, (size_t)n * sizeof acc[0]);
          for (int r = r0; r < r1; r++)
            for (int s = s0; s < s1; s++) {
              const size_t pixel = ((size_t)b * w.in_h + y0 + r * w.dilation_h) * w.in_w + x0 + s * w.dilation_w;
              const int8_t *from = image + pixel * w.in_c, *tap = f + ((size_t)r * w.filter_w + s) * w.out_c + oc;
              if (m == 1)
                for (int i = 0; i < n; i++) value[i] = (int16_t)(from[oc + i] - zx);
              else
                for (int i = 0; i < n; i++) value[i] = (int16_t)(from[(oc + i) / m] - zx);
              /* |value| <= 255 and |weight| <= 128: the product fits int16. */
              for (int i = 0; i < n; i++) acc[i] = weft_wrap_add(acc[i], (int16_t)(value[i] * tap[i]));
            }
          for (int i = 0; i < n; i++) to[i] = weft_requant(acc[i], q[i], e[i], zo, lo, hi);
        }
  }
}
