/* SPDX-License-Identifier: Apache-2.0
 *
 * The network as the importer reads it: tensors and operators of one int8 graph.
 *
 * It stands between the importer (which fills it and has checked every index, shape and quantisation
 * parameter), the golden operators (which execute it on whole tensors) and the compiler (which lowers it).
 * One owner, weft_graph_free() releases everything.
 */
#ifndef WEFT_GRAPH_H
#define WEFT_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "weft.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WEFT_MAX_RANK 6

/* Operators, by their TFLite names; X(enumerator, TFLite name, BuiltinOperator number). */
#define WEFT_OPS(X) \
  X(ADD, "ADD", 0) \
  X(AVERAGE_POOL_2D, "AVERAGE_POOL_2D", 1) \
  X(CONCATENATION, "CONCATENATION", 2) \
  X(CONV_2D, "CONV_2D", 3) \
  X(DEPTHWISE_CONV_2D, "DEPTHWISE_CONV_2D", 4) \
  X(DEPTH_TO_SPACE, "DEPTH_TO_SPACE", 5) \
  X(DEQUANTIZE, "DEQUANTIZE", 6) \
  X(FULLY_CONNECTED, "FULLY_CONNECTED", 9) \
  X(L2_NORMALIZATION, "L2_NORMALIZATION", 11) \
  X(LOGISTIC, "LOGISTIC", 14) \
  X(MAX_POOL_2D, "MAX_POOL_2D", 17) \
  X(MUL, "MUL", 18) \
  X(RELU, "RELU", 19) \
  X(RELU_N1_TO_1, "RELU_N1_TO_1", 20) \
  X(RELU6, "RELU6", 21) \
  X(RESHAPE, "RESHAPE", 22) \
  X(RESIZE_BILINEAR, "RESIZE_BILINEAR", 23) \
  X(SOFTMAX, "SOFTMAX", 25) \
  X(SPACE_TO_DEPTH, "SPACE_TO_DEPTH", 26) \
  X(SVDF, "SVDF", 27) \
  X(TANH, "TANH", 28) \
  X(PAD, "PAD", 34) \
  X(GATHER, "GATHER", 36) \
  X(BATCH_TO_SPACE_ND, "BATCH_TO_SPACE_ND", 37) \
  X(SPACE_TO_BATCH_ND, "SPACE_TO_BATCH_ND", 38) \
  X(TRANSPOSE, "TRANSPOSE", 39) \
  X(MEAN, "MEAN", 40) \
  X(SUB, "SUB", 41) \
  X(SQUEEZE, "SQUEEZE", 43) \
  X(UNIDIRECTIONAL_SEQUENCE_LSTM, "UNIDIRECTIONAL_SEQUENCE_LSTM", 44) \
  X(STRIDED_SLICE, "STRIDED_SLICE", 45) \
  X(EXP, "EXP", 47) \
  X(SPLIT, "SPLIT", 49) \
  X(LOG_SOFTMAX, "LOG_SOFTMAX", 50) \
  X(CAST, "CAST", 53) \
  X(PRELU, "PRELU", 54) \
  X(MAXIMUM, "MAXIMUM", 55) \
  X(ARG_MAX, "ARG_MAX", 56) \
  X(MINIMUM, "MINIMUM", 57) \
  X(NEG, "NEG", 59) \
  X(PADV2, "PADV2", 60) \
  X(SLICE, "SLICE", 65) \
  X(TRANSPOSE_CONV, "TRANSPOSE_CONV", 67) \
  X(EXPAND_DIMS, "EXPAND_DIMS", 70) \
  X(SUM, "SUM", 74) \
  X(RSQRT, "RSQRT", 76) \
  X(SHAPE, "SHAPE", 77) \
  X(REDUCE_MAX, "REDUCE_MAX", 82) \
  X(PACK, "PACK", 83) \
  X(UNPACK, "UNPACK", 88) \
  X(RESIZE_NEAREST_NEIGHBOR, "RESIZE_NEAREST_NEIGHBOR", 97) \
  X(LEAKY_RELU, "LEAKY_RELU", 98) \
  X(SQUARED_DIFFERENCE, "SQUARED_DIFFERENCE", 99) \
  X(MIRROR_PAD, "MIRROR_PAD", 100) \
  X(ABS, "ABS", 101) \
  X(SPLIT_V, "SPLIT_V", 102) \
  X(ELU, "ELU", 111) \
  X(QUANTIZE, "QUANTIZE", 114) \
  X(HARD_SWISH, "HARD_SWISH", 117) \
  X(BATCH_MATMUL, "BATCH_MATMUL", 126) \
  X(CALL_ONCE, "CALL_ONCE", 129) \
  X(VAR_HANDLE, "VAR_HANDLE", 142) \
  X(READ_VARIABLE, "READ_VARIABLE", 143) \
  X(ASSIGN_VARIABLE, "ASSIGN_VARIABLE", 144) \
  X(GELU, "GELU", 150) \
  X(RELU_0_TO_1, "RELU_0_TO_1", 152)

typedef enum {
#define X(e, name, num) WEFT_OP_##e,
  WEFT_OPS(X)
#undef X
  WEFT_OP_COUNT
} weft_opcode_t;

