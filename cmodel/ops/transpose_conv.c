/* SPDX-License-Identifier: Apache-2.0
 *
 * TRANSPOSE_CONV: each ifmap value spreads its filter over the ofmap with a stride; inputs are the output's shape (constant), weights
 * [oc, r, s, ic], ifmap [batch, h, w, ic] and an optional bias.
 *
 * Computed from the ofmap's side: output (y, x) collects the taps whose position is a multiple of the stride. Requantised as CONV_2D;
 * padding is that of the convolution that would lead from the ofmap to the ifmap.
 */
#include "ops.h"
#include "quant.h"
#include "window.h"

enum { DEPTH = 2048, CHANNELS = 256 };   /* input and output channels handled at a time */

/* Input numbers: they differ from CONV_2D's. */
enum { SHAPE, WEIGHTS, IFMAP, BIAS };

const char *weft_op_transpose_conv_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *shape = weft_op_in(g, op, SHAPE), *w = weft_op_in(g, op, WEIGHTS), *x = weft_op_in(g, op, IFMAP), *y = weft_op_out(g, op);
  const char *bad = weft_op_accept_i8(x);
  if (bad || (bad = weft_op_accept_i8(y))) return bad;
  if (x->rank != 4 || w->rank != 4 || y->rank != 4) return "input, weights and output must have rank 4";
  if (!shape->data || shape->type != WEFT_I32 || shape->elements != 4) return "the output's shape must be a constant of four INT32";
  for (int i = 0; i < 4; i++)
    if (((const int32_t *)shape->data)[i] != y->dim[i]) return "the output does not have the shape that input 0 says";
  if (y->dim[0] != x->dim[0] || w->dim[3] != x->dim[3]) return "batches or input channels differ";
  if (op->stride_h < 1 || op->stride_w < 1) return "stride must be at least 1";
  const weft_window_t v = weft_transpose_window(g, op);
  if (weft_window_size(op->padding, v.out_h, v.filter_h, v.stride_h, 1) != v.in_h || weft_window_size(op->padding, v.out_w, v.filter_w, v.stride_w, 1) != v.in_w)
    return "the output's size does not lead back to the input's with this filter, stride and padding";
  for (int i = 0; i < w->nscale; i++)
    if (w->zero[i] != 0) return "weights must have zero point 0";
  if ((bad = weft_op_accept_filter(w, weft_op_has(op, BIAS) ? weft_op_in(g, op, BIAS) : NULL, y, 0))) return bad;
  return weft_op_accept_factors(g, op, w->dim[0]);
}

void weft_op_transpose_conv_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_window_t w = weft_transpose_window(g, op);
  const int32_t zx = weft_op_in(g, op, IFMAP)->zero[0], zo = weft_op_out(g, op)->zero[0];
  const int8_t *f = data[op->in[WEIGHTS]];
  const int32_t *bias = weft_op_has(op, BIAS) ? data[op->in[BIAS]] : NULL;
  const size_t tap = (size_t)w.in_c, filter = tap * (size_t)w.filter_h * (size_t)w.filter_w;   /* weights of one tap, of one output channel */
  int32_t lo, hi;
  weft_act_bounds(g, op, &lo, &hi);

  int16_t value[DEPTH];
  int32_t acc[CHANNELS], q[CHANNELS];
  int e[CHANNELS];
  for (int oc = 0; oc < w.out_c; oc += CHANNELS) {
    const int n = w.out_c - oc < CHANNELS ? w.out_c - oc : CHANNELS;
    for (int i = 0; i < n; i++) weft_conv_requant(g, op, oc + i, &q[i], &e[i]);
    const int8_t *image = data[op->in[IFMAP]];
    int8_t *to = (int8_t *)data[op->out[0]] + oc;
    for (int b = 0; b < w.batch; b++, image += (size_t)w.in_h * (size_t)w.in_w * tap)
      for (int oy = 0; oy < w.out_h; oy++)
        for (int ox = 0; ox < w.out_w; ox++, to += w.out_c) {
          for (int i = 0; i < n; i++) acc[i] = bias ? bias[oc + i] : 0;
          for (int r = 0; r < w.filter_h; r++) {
            const int y = oy + w.pad_top - r;
            if (y < 0 || y % w.stride_h != 0 || y / w.stride_h >= w.in_h) continue;
            for (int s = 0; s < w.filter_w; s++) {
              const int x = ox + w.pad_left - s;
              if (x < 0 || x % w.stride_w != 0 || x / w.stride_w >= w.in_w) continue;
              const int8_t *from = image + ((size_t)(y / w.stride_h) * (size_t)w.in_w + (size_t)(x / w.stride_w)) * tap;
              for (int first = 0; first < w.in_c; first += DEPTH) {
                const int len = w.in_c - first < DEPTH ? w.in_c - first : DEPTH;
                for (int i = 0; i < len; i++) value[i] = (int16_t)(from[first + i] - zx);
                const int8_t *weights = f + (size_t)oc * filter + ((size_t)r * (size_t)w.filter_w + (size_t)s) * tap + first;
                for (int i = 0; i < n; i++) acc[i] = weft_wrap_add(acc[i], weft_dot(value, weights + (size_t)i * filter, len));
              }
            }
          }
          for (int i = 0; i < n; i++) to[i] = weft_requant(acc[i], q[i], e[i], zo, lo, hi);
        }
  }
}
