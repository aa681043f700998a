/* SPDX-License-Identifier: Apache-2.0
 *
 * SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: every block-th pixel becomes an image of its own, and back (how dilated convolutions are written).
 *
 * Inputs: x, block sizes, and [spatial, 2] pads (zero point) or crops; rank 4 with two spatial dimensions or rank 3 with one. Image
 * (row offset * block width + column offset) * batch + b holds the pixels of image b that have these offsets in the padded picture.
 */
#include <string.h>

#include "move.h"

/* The batch side and the space side of one operator; a missing width counts as 1. */
typedef struct { int64_t batch, h, w, c, bh, bw, top, left, small_h, small_w; } blocks_t;

static const char *find(const weft_graph_t *g, const weft_op_t *op, blocks_t *k) {
  const bool to_batch = op->code == WEFT_OP_SPACE_TO_BATCH_ND;
  const weft_tensor_t *x = weft_op_in(g, op, 0), *y = weft_op_out(g, op), *block = weft_op_in(g, op, 1), *edge = weft_op_in(g, op, 2);
  const weft_tensor_t *space = to_batch ? x : y, *many = to_batch ? y : x;
  if (x->rank != y->rank || x->rank < 3 || x->rank > 4) return "input and output must have rank 3 or 4";
  const bool two = x->rank == 4;
  if (!weft_op_numbers(block, two ? 2 : 1) || !weft_op_numbers(edge, two ? 4 : 2)) return "block sizes and edges must be constant, for each spatial dimension";
  *k = (blocks_t){.batch = space->dim[0], .h = space->dim[1], .w = two ? space->dim[2] : 1, .c = space->dim[two ? 3 : 2],
                  .bh = weft_op_number(block, 0), .bw = two ? weft_op_number(block, 1) : 1, .top = weft_op_number(edge, 0),
                  .left = two ? weft_op_number(edge, 2) : 0, .small_h = many->dim[1], .small_w = two ? many->dim[2] : 1};
  const int64_t bottom = weft_op_number(edge, 1), right = two ? weft_op_number(edge, 3) : 0, most = INT32_MAX;
  if (k->bh < 1 || k->bw < 1 || k->bh > most || k->bw > most) return "block sizes must be at least 1";
  if (k->top < 0 || bottom < 0 || k->left < 0 || right < 0 || k->top > most || bottom > most || k->left > most || right > most)
    return "pads and crops must not be negative";
  if (many->dim[two ? 3 : 2] != k->c || many->dim[0] != k->batch * k->bh * k->bw || k->small_h * k->bh != k->h + k->top + bottom ||
      k->small_w * k->bw != k->w + k->left + right)
    return "the output's shape does not follow from input, blocks and edges";
  return NULL;
}

const char *weft_op_space_batch_accept(const weft_graph_t *g, const weft_op_t *op) {
  blocks_t k;
  const char *bad = weft_op_accept_moved(weft_op_in(g, op, 0), weft_op_out(g, op));
  return bad ? bad : find(g, op, &k);
}

/* First multiple offset + i * block >= edge, as i. */
static int64_t first_inside(int64_t edge, int64_t offset, int64_t block) { return edge <= offset ? 0 : (edge - offset + block - 1) / block; }

int weft_space_batch_move(const weft_graph_t *g, const weft_op_t *op, int i, weft_move_t *v, int64_t *from, int64_t *to) {
  const bool to_batch = op->code == WEFT_OP_SPACE_TO_BATCH_ND;
  blocks_t k;
  find(g, op, &k);
  if (i >= k.bh * k.bw) return 0;
  const int64_t row = k.w * k.c, image = k.h * row, small_row = k.small_w * k.c, small_image = k.small_h * small_row;
  const int64_t r = i / k.bw, s = i % k.bw;
  /* Pixels of this offset that lie inside the picture: i0 .. i1-1 of the small image's rows, j0 .. j1-1 of its columns. */
  const int64_t i0 = first_inside(k.top, r, k.bh), i1 = first_inside(k.top + k.h, r, k.bh);
  const int64_t j0 = first_inside(k.left, s, k.bw), j1 = first_inside(k.left + k.w, s, k.bw);
  const int64_t at = (i0 * k.bh + r - k.top) * row + (j0 * k.bw + s - k.left) * k.c;
  const int64_t small_at = (r * k.bw + s) * k.batch * small_image + i0 * small_row + j0 * k.c;
  const int64_t n[4] = {k.batch, i1 - i0, j1 - j0, k.c}, space[4] = {image, k.bh * row, k.bw * k.c, 1}, many[4] = {small_image, small_row, k.c, 1};
  *v = (weft_move_t){.rank = 4};
  for (int d = 0; d < 4; d++) v->n[d] = n[d], v->from[d] = to_batch ? space[d] : many[d], v->to[d] = to_batch ? many[d] : space[d];
  *from = to_batch ? at : small_at;
  *to = to_batch ? small_at : at;
  return 1;
}

void weft_op_space_batch_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  const weft_tensor_t *y = weft_op_out(g, op);
  const size_t size = weft_dtype_size(y->type);
  const unsigned char *in = data[op->in[0]];
  unsigned char *out = data[op->out[0]];
  if (op->code == WEFT_OP_SPACE_TO_BATCH_ND) memset(out, size == 1 && y->nscale ? y->zero[0] : 0, y->elements * size);
  weft_move_t v;
  int64_t from, to;
  for (int i = 0; weft_space_batch_move(g, op, i, &v, &from, &to); i++) weft_move(&v, in + from * (int64_t)size, out + to * (int64_t)size, size);
}
