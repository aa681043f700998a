/* SPDX-License-Identifier: Apache-2.0
 *
 * What the operator files share: their two entry points, and short access to an operator's tensors.
 *
 * Each operator is a pair: accept() says whether types, ranks and sizes are such that run() stays inside its tensors (the
 * importer checks much more, with messages for users), run() computes. Tensors are NHWC; data[t] are tensor t's bytes.
 */
#ifndef WEFT_OPS_OPS_H
#define WEFT_OPS_OPS_H

#include "graph.h"

/* NULL when accepted, else what is wrong, for a message that already names the operator. */
typedef const char *(*weft_op_accept_t)(const weft_graph_t *g, const weft_op_t *op);
typedef void (*weft_op_run_t)(const weft_graph_t *g, const weft_op_t *op, void *const *data);

#define X(name) \
  const char *weft_op_##name##_accept(const weft_graph_t *g, const weft_op_t *op); \
  void weft_op_##name##_run(const weft_graph_t *g, const weft_op_t *op, void *const *data);
X(add) X(average_pool_2d) X(conv_2d) X(depthwise_conv_2d) X(fully_connected) X(max_pool_2d) X(mean) X(pad) X(rescale) X(reshape) X(softmax)
#undef X

/* Input i and the output as tensors. Input i must be present. */
static inline const weft_tensor_t *weft_op_in(const weft_graph_t *g, const weft_op_t *op, int i) { return &g->tensor[op->in[i]]; }
static inline const weft_tensor_t *weft_op_out(const weft_graph_t *g, const weft_op_t *op) { return &g->tensor[op->out[0]]; }
static inline bool weft_op_has(const weft_op_t *op, int i) { return i < op->nin && op->in[i] >= 0; }

/* The optional bias of CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED: int32 values, or NULL. */
static inline const int32_t *weft_op_bias(const weft_op_t *op, void *const *data) { return weft_op_has(op, 2) ? data[op->in[2]] : NULL; }

/* NULL when t is int8 with one scale. */
const char *weft_op_accept_i8(const weft_tensor_t *t);
/* NULL when the operator's weights (int8, scales for 1 or all channels along qdim) and bias (int32, one a channel) are sound. */
const char *weft_op_accept_weights(const weft_graph_t *g, const weft_op_t *op, int qdim);
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
