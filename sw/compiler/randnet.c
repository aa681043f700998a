/* SPDX-License-Identifier: Apache-2.0
 *
 * Draws random networks (see randnet.h). A draw that the importer refuses is thrown away and the next one tried.
 */
#include "randnet.h"

#include <math.h>
#include <stdlib.h>

#include "randnet_draw.h"

enum { ATTEMPTS = 200 };

void weft_random_bytes(uint64_t seed, void *to, size_t n)
{
  rng_t r = {seed};
  for (size_t i = 0; i < n; i++) ((int8_t *)to)[i] = byte(&r);
}

static int output_size(int padding, int in, int filter, int stride, int dilation)
{
  return padding == WEFT_PAD_SAME ? (in + stride - 1) / stride : (in - (filter - 1) * dilation + stride - 1) / stride;
}

bool weft_draw_weights(draw_t *d, int rank, const int32_t *dim, int channels, int qdim, int terms, float si, float *so, int *w, int *b)
{
  size_t n = 1;
  for (int i = 0; i < rank; i++) n *= (size_t)dim[i];
  int8_t *v = malloc(n);
  int32_t bias[DRAW_CHANNELS], zero[DRAW_CHANNELS] = {0};
  float scale[DRAW_CHANNELS], sb[DRAW_CHANNELS];
  int nscale = chance(&d->r, 70) ? channels : 1;
  if (!v) return false;
  for (size_t i = 0; i < n; i++) v[i] = byte(&d->r);
  float base = real(&d->r, 0.001, 0.1);
  for (int i = 0; i < channels; i++) {
    scale[i] = base * real(&d->r, 0.5, 2);
    sb[i] = si * scale[nscale > 1 ? i : 0];
    bias[i] = chance(&d->r, 4) ? (int32_t)next(&d->r) : between(&d->r, -20000, 20000);
  }
  /* A sum of `terms` random products deviates by about 6000 sqrt(terms): bring that to some tens of steps, mostly. */
  *so = si * base * (float)(100 * sqrt(terms)) * real(&d->r, 0.25, 4);
  if (chance(&d->r, 5)) *so *= real(&d->r, 0.001, 1000);
  *w = weft_mk_tensor(d->mk, "filters", WEFT_I8, rank, dim, nscale, scale, zero, qdim, v, n);
  *b = -1;
  if (chance(&d->r, 85))
    *b = weft_mk_tensor(d->mk, "bias", WEFT_I32, 1, (int32_t[]){channels}, nscale, sb, zero, 0, bias, (size_t)channels * 4);
  free(v);
  return true;
}

static bool draw_conv(draw_t *d, bool depthwise)
{
  rng_t *r = &d->r;
  weft_mk_opts_t o = {.padding = between(r, 0, 1), .act = between(r, 0, 3)};
  int R = chance(r, 30) ? 1 : size(r, 7), S = chance(r, 30) ? 1 : chance(r, 70) ? R : size(r, 11);
  if (chance(r, 25)) R = S = 1;
  o.stride_h = chance(r, 60) ? 1 : between(r, 1, 4);
  o.stride_w = chance(r, 80) ? o.stride_h : between(r, 1, 4);
  o.dilation_h = chance(r, 80) ? 1 : between(r, 1, 4);
  o.dilation_w = chance(r, 80) ? o.dilation_h : between(r, 1, 4);
  int H = size(r, 28), W = size(r, 28), N = chance(r, 85) ? 1 : between(r, 2, 3), C, M, per, groups = 1;
  if (depthwise) {
    C = chance(r, 20) ? 1 : size(r, 70);
    o.depth_multiplier = C == 1 ? between(r, 1, 16) : chance(r, 70) ? 1 : between(r, 2, 5);
    M = C * o.depth_multiplier;
    per = 1;
  } else {
    if (chance(r, 20)) groups = between(r, 2, 6);
    per = size(r, groups > 1 ? 20 : 90);
    C = per * groups;
    M = size(r, groups > 1 ? 20 : 90) * groups;
  }
  if (M > DRAW_CHANNELS) return false;
  int OH = output_size(o.padding, H, R, o.stride_h, o.dilation_h), OW = output_size(o.padding, W, S, o.stride_w, o.dilation_w);
  if (OH < 1 || OW < 1 || (double)N * OH * OW * M * per * R * S > (double)d->max_macs) return false;
  int w, b;
  float si = real(r, 0.01, 0.2), so;
  const int32_t dw[] = {1, R, S, M}, dense[] = {M, R, S, per};
  if (!weft_draw_weights(d, 4, depthwise ? dw : dense, M, depthwise ? 3 : 0, R * S * per, si, &so, &w, &b)) return false;
  d->in[d->nin++] = tensor(d, "ifmap", 4, (int32_t[]){N, H, W, C}, si, byte(r));
  d->out = tensor(d, "ofmap", 4, (int32_t[]){N, OH, OW, M}, so, byte(r));
  return weft_mk_op(d->mk, depthwise ? WEFT_BUILTIN_DEPTHWISE_CONV_2D : WEFT_BUILTIN_CONV_2D, (int[]){d->in[0], w, b}, b < 0 ? 2
        : 3, &d->out, 1, &o) >= 0;
}

