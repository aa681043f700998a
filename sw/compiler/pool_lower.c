/* SPDX-License-Identifier: Apache-2.0
 *
 * AVERAGE_POOL_2D and MAX_POOL_2D as VEC commands.
 *
 * A command applies one window shape, so a padded layer is cut into regions whose windows are clipped alike: the inside is
 * one region, each border its own. Tiles are output rows, and slices of channels when rows are too large for the buffer.
 */
#include <stdio.h>

#include "lower_limits.h"
#include "pool.h"
#include "quant.h"

enum { MAX_ROWS = WEFT_POOL_ROWS, MAX_COLUMNS = WEFT_POOL_COLUMNS, MAX_DIVISOR = WEFT_POOL_VALUES };

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

static int region(const weft_pool_t *p, const weft_pool_place_t *t, const span_t *y, const span_t *x)
{
  const weft_window_t *w = &p->w;
  int kh = y->t1 - y->t0, kw = x->t1 - x->t0;
  if (kh < 1 || kw < 1) return weft_fail(p->e->m, WEFT_E_UNSUPPORTED, "a window lies wholly in the padding");
  weft_vec_t v = {.n0 = t->cw, .n1 = x->n, .n2 = y->n, .k0 = kw, .k1 = kh, .a_s0 = 1, .a_s1 = w->stride_w * t->ipix,
                  .a_s2 = (int64_t)w->stride_h * t->irow, .a_k0 = kw > 1 ? t->ipix : 0, .a_k1 = kh > 1 ? t->irow : 0,
                  .out_s0 = 1, .out_s1 = t->opix, .out_s2 = t->orow, .act_min = p->lo, .act_max = p->hi};
  if (v.n1 == 1) v.a_s1 = v.out_s1 = 0;    /* unused strides could exceed their fields */
  if (v.n2 == 1) v.a_s2 = v.out_s2 = 0;
  v.a_base = t->in + (y->first * w->stride_h - w->pad_top + y->t0 - t->y0) * t->irow + (x->first * w->stride_w - w->pad_left + x->t0) * t->ipix;
  v.out_base = t->out + (y->first - t->oy0) * t->orow + x->first * t->opix;
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

int weft_pool_piece(const weft_pool_t *p, const weft_pool_place_t *t, int oy, int rows, int ox0, int columns)
{
  const weft_window_t *w = &p->w;
  for (const int end = oy + rows; oy < end;) {
    span_t y = class_of(oy, end, w->stride_h, w->pad_top, w->filter_h, w->in_h);
    for (int ox = ox0; ox < ox0 + columns;) {
      span_t x = class_of(ox, ox0 + columns, w->stride_w, w->pad_left, w->filter_w, w->in_w);
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

/* Output rows of a tile and words of a channel slice of which `ins` ifmap and `outs` ofmap slots fit; false when not even one row of one word
 * does. */
static bool fit(const weft_window_t *w, int buf_words, int ins, int outs, int *rows, int *cw)
{
  for (*cw = (w->in_c + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES;; *cw = (*cw + 1) / 2) {
    for (*rows = w->out_h; *rows >= 1; --*rows) {
      int64_t need = *cw * ((int64_t)ins * in_rows(w, *rows) * w->in_w + (int64_t)outs * *rows * w->out_w);
      if (need <= buf_words) return true;
    }
    if (*cw == 1) return false;
  }
}

int weft_pool_begin(weft_emit_t *e, weft_pool_t *p)
{
  *p = (weft_pool_t){.e = e, .max = e->op->code == WEFT_OP_MAX_POOL_2D};
  const weft_window_t *w = &p->w;
  weft_window(e->g, e->op, &p->w);
  weft_act_bounds(e->g, e->op, &p->lo, &p->hi);
  /* What counts is the clipped window, but the border regions of a huge one would be as many as the outputs. */
  if (w->filter_h > MAX_ROWS || w->filter_w > MAX_COLUMNS)
    return weft_fail(e->m, WEFT_E_UNSUPPORTED, "a window of more than %d rows or %d columns", MAX_ROWS, MAX_COLUMNS);
  if (!p->max && (int64_t)w->filter_h * w->filter_w > MAX_DIVISOR)
    return weft_fail(e->m, WEFT_E_UNSUPPORTED, "an average of more than %d values", MAX_DIVISOR);
  return WEFT_OK;
}

int weft_lower_pool(weft_emit_t *e)
{
  weft_pool_t p;
  const weft_window_t *w = &p.w;
  int bad = weft_pool_begin(e, &p);
  if (bad) return bad;
  const int elem = weft_keep_elem(w->in_c), pix = (w->in_c + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES;
  const int held = weft_emit_find(e, e->op->in[0], elem), stay = weft_emit_keep_words(e, elem);
  const bool in_slots = held < 0, out_slots = !stay;
  int rows, cw, slots = 2, words = e->cfg->buf_words - stay;
  if (!fit(w, words, in_slots * 2, out_slots * 2, &rows, &cw) && !fit(w, words, in_slots, out_slots, &rows, &cw))
    return weft_fail(e->m, WEFT_E_UNSUPPORTED, "one output row needs %d KiB, the buffer has %d KiB",
                     (in_rows(w, 1) * w->in_w + w->out_w) / 64 + 1, e->p->cfg->buf_words / 64);
  if (!fit(w, words, in_slots * 2, out_slots * 2, &rows, &cw)) {
    slots = 1;
    fit(w, words, in_slots, out_slots, &rows, &cw);
  }
  if (rows == w->out_h && rows > 3) rows = (rows + 3) / 4;      /* a few tiles, so that DRAM, array and lanes overlap */
  const int count[2] = {in_slots ? slots : 0, out_slots ? slots : 1};
  int size[2] = {in_rows(w, rows) * w->in_w * cw, stay ? stay : rows * w->out_w * cw}, base[2];
  weft_emit_slots_apart(e, 2, count, size);
  if (!weft_emit_slots_kept(e, 2, count, size, stay ? 1 : -1, base))
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
        int nc = w->in_c - c < cw * WEFT_WORD_BYTES ? w->in_c - c : cw * WEFT_WORD_BYTES, ipix = in_slots ? cw : pix, opix = stay ? pix : cw;
        weft_pool_place_t t = {.in = base[0] + slot * size[0], .out = base[1] + slot * size[1], .y0 = y0, .oy0 = oy, .cw = (nc + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES,
                     .irow = w->in_w * ipix, .ipix = ipix, .orow = w->out_w * opix, .opix = opix};
        if (!in_slots) t.in = held + (b * w->in_h + y0) * t.irow + c / WEFT_WORD_BYTES;
        if (stay) t.out = base[1] + (b * w->out_h + oy) * t.orow + c / WEFT_WORD_BYTES;
        weft_rect_t ri = {b, y0, y1 - y0, 1, 0, w->in_w, 1, c, nc}, ro = {b, oy, r, 1, 0, w->out_w, 1, c, nc};
        if ((err = in_slots ? weft_emit_load(e, &in, &ri, t.in, t.irow, ipix) : WEFT_OK) || (err = weft_pool_piece(&p, &t, oy, r, 0, w->out_w)) ||
            (err = weft_emit_store(e, &out, &ro, t.out, t.orow, opix))) return err;
      }
  if (stay) weft_emit_kept(e, elem, base[1]);
  snprintf(e->layer->mapping, sizeof e->layer->mapping, "lanes, %d rows x %d channels, s%d%s", rows, cw * WEFT_WORD_BYTES, n, stay ? ", stays" : "");
  return WEFT_OK;
}
