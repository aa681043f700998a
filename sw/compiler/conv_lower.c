/* SPDX-License-Identifier: Apache-2.0
 *
 * CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED with constant weights: their geometry and numbers for the walk (conv_walk.h).
 */
#include <stdio.h>

#include "conv_walk.h"
#include "ops/move.h"
#include "ops/window.h"
#include "quant.h"
#include "pooled.h"
#include "by_value.h"
#include "unroll.h"

#define CLEARLY 1.15           /* keeping is given up for less time than this, since what it saves the bus is hard to tell */
#define NEVER 1e30            /* cycles of what cannot be planned */
#define OVERLAPPED 0.5         /* part of a transfer's time that shows beside the work of other layers */

typedef struct {
  const weft_graph_t *graph;
  const weft_op_t *op;
  const weft_conv_geom_t *g;
  const int8_t *w;
  const int32_t *bias;
  bool depthwise;              /* weights [1, R, S, M] instead of [M, R, S, C of a group] */
} numbers_t;

static int8_t tap(const void *ctx, int m, int r, int s, int c)
{
  const numbers_t *n = ctx;
  const weft_conv_geom_t *g = n->g;
  if (n->depthwise) {          /* gM is 0 when the slice is one group: then there is one channel, or a row of taps of it (unroll.h) */
    if (g->gM && c != m / g->gM) return (int8_t)g->zw;
    int at = g->gM ? s : s * g->Cn + c, taps = g->gM ? g->S : g->S * g->Cn;
    return n->w[((size_t)r * taps + at) * g->M + g->m0 + m];
  }
  int depth = g->Cn;
  if (g->gC) {
    if (c / g->gC != m / g->gM) return (int8_t)g->zw;
    depth = g->gC;
    c %= g->gC;
  }
  return n->w[(((size_t)(g->m0 + m) * g->R + r) * g->S + s) * depth + c];
}

static void entry(const void *ctx, int m, int32_t *bias, int32_t *q, int *e)
{
  const numbers_t *n = ctx;
  m += n->g->m0;
  *bias = n->bias ? n->bias[m] : 0;
  weft_conv_requant(n->graph, n->op, m, q, e);
}

/* A pixel's channels from several tensors; each begins on a whole word. */
static int load_parts(void *ctx, const weft_rect_t *r, int at, int row)
{
  const weft_walk_t *w = ctx;
  int c = 0;
  for (int k = 0; k < w->e->through[0]->nin; k++) {
    int part = w->e->through[0]->in[k], channels = w->e->g->tensor[part].dim[3];
    weft_image_t im = {w->e->p->place[part], w->in.H, w->in.W, channels};
    weft_rect_t own = *r;
    own.c = 0;
    own.nc = channels;
    int err = weft_emit_load(w->e, &im, &own, at + c / WEFT_WORD_BYTES, row, w->p->in_pix);
    if (err) return err;
    c += channels;
  }
  return WEFT_OK;
}

static int plan(const weft_emit_t *e, const weft_conv_geom_t *g, const weft_config_t *cfg, weft_conv_plan_t *p)
{
  return weft_conv_plan(e->plans, g, cfg, e->choice->aim, p, NULL);
}

/* The plan for row-unrolled pixels is clearly the quicker one: then *g is that layer. */
static bool unrolling_pays(const weft_emit_t *e, weft_unroll_t *u, weft_conv_geom_t *g)
{
  weft_conv_geom_t rows;
  weft_conv_plan_t plain, unrolled;
  if (!weft_unroll_geometry(u, &rows)) return false;
  rows.stay = g->stay;
  rows.pool = g->pool;
  rows.pool_cycles = g->pool_cycles;
  rows.pool_stays = g->pool_stays;
  rows.reserve = g->reserve + 2 * weft_unroll_mask_words(u);
  if (plan(e, &rows, e->cfg, &unrolled)) return false;
  if (!plan(e, g, e->cfg, &plain) && unrolled.cycles > 0.95 * plain.cycles) return false;
  *g = rows;
  return true;
}

/* Cycles of the bus for what the buffer keeps, at the price that it may overlap with work. */
static double reloads(const weft_emit_t *e)
{
  double bytes = 0;
  for (int i = 0; i < e->keep->n; i++) bytes += e->keep->item[i].bytes;
  return OVERLAPPED * bytes / e->p->cfg->bus_bytes;
}

