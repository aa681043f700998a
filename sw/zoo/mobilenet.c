/* SPDX-License-Identifier: Apache-2.0
 *
 * MobileNetV1 (Howard et al., 2017) and V2 (Sandler et al., CVPR 2018) with batch normalisation folded: 568,740,352 and 300,774,272 MACs
 * at width 1.0 and 224x224. Widths are rounded to multiples of 8, by less than 10 % downwards, as in the originals.
 */
#include "layers.h"

enum { CLASSES = 1000 };

static int channels(double c)
{
  int n = (int)(c + 4) / 8 * 8;
  if (n < 8) n = 8;
  return n < 0.9 * c ? n + 8 : n;
}

static zoo_map_t first(zoo_t *z, double width, int size)
{
  zoo_map_t x = zoo_input(z, 3, (int32_t[]){size, size, 3});
  return zoo_conv(z, x, (zoo_conv_t){channels(32 * width), 3, 3, 2, WEFT_PAD_SAME, 1, WEFT_ACT_RELU6});
}

static zoo_map_t pointwise(zoo_t *z, zoo_map_t x, int filters, int act)
{
  return zoo_conv(z, x, (zoo_conv_t){filters, 1, 1, 1, WEFT_PAD_SAME, 1, act});
}

zoo_map_t zoo_mobilenetv1(zoo_t *z, const double *parameter)
{
  static const struct { int filters, stride; } pair[] = {{64, 1}, {128, 2}, {128, 1}, {256, 2}, {256, 1}, {512, 2}, {512, 1},
                                                         {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1}};
  zoo_map_t x = first(z, parameter[0], (int)parameter[1]);
  for (size_t i = 0; i < sizeof pair / sizeof pair[0]; i++) {
    x = zoo_depthwise(z, x, 3, pair[i].stride, WEFT_ACT_RELU6);
    x = pointwise(z, x, channels(pair[i].filters * parameter[0]), WEFT_ACT_RELU6);
  }
  return zoo_fully_connected(z, zoo_mean(z, x), CLASSES, 1);
}

zoo_map_t zoo_mobilenetv2(zoo_t *z, const double *parameter)
{
  static const struct { int expand, filters, repeat, stride; } stage[] = {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2},
                                                                          {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
  const double width = parameter[0];
  zoo_map_t x = first(z, width, (int)parameter[1]);
  for (size_t s = 0; s < sizeof stage / sizeof stage[0]; s++)
    for (int i = 0; i < stage[s].repeat; i++) {
      int stride = i ? 1 : stage[s].stride, filters = channels(stage[s].filters * width);
      zoo_map_t y = stage[s].expand > 1 ? pointwise(z, x, x.dim[3] * stage[s].expand, WEFT_ACT_RELU6) : x;
      y = zoo_depthwise(z, y, 3, stride, WEFT_ACT_RELU6);
      y = pointwise(z, y, filters, WEFT_ACT_NONE);
      x = stride == 1 && x.dim[3] == filters ? zoo_add(z, x, y, WEFT_ACT_NONE) : y;
    }
  x = pointwise(z, x, channels(width > 1 ? 1280 * width : 1280), WEFT_ACT_RELU6);
  return zoo_fully_connected(z, zoo_mean(z, x), CLASSES, 1);
}
