/* SPDX-License-Identifier: Apache-2.0
 *
 * The matrix products of UNIDIRECTIONAL_SEQUENCE_LSTM on the array, with int16 results.
 *
 * The four gates' weights are one matrix. Every filter stands in it twice: its two requantisation entries give the low and the high byte
 * of the same sum, so the ofmap is int16 in memory order. All inputs are one product; the hidden state's follows the gates of the step
 * before, so it is a job for each step. Gates need 16-bit functions that the lanes do not have: the CPU computes them
 * (weft_golden_lstm_step() in golden.h).
 */
#include "conv_walk.h"
#include "golden.h"
#include "quant.h"

enum { INPUT, INPUT_WEIGHTS, RECURRENT_WEIGHTS = 5, BIASES = 12, HIDDEN = 18, GATES = 4, BYTES = 2, SPARE_WORDS = 16 };

typedef struct {
  const weft_graph_t *g;
  const weft_op_t *op;
  weft_lstm_params_t p;
  bool state;
  int units, depth;
} lstm_t;

static const void *constant(const lstm_t *l, int input) { return l->g->tensor[l->op->in[input]].data; }

static int8_t tap(const void *ctx, int m, int r, int s, int c)
{
  const lstm_t *l = ctx;
  (void)r;
  (void)s;
  int gate = m / BYTES / l->units, unit = m / BYTES % l->units;
  return ((const int8_t *)constant(l, (l->state ? RECURRENT_WEIGHTS : INPUT_WEIGHTS) + gate))[(size_t)unit * l->depth + c];
}

static void entry(const void *ctx, int m, int32_t *bias, int32_t *q, int *e)
{
  const lstm_t *l = ctx;
  int gate = m / BYTES / l->units, unit = m / BYTES % l->units;
  *bias = l->state ? 0 : ((const int32_t *)constant(l, BIASES + gate))[unit];
  *q = l->state ? l->p.qr[gate] : l->p.qi[gate];
  *e = l->state ? l->p.er[gate] : l->p.ei[gate];
}

/* The state's products with the operands exchanged: the weights are the ifmap and the one hidden state is the filter, once for each byte. The
 * array then gets a gate's weights once instead of twice, and no entries for each unit. When a quarter of the buffer holds a gate's operands and
 * results, each gate works in one of its own, so that the weights are still there in the next step (repeat.h). */
static int by_rows(weft_emit_t *e, const lstm_t *l, int steps, uint32_t to)
{
  uint64_t macs = e->layer->macs, cycles = e->layer->cycles;
  int64_t row = (l->units + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES;
  if (l->units * (row + BYTES) + 8 * row + SPARE_WORDS <= e->p->cfg->buf_words / GATES) e->windows = GATES;
  uint32_t bytes = (uint32_t)(BYTES * l->units);
  int err = WEFT_OK;
  for (int i = 0; i < GATES && !err; i++) {
    weft_place_t part = {WEFT_REG_ARENA, to + (uint32_t)i * bytes, bytes};
    e->window = e->windows ? i : 0;
    err = weft_lower_rows(e, e->op->in[RECURRENT_WEIGHTS + i], e->op->in[HIDDEN], l->p.qr[i], l->p.er[i], &part);
    e->top = !e->top;              /* the next gate's weights load while this one works */
  }
  e->layer->macs = macs;           /* the operator's, not one product's */
  e->layer->cycles += (e->layer->cycles - cycles) * (uint64_t)(steps - 1);
  return err;
}

int weft_lower_lstm(weft_emit_t *e, bool state, uint32_t to)
{
  weft_lstm_size_t s = weft_lstm_size(e->g, e->op);
  lstm_t l = {.g = e->g, .op = e->op, .state = state, .units = s.units, .depth = state ? s.units : s.features};
  for (int i = 0; i < GATES; i++)
    if (!constant(&l, INPUT_WEIGHTS + i) || !constant(&l, RECURRENT_WEIGHTS + i) || !constant(&l, BIASES + i))
      return weft_fail(e->m, WEFT_E_UNSUPPORTED, "weights or biases computed at run time");
  weft_lstm_params(e->g, e->op, &l.p);
  if (state && s.batch == 1) {
    uint32_t ncmd = e->p->ncmd;
    int err = by_rows(e, &l, s.steps, to);
    if (err != WEFT_E_UNSUPPORTED || e->p->ncmd != ncmd) return err;
  }
  int in = e->op->in[state ? HIDDEN : INPUT], rows = state ? s.batch : s.batch * s.steps, M = GATES * BYTES * s.units;
  weft_conv_geom_t g = {.N = 1, .H = 1, .W = rows, .C = l.depth, .Cn = l.depth, .OH = 1, .OW = rows, .M = M, .Mn = M, .R = 1, .S = 1, .sy = 1, .sx = 1,
                        .dy = 1, .dx = 1, .zx = e->g->tensor[in].zero[0], .lo = INT8_MIN, .hi = INT8_MAX};
  weft_conv_data_t d = {&l, tap, entry, true};
  weft_walk_t w = {.e = e, .g = &g, .in = {e->p->place[in], 1, rows, l.depth},
                   .out = {{WEFT_REG_ARENA, to, (uint32_t)(rows * M)}, 1, rows, M}};
  weft_conv_plan_t p;
  int err = weft_walk_begin(&w, &p, &d, NULL);
  if (err) return err;
  err = weft_walk(&w);
  weft_walk_end(&w);
  e->layer->cycles += (uint64_t)(p.cycles * (state ? s.steps : 1));
  return err;
}
