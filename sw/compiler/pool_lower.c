/* SPDX-License-Identifier: Apache-2.0
 *
 * AVERAGE_POOL_2D, MAX_POOL_2D and MEAN over height and width as VEC commands.
 *
 * A command applies one window shape, so a padded layer is cut into regions whose windows are clipped alike: the inside is
 * one region, each border its own. Tiles are output rows, and slices of channels when rows are too large for the buffer.
 */
#include <stdio.h>

#include "emit.h"
#include "ops/window.h"
#include "quant.h"

enum { MAX_TAPS = 255, MAX_DIVISOR = 1 << 15 };

typedef struct {
  weft_emit_t *e;
  weft_window_t w;
  bool max;
  int32_t lo, hi;
} pool_t;

/* Exact division of sums by n (docs/spec.md section 5, "Divisors"). n >= 2. */
static void divide_by(weft_vec_t *v, int n)
{
  int l = 0;
  while (1 << l < n) l++;
  v->mult0 = (int64_t)(((UINT64_C(1) << (30 + l)) + (uint64_t)n - 1) / (uint64_t)n);
  v->rs0 = l - 1;
  v->bias = n / 2;
}

/* Outputs n from `first` on whose windows keep the taps [t0, t1). */
typedef struct { int first, n, t0, t1; } span_t;

static span_t class_of(int o, int end, int stride, int pad, int filter, int size)
{
  span_t s = {.first = o};
  weft_window_taps(o * stride - pad, filter, 1, size, &s.t0, &s.t1);
  for (s.n = 1; o + s.n < end; s.n++) {
    int a, b;
    weft_window_taps((o + s.n) * stride - pad, filter, 1, size, &a, &b);
    if (a != s.t0 || b != s.t1) break;
  }
  return s;
}

/* The tile as it lies in the buffer: its first ifmap and ofmap row, words of a row. */
typedef struct { int in, out, y0, oy0, cw; } place_t;

static int region(const pool_t *p, const place_t *t, const span_t *y, const span_t *x)
{
  const weft_window_t *w = &p->w;
  int kh = y->t1 - y->t0, kw = x->t1 - x->t0, row = w->in_w * t->cw, orow = w->out_w * t->cw;
  if (kh < 1 || kw < 1) return weft_fail(p->e->m, WEFT_E_UNSUPPORTED, "a window lies wholly in the padding");
  weft_vec_t v = {.n0 = t->cw, .n1 = x->n, .n2 = y->n, .k0 = kw, .k1 = kh, .a_s0 = 1, .a_s1 = w->stride_w * t->cw,
                  .a_s2 = (int64_t)w->stride_h * row, .a_k0 = kw > 1 ? t->cw : 0, .a_k1 = kh > 1 ? row : 0,
                  .out_s0 = 1, .out_s1 = t->cw, .out_s2 = orow, .act_min = p->lo, .act_max = p->hi};
  if (v.n1 == 1) v.a_s1 = v.out_s1 = 0;    /* unused strides could exceed their fields */
  if (v.n2 == 1) v.a_s2 = v.out_s2 = 0;
  v.a_base = t->in + (y->first * w->stride_h - w->pad_top + y->t0 - t->y0) * row + (x->first * w->stride_w - w->pad_left + x->t0) * t->cw;
  v.out_base = t->out + (y->first - t->oy0) * orow + x->first * t->cw;
  if (kh * kw == 1) {
    v.nsteps = 1;
    v.step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT);
  } else {
    v.nsteps = 2;
    v.step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = p->max ? WEFT_INTO_MAX : WEFT_INTO_ADD, .taps = 1);
    v.step1 = p->max ? WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT)
                     : WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_0, .into = WEFT_INTO_OUT, .div = 1);
    if (!p->max) divide_by(&v, kh * kw);
  }
  return weft_emit_vec(p->e, &v);
}

static int tile(const pool_t *p, const place_t *t, int rows)
{
  const weft_window_t *w = &p->w;
  for (int oy = t->oy0; oy < t->oy0 + rows;) {
    span_t y = class_of(oy, t->oy0 + rows, w->stride_h, w->pad_top, w->filter_h, w->in_h);
    for (int ox = 0; ox < w->out_w;) {
      span_t x = class_of(ox, w->out_w, w->stride_w, w->pad_left, w->filter_w, w->in_w);
      int err = region(p, t, &y, &x);
      if (err) return err;
      ox += x.n;
    }
    oy += y.n;
  }
  return WEFT_OK;
}

