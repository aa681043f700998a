/* SPDX-License-Identifier: Apache-2.0
 *
 * Which buffer words a command reads and writes, as exact sets, and whether the DRAM bytes of two commands meet.
 *
 * A set is a bitmap over the 2^16 word addresses, so strides may wrap and loops may have any count: a loop of n steps costs log2 n
 * rotations of 8 KiB, not n. No allocation. Commands must have passed weft_legal().
 */
#ifndef WEFT_FOOTPRINT_H
#define WEFT_FOOTPRINT_H

#include "weft_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WEFT_SET_BITS = 1 << 16, WEFT_SET_WORDS = WEFT_SET_BITS / 64 };
typedef struct { uint64_t bit[WEFT_SET_WORDS]; } weft_set_t;

/* Operands that read, and the one that writes. */
enum {
  WEFT_READ_MAIN,                     /* ifmap, A, STORE, TRANSPOSE */
  WEFT_READ_SECOND,                   /* filters, B */
  WEFT_READ_ENTRIES,                  /* parameter entries, table 0 */
  WEFT_READ_TABLE1,
  WEFT_READS,
  WEFT_READ_TABLE0 = WEFT_READ_ENTRIES
};
typedef struct {
  weft_set_t read[WEFT_READS], write;
  bool reads[WEFT_READS], writes;     /* sets that the command has; the others mean nothing */
  int64_t write_words;                /* word writes with a place of their own, at most 2^32: more than the set's size when two meet */
  weft_set_t tmp[4];                  /* work space */
} weft_footprint_t;

/* Exact, but for more than 2^16 bytes that b_splat reads one by one: then the interval that holds them. */
void weft_footprint(const weft_config_t *cfg, const weft_cmd_t *c, weft_footprint_t *f);

int64_t weft_set_count(const weft_set_t *s);
/* Lowest member >= from, or WEFT_SET_BITS. */
int64_t weft_set_next(const weft_set_t *s, int64_t from);
/* A common member, or WEFT_SET_BITS. */
int64_t weft_set_common(const weft_set_t *a, const weft_set_t *b);

/* Bytes of a region that a LOAD or STORE touches: [*lo, *hi) holds them all. */
void weft_dram_span(const weft_dma_t *c, int64_t *lo, int64_t *hi);
/* Do the bytes of two commands in one region meet? May say true without need when both have very many runs. */
bool weft_dram_meet(const weft_dma_t *a, const weft_dma_t *b);

#ifdef __cplusplus
}
#endif
#endif
