/* SPDX-License-Identifier: Apache-2.0
 *
 * PAD: rows and columns of the output's zero point around an int8 tensor of any rank.
 *
 * Amounts are a constant [rank, 2], INT32 or INT64: before and after each dimension.
 */
#include <string.h>

#include "ops.h"

static int64_t amount(const weft_tensor_t *pad, int k) {
  return pad->type == WEFT_I64 ? ((const int64_t *)pad->data)[k] : ((const int32_t *)pad->data)[k];
}

const char *weft_op_pad_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *pad = weft_op_in(g, op, 1), *y = weft_op_out(g, op);
  const char *bad = weft_op_accept_i8(x);
  if (bad || (bad = weft_op_accept_i8(y))) return bad;
  if (!pad->data || (pad->type != WEFT_I32 && pad->type != WEFT_I64) || pad->elements != 2 * (size_t)x->rank || x->rank != y->rank)
    return "amounts must be constant, two for each dimension";
  for (int i = 0; i < x->rank; i++)
    if (amount(pad, 2 * i) < 0 || amount(pad, 2 * i + 1) < 0 || amount(pad, 2 * i) + x->dim[i] + amount(pad, 2 * i + 1) != y->dim[i])
      return "output size does not follow from input and amounts";
  return NULL;
}

void weft_op_pad_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *x = weft_op_in(g, op, 0), *pad = weft_op_in(g, op, 1), *y = weft_op_out(g, op);
  const int8_t *from = data[op->in[0]];
  int8_t *to = data[op->out[0]];
  memset(to, y->zero[0], y->elements);
  if (x->rank == 0) {
    to[0] = from[0];
    return;
  }
  /* Copy row by row along the last dimension; at[] counts the rows. */
  const int last = x->rank - 1;
  const size_t row = (size_t)x->dim[last];
  int32_t at[WEFT_MAX_RANK] = {0};
  for (size_t done = 0; done < x->elements; done += row) {
    size_t index = 0;
    for (int i = 0; i < x->rank; i++) index = index * (size_t)y->dim[i] + (size_t)at[i] + (size_t)amount(pad, 2 * i);
    memcpy(to + index, from + done, row);
    for (int i = last - 1; i >= 0 && ++at[i] == x->dim[i]; i--) at[i] = 0;
  }
}
