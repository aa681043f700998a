// SPDX-License-Identifier: Apache-2.0
//
// Options of the operators that move bytes.

#include "options.h"

namespace weft_import_ns {

#define REFUSE(error, fmt, ...) weft_fail(im.m, error, "operator %d %s: " fmt, op.index, weft_op_name(op.code), ##__VA_ARGS__)

static int strided_slice(Import &im, const tfl::StridedSliceOptions *o, weft_op_t &op) {
  int e = set_small(im, op, "begin_mask", o->begin_mask(), &op.begin_mask);
  if (e || (e = set_small(im, op, "end_mask", o->end_mask(), &op.end_mask)) ||
      (e = set_small(im, op, "ellipsis_mask", o->ellipsis_mask(), &op.ellipsis_mask)) ||
      (e = set_small(im, op, "new_axis_mask", o->new_axis_mask(), &op.new_axis_mask)))
    return e;
  op.offset = o->offset();
  return set_small(im, op, "shrink_axis_mask", o->shrink_axis_mask(), &op.shrink_axis_mask);
}

static int gather(Import &im, const tfl::GatherOptions *o, weft_op_t &op) {
  int e = set_axis(im, op, o->axis(), rank_of(im, op, 0));
  if (e) return e;
  int batch = o->batch_dims() < 0 ? o->batch_dims() + rank_of(im, op, 1) : o->batch_dims();
  if (batch < 0 || batch > op.axis || batch > rank_of(im, op, 1))
    return REFUSE(WEFT_E_FORMAT, "batch_dims %d; accepted: 0 to the axis %d and the indices' rank %d", o->batch_dims(), op.axis, rank_of(im, op, 1));
  op.batch_dims = batch;
  return WEFT_OK;
}

int options_move(Import &im, const tfl::Operator *from, weft_op_t &op, weft_op_extra_t &x) {
  switch (op.code) {
    case WEFT_OP_RESHAPE: {  // options are optional: the second input normally says it
      const auto *o = from->builtin_options_as_ReshapeOptions();
      const auto *shape = o ? o->new_shape() : nullptr;
      x.nshape = shape ? (int)shape->size() : -1;
      for (int i = 0; i < x.nshape && i < WEFT_MAX_RANK; i++) x.shape[i] = shape->Get(i);
      return WEFT_OK;
    }
    case WEFT_OP_SQUEEZE: {
      const auto *o = from->builtin_options_as_SqueezeOptions();
      const auto *dims = o ? o->squeeze_dims() : nullptr;
      uint32_t n = dims ? dims->size() : 0;
      if (n > WEFT_MAX_SQUEEZE) return REFUSE(WEFT_E_FORMAT, "names %u dimensions; accepted: up to %d", n, WEFT_MAX_SQUEEZE);
      x.nsqueeze = (int)n;
      for (uint32_t i = 0; i < n; i++) x.squeeze[i] = dims->Get(i);
      return WEFT_OK;
    }
    case WEFT_OP_CONCATENATION: {
      const auto *o = from->builtin_options_as_ConcatenationOptions();
      if (!o) return no_options(im, from, op);
      int e = set_axis(im, op, o->axis(), rank_of(im, op, 0));
      return e ? e : set_act(im, op, o->fused_activation_function());
    }
    case WEFT_OP_PACK: {
      const auto *o = from->builtin_options_as_PackOptions();
      return o ? set_axis(im, op, o->axis(), rank_of(im, op, 0) + 1) : no_options(im, from, op);
    }
    case WEFT_OP_UNPACK: {
      const auto *o = from->builtin_options_as_UnpackOptions();
      return o ? set_axis(im, op, o->axis(), rank_of(im, op, 0)) : no_options(im, from, op);
    }
    case WEFT_OP_GATHER: {
      const auto *o = from->builtin_options_as_GatherOptions();
      return o ? gather(im, o, op) : no_options(im, from, op);
    }
    case WEFT_OP_STRIDED_SLICE: {
      const auto *o = from->builtin_options_as_StridedSliceOptions();
      return o ? strided_slice(im, o, op) : no_options(im, from, op);
    }
    case WEFT_OP_SPACE_TO_DEPTH: {
      const auto *o = from->builtin_options_as_SpaceToDepthOptions();
      return o ? set_small(im, op, "block size", o->block_size(), &op.block_size) : no_options(im, from, op);
    }
    case WEFT_OP_DEPTH_TO_SPACE: {
      const auto *o = from->builtin_options_as_DepthToSpaceOptions();
      return o ? set_small(im, op, "block size", o->block_size(), &op.block_size) : no_options(im, from, op);
    }
    case WEFT_OP_MIRROR_PAD: {
      const auto *o = from->builtin_options_as_MirrorPadOptions();
      if (!o) return no_options(im, from, op);
      if (o->mode() != tfl::MirrorPadMode_REFLECT && o->mode() != tfl::MirrorPadMode_SYMMETRIC)
        return REFUSE(WEFT_E_FORMAT, "mode number %d; accepted: 0 (REFLECT) and 1 (SYMMETRIC)", (int)o->mode());
      op.mirror_symmetric = o->mode() == tfl::MirrorPadMode_SYMMETRIC;
      return WEFT_OK;
    }
    default: return kNotMine;
  }
}

}  // namespace weft_import_ns
