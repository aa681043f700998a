/* SPDX-License-Identifier: Apache-2.0
 *
 * MEAN, SUM and REDUCE_MAX over any dimensions: the reduced values are the taps of a VEC.
 *
 * Neighbouring dimensions that are all reduced or all kept are one. When the innermost are kept, they are the lanes' channels, and a
 * tile is loaded as it lies. When the innermost are reduced, the rows turn into lanes first, and the result is flat bytes. A sum has to
 * fit the buffer with all its values, because an accumulator does not outlive its command.
 */
#include <stdio.h>

#include "lane_program.h"
#include "lower_limits.h"
#include "quant.h"
#include "rows.h"

enum {
  MAX_OUTER = WEFT_REDUCE_OUTER, MAX_INNER = WEFT_REDUCE_INNER,      /* taps of the outer and inner loop */
  MAX_SLICE = 4095,                        /* words of a DMA element */
  TILES = 4                                /* at least, so that work and DRAM overlap */
};

/* Dimensions as [batch][outer][kept][inner][channels], or [batch][outer][kept][inner] when the last are reduced: outer and inner reduced. */
typedef struct {
  weft_emit_t *e;
  int64_t batch, outer, kept, inner;
  int channels;                  /* 0: the innermost dimensions are reduced */
  weft_vec_t v;
} reduce_t;

static int merge(reduce_t *r)
{
  const weft_tensor_t *x = &r->e->g->tensor[r->e->op->in[0]];
  const unsigned axes = weft_reduce_axes(r->e->g, r->e->op);
  int64_t group[WEFT_MAX_RANK + 1] = {1};   /* innermost first; even ones kept, odd ones reduced */
  int n = 0;
  for (int i = x->rank - 1; i >= 0; i--) {
    if (x->dim[i] == 1) continue;
    if ((n & 1) != (int)(axes >> i & 1)) group[++n] = 1;
    group[n] *= x->dim[i];
  }
  while (n < 4) group[++n] = 1;
  if (n > 4) return weft_fail(r->e->m, WEFT_E_UNSUPPORTED, "more than two separate groups of reduced dimensions");
  r->channels = group[0] > 1 ? (int)group[0] : 0;
  r->inner = group[1];
  r->kept = group[2];
  r->outer = group[3];
  r->batch = group[4];
  return WEFT_OK;
}

/* Taps in two loops; which is which does not matter to a sum or a maximum. */
static int taps(reduce_t *r, int64_t inner_step, int64_t outer_step)
{
  weft_vec_t *v = &r->v;
  const bool swap = r->outer > MAX_OUTER;
  v->k0 = swap ? r->outer : r->inner;
  v->k1 = swap ? r->inner : r->outer;
  if (v->k1 > MAX_OUTER || v->k0 > MAX_INNER)
    return weft_fail(r->e->m, WEFT_E_UNSUPPORTED, "%lld times %lld reduced values; accepted are up to %d times %d", (long long)r->outer,
                     (long long)r->inner, MAX_OUTER, MAX_INNER);
  v->a_k0 = v->k0 == 1 ? 0 : swap ? outer_step : inner_step;
  v->a_k1 = v->k1 == 1 ? 0 : swap ? inner_step : outer_step;
  return WEFT_OK;
}

static void program(reduce_t *r)
{
  const weft_emit_t *e = r->e;
  const bool max = e->op->code == WEFT_OP_REDUCE_MAX;
  int32_t n, q;
  int x;
  weft_mean_params(e->g, e->op, &n, &q, &x);
  r->v = (weft_vec_t){.n1 = 1, .n2 = 1, .act_min = INT8_MIN, .act_max = INT8_MAX};
  if (!max) {                    /* REDUCE_MAX takes raw bytes: one scale and zero point on both sides */
    r->v.za = e->g->tensor[e->op->in[0]].zero[0];
    r->v.zo = e->g->tensor[e->op->out[0]].zero[0];
    r->v.mult0 = q;
    r->v.ls0 = weft_shift_left(x);
    r->v.rs0 = weft_shift_right(x);
  }
  const int scale = max ? WEFT_SCALE_NONE : WEFT_SCALE_0;
  r->v.nsteps = n == 1 ? 1 : 2;
  if (n == 1) {
    r->v.step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = scale, .into = WEFT_INTO_OUT);
  } else {
    r->v.step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = max ? WEFT_INTO_MAX : WEFT_INTO_ADD, .taps = 1);
    r->v.step1 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = scale, .into = WEFT_INTO_OUT);
  }
}

