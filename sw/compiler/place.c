/* SPDX-License-Identifier: Apache-2.0
 *
 * Places of tensors in DRAM (see place.h): constants behind one another, the others in an arena, each at the lowest offset that is free over its
 * whole life.
 */
#include "place.h"

#include <stdlib.h>

#include "joins.h"
#include "lane_program.h"

bool weft_places_new(weft_places_t *c, int ntensors)
{
  size_t n = (size_t)ntensors + 1;
  c->view.in = calloc(n, sizeof *c->view.in);
  c->view.at = calloc(n, sizeof *c->view.at);
  c->made_by = calloc(n, sizeof *c->made_by);
  c->kept_by = calloc(n, sizeof *c->kept_by);
  c->first = calloc(n, sizeof *c->first);
  c->last = calloc(n, sizeof *c->last);
  return c->view.in && c->view.at && c->made_by && c->kept_by && c->first && c->last;
}

void weft_places_free(weft_places_t *c)
{
  free(c->view.in);
  free(c->view.at);
  free(c->made_by);
  free(c->kept_by);
  free(c->first);
  free(c->last);
}

static size_t bytes_of(const weft_tensor_t *t) { return t->elements * weft_dtype_size(t->type); }

/* Input k is read from DRAM: it is computed at run time, or it is a constant that the device reads as it stands: an operand of the lanes
 * (no weight, bias, shape or axis, and not an operand of a CPU operator, which takes it from the graph). */
static bool in_dram(const weft_graph_t *g, const weft_op_t *op, int k)
{
  if (op->in[k] < 0) return false;
  if (!g->tensor[op->in[k]].data) return true;
  switch (op->code) {
  case WEFT_OP_BATCH_MATMUL: return k < 2;
  case WEFT_OP_FULLY_CONNECTED: return k == 0;
  case WEFT_OP_CONCATENATION: case WEFT_OP_PACK: return true;
  case WEFT_OP_ASSIGN_VARIABLE: return k == 1;
  case WEFT_OP_UNIDIRECTIONAL_SEQUENCE_LSTM: return k == 0 || (k >= 5 && k <= 8);      /* input, recurrent weights */
  default: return k < weft_lane_operands(op->code);
  }
}

static int constant_place(weft_places_t *c, int t)
{
  const weft_tensor_t *x = &c->g->tensor[t];
  if (c->p->place[t].region >= 0) return WEFT_OK;
  int64_t at = weft_program_constant(c->p, bytes_of(x));
  if (at < 0) return weft_fail(c->m, WEFT_E_UNSUPPORTED, "tensor '%.72s' is larger than memory", x->name);
  memcpy(c->p->konst + at, x->data, bytes_of(x));
  c->p->place[t] = (weft_place_t){WEFT_REG_CONSTANTS, (uint32_t)at, (uint32_t)bytes_of(x)};
  return WEFT_OK;
}

static void live(weft_places_t *c, int t, int op)
{
  t = weft_views_root(&c->view, t, NULL);
  if (op < c->first[t]) c->first[t] = op;
  if (op > c->last[t]) c->last[t] = op;
}

/* Lowest offset where `bytes` are free over the whole life of t, among the roots placed before it in order[]. */
static uint64_t first_fit(const weft_places_t *c, const int *order, int n, int t, uint64_t bytes)
{
  uint64_t at = WEFT_TENSOR_ALIGN;                 /* some bytes before the first tensor and behind the last may be read with them */
  for (int again = 1; again;) {
    again = 0;
    for (int i = 0; i < n; i++) {
      int u = order[i];
      const weft_place_t *p = &c->p->place[u];
      uint64_t end = ((uint64_t)p->offset + p->bytes + WEFT_TENSOR_ALIGN - 1) / WEFT_TENSOR_ALIGN * WEFT_TENSOR_ALIGN;
      bool together = c->keep_all || (c->first[t] <= c->last[u] && c->first[u] <= c->last[t]);
      if (together && at < end && p->offset < at + bytes) {
        at = end;
        again = 1;
      }
    }
  }
  return at;
}

int weft_place_tensors(weft_places_t *c)
{
  const weft_graph_t *g = c->g;
  int err, n = 0, *order = malloc((size_t)(g->ntensors + 1) * sizeof *order);
  if (!order) return weft_fail(c->m, WEFT_E_MEMORY, "out of memory");
  for (int t = 0; t < g->ntensors; t++) {
    c->first[t] = g->nops;
    c->last[t] = -1;
    c->p->place[t] = (weft_place_t){-1, 0, 0};
  }
  weft_views_find(g, &c->view);
  weft_joins_find(g, c->made_by, c->kept_by);
  for (int t = 0; t < g->ntensors; t++)      /* variables live from one inference to the next */
    if (g->tensor[t].variable) {
      live(c, t, 0);
      live(c, t, g->nops);
    }
  for (int i = 0; i < g->nin; i++) live(c, g->in[i], 0);
  for (int i = 0; i < g->nout; i++) live(c, g->out[i], g->nops);
  for (int i = 0; i < g->nops; i++) {
    const weft_op_t *op = &g->op[i];
    for (int k = 0; k < op->nin; k++)
      if (in_dram(g, op, k)) {
        live(c, op->in[k], i);
        const weft_op_t *parts = c->made_by[op->in[k]] < 0 ? NULL : &g->op[c->made_by[op->in[k]]];
        for (int q = 0; parts && q < parts->nin; q++)
          if (in_dram(g, parts, q)) live(c, parts->in[q], i);
      }
    for (int k = 0; k < op->nout; k++) {
      live(c, op->out[k], i);
      if (c->kept_by[op->out[k]] >= 0) live(c, g->op[c->kept_by[op->out[k]]].out[0], i);
    }
  }
  for (int t = 0; t < g->ntensors; t++) {
    const weft_tensor_t *x = &g->tensor[t];
    if (c->last[t] < 0 || c->view.in[t] != t) continue;
    if (x->data) {
      if ((err = constant_place(c, t))) goto done;
      continue;
    }
    if (bytes_of(x) > WEFT_DRAM_LIMIT) {
      err = weft_fail(c->m, WEFT_E_UNSUPPORTED, "tensor '%.72s' of %zu bytes is larger than memory (%u bytes)", x->name,
            bytes_of(x), WEFT_DRAM_LIMIT);
      goto done;
    }
    uint64_t at = first_fit(c, order, n, t, bytes_of(x));
    if (at + bytes_of(x) > WEFT_DRAM_LIMIT) {
      err = weft_fail(c->m, WEFT_E_UNSUPPORTED, "tensor '%.72s' and those before it are larger than memory (%u bytes)", x->name,
            WEFT_DRAM_LIMIT);
      goto done;
    }
    c->p->place[t] = (weft_place_t){WEFT_REG_ARENA, (uint32_t)at, (uint32_t)bytes_of(x)};
    order[n++] = t;
    if (at + bytes_of(x) + WEFT_TENSOR_ALIGN > c->p->arena_bytes) c->p->arena_bytes = (uint32_t)(at + bytes_of(x) + WEFT_TENSOR_ALIGN);
  }
  for (int t = 0; t < g->ntensors; t++) {
    int64_t inside = 0;
    const weft_place_t *p = &c->p->place[weft_views_root(&c->view, t, &inside)];
    if (c->view.in[t] != t) c->p->place[t] = (weft_place_t){p->region, p->offset + (uint32_t)inside, (uint32_t)bytes_of(&g->tensor[t])};
  }
  err = WEFT_OK;
done:
  free(order);
  return err;
}
