/* SPDX-License-Identifier: Apache-2.0
 *
 * Pools of a convolution's tiles (see pooled.h).
 */
#include "pooled.h"

#include "overlap.h"

static double cycles_of(const weft_pool_t *p) { return (double)(p->w.filter_h * p->w.filter_w + 1) * weft_lane_cycles(p->e->p->cfg); }

bool weft_pooled_begin(weft_pooled_t *k, weft_emit_t *e, weft_conv_geom_t *g)
{
  *k = (weft_pooled_t){.emit = *e};
  k->emit.op = e->onto;
  k->emit.out_last = e->onto_last;
  if (g->R == 1 && g->S == 1) return false;            /* tiles of pixels, not of rows */
  if (weft_pool_begin(&k->emit, &k->pool)) return false;
  const weft_window_t *w = &k->pool.w;
  k->pool.e = e;
  k->out = (weft_image_t){e->p->place[e->onto->out[0]], w->out_h, w->out_w, w->out_c};
  k->stay = g->Mn == g->M ? weft_emit_keep_words(&k->emit, weft_keep_elem(g->M)) : 0;
  g->pool = w;
  g->pool_cycles = cycles_of(&k->pool);
  g->pool_stays = k->stay > 0;
  g->reserve += k->stay;
  g->stay = 0;
  return true;
}

double weft_pooled_apart(const weft_pooled_t *k)
{
  const weft_window_t *w = &k->pool.w;
  const double words = (double)w->batch * ((w->out_c + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES), in = words * w->in_h * w->in_w, out = words * w->out_h * w->out_w;
  const double bus = in * weft_bus_cycles(k->pool.e->p->cfg), work = out * cycles_of(&k->pool);
  return bus > work ? bus : work;
}

int weft_pooled_part(weft_pooled_t *k, const weft_walk_t *l, const weft_rect_t *part, int at, int row)
{
  const weft_window_t *w = &k->pool.w;
  const int pix = l->p->out_pix, y1 = part->y + part->ny, oy = weft_pooled_ready(w, part->y), rows = weft_pooled_ready(w, y1) - oy;
  const int ox = part->x / w->stride_w, end = part->x + part->nx == w->in_w ? w->out_w : (part->x + part->nx) / w->stride_w;
  if (rows <= 0 || end <= ox) return WEFT_OK;
  const int cw = (part->nc + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES, opix = k->stay ? (w->out_c + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES : cw;
  const int orow = (k->stay ? w->out_w : end - ox) * opix;
  int out = k->base + (k->stay ? (part->n * w->out_h + oy) * orow + ox * opix + part->c / WEFT_WORD_BYTES : k->next++ % 2 * k->step);
  weft_pool_place_t t = {.in = at - part->x * pix, .out = out - ox * opix, .y0 = part->y, .oy0 = oy, .cw = cw, .irow = row, .ipix = pix, .orow = orow, .opix = opix};
  int err = weft_pool_piece(&k->pool, &t, oy, rows, ox, end - ox);
  weft_rect_t r = {part->n, oy, rows, 1, ox, end - ox, 1, part->c, part->nc};
  return err ? err : weft_emit_store(l->e, &k->out, &r, out, orow, opix);
}

int weft_pooled_carry(weft_pooled_t *k, const weft_walk_t *l, const weft_rect_t *tile, int at, int row, int to)
{
  const weft_window_t *w = &k->pool.w;
  const int y1 = tile->y + tile->ny;
  int first = weft_pooled_ready(w, y1) * w->stride_h - w->pad_top;
  if (first < 0) first = 0;
  if (y1 == w->in_h || first >= y1) return WEFT_OK;
  weft_vec_t v = {.n0 = row, .n1 = y1 - first, .n2 = 1, .k0 = 1, .k1 = 1, .a_s0 = row > 1, .out_s0 = row > 1, .act_min = INT8_MIN, .act_max = INT8_MAX,
                  .a_base = at + (first - tile->y) * row, .out_base = to + (first - y1) * row, .nsteps = 1,
                  .step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT)};
  if (v.n1 > 1) v.a_s1 = v.out_s1 = row;
  return weft_emit_vec(l->e, &v);
}
