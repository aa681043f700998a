/* SPDX-License-Identifier: Apache-2.0
 *
 * Which concatenations are read part by part (see joins.h). Each part must begin on a whole word of the pixel.
 */
#include "joins.h"

#include "weft_spec.h"

enum { MAX_PARTS = 8 };

static bool parts_fit(const weft_graph_t *g, const weft_op_t *op)
{
  const weft_tensor_t *y = &g->tensor[op->out[0]];
  if (op->code != WEFT_OP_CONCATENATION || y->type != WEFT_I8 || y->rank != 4 || op->axis != 3 || op->nin > MAX_PARTS) return false;
  if (y->elements == (size_t)y->dim[3]) return false;              /* one pixel: its parts already live inside it */
  for (int k = 0; k < op->nin; k++) {
    const weft_tensor_t *x = &g->tensor[op->in[k]];
    if (x->variable || (k < op->nin - 1 && x->dim[3] % WEFT_WORD_BYTES)) return false;
  }
  for (int i = 0; i < g->nout; i++)
    if (g->out[i] == op->out[0]) return false;
  return true;
}

/* A dense convolution with t as its ifmap and nothing else. */
static bool takes_parts(const weft_graph_t *g, const weft_op_t *op, int t)
{
  if (op->code != WEFT_OP_CONV_2D || op->in[0] != t) return false;
  const weft_tensor_t *w = &g->tensor[op->in[1]];
  return w->data && w->dim[3] == g->tensor[t].dim[3];
}

void weft_joins_find(const weft_graph_t *g, int *join)
{
  for (int t = 0; t < g->ntensors; t++) join[t] = -1;
  for (int i = 0; i < g->nops; i++)
    if (parts_fit(g, &g->op[i])) join[g->op[i].out[0]] = i;
  for (int i = 0; i < g->nops; i++)
    for (int k = 0; k < g->op[i].nin; k++) {
      int t = g->op[i].in[k];
      if (t >= 0 && join[t] >= 0 && !(k == 0 && takes_parts(g, &g->op[i], t))) join[t] = -1;
    }
}
