/* SPDX-License-Identifier: Apache-2.0
 *
 * Movements of bytes that need not be made, because the operators beside them reach the bytes where they are: convolutions bring the
 * parts of a concatenation together in the buffer, pad by themselves, pool their result or take it through a value-by-value operator, matrix products step through transposed
 * operands and results.
 */
#ifndef WEFT_JOINS_H
#define WEFT_JOINS_H

#include "graph.h"

/* made_by[t]: number of the operator that makes tensor t, when all that read t can take that operator's inputs instead; else -1.
 * kept_by[t]: number of the operator that alone reads t and whose result the one that makes t can write instead: a TRANSPOSE behind a matrix product,
 * a pool or a
 * value-by-value operator behind a convolution, of its result alone or with what was there before; else -1. */
void weft_joins_find(const weft_graph_t *g, int *made_by, int *kept_by);

#endif
