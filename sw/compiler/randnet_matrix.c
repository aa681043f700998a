/* SPDX-License-Identifier: Apache-2.0
 *
 * Draws matrix products, transposed convolutions and movements of bytes (see randnet.h).
 */
#include "randnet_draw.h"

static int numbers(draw_t *d, const char *name, int rank, const int32_t *dim, const int32_t *v)
{
  size_t n = 1;
  for (int i = 0; i < rank; i++) n *= (size_t)dim[i];
  return weft_mk_tensor(d->mk, name, WEFT_I32, rank, dim, 0, NULL, NULL, 0, v, n * sizeof *v);
}

/* Two feature maps multiplied; leading dimensions equal, or 1 on one side. */
static bool draw_matmul(draw_t *d)
{
  rng_t *r = &d->r;
  weft_mk_opts_t o = {.adj_x = chance(r, 40), .adj_y = chance(r, 50)};
  int rows = size(r, 70), depth = size(r, chance(r, 10) ? 700 : 100), columns = size(r, 70), batch = chance(r, 40) ? 1 : between(r, 2, 4);
  int bx = chance(r, 15) ? 1 : batch, by = chance(r, 15) ? 1 : batch, all = bx > by ? bx : by;
  if ((double)all * rows * depth * columns > (double)d->max_macs) return false;
  float sx = real(r, 0.01, 0.2), sy = real(r, 0.01, 0.2);
  d->in[d->nin++] = tensor(d, "x", 3, o.adj_x ? (int32_t[]){bx, depth, rows} : (int32_t[]){bx, rows, depth}, sx, byte(r));
  d->in[d->nin++] = tensor(d, "y", 3, o.adj_y ? (int32_t[]){by, columns, depth} : (int32_t[]){by, depth, columns}, sy, byte(r));
  d->out = tensor(d, "product", 3, (int32_t[]){all, rows, columns}, sx * sy * (float)(100 * sqrt(depth)) * real(r, 0.25, 4), byte(r));
  return weft_mk_op(d->mk, WEFT_BUILTIN_BATCH_MATMUL, d->in, 2, &d->out, 1, &o) >= 0;
}

static bool draw_computed_weights(draw_t *d)
{
  rng_t *r = &d->r;
  weft_mk_opts_t o = {.act = between(r, 0, 3)};
  int rows = size(r, 40), depth = size(r, 300), columns = size(r, 100);
  if ((double)rows * depth * columns > (double)d->max_macs) return false;
  float sx = real(r, 0.01, 0.2), sw = real(r, 0.01, 0.2);
  d->in[d->nin++] = tensor(d, "x", 2, (int32_t[]){rows, depth}, sx, byte(r));
  d->in[d->nin++] = tensor(d, "weights", 2, (int32_t[]){columns, depth}, sw, byte(r));
  d->out = tensor(d, "y", 2, (int32_t[]){rows, columns}, sx * sw * (float)(100 * sqrt(depth)) * real(r, 0.25, 4), byte(r));
  return weft_mk_op(d->mk, WEFT_BUILTIN_FULLY_CONNECTED, d->in, 2, &d->out, 1, &o) >= 0;
}

/* Output size of one axis, which must lead back to the input's. */
static int spread(rng_t *r, int padding, int in, int filter, int stride)
{
  if (padding == WEFT_PAD_SAME) return in * stride - between(r, 0, stride - 1);
  return (in - 1) * stride + filter + (chance(r, 30) ? between(r, 0, stride - 1) : 0);
}

