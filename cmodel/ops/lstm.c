/* SPDX-License-Identifier: Apache-2.0
 *
 * UNIDIRECTIONAL_SEQUENCE_LSTM as converters emit it for int8: int8 hidden state, int16 cell state whose scale is a power of two, four
 * separate gates, no peephole, projection or layer normalisation.
 *
 * A gate's two products (input, recurrent) are scaled to Q3.12 one after the other and saturated each time, then pass logistic or tanh
 * in 16 bits. A unit needs nothing of its neighbours but the previous hidden state, so the new one is written to the output row and
 * becomes the state when the row is complete: no scratch memory. States are variables and outlive the call.
 */
#include <string.h>

#include "fixmath.h"
#include "golden.h"
#include "ops.h"
#include "quant.h"

enum { INPUT, INPUT_WEIGHTS, RECURRENT_WEIGHTS = 5, PEEPHOLE = 9, BIASES = 12, PROJECTION = 16, HIDDEN = 18, CELL = 19, NORM = 20, OPERANDS = 24 };
enum { GATE_IN, GATE_FORGET, GATE_CELL, GATE_OUT, GATES };

static bool is_matrix(const weft_tensor_t *t, int32_t rows, int32_t columns) {
  return t->type == WEFT_I8 && t->nscale == 1 && t->zero[0] == 0 && t->rank == 2 && t->dim[0] == rows && t->dim[1] == columns;
}

const char *weft_op_lstm_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, INPUT), *y = weft_op_out(g, op);
  const char *bad = weft_op_accept_i8(x);
  if (bad || (bad = weft_op_accept_i8(y))) return bad;
  if (op->nin != OPERANDS && op->nin != NORM) return "20 or 24 inputs are possible";
  for (int i = INPUT; i <= CELL; i++) {
    if ((i >= PEEPHOLE && i < BIASES) || i == PROJECTION || i == PROJECTION + 1) {
      if (weft_op_has(op, i)) return i < BIASES ? "no peephole weights (inputs 9 to 11) are possible" : "no projection (inputs 16 and 17) is possible";
    } else if (!weft_op_has(op, i)) {
      return "every gate needs its weights and bias (inputs 1 to 8 and 12 to 15), and both states (18 and 19) are needed";
    }
  }
  for (int i = NORM; i < op->nin; i++)
    if (weft_op_has(op, i)) return "no layer normalisation (inputs 20 to 23) is possible";
  const weft_tensor_t *h = weft_op_in(g, op, HIDDEN), *c = weft_op_in(g, op, CELL);
  if (x->rank != 3 || y->rank != 3 || y->dim[0] != x->dim[0] || y->dim[1] != x->dim[1]) return "input and output must be [batch, time, features], or time first";
  const int32_t batch = x->dim[op->time_major ? 1 : 0], units = y->dim[2], features = x->dim[2];
  for (int i = 0; i < GATES; i++) {
    if (!is_matrix(weft_op_in(g, op, INPUT_WEIGHTS + i), units, features)) return "weights 1 to 4 must be INT8 [units, features] with one scale and zero point 0";
    if (!is_matrix(weft_op_in(g, op, RECURRENT_WEIGHTS + i), units, units)) return "weights 5 to 8 must be INT8 [units, units] with one scale and zero point 0";
    const weft_tensor_t *b = weft_op_in(g, op, BIASES + i);
    if (b->type != WEFT_I32 || b->elements != (size_t)units) return "biases must be one INT32 for each unit";
  }
  if ((bad = weft_op_accept_i8(h))) return bad;
  if (!h->variable || h->elements != (size_t)batch * (size_t)units) return "the hidden state must be a variable of batch x units";
  if (!c->variable || c->type != WEFT_I16 || c->nscale != 1 || c->zero[0] != 0 || c->elements != (size_t)batch * (size_t)units)
    return "the cell state must be an INT16 variable of batch x units with zero point 0";
  if (op->nmid <= 4 || op->mid[4] < 0 || g->tensor[op->mid[4]].nscale != 1) return "intermediate tensor 4 must say the hidden product's scale";
  weft_lstm_params_t p;
  const double scale = (double)c->scale[0];
  if (!(scale >= 0x1p-15 && scale <= 0x1p-9)) return "the cell state's scale must be a power of two, 2^-15 to 2^-9";
  weft_lstm_params(g, op, &p);
  if (scale != 1.0 / (1 << -p.cell_log2)) return "the cell state's scale must be a power of two, 2^-15 to 2^-9";
  for (int i = 0; i < GATES; i++)
    if (p.ei[i] > 30 || p.er[i] > 30) return "a gate's scales do not fit the fixed-point multiplier";
  return p.eh <= 30 ? NULL : "the hidden product's scale does not fit the fixed-point multiplier";
}

static int16_t sat16(int32_t v) { return (int16_t)(v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v); }

static int32_t dot(const int8_t *w, const int8_t *x, int32_t zero, int32_t n) {
  uint32_t sum = 0;   /* modulo 2^32, as the references' sum with the zero point folded into the bias */
  for (int32_t i = 0; i < n; i++) sum += (uint32_t)(w[i] * (x[i] - zero));
  return (int32_t)sum;
}

