/* SPDX-License-Identifier: Apache-2.0
 *
 * Layers with random weights, quantised so that values stay spread through deep networks.
 *
 * A map carries the mean and mean square that its real values are expected to have. For weights drawn independently with mean 0 the
 * sums of a layer have variance fan-in * E[w^2] * E[x^2], whatever the correlations among its inputs; so the builder picks E[w^2] for the
 * deviation that it wants and the output's scale for about four deviations, as a converter's calibration would. Weights
 * use the full -127..127 in each channel.
 *
 * An error sticks in z->err and the calls after it do nothing of use; zoo.c looks once, at the end.
 */
#ifndef WEFT_ZOO_LAYERS_H
#define WEFT_ZOO_LAYERS_H

#include "import/mkmodel.h"

typedef struct {
  weft_mk_t *mk;
  uint64_t rng;
  int batch, err, layers;      /* layers: numbers the tensors' names */
} zoo_t;

typedef struct {
  int tensor, rank;
  int32_t dim[WEFT_MAX_RANK];
  float scale;
  int32_t zero;
  double mean, square;         /* expected, of the real values */
} zoo_map_t;

/* The only input: the batch, then `rank` dimensions; uniform in -1..1. */
zoo_map_t zoo_input(zoo_t *z, int rank, const int32_t *dim);

/* filter: rows, columns. Sums deviate by 1, or by 2 before RELU6. */
typedef struct { int filters, rows, columns, stride, padding, groups, act; } zoo_conv_t;
zoo_map_t zoo_conv(zoo_t *z, zoo_map_t x, zoo_conv_t o);
zoo_map_t zoo_depthwise(zoo_t *z, zoo_map_t x, int filter, int stride, int act);       /* SAME, multiplier 1 */
/* Keeps all dimensions but the last. */
zoo_map_t zoo_fully_connected(zoo_t *z, zoo_map_t x, int outputs, double deviation);

zoo_map_t zoo_max_pool(zoo_t *z, zoo_map_t x, int filter, int stride, int padding);
zoo_map_t zoo_mean(zoo_t *z, zoo_map_t x);                                             /* over rows and columns, as converters write it */
zoo_map_t zoo_add(zoo_t *z, zoo_map_t a, zoo_map_t b, int act);
zoo_map_t zoo_pad(zoo_t *z, zoo_map_t x, int top, int bottom, int left, int right);

/* For topologies with operators of their own (bert.c). zoo_values() is a map with a scale for mean and deviation before the activation;
 * zoo_scaled() one with a given range. Neither writes an operator. */
zoo_map_t zoo_values(zoo_t *z, int rank, const int32_t *dim, double mean, double deviation, int act);
zoo_map_t zoo_scaled(zoo_t *z, int rank, const int32_t *dim, double low, double high, double mean, double square);
zoo_map_t zoo_like(zoo_t *z, int rank, const int32_t *dim, const zoo_map_t *x);        /* the scale and spread of x */
int zoo_integers(zoo_t *z, int n, const int32_t *values);                              /* a constant list; n 0: a scalar */
int zoo_constant(zoo_t *z, int n, double mean, double deviation);                      /* int8, n normal numbers; n 0: a scalar */
void zoo_op(zoo_t *z, int builtin, int nin, const int *in, const zoo_map_t *out, const weft_mk_opts_t *o);

/* ---- topologies: from the parameters in the name to the output; the input is the first tensor */
typedef zoo_map_t zoo_build_t(zoo_t *z, const double *parameter);
#define P(name, low, high)
#define Z(family, parameters, example, builder, text) zoo_build_t zoo_##builder;
#include "zoo.def"
#undef Z
#undef P

#endif
