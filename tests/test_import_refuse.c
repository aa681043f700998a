/* SPDX-License-Identifier: Apache-2.0
 *
 * The importer refuses bad files: wrong in one place each, and the message must name the place.
 *
 * A case is a good network, one change, and words that the message must hold: the operator, the tensor, the reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "graph.h"
#include "importnet.h"
#include "spoil.h"

static void expect_refusal(const void *bytes, size_t size, int code, const char *words) {
  weft_graph_t *g = (weft_graph_t *)&g;   /* must become NULL */
  weft_msg_t m = {{0}};
  int e = weft_import(bytes, size, &g, &m);
  if (e == WEFT_OK) fail_msg("accepted; expected: %s", words);
  assert_null(g);
  if (!strstr(m.msg, words)) fail_msg("message: %s\nexpected to hold: %s", m.msg, words);
  if (e != code) fail_msg("error %d instead of %d: %s", e, code, m.msg);
}

static void refuse(net_t n, int code, const char *words) {
  void *bytes;
  size_t size;
  net_write(&n, &bytes, &size);
  expect_refusal(bytes, size, code, words);
  free(bytes);
}

#define FORMAT(net, words) refuse(net, WEFT_E_FORMAT, words)
#define UNSUPPORTED(net, words) refuse(net, WEFT_E_UNSUPPORTED, words)
/* WITH(good network, change of n) is the changed network. */
#define WITH(good, ...) __extension__ ({ net_t n = good; __VA_ARGS__; n; })

static void types(void **state) {
  (void)state;
  UNSUPPORTED(WITH(net_conv(), n.t[1].type = WEFT_F32; n.t[1].nscale = 0; n.t[1].name = "conv1/weights"),
              "operator 0 CONV_2D: tensor 'conv1/weights' has type FLOAT32; Weft accepts INT8");
  UNSUPPORTED(WITH(net_conv(), n.t[0].type = WEFT_F32; n.t[0].nscale = 0), "operator 0 CONV_2D: tensor 'x' has type FLOAT32; Weft accepts INT8");
  UNSUPPORTED(WITH(net_conv(), n.t[0].type = WEFT_I16), "tensor 'x' has type INT16; Weft accepts INT8");
  UNSUPPORTED(WITH(net_conv(), n.t[0].type = WEFT_I4), "operator 0 CONV_2D: tensor 0 'x' has type INT4 and is computed at run time; Weft accepts INT4 constants only");
  UNSUPPORTED(WITH(net_conv(), n.t[2].type = WEFT_I64), "tensor 'b' has type INT64; Weft accepts INT32");
  UNSUPPORTED(WITH(net_conv(), n.t[3].type = WEFT_U8; n.t[3].zero[0] = 0), "tensor 'y' has type UINT8");
  UNSUPPORTED(WITH(net_unary(WEFT_BUILTIN_QUANTIZE), n.t[0].type = WEFT_I64; n.t[0].nscale = 0),
              "operator 0 QUANTIZE: the input must be FLOAT32, or INT8, UINT8 or INT16 with one scale ('x' INT64 1x4x8 -> 'y' INT8 1x4x8)");
  UNSUPPORTED(WITH(net_mean(), n.t[1].type = WEFT_I64), "operator 0 MEAN: axes must be constant INT32");
  UNSUPPORTED(WITH(net_pad(), n.t[1].type = WEFT_I8), "tensor 'amounts' has type INT8; Weft accepts INT32");
  UNSUPPORTED(WITH(net_reshape(), n.t[0].type = WEFT_I32), "operator 0 RESHAPE: tensor 'y' has type INT8; Weft accepts INT32");
}

