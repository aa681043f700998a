/* SPDX-License-Identifier: Apache-2.0
 *
 * Views (see views.h). A box that is one run makes a view of whichever side it covers completely: the result of a SLICE lives inside
 * what it was cut from, the operands of a CONCATENATION along the outermost axis inside its result.
 *
 * Sound because a tensor is written once: bytes that are shared are equal while both tensors live, and a root lives as long as anything
 * inside it. Variables are written again, and constants stand elsewhere, so neither shares its place. Places stay multiples of four bytes:
 * operators on the CPU may read words.
 */
#include "views.h"

#include "move_box.h"

enum { GRAIN = 4 };

typedef struct {
  const weft_graph_t *g;
  weft_views_t *v;
  bool moves;
} find_t;

static int64_t bytes_of(const weft_tensor_t *t) { return (int64_t)(t->elements * weft_dtype_size(t->type)); }
static bool fixed(const weft_tensor_t *t) { return t->data || t->variable; }

int weft_views_root(const weft_views_t *v, int t, int64_t *at)
{
  while (v->in[t] != t) {
    if (at) *at += v->at[t];
    t = v->in[t];
  }
  return t;
}

static int share(void *ctx, const weft_box_t *b)
{
  find_t *f = ctx;
  weft_views_t *v = f->v;
  if (b->from == WEFT_FILL || b->rank || fixed(&f->g->tensor[b->from]) || fixed(&f->g->tensor[b->to])) return WEFT_OK;
  if (b->from_at % GRAIN || b->to_at % GRAIN) return WEFT_OK;
  if (b->run == bytes_of(&f->g->tensor[b->to]) && v->in[b->to] == b->to && weft_views_root(v, b->from, NULL) != b->to) {
    v->in[b->to] = b->from;
    v->at[b->to] = b->from_at;
    return WEFT_OK;
  }
  int64_t at = 0;
  int root = weft_views_root(v, b->from, &at);
  if (at || b->from_at || b->run != bytes_of(&f->g->tensor[root]) || fixed(&f->g->tensor[root])) return WEFT_OK;
  if (weft_views_root(v, b->to, NULL) == root) return WEFT_OK;
  v->in[root] = b->to;
  v->at[root] = b->to_at;
  return WEFT_OK;
}

void weft_views_find(const weft_graph_t *g, weft_views_t *v)
{
  find_t f = {.g = g, .v = v};
  for (int t = 0; t < g->ntensors; t++) {
    v->in[t] = t;
    v->at[t] = 0;
  }
  for (int i = 0; i < g->nops; i++)
    if (weft_is_move(g->op[i].code) && !weft_boxes_unknown(g, &g->op[i])) (void)weft_boxes(g, &g->op[i], share, &f);
}

static int in_place(void *ctx, const weft_box_t *b)
{
  find_t *f = ctx;
  int64_t from = b->from_at, to = b->to_at;
  if (b->from == WEFT_FILL || b->rank) return 1;
  return weft_views_root(f->v, b->from, &from) != weft_views_root(f->v, b->to, &to) || from != to;
}

bool weft_views_nothing_moves(const weft_graph_t *g, const weft_op_t *op, const weft_views_t *v)
{
  find_t f = {.g = g, .v = (weft_views_t *)v};
  return weft_is_move(op->code) && !weft_boxes_unknown(g, op) && !weft_boxes(g, op, in_place, &f);
}
