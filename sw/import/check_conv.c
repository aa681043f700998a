/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks of the operators with weights: CONV_2D (grouped too), DEPTHWISE_CONV_2D, FULLY_CONNECTED.
 *
 * Weights are INT8, symmetric (zero point 0) and constant, with one scale or one for each output channel; the bias is
 * INT32 with the scale of the accumulator, input scale times weight scale. FULLY_CONNECTED alone takes weights with one scale that have
 * a zero point or are computed by the network.
 */
#include <math.h>

#include "check.h"

int weft_check_weights(const weft_check_t *c, const weft_tensor_t *w, int qdim) {
  int e = weft_check_type(c, w, WEFT_I8);
  const bool free = c->op->code == WEFT_OP_FULLY_CONNECTED && w->nscale == 1;
  if (e || (!free && (e = weft_check_constant(c, w)))) return e;
  if (w->nscale == 0) return weft_check_fail(c, WEFT_E_FORMAT, "weights " WEFT_NAME " have no quantisation parameters", w->name);
  if (w->nscale > 1 && w->qdim != qdim)
    return weft_check_fail(c, WEFT_E_UNSUPPORTED, "weights " WEFT_NAME " are quantised along dimension %d; Weft accepts %d", w->name,
                           w->qdim, qdim);
  for (int i = 0; i < w->nscale && !free; i++)
    if (w->zero[i] != 0)
      return weft_check_fail(c, WEFT_E_UNSUPPORTED, "weights " WEFT_NAME " have zero point %d (channel %d); Weft accepts 0", w->name,
                             (int)w->zero[i], i);
  return WEFT_OK;
}

int weft_check_bias(const weft_check_t *c, const weft_tensor_t *bias, int64_t channels) {
  if (!bias) return WEFT_OK;
  int e = weft_check_type(c, bias, WEFT_I32);
  if (e || (c->op->code != WEFT_OP_FULLY_CONNECTED && (e = weft_check_constant(c, bias)))) return e;
  if (bias->rank != 1 || bias->dim[0] != channels)
    return weft_check_fail(c, WEFT_E_FORMAT, "bias " WEFT_NAME " has rank %d and %zu values; the operator has %lld output channels",
                           bias->name, bias->rank, bias->elements, (long long)channels);
  for (int i = 0; i < bias->nscale; i++)
    if (bias->zero[i] != 0)
      return weft_check_fail(c, WEFT_E_UNSUPPORTED, "bias " WEFT_NAME " has zero point %d; Weft accepts 0", bias->name,
                             (int)bias->zero[i]);
  return WEFT_OK;
}

/* Multipliers of all channels; and, where everything has one scale, TFLite's own rule that the bias has the scale of the
 * accumulator up to 2 % of an output step. (A bias without scale says nothing; per channel TFLite does not compare.) */
int weft_check_ratios(const weft_check_t *c, const weft_tensor_t *in, const weft_tensor_t *w, const weft_tensor_t *out) {
  const weft_tensor_t *bias = weft_check_in(c, 2);
  int e = WEFT_OK;
  double acc = (double)in->scale[0] * (double)w->scale[0];
  if (bias && bias->nscale == 1 && w->nscale == 1 && fabs(acc - (double)bias->scale[0]) > 0.02 * (double)out->scale[0])
    return weft_check_fail(c, WEFT_E_FORMAT, "bias " WEFT_NAME " has scale %g; input and weights give %g", bias->name, (double)bias->scale[0], acc);
  for (int i = 0; !e && i < w->nscale; i++)
    e = weft_check_ratio(c, (double)in->scale[0] * (double)w->scale[i] / (double)out->scale[0]);
  return e;
}

/* What CONV_2D and DEPTHWISE_CONV_2D have in common, up to the weights' own layout. */
static int conv_common(const weft_check_t *c, int qdim) {
  int e = weft_check_arity(c, 2, 3);
  if (e) return e;
  const weft_tensor_t *in = weft_check_in(c, 0), *w = weft_check_in(c, 1), *out = weft_check_out(c, 0);
  if ((e = weft_check_i8(c, in)) || (e = weft_check_weights(c, w, qdim)) || (e = weft_check_i8(c, out))) return e;
  if ((e = weft_check_rank(c, in, 4)) || (e = weft_check_rank(c, w, 4)) || (e = weft_check_rank(c, out, 4))) return e;
  if ((e = weft_check_ratios(c, in, w, out))) return e;
  return weft_check_act(c, out, c->op->act);
}

