/* SPDX-License-Identifier: Apache-2.0
 *
 * PRELU: x where x >= 0, x * alpha below, with alpha a second int8 tensor that is broadcast to the input (one value a channel, as a rule).
 *
 * The two sides have their own factors; the negative side's product is exact.
 */
#include "broadcast.h"
#include "ops.h"
#include "quant.h"

typedef struct { weft_slopes_t p; int32_t zx, za, zero; } prelu_t;

const char *weft_op_prelu_accept(const weft_graph_t *g, const weft_op_t *op) {
  const char *bad = weft_broadcast_accept(g, op);
  if (bad) return bad;
  return weft_op_same_shape(weft_op_in(g, op, 0), weft_op_out(g, op)) ? NULL : "alpha must not be larger than the input";
}

static void row(const void *context, const int8_t *a, size_t step_a, const int8_t *b, size_t step_b, int8_t *to, size_t n) {
  const prelu_t *s = context;
  for (size_t i = 0; i < n; i++) {
    const int32_t x = a[i * step_a] - s->zx, alpha = b[i * step_b] - s->za;
    to[i] = x >= 0 ? weft_requant(x, s->p.q_pos, s->p.e_pos, s->zero, INT8_MIN, INT8_MAX)
                   : weft_requant(x * alpha, s->p.q_neg, s->p.e_neg, s->zero, INT8_MIN, INT8_MAX);
  }
}

void weft_op_prelu_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  prelu_t s = {.zx = weft_op_in(g, op, 0)->zero[0], .za = weft_op_in(g, op, 1)->zero[0], .zero = weft_op_out(g, op)->zero[0]};
  weft_slopes(g, op, &s.p);
  weft_broadcast_run(g, op, data, row, &s);
}
