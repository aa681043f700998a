/* SPDX-License-Identifier: Apache-2.0
 *
 * One encoder layer of BERT-base (Devlin et al., NAACL 2019) on one sequence: 931,135,488 MACs for 128 tokens.
 *
 * Operators are those that the TensorFlow Lite converter writes: heads by RESHAPE and TRANSPOSE, products of activations as BATCH_MATMUL, the
 * scores scaled by a MUL, layer normalisation in seven operators, GELU by the error function. Without attention mask and dropout.
 */
#include <math.h>

#include "layers.h"

enum { WIDTH = 768, HEADS = 12, HEAD = WIDTH / HEADS, MIDDLE = 3072 };
#define QUERY 1.25             /* deviation of queries and keys: the scores' is its square, so that attention is neither flat nor one token */
#define EPSILON 1e-6           /* added to the variance: with int8 of about a hundredth of it, nothing */

static zoo_map_t reshape(zoo_t *z, zoo_map_t x, int rank, const int32_t *dim)
{
  zoo_map_t y = zoo_like(z, rank, dim, &x);
  zoo_op(z, WEFT_BUILTIN_RESHAPE, 2, (int[]){x.tensor, zoo_integers(z, rank, dim)}, &y, NULL);
  return y;
}

/* [batch, a, b, HEAD] to [batch, b, a, HEAD] */
static zoo_map_t swap_heads(zoo_t *z, zoo_map_t x)
{
  zoo_map_t y = zoo_like(z, 4, (int32_t[]){x.dim[0], x.dim[2], x.dim[1], x.dim[3]}, &x);
  zoo_op(z, WEFT_BUILTIN_TRANSPOSE, 2, (int[]){x.tensor, zoo_integers(z, 4, (int32_t[]){0, 2, 1, 3})}, &y, NULL);
  return y;
}

/* The projection of all tokens, split into heads: [batch, HEADS, tokens, HEAD]. */
static zoo_map_t heads(zoo_t *z, zoo_map_t x, double deviation)
{
  zoo_map_t y = zoo_fully_connected(z, x, WIDTH, deviation);
  return swap_heads(z, reshape(z, y, 4, (int32_t[]){x.dim[0], x.dim[1], HEADS, HEAD}));
}

static zoo_map_t attention(zoo_t *z, zoo_map_t x)
{
  const int batch = x.dim[0], tokens = x.dim[1];
  const int32_t square[] = {batch, HEADS, tokens, tokens};
  zoo_map_t q = heads(z, x, QUERY), k = heads(z, x, QUERY), v = heads(z, x, 1);
  const double score = QUERY * QUERY;
  zoo_map_t s = zoo_values(z, 4, square, 0, score * 8, WEFT_ACT_NONE);
  zoo_op(z, WEFT_BUILTIN_BATCH_MATMUL, 2, (int[]){q.tensor, k.tensor}, &s, &(weft_mk_opts_t){.adj_y = true});
  zoo_map_t scaled = zoo_values(z, 4, square, 0, score, WEFT_ACT_NONE);
  zoo_op(z, WEFT_BUILTIN_MUL, 2, (int[]){s.tensor, zoo_constant(z, 0, 0.125, 0)}, &scaled, NULL);      /* 1 / sqrt(HEAD) */
  zoo_map_t p = zoo_scaled(z, 4, square, 0, 255.0 / 256, 1.0 / tokens, 1.0 / tokens);
  zoo_op(z, WEFT_BUILTIN_SOFTMAX, 1, &scaled.tensor, &p, NULL);
  /* A mean of values weighed by probabilities p deviates by sqrt(sum p^2); of normal scores, that sum is about exp(score^2) / tokens. */
  zoo_map_t c = zoo_values(z, 4, v.dim, 0, sqrt(fmin(1, exp(score * score) / tokens)), WEFT_ACT_NONE);
  zoo_op(z, WEFT_BUILTIN_BATCH_MATMUL, 2, (int[]){p.tensor, v.tensor}, &c, NULL);
  c = reshape(z, swap_heads(z, c), 3, (int32_t[]){batch, tokens, WIDTH});
  return zoo_fully_connected(z, c, WIDTH, 1);
}