static void operators(void **state) {
  (void)state;
  UNSUPPORTED(WITH(net_chain(), n.op[1].builtin = 8), "operator 1 FLOOR (number 8) is not supported; docs/numerics.md lists what is");
  UNSUPPORTED(WITH(net_conv(), n.op[0].builtin = 149), "operator 0 MULTINOMIAL (number 149)");
  UNSUPPORTED(WITH(net_conv(), n.op[0].builtin = 4000), "operator 0 UNKNOWN (number 4000)");
  FORMAT(WITH(net_conv(), n.op[0].nin = 1), "operator 0 CONV_2D: has 1 inputs; accepted: 2 to 3");
  FORMAT(WITH(net_conv(), n.op[0].nin = 4), "operator 0 CONV_2D: has 4 inputs");
  FORMAT(WITH(net_conv(), n.op[0].in[1] = -1), "operator 0 CONV_2D: input 1 is missing");
  FORMAT(WITH(net_conv(), n.op[0].nout = 2; n.op[0].out[1] = 2), "operator 0 CONV_2D: has 2 outputs; accepted: 1");
  FORMAT(WITH(net_conv(), n.op[0].nout = 0), "operator 0 CONV_2D: has 0 outputs");
  FORMAT(WITH(net_conv(), n.op[0].in[1] = 4), "operator 0 CONV_2D: input 1 is tensor 4; the file has 4 tensors");
  FORMAT(WITH(net_conv(), n.op[0].in[1] = -2), "operator 0 CONV_2D: input 1 is tensor -2");
  FORMAT(WITH(net_conv(), n.op[0].out[0] = 1 << 30), "operator 0 CONV_2D: output 0 is tensor 1073741824");
  FORMAT(WITH(net_conv(), n.op[0].out[0] = -1), "operator 0 CONV_2D: output 0 is tensor -1");
  FORMAT(WITH(net_add(), n.op[0].nin = 1), "operator 0 ADD: has 1 inputs; accepted: 2");
}

static void data_flow(void **state) {
  (void)state;
  FORMAT(WITH(net_chain(), n.op[2].in[0] = 6), "operator 2 RESHAPE: ");
  FORMAT(WITH(net_chain(), net_op_t first = n.op[0]; n.op[0] = n.op[1]; n.op[1] = first),
         "operator 0 MAX_POOL_2D: reads tensor 'y' before anything has produced it");
  FORMAT(WITH(net_chain(), n.op[2] = n.op[1]; n.out[0] = 4), "operator 2 MAX_POOL_2D: writes tensor 'pooled', which is a graph input or already written");
  FORMAT(WITH(net_unary(WEFT_BUILTIN_RELU), n.op[0].out[0] = 0; n.out[0] = 0), "operator 0 RELU: writes tensor 'x', which is a graph input");
  FORMAT(WITH(net_unary(WEFT_BUILTIN_RELU), n.t[1].constant = true; n.out[0] = 0), "operator 0 RELU: writes tensor 'y', which is a constant");
  FORMAT(WITH(net_chain(), n.nout = 2; n.out[1] = 0), "graph output 1, tensor 'x', is not written by any operator");
  FORMAT(WITH(net_chain(), n.nop = 2), "graph output 0, tensor 'flat', is not written by any operator");
  FORMAT(WITH(net_chain(), n.out[0] = 1), "graph output 0, tensor 'w', is a constant");
  FORMAT(WITH(net_chain(), n.in[0] = 1), "graph input 0, tensor 'w', is a constant");
  FORMAT(WITH(net_chain(), n.in[0] = 7), "graph input 0 is tensor 7; the file has 7 tensors");
  FORMAT(WITH(net_chain(), n.out[0] = -1), "graph output 0 is tensor -1");
  FORMAT(WITH(net_chain(), n.nin = 2; n.in[1] = 0), "graph input 1, tensor 'x', is listed twice");
  FORMAT(WITH(net_chain(), n.nin = 0), "the graph has no inputs");
  FORMAT(WITH(net_chain(), n.nout = 0), "the graph has no outputs");
}

