// SPDX-License-Identifier: Apache-2.0
//
// Reads a .tflite image: verifier, then the walk over operators in execution order.
//
// The bytes are not trusted. The FlatBuffers verifier makes sure that every table, vector and string lies inside the
// image; everything that is an index, a size or a number is checked here and in check_*.c before it is used.

#include <cstdlib>
#include <cstring>
#include <vector>

#include "fold.h"
#include "import_internal.h"
#include "readfile.h"

namespace weft_import_ns {

// The format's offsets are 31 bits; the verifier itself asserts on more.
static constexpr size_t kMaxImage = FLATBUFFERS_MAX_BUFFER_SIZE - 1;
static constexpr uint32_t kSchemaVersion = 3;

const char *builtin_name(int number) {
  switch (number) {
#define X(n, name) case n: return name;
#include "tflite_ops.def"
#undef X
  }
  return "UNKNOWN";
}

int builtin_number(const Import &im, uint32_t i) {
  const tfl::Operator *op = im.sub->operators()->Get(i);
  const auto *codes = im.model->operator_codes();
  if (!codes || op->opcode_index() >= codes->size()) return -1;
  const tfl::OperatorCode *code = codes->Get(op->opcode_index());
  int old_number = code->deprecated_builtin_code(), number = code->builtin_code();
  return old_number > number ? old_number : number;
}

int take_bytes(Import &im, size_t n, size_t size, void **to) {
  *to = nullptr;
  if (n && size > im.budget / n)
    return weft_fail(im.m, WEFT_E_FORMAT, "the file shares its objects so often that they unfold to many times its size");
  im.budget -= n * size;
  *to = std::calloc(n ? n : 1, size);
  return *to ? WEFT_OK : weft_fail(im.m, WEFT_E_MEMORY, "no memory for %zu bytes", n * size);
}

// Every operator is one that Weft knows: asked before anything else, so that a foreign network is refused by its
// first foreign operator and not by some tensor of it.
static int check_opcodes(const Import &im) {
  const auto *ops = im.sub->operators();
  for (uint32_t i = 0; i < ops->size(); i++) {
    int number = builtin_number(im, i);
    switch (number) {
#define X(e, name, num) case num:
      WEFT_OPS(X)
#undef X
      continue;
      case -1:
        return weft_fail(im.m, WEFT_E_FORMAT, "operator %u: operator code %u is not in the file", i, ops->Get(i)->opcode_index());
    }
    const auto *custom = im.model->operator_codes()->Get(ops->Get(i)->opcode_index())->custom_code();
    char label[80];
    if (custom) {
      snprintf(label, sizeof label, "%s (%.48s)", builtin_name(number), custom->c_str());
      for (char *s = label; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f) *s = '?';
    } else {
      snprintf(label, sizeof label, "%s", builtin_name(number));
    }
    return weft_fail(im.m, WEFT_E_UNSUPPORTED, "operator %u %s (number %d) is not supported; docs/numerics.md lists what is", i, label, number);
  }
  return WEFT_OK;
}

// Graph inputs or outputs into list; a tensor may appear once.
static int import_list(Import &im, const char *what, const flatbuffers::Vector<int32_t> *from, int **list, int *n) {
  if (!from || from->size() == 0) return weft_fail(im.m, WEFT_E_FORMAT, "the graph has no %ss", what);
  if (from->size() > (uint32_t)im.g->ntensors)
    return weft_fail(im.m, WEFT_E_FORMAT, "the graph has %u %ss but %d tensors", from->size(), what, im.g->ntensors);
  int e = take(im, from->size(), list);
  if (e) return e;
  std::vector<bool> seen(im.g->ntensors, false);
  for (uint32_t i = 0; i < from->size(); i++) {
    int32_t t = from->Get(i);
    if (t < 0 || t >= im.g->ntensors)
      return weft_fail(im.m, WEFT_E_FORMAT, "graph %s %u is tensor %d; the file has %d tensors", what, i, t, im.g->ntensors);
    const weft_tensor_t &x = im.g->tensor[t];
    if (seen[t]) return weft_fail(im.m, WEFT_E_FORMAT, "graph %s %u, tensor " WEFT_NAME ", is listed twice", what, i, x.name);
    if (x.data || x.variable)
      return weft_fail(im.m, WEFT_E_FORMAT, "graph %s %u, tensor " WEFT_NAME ", is a %s", what, i, x.name, x.data ? "constant" : "variable");
    seen[t] = true;
    (*list)[i] = t;
    *n = (int)i + 1;
  }
  return WEFT_OK;
}

// The data flow: an operator reads only what exists by then, and writes each tensor once.
static int check_flow(const Import &im, const weft_op_t &op, std::vector<bool> &ready) {
  for (int k = 0; k < op.nin; k++)
    if (op.in[k] >= 0 && !ready[op.in[k]])
      return weft_fail(im.m, WEFT_E_FORMAT, "operator %d %s: reads tensor " WEFT_NAME " before anything has produced it", op.index,
                       weft_op_name(op.code), im.g->tensor[op.in[k]].name);
  for (int k = 0; k < op.nout; k++) {
    const weft_tensor_t &t = im.g->tensor[op.out[k]];
    if (t.data)
      return weft_fail(im.m, WEFT_E_FORMAT, "operator %d %s: writes tensor " WEFT_NAME ", which is a constant", op.index,
                       weft_op_name(op.code), t.name);
    if (ready[op.out[k]])
      return weft_fail(im.m, WEFT_E_FORMAT, "operator %d %s: writes tensor " WEFT_NAME ", which is a graph input or already written",
                       op.index, weft_op_name(op.code), t.name);
    ready[op.out[k]] = true;
  }
  return WEFT_OK;
}

int import_graph(Import &im) {
  weft_graph_t *g = im.g;
  const auto *ops = im.sub->operators();
  if (!ops || ops->size() == 0) return weft_fail(im.m, WEFT_E_FORMAT, "the graph has no operators");
  int e = check_opcodes(im);
  if (e || (e = find_variables(im)) || (e = import_tensors(im)) || (e = type_variables(im))) return e;
  if (!im.initialiser && ((e = import_list(im, "input", im.sub->inputs(), &g->in, &g->nin)) ||
                          (e = import_list(im, "output", im.sub->outputs(), &g->out, &g->nout))))
    return e;

  if ((e = take(im, ops->size(), &g->op))) return e;
  std::vector<bool> ready(g->ntensors, false);
  for (int t = 0; t < g->ntensors; t++) ready[t] = g->tensor[t].data || g->tensor[t].variable;
  for (int i = 0; i < g->nin; i++) ready[g->in[i]] = true;
  for (uint32_t i = 0; i < ops->size(); i++) {
    weft_op_t &op = g->op[g->nops++];
    if ((e = import_op(im, i, op))) return e;
    bool done = is_state_op(op.code);
    if (!done && ((e = check_flow(im, op, ready)) || (e = weft_fold_op(g, &op, &done, im.m)))) return e;
    if (!done) continue;
    weft_op_free(&op);
    g->nops--;
  }
  for (int i = 0; i < g->nin; i++) ready[g->in[i]] = false;
  for (int i = 0; i < g->nout; i++)
    if (!ready[g->out[i]])
      return weft_fail(im.m, WEFT_E_FORMAT, "graph output %d, tensor " WEFT_NAME ", is not written by any operator", i, g->tensor[g->out[i]].name);
  return WEFT_OK;
}

static int import_image(const uint8_t *bytes, size_t size, weft_graph_t *g, weft_msg_t *m) {
  if (size < 8 || !tfl::ModelBufferHasIdentifier(bytes))
    return weft_fail(m, WEFT_E_FORMAT, "not a TFLite file: the identifier %s is missing", tfl::ModelIdentifier());
  flatbuffers::Verifier verifier(bytes, size);
  if (!tfl::VerifyModelBuffer(verifier))
    return weft_fail(m, WEFT_E_FORMAT, "corrupt TFLite file: an offset or length points outside its %zu bytes", size);
  const tfl::Model *model = tfl::GetModel(bytes);
  if (model->version() != kSchemaVersion)
    return weft_fail(m, WEFT_E_UNSUPPORTED, "TFLite schema version %u; Weft accepts %u", model->version(), kSchemaVersion);
  uint32_t nsub = model->subgraphs() ? model->subgraphs()->size() : 0;
  if (nsub == 0) return weft_fail(m, WEFT_E_FORMAT, "the file has no subgraph");
  Import im = {model, model->subgraphs()->Get(0), g, m, false, {}, 16 * size + (size_t(1) << 20)};   // further ones: CALL_ONCE's
  return import_graph(im);
}

}  // namespace weft_import_ns

