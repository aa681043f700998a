/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the matrices of BATCH_MATMUL's operands and result stand in DRAM, transposed by the operators beside it or not.
 */
#ifndef WEFT_MATRICES_H
#define WEFT_MATRICES_H

#include "graph.h"

/* Bytes from row to row, and from matrix to matrix along each leading dimension, counted from the last; 0 along those of size 1, which
 * repeat. Values of a row are neighbours; with `turned` those of a column are, and the pitch is that of columns. */
typedef struct {
  int tensor;
  bool turned;
  int64_t pitch, step[WEFT_MAX_RANK];
} weft_matrices_t;

void weft_matrices_dense(const weft_graph_t *g, int t, weft_matrices_t *m);                  /* of an INT8 tensor as it stands */
void weft_matrices_through(const weft_graph_t *g, const weft_op_t *op, weft_matrices_t *m);  /* as a TRANSPOSE makes them of its input */
void weft_matrices_onto(const weft_graph_t *g, const weft_op_t *op, weft_matrices_t *m);     /* as a TRANSPOSE puts them into its output */

/* Bytes from the tensor's start to the matrix that belongs to matrix i of the product y. */
int64_t weft_matrix_at(const weft_tensor_t *y, const weft_matrices_t *m, int i);

#endif