static void shapes(void **state) {
  (void)state;
  FORMAT(WITH(net_conv(), n.t[3].dim[1] = 5), "operator 0 CONV_2D: tensor 'y' has shape 1x5x4x8; inputs and options give 1x4x4x8");
  FORMAT(WITH(net_conv(), n.t[0].dim[0] = 0), "operator 0 CONV_2D: tensor 0 'x' has size 0 in dimension 0");
  FORMAT(WITH(net_conv(), n.t[0].dim[2] = -8), "tensor 0 'x' has size -8 in dimension 2");
  UNSUPPORTED(WITH(net_conv(), n.t[0].dim[0] = n.t[0].dim[1] = n.t[0].dim[2] = n.t[0].dim[3] = 1 << 16),
              "tensor 0 'x' is too large: its shape asks for more than 2^31 - 1 bytes");
  UNSUPPORTED(WITH(net_conv(), n.t[0].dim[1] = n.t[0].dim[2] = INT32_MAX), "tensor 0 'x' is too large");
  UNSUPPORTED(WITH(net_unary(WEFT_BUILTIN_RELU), n.t[0].type = WEFT_I64; n.t[0].dim[2] = 1 << 28), "tensor 0 'x' is too large");
  UNSUPPORTED(WITH(net_conv(), n.t[0].rank = 7; n.t[0].dim[4] = n.t[0].dim[5] = n.t[0].dim[6] = 1), "tensor 0 'x' has rank 7; Weft accepts up to 6");
  UNSUPPORTED(WITH(net_conv(), n.t[0].rank = 3), "operator 0 CONV_2D: tensor 'x' has rank 3; Weft accepts 4");
  UNSUPPORTED(WITH(net_conv(), n.t[1].rank = 3), "tensor 'w' has rank 3");
  FORMAT(WITH(net_conv(), n.t[1].extra_bytes = -1), "operator 0 CONV_2D: tensor 1 'w' has 287 bytes of data; its shape and type ask for 288");
  FORMAT(WITH(net_conv(), n.t[2].extra_bytes = 4), "tensor 2 'b' has 36 bytes of data; its shape and type ask for 32");
  FORMAT(WITH(net_conv(), n.t[1].dim[3] = 3), "operator 0 CONV_2D: input of 4 channels, weights 'w' of 3");
  FORMAT(WITH(net_conv(), n.t[0].dim[3] = 12), "not a whole number of groups that divides 8 output channels");
  FORMAT(WITH(net_conv(), n.t[2].dim[0] = 7; n.t[2].nscale = 0), "operator 0 CONV_2D: bias 'b' has rank 1 and 7 values; the operator has 8 output channels");
  FORMAT(WITH(net_depthwise(), n.op[0].o.depth_multiplier = 3), "operator 0 DEPTHWISE_CONV_2D: depth multiplier 3 does not lead from 4 input channels to the 8");
  FORMAT(WITH(net_depthwise(), n.t[0].dim[3] = 5; n.op[0].o.depth_multiplier = 0), "depth multiplier 1 does not lead from 5");
  FORMAT(WITH(net_depthwise(), n.t[1].dim[0] = 2), "weights 'w' have 2 as first dimension");
  FORMAT(WITH(net_fully_connected(), n.t[3].dim[0] = 3), "operator 0 FULLY_CONNECTED: tensor 'y' has shape 3x8; inputs and options give 2x8");
  FORMAT(WITH(net_fully_connected(), n.t[0].dim[1] = 13), "input 'x' has 26 values, not a multiple of the depth 12");
  FORMAT(WITH(net_fully_connected(), n.t[0].dim[0] = 12; n.t[0].dim[1] = 2; n.op[0].o.keep_num_dims = true), "must end in the depth 12");
  FORMAT(WITH(net_pool(WEFT_BUILTIN_MAX_POOL_2D), n.t[1].dim[3] = 5), "operator 0 MAX_POOL_2D: tensor 'y' has shape 1x4x4x5; inputs and options give 1x4x4x4");
  FORMAT(WITH(net_add(), n.t[1].dim[3] = 4), "operator 0 ADD: tensors 'a' and 'b' have sizes 8 and 4 in dimension 3");
  FORMAT(WITH(net_add(), n.t[2].dim[3] = 4), "tensor 'y' has shape 1x4x4x4");
  FORMAT(WITH(net_unary(WEFT_BUILTIN_RELU), n.t[1].rank = 2), "operator 0 RELU: tensor 'y' has shape 1x4; inputs and options give 1x4x8");
  FORMAT(WITH(net_softmax(), n.t[1].dim[1] = 9), "operator 0 SOFTMAX: tensor 'y' has shape 2x9");
  FORMAT(WITH(net_softmax(), n.t[0].rank = n.t[1].rank = 0), "tensor 'x' is a scalar");
  UNSUPPORTED(WITH(net_mean(), n.op[0].o.keep_dims = true),
              "operator 0 MEAN: the output's shape does not follow from input, axes and keep_dims ('x' INT8 1x6x5x8, 'axes' INT32 2 -> 'y' INT8 1x8)");
  FORMAT(WITH(net_pad(), n.t[2].dim[1] = 8), "operator 0 PAD: tensor 'y' has shape 1x8x6x2; inputs and options give 1x7x6x2");
}