extern "C" int weft_import(const void *bytes, size_t size, weft_graph_t **out, weft_msg_t *m) {
  using namespace weft_import_ns;
  if (!out) return weft_fail(m, WEFT_E_ARG, "weft_import: no place for the result");
  *out = nullptr;
  if (!bytes) return weft_fail(m, WEFT_E_ARG, "weft_import: no bytes");
  if (size > kMaxImage) return weft_fail(m, WEFT_E_UNSUPPORTED, "the file has %zu bytes; Weft accepts up to %zu", size, kMaxImage);

  // The FlatBuffers reader loads numbers in place, so the image must start on an aligned address.
  void *aligned = nullptr;
  if (reinterpret_cast<uintptr_t>(bytes) % alignof(max_align_t)) {
    aligned = std::malloc(size ? size : 1);
    if (!aligned) return weft_fail(m, WEFT_E_MEMORY, "no memory for %zu bytes", size);
    std::memcpy(aligned, bytes, size);
  }
  weft_graph_t *g = static_cast<weft_graph_t *>(std::calloc(1, sizeof *g));
  int e;
  try {
    e = g ? import_image(static_cast<const uint8_t *>(aligned ? aligned : bytes), size, g, m)
          : weft_fail(m, WEFT_E_MEMORY, "no memory for the graph");
  } catch (...) {  // only containers can throw here, and only for want of memory
    e = weft_fail(m, WEFT_E_MEMORY, "no memory to read the file");
  }
  std::free(aligned);
  if (e) {
    weft_graph_free(g);
    return e;
  }
  *out = g;
  return WEFT_OK;
}

extern "C" int weft_import_file(const char *path, weft_graph_t **out, weft_msg_t *m) {
  if (!out) return weft_fail(m, WEFT_E_ARG, "weft_import_file: no place for the result");
  *out = nullptr;
  void *bytes;
  size_t size;
  int e = weft_read_file(path, &bytes, &size, m);
  if (e) return e;
  weft_msg_t why = {{0}};
  e = weft_import(bytes, size, out, &why);
  std::free(bytes);
  if (e && m) {
    // The file's name, then the reason; of a long path the end is what tells files apart.
    size_t n = std::strlen(path), keep = 80;
    weft_fail(m, e, "%s%s: %s", n > keep ? "..." : "", n > keep ? path + n - keep : path, why.msg);
  }
  return e;
}
