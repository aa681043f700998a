/* SPDX-License-Identifier: Apache-2.0
 *
 * ADD and SUB of two int8 tensors, with fused activation and broadcasting.
 *
 * Both inputs are brought to a common scale with 20 fraction bits, added or subtracted, and scaled to the output. Each input has
 * only 256 values, so the first two steps are tables made once a call.
 */
#include "broadcast.h"
#include "ops.h"
#include "quant.h"

typedef struct { int32_t a[256], b[256], q, zero, lo, hi; int e; } sum_t;

const char *weft_op_add_accept(const weft_graph_t *g, const weft_op_t *op) { return weft_broadcast_accept(g, op); }

static void row(const void *context, const int8_t *a, size_t step_a, const int8_t *b, size_t step_b, int8_t *to, size_t n) {
  const sum_t *s = context;
  const uint8_t *pa = (const uint8_t *)a, *pb = (const uint8_t *)b;
  if (step_a && step_b)   /* the usual case, without index arithmetic */
    for (size_t i = 0; i < n; i++) to[i] = weft_requant(s->a[pa[i]] + s->b[pb[i]], s->q, s->e, s->zero, s->lo, s->hi);
  else
    for (size_t i = 0; i < n; i++) to[i] = weft_requant(s->a[pa[i * step_a]] + s->b[pb[i * step_b]], s->q, s->e, s->zero, s->lo, s->hi);
}

void weft_op_add_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  weft_add_params_t p;
  sum_t s = {.zero = weft_op_out(g, op)->zero[0]};
  weft_add_params(g, op, &p);
  weft_act_bounds(g, op, &s.lo, &s.hi);
  s.q = p.qo;
  s.e = p.eo;
  const int32_t za = weft_op_in(g, op, 0)->zero[0], zb = weft_op_in(g, op, 1)->zero[0];
  const int32_t sign = op->code == WEFT_OP_SUB ? -1 : 1;
  for (int v = INT8_MIN; v <= INT8_MAX; v++) {
    s.a[(uint8_t)v] = weft_m2((v - za) * (1 << WEFT_ADD_SHIFT), p.qa, p.ea);
    s.b[(uint8_t)v] = sign * weft_m2((v - zb) * (1 << WEFT_ADD_SHIFT), p.qb, p.eb);
  }
  weft_broadcast_run(g, op, data, row, &s);
}