static void shape_operators(void **state) {
  (void)state;
  static const int32_t wrong[] = {4, 31}, two_open[] = {-1, -1}, open[] = {-1, 5}, zero[] = {0, 32}, huge[] = {1 << 20, 1 << 20};
  static const int32_t negative[] = {0, 0, 1, -2, 0, 2, 0, 0}, channel[] = {1, 3}, far[] = {1, 4}, keep[] = {1}, out_of_range[] = {4}, far_back[] = {-5};
  FORMAT(WITH(net_reshape(), n.t[1].values = wrong), "operator 0 RESHAPE: input 'x' has 128 elements, its new shape asks for 124");
  FORMAT(WITH(net_reshape(), n.t[1].values = open), "its new shape asks for a multiple of 5");
  FORMAT(WITH(net_reshape(), n.t[1].values = two_open), "new shape has -1 in dimension 1");
  FORMAT(WITH(net_reshape(), n.t[1].values = zero), "new shape has 0 in dimension 0");
  FORMAT(WITH(net_reshape(), n.t[1].values = huge), "new shape has more than 2^31 - 1 elements");
  FORMAT(WITH(net_reshape(), n.op[0].nin = 1), "names no new shape");
  FORMAT(WITH(net_reshape(), n.t[2].dim[0] = 2; n.t[2].dim[1] = 64), "tensor 'y' has shape 2x64; inputs and options give 4x32");
  UNSUPPORTED(WITH(net_reshape(), n.t[1].constant = false; n.nin = 2; n.in[1] = 1), "tensor 'shape' is computed at run time; Weft accepts a constant");
  FORMAT(WITH(net_squeeze(), n.op[0].o.nsqueeze = 1; n.op[0].o.squeeze = keep), "operator 0 SQUEEZE: cannot drop dimension 1 of 'x'");
  FORMAT(WITH(net_squeeze(), n.op[0].o.nsqueeze = 1; n.op[0].o.squeeze = out_of_range), "cannot drop dimension 4");
  FORMAT(WITH(net_squeeze(), n.op[0].o.nsqueeze = 1; n.op[0].o.squeeze = far_back), "cannot drop dimension -5");
  FORMAT(WITH(net_squeeze(), n.t[1].dim[0] = 8; n.t[1].dim[1] = 4), "tensor 'y' has shape 8x4; inputs and options give 4x8");
  FORMAT(WITH(net_pad(), n.t[1].values = negative), "operator 0 PAD: amounts 'amounts' hold -2 for dimension 1");
  FORMAT(WITH(net_pad(), n.t[1].dim[0] = 2; n.t[1].dim[1] = 4), "amounts 'amounts' are not of shape 4x2");
  UNSUPPORTED(WITH(net_mean(), n.t[1].values = channel), "operator 0 MEAN: the output's shape does not follow from input, axes and keep_dims");
  UNSUPPORTED(WITH(net_mean(), n.t[1].values = far), "operator 0 MEAN: an axis is not among the input's dimensions");
}

