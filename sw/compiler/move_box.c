/* SPDX-License-Identifier: Apache-2.0
 *
 * Boxes of every operator that moves bytes (see move_box.h).
 */
#include "move_box.h"

#include <string.h>

typedef struct {
  const weft_graph_t *g;
  const weft_op_t *op;
  weft_box_fn each;
  void *ctx;
} boxes_t;

bool weft_is_move(weft_opcode_t code)
{
  switch (code) {
  case WEFT_OP_CONCATENATION: case WEFT_OP_PACK: case WEFT_OP_SPLIT: case WEFT_OP_SPLIT_V: case WEFT_OP_UNPACK: case WEFT_OP_SLICE:
  case WEFT_OP_STRIDED_SLICE: case WEFT_OP_TRANSPOSE: case WEFT_OP_GATHER: case WEFT_OP_SPACE_TO_DEPTH: case WEFT_OP_DEPTH_TO_SPACE:
  case WEFT_OP_SPACE_TO_BATCH_ND: case WEFT_OP_BATCH_TO_SPACE_ND: case WEFT_OP_PAD: case WEFT_OP_PADV2: case WEFT_OP_MIRROR_PAD:
  case WEFT_OP_RESHAPE: case WEFT_OP_SQUEEZE: case WEFT_OP_EXPAND_DIMS: case WEFT_OP_READ_VARIABLE: case WEFT_OP_ASSIGN_VARIABLE: return true;
  default: return false;
  }
}

const char *weft_boxes_unknown(const weft_graph_t *g, const weft_op_t *op)
{
  if (op->code == WEFT_OP_GATHER && !g->tensor[op->in[1]].data) return "indexes computed at run time";
  if (op->code == WEFT_OP_PADV2 && !g->tensor[op->in[2]].data) return "a margin value computed at run time";
  return NULL;
}

/* Makes runs as long as both sides allow and drops what does not loop. The innermost dimension of v comes last. */
static int emit(const boxes_t *o, int from, int to, int64_t from_at, int64_t to_at, const weft_move_t *v, const unsigned char *value)
{
  int64_t size = (int64_t)weft_dtype_size(o->g->tensor[to].type);
  weft_box_t b = {.from = from, .to = to, .from_at = from_at * size, .to_at = to_at * size, .run = size};
  int64_t n[WEFT_MOVE_RANK], fs[WEFT_MOVE_RANK], ts[WEFT_MOVE_RANK];      /* innermost first */
  int k = 0;
  for (int i = v->rank - 1; i >= 0; i--) {
    int64_t f = v->from[i] * size, t = v->to[i] * size;
    if (v->n[i] < 1) return WEFT_OK;
    if (v->n[i] == 1) continue;
    if (k == 0 && t == b.run && (f == b.run || from == WEFT_FILL)) b.run *= v->n[i];
    else if (k && t == ts[k - 1] * n[k - 1] && (f == fs[k - 1] * n[k - 1] || from == WEFT_FILL)) n[k - 1] *= v->n[i];
    else {
      n[k] = v->n[i];
      fs[k] = f;
      ts[k++] = t;
    }
  }
  b.rank = k;
  for (int i = 0; i < k; i++) {
    b.n[i] = n[k - 1 - i];
    b.fs[i] = fs[k - 1 - i];
    b.ts[i] = ts[k - 1 - i];
  }
  if (value) memcpy(b.value, value, sizeof b.value);
  return o->each(o->ctx, &b);
}

/* [outer, inner elements]: pieces of one tensor behind one another along an axis of another. */
static int piece(const boxes_t *o, int from, int to, int64_t from_at, int64_t to_at, size_t outer, size_t from_row, size_t to_row, size_t inner)
{
  weft_move_t v = {.rank = 2, .n = {(int64_t)outer, (int64_t)inner}, .from = {(int64_t)from_row, 1}, .to = {(int64_t)to_row, 1}};
  return emit(o, from, to, from_at, to_at, &v, NULL);
}

static int concatenation(const boxes_t *o)
{
  const weft_tensor_t *y = &o->g->tensor[o->op->out[0]];
  size_t outer = weft_op_outer(y, o->op->axis), row = y->elements / outer, at = 0;
  for (int k = 0; k < o->op->nin; k++) {
    size_t part = o->g->tensor[o->op->in[k]].elements / outer;
    int err = piece(o, o->op->in[k], o->op->out[0], 0, (int64_t)at, outer, part, row, part);
    if (err) return err;
    at += part;
  }
  return WEFT_OK;
}

