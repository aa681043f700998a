/* SPDX-License-Identifier: Apache-2.0
 *
 * The search for a convolution's mapping and tiling (see conv_plan.h): all that are legal and fit, weighed by conv_cost.c.
 */
#include "conv_cost.h"

#include <limits.h>

#include "lower_limits.h"

enum { NARROW = 16 };            /* columns that a tile keeps when it fits with fewer rows */

/* Completes a tiling with th and tw given, with every number of slots that fits. Returns whether any does. */
static bool try_tile(weft_conv_search_t *s, weft_conv_plan_t *p, int th, int tw)
{
  const weft_conv_geom_t *g = s->g;
  int tiles_y = weft_ceil_div(p->units, th), tiles_x = p->flat ? 1 : weft_ceil_div(g->OW, tw);
  int tiles = p->images * tiles_y * tiles_x, per_block = p->kind == WEFT_CHAIN_GROUPS && p->nblk > 1;
  const bool again = g->repeats > 1, blocks = !p->block_outer && p->nblk > 1 && !per_block;
  p->th = th;
  p->tw = tw;
  bool fits = false;
  double arr = 0;
  for (int full = g->stay || blocks; full >= (g->stay ? 1 : 0); full--) {
    p->ofull = full;
    p->out_pix = weft_ceil_div(full ? g->Mn : weft_min(g->Mn, p->nmc * p->T * p->MT), WEFT_WORD_BYTES);
    if (!weft_conv_poolable(s, p)) continue;
    if ((g->pool_stays || g->second_held) && p->nblk > 1 && !full && p->nmc * p->T * p->MT % WEFT_WORD_BYTES) continue;      /* part words of what is whole */
    weft_conv_tile_words(s, p, th, tw);
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
      if (arr == 0) ++*s->work, arr = weft_conv_array_cycles(s, p, tiles_y, tiles_x);
      if (weft_conv_hopeless(s, arr)) return true;
      weft_conv_weigh(s, p, arr, (int)need, tiles_y, tiles_x);
    }
  }
  return fits;
}

/* Tiles of all columns, then of fewer: a narrow tile of as many rows as the columns of PEs take at once may beat a wide one of few rows. */
static void try_tiles(weft_conv_search_t *s, weft_conv_plan_t *p)
{
  const weft_conv_geom_t *g = s->g;
  int step = p->flat ? 1 : p->y_step;
  for (int tw = p->flat ? 1 : g->OW;; tw = weft_ceil_div(tw, 2)) {
    int most = 0;                                /* rows of the tallest tile that fits */
    for (int64_t cut = 1, before = INT_MAX; cut <= 4 * (int64_t)p->units; cut = cut < 8 ? cut + 1 : cut * 5 / 4) {
      int th = (int)weft_ceil_div(p->units, cut);
      if (th > step || before > step) th = weft_min(weft_ceil_div(th, step) * step, p->units);
      if (th == before) continue;
      before = th;
      bool ok = try_tile(s, p, th, tw);
      if (ok && most && cut > 16) break;         /* finer tiles only add halo */
      if (ok) most = weft_max(most, th);
      if (th == 1) break;
    }
    if (most >= step || (most && tw <= NARROW) || tw == 1) return;
  }
}

/* Tiles of one pass group each, so many output columns and (rows or pixels) units as the accumulators hold, or fewer: they are cut until they fit. */
static void try_groups(weft_conv_search_t *s, weft_conv_plan_t *p)
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
static void try_parts(weft_conv_search_t *s, const weft_conv_plan_t *whole)
{
  enum { LARGE = 16 };           /* part of the buffer that a block must fill */
  const int fold = whole->fwords / whole->folds;
  if (whole->folds == 1 || whole->kind == WEFT_CHAIN_GROUPS || s->g->computed || whole->fwords < s->cfg->buf_words / LARGE) return;
  weft_conv_plan_t p = *whole;
  p.nmc = 1;
  p.nblk = p.mbs;
  p.block_outer = false;
  p.FT = WEFT_ACC_DEPTH / (p.P * p.nchain);
  p.in_pix = s->g->held ? weft_ceil_div(s->g->C, WEFT_WORD_BYTES) : weft_ceil_div(weft_max(s->g->Cn, p.groups * p.q), WEFT_WORD_BYTES);
  int unit = 1;
  while (unit * p.chain_len % s->g->R != 0 || unit * p.chain_len / s->g->R * p.q % WEFT_WORD_BYTES != 0) unit++;
  for (int n = 2, before = p.folds; n <= p.folds; n += weft_ceil_div(n, 3)) {      /* as even as can be: a short part hides no LOAD */
    p.fpart = weft_ceil_div(weft_ceil_div(p.folds, n), unit) * unit;
    if (p.fpart >= before) continue;
    before = p.fpart;
    p.parts = weft_ceil_div(p.folds, p.fpart);
    p.wwords = weft_max(p.fpart * fold, (p.folds - (p.parts - 1) * p.fpart) * fold + p.pwords);
    try_groups(s, &p);
  }
}

