/* SPDX-License-Identifier: Apache-2.0
 *
 * The search for a convolution's mapping and tiling (see conv_plan.h).
 *
 * Cost of a pass over F output columns: the slowest of F*P*K array cycles, the ifmap packets, and the results on their way out.
 * A fold's filters must arrive while the fold before computes. Cut layers overlap DRAM and array when they have two slots.
 */
#include "conv_plan.h"

#include <limits.h>
#include <math.h>

#include "lower_limits.h"
#include "overlap.h"

/* Cycles, rough: skew of a pass, start and drain of a command, change to the next filters of a fold (few large filter loads are better than many
 * small ones that add up to the same). */
enum { NARROW = 16 };            /* columns that a tile keeps when it fits with fewer rows */
enum { PASS_FILL = 6, COMMAND_COST = 60, FILTER_COST = 2 };
/* Of a command that goes on with psums; the least it takes (rtl/ctrl/field_check.v); from a LOAD's last word to the first cycle of the command that
 * waited for it, beside the filters of its first fold, and back to the LOAD that takes the slot next. */
enum { PART_COST = 12, PART_LEAST = 260, PART_TURN = 160 };
#define WAITING 0.35            /* part of its first tile's time that a kept result costs those who wait for it */
#define TRAFFIC 0.1            /* what a cycle of the bus weighs beside one of time: of plans as quick, the one that moves less */
#define CLEARLY 1.02           /* parts are taken for more time than this: what they replace is estimated too slow, when it is not the array that limits it */
#define FOLDED_CHAINS 1.06     /* what several chains with folds were measured to take, beyond the sum of their parts */

typedef struct {
  const weft_conv_geom_t *g;
  const weft_config_t *cfg;
  weft_conv_plan_t *best;
  bool found;
} search_t;

static int max_i(int a, int b) { return a > b ? a : b; }
static int min_i(int a, int b) { return a < b ? a : b; }

void weft_conv_flatten(const weft_conv_plan_t *p, int n, int *rows, int *width, int *last)
{
  int deal = p->e_cols * (p->kind == WEFT_CHAIN_ROWS ? p->nchain : 1);
  *width = weft_ceil_div(n, deal);
  *rows = weft_ceil_div(n, *width);
  *last = n - (*rows - 1) * *width;
}

/* Most ofmap words that one position of a column may have to assemble, over all filter blocks. */
static int position_words(const weft_conv_plan_t *p, bool aligned_blocks)
{
  int worst = 0, blocks = min_i(p->mbs * p->T, WEFT_WORD_BYTES);
  (void)aligned_blocks;
  for (int b = 0; b < blocks; b++) worst = max_i(worst, weft_ceil_div(b * p->MT % WEFT_WORD_BYTES + p->MT, WEFT_WORD_BYTES));
  return worst;
}

/* Cycles of the filter network for one fold: a packet a cycle, but a row takes its time to unpack one before the next comes to it. */
static double filter_cycles(const search_t *s, const weft_conv_plan_t *p)
{
  return (double)p->filt_pkts * p->T * max_i(p->NF, s->cfg->net_bytes / s->cfg->lanes);
}

/* What works side by side takes as long as the slowest, and longer when others are nearly as slow: they share the buffer's banks. */
static double together(double a, double b, double c)
{
  const double most = a > b ? (a > c ? a : c) : (b > c ? b : c);
  double sum = 0;
  for (int i = 0; i < 3; i++) {
    double part = (i == 0 ? a : i == 1 ? b : c) / most;
    part *= part;
    part *= part;
    sum += part * part;
  }
  return most * pow(sum, 1.0 / 8);
}

