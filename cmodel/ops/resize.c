/* SPDX-License-Identifier: Apache-2.0
 *
 * RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR of [batch, h, w, c], with align_corners or half_pixel centres.
 *
 * Nearest takes whole pixels at coordinates computed in float32. Bilinear has coordinates in Q10, weighs four pixels in Q20 and
 * rounds half away from zero. The bytes keep their quantisation; the references do not compare input's and output's, nor do we.
 */
#include <string.h>

#include "ops.h"
#include "quant.h"

const char *weft_op_resize_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *size = weft_op_in(g, op, 1), *y = weft_op_out(g, op);
  const char *bad = weft_op_accept_i8(x);
  if (bad || (bad = weft_op_accept_i8(y))) return bad;
  if (x->rank != 4 || y->rank != 4 || x->dim[0] != y->dim[0] || x->dim[3] != y->dim[3]) return "input and output must have rank 4 and agree in batch and channels";
  if (!size->data || size->type != WEFT_I32 || size->elements != 2) return "the new size must be a constant of two INT32";
  if (((const int32_t *)size->data)[0] != y->dim[1] || ((const int32_t *)size->data)[1] != y->dim[2]) return "the output does not have the size that input 1 says";
  for (int i = 1; i < 3; i++)
    if (x->dim[i] >= 1 << 20 || y->dim[i] >= 1 << 20 || (int64_t)x->dim[i] * 1024 + 1024 >= INT32_MAX) return "height and width must be below 2^20";
  /* Enlarged much, Q10 steps that were rounded up lead beyond the input (26 rows to 399, say); the reference kernels read there. */
  for (int i = 1; op->code == WEFT_OP_RESIZE_BILINEAR && i < 3; i++)
    if (weft_resize_bilinear(op, x->dim[i], y->dim[i], y->dim[i] - 1).low >= x->dim[i]) return "the output is too large for coordinates in steps of 1/1024";
  return NULL;
}

static void nearest(const weft_graph_t *g, const weft_op_t *op, const int8_t *x, int8_t *y) {
  const weft_tensor_t *in = weft_op_in(g, op, 0), *out = weft_op_out(g, op);
  const size_t c = (size_t)in->dim[3];
  for (int b = 0; b < out->dim[0]; b++, x += c * (size_t)in->dim[1] * (size_t)in->dim[2])
    for (int oy = 0; oy < out->dim[1]; oy++) {
      const int8_t *row = x + c * (size_t)in->dim[2] * (size_t)weft_resize_nearest(op, in->dim[1], out->dim[1], oy);
      for (int ox = 0; ox < out->dim[2]; ox++, y += c) memcpy(y, row + c * (size_t)weft_resize_nearest(op, in->dim[2], out->dim[2], ox), c);
    }
}

static void bilinear(const weft_graph_t *g, const weft_op_t *op, const int8_t *x, int8_t *y) {
  const weft_tensor_t *in = weft_op_in(g, op, 0), *out = weft_op_out(g, op);
  const size_t c = (size_t)in->dim[3], row = c * (size_t)in->dim[2];
  for (int b = 0; b < out->dim[0]; b++, x += row * (size_t)in->dim[1])
    for (int oy = 0; oy < out->dim[1]; oy++) {
      const weft_resize_t v = weft_resize_bilinear(op, in->dim[1], out->dim[1], oy);
      const int8_t *top = x + row * (size_t)v.low, *bottom = x + row * (size_t)v.high;
      for (int ox = 0; ox < out->dim[2]; ox++, y += c) {
        const weft_resize_t h = weft_resize_bilinear(op, in->dim[2], out->dim[2], ox);
        const size_t l = c * (size_t)h.low, r = c * (size_t)h.high;
        for (size_t i = 0; i < c; i++) {
          const int32_t sum = (int32_t)((1024 - v.weight) * (1024 - h.weight) * top[l + i] + v.weight * (1024 - h.weight) * bottom[l + i] +
                                        (1024 - v.weight) * h.weight * top[r + i] + v.weight * h.weight * bottom[r + i]);
          y[i] = (int8_t)((sum > 0 ? sum + (1 << 19) : sum - (1 << 19)) / (1 << 20));   /* truncating division: half away from zero */
        }
      }
    }
}

void weft_op_resize_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  if (op->code == WEFT_OP_RESIZE_BILINEAR) bilinear(g, op, data[op->in[0]], data[op->out[0]]);
  else nearest(g, op, data[op->in[0]], data[op->out[0]]);
}
