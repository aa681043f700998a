/* SPDX-License-Identifier: Apache-2.0
 *
 * Intervals of buffer words (see hull.h): the first word, and how far the loops reach from it.
 *
 * Fields are unsigned, 32 bits at most, so that a loop's reach fits 64 bits and sums of five of them too.
 */
#include "hull.h"

#include "conv_shape.h"
#include "vec_program.h"

/* Words from the first to the last of n steps. */
static uint64_t reach(int64_t n, int64_t stride) { return n > 1 ? (uint64_t)(uint32_t)(n - 1) * (uint32_t)stride : 0; }

/* `words` at base and up to `more` words further. A stride above 2^15 may mean a step back: then the sum leaves the range as well. */
static weft_hull_t hull(int64_t base, uint64_t more, int64_t words) {
  uint64_t end = (uint64_t)base + more + (uint64_t)words;
  return end > WEFT_SET_BITS ? (weft_hull_t){0, WEFT_SET_BITS} : (weft_hull_t){(uint32_t)base, (uint32_t)end};
}

/* Steps back (strides from 2^15 on, addresses wrap) widen the interval downwards. */
static weft_hull_t dma(const weft_dma_t *c) {
  const int64_t n[3] = {c->n1, c->n0, c->elems}, stride[3] = {c->buf_s1, c->buf_s0, c->buf_se};
  int64_t lo = c->buf, hi = c->buf + weft_ceil_div(c->elem_bytes, WEFT_WORD_BYTES);
  for (int i = 0; i < 3; i++) {
    int64_t more = (n[i] - 1) * (int16_t)stride[i];
    if (more < 0) lo += more;
    else hi += more;
  }
  return lo < 0 || hi > WEFT_SET_BITS ? (weft_hull_t){0, WEFT_SET_BITS} : (weft_hull_t){(uint32_t)lo, (uint32_t)hi};
}

/* Bytes that b_splat reads. */
static weft_hull_t splat(const weft_vec_t *c) {
  uint64_t more = (uint64_t)c->b_byte + reach(c->n0, c->b_s0) + reach(c->n1, c->b_s1) + reach(c->n2, c->b_s2);
  return hull(c->b_base, more / WEFT_WORD_BYTES, 1);
}

static void vec(const weft_vec_t *c, weft_hulls_t *s) {
  weft_vec_program_t p;
  weft_vec_program(c, &p);
  uint64_t a_taps = p.a_taps ? reach(c->k0, c->a_k0) + reach(c->k1, c->a_k1) : 0;
  uint64_t out_taps = p.out_taps ? reach(c->k0, c->out_k0) + reach(c->k1, c->out_k1) : 0;
  uint64_t inner = reach(c->n0, c->out_s0), middle = inner + reach(c->n1, c->out_s1);
  if (p.any.a) s->read[WEFT_READ_MAIN] = hull(c->a_base, a_taps + reach(c->n0, c->a_s0) + reach(c->n1, c->a_s1) + reach(c->n2, c->a_s2), 1);
  if (p.any.b && c->b_splat) s->read[WEFT_READ_SECOND] = splat(c);
  else if (p.any.b) s->read[WEFT_READ_SECOND] = hull(c->b_base, reach(c->n0, c->b_s0) + reach(c->n1, c->b_s1) + reach(c->n2, c->b_s2), 1);
  if (p.any.t0) s->read[WEFT_READ_TABLE0] = hull(c->t0_base, 0, weft_table_words(c->t0_wide));
  if (p.any.t1) s->read[WEFT_READ_TABLE1] = hull(c->t1_base, 0, weft_table_words(c->t1_wide));
  s->write = hull(c->out_base, out_taps + middle + reach(c->n2, c->out_s2), 1);
  s->separate = !p.out_taps && (c->n0 == 1 || c->out_s0) && (c->n1 == 1 || (uint64_t)c->out_s1 > inner) &&
                (c->n2 == 1 || (uint64_t)c->out_s2 > middle);
}

static void transpose(const weft_transpose_t *c, weft_hulls_t *s) {
  uint64_t inner = reach(c->cols, c->out_col), middle = inner + reach(c->n0, c->out_s0);
  s->read[WEFT_READ_MAIN] = hull(c->in_base, reach(c->rows, c->in_row) + reach(c->n0, c->in_s0) + reach(c->n1, c->in_s1), 1);
  s->write = hull(c->out_base, middle + reach(c->n1, c->out_s1), 1);
  s->separate = (c->cols == 1 || c->out_col) && (c->n0 == 1 || (uint64_t)c->out_s0 > inner) && (c->n1 == 1 || (uint64_t)c->out_s1 > middle);
}

/* The last channel word of a pixel that the feeder reads. */
static int64_t last_channel_word(const weft_config_t *cfg, const weft_conv_t *c) {
  int64_t first, last;
  weft_conv_packets(cfg, c, c->NM - 1, c->folds - 1, &first, &last);
  return last * cfg->net_bytes / WEFT_WORD_BYTES;
}

static void conv(const weft_config_t *cfg, const weft_conv_t *c, weft_hulls_t *s) {
  int64_t rows = weft_conv_rows(c), columns = weft_conv_columns(c), words = (c->out_c0 + weft_conv_channels(c) - 1) / WEFT_WORD_BYTES + 1;
  s->read[WEFT_READ_MAIN] = hull(c->in_base, reach(c->in_h, c->in_row) + reach(c->in_w, c->in_pix), last_channel_word(cfg, c) + 1);
  s->read[WEFT_READ_SECOND] = hull(c->filt_base, 0, c->NM * c->folds * weft_conv_fold_words(cfg, c));
  s->read[WEFT_READ_ENTRIES] = hull(c->param_base, 0, c->NM * c->T * c->MT);
  s->write = hull(c->out_base, reach(rows, c->out_row) + reach(columns, c->out_pix), words);
  s->separate = (columns == 1 || c->out_pix >= words) && (rows == 1 || (uint64_t)c->out_row >= reach(columns, c->out_pix) + (uint64_t)words);
}

void weft_hulls(const weft_config_t *cfg, const weft_cmd_t *c, weft_hulls_t *s) {
  memset(s, 0, sizeof *s);
  switch (c->hdr.opcode) {
    case WEFT_CMD_LOAD: s->write = dma(&c->dma); break;
    case WEFT_CMD_STORE: s->read[WEFT_READ_MAIN] = dma(&c->dma); break;
    case WEFT_CMD_CONV: conv(cfg, &c->conv, s); break;
    case WEFT_CMD_VEC: vec(&c->vec, s); break;
    case WEFT_CMD_TRANSPOSE: transpose(&c->transpose, s); break;
    default: break;
  }
  /* A result that wraps may meet itself. */
  if (s->write.hi - s->write.lo == WEFT_SET_BITS) s->separate = false;
}