static void quantisation(void **state) {
  (void)state;
  FORMAT(WITH(net_conv(), n.t[0].scale[0] = 0), "operator 0 CONV_2D: tensor 0 'x' has scale 0 (number 0)");
  FORMAT(WITH(net_conv(), n.t[0].scale[0] = -1), "tensor 0 'x' has scale -1");
  FORMAT(WITH(net_conv(), n.t[0].scale[0] = 1.0f / 0.0f), "tensor 0 'x' has scale inf");
  FORMAT(WITH(net_conv(), n.t[1].scale[6] = 0.0f / 0.0f), "tensor 1 'w' has scale");
  FORMAT(WITH(net_conv(), n.t[0].zero[0] = -129), "tensor 0 'x' has zero point -129 (number 0); accepted for INT8: -128 to 127");
  FORMAT(WITH(net_conv(), n.t[0].zero[0] = 128), "tensor 0 'x' has zero point 128");
  UNSUPPORTED(WITH(net_conv(), n.t[1].zero[3] = 1), "operator 0 CONV_2D: weights 'w' have zero point 1 (channel 3); Weft accepts 0");
  UNSUPPORTED(WITH(net_conv(), n.t[2].zero[1] = 5), "bias 'b' has zero point 5");
  FORMAT(WITH(net_conv(), n.t[0].nscale = 0), "operator 0 CONV_2D: tensor 'x' has no quantisation parameters");
  FORMAT(WITH(net_conv(), n.t[1].nscale = 0), "weights 'w' have no quantisation parameters");
  FORMAT(WITH(net_conv(), n.t[1].nscale = 7), "tensor 1 'w' has 7 scales along dimension 0 of size 8");
  FORMAT(WITH(net_conv(), n.t[1].qdim = 4), "tensor 1 'w' is quantised along dimension 4 but has rank 4");
  FORMAT(WITH(net_conv(), n.t[1].qdim = -1), "tensor 1 'w' is quantised along dimension -1");
  UNSUPPORTED(WITH(net_conv(), n.t[1].dim[3] = 4; n.t[1].qdim = 3; n.t[1].nscale = 4), "weights 'w' are quantised along dimension 3; Weft accepts 0");
  UNSUPPORTED(WITH(net_conv(), n.t[0].nscale = 4; memcpy(n.t[0].scale, n.t[1].scale, 16); n.t[0].qdim = 3),
              "tensor 'x' is quantised per channel (4 scales); accepted only on constant weights");
  UNSUPPORTED(WITH(net_conv(), n.t[3].scale[0] = 1e-14f), "scale ratio");
  UNSUPPORTED(WITH(net_unary(WEFT_BUILTIN_RELU6), n.t[1].scale[0] = 1e-9f), "operator 0 RELU6: tensor 'y' has scale 1e-09, too small");
  UNSUPPORTED(WITH(net_unary(WEFT_BUILTIN_QUANTIZE), n.t[0].scale[0] = 1e30f), "operator 0 QUANTIZE: the ratio of the scales does not fit");
  FORMAT(WITH(net_fully_connected(), n.t[2].scale[0] = 0.01f), "operator 0 FULLY_CONNECTED: bias 'b' has scale 0.01; input and weights give 0.0005");
  UNSUPPORTED(WITH(net_pool(WEFT_BUILTIN_AVERAGE_POOL_2D), n.t[1].scale[0] = 0.06f), "operator 0 AVERAGE_POOL_2D: input and output need one quantisation");
  UNSUPPORTED(WITH(net_pool(WEFT_BUILTIN_MAX_POOL_2D), n.t[1].zero[0] = 1), "input and output need one quantisation");
  UNSUPPORTED(WITH(net_pad(), n.t[2].zero[0] = 1), "operator 0 PAD: input and output need one quantisation");
  UNSUPPORTED(WITH(net_softmax(), n.t[1].scale[0] = 1.0f / 255.0f), "operator 0 SOFTMAX: output has scale 0.00392156886 zero point -128; accepted: 1/256 and -128");
  UNSUPPORTED(WITH(net_softmax(), n.t[1].zero[0] = 0), "zero point 0; accepted: 1/256 and -128");
  UNSUPPORTED(WITH(net_softmax(), n.t[0].scale[0] = 1e-9f), "beta 1 with input scale 1e-09");
  UNSUPPORTED(WITH(net_softmax(), n.op[0].o.beta = -1), "beta -1");
  UNSUPPORTED(WITH(net_add(), n.t[2].scale[0] = 1e-8f), "operator 0 ADD: output scale 1e-08 is too small");
}

