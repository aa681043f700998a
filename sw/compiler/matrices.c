/* SPDX-License-Identifier: Apache-2.0
 *
 * Strides of matrices (see matrices.h), from the golden operators' geometry.
 */
#include "matrices.h"

#include "ops/move.h"

void weft_matrices_dense(const weft_graph_t *g, int t, weft_matrices_t *m)
{
  const weft_tensor_t *x = &g->tensor[t];
  int64_t size = (int64_t)x->dim[x->rank - 1] * x->dim[x->rank - 2];
  *m = (weft_matrices_t){.tensor = t, .pitch = x->dim[x->rank - 1]};
  for (int d = 2; d < x->rank; d++) {
    m->step[d - 2] = x->dim[x->rank - 1 - d] > 1 ? size : 0;
    size *= x->dim[x->rank - 1 - d];
  }
}

void weft_matrices_through(const weft_graph_t *g, const weft_op_t *op, weft_matrices_t *m)
{
  weft_move_t v;
  weft_transpose_move(g, op, &v);
  *m = (weft_matrices_t){.tensor = op->in[0], .turned = v.from[v.rank - 1] != 1};
  m->pitch = v.from[v.rank - (m->turned ? 1 : 2)];
  for (int d = 2; d < v.rank; d++) m->step[d - 2] = v.n[v.rank - 1 - d] > 1 ? v.from[v.rank - 1 - d] : 0;
}

void weft_matrices_onto(const weft_graph_t *g, const weft_op_t *op, weft_matrices_t *m)
{
  const weft_tensor_t *perm = &g->tensor[op->in[1]];
  int64_t row = 0, column = 0;
  weft_move_t v;
  weft_transpose_move(g, op, &v);
  *m = (weft_matrices_t){.tensor = op->out[0]};
  for (int i = 0; i < v.rank; i++) {
    int64_t p = weft_op_number(perm, (size_t)i), d = v.rank - 1 - (p < 0 ? p + v.rank : p);       /* the product's dimension, from the last */
    if (d == 0) column = v.to[i];
    if (d == 1) row = v.to[i];
    if (d >= 2) m->step[d - 2] = v.n[i] > 1 ? v.to[i] : 0;
    if (i == v.rank - 1) m->turned = d == 1;
  }
  m->pitch = m->turned ? column : row;
}

int64_t weft_matrix_at(const weft_tensor_t *y, const weft_matrices_t *m, int i)
{
  int64_t at = 0;
  for (int d = 2; d < y->rank; d++) {
    int n = y->dim[y->rank - 1 - d];
    at += i % n * m->step[d - 2];
    i /= n;
  }
  return at;
}
