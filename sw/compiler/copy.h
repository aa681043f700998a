/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies boxes of bytes from place to place through the buffer, also transposed ones, and fills boxes with a value.
 *
 * Pieces take their buffer words from a few rings in turn, each in banks of its own, so that the LOAD of one, the transposition of the next
 * and the STORE of a third overlap whatever their sizes.
 */
#ifndef WEFT_COPY_H
#define WEFT_COPY_H

#include "emit.h"
#include "move_box.h"

enum { WEFT_RINGS = 4 };
typedef struct {
  weft_emit_t *e;
  int base, words;             /* ring i: buffer words base + i * words.. */
  int next[WEFT_RINGS], turn;
  int tile;                    /* most words of a piece */
} weft_ring_t;

/* Rings for about `bytes` bytes in all. 0, or WEFT_E_UNSUPPORTED. */
int weft_ring_open(weft_emit_t *e, int64_t bytes, weft_ring_t *r);
/* The next `words` words, at most r->tile. */
int weft_ring_take(weft_ring_t *r, int words);

/* One side of a copy: DRAM and buffer strides of its dimensions, in bytes and words; buffer strides may be negative or 0. Dimensions of
 * size 1 may be left out. */
enum { WEFT_SIDE_RANK = WEFT_MOVE_RANK + 1 };
typedef struct {
  int rank;
  int64_t n[WEFT_SIDE_RANK], dram[WEFT_SIDE_RANK], buf[WEFT_SIDE_RANK];
} weft_side_t;
/* LOAD or STORE commands of runs of `run` bytes, the first at byte `at` of the place and word `buf`. */
int weft_emit_side(weft_emit_t *e, int opcode, const weft_place_t *place, int64_t at, int64_t run, const weft_side_t *side, int buf);

int weft_copy_box(weft_ring_t *r, const weft_box_t *b);
int weft_fill_box(weft_ring_t *r, const weft_box_t *b);

/* Transposes `rows` words-rows of bytes in the buffer: row j is at in + j * in_row; byte column c0 + c becomes the bytes 0..rows-1 of
 * words out + c * col + w * word (w counts 16 rows each); bytes beyond `rows` of the last word become `fill`. */
typedef struct { int in, in_row, rows, c0, cols, out, col, word, fill; } weft_turn_t;
int weft_emit_turn(weft_emit_t *e, const weft_turn_t *t);

#endif
