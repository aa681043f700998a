/* SPDX-License-Identifier: Apache-2.0
 *
 * Draws chains of operators on feature maps, with branches that meet again: what one layer leaves in the buffer is what the next ones take.
 */
#include "randnet_draw.h"

enum { MAPS = 10 };

typedef struct { int tensor, n[4]; float s; int z; } map_t;      /* [N, H, W, C] */
typedef struct { draw_t *d; map_t map[MAPS]; int maps; } chain_t;

static map_t *last(chain_t *c) { return &c->map[c->maps - 1]; }

/* A result for the next operator. */
static map_t *add(chain_t *c, int N, int H, int W, int C, float s, int z)
{
  map_t *m = &c->map[c->maps++];
  *m = (map_t){.n = {N, H, W, C}, .s = s, .z = z};
  m->tensor = tensor(c->d, "map", 4, (int32_t[]){N, H, W, C}, s, z);
  return m;
}

static bool op(chain_t *c, int code, const int *in, int nin, const weft_mk_opts_t *o)
{
  return weft_mk_op(c->d->mk, code, in, nin, &last(c)->tensor, 1, o) >= 0;
}

static bool conv(chain_t *c)
{
  draw_t *d = c->d;
  rng_t *r = &d->r;
  const map_t x = *last(c);
  const bool depthwise = chance(r, 40);
  const int R = chance(r, 50) ? 1 : 3, stride = chance(r, 75) ? 1 : 2, C = x.n[3], M = depthwise ? C : size(r, 70);
  const int H = (x.n[1] + stride - 1) / stride, W = (x.n[2] + stride - 1) / stride;
  const int32_t dw[] = {1, R, R, M}, dense[] = {M, R, R, C};
  int w, b;
  float so;
  if ((double)x.n[0] * H * W * M * (depthwise ? 1 : C) * R * R > (double)d->max_macs) return false;
  if (!weft_draw_weights(d, 4, depthwise ? dw : dense, M, depthwise ? 3 : 0, R * R * (depthwise ? 1 : C), x.s, &so, &w, &b)) return false;
  weft_mk_opts_t o = {.stride_h = stride, .stride_w = stride, .depth_multiplier = 1, .act = between(r, 0, 3)};
  add(c, x.n[0], H, W, M, so, byte(r));
  return op(c, depthwise ? WEFT_BUILTIN_DEPTHWISE_CONV_2D : WEFT_BUILTIN_CONV_2D, (int[]){x.tensor, w, b}, b < 0 ? 2 : 3, &o);
}

static bool pool(chain_t *c)
{
  rng_t *r = &c->d->r;
  const map_t x = *last(c);
  const int k = between(r, 2, 3), stride = between(r, 1, 2);
  weft_mk_opts_t o = {.filter_h = k, .filter_w = k, .stride_h = stride, .stride_w = stride};
  add(c, x.n[0], (x.n[1] + stride - 1) / stride, (x.n[2] + stride - 1) / stride, x.n[3], x.s, x.z);
  return op(c, chance(r, 50) ? WEFT_BUILTIN_AVERAGE_POOL_2D : WEFT_BUILTIN_MAX_POOL_2D, (int[]){x.tensor}, 1, &o);
}

static bool unary(chain_t *c)
{
  static const int code[] = {WEFT_BUILTIN_RELU6, WEFT_BUILTIN_LOGISTIC, WEFT_BUILTIN_HARD_SWISH, WEFT_BUILTIN_QUANTIZE, WEFT_BUILTIN_SOFTMAX};
  rng_t *r = &c->d->r;
  const map_t x = *last(c);
  const int which = code[between(r, 0, 4)];
  const bool softmax = which == WEFT_BUILTIN_SOFTMAX;
  add(c, x.n[0], x.n[1], x.n[2], x.n[3], softmax ? 1.0f / 256 : x.s * real(r, 0.5, 2), softmax ? -128 : byte(r));
  return op(c, which, (int[]){x.tensor}, 1, &(weft_mk_opts_t){.beta = 1});
}

/* With an earlier map of the same size, one pixel of it, or one value a pixel. */
static bool binary(chain_t *c)
{
  static const int code[] = {WEFT_BUILTIN_ADD, WEFT_BUILTIN_MUL, WEFT_BUILTIN_SUB, WEFT_BUILTIN_SQUARED_DIFFERENCE};
  rng_t *r = &c->d->r;
  const map_t x = *last(c);
  for (int i = 0, first = between(r, 0, MAPS); i < c->maps; i++) {
    const map_t y = c->map[(first + i) % c->maps];
    bool fits = true;
    for (int k = 0; k < 4; k++) fits &= y.n[k] == x.n[k] || y.n[k] == 1;
    if (!fits) continue;
    const bool swap = chance(r, 50);
    add(c, x.n[0], x.n[1], x.n[2], x.n[3], x.s * 3, byte(r));
    return op(c, code[between(r, 0, 3)], swap ? (int[]){y.tensor, x.tensor} : (int[]){x.tensor, y.tensor}, 2, &(weft_mk_opts_t){.act = 0});
  }
  return false;
}

/* Over the picture or over the channels. The result is an earlier map to others. */
static bool mean(chain_t *c)
{
  rng_t *r = &c->d->r;
  const map_t x = *last(c);
  const bool channels = chance(r, 50);
  const int32_t axis[] = {channels ? 3 : 1, 2};
  const int n = channels ? 1 : 2, a = weft_mk_tensor(c->d->mk, "axes", WEFT_I32, 1, (int32_t[]){n}, 0, NULL, NULL, 0, axis, (size_t)n * sizeof *axis);
  if (c->maps + 2 > MAPS) return false;
  add(c, x.n[0], channels ? x.n[1] : 1, channels ? x.n[2] : 1, channels ? 1 : x.n[3], x.s * real(r, 0.3, 1), byte(r));
  if (!op(c, WEFT_BUILTIN_MEAN, (int[]){x.tensor, a}, 2, &(weft_mk_opts_t){.keep_dims = true})) return false;
  if (chance(r, 30)) return true;
  const map_t m = *last(c);                  /* back to the map: squeeze and excite, layer normalisation */
  add(c, x.n[0], x.n[1], x.n[2], x.n[3], x.s, byte(r));
  return op(c, chance(r, 50) ? WEFT_BUILTIN_MUL : WEFT_BUILTIN_SUB, (int[]){x.tensor, m.tensor}, 2, &(weft_mk_opts_t){.act = 0});
}

bool weft_draw_chain(draw_t *d)
{
  rng_t *r = &d->r;
  chain_t c = {.d = d};
  const int many = between(r, 2, MAPS - 2);
  const map_t *x = add(&c, chance(r, 85) ? 1 : 2, size(r, 14), size(r, 14), size(r, 60), real(r, 0.02, 0.1), byte(r));
  d->in[d->nin++] = x->tensor;
  while (c.maps <= many) {
    const int what = between(r, 1, 100), before = c.maps;
    const bool ok = what <= 45 ? conv(&c) : what <= 55 ? pool(&c) : what <= 70 ? unary(&c) : what <= 88 ? binary(&c) : mean(&c);
    if (!ok && c.maps != before) return false;
    if (!ok && chance(r, 10)) return false;      /* nothing fits any more, perhaps */
  }
  d->out = last(&c)->tensor;
  return true;
}
