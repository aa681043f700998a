/* SPDX-License-Identifier: Apache-2.0
 *
 * RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR as VEC commands.
 *
 * Neighbouring rows of the ofmap that are equal are computed once and stored several times. A command serves output pixels whose sources
 * lie at even distances and which have the same number of taps in each axis: one tap is a copy, more are weighed by a word of four weights,
 * one word for a whole command or one for each output column. Rows of a command share their weight. Products are exact: a tap is x 2^21 times
 * w 2^10 through a rounding product by 2^-31, the sum is divided by 2^20 at the end.
 */
#include <stdio.h>
#include <stdlib.h>

#include "emit.h"
#include "lower_limits.h"
#include "resize_axis.h"
#include "rows.h"

enum {
  ONE = 1024, PRODUCT_SHIFT = 21, WEIGHT_SHIFT = 10, SUM_BITS = 20,
  MAX_COMMANDS = WEFT_RESIZE_GROUPS, MAX_WEIGHT_BYTES = WEFT_RESIZE_WEIGHTS, MAX_SLOTS = 64, MAX_SLICE = 4095 /* words of a DMA element */, TILES = 4
};

typedef struct {
  weft_emit_t *e;
  weft_axis_t y, x;              /* x grouped once over the whole row; y, rows that differ, tile by tile */
  int H, W, OH, OW, C;
  int cw, nw;                    /* words of a pixel in the buffer; of them, those of the slice at hand */
  int64_t weights;               /* offset of the weights in the constants, -1: not needed */
  int row_words;                 /* weight words that a row of pixels needs */
  int index[ONE];                /* number of each weight of a row, -1: it does not occur */
  int base, slots, next, held[MAX_SLOTS];   /* buffer slots of weight words, and which row weight each holds (-1: none) */
} resize_t;

/* Words of weights that group g of x needs. */
static bool shared_weight(const resize_t *r, const weft_axis_group_t *g)
{
  for (int i = 1; i < g->n; i++)
    if (r->x.from[g->first + i * r->x.stride].weight != r->x.from[g->first].weight) return false;
  return true;
}

/* Numbers the weights that occur. Returns how many. */
static int number_weights(const weft_axis_t *y, int index[ONE])
{
  int n = 0;
  for (int w = 0; w < ONE; w++) index[w] = -1;
  for (int o = 0; o < y->out; o++)
    if (index[y->from[o].weight] < 0) index[y->from[o].weight] = n++;
  return n;
}

/* The four weights of one word: entry (row tap) * (column taps) + (column tap). */
static void weight_word(uint8_t *to, int wy, int wx)
{
  int k = 0;
  for (int ty = 0; ty < (wy ? 2 : 1); ty++)
    for (int tx = 0; tx < (wx ? 2 : 1); tx++, k++) {
      const uint32_t w = (uint32_t)((ty ? wy : ONE - wy) * (tx ? wx : ONE - wx)) << WEIGHT_SHIFT;
      for (int b = 0; b < 4; b++) to[4 * k + b] = (uint8_t)(w >> 8 * b);
    }
}

/* For each row weight, the words of all groups of x, one behind the other. */
static int make_weights(resize_t *r, int n)
{
  r->row_words = 0;
  for (int i = 0; i < r->x.groups; i++) r->row_words += shared_weight(r, &r->x.group[i]) ? 1 : r->x.group[i].n;
  const int64_t bytes = (int64_t)n * r->row_words * WEFT_WORD_BYTES;
  if (bytes > MAX_WEIGHT_BYTES)
    return weft_fail(r->e->m, WEFT_E_UNSUPPORTED, "weights of %lld KiB; accepted are up to %d KiB", (long long)(bytes / 1024),
                     MAX_WEIGHT_BYTES / 1024);
  r->weights = weft_program_constant(r->e->p, (size_t)bytes);
  if (r->weights < 0) return weft_fail(r->e->m, WEFT_E_UNSUPPORTED, "weights beyond the end of memory");
  for (int wy = 0; wy < ONE; wy++) {
    if (r->index[wy] < 0) continue;
    uint8_t *to = r->e->p->konst + r->weights + (int64_t)r->index[wy] * r->row_words * WEFT_WORD_BYTES;
    for (int i = 0; i < r->x.groups; i++) {
      const weft_axis_group_t *g = &r->x.group[i];
      for (int k = 0; k < (shared_weight(r, g) ? 1 : g->n); k++, to += WEFT_WORD_BYTES)
        weight_word(to, wy, r->x.from[g->first + k * r->x.stride].weight);
    }
  }
  return WEFT_OK;
}

/* Buffer word of the weights of row weight number `row`, loaded if they are not there. */
static int fetch_weights(resize_t *r, int row, int *at)
{
  int s = 0;
  while (s < r->slots && r->held[s] != row) s++;
  const bool there = s < r->slots;
  if (!there) {
    s = r->next;
    r->next = (r->next + 1) % r->slots;
    r->held[s] = row;
  }
  *at = r->base + s * r->row_words;
  const int bytes = r->row_words * WEFT_WORD_BYTES;
  return there ? WEFT_OK : weft_emit_load_flat(r->e, WEFT_REG_CONSTANTS, (uint32_t)(r->weights + (int64_t)row * bytes), bytes, *at);
}