/* Cycles of one filter block over an oh x ow tile. */
static double block_cycles(const search_t *s, const weft_conv_plan_t *p, int oh, int ow)
{
  const weft_conv_geom_t *g = s->g;
  int R = g->R, S = g->S, sy = p->flat ? 1 : g->sy, sx = p->flat ? 1 : g->sx;
  int ny = weft_ceil_div(oh, p->y_step), nx = weft_ceil_div(ow, p->FT), F = weft_ceil_div(ow, nx);
  int E = p->e_cols * (p->kind == WEFT_CHAIN_ROWS ? p->nchain : 1), in_fold = min_i(p->chain_len, R);
  int g_fold = p->kind == WEFT_CHAIN_GROUPS ? p->nchain : max_i(1, weft_ceil_div(p->chain_len, R));
  int rows = min_i((E - 1) * sy + (in_fold - 1) * g->dy + 1, E * in_fold);
  double feed = (double)((F - 1) * sx + (S - 1) * g->dx + 1) * weft_ceil_div(g_fold * p->q, s->cfg->net_bytes) * rows;
  double compute = (double)F * p->P * p->K;
  int vec = p->P * p->nchain * weft_ceil_div(s->cfg->cols, s->cfg->ppu_lanes);
  int words = p->e_cols * p->T * (p->kind == WEFT_CHAIN_ROWS ? p->nchain : 1) * position_words(p, true);
  double out = (double)F * max_i(vec, words) / p->folds;
  double pass = together(compute, feed, out) + PASS_FILL;
  double load = filter_cycles(s, p);
  if (p->nchain > 1 && p->folds > 1) pass *= FOLDED_CHAINS;
  if (p->folds > 1) return (double)ny * nx * p->folds * ((pass > load ? pass : load) + FILTER_COST);
  double all = (double)ny * nx * pass;
  return (all > load ? all : load) + FILTER_COST;
}

static double item_cycles(const search_t *s, const weft_conv_plan_t *p, int units, int cols)
{
  int rows = units, width = cols, last;
  if (p->flat) weft_conv_flatten(p, units * p->unit_px, &rows, &width, &last);
  const double block = p->nmc * block_cycles(s, p, rows, width), parts = (p->parts - 1) * PART_COST;
  return COMMAND_COST + filter_cycles(s, p) + (block < (double)p->parts * PART_LEAST ? (double)p->parts * PART_LEAST : block) + parts;
}

/* Rows and columns of the pool's result that a tile completes at most. */
static void pooled_tile(const weft_window_t *w, int th, int tw, int *rows, int *columns)
{
  *rows = 0;
  for (int y = 0; y < w->in_h; y += th) *rows = max_i(*rows, weft_pooled_ready(w, y + th) - weft_pooled_ready(w, y));
  *columns = tw >= w->in_w ? w->out_w : weft_ceil_div(tw, w->stride_w);
}

/* Can tiles of th x tw be pooled? Narrow ones must not share windows; rows that are carried need whole tiles of channels one behind the other. */
static bool poolable(const search_t *s, weft_conv_plan_t *p)
{
  const weft_window_t *w = s->g->pool;
  p->carry = 0;
  if (!w) return true;
  const bool apart = w->filter_h == w->stride_h && w->pad_top == 0 && p->th % w->stride_h == 0;
  if (p->th < p->units && !apart) p->carry = w->filter_h - 1;
  if (p->carry && p->th < p->carry) return false;
  if (p->tw < s->g->OW && (p->carry || w->filter_w != w->stride_w || w->pad_left || p->tw % w->stride_w)) return false;
  return !p->carry || p->ofull || p->block_outer || p->nblk == 1;
}

/* Buffer words of an ifmap tile and of an ofmap tile. */
static void tile_words(const search_t *s, weft_conv_plan_t *p, int th, int tw)
{
  const weft_conv_geom_t *g = s->g;
  int64_t in, out;
  if (p->flat) {
    int rows, width, last;
    weft_conv_flatten(p, th * p->unit_px, &rows, &width, &last);
    in = (int64_t)rows * width * p->in_pix;
    out = (int64_t)rows * width * p->out_pix;
  } else {
    int64_t ih = min_i(g->H, (th - 1) * g->sy + (g->R - 1) * g->dy + 1), iw = min_i(g->W, (tw - 1) * g->sx + (g->S - 1) * g->dx + 1);
    in = ih * iw * p->in_pix;
    out = (int64_t)th * tw * p->out_pix;
  }
  if (g->held) in = 0;
  p->rwords = g->adds > 0 && !g->adds_held && !g->adds_alone ? (int)(out > INT_MAX / 8 ? INT_MAX / 8 : out) : 0;
  if (g->stay) out = g->stay;
  if (g->pool) {
    int rows, columns;
    pooled_tile(g->pool, th, tw, &rows, &columns);
    out += (int64_t)p->carry * tw * p->out_pix;
    p->rwords = g->pool_stays ? 0 : rows * columns * p->out_pix;
  }
  p->iwords = in > INT_MAX / 8 ? INT_MAX / 8 : (int)in;
  p->owords = out > INT_MAX / 8 ? INT_MAX / 8 : (int)out;
}