typedef enum { WEFT_ACT_NONE, WEFT_ACT_RELU, WEFT_ACT_RELU_N1_TO_1, WEFT_ACT_RELU6 } weft_act_t;
typedef enum { WEFT_PAD_SAME, WEFT_PAD_VALID } weft_padding_t;

typedef struct {
  char *name;              /* never NULL */
  weft_dtype_t type;
  int rank;                /* 0..WEFT_MAX_RANK; a scalar has rank 0 and one element */
  int32_t dim[WEFT_MAX_RANK];
  size_t elements;         /* product of dim, >= 1, checked against overflow by the importer */
  int nscale;              /* 0: not quantised; 1: per tensor; dim[qdim]: per channel */
  float *scale;            /* nscale values, finite and > 0 */
  int32_t *zero;           /* nscale values, within the type's range */
  int qdim;                /* 0 <= qdim < rank when nscale > 1 */
  void *data;              /* constant bytes (elements * element size), NULL when computed at run time */
  bool variable;           /* keeps its value between inferences; data is NULL */
  void *initial;           /* variables: first value, NULL for the zero point (0 without quantisation) */
} weft_tensor_t;

/* Options of all operators: E(type, name) enumerations, I(name) integers 0..65535, B(name) booleans, F(name) float32. A field that the
 * operator does not have is zero. One list, so that firmware images carry every option without naming it again. */
#define WEFT_OP_OPTIONS(E, I, B, F) \
  E(weft_act_t, act) \
  E(weft_padding_t, padding) \
  I(stride_h) I(stride_w)          /* >= 1 where they apply */ \
  I(dilation_h) I(dilation_w) \
  I(filter_h) I(filter_w)          /* pooling window, >= 1 */ \
  I(depth_multiplier)              /* depthwise, >= 1 */ \
  I(axis)                          /* CONCATENATION, GATHER, PACK, UNPACK: counted from the front, never negative */ \
  I(batch_dims)                    /* GATHER */ \
  I(block_size)                    /* SPACE_TO_DEPTH, DEPTH_TO_SPACE */ \
  I(begin_mask) I(end_mask) I(ellipsis_mask) I(new_axis_mask) I(shrink_axis_mask)   /* STRIDED_SLICE: bit i is axis i */ \
  I(mirror_symmetric)              /* MIRROR_PAD: 0 REFLECT (the edge once), 1 SYMMETRIC (the edge twice) */ \
  I(svdf_rank)                     /* SVDF */ \
  B(offset)                        /* STRIDED_SLICE: end counts from begin */ \
  B(keep_dims)                     /* MEAN, SUM, REDUCE_MAX */ \
  B(adj_x) B(adj_y)                /* BATCH_MATMUL */ \
  B(align_corners) B(half_pixel)   /* RESIZE_* */ \
  B(approximate)                   /* GELU: by tanh */ \
  B(time_major)                    /* UNIDIRECTIONAL_SEQUENCE_LSTM: [time, batch, features] */ \
  F(beta)                          /* SOFTMAX */ \
  F(alpha)                         /* LEAKY_RELU */ \
  F(cell_clip) F(proj_clip)        /* UNIDIRECTIONAL_SEQUENCE_LSTM; 0: none */

/* Tensor indexes in in[] are -1 for an optional input that is absent (a missing bias). An operator may write inputs that are variables. */
typedef struct {
  weft_opcode_t code;
  int index;               /* position in the file's operator list, for messages */
  int nin, nout, nmid;
  int *in, *out;
  int *mid;                /* intermediates: only their quantisation matters (UNIDIRECTIONAL_SEQUENCE_LSTM), -1 when absent */
#define E(type, name) type name;
#define I(name) int name;
#define B(name) bool name;
#define F(name) float name;
  WEFT_OP_OPTIONS(E, I, B, F)
#undef E
#undef I
#undef B
#undef F
} weft_op_t;

/* What the importer has already done away with: VAR_HANDLE (its tensor is the variable itself, which READ_VARIABLE and ASSIGN_VARIABLE
 * name as input 0), CALL_ONCE (the variables' initial values), and operators whose result is constant (their tensors hold it). */
typedef struct {
  int ntensors, nops, nin, nout;
  weft_tensor_t *tensor;
  weft_op_t *op;           /* in execution order; `index` may skip numbers */
  int *in, *out;           /* graph inputs and outputs: tensor indexes */
} weft_graph_t;

/* Error codes, messages and element types are the public API's: a caller sees what the importer or the compiler said. */
int weft_fail(weft_msg_t *m, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

size_t weft_dtype_size(weft_dtype_t t);        /* bytes per element (WEFT_I4: stored unpacked, 1) */
const char *weft_dtype_name(weft_dtype_t t);   /* "INT8", ... */
const char *weft_op_name(weft_opcode_t c);     /* "CONV_2D", ... */
void weft_op_free(weft_op_t *op);              /* its lists; zeroes it */
void weft_graph_free(weft_graph_t *g);         /* NULL is allowed */

/* Reads and checks a .tflite file image. On failure *out is NULL and m names operator, tensor and reason. */
int weft_import(const void *bytes, size_t size, weft_graph_t **out, weft_msg_t *m);
int weft_import_file(const char *path, weft_graph_t **out, weft_msg_t *m);

#ifdef __cplusplus
}
#endif

#endif
