/* SPDX-License-Identifier: Apache-2.0
 *
 * TRANSPOSE by any constant permutation: output dimension i is input dimension perm[i].
 */
#include "move.h"

const char *weft_op_transpose_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *perm = weft_op_in(g, op, 1), *y = weft_op_out(g, op);
  const char *bad = weft_op_accept_moved(x, y);
  if (bad) return bad;
  if (x->rank != y->rank || !weft_op_numbers(perm, (size_t)x->rank)) return "the permutation must be constant, one entry for each dimension";
  unsigned seen = 0;
  for (int i = 0; i < x->rank; i++) {
    const int64_t p = weft_op_number(perm, (size_t)i), from = p < 0 ? p + x->rank : p;
    if (from < 0 || from >= x->rank || seen >> from & 1) return "the permutation must name each dimension once";
    seen |= 1u << from;
    if (y->dim[i] != x->dim[from]) return "the output's shape must be the permuted input's";
  }
  return NULL;
}

void weft_transpose_move(const weft_graph_t *g, const weft_op_t *op, weft_move_t *v) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *perm = weft_op_in(g, op, 1), *y = weft_op_out(g, op);
  int64_t from[WEFT_MAX_RANK], to[WEFT_MAX_RANK];
  *v = (weft_move_t){.rank = x->rank};
  weft_move_strides(x, from);
  weft_move_strides(y, to);
  for (int i = 0; i < x->rank; i++) {
    const int64_t p = weft_op_number(perm, (size_t)i);
    v->n[i] = y->dim[i];
    v->from[i] = from[p < 0 ? p + x->rank : p];
    v->to[i] = to[i];
  }
}

void weft_op_transpose_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  weft_move_t v;
  weft_transpose_move(g, op, &v);
  weft_move(&v, data[op->in[0]], data[op->out[0]], weft_dtype_size(weft_op_in(g, op, 0)->type));
}