static int in_rows(const weft_window_t *w, int rows)
{
  int n = (rows - 1) * w->stride_h + w->filter_h;
  return n < w->in_h ? n : w->in_h;
}

/* Output rows of a tile and words of a channel slice that fit `slots` times; false when not even one row of one word does. */
static bool fit(const weft_window_t *w, int buf_words, int slots, int *rows, int *cw)
{
  for (*cw = (w->in_c + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES;; *cw = (*cw + 1) / 2) {
    for (*rows = w->out_h; *rows >= 1; --*rows) {
      int64_t need = (int64_t)slots * *cw * ((int64_t)in_rows(w, *rows) * w->in_w + (int64_t)*rows * w->out_w);
      if (need <= buf_words) return true;
    }
    if (*cw == 1) return false;
  }
}

int weft_lower_pool(weft_emit_t *e)
{
  pool_t p = {.e = e, .max = e->op->code == WEFT_OP_MAX_POOL_2D};
  weft_window_t *w = &p.w;
  weft_window(e->g, e->op, w);
  weft_act_bounds(e->g, e->op, &p.lo, &p.hi);
  /* A window is never larger than the clipped one, but the border regions of a huge one would be as many as the outputs. */
  if (w->filter_h > MAX_TAPS || w->filter_w > MAX_TAPS)
    return weft_fail(e->m, WEFT_E_UNSUPPORTED, "a window of more than %d rows or columns", MAX_TAPS);
  if (!p.max && w->filter_h * w->filter_w > MAX_DIVISOR)
    return weft_fail(e->m, WEFT_E_UNSUPPORTED, "an average of more than %d values", MAX_DIVISOR);
  int rows, cw, slots = 2, words = e->p->cfg->buf_words;
  if (!fit(w, words, 2, &rows, &cw) && !fit(w, words, slots = 1, &rows, &cw))
    return weft_fail(e->m, WEFT_E_UNSUPPORTED, "one output row needs %d KiB, the buffer has %d KiB",
                     (in_rows(w, 1) * w->in_w + w->out_w) / 64 + 1, words / 64);
  if (rows == w->out_h && rows > 3) rows = (rows + 3) / 4;      /* a few tiles, so that DRAM and lanes overlap */
  int iw = in_rows(w, rows) * w->in_w * cw, ow = rows * w->out_w * cw, base[2];
  if (!weft_emit_slots(e, 2, (int[]){slots, slots}, (int[]){iw, ow}, base))
    return weft_fail(e->m, WEFT_E_INTERNAL, "tiles do not fit the buffer");

  weft_image_t in = {e->p->place[e->op->in[0]], w->in_h, w->in_w, w->in_c}, out = {e->p->place[e->op->out[0]], w->out_h, w->out_w,
        w->out_c};
  int n = 0;
  for (int b = 0; b < w->batch; b++)
    for (int c = 0; c < w->in_c; c += cw * WEFT_WORD_BYTES)
      for (int oy = 0; oy < w->out_h; oy += rows, n++) {
        int slot = n % slots, err, r = w->out_h - oy < rows ? w->out_h - oy : rows;
        int y0 = oy * w->stride_h - w->pad_top, y1 = y0 + w->filter_h + (r - 1) * w->stride_h;
        if (y0 < 0) y0 = 0;
        if (y1 > w->in_h) y1 = w->in_h;
        int nc = w->in_c - c < cw * WEFT_WORD_BYTES ? w->in_c - c : cw * WEFT_WORD_BYTES;
        place_t t = {base[0] + slot * iw, base[1] + slot * ow, y0, oy, cw};
        weft_rect_t ri = {b, y0, y1 - y0, 1, 0, w->in_w, 1, c, nc}, ro = {b, oy, r, 1, 0, w->out_w, 1, c, nc};
        if ((err = weft_emit_load(e, &in, &ri, t.in, w->in_w * cw, cw)) || (err = tile(&p, &t, r)) ||
            (err = weft_emit_store(e, &out, &ro, t.out, w->out_w * cw, cw))) return err;
      }
  snprintf(e->layer->mapping, sizeof e->layer->mapping, "lanes, %d rows x %d channels, s%d", rows, cw * WEFT_WORD_BYTES, n);
  return WEFT_OK;
}

/* Splits n taps into k1 rows of k0, both at most MAX_TAPS. */
static bool split(int n, int *k0, int *k1)
{
  for (*k0 = n < MAX_TAPS ? n : MAX_TAPS; *k0 >= 1; --*k0)
    if (n % *k0 == 0 && n / *k0 <= MAX_TAPS) {
      *k1 = n / *k0;
      return true;
    }
  return false;
}

int weft_lower_mean(weft_emit_t *e)
{
  const weft_tensor_t *x = &e->g->tensor[e->op->in[0]], *y = &e->g->tensor[e->op->out[0]];
  if (x->rank != 4 || weft_reduce_axes(e->g, e->op) != 6u) return weft_fail(e->m, WEFT_E_UNSUPPORTED, "mean over other dimensions than height and width");
  int C = x->dim[3], k0, k1, exp, words = e->p->cfg->buf_words;
  int32_t n, q;
  weft_mean_params(e->g, e->op, &n, &q, &exp);
  if (!split(n, &k0, &k1))
    return weft_fail(e->m, WEFT_E_UNSUPPORTED, "%d values do not split into two loops of at most %d", (int)n, MAX_TAPS);
  int cw = (C + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES, slots = 2;
  while (cw > 1 && (int64_t)2 * cw * (n + 1) > words) cw = (cw + 1) / 2;
  if ((int64_t)2 * cw * (n + 1) > words) slots = 1;
  if ((int64_t)slots * cw * (n + 1) > words)
    return weft_fail(e->m, WEFT_E_UNSUPPORTED, "16 channels of %d values need %d KiB, the buffer has %d KiB", (int)n,
          (int)n / 64 + 1, words / 64);
  int base[2], i = 0;
  if (!weft_emit_slots(e, 2, (int[]){slots, slots}, (int[]){cw * n, cw}, base))
    return weft_fail(e->m, WEFT_E_INTERNAL, "slices do not fit the buffer");

  weft_vec_t v = {.n1 = 1, .n2 = 1, .k0 = k0, .k1 = k1, .a_s0 = 1, .a_k0 = k0 > 1 ? cw : 0, .a_k1 = k1 > 1 ? k0 * cw : 0, .out_s0 = 1,
                  .za = x->zero[0], .zo = y->zero[0], .act_min = INT8_MIN, .act_max = INT8_MAX,
                  .mult0 = q, .ls0 = exp > 0 ? exp : 0, .rs0 = exp < 0 ? -exp : 0};
  bool one = n == 1;
  v.nsteps = one ? 1 : 2;
  v.step0 = one ? WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_0, .into = WEFT_INTO_OUT)
                : WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_ADD, .taps = 1);
  if (!one) v.step1 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_0, .into = WEFT_INTO_OUT);

  weft_image_t in = {e->p->place[e->op->in[0]], x->dim[1], x->dim[2], C}, out = {e->p->place[e->op->out[0]], 1, 1, C};
  for (int b = 0; b < x->dim[0]; b++)
    for (int c = 0; c < C; c += cw * WEFT_WORD_BYTES, i++) {
      int err, nc = C - c < cw * WEFT_WORD_BYTES ? C - c : cw * WEFT_WORD_BYTES;
      v.a_base = base[0] + i % slots * cw * n;
      v.out_base = base[1] + i % slots * cw;
      v.n0 = (nc + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES;
      weft_rect_t ri = {b, 0, x->dim[1], 1, 0, x->dim[2], 1, c, nc}, ro = {b, 0, 1, 1, 0, 1, 1, c, nc};
      if ((err = weft_emit_load(e, &in, &ri, (int)v.a_base, x->dim[2] * cw, cw)) || (err = weft_emit_vec(e, &v)) ||
          (err = weft_emit_store(e, &out, &ro, (int)v.out_base, cw, cw))) return err;
    }
  snprintf(e->layer->mapping, sizeof e->layer->mapping, "lanes, %d taps x %d channels, s%d", (int)n, cw * WEFT_WORD_BYTES, i);
  return WEFT_OK;
}
