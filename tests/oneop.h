/* SPDX-License-Identifier: Apache-2.0
 *
 * A graph of one operator, made by hand, for the tests of the golden operators.
 *
 * Everything is static: each test program has its own random numbers. Tensors 0 to 2 are inputs (the operator takes the first nin), 3 is
 * the output; all start with scale 0.05 and zero point 0.
 */
#ifndef WEFT_TESTS_ONEOP_H
#define WEFT_TESTS_ONEOP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"

static uint64_t rng = 1;
static inline void seed_from_environment(const char *program) {
  const char *seed = getenv("SEED");
  rng = (seed && *seed ? strtoull(seed, NULL, 0) : 1) * 2 + 1;
  printf("%s SEED=%s\n", program, seed && *seed ? seed : "1");
}
static inline uint32_t next(void) {   /* xorshift64* */
  rng ^= rng >> 12;
  rng ^= rng << 25;
  rng ^= rng >> 27;
  return (uint32_t)((rng * UINT64_C(2685821657736338717)) >> 32);
}
static inline int range(int lo, int hi) { return lo + (int)(next() % (uint32_t)(hi - lo + 1)); }

/* ---- a graph of one operator: tensors 0..2 are inputs, 3 is the output */
typedef struct {
  weft_tensor_t t[4];
  float scale[4][64];
  int32_t zero[4][64];
  void *data[4];
  int in[3], out[1];
  weft_op_t op;
  weft_graph_t g;
  weft_msg_t m;
} one_t;

static inline void one_op(one_t *o, weft_opcode_t code, int nin) {
  static char name[] = "tensor";
  memset(o, 0, sizeof *o);
  for (int i = 0; i < 4; i++) {
    o->t[i] = (weft_tensor_t){.name = name, .nscale = 1, .scale = o->scale[i], .zero = o->zero[i], .elements = 1};
    for (int k = 0; k < 64; k++) o->scale[i][k] = 0.05f;
  }
  for (int i = 0; i < 3; i++) o->in[i] = i;
  o->out[0] = 3;
  o->op = (weft_op_t){.code = code, .index = 7, .nin = nin, .nout = 1, .in = o->in, .out = o->out, .stride_h = 1, .stride_w = 1,
                      .dilation_h = 1, .dilation_w = 1, .depth_multiplier = 1, .beta = 1, .padding = WEFT_PAD_VALID};
  o->g = (weft_graph_t){.ntensors = 4, .nops = 1, .tensor = o->t, .op = &o->op};
}

/* Gives tensor i its shape and fresh memory: random bytes for the inputs, 0x55 for the output. */
static inline void shape(one_t *o, int i, weft_dtype_t type, int rank, const int32_t *dim) {
  weft_tensor_t *t = &o->t[i];
  t->type = type;
  t->rank = rank;
  t->elements = 1;
  for (int k = 0; k < rank; k++) t->elements *= (size_t)(t->dim[k] = dim[k]);
  const size_t bytes = t->elements * weft_dtype_size(type);
  o->data[i] = malloc(bytes);
  assert_non_null(o->data[i]);
  for (size_t k = 0; k < bytes; k++) ((uint8_t *)o->data[i])[k] = i == 3 ? 0x55 : (uint8_t)next();
  if (type == WEFT_I32)
    for (size_t k = 0; k < t->elements; k++) ((int32_t *)o->data[i])[k] = range(-20000, 20000);
}
#define SHAPE(o, i, type, ...) shape(o, i, type, (int)(sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t)), (int32_t[]){__VA_ARGS__})

static inline void release(one_t *o) {
  for (int i = 0; i < 4; i++) free(o->data[i]);
}
static inline void run(one_t *o) {
  if (weft_golden_op(&o->g, &o->op, o->data, &o->m)) fail_msg("%s", o->m.msg);
}
static inline int8_t *i8(one_t *o, int i) { return o->data[i]; }

#endif
