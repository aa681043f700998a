/* SPDX-License-Identifier: Apache-2.0
 *
 * SPLIT, SPLIT_V, UNPACK: one tensor in pieces along an axis; bytes are copied.
 *
 * SPLIT has inputs (axis, x) and equal pieces, SPLIT_V (x, sizes, axis), UNPACK drops the axis, of which each output is one index.
 */
#include <string.h>

#include "move.h"

const weft_tensor_t *weft_split_whole(const weft_graph_t *g, const weft_op_t *op) { return weft_op_in(g, op, op->code == WEFT_OP_SPLIT); }

int weft_split_axis(const weft_graph_t *g, const weft_op_t *op) {
  const int rank = weft_split_whole(g, op)->rank;
  if (op->code == WEFT_OP_UNPACK) return op->axis < rank ? op->axis : -1;
  return weft_op_axis(weft_op_in(g, op, op->code == WEFT_OP_SPLIT ? 0 : 2), rank);
}

const char *weft_op_split_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_split_whole(g, op);
  const bool unpack = op->code == WEFT_OP_UNPACK;
  if (op->nin != (unpack ? 1 : op->code == WEFT_OP_SPLIT ? 2 : 3)) return "wrong number of inputs";
  const int axis = weft_split_axis(g, op);
  if (axis < 0) return "the axis must be a constant INT32, one of the input's";
  if (op->code == WEFT_OP_SPLIT_V && !weft_op_numbers(weft_op_in(g, op, 1), (size_t)op->nout)) return "the sizes must be constant, one for each output";
  int64_t along = 0;
  bool open = false;
  for (int k = 0; k < op->nout; k++) {
    const weft_tensor_t *y = &g->tensor[op->out[k]];
    const char *bad = weft_op_accept_moved(x, y);
    if (bad) return bad;
    if (y->rank + unpack != x->rank) return unpack ? "outputs have one dimension less than the input" : "all ranks must be equal";
    for (int i = 0; i < x->rank; i++)
      if (i != axis && y->dim[i - (unpack && i > axis)] != x->dim[i]) return "output shapes must agree with the input's beside the axis";
    const int32_t size = unpack ? 1 : y->dim[axis];
    if (op->code == WEFT_OP_SPLIT && size != weft_op_in(g, op, 1)->dim[axis] / op->nout) return "outputs must have equal sizes along the axis";
    if (op->code == WEFT_OP_SPLIT_V) {
      const int64_t want = weft_op_number(weft_op_in(g, op, 1), (size_t)k);
      if (want == -1 && !open) open = true;            /* one size may be left open: what remains */
      else if (want != size) return "output sizes must be the ones that the second input names";
    }
    along += size;
  }
  return along == x->dim[axis] ? NULL : "the outputs' sizes along the axis must add up to the input's";
}

void weft_op_split_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *x = weft_split_whole(g, op);
  const size_t size = weft_dtype_size(x->type), outer = weft_op_outer(x, weft_split_axis(g, op)), row = x->elements / outer * size;
  const unsigned char *from = data[op->in[op->code == WEFT_OP_SPLIT]];
  for (int k = 0; k < op->nout; k++) {
    const size_t part = g->tensor[op->out[k]].elements / outer * size;
    unsigned char *to = data[op->out[k]];
    for (size_t i = 0; i < outer; i++) memcpy(to + i * part, from + i * row, part);
    from += part;
  }
}
