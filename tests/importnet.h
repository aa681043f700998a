/* SPDX-License-Identifier: Apache-2.0
 *
 * Small networks as plain data, for the tests of the importer: take a good one, change a field, see what the importer says.
 *
 * Constants are filled with a pattern unless `values` gives them; a network is written with mkmodel, so anything can be wrong in it.
 */
#ifndef WEFT_TESTS_IMPORTNET_H
#define WEFT_TESTS_IMPORTNET_H

#include "import/mkmodel.h"

enum { NET_TENSORS = 8, NET_OPS = 4, NET_SCALES = 8 };

typedef struct {
  const char *name;
  weft_dtype_t type;
  int rank;
  int32_t dim[8];                /* room for a rank that is too high */
  int nscale;
  float scale[NET_SCALES];
  int32_t zero[NET_SCALES];
  int qdim;
  bool constant;
  const int32_t *values;         /* INT32 or INT64 constants: their values; NULL: a pattern */
  int extra_bytes;               /* added to the right size of a constant */
} net_tensor_t;

typedef struct {
  int builtin, nin, nout, in[4], out[2];
  weft_mk_opts_t o;
} net_op_t;

typedef struct {
  int nt, nop, nin, nout;
  net_tensor_t t[NET_TENSORS];
  net_op_t op[NET_OPS];
  int in[4], out[4];
} net_t;

/* One operator each; tensor 0 is the input, the last one the output. */
net_t net_conv(void);            /* 1x8x8x4 -> 1x4x4x8, weights 1 and bias 2, per channel, stride 2, SAME, RELU6 */
net_t net_depthwise(void);       /* 1x8x8x4 -> 1x6x6x8, weights 1 and bias 2, multiplier 2, VALID */
net_t net_fully_connected(void); /* 2x12 -> 2x8, weights 1 and bias 2, per tensor */
net_t net_pool(int builtin);     /* 1x8x8x4 -> 1x4x4x4, 2x2 stride 2 VALID */
net_t net_add(void);             /* 1x4x4x8 (tensors 0 and 1), both inputs */
net_t net_unary(int builtin);    /* RELU, RELU6, QUANTIZE: 1x4x8 */
net_t net_softmax(void);         /* 2x10 */
net_t net_mean(void);            /* 1x6x5x8 -> 1x8, axes 1 */
net_t net_reshape(void);         /* 1x4x4x8 -> 4x32, shape 1 */
net_t net_squeeze(void);         /* 1x4x1x8 -> 4x8 */
net_t net_pad(void);             /* 1x4x4x2 -> 1x7x6x2, amounts 1 */
net_t net_chain(void);           /* conv (tensors 0 to 3), max pool (4), reshape (shape 5, output 6) */

/* The file image, malloc'ed. Fails the running cmocka test when the writer reports an error. */
void net_write(const net_t *n, void **bytes, size_t *size);

#endif
