/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets of buffer words, built loop level by loop level (see footprint.h).
 */
#include "footprint.h"

#include "conv_shape.h"
#include "vec_program.h"

static void clear(weft_set_t *s) { memset(s, 0, sizeof *s); }

/* Adds [first, first + n), wrapping. */
static void add_range(weft_set_t *s, int64_t first, int64_t n) {
  n = weft_min64(n, WEFT_SET_BITS);
  while (n > 0) {
    int64_t at = first & (WEFT_SET_BITS - 1), bit = at % 64, take = weft_min64(n, 64 - bit);
    s->bit[at / 64] |= (take == 64 ? ~UINT64_C(0) : (UINT64_C(1) << take) - 1) << bit;
    first += take;
    n -= take;
  }
}

/* to |= from moved up by shift, wrapping. to and from differ. */
static void add_moved(weft_set_t *to, const weft_set_t *from, int64_t shift) {
  int64_t words = shift >> 6 & (WEFT_SET_WORDS - 1), bits = shift & 63;
  for (int64_t i = 0; i < WEFT_SET_WORDS; i++) {
    if (!from->bit[i]) continue;
    to->bit[(i + words) % WEFT_SET_WORDS] |= from->bit[i] << bits;
    if (bits) to->bit[(i + words + 1) % WEFT_SET_WORDS] |= from->bit[i] >> (64 - bits);
  }
}

/* A loop around s: the union of s moved by 0, stride, ... (n-1)*stride. Doubles the covered steps each time. */
static void repeat(weft_set_t *s, int64_t n, int64_t stride, weft_set_t *tmp) {
  if (!(stride & (WEFT_SET_BITS - 1))) return;
  for (int64_t covered = 1; covered < n;) {
    int64_t step = weft_min64(covered, n - covered);
    *tmp = *s;
    add_moved(s, tmp, step * stride);
    covered += step;
  }
}

int64_t weft_set_next(const weft_set_t *s, int64_t from) {
  if (from >= WEFT_SET_BITS) return WEFT_SET_BITS;
  int64_t w = from / 64;
  uint64_t v = s->bit[w] & ~UINT64_C(0) << from % 64;
  while (!v) {
    if (++w == WEFT_SET_WORDS) return WEFT_SET_BITS;
    v = s->bit[w];
  }
  return w * 64 + __builtin_ctzll(v);
}

int64_t weft_set_count(const weft_set_t *s) {
  int64_t n = 0;
  for (int w = 0; w < WEFT_SET_WORDS; w++) n += __builtin_popcountll(s->bit[w]);
  return n;
}

int64_t weft_set_common(const weft_set_t *a, const weft_set_t *b) {
  for (int w = 0; w < WEFT_SET_WORDS; w++)
    if (a->bit[w] & b->bit[w]) return w * 64 + __builtin_ctzll(a->bit[w] & b->bit[w]);
  return WEFT_SET_BITS;
}

static void dma(const weft_dma_t *c, weft_set_t *s, weft_set_t *tmp) {
  clear(s);
  add_range(s, c->buf, weft_ceil_div(c->elem_bytes, WEFT_WORD_BYTES));
  repeat(s, c->elems, c->buf_se, tmp);
  repeat(s, c->n0, c->buf_s0, tmp);
  repeat(s, c->n1, c->buf_s1, tmp);
}

typedef struct { int64_t n, stride; } loop_t;

/* Single words that a nest of loops visits. */
static void nest(weft_set_t *s, int64_t base, const loop_t *l, int count, weft_set_t *tmp) {
  clear(s);
  add_range(s, base, 1);
  for (int i = 0; i < count; i++) repeat(s, l[i].n, l[i].stride, tmp);
}

