/* SPDX-License-Identifier: Apache-2.0
 *
 * One axis of a RESIZE: where its outputs come from, in groups that one command can serve.
 */
#ifndef WEFT_RESIZE_AXIS_H
#define WEFT_RESIZE_AXIS_H

#include "graph.h"

/* Output o is input `low`, or with weight w in 1..1023 it is (1024 - w) low + w (low + 1), in steps of 1/1024. */
typedef struct { int32_t low, weight; } weft_source_t;

/* Outputs first, first + stride, ...: n of them, from inputs low, low + low_step, ... All take one tap, or all take two. */
typedef struct { int first, n, low, low_step; bool two; } weft_axis_group_t;

typedef struct {
  int out, stride;               /* outputs; from one output of a group to the next */
  weft_source_t *from;           /* out entries */
  int *first, *times;            /* after weft_axis_unite(): where output o stands on the axis, and how often in a row; else o and 1 */
  int groups;
  weft_axis_group_t *group;      /* room for `out` */
} weft_axis_t;

/* Reads the operator's coordinates. dimension: 1 height, 2 width. False without memory; weft_axis_free() in any case. */
bool weft_axis_open(weft_axis_t *a, const weft_graph_t *g, const weft_op_t *op, int dimension);
void weft_axis_free(weft_axis_t *a);

/* Neighbours that come from the same place become one output. */
void weft_axis_unite(weft_axis_t *a);

/* Finds the stride with the fewest groups over the whole axis. one_weight: the outputs of a group must also have one weight. */
void weft_axis_stride(weft_axis_t *a, bool one_weight);

/* Groups the outputs first .. end-1 by the stride found. */
void weft_axis_group(weft_axis_t *a, int first, int end, bool one_weight);

#endif
