// SPDX-License-Identifier: Apache-2.0
//
// Writes .tflite files in memory with the FlatBuffers builder.
//
// Calls are collected first, because a FlatBuffer is built from the leaves up; the image is made in weft_mk_finish().
// Exceptions (only want of memory) end at the C interface.

#include "mkmodel.h"

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tflite_generated.h"

namespace tfl = weft::tfl;

namespace {

constexpr uint32_t kSchemaVersion = 3;  // the only one in use
constexpr size_t kMaxData = size_t(1) << 30;  // bytes of constants in one image

struct Tensor {
  std::string name;
  weft_dtype_t type;
  std::vector<int32_t> dims;
  std::vector<float> scale;
  std::vector<int64_t> zero;
  int qdim;
  uint32_t buffer;  // 0: computed at run time
};

struct Op {
  uint32_t code;    // index into weft_mk::codes
  std::vector<int32_t> in, out;
  weft_mk_opts_t opts;
  std::vector<int32_t> squeeze, shape;
};

}  // namespace

struct weft_mk {
  std::vector<Tensor> tensors;
  std::vector<Op> ops;
  std::vector<int> codes;                         // operator numbers in order of first use
  std::vector<std::vector<uint8_t>> buffers{1};   // number 0 stays empty, as the format wants it
};

static tfl::TensorType file_type(weft_dtype_t t) {
  switch (t) {
    case WEFT_I8: return tfl::TensorType_INT8;
    case WEFT_U8: return tfl::TensorType_UINT8;
    case WEFT_I16: return tfl::TensorType_INT16;
    case WEFT_I32: return tfl::TensorType_INT32;
    case WEFT_I64: return tfl::TensorType_INT64;
    case WEFT_F32: return tfl::TensorType_FLOAT32;
    case WEFT_BOOL: return tfl::TensorType_BOOL;
    case WEFT_I4: return tfl::TensorType_INT4;
  }
  return tfl::TensorType_FLOAT32;
}

template <typename T> static std::vector<T> copy(const T *p, int n) {
  return n > 0 && p ? std::vector<T>(p, p + n) : std::vector<T>();
}

using Builder = flatbuffers::FlatBufferBuilder;
struct Options {
  tfl::BuiltinOptions kind;
  flatbuffers::Offset<void> at;
};

