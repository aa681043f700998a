/* SPDX-License-Identifier: Apache-2.0
 *
 * Seeded random numbers for tests (splitmix64): the same seed gives the same test on every machine.
 */
#ifndef WEFT_TEST_RAND_H
#define WEFT_TEST_RAND_H

#include <stdbool.h>
#include <stdint.h>

typedef struct { uint64_t state; } rand_t;

static inline uint64_t rand_u64(rand_t *r) {
  uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

/* Uniform in [lo, hi]; hi < lo gives lo. */
static inline int64_t rand_in(rand_t *r, int64_t lo, int64_t hi) {
  return hi <= lo ? lo : lo + (int64_t)(rand_u64(r) % (uint64_t)(hi - lo + 1));
}

/* True with probability percent / 100. */
static inline bool rand_chance(rand_t *r, int percent) { return rand_in(r, 0, 99) < percent; }

/* An int8 value; one in four is an extreme. */
static inline int8_t rand_i8(rand_t *r) {
  static const int8_t edge[] = {INT8_MIN, INT8_MAX, INT8_MIN + 1, -1, 0, 1};
  return rand_chance(r, 25) ? edge[rand_in(r, 0, 5)] : (int8_t)rand_in(r, INT8_MIN, INT8_MAX);
}

#endif
