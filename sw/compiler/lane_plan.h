/* SPDX-License-Identifier: Apache-2.0
 *
 * How a value-by-value operator is cut: loops, operands, program, tiles and their slots in the buffer.
 *
 * lane_plan.c chooses them, lane_lower.c writes the commands.
 */
#ifndef WEFT_LANE_PLAN_H
#define WEFT_LANE_PLAN_H

#include "lane_program.h"
#include "tiles.h"

enum { WEFT_LANE_OUT = 2, WEFT_LANE_PARTS = 3 };     /* index 0 and 1 are the operands A and B */

/* An operand or the result, and the part of it that stands in its slot. */
typedef struct {
  weft_place_t place;
  size_t step[WEFT_MAX_RANK];    /* bytes from one turn of a loop to the next, 0 where it is repeated */
  bool splat, whole;             /* whole: all of it stands at base */
  int base, words, slots, slot;  /* words from slot to slot */
  bool held;
  size_t offset;
  int bytes, rows[2];            /* bytes of a row; rows of the two command loops */
} weft_lane_operand_t;

typedef struct {
  weft_emit_t *e;
  int loops;
  size_t n[WEFT_MAX_RANK];       /* turns, in bytes for the innermost */
  int t[WEFT_MAX_RANK];          /* of a tile; words for the innermost */
  int cut;                       /* the loop whose tiles differ in size, or -1: all are alike */
  weft_tiles_t tiles;            /* of that loop */
  double cycles;                 /* estimate for all */
  weft_lane_operand_t x[WEFT_LANE_PARTS];
  bool two;
  int in[2];                     /* inputs of the operator that are A and B */
  int tables;                    /* buffer word of the tables */
  int elem;                      /* bytes that begin on a new word, where an operand stands whole; 0: they cannot */
  int stay;                      /* words of the result, if it stays */
  weft_lane_t l;
} weft_lanes_t;

/* Plans k->e's operator; k is otherwise zeroed. 0, or a negative weft_error. */
int weft_lane_plan(weft_lanes_t *k);

/* Bytes of a row and rows of the part of x that meets a tile of turns n[] (bytes, turns, turns). */
void weft_lane_extent(const weft_lane_operand_t *x, const int n[3], int *bytes, int rows[2]);
/* Buffer words from the start of a whole operand to byte `offset`. */
int64_t weft_lane_words_to(const weft_lanes_t *k, size_t offset);

static inline int weft_lane_words(size_t bytes) { return (int)((bytes + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES); }

#endif
