/* SPDX-License-Identifier: Apache-2.0
 *
 * Layers with random weights (see layers.h).
 */
#include "layers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANGE 4.0              /* deviations on each side that a scale covers */
#define BIAS 0.1               /* deviation of biases, in deviations of the sums */

/* splitmix64 */
static uint64_t random64(zoo_t *z)
{
  uint64_t x = (z->rng += UINT64_C(0x9e3779b97f4a7c15));
  x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
  return x ^ x >> 31;
}

/* About normal, deviation 1: the sum of eight random bytes, each with variance (2^16 - 1) / 12. */
static float normal(zoo_t *z)
{
  uint64_t x = random64(z);
  int sum = 0;
  for (int i = 0; i < 8; i++) sum += (int)(x >> (8 * i) & 255);
  return (float)(sum - 1020) * 0.0047841f;
}

static double density(double x) { return exp(-0.5 * x * x) * 0.3989422804014327; }
static double below(double x) { return 0.5 * erfc(-x * 0.7071067811865476); }

static zoo_map_t tensor(zoo_t *z, int rank, const int32_t *dim, double scale, int32_t zero, double mean, double square)
{
  zoo_map_t y = {.rank = rank, .scale = (float)scale, .zero = zero, .mean = mean, .square = square};
  char name[24];
  snprintf(name, sizeof name, "map_%d", z->layers++);
  memcpy(y.dim, dim, (size_t)rank * sizeof *dim);
  y.tensor = weft_mk_tensor(z->mk, name, WEFT_I8, rank, dim, 1, &y.scale, &y.zero, 0, NULL, 0);
  if (y.tensor < 0) z->err = y.tensor;
  return y;
}

zoo_map_t zoo_scaled(zoo_t *z, int rank, const int32_t *dim, double low, double high, double mean, double square)
{
  double scale = (high - low) / 255, zero = round(-128 - low / scale);
  return tensor(z, rank, dim, scale, (int32_t)(zero < -128 ? -128 : zero > 127 ? 127 : zero), mean, square);
}

zoo_map_t zoo_like(zoo_t *z, int rank, const int32_t *dim, const zoo_map_t *x)
{
  return tensor(z, rank, dim, x->scale, x->zero, x->mean, x->square);
}

/* A rectified normal number has mean m below(m/d) + d density(m/d); RELU6 cuts off too little to matter here. */
zoo_map_t zoo_values(zoo_t *z, int rank, const int32_t *dim, double mean, double deviation, int act)
{
  double m = mean, d = deviation;
  if (act == WEFT_ACT_NONE) return zoo_scaled(z, rank, dim, m - RANGE * d, m + RANGE * d, m, m * m + d * d);
  double high = act == WEFT_ACT_RELU6 ? 6 : m + RANGE * d, p = below(m / d), q = d * density(m / d);
  return zoo_scaled(z, rank, dim, 0, high, m * p + q, (m * m + d * d) * p + m * q);
}

int zoo_integers(zoo_t *z, int n, const int32_t *values)
{
  int32_t dim = n;
  int t = weft_mk_tensor(z->mk, "integers", WEFT_I32, n > 0, &dim, 0, NULL, NULL, 0, values, (size_t)(n ? n : 1) * 4);
  if (t < 0) z->err = t;
  return t;
}

int zoo_constant(zoo_t *z, int n, double mean, double deviation)
{
  int32_t dim = n, zero = 0;
  int k = n ? n : 1;
  float scale = (float)((fabs(mean) + RANGE * deviation) / 127);
  int8_t *v = malloc((size_t)k);
  int t = WEFT_E_MEMORY;
  for (int i = 0; v && i < k; i++) {
    double q = round((mean + deviation * normal(z)) / scale);
    v[i] = (int8_t)(q < -127 ? -127 : q > 127 ? 127 : q);
  }
  if (v) t = weft_mk_tensor(z->mk, "constant", WEFT_I8, n > 0, &dim, 1, &scale, &zero, 0, v, (size_t)k);
  if (t < 0) z->err = t;
  free(v);
  return t;
}

void zoo_op(zoo_t *z, int builtin, int nin, const int *in, const zoo_map_t *out, const weft_mk_opts_t *o)
{
  int e = weft_mk_op(z->mk, builtin, in, nin, &out->tensor, 1, o);
  if (e < 0) z->err = e;
}

