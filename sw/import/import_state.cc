// SPDX-License-Identifier: Apache-2.0
//
// Variables that outlive an inference: VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE, and CALL_ONCE with its subgraph.
//
// In the file a handle is a tensor of type RESOURCE, made by VAR_HANDLE and known by its names. In the graph the first handle's tensor
// is the variable itself: it takes type, shape and quantisation of the values that are read and assigned. CALL_ONCE names a
// subgraph that assigns first values; it is executed here, by the golden operators, and leaves them in weft_tensor_t.initial.

#include <cstdlib>
#include <cstring>
#include <memory>

#include "golden.h"
#include "import_internal.h"

namespace weft_import_ns {

#define REFUSE(error, fmt, ...) weft_fail(im.m, error, "operator %d %s: " fmt, op.index, weft_op_name(op.code), ##__VA_ARGS__)

int find_variables(Import &im) {
  const auto *tensors = im.sub->tensors();
  im.variable.assign(tensors ? tensors->size() : 0, "");
  const auto *ops = im.sub->operators();
  for (uint32_t i = 0; i < ops->size(); i++) {
    const tfl::Operator *op = ops->Get(i);
    if (opcode_of(builtin_number(im, i)) != WEFT_OP_VAR_HANDLE) continue;
    const auto *o = op->builtin_options_as_VarHandleOptions();
    if (!op->outputs() || op->outputs()->size() != 1 || (uint32_t)op->outputs()->Get(0) >= im.variable.size())
      return weft_fail(im.m, WEFT_E_FORMAT, "operator %u VAR_HANDLE: has no output tensor; accepted: 1", i);
    std::string name = "=";  // never empty
    if (o && o->container()) name += o->container()->str();
    name += '/';
    if (o && o->shared_name()) name += o->shared_name()->str();
    im.variable[op->outputs()->Get(0)] = name;
  }
  return WEFT_OK;
}

int variable_of(const Import &im, int t) {
  if (im.variable[t].empty()) return -1;
  for (size_t i = 0; i < im.variable.size(); i++)
    if (im.variable[i] == im.variable[t]) return (int)i;
  return -1;
}

static int take_over(Import &im, const weft_tensor_t &from, weft_tensor_t &to) {
  std::free(to.scale);
  std::free(to.zero);
  to.scale = nullptr;
  to.zero = nullptr;
  to.type = from.type;
  to.rank = from.rank;
  to.elements = from.elements;
  to.nscale = 0;
  to.qdim = from.qdim;
  std::memcpy(to.dim, from.dim, sizeof to.dim);
  int e = take(im, from.nscale, &to.scale);
  if (e || (e = take(im, from.nscale, &to.zero))) return e;
  to.nscale = from.nscale;
  if (from.nscale) {
    std::memcpy(to.scale, from.scale, from.nscale * sizeof *to.scale);
    std::memcpy(to.zero, from.zero, from.nscale * sizeof *to.zero);
  }
  return WEFT_OK;
}

int type_variables(Import &im) {
  const auto *ops = im.sub->operators();
  std::vector<bool> typed(im.variable.size(), false);
  for (uint32_t i = 0; i < ops->size(); i++) {
    const tfl::Operator *op = ops->Get(i);
    const weft_opcode_t code = opcode_of(builtin_number(im, i));
    if (code != WEFT_OP_READ_VARIABLE && code != WEFT_OP_ASSIGN_VARIABLE) continue;
    const auto *values = code == WEFT_OP_READ_VARIABLE ? op->outputs() : op->inputs();
    const uint32_t which = code == WEFT_OP_READ_VARIABLE ? 0 : 1;
    const int32_t handle = op->inputs() && op->inputs()->size() ? op->inputs()->Get(0) : -1;
    if (handle < 0 || handle >= im.g->ntensors || variable_of(im, handle) < 0)
      return weft_fail(im.m, WEFT_E_UNSUPPORTED, "operator %u %s: its first input does not come from a VAR_HANDLE of the same graph", i, weft_op_name(code));
    if (!values || values->size() <= which || values->Get(which) < 0 || values->Get(which) >= im.g->ntensors)
      return weft_fail(im.m, WEFT_E_FORMAT, "operator %u %s: its value is missing", i, weft_op_name(code));
    const int v = variable_of(im, handle);
    if (typed[v]) continue;
    typed[v] = true;
    int e = take_over(im, im.g->tensor[values->Get(which)], im.g->tensor[v]);
    if (e) return e;
  }
  return WEFT_OK;
}

// Gives the variables of im the values that the subgraph of `init` has left in its own.
static int copy_values(Import &im, const Import &init, const weft_golden_t &s, const weft_op_t &op) {
  for (int t = 0; t < im.g->ntensors; t++) {
    if (im.variable[t].empty() || variable_of(im, t) != t) continue;
    for (int k = 0; k < init.g->ntensors; k++) {
      if (init.variable[k] != im.variable[t] || variable_of(init, k) != k) continue;
      weft_tensor_t &to = im.g->tensor[t];
      const weft_tensor_t &from = init.g->tensor[k];
      if (to.type != from.type || to.elements != from.elements)
        return REFUSE(WEFT_E_FORMAT, "variable " WEFT_NAME " has %zu values of %s in its subgraph, %zu of %s in the network", to.name, from.elements,
                      weft_dtype_name(from.type), to.elements, weft_dtype_name(to.type));
      const size_t n = to.elements * weft_dtype_size(to.type);
      std::free(to.initial);
      int e = take_bytes(im, n, 1, &to.initial);
      if (e) return e;
      std::memcpy(to.initial, s.data[k], n);
    }
  }
  return WEFT_OK;
}

static int call_once(Import &im, const tfl::Operator *from, const weft_op_t &op) {
  const auto *o = from->builtin_options_as_CallOnceOptions();
  const auto *subs = im.model->subgraphs();
  const int k = o ? o->init_subgraph_index() : -1;
  if (k < 0 || (uint32_t)k >= subs->size() || subs->Get(k) == im.sub)
    return REFUSE(WEFT_E_FORMAT, "names subgraph %d; the file has %u", k, subs->size());
  if (im.initialiser) return REFUSE(WEFT_E_UNSUPPORTED, "stands in a subgraph that is itself called once");
  std::unique_ptr<weft_graph_t, void (*)(weft_graph_t *)> g(static_cast<weft_graph_t *>(std::calloc(1, sizeof(weft_graph_t))), weft_graph_free);
  if (!g) return weft_fail(im.m, WEFT_E_MEMORY, "out of memory");
  Import init = {im.model, subs->Get(k), g.get(), im.m, true, {}, im.budget};
  int e = import_graph(init);
  if (e) return e;
  im.budget = init.budget;
  const size_t size = weft_golden_arena_size(g.get());
  std::unique_ptr<void, void (*)(void *)> arena(size == SIZE_MAX ? nullptr : std::malloc(size), std::free);
  if (!arena) return weft_fail(im.m, WEFT_E_MEMORY, "no memory for the tensors of subgraph %d", k);
  weft_golden_t s;
  if ((e = weft_golden_init(&s, g.get(), arena.get(), size, im.m)) || (e = weft_golden_run(g.get(), &s, im.m))) return e;
  return copy_values(im, init, s, op);
}

int import_state_op(Import &im, const tfl::Operator *from, weft_op_t &op) {
  return op.code == WEFT_OP_CALL_ONCE ? call_once(im, from, op) : WEFT_OK;
}

}  // namespace weft_import_ns
