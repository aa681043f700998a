/* SPDX-License-Identifier: Apache-2.0
 *
 * The convolutions of NVDLA's hardware traces: ifmap WxHxC, filter KWxKHxC, K filters.
 *
 * Strides and padding are chosen so that the MACs are those of the published measurements; three of them have an uneven padding, which
 * TensorFlow Lite can only write as an operator of its own.
 */
#include "layers.h"

typedef struct { int w, h, c, kw, kh, k, stride, top, bottom, left, right; } trace_t;

zoo_map_t zoo_nvdla(zoo_t *z, const double *parameter)
{
  static const trace_t trace[] = {
    {8, 16, 128, 3, 3, 32, 1, 1, 2, 0, 1},     /* 7x17 positions, 4,386,816 MACs */
    {13, 15, 64, 5, 3, 16, 1, 0, 1, 1, 2},     /* 12x14, 2,580,480 */
    {24, 33, 55, 5, 5, 25, 3, 2, 3, 0, 0},     /* 7x12, 2,887,500 */
    {6, 8, 192, 3, 3, 32, 2, 0, 0, 0, 0},      /* 2x3, 331,776 */
    {4, 1, 8192, 1, 1, 1, 2, 0, 0, 0, 0},      /* 2x1, 16,384 */
  };
  const trace_t *t = &trace[(int)parameter[0] - 1];
  zoo_map_t x = zoo_input(z, 3, (int32_t[]){t->h, t->w, t->c});
  if (t->top || t->bottom || t->left || t->right) x = zoo_pad(z, x, t->top, t->bottom, t->left, t->right);
  return zoo_conv(z, x, (zoo_conv_t){t->k, t->kh, t->kw, t->stride, WEFT_PAD_VALID, 1, WEFT_ACT_RELU});
}
