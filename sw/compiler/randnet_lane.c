/* SPDX-License-Identifier: Apache-2.0
 *
 * Random networks of one lane operator (see randnet.h): broadcasting of any pattern, reductions of any axes, rows, resizing.
 */
#include <stdlib.h>

#include "randnet_draw.h"

enum { MAX_BYTES = 1 << 20 };

/* A shape of at most `bytes`; one dimension may be long. */
static bool shape(draw_t *d, int rank, int32_t *dim)
{
  const int large = between(&d->r, 0, 2) ? between(&d->r, 0, rank - 1) : -1;
  double n = 1;
  for (int i = 0; i < rank; i++) n *= dim[i] = size(&d->r, i == large ? 200 : rank > 3 ? 16 : 24);
  return n <= MAX_BYTES && n <= (double)d->max_macs;
}

static bool one(draw_t *d, int code, const weft_mk_opts_t *o, int rank, const int32_t *dim, float so, int zo)
{
  d->out = tensor(d, "y", rank, dim, so, zo);
  return weft_mk_op(d->mk, code, d->in, d->nin, &d->out, 1, o) >= 0;
}

static bool draw_unary(draw_t *d)
{
  static const int op[] = {WEFT_BUILTIN_QUANTIZE, WEFT_BUILTIN_RELU, WEFT_BUILTIN_RELU6, WEFT_BUILTIN_RELU_N1_TO_1, WEFT_BUILTIN_ABS,
        WEFT_BUILTIN_LEAKY_RELU, WEFT_BUILTIN_HARD_SWISH, WEFT_BUILTIN_LOGISTIC, WEFT_BUILTIN_TANH, WEFT_BUILTIN_ELU, WEFT_BUILTIN_GELU,
        WEFT_BUILTIN_EXP};
  rng_t *r = &d->r;
  int code = op[between(r, 0, sizeof op / sizeof *op - 1)], rank = between(r, 1, 4);
  int32_t dim[4];
  if (!shape(d, rank, dim)) return false;
  float s = real(r, 0.01, 0.2), so = s * real(r, 0.1, 10);
  weft_mk_opts_t o = {.alpha = real(r, 0.01, 1), .approximate = chance(r, 50)};
  bool fixed = code == WEFT_BUILTIN_LOGISTIC || code == WEFT_BUILTIN_TANH;       /* their output scale is part of the operator */
  if (fixed) so = code == WEFT_BUILTIN_LOGISTIC ? 1.0f / 256 : 1.0f / 128;
  d->in[d->nin++] = tensor(d, "x", rank, dim, s, byte(r));
  return one(d, code, &o, rank, dim, so, !fixed ? byte(r) : code == WEFT_BUILTIN_LOGISTIC ? -128 : 0);
}

/* Each dimension equal or of size 1 in one of the two, leading ones missing; a constant operand now and then. */
static bool draw_binary(draw_t *d)
{
  static const int op[] = {WEFT_BUILTIN_ADD, WEFT_BUILTIN_ADD, WEFT_BUILTIN_SUB, WEFT_BUILTIN_MUL, WEFT_BUILTIN_MUL, WEFT_BUILTIN_MAXIMUM,
        WEFT_BUILTIN_MINIMUM, WEFT_BUILTIN_SQUARED_DIFFERENCE, WEFT_BUILTIN_PRELU};
  rng_t *r = &d->r;
  int code = op[between(r, 0, sizeof op / sizeof *op - 1)], rank = between(r, 1, 5), skip = chance(r, 30) ? between(r, 0, rank) : 0;
  bool same = chance(r, 40), raw = code == WEFT_BUILTIN_MAXIMUM || code == WEFT_BUILTIN_MINIMUM;
  int32_t out[5], dim[2][5];
  if (!shape(d, rank, out)) return false;
  int short_one = code == WEFT_BUILTIN_PRELU ? 1 : between(r, 0, 1);
  for (int i = 0; i < rank; i++) {
    dim[0][i] = dim[1][i] = out[i];
    if (same) continue;
    int which = code == WEFT_BUILTIN_PRELU ? 1 : between(r, 0, 1);
    if (i < skip) which = short_one;
    if (i < skip || chance(r, 40)) dim[which][i] = 1;
  }
  if (same) skip = 0;
  float s = real(r, 0.01, 0.2), sb = s * real(r, 0.1, 10), so = s * real(r, 0.1, 10);
  int z = byte(r), zb = byte(r), zo = byte(r);
  if (raw) sb = so = s, zb = zo = z;
  if (code == WEFT_BUILTIN_SQUARED_DIFFERENCE) so *= 4;
  weft_mk_opts_t o = {.act = code == WEFT_BUILTIN_ADD || code == WEFT_BUILTIN_SUB || code == WEFT_BUILTIN_MUL ? between(r, 0, 3) : 0};
  int operand[2], constant = chance(r, 25) || code == WEFT_BUILTIN_PRELU ? 1 : -1;
  for (int k = 0; k < 2; k++) {
    int gone = k == short_one ? skip : 0;
    int8_t *v = NULL;
    size_t n = 0;
    if (k == constant) {
      n = 1;
      for (int i = gone; i < rank; i++) n *= (size_t)dim[k][i];
      if (!(v = malloc(n))) return false;
      for (size_t i = 0; i < n; i++) v[i] = byte(r);
    }
    float scale = k ? sb : s;
    int32_t zero = k ? zb : z;
    operand[k] = weft_mk_tensor(d->mk, k ? "b" : "a", WEFT_I8, rank - gone, dim[k] + gone, 1, &scale, &zero, 0, v, n);
    free(v);
    if (k != constant) d->in[d->nin++] = operand[k];
  }
  d->out = tensor(d, "y", rank, out, so, zo);
  return weft_mk_op(d->mk, code, operand, 2, &d->out, 1, &o) >= 0;
}

