/* SPDX-License-Identifier: Apache-2.0
 *
 * Value-by-value operators on a convolution's tiles (see by_value.h).
 */
#include "by_value.h"

#include "overlap.h"

bool weft_by_value_begin(weft_by_value_t *r, const weft_emit_t *e, const weft_image_t *out, weft_conv_geom_t *g)
{
  const int mine = e->onto->in[0] == e->op->out[0] ? 0 : 1;
  const bool single = weft_lane_single(e->g, e->onto) >= 0;
  *r = (weft_by_value_t){.emit = *e, .second = single ? -1 : e->onto->in[!mine], .image = *out};
  r->emit.op = e->onto;
  r->emit.out_last = e->onto_last;
  if (!single) r->image.place = e->p->place[r->second];
  if (weft_lane_program(&r->emit, mine, single ? -1 : !mine, true, &r->lane)) return false;
  g->value_cycles = weft_lane_command(e, &r->lane, 1) - weft_lane_command(e, &r->lane, 0);
  g->reserve += weft_lane_table_words(&r->lane.table[0]) + weft_lane_table_words(&r->lane.table[1]);
  weft_by_value_look(r, g);
  return true;
}

void weft_by_value_look(weft_by_value_t *r, weft_conv_geom_t *g)
{
  r->held = r->second < 0 ? -1 : weft_emit_find(&r->emit, r->second, weft_keep_elem(r->image.C));
  g->second_held = r->held >= 0;
  g->one_operand = r->second < 0;
}

double weft_by_value_apart(const weft_by_value_t *r)
{
  const weft_emit_t *e = &r->emit;
  const weft_tensor_t *y = &e->g->tensor[e->op->out[0]];
  const double words = (double)y->elements / WEFT_WORD_BYTES, bus = (r->second < 0 ? 1 : 2) * words * weft_bus_cycles(e->p->cfg), work = weft_lane_command(e, &r->lane, 1) - weft_lane_command(e, &r->lane, 0);
  return bus > words * work ? bus : words * work;
}

int weft_by_value_load(weft_by_value_t *r, const weft_walk_t *w, const weft_rect_t *out)
{
  int err = r->loaded ? WEFT_OK : weft_lane_tables(w->e, &r->lane, r->tables);
  r->loaded = true;
  if (err || r->held >= 0 || r->second < 0) return err;
  r->slot = r->next++ % 2;
  return weft_emit_load(w->e, &r->image, out, r->base + r->slot * r->step, out->nx * w->p->out_pix, w->p->out_pix);
}

/* A loop of n turns; the innermost ones that follow each other become one. */
static void loops(weft_vec_t *v, const int n[3], const int out[3], const int with[3])
{
  int64_t *const turns[3] = {&v->n0, &v->n1, &v->n2}, *const a[3] = {&v->a_s0, &v->a_s1, &v->a_s2}, *const b[3] = {&v->b_s0, &v->b_s1, &v->b_s2},
                 *const o[3] = {&v->out_s0, &v->out_s1, &v->out_s2};
  int k = -1;
  for (int i = 0; i < 3; i++) *turns[i] = 1;
  for (int i = 0; i < 3; i++) {
    if (n[i] == 1) continue;
    const bool follows = k >= 0 && out[i] == *turns[k] * *a[k] && with[i] == *turns[k] * *b[k] && *turns[k] * n[i] <= UINT16_MAX;
    if (follows) {
      *turns[k] *= n[i];
      continue;
    }
    k++;
    *turns[k] = n[i];
    *a[k] = *o[k] = out[i];
    *b[k] = with[i];
  }
}

int weft_by_value_apply(weft_by_value_t *r, const weft_walk_t *w, int slot, const weft_rect_t *part, int c0, int at, int row)
{
  const weft_image_t *im = &r->image;
  const int pix = w->p->out_pix, whole = (im->C + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES, words = (part->nc + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES;
  int n[3] = {words, part->nx, part->ny}, out[3] = {1, pix, row}, with[3] = {1, pix, r->second < 0 ? row : part->nx * pix};
  int from = r->base + slot * r->step + (part->c - c0) / WEFT_WORD_BYTES;
  if (r->held >= 0) {
    with[1] = whole;
    with[2] = im->W * whole;
    from = r->held + ((part->n * im->H + part->y) * im->W + part->x) * whole + part->c / WEFT_WORD_BYTES;
  }
  weft_vec_t v = r->lane.v;
  loops(&v, n, out, with);
  v.k0 = v.k1 = 1;
  v.a_base = v.out_base = at;
  v.b_base = from;
  if (r->second < 0) v.b_base = v.b_s0 = v.b_s1 = v.b_s2 = 0;
  return weft_emit_vec(w->e, &v);
}
