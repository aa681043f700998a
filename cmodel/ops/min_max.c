/* SPDX-License-Identifier: Apache-2.0
 *
 * MAXIMUM and MINIMUM of two int8 tensors, with broadcasting: of the raw bytes, so all three tensors share one quantisation.
 */
#include "broadcast.h"
#include "ops.h"

const char *weft_op_min_max_accept(const weft_graph_t *g, const weft_op_t *op) { return weft_broadcast_accept(g, op); }

static void larger(const void *context, const int8_t *a, size_t step_a, const int8_t *b, size_t step_b, int8_t *to, size_t n) {
  (void)context;
  for (size_t i = 0; i < n; i++) to[i] = a[i * step_a] > b[i * step_b] ? a[i * step_a] : b[i * step_b];
}

static void smaller(const void *context, const int8_t *a, size_t step_a, const int8_t *b, size_t step_b, int8_t *to, size_t n) {
  (void)context;
  for (size_t i = 0; i < n; i++) to[i] = a[i * step_a] < b[i * step_b] ? a[i * step_a] : b[i * step_b];
}

void weft_op_min_max_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  weft_broadcast_run(g, op, data, op->code == WEFT_OP_MAXIMUM ? larger : smaller, NULL);
}
