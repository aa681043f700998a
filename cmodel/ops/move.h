/* SPDX-License-Identifier: Apache-2.0
 *
 * What the operators that move bytes share: constants that name axes and sizes, and one strided copy.
 *
 * A movement is a box of up to WEFT_MOVE_RANK dimensions whose elements are read at some strides and written at others; slices,
 * transpositions, blocks and pads are such boxes. Element types do not matter, only their size.
 */
#ifndef WEFT_OPS_MOVE_H
#define WEFT_OPS_MOVE_H

#include "ops.h"

enum { WEFT_MOVE_RANK = 8 };

/* n[i] elements along dimension i (0 is the slowest), from[i] and to[i] elements apart; strides may be negative or 0. */
typedef struct {
  int rank;
  int64_t n[WEFT_MOVE_RANK], from[WEFT_MOVE_RANK], to[WEFT_MOVE_RANK];
} weft_move_t;

/* Copies the box; from and to point to its first element, `size` is an element's bytes. An n of 0 copies nothing. */
void weft_move(const weft_move_t *v, const void *from, void *to, size_t size);

/* stride[i]: elements between neighbours along dimension i of a tensor. */
void weft_move_strides(const weft_tensor_t *t, int64_t stride[WEFT_MAX_RANK]);

/* Element i of a constant INT32 or INT64 tensor. */
static inline int64_t weft_op_number(const weft_tensor_t *t, size_t i) {
  return t->type == WEFT_I64 ? ((const int64_t *)t->data)[i] : ((const int32_t *)t->data)[i];
}
/* True when t is a constant INT32 or INT64 tensor of n numbers. */
bool weft_op_numbers(const weft_tensor_t *t, size_t n);
/* The only number of t as an axis of `rank` dimensions, counted from the front; -1 when it is none. */
int weft_op_axis(const weft_tensor_t *t, int rank);

/* Elements before and behind dimension `axis`: the tensor is [outer, dim[axis], inner]. */
size_t weft_op_outer(const weft_tensor_t *t, int axis);
size_t weft_op_inner(const weft_tensor_t *t, int axis);

/* What the operators' geometry is, in elements; the compiler takes it from here too. SLICE, STRIDED_SLICE: returns the first element. */
int64_t weft_slice_move(const weft_graph_t *g, const weft_op_t *op, weft_move_t *v);
void weft_transpose_move(const weft_graph_t *g, const weft_op_t *op, weft_move_t *v);
void weft_space_depth_move(const weft_graph_t *g, const weft_op_t *op, weft_move_t *v);
/* SPACE_TO_BATCH_ND, BATCH_TO_SPACE_ND: box i with its first elements in input and output; 0 when i is past the last one. A box may be empty. */
int weft_space_batch_move(const weft_graph_t *g, const weft_op_t *op, int i, weft_move_t *v, int64_t *from, int64_t *to);
/* SPLIT, SPLIT_V, UNPACK: the tensor that is cut, and where. */
const weft_tensor_t *weft_split_whole(const weft_graph_t *g, const weft_op_t *op);
int weft_split_axis(const weft_graph_t *g, const weft_op_t *op);
/* GATHER: sizes of input [batch, outer, axis, inner] and output [batch, outer, count, inner]; index i of the list t with bytes data. */
typedef struct { size_t batch, outer, axis, inner, count; } weft_gather_t;
weft_gather_t weft_gather(const weft_graph_t *g, const weft_op_t *op);
int64_t weft_gather_index(const weft_tensor_t *t, const void *data, size_t i);
/* PAD and its kin: bytes of one margin element; MIRROR_PAD has none. */
void weft_pad_value(const weft_graph_t *g, const weft_op_t *op, unsigned char value[8]);

/* NULL when bytes may go from x to y: one type, and INT8, INT16 and UINT8 with at most one scale. */
const char *weft_op_accept_moved(const weft_tensor_t *x, const weft_tensor_t *y);
bool weft_op_same_quant(const weft_tensor_t *x, const weft_tensor_t *y);   /* exactly */

#endif