/* Words of the bytes that b_splat reads. Byte addresses have 20 bits, too many for a set: they are gone through one by one. */
static void splat(const weft_vec_t *c, weft_set_t *s) {
  const int64_t n0 = c->b_s0 ? c->n0 : 1, n1 = c->b_s1 ? c->n1 : 1, n2 = c->b_s2 ? c->n2 : 1;
  clear(s);
  if (n0 * n1 * n2 > WEFT_SET_BITS) {
    int64_t reach = c->b_byte + (n0 - 1) * c->b_s0 + (n1 - 1) * c->b_s1 + (n2 - 1) * c->b_s2;
    add_range(s, c->b_base, reach / WEFT_WORD_BYTES + 1);
    return;
  }
  for (int64_t i2 = 0; i2 < n2; i2++)
    for (int64_t i1 = 0; i1 < n1; i1++) {
      int64_t at = c->b_base * WEFT_WORD_BYTES + c->b_byte + i2 * c->b_s2 + i1 * c->b_s1;
      for (int64_t i0 = 0; i0 < n0; i0++, at += c->b_s0) {
        int64_t w = at / WEFT_WORD_BYTES & (WEFT_SET_BITS - 1);
        s->bit[w / 64] |= UINT64_C(1) << w % 64;
      }
    }
}

/* a * b of at most 2^32 and 2^24, cut at 2^32: larger than every set is all that matters. */
static int64_t times(int64_t a, int64_t b) { return weft_min64(a * b, INT64_C(1) << 32); }

static void vec(const weft_vec_t *c, weft_footprint_t *f) {
  weft_vec_program_t p;
  weft_vec_program(c, &p);
  weft_set_t *tmp = &f->tmp[0], *table0 = &f->read[WEFT_READ_TABLE0], *table1 = &f->read[WEFT_READ_TABLE1];
  f->reads[WEFT_READ_MAIN] = p.any.a;
  f->reads[WEFT_READ_SECOND] = p.any.b;
  f->reads[WEFT_READ_TABLE0] = p.load[0];
  f->reads[WEFT_READ_TABLE1] = p.load[1];
  f->writes = true;
  const loop_t a[5] = {{c->k0, c->a_k0}, {c->k1, c->a_k1}, {c->n0, c->a_s0}, {c->n1, c->a_s1}, {c->n2, c->a_s2}};
  const loop_t b[3] = {{c->n0, c->b_s0}, {c->n1, c->b_s1}, {c->n2, c->b_s2}};
  const loop_t out[5] = {{c->k0, c->out_k0}, {c->k1, c->out_k1}, {c->n0, c->out_s0}, {c->n1, c->out_s1}, {c->n2, c->out_s2}};
  const int a_from = p.a_taps ? 0 : 2, out_from = p.out_taps ? 0 : 2;   /* the taps are the first two loops */
  if (p.any.a) nest(&f->read[WEFT_READ_MAIN], c->a_base, a + a_from, 5 - a_from, tmp);
  if (p.any.b && c->b_splat) splat(c, &f->read[WEFT_READ_SECOND]);
  else if (p.any.b) nest(&f->read[WEFT_READ_SECOND], c->b_base, b, 3, tmp);
  clear(table0);
  add_range(table0, c->t0_base, weft_table_words(c->t0_wide));
  clear(table1);
  add_range(table1, c->t1_base, weft_table_words(c->t1_wide));
  nest(&f->write, c->out_base, out + out_from, 5 - out_from, tmp);
  f->write_words = times(times(c->n0 * c->n1, c->n2), p.out_taps ? c->k0 * c->k1 : 1);
}

static void transpose(const weft_transpose_t *c, weft_footprint_t *f) {
  f->reads[WEFT_READ_MAIN] = f->writes = true;
  nest(&f->read[WEFT_READ_MAIN], c->in_base, (const loop_t[]){{c->rows, c->in_row}, {c->n0, c->in_s0}, {c->n1, c->in_s1}}, 3, &f->tmp[0]);
  nest(&f->write, c->out_base, (const loop_t[]){{c->cols, c->out_col}, {c->n0, c->out_s0}, {c->n1, c->out_s1}}, 3, &f->tmp[0]);
  f->write_words = times(c->n0 * c->n1, c->cols);
}

