/* SPDX-License-Identifier: Apache-2.0
 *
 * TRANSPOSE_CONV on the array: one convolution with stride 1 for each row of the output's stride.
 *
 * Output row oy = sy * i + py collects the filter rows r with (oy + pad - r) mod sy = 0: for a fixed py these are the same for every i,
 * and they lie on neighbouring ifmap rows, so row py of every block is an ordinary convolution with the filter's rows turned round.
 * Along a row, the sx columns of a block become sx times the output channels over the union of their taps (missing taps are zero):
 * the results then stand in the buffer as they do in DRAM, and a block's columns are stored as one contiguous element.
 */
#include "conv_walk.h"
#include "lower_limits.h"
#include "ops/window.h"
#include "quant.h"

/* Filter taps of one phase along one axis: output stride * i + phase reads ifmap i + first .. i + last. */
typedef struct { int first, last; } phase_t;

typedef struct {
  weft_emit_t *e;
  weft_window_t w;
  const int8_t *f;
  const int32_t *bias;
  weft_place_t to;
  const weft_conv_geom_t *g;   /* the phase being lowered, and its plan */
  const weft_conv_plan_t *p;
  int py, first_y, first_x;    /* output row of a block; ifmap offsets of the convolution's first row and column */
} tconv_t;

static phase_t phase_of(int phase, int pad, int stride, int filter)
{
  int base = (phase + pad) / stride, least = (phase + pad) % stride;      /* tap `least` reads ifmap i + base, the next one the row before */
  int taps = least < filter ? (filter - least + stride - 1) / stride : 0;
  return (phase_t){taps ? base - taps + 1 : base, base};
}

static int8_t tap(const void *ctx, int m, int r, int s, int c)
{
  const tconv_t *t = ctx;
  const weft_window_t *w = &t->w;
  int px = m / w->out_c, fy = t->py + w->pad_top - w->stride_h * (t->first_y + r), fx = px + w->pad_left - w->stride_w * (t->first_x + s);
  if (fy < 0 || fy >= w->filter_h || fx < 0 || fx >= w->filter_w) return 0;
  return t->f[(((size_t)(m % w->out_c) * w->filter_h + fy) * w->filter_w + fx) * w->in_c + c];
}

static void entry(const void *ctx, int m, int32_t *bias, int32_t *q, int *e)
{
  const tconv_t *t = ctx;
  m %= t->w.out_c;
  *bias = t->bias ? t->bias[m] : 0;
  weft_conv_requant(t->e->g, t->e->op, m, q, e);
}

/* A pixel of the convolution is a block's columns of one row; the last block may be cut. */
static int store_rows(const tconv_t *t, const weft_rect_t *r, int at, int row, int pix)
{
  const weft_window_t *w = &t->w;
  int64_t line = (int64_t)w->out_w * w->out_c, block = (int64_t)w->stride_w * w->out_c;
  for (int last = 0; last < 2; last++) {
    int whole = w->out_w / w->stride_w - r->x, x = last ? (whole > 0 ? whole : 0) : 0;
    int nx = last ? r->nx - x : whole < r->nx ? whole : r->nx;
    int64_t width = last ? (int64_t)(w->out_w % w->stride_w) * w->out_c : block, bytes = width - r->c < r->nc ? width - r->c : r->nc;
    if (nx < 1 || bytes < 1) continue;
    weft_dma_t d = {.opcode = WEFT_CMD_STORE, .region = t->to.region, .elem_bytes = bytes, .elems = 1, .n0 = nx, .n1 = r->ny, .buf = at + x * pix,
                    .offset = t->to.offset + (((int64_t)r->n * w->out_h + (int64_t)r->y * w->stride_h + t->py) * line) + (r->x + x) * block + r->c};
    if (bytes == block) {
      d.elems = nx;
      d.buf_se = nx > 1 ? pix : 0;
      d.n0 = 1;
    } else if (nx > 1) {
      d.dram_s0 = block;
      d.buf_s0 = pix;
    }
    if (r->ny > 1) {
      d.dram_s1 = w->stride_h * line;
      d.buf_s1 = row;
    }
    int err = weft_emit_dma(t->e, &d);
    if (err) return err;
  }
  return WEFT_OK;
}

