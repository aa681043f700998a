/* SPDX-License-Identifier: Apache-2.0
 *
 * SVDF: a fully connected layer of rank-one filters, each with a memory of its last outputs that is weighed over time.
 *
 * Each of rank * units filters keeps `memory` past feature products in a variable; an inference drops the oldest and appends one.
 * State and time weights are int16, or int8 (then the state may have a zero point). Follows TFLM: LiteRT's integer SVDF is not
 * usable. The fused activation is not applied there either.
 */
#include <string.h>

#include "ops.h"
#include "quant.h"

enum { INPUT, FEATURE_WEIGHTS, TIME_WEIGHTS, BIAS, STATE };

const char *weft_op_svdf_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, INPUT), *wf = weft_op_in(g, op, FEATURE_WEIGHTS), *wt = weft_op_in(g, op, TIME_WEIGHTS), *y = weft_op_out(g, op);
  const char *bad = weft_op_accept_i8(x);
  if (bad || (bad = weft_op_accept_i8(y))) return bad;
  if (!weft_op_has(op, BIAS) || !weft_op_has(op, STATE)) return "bias (input 3) and state (input 4) are needed";
  const weft_tensor_t *b = weft_op_in(g, op, BIAS), *s = weft_op_in(g, op, STATE);
  if (x->rank != 2 || wf->rank != 2 || wt->rank != 2 || y->rank != 2) return "input, weights and output must have rank 2";
  const int32_t batch = x->dim[0], filters = wf->dim[0], memory = wt->dim[1];
  if (wf->type != WEFT_I8 || wf->nscale != 1 || wf->zero[0] != 0 || wf->dim[1] != x->dim[1]) return "feature weights must be INT8 [filters, inputs] with one scale and zero point 0";
  if ((wt->type != WEFT_I8 && wt->type != WEFT_I16) || wt->nscale != 1 || wt->zero[0] != 0 || wt->dim[0] != filters)
    return "time weights must be INT8 or INT16 [filters, memory] with one scale and zero point 0";
  if (op->svdf_rank < 1 || filters % op->svdf_rank != 0) return "the number of filters must be a multiple of the rank";
  if (y->dim[0] != batch || y->dim[1] != filters / op->svdf_rank) return "the output must be [batch, filters / rank]";
  if (b->type != WEFT_I32 || b->elements != (size_t)y->dim[1]) return "bias must be one INT32 for each unit";
  if (!s->variable || s->type != wt->type || s->nscale != 1 || s->elements != (size_t)batch * (size_t)filters * (size_t)memory)
    return "the state must be a variable of batch x filters x memory, of the time weights' type";
  if (s->type == WEFT_I16 && s->zero[0] != 0) return "an INT16 state must have zero point 0";
  weft_svdf_params_t p;
  weft_svdf_params(g, op, &p);
  return p.e1 <= 30 && p.e2 <= 30 ? NULL : "the scales do not fit the fixed-point multiplier";
}

/* Entry i of a row of state or time weights, int16 or int8. */
static int32_t entry(const void *row, weft_dtype_t type, size_t i) { return type == WEFT_I16 ? ((const int16_t *)row)[i] : ((const int8_t *)row)[i]; }

static void append(void *row, weft_dtype_t type, size_t memory, int32_t v) {
  const size_t size = weft_dtype_size(type);
  memmove(row, (char *)row + size, (memory - 1) * size);
  if (type == WEFT_I16) ((int16_t *)row)[memory - 1] = (int16_t)v;
  else ((int8_t *)row)[memory - 1] = (int8_t)v;
}

void weft_op_svdf_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *tx = weft_op_in(g, op, INPUT), *ts = weft_op_in(g, op, STATE), *ty = weft_op_out(g, op);
  const size_t inputs = (size_t)tx->dim[1], memory = (size_t)weft_op_in(g, op, TIME_WEIGHTS)->dim[1], units = (size_t)ty->dim[1];
  const size_t row = memory * weft_dtype_size(ts->type);
  const int32_t zx = tx->zero[0], zs = ts->zero[0], lo = ts->type == WEFT_I16 ? INT16_MIN : INT8_MIN, hi = -1 - lo;
  const int32_t *bias = data[op->in[BIAS]];
  weft_svdf_params_t p;
  weft_svdf_params(g, op, &p);
  const int8_t *x = data[op->in[INPUT]];
  char *state = data[op->in[STATE]];
  int8_t *y = data[op->out[0]];
  for (int32_t b = 0; b < tx->dim[0]; b++, x += inputs) {
    const int8_t *wf = data[op->in[FEATURE_WEIGHTS]];
    const char *wt = data[op->in[TIME_WEIGHTS]];
    for (size_t u = 0; u < units; u++) {
      uint32_t sum = (uint32_t)bias[u];   /* modulo 2^32 */
      for (int r = 0; r < op->svdf_rank; r++, wf += inputs, wt += row, state += row) {
        uint32_t feature = 0;
        for (size_t i = 0; i < inputs; i++) feature += (uint32_t)(wf[i] * (x[i] - zx));
        int32_t v = weft_m2((int32_t)feature, p.q1, p.e1);
        v = (v < lo ? lo : v > hi ? hi : v) + zs;   /* leaves int8 with some zero points: append() then wraps, as TFLM does */
        append(state, ts->type, memory, v);
        for (size_t i = 0; i < memory; i++) sum += (uint32_t)(entry(wt, ts->type, i) * (entry(state, ts->type, i) - zs));
      }
      *y++ = weft_requant((int32_t)sum, p.q2, p.e2, ty->zero[0], INT8_MIN, INT8_MAX);
    }
  }
}
