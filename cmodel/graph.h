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
  X(CONV_2D, "CONV_2D", 3) \
  X(DEPTHWISE_CONV_2D, "DEPTHWISE_CONV_2D", 4) \
  X(FULLY_CONNECTED, "FULLY_CONNECTED", 9) \
  X(MAX_POOL_2D, "MAX_POOL_2D", 17) \
  X(RELU, "RELU", 19) \
  X(RELU6, "RELU6", 21) \
  X(RESHAPE, "RESHAPE", 22) \
  X(SOFTMAX, "SOFTMAX", 25) \
  X(PAD, "PAD", 34) \
  X(MEAN, "MEAN", 40) \
  X(SQUEEZE, "SQUEEZE", 43) \
  X(QUANTIZE, "QUANTIZE", 114)

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
} weft_tensor_t;

/* Tensor indexes in in[] are -1 for an optional input that is absent (a missing bias). */
typedef struct {
  weft_opcode_t code;
  int index;               /* position in the file's operator list, for messages */
  int nin, nout;
  int *in, *out;
  /* Options; a field that the operator does not have is zero. */
  weft_act_t act;
  weft_padding_t padding;
  int stride_h, stride_w, dilation_h, dilation_w;   /* >= 1 where they apply */
  int filter_h, filter_w;                           /* pooling window, >= 1 */
  int depth_multiplier;                             /* depthwise, >= 1 */
  bool keep_dims;                                   /* MEAN */
  float beta;                                       /* SOFTMAX */
} weft_op_t;

typedef struct {
  int ntensors, nops, nin, nout;
  weft_tensor_t *tensor;
  weft_op_t *op;           /* in execution order */
  int *in, *out;           /* graph inputs and outputs: tensor indexes */
} weft_graph_t;

/* Error codes, messages and element types are the public API's: a caller sees what the importer or the compiler said. */
int weft_fail(weft_msg_t *m, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

size_t weft_dtype_size(weft_dtype_t t);        /* bytes per element (WEFT_I4: stored unpacked, 1) */
const char *weft_dtype_name(weft_dtype_t t);   /* "INT8", ... */
const char *weft_op_name(weft_opcode_t c);     /* "CONV_2D", ... */
void weft_graph_free(weft_graph_t *g);         /* NULL is allowed */

/* Reads and checks a .tflite file image. On failure *out is NULL and m names operator, tensor and reason. */
int weft_import(const void *bytes, size_t size, weft_graph_t **out, weft_msg_t *m);
int weft_import_file(const char *path, weft_graph_t **out, weft_msg_t *m);

#ifdef __cplusplus
}
#endif

#endif
