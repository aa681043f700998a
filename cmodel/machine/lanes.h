/* SPDX-License-Identifier: Apache-2.0
 *
 * One lane: the scaling that requantisation after the array and the vector engine share.
 *
 * All int32, wrapping. mult is 0..2^31-1, for which SRDHM is (p + 2^30) >> 31; ls and rs are 0..31.
 */
#ifndef WEFT_MACHINE_LANES_H
#define WEFT_MACHINE_LANES_H

#include "quant.h"

/* M2(x) = RDP(SRDHM(x << ls, mult), rs) */
static inline int32_t weft_lane_scale(int32_t x, int32_t mult, int ls, int rs) {
  return weft_rdp(weft_srdhm((int32_t)((uint32_t)x << ls), mult), rs);
}

/* clamp(v + zo, lo, hi), the addition wrapping */
static inline uint8_t weft_lane_out(int32_t v, int64_t zo, int64_t lo, int64_t hi) {
  v = weft_wrap_add(v, (int32_t)zo);
  return (uint8_t)(int8_t)(v < lo ? lo : v > hi ? hi : v);
}

#endif