static bool draw_transpose_conv(draw_t *d)
{
  rng_t *r = &d->r;
  weft_mk_opts_t o = {.padding = between(r, 0, 1), .act = between(r, 0, 3), .stride_h = between(r, 1, 3), .stride_w = between(r, 1, 3)};
  int N = chance(r, 85) ? 1 : 2, H = size(r, 14), W = size(r, 14), C = size(r, 50), M = size(r, 30), R = size(r, 5), S = size(r, 5), w, b;
  int OH = spread(r, o.padding, H, R, o.stride_h), OW = spread(r, o.padding, W, S, o.stride_w);
  if ((double)N * H * W * C * M * R * S > (double)d->max_macs) return false;
  float si = real(r, 0.01, 0.2), so;
  const int32_t filters[] = {M, R, S, C}, shape[] = {N, OH, OW, M};
  if (!weft_draw_weights(d, 4, filters, M, 0, R * S * C, si, &so, &w, &b)) return false;
  int want = numbers(d, "shape", 1, (int32_t[]){4}, shape);
  d->in[d->nin++] = tensor(d, "ifmap", 4, (int32_t[]){N, H, W, C}, si, byte(r));
  d->out = tensor(d, "ofmap", 4, shape, so, byte(r));
  return weft_mk_op(d->mk, WEFT_BUILTIN_TRANSPOSE_CONV, (int[]){want, w, d->in[0], b}, b < 0 ? 3 : 4, &d->out, 1, &o) >= 0;
}

bool weft_draw_matrix(draw_t *d)
{
  int what = between(&d->r, 1, 100);
  if (what <= 55) return draw_matmul(d);
  return what <= 70 ? draw_computed_weights(d) : draw_transpose_conv(d);
}

/* One feature map of a few dimensions, now and then one that no small buffer holds. */
bool weft_draw_move(draw_t *d)
{
  rng_t *r = &d->r;
  int rank = between(r, 2, 4), zero = byte(r), what = between(r, 0, 3), list = -1;
  int32_t dim[4], out[4], v[8];
  float s = real(r, 0.01, 0.2);
  double bytes = 1;
  for (int i = 0; i < rank; i++) bytes *= out[i] = dim[i] = size(r, chance(r, 20) ? 70 : 20);
  if (bytes > (double)d->max_macs) return false;
  weft_mk_opts_t o = {.axis = between(r, 0, rank - 1)};
  static const int code[] = {WEFT_BUILTIN_CONCATENATION, WEFT_BUILTIN_TRANSPOSE, WEFT_BUILTIN_PAD, WEFT_BUILTIN_SLICE};
  d->in[d->nin++] = tensor(d, "x", rank, dim, s, zero);
  if (what == 0) {
    dim[o.axis] = size(r, 40);
    out[o.axis] += dim[o.axis];
    d->in[d->nin++] = tensor(d, "more", rank, dim, s, zero);
  } else if (what == 1) {
    for (int i = 0; i < rank; i++) v[i] = i;
    for (int i = rank - 1; i > 0; i--) {
      int k = between(r, 0, i), t = v[i];
      v[i] = v[k];
      v[k] = t;
    }
    for (int i = 0; i < rank; i++) out[i] = dim[v[i]];
    list = numbers(d, "permutation", 1, (int32_t[]){rank}, v);
  } else if (what == 2) {
    for (int i = 0; i < 2 * rank; i++) out[i / 2] += v[i] = chance(r, 50) ? 0 : between(r, 1, 3);
    list = numbers(d, "amounts", 2, (int32_t[]){rank, 2}, v);
  } else {
    for (int i = 0; i < rank; i++) {
      v[i] = chance(r, 50) ? 0 : between(r, 0, dim[i] - 1);
      out[i] = v[4 + i] = chance(r, 40) ? dim[i] - v[i] : between(r, 1, dim[i] - v[i]);
    }
    list = numbers(d, "begin", 1, (int32_t[]){rank}, v);
  }
  d->out = tensor(d, "y", rank, out, s, zero);
  int in[3] = {d->in[0], what ? list : d->in[1], what == 3 ? numbers(d, "size", 1, (int32_t[]){rank}, v + 4) : -1};
  return weft_mk_op(d->mk, code[what], in, what == 3 ? 3 : 2, &d->out, 1, &o) >= 0;
}
