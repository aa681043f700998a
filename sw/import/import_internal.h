/* SPDX-License-Identifier: Apache-2.0
 *
 * What the three C++ files of the importer share: the state of one import and its steps.
 *
 * Memory is malloc'ed, because weft_graph_free() is C. A step that fails leaves the graph in a state that
 * weft_graph_free() can release.
 */
#ifndef WEFT_IMPORT_INTERNAL_H
#define WEFT_IMPORT_INTERNAL_H

#include "check.h"
#include "tflite_generated.h"

namespace weft_import_ns {

namespace tfl = weft::tfl;

struct Import {
  const tfl::Model *model;
  const tfl::SubGraph *sub;
  weft_graph_t *g;
  weft_msg_t *m;
  size_t budget;        /* bytes that may still be copied: objects of a FlatBuffer may be shared, so a small hostile file
                           could otherwise ask for far more memory than its size */
};

/* number of builtin operator -> name; "UNKNOWN" outside the table. */
const char *builtin_name(int number);
/* Builtin number of operator i, -1 when its index is wrong. */
int builtin_number(const Import &im, uint32_t i);

int import_tensors(Import &im);        /* fills g->tensor */
int import_op(Import &im, uint32_t i); /* fills and checks g->op[i] */

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
