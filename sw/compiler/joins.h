/* SPDX-License-Identifier: Apache-2.0
 *
 * Concatenations along channels that need not be made, because convolutions bring the parts of a pixel together in the buffer themselves.
 */
#ifndef WEFT_JOINS_H
#define WEFT_JOINS_H

#include "graph.h"

/* join[t]: number of the CONCATENATION that makes tensor t, when all that read t are convolutions that take its parts instead; else -1. */
void weft_joins_find(const weft_graph_t *g, int *join);

#endif