zoo_map_t zoo_input(zoo_t *z, int rank, const int32_t *dim)
{
  int32_t d[WEFT_MAX_RANK] = {z->batch};
  memcpy(d + 1, dim, (size_t)rank * sizeof *dim);
  return tensor(z, rank + 1, d, 1.0 / 128, -1, 0, 1.0 / 3);
}

/* Filters of `channels` output channels along dimension qdim, their weights deviating by w, and biases deviating by b. */
static void weights(zoo_t *z, int rank, const int32_t *dim, int qdim, double w, double b, float si, int to[2])
{
  size_t n = 1, channels = (size_t)dim[qdim], inner = 1;
  for (int i = 0; i < rank; i++) n *= (size_t)dim[i];
  for (int i = qdim + 1; i < rank; i++) inner *= (size_t)dim[i];
  float *real = malloc(n * sizeof *real), *scale = calloc(channels, sizeof *scale), *bias_scale = calloc(channels, sizeof *bias_scale);
  int32_t *zero = calloc(channels, sizeof *zero), *bias = calloc(channels, sizeof *bias);
  int8_t *v = malloc(n);
  to[0] = to[1] = z->err = real && scale && bias_scale && zero && bias && v ? z->err : WEFT_E_MEMORY;
  if (!z->err) {
    for (size_t i = 0; i < n; i++) {
      float *s = &scale[i / inner % channels];
      real[i] = (float)w * normal(z);
      if (fabsf(real[i]) > *s) *s = fabsf(real[i]);
    }
    for (size_t i = 0; i < channels; i++) {
      scale[i] = scale[i] > 0 ? scale[i] / 127 : (float)w;
      bias_scale[i] = si * scale[i];
      bias[i] = (int32_t)lrint(b * normal(z) / bias_scale[i]);
    }
    for (size_t i = 0; i < n; i++) v[i] = (int8_t)lrintf(real[i] / scale[i / inner % channels]);
    to[0] = weft_mk_tensor(z->mk, "filters", WEFT_I8, rank, dim, (int)channels, scale, zero, qdim, v, n);
    to[1] = weft_mk_tensor(z->mk, "bias", WEFT_I32, 1, &dim[qdim], (int)channels, bias_scale, zero, 0, bias, channels * 4);
    if (to[0] < 0 || to[1] < 0) z->err = WEFT_E_MEMORY;
  }
  free(real);
  free(scale);
  free(bias_scale);
  free(zero);
  free(bias);
  free(v);
}

static int out_size(int in, int filter, int stride, int padding)
{
  return padding == WEFT_PAD_SAME ? (in + stride - 1) / stride : (in - filter) / stride + 1;
}

static double sums(int act) { return act == WEFT_ACT_RELU6 ? 2 : 1; }

/* Deviation of the weights that gives sums over `terms` inputs like x the deviation d. */
static double spread(const zoo_map_t *x, double terms, double d) { return d / sqrt(terms * x->square); }

zoo_map_t zoo_conv(zoo_t *z, zoo_map_t x, zoo_conv_t o)
{
  int per = x.dim[3] / (o.groups ? o.groups : 1), w[2];
  double d = sums(o.act);
  weights(z, 4, (int32_t[]){o.filters, o.rows, o.columns, per}, 0, spread(&x, (double)o.rows * o.columns * per, d), BIAS * d, x.scale, w);
  const int32_t dim[] = {x.dim[0], out_size(x.dim[1], o.rows, o.stride, o.padding), out_size(x.dim[2], o.columns, o.stride, o.padding),
                         o.filters};
  zoo_map_t y = zoo_values(z, 4, dim, 0, d, o.act);
  zoo_op(z, WEFT_BUILTIN_CONV_2D, 3, (int[]){x.tensor, w[0], w[1]}, &y,
         &(weft_mk_opts_t){.padding = o.padding, .act = o.act, .stride_h = o.stride, .stride_w = o.stride});
  return y;
}

zoo_map_t zoo_depthwise(zoo_t *z, zoo_map_t x, int filter, int stride, int act)
{
  int w[2];
  double d = sums(act);
  weights(z, 4, (int32_t[]){1, filter, filter, x.dim[3]}, 3, spread(&x, filter * filter, d), BIAS * d, x.scale, w);
  const int32_t dim[] = {x.dim[0], out_size(x.dim[1], filter, stride, WEFT_PAD_SAME), out_size(x.dim[2], filter, stride, WEFT_PAD_SAME),
                         x.dim[3]};
  zoo_map_t y = zoo_values(z, 4, dim, 0, d, act);
  zoo_op(z, WEFT_BUILTIN_DEPTHWISE_CONV_2D, 3, (int[]){x.tensor, w[0], w[1]}, &y,
         &(weft_mk_opts_t){.padding = WEFT_PAD_SAME, .act = act, .stride_h = stride, .stride_w = stride, .depth_multiplier = 1});
  return y;
}

