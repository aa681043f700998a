/* SPDX-License-Identifier: Apache-2.0
 *
 * MAX_POOL_2D: the largest raw byte of the window's taps inside the image, then the fused activation's clamp.
 */
#include <string.h>

#include "ops.h"
#include "quant.h"
#include "window.h"

const char *weft_op_max_pool_2d_accept(const weft_graph_t *g, const weft_op_t *op) {
  const char *bad = weft_window_accept(g, op);
  if (bad || (bad = weft_op_accept_i8(weft_op_in(g, op, 0))) || (bad = weft_op_accept_i8(weft_op_out(g, op)))) return bad;
  return weft_op_in(g, op, 0)->dim[3] == weft_op_out(g, op)->dim[3] ? NULL : "output channels differ from the input's";
}

void weft_op_max_pool_2d_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  weft_window_t w;
  weft_window(g, op, &w);
  const int8_t *image = data[op->in[0]];
  int8_t *to = data[op->out[0]];
  int32_t lo, hi;
  weft_act_bounds(g, op, &lo, &hi);

  for (int b = 0; b < w.batch; b++)
    for (int oy = 0; oy < w.out_h; oy++)
      for (int ox = 0; ox < w.out_w; ox++, to += w.out_c) {
        const int y0 = oy * w.stride_h - w.pad_top, x0 = ox * w.stride_w - w.pad_left;
        int r0, r1, s0, s1;
        weft_window_taps(y0, w.filter_h, 1, w.in_h, &r0, &r1);
        weft_window_taps(x0, w.filter_w, 1, w.in_w, &s0, &s1);
        memset(to, INT8_MIN, (size_t)w.out_c);
        for (int r = r0; r < r1; r++)
          for (int s = s0; s < s1; s++) {
            const int8_t *from = image + (((size_t)b * w.in_h + y0 + r) * w.in_w + x0 + s) * w.in_c;
            for (int i = 0; i < w.in_c; i++) to[i] = from[i] > to[i] ? from[i] : to[i];
          }
        for (int i = 0; i < w.in_c; i++) to[i] = (int8_t)(to[i] < lo ? lo : to[i] > hi ? hi : to[i]);
      }
}
