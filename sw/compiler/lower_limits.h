/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of the lowerings that a user meets: the lowerings check them, the table of operators (operators.def) states them.
 */
#ifndef WEFT_LOWER_LIMITS_H
#define WEFT_LOWER_LIMITS_H

enum {
  WEFT_CONV_FIELD = 255,                   /* rows, columns, strides, dilations, padding: 8-bit fields of CONV */
  WEFT_TCONV_CHANNELS = 65535,             /* stride x output channels of TRANSPOSE_CONV */
  WEFT_POOL_ROWS = 255,                    /* of a window: what the tap loops of VEC count */
  WEFT_POOL_COLUMNS = 65535,
  WEFT_POOL_VALUES = 1 << 15,              /* whose average the lanes divide exactly */
  WEFT_REDUCE_OUTER = 255,                 /* reduced values: the tap loops again */
  WEFT_REDUCE_INNER = 65535,
  WEFT_SOFTMAX_ROW = 4095,                 /* values of a row whose exponentials, 2^19 each at most, sum to an int32 */
  WEFT_RESIZE_GROUPS = 1 << 15,            /* of pixels that are interpolated alike: commands */
  WEFT_RESIZE_WEIGHTS = 1 << 22,           /* bytes */
  WEFT_LANE_TILES = 1 << 14,               /* pieces of a broadcast over more loops than VEC has */
  WEFT_MOVE_COMMANDS = 20000               /* a list of more is no gain over the CPU, and long to check */
};

#endif
