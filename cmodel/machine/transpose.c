/* SPDX-License-Identifier: Apache-2.0
 *
 * The transposer: blocks of up to 16 x 16 bytes, buffer to buffer (docs/spec.md section 6).
 */
#include "parts.h"

static int block(weft_machine_t *m, const weft_transpose_t *c, int64_t in, int64_t out) {
  uint8_t result[WEFT_WORD_BYTES][WEFT_WORD_BYTES];
  memset(result, (int)c->fill, sizeof result);
  for (int64_t j = 0; j < c->rows; j++) {
    const uint8_t *word = weft_mach_word(m, in + j * c->in_row, WEFT_ENG_VECTOR);
    if (!word) return -1;
    for (int64_t k = 0; k < c->cols; k++) result[k][j] = word[c->c0 + k];
  }
  for (int64_t k = 0; k < c->cols; k++) {
    uint8_t *word = weft_mach_word(m, out + k * c->out_col, WEFT_ENG_VECTOR);
    if (!word) return -1;
    memcpy(word, result[k], WEFT_WORD_BYTES);
  }
  return 0;
}

int weft_mach_transpose(weft_machine_t *m, const weft_transpose_t *c) {
  for (int64_t i1 = 0; i1 < c->n1; i1++)
    for (int64_t i0 = 0; i0 < c->n0; i0++)
      if (block(m, c, c->in_base + i1 * c->in_s1 + i0 * c->in_s0, c->out_base + i1 * c->out_s1 + i0 * c->out_s0)) return -1;
  m->counter[WEFT_CNT_BUF_VEC_RD] += (uint64_t)(c->n1 * c->n0 * c->rows);
  m->counter[WEFT_CNT_BUF_VEC_WR] += (uint64_t)(c->n1 * c->n0 * c->cols);
  return 0;
}
