/* SPDX-License-Identifier: Apache-2.0
 *
 * MUL of two int8 tensors, with fused activation and broadcasting: the exact product of the zero-point-corrected values, requantised.
 */
#include "broadcast.h"
#include "ops.h"
#include "quant.h"

typedef struct { int32_t za, zb, q, zero, lo, hi; int e; } product_t;

const char *weft_op_mul_accept(const weft_graph_t *g, const weft_op_t *op) { return weft_broadcast_accept(g, op); }

static void row(const void *context, const int8_t *a, size_t step_a, const int8_t *b, size_t step_b, int8_t *to, size_t n) {
  const product_t *s = context;
  for (size_t i = 0; i < n; i++)
    to[i] = weft_requant((a[i * step_a] - s->za) * (b[i * step_b] - s->zb), s->q, s->e, s->zero, s->lo, s->hi);
}

void weft_op_mul_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  product_t s = {.za = weft_op_in(g, op, 0)->zero[0], .zb = weft_op_in(g, op, 1)->zero[0], .zero = weft_op_out(g, op)->zero[0]};
  weft_mul_requant(g, op, &s.q, &s.e);
  weft_act_bounds(g, op, &s.lo, &s.hi);
  weft_broadcast_run(g, op, data, row, &s);
}