static int too_large(const weft_emit_t *e, int64_t bytes)
{
  return weft_fail(e->m, WEFT_E_UNSUPPORTED, "the values of 16 results need %lld KiB, the buffer has %d KiB", (long long)(bytes / 1024 + 1),
                   e->cfg->buf_words / 64);
}

/* Kept dimensions of a tile: at most `most` that fit, and fewer so that there are several tiles. */
static int64_t share(int64_t kept, int64_t most, int64_t unit)
{
  int64_t some = ((kept + TILES - 1) / TILES + unit - 1) / unit * unit;
  return most < kept ? (most < some ? most : some) : kept < some ? kept : some;
}

/* Channels are lanes: tiles of `kept`, slices of channels when even one does not fit. */
static int by_channels(reduce_t *r)
{
  weft_emit_t *e = r->e;
  const int64_t n = r->outer * r->inner, words = e->cfg->buf_words;
  const int pix = weft_row_words(r->channels), elem = weft_keep_elem(r->channels);
  const int held = weft_emit_find(e, e->op->in[0], elem), stay = weft_emit_keep_words(e, elem);
  const int64_t room = words - stay, each = (held < 0 ? n : 0) + !stay;      /* words of a result's word and its values */
  int cw = pix, slots = 2, base[2], err, tiles = 0;
  while (cw > 1 && (cw > MAX_SLICE || slots * cw * each > room)) cw = (cw + 1) / 2;
  if (slots * cw * each > room) slots = 1;
  if (slots * cw * each > room) return too_large(e, (n + 1) * WEFT_WORD_BYTES);
  const int64_t kept = each ? share(r->kept, room / (slots * cw * each), 1) : r->kept;
  const int count[2] = {held < 0 ? slots : 0, stay ? 1 : slots};
  int size[2] = {(int)(kept * n) * cw, stay ? stay : (int)kept * cw};
  weft_emit_slots_apart(e, 2, count, size);
  if (!weft_emit_slots_kept(e, 2, count, size, stay ? 1 : -1, base))
    return weft_fail(e->m, WEFT_E_INTERNAL, "tiles do not fit the buffer");
  const int C = r->channels;
  const weft_image_t in = {e->p->place[e->op->in[0]], (int)r->outer, (int)(r->kept * r->inner), C}, out = {e->p->place[e->op->out[0]], 1,
        (int)r->kept, C};
  for (int b = 0; b < r->batch; b++)
    for (int c = 0; c < C; c += cw * WEFT_WORD_BYTES)
      for (int64_t k = 0; k < r->kept; k += kept, tiles++) {
        const int nk = (int)(r->kept - k < kept ? r->kept - k : kept), nc = C - c < cw * WEFT_WORD_BYTES ? C - c : cw * WEFT_WORD_BYTES;
        const int slot = tiles % slots, w = weft_row_words(nc), ipix = held < 0 ? w : pix, opix = stay ? pix : w;
        const int row = (held < 0 ? nk : (int)r->kept) * (int)r->inner * ipix;
        weft_vec_t *v = &r->v;
        v->a_base = held < 0 ? base[0] + slot * size[0] : held + ((b * r->outer * r->kept + k) * r->inner) * pix + c / WEFT_WORD_BYTES;
        v->out_base = stay ? base[1] + (b * r->kept + k) * pix + c / WEFT_WORD_BYTES : base[1] + slot * size[1];
        v->n0 = w;
        v->n1 = nk;
        v->a_s0 = v->out_s0 = w > 1;
        v->a_s1 = nk > 1 ? r->inner * ipix : 0;
        v->out_s1 = nk > 1 ? opix : 0;
        const weft_rect_t ri = {b, 0, (int)r->outer, 1, (int)(k * r->inner), nk * (int)r->inner, 1, c, nc}, ro = {b, 0, 1, 1, (int)k, nk, 1, c, nc};
        if ((err = taps(r, ipix, row)) || (err = held < 0 ? weft_emit_load(e, &in, &ri, (int)v->a_base, row, w) : WEFT_OK) || (err = weft_emit_vec(e, v)) ||
            (err = weft_emit_store(e, &out, &ro, (int)v->out_base, nk * opix, opix))) return err;
      }
  if (stay) weft_emit_kept(e, elem, base[1]);
  snprintf(e->layer->mapping, sizeof e->layer->mapping, "lanes, %lld taps x %d channels, s%d", (long long)n, cw * WEFT_WORD_BYTES, tiles);
  return WEFT_OK;
}

