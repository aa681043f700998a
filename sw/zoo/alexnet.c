/* SPDX-License-Identifier: Apache-2.0
 *
 * AlexNet's convolutions and pools (Krizhevsky, Sutskever and Hinton, NIPS 2012), without local response normalisation, as
 * Eyeriss measures it: 665,784,864 MACs at 227x227.
 */
#include "layers.h"

zoo_map_t zoo_alexnet_conv(zoo_t *z, const double *parameter)
{
  const int size = (int)parameter[0];
  zoo_map_t x = zoo_input(z, 3, (int32_t[]){size, size, 3});
  x = zoo_conv(z, x, (zoo_conv_t){96, 11, 11, 4, WEFT_PAD_VALID, 1, WEFT_ACT_RELU});
  x = zoo_max_pool(z, x, 3, 2, WEFT_PAD_VALID);
  x = zoo_conv(z, x, (zoo_conv_t){256, 5, 5, 1, WEFT_PAD_SAME, 2, WEFT_ACT_RELU});
  x = zoo_max_pool(z, x, 3, 2, WEFT_PAD_VALID);
  x = zoo_conv(z, x, (zoo_conv_t){384, 3, 3, 1, WEFT_PAD_SAME, 1, WEFT_ACT_RELU});
  x = zoo_conv(z, x, (zoo_conv_t){384, 3, 3, 1, WEFT_PAD_SAME, 2, WEFT_ACT_RELU});
  x = zoo_conv(z, x, (zoo_conv_t){256, 3, 3, 1, WEFT_PAD_SAME, 2, WEFT_ACT_RELU});
  return zoo_max_pool(z, x, 3, 2, WEFT_PAD_VALID);
}
