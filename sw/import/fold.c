/* SPDX-License-Identifier: Apache-2.0
 *
 * Constant folding with the golden operators: chains that compute a shape from a shape, and weights stored in pieces.
 *
 * Works operator by operator while the graph is read, so that the next operator's check already sees a constant. Results above
 * LIMIT stay with the operator: a small file must not unfold to a large network.
 */
#include "fold.h"

#include <stdlib.h>

#include "golden.h"

enum { LIMIT = 1 << 26 };   /* bytes of one folded tensor */

static size_t bytes_of(const weft_tensor_t *t) { return t->elements * weft_dtype_size(t->type); }

static bool constant(const weft_graph_t *g, const weft_op_t *op) {
  if (op->nout == 0) return false;
  for (int i = 0; i < op->nout; i++)
    if (bytes_of(&g->tensor[op->out[i]]) > LIMIT) return false;
  if (op->code == WEFT_OP_SHAPE) return true;
  for (int i = 0; i < op->nin; i++)
    if (op->in[i] >= 0 && !g->tensor[op->in[i]].data) return false;
  return true;
}

int weft_fold_op(weft_graph_t *g, const weft_op_t *op, bool *folded, weft_msg_t *m) {
  *folded = false;
  if (!constant(g, op)) return WEFT_OK;
  static char unread;        /* SHAPE's input: it is not looked at, but the golden model wants bytes */
  void **data = calloc((size_t)g->ntensors, sizeof *data);
  int err = data ? WEFT_OK : weft_fail(m, WEFT_E_MEMORY, "out of memory");
  for (int i = 0; i < op->nin && !err; i++)
    if (op->in[i] >= 0) data[op->in[i]] = g->tensor[op->in[i]].data ? g->tensor[op->in[i]].data : &unread;
  for (int i = 0; i < op->nout && !err; i++) {
    const weft_tensor_t *t = &g->tensor[op->out[i]];
    if (!(data[op->out[i]] = calloc(bytes_of(t), 1))) err = weft_fail(m, WEFT_E_MEMORY, "no memory for tensor '%.72s'", t->name);
  }
  if (!err) err = weft_golden_op(g, op, data, m);
  for (int i = 0; i < op->nout && data; i++) {
    if (err) free(data[op->out[i]]);
    else g->tensor[op->out[i]].data = data[op->out[i]];
  }
  free(data);
  *folded = !err;
  return err;
}
