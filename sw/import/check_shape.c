/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks of RESHAPE, SQUEEZE, PAD; the other operators that move bytes are asked by the golden model's accept().
 *
 * RESHAPE and SQUEEZE copy; TFLite does not compare the quantisation of input and output, so neither do we. PAD writes the
 * zero point, so there both must agree.
 */
#include "check.h"

static int move_common(const weft_check_t *c, int nin_min, int nin_max) {
  int e = weft_check_arity(c, nin_min, nin_max);
  if (e) return e;
  const weft_tensor_t *in = weft_check_in(c, 0), *out = weft_check_out(c, 0);
  if (in->nscale > 1 || out->nscale > 1) return weft_check_i8(c, in->nscale > 1 ? in : out);
  return weft_check_type(c, out, in->type);
}

/* The wanted shape stands in the second input or, in old files, in the options; one entry may be -1, "what is left". */
int weft_check_reshape(const weft_check_t *c) {
  int e = move_common(c, 1, 2);
  if (e) return e;
  const weft_tensor_t *in = weft_check_in(c, 0), *shape = weft_check_in(c, 1), *out = weft_check_out(c, 0);
  const int32_t *want = c->x->shape;
  int rank = c->x->nshape;
  if (shape) {
    if ((e = weft_check_type(c, shape, WEFT_I32)) || (e = weft_check_constant(c, shape)) || (e = weft_check_rank(c, shape, 1))) return e;
    want = shape->data;
    rank = shape->dim[0];
  }
  if (rank < 0) return weft_check_fail(c, WEFT_E_FORMAT, "names no new shape, in an input or in its options");
  if (rank > WEFT_MAX_RANK) return weft_check_fail(c, WEFT_E_UNSUPPORTED, "new shape of rank %d; Weft accepts up to %d", rank, WEFT_MAX_RANK);

  int64_t dim[WEFT_MAX_RANK], product = 1;
  int open = -1;
  for (int i = 0; i < rank; i++) {
    dim[i] = want[i];
    if (want[i] == -1 && open < 0) open = i;
    else if (want[i] < 1) return weft_check_fail(c, WEFT_E_FORMAT, "new shape has %d in dimension %d", (int)want[i], i);
    else product *= dim[i];
    if (product > INT32_MAX) return weft_check_fail(c, WEFT_E_FORMAT, "new shape has more than 2^31 - 1 elements");
  }
  int64_t n = (int64_t)in->elements;
  if (open >= 0) dim[open] = n / product;
  if (open >= 0 ? n % product != 0 : n != product)
    return weft_check_fail(c, WEFT_E_FORMAT, "input " WEFT_NAME " has %lld elements, its new shape asks for %s%lld", in->name, (long long)n,
                           open >= 0 ? "a multiple of " : "", (long long)product);
  return weft_check_dims(c, out, rank, dim);
}

int weft_check_squeeze(const weft_check_t *c) {
  int e = move_common(c, 1, 1);
  if (e) return e;
  const weft_tensor_t *in = weft_check_in(c, 0), *out = weft_check_out(c, 0);
  bool drop[WEFT_MAX_RANK] = {false};
  for (int i = 0; c->x->nsqueeze == 0 && i < in->rank; i++) drop[i] = in->dim[i] == 1;
  for (int i = 0; i < c->x->nsqueeze; i++) {
    int32_t a = c->x->squeeze[i], at = a < 0 ? a + in->rank : a;
    if (at < 0 || at >= in->rank || in->dim[at] != 1)
      return weft_check_fail(c, WEFT_E_FORMAT, "cannot drop dimension %d of " WEFT_NAME ": it is not there or not of size 1", (int)a, in->name);
    drop[at] = true;
  }
  int64_t dim[WEFT_MAX_RANK];
  int rank = 0;
  for (int i = 0; i < in->rank; i++)
    if (!drop[i]) dim[rank++] = in->dim[i];
  return weft_check_dims(c, out, rank, dim);
}

/* Amounts: a constant [rank, 2] of INT32 or INT64, before and after each dimension. */
int weft_check_pad(const weft_check_t *c) {
  int e = move_common(c, 2, 2);
  if (e) return e;
  const weft_tensor_t *in = weft_check_in(c, 0), *pad = weft_check_in(c, 1), *out = weft_check_out(c, 0);
  if (in->nscale != out->nscale && (e = weft_check_i8(c, in->nscale ? out : in))) return e;
  if (in->nscale && (e = weft_check_same_quant(c, in, out))) return e;
  if (pad->type != WEFT_I64 && (e = weft_check_type(c, pad, WEFT_I32))) return e;
  if ((e = weft_check_constant(c, pad))) return e;
  if (pad->rank != 2 || pad->dim[0] != in->rank || pad->dim[1] != 2)
    return weft_check_fail(c, WEFT_E_FORMAT, "amounts " WEFT_NAME " are not of shape %dx2", pad->name, in->rank);
  int64_t dim[WEFT_MAX_RANK];
  for (int i = 0; i < in->rank; i++) {
    dim[i] = in->dim[i];
    for (int k = 2 * i; k < 2 * i + 2; k++) {
      int64_t n = pad->type == WEFT_I64 ? ((const int64_t *)pad->data)[k] : ((const int32_t *)pad->data)[k];
      if (n < 0 || n > INT32_MAX)
        return weft_check_fail(c, WEFT_E_FORMAT, "amounts " WEFT_NAME " hold %lld for dimension %d; accepted: 0 to 2^31 - 1", pad->name,
                               (long long)n, i);
      dim[i] += n;
    }
  }
  return weft_check_dims(c, out, in->rank, dim);
}