/* One unit's step from its gates' sums in Q3.12: logistic and tanh, the new cell state, the new hidden value. */
static int8_t unit_step(const weft_lstm_params_t *p, int16_t gate[GATES], int16_t *cell) {
  for (int i = 0; i < GATES; i++) gate[i] = i == GATE_CELL ? weft_tanh_q15(gate[i], 3) : weft_logistic_q15(gate[i]);
  /* cell = forget * cell + in * candidate, in the cell state's own format. */
  const int16_t kept = (int16_t)weft_rdp(gate[GATE_FORGET] * *cell, 15);
  const int16_t fresh = (int16_t)weft_rdp(gate[GATE_IN] * gate[GATE_CELL], 30 + p->cell_log2);
  int16_t c = sat16(kept + fresh);
  if (p->cell_clip > 0) c = (int16_t)(c > p->cell_clip ? p->cell_clip : c < -p->cell_clip ? -p->cell_clip : c);
  *cell = c;
  return weft_requant(gate[GATE_OUT] * weft_tanh_q15(c, 15 + p->cell_log2), p->qh, p->eh, p->hidden_zero, INT8_MIN, INT8_MAX);
}

/* The recurrent product of one gate and unit, scaled. */
static int32_t recurrent(const weft_lstm_params_t *p, const weft_op_t *op, void *const *data, int gate, const int8_t *hidden, int32_t zh, int32_t u, int32_t units) {
  const int8_t *wr = (const int8_t *)data[op->in[RECURRENT_WEIGHTS + gate]] + (size_t)u * (size_t)units;
  return weft_m2(dot(wr, hidden, zh, units), p->qr[gate], p->er[gate]);
}

void weft_op_lstm_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *tx = weft_op_in(g, op, INPUT), *ty = weft_op_out(g, op);
  const int32_t batch = tx->dim[op->time_major ? 1 : 0], steps = tx->dim[op->time_major ? 0 : 1], features = tx->dim[2], units = ty->dim[2];
  const int32_t zx = tx->zero[0], zh = weft_op_in(g, op, HIDDEN)->zero[0];
  weft_lstm_params_t p;
  weft_lstm_params(g, op, &p);
  for (int32_t b = 0; b < batch; b++) {
    int8_t *hidden = (int8_t *)data[op->in[HIDDEN]] + (size_t)b * (size_t)units;
    int16_t *cell = (int16_t *)data[op->in[CELL]] + (size_t)b * (size_t)units;
    for (int32_t t = 0; t < steps; t++) {
      const size_t row = op->time_major ? (size_t)t * (size_t)batch + (size_t)b : (size_t)b * (size_t)steps + (size_t)t;
      const int8_t *x = (const int8_t *)data[op->in[INPUT]] + row * (size_t)features;
      int8_t *y = (int8_t *)data[op->out[0]] + row * (size_t)units;
      for (int32_t u = 0; u < units; u++) {
        int16_t gate[GATES];
        for (int i = 0; i < GATES; i++) {
          const int8_t *wi = (const int8_t *)data[op->in[INPUT_WEIGHTS + i]] + (size_t)u * (size_t)features;
          const int32_t from_input = weft_wrap_add(((const int32_t *)data[op->in[BIASES + i]])[u], dot(wi, x, zx, features));
          const int16_t sum = sat16(weft_m2(from_input, p.qi[i], p.ei[i]));
          gate[i] = sat16(weft_wrap_add(recurrent(&p, op, data, i, hidden, zh, u, units), sum));
        }
        y[u] = unit_step(&p, gate, &cell[u]);
      }
      memcpy(hidden, y, (size_t)units);
    }
  }
}

weft_lstm_size_t weft_lstm_size(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *x = weft_op_in(g, op, INPUT);
  weft_lstm_size_t s = {.batch = x->dim[op->time_major ? 1 : 0], .steps = x->dim[op->time_major ? 0 : 1], .features = x->dim[2], .units = weft_op_out(g, op)->dim[2]};
  s.row_step = op->time_major ? s.batch : 1;
  s.row_batch = op->time_major ? 1 : s.steps;
  return s;
}

void weft_golden_lstm_step(const weft_graph_t *g, const weft_op_t *op, int t, const int16_t *sums, size_t pitch, const int16_t *products,
                           void *const *data) {
  const weft_lstm_size_t s = weft_lstm_size(g, op);
  const int32_t zh = weft_op_in(g, op, HIDDEN)->zero[0];
  weft_lstm_params_t p;
  weft_lstm_params(g, op, &p);
  for (int b = 0; b < s.batch; b++, sums += pitch, products += GATES * s.units) {
    int8_t *hidden = (int8_t *)data[op->in[HIDDEN]] + (size_t)b * (size_t)s.units;
    int16_t *cell = (int16_t *)data[op->in[CELL]] + (size_t)b * (size_t)s.units;
    int8_t *y = (int8_t *)data[op->out[0]] + (size_t)(t * s.row_step + b * s.row_batch) * (size_t)s.units;
    for (int32_t u = 0; u < s.units; u++) {
      int16_t gate[GATES];
      for (int i = 0; i < GATES; i++) {
        int32_t product = products[i * s.units + u];
        /* At the ends of the range it may have been saturated, but only the sum of both must be. */
        if (product == INT16_MAX || product == INT16_MIN) product = recurrent(&p, op, data, i, hidden, zh, u, s.units);
        gate[i] = sat16(weft_wrap_add(product, sums[i * s.units + u]));
      }
      y[u] = unit_step(&p, gate, &cell[u]);
    }
    memcpy(hidden, y, (size_t)s.units);
  }
}
