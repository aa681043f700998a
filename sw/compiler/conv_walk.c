/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk over tiles and filter blocks (see conv_walk.h).
 *
 * Both are walked in the plan's order, and where a block comes in parts, those of a tile and block one after the other; a slot that still holds what the next command needs is not loaded again. Two slots of a kind make
 * a ring, so the next tile loads and the last one is stored while the array works; the waits come from the tracker.
 */
#include "conv_walk.h"
#include "pooled.h"
#include "by_value.h"

#include <stdio.h>

/* One tile: its ifmap rectangle and ofmap rectangle, and what the command says about them. */
typedef struct {
  weft_rect_t in, out;
  int rows, width, last;       /* ofmap rows, columns, columns of the last row, as the command counts them */
  int in_h, in_w, in_w_last, pad_top, pad_left;
  int64_t key;
} tile_t;

static int min_i(int a, int b) { return a < b ? a : b; }
static int max_i(int a, int b) { return a > b ? a : b; }

static void flat_tile(const weft_walk_t *l, int image, int u0, tile_t *t)
{
  const weft_conv_plan_t *p = l->p;
  const weft_conv_geom_t *g = l->g;
  int units = min_i(p->th, p->units - u0);
  weft_conv_flatten(p, units * p->unit_px, &t->rows, &t->width, &t->last);
  t->in_h = t->rows;
  t->in_w = t->width;
  t->in_w_last = t->last;
  if (p->gather) {
    t->in = (weft_rect_t){image, u0 * g->sy, units, g->sy, 0, g->OW, g->sx, g->c0, g->Cn};
    t->out = (weft_rect_t){image, u0, units, 1, 0, g->OW, 1, 0, 0};
  } else {                     /* one long row of pixels */
    t->in = (weft_rect_t){0, 0, 1, 1, u0, units, 1, g->c0, g->Cn};
    t->out = (weft_rect_t){0, 0, 1, 1, u0, units, 1, 0, 0};
  }
}

static void window_tile(const weft_walk_t *l, int image, int oy, int ox, tile_t *t)
{
  const weft_conv_plan_t *p = l->p;
  const weft_conv_geom_t *g = l->g;
  t->rows = min_i(p->th, g->OH - oy);
  t->width = t->last = min_i(p->tw, g->OW - ox);
  int y = oy * g->sy - g->pt, x = ox * g->sx - g->pl;
  /* Windows wholly below or right of the image (TRANSPOSE_CONV has them): any one row, out of reach above. */
  bool below = y >= g->H, right = x >= g->W;
  if (below) y = g->H - 1;
  if (right) x = g->W - 1;
  int y1 = min_i(g->H, y + (t->rows - 1) * g->sy + (g->R - 1) * g->dy + 1);
  int x1 = min_i(g->W, x + (t->width - 1) * g->sx + (g->S - 1) * g->dx + 1);
  y1 = max_i(y1, 1);           /* windows wholly above or left of the image: its first row, which they do not reach */
  x1 = max_i(x1, 1);
  t->pad_top = max_i(0, -y);
  t->pad_left = max_i(0, -x);
  y = max_i(0, y);
  x = max_i(0, x);
  t->in_h = y1 - y;
  t->in_w = t->in_w_last = x1 - x;
  if (below) {
    t->in_h = 1;
    t->pad_top = (t->rows - 1) * g->sy + (g->R - 1) * g->dy + 1;
  }
  if (right) {
    t->in_w = t->in_w_last = 1;
    t->pad_left = (t->width - 1) * g->sx + (g->S - 1) * g->dx + 1;
  }
  t->in = (weft_rect_t){image, y, t->in_h, 1, x, t->in_w, 1, g->c0, g->Cn};
  t->out = (weft_rect_t){image, oy, t->rows, 1, ox, t->width, 1, 0, 0};
}