/* Is it worth the room? The plan is made with the result staying and what is kept left alone, without the first, and without both. */
static void weigh_keeping(weft_emit_t *e, weft_conv_geom_t *g)
{
  weft_conv_plan_t p;
  weft_conv_geom_t bare = *g;
  bare.held = false;
  bare.stay = 0;
  bare.second_held = false;
  const double out = (double)e->g->tensor[e->op->out[0]].elements * 2 * OVERLAPPED / e->p->cfg->bus_bytes;
  const double all = plan(e, g, e->cfg, &p) ? NEVER : p.cycles;
  double less = NEVER, none = NEVER;
  if (g->stay) {
    weft_conv_geom_t leaves = *g;
    leaves.stay = 0;
    less = plan(e, &leaves, e->cfg, &p) ? NEVER : p.cycles + out;
  }
  if (e->keep->n) none = plan(e, &bare, e->p->cfg, &p) ? NEVER : p.cycles + reloads(e) + (g->stay ? out : 0);
  if (all <= CLEARLY * less && all <= CLEARLY * none) return;
  if (e->choice->stays == WEFT_YES && all < NEVER) return;
  g->stay = 0;
  if (less <= none) return;
  weft_emit_forget(e);
  g->held = false;
}

/* The operator behind the convolution that is made of its tiles (by_value.h, pooled.h), if any. */
typedef struct {
  bool values, pools;
  weft_by_value_t value;
  weft_pooled_t pooled;
} join_t;

/* Is the convolution with it, tile by tile, quicker than the two one after the other? */
static bool joining_pays(const weft_emit_t *e, weft_unroll_t *u, const weft_conv_geom_t *with, const weft_conv_geom_t *without, double apart)
{
  double cycles[2];
  for (int i = 0; i < 2; i++) {
    weft_conv_geom_t g = i ? *without : *with;
    weft_conv_plan_t p;
    if (u) unrolling_pays(e, u, &g);
    cycles[i] = plan(e, &g, e->cfg, &p) ? NEVER : p.cycles;
  }
  if (e->choice->join == WEFT_YES) return cycles[0] < NEVER;
  return cycles[0] < NEVER && cycles[0] < cycles[1] + apart;
}

/* Joins e->onto to the convolution where that pays, else sets it to NULL. `decided`: it is joined to another part of the same convolution. */
static void join(weft_emit_t *e, weft_unroll_t *u, const weft_image_t *out, bool decided, weft_conv_geom_t *g, join_t *j)
{
  j->values = j->pools = false;
  if (!e->onto) return;
  weft_conv_geom_t with = *g;
  const bool values = weft_lane_operands(e->onto->code) > 0, whole = g->Mn == g->M;
  bool can = e->choice->join == WEFT_NO ? false : values ? whole && weft_by_value_begin(&j->value, e, out, &with) : weft_pooled_begin(&j->pooled, e, &with);
  if (can && values) with.stay = weft_emit_keep_words(&j->value.emit, weft_keep_elem(g->M));
  if (can && !decided) can = joining_pays(e, values ? NULL : u, &with, g, values ? weft_by_value_apart(&j->value) : weft_pooled_apart(&j->pooled));
  if (can) *g = with;
  else e->onto = NULL;
  j->values = can && values;
  j->pools = can && !values;
}

