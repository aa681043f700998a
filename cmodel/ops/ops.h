/* SPDX-License-Identifier: Apache-2.0
 *
 * What the operator files share: their two entry points, and short access to an operator's tensors.
 *
 * To add an operator: write ops/<file>.c with weft_op_<file>_accept() and weft_op_<file>_run(); add one line to the family's list
 * (conv.def, lane.def, matrix.def, move.def); add a generator of random cases to tests/conformance/cases_<family>.py and its rule to
 * docs/numerics.md. Options are decoded already (WEFT_OP_OPTIONS in graph.h). Then the importer takes it, the compiler gives it to
 * the CPU, and constants go through it at import. An operator of WEFT_OPS without a line here is refused by name.
 *
 * Each operator is a pair: accept() says whether types, ranks and sizes are such that run() stays inside its tensors (the
 * importer names the operator and its tensors around accept()'s words), run() computes. The number of inputs and outputs has been checked
 * against the list, inputs below "least" are there. Tensors are NHWC; data[t] are tensor t's bytes. A variable among the inputs may be
 * written: it keeps its value until the next inference. No allocation, no globals: scratch lives on the stack, in pieces of a few KiB.
 */
#ifndef WEFT_OPS_OPS_H
#define WEFT_OPS_OPS_H

#include "graph.h"

/* NULL when accepted, else what is wrong, for a message that already names the operator. */
typedef const char *(*weft_op_accept_t)(const weft_graph_t *g, const weft_op_t *op);
typedef void (*weft_op_run_t)(const weft_graph_t *g, const weft_op_t *op, void *const *data);

#define OP(code, name, nin_min, nin_max, nout_min, nout_max) \
  const char *weft_op_##name##_accept(const weft_graph_t *g, const weft_op_t *op); \
  void weft_op_##name##_run(const weft_graph_t *g, const weft_op_t *op, void *const *data);
#include "conv.def"
#include "lane.def"
#include "matrix.def"
#include "move.def"
#undef OP

/* Input i and output 0 as tensors. Input i must be present. */
static inline const weft_tensor_t *weft_op_in(const weft_graph_t *g, const weft_op_t *op, int i) { return &g->tensor[op->in[i]]; }
static inline const weft_tensor_t *weft_op_out(const weft_graph_t *g, const weft_op_t *op) { return &g->tensor[op->out[0]]; }
static inline bool weft_op_has(const weft_op_t *op, int i) { return i < op->nin && op->in[i] >= 0; }

/* The optional bias of CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED: int32 values, or NULL. */
static inline const int32_t *weft_op_bias(const weft_op_t *op, void *const *data) { return weft_op_has(op, 2) ? data[op->in[2]] : NULL; }

/* NULL when t is int8 with one scale. */
const char *weft_op_accept_i8(const weft_tensor_t *t);
/* NULL when the operator's weights (int8, scales for 1 or all channels along qdim) and bias (int32, one a channel) are sound. */
const char *weft_op_accept_weights(const weft_graph_t *g, const weft_op_t *op, int qdim);
/* The same for given tensors; bias may be NULL. */
const char *weft_op_accept_filter(const weft_tensor_t *w, const weft_tensor_t *bias, const weft_tensor_t *y, int qdim);
/* NULL when the factors of all output channels and the bounds of the fused activation fit the fixed-point rules. */
const char *weft_op_accept_factors(const weft_graph_t *g, const weft_op_t *op, int channels);
const char *weft_op_accept_act(const weft_op_t *op, const weft_tensor_t *y);
bool weft_op_same_shape(const weft_tensor_t *a, const weft_tensor_t *b);

/* Sum of a[i] * b[i] over n values, wrapping in int32. Pieces of 2^15 cannot overflow: |a| <= 255, |b| <= 128. */
static inline int32_t weft_dot(const int16_t *a, const int8_t *b, int n) {
  uint32_t total = 0;
  while (n > 0) {
    const int piece = n < 32768 ? n : 32768;
    int32_t sum = 0;
    for (int i = 0; i < piece; i++) sum += a[i] * (int16_t)b[i];
    total += (uint32_t)sum;
    a += piece;
    b += piece;
    n -= piece;
  }
  return (int32_t)total;
}

#endif
