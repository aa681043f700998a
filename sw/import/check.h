/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks of one imported operator: arity, types, shapes, quantisation, options.
 *
 * The importer decodes the file (C++), these functions judge what it found (C). After weft_check_op() returns 0 the golden
 * operator and the compiler may use the operator without looking again: every tensor index that they follow is there,
 * every shape agrees, every scale ratio fits the fixed-point rules. Called once an operator, nothing is modified.
 */
#ifndef WEFT_IMPORT_CHECK_H
#define WEFT_IMPORT_CHECK_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WEFT_MAX_SQUEEZE 8

/* Options that only matter for the checks: once the shapes are known to agree, nobody needs them. */
typedef struct {
  int weights_format;                 /* FULLY_CONNECTED: 0 is the plain layout */
  bool keep_num_dims;                 /* FULLY_CONNECTED */
  int nsqueeze;                       /* SQUEEZE: number of axes, 0 for "all of size 1" */
  int32_t squeeze[WEFT_MAX_SQUEEZE];
  int nshape;                         /* RESHAPE: -1 when the options name no shape */
  int32_t shape[WEFT_MAX_RANK];
} weft_op_extra_t;

typedef struct {
  const weft_graph_t *g;
  const weft_op_t *op;
  const weft_op_extra_t *x;
  weft_msg_t *m;
} weft_check_t;

/* One tensor name inside a message: long names (converters join several with ';') are cut. */
#define WEFT_NAME "'%.72s'"

/* 0, or a negative weft_error with "operator N NAME: reason" in m. */
int weft_check_op(const weft_graph_t *g, const weft_op_t *op, const weft_op_extra_t *x, weft_msg_t *m);

/* Shared steps. All return 0 or a negative weft_error; the message starts with the operator's number and name. */
int weft_check_fail(const weft_check_t *c, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
const weft_tensor_t *weft_check_in(const weft_check_t *c, int i);    /* NULL when absent */
const weft_tensor_t *weft_check_out(const weft_check_t *c, int i);
int weft_check_arity(const weft_check_t *c, int nin_min, int nin_max);   /* inputs below nin_min present; one output */
int weft_check_type(const weft_check_t *c, const weft_tensor_t *t, weft_dtype_t type);
int weft_check_i8(const weft_check_t *c, const weft_tensor_t *t);        /* INT8 with one scale and zero point */
int weft_check_rank(const weft_check_t *c, const weft_tensor_t *t, int rank);
int weft_check_dims(const weft_check_t *c, const weft_tensor_t *t, int rank, const int64_t *dim);
int weft_check_constant(const weft_check_t *c, const weft_tensor_t *t);
int weft_check_same_dims(const weft_check_t *c, const weft_tensor_t *a, const weft_tensor_t *b);
int weft_check_same_quant(const weft_check_t *c, const weft_tensor_t *a, const weft_tensor_t *b);
int weft_check_ratio(const weft_check_t *c, double ratio);               /* fits the fixed-point multiplier */
int weft_check_act(const weft_check_t *c, const weft_tensor_t *out, weft_act_t act);
int weft_check_window(const weft_check_t *c, int filter_h, int filter_w, const weft_tensor_t *in, int64_t *oh, int64_t *ow);

/* Constant weights: INT8, zero points 0, one scale or one for each of dim[qdim] output channels. */
int weft_check_weights(const weft_check_t *c, const weft_tensor_t *w, int qdim);
int weft_check_bias(const weft_check_t *c, const weft_tensor_t *bias, int64_t channels);
int weft_check_ratios(const weft_check_t *c, const weft_tensor_t *in, const weft_tensor_t *w, const weft_tensor_t *out);

/* One function for each operator or family. */
int weft_check_conv(const weft_check_t *c);
int weft_check_depthwise(const weft_check_t *c);
int weft_check_fully_connected(const weft_check_t *c);
int weft_check_pool(const weft_check_t *c);
int weft_check_add(const weft_check_t *c);                               /* ADD, SUB, SQUARED_DIFFERENCE */
int weft_check_mul(const weft_check_t *c);
int weft_check_min_max(const weft_check_t *c);
int weft_check_prelu(const weft_check_t *c);
int weft_check_rescale(const weft_check_t *c);                           /* QUANTIZE, ABS, NEG, LEAKY_RELU, stand-alone RELUs */
int weft_check_hard_swish(const weft_check_t *c);
int weft_check_float_table(const weft_check_t *c);                       /* LOGISTIC, TANH, ELU, GELU, EXP */
int weft_check_rsqrt(const weft_check_t *c);
int weft_check_softmax(const weft_check_t *c);
int weft_check_reshape(const weft_check_t *c);
int weft_check_squeeze(const weft_check_t *c);
int weft_check_pad(const weft_check_t *c);

#ifdef __cplusplus
}
#endif
#endif