static void options(void **state) {
  (void)state;
  FORMAT(WITH(net_conv(), n.op[0].o.stride_h = 0), "operator 0 CONV_2D: stride 0x2; both must be at least 1");
  FORMAT(WITH(net_conv(), n.op[0].o.stride_w = -2), "stride 2x-2");
  FORMAT(WITH(net_conv(), n.op[0].o.dilation_w = -1), "dilation 1x-1");
  UNSUPPORTED(WITH(net_conv(), n.op[0].o.dilation_w = 1 << 29), "is too large (2^30)");
  UNSUPPORTED(WITH(net_conv(), n.op[0].o.stride_w = INT32_MAX), "is too large (2^30)");
  FORMAT(WITH(net_conv(), n.op[0].o.padding = 2), "padding number 2; accepted: 0 (SAME) and 1 (VALID)");
  UNSUPPORTED(WITH(net_conv(), n.op[0].o.act = 4), "fused activation TANH (number 4); Weft accepts NONE, RELU");
  UNSUPPORTED(WITH(net_conv(), n.op[0].o.act = -7), "fused activation  (number -7)");
  FORMAT(WITH(net_depthwise(), n.op[0].o.dilation_h = 4), "window of 9x3 does not fit into the input of 8x8 (VALID padding)");
  FORMAT(WITH(net_pool(WEFT_BUILTIN_MAX_POOL_2D), n.op[0].o.filter_w = 0), "operator 0 MAX_POOL_2D: filter size 2x0");
  FORMAT(WITH(net_pool(WEFT_BUILTIN_AVERAGE_POOL_2D), n.op[0].o.filter_h = 9), "window of 9x2 does not fit");
  UNSUPPORTED(WITH(net_pool(WEFT_BUILTIN_AVERAGE_POOL_2D), n.op[0].o.filter_h = n.op[0].o.filter_w = 1 << 14; n.op[0].o.padding = WEFT_PAD_SAME),
              "window of 16384x16384; Weft accepts at most 2^23 taps");
  UNSUPPORTED(WITH(net_fully_connected(), n.op[0].o.weights_format = 1), "weights format 1; Weft accepts 0");
}

static void spoilt(void **state) {
  (void)state;
  static const struct { spoil_t what; int code; const char *words; } cases[] = {
      {SPOIL_VERSION, WEFT_E_UNSUPPORTED, "TFLite schema version 2; Weft accepts 3"},
      {SPOIL_NO_SUBGRAPH, WEFT_E_FORMAT, "the file has no subgraph"},
      {SPOIL_NO_TENSORS, WEFT_E_FORMAT, "the graph has no tensors"},
      {SPOIL_NO_OPERATORS, WEFT_E_FORMAT, "the graph has no operators"},
      {SPOIL_NO_CODES, WEFT_E_FORMAT, "operator 0: operator code 0 is not in the file"},
      {SPOIL_OPCODE_INDEX, WEFT_E_FORMAT, "operator 0: operator code 7 is not in the file"},
      {SPOIL_CUSTOM, WEFT_E_UNSUPPORTED, "operator 0 CUSTOM (Mine?[31m) (number 32) is not supported"},
      {SPOIL_VARIABLE, WEFT_E_UNSUPPORTED, "operator 0 CONV_2D: tensor 'w' is computed at run time; Weft accepts a constant here"},
      {SPOIL_SPARSE, WEFT_E_UNSUPPORTED, "tensor 1 'w' is stored sparse"},
      {SPOIL_VARIANT, WEFT_E_UNSUPPORTED, "tensor 1 'w' is a variant"},
      {SPOIL_DETAILS, WEFT_E_UNSUPPORTED, "tensor 1 'w' has custom or blockwise quantisation"},
      {SPOIL_SIGNATURE_WIDTH, WEFT_E_UNSUPPORTED, "tensor 0 'x' has an open size in dimension 2"},
      {SPOIL_SIGNATURE_RANK, WEFT_E_FORMAT, "tensor 0 'x' has rank 4 but 5 entries in its shape signature"},
      {SPOIL_SIGNATURE_VALUE, WEFT_E_FORMAT, "tensor 0 'x' has size 8 in dimension 1, but 9 in its shape signature"},
      {SPOIL_EXTERNAL, WEFT_E_UNSUPPORTED, "tensor 1 'w' has its bytes outside the FlatBuffer"},
      {SPOIL_BUFFER_INDEX, WEFT_E_FORMAT, "tensor 1 'w' has buffer 1000; the file has 3"},
      {SPOIL_ZERO_POINT_64, WEFT_E_FORMAT, "tensor 0 'x' has zero point 4294967296"},
      {SPOIL_ZERO_POINT_COUNT, WEFT_E_FORMAT, "tensor 0 'x' has 1 scales and 0 zero points"},
      {SPOIL_TYPE_FLOAT16, WEFT_E_UNSUPPORTED, "operator 0 CONV_2D: tensor 1 'w' has type FLOAT16; Weft accepts INT8"},
      {SPOIL_TYPE_NUMBER, WEFT_E_FORMAT, "tensor 1 'w' has type number 99, which does not exist"},
      {SPOIL_NO_OPTIONS, WEFT_E_FORMAT, "operator 0 CONV_2D: its options are missing or of another operator (kind 0)"},
      {SPOIL_OTHER_OPTIONS, WEFT_E_FORMAT, "operator 0 CONV_2D: its options are missing or of another operator (kind 11)"},
  };
  net_t base = net_conv();
  void *bytes, *bad;
  size_t size;
  net_write(&base, &bytes, &size);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    spoil(bytes, cases[i].what, &bad, &size);
    expect_refusal(bad, size, cases[i].code, cases[i].words);
    free(bad);
  }
  free(bytes);
}