/* A tile in the buffer: first rows and words of ifmap and ofmap. */
typedef struct { int in, out, y0, oy0; } tile_t;

static int command(const resize_t *r, const tile_t *t, const weft_axis_group_t *y, const weft_axis_group_t *x, int weights)
{
  const int row = r->W * r->cw, orow = r->OW * r->cw;
  weft_vec_t v = {.n0 = r->nw, .n1 = x->n, .n2 = y->n, .k0 = x->two ? 2 : 1, .k1 = y->two ? 2 : 1, .act_min = INT8_MIN, .act_max = INT8_MAX,
                  .a_base = t->in + (y->low - t->y0) * row + x->low * r->cw, .out_base = t->out + (y->first - t->oy0) * orow + x->first * r->cw};
  v.a_s0 = v.out_s0 = r->nw > 1;
  if (x->n > 1) v.a_s1 = (int64_t)x->low_step * r->cw, v.out_s1 = (int64_t)r->x.stride * r->cw;
  if (y->n > 1) v.a_s2 = (int64_t)y->low_step * row, v.out_s2 = (int64_t)r->y.stride * orow;
  if (x->two) v.a_k0 = r->cw;
  if (y->two) v.a_k1 = row;
  v.nsteps = x->two || y->two ? 2 : 1;
  v.step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT);
  if (v.nsteps == 2) {
    v.step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_WEIGHT, .into = WEFT_INTO_ADD, .taps = 1);
    v.step1 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_1, .into = WEFT_INTO_OUT);
    v.ls0 = PRODUCT_SHIFT;
    v.mult1 = INT64_C(1) << 31;
    v.rs1 = SUM_BITS;
    v.b_base = weights;
    v.b_s1 = x->n > 1 && !shared_weight(r, x);
  }
  return weft_emit_vec(r->e, &v);
}

static int tile(resize_t *r, const tile_t *t)
{
  for (int i = 0; i < r->y.groups; i++) {
    const weft_axis_group_t *y = &r->y.group[i];
    int at = 0, err;
    if (r->weights >= 0 && (err = fetch_weights(r, r->index[r->y.from[y->first].weight], &at))) return err;
    for (int k = 0; k < r->x.groups; k++) {
      const weft_axis_group_t *x = &r->x.group[k];
      if ((err = command(r, t, y, x, at))) return err;
      if (r->weights >= 0) at += shared_weight(r, x) ? 1 : x->n;
    }
  }
  return WEFT_OK;
}

/* Input rows that rows oy .. oy+n-1 read. */
static int in_rows(const resize_t *r, int oy, int n, int *y0)
{
  const weft_source_t *last = &r->y.from[oy + n - 1];
  *y0 = r->y.from[oy].low;
  return last->low + (last->weight != 0) - *y0 + 1;
}

static int most_in_rows(const resize_t *r, int rows)
{
  int most = 0, y0;
  for (int oy = 0; oy < r->y.out; oy += rows) {
    const int n = in_rows(r, oy, r->y.out - oy < rows ? r->y.out - oy : rows, &y0);
    if (n > most) most = n;
  }
  return most;
}

/* Rows of a tile, words of a channel slice; size: words of the ifmap's and the ofmap's tile. */
static bool fit(resize_t *r, int room, int slots, int *rows, int size[2])
{
  r->cw = weft_row_words(r->C);
  for (r->cw = r->cw < MAX_SLICE ? r->cw : MAX_SLICE;; r->cw = (r->cw + 1) / 2) {
    const int64_t row = (int64_t)r->W * r->cw, orow = (int64_t)r->OW * r->cw;
    int n = (r->y.out + TILES - 1) / TILES;
    if (n > r->y.stride) n = (n + r->y.stride - 1) / r->y.stride * r->y.stride;
    for (; n >= 1; n -= n > r->y.stride ? r->y.stride : 1) {
      const int64_t in = most_in_rows(r, n) * row, out = n * orow;
      if (slots * (in + out) > room) continue;
      *rows = n;
      size[0] = (int)in;
      size[1] = (int)out;
      return true;
    }
    if (r->cw == 1) return false;
  }
}

