/* SPDX-License-Identifier: Apache-2.0
 *
 * PAD, PADV2, MIRROR_PAD: a tensor with a margin around it, of the zero point, of one given value, or of its own mirror image.
 *
 * Amounts are a constant [rank, 2], INT32 or INT64: before and after each dimension. PADV2's value is a tensor of one element in the
 * output's quantisation. REFLECT mirrors without repeating the edge, SYMMETRIC with it.
 */
#include <math.h>
#include <string.h>

#include "move.h"

/* One quantisation, with the tolerance that converters' rounding needs. */
static bool close(const weft_tensor_t *a, const weft_tensor_t *b) {
  if (a->nscale != b->nscale) return false;
  return !a->nscale || (a->zero[0] == b->zero[0] && fabsf(a->scale[0] - b->scale[0]) <= 1e-6f);
}

const char *weft_op_pad_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *pad = weft_op_in(g, op, 1), *y = weft_op_out(g, op);
  const char *bad = weft_op_accept_moved(x, y);
  if (bad) return bad;
  if (x->rank != y->rank || !weft_op_numbers(pad, 2 * (size_t)x->rank)) return "amounts must be constant, two for each dimension";
  for (int i = 0; i < x->rank; i++) {
    const int64_t before = weft_op_number(pad, 2 * (size_t)i), after = weft_op_number(pad, 2 * (size_t)i + 1);
    if (before < 0 || after < 0 || before > INT32_MAX || after > INT32_MAX || before + x->dim[i] + after != y->dim[i])
      return "the output's size does not follow from input and amounts";
    const int64_t most = x->dim[i] - !op->mirror_symmetric;
    if (op->code == WEFT_OP_MIRROR_PAD && (before > most || after > most)) return "amounts must not be above the input's size (REFLECT: below it)";
  }
  if (op->code != WEFT_OP_PAD && !close(x, y)) return "input and output need one quantisation";
  if (op->code != WEFT_OP_PADV2) return NULL;
  if (op->nin != 3) return "the value is missing";
  const weft_tensor_t *value = weft_op_in(g, op, 2);
  return value->type == y->type && value->elements == 1 && close(value, y)
             ? NULL : "the value must be one element of the output's type and quantisation";
}

/* All of `to` becomes `value` (size bytes), by doubling. */
static void fill(unsigned char *to, size_t elements, const void *value, size_t size) {
  memcpy(to, value, size);
  for (size_t done = 1; done < elements;) {
    const size_t n = done < elements - done ? done : elements - done;
    memcpy(to + done * size, to, n * size);
    done += n;
  }
}

/* Input index of output index i along one dimension. */
static int64_t mirrored(int64_t i, int64_t before, int64_t dim, bool symmetric) {
  i -= before;
  if (i < 0) return symmetric ? -1 - i : -i;
  return i < dim ? i : symmetric ? 2 * dim - 1 - i : 2 * dim - 2 - i;
}

static void mirror(const weft_tensor_t *x, const weft_tensor_t *pad, const weft_tensor_t *y, bool symmetric, const unsigned char *from, unsigned char *to) {
  const size_t size = weft_dtype_size(x->type);
  int64_t stride[WEFT_MAX_RANK];
  int32_t at[WEFT_MAX_RANK] = {0};
  weft_move_strides(x, stride);
  for (size_t k = 0; k < y->elements; k++, to += size) {
    int64_t index = 0;
    for (int i = 0; i < x->rank; i++) index += mirrored(at[i], weft_op_number(pad, 2 * (size_t)i), x->dim[i], symmetric) * stride[i];
    memcpy(to, from + (size_t)index * size, size);
    for (int i = y->rank - 1; i >= 0 && ++at[i] == y->dim[i]; i--) at[i] = 0;
  }
}

void weft_pad_value(const weft_graph_t *g, const weft_op_t *op, unsigned char value[8]) {
  const weft_tensor_t *y = weft_op_out(g, op);
  memset(value, 0, 8);
  if (op->code == WEFT_OP_PADV2 && weft_op_in(g, op, 2)->data) memcpy(value, weft_op_in(g, op, 2)->data, weft_dtype_size(y->type));
  /* INT8 and UINT8 margins are the zero point; other types have zero point 0. */
  else if (weft_dtype_size(y->type) == 1 && y->nscale) value[0] = (unsigned char)y->zero[0];
}

void weft_op_pad_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *pad = weft_op_in(g, op, 1), *y = weft_op_out(g, op);
  const size_t size = weft_dtype_size(x->type);
  unsigned char *to = data[op->out[0]];
  if (op->code == WEFT_OP_MIRROR_PAD) {
    mirror(x, pad, y, op->mirror_symmetric != 0, data[op->in[0]], to);
    return;
  }
  unsigned char value[8];
  weft_pad_value(g, op, value);
  fill(to, y->elements, op->code == WEFT_OP_PADV2 ? data[op->in[2]] : value, size);
  weft_move_t v = {.rank = x->rank};
  int64_t stride[WEFT_MAX_RANK], start = 0;
  weft_move_strides(x, v.from);
  weft_move_strides(y, stride);
  for (int i = 0; i < x->rank; i++) {
    v.n[i] = x->dim[i];
    v.to[i] = stride[i];
    start += weft_op_number(pad, 2 * (size_t)i) * stride[i];
  }
  weft_move(&v, data[op->in[0]], to + start * (int64_t)size, size);
}
