// SPDX-License-Identifier: Apache-2.0
//
// One operator of a .tflite image: its tensors and its options, decoded, then handed to weft_check_op().
//
// Every enum and number of the options is checked here or there; nothing is defaulted silently except what the
// format itself defaults (dilation 1, depth multiplier left out).

#include <cstdlib>

#include "import_internal.h"

namespace weft_import_ns {

#define REFUSE(error, fmt, ...) weft_fail(im.m, error, "operator %d %s: " fmt, op.index, weft_op_name(op.code), ##__VA_ARGS__)

// No operator that Weft knows has more inputs; the exact number is asked by its check.
static constexpr uint32_t kMaxOperands = 8;

static int import_operands(Import &im, const weft_op_t &op, const char *what, const flatbuffers::Vector<int32_t> *from,
                           int lowest, int **list, int *n) {
  uint32_t count = from ? from->size() : 0;
  if (count > kMaxOperands) return REFUSE(WEFT_E_FORMAT, "has %u %ss", count, what);
  int e = take(im, count, list);
  if (e) return e;
  for (uint32_t i = 0; i < count; i++) {
    int32_t t = from->Get(i);
    if (t < lowest || t >= im.g->ntensors)
      return REFUSE(WEFT_E_FORMAT, "%s %u is tensor %d; the file has %d tensors", what, i, t, im.g->ntensors);
    (*list)[i] = t;
    *n = (int)i + 1;
  }
  return WEFT_OK;
}

static int set_act(Import &im, weft_op_t &op, tfl::Activation a) {
  switch (a) {
    case tfl::Activation_NONE: op.act = WEFT_ACT_NONE; return WEFT_OK;
    case tfl::Activation_RELU: op.act = WEFT_ACT_RELU; return WEFT_OK;
    case tfl::Activation_RELU_N1_TO_1: op.act = WEFT_ACT_RELU_N1_TO_1; return WEFT_OK;
    case tfl::Activation_RELU6: op.act = WEFT_ACT_RELU6; return WEFT_OK;
    default: return REFUSE(WEFT_E_UNSUPPORTED, "fused activation %s (number %d); Weft accepts NONE, RELU, RELU_N1_TO_1, RELU6",
                           tfl::EnumNameActivation(a), (int)a);
  }
}

static int set_padding(Import &im, weft_op_t &op, tfl::Padding p) {
  if (p != tfl::Padding_SAME && p != tfl::Padding_VALID)
    return REFUSE(WEFT_E_FORMAT, "padding number %d; accepted: 0 (SAME) and 1 (VALID)", (int)p);
  op.padding = p == tfl::Padding_SAME ? WEFT_PAD_SAME : WEFT_PAD_VALID;
  return WEFT_OK;
}

// Stride, padding and activation, which all windowed operators have under the same names.
template <typename O> static int set_window(Import &im, weft_op_t &op, const O *o) {
  op.stride_h = o->stride_h();
  op.stride_w = o->stride_w();
  int e = set_padding(im, op, o->padding());
  return e ? e : set_act(im, op, o->fused_activation_function());
}

static int import_options(Import &im, const tfl::Operator *from, weft_op_t &op, weft_op_extra_t &x) {
  switch (op.code) {
    case WEFT_OP_CONV_2D:
      if (const auto *o = from->builtin_options_as_Conv2DOptions()) {
        op.dilation_h = o->dilation_h_factor();
        op.dilation_w = o->dilation_w_factor();
        return set_window(im, op, o);
      }
      break;
    case WEFT_OP_DEPTHWISE_CONV_2D:
      if (const auto *o = from->builtin_options_as_DepthwiseConv2DOptions()) {
        op.dilation_h = o->dilation_h_factor();
        op.dilation_w = o->dilation_w_factor();
        op.depth_multiplier = o->depth_multiplier();
        if (op.depth_multiplier == 0 && op.nin > 1 && op.in[0] >= 0 && op.in[1] >= 0) {
          // Left out by the writer: the shapes say it (and the check compares them).
          const weft_tensor_t &in = im.g->tensor[op.in[0]], &w = im.g->tensor[op.in[1]];
          if (in.rank == 4 && w.rank == 4) op.depth_multiplier = w.dim[3] / in.dim[3];
        }
        return set_window(im, op, o);
      }
      break;
    case WEFT_OP_AVERAGE_POOL_2D:
    case WEFT_OP_MAX_POOL_2D:
      if (const auto *o = from->builtin_options_as_Pool2DOptions()) {
        op.dilation_h = op.dilation_w = 1;
        op.filter_h = o->filter_height();
        op.filter_w = o->filter_width();
        return set_window(im, op, o);
      }
      break;
    case WEFT_OP_FULLY_CONNECTED:
      if (const auto *o = from->builtin_options_as_FullyConnectedOptions()) {
        x.weights_format = o->weights_format();
        x.keep_num_dims = o->keep_num_dims();
        return set_act(im, op, o->fused_activation_function());
      }
      break;
    case WEFT_OP_ADD:
      if (const auto *o = from->builtin_options_as_AddOptions()) return set_act(im, op, o->fused_activation_function());
      break;
    case WEFT_OP_SOFTMAX:
      if (const auto *o = from->builtin_options_as_SoftmaxOptions()) {
        op.beta = o->beta();
        return WEFT_OK;
      }
      break;
    case WEFT_OP_MEAN:
      if (const auto *o = from->builtin_options_as_ReducerOptions()) {
        op.keep_dims = o->keep_dims();
        return WEFT_OK;
      }
      break;
    case WEFT_OP_RESHAPE: {  // options are optional: the second input normally says it
      const auto *o = from->builtin_options_as_ReshapeOptions();
      const auto *shape = o ? o->new_shape() : nullptr;
      x.nshape = shape ? (int)shape->size() : -1;
      for (int i = 0; i < x.nshape && i < WEFT_MAX_RANK; i++) x.shape[i] = shape->Get(i);
      return WEFT_OK;
    }
    case WEFT_OP_SQUEEZE: {
      const auto *o = from->builtin_options_as_SqueezeOptions();
      const auto *dims = o ? o->squeeze_dims() : nullptr;
      uint32_t n = dims ? dims->size() : 0;
      if (n > WEFT_MAX_SQUEEZE) return REFUSE(WEFT_E_FORMAT, "names %u dimensions; accepted: up to %d", n, WEFT_MAX_SQUEEZE);
      x.nsqueeze = (int)n;
      for (uint32_t i = 0; i < n; i++) x.squeeze[i] = dims->Get(i);
      return WEFT_OK;
    }
    case WEFT_OP_RELU: case WEFT_OP_RELU6: case WEFT_OP_PAD: case WEFT_OP_QUANTIZE: case WEFT_OP_COUNT:
      return WEFT_OK;  // no options
  }
  return REFUSE(WEFT_E_FORMAT, "its options are missing or of another operator (kind %d)", (int)from->builtin_options_type());
}

static weft_opcode_t weft_code(int builtin) {
  switch (builtin) {
#define X(e, name, num) case num: return WEFT_OP_##e;
    WEFT_OPS(X)
#undef X
  }
  return WEFT_OP_COUNT;
}

int import_op(Import &im, uint32_t i) {
  weft_op_t &op = im.g->op[i];
  const tfl::Operator *from = im.sub->operators()->Get(i);
  weft_op_extra_t x = {};
  op.index = (int)i;
  op.code = weft_code(builtin_number(im, i));  // known: check_opcodes() has seen it
  int e = import_operands(im, op, "input", from->inputs(), -1, &op.in, &op.nin);
  if (e || (e = import_operands(im, op, "output", from->outputs(), 0, &op.out, &op.nout))) return e;
  if ((e = import_options(im, from, op, x))) return e;
  return weft_check_op(im.g, &op, &x, im.m);
}

}  // namespace weft_import_ns
