/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes .tflite files in memory: tensors, operators, inputs and outputs in, one image out.
 *
 * Random tests, tests of the importer's refusals and `weft zoo` build their networks with it. It writes what it is told and
 * checks nothing about it (a test must be able to make a wrong model): weft_import() is the judge. Data are copied at the
 * call, so the caller's arrays may be temporary. The image depends on the calls alone: same calls, same bytes.
 *
 *   weft_mk_t *mk = weft_mk_new();
 *   int x = weft_mk_tensor(mk, "x", WEFT_I8, 4, (int32_t[]){1, 8, 8, 16}, 1, &sx, &zx, 0, NULL, 0);
 *   int w = weft_mk_tensor(mk, "w", WEFT_I8, 4, (int32_t[]){32, 3, 3, 16}, 32, sw, zw, 0, weights, sizeof weights);
 *   int y = weft_mk_tensor(mk, "y", WEFT_I8, 4, (int32_t[]){1, 8, 8, 32}, 1, &sy, &zy, 0, NULL, 0);
 *   weft_mk_op(mk, WEFT_BUILTIN_CONV_2D, (int[]){x, w}, 2, &y, 1, &(weft_mk_opts_t){.stride_h = 1, .stride_w = 1});
 *   int e = weft_mk_finish(mk, &x, 1, &y, 1, &bytes, &size);   // free(bytes) later
 *   weft_mk_free(mk);
 */
#ifndef WEFT_MKMODEL_H
#define WEFT_MKMODEL_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Operator numbers in the file. Any other number is written too, without options. */
enum weft_builtin {
#define X(e, name, num) WEFT_BUILTIN_##e = num,
  WEFT_OPS(X)
#undef X
};

/* Options of an operator; the fields that it does not have are ignored. Zeros are sensible: padding SAME, no activation,
 * dilation 0 is written as 1, a SOFTMAX beta of 0 as 1. */
typedef struct {
  int padding, act;                     /* weft_padding_t, weft_act_t; other numbers are written as they are (int8) */
  int stride_h, stride_w, dilation_h, dilation_w, filter_h, filter_w;
  int depth_multiplier;
  bool keep_dims;                       /* MEAN, SUM, REDUCE_MAX */
  bool keep_num_dims;                   /* FULLY_CONNECTED */
  int weights_format;                   /* FULLY_CONNECTED */
  int axis;                             /* CONCATENATION */
  bool adj_x, adj_y;                    /* BATCH_MATMUL */
  bool approximate;                     /* GELU */
  bool align_corners, half_pixel;       /* RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR */
  float beta;                           /* SOFTMAX */
  float alpha;                          /* LEAKY_RELU */
  int nsqueeze;                         /* SQUEEZE: dimensions to drop, none for all of size 1 */
  const int32_t *squeeze;
  int nshape;                           /* RESHAPE: shape in the options (old style), none when it is an input */
  const int32_t *shape;
} weft_mk_opts_t;

typedef struct weft_mk weft_mk_t;

weft_mk_t *weft_mk_new(void);           /* NULL without memory */
void weft_mk_free(weft_mk_t *mk);       /* NULL is allowed */

/* Tensor number, or a negative weft_error. nscale 0: not quantised (scale and zero unused). data NULL: computed at run time. */
int weft_mk_tensor(weft_mk_t *mk, const char *name, weft_dtype_t type, int rank, const int32_t *dims, int nscale, const float *scale,
                   const int32_t *zero, int qdim, const void *data, size_t bytes);

/* Operator number, or a negative weft_error. in[] may hold -1 for an absent optional input; opts NULL: all zeros. */
int weft_mk_op(weft_mk_t *mk, int builtin, const int *in, int nin, const int *out, int nout, const weft_mk_opts_t *opts);

/* The image, malloc'ed, for the caller to free; at most 1 GiB of constants. mk may be extended and finished again. */
int weft_mk_finish(weft_mk_t *mk, const int *in, int nin, const int *out, int nout, void **bytes, size_t *size);

#ifdef __cplusplus
}
#endif
#endif
