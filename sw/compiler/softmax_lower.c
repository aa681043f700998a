/* SPDX-License-Identifier: Apache-2.0
 *
 * SOFTMAX along the last dimension: rows become lanes, one VEC does 16 of them a word, and back.
 *
 * The command's four steps: the row's maximum; the sum of exponentials, by the difference to the maximum, from table 1; its reciprocal;
 * each exponential, from table 0, times that. Many groups of 16 rows go into one command, because the lanes work on several words at a
 * time to hide the latency of the tables and of the reciprocal.
 */
#include <stdio.h>

#include "fixmath.h"
#include "lane_program.h"
#include "lower_limits.h"
#include "overlap.h"
#include "quant.h"
#include "rows.h"

enum {
  LONGEST = WEFT_SOFTMAX_ROW,
  SUM_SHIFT = 12,                /* Q0.31 to Q12.19 */
  TABLE_WORDS = 128, RECIP_PASSES = 8,
  TRIED_TILES = 16               /* numbers of tiles whose estimates are compared */
};

/* Buffer: `slots` places for rows as they are loaded and stored, the tables, and lanes before and after the command. slots 0, in place: the
 * results stand where the rows were loaded, and the rows to be stored where the lanes were. */
typedef struct { int rows, slots, row_base, row_words, lanes, results, tables, held, stay; } plan_t;      /* held, stay: the whole input, output, or -1 */

static int rows_words(int rows, int n) { return rows * weft_row_words(n); }
static int lane_words(int rows, int n) { return weft_row_groups(rows) * n; }
static int larger(int a, int b) { return a > b ? a : b; }

/* Classes of the buffer's words: rows, lanes, results (also rows when in place), tables. */
static void classes(int n, int rows, int slots, int count[4], int words[4])
{
  const int r = rows_words(rows, n), l = lane_words(rows, n), both = larger(r, l);
  memcpy(count, (int[]){slots ? slots : 1, 1, slots ? 1 : 0, 1}, 4 * sizeof *count);
  memcpy(words, (int[]){slots ? r : both, slots ? l : both, l, TABLE_WORDS}, 4 * sizeof *words);
}

static bool fits(const weft_emit_t *e, int n, int64_t rows, int slots)
{
  int count[4], words[4], all = 0;
  if (rows * n / WEFT_WORD_BYTES > e->cfg->buf_words) return false;
  classes(n, (int)rows, slots, count, words);
  for (int i = 0; i < 4; i++) all += count[i] * words[i];
  return all <= e->cfg->buf_words;
}

/* Estimate for all rows in tiles of g groups. */
static double cost(const weft_emit_t *e, int64_t groups, int64_t g, int n)
{
  const int lane = weft_lane_cycles(e->cfg);
  const double bus = weft_bus_cycles(e->cfg) * (double)g * WEFT_WORD_BYTES * weft_row_words(n) + WEFT_DMA_START;
  const int64_t batch = g < e->cfg->ppu_lanes ? e->cfg->ppu_lanes : g;      /* a reciprocal waits for itself when few words share it */
  const int64_t beats = 3 * n * g + RECIP_PASSES * batch, transposed = 2 * n * g;
  const double work = (double)(beats * lane + transposed) + 3 * WEFT_VEC_START + WEFT_TABLE_WIDE;
  return weft_overlap((groups + g - 1) / g, bus, work, bus);
}

/* Tile and slots: the cheapest number of groups that has two slots or three for rows, or else what fits in place. */
static bool tile_size(weft_emit_t *e, int64_t rows, int n, int held, int stay, plan_t *p)
{
  const int64_t groups = weft_row_groups64(rows);
  int64_t best = 0;
  int slots = 2, base[5], count[5] = {0}, words[5] = {0};
  for (int64_t tiles = 1, tried = 0; tiles <= groups && tried < TRIED_TILES; tiles++) {
    const int64_t g = (groups + tiles - 1) / tiles;
    if (!fits(e, n, g * WEFT_WORD_BYTES, slots)) continue;
    tried++;
    if (!best || cost(e, groups, g, n) < cost(e, groups, best, n)) best = g;
  }
  int64_t tile = best * WEFT_WORD_BYTES < rows ? best * WEFT_WORD_BYTES : rows;
  if (best && fits(e, n, tile, 3)) slots = 3;
  if (!best) {
    slots = 0;
    tile = rows < WEFT_WORD_BYTES ? rows : WEFT_WORD_BYTES;
    if (!fits(e, n, tile, slots)) return false;
    while (tile + WEFT_WORD_BYTES <= rows && fits(e, n, tile + WEFT_WORD_BYTES, slots)) tile += WEFT_WORD_BYTES;
  }
  classes(n, (int)tile, slots, count, words);
  if (slots && held >= 0 && stay) count[0] = 0;
  count[4] = stay > 0;
  words[4] = stay;
  weft_emit_slots_apart(e, 4, count, words);
  if (!weft_emit_slots_kept(e, 5, count, words, stay ? 4 : -1, base)) return false;
  *p = (plan_t){(int)tile, slots, base[0], words[0], base[1], slots ? base[2] : base[0], base[3], held, stay ? base[4] : -1};
  return true;
}