static zoo_map_t normalise(zoo_t *z, zoo_map_t x)
{
  const int32_t row[] = {x.dim[0], x.dim[1], 1};
  const double variance = x.square - x.mean * x.mean, d = sqrt(variance);
  zoo_map_t mean = zoo_values(z, 3, row, x.mean, d / sqrt(WIDTH), WEFT_ACT_NONE);
  zoo_op(z, WEFT_BUILTIN_MEAN, 2, (int[]){x.tensor, zoo_integers(z, 1, (int32_t[]){2})}, &mean, &(weft_mk_opts_t){.keep_dims = true});
  zoo_map_t squares = zoo_scaled(z, 3, x.dim, 0, 16 * variance, variance, 3 * variance * variance);
  zoo_op(z, WEFT_BUILTIN_SQUARED_DIFFERENCE, 2, (int[]){x.tensor, mean.tensor}, &squares, NULL);
  zoo_map_t centred = zoo_values(z, 3, x.dim, 0, d, WEFT_ACT_NONE);
  zoo_op(z, WEFT_BUILTIN_SUB, 2, (int[]){x.tensor, mean.tensor}, &centred, NULL);
  zoo_map_t var = zoo_scaled(z, 3, row, 0, 1.5 * variance, variance, variance * variance), var_e = zoo_like(z, 3, row, &var);
  zoo_op(z, WEFT_BUILTIN_MEAN, 2, (int[]){squares.tensor, zoo_integers(z, 1, (int32_t[]){2})}, &var, &(weft_mk_opts_t){.keep_dims = true});
  zoo_op(z, WEFT_BUILTIN_ADD, 2, (int[]){var.tensor, zoo_constant(z, 0, EPSILON, 0)}, &var_e, NULL);
  zoo_map_t root = zoo_scaled(z, 3, row, 0, 1.5 / d, 1 / d, 1 / variance);
  zoo_op(z, WEFT_BUILTIN_RSQRT, 1, &var_e.tensor, &root, NULL);
  zoo_map_t unit = zoo_values(z, 3, x.dim, 0, 1, WEFT_ACT_NONE), scaled = zoo_like(z, 3, x.dim, &unit), y = zoo_values(z, 3, x.dim, 0, 1.1, WEFT_ACT_NONE);
  zoo_op(z, WEFT_BUILTIN_MUL, 2, (int[]){centred.tensor, root.tensor}, &unit, NULL);
  zoo_op(z, WEFT_BUILTIN_MUL, 2, (int[]){unit.tensor, zoo_constant(z, WIDTH, 1, 0.1)}, &scaled, NULL);
  zoo_op(z, WEFT_BUILTIN_ADD, 2, (int[]){scaled.tensor, zoo_constant(z, WIDTH, 0, 0.1)}, &y, NULL);
  return y;
}

zoo_map_t zoo_bert_base_layer(zoo_t *z, const double *parameter)
{
  zoo_map_t x = zoo_input(z, 2, (int32_t[]){(int32_t)parameter[0], WIDTH});
  x = normalise(z, zoo_add(z, x, attention(z, x), WEFT_ACT_NONE));
  zoo_map_t up = zoo_fully_connected(z, x, MIDDLE, 1);
  zoo_map_t y = zoo_scaled(z, 3, up.dim, -0.17, 4, 0.282, 0.425);       /* GELU of a normal number */
  zoo_op(z, WEFT_BUILTIN_GELU, 1, &up.tensor, &y, NULL);
  return normalise(z, zoo_add(z, x, zoo_fully_connected(z, y, WIDTH, 1), WEFT_ACT_NONE));
}
