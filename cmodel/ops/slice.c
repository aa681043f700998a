/* SPDX-License-Identifier: Apache-2.0
 *
 * SLICE and STRIDED_SLICE: a box of the input, in STRIDED_SLICE every n-th element of it, backwards with negative strides.
 *
 * Masks of STRIDED_SLICE, bit i for entry i of begin, end, strides: begin and end leave the bound out (the whole axis), shrink takes the one
 * index `begin` and drops the axis, new_axis is an output dimension of size 1, ellipsis stands for all axes that no other entry names.
 */
#include "move.h"

/* Of each input axis: first index, distance, number of indexes. */
typedef struct { int64_t first[WEFT_MAX_RANK], step[WEFT_MAX_RANK], n[WEFT_MAX_RANK]; } box_t;

static int64_t clamp(int64_t v, int64_t lo, int64_t hi) { return v < lo ? lo : v > hi ? hi : v; }

static void one_axis(const weft_op_t *op, int entry, int64_t begin, int64_t end, int64_t step, int64_t dim, box_t *box, int axis) {
  const int64_t far = INT64_C(1) << 40;        /* beyond any index: sums stay exact */
  begin = clamp(begin, -far, far);
  end = clamp(end, -far, far);
  const int64_t lo = step > 0 ? 0 : -1, hi = step > 0 ? dim : dim - 1;
  int64_t first = begin < 0 ? begin + dim : begin;
  if (op->begin_mask >> entry & 1) first = step > 0 ? 0 : dim - 1;
  first = clamp(first, lo, hi);
  int64_t last = end;
  if (op->offset) last += first;
  else if (last < 0) last += dim;
  if (op->end_mask >> entry & 1) last = step > 0 ? dim : -1;
  last = clamp(last, lo, hi);
  box->first[axis] = first;
  box->step[axis] = step;
  box->n[axis] = step > 0 ? (last - first + step - 1) / step : (first - last - step - 1) / -step;
  if (op->shrink_axis_mask >> entry & 1) box->n[axis] = first >= 0 && first < dim;
  if (box->n[axis] < 0) box->n[axis] = 0;
}

static const char *find_box(const weft_graph_t *g, const weft_op_t *op, box_t *box) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *b = weft_op_in(g, op, 1), *s = weft_op_in(g, op, 2);
  if (op->code == WEFT_OP_SLICE) {
    if (!weft_op_numbers(b, (size_t)x->rank) || !weft_op_numbers(s, (size_t)x->rank)) return "begin and size must be constant, one for each dimension";
    for (int i = 0; i < x->rank; i++) {
      const int64_t first = weft_op_number(b, (size_t)i), n = weft_op_number(s, (size_t)i);
      if (first < 0 || first > x->dim[i] || n < -1 || n > x->dim[i] - first) return "begin and size must lie inside the input";
      box->first[i] = first;
      box->step[i] = 1;
      box->n[i] = n < 0 ? x->dim[i] - first : n;
    }
    return NULL;
  }
  const weft_tensor_t *t = weft_op_in(g, op, 3);
  const size_t entries = b->elements;
  if (entries > 16 || !weft_op_numbers(b, entries) || !weft_op_numbers(s, entries) || !weft_op_numbers(t, entries))
    return "begin, end and strides must be constant, one for each axis";
  int named = 0, axis = 0, ellipsis = -1;
  for (int i = 0; i < (int)entries; i++) {
    if (op->ellipsis_mask >> i & 1 && ellipsis < 0) ellipsis = i;
    else if (!(op->new_axis_mask >> i & 1)) named++;
  }
  if (named > x->rank) return "it names more axes than the input has";
  for (int i = 0; i < (int)entries; i++) {
    if (i == ellipsis) {
      for (int k = named; k < x->rank; k++, axis++) box->first[axis] = 0, box->step[axis] = 1, box->n[axis] = x->dim[axis];
      continue;
    }
    if (op->new_axis_mask >> i & 1) continue;
    const int64_t step = weft_op_number(t, (size_t)i);
    if (step == 0 || step < INT32_MIN || step > INT32_MAX) return "strides must not be 0";
    if (op->shrink_axis_mask >> i & 1 && step < 0) return "an axis that is dropped needs a stride above 0";
    one_axis(op, i, weft_op_number(b, (size_t)i), weft_op_number(s, (size_t)i), step, x->dim[axis], box, axis);
    axis++;
  }
  for (; axis < x->rank; axis++) box->first[axis] = 0, box->step[axis] = 1, box->n[axis] = x->dim[axis];
  return NULL;
}

const char *weft_op_slice_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  box_t box;
  const char *bad = weft_op_accept_moved(x, y);
  if (bad || (bad = find_box(g, op, &box))) return bad;
  int64_t n = 1;
  for (int i = 0; i < x->rank; i++) n *= box.n[i];
  return n == (int64_t)y->elements ? NULL : "the output's size does not follow from input, bounds and masks";
}

int64_t weft_slice_move(const weft_graph_t *g, const weft_op_t *op, weft_move_t *v) {
  const weft_tensor_t *x = weft_op_in(g, op, 0);
  box_t box;
  int64_t stride[WEFT_MAX_RANK], start = 0, n = 1;
  *v = (weft_move_t){.rank = x->rank};
  find_box(g, op, &box);
  weft_move_strides(x, stride);
  for (int i = x->rank - 1; i >= 0; i--) {
    start += box.first[i] * stride[i];
    v->n[i] = box.n[i];
    v->from[i] = box.step[i] * stride[i];
    v->to[i] = n;
    n *= box.n[i];
  }
  return start;
}

void weft_op_slice_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const size_t size = weft_dtype_size(weft_op_in(g, op, 0)->type);
  weft_move_t v;
  const int64_t start = weft_slice_move(g, op, &v);
  weft_move(&v, (const unsigned char *)data[op->in[0]] + start * (int64_t)size, data[op->out[0]], size);
}
