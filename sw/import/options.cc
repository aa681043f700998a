// SPDX-License-Identifier: Apache-2.0
//
// Option fields that many operators share.

#include "options.h"

namespace weft_import_ns {

#define REFUSE(error, fmt, ...) weft_fail(im.m, error, "operator %d %s: " fmt, op.index, weft_op_name(op.code), ##__VA_ARGS__)

int no_options(Import &im, const tfl::Operator *from, const weft_op_t &op) {
  return REFUSE(WEFT_E_FORMAT, "its options are missing or of another operator (kind %d)", (int)from->builtin_options_type());
}

int set_act(Import &im, weft_op_t &op, tfl::Activation a) {
  switch (a) {
    case tfl::Activation_NONE: op.act = WEFT_ACT_NONE; return WEFT_OK;
    case tfl::Activation_RELU: op.act = WEFT_ACT_RELU; return WEFT_OK;
    case tfl::Activation_RELU_N1_TO_1: op.act = WEFT_ACT_RELU_N1_TO_1; return WEFT_OK;
    case tfl::Activation_RELU6: op.act = WEFT_ACT_RELU6; return WEFT_OK;
    default: return REFUSE(WEFT_E_UNSUPPORTED, "fused activation %s (number %d); Weft accepts NONE, RELU, RELU_N1_TO_1, RELU6",
                           tfl::EnumNameActivation(a), (int)a);
  }
}

int set_padding(Import &im, weft_op_t &op, tfl::Padding p) {
  if (p != tfl::Padding_SAME && p != tfl::Padding_VALID)
    return REFUSE(WEFT_E_FORMAT, "padding number %d; accepted: 0 (SAME) and 1 (VALID)", (int)p);
  op.padding = p == tfl::Padding_SAME ? WEFT_PAD_SAME : WEFT_PAD_VALID;
  return WEFT_OK;
}

int set_small(Import &im, const weft_op_t &op, const char *what, int value, int *to) {
  if (value < 0 || value > 65535) return REFUSE(WEFT_E_FORMAT, "%s %d; accepted: 0 to 65535", what, value);
  *to = value;
  return WEFT_OK;
}

int set_axis(Import &im, weft_op_t &op, int axis, int rank) {
  int from_front = axis < 0 ? axis + rank : axis;
  if (from_front < 0 || from_front >= rank) return REFUSE(WEFT_E_FORMAT, "axis %d; accepted: %d to %d", axis, -rank, rank - 1);
  op.axis = from_front;
  return WEFT_OK;
}

}  // namespace weft_import_ns
