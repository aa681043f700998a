/* SPDX-License-Identifier: Apache-2.0
 *
 * MEAN, SUM and REDUCE_MAX of an int8 tensor over any of its dimensions, with or without keeping them as ones.
 *
 * Sums are exact int32; the mean's division is part of the requantisation factor (weft_mean_params). REDUCE_MAX moves raw bytes. SUM
 * follows TFLM: LiteRT 1.2.0's kernel takes int8 for uint8.
 * Neighbouring dimensions of the same kind are one dimension here, so that the inner loops are long.
 */
#include "ops.h"
#include "quant.h"

enum { BLOCK = 256 };            /* neighbouring outputs handled at a time */
enum { MOST = 1 << 23 };         /* values in one output: 255 * MOST is an int32 */

/* Input dimensions after merging, outermost first; `reduced` alternates. */
typedef struct { int n; size_t dim[WEFT_MAX_RANK], step[WEFT_MAX_RANK]; bool reduced[WEFT_MAX_RANK]; } view_t;

static view_t merge(const weft_tensor_t *x, unsigned axes) {
  view_t v = {0};
  for (int i = 0; i < x->rank; i++) {
    const bool reduced = axes >> i & 1;
    if (v.n == 0 || v.reduced[v.n - 1] != reduced) {
      v.dim[v.n] = 1;
      v.reduced[v.n++] = reduced;
    }
    v.dim[v.n - 1] *= (size_t)x->dim[i];
  }
  if (v.n == 0) v = (view_t){.n = 1, .dim = {1}};   /* a scalar */
  size_t step = 1;
  for (int i = v.n - 1; i >= 0; i--) {
    v.step[i] = step;
    step *= v.dim[i];
  }
  return v;
}

const char *weft_op_reduce_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op), *axis = weft_op_in(g, op, 1);
  const char *bad = weft_op_accept_i8(x);
  if (bad || (bad = weft_op_accept_i8(y))) return bad;
  if (axis->type != WEFT_I32 || !axis->data) return "axes must be constant INT32";
  for (size_t i = 0; x->rank > 0 && i < axis->elements; i++) {
    const int32_t a = ((const int32_t *)axis->data)[i];
    if (a < -x->rank || a >= x->rank) return "an axis is not among the input's dimensions";
  }
  const unsigned axes = weft_reduce_axes(g, op);
  int rank = 0;
  bool same = true;
  for (int i = 0; i < x->rank; i++) {
    if (axes >> i & 1 && !op->keep_dims) continue;
    same = same && rank < y->rank && y->dim[rank] == (axes >> i & 1 ? 1 : x->dim[i]);
    rank++;
  }
  if (!same || rank != y->rank) return "the output's shape does not follow from input, axes and keep_dims";
  if (weft_reduce_count(g, op) > MOST) return "more than 2^23 values for one output";
  if (op->code == WEFT_OP_REDUCE_MAX) return x->scale[0] == y->scale[0] && x->zero[0] == y->zero[0] ? NULL : "input and output need one scale and zero point";
  return weft_ratio_fits((double)x->scale[0] / (double)y->scale[0]) ? NULL : "the input's scale must be below 2^30 times the output's";
}

/* Reduces one block of `len` outputs whose first inputs stand at x. */
static void block(const view_t *v, const int8_t *x, int len, bool max, int32_t *acc) {
  const int last = v->n - 1;
  const size_t run = v->reduced[last] ? v->dim[last] : 1;   /* neighbouring values of one output; then len is 1 */
  size_t at[WEFT_MAX_RANK] = {0};
  for (int i = 0; i < len; i++) acc[i] = max ? INT8_MIN : 0;
  for (;;) {
    for (size_t r = 0; r < run; r++)
      for (int i = 0; i < len; i++) {
        const int8_t value = x[r + (size_t)i];
        if (!max) acc[i] += value;
        else if (value > acc[i]) acc[i] = value;
      }
    int d = last - 1;
    for (; d >= 0; d--) {   /* next position among the reduced dimensions, the last one aside */
      if (!v->reduced[d]) continue;
      x += v->step[d];
      if (++at[d] < v->dim[d]) break;
      x -= v->step[d] * at[d];
      at[d] = 0;
    }
    if (d < 0) return;
  }
}

void weft_op_reduce_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *t = weft_op_in(g, op, 0), *out = weft_op_out(g, op);
  const view_t v = merge(t, weft_reduce_axes(g, op));
  const int last = v.n - 1;
  const int32_t zx = t->zero[0], zo = out->zero[0];
  const bool max = op->code == WEFT_OP_REDUCE_MAX;
  int32_t n, q, acc[BLOCK];
  int e;
  weft_mean_params(g, op, &n, &q, &e);

  const int8_t *x = data[op->in[0]];
  int8_t *y = data[op->out[0]];
  const size_t inner = v.reduced[last] ? 1 : v.dim[last];   /* neighbouring outputs that share one walk */
  size_t at[WEFT_MAX_RANK] = {0};
  for (int d = 0; d >= 0;) {
    for (size_t first = 0; first < inner; first += BLOCK) {
      const int len = inner - first < BLOCK ? (int)(inner - first) : BLOCK;
      block(&v, x + first, len, max, acc);
      for (int i = 0; i < len; i++)
        *y++ = max ? (int8_t)acc[i] : weft_requant(acc[i] - zx * n, q, e, zo, INT8_MIN, INT8_MAX);
    }
    for (d = last - 1; d >= 0; d--) {
      if (v.reduced[d]) continue;
      x += v.step[d];
      if (++at[d] < v.dim[d]) break;
      x -= v.step[d] * at[d];
      at[d] = 0;
    }
  }
}
