// SPDX-License-Identifier: Apache-2.0
//
// Decoding of operators' options: one function a family, and the fields that many operators have under the same name.
//
// Every enum and number is checked here or in the operator's check; nothing is defaulted silently except what the format itself
// defaults (dilation 1, depth multiplier left out).
#ifndef WEFT_IMPORT_OPTIONS_H
#define WEFT_IMPORT_OPTIONS_H

#include "import_internal.h"

namespace weft_import_ns {

// A family answers WEFT_OK, a weft_error, or this: the operator is not one of mine.
constexpr int kNotMine = 1;
int options_conv(Import &im, const tfl::Operator *from, weft_op_t &op, weft_op_extra_t &x);
int options_lane(Import &im, const tfl::Operator *from, weft_op_t &op, weft_op_extra_t &x);
int options_matrix(Import &im, const tfl::Operator *from, weft_op_t &op, weft_op_extra_t &x);
int options_move(Import &im, const tfl::Operator *from, weft_op_t &op, weft_op_extra_t &x);

int no_options(Import &im, const tfl::Operator *from, const weft_op_t &op);   // refuses: missing, or another operator's
int set_act(Import &im, weft_op_t &op, tfl::Activation a);
int set_padding(Import &im, weft_op_t &op, tfl::Padding p);
int set_small(Import &im, const weft_op_t &op, const char *what, int value, int *to);   // 0..65535
int set_axis(Import &im, weft_op_t &op, int axis, int rank);                  // -rank..rank-1, counted from the front afterwards

// Stride, padding and activation, which all windowed operators have under the same names.
template <typename O> int set_window(Import &im, weft_op_t &op, const O *o) {
  op.stride_h = o->stride_h();
  op.stride_w = o->stride_w();
  int e = set_padding(im, op, o->padding());
  return e ? e : set_act(im, op, o->fused_activation_function());
}

// Rank of input i, 0 when it is absent.
inline int rank_of(const Import &im, const weft_op_t &op, int i) {
  return i < op.nin && op.in[i] >= 0 ? im.g->tensor[op.in[i]].rank : 0;
}

}  // namespace weft_import_ns

#endif