static bool plan(weft_emit_t *e, int64_t rows, int n, plan_t *p)
{
  const int elem = weft_keep_elem(n), stay = weft_emit_keep_words(e, elem), held = weft_emit_find(e, e->op->in[0], elem);
  weft_config_t *whole = e->cfg;
  weft_config_t room = *whole;
  room.buf_words -= stay;
  e->cfg = &room;
  const bool ok = tile_size(e, rows, n, held, stay, p);
  e->cfg = whole;
  return ok;
}

static void program(weft_emit_t *e, weft_lane_t *l)
{
  int32_t q, least;
  int left;
  weft_softmax_params(e->g, e->op, &q, &left, &least);
  memset(l, 0, sizeof *l);
  for (int d = 0; d < 256; d++) {
    const int32_t power = -d >= least ? weft_exp_q31(weft_srdhm((int32_t)((uint32_t)-d << left), q)) : 0;
    l->table[0].value[d] = power;
    l->table[1].value[d] = weft_rdp(power, SUM_SHIFT);
  }
  for (int k = 0; k < 2; k++) l->table[k].used = l->table[k].wide = true;
  l->v = (weft_vec_t){.t0_wide = 1, .t1_wide = 1, .zo = INT8_MIN, .act_min = INT8_MIN, .act_max = INT8_MAX, .nsteps = 4,
                      .step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_MAX, .taps = 1),
                      .step1 = WEFT_STEP(.b = WEFT_B_T1D, .fn = WEFT_FN_B, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_ROW, .taps = 1),
                      .step2 = WEFT_STEP(.scale = WEFT_SCALE_NONE, .into = WEFT_INTO_RECIP),
                      .step3 = WEFT_STEP(.a = WEFT_A_T0D, .fn = WEFT_FN_A, .scale = WEFT_SCALE_ROW, .into = WEFT_INTO_OUT, .taps = 1)};
}

static int one_tile(weft_emit_t *e, const plan_t *p, const weft_vec_t *program, int n, int64_t first, int rows, int slot)
{
  const weft_place_t *in = &e->p->place[e->op->in[0]], *out = &e->p->place[e->op->out[0]];
  const int words = weft_row_words(n), slot_row = p->row_base + slot * p->row_words, row = p->held >= 0 ? p->held + (int)first * words : slot_row;
  const int stored = p->stay >= 0 ? p->stay + (int)first * words : p->slots ? slot_row : p->lanes;
  weft_dma_t load = {.opcode = WEFT_CMD_LOAD, .region = in->region, .offset = in->offset + first * n, .elem_bytes = n, .elems = rows,
                     .n0 = 1, .n1 = 1, .buf = row, .buf_se = rows > 1 ? words : 0};
  weft_dma_t store = load;
  store.opcode = WEFT_CMD_STORE;
  store.region = out->region;
  store.offset = out->offset + first * n;
  store.buf = stored;
  weft_vec_t v = *program;
  v.a_base = p->lanes;
  v.out_base = p->results;
  v.n0 = weft_row_groups(rows);
  v.n1 = v.n2 = v.k1 = 1;
  v.k0 = n;
  v.a_s0 = v.out_s0 = v.n0 > 1 ? n : 0;
  v.a_k0 = v.out_k0 = n > 1;
  int err;
  if ((err = p->held >= 0 ? WEFT_OK : weft_emit_dma(e, &load)) || (err = weft_rows_to_lanes(e, rows, n, row, p->lanes)) || (err = weft_emit_vec(e, &v)) ||
      (err = weft_lanes_to_rows(e, rows, n, p->results, stored))) return err;
  return weft_emit_dma(e, &store);
}

int weft_lower_softmax(weft_emit_t *e)
{
  const weft_tensor_t *x = &e->g->tensor[e->op->in[0]];
  const int n = x->dim[x->rank - 1];
  const int64_t rows = (int64_t)(x->elements / (size_t)n);
  plan_t p;
  if (n > LONGEST) return weft_fail(e->m, WEFT_E_UNSUPPORTED, "a row of %d values; the lanes sum at most %d exponentials", n, LONGEST);
  if (!plan(e, rows, n, &p))
    return weft_fail(e->m, WEFT_E_UNSUPPORTED, "rows of %d values need %d KiB twice, the buffer has %d KiB", n, n / 64 + 1,
                     e->cfg->buf_words / 64);
  weft_lane_t l;
  program(e, &l);
  int err = weft_lane_tables(e, &l, p.tables), tiles = 0;
  for (int64_t at = 0; at < rows && !err; at += p.rows, tiles++)
    err = one_tile(e, &p, &l.v, n, at, (int)(rows - at < p.rows ? rows - at : p.rows), p.slots ? tiles % p.slots : 0);
  if (!err && p.stay >= 0) weft_emit_kept(e, weft_keep_elem(n), p.stay);
  snprintf(e->layer->mapping, sizeof e->layer->mapping, "lanes, %d rows of %d, s%d%s", p.rows, n, tiles, p.stay >= 0 ? ", stays" : "");
  return err;
}
