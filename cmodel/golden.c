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

static const struct { weft_op_accept_t accept; weft_op_run_t run; int nin; } table[WEFT_OP_COUNT] = {
#define OP(code, name, nin) [WEFT_OP_##code] = {weft_op_##name##_accept, weft_op_##name##_run, nin}
    OP(ADD, add, 2), OP(AVERAGE_POOL_2D, average_pool_2d, 1), OP(CONV_2D, conv_2d, 2), OP(DEPTHWISE_CONV_2D, depthwise_conv_2d, 2),
    OP(FULLY_CONNECTED, fully_connected, 2), OP(MAX_POOL_2D, max_pool_2d, 1), OP(RELU, rescale, 1), OP(RELU6, rescale, 1),
    OP(RESHAPE, reshape, 1), OP(SOFTMAX, softmax, 1), OP(PAD, pad, 2), OP(MEAN, mean, 2), OP(SQUEEZE, reshape, 1), OP(QUANTIZE, rescale, 1),
#undef OP
};

static int refuse(const weft_op_t *op, weft_msg_t *m, const char *why) {
  return weft_fail(m, WEFT_E_UNSUPPORTED, "operator %d %s: %s", op->index, weft_op_name(op->code), why);
}

int weft_golden_supported(const weft_graph_t *g, const weft_op_t *op, weft_msg_t *m) {
  if ((unsigned)op->code >= WEFT_OP_COUNT || !table[op->code].run) return refuse(op, m, "the golden model has no such operator");
  if (op->nin < table[op->code].nin || op->nout != 1) return refuse(op, m, "wrong number of inputs or outputs");
  for (int i = 0; i < op->nin; i++)
    if (op->in[i] >= g->ntensors || (op->in[i] < 0 && i < table[op->code].nin)) return refuse(op, m, "an input is missing");
  if (op->out[0] < 0 || op->out[0] >= g->ntensors) return refuse(op, m, "the output is missing");
  if (g->tensor[op->out[0]].data) return refuse(op, m, "the output is a constant");
  const char *bad = table[op->code].accept(g, op);
  return bad ? refuse(op, m, bad) : WEFT_OK;
}

int weft_golden_op(const weft_graph_t *g, const weft_op_t *op, void *const *tensor_data, weft_msg_t *m) {
  int e = weft_golden_supported(g, op, m);
  if (e) return e;
  for (int i = 0; i < op->nin; i++)
    if (op->in[i] >= 0 && !tensor_data[op->in[i]])
      return weft_fail(m, WEFT_E_ARG, "operator %d %s: no data for tensor '%.72s'", op->index, weft_op_name(op->code), g->tensor[op->in[i]].name);
  if (!tensor_data[op->out[0]])
    return weft_fail(m, WEFT_E_ARG, "operator %d %s: no room for tensor '%.72s'", op->index, weft_op_name(op->code), g->tensor[op->out[0]].name);
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
  return WEFT_OK;
}

int weft_golden_run(const weft_graph_t *g, weft_golden_t *s, weft_msg_t *m) {
  for (int i = 0; i < g->nops; i++) {
    int e = weft_golden_op(g, &g->op[i], s->data, m);
    if (e) return e;
  }
  return WEFT_OK;
}