/* Cycles in which TRANSPOSE writes the images of a whole layer: a block gives the filters of one chain 16 channels, and takes as long as it has
 * rows or columns. */
static double turn_cycles(const search_t *s, const weft_conv_plan_t *p)
{
  enum { BLOCK = 16, COMMAND = 30 };
  if (!s->g->turned) return 0;
  double chains = (double)p->mbs * p->T * p->MT / p->P;
  return chains * p->groups * (COMMAND + (double)p->q / BLOCK * max_i(BLOCK, p->P));
}

static double bus_cycles(const search_t *s, double runs, double bytes) { return bytes / s->cfg->bus_bytes + runs; }

/* Cycles of a tile and filter block whose parts take `work` on the array: with two slots, a part's LOAD begins when the part before the last is over.
 * `more`: on the bus for each tile and block besides. */
static double in_parts(const search_t *s, const weft_conv_plan_t *p, double work, double more)
{
  enum { ROUNDS = 3 };           /* then each takes as long as the one before */
  const double fold = (double)(p->fwords / p->folds) * WEFT_WORD_BYTES / s->cfg->bus_bytes, turn = PART_TURN + filter_cycles(s, p);
  double load = 0, end[2] = {0, 0}, begin = 0;
  for (int round = 0; round < ROUNDS; round++) {
    begin = end[1];
    load += more;
    for (int i = 0; i < p->parts; i++) {
      const int folds = min_i(p->fpart, p->folds - i * p->fpart);
      load = (load > end[0] ? load : end[0]) + folds * fold + WEFT_DMA_START;
      const double ready = load + turn;
      end[0] = end[1];
      end[1] = (ready > end[1] ? ready : end[1]) + work * folds / p->folds;
    }
  }
  return end[1] - begin;
}