static int conv_output(const weft_check_t *c, int64_t channels) {
  const weft_tensor_t *in = weft_check_in(c, 0), *w = weft_check_in(c, 1);
  int64_t oh, ow;
  int e = weft_check_window(c, w->dim[1], w->dim[2], in, &oh, &ow);
  if (e) return e;
  return weft_check_dims(c, weft_check_out(c, 0), 4, (int64_t[]){in->dim[0], oh, ow, channels});
}

/* Weights [out channels, height, width, in channels of a group]. */
int weft_check_conv(const weft_check_t *c) {
  int e = conv_common(c, 0);
  if (e) return e;
  const weft_tensor_t *in = weft_check_in(c, 0), *w = weft_check_in(c, 1);
  int32_t oc = w->dim[0], ic = in->dim[3], group = w->dim[3];
  if (ic % group != 0 || oc % (ic / group) != 0)
    return weft_check_fail(c, WEFT_E_FORMAT,
                           "input of %d channels, weights " WEFT_NAME " of %d: not a whole number of groups that divides %d output channels",
                           (int)ic, w->name, (int)group, (int)oc);
  if ((e = weft_check_bias(c, weft_check_in(c, 2), oc))) return e;
  return conv_output(c, oc);
}

/* Weights [1, height, width, in channels * multiplier]. */
int weft_check_depthwise(const weft_check_t *c) {
  int e = conv_common(c, 3);
  if (e) return e;
  const weft_tensor_t *in = weft_check_in(c, 0), *w = weft_check_in(c, 1);
  int64_t oc = w->dim[3];
  if (w->dim[0] != 1)
    return weft_check_fail(c, WEFT_E_FORMAT, "weights " WEFT_NAME " have %d as first dimension; accepted: 1", w->name, (int)w->dim[0]);
  if (c->op->depth_multiplier < 1 || (int64_t)in->dim[3] * c->op->depth_multiplier != oc)
    return weft_check_fail(c, WEFT_E_FORMAT, "depth multiplier %d does not lead from %d input channels to the %d of weights " WEFT_NAME,
                           c->op->depth_multiplier, (int)in->dim[3], (int)oc, w->name);
  if ((e = weft_check_bias(c, weft_check_in(c, 2), oc))) return e;
  return conv_output(c, oc);
}

/* Input of any rank, flattened to rows of the weights' depth; weights [out, in]. Output [rows, out], or the input's shape
 * with the last dimension replaced when keep_num_dims is set. */
int weft_check_fully_connected(const weft_check_t *c) {
  int e = weft_check_arity(c, 2, 3);
  if (e) return e;
  const weft_tensor_t *in = weft_check_in(c, 0), *w = weft_check_in(c, 1), *bias = weft_check_in(c, 2), *out = weft_check_out(c, 0);
  if ((e = weft_check_i8(c, in)) || (e = weft_check_weights(c, w, 0)) || (e = weft_check_i8(c, out)) || (e = weft_check_rank(c, w, 2))) return e;
  if (c->x->weights_format != 0)
    return weft_check_fail(c, WEFT_E_UNSUPPORTED, "weights format %d; Weft accepts 0 (plain)", c->x->weights_format);
  if ((e = weft_check_bias(c, bias, w->dim[0])) || (e = weft_check_ratios(c, in, w, out)) || (e = weft_check_act(c, out, c->op->act))) return e;
  /* The per-tensor multiplier is made from the float32 product (see docs: numerics); it may overflow where the exact one does not. */
  if (w->nscale == 1 && (e = weft_check_ratio(c, (double)(in->scale[0] * w->scale[0]) / (double)out->scale[0]))) return e;

  int64_t depth = w->dim[1], dim[WEFT_MAX_RANK];
  if (in->elements % (size_t)depth != 0)
    return weft_check_fail(c, WEFT_E_FORMAT, "input " WEFT_NAME " has %zu values, not a multiple of the depth %lld of weights " WEFT_NAME,
                           in->name, in->elements, (long long)depth, w->name);
  if (!c->x->keep_num_dims)
    return weft_check_dims(c, out, 2, (int64_t[]){(int64_t)(in->elements / (size_t)depth), w->dim[0]});
  if (in->rank < 1 || in->dim[in->rank - 1] != depth)
    return weft_check_fail(c, WEFT_E_FORMAT, "input " WEFT_NAME " must end in the depth %lld of weights " WEFT_NAME " to keep its dimensions",
                           in->name, (long long)depth, w->name);
  for (int i = 0; i < in->rank; i++) dim[i] = in->dim[i];
  dim[in->rank - 1] = w->dim[0];
  return weft_check_dims(c, out, in->rank, dim);
}