/* First channel and number of channels of a filter block, of the ofmap and (grouped) of the ifmap. */
static void block_channels(const weft_walk_t *l, int blk, int *m, int *nm, int *c, int *nc)
{
  const weft_conv_plan_t *p = l->p;
  int step = p->nmc * p->T * p->MT;
  *m = blk * step;
  *nm = min_i(step, l->g->Mn - *m);
  *c = 0;
  *nc = l->g->Cn;
  if (p->kind == WEFT_CHAIN_GROUPS && p->nblk > 1) {
    int in_step = p->nmc * p->nchain * p->q;
    *c = blk * in_step;
    *nc = min_i(in_step, l->g->Cn - *c);
  }
}

static int64_t pixel(const weft_image_t *im, int n, int y, int x) { return ((int64_t)n * im->H + y) * im->W + x; }

/* Folds of a part of a filter block. */
static int part_folds(const weft_conv_plan_t *p, int part) { return min_i(p->fpart, p->folds - part * p->fpart); }

/* Buffer words of the image of a block, or of a part of it, and of its requantisation entries, which come with the last part. */
static int load_filters(weft_walk_t *l, int blk, int part, int *image, int *entries)
{
  const weft_conv_plan_t *p = l->p;
  int blocks = min_i(p->nmc, p->mbs - blk * p->nmc), slot = -1;
  int64_t key = (l->filters * p->nblk + blk) * p->parts + part;
  for (int i = 0; i < p->wslots; i++)
    if (l->wkey[i] == key) slot = i;
  bool there = slot >= 0;
  if (!there) slot = l->wnext++ % p->wslots;
  l->wkey[slot] = key;
  *image = l->wbase + slot * l->wstep;
  *entries = *image + (l->load_filters ? p->nmc : blocks) * p->fwords;
  if (p->parts > 1) {
    const int fold = p->fwords / p->folds, words = part_folds(p, part) * fold;
    *entries = *image + words;
    if (there) return WEFT_OK;
    return weft_emit_load_flat(l->e, WEFT_REG_CONSTANTS, l->blob[blk] + (uint32_t)(part * p->fpart * fold) * WEFT_WORD_BYTES,
                               (words + (part == p->parts - 1 ? p->pwords : 0)) * WEFT_WORD_BYTES, *image);
  }
  if (there) return WEFT_OK;
  if (!l->load_filters)
    return weft_emit_load_flat(l->e, WEFT_REG_CONSTANTS, l->blob[blk], blocks * (p->fwords + p->pwords) * WEFT_WORD_BYTES, *image);
  bool fresh = l->ekey[slot] != blk;
  l->ekey[slot] = blk;
  int err = fresh ? weft_emit_load_flat(l->e, WEFT_REG_CONSTANTS, l->blob[blk], blocks * p->pwords * WEFT_WORD_BYTES, *entries) : WEFT_OK;
  return err ? err : l->load_filters(l->ctx, blk, *image, fresh);
}

static int tiles_of(const weft_walk_t *l)
{
  const weft_conv_plan_t *p = l->p;
  return p->images * weft_ceil_div(p->units, p->th) * (p->flat ? 1 : weft_ceil_div(l->g->OW, p->tw));
}

static int load_ifmap(weft_walk_t *l, const tile_t *t, int blk, int *base)
{
  const weft_conv_plan_t *p = l->p;
  int m, nm, c, nc;
  block_channels(l, blk, &m, &nm, &c, &nc);
  if (l->g->held) {
    *base = l->held + (int)pixel(&l->in, t->in.n, t->in.y, t->in.x) * p->in_pix + c / WEFT_WORD_BYTES;
    return WEFT_OK;
  }
  bool slices = p->kind == WEFT_CHAIN_GROUPS && p->nblk > 1;
  int64_t key = (l->ifmap * tiles_of(l) + t->key) * (slices ? p->nblk : 1) + (slices ? blk : 0);
  for (int i = 0; i < p->islots; i++)
    if (l->ikey[i] == key) {
      *base = l->ibase + i * l->istep;
      return WEFT_OK;
    }
  int slot = l->inext++ % p->islots;
  l->ikey[slot] = key;
  *base = l->ibase + slot * l->istep;
  weft_rect_t r = t->in;
  r.c += c;
  r.nc = nc;
  int row = (p->flat ? r.nx : t->in_w) * p->in_pix;      /* gathered pixels lie as dense as flat ones */
  return l->load_ifmap ? l->load_ifmap(l->ctx, &r, *base, row) : weft_emit_load(l->e, &l->in, &r, *base, row, p->in_pix);
}