/* to |= the words of pattern for each member of index (a set of rows or columns below limit) times stride, from base on. */
static void spread(weft_set_t *to, const weft_set_t *index, int64_t limit, const weft_set_t *pattern, int64_t base, int64_t stride,
                   weft_set_t *run, weft_set_t *tmp) {
  for (int64_t i = weft_set_next(index, 0); i < limit;) {
    int64_t end = i + 1;
    while (end < limit && weft_set_next(index, end) == end) end++;
    *run = *pattern;
    repeat(run, end - i, stride, tmp);
    add_moved(to, run, base + i * stride);
    i = weft_set_next(index, end);
  }
}

/* The ifmap words that the feeder reads: rows x columns x channel words, where the image's last row may be shorter. */
static void ifmap(const weft_config_t *cfg, const weft_conv_t *c, weft_footprint_t *f) {
  weft_set_t *channels = &f->tmp[0], *index = &f->tmp[1], *run = &f->tmp[2], *tmp = &f->tmp[3];
  weft_set_t *out = &f->read[WEFT_READ_MAIN], *row = &f->read[WEFT_READ_SECOND], *last = &f->read[WEFT_READ_ENTRIES];   /* lent */
  clear(channels);
  for (int64_t mb = 0; mb < (c->g_step ? c->NM : 1); mb++) {
    int64_t first, end, skip;
    weft_conv_packets(cfg, c, mb, 0, &first, &skip);
    weft_conv_packets(cfg, c, mb, c->folds - 1, &skip, &end);
    first = first * cfg->net_bytes / WEFT_WORD_BYTES;
    add_range(channels, first, end * cfg->net_bytes / WEFT_WORD_BYTES - first + 1);
  }
  clear(index);   /* columns */
  for (int64_t xb = 0; xb < c->NX; xb++) {
    int64_t first, n = weft_conv_tile(c, xb, &first), end = weft_min64(first + n, c->in_w);
    first = weft_max64(first, 0);
    add_range(index, first, end - first);
  }
  clear(row);
  clear(last);
  spread(row, index, c->in_w, channels, 0, c->in_pix, run, tmp);
  spread(last, index, c->in_w_last, channels, 0, c->in_pix, run, tmp);
  clear(index);   /* rows */
  for (int64_t yb = 0; yb < c->NY; yb++)
    for (int64_t e = 0; e < c->y_step; e++)
      for (int64_t r = 0; r < c->R; r++) {
        int64_t y = (yb * c->y_step + e) * c->stride_y - c->pad_top + r * c->dil_y;
        if (y >= 0 && y < c->in_h) add_range(index, y, 1);
      }
  clear(out);
  spread(out, index, c->in_h - 1, row, c->in_base, c->in_row, run, tmp);
  if (weft_set_next(index, c->in_h - 1) == c->in_h - 1) add_moved(out, last, c->in_base + (c->in_h - 1) * c->in_row);
}

static void conv(const weft_config_t *cfg, const weft_conv_t *c, weft_footprint_t *f) {
  weft_set_t *tmp = &f->tmp[0], *last = &f->tmp[1], *filters = &f->read[WEFT_READ_SECOND], *entries = &f->read[WEFT_READ_ENTRIES];
  ifmap(cfg, c, f);
  clear(filters);
  add_range(filters, c->filt_base, c->NM * c->folds * weft_conv_fold_words(cfg, c));
  f->reads[WEFT_READ_MAIN] = f->reads[WEFT_READ_SECOND] = true;
  if (c->psum_out) return;       /* no entry, no ofmap */
  clear(entries);
  add_range(entries, c->param_base, c->NM * c->T * c->MT);
  int64_t rows = weft_conv_rows(c), columns = weft_conv_columns(c), words = (c->out_c0 + weft_conv_channels(c) - 1) / WEFT_WORD_BYTES + 1;
  int64_t kept = rows == c->OH ? weft_min64(columns, c->OW_last) : columns;   /* columns of the last row */
  clear(&f->write);
  clear(last);
  add_range(&f->write, 0, words);
  add_range(last, c->out_base + (rows - 1) * c->out_row, words);
  repeat(last, kept, c->out_pix, tmp);
  repeat(&f->write, columns, c->out_pix, tmp);
  repeat(&f->write, rows - 1, c->out_row, tmp);
  *tmp = f->write;
  f->write = *last;
  if (rows > 1) add_moved(&f->write, tmp, c->out_base);
  f->reads[WEFT_READ_ENTRIES] = f->writes = true;
  f->write_words = ((rows - 1) * columns + kept) * words;
}