zoo_map_t zoo_fully_connected(zoo_t *z, zoo_map_t x, int outputs, double deviation)
{
  int w[2], c = x.dim[x.rank - 1];
  weights(z, 2, (int32_t[]){outputs, c}, 0, spread(&x, c, deviation), BIAS * deviation, x.scale, w);
  int32_t dim[WEFT_MAX_RANK];
  memcpy(dim, x.dim, sizeof dim);
  dim[x.rank - 1] = outputs;
  zoo_map_t y = zoo_values(z, x.rank, dim, 0, deviation, WEFT_ACT_NONE);
  zoo_op(z, WEFT_BUILTIN_FULLY_CONNECTED, 3, (int[]){x.tensor, w[0], w[1]}, &y, &(weft_mk_opts_t){.keep_num_dims = x.rank > 2});
  return y;
}

/* The scale stays. The largest of n independent rectified normal values has this mean square, by E[x^2] = integral of 2x P(max > x);
 * neighbours are not independent, so the truth lies between it and x's own. */
zoo_map_t zoo_max_pool(zoo_t *z, zoo_map_t x, int filter, int stride, int padding)
{
  const int32_t dim[] = {x.dim[0], out_size(x.dim[1], filter, stride, padding), out_size(x.dim[2], filter, stride, padding), x.dim[3]};
  double d = sqrt(2 * x.square), step = d / 64, square = 0;
  for (double v = step / 2; v < 6 * d; v += step) square += 2 * v * step * (1 - pow(below(v / d), filter * filter));
  zoo_map_t y = zoo_like(z, 4, dim, &x);
  y.square = sqrt(square * x.square);
  y.mean = sqrt(y.square / 2);
  zoo_op(z, WEFT_BUILTIN_MAX_POOL_2D, 1, &x.tensor, &y, &(weft_mk_opts_t){.padding = padding, .filter_h = filter, .filter_w = filter,
                                                                         .stride_h = stride, .stride_w = stride});
  return y;
}

/* Between all pixels alike (the mean spreads as the values do) and independent (it hardly spreads). */
zoo_map_t zoo_mean(zoo_t *z, zoo_map_t x)
{
  double square = sqrt(x.square * x.mean * x.mean);
  zoo_map_t y = zoo_scaled(z, 2, (int32_t[]){x.dim[0], x.dim[3]}, 0, x.mean + 2 * sqrt(x.square), x.mean, square);
  zoo_op(z, WEFT_BUILTIN_MEAN, 2, (int[]){x.tensor, zoo_integers(z, 2, (int32_t[]){1, 2})}, &y, NULL);
  return y;
}

zoo_map_t zoo_add(zoo_t *z, zoo_map_t a, zoo_map_t b, int act)
{
  double mean = a.mean + b.mean, variance = a.square - a.mean * a.mean + b.square - b.mean * b.mean;
  zoo_map_t y = zoo_values(z, a.rank, a.dim, mean, sqrt(variance), act);
  zoo_op(z, WEFT_BUILTIN_ADD, 2, (int[]){a.tensor, b.tensor}, &y, &(weft_mk_opts_t){.act = act});
  return y;
}

zoo_map_t zoo_pad(zoo_t *z, zoo_map_t x, int top, int bottom, int left, int right)
{
  const int32_t dim[] = {x.dim[0], x.dim[1] + top + bottom, x.dim[2] + left + right, x.dim[3]};
  const int32_t list[] = {0, 0, top, bottom, left, right, 0, 0};
  int pads = weft_mk_tensor(z->mk, "paddings", WEFT_I32, 2, (int32_t[]){4, 2}, 0, NULL, NULL, 0, list, sizeof list);
  if (pads < 0) z->err = pads;
  zoo_map_t y = zoo_like(z, 4, dim, &x);
  zoo_op(z, WEFT_BUILTIN_PAD, 2, (int[]){x.tensor, pads}, &y, NULL);
  return y;
}