/* Words from row to row of the ofmap. */
static int out_row(const weft_walk_t *l, const tile_t *t)
{
  return (l->g->stay && !l->p->flat ? l->g->OW : t->width) * l->p->out_pix;
}

static void conv_command(const weft_walk_t *l, const tile_t *t, int blk, int part, int wbase, int ebase, int ibase, int obase, weft_conv_t *c)
{
  const weft_conv_plan_t *p = l->p;
  const weft_conv_geom_t *g = l->g;
  int m, nm, ci, nc, sy = p->flat ? 1 : g->sy, sx = p->flat ? 1 : g->sx;
  block_channels(l, blk, &m, &nm, &ci, &nc);
  int c0 = p->ofull ? m : 0, in_row = (g->held && !p->flat ? g->W : t->in_w) * p->in_pix;
  *c = (weft_conv_t){
      .in_base = ibase, .in_row = t->in_h > 1 ? in_row : 0, .in_pix = p->in_pix, .zx = g->zx, .zw = g->zw,
      .in_h = t->in_h, .in_w = t->in_w, .in_w_last = t->in_w_last, .pad_top = t->pad_top, .pad_left = t->pad_left,
      .stride_y = sy, .stride_x = sx, .dil_y = g->dy, .dil_x = g->dx, .R = g->R, .S = g->S, .qw_lg = p->qw_lg, .kind = p->kind,
      .chain_len = p->chain_len, .nchain = p->nchain, .groups = p->groups, .P = p->P, .e_cols = p->e_cols, .T = p->T,
      .FT = min_i(p->FT, t->width), .OH = t->rows, .OW = t->width, .OW_last = t->last, .M = nm, .g_step = p->g_step,
      .filt_base = wbase, .param_base = ebase,
      .out_base = obase + c0 / WEFT_WORD_BYTES, .out_row = t->rows > 1 ? out_row(l, t) : 0, .out_pix = p->out_pix,
      .out_c0 = c0 % WEFT_WORD_BYTES, .zo = g->zo, .act_min = g->lo, .act_max = g->hi};
  if (p->parts > 1) {            /* whole groups, from the part's first on */
    const int step = p->fpart * p->chain_len / g->R;
    c->groups = min_i(step, p->groups - part * step);
    c->in_base += part * step * p->q / WEFT_WORD_BYTES;
    c->psum_in = part > 0;
    c->psum_out = part < p->parts - 1;
  }
  weft_conv_derive(l->e->p->cfg, c);
}

/* Tile number i of the layer. */
static void tile_at(const weft_walk_t *l, int i, tile_t *t)
{
  const weft_conv_plan_t *p = l->p;
  int tx = p->flat ? 1 : weft_ceil_div(l->g->OW, p->tw), ty = weft_ceil_div(p->units, p->th);
  memset(t, 0, sizeof *t);
  int image = i / (tx * ty), y = i / tx % ty, x = i % tx;
  if (p->flat) flat_tile(l, image, y * p->th, t);
  else window_tile(l, image, y * p->th, x * p->tw, t);
  t->key = i;
}

/* One command: a tile and a filter block or a part of it, and where its operands stand. */
typedef struct {
  tile_t t;
  int blk, part, image, entries, ifmap, with;
  weft_rect_t out;             /* of the tile, in channels that its slot holds */
  int row;                     /* words from row to row of it */
} item_t;

