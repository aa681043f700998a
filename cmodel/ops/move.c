/* SPDX-License-Identifier: Apache-2.0
 *
 * The strided copy behind every operator that moves bytes, and its checks (see move.h).
 */
#include "move.h"

#include <string.h>

static void copy_run(const unsigned char *from, int64_t from_step, unsigned char *to, int64_t to_step, int64_t n, size_t size) {
  if (from_step == 1 && to_step == 1) {
    memcpy(to, from, (size_t)n * size);
    return;
  }
  from_step *= (int64_t)size;
  to_step *= (int64_t)size;
  switch (size) {           /* a constant size lets the compiler drop the call */
    case 1: for (int64_t i = 0; i < n; i++) to[i * to_step] = from[i * from_step]; return;
    case 4: for (int64_t i = 0; i < n; i++) memcpy(to + i * to_step, from + i * from_step, 4); return;
    default: for (int64_t i = 0; i < n; i++) memcpy(to + i * to_step, from + i * from_step, size); return;
  }
}

void weft_move(const weft_move_t *v, const void *from, void *to, size_t size) {
  const unsigned char *f = from;
  unsigned char *t = to;
  int64_t at[WEFT_MOVE_RANK] = {0};
  for (int i = 0; i < v->rank; i++)
    if (v->n[i] < 1) return;
  if (v->rank == 0) {
    memcpy(t, f, size);
    return;
  }
  const int last = v->rank - 1;
  for (;;) {
    copy_run(f, v->from[last], t, v->to[last], v->n[last], size);
    int i = last - 1;
    for (; i >= 0; i--) {
      f += v->from[i] * (int64_t)size;
      t += v->to[i] * (int64_t)size;
      if (++at[i] < v->n[i]) break;
      f -= v->from[i] * at[i] * (int64_t)size;
      t -= v->to[i] * at[i] * (int64_t)size;
      at[i] = 0;
    }
    if (i < 0) return;
  }
}

void weft_move_strides(const weft_tensor_t *t, int64_t stride[WEFT_MAX_RANK]) {
  int64_t n = 1;
  for (int i = t->rank - 1; i >= 0; i--) {
    stride[i] = n;
    n *= t->dim[i];
  }
}

bool weft_op_numbers(const weft_tensor_t *t, size_t n) {
  return t->data && (t->type == WEFT_I32 || t->type == WEFT_I64) && t->elements == n;
}

int weft_op_axis(const weft_tensor_t *t, int rank) {
  if (!weft_op_numbers(t, 1)) return -1;
  const int64_t a = weft_op_number(t, 0), front = a < 0 ? a + rank : a;
  return front >= 0 && front < rank ? (int)front : -1;
}

size_t weft_op_outer(const weft_tensor_t *t, int axis) {
  size_t n = 1;
  for (int i = 0; i < axis; i++) n *= (size_t)t->dim[i];
  return n;
}

size_t weft_op_inner(const weft_tensor_t *t, int axis) {
  size_t n = 1;
  for (int i = axis + 1; i < t->rank; i++) n *= (size_t)t->dim[i];
  return n;
}

const char *weft_op_accept_moved(const weft_tensor_t *x, const weft_tensor_t *y) {
  if (x->type != y->type) return "input and output must have the same type";
  return x->nscale <= 1 && y->nscale <= 1 ? NULL : "feature maps need one scale and zero point";
}

bool weft_op_same_quant(const weft_tensor_t *x, const weft_tensor_t *y) {
  if (x->nscale != y->nscale) return false;
  return !x->nscale || (x->scale[0] == y->scale[0] && x->zero[0] == y->zero[0]);
}
