/* SPDX-License-Identifier: Apache-2.0
 *
 * What the C++ files of the importer share: the state of one import and its steps.
 *
 * Memory is malloc'ed, because weft_graph_free() is C. A step that fails leaves the graph in a state that
 * weft_graph_free() can release.
 */
#ifndef WEFT_IMPORT_INTERNAL_H
#define WEFT_IMPORT_INTERNAL_H

#include <string>
#include <vector>

#include "check.h"
#include "tflite_generated.h"

namespace weft_import_ns {

namespace tfl = weft::tfl;

struct Import {
  const tfl::Model *model;
  const tfl::SubGraph *sub;
  weft_graph_t *g;
  weft_msg_t *m;
  bool initialiser;     /* a subgraph of CALL_ONCE instead of the network */
  std::vector<std::string> variable;   /* of each tensor: the name of the variable that it is a handle of, or "" */
  size_t budget;        /* bytes that may still be copied: objects of a FlatBuffer may be shared, so a small hostile file
                           could otherwise ask for far more memory than its size */
};

/* number of builtin operator -> name; "UNKNOWN" outside the table. */
const char *builtin_name(int number);
/* Builtin number of operator i, -1 when its index is wrong. */
int builtin_number(const Import &im, uint32_t i);

int import_tensors(Import &im);        /* fills g->tensor */
int import_op(Import &im, uint32_t i, weft_op_t &op);   /* fills and checks op, the file's operator i */
int import_graph(Import &im);          /* the whole subgraph */
weft_opcode_t opcode_of(int builtin);  /* WEFT_OP_COUNT when Weft has no such operator */

/* Variables (import_state.cc): VAR_HANDLE's tensors become the variables themselves, CALL_ONCE their initial values. */
inline bool is_state_op(weft_opcode_t c) { return c == WEFT_OP_VAR_HANDLE || c == WEFT_OP_CALL_ONCE; }
int find_variables(Import &im);        /* before the tensors: fills im.variable */
int type_variables(Import &im);        /* after them: each variable takes type and shape of the values that it holds */
int variable_of(const Import &im, int t);   /* the tensor that stands for handle t's variable, -1 when t is no handle */
int import_state_op(Import &im, const tfl::Operator *from, weft_op_t &op);

/* n zeroed objects of `size` bytes within the budget; n == 0 gives one byte that nobody uses. 0 or a negative weft_error. */
int take_bytes(Import &im, size_t n, size_t size, void **to);
template <typename T> int take(Import &im, size_t n, T **to) {
  void *p = nullptr;
  int e = take_bytes(im, n, sizeof(T), &p);
  *to = static_cast<T *>(p);
  return e;
}

}  // namespace weft_import_ns

#endif
