/* SPDX-License-Identifier: Apache-2.0
 *
 * VGG-16's convolutions and pools (Simonyan and Zisserman, ICLR 2015, configuration D): 15,346,630,656 MACs at 224x224.
 */
#include "layers.h"

zoo_map_t zoo_vgg16_conv(zoo_t *z, const double *parameter)
{
  static const struct { int filters, layers; } stage[] = {{64, 2}, {128, 2}, {256, 3}, {512, 3}, {512, 3}};
  const int size = (int)parameter[0];
  zoo_map_t x = zoo_input(z, 3, (int32_t[]){size, size, 3});
  for (size_t s = 0; s < sizeof stage / sizeof stage[0]; s++) {
    for (int i = 0; i < stage[s].layers; i++) x = zoo_conv(z, x, (zoo_conv_t){stage[s].filters, 3, 3, 1, WEFT_PAD_SAME, 1, WEFT_ACT_RELU});
    x = zoo_max_pool(z, x, 2, 2, WEFT_PAD_VALID);
  }
  return x;
}
