/* SPDX-License-Identifier: Apache-2.0
 *
 * Which tensors the buffer still holds, so that the next layer need not load what the last one has just made.
 *
 * An entry says: bytes [at, at + bytes) of a DRAM region also stand in the buffer from word `base` on, in elements of `elem` bytes that each
 * begin on a new word (a pixel's channels); elements of whole words are the same as one long run, so their elem is WEFT_WORD_BYTES.
 * Entries go when a command overwrites their words, when the bytes in DRAM change, and after the last operator that reads them.
 */
#ifndef WEFT_KEEP_H
#define WEFT_KEEP_H

#include "weft_spec.h"

enum { WEFT_KEPT = 32 };
enum { WEFT_CONV_BEYOND = 64 };   /* words beyond an ifmap that CONV may read, for filters that are zero (docs/spec.md section 4) */

typedef struct {
  int region;
  uint32_t at, bytes;
  int elem, base, words;
  int last;                /* the last operator that reads them */
} weft_kept_t;

typedef struct {
  weft_kept_t item[WEFT_KEPT];
  int n;
} weft_keep_t;

int weft_keep_elem(int bytes);                                  /* of elements of so many bytes */
int64_t weft_keep_words(uint64_t bytes, int elem);              /* that they take; elem as from weft_keep_elem() */
/* First buffer word of those bytes, or -1. at - the entry's is a multiple of elem. */
int weft_keep_find(const weft_keep_t *k, int region, uint32_t at, uint64_t bytes, int elem);
/* Forgets the oldest entry when there are too many. */
void weft_keep_add(weft_keep_t *k, const weft_kept_t *item);
void weft_keep_overwritten(weft_keep_t *k, uint64_t lo, uint64_t hi);               /* buffer words */
void weft_keep_changed(weft_keep_t *k, int region, uint64_t lo, uint64_t hi);       /* bytes in DRAM */
void weft_keep_expire(weft_keep_t *k, int op);                  /* all whose last operator comes before op */
/* The largest run of words that no entry uses: *lo to *hi. */
void weft_keep_gap(const weft_keep_t *k, int buf_words, int *lo, int *hi);

#endif