/* Item number i and the loads for it. */
static int prepare(weft_walk_t *l, int i, item_t *x)
{
  const weft_conv_plan_t *p = l->p;
  int err, m, nm, ci, nc;
  x->part = i % p->parts;
  i /= p->parts;
  x->blk = p->block_outer ? i / tiles_of(l) : i % p->nblk;
  tile_at(l, p->block_outer ? i % tiles_of(l) : i / p->nblk, &x->t);
  block_channels(l, x->blk, &m, &nm, &ci, &nc);
  x->out = x->t.out;
  x->out.c = l->g->m0 + (p->ofull ? 0 : m);
  x->out.nc = p->ofull ? l->g->Mn : nm;
  x->row = p->flat ? x->out.nx * p->out_pix : out_row(l, &x->t);
  const bool early = p->parts > 1 && p->islots > 1;      /* its slot is free before that of the filters is */
  if (early && (err = load_ifmap(l, &x->t, x->blk, &x->ifmap))) return err;
  if ((err = load_filters(l, x->blk, x->part, &x->image, &x->entries))) return err;
  if (!early && (err = load_ifmap(l, &x->t, x->blk, &x->ifmap))) return err;
  if (l->value && (!p->ofull || x->blk == 0) && x->part == p->parts - 1) err = weft_by_value_load(l->value, l, &x->out);
  if (l->value) x->with = l->value->slot;
  return err;
}

/* What follows the command: the value-by-value operator or the pool on what is complete, the store. */
static int finish(weft_walk_t *l, const item_t *x, int at)
{
  const weft_conv_plan_t *p = l->p;
  if (x->part < p->parts - 1) return WEFT_OK;      /* psums stay */
  const bool last = x->blk == p->nblk - 1, words = p->nmc * p->T * p->MT % WEFT_WORD_BYTES == 0;      /* blocks of whole words are taken as they come */
  int err, m, nm, ci, nc;
  if ((l->value || l->pooled) && (last || words || !p->ofull)) {
    weft_rect_t part = x->out;
    block_channels(l, x->blk, &m, &nm, &ci, &nc);
    if (p->ofull && words) {
      part.c = l->g->m0 + m;
      part.nc = nm;
    }
    const int from = at + (part.c - x->out.c) / WEFT_WORD_BYTES;
    err = l->value ? weft_by_value_apply(l->value, l, x->with, &part, x->out.c, from, x->row) : weft_pooled_part(l->pooled, l, &part, from, x->row);
    if (err) return err;
  }
  if (p->ofull && !last) return WEFT_OK;
  const int next = l->obase + l->onext % p->oslots * l->ostep + p->carry * x->row;
  if (l->pooled) return p->carry ? weft_pooled_carry(l->pooled, l, &x->out, at, x->row, next) : WEFT_OK;
  return l->store ? l->store(l->ctx, &x->out, at, x->row, p->out_pix) : weft_emit_store(l->e, &l->out, &x->out, at, x->row, p->out_pix);
}

/* The next item's loads go before what follows this one's command: the engines take their commands in order. */
int weft_walk(weft_walk_t *l)
{
  const weft_conv_plan_t *p = l->p;
  const int items = tiles_of(l) * p->nblk * p->parts;
  item_t x, next;
  int err = prepare(l, 0, &next);
  for (int i = 0; i < items && !err; i++) {
    x = next;
    if ((!p->ofull || x.blk == 0) && x.part == 0) l->oslot = l->onext++ % p->oslots;
    const weft_rect_t *o = &x.t.out;
    const int at = l->obase + (l->g->stay ? (int)pixel(&l->out, o->n, o->y, o->x) * p->out_pix : l->oslot * l->ostep + p->carry * x.row);
    weft_conv_t c;
    conv_command(l, &x.t, x.blk, x.part, x.image, x.entries, x.ifmap, at, &c);
    err = weft_emit_conv(l->e, &c, p->cycles / items);
    if (!err && i + 1 < items) err = prepare(l, i + 1, &next);
    if (!err) err = finish(l, &x, at);
  }
  return err;
}