/* The cost of a tiling whose slots are given: it is kept when it is the best so far. What has a single slot is moved while the array waits. */
static void weigh(search_t *s, const weft_conv_plan_t *p, int tiles_y, int tiles_x)
{
  const weft_conv_geom_t *g = s->g;
  const int tiles = p->images * tiles_y * tiles_x, th = p->th;
  const bool per_block = p->kind == WEFT_CHAIN_GROUPS && p->nblk > 1;
  double items = (double)tiles * p->nblk, n_full = (double)tiles_y - 1;
  int th_last = p->units - (tiles_y - 1) * th;
  double arr = p->images * tiles_x * p->nblk * (n_full * item_cycles(s, p, th, p->tw) + item_cycles(s, p, th_last, p->tw));
  double in_px = g->held ? 0 : p->flat ? (double)th * p->unit_px : (double)p->iwords / p->in_pix;
  double out_px = p->flat ? (double)th * p->unit_px : (double)th * p->tw;
  double cin = per_block ? (double)g->Cn / p->nblk : g->Cn, cout = p->ofull ? g->Mn : (double)g->Mn / p->nblk;
  bool slices = per_block || g->Cn != g->C || p->gather;
  if (g->unrolled) cin += s->cfg->bus_bytes;       /* a run begins anywhere within a beat */
  /* A buffer word a cycle, however few bytes of it there are. */
  double iwords = in_px * p->in_pix * s->cfg->bus_bytes, ibytes = in_px * cin > iwords ? in_px * cin : iwords;
  double iload = g->held || g->resident ? 0 : bus_cycles(s, slices || g->unrolled ? in_px : 4, ibytes);
  double iloads = tiles * (per_block || (p->block_outer && tiles > 1) ? p->nblk : 1);
  /* Computed filters come in runs of a filter's channels of one group, or as rows of one channel to be turned. */
  double wruns = g->turned ? g->Cn : g->computed ? (double)p->nmc * p->T * p->MT * p->groups : 4;
  double wload = bus_cycles(s, wruns, 16.0 * p->wwords);
  if (p->parts > 1) arr = items * in_parts(s, p, arr / items, p->islots > 1 ? iloads * iload / items : 0);
  double wloads = p->parts > 1 ? items * p->parts : p->nblk == 1 ? 1 : p->block_outer || tiles == 1 ? p->nblk : (double)tiles * p->nblk;
  if (g->pool) {
    int rows, columns;
    pooled_tile(g->pool, th, p->tw, &rows, &columns);
    out_px = (double)rows * columns;
  }
  double ostore = g->stay || g->pool_stays ? 0 : bus_cycles(s, cout == g->M ? 4 : out_px, out_px * cout), ostores = p->ofull ? tiles : items;
  double added = g->adds > 0 && p->rwords ? bus_cycles(s, cout == g->M ? 4 : out_px, out_px * cout) : 0;
  double sums = g->adds > 0 || g->pool ? WEFT_VEC_START + out_px * p->out_pix * (g->pool ? g->pool_cycles : g->adds) : 0;
  /* Records come over LOAD's channel too. */
  const int after = (g->adds > 0 || g->pool != NULL) + (p->rwords && g->adds > 0) + !(g->stay || g->pool_stays);
  double records = (wloads + (iload > 0 ? iloads : 0) + items * p->parts + ostores * after) * ((double)WEFT_CMD_BYTES / s->cfg->bus_bytes);
  double load = iloads * iload + wloads * wload + ostores * added + records, store = ostores * ostore, turn = wloads / p->nblk * turn_cycles(s, p);
  double serial = arr + (p->wslots == 1 ? wloads - 1 : 0) * wload + (p->islots == 1 ? iloads - 1 : 0) * iload + (p->oslots == 1 ? ostores - 1 : 0) * (ostore + sums);
  double most = serial > load ? serial : load;
  if (store > most) most = store;
  if (ostores * sums > most) most = ostores * sums;
  weft_conv_plan_t t = *p;
  t.cycles = most + iload + wload + ostore + turn + sums;     /* what is turned, hardly overlaps: a load before, the array behind it */
  t.score = (p->parts > 1 ? CLEARLY : 1) * t.cycles + TRAFFIC * (load + store);
  /* Whoever reads what stays here can begin with the first tile; a command is complete when all its rows are. */
  if (g->stay) t.score += WAITING * arr / (p->nblk > 1 ? 1 : tiles);
  if (s->found && t.score >= s->best->score) return;
  *s->best = t;
  s->found = true;
}

/* Completes a tiling with th and tw given, with every number of slots that fits. Returns whether any does. */
static bool try_tile(search_t *s, weft_conv_plan_t *p, int th, int tw)
{
  const weft_conv_geom_t *g = s->g;
  int tiles_y = weft_ceil_div(p->units, th), tiles_x = p->flat ? 1 : weft_ceil_div(g->OW, tw);
  int tiles = p->images * tiles_y * tiles_x, per_block = p->kind == WEFT_CHAIN_GROUPS && p->nblk > 1;
  const bool again = g->repeats > 1, blocks = !p->block_outer && p->nblk > 1 && !per_block;
  p->th = th;
  p->tw = tw;
  bool fits = false;
  for (int full = g->stay || blocks; full >= (g->stay ? 1 : 0); full--) {
    p->ofull = full;
    p->out_pix = weft_ceil_div(full ? g->Mn : min_i(g->Mn, p->nmc * p->T * p->MT), WEFT_WORD_BYTES);
    if (!poolable(s, p)) continue;
    if ((g->pool_stays || g->adds_held) && p->nblk > 1 && !full && p->nmc * p->T * p->MT % WEFT_WORD_BYTES) continue;      /* part words of what is whole */
    tile_words(s, p, th, tw);
    const int w2 = p->nblk > 1 || p->parts > 1 || again, i2 = !g->held && (tiles > 1 || per_block || again), o2 = !g->stay && (tiles > 1 || (p->nblk > 1 && !full) || again);
    for (int slots = 0; slots < 8; slots++) {
      int w = slots & 1, i = slots >> 1 & 1, o = slots >> 2;
      if (w > w2 || i > i2 || o > o2) continue;
      p->wslots = 1 + w;
      p->islots = 1 + i;
      p->oslots = 1 + o;
      int64_t need = (int64_t)p->wslots * p->wwords + (int64_t)p->islots * p->iwords + (int64_t)p->oslots * p->owords + 2 * (int64_t)p->rwords + g->reserve;
      if (!s->found && need < p->need_words) p->need_words = need < INT_MAX ? (int)need : INT_MAX;
      if (need > s->cfg->buf_words) continue;
      fits = true;
      weigh(s, p, tiles_y, tiles_x);
    }
  }
  return fits;
}

