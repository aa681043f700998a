/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks that several operators' accept() share.
 */
#include "ops.h"

const char *weft_op_accept_i8(const weft_tensor_t *t) {
  if (t->type != WEFT_I8) return "feature maps must be INT8";
  return t->nscale == 1 ? NULL : "feature maps need one scale and zero point";
}

bool weft_op_same_shape(const weft_tensor_t *a, const weft_tensor_t *b) {
  bool same = a->rank == b->rank;
  for (int i = 0; same && i < a->rank; i++) same = a->dim[i] == b->dim[i];
  return same;
}

const char *weft_op_accept_weights(const weft_graph_t *g, const weft_op_t *op, int qdim) {
  const weft_tensor_t *w = weft_op_in(g, op, 1), *y = weft_op_out(g, op);
  if (w->type != WEFT_I8) return "weights must be INT8";
  const int32_t channels = w->dim[qdim];
  if (w->nscale != 1 && (w->nscale != channels || w->qdim != qdim)) return "weights need one scale, or one for each output channel";
  if (y->rank < 1 || y->dim[y->rank - 1] != channels) return "output channels differ from the weights'";
  if (!weft_op_has(op, 2)) return NULL;
  const weft_tensor_t *b = weft_op_in(g, op, 2);
  return b->type == WEFT_I32 && b->elements == (size_t)channels ? NULL : "bias must be one INT32 for each output channel";
}
