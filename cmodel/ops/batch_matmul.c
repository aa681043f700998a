/* SPDX-License-Identifier: Apache-2.0
 *
 * BATCH_MATMUL: [..., rows, depth] times [..., depth, columns], either operand transposed on request, leading dimensions broadcast.
 *
 * Both zero points are subtracted; one factor scales the int32 sums. Operands may be constant or computed. A row of the left operand
 * and a block of columns are gathered so that each output is one contiguous dot product, whatever the transpositions.
 */
#include "ops.h"
#include "quant.h"

enum { DEPTH = 1024, COLUMNS = 16 };   /* values of the common dimension and output columns handled at a time */

const char *weft_op_batch_matmul_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *a = weft_op_in(g, op, 0), *b = weft_op_in(g, op, 1), *y = weft_op_out(g, op);
  const char *bad = weft_op_accept_i8(a);
  if (bad || (bad = weft_op_accept_i8(b)) || (bad = weft_op_accept_i8(y))) return bad;
  if (a->rank < 2 || b->rank < 2) return "operands must have rank 2 or more";
  const int rank = a->rank > b->rank ? a->rank : b->rank;
  if (y->rank != rank) return "output rank must be the larger of the operands'";
  weft_matmul_t m;
  weft_matmul(g, op, &m);
  if (a->dim[a->rank - (op->adj_x ? 2 : 1)] != b->dim[b->rank - (op->adj_y ? 1 : 2)]) return "the operands' common dimensions differ";
  if (y->dim[rank - 2] != m.rows || y->dim[rank - 1] != m.columns) return "the output's last dimensions do not follow from the operands";
  for (int i = 2; i < rank; i++) {   /* leading dimensions, counted from the last */
    const int32_t da = i < a->rank ? a->dim[a->rank - 1 - i] : 1, db = i < b->rank ? b->dim[b->rank - 1 - i] : 1;
    if ((da != db && da != 1 && db != 1) || y->dim[rank - 1 - i] != (da > db ? da : db)) return "leading dimensions cannot be broadcast to the output's";
  }
  return weft_ratio_fits((double)(a->scale[0] * b->scale[0]) / (double)y->scale[0]) ? NULL : "scales a * b must be below 2^30 times the output's";
}

/* One matrix product; a and b point to the operands' matrices, y to the output's. */
static void product(const weft_matmul_t *m, const int8_t *a, const int8_t *b, int8_t *y) {
  int16_t row[DEPTH], col[COLUMNS][DEPTH];
  for (int32_t c0 = 0; c0 < m->columns; c0 += COLUMNS) {
    const int nc = m->columns - c0 < COLUMNS ? m->columns - c0 : COLUMNS;
    for (int32_t r = 0; r < m->rows; r++) {
      int32_t acc[COLUMNS] = {0};
      for (int32_t k0 = 0; k0 < m->depth; k0 += DEPTH) {
        const int len = m->depth - k0 < DEPTH ? m->depth - k0 : DEPTH;
        if (r == 0 || m->depth > DEPTH)   /* the columns stay while they fit */
          for (int c = 0; c < nc; c++)
            for (int k = 0; k < len; k++) col[c][k] = (int16_t)(b[(size_t)(k0 + k) * m->b_depth + (size_t)(c0 + c) * m->b_column] - m->zb);
        for (int k = 0; k < len; k++) row[k] = (int16_t)(a[(size_t)r * m->a_row + (size_t)(k0 + k) * m->a_depth] - m->za);
        for (int c = 0; c < nc; c++) {
          int32_t sum = 0;   /* 1024 products of at most 255 * 255 */
          for (int k = 0; k < len; k++) sum += row[k] * col[c][k];
          acc[c] = weft_wrap_add(acc[c], sum);
        }
      }
      for (int c = 0; c < nc; c++) y[(size_t)r * (size_t)m->columns + (size_t)(c0 + c)] = weft_requant(acc[c], m->q, m->e, m->zo, INT8_MIN, INT8_MAX);
    }
  }
}

void weft_op_batch_matmul_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *ta = weft_op_in(g, op, 0), *tb = weft_op_in(g, op, 1), *ty = weft_op_out(g, op);
  weft_matmul_t m;
  weft_matmul(g, op, &m);
  const int8_t *a = data[op->in[0]], *b = data[op->in[1]];
  int8_t *y = data[op->out[0]];
  const size_t size_a = (size_t)m.rows * (size_t)m.depth, size_b = (size_t)m.depth * (size_t)m.columns, size_y = (size_t)m.rows * (size_t)m.columns;
  /* Number of each matrix among the operand's own: an odometer over the output's leading dimensions. */
  for (size_t i = 0; i < ty->elements / size_y; i++) {
    size_t rest = i, na = 0, nb = 0, step_a = 1, step_b = 1;
    for (int d = 2; d < ty->rank; d++) {
      const size_t at = rest % (size_t)ty->dim[ty->rank - 1 - d];
      rest /= (size_t)ty->dim[ty->rank - 1 - d];
      const size_t da = d < ta->rank ? (size_t)ta->dim[ta->rank - 1 - d] : 1, db = d < tb->rank ? (size_t)tb->dim[tb->rank - 1 - d] : 1;
      na += da == 1 ? 0 : at * step_a;
      nb += db == 1 ? 0 : at * step_b;
      step_a *= da;
      step_b *= db;
    }
    product(&m, a + na * size_a, b + nb * size_b, y + i * size_y);
  }
}
