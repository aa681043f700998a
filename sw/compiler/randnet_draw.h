/* SPDX-License-Identifier: Apache-2.0
 *
 * Random numbers and the network being drawn, for the files that draw operators (see randnet.h).
 */
#ifndef WEFT_RANDNET_DRAW_H
#define WEFT_RANDNET_DRAW_H

#include <math.h>

#include "import/mkmodel.h"

typedef struct { uint64_t state; } rng_t;

static inline uint64_t next(rng_t *r)       /* splitmix64 */
{
  uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

static inline int between(rng_t *r, int lo, int hi) { return lo + (int)(next(r) % (uint64_t)(hi - lo + 1)); }
static inline bool chance(rng_t *r, int percent) { return between(r, 1, 100) <= percent; }
static inline float real(rng_t *r, double lo, double hi) { return (float)(lo * pow(hi / lo, (double)(next(r) >> 11) / 9007199254740992.0)); }
/* Small numbers are the likely ones. */
static inline int size(rng_t *r, int hi) { return between(r, 1, between(r, 1, hi)); }

static inline int8_t byte(rng_t *r)
{
  static const int8_t edge[] = {-128, 127, -127, -1, 0, 1};
  return chance(r, 25) ? edge[between(r, 0, 5)] : (int8_t)between(r, -128, 127);
}

typedef struct {
  rng_t r;
  weft_mk_t *mk;
  uint64_t max_macs;
  int in[2], nin, out;         /* graph inputs and output */
} draw_t;

static inline int tensor(draw_t *d, const char *name, int rank, const int32_t *dim, float scale, int zero)
{
  int32_t z = zero;
  return weft_mk_tensor(d->mk, name, WEFT_I8, rank, dim, 1, &scale, &z, 0, NULL, 0);
}

/* Filters and bias (at most DRAW_CHANNELS channels) with scales, and a scale for the result; false without memory. `terms`: products in
 * a sum. *b is -1 when there is no bias. */
enum { DRAW_CHANNELS = 1024 };
bool weft_draw_weights(draw_t *d, int rank, const int32_t *dim, int channels, int qdim, int terms, float si, float *so, int *w, int *b);

/* BATCH_MATMUL, FULLY_CONNECTED with computed weights, TRANSPOSE_CONV. */
bool weft_draw_matrix(draw_t *d);

/* CONCATENATION, TRANSPOSE, PAD, SLICE. */
bool weft_draw_move(draw_t *d);

/* Several operators in a chain with branches. */
bool weft_draw_chain(draw_t *d);

/* Operators of the lanes: value by value with broadcasting, reductions, SOFTMAX, RESIZE. */
bool weft_draw_lane(draw_t *d);

#endif