static Options write_options(Builder &b, int builtin, const Op &op) {
  const weft_mk_opts_t &o = op.opts;
  const auto pad = static_cast<tfl::Padding>(o.padding);
  const auto act = static_cast<tfl::Activation>(o.act);
  const int dh = o.dilation_h ? o.dilation_h : 1, dw = o.dilation_w ? o.dilation_w : 1;
  switch (builtin) {
    case WEFT_BUILTIN_CONV_2D:
      return {tfl::BuiltinOptions_Conv2DOptions, tfl::CreateConv2DOptions(b, pad, o.stride_w, o.stride_h, act, dw, dh).Union()};
    case WEFT_BUILTIN_DEPTHWISE_CONV_2D:
      return {tfl::BuiltinOptions_DepthwiseConv2DOptions,
              tfl::CreateDepthwiseConv2DOptions(b, pad, o.stride_w, o.stride_h, o.depth_multiplier, act, dw, dh).Union()};
    case WEFT_BUILTIN_AVERAGE_POOL_2D:
    case WEFT_BUILTIN_MAX_POOL_2D:
      return {tfl::BuiltinOptions_Pool2DOptions,
              tfl::CreatePool2DOptions(b, pad, o.stride_w, o.stride_h, o.filter_w, o.filter_h, act).Union()};
    case WEFT_BUILTIN_FULLY_CONNECTED:
      return {tfl::BuiltinOptions_FullyConnectedOptions,
              tfl::CreateFullyConnectedOptions(b, act, static_cast<int8_t>(o.weights_format), o.keep_num_dims).Union()};
    case WEFT_BUILTIN_TRANSPOSE_CONV:
      return {tfl::BuiltinOptions_TransposeConvOptions, tfl::CreateTransposeConvOptions(b, pad, o.stride_w, o.stride_h, act).Union()};
    case WEFT_BUILTIN_BATCH_MATMUL: return {tfl::BuiltinOptions_BatchMatMulOptions, tfl::CreateBatchMatMulOptions(b, o.adj_x, o.adj_y).Union()};
    case WEFT_BUILTIN_CONCATENATION: return {tfl::BuiltinOptions_ConcatenationOptions, tfl::CreateConcatenationOptions(b, o.axis, act).Union()};
    case WEFT_BUILTIN_ADD: return {tfl::BuiltinOptions_AddOptions, tfl::CreateAddOptions(b, act).Union()};
    case WEFT_BUILTIN_SUB: return {tfl::BuiltinOptions_SubOptions, tfl::CreateSubOptions(b, act).Union()};
    case WEFT_BUILTIN_MUL: return {tfl::BuiltinOptions_MulOptions, tfl::CreateMulOptions(b, act).Union()};
    case WEFT_BUILTIN_LEAKY_RELU: return {tfl::BuiltinOptions_LeakyReluOptions, tfl::CreateLeakyReluOptions(b, o.alpha).Union()};
    case WEFT_BUILTIN_GELU: return {tfl::BuiltinOptions_GeluOptions, tfl::CreateGeluOptions(b, o.approximate).Union()};
    case WEFT_BUILTIN_SOFTMAX:
      return {tfl::BuiltinOptions_SoftmaxOptions, tfl::CreateSoftmaxOptions(b, o.beta == 0 ? 1.0f : o.beta).Union()};
    case WEFT_BUILTIN_MEAN:
    case WEFT_BUILTIN_SUM:
    case WEFT_BUILTIN_REDUCE_MAX: return {tfl::BuiltinOptions_ReducerOptions, tfl::CreateReducerOptions(b, o.keep_dims).Union()};
    case WEFT_BUILTIN_RESIZE_BILINEAR:
      return {tfl::BuiltinOptions_ResizeBilinearOptions, tfl::CreateResizeBilinearOptions(b, o.align_corners, o.half_pixel).Union()};
    case WEFT_BUILTIN_RESIZE_NEAREST_NEIGHBOR:
      return {tfl::BuiltinOptions_ResizeNearestNeighborOptions,
              tfl::CreateResizeNearestNeighborOptions(b, o.align_corners, o.half_pixel).Union()};
    case WEFT_BUILTIN_SQUEEZE: return {tfl::BuiltinOptions_SqueezeOptions, tfl::CreateSqueezeOptionsDirect(b, &op.squeeze).Union()};
    case WEFT_BUILTIN_RESHAPE:
      if (op.shape.empty()) break;
      return {tfl::BuiltinOptions_ReshapeOptions, tfl::CreateReshapeOptionsDirect(b, &op.shape).Union()};
  }
  return {tfl::BuiltinOptions_NONE, 0};
}

// The old one-byte field saturates at 127, the number that stands for "see the new field".
static int8_t old_code(int builtin) { return static_cast<int8_t>(builtin > 127 ? 127 : builtin); }

static void write_model(Builder &b, const weft_mk &mk, const std::vector<int32_t> &in, const std::vector<int32_t> &out) {
  std::vector<flatbuffers::Offset<tfl::Buffer>> buffers;
  for (const auto &data : mk.buffers) {
    flatbuffers::Offset<flatbuffers::Vector<uint8_t>> v = 0;
    if (!data.empty()) {
      b.ForceVectorAlignment(data.size(), 1, 16);
      v = b.CreateVector(data);
    }
    buffers.push_back(tfl::CreateBuffer(b, v));
  }
  std::vector<flatbuffers::Offset<tfl::OperatorCode>> codes;
  for (int c : mk.codes) codes.push_back(tfl::CreateOperatorCode(b, old_code(c), 0, 1, c));

  std::vector<flatbuffers::Offset<tfl::Tensor>> tensors;
  for (const Tensor &t : mk.tensors) {
    flatbuffers::Offset<tfl::QuantizationParameters> q = 0;
    if (!t.scale.empty())
      q = tfl::CreateQuantizationParametersDirect(b, nullptr, nullptr, &t.scale, &t.zero, tfl::QuantizationDetails_NONE, 0, t.qdim);
    tensors.push_back(tfl::CreateTensorDirect(b, &t.dims, file_type(t.type), t.buffer, t.name.c_str(), q, false, 0, nullptr, true));
  }
  std::vector<flatbuffers::Offset<tfl::Operator>> ops;
  for (const Op &op : mk.ops) {
    Options o = write_options(b, mk.codes[op.code], op);
    ops.push_back(tfl::CreateOperatorDirect(b, op.code, &op.in, &op.out, o.kind, o.at));
  }
  const std::vector<flatbuffers::Offset<tfl::SubGraph>> subs = {tfl::CreateSubGraphDirect(b, &tensors, &in, &out, &ops, "main")};
  tfl::FinishModelBuffer(b, tfl::CreateModelDirect(b, kSchemaVersion, &codes, &subs, "weft", &buffers));
}

