/* SPDX-License-Identifier: Apache-2.0
 *
 * Which movements are left out (see joins.h).
 */
#include "joins.h"

#include "lane_program.h"
#include "ops/move.h"
#include "weft_spec.h"

enum { MAX_PARTS = 8 };

static bool graph_output(const weft_graph_t *g, int t)
{
  for (int i = 0; i < g->nout; i++)
    if (g->out[i] == t) return true;
  return false;
}

/* A concatenation of channels in which each part begins on a whole word of the pixel. */
static bool parts_fit(const weft_graph_t *g, const weft_op_t *op)
{
  const weft_tensor_t *y = &g->tensor[op->out[0]];
  if (y->type != WEFT_I8 || y->rank != 4 || op->axis != 3 || op->nin > MAX_PARTS) return false;
  if (y->elements == (size_t)y->dim[3]) return false;              /* one pixel: its parts already live inside it */
  for (int k = 0; k < op->nin; k++) {
    const weft_tensor_t *x = &g->tensor[op->in[k]];
    if (x->variable || (k < op->nin - 1 && x->dim[3] % WEFT_WORD_BYTES)) return false;
  }
  return true;
}

/* Dimension `output` of the result is dimension `input` of what is transposed. */
static bool keeps(const weft_graph_t *g, const weft_op_t *op, int output, int input)
{
  int64_t p = weft_op_number(&g->tensor[op->in[1]], (size_t)output);
  return (p < 0 ? p + g->tensor[op->in[0]].rank : p) == input;
}

static bool stepped_through(const weft_graph_t *g, const weft_op_t *op)
{
  const weft_tensor_t *x = &g->tensor[op->in[0]];
  return op->code == WEFT_OP_TRANSPOSE && x->type == WEFT_I8 && x->rank >= 3 && !x->data && !x->variable;
}

/* Readers need a row or a column of the output whose values are neighbours in the input, */
static bool rows_read(const weft_graph_t *g, const weft_op_t *op)
{
  int last = g->tensor[op->in[0]].rank - 1;
  return stepped_through(g, op) && (keeps(g, op, last, last) || keeps(g, op, last - 1, last));
}

/* writers a row or a column of the input whose values are neighbours in the output. */
static bool rows_written(const weft_graph_t *g, const weft_op_t *op)
{
  int last = g->tensor[op->in[0]].rank - 1;
  return stepped_through(g, op) && (keeps(g, op, last, last) || keeps(g, op, last, last - 1));
}

/* A margin of the zero point around the pixels: what a convolution's own padding does. */
static bool pads_pixels(const weft_graph_t *g, const weft_op_t *op)
{
  const weft_tensor_t *x = &g->tensor[op->in[0]], *amounts = &g->tensor[op->in[1]];
  if (op->code != WEFT_OP_PAD || x->type != WEFT_I8 || x->rank != 4 || x->data || x->variable) return false;
  for (size_t i = 0; i < 2; i++)
    if (weft_op_number(amounts, i) || weft_op_number(amounts, 6 + i)) return false;
  return true;
}

/* Can `op` take t, its input k, as what op `from` would have made it of? */
static bool reads_through(const weft_graph_t *g, const weft_op_t *op, int k, const weft_op_t *from)
{
  if (from->code == WEFT_OP_TRANSPOSE) return op->code == WEFT_OP_BATCH_MATMUL;
  if (from->code == WEFT_OP_PAD) return k == 0 && (op->code == WEFT_OP_CONV_2D || op->code == WEFT_OP_DEPTHWISE_CONV_2D);
  if (op->code != WEFT_OP_CONV_2D || k != 0) return false;
  const weft_tensor_t *w = &g->tensor[op->in[1]];
  return w->data && w->dim[3] == g->tensor[op->in[0]].dim[3];       /* dense */
}

/* Number of the operator that makes t; -1: an input or a constant. */
static int maker(const weft_graph_t *g, int t)
{
  for (int i = 0; i < g->nops; i++)
    for (int k = 0; k < g->op[i].nout; k++)
      if (g->op[i].out[k] == t) return i;
  return -1;
}

static bool convolves(const weft_op_t *op)
{
  return op->code == WEFT_OP_CONV_2D || op->code == WEFT_OP_DEPTHWISE_CONV_2D || op->code == WEFT_OP_FULLY_CONNECTED;
}

static bool pools(const weft_graph_t *g, const weft_op_t *op, int t)
{
  const bool pool = op->code == WEFT_OP_MAX_POOL_2D || op->code == WEFT_OP_AVERAGE_POOL_2D;
  return pool && g->tensor[t].type == WEFT_I8 && g->op[maker(g, t)].code != WEFT_OP_FULLY_CONNECTED;
}

/* Operator `op` as a function of the values of t, alone or with those of a tensor of the same shape that is made before t. */
static bool by_value(const weft_graph_t *g, const weft_op_t *op, int t)
{
  const int by = maker(g, t), operands = weft_lane_operands(op->code);
  if (!convolves(&g->op[by]) || !operands || g->tensor[t].type != WEFT_I8 || g->tensor[op->out[0]].type != WEFT_I8) return false;
  const int single = weft_lane_single(g, op);
  if (single >= 0) return op->in[single] == t;
  if (op->code == WEFT_OP_PRELU) return false;
  const int with = op->in[op->in[0] == t ? 1 : 0];
  const weft_tensor_t *x = &g->tensor[t], *r = &g->tensor[with];
  return r->type == WEFT_I8 && !r->data && !r->variable && r->elements == x->elements && g->tensor[op->out[0]].elements == x->elements && maker(g, with) < by;
}

void weft_joins_find(const weft_graph_t *g, int *made_by, int *kept_by)
{
  for (int t = 0; t < g->ntensors; t++) made_by[t] = kept_by[t] = -1;
  for (int i = 0; i < g->nops; i++) {
    const weft_op_t *op = &g->op[i];
    if ((op->code == WEFT_OP_BATCH_MATMUL || convolves(op)) && !graph_output(g, op->out[0])) kept_by[op->out[0]] = g->nops;      /* nobody reads it so far */
    if (!op->nout || graph_output(g, op->out[0])) continue;
    if ((op->code == WEFT_OP_CONCATENATION && parts_fit(g, op)) || rows_read(g, op) || pads_pixels(g, op)) made_by[op->out[0]] = i;
  }
  for (int i = 0; i < g->nops; i++)
    for (int k = 0; k < g->op[i].nin; k++) {
      const weft_op_t *op = &g->op[i];
      int t = op->in[k];
      if (t < 0) continue;
      if (made_by[t] >= 0 && !reads_through(g, op, k, &g->op[made_by[t]])) made_by[t] = -1;
      if (kept_by[t] < 0) continue;
      const bool one = kept_by[t] == g->nops, product = g->op[maker(g, t)].code == WEFT_OP_BATCH_MATMUL;
      kept_by[t] = one && (product ? rows_written(g, op) : by_value(g, op, t) || pools(g, op, t)) ? i : -1;
    }
  for (int t = 0; t < g->ntensors; t++) {
    if (kept_by[t] == g->nops) kept_by[t] = -1;
    if (kept_by[t] >= 0) made_by[g->op[kept_by[t]].out[0]] = -1;   /* there already: not to be taken from t, which is not made */
  }
}
