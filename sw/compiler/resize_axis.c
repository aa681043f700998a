/* SPDX-License-Identifier: Apache-2.0
 *
 * Groups along one axis of a RESIZE (see resize_axis.h).
 *
 * Enlarging by an integer repeats every `factor` outputs, so that its groups are few and long; other ratios give shorter ones, down to a
 * single output. The coordinates are taken as the golden operator computes them, with its roundings, and never assumed to be regular.
 */
#include "resize_axis.h"

#include <stdlib.h>

#include "quant.h"

enum { MAX_STRIDE = 32 };

bool weft_axis_open(weft_axis_t *a, const weft_graph_t *g, const weft_op_t *op, int dimension)
{
  const int in = g->tensor[op->in[0]].dim[dimension], out = g->tensor[op->out[0]].dim[dimension];
  *a = (weft_axis_t){.out = out, .stride = 1, .from = calloc((size_t)out, sizeof *a->from), .first = calloc((size_t)out, sizeof *a->first),
                     .times = calloc((size_t)out, sizeof *a->times), .group = calloc((size_t)out, sizeof *a->group)};
  if (!a->from || !a->first || !a->times || !a->group) return false;
  for (int o = 0; o < out; o++) {
    a->first[o] = o;
    a->times[o] = 1;
    if (op->code == WEFT_OP_RESIZE_NEAREST_NEIGHBOR) {
      a->from[o].low = weft_resize_nearest(op, in, out, o);
      continue;
    }
    const weft_resize_t r = weft_resize_bilinear(op, in, out, o);
    a->from[o] = (weft_source_t){r.low, r.low == r.high ? 0 : r.weight};     /* at the edge both neighbours are one, and their weights sum to 1 */
  }
  return true;
}

void weft_axis_free(weft_axis_t *a)
{
  free(a->from);
  free(a->first);
  free(a->times);
  free(a->group);
}

void weft_axis_unite(weft_axis_t *a)
{
  int n = 0;
  for (int o = 1; o < a->out; o++) {
    if (a->from[o].low == a->from[n].low && a->from[o].weight == a->from[n].weight) {
      a->times[n]++;
      continue;
    }
    n++;
    a->from[n] = a->from[o];
    a->first[n] = a->first[o];
    a->times[n] = 1;
  }
  a->out = n + 1;
}

/* The group that starts at output o, at most to `end`. */
static weft_axis_group_t group_at(const weft_axis_t *a, int o, int end, int stride, bool one_weight)
{
  const weft_source_t *f = &a->from[o];
  weft_axis_group_t g = {.first = o, .n = 1, .low = f->low, .two = f->weight != 0};
  for (int next = o + stride; next < end; next += stride, g.n++) {
    const weft_source_t *t = &a->from[next];
    const int step = t->low - a->from[next - stride].low;
    if ((t->weight != 0) != g.two || (one_weight && t->weight != f->weight) || (g.n > 1 && step != g.low_step)) break;
    g.low_step = step;
  }
  return g;
}

/* Every residue modulo the stride is a chain of groups. Counts them, and writes them to `to` if that is not NULL. */
static int chains(const weft_axis_t *a, int first, int end, int stride, bool one_weight, weft_axis_group_t *to)
{
  int n = 0;
  for (int r = first; r < end && r < first + stride; r++)
    for (int o = r; o < end;) {
      const weft_axis_group_t g = group_at(a, o, end, stride, one_weight);
      if (to) to[n] = g;
      n++;
      o += g.n * stride;
    }
  return n;
}

void weft_axis_stride(weft_axis_t *a, bool one_weight)
{
  int least = a->out + 1;
  for (int stride = 1; stride <= MAX_STRIDE && stride <= a->out; stride++) {
    const int n = chains(a, 0, a->out, stride, one_weight, NULL);
    if (n < least) {
      least = n;
      a->stride = stride;
    }
  }
}

void weft_axis_group(weft_axis_t *a, int first, int end, bool one_weight) { a->groups = chains(a, first, end, a->stride, one_weight, a->group); }