static bool draw_fc(draw_t *d)
{
  rng_t *r = &d->r;
  weft_mk_opts_t o = {.act = between(r, 0, 3)};
  int N = chance(r, 70) ? 1 : size(r, 30), C = size(r, chance(r, 20) ? 1500 : 200), M = size(r, 150), w, b;
  if ((double)N * C * M > (double)d->max_macs) return false;
  float si = real(r, 0.01, 0.2), so;
  if (!weft_draw_weights(d, 2, (int32_t[]){M, C}, M, 0, C, si, &so, &w, &b)) return false;
  d->in[d->nin++] = tensor(d, "x", 2, (int32_t[]){N, C}, si, byte(r));
  d->out = tensor(d, "y", 2, (int32_t[]){N, M}, so, byte(r));
  return weft_mk_op(d->mk, WEFT_BUILTIN_FULLY_CONNECTED, (int[]){d->in[0], w, b}, b < 0 ? 2 : 3, &d->out, 1, &o) >= 0;
}

static bool draw_pool(draw_t *d)
{
  rng_t *r = &d->r;
  weft_mk_opts_t o = {.padding = between(r, 0, 1), .act = between(r, 0, 3), .filter_h = size(r, 9), .filter_w = size(r, 9),
                      .stride_h = between(r, 1, 4), .stride_w = between(r, 1, 4)};
  int N = chance(r, 85) ? 1 : 2, H = size(r, 30), W = size(r, 30), C = size(r, 80);
  int OH = output_size(o.padding, H, o.filter_h, o.stride_h, 1), OW = output_size(o.padding, W, o.filter_w, o.stride_w, 1), zero = byte(r);
  if (OH < 1 || OW < 1 || (double)OH * OW * C * o.filter_h * o.filter_w > 4.0 * (double)d->max_macs) return false;
  float s = real(r, 0.01, 0.2);
  d->in[d->nin++] = tensor(d, "ifmap", 4, (int32_t[]){N, H, W, C}, s, zero);
  d->out = tensor(d, "ofmap", 4, (int32_t[]){N, OH, OW, C}, s, zero);
  return weft_mk_op(d->mk, chance(r, 50) ? WEFT_BUILTIN_AVERAGE_POOL_2D : WEFT_BUILTIN_MAX_POOL_2D, d->in, 1, &d->out, 1, &o) >= 0;
}

static bool draw_reshape(draw_t *d)
{
  int32_t a = size(&d->r, 20), b = size(&d->r, 20);
  const int32_t shape[] = {b, a};
  weft_mk_opts_t o = {.nshape = 2, .shape = shape};
  d->in[d->nin++] = tensor(d, "x", 2, (int32_t[]){a, b}, 0.1f, 3);
  d->out = tensor(d, "y", 2, shape, 0.1f, 3);
  return weft_mk_op(d->mk, WEFT_BUILTIN_RESHAPE, d->in, 1, &d->out, 1, &o) >= 0;
}

static bool draw(draw_t *d)
{
  if (chance(&d->r, 25)) return weft_draw_chain(d);
  int what = between(&d->r, 1, 100);
  if (what <= 24) return draw_conv(d, false);
  if (what <= 38) return draw_conv(d, true);
  if (what <= 44) return draw_fc(d);
  if (what <= 53) return draw_pool(d);
  if (what <= 67) return weft_draw_matrix(d);
  if (what <= 75) return weft_draw_move(d);
  if (what <= 99) return weft_draw_lane(d);
  return draw_reshape(d);
}

int weft_random_net(uint64_t seed, uint64_t max_macs, weft_graph_t **g, weft_msg_t *m)
{
  rng_t r = {seed * UINT64_C(0x2545f4914f6cdd1d) + 1};
  *g = NULL;
  for (int i = 0; i < ATTEMPTS; i++) {
    draw_t d = {.r = {next(&r)}, .max_macs = max_macs};
    if (!(d.mk = weft_mk_new())) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
    void *bytes = NULL;
    size_t n = 0;
    int ok = draw(&d) && weft_mk_finish(d.mk, d.in, d.nin, &d.out, 1, &bytes, &n) >= 0 && weft_import(bytes, n, g, m) == WEFT_OK;
    free(bytes);
    weft_mk_free(d.mk);
    if (ok) return WEFT_OK;
  }
  return weft_fail(m, WEFT_E_INTERNAL, "no network from seed %llu", (unsigned long long)seed);
}
