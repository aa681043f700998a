/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs operators of a graph in order and keeps every tensor.
 *
 * The dispatch table is the only place that maps an operator to its file in ops/.
 */
#include "golden.h"

#include <string.h>

#include "ops/ops.h"

enum { ALIGN = 16 };   /* each tensor starts on a multiple of this: int32 data, and vector loads of the kernels */

static const struct { weft_op_accept_t accept; weft_op_run_t run; int nin_min, nin_max, nout_min, nout_max; } table[WEFT_OP_COUNT] = {
#define OP(code, name, nin_min, nin_max, nout_min, nout_max) \
  [WEFT_OP_##code] = {weft_op_##name##_accept, weft_op_##name##_run, nin_min, nin_max, nout_min, nout_max},
#include "ops/conv.def"
#include "ops/lane.def"
#include "ops/matrix.def"
#include "ops/move.def"
#undef OP
};

static int refuse(const weft_op_t *op, weft_msg_t *m, const char *why) {
  return weft_fail(m, WEFT_E_UNSUPPORTED, "operator %d %s: %s", op->index, weft_op_name(op->code), why);
}

static int refuse_count(const weft_op_t *op, weft_msg_t *m, const char *what, int have, int least, int most) {
  return weft_fail(m, WEFT_E_FORMAT, least == most ? "operator %d %s: has %d %s; accepted: %d" : "operator %d %s: has %d %s; accepted: %d to %d",
                   op->index, weft_op_name(op->code), have, what, least, most);
}

bool weft_golden_has(weft_opcode_t code) { return (unsigned)code < WEFT_OP_COUNT && table[code].run; }

int weft_golden_supported(const weft_graph_t *g, const weft_op_t *op, weft_msg_t *m) {
  if (!weft_golden_has(op->code)) return refuse(op, m, "not supported: the golden model does not have it");
  const int least = table[op->code].nin_min, nout_min = table[op->code].nout_min;
  if (op->nin < least || op->nin > table[op->code].nin_max) return refuse_count(op, m, "inputs", op->nin, least, table[op->code].nin_max);
  if (op->nout < nout_min || op->nout > table[op->code].nout_max) return refuse_count(op, m, "outputs", op->nout, nout_min, table[op->code].nout_max);
  for (int i = 0; i < op->nin; i++) {
    if (op->in[i] < g->ntensors && (op->in[i] >= 0 || i >= least)) continue;
    return weft_fail(m, WEFT_E_FORMAT, "operator %d %s: input %d is missing", op->index, weft_op_name(op->code), i);
  }
  for (int i = 0; i < op->nout; i++) {
    if (op->out[i] < 0 || op->out[i] >= g->ntensors) return weft_fail(m, WEFT_E_FORMAT, "operator %d %s: output %d is missing", op->index, weft_op_name(op->code), i);
    if (g->tensor[op->out[i]].data || g->tensor[op->out[i]].variable) return refuse(op, m, "an output is a constant or a variable");
  }
  const char *bad = table[op->code].accept(g, op);
  return bad ? refuse(op, m, bad) : WEFT_OK;
}

/* The tensor that an operator is about to use without bytes behind it. */
static int no_data(const weft_graph_t *g, const weft_op_t *op, int t, weft_msg_t *m) {
  return weft_fail(m, WEFT_E_ARG, "operator %d %s: no bytes for tensor '%.72s'", op->index, weft_op_name(op->code), g->tensor[t].name);
}

int weft_golden_op(const weft_graph_t *g, const weft_op_t *op, void *const *tensor_data, weft_msg_t *m) {
  int e = weft_golden_supported(g, op, m);
  if (e) return e;
  for (int i = 0; i < op->nin; i++)
    if (op->in[i] >= 0 && !tensor_data[op->in[i]]) return no_data(g, op, op->in[i], m);
  for (int i = 0; i < op->nout; i++)
    if (!tensor_data[op->out[i]]) return no_data(g, op, op->out[i], m);
  table[op->code].run(g, op, tensor_data);
  return WEFT_OK;
}

/* Adds n bytes, rounded up to ALIGN, to *total; false on overflow. */
static bool grow(size_t *total, size_t n) {
  if (n > SIZE_MAX - ALIGN || *total > SIZE_MAX - ALIGN - n) return false;
  *total += (n + ALIGN - 1) / ALIGN * ALIGN;
  return true;
}

static size_t tensor_bytes(const weft_tensor_t *t) {
  const size_t size = weft_dtype_size(t->type);
  return t->elements > SIZE_MAX / size ? SIZE_MAX : t->elements * size;
}

size_t weft_golden_arena_size(const weft_graph_t *g) {
  size_t total = ALIGN;   /* slack to align the caller's pointer */
  bool fits = (size_t)g->ntensors <= SIZE_MAX / sizeof(void *) && grow(&total, (size_t)g->ntensors * sizeof(void *));
  for (int i = 0; fits && i < g->ntensors; i++)
    if (!g->tensor[i].data) fits = grow(&total, tensor_bytes(&g->tensor[i]));
  return fits ? total : SIZE_MAX;
}

int weft_golden_init(weft_golden_t *s, const weft_graph_t *g, void *arena, size_t size, weft_msg_t *m) {
  const size_t need = weft_golden_arena_size(g);
  if (!arena || need == SIZE_MAX || size < need)
    return weft_fail(m, WEFT_E_ARG, "the golden model's arena holds %zu bytes, the network needs %zu", arena ? size : 0, need);
  for (int i = 0; i < g->nops; i++) {
    int e = weft_golden_supported(g, &g->op[i], m);
    if (e) return e;
  }
  memset(arena, 0, size);
  unsigned char *at = arena;
  at += (ALIGN - (uintptr_t)at % ALIGN) % ALIGN;
  s->data = (void **)(void *)at;
  size_t used = 0;
  grow(&used, (size_t)g->ntensors * sizeof(void *));
  for (int i = 0; i < g->ntensors; i++) {
    s->data[i] = g->tensor[i].data;
    if (s->data[i]) continue;
    s->data[i] = at + used;
    grow(&used, tensor_bytes(&g->tensor[i]));
  }
  weft_golden_reset(g, s);
  return WEFT_OK;
}

void weft_initial(const weft_tensor_t *t, void *to) {
  const size_t n = tensor_bytes(t);
  if (t->initial) memcpy(to, t->initial, n);
  else memset(to, (t->type == WEFT_I8 || t->type == WEFT_U8) && t->nscale ? t->zero[0] : 0, n);
}

void weft_golden_reset(const weft_graph_t *g, weft_golden_t *s) {
  for (int i = 0; i < g->ntensors; i++)
    if (g->tensor[i].variable) weft_initial(&g->tensor[i], s->data[i]);
}

int weft_golden_run(const weft_graph_t *g, weft_golden_t *s, weft_msg_t *m) {
  for (int i = 0; i < g->nops; i++) {
    int e = weft_golden_op(g, &g->op[i], s->data, m);
    if (e) return e;
  }
  return WEFT_OK;
}
