/* SPDX-License-Identifier: Apache-2.0
 *
 * Intervals of buffer words (see hull.h): the first word, and how far the loops reach from it.
 *
 * Fields have 16 bits (counts that follow from them 32), so that all sums fit 64 bits.
 */
#include "hull.h"

#include "conv_shape.h"
#include "vec_program.h"

typedef struct { int64_t n, stride; } loop_t;

/* Words from the first to the last of n steps. */
static uint64_t reach(int64_t n, int64_t stride) { return n > 1 ? (uint64_t)(uint32_t)(n - 1) * (uint32_t)stride : 0; }

/* No two steps of a nest, `words` each, meet, for certain: each loop, from the innermost, steps forward beyond what those inside it reach. */
static bool apart(const loop_t *l, int count, int64_t words) {
  for (int i = 0; i < count; i++) {
    if (l[i].n > 1 && (int16_t)l[i].stride < words) return false;
    words += (int64_t)reach(l[i].n, l[i].stride);
  }
  return true;
}

static const weft_hull_t all = {0, WEFT_SET_BITS};

/* `words` at base and everywhere that the loops lead. Strides from 2^15 on are steps back (addresses wrap): they widen the interval downwards. */
static weft_hull_t hull(int64_t base, const loop_t *l, int count, int64_t words) {
  int64_t lo = base, hi = base + words;
  for (int i = 0; i < count; i++) {
    int64_t more = (l[i].n - 1) * (int16_t)l[i].stride;
    if (more < 0) lo += more;
    else hi += more;
  }
  return lo < 0 || hi > WEFT_SET_BITS ? all : (weft_hull_t){(uint32_t)lo, (uint32_t)hi};
}

static weft_hull_t dma(const weft_dma_t *c) {
  const loop_t l[3] = {{c->n1, c->buf_s1}, {c->n0, c->buf_s0}, {c->elems, c->buf_se}};
  return hull(c->buf, l, 3, weft_ceil_div(c->elem_bytes, WEFT_WORD_BYTES));
}

/* The words of bytes that b_splat reads; strides count bytes and are never steps back. */
static weft_hull_t splat(const weft_vec_t *c) {
  uint64_t last = (uint64_t)c->b_byte + reach(c->n0, c->b_s0) + reach(c->n1, c->b_s1) + reach(c->n2, c->b_s2);
  uint64_t end = (uint64_t)c->b_base + last / WEFT_WORD_BYTES + 1;
  return end > WEFT_SET_BITS ? all : (weft_hull_t){(uint32_t)c->b_base, (uint32_t)end};
}

static void vec(const weft_vec_t *c, weft_hulls_t *s) {
  weft_vec_program_t p;
  weft_vec_program(c, &p);
  const loop_t out[5] = {{c->n0, c->out_s0}, {c->n1, c->out_s1}, {c->n2, c->out_s2}, {c->k0, c->out_k0}, {c->k1, c->out_k1}};
  const loop_t a[5] = {{c->n0, c->a_s0}, {c->n1, c->a_s1}, {c->n2, c->a_s2}, {c->k0, c->a_k0}, {c->k1, c->a_k1}};
  const loop_t b[3] = {{c->n0, c->b_s0}, {c->n1, c->b_s1}, {c->n2, c->b_s2}};
  if (p.any.a) s->read[WEFT_READ_MAIN] = hull(c->a_base, a, p.a_taps ? 5 : 3, 1);
  if (p.any.b) s->read[WEFT_READ_SECOND] = c->b_splat ? splat(c) : hull(c->b_base, b, 3, 1);
  if (p.load[0]) s->read[WEFT_READ_TABLE0] = hull(c->t0_base, NULL, 0, weft_table_words(c->t0_wide));
  if (p.load[1]) s->read[WEFT_READ_TABLE1] = hull(c->t1_base, NULL, 0, weft_table_words(c->t1_wide));
  s->write = hull(c->out_base, out, p.out_taps ? 5 : 3, 1);
  s->separate = !p.out_taps && apart(out, 3, 1);   /* asked for only when a result may lie in place: without taps */
}

static void transpose(const weft_transpose_t *c, weft_hulls_t *s) {
  const loop_t in[3] = {{c->rows, c->in_row}, {c->n0, c->in_s0}, {c->n1, c->in_s1}};
  const loop_t out[3] = {{c->cols, c->out_col}, {c->n0, c->out_s0}, {c->n1, c->out_s1}};
  s->read[WEFT_READ_MAIN] = hull(c->in_base, in, 3, 1);
  s->write = hull(c->out_base, out, 3, 1);
  s->separate = apart(out, 3, 1);
}

/* The last channel word of a pixel that the feeder reads. */
static int64_t last_channel_word(const weft_config_t *cfg, const weft_conv_t *c) {
  int64_t first, last;
  weft_conv_packets(cfg, c, c->NM - 1, c->folds - 1, &first, &last);
  return last * cfg->net_bytes / WEFT_WORD_BYTES;
}

static void conv(const weft_config_t *cfg, const weft_conv_t *c, weft_hulls_t *s) {
  int64_t rows = weft_conv_rows(c), columns = weft_conv_columns(c), words = (c->out_c0 + weft_conv_channels(c) - 1) / WEFT_WORD_BYTES + 1;
  const loop_t in[2] = {{c->in_h, c->in_row}, {c->in_w, c->in_pix}}, out[2] = {{columns, c->out_pix}, {rows, c->out_row}};
  s->read[WEFT_READ_MAIN] = hull(c->in_base, in, 2, last_channel_word(cfg, c) + 1);
  s->read[WEFT_READ_SECOND] = hull(c->filt_base, NULL, 0, c->NM * c->folds * weft_conv_fold_words(cfg, c));
  if (c->psum_out) {             /* no entry, no ofmap */
    s->separate = true;
    return;
  }
  s->read[WEFT_READ_ENTRIES] = hull(c->param_base, NULL, 0, c->NM * c->T * c->MT);
  s->write = hull(c->out_base, out, 2, words);
  s->separate = apart(out, 2, words);
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
