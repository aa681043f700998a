/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of bytes turned into lanes and back: what works along the last dimension wants one row a lane.
 *
 * Row r of n values stands in words `row + r * ceil(n / 16)` onwards. As lanes, value i of rows 16g..16g+15 is the 16 bytes of word
 * `lane + g * n + i`. Lanes of a last group that has no row for them hold zeros.
 */
#ifndef WEFT_ROWS_H
#define WEFT_ROWS_H

#include "emit.h"

static inline int weft_row_words(int n) { return (n + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES; }
static inline int64_t weft_row_groups64(int64_t rows) { return (rows + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES; }
static inline int weft_row_groups(int rows) { return (rows + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES; }

int weft_rows_to_lanes(weft_emit_t *e, int rows, int n, int row, int lane);
int weft_lanes_to_rows(weft_emit_t *e, int rows, int n, int lane, int row);

#endif
