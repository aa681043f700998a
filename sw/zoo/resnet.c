/* SPDX-License-Identifier: Apache-2.0
 *
 * ResNet-18 and ResNet-50 (He, Zhang, Ren and Sun, CVPR 2016) with batch normalisation folded: 1,814,073,344 and 4,089,184,256 MACs at
 * 224x224. ResNet-50 strides in the 3x3 convolutions, as the version that MLPerf and torchvision use.
 */
#include "layers.h"

enum { STAGES = 4, CLASSES = 1000 };

typedef struct { bool bottleneck; int blocks[STAGES]; } depth_t;

static zoo_map_t conv(zoo_t *z, zoo_map_t x, int filters, int size, int stride, int act)
{
  return zoo_conv(z, x, (zoo_conv_t){filters, size, size, stride, WEFT_PAD_SAME, 1, act});
}

static zoo_map_t block(zoo_t *z, zoo_map_t x, bool bottleneck, int width, int stride)
{
  int filters = bottleneck ? 4 * width : width;
  zoo_map_t y;
  if (bottleneck) {
    y = conv(z, x, width, 1, 1, WEFT_ACT_RELU);
    y = conv(z, y, width, 3, stride, WEFT_ACT_RELU);
    y = conv(z, y, filters, 1, 1, WEFT_ACT_NONE);
  } else {
    y = conv(z, x, width, 3, stride, WEFT_ACT_RELU);
    y = conv(z, y, width, 3, 1, WEFT_ACT_NONE);
  }
  if (stride != 1 || x.dim[3] != filters) x = conv(z, x, filters, 1, stride, WEFT_ACT_NONE);
  return zoo_add(z, x, y, WEFT_ACT_RELU);
}

static zoo_map_t resnet(zoo_t *z, int size, const depth_t *d)
{
  zoo_map_t x = zoo_input(z, 3, (int32_t[]){size, size, 3});
  x = conv(z, x, 64, 7, 2, WEFT_ACT_RELU);
  x = zoo_max_pool(z, x, 3, 2, WEFT_PAD_SAME);
  for (int s = 0; s < STAGES; s++)
    for (int b = 0; b < d->blocks[s]; b++) x = block(z, x, d->bottleneck, 64 << s, b == 0 && s > 0 ? 2 : 1);
  return zoo_fully_connected(z, zoo_mean(z, x), CLASSES, 1);
}

zoo_map_t zoo_resnet18(zoo_t *z, const double *parameter) { return resnet(z, (int)parameter[0], &(depth_t){false, {2, 2, 2, 2}}); }
zoo_map_t zoo_resnet50(zoo_t *z, const double *parameter) { return resnet(z, (int)parameter[0], &(depth_t){true, {3, 4, 6, 3}}); }
