// SPDX-License-Identifier: Apache-2.0
//
// Options of reductions, matrix products, resizing and recurrent operators.

#include <cmath>

#include "options.h"

namespace weft_import_ns {

#define REFUSE(error, fmt, ...) weft_fail(im.m, error, "operator %d %s: " fmt, op.index, weft_op_name(op.code), ##__VA_ARGS__)

static int lstm(Import &im, const tfl::UnidirectionalSequenceLSTMOptions *o, weft_op_t &op) {
  if (o->fused_activation_function() != tfl::Activation_TANH)
    return REFUSE(WEFT_E_UNSUPPORTED, "fused activation %s (number %d); Weft accepts TANH", tfl::EnumNameActivation(o->fused_activation_function()),
                  (int)o->fused_activation_function());
  if (o->diagonal_recurrent_tensors()) return REFUSE(WEFT_E_UNSUPPORTED, "diagonal recurrent weights; Weft accepts full matrices");
  op.cell_clip = o->cell_clip();
  op.proj_clip = o->proj_clip();
  op.time_major = o->time_major();
  if (!std::isfinite(op.cell_clip) || op.cell_clip < 0 || !std::isfinite(op.proj_clip) || op.proj_clip < 0)
    return REFUSE(WEFT_E_FORMAT, "clips %g and %g; accepted: 0 (none) and above", (double)op.cell_clip, (double)op.proj_clip);
  return WEFT_OK;
}

template <typename O> static int resize(Import &im, const tfl::Operator *from, weft_op_t &op, const O *o) {
  if (!o) return no_options(im, from, op);
  op.align_corners = o->align_corners();
  op.half_pixel = o->half_pixel_centers();
  return op.align_corners && op.half_pixel ? REFUSE(WEFT_E_FORMAT, "align_corners and half_pixel_centers exclude each other") : WEFT_OK;
}

int options_matrix(Import &im, const tfl::Operator *from, weft_op_t &op, weft_op_extra_t &) {
  switch (op.code) {
    case WEFT_OP_MEAN: case WEFT_OP_SUM: case WEFT_OP_REDUCE_MAX: {
      const auto *o = from->builtin_options_as_ReducerOptions();
      if (!o) return no_options(im, from, op);
      op.keep_dims = o->keep_dims();
      return WEFT_OK;
    }
    case WEFT_OP_BATCH_MATMUL: {
      const auto *o = from->builtin_options_as_BatchMatMulOptions();
      op.adj_x = o && o->adj_x();
      op.adj_y = o && o->adj_y();
      return WEFT_OK;
    }
    case WEFT_OP_RESIZE_BILINEAR: return resize(im, from, op, from->builtin_options_as_ResizeBilinearOptions());
    case WEFT_OP_RESIZE_NEAREST_NEIGHBOR: return resize(im, from, op, from->builtin_options_as_ResizeNearestNeighborOptions());
    case WEFT_OP_UNIDIRECTIONAL_SEQUENCE_LSTM: {
      const auto *o = from->builtin_options_as_UnidirectionalSequenceLSTMOptions();
      return o ? lstm(im, o, op) : no_options(im, from, op);
    }
    case WEFT_OP_SVDF: {
      const auto *o = from->builtin_options_as_SVDFOptions();
      if (!o) return no_options(im, from, op);
      int e = set_small(im, op, "rank", o->rank(), &op.svdf_rank);
      return e ? e : set_act(im, op, o->fused_activation_function());
    }
    default: return kNotMine;
  }
}

}  // namespace weft_import_ns
