/* SPDX-License-Identifier: Apache-2.0
 *
 * What the operators that move bytes do, as boxes: bytes of one tensor that become bytes of another.
 *
 * The placement looks at the boxes to see which tensors can live inside others, so that nothing has to move; the lowering copies the boxes
 * that are left. Geometry comes from the golden operators (cmodel/ops/move.h).
 */
#ifndef WEFT_MOVE_BOX_H
#define WEFT_MOVE_BOX_H

#include "graph.h"
#include "ops/move.h"

enum { WEFT_FILL = -1 };

/* n[0] x n[1] ... runs of `run` bytes, each contiguous on both sides; strides and starts in bytes, `fs` may be negative. Dimensions of
 * size 1 are gone, and neighbours that continue each other are one. */
typedef struct {
  int from, to;            /* tensors; from = WEFT_FILL: `value` again and again */
  int64_t from_at, to_at, run;
  int rank;
  int64_t n[WEFT_MOVE_RANK], fs[WEFT_MOVE_RANK], ts[WEFT_MOVE_RANK];
  unsigned char value[8];
} weft_box_t;

/* CONCATENATION, PACK, SPLIT, SPLIT_V, UNPACK, SLICE, STRIDED_SLICE, TRANSPOSE, GATHER, SPACE_TO_DEPTH, DEPTH_TO_SPACE, SPACE_TO_BATCH_ND,
 * BATCH_TO_SPACE_ND, PAD, PADV2, MIRROR_PAD, RESHAPE, SQUEEZE, EXPAND_DIMS, READ_VARIABLE, ASSIGN_VARIABLE. */
bool weft_is_move(weft_opcode_t code);

/* Calls each() for every box; each byte of the outputs belongs to one box. Stops at the first result that is not 0. */
typedef int (*weft_box_fn)(void *ctx, const weft_box_t *b);
int weft_boxes(const weft_graph_t *g, const weft_op_t *op, weft_box_fn each, void *ctx);

/* NULL, or why the boxes are not known when the network is compiled. */
const char *weft_boxes_unknown(const weft_graph_t *g, const weft_op_t *op);

#endif