/* Tiles of all columns, then of fewer: a narrow tile of as many rows as the columns of PEs take at once may beat a wide one of few rows. */
static void try_tiles(search_t *s, weft_conv_plan_t *p)
{
  const weft_conv_geom_t *g = s->g;
  int step = p->flat ? 1 : p->y_step;
  for (int tw = p->flat ? 1 : g->OW;; tw = weft_ceil_div(tw, 2)) {
    int most = 0;                                /* rows of the tallest tile that fits */
    for (int64_t cut = 1, before = INT_MAX; cut <= 4 * (int64_t)p->units; cut = cut < 8 ? cut + 1 : cut * 5 / 4) {
      int th = (int)weft_ceil_div(p->units, cut);
      if (th > step || before > step) th = min_i(weft_ceil_div(th, step) * step, p->units);
      if (th == before) continue;
      before = th;
      bool ok = try_tile(s, p, th, tw);
      if (ok && most && cut > 16) break;         /* finer tiles only add halo */
      if (ok) most = max_i(most, th);
      if (th == 1) break;
    }
    if (most >= step || (most && tw <= NARROW) || tw == 1) return;
  }
}

/* Tiles of one pass group each, so many output columns and (rows or pixels) units as the accumulators hold, or fewer: they are cut until they fit. */
static void try_groups(search_t *s, weft_conv_plan_t *p)
{
  enum { FINER = 2 };            /* cuts beyond the first that fits */
  const weft_conv_geom_t *g = s->g;
  const int most = p->flat ? p->y_step * p->FT / p->unit_px : p->y_step;
  if (!most) return;
  for (int wide = p->flat ? 1 : weft_ceil_div(g->OW, p->FT), tw = g->OW + 1, fits_w = 0; tw > 1 && fits_w <= FINER; wide++) {
    const int narrower = p->flat ? 1 : weft_ceil_div(g->OW, wide);
    if (narrower == tw) continue;
    tw = narrower;
    int fits = 0;
    for (int tall = weft_ceil_div(p->units, most), th = p->units + 1; th > 1 && fits <= FINER; tall++) {
      if (weft_ceil_div(p->units, tall) == th) continue;
      th = weft_ceil_div(p->units, tall);
      const bool ok = try_tile(s, p, th, tw);
      fits += ok || fits > 0;
    }
    fits_w += fits > 0;
  }
}