extern "C" weft_mk_t *weft_mk_new(void) {
  try {
    return new weft_mk;
  } catch (...) {
    return nullptr;
  }
}

extern "C" void weft_mk_free(weft_mk_t *mk) { delete mk; }

extern "C" int weft_mk_tensor(weft_mk_t *mk, const char *name, weft_dtype_t type, int rank, const int32_t *dims, int nscale,
                              const float *scale, const int32_t *zero, int qdim, const void *data, size_t bytes) {
  if (!mk || !name || rank < 0 || (rank > 0 && !dims) || nscale < 0 || (nscale > 0 && (!scale || !zero))) return WEFT_E_ARG;
  try {
    Tensor t = {name, type, copy(dims, rank), copy(scale, nscale), {}, qdim, 0};
    for (int i = 0; i < nscale; i++) t.zero.push_back(zero[i]);
    if (data && bytes) {
      const uint8_t *p = static_cast<const uint8_t *>(data);
      t.buffer = static_cast<uint32_t>(mk->buffers.size());
      mk->buffers.emplace_back(p, p + bytes);
    }
    mk->tensors.push_back(std::move(t));
    return static_cast<int>(mk->tensors.size()) - 1;
  } catch (...) {
    return WEFT_E_MEMORY;
  }
}

extern "C" int weft_mk_op(weft_mk_t *mk, int builtin, const int *in, int nin, const int *out, int nout, const weft_mk_opts_t *opts) {
  if (!mk || builtin < 0 || nin < 0 || nout < 0 || (nin > 0 && !in) || (nout > 0 && !out)) return WEFT_E_ARG;
  try {
    Op op = {0, copy(in, nin), copy(out, nout), opts ? *opts : weft_mk_opts_t{}, {}, {}};
    op.squeeze = copy(op.opts.squeeze, op.opts.nsqueeze);
    op.shape = copy(op.opts.shape, op.opts.nshape);
    while (op.code < mk->codes.size() && mk->codes[op.code] != builtin) op.code++;
    if (op.code == mk->codes.size()) mk->codes.push_back(builtin);
    mk->ops.push_back(std::move(op));
    return static_cast<int>(mk->ops.size()) - 1;
  } catch (...) {
    return WEFT_E_MEMORY;
  }
}

extern "C" int weft_mk_finish(weft_mk_t *mk, const int *in, int nin, const int *out, int nout, void **bytes, size_t *size) {
  if (!mk || !bytes || !size || nin < 0 || nout < 0 || (nin > 0 && !in) || (nout > 0 && !out)) return WEFT_E_ARG;
  *bytes = nullptr;
  *size = 0;
  size_t data = 0;
  for (const auto &v : mk->buffers) data += v.size();
  if (data > kMaxData) return WEFT_E_ARG;  // the builder itself asserts at 2 GiB
  try {
    Builder b(1 << 16);
    write_model(b, *mk, copy(in, nin), copy(out, nout));
    void *p = std::malloc(b.GetSize());
    if (!p) return WEFT_E_MEMORY;
    std::memcpy(p, b.GetBufferPointer(), b.GetSize());
    *bytes = p;
    *size = b.GetSize();
    return WEFT_OK;
  } catch (...) {
    return WEFT_E_MEMORY;
  }
}
