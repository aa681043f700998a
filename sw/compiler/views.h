/* SPDX-License-Identifier: Apache-2.0
 *
 * Which tensors can live inside others, so that operators that only move bytes cost nothing.
 */
#ifndef WEFT_VIEWS_H
#define WEFT_VIEWS_H

#include "graph.h"

/* Tensor t stands at byte at[t] of tensor in[t] (t itself: a place of its own). */
typedef struct { int *in; int64_t *at; } weft_views_t;

/* Both lists have room for all tensors. */
void weft_views_find(const weft_graph_t *g, weft_views_t *v);

/* The tensor with a place of its own in which t lives; adds t's distance from its start to *at (NULL: not wanted). */
int weft_views_root(const weft_views_t *v, int t, int64_t *at);

/* The operator moves bytes, and all of them are in place already. */
bool weft_views_nothing_moves(const weft_graph_t *g, const weft_op_t *op, const weft_views_t *v);

#endif