/* A filter block that fills much of the buffer comes in parts of some folds each. A part begins with filter row 0 of a group, and on a word. */
static void try_parts(search_t *s, const weft_conv_plan_t *whole)
{
  enum { LARGE = 16 };           /* part of the buffer that a block must fill */
  const int fold = whole->fwords / whole->folds;
  if (whole->folds == 1 || whole->kind == WEFT_CHAIN_GROUPS || s->g->computed || whole->fwords < s->cfg->buf_words / LARGE) return;
  weft_conv_plan_t p = *whole;
  p.nmc = 1;
  p.nblk = p.mbs;
  p.block_outer = false;
  p.FT = WEFT_ACC_DEPTH / (p.P * p.nchain);
  p.in_pix = s->g->held ? weft_ceil_div(s->g->C, WEFT_WORD_BYTES) : weft_ceil_div(max_i(s->g->Cn, p.groups * p.q), WEFT_WORD_BYTES);
  int unit = 1;
  while (unit * p.chain_len % s->g->R != 0 || unit * p.chain_len / s->g->R * p.q % WEFT_WORD_BYTES != 0) unit++;
  for (int n = 2, before = p.folds; n <= p.folds; n += weft_ceil_div(n, 3)) {      /* as even as can be: a short part hides no LOAD */
    p.fpart = weft_ceil_div(weft_ceil_div(p.folds, n), unit) * unit;
    if (p.fpart >= before) continue;
    before = p.fpart;
    p.parts = weft_ceil_div(p.folds, p.fpart);
    p.wwords = max_i(p.fpart * fold, (p.folds - (p.parts - 1) * p.fpart) * fold + p.pwords);
    try_groups(s, &p);
  }
}

/* Filter blocks a command: all at once, then halves. */
static void try_blocks(search_t *s, weft_conv_plan_t *p)
{
  int64_t block = p->fwords + p->pwords;
  p->parts = 1;
  p->fpart = p->folds;
  for (int parts = 1; parts <= 2 * p->mbs; parts *= 2) {
    p->nmc = weft_ceil_div(p->mbs, parts);
    p->nblk = weft_ceil_div(p->mbs, p->nmc);
    int64_t words = block * p->nmc;
    if (words > s->cfg->buf_words && p->nmc > 1) continue;
    p->wwords = (int)min_i(INT_MAX / 8, (int)(words < INT_MAX / 8 ? words : INT_MAX / 8));
    bool slices = p->kind == WEFT_CHAIN_GROUPS && p->nblk > 1;
    if (s->g->held && slices && p->nmc * p->nchain * p->q % WEFT_WORD_BYTES) break;      /* a slice begins inside a word */
    if (s->g->held) p->in_pix = (int)weft_ceil_div(s->g->C, WEFT_WORD_BYTES);
    else if (p->kind == WEFT_CHAIN_GROUPS) p->in_pix = weft_ceil_div(max_i(p->nmc * p->nchain * p->q, 1), WEFT_WORD_BYTES);
    else p->in_pix = weft_ceil_div(max_i(s->g->Cn, p->groups * p->q), WEFT_WORD_BYTES);
    for (int outer = 0; outer <= (p->nblk > 1); outer++) {
      p->block_outer = outer;
      try_tiles(s, p);
    }
    if (p->nmc == 1) break;
  }
  try_parts(s, p);
}

static bool legal(const search_t *s, weft_conv_plan_t *p)
{
  const weft_config_t *c = s->cfg;
  const weft_conv_geom_t *g = s->g;
  int Q = 1 << p->qw_lg, params = p->P * (p->kind == WEFT_CHAIN_ROWS ? 1 : p->nchain);
  if (p->chain_len * p->nchain > c->rows || p->nchain > p->K || p->e_cols * p->T > c->cols) return false;
  if (params > WEFT_PARAM_DEPTH || p->P * p->nchain > WEFT_ACC_DEPTH || p->P * p->K * c->lanes > c->fspad_bytes) return false;
  if (((g->S - 1) * g->dx + 1) * Q > WEFT_WINDOW_WORDS) return false;
  if (g->computed && (p->q % WEFT_WORD_BYTES || (c->net_bytes < WEFT_WORD_BYTES && p->NF * p->T > 1))) return false;
  if (p->q < c->net_bytes && p->chain_len % g->R != 0 && p->groups != 1) return false;
  return position_words(p, false) * (p->kind == WEFT_CHAIN_ROWS ? p->nchain : 1) <= WEFT_OBUF_WORDS;
}

