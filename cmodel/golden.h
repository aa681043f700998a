/* SPDX-License-Identifier: Apache-2.0
 *
 * Golden model of the operators: executes an imported graph on whole tensors, with the bytes of TFLite's reference kernels.
 *
 * Everything else is compared with it: the machine model, the RTL, and the compiled network, whose CPU operators call
 * weft_golden_op() too. No globals, no allocation: the caller owns graph, arena and state. Thread-safe between states.
 *
 *   size_t n = weft_golden_arena_size(g);
 *   weft_golden_t s;
 *   weft_golden_init(&s, g, malloc(n), n, &m);       // refuses what it cannot execute
 *   memcpy(s.data[g->in[0]], image, ...);
 *   weft_golden_run(g, &s, &m);
 *   ... s.data[t] holds every tensor t, also the inner ones; variables keep their value until weft_golden_reset()
 */
#ifndef WEFT_GOLDEN_H
#define WEFT_GOLDEN_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  void **data;   /* graph->ntensors pointers: into the arena, or to the graph's constants (read only) */
} weft_golden_t;

/* Bytes of arena for one state: pointers and every tensor that is not constant. SIZE_MAX when it does not fit a size_t. */
size_t weft_golden_arena_size(const weft_graph_t *g);

/* Lays the tensors out in the arena (any alignment) and zeroes them. WEFT_E_ARG when the arena is too small, WEFT_E_UNSUPPORTED
 * naming the operator when the graph holds one that weft_golden_supported() refuses. */
int weft_golden_init(weft_golden_t *s, const weft_graph_t *g, void *arena, size_t size, weft_msg_t *m);

/* Executes all operators in order on the inputs that stand in s->data[g->in[i]]. */
int weft_golden_run(const weft_graph_t *g, weft_golden_t *s, weft_msg_t *m);

/* Gives every variable its first value again. */
void weft_golden_reset(const weft_graph_t *g, weft_golden_t *s);
void weft_initial(const weft_tensor_t *t, void *to);   /* the first value of one variable */

/* Executes one operator; tensor_data[t] points to tensor t's bytes for each tensor that the operator names. Inputs and
 * outputs must not overlap, except that RESHAPE and SQUEEZE may be given the same pointer for both. Variables among the inputs may be
 * written. */
int weft_golden_op(const weft_graph_t *g, const weft_op_t *op, void *const *tensor_data, weft_msg_t *m);

/* Time step t of UNIDIRECTIONAL_SEQUENCE_LSTM for every batch, where the matrix products come from elsewhere, scaled to Q3.12 and saturated to
 * int16: [gate][unit], gates input, forget, cell, output. sums: of the step's input with bias, `pitch` values from batch to batch;
 * products: of the hidden state before the step, batches dense. Reads the recurrent weights, changes both states and writes the step's output
 * rows. */
void weft_golden_lstm_step(const weft_graph_t *g, const weft_op_t *op, int t, const int16_t *sums, size_t pitch, const int16_t *products,
                           void *const *data);
/* Sizes of such an operator; row(t, b) = t * row_step + b * row_batch of input and output rows. */
typedef struct { int batch, steps, features, units, row_step, row_batch; } weft_lstm_size_t;
weft_lstm_size_t weft_lstm_size(const weft_graph_t *g, const weft_op_t *op);

bool weft_golden_has(weft_opcode_t code);      /* the model has this operator, whatever its tensors */

/* 0 when weft_golden_op() can execute this operator. Every operator of an imported graph can; this guards graphs made by hand. */
int weft_golden_supported(const weft_graph_t *g, const weft_op_t *op, weft_msg_t *m);

#ifdef __cplusplus
}
#endif
#endif
