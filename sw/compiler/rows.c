/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows to lanes and back (see rows.h): one TRANSPOSE for the whole blocks, others for what is left at the right and at the bottom.
 */
#include "rows.h"

enum { BLOCK = 16 };             /* a block is 16 rows of 16 values */

/* The blocks of one height and width: `groups` x `blocks` of them, `rows` rows of `n` values each. */
typedef struct { int group, groups, block, blocks, rows, n; } part_t;

static int emit(weft_emit_t *e, const part_t *p, bool to_lanes, int values, int row, int lane)
{
  const int words = weft_row_words(values);
  const int64_t at_row = row + (int64_t)p->group * BLOCK * words + p->block, at_lane = lane + (int64_t)p->group * values + p->block * BLOCK;
  const int64_t row_s0 = p->blocks > 1, row_s1 = p->groups > 1 ? BLOCK * words : 0;
  const int64_t lane_s0 = p->blocks > 1 ? BLOCK : 0, lane_s1 = p->groups > 1 ? values : 0;
  weft_transpose_t t = {.n0 = p->blocks, .n1 = p->groups};
  if (to_lanes) {
    t.in_base = at_row, t.in_row = p->rows > 1 ? words : 0, t.in_s0 = row_s0, t.in_s1 = row_s1, t.rows = p->rows;
    t.out_base = at_lane, t.out_col = p->n > 1, t.out_s0 = lane_s0, t.out_s1 = lane_s1, t.cols = p->n;
  } else {
    t.in_base = at_lane, t.in_row = p->n > 1, t.in_s0 = lane_s0, t.in_s1 = lane_s1, t.rows = p->n;
    t.out_base = at_row, t.out_col = p->rows > 1 ? words : 0, t.out_s0 = row_s0, t.out_s1 = row_s1, t.cols = p->rows;
  }
  return weft_emit_transpose(e, &t);
}

static int all(weft_emit_t *e, bool to_lanes, int rows, int n, int row, int lane)
{
  const int groups = rows / BLOCK, blocks = n / BLOCK;
  for (int low = 0; low < 2; low++)
    for (int right = 0; right < 2; right++) {
      const part_t p = {low ? groups : 0, low ? 1 : groups, right ? blocks : 0, right ? 1 : blocks, low ? rows % BLOCK : BLOCK,
                        right ? n % BLOCK : BLOCK};
      if (!p.groups || !p.blocks || !p.rows || !p.n) continue;
      int err = emit(e, &p, to_lanes, n, row, lane);
      if (err) return err;
    }
  return WEFT_OK;
}

int weft_rows_to_lanes(weft_emit_t *e, int rows, int n, int row, int lane) { return all(e, true, rows, n, row, lane); }
int weft_lanes_to_rows(weft_emit_t *e, int rows, int n, int lane, int row) { return all(e, false, rows, n, row, lane); }
