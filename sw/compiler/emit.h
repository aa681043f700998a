/* SPDX-License-Identifier: Apache-2.0
 *
 * What the lowering of every operator shares: the job being built, DMA of tensor tiles, buffer slots.
 */
#ifndef WEFT_EMIT_H
#define WEFT_EMIT_H

#include "choice.h"
#include "keep.h"
#include "plan_memo.h"
#include "schedule.h"
#include "stores.h"

typedef struct {
  const weft_graph_t *g;
  const weft_op_t *op;
  weft_program_t *p;
  weft_sched_t *s;
  weft_layer_t *layer;     /* the one being lowered; its number is the commands' tag */
  bool top;                /* layers take the buffer from below and above in turn, so that the next one can load early */
  uint64_t ticks, runs;    /* of this layer, for the segment's time limit */
  int window, windows;     /* 0, 0, or: slots lie in this one of so many equal parts of the buffer */
  weft_msg_t *m;
  /* Of joins.h: NULL, or the operator whose inputs stand for input 0 or 1; NULL, or the operator (TRANSPOSE, pool, value by value) whose result is written
   * instead, unless the lowering sets it to NULL; whether the operator's own result is wanted too; the last that reads the other's result. */
  const weft_op_t *through[2], *onto;
  bool both;
  int onto_last;
  weft_config_t *cfg;      /* to plan with: the configuration with the buffer words that lo..hi leave free */
  int lo, hi;              /* buffer words beside the tensors kept for this and later layers */
  weft_keep_t *keep;
  weft_stores_t *stores;
  bool lasting;            /* its stores are read in ways that do not show: never left out */
  const weft_choice_t *choice;
  weft_plan_memo_t *plans;
  bool dry;                /* only the time of the program is wanted: filter images have their places, but no contents */
  int out_last;            /* the last operator that reads its output, < 0: it is not to be kept */
} weft_emit_t;

/* "1x8x8x16 -> 1x8x8x32 3x3/1" */
void weft_describe(const weft_graph_t *g, const weft_op_t *op, char *to, size_t size);

/* A tensor seen as images of H x W pixels of C bytes. */
typedef struct { weft_place_t place; int H, W, C; } weft_image_t;
/* Rows y..y+ny-1 step sy, columns likewise, channels c..c+nc-1 of image n. */
typedef struct { int n, y, ny, sy, x, nx, sx, c, nc; } weft_rect_t;

int weft_emit_load(weft_emit_t *e, const weft_image_t *im, const weft_rect_t *r, int buf, int row, int pix);
int weft_emit_store(weft_emit_t *e, const weft_image_t *im, const weft_rect_t *r, int buf, int row, int pix);
/* `bytes` bytes as they stand, into or from consecutive words. */
int weft_emit_load_flat(weft_emit_t *e, int region, uint32_t offset, int bytes, int buf);
int weft_emit_store_flat(weft_emit_t *e, int region, uint32_t offset, int bytes, int buf);
int weft_emit_dma(weft_emit_t *e, const weft_dma_t *d);    /* LOAD or STORE; header fields but the opcode are filled in */
int weft_emit_conv(weft_emit_t *e, weft_conv_t *c, double cycles);
int weft_emit_vec(weft_emit_t *e, weft_vec_t *c);
int weft_emit_transpose(weft_emit_t *e, weft_transpose_t *c);

/* n classes of count[i] slots of words[i] each: base[i] becomes the first word of the class. Classes start in banks of their own
 * when there is room, because a bank serves one access a cycle. False when they do not fit. */
bool weft_emit_slots(weft_emit_t *e, int n, const int *count, const int *words, int *base);
/* The same; class `kept` (>= 0) is to stay after this layer: it goes to the edge of the free words. */
bool weft_emit_slots_kept(weft_emit_t *e, int n, const int *count, const int *words, int kept, int *base);

/* Buffer words for the operator's whole output in elements of `elem` bytes (as from weft_keep_elem()), when it is worth keeping: read again
 * later, and small enough to leave the layers room. 0: no. */
int weft_emit_keep_words(const weft_emit_t *e, int elem);
/* The output now stands at `base`, whole. */
void weft_emit_kept(weft_emit_t *e, int elem, int base);
/* Keeps nothing any longer: this operator gets the whole buffer. */
void weft_emit_forget(weft_emit_t *e);
/* Buffer word of tensor t, all of it, in elements of `elem` bytes; -1: it must be loaded. */
int weft_emit_find(const weft_emit_t *e, int t, int elem);
/* Rounds the slots of those classes up to whole banks, so that what fills one slot never meets what reads another, if half of the buffer is
 * enough for that (the other half is for the next layer's first loads). For small slots; before weft_emit_slots(). */
void weft_emit_slots_apart(const weft_emit_t *e, int n, const int *count, int *words);

/* Lowerings of one operator: 0, or WEFT_E_UNSUPPORTED with the reason why the CPU must run it. */
int weft_lower_conv(weft_emit_t *e);       /* CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED */
int weft_lower_matmul(weft_emit_t *e);     /* BATCH_MATMUL, FULLY_CONNECTED with computed weights */
/* Of it for others: each row of tensor `matrix` by the one of tensor `row`, both in DRAM, as int16 to `to`. Sets the layer's MACs. */
int weft_lower_rows(weft_emit_t *e, int matrix, int row, int32_t q, int x, const weft_place_t *to);
int weft_lower_transpose_conv(weft_emit_t *e);
/* The two products of UNIDIRECTIONAL_SEQUENCE_LSTM, each for a job of its own: of all inputs (state false), of the hidden state. Results go to
 * byte `to` of the arena as int16. */
int weft_lower_lstm(weft_emit_t *e, bool state, uint32_t to);
int weft_lower_pool(weft_emit_t *e);       /* AVERAGE_POOL_2D, MAX_POOL_2D */
int weft_lower_lane(weft_emit_t *e);       /* those that weft_lane_operands() names */
int weft_lower_reduce(weft_emit_t *e);     /* MEAN, SUM, REDUCE_MAX */
int weft_lower_softmax(weft_emit_t *e);
int weft_lower_resize(weft_emit_t *e);     /* RESIZE_NEAREST_NEIGHBOR, RESIZE_BILINEAR */
int weft_lower_move(weft_emit_t *e);       /* what only moves bytes: move_box.h */

#endif
