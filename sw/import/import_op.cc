// SPDX-License-Identifier: Apache-2.0
//
// One operator of a .tflite image: its tensors and its options (options_*.cc), decoded, then handed to weft_check_op().

#include <cstdlib>

#include "golden.h"
#include "options.h"

namespace weft_import_ns {

#define REFUSE(error, fmt, ...) weft_fail(im.m, error, "operator %d %s: " fmt, op.index, weft_op_name(op.code), ##__VA_ARGS__)

// Far above what converters write (an unrolled network concatenates a step each); the exact number is asked by the operator's check.
static constexpr uint32_t kMaxOperands = 4096;

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

static int import_options(Import &im, const tfl::Operator *from, weft_op_t &op, weft_op_extra_t &x) {
  for (auto family : {options_conv, options_lane, options_matrix, options_move}) {
    int e = family(im, from, op, x);
    if (e != kNotMine) return e;
  }
  return WEFT_OK;  // an operator without options
}

weft_opcode_t opcode_of(int builtin) {
  switch (builtin) {
#define X(e, name, num) case num: return WEFT_OP_##e;
    WEFT_OPS(X)
#undef X
  }
  return WEFT_OP_COUNT;
}

int import_op(Import &im, uint32_t i, weft_op_t &op) {
  const tfl::Operator *from = im.sub->operators()->Get(i);
  weft_op_extra_t x = {};
  op.index = (int)i;
  op.code = opcode_of(builtin_number(im, i));  // known: check_opcodes() has seen it
  int e = import_operands(im, op, "input", from->inputs(), -1, &op.in, &op.nin);
  if (e || (e = import_operands(im, op, "output", from->outputs(), 0, &op.out, &op.nout))) return e;
  if ((e = import_operands(im, op, "intermediate tensor", from->intermediates(), -1, &op.mid, &op.nmid))) return e;
  if (!weft_golden_has(op.code) && !is_state_op(op.code)) return REFUSE(WEFT_E_UNSUPPORTED, "not supported: the golden model does not have it");
  if ((e = import_options(im, from, op, x))) return e;
  for (int k = 0; k < op.nin; k++)
    if (op.in[k] >= 0 && variable_of(im, op.in[k]) >= 0) op.in[k] = variable_of(im, op.in[k]);
  if (is_state_op(op.code)) return import_state_op(im, from, op);
  return weft_check_op(im.g, &op, &x, im.m);
}

}  // namespace weft_import_ns