/* Filter blocks a command: all at once, then halves. */
static void try_blocks(weft_conv_search_t *s, weft_conv_plan_t *p)
{
  int64_t block = p->fwords + p->pwords;
  p->parts = 1;
  p->fpart = p->folds;
  for (int parts = 1; parts <= 2 * p->mbs; parts *= 2) {
    p->nmc = weft_ceil_div(p->mbs, parts);
    p->nblk = weft_ceil_div(p->mbs, p->nmc);
    int64_t words = block * p->nmc;
    if (words > s->cfg->buf_words && p->nmc > 1) continue;
    p->wwords = (int)weft_min(INT_MAX / 8, (int)(words < INT_MAX / 8 ? words : INT_MAX / 8));
    bool slices = p->kind == WEFT_CHAIN_GROUPS && p->nblk > 1;
    if (s->g->held && slices && p->nmc * p->nchain * p->q % WEFT_WORD_BYTES) break;      /* a slice begins inside a word */
    if (s->g->held) p->in_pix = (int)weft_ceil_div(s->g->C, WEFT_WORD_BYTES);
    else if (p->kind == WEFT_CHAIN_GROUPS) p->in_pix = weft_ceil_div(weft_max(p->nmc * p->nchain * p->q, 1), WEFT_WORD_BYTES);
    else p->in_pix = weft_ceil_div(weft_max(s->g->Cn, p->groups * p->q), WEFT_WORD_BYTES);
    for (int outer = 0; outer <= (p->nblk > 1); outer++) {
      p->block_outer = outer;
      try_tiles(s, p);
    }
    if (p->nmc == 1) break;
  }
  try_parts(s, p);
}

static bool legal(const weft_conv_search_t *s, weft_conv_plan_t *p)
{
  const weft_config_t *c = s->cfg;
  const weft_conv_geom_t *g = s->g;
  int Q = 1 << p->qw_lg, params = p->P * (p->kind == WEFT_CHAIN_ROWS ? 1 : p->nchain);
  if (p->chain_len * p->nchain > c->rows || p->nchain > p->K || p->e_cols * p->T > c->cols) return false;
  if (params > WEFT_PARAM_DEPTH || p->P * p->nchain > WEFT_ACC_DEPTH || p->P * p->K * c->lanes > c->fspad_bytes) return false;
  if (((g->S - 1) * g->dx + 1) * Q > WEFT_WINDOW_WORDS) return false;
  if (g->computed && (p->q % WEFT_WORD_BYTES || (c->net_bytes < WEFT_WORD_BYTES && p->NF * p->T > 1))) return false;
  if (p->q < c->net_bytes && p->chain_len % g->R != 0 && p->groups != 1) return false;
  return p->position * (p->kind == WEFT_CHAIN_ROWS ? p->nchain : 1) <= WEFT_OBUF_WORDS;
}

/* Everything that follows from kind, q, chains, columns and P; then the tilings. */
static void try_mapping(weft_conv_search_t *s, weft_conv_plan_t *p)
{
  const weft_conv_geom_t *g = s->g;
  bool rows = p->kind == WEFT_CHAIN_ROWS;
  p->MT = rows ? p->P : p->P * p->nchain;
  p->mbs = weft_ceil_div(g->Mn, p->T * p->MT);
  p->y_step = p->e_cols * (rows ? p->nchain : 1);
  p->g_step = p->kind == WEFT_CHAIN_GROUPS ? p->nchain : 0;
  p->NF = rows ? p->chain_len : p->chain_len * p->nchain;
  p->position = weft_conv_position_words(p);
  if (!legal(s, p)) return;
  p->filt_pkts = weft_ceil_div(p->P * p->K * s->cfg->lanes, s->cfg->net_bytes);
  p->fwords = p->folds * weft_ceil_div(p->filt_pkts * p->T * p->NF * s->cfg->net_bytes, WEFT_WORD_BYTES);
  p->pwords = p->T * (rows ? p->P : p->P * p->nchain);
  int width = p->flat ? weft_ceil_div(p->units * p->unit_px, p->y_step) : g->OW;
  p->FT = weft_max(1, weft_min(width, WEFT_ACC_DEPTH / (p->P * p->nchain)));
  p->FT = weft_ceil_div(width, weft_ceil_div(width, p->FT));
  ++*s->work;
  /* No tiling can beat the array time of the whole layer. */
  int oh = p->units, ow = g->OW, last;
  if (p->flat) weft_conv_flatten(p, p->units * p->unit_px, &oh, &ow, &last);
  if (s->found && p->images * p->mbs * weft_conv_block_cycles(s, p, oh, ow) >= s->best->cycles) return;
  try_blocks(s, p);
}