/* Rows are lanes: tiles of `kept` rows for each of `outer`. */
static int by_rows(reduce_t *r)
{
  weft_emit_t *e = r->e;
  const int64_t words = e->cfg->buf_words;
  if (r->inner > MAX_INNER)
    return weft_fail(e->m, WEFT_E_UNSUPPORTED, "%lld reduced values in a row; accepted are up to %d", (long long)r->inner, MAX_INNER);
  const int n = (int)r->inner, rw = weft_row_words(n), held = weft_emit_find(e, e->op->in[0], weft_keep_elem(n));
  /* Results are bytes that follow each other: a tile must begin on a word of them. */
  const int stay = r->batch == 1 || r->kept % WEFT_WORD_BYTES == 0 ? weft_emit_keep_words(e, WEFT_WORD_BYTES) : 0;
  int64_t kept = held < 0 ? share(r->kept, r->kept, WEFT_WORD_BYTES) : r->kept;      /* turning and summing share an engine */
  int slots = 2, base[3], err, tiles = 0;
  for (;; kept = (kept / 2 + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES * WEFT_WORD_BYTES) {
    const int64_t in = held < 0 ? kept * r->outer * rw : 0, lanes = (kept + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES * r->outer * n;
    if (slots == 2 && kept <= WEFT_WORD_BYTES && 2 * in + lanes + 2 + stay > words) slots = 1;
    if (slots * in + lanes + 2 * ((kept + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES) + stay <= words) break;
    if (kept <= WEFT_WORD_BYTES) return too_large(e, (in + lanes) * WEFT_WORD_BYTES);
  }
  const int groups = weft_row_groups((int)kept), count[3] = {held < 0 ? slots : 0, 1, stay ? 1 : 2};
  int size[3] = {(int)(kept * r->outer) * rw, groups * (int)r->outer * n, stay ? stay : groups};
  weft_emit_slots_apart(e, 3, count, size);
  if (!weft_emit_slots_kept(e, 3, count, size, stay ? 2 : -1, base))
    return weft_fail(e->m, WEFT_E_INTERNAL, "tiles do not fit the buffer");
  const weft_image_t in = {e->p->place[e->op->in[0]], (int)r->outer, (int)r->kept, n};
  const weft_place_t *out = &e->p->place[e->op->out[0]];
  for (int b = 0; b < r->batch; b++)
    for (int64_t k = 0; k < r->kept; k += kept, tiles++) {
      const int nk = (int)(r->kept - k < kept ? r->kept - k : kept), g = weft_row_groups(nk), row = base[0] + tiles % slots * size[0];
      const weft_rect_t rect = {b, 0, (int)r->outer, 1, (int)k, nk, 1, 0, n};
      if (held < 0 && (err = weft_emit_load(e, &in, &rect, row, nk * rw, rw))) return err;
      for (int o = 0; o < r->outer; o++) {
        const int from = held < 0 ? row + o * nk * rw : held + (int)((b * r->outer + o) * r->kept + k) * rw;
        if ((err = weft_rows_to_lanes(e, nk, n, from, base[1] + o * g * n))) return err;
      }
      weft_vec_t *v = &r->v;
      v->a_base = base[1];
      v->out_base = stay ? base[2] + (b * r->kept + k) / WEFT_WORD_BYTES : base[2] + tiles % 2 * size[2];
      v->n0 = g;
      v->a_s0 = g > 1 ? n : 0;
      v->out_s0 = g > 1;
      if ((err = taps(r, 1, (int64_t)g * n)) || (err = weft_emit_vec(e, v)) ||
          (err = weft_emit_store_flat(e, out->region, out->offset + (uint32_t)(b * r->kept + k), nk, (int)v->out_base))) return err;
    }
  if (stay) weft_emit_kept(e, WEFT_WORD_BYTES, base[2]);
  snprintf(e->layer->mapping, sizeof e->layer->mapping, "lanes, %lld taps x %d rows, s%d", (long long)(r->outer * r->inner), (int)kept, tiles);
  return WEFT_OK;
}

int weft_lower_reduce(weft_emit_t *e)
{
  reduce_t r = {.e = e};
  int err = merge(&r);
  if (err) return err;
  program(&r);
  return r.channels ? by_channels(&r) : by_rows(&r);
}
