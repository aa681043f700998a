/* SPDX-License-Identifier: Apache-2.0
 *
 * CONCATENATION, PACK: several tensors of one shape (but for the axis) behind one another.
 *
 * Bytes are copied. No rescaling exists for INT8 and INT16, so every input must have the output's quantisation; the reference kernels
 * refuse anything else too (UINT8, which they rescale, is accepted here only with equal scales).
 */
#include <string.h>

#include "move.h"

/* Each input is [outer, its size along the axis * inner]; PACK's have size 1 along an axis that they do not show. */
static size_t outer_of(const weft_tensor_t *y, const weft_op_t *op) { return weft_op_outer(y, op->axis); }

const char *weft_op_concatenation_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *y = weft_op_out(g, op);
  const bool pack = op->code == WEFT_OP_PACK;
  int64_t along = 0;
  if (op->act != WEFT_ACT_NONE) return "no fused activation exists for it";
  if (op->axis >= y->rank) return "the axis is not one of the output's";
  for (int k = 0; k < op->nin; k++) {
    if (op->in[k] < 0) return "an input is absent";
    const weft_tensor_t *x = weft_op_in(g, op, k);
    const char *bad = weft_op_accept_moved(x, y);
    if (bad) return bad;
    if (!weft_op_same_quant(x, y)) return "every input must have the output's scale and zero point (there is no rescaling)";
    if (x->rank + pack != y->rank) return pack ? "the output has one dimension more than the inputs" : "all ranks must be equal";
    for (int i = 0; i < y->rank; i++) {
      if (i == op->axis) continue;
      if (x->dim[i - (pack && i > op->axis)] != y->dim[i]) return "input shapes must agree with the output's beside the axis";
    }
    along += pack ? 1 : x->dim[op->axis];
  }
  return along == y->dim[op->axis] ? NULL : "the inputs' sizes along the axis must add up to the output's";
}

void weft_op_concatenation_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *y = weft_op_out(g, op);
  const size_t size = weft_dtype_size(y->type), outer = outer_of(y, op), row = y->elements / outer * size;
  unsigned char *to = data[op->out[0]];
  for (int k = 0; k < op->nin; k++) {
    const size_t part = weft_op_in(g, op, k)->elements / outer * size;
    const unsigned char *from = data[op->in[k]];
    for (size_t i = 0; i < outer; i++) memcpy(to + i * row, from + i * part, part);
    to += part;
  }
}