/* Filters that a PE keeps: as many as fit, then fewer so that the blocks come out even. */
static void try_filters(weft_conv_search_t *s, weft_conv_plan_t *p)
{
  int chains = p->kind == WEFT_CHAIN_ROWS ? 1 : p->nchain;
  int most = weft_min(s->cfg->fspad_bytes / (p->K * s->cfg->lanes), WEFT_PARAM_DEPTH / chains);
  most = weft_min(most, weft_min(WEFT_ACC_DEPTH / p->nchain, weft_ceil_div(s->g->Mn, p->T * chains)));
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

static void try_columns(weft_conv_search_t *s, weft_conv_plan_t *p)
{
  int units = p->flat ? weft_min(p->units * p->unit_px, s->cfg->cols) : p->units;
  int before = 0;
  for (int T = 1; T <= s->cfg->cols; T++) {
    p->e_cols = weft_min(s->cfg->cols / T, units);
    if (p->e_cols == before) continue;         /* a larger T with the same rows comes from the next line */
    before = p->e_cols;
    p->T = weft_min(s->cfg->cols / p->e_cols, s->g->Mn);
    try_filters(s, p);
    if (p->T != T && T <= s->g->Mn) {
      p->T = T;
      try_filters(s, p);
    }
  }
}

static void try_dense(weft_conv_search_t *s, weft_conv_plan_t *p)
{
  const weft_conv_geom_t *g = s->g;
  p->groups = weft_ceil_div(g->Cn, p->q);
  int64_t all = (int64_t)g->R * p->groups;
  for (p->chain_len = weft_min(s->cfg->rows, all < INT_MAX ? (int)all : INT_MAX); p->chain_len >= 1; p->chain_len--) {
    p->folds = (int)((all + p->chain_len - 1) / p->chain_len);
    /* A shorter chain is only of use when it folds evenly or lets another chain in. */
    if (p->chain_len < s->cfg->rows / 2 && p->folds > 1 && p->chain_len % g->R != 0 && p->chain_len * 4 < s->cfg->rows) continue;
    for (p->nchain = 1; p->nchain <= weft_min(s->cfg->rows / p->chain_len, p->K); p->nchain++)
      for (p->kind = WEFT_CHAIN_ROWS; p->kind <= WEFT_CHAIN_FILTERS; p->kind++) {
        if (p->nchain == 1 && p->kind == WEFT_CHAIN_FILTERS) continue;
        try_columns(s, p);
      }
  }
}

/* Chains of their own channel groups: q channels make q/gC whole convolution groups, P = all their outputs. */
static void try_grouped(weft_conv_search_t *s, weft_conv_plan_t *p)
{
  const weft_conv_geom_t *g = s->g;
  if (p->q % g->gC != 0) return;
  int64_t outputs = (int64_t)(p->q / g->gC) * g->gM;
  if (outputs > WEFT_PARAM_DEPTH) return;
  int most = g->R <= s->cfg->rows ? s->cfg->rows / g->R : 1, total = weft_ceil_div(g->Cn, p->q);
  p->kind = WEFT_CHAIN_GROUPS;
  p->P = (int)outputs;
  p->T = 1;
  for (p->nchain = 1; p->nchain <= weft_min(most, total); p->nchain++) {
    p->groups = p->nchain;
    p->chain_len = weft_min(g->R, s->cfg->rows);
    p->folds = weft_ceil_div(g->R, p->chain_len);
    p->e_cols = weft_min(s->cfg->cols, p->flat ? p->units * p->unit_px : p->units);
    try_mapping(s, p);
  }
}

int weft_conv_plans(const weft_conv_geom_t *g, const weft_config_t *cfg, weft_conv_plan_t best[WEFT_CONV_PLANS], uint64_t *work, weft_msg_t *m)
{
  weft_conv_search_t s = {.g = g, .cfg = cfg, .best = best, .work = work};
  memset(best, 0, WEFT_CONV_PLANS * sizeof *best);
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
  for (int i = WEFT_CONV_AIMS; i < WEFT_CONV_PLANS && s.found; i++)
    if (best[i].cycles == 0) best[i] = best[0];
  if (s.found) return WEFT_OK;
  if (least != INT_MAX)
    return weft_fail(m, WEFT_E_UNSUPPORTED, "its smallest tile needs %d KiB, the buffer has %d KiB", least / 64 + 1, cfg->buf_words / 64);
  if (g->gC) return weft_fail(m, WEFT_E_UNSUPPORTED, "no row of PEs holds a group of %d channels and its %d outputs", g->gC, g->gM);
  return weft_fail(m, WEFT_E_UNSUPPORTED, "a filter row of %d taps (dilation %d) does not fit a PE", g->S, g->dx);
}