/* Everything that follows from kind, q, chains, columns and P; then the tilings. */
static void try_mapping(search_t *s, weft_conv_plan_t *p)
{
  const weft_conv_geom_t *g = s->g;
  bool rows = p->kind == WEFT_CHAIN_ROWS;
  p->MT = rows ? p->P : p->P * p->nchain;
  p->mbs = weft_ceil_div(g->Mn, p->T * p->MT);
  p->y_step = p->e_cols * (rows ? p->nchain : 1);
  p->g_step = p->kind == WEFT_CHAIN_GROUPS ? p->nchain : 0;
  p->NF = rows ? p->chain_len : p->chain_len * p->nchain;
  if (!legal(s, p)) return;
  p->filt_pkts = weft_ceil_div(p->P * p->K * s->cfg->lanes, s->cfg->net_bytes);
  p->fwords = p->folds * weft_ceil_div(p->filt_pkts * p->T * p->NF * s->cfg->net_bytes, WEFT_WORD_BYTES);
  p->pwords = p->T * (rows ? p->P : p->P * p->nchain);
  int width = p->flat ? weft_ceil_div(p->units * p->unit_px, p->y_step) : g->OW;
  p->FT = max_i(1, min_i(width, WEFT_ACC_DEPTH / (p->P * p->nchain)));
  p->FT = weft_ceil_div(width, weft_ceil_div(width, p->FT));
  /* No tiling can beat the array time of the whole layer. */
  int oh = p->units, ow = g->OW, last;
  if (p->flat) weft_conv_flatten(p, p->units * p->unit_px, &oh, &ow, &last);
  if (s->found && p->images * p->mbs * block_cycles(s, p, oh, ow) >= s->best->cycles) return;
  try_blocks(s, p);
}

/* Filters that a PE keeps: as many as fit, then fewer so that the blocks come out even. */
static void try_filters(search_t *s, weft_conv_plan_t *p)
{
  int chains = p->kind == WEFT_CHAIN_ROWS ? 1 : p->nchain;
  int most = min_i(s->cfg->fspad_bytes / (p->K * s->cfg->lanes), WEFT_PARAM_DEPTH / chains);
  most = min_i(most, min_i(WEFT_ACC_DEPTH / p->nchain, weft_ceil_div(s->g->Mn, p->T * chains)));
  int before = 0;
  for (int P = most; P >= 1; P--) {
    int blocks = weft_ceil_div(s->g->Mn, p->T * chains * P);
    p->P = weft_ceil_div(s->g->Mn, p->T * chains * blocks);
    /* Besides the even split, multiples of 4 and 8 keep the output words whole. */
    if (P % 4 == 0 && p->P != P) {
      weft_conv_plan_t t = *p;
      t.P = P;
      try_mapping(s, &t);
    }
    if (p->P == before) continue;
    before = p->P;
    try_mapping(s, p);
  }
}

static void try_columns(search_t *s, weft_conv_plan_t *p)
{
  int units = p->flat ? min_i(p->units * p->unit_px, s->cfg->cols) : p->units;
  int before = 0;
  for (int T = 1; T <= s->cfg->cols; T++) {
    p->e_cols = min_i(s->cfg->cols / T, units);
    if (p->e_cols == before) continue;         /* a larger T with the same rows comes from the next line */
    before = p->e_cols;
    p->T = min_i(s->cfg->cols / p->e_cols, s->g->Mn);
    try_filters(s, p);
    if (p->T != T && T <= s->g->Mn) {
      p->T = T;
      try_filters(s, p);
    }
  }
}

static void try_dense(search_t *s, weft_conv_plan_t *p)
{
  const weft_conv_geom_t *g = s->g;
  p->groups = weft_ceil_div(g->Cn, p->q);
  int64_t all = (int64_t)g->R * p->groups;
  for (p->chain_len = min_i(s->cfg->rows, all < INT_MAX ? (int)all : INT_MAX); p->chain_len >= 1; p->chain_len--) {
    p->folds = (int)((all + p->chain_len - 1) / p->chain_len);
    /* A shorter chain is only of use when it folds evenly or lets another chain in. */
    if (p->chain_len < s->cfg->rows / 2 && p->folds > 1 && p->chain_len % g->R != 0 && p->chain_len * 4 < s->cfg->rows) continue;
    for (p->nchain = 1; p->nchain <= min_i(s->cfg->rows / p->chain_len, p->K); p->nchain++)
      for (p->kind = WEFT_CHAIN_ROWS; p->kind <= WEFT_CHAIN_FILTERS; p->kind++) {
        if (p->nchain == 1 && p->kind == WEFT_CHAIN_FILTERS) continue;
        try_columns(s, p);
      }
  }
}

