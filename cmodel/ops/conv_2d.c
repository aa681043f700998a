/* SPDX-License-Identifier: Apache-2.0
 *
 * CONV_2D: ifmap [batch, h, w, c], weights [oc, r, s, c / groups], bias [oc], with stride, dilation, groups and fused activation.
 *
 * For each output position the window is gathered once as zero-point-corrected int16 values, in the weights' order, so that each
 * output channel is one contiguous dot product; taps outside the image are zeros there. Stack: about 12 KiB, whatever the shape.
 */
#include <string.h>

#include "ops.h"
#include "quant.h"
#include "window.h"

enum { TAPS = 4096, CHANNELS = 256 };   /* window values and output channels handled at a time */

typedef struct {
  int oc, n;                              /* output channels oc .. oc+n-1, all of one group */
  int32_t bias[CHANNELS], q[CHANNELS], acc[CHANNELS];
  int e[CHANNELS];
} block_t;

const char *weft_op_conv_2d_accept(const weft_graph_t *g, const weft_op_t *op) {
  const char *bad = weft_window_accept(g, op);
  if (bad || (bad = weft_op_accept_i8(weft_op_in(g, op, 0))) || (bad = weft_op_accept_i8(weft_op_out(g, op)))) return bad;
  const weft_tensor_t *x = weft_op_in(g, op, 0), *w = weft_op_in(g, op, 1);
  if (w->dim[3] < 1 || x->dim[3] % w->dim[3] != 0 || w->dim[0] % (x->dim[3] / w->dim[3]) != 0) return "channels are not a whole number of groups";
  for (int i = 0; i < w->nscale; i++)
    if (w->zero[i] != 0) return "weights must have zero point 0";
  return weft_op_accept_weights(g, op, 0);
}

/* Values first .. first+n-1 of the window at output (oy, ox), flattened as [r, s, channel of the group starting at c0]. */
static void gather(const weft_window_t *w, const int8_t *image, int32_t zero, int c0, int group_c, int oy, int ox, int first, int n, int16_t *to) {
  int c = first % group_c, s = first / group_c % w->filter_w, r = first / group_c / w->filter_w;
  while (n > 0) {
    const int len = group_c - c < n ? group_c - c : n;
    const int y = oy * w->stride_h - w->pad_top + r * w->dilation_h, x = ox * w->stride_w - w->pad_left + s * w->dilation_w;
    if (y >= 0 && y < w->in_h && x >= 0 && x < w->in_w) {
      const int8_t *from = image + ((size_t)y * w->in_w + x) * w->in_c + c0 + c;
      for (int i = 0; i < len; i++) to[i] = (int16_t)(from[i] - zero);
    } else {
      memset(to, 0, (size_t)len * sizeof *to);
    }
    to += len;
    n -= len;
    c = 0;
    if (++s == w->filter_w) {
      s = 0;
      r++;
    }
  }
}

void weft_op_conv_2d_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  weft_window_t w;
  weft_window(g, op, &w);
  const int8_t *x = data[op->in[0]], *f = data[op->in[1]];
  const int32_t *bias = weft_op_bias(op, data);
  int8_t *out = data[op->out[0]];
  const int32_t zx = weft_op_in(g, op, 0)->zero[0], zo = weft_op_out(g, op)->zero[0];
  const int group_c = weft_op_in(g, op, 1)->dim[3], group_oc = w.out_c / (w.in_c / group_c);
  const int depth = w.filter_h * w.filter_w * group_c;
  int32_t lo, hi;
  weft_act_bounds(g, op, &lo, &hi);

  int16_t patch[TAPS];
  block_t k;
  for (k.oc = 0; k.oc < w.out_c; k.oc += k.n) {
    const int left = group_oc - k.oc % group_oc;
    k.n = left < CHANNELS ? left : CHANNELS;
    for (int i = 0; i < k.n; i++) {
      k.bias[i] = bias ? bias[k.oc + i] : 0;
      weft_conv_requant(g, op, k.oc + i, &k.q[i], &k.e[i]);
    }
    const int c0 = k.oc / group_oc * group_c;
    const int8_t *image = x;
    int8_t *to = out + k.oc;
    for (int b = 0; b < w.batch; b++, image += (size_t)w.in_h * w.in_w * w.in_c)
      for (int oy = 0; oy < w.out_h; oy++)
        for (int ox = 0; ox < w.out_w; ox++, to += w.out_c) {
          memcpy(k.acc, k.bias, (size_t)k.n * sizeof k.acc[0]);
          for (int first = 0; first < depth; first += TAPS) {
            const int n = depth - first < TAPS ? depth - first : TAPS;
            gather(&w, image, zx, c0, group_c, oy, ox, first, n, patch);
            for (int i = 0; i < k.n; i++) k.acc[i] = weft_wrap_add(k.acc[i], weft_dot(patch, f + (size_t)(k.oc + i) * depth + first, n));
          }
          for (int i = 0; i < k.n; i++) to[i] = weft_requant(k.acc[i], k.q[i], k.e[i], zo, lo, hi);
        }
  }
}