/* Groups of both axes, weights and their slots. */
static int prepare(resize_t *r)
{
  weft_emit_t *e = r->e;
  const int words = e->cfg->buf_words, distinct = number_weights(&r->y, r->index);
  weft_axis_unite(&r->y);
  weft_axis_stride(&r->x, false);
  weft_axis_stride(&r->y, true);
  weft_axis_group(&r->x, 0, r->x.out, false);
  weft_axis_group(&r->y, 0, r->y.out, true);
  if ((int64_t)r->x.groups * r->y.groups > MAX_COMMANDS)
    return weft_fail(e->m, WEFT_E_UNSUPPORTED, "a ratio of sizes with %d x %d groups of pixels", r->y.groups, r->x.groups);
  bool weighs = false;
  for (int i = 0; i < r->x.out; i++) weighs |= r->x.from[i].weight != 0;
  for (int i = 0; i < r->y.out; i++) weighs |= r->y.from[i].weight != 0;
  r->weights = -1;
  int err = weighs ? make_weights(r, distinct) : WEFT_OK;
  if (err || !weighs) return err;
  r->slots = words / 4 / r->row_words;
  if (r->slots > distinct) r->slots = distinct;
  if (r->slots > MAX_SLOTS) r->slots = MAX_SLOTS;
  for (int i = 0; i < MAX_SLOTS; i++) r->held[i] = -1;
  return r->slots ? WEFT_OK : weft_fail(e->m, WEFT_E_UNSUPPORTED, "the weights of a row need %d KiB, a quarter of the buffer has %d KiB",
                                        r->row_words / 64 + 1, words / 256);
}

/* Rows oy .. oy+n-1 of slice c, each as often as the ofmap has it; those that it has equally often go together. */
static int store(const resize_t *r, int b, int c, int nc, int oy, int n, int buf)
{
  const weft_image_t out = {r->e->p->place[r->e->op->out[0]], r->OH, r->OW, r->C};
  const int orow = r->OW * r->cw, *times = r->y.times;
  for (int i = oy, k; i < oy + n; i += k) {
    for (k = 1; i + k < oy + n && times[i + k] == times[i]; k++) continue;
    for (int t = 0; t < times[i]; t++) {
      const weft_rect_t rect = {b, r->y.first[i] + t, k, times[i], 0, r->OW, 1, c, nc};
      int err = weft_emit_store(r->e, &out, &rect, buf + (i - oy) * orow, orow, r->cw);
      if (err) return err;
    }
  }
  return WEFT_OK;
}

static int lower(resize_t *r)
{
  weft_emit_t *e = r->e;
  int rows, size[3], base[3], slots = 2, tiles = 0, err = prepare(r);
  if (err) return err;
  const int room = e->cfg->buf_words - r->slots * r->row_words;
  if (!fit(r, room, 2, &rows, size) && !fit(r, room, slots = 1, &rows, size))
    return weft_fail(e->m, WEFT_E_UNSUPPORTED, "one output row needs %d KiB, the buffer has %d KiB",
                     (most_in_rows(r, 1) * r->W + r->OW) / 64 + 1, room / 64);
  const int count[3] = {slots, slots, r->slots};
  size[2] = r->row_words;
  weft_emit_slots_apart(e, 2, count, size);      /* not the weights: they are small and hardly change */
  if (!weft_emit_slots(e, 3, count, size, base))
    return weft_fail(e->m, WEFT_E_INTERNAL, "tiles do not fit the buffer");
  r->base = base[2];

  const weft_image_t in = {e->p->place[e->op->in[0]], r->H, r->W, r->C};
  const int slice = r->cw * WEFT_WORD_BYTES, batch = e->g->tensor[e->op->in[0]].dim[0];
  for (int b = 0; b < batch; b++)
    for (int c = 0; c < r->C; c += slice)
      for (int oy = 0; oy < r->y.out; oy += rows, tiles++) {
        const int n = r->y.out - oy < rows ? r->y.out - oy : rows, nc = r->C - c < slice ? r->C - c : slice, slot = tiles % slots;
        tile_t t = {.in = base[0] + slot * size[0], .out = base[1] + slot * size[1], .oy0 = oy};
        const int nin = in_rows(r, oy, n, &t.y0);
        const weft_rect_t ri = {b, t.y0, nin, 1, 0, r->W, 1, c, nc};
        r->nw = weft_row_words(nc);
        weft_axis_group(&r->y, oy, oy + n, true);
        if ((err = weft_emit_load(e, &in, &ri, t.in, r->W * r->cw, r->cw)) || (err = tile(r, &t)) ||
            (err = store(r, b, c, nc, oy, n, t.out))) return err;
      }
  snprintf(e->layer->mapping, sizeof e->layer->mapping, "lanes, %d rows x %d channels, s%d", rows, slice, tiles);
  return WEFT_OK;
}

int weft_lower_resize(weft_emit_t *e)
{
  const weft_tensor_t *x = &e->g->tensor[e->op->in[0]], *y = &e->g->tensor[e->op->out[0]];
  resize_t r = {.e = e, .H = x->dim[1], .W = x->dim[2], .OH = y->dim[1], .OW = y->dim[2], .C = x->dim[3]};
  bool open = weft_axis_open(&r.y, e->g, e->op, 1);
  open &= weft_axis_open(&r.x, e->g, e->op, 2);
  int err = open ? lower(&r) : weft_fail(e->m, WEFT_E_MEMORY, "out of memory");
  weft_axis_free(&r.y);
  weft_axis_free(&r.x);
  return err;
}
