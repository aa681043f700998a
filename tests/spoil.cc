// SPDX-License-Identifier: Apache-2.0
//
// Makes a good .tflite image wrong in one place, through FlatBuffers' object interface: unpack, change, pack.

#include "spoil.h"

#include <cstdlib>
#include <cstring>

#include "tflite_generated.h"

using namespace weft::tfl;

static void change(ModelT &m, spoil_t what) {
  SubGraphT &g = *m.subgraphs[0];
  TensorT &x = *g.tensors[0], &w = *g.tensors[1];
  OperatorT &op = *g.operators[0];
  switch (what) {
    case SPOIL_NOTHING: return;
    case SPOIL_VERSION: m.version = 2; return;
    case SPOIL_NO_SUBGRAPH: m.subgraphs.clear(); return;
    case SPOIL_NO_TENSORS: g.tensors.clear(); return;
    case SPOIL_NO_OPERATORS: g.operators.clear(); return;
    case SPOIL_NO_CODES: m.operator_codes.clear(); return;
    case SPOIL_VARIABLE: w.is_variable = true; return;
    case SPOIL_SPARSE: w.sparsity.reset(new UnreadT); return;
    case SPOIL_VARIANT: w.variant_tensors.emplace_back(new UnreadT); return;
    case SPOIL_DETAILS: w.quantization->details.Set(BlockwiseQuantizationT()); return;
    case SPOIL_SIGNATURE_BATCH: x.shape_signature = x.shape; x.shape_signature[0] = -1; return;
    case SPOIL_SIGNATURE_WIDTH: x.shape_signature = x.shape; x.shape_signature[2] = -1; return;
    case SPOIL_SIGNATURE_RANK: x.shape_signature = x.shape; x.shape_signature.push_back(1); return;
    case SPOIL_SIGNATURE_VALUE: x.shape_signature = x.shape; x.shape_signature[1]++; return;
    case SPOIL_EXTERNAL: m.buffers[w.buffer]->offset = 4096; m.buffers[w.buffer]->size = 288; return;
    case SPOIL_BUFFER_INDEX: w.buffer = 1000; return;
    case SPOIL_ZERO_POINT_64: x.quantization->zero_point[0] = int64_t(1) << 32; return;
    case SPOIL_ZERO_POINT_COUNT: x.quantization->zero_point.clear(); return;
    case SPOIL_TYPE_FLOAT16: w.type = TensorType_FLOAT16; return;
    case SPOIL_TYPE_NUMBER: w.type = static_cast<TensorType>(99); return;
    case SPOIL_OPCODE_INDEX: op.opcode_index = 7; return;
    case SPOIL_OLD_CODE: m.operator_codes[0]->builtin_code = 0; return;  // as files before 2020: accepted
    case SPOIL_CUSTOM:
      m.operator_codes[0]->deprecated_builtin_code = 32;
      m.operator_codes[0]->builtin_code = 32;
      m.operator_codes[0]->custom_code = "Mine\x1b[31m";
      return;
    case SPOIL_NO_OPTIONS: op.builtin_options.Reset(); return;
    case SPOIL_OTHER_OPTIONS: op.builtin_options.Set(AddOptionsT()); return;
    case SPOIL_NO_NAME: x.name.clear(); return;
    case SPOIL_CONTROL_NAME: x.name = "a\x1b[2J\nb"; return;
  }
}

static void give(const flatbuffers::FlatBufferBuilder &b, void **to, size_t *size) {
  *size = b.GetSize();
  *to = std::malloc(*size);
  if (!*to) std::abort();
  std::memcpy(*to, b.GetBufferPointer(), *size);
}

extern "C" void spoil(const void *from, spoil_t what, void **to, size_t *size) {
  std::unique_ptr<ModelT> m = UnPackModel(from);
  change(*m, what);
  flatbuffers::FlatBufferBuilder b;
  FinishModelBuffer(b, Model::Pack(b, m.get()));
  give(b, to, size);
}

extern "C" void spoil_shared(int n, void **to, size_t *size) {
  flatbuffers::FlatBufferBuilder b;
  const std::vector<uint8_t> data(100000, 7);
  const std::vector<int32_t> shape = {100000}, in = {0}, out = {1};
  const std::vector<flatbuffers::Offset<Buffer>> buffers = {CreateBuffer(b), CreateBufferDirect(b, &data)};
  const auto name = b.CreateString(std::string(4000, 'n'));
  const auto dims = b.CreateVector(shape);
  const auto tensor = CreateTensor(b, dims, TensorType_INT8, 1, name);
  const std::vector<flatbuffers::Offset<Tensor>> tensors(n, tensor);
  const std::vector<flatbuffers::Offset<Operator>> ops = {CreateOperatorDirect(b, 0, &in, &out)};
  const std::vector<flatbuffers::Offset<OperatorCode>> codes = {CreateOperatorCode(b, 19, 0, 1, 19)};   // RELU
  const std::vector<flatbuffers::Offset<SubGraph>> subs = {CreateSubGraphDirect(b, &tensors, &in, &out, &ops)};
  FinishModelBuffer(b, CreateModelDirect(b, 3, &codes, &subs, "shared", &buffers));
  give(b, to, size);
}
