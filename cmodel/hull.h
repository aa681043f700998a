/* SPDX-License-Identifier: Apache-2.0
 *
 * An interval of buffer words for each operand of a command: a quick answer where the exact sets of footprint.h cost too much.
 *
 * Intervals hold every word of the operand and perhaps more: disjoint ones prove that two operands do not meet, others prove nothing. A
 * command costs a few multiplications, so that a small processor can check lists too. (The compiler's tracker, sw/compiler/schedule.c, has
 * hulls of its own: the validator must not share what it checks.)
 */
#ifndef WEFT_HULL_H
#define WEFT_HULL_H

#include "footprint.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct { uint32_t lo, hi; } weft_hull_t;    /* words lo..hi-1; lo == hi: the command has no such operand */
typedef struct {
  weft_hull_t read[WEFT_READS], write;
  bool separate;                /* no two results go to the same word, for certain */
} weft_hulls_t;

/* The command must have passed weft_legal(). An operand whose addresses wrap gets all 2^16 words. */
void weft_hulls(const weft_config_t *cfg, const weft_cmd_t *c, weft_hulls_t *s);

static inline bool weft_hull_meet(weft_hull_t a, weft_hull_t b) { return a.lo < b.hi && b.lo < a.hi; }

#ifdef __cplusplus
}
#endif
#endif