static void not_a_model(void **state) {
  (void)state;
  static const uint8_t text[64] = "this is no network at all, it is a sentence of some length";
  net_t n = net_conv();
  void *bytes;
  size_t size;
  net_write(&n, &bytes, &size);
  expect_refusal(text, sizeof text, WEFT_E_FORMAT, "not a TFLite file: the identifier TFL3 is missing");
  expect_refusal(text, 0, WEFT_E_FORMAT, "not a TFLite file");
  expect_refusal(bytes, 7, WEFT_E_FORMAT, "not a TFLite file");
  expect_refusal(bytes, 8, WEFT_E_FORMAT, "corrupt TFLite file");
  expect_refusal(bytes, size / 2, WEFT_E_FORMAT, "corrupt TFLite file: an offset or length points outside");
  expect_refusal(NULL, 10, WEFT_E_ARG, "no bytes");
  expect_refusal(bytes, (size_t)1 << 31, WEFT_E_UNSUPPORTED, "Weft accepts up to");   /* refused by its length, not read */
  weft_msg_t m = {{0}};
  assert_int_equal(weft_import(bytes, size, NULL, &m), WEFT_E_ARG);
  free(bytes);
}

/* A small file must not be able to ask for gigabytes. */
static void shared_objects(void **state) {
  (void)state;
  void *bytes;
  size_t size;
  spoil_shared(20000, &bytes, &size);
  assert_true(size < 250000);
  expect_refusal(bytes, size, WEFT_E_FORMAT, "the file shares its objects so often that they unfold to many times its size");
  free(bytes);
}

static void files(void **state) {
  (void)state;
  weft_graph_t *g;
  weft_msg_t m = {{0}};
  assert_int_equal(weft_import_file("does/not/exist.tflite", &g, &m), WEFT_E_FILE);
  assert_string_equal(m.msg, "does/not/exist.tflite: No such file or directory");
  assert_int_equal(weft_import_file("/", &g, &m), WEFT_E_FILE);
  assert_string_equal(m.msg, "/: Is a directory");
  assert_int_equal(weft_import_file("/dev/null", &g, &m), WEFT_E_FORMAT);
  assert_non_null(strstr(m.msg, "/dev/null: not a TFLite file"));
  assert_int_equal(weft_import_file(NULL, &g, &m), WEFT_E_ARG);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(types), cmocka_unit_test(operators), cmocka_unit_test(data_flow), cmocka_unit_test(shapes),
      cmocka_unit_test(shape_operators), cmocka_unit_test(quantisation), cmocka_unit_test(options), cmocka_unit_test(spoilt),
      cmocka_unit_test(not_a_model), cmocka_unit_test(shared_objects), cmocka_unit_test(files)};
  return cmocka_run_group_tests_name("import refusals", tests, NULL, NULL);
}