/* Chains of their own channel groups: q channels make q/gC whole convolution groups, P = all their outputs. */
static void try_grouped(search_t *s, weft_conv_plan_t *p)
{
  const weft_conv_geom_t *g = s->g;
  if (p->q % g->gC != 0) return;
  int64_t outputs = (int64_t)(p->q / g->gC) * g->gM;
  if (outputs > WEFT_PARAM_DEPTH) return;
  int most = g->R <= s->cfg->rows ? s->cfg->rows / g->R : 1, total = weft_ceil_div(g->Cn, p->q);
  p->kind = WEFT_CHAIN_GROUPS;
  p->P = (int)outputs;
  p->T = 1;
  for (p->nchain = 1; p->nchain <= min_i(most, total); p->nchain++) {
    p->groups = p->nchain;
    p->chain_len = min_i(g->R, s->cfg->rows);
    p->folds = weft_ceil_div(g->R, p->chain_len);
    p->e_cols = min_i(s->cfg->cols, p->flat ? p->units * p->unit_px : p->units);
    try_mapping(s, p);
  }
}

int weft_conv_plan(const weft_conv_geom_t *g, const weft_config_t *cfg, weft_conv_plan_t *best, weft_msg_t *m)
{
  search_t s = {.g = g, .cfg = cfg, .best = best};
  weft_conv_plan_t base = {.need_words = INT_MAX};
  const int field[] = {g->R, g->S, g->sy, g->sx, g->dy, g->dx, g->pt, g->pl};
  for (size_t i = 0; i < sizeof field / sizeof field[0]; i++)
    if (field[i] > WEFT_CONV_FIELD) return weft_fail(m, WEFT_E_UNSUPPORTED, "filter, stride, dilation or padding above %d", WEFT_CONV_FIELD);
  bool apart = g->sy != 1 || g->sx != 1;      /* pixels that are left out: the DMA does that, but not where the ifmap already stands in the buffer */
  bool one = !g->pool && !(g->held && apart) && g->R == 1 && g->S == 1 && g->pt == 0 && g->pl == 0 && g->OH == weft_ceil_div(g->H, g->sy) && g->OW == weft_ceil_div(g->W, g->sx);
  base.flat = one;
  base.gather = one && apart;
  base.images = one && !base.gather ? 1 : g->N;
  base.unit_px = base.gather ? g->OW : 1;
  base.units = one && !base.gather ? g->N * g->H * g->W : g->OH;
  int least = INT_MAX;
  for (int lg = 0; lg <= WEFT_MAX_QW_LG; lg++) {
    weft_conv_plan_t p = base;
    p.qw_lg = lg;
    p.q = cfg->lanes << lg;
    p.K = g->S << lg;
    if (((g->S - 1) * g->dx + 1) << lg > WEFT_WINDOW_WORDS || p.K * cfg->lanes > cfg->fspad_bytes) break;
    bool needed = (g->gC && p.q <= g->gC) || (g->computed && p.q <= WEFT_WORD_BYTES);
    if (lg > 0 && p.q / 2 >= g->Cn && !needed) break;   /* nothing but padding */
    if (g->gC) try_grouped(&s, &p);
    else try_dense(&s, &p);
    if (p.need_words < least) least = p.need_words;
  }
  if (s.found) return WEFT_OK;
  if (least != INT_MAX)
    return weft_fail(m, WEFT_E_UNSUPPORTED, "its smallest tile needs %d KiB, the buffer has %d KiB", least / 64 + 1, cfg->buf_words / 64);
  if (g->gC) return weft_fail(m, WEFT_E_UNSUPPORTED, "no row of PEs holds a group of %d channels and its %d outputs", g->gC, g->gM);
  return weft_fail(m, WEFT_E_UNSUPPORTED, "a filter row of %d taps (dilation %d) does not fit a PE", g->S, g->dx);
}
