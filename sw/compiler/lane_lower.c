/* SPDX-License-Identifier: Apache-2.0
 *
 * Value-by-value operators as VEC commands: one input through a scale or a table, two inputs with broadcasting.
 *
 * The shapes come as up to six loops over the output, the innermost first (ops/broadcast.h); a tensor of any shape, alone or with one of
 * the same shape, is a single loop. The innermost loop fills words and the next two are the command's; loops further out are
 * commands of their own. An operand that is repeated in the innermost loop is a splat: one byte for a row of the other one.
 * Tiles have two slots an operand, so that loading, computing and storing overlap (tiles.h); what a slot already holds is not loaded again. An operand
 * that the buffer still holds is taken where it stands, and a result that is soon read again stays there whole (keep.h).
 */
#include <stdio.h>

#include "lane_plan.h"
#include "lower_limits.h"

enum { MAX_TILES = WEFT_LANE_TILES };

static int least(size_t a, size_t b) { return (int)(a < b ? a : b); }

/* The part of the result that has just been made, from where the result stands whole. */
static int store_part(weft_lanes_t *k, const weft_lane_operand_t *x)
{
  weft_dma_t d = {.opcode = WEFT_CMD_STORE, .region = x->place.region, .offset = x->place.offset + (int64_t)x->offset, .elem_bytes = x->bytes,
                  .elems = 1, .n0 = x->rows[0], .n1 = x->rows[1], .buf = x->base + weft_lane_words_to(k, x->offset)};
  const int64_t inner = (int64_t)x->step[1], outer = (int64_t)x->step[2];
  if (d.n0 > 1) {
    d.dram_s0 = inner;
    d.buf_s0 = weft_lane_words_to(k, x->step[1]);
  }
  if (d.n1 > 1) {
    d.dram_s1 = outer;
    d.buf_s1 = weft_lane_words_to(k, x->step[2]);
  }
  if ((size_t)x->bytes == k->n[0] && (d.n1 == 1 || outer == d.n0 * inner)) {       /* whole rows that follow each other */
    d.elems = d.n0 * d.n1;
    d.buf_se = d.elems > 1 ? weft_lane_words((size_t)x->bytes) : 0;
    d.n0 = d.n1 = 1;
    d.dram_s0 = d.buf_s0 = d.dram_s1 = d.buf_s1 = 0;
  }
  return weft_emit_dma(k->e, &d);
}

/* A part between DRAM and its slot: rows of `bytes` bytes, each from a new word on. */
static int move(weft_lanes_t *k, const weft_lane_operand_t *x, int opcode)
{
  const int w = weft_lane_words((size_t)x->bytes);
  const int64_t inner = (int64_t)x->step[x->splat ? 2 : 1], outer = (int64_t)x->step[2];
  weft_dma_t d = {.opcode = opcode, .region = x->place.region, .offset = x->place.offset + (int64_t)x->offset, .elem_bytes = x->bytes,
                  .elems = 1, .n0 = 1, .n1 = 1, .buf = x->base + x->slot * x->words};
  bool follow = x->rows[0] == 1 || inner == x->bytes;
  if (follow && (x->rows[1] == 1 || outer == (int64_t)x->rows[0] * x->bytes)) {
    d.elems = (int64_t)x->rows[0] * x->rows[1];
    d.buf_se = d.elems > 1 ? w : 0;
  } else if (follow) {
    d.elems = x->rows[0];
    d.buf_se = d.elems > 1 ? w : 0;
    d.n0 = x->rows[1];
    d.dram_s0 = outer;
    d.buf_s0 = (int64_t)w * x->rows[0];
  } else {
    d.n0 = x->rows[0];
    d.dram_s0 = inner;
    d.buf_s0 = w;
    d.n1 = x->rows[1];
    if (d.n1 > 1) {
      d.dram_s1 = outer;
      d.buf_s1 = (int64_t)w * x->rows[0];
    }
  }
  return weft_emit_dma(k->e, &d);
}

/* The tile that starts at turns `at` (words in the innermost loop): n[] are its turns. Puts the part into a slot. */
static int fetch(weft_lanes_t *k, weft_lane_operand_t *x, const size_t at[], const int n[3])
{
  size_t offset = at[0] * WEFT_WORD_BYTES * x->step[0];
  int bytes, rows[2];
  for (int i = 1; i < k->loops; i++) offset += at[i] * x->step[i];
  weft_lane_extent(x, n, &bytes, rows);
  const bool same = x->held && x->offset == offset && x->bytes == bytes && x->rows[0] == rows[0] && x->rows[1] == rows[1];
  if (same && x != &k->x[WEFT_LANE_OUT]) return WEFT_OK;
  if (x->held && !x->whole) x->slot = (x->slot + 1) % x->slots;
  x->held = true;
  x->offset = offset;
  x->bytes = bytes;
  x->rows[0] = rows[0];
  x->rows[1] = rows[1];
  return x == &k->x[WEFT_LANE_OUT] || x->whole ? WEFT_OK : move(k, x, WEFT_CMD_LOAD);
}

