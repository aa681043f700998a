/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks of the operators that work over a window or a row without weights: pooling, SOFTMAX.
 *
 * The limits on scales are those of the fixed-point rules: a multiplier that TFLite itself would refuse, or whose shift
 * would leave the word, is refused here, with the numbers.
 */
#include <math.h>

#include "check.h"

/* The taps are averaged or compared as raw bytes, so input and output share one quantisation. */
int weft_check_pool(const weft_check_t *c) {
  int e = weft_check_arity(c, 1, 1);
  if (e) return e;
  const weft_tensor_t *in = weft_check_in(c, 0), *out = weft_check_out(c, 0);
  int64_t oh, ow;
  if ((e = weft_check_i8(c, in)) || (e = weft_check_i8(c, out)) || (e = weft_check_rank(c, in, 4)) || (e = weft_check_rank(c, out, 4))) return e;
  if ((e = weft_check_same_quant(c, in, out)) || (e = weft_check_act(c, out, c->op->act))) return e;
  if ((e = weft_check_window(c, c->op->filter_h, c->op->filter_w, in, &oh, &ow))) return e;
  /* The sum of a window is an int32: 2^24 taps of at most 128. */
  if ((int64_t)c->op->filter_h * c->op->filter_w > 1 << 23)
    return weft_check_fail(c, WEFT_E_UNSUPPORTED, "window of %dx%d; Weft accepts at most 2^23 taps", c->op->filter_h, c->op->filter_w);
  return weft_check_dims(c, out, 4, (int64_t[]){in->dim[0], oh, ow, in->dim[3]});
}

/* The result is a probability in steps of exactly 1/256, from -128. */
int weft_check_softmax(const weft_check_t *c) {
  int e = weft_check_arity(c, 1, 1);
  if (e) return e;
  const weft_tensor_t *in = weft_check_in(c, 0), *out = weft_check_out(c, 0);
  if ((e = weft_check_i8(c, in)) || (e = weft_check_i8(c, out)) || (e = weft_check_same_dims(c, in, out))) return e;
  if (in->rank < 1) return weft_check_fail(c, WEFT_E_FORMAT, "tensor " WEFT_NAME " is a scalar; Weft accepts rank 1 and more", in->name);
  if (out->scale[0] != 1.0f / 256.0f || out->zero[0] != -128)
    return weft_check_fail(c, WEFT_E_UNSUPPORTED, "output has scale %.9g zero point %d; accepted: 1/256 and -128", (double)out->scale[0],
                           (int)out->zero[0]);
  /* Differences are scaled to Q5.26 by a multiplier above one. */
  double r = (double)c->op->beta * (double)in->scale[0] * 67108864.0;
  if (!isfinite(c->op->beta) || !(c->op->beta > 0) || !(r > 1.0))
    return weft_check_fail(c, WEFT_E_UNSUPPORTED, "beta %g with input scale %g; accepted: beta > 0, beta * scale > 2^-26", (double)c->op->beta,
                           (double)in->scale[0]);
  return WEFT_OK;
}
