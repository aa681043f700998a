/* SPDX-License-Identifier: Apache-2.0
 *
 * Shapes of two operands to loops, and the odometer over them.
 */
#include "broadcast.h"

#include "ops.h"

/* Dimension i of t counted from the last, as if t had infinitely many leading ones. */
static int32_t dim_from_end(const weft_tensor_t *t, int i) { return i < t->rank ? t->dim[t->rank - 1 - i] : 1; }

bool weft_broadcast(const weft_tensor_t *a, const weft_tensor_t *b, const weft_tensor_t *y, weft_broadcast_t *to) {
  if (y->rank != (a->rank > b->rank ? a->rank : b->rank)) return false;
  *to = (weft_broadcast_t){.loops = 0};
  size_t na = 1, nb = 1;   /* values of each input in the dimensions seen so far */
  for (int i = 0; i < y->rank; i++) {
    const int32_t da = dim_from_end(a, i), db = dim_from_end(b, i), dy = dim_from_end(y, i);
    if ((da != db && da != 1 && db != 1) || dy != (da == 1 ? db : da)) return false;
    if (dy == 1) continue;
    const size_t step_a = da == 1 ? 0 : na, step_b = db == 1 ? 0 : nb;
    const int k = to->loops - 1;
    if (k >= 0 && step_a == to->step_a[k] * to->n[k] && step_b == to->step_b[k] * to->n[k]) {
      to->n[k] *= (size_t)dy;   /* goes on where the loop inside it ends */
    } else {
      to->n[to->loops] = (size_t)dy;
      to->step_a[to->loops] = step_a;
      to->step_b[to->loops++] = step_b;
    }
    na *= (size_t)da;
    nb *= (size_t)db;
  }
  if (to->loops == 0) *to = (weft_broadcast_t){.loops = 1, .n = {1}, .step_a = {1}, .step_b = {1}};
  return true;
}

const char *weft_broadcast_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *a = weft_op_in(g, op, 0), *b = weft_op_in(g, op, 1), *y = weft_op_out(g, op);
  const char *bad = weft_op_accept_i8(a);
  if (bad || (bad = weft_op_accept_i8(b)) || (bad = weft_op_accept_i8(y))) return bad;
  weft_broadcast_t loops;
  return weft_broadcast(a, b, y, &loops) ? NULL : "input shapes cannot be broadcast to the output's";
}

void weft_broadcast_run(const weft_graph_t *g, const weft_op_t *op, void *const *data, weft_broadcast_row_t row, const void *context) {
  const weft_tensor_t *y = weft_op_out(g, op);
  const int8_t *a = data[op->in[0]], *b = data[op->in[1]];
  int8_t *to = data[op->out[0]];
  weft_broadcast_t l;
  if (!weft_broadcast(weft_op_in(g, op, 0), weft_op_in(g, op, 1), y, &l)) return;   /* accept() has seen that it fits */
  size_t at[WEFT_MAX_RANK] = {0};   /* counts of the loops outside the innermost */
  for (size_t done = 0; done < y->elements; done += l.n[0]) {
    row(context, a, l.step_a[0], b, l.step_b[0], to + done, l.n[0]);
    for (int i = 1; i < l.loops; i++) {
      a += l.step_a[i];
      b += l.step_b[i];
      if (++at[i] < l.n[i]) break;
      a -= l.step_a[i] * l.n[i];
      b -= l.step_b[i] * l.n[i];
      at[i] = 0;
    }
  }
}
