/* SPDX-License-Identifier: Apache-2.0
 *
 * ADD of two int8 tensors, with fused activation and with broadcasting of dimensions of size 1.
 *
 * Both inputs are brought to a common scale with 20 fraction bits, added, and scaled to the output. Each input has only 256
 * values, so the first two steps are tables made once a call.
 */
#include "ops.h"
#include "quant.h"

/* Dimension i of t counted from the last, as if t had infinitely many leading ones. */
static int32_t dim_from_end(const weft_tensor_t *t, int i) { return i < t->rank ? t->dim[t->rank - 1 - i] : 1; }

const char *weft_op_add_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *a = weft_op_in(g, op, 0), *b = weft_op_in(g, op, 1), *y = weft_op_out(g, op);
  const char *bad = weft_op_accept_i8(a);
  if (bad || (bad = weft_op_accept_i8(b)) || (bad = weft_op_accept_i8(y))) return bad;
  if (y->rank != (a->rank > b->rank ? a->rank : b->rank)) return "output rank must be the larger of the inputs'";
  for (int i = 0; i < y->rank; i++) {
    const int32_t da = dim_from_end(a, i), db = dim_from_end(b, i);
    if ((da != db && da != 1 && db != 1) || dim_from_end(y, i) != (da > db ? da : db)) return "input shapes cannot be broadcast to the output's";
  }
  return NULL;
}

/* Table of M2((v - zero) << 20, q, e) indexed by v's byte. */
static void fill(int32_t *table, int32_t zero, int32_t q, int e) {
  for (int v = INT8_MIN; v <= INT8_MAX; v++) table[(uint8_t)v] = weft_m2((v - zero) * (1 << WEFT_ADD_SHIFT), q, e);
}

void weft_op_add_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *a = weft_op_in(g, op, 0), *b = weft_op_in(g, op, 1), *y = weft_op_out(g, op);
  const uint8_t *pa = data[op->in[0]], *pb = data[op->in[1]];
  int8_t *to = data[op->out[0]];
  const int32_t zo = y->zero[0];
  weft_add_params_t p;
  int32_t ta[256], tb[256], lo, hi;
  weft_add_params(g, op, &p);
  weft_act_bounds(g, op, &lo, &hi);
  fill(ta, a->zero[0], p.qa, p.ea);
  fill(tb, b->zero[0], p.qb, p.eb);

  if (weft_op_same_shape(a, b)) {
    for (size_t i = 0; i < y->elements; i++) to[i] = weft_requant(ta[pa[i]] + tb[pb[i]], p.qo, p.eo, zo, lo, hi);
    return;
  }
  /* Odometer over the output, last dimension fastest; a broadcast dimension has step 0. */
  size_t step_a[WEFT_MAX_RANK], step_b[WEFT_MAX_RANK], na = 1, nb = 1, ia = 0, ib = 0;
  int32_t at[WEFT_MAX_RANK] = {0};
  for (int i = 0; i < y->rank; i++) {
    const int32_t da = dim_from_end(a, i), db = dim_from_end(b, i);
    step_a[i] = da == 1 ? 0 : na;
    step_b[i] = db == 1 ? 0 : nb;
    na *= (size_t)da;
    nb *= (size_t)db;
  }
  for (size_t k = 0; k < y->elements; k++) {
    to[k] = weft_requant(ta[pa[ia]] + tb[pb[ib]], p.qo, p.eo, zo, lo, hi);
    for (int i = 0; i < y->rank; i++) {
      ia += step_a[i];
      ib += step_b[i];
      if (++at[i] < dim_from_end(y, i)) break;
      ia -= step_a[i] * (size_t)at[i];
      ib -= step_b[i] * (size_t)at[i];
      at[i] = 0;
    }
  }
}
