/* SPDX-License-Identifier: Apache-2.0
 *
 * CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED as LOAD, CONV and STORE commands after a plan.
 *
 * Tiles and filter blocks are walked in the plan's order; a slot that still holds what the next command needs is not
 * loaded again. Two slots of a kind make a ring, so the next tile loads and the last one is stored while the array works;
 * the waits come from the tracker.
 */
#include <stdio.h>

#include "conv_plan.h"
#include "conv_image.h"
#include "emit.h"
#include "quant.h"

#include "ops/window.h"

typedef struct {
  weft_emit_t *e;
  const weft_conv_geom_t *g;
  const weft_conv_plan_t *p;
  weft_image_t in, out;
  uint32_t *blob;              /* offset of each filter block's image and entries in the constants */
  int wbase, ibase, obase;     /* first slots */
  int64_t wkey[2], ikey[2];    /* what the slots hold, -1: nothing */
  int wnext, inext, onext, oslot;
} lower_t;

/* One tile: its ifmap rectangle and ofmap rectangle, and what the command says about them. */
typedef struct {
  weft_rect_t in, out;
  int rows, width, last;       /* ofmap rows, columns, columns of the last row, as the command counts them */
  int in_h, in_w, in_w_last, pad_top, pad_left;
  int64_t key;
} tile_t;

static int min_i(int a, int b) { return a < b ? a : b; }
static int max_i(int a, int b) { return a > b ? a : b; }

static void flat_tile(const lower_t *l, int image, int u0, tile_t *t)
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

static void window_tile(const lower_t *l, int image, int oy, int ox, tile_t *t)
{
  const weft_conv_plan_t *p = l->p;
  const weft_conv_geom_t *g = l->g;
  t->rows = min_i(p->th, g->OH - oy);
  t->width = t->last = min_i(p->tw, g->OW - ox);
  int y = oy * g->sy - g->pt, x = ox * g->sx - g->pl;
  int y1 = min_i(g->H, y + (t->rows - 1) * g->sy + (g->R - 1) * g->dy + 1);
  int x1 = min_i(g->W, x + (t->width - 1) * g->sx + (g->S - 1) * g->dx + 1);
  t->pad_top = max_i(0, -y);
  t->pad_left = max_i(0, -x);
  y = max_i(0, y);
  x = max_i(0, x);
  t->in_h = y1 - y;
  t->in_w = t->in_w_last = x1 - x;
  t->in = (weft_rect_t){image, y, t->in_h, 1, x, t->in_w, 1, g->c0, g->Cn};
  t->out = (weft_rect_t){image, oy, t->rows, 1, ox, t->width, 1, 0, 0};
}

/* First channel and number of channels of a filter block, of the ofmap and (grouped) of the ifmap. */
static void block_channels(const lower_t *l, int blk, int *m, int *nm, int *c, int *nc)
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

static int load_filters(lower_t *l, int blk, int *base)
{
  const weft_conv_plan_t *p = l->p;
  for (int i = 0; i < p->wslots; i++)
    if (l->wkey[i] == blk) {
      *base = l->wbase + i * p->wwords;
      return WEFT_OK;
    }
  int slot = l->wnext++ % p->wslots, blocks = min_i(p->nmc, p->mbs - blk * p->nmc);
  l->wkey[slot] = blk;
  *base = l->wbase + slot * p->wwords;
  return weft_emit_load_flat(l->e, WEFT_REG_CONSTANTS, l->blob[blk], blocks * (p->fwords + p->pwords) * WEFT_WORD_BYTES, *base);
}

static int load_ifmap(lower_t *l, const tile_t *t, int blk, int *base)
{
  const weft_conv_plan_t *p = l->p;
  int m, nm, c, nc;
  block_channels(l, blk, &m, &nm, &c, &nc);
  bool slices = p->kind == WEFT_CHAIN_GROUPS && p->nblk > 1;
  int64_t key = t->key * (slices ? p->nblk : 1) + (slices ? blk : 0);
  for (int i = 0; i < p->islots; i++)
    if (l->ikey[i] == key) {
      *base = l->ibase + i * p->iwords;
      return WEFT_OK;
    }
  int slot = l->inext++ % p->islots;
  l->ikey[slot] = key;
  *base = l->ibase + slot * p->iwords;
  weft_rect_t r = t->in;
  r.c += c;
  r.nc = nc;
  /* Gathered pixels lie as dense as flat ones. */
  return weft_emit_load(l->e, &l->in, &r, *base, (p->flat ? r.nx : t->in_w) * p->in_pix, p->in_pix);
}

