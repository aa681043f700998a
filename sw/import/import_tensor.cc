// SPDX-License-Identifier: Apache-2.0
//
// Tensors of a .tflite image: type, name, shape, quantisation, constant bytes.
//
// Numbers in the image are little-endian and are copied as they are: Weft's hosts are little-endian too. What an operator
// wants from its tensors is asked later (check_*.c); here a tensor must make sense by itself.

#include <cmath>
#include <cstdlib>
#include <cstring>

#include "import_internal.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the importer copies little-endian numbers");

namespace weft_import_ns {

static constexpr size_t kMaxName = 4096;

// First operator that reads or writes tensor t, as the start of a message ("operator 3 CONV_2D: "), or "".
struct User { char s[64]; };
static User user_of(const Import &im, uint32_t t) {
  User u = {""};
  const auto *ops = im.sub->operators();
  for (uint32_t i = 0; i < ops->size(); i++)
    for (const auto *list : {ops->Get(i)->inputs(), ops->Get(i)->outputs()})
      for (uint32_t k = 0; list && k < list->size() && k < 16; k++)
        if (list->Get(k) == (int32_t)t) {
          snprintf(u.s, sizeof u.s, "operator %u %s: ", i, builtin_name(builtin_number(im, i)));
          return u;
        }
  return u;
}

// Refuses tensor t for a reason that concerns it alone, naming its first user.
#define REFUSE(code, fmt, ...) \
  weft_fail(im.m, code, "%stensor %u " WEFT_NAME " " fmt, user_of(im, i).s, i, t.name, ##__VA_ARGS__)

static int import_name(Import &im, uint32_t i, const flatbuffers::String *from, weft_tensor_t &t) {
  size_t n = from ? from->size() : 0;
  if (n > kMaxName) n = kMaxName;
  int e = take(im, n ? n + 1 : 24, &t.name);
  if (e) return e;
  if (n == 0) {
    snprintf(t.name, 24, "tensor%u", i);
    return WEFT_OK;
  }
  std::memcpy(t.name, from->data(), n);
  for (size_t k = 0; k < n; k++)  // names reach terminals and CSV files: no control characters
    if ((unsigned char)t.name[k] < 0x20 || t.name[k] == 0x7f) t.name[k] = '?';
  return WEFT_OK;
}

static int import_type(Import &im, uint32_t i, tfl::TensorType type, weft_tensor_t &t) {
  switch (type) {
    case tfl::TensorType_INT8: t.type = WEFT_I8; return WEFT_OK;
    case tfl::TensorType_UINT8: t.type = WEFT_U8; return WEFT_OK;
    case tfl::TensorType_INT16: t.type = WEFT_I16; return WEFT_OK;
    case tfl::TensorType_INT32: t.type = WEFT_I32; return WEFT_OK;
    case tfl::TensorType_INT64: t.type = WEFT_I64; return WEFT_OK;
    case tfl::TensorType_FLOAT32: t.type = WEFT_F32; return WEFT_OK;
    case tfl::TensorType_BOOL: t.type = WEFT_BOOL; return WEFT_OK;
    case tfl::TensorType_INT4: t.type = WEFT_I8; return WEFT_OK;  // import_data() unpacks
    case tfl::TensorType_RESOURCE:
      if (im.variable[i].empty()) break;
      t.type = WEFT_I8;  // until type_variables() knows better
      return WEFT_OK;
    default: break;
  }
  const char *name = tfl::EnumNameTensorType(type);
  if (*name) return REFUSE(WEFT_E_UNSUPPORTED, "has type %s; Weft accepts INT8", name);
  return REFUSE(WEFT_E_FORMAT, "has type number %d, which does not exist", (int)type);
}

// Positive dimensions whose product of bytes stays below 2^31: everything downstream may then count in int32.
static int import_shape(Import &im, uint32_t i, const tfl::Tensor *from, weft_tensor_t &t, bool intermediate) {
  if (intermediate) {  // only its quantisation matters; converters give it the shape [0]
    t.elements = 1;
    return WEFT_OK;
  }
  const auto *shape = from->shape(), *signature = from->shape_signature();
  uint32_t rank = shape ? shape->size() : 0;
  if (rank > WEFT_MAX_RANK) return REFUSE(WEFT_E_UNSUPPORTED, "has rank %u; Weft accepts up to %d", rank, WEFT_MAX_RANK);
  uint64_t limit = INT32_MAX / weft_dtype_size(t.type), n = 1;
  for (uint32_t k = 0; k < rank; k++) {
    int32_t d = shape->Get(k);
    if (d < 1) return REFUSE(WEFT_E_FORMAT, "has size %d in dimension %u; accepted: 1 and more", d, k);
    n *= (uint64_t)d;  // n <= limit < 2^31 before, d < 2^31: no overflow
    if (n > limit) return REFUSE(WEFT_E_UNSUPPORTED, "is too large: its shape asks for more than 2^31 - 1 bytes");
    t.dim[k] = d;
  }
  t.rank = (int)rank;
  t.elements = n;
  if (signature && signature->size() != 0) {
    if (signature->size() != rank)
      return REFUSE(WEFT_E_FORMAT, "has rank %u but %u entries in its shape signature", rank, signature->size());
    for (uint32_t k = 0; k < rank; k++) {
      int32_t s = signature->Get(k);
      if (s == -1 && k == 0) continue;  // open batch: the file's own batch size is taken
      if (s == -1) return REFUSE(WEFT_E_UNSUPPORTED, "has an open size in dimension %u; Weft accepts fixed shapes (batch aside)", k);
      if (s != t.dim[k])
        return REFUSE(WEFT_E_FORMAT, "has size %d in dimension %u, but %d in its shape signature", t.dim[k], k, s);
    }
  }
  return WEFT_OK;
}

static void type_range(weft_dtype_t type, int64_t *lo, int64_t *hi) {
  switch (type) {
    case WEFT_I8: *lo = INT8_MIN; *hi = INT8_MAX; return;
    case WEFT_U8: *lo = 0; *hi = UINT8_MAX; return;
    case WEFT_I16: *lo = INT16_MIN; *hi = INT16_MAX; return;
    default: *lo = INT32_MIN; *hi = INT32_MAX; return;
  }
}

static int import_quantisation(Import &im, uint32_t i, const tfl::QuantizationParameters *q, weft_tensor_t &t) {
  if (!q) return WEFT_OK;
  if (q->details_type() != tfl::QuantizationDetails_NONE)
    return REFUSE(WEFT_E_UNSUPPORTED, "has custom or blockwise quantisation; Weft accepts scales and zero points");
  uint32_t n = q->scale() ? q->scale()->size() : 0, nz = q->zero_point() ? q->zero_point()->size() : 0;
  if (n == 0) return WEFT_OK;  // min and max alone (a calibration record) do not quantise
  if (nz != n) return REFUSE(WEFT_E_FORMAT, "has %u scales and %u zero points", n, nz);
  int32_t along = q->quantized_dimension();
  // With one scale the dimension has no meaning; writers are careless with it, so it is not looked at.
  if (n > 1) {
    if (along < 0 || along >= t.rank)
      return REFUSE(WEFT_E_FORMAT, "is quantised along dimension %d but has rank %d", along, t.rank);
    if ((int64_t)n != t.dim[along])
      return REFUSE(WEFT_E_FORMAT, "has %u scales along dimension %d of size %d", n, along, t.dim[along]);
    t.qdim = along;
  }
  int e = take(im, n, &t.scale);
  if (e || (e = take(im, n, &t.zero))) return e;
  t.nscale = (int)n;
  int64_t lo, hi;
  type_range(t.type, &lo, &hi);
  for (uint32_t k = 0; k < n; k++) {
    float s = q->scale()->Get(k);
    int64_t z;  // 8-byte numbers: the verifier promises only 4-byte alignment in a vector
    std::memcpy(&z, q->zero_point()->Data() + k * sizeof z, sizeof z);
    if (!std::isfinite(s) || !(s > 0)) return REFUSE(WEFT_E_FORMAT, "has scale %g (number %u); accepted: finite and above 0", (double)s, k);
    if (z < lo || z > hi)
      return REFUSE(WEFT_E_FORMAT, "has zero point %lld (number %u); accepted for %s: %lld to %lld", (long long)z, k,
                    weft_dtype_name(t.type), (long long)lo, (long long)hi);
    t.scale[k] = s;
    t.zero[k] = (int32_t)z;
  }
  return WEFT_OK;
}

// Two INT4 values a byte, the first in the low half; as INT8 they need no code of their own downstream.
static int import_int4(Import &im, uint32_t i, const uint8_t *from, size_t have, weft_tensor_t &t) {
  const size_t want = (t.elements + 1) / 2;
  if (have == 0) return WEFT_OK;
  if (have != want) return REFUSE(WEFT_E_FORMAT, "has %zu bytes of data; its shape and type ask for %zu", have, want);
  int e = take_bytes(im, t.elements, 1, &t.data);
  for (size_t k = 0; !e && k < t.elements; k++)
    static_cast<int8_t *>(t.data)[k] = (int8_t)((int8_t)(k % 2 ? from[k / 2] : from[k / 2] << 4) >> 4);
  return e;
}

static int import_data(Import &im, uint32_t i, const tfl::Tensor *from, weft_tensor_t &t) {
  const uint32_t number = from->buffer();
  const auto *buffers = im.model->buffers();
  uint32_t nbuffers = buffers ? buffers->size() : 0;
  if (number >= nbuffers) {
    if (number == 0) return WEFT_OK;  // "no buffer" in a file without any
    return REFUSE(WEFT_E_FORMAT, "has buffer %u; the file has %u", number, nbuffers);
  }
  const tfl::Buffer *b = buffers->Get(number);
  if (b->offset() != 0 || b->size() != 0) return REFUSE(WEFT_E_UNSUPPORTED, "has its bytes outside the FlatBuffer; Weft accepts them inside");
  if (from->type() == tfl::TensorType_INT4) return import_int4(im, i, b->data() ? b->data()->data() : nullptr, b->data() ? b->data()->size() : 0, t);
  size_t have = b->data() ? b->data()->size() : 0, want = t.elements * weft_dtype_size(t.type);
  if (have == 0) return WEFT_OK;
  if (have != want) return REFUSE(WEFT_E_FORMAT, "has %zu bytes of data; its shape and type ask for %zu", have, want);
  int e = take_bytes(im, want, 1, &t.data);
  if (e) return e;
  std::memcpy(t.data, b->data()->data(), want);
  return WEFT_OK;
}

// Tensors that operators name as intermediates only: nothing is ever stored in them.
static std::vector<bool> find_intermediates(const Import &im, uint32_t ntensors) {
  std::vector<bool> mid(ntensors, false);
  const auto mark = [&](const flatbuffers::Vector<int32_t> *list, bool value) {
    for (uint32_t k = 0; list && k < list->size(); k++)
      if (list->Get(k) >= 0 && (uint32_t)list->Get(k) < ntensors) mid[list->Get(k)] = value;
  };
  const auto *ops = im.sub->operators();
  for (uint32_t i = 0; ops && i < ops->size(); i++) mark(ops->Get(i)->intermediates(), true);
  for (uint32_t i = 0; ops && i < ops->size(); i++) {
    mark(ops->Get(i)->inputs(), false);
    mark(ops->Get(i)->outputs(), false);
  }
  mark(im.sub->inputs(), false);
  mark(im.sub->outputs(), false);
  return mid;
}

int import_tensors(Import &im) {
  const auto *from = im.sub->tensors();
  uint32_t n = from ? from->size() : 0;
  if (n == 0) return weft_fail(im.m, WEFT_E_FORMAT, "the graph has no tensors");
  int e = take(im, n, &im.g->tensor);
  if (e) return e;
  const std::vector<bool> mid = find_intermediates(im, n);
  for (uint32_t i = 0; i < n; i++) {
    weft_tensor_t &t = im.g->tensor[i];
    const tfl::Tensor *f = from->Get(i);
    im.g->ntensors = (int)i + 1;
    if ((e = import_name(im, i, f->name(), t)) || (e = import_type(im, i, f->type(), t)) || (e = import_shape(im, i, f, t, mid[i])) ||
        (e = import_quantisation(im, i, f->quantization(), t)))
      return e;
    t.variable = f->is_variable() || !im.variable[i].empty();
    if (f->sparsity()) return REFUSE(WEFT_E_UNSUPPORTED, "is stored sparse; Weft accepts dense");
    if (f->variant_tensors() && f->variant_tensors()->size())
      return REFUSE(WEFT_E_UNSUPPORTED, "is a variant; Weft accepts plain tensors");
    if ((e = import_data(im, i, f, t))) return e;
    if (f->type() == tfl::TensorType_INT4 && !t.data)
      return REFUSE(WEFT_E_UNSUPPORTED, "has type INT4 and is computed at run time; Weft accepts INT4 constants only");
    if (!t.variable) continue;
    t.initial = t.data;
    t.data = nullptr;
  }
  return WEFT_OK;
}

}  // namespace weft_import_ns
