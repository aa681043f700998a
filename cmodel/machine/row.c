/* SPDX-License-Identifier: Apache-2.0
 *
 * The reciprocal of a row's sum in fixed point (docs/spec.md section 5, "Reciprocal").
 *
 * Newton's method as SOFTMAX of TensorFlow Lite computes it, out of the lane's own multiplication, so that every sum has a result, also
 * those for which TensorFlow Lite has none. d, the sum scaled into [1/2, 1), has 31 fraction bits, x and u have 29.
 */
#include "lanes.h"

enum { NEWTON_STEPS = 3, LOWEST_TOP = 19, HIGHEST_TOP = 27 };   /* positions of the sum's highest set bit that it tells apart */

static int32_t multiply(int32_t a, int32_t m) { return weft_lane_scale(a, m & INT32_MAX, 0, 0); }
static int32_t saturated(int64_t v) { return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int32_t)v; }
static int32_t wrap_sub(int32_t a, int32_t b) { return (int32_t)((uint32_t)a - (uint32_t)b); }

void weft_lane_reciprocal(int32_t sum, int32_t *mult, int *shift) {
  const uint32_t s = (uint32_t)sum;
  const bool big = s >> (HIGHEST_TOP + 1);
  int top = HIGHEST_TOP;
  while (!big && top > LOWEST_TOP && !(s >> top & 1)) top--;
  const int32_t d = (int32_t)(s << (30 - top));
  int32_t x = weft_wrap_add(1515870810, multiply(-1010580540, d));   /* 48/17 - 32/17 d */
  for (int i = 0; i < NEWTON_STEPS; i++) {
    const int32_t u = wrap_sub(1 << 29, multiply(x, d));
    x = weft_wrap_add(x, saturated((int64_t)multiply(u, x) * 4));
  }
  *mult = big ? 0 : saturated((int64_t)x * 2) & INT32_MAX;
  *shift = top + 4;
}