static void conv_command(const lower_t *l, const tile_t *t, int blk, int wbase, int ibase, int obase, weft_conv_t *c)
{
  const weft_conv_plan_t *p = l->p;
  const weft_conv_geom_t *g = l->g;
  int m, nm, ci, nc, sy = p->flat ? 1 : g->sy, sx = p->flat ? 1 : g->sx;
  block_channels(l, blk, &m, &nm, &ci, &nc);
  int blocks = min_i(p->nmc, p->mbs - blk * p->nmc), c0 = p->ofull ? m : 0;
  *c = (weft_conv_t){
      .in_base = ibase, .in_row = t->in_w * p->in_pix, .in_pix = p->in_pix, .zx = g->zx, .zw = g->zw,
      .in_h = t->in_h, .in_w = t->in_w, .in_w_last = t->in_w_last, .pad_top = t->pad_top, .pad_left = t->pad_left,
      .stride_y = sy, .stride_x = sx, .dil_y = g->dy, .dil_x = g->dx, .R = g->R, .S = g->S, .qw_lg = p->qw_lg, .kind = p->kind,
      .chain_len = p->chain_len, .nchain = p->nchain, .groups = p->groups, .P = p->P, .e_cols = p->e_cols, .T = p->T,
      .FT = min_i(p->FT, t->width), .OH = t->rows, .OW = t->width, .OW_last = t->last, .M = nm, .g_step = p->g_step,
      .filt_base = wbase, .param_base = wbase + blocks * p->fwords,
      .out_base = obase + c0 / WEFT_WORD_BYTES, .out_row = t->width * p->out_pix, .out_pix = p->out_pix,
      .out_c0 = c0 % WEFT_WORD_BYTES, .zo = g->zo, .act_min = g->lo, .act_max = g->hi};
  weft_conv_derive(l->e->p->cfg, c);
}

static int one(lower_t *l, const tile_t *t, int blk, double cycles)
{
  const weft_conv_plan_t *p = l->p;
  int wbase, ibase, err, m, nm, ci, nc;
  block_channels(l, blk, &m, &nm, &ci, &nc);
  if ((err = load_filters(l, blk, &wbase)) || (err = load_ifmap(l, t, blk, &ibase))) return err;
  if (!p->ofull || blk == 0) l->oslot = l->onext++ % p->oslots;
  int obase = l->obase + l->oslot * p->owords;
  weft_conv_t c;
  conv_command(l, t, blk, wbase, ibase, obase, &c);
  if ((err = weft_emit_conv(l->e, &c, cycles))) return err;
  if (p->ofull && blk < p->nblk - 1) return WEFT_OK;
  weft_rect_t r = t->out;
  r.c = l->g->m0 + (p->ofull ? 0 : m);
  r.nc = p->ofull ? l->g->Mn : nm;
  return weft_emit_store(l->e, &l->out, &r, obase, (p->flat ? r.nx : t->width) * p->out_pix, p->out_pix);
}

/* Tile number i of the layer. */
static void tile_at(const lower_t *l, int i, tile_t *t)
{
  const weft_conv_plan_t *p = l->p;
  int tx = p->flat ? 1 : weft_ceil_div(l->g->OW, p->tw), ty = weft_ceil_div(p->units, p->th);
  memset(t, 0, sizeof *t);
  int image = i / (tx * ty), y = i / tx % ty, x = i % tx;
  if (p->flat) flat_tile(l, image, y * p->th, t);
  else window_tile(l, image, y * p->th, x * p->tw, t);
  t->key = i;
}

static int walk(lower_t *l)
{
  const weft_conv_plan_t *p = l->p;
  int tiles = p->images * weft_ceil_div(p->units, p->th) * (p->flat ? 1 : weft_ceil_div(l->g->OW, p->tw));
  double cycles = p->cycles / ((double)tiles * p->nblk);
  for (int i = 0; i < tiles * p->nblk; i++) {
    int blk = p->block_outer ? i / tiles : i % p->nblk, n = p->block_outer ? i % tiles : i / p->nblk;
    tile_t t;
    tile_at(l, n, &t);
    int err = one(l, &t, blk, cycles);
    if (err) return err;
  }
  return WEFT_OK;
}

static int lower_one(weft_emit_t *e, const weft_conv_geom_t *g, const weft_image_t *in, const weft_image_t *out, weft_conv_plan_t *p)
{
  int err = weft_conv_plan(g, e->p->cfg, p, e->m);
  if (err) return err;
  lower_t l = {.e = e, .g = g, .p = p, .in = *in, .out = *out, .wkey = {-1, -1}, .ikey = {-1, -1}};
  if (p->flat && !p->gather) {
    l.in.H = l.out.H = 1;
    l.in.W = l.out.W = p->units;
  }
  int count[3] = {p->wslots, p->islots, p->oslots}, words[3] = {p->wwords, p->iwords, p->owords}, base[3];
  if (!weft_emit_slots(e, 3, count, words, base)) return weft_fail(e->m, WEFT_E_INTERNAL, "the plan does not fit the buffer");
  l.wbase = base[0];
  l.ibase = base[1];
  l.obase = base[2];
  if ((err = weft_conv_images(e, g, p, &l.blob))) return err;
  err = walk(&l);
  weft_conv_images_free(l.blob);
  e->layer->cycles += (uint64_t)p->cycles;
  return err;
}