/* A flattened layer's pixels are one long row: whole and partial rows of images again. */
static int store(void *ctx, const weft_rect_t *r, int at, int row, int pix)
{
  const tconv_t *t = ctx;
  const weft_conv_geom_t *g = t->g;
  if (!t->p->flat) return store_rows(t, r, at, row, pix);
  for (int u = r->x, end = r->x + r->nx, err; u < end;) {
    weft_rect_t part = {u / (g->OW * g->OH), u / g->OW % g->OH, 1, 1, u % g->OW, 0, 1, r->c, r->nc};
    int rows = (end - u) / g->OW, left = g->OH - part.y;
    if (part.x || !rows) part.nx = g->OW - part.x < end - u ? g->OW - part.x : end - u;
    else {
      part.ny = rows < left ? rows : left;
      part.nx = g->OW;
    }
    if ((err = store_rows(t, &part, at + (u - r->x) * pix, g->OW * pix, pix))) return err;
    u += part.nx * part.ny;
  }
  return WEFT_OK;
}

static int lower_row(tconv_t *t, const weft_conv_geom_t *base)
{
  const weft_window_t *w = &t->w;
  weft_emit_t *e = t->e;
  weft_conv_geom_t g = *base;
  phase_t y = phase_of(t->py, w->pad_top, w->stride_h, w->filter_h), x = phase_of(0, w->pad_left, w->stride_w, w->filter_w);
  for (int px = 1; px < w->stride_w; px++) {
    phase_t p = phase_of(px, w->pad_left, w->stride_w, w->filter_w);
    if (p.first < x.first) x.first = p.first;
    if (p.last > x.last) x.last = p.last;
  }
  t->first_y = y.first;
  t->first_x = x.first;
  g.R = y.last - y.first + 1;
  g.S = x.last - x.first + 1;
  g.pt = -y.first;                  /* may be negative: the first windows begin inside the image */
  g.pl = -x.first;
  g.OH = (w->out_h - t->py + w->stride_h - 1) / w->stride_h;
  if (g.OH < 1) return WEFT_OK;
  weft_conv_data_t d = {t, tap, entry, false};
  weft_walk_t walk = {.e = e, .g = &g, .in = {e->p->place[e->op->in[2]], g.H, g.W, g.C}, .store = store, .ctx = t};
  weft_conv_plan_t p;
  t->g = &g;
  t->p = &p;
  int err = weft_walk_begin(&walk, &p, &d, NULL);
  if (err) return err;
  err = weft_walk(&walk);
  weft_walk_end(&walk);
  e->layer->cycles += (uint64_t)p.cycles;
  if (!err && t->py == 0) weft_walk_describe(e->layer, &p, " per row phase");
  return err;
}

int weft_lower_transpose_conv(weft_emit_t *e)
{
  enum { SHAPE, WEIGHTS, IFMAP, BIAS };
  const weft_tensor_t *f = &e->g->tensor[e->op->in[WEIGHTS]], *x = &e->g->tensor[e->op->in[IFMAP]], *y = &e->g->tensor[e->op->out[0]];
  bool bias = e->op->nin > BIAS && e->op->in[BIAS] >= 0;
  if (!f->data || (bias && !e->g->tensor[e->op->in[BIAS]].data)) return weft_fail(e->m, WEFT_E_UNSUPPORTED, "weights or bias computed at run time");
  tconv_t t = {.e = e, .w = weft_transpose_window(e->g, e->op), .f = f->data, .bias = bias ? e->g->tensor[e->op->in[BIAS]].data : NULL,
               .to = e->p->place[e->op->out[0]]};
  const weft_window_t *w = &t.w;
  int32_t lo, hi;
  weft_act_bounds(e->g, e->op, &lo, &hi);
  if ((int64_t)w->stride_w * w->out_c > WEFT_TCONV_CHANNELS)
    return weft_fail(e->m, WEFT_E_UNSUPPORTED, "stride times output channels above %d", WEFT_TCONV_CHANNELS);
  int M = w->stride_w * w->out_c;
  weft_conv_geom_t g = {.N = w->batch, .H = w->in_h, .W = w->in_w, .C = w->in_c, .Cn = w->in_c, .OW = (w->out_w + w->stride_w - 1) / w->stride_w,
                        .M = M, .Mn = M, .sy = 1, .sx = 1, .dy = 1, .dx = 1, .zx = x->zero[0], .zo = y->zero[0], .lo = lo, .hi = hi};
  e->layer->macs = (uint64_t)w->batch * w->in_h * w->in_w * w->in_c * w->out_c * w->filter_h * w->filter_w;
  for (t.py = 0; t.py < w->stride_h; t.py++) {
    int err = lower_row(&t, &g);
    if (err) return err;
  }
  return WEFT_OK;
}