void weft_footprint(const weft_config_t *cfg, const weft_cmd_t *c, weft_footprint_t *f) {
  memset(f->reads, 0, sizeof f->reads);
  f->writes = false;
  switch (c->hdr.opcode) {
    case WEFT_CMD_LOAD:
      f->writes = true;
      f->write_words = c->dma.n1 * c->dma.n0 * c->dma.elems * weft_ceil_div(c->dma.elem_bytes, WEFT_WORD_BYTES);
      dma(&c->dma, &f->write, &f->tmp[0]);
      break;
    case WEFT_CMD_STORE:
      f->reads[WEFT_READ_MAIN] = true;
      dma(&c->dma, &f->read[WEFT_READ_MAIN], &f->tmp[0]);
      break;
    case WEFT_CMD_CONV: conv(cfg, &c->conv, f); break;
    case WEFT_CMD_VEC: vec(&c->vec, f); break;
    case WEFT_CMD_TRANSPOSE: transpose(&c->transpose, f); break;
    default: break;
  }
}

void weft_dram_span(const weft_dma_t *c, int64_t *lo, int64_t *hi) {
  *lo = c->offset;
  *hi = c->offset + (c->n1 - 1) * c->dram_s1 + (c->n0 - 1) * c->dram_s0 + c->elems * c->elem_bytes;
}

/* Runs of len bytes at base + i1*s1 + i0*s0, with adjoining runs joined. */
typedef struct { int64_t base, len, n0, s0, n1, s1; } runs_t;

static runs_t runs(const weft_dma_t *c) {
  runs_t r = {c->offset, c->elems * c->elem_bytes, c->n0, c->dram_s0, c->n1, c->dram_s1};
  for (int level = 0; level < 2; level++) {
    if (r.n0 > 1 && r.s0 > r.len) break;
    r.len += (r.n0 - 1) * r.s0;   /* one run; the outer loop becomes the inner one */
    r.n0 = r.n1;
    r.s0 = r.s1;
    r.n1 = 1;
  }
  return r;
}

bool weft_dram_meet(const weft_dma_t *ca, const weft_dma_t *cb) {
  enum { STEPS = 1 << 16 };   /* give up (and say true) beyond */
  runs_t a = runs(ca), b = runs(cb);
  if (a.n0 * a.n1 * b.n1 > b.n0 * b.n1 * a.n1) {
    runs_t t = a;
    a = b;
    b = t;
  }
  if (a.n0 * a.n1 * b.n1 > STEPS) return true;
  for (int64_t i = 0; i < a.n0 * a.n1; i++) {
    int64_t at = a.base + i / a.n0 * a.s1 + i % a.n0 * a.s0;
    for (int64_t j = 0; j < b.n1; j++) {
      /* Runs k of b that begin before a's run ends and end after it begins. */
      int64_t first = b.base + j * b.s1, before = at + a.len - first, after = at - b.len - first, s = b.s0;
      if (before <= 0) continue;
      int64_t lo = after < 0 ? 0 : s ? after / s + 1 : b.n0, hi = s ? weft_min64(b.n0, weft_ceil_div(before, s)) : b.n0;
      if (lo < hi) return true;
    }
  }
  return false;
}