static int lower_one(weft_emit_t *e, const weft_conv_geom_t *layer, bool decided, weft_conv_plan_t *p)
{
  const weft_op_t *op = e->op;
  weft_conv_geom_t copy = *layer;
  const weft_conv_geom_t *g = &copy;
  const int elem = weft_keep_elem(g->M);
  const weft_op_t *through = e->through[0];
  const bool parts = through && through->code == WEFT_OP_CONCATENATION;
  const int in = through && through->code == WEFT_OP_PAD ? through->in[0] : op->in[0];
  int held = parts || g->Cn != g->C ? -1 : weft_emit_find(e, in, weft_keep_elem(g->C));
  int64_t end = held + weft_keep_words(e->g->tensor[in].elements, weft_keep_elem(g->C)) + WEFT_CONV_BEYOND;
  if (end > e->p->cfg->buf_words) held = -1;
  copy.held = held >= 0;
  copy.stay = g->Mn == g->M ? weft_emit_keep_words(e, elem) : 0;
  weft_walk_t w = {.e = e, .g = g, .in = {e->p->place[in], g->H, g->W, g->C}, .out = {e->p->place[op->out[0]], g->OH, g->OW, g->M}};
  weft_unroll_t u = {.e = e, .g = layer, .place = w.in.place, .walk = &w};
  join_t j;
  join(e, parts || held >= 0 ? NULL : &u, &w.out, decided, &copy, &j);
  if (!parts) weigh_keeping(e, &copy);
  if (j.values) weft_by_value_look(&j.value, &copy);
  w.held = copy.held ? held : -1;
  w.value = j.values ? &j.value : NULL;
  w.pooled = j.pools ? &j.pooled : NULL;
  if (e->onto) w.out.place = e->p->place[e->onto->out[0]];
  const int32_t *bias = op->nin > 2 && op->in[2] >= 0 ? e->g->tensor[op->in[2]].data : NULL;
  numbers_t n = {e->g, op, g, e->g->tensor[op->in[1]].data, bias, op->code == WEFT_OP_DEPTHWISE_CONV_2D};
  weft_conv_data_t d = {&n, tap, entry, false};
  if (parts) {
    w.load_ifmap = load_parts;
    w.ctx = &w;
  }
  int masks = 0;
  if (!parts && w.held < 0 && !j.values && unrolling_pays(e, &u, &copy)) {
    masks = weft_unroll_mask_words(&u);
    w.in.W = copy.W;
    w.in.C = copy.C;
    w.load_ifmap = weft_unroll_load;
    w.ctx = &u;
  }
  int err = weft_walk_begin(&w, p, &d, &masks);
  if (err == WEFT_E_UNSUPPORTED && copy.stay) {
    copy.stay = 0;
    err = weft_walk_begin(&w, p, &d, &masks);
  }
  u.base = masks;
  if (err) return err;
  err = weft_walk(&w);
  if (!err && copy.stay) weft_emit_kept(j.values ? &j.value.emit : e, elem, w.obase);
  if (!err && j.pools && j.pooled.stay) weft_emit_kept(&j.pooled.emit, elem, j.pooled.base);
  weft_walk_end(&w);
  e->layer->cycles += (uint64_t)p->cycles;
  return err;
}

/* The mapping, with what is joined to the convolution. */
static void describe(const weft_emit_t *e, const weft_conv_plan_t *p, const char *parts)
{
  char more[48];
  snprintf(more, sizeof more, "%s%s%s", parts, e->onto ? ", then " : "", e->onto ? weft_op_name(e->onto->code) : "");
  weft_walk_describe(e->layer, p, more);
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
  if (e->through[0] && e->through[0]->code == WEFT_OP_PAD) {       /* padding that a PAD would have made */
    const weft_tensor_t *x = &e->g->tensor[e->through[0]->in[0]], *amounts = &e->g->tensor[e->through[0]->in[1]];
    g->H = x->dim[1];
    g->W = x->dim[2];
    g->pt += (int)weft_op_number(amounts, 2);
    g->pl += (int)weft_op_number(amounts, 4);
  }
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
  if (e->op->code == WEFT_OP_FULLY_CONNECTED && !e->g->tensor[e->op->in[1]].data) {
    e->onto = NULL;
    return weft_lower_matmul(e);
  }
  weft_conv_geom_t g;
  int err = geometry(e, &g);
  if (err) return err;
  int gC = g.gC ? g.gC : g.C;
  e->layer->macs = (uint64_t)g.N * g.OH * g.OW * g.M * gC * g.R * g.S;
  weft_conv_plan_t p;
  if (g.gC) {
    uint32_t ncmd = e->p->ncmd;
    const weft_op_t *onto = e->onto;
    err = lower_one(e, &g, false, &p);
    if (!err) describe(e, &p, "");
    if (err != WEFT_E_UNSUPPORTED || e->p->ncmd != ncmd) return err;
    /* No PE row holds whole groups: each group is a convolution of its own over a slice of the channels. */
    e->onto = onto;
    weft_conv_geom_t part = g;
    part.gC = part.gM = 0;
    part.Cn = g.gC;
    part.Mn = g.gM;
    int groups = g.C / g.gC;
    for (int i = 0; i < groups; i++) {
      part.c0 = i * g.gC;
      part.m0 = i * g.gM;
      if ((err = lower_one(e, &part, i > 0 && e->onto, &p))) return err;
      if (e->onto != onto && i == 0) onto = e->onto;
      if (e->onto != onto) return weft_fail(e->m, WEFT_E_INTERNAL, "group %d does not pool as group 0 does", i);
    }
    describe(e, &p, groups > 1 ? " per group" : "");
    return WEFT_OK;
  }
  err = lower_one(e, &g, false, &p);
  if (!err) describe(e, &p, "");
  return err;
}
