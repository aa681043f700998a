/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks that several operators' accept() share.
 */
#include "ops.h"
#include "quant.h"

const char *weft_op_accept_i8(const weft_tensor_t *t) {
  if (t->type != WEFT_I8) return "feature maps must be INT8";
  return t->nscale == 1 ? NULL : "feature maps need one scale and zero point";
}

bool weft_op_same_shape(const weft_tensor_t *a, const weft_tensor_t *b) {
  bool same = a->rank == b->rank;
  for (int i = 0; same && i < a->rank; i++) same = a->dim[i] == b->dim[i];
  return same;
}

const char *weft_op_accept_filter(const weft_tensor_t *w, const weft_tensor_t *bias, const weft_tensor_t *y, int qdim) {
  if (w->type != WEFT_I8) return "weights must be INT8";
  const int32_t channels = w->dim[qdim];
  if (w->nscale != 1 && (w->nscale != channels || w->qdim != qdim)) return "weights need one scale, or one for each output channel";
  if (y->rank < 1 || y->dim[y->rank - 1] != channels) return "output channels differ from the weights'";
  return !bias || (bias->type == WEFT_I32 && bias->elements == (size_t)channels) ? NULL : "bias must be one INT32 for each output channel";
}

const char *weft_op_accept_weights(const weft_graph_t *g, const weft_op_t *op, int qdim) {
  return weft_op_accept_filter(weft_op_in(g, op, 1), weft_op_has(op, 2) ? weft_op_in(g, op, 2) : NULL, weft_op_out(g, op), qdim);
}

const char *weft_op_accept_factors(const weft_graph_t *g, const weft_op_t *op, int channels) {
  for (int i = 0; i < channels; i++)
    if (!weft_ratio_fits(weft_conv_factor(g, op, i))) return "input scale * weight scale must be below 2^30 times the output's";
  return weft_op_accept_act(op, weft_op_out(g, op));
}

const char *weft_op_accept_act(const weft_op_t *op, const weft_tensor_t *y) {
  const float top = op->act == WEFT_ACT_RELU6 ? 6.0f : op->act == WEFT_ACT_RELU_N1_TO_1 ? 1.0f : 0.0f;
  return top / y->scale[0] < 1073741824.0f ? NULL : "the output's scale is too small for the bounds of its fused activation (6 or 1 within 2^30 steps)";
}