static bool draw_reduce(draw_t *d)
{
  static const int op[] = {WEFT_BUILTIN_MEAN, WEFT_BUILTIN_MEAN, WEFT_BUILTIN_SUM, WEFT_BUILTIN_REDUCE_MAX};
  rng_t *r = &d->r;
  int code = op[between(r, 0, 3)], rank = between(r, 1, 4), axes = between(r, 1, (1 << rank) - 1), n = 0, left = 0;
  int32_t dim[4], out[4], axis[4];
  if (chance(r, 40)) rank = 4, axes = 6;         /* height and width, as networks have it */
  if (!shape(d, rank, dim)) return false;
  weft_mk_opts_t o = {.keep_dims = chance(r, 50)};
  for (int i = 0; i < rank; i++) {
    if (axes >> i & 1) axis[n++] = chance(r, 50) ? i : i - rank;
    if (!(axes >> i & 1) || o.keep_dims) out[left++] = axes >> i & 1 ? 1 : dim[i];
  }
  float s = real(r, 0.01, 0.2), so = code == WEFT_BUILTIN_REDUCE_MAX ? s : s * real(r, 0.1, code == WEFT_BUILTIN_SUM ? 50 : 2);
  int z = byte(r), a = weft_mk_tensor(d->mk, "axes", WEFT_I32, 1, (int32_t[]){n}, 0, NULL, NULL, 0, axis, (size_t)n * sizeof *axis);
  d->in[d->nin++] = tensor(d, "x", rank, dim, s, z);
  d->out = tensor(d, "y", left, out, so, code == WEFT_BUILTIN_REDUCE_MAX ? z : byte(r));
  return weft_mk_op(d->mk, code, (int[]){d->in[0], a}, 2, &d->out, 1, &o) >= 0;
}

static bool draw_softmax(draw_t *d)
{
  rng_t *r = &d->r;
  int rank = between(r, 1, 4);
  int32_t dim[4];
  if (!shape(d, rank, dim)) return false;
  d->in[d->nin++] = tensor(d, "x", rank, dim, real(r, 0.001, 0.3), byte(r));
  return one(d, WEFT_BUILTIN_SOFTMAX, &(weft_mk_opts_t){.beta = real(r, 0.3, 3)}, rank, dim, 1.0f / 256, -128);
}

static bool draw_resize(draw_t *d)
{
  rng_t *r = &d->r;
  bool whole = chance(r, 50);
  int32_t in[4] = {chance(r, 85) ? 1 : 2, size(r, 16), size(r, 16), size(r, 60)}, out[4] = {in[0], size(r, 30), size(r, 30), in[3]};
  if (whole) out[1] = in[1] * between(r, 1, 3), out[2] = in[2] * between(r, 1, 3);
  if ((double)out[0] * out[1] * out[2] * out[3] > (double)d->max_macs) return false;
  int mode = between(r, 0, 2), z = byte(r), shape_of = weft_mk_tensor(d->mk, "size", WEFT_I32, 1, (int32_t[]){2}, 0, NULL, NULL, 0, out + 1, 8);
  float s = real(r, 0.01, 0.2);
  weft_mk_opts_t o = {.align_corners = mode == 1, .half_pixel = mode == 2};
  d->in[d->nin++] = tensor(d, "x", 4, in, s, z);
  d->out = tensor(d, "y", 4, out, s, z);
  return weft_mk_op(d->mk, chance(r, 50) ? WEFT_BUILTIN_RESIZE_BILINEAR : WEFT_BUILTIN_RESIZE_NEAREST_NEIGHBOR, (int[]){d->in[0], shape_of}, 2,
                    &d->out, 1, &o) >= 0;
}

bool weft_draw_lane(draw_t *d)
{
  int what = between(&d->r, 1, 100);
  if (what <= 25) return draw_unary(d);
  if (what <= 60) return draw_binary(d);
  if (what <= 80) return draw_reduce(d);
  if (what <= 90) return draw_softmax(d);
  return draw_resize(d);
}
