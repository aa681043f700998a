// SPDX-License-Identifier: Apache-2.0
//
// Options of the operators that work value by value or row by row.

#include <cmath>

#include "options.h"

namespace weft_import_ns {

#define REFUSE(error, fmt, ...) weft_fail(im.m, error, "operator %d %s: " fmt, op.index, weft_op_name(op.code), ##__VA_ARGS__)

// Operators whose only option is a fused activation. Writers leave the table out when it is the default.
template <typename O> static int act_only(Import &im, const tfl::Operator *from, weft_op_t &op, const O *o) {
  return o ? set_act(im, op, o->fused_activation_function()) : no_options(im, from, op);
}

int options_lane(Import &im, const tfl::Operator *from, weft_op_t &op, weft_op_extra_t &) {
  switch (op.code) {
    case WEFT_OP_ADD: return act_only(im, from, op, from->builtin_options_as_AddOptions());
    case WEFT_OP_SUB: return act_only(im, from, op, from->builtin_options_as_SubOptions());
    case WEFT_OP_MUL: return act_only(im, from, op, from->builtin_options_as_MulOptions());
    case WEFT_OP_L2_NORMALIZATION: return act_only(im, from, op, from->builtin_options_as_L2NormOptions());
    case WEFT_OP_SOFTMAX: {
      const auto *o = from->builtin_options_as_SoftmaxOptions();
      if (!o) return no_options(im, from, op);
      op.beta = o->beta();
      return WEFT_OK;
    }
    case WEFT_OP_LEAKY_RELU: {
      const auto *o = from->builtin_options_as_LeakyReluOptions();
      if (!o) return no_options(im, from, op);
      op.alpha = o->alpha();
      return std::isfinite(op.alpha) ? WEFT_OK : REFUSE(WEFT_E_FORMAT, "alpha %g; accepted: finite", (double)op.alpha);
    }
    case WEFT_OP_GELU: {
      const auto *o = from->builtin_options_as_GeluOptions();
      op.approximate = o && o->approximate();
      return WEFT_OK;
    }
    default: return kNotMine;
  }
}

}  // namespace weft_import_ns