static int split(const boxes_t *o)
{
  const weft_tensor_t *x = weft_split_whole(o->g, o->op);
  size_t outer = weft_op_outer(x, weft_split_axis(o->g, o->op)), row = x->elements / outer, at = 0;
  for (int k = 0; k < o->op->nout; k++) {
    size_t part = o->g->tensor[o->op->out[k]].elements / outer;
    int err = piece(o, (int)(x - o->g->tensor), o->op->out[k], (int64_t)at, 0, outer, row, part, part);
    if (err) return err;
    at += part;
  }
  return WEFT_OK;
}

/* Neighbouring indexes in rising order are one box. */
static int gather(const boxes_t *o)
{
  const weft_gather_t s = weft_gather(o->g, o->op);
  const weft_tensor_t *index = &o->g->tensor[o->op->in[1]];
  for (size_t b = 0; b < s.batch; b++)
    for (size_t i = 0, n; i < s.count; i += n) {
      int64_t first = weft_gather_index(index, index->data, b * s.count + i);
      for (n = 1; i + n < s.count && weft_gather_index(index, index->data, b * s.count + i + n) == first + (int64_t)n; n++) continue;
      int err = piece(o, o->op->in[0], o->op->out[0], (int64_t)((b * s.outer * s.axis + (size_t)first) * s.inner),
                      (int64_t)((b * s.outer * s.count + i) * s.inner), s.outer, s.axis * s.inner, s.count * s.inner, n * s.inner);
      if (err) return err;
    }
  return WEFT_OK;
}

/* Rows and columns of one small image that lie outside the picture: above, below, left, right of the box v that begins at `to`. */
static int image_margins(const boxes_t *o, const weft_move_t *v, int64_t base, int64_t to, const unsigned char *value)
{
  int64_t c = v->to[2], row = v->to[1], image = v->to[0], h = image / row, w = row / c;
  int64_t i0 = (to - base) / row, j0 = (to - base) % row / c, i1 = i0 + v->n[1], j1 = j0 + v->n[2];
  if (v->n[1] < 1 || v->n[2] < 1) i0 = i1 = j0 = j1 = 0;     /* nothing of the picture: `to` may lie in the next image */
  const int64_t box[4][4] = {{0, i0, 0, w}, {i1, h, 0, w}, {i0, i1, 0, j0}, {i0, i1, j1, w}};
  for (int k = 0; k < 4; k++) {
    const int64_t *b = box[k];
    weft_move_t m = {.rank = 4, .n = {v->n[0], b[1] - b[0], b[3] - b[2], c}, .to = {image, row, c, 1}};
    int err = emit(o, WEFT_FILL, o->op->out[0], 0, base + b[0] * row + b[2] * c, &m, value);
    if (err) return err;
  }
  return WEFT_OK;
}

static int space_batch(const boxes_t *o)
{
  weft_move_t v;
  int64_t from, to;
  unsigned char value[8];
  weft_pad_value(o->g, o->op, value);
  for (int i = 0; weft_space_batch_move(o->g, o->op, i, &v, &from, &to); i++) {
    int err = emit(o, o->op->in[0], o->op->out[0], from, to, &v, NULL);
    if (!err && o->op->code == WEFT_OP_SPACE_TO_BATCH_ND) err = image_margins(o, &v, i * v.n[0] * v.to[0], to, value);
    if (err) return err;
  }
  return WEFT_OK;
}

static void amounts(const boxes_t *o, int i, int64_t *before, int64_t *after)
{
  const weft_tensor_t *pad = &o->g->tensor[o->op->in[1]];
  *before = weft_op_number(pad, 2 * (size_t)i);
  *after = weft_op_number(pad, 2 * (size_t)i + 1);
}

/* The margins of dimension i: in front of it only the inside, behind it everything, so that no byte is written twice. */
static int margins(const boxes_t *o, int i, const unsigned char *value)
{
  const weft_tensor_t *x = &o->g->tensor[o->op->in[0]], *y = &o->g->tensor[o->op->out[0]];
  int64_t stride[WEFT_MAX_RANK], start = 0, before, after;
  weft_move_t v = {.rank = y->rank};
  weft_move_strides(y, stride);
  for (int d = 0; d < y->rank; d++) {
    amounts(o, d, &before, &after);
    v.n[d] = d < i ? x->dim[d] : y->dim[d];
    v.to[d] = stride[d];
    if (d < i) start += before * stride[d];
  }
  amounts(o, i, &before, &after);
  v.n[i] = before;
  int err = emit(o, WEFT_FILL, o->op->out[0], 0, start, &v, value);
  v.n[i] = after;
  return err ? err : emit(o, WEFT_FILL, o->op->out[0], 0, start + (before + x->dim[i]) * stride[i], &v, value);
}