/* First word of the part, and strides of the command's loops: words, bytes for a splat. */
static int64_t strides(const weft_lanes_t *k, const weft_lane_operand_t *x, const int n[3], int64_t *s0, int64_t *s1, int64_t *s2)
{
  if (x->whole) {
    *s0 = !x->splat && n[0] > WEFT_WORD_BYTES;
    *s1 = n[1] == 1 ? 0 : x->splat ? (int64_t)x->step[1] : weft_lane_words_to(k, x->step[1]);
    *s2 = n[2] == 1 ? 0 : x->splat ? (int64_t)x->step[2] : weft_lane_words_to(k, x->step[2]);
    return x->base + (x->splat ? (int64_t)x->offset / WEFT_WORD_BYTES : weft_lane_words_to(k, x->offset));
  }
  const int row = weft_lane_words((size_t)x->bytes), unit = x->splat ? 1 : row;
  *s0 = !x->splat && n[0] > WEFT_WORD_BYTES;
  *s1 = x->step[1] && n[1] > 1 ? unit : 0;
  *s2 = !x->step[2] || n[2] == 1 ? 0 : !x->splat ? (int64_t)row * x->rows[0] : x->step[1] ? (int64_t)row * WEFT_WORD_BYTES : 1;
  return x->base + x->slot * x->words;
}

static void exchange(int64_t *a, int64_t *b)
{
  const int64_t t = *a;
  *a = *b;
  *b = t;
}

/* A row that is repeated is walked across: the engine keeps word B as long as the next result takes it again. */
static void across(weft_vec_t *v)
{
  if (v->b_s1 || !v->b_s0) return;
  exchange(&v->n0, &v->n1);
  exchange(&v->a_s0, &v->a_s1);
  exchange(&v->b_s0, &v->b_s1);
  exchange(&v->out_s0, &v->out_s1);
}

static int one_tile(weft_lanes_t *k, const size_t at[])
{
  int n[3], err;
  weft_vec_t v = k->l.v;
  n[0] = least((size_t)k->t[0] * WEFT_WORD_BYTES, k->n[0] - at[0] * WEFT_WORD_BYTES);
  for (int i = 1; i < 3; i++) n[i] = least((size_t)k->t[i], k->n[i] - at[i]);
  for (int i = 0; i < WEFT_LANE_PARTS; i++)
    if ((i != 1 || k->two) && (err = fetch(k, &k->x[i], at, n))) return err;
  v.n0 = weft_lane_words((size_t)n[0]);
  v.n1 = n[1];
  v.n2 = n[2];
  v.k0 = v.k1 = 1;
  v.a_base = strides(k, &k->x[0], n, &v.a_s0, &v.a_s1, &v.a_s2);
  v.out_base = strides(k, &k->x[WEFT_LANE_OUT], n, &v.out_s0, &v.out_s1, &v.out_s2);
  if (k->two) {
    v.b_base = strides(k, &k->x[1], n, &v.b_s0, &v.b_s1, &v.b_s2);
    v.b_splat = k->x[1].splat;
    if (v.b_splat && k->x[1].whole) v.b_byte = (int64_t)(k->x[1].offset % WEFT_WORD_BYTES);
    if (v.n1 > 1) across(&v);
  }
  err = weft_emit_vec(k->e, &v);
  return err ? err : k->stay ? store_part(k, &k->x[WEFT_LANE_OUT]) : move(k, &k->x[WEFT_LANE_OUT], WEFT_CMD_STORE);
}

int weft_lower_lane(weft_emit_t *e)
{
  weft_lanes_t k = {.e = e};
  int err = weft_lane_plan(&k);
  int64_t tiles = 1;
  if (err) return err;
  size_t at[WEFT_MAX_RANK] = {0}, end[WEFT_MAX_RANK];
  for (int i = 0; i < k.loops; i++) {
    end[i] = i ? k.n[i] : (size_t)weft_lane_words(k.n[0]);
    tiles *= least((end[i] + (size_t)k.t[i] - 1) / (size_t)k.t[i], MAX_TILES);
    if (tiles > MAX_TILES && k.loops > 3)
      return weft_fail(e->m, WEFT_E_UNSUPPORTED, "broadcasting in %d alternating groups of dimensions: more than %d pieces", k.loops,
                     MAX_TILES);
  }
  if ((err = weft_lane_tables(e, &k.l, k.tables))) return err;
  const int largest = k.t[0] * k.t[1] * k.t[2];
  int64_t done = 0;
  for (int i = 0; i < k.loops;) {
    if (k.cut >= 0) k.t[k.cut] = weft_tiles_size(&k.tiles, done++);
    if ((err = one_tile(&k, at))) return err;
    for (i = 0; i < k.loops && (at[i] += (size_t)k.t[i]) >= end[i]; i++) at[i] = 0;
  }
  if (k.stay) weft_emit_kept(e, k.elem, k.x[WEFT_LANE_OUT].base);
  snprintf(e->layer->mapping, sizeof e->layer->mapping, "lanes, %d-word pieces%s", largest, k.stay ? ", stays" : "");
  return WEFT_OK;
}
