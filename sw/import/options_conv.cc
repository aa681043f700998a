// SPDX-License-Identifier: Apache-2.0
//
// Options of the operators with windows or weights.

#include "options.h"

namespace weft_import_ns {

int options_conv(Import &im, const tfl::Operator *from, weft_op_t &op, weft_op_extra_t &x) {
  switch (op.code) {
    case WEFT_OP_CONV_2D: {
      const auto *o = from->builtin_options_as_Conv2DOptions();
      if (!o) return no_options(im, from, op);
      op.dilation_h = o->dilation_h_factor();
      op.dilation_w = o->dilation_w_factor();
      return set_window(im, op, o);
    }
    case WEFT_OP_DEPTHWISE_CONV_2D: {
      const auto *o = from->builtin_options_as_DepthwiseConv2DOptions();
      if (!o) return no_options(im, from, op);
      op.dilation_h = o->dilation_h_factor();
      op.dilation_w = o->dilation_w_factor();
      op.depth_multiplier = o->depth_multiplier();
      if (op.depth_multiplier == 0 && op.nin > 1 && op.in[0] >= 0 && op.in[1] >= 0) {
        // Left out by the writer: the shapes say it (and the check compares them).
        const weft_tensor_t &in = im.g->tensor[op.in[0]], &w = im.g->tensor[op.in[1]];
        if (in.rank == 4 && w.rank == 4) op.depth_multiplier = w.dim[3] / in.dim[3];
      }
      return set_window(im, op, o);
    }
    case WEFT_OP_TRANSPOSE_CONV: {
      const auto *o = from->builtin_options_as_TransposeConvOptions();
      if (!o) return no_options(im, from, op);
      op.dilation_h = op.dilation_w = 1;
      return set_window(im, op, o);
    }
    case WEFT_OP_AVERAGE_POOL_2D:
    case WEFT_OP_MAX_POOL_2D: {
      const auto *o = from->builtin_options_as_Pool2DOptions();
      if (!o) return no_options(im, from, op);
      op.dilation_h = op.dilation_w = 1;
      op.filter_h = o->filter_height();
      op.filter_w = o->filter_width();
      return set_window(im, op, o);
    }
    case WEFT_OP_FULLY_CONNECTED: {
      const auto *o = from->builtin_options_as_FullyConnectedOptions();
      if (!o) return no_options(im, from, op);
      x.weights_format = o->weights_format();
      x.keep_num_dims = o->keep_num_dims();
      return set_act(im, op, o->fused_activation_function());
    }
    default: return kNotMine;
  }
}

}  // namespace weft_import_ns
