/* SPDX-License-Identifier: Apache-2.0
 *
 * SQUARED_DIFFERENCE of two int8 tensors, with broadcasting; no fused activation.
 *
 * As ADD, but with 7 fraction bits, so that the square of the difference (at most 2^30) is an int32.
 */
#include "broadcast.h"
#include "ops.h"
#include "quant.h"

typedef struct { int32_t a[256], b[256], q, zero; int e; } difference_t;

const char *weft_op_squared_difference_accept(const weft_graph_t *g, const weft_op_t *op) { return weft_broadcast_accept(g, op); }

static void row(const void *context, const int8_t *a, size_t step_a, const int8_t *b, size_t step_b, int8_t *to, size_t n) {
  const difference_t *s = context;
  for (size_t i = 0; i < n; i++) {
    const int32_t d = s->a[(uint8_t)a[i * step_a]] - s->b[(uint8_t)b[i * step_b]];
    to[i] = weft_requant(d * d, s->q, s->e, s->zero, INT8_MIN, INT8_MAX);
  }
}

void weft_op_squared_difference_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  weft_add_params_t p;
  difference_t s = {.zero = weft_op_out(g, op)->zero[0]};
  weft_squared_difference_params(g, op, &p);
  s.q = p.qo;
  s.e = p.eo;
  const int32_t za = weft_op_in(g, op, 0)->zero[0], zb = weft_op_in(g, op, 1)->zero[0];
  for (int v = INT8_MIN; v <= INT8_MAX; v++) {
    s.a[(uint8_t)v] = weft_m2((v - za) * (1 << WEFT_SQUARE_SHIFT), p.qa, p.ea);
    s.b[(uint8_t)v] = weft_m2((v - zb) * (1 << WEFT_SQUARE_SHIFT), p.qb, p.eb);
  }
  weft_broadcast_run(g, op, data, row, &s);
}
