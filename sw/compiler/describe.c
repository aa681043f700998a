/* SPDX-License-Identifier: Apache-2.0
 *
 * What an operator does, in a few characters, for the table of layers.
 */
#include <stdio.h>

#include "emit.h"

void weft_describe(const weft_graph_t *g, const weft_op_t *op, char *to, size_t size)
{
  int in = op->code == WEFT_OP_TRANSPOSE_CONV ? 2 : op->code == WEFT_OP_SPLIT;       /* shape and axis come first there */
  const weft_tensor_t *x[2] = {op->nin > in && op->in[in] >= 0 ? &g->tensor[op->in[in]] : NULL, op->nout ? &g->tensor[op->out[0]] : NULL};
  size_t n = 0;
  for (int k = 0; k < 2; k++) {
    if (!x[k]) continue;
    if (k) n += (size_t)snprintf(to + n, size - n, " -> ");
    for (int i = 0; i < x[k]->rank && n < size; i++) n += (size_t)snprintf(to + n, size - n, "%s%d", i ? "x" : "", (int)x[k]->dim[i]);
    if (n >= size) n = size - 1;
  }
  bool conv = op->code == WEFT_OP_CONV_2D || op->code == WEFT_OP_DEPTHWISE_CONV_2D;
  bool pool = op->code == WEFT_OP_AVERAGE_POOL_2D || op->code == WEFT_OP_MAX_POOL_2D;
  if (conv) snprintf(to + n, size - n, " %dx%d/%d", (int)g->tensor[op->in[1]].dim[1], (int)g->tensor[op->in[1]].dim[2], op->stride_h);
  if (pool) snprintf(to + n, size - n, " %dx%d/%d", op->filter_h, op->filter_w, op->stride_h);
}
