/* SPDX-License-Identifier: Apache-2.0
 *
 * AVERAGE_POOL_2D: mean of the window's taps that lie inside the image, half away from zero on the raw bytes, fused activation.
 *
 * Input and output share scale and zero point, so the bytes are averaged as they are, and the divisor is the number of taps
 * inside: padding does not pull the mean towards the zero point.
 */
#include <string.h>

#include "ops.h"
#include "quant.h"
#include "window.h"

enum { CHANNELS = 256 };

const char *weft_op_average_pool_2d_accept(const weft_graph_t *g, const weft_op_t *op) {
  const char *bad = weft_window_accept(g, op);
  if (bad || (bad = weft_op_accept_i8(weft_op_in(g, op, 0))) || (bad = weft_op_accept_i8(weft_op_out(g, op)))) return bad;
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  if ((int64_t)op->filter_h * op->filter_w > 1 << 23) return "window of more than 2^23 taps";
  return x->dim[3] == y->dim[3] ? NULL : "output channels differ from the input's";
}

void weft_op_average_pool_2d_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  weft_window_t w;
  weft_window(g, op, &w);
  const int8_t *image = data[op->in[0]];
  int8_t *to = data[op->out[0]];
  int32_t lo, hi, acc[CHANNELS];
  weft_act_bounds(g, op, &lo, &hi);

  for (int b = 0; b < w.batch; b++)
    for (int oy = 0; oy < w.out_h; oy++)
      for (int ox = 0; ox < w.out_w; ox++, to += w.out_c) {
        const int y0 = oy * w.stride_h - w.pad_top, x0 = ox * w.stride_w - w.pad_left;
        int r0, r1, s0, s1;
        weft_window_taps(y0, w.filter_h, 1, w.in_h, &r0, &r1);
        weft_window_taps(x0, w.filter_w, 1, w.in_w, &s0, &s1);
        const int32_t taps = (r1 - r0) * (s1 - s0);   /* at least 1: see weft_window_accept */
        for (int c = 0; c < w.in_c; c += CHANNELS) {
          const int n = w.in_c - c < CHANNELS ? w.in_c - c : CHANNELS;
          memset(acc, 0, sizeof acc);
          for (int r = r0; r < r1; r++)
            for (int s = s0; s < s1; s++) {
              const int8_t *from = image + (((size_t)b * w.in_h + y0 + r) * w.in_w + x0 + s) * w.in_c + c;
              for (int i = 0; i < n; i++) acc[i] += from[i];
            }
          for (int i = 0; i < n; i++) {
            const int32_t v = (acc[i] > 0 ? acc[i] + taps / 2 : acc[i] - taps / 2) / taps;
            to[c + i] = (int8_t)(v < lo ? lo : v > hi ? hi : v);
          }
        }
      }
}