int weft_walk_begin(weft_walk_t *l, weft_conv_plan_t *p, const weft_conv_data_t *d, int *extra)
{
  int err = weft_conv_plan(l->e->plans, l->g, l->e->cfg, l->e->choice->aim, p, l->e->m);
  if (err) return err;
  l->p = p;
  for (int i = 0; i < 2; i++) l->wkey[i] = l->ikey[i] = l->ekey[i] = -1;
  if (p->flat && !p->gather) {
    l->in.H = l->out.H = 1;
    l->in.W = l->out.W = p->units;
  }
  if (l->value) {
    l->value->image.H = l->out.H;
    l->value->image.W = l->out.W;
  }
  enum { EXTRA = 3, BESIDE, TABLES, CLASSES };
  const int whole = l->pooled ? l->pooled->stay : 0;
  int count[CLASSES] = {p->wslots, p->islots, p->oslots, extra && *extra ? 2 : 0, p->rwords ? 2 : whole > 0, l->value != NULL}, base[CLASSES];
  int words[CLASSES] = {p->wwords, p->iwords, p->owords, extra ? *extra : 0, whole ? whole : p->rwords};
  if (l->g->held) count[1] = 0;
  if (l->value) words[TABLES] = weft_lane_table_words(&l->value->lane.table[0]) + weft_lane_table_words(&l->value->lane.table[1]);
  const int classes = l->value || l->pooled ? CLASSES : count[EXTRA] ? EXTRA + 1 : EXTRA, kept = l->g->stay ? 2 : whole ? BESIDE : -1;
  weft_emit_slots_apart(l->e, 3, count, words);
  if (words[0] == p->wwords) weft_emit_slots_apart(l->e, 1, count, words);      /* at least filters load beside those at work, if there is room */
  bool fits = weft_emit_slots_kept(l->e, classes, count, words, kept, base);
  words[0] = fits ? words[0] : p->wwords;
  if (!fits && !weft_emit_slots_kept(l->e, classes, count, words, kept, base)) return weft_fail(l->e->m, WEFT_E_INTERNAL, "the plan does not fit the buffer");
  l->wstep = words[0];
  l->istep = words[1];
  l->ostep = words[2];
  l->wbase = base[0];
  l->ibase = base[1];
  l->obase = base[2];
  if (count[EXTRA]) *extra = base[EXTRA];
  if (l->value) {
    l->value->base = base[BESIDE];
    l->value->step = p->rwords;
    l->value->tables = base[TABLES];
  }
  if (l->pooled) {
    l->pooled->base = base[BESIDE];
    l->pooled->step = p->rwords;
  }
  return weft_conv_images(l->e, l->g, p, d, &l->blob);
}

void weft_walk_end(weft_walk_t *l) { weft_conv_images_free(l->blob); }

void weft_walk_describe(weft_layer_t *layer, const weft_conv_plan_t *p, const char *more)
{
  static const char *const kind[] = {"rows", "filters", "groups"};
  int n = snprintf(layer->mapping, sizeof layer->mapping, "q%d %dx%d %s e%d t%d p%d f%d b%d", p->q, p->chain_len, p->nchain,
                   p->nchain > 1 || p->kind == WEFT_CHAIN_GROUPS ? kind[p->kind] : "chain", p->e_cols, p->T, p->P, p->folds, p->mbs);
  int tiles = p->images * weft_ceil_div(p->units, p->th);
  n += snprintf(layer->mapping + n, sizeof layer->mapping - (size_t)n, " s%dx%d", tiles, p->nblk);
  if (p->parts > 1) n += snprintf(layer->mapping + n, sizeof layer->mapping - (size_t)n, "x%d", p->parts);
  snprintf(layer->mapping + n, sizeof layer->mapping - (size_t)n, "%s", more);
}