static void describe(weft_layer_t *layer, const weft_conv_plan_t *p, int parts)
{
  static const char *const kind[] = {"rows", "filters", "groups"};
  int n = snprintf(layer->mapping, sizeof layer->mapping, "q%d %dx%d %s e%d t%d p%d f%d b%d", p->q, p->chain_len, p->nchain,
                   p->nchain > 1 || p->kind == WEFT_CHAIN_GROUPS ? kind[p->kind] : "chain", p->e_cols, p->T, p->P, p->folds, p->mbs);
  int tiles = p->images * weft_ceil_div(p->units, p->th);
  snprintf(layer->mapping + n, sizeof layer->mapping - (size_t)n, " s%dx%d%s", tiles, p->nblk, parts > 1 ? " per group" : "");
}

static int geometry(weft_emit_t *e, weft_conv_geom_t *g)
{
  const weft_tensor_t *in = &e->g->tensor[e->op->in[0]], *w = &e->g->tensor[e->op->in[1]], *out = &e->g->tensor[e->op->out[0]];
  int32_t lo, hi;
  if (!w->data || (e->op->nin > 2 && e->op->in[2] >= 0 && !e->g->tensor[e->op->in[2]].data))
    return weft_fail(e->m, WEFT_E_UNSUPPORTED, "weights or bias computed at run time");
  weft_act_bounds(e->g, e->op, &lo, &hi);
  *g = (weft_conv_geom_t){.N = 1, .H = 1, .W = 1, .R = 1, .S = 1, .sy = 1, .sx = 1, .dy = 1, .dx = 1, .OH = 1, .OW = 1,
                          .zx = in->zero[0], .zw = w->zero ? w->zero[0] : 0, .zo = out->zero[0], .lo = lo, .hi = hi};
  for (int i = 1; i < w->nscale; i++)
    if (w->zero[i] != w->zero[0]) return weft_fail(e->m, WEFT_E_UNSUPPORTED, "filters with several zero points");
  if (e->op->code == WEFT_OP_FULLY_CONNECTED) {
    g->C = g->Cn = w->dim[1];
    g->M = g->Mn = w->dim[0];
    g->N = (int)(in->elements / (size_t)g->C);
    return WEFT_OK;
  }
  weft_window_t k;
  weft_window(e->g, e->op, &k);
  g->N = k.batch; g->H = k.in_h; g->W = k.in_w; g->C = g->Cn = k.in_c;
  g->OH = k.out_h; g->OW = k.out_w; g->M = g->Mn = k.out_c;
  g->R = k.filter_h; g->S = k.filter_w; g->sy = k.stride_h; g->sx = k.stride_w;
  g->dy = g->R > 1 ? k.dilation_h : 1;      /* a single row or column is not dilated */
  g->dx = g->S > 1 ? k.dilation_w : 1;
  g->pt = k.pad_top; g->pl = k.pad_left;
  if (e->op->code == WEFT_OP_DEPTHWISE_CONV_2D) {
    g->gC = 1;
    g->gM = g->M / g->C;
  } else if (w->dim[3] != g->C) {
    g->gC = w->dim[3];
    g->gM = g->M / (g->C / g->gC);
  }
  return WEFT_OK;
}

int weft_lower_conv(weft_emit_t *e)
{
  weft_conv_geom_t g;
  int err = geometry(e, &g);
  if (err) return err;
  weft_image_t in = {e->p->place[e->op->in[0]], g.H, g.W, g.C}, out = {e->p->place[e->op->out[0]], g.OH, g.OW, g.M};
  int gC = g.gC ? g.gC : g.C;
  e->layer->macs = (uint64_t)g.N * g.OH * g.OW * g.M * gC * g.R * g.S;
  weft_conv_plan_t p;
  if (g.gC) {
    uint32_t ncmd = e->p->ncmd;
    err = lower_one(e, &g, &in, &out, &p);
    if (!err) describe(e->layer, &p, 1);
    if (err != WEFT_E_UNSUPPORTED || e->p->ncmd != ncmd) return err;
    /* No PE row holds whole groups: each group is a convolution of its own over a slice of the channels. */
    weft_conv_geom_t part = g;
    part.gC = part.gM = 0;
    part.Cn = g.gC;
    part.Mn = g.gM;
    int groups = g.C / g.gC;
    for (int i = 0; i < groups; i++) {
      part.c0 = i * g.gC;
      part.m0 = i * g.gM;
      if ((err = lower_one(e, &part, &in, &out, &p))) return err;
    }
    describe(e->layer, &p, groups);
    return WEFT_OK;
  }
  err = lower_one(e, &g, &in, &out, &p);
  if (!err) describe(e->layer, &p, 1);
  return err;
}
