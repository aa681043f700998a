/* SPDX-License-Identifier: Apache-2.0
 *
 * Broadcasting of two int8 tensors: which value of each meets which, for every operator with two feature maps.
 *
 * A dimension of size 1, or a missing leading one, is repeated. Neighbouring dimensions that behave alike are merged, so that the usual
 * patterns (equal shapes, a scalar, one value a channel, one value a pixel) come down to one or two loops, for the golden operators and
 * for whoever lowers them.
 */
#ifndef WEFT_OPS_BROADCAST_H
#define WEFT_OPS_BROADCAST_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Loops over the output, the innermost first; the output itself is contiguous. One step of loop i moves by step_a[i] and step_b[i]
 * values in the inputs: 0 where the input is repeated, else the product of its inner sizes. At least one loop; in the innermost
 * the steps are 0 or 1. */
typedef struct {
  int loops;
  size_t n[WEFT_MAX_RANK], step_a[WEFT_MAX_RANK], step_b[WEFT_MAX_RANK];
} weft_broadcast_t;

/* False when a and b cannot be broadcast together or y has not the shape that results. */
bool weft_broadcast(const weft_tensor_t *a, const weft_tensor_t *b, const weft_tensor_t *y, weft_broadcast_t *to);

/* Computes n outputs that lie one behind the other; a and b advance by step_a and step_b (0 or 1) with each. */
typedef void (*weft_broadcast_row_t)(const void *context, const int8_t *a, size_t step_a, const int8_t *b, size_t step_b, int8_t *to, size_t n);

/* For operators: NULL when input 0, input 1 and the output are int8 with one scale and their shapes fit, else what is wrong. */
const char *weft_broadcast_accept(const weft_graph_t *g, const weft_op_t *op);

/* Calls row() for the whole output of an operator that weft_broadcast_accept() has accepted. */
void weft_broadcast_run(const weft_graph_t *g, const weft_op_t *op, void *const *data, weft_broadcast_row_t row, const void *context);

#ifdef __cplusplus
}
#endif
#endif