static int pad(const boxes_t *o)
{
  const weft_tensor_t *x = &o->g->tensor[o->op->in[0]];
  unsigned char value[8];
  int64_t stride[WEFT_MAX_RANK], start = 0, before, after;
  weft_move_t v = {.rank = x->rank};
  weft_pad_value(o->g, o->op, value);
  weft_move_strides(x, v.from);
  weft_move_strides(&o->g->tensor[o->op->out[0]], stride);
  for (int i = 0; i < x->rank; i++) {
    amounts(o, i, &before, &after);
    v.n[i] = x->dim[i];
    v.to[i] = stride[i];
    start += before * stride[i];
  }
  int err = emit(o, o->op->in[0], o->op->out[0], 0, start, &v, NULL);
  for (int i = 0; i < x->rank && !err; i++) err = margins(o, i, value);
  return err;
}

/* Each dimension in three parts: mirrored, as it is, mirrored. */
static int mirror(const boxes_t *o)
{
  const weft_tensor_t *x = &o->g->tensor[o->op->in[0]];
  int64_t fs[WEFT_MAX_RANK], ts[WEFT_MAX_RANK], before, after, edge = o->op->mirror_symmetric ? 0 : 1;
  int parts = 1;
  weft_move_strides(x, fs);
  weft_move_strides(&o->g->tensor[o->op->out[0]], ts);
  for (int i = 0; i < x->rank; i++) parts *= 3;
  for (int p = 0; p < parts; p++) {
    weft_move_t v = {.rank = x->rank};
    int64_t from = 0, to = 0;
    for (int i = 0, rest = p; i < x->rank; i++, rest /= 3) {
      amounts(o, i, &before, &after);
      bool inside = rest % 3 == 0, low = rest % 3 == 1;
      v.n[i] = inside ? x->dim[i] : low ? before : after;
      v.from[i] = inside ? fs[i] : -fs[i];
      v.to[i] = ts[i];
      from += (inside ? 0 : low ? before - 1 + edge : x->dim[i] - 1 - edge) * fs[i];
      to += (inside ? before : low ? 0 : before + x->dim[i]) * ts[i];
    }
    int err = emit(o, o->op->in[0], o->op->out[0], from, to, &v, NULL);
    if (err) return err;
  }
  return WEFT_OK;
}

static int whole(const boxes_t *o, int from, int to)
{
  weft_move_t v = {.rank = 1, .n = {(int64_t)o->g->tensor[from].elements}, .from = {1}, .to = {1}};
  return emit(o, from, to, 0, 0, &v, NULL);
}

int weft_boxes(const weft_graph_t *g, const weft_op_t *op, weft_box_fn each, void *ctx)
{
  boxes_t o = {g, op, each, ctx};
  weft_move_t v;
  switch (op->code) {
  case WEFT_OP_CONCATENATION: case WEFT_OP_PACK: return concatenation(&o);
  case WEFT_OP_SPLIT: case WEFT_OP_SPLIT_V: case WEFT_OP_UNPACK: return split(&o);
  case WEFT_OP_GATHER: return gather(&o);
  case WEFT_OP_SPACE_TO_BATCH_ND: case WEFT_OP_BATCH_TO_SPACE_ND: return space_batch(&o);
  case WEFT_OP_PAD: case WEFT_OP_PADV2: return pad(&o);
  case WEFT_OP_MIRROR_PAD: return mirror(&o);
  case WEFT_OP_ASSIGN_VARIABLE: return whole(&o, op->in[1], op->in[0]);
  case WEFT_OP_SLICE: case WEFT_OP_STRIDED_SLICE: {
    int64_t from = weft_slice_move(g, op, &v);
    return emit(&o, op->in[0], op->out[0], from, 0, &v, NULL);
  }
  case WEFT_OP_TRANSPOSE: weft_transpose_move(g, op, &v); return emit(&o, op->in[0], op->out[0], 0, 0, &v, NULL);
  case WEFT_OP_SPACE_TO_DEPTH: case WEFT_OP_DEPTH_TO_SPACE:
    weft_space_depth_move(g, op, &v);
    return emit(&o, op->in[0], op->out[0], 0, 0, &v, NULL);
  default: return whole(&o, op->in[0], op->out[0]);     /* RESHAPE, SQUEEZE, EXPAND_DIMS, READ_VARIABLE */
  }
}
