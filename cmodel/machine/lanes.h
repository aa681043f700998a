/* SPDX-License-Identifier: Apache-2.0
 *
 * One lane: the scaling that requantisation after the array and the vector engine share.
 *
 * All int32, wrapping. mult is 0..2^31 (2^31: the shifts alone), for which SRDHM is (p + 2^30) >> 31; ls and rs are 0..31.
 */
#ifndef WEFT_MACHINE_LANES_H
#define WEFT_MACHINE_LANES_H

#include "quant.h"

/* M2(x) = RDP(SRDHM(x << ls, mult), rs) */
static inline int32_t weft_lane_scale(int32_t x, int64_t mult, int ls, int rs) {
  return weft_rdp((int32_t)(((int32_t)((uint32_t)x << ls) * mult + (INT64_C(1) << 30)) >> 31), rs);
}

/* clamp(v + zo, lo, hi), the addition wrapping */
static inline uint8_t weft_lane_out(int32_t v, int64_t zo, int64_t lo, int64_t hi) {
  v = weft_wrap_add(v, (int32_t)zo);
  return (uint8_t)(int8_t)(v < lo ? lo : v > hi ? hi : v);
}

/* Low or high byte of v + zo saturated to int16. */
static inline uint8_t weft_lane_half(int32_t v, int64_t zo, bool high) {
  v = weft_wrap_add(v, (int32_t)zo);
  v = v < INT16_MIN ? INT16_MIN : v > INT16_MAX ? INT16_MAX : v;
  return (uint8_t)(high ? v >> 8 : v);
}

/* A 32-bit entry of a buffer word or table, little endian. */
static inline int32_t weft_lane_entry(const uint8_t *at) {
  return (int32_t)((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24);
}

/* row.c: the reciprocal of a row's sum, as a factor for weft_lane_scale(x, mult, 0, shift); mult 0 for sums that are too large. */
void weft_lane_reciprocal(int32_t sum, int32_t *mult, int *shift);

#endif
