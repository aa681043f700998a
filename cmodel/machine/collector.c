/* SPDX-License-Identifier: Apache-2.0
 *
 * The collector: requantises psums and writes the bytes of the ofmap.
 */
#include "conv_shape.h"
#include "lanes.h"
#include "parts.h"

/* A requantisation entry: bias, multiplier (31 bits), left shift, right shift, what is written. */
enum { ENTRY_MULT = 4, ENTRY_LS = 8, ENTRY_RS = 9, ENTRY_PART = 10, SHIFT_MASK = 31, PART_HALF = 1, PART_HIGH = 2 };

int weft_mach_collect(weft_machine_t *m, const weft_conv_t *c, int64_t oy, int64_t ox, int64_t channel, const uint8_t *entry,
                      int32_t psum) {
  int64_t a = c->out_c0 + channel;
  uint8_t *word = weft_mach_word(m, c->out_base + oy * c->out_row + ox * c->out_pix + a / WEFT_WORD_BYTES, WEFT_ENG_ARRAY);
  if (!word) return -1;
  weft_mach_event(m, WEFT_EV_LANE, 1);
  weft_mach_event(m, WEFT_EV_BUF_OFMAP, 1);
  int32_t v = weft_wrap_add(psum, weft_lane_entry(entry));
  v = weft_lane_scale(v, weft_lane_entry(entry + ENTRY_MULT) & INT32_MAX, entry[ENTRY_LS] & SHIFT_MASK, entry[ENTRY_RS] & SHIFT_MASK);
  word[a % WEFT_WORD_BYTES] = entry[ENTRY_PART] & PART_HALF ? weft_lane_half(v, c->zo, entry[ENTRY_PART] & PART_HIGH)
                                                          : weft_lane_out(v, c->zo, c->act_min, c->act_max);
  return 0;
}

/* A column assembles the channels of its (filter block, t); ROWS: of each chain's position. */
void weft_mach_collect_count(weft_machine_t *m, const weft_conv_t *c) {
  int64_t rows = weft_conv_rows(c), columns = weft_conv_columns(c), positions = rows * columns, words = 0;
  if (rows == c->OH) positions += weft_min64(columns, c->OW_last) - columns;
  for (int64_t first = 0; first < weft_conv_channels(c); first += c->MT) {
    int64_t last = weft_min64(first + c->MT, c->M) - 1;
    words += (c->out_c0 + last) / WEFT_WORD_BYTES - (c->out_c0 + first) / WEFT_WORD_BYTES + 1;
  }
  m->counter[WEFT_CNT_BUF_OFMAP] += (uint64_t)(positions * words);
}
