# SPDX-License-Identifier: Apache-2.0
"""Random one-operator models: windows with and without weights."""
import numpy as np

from cases_common import SAME, VALID, Case, F, accumulator, act, int8, pick, scale, scaled, shape_of_window, tie, weight_scales, window, wrap, zero
from tflite_build import OP, Tensor, build, constant, options

WEIGHTS = {"int8": (-128, 128), "int4": (-8, 8)}  # ranges


def conv(g, groups=1, pointwise=False, long=False, wtype="int8"):
    h, w, r, s, sh, sw, dh, dw, padding = shape_of_window(g)
    batch, cg, og = int(pick(g, 1, 1, 1, 2, 3)), int(g.integers(1, 13)), int(g.integers(1, 10))
    if pointwise:
        r = s = dh = dw = 1
        cg, og = int(g.integers(1, 150)), int(g.integers(1, 300))
    if long:  # more window values than the golden model gathers at a time (4096)
        h = w = r = s = 3
        sh = sw = dh = dw = 1
        padding, cg, og, batch = VALID, int(g.integers(500, 900)), int(g.integers(1, 4)), 1
    c, oc = cg * groups, og * groups
    si, zi, zo, per_channel = scale(g, .002, .2), zero(g), zero(g), g.random() < .75
    ws = weight_scales(g, oc, per_channel)
    kind, so, bias = accumulator(g, r * s * cg, si, ws, oc)
    a, acode = act(g, so)
    weights = g.integers(*WEIGHTS[wtype], (oc, r, s, cg), dtype=np.int8)
    oh, ow = window(g, h, r, sh, dh, padding), window(g, w, s, sw, dw, padding)
    opts = options("Conv2D", padding=padding, strideH=sh, strideW=sw, dilationHFactor=dh, dilationWFactor=dw, fusedActivationFunction=acode)
    ins = [Tensor((batch, h, w, c), si, zi), Tensor(weights.shape, ws, 0, weights, wtype), Tensor((oc,), si * ws, 0, bias, "int32")]
    bare = groups == 1 and g.random() < .1
    ins = ins[:2] if bare else ins
    text = (f"in {batch}x{h}x{w}x{c} filter {oc}x{r}x{s}x{cg} stride {sh}x{sw} dilation {dh}x{dw} {'SAME' if padding == SAME else 'VALID'} {a} "
            f"scales {len(ws)} accumulators {kind}")
    return Case(text, build(OP.CONV_2D, 7 if wtype == "int4" else 3 if groups == 1 else 6, opts, ins, Tensor((batch, oh, ow, oc), so, zo)), [int8(g, (batch, h, w, c))],
                litert="LiteRT 1.2.0 wants a bias on int8 CONV_2D" if bare else "", tflm="TFLM has no grouped CONV_2D" if groups > 1 else "")


def depthwise(g, wtype="int8"):
    h, w, r, s, sh, sw, dh, dw, padding = shape_of_window(g)
    batch, c, m = int(pick(g, 1, 1, 2)), int(g.integers(1, 24)), int(pick(g, 1, 1, 1, 2, 3, 4, 8))
    if g.random() < .1:
        c = int(g.integers(257, 300))  # more channels than the golden model handles at a time
    oc = c * m
    si, zi, zo = scale(g, .002, .2), zero(g), zero(g)
    ws = weight_scales(g, oc, g.random() < .75)
    kind, so, bias = accumulator(g, r * s, si, ws, oc)
    a, acode = act(g, so)
    weights = g.integers(*WEIGHTS[wtype], (1, r, s, oc), dtype=np.int8)
    oh, ow = window(g, h, r, sh, dh, padding), window(g, w, s, sw, dw, padding)
    opts = options("DepthwiseConv2D", padding=padding, strideH=sh, strideW=sw, dilationHFactor=dh, dilationWFactor=dw, depthMultiplier=m,
                   fusedActivationFunction=acode)
    ins = [Tensor((batch, h, w, c), si, zi), Tensor(weights.shape, ws, 0, weights, wtype, axis=3), Tensor((oc,), si * ws, 0, bias, "int32")]
    ins = ins[:2] if g.random() < .1 else ins
    text = (f"in {batch}x{h}x{w}x{c} filter {r}x{s} multiplier {m} stride {sh}x{sw} dilation {dh}x{dw} {'SAME' if padding == SAME else 'VALID'} {a} "
            f"scales {len(ws)} accumulators {kind}")
    return Case(text, build(OP.DEPTHWISE_CONV_2D, 6 if wtype == "int4" else 3, opts, ins, Tensor((batch, oh, ow, oc), so, zo)), [int8(g, (batch, h, w, c))])


def fully_connected(g, per_channel=False, weight_zero=False, computed=False, wtype="int8"):
    rows, depth, oc = int(pick(g, 1, 1, 2, 7, 40)), int(g.integers(1, 400)), int(g.integers(2, 70))
    if g.random() < .1:
        depth, rows = int(g.integers(4097, 5000)), 2
    si, zi, zo = scale(g, .002, .2), zero(g), zero(g)
    ws = weight_scales(g, oc, per_channel)
    kind, so, bias = accumulator(g, depth, si, ws, oc)
    weights = g.integers(*WEIGHTS[wtype], (oc, depth), dtype=np.int8)
    zw, bare = zero(g) if weight_zero else 0, g.random() < .1
    # Input shapes: rows x depth, 4-D (flattened by the operator), or 3-D kept by keep_num_dims.
    kind_of_shape = pick(g, "2d", "4d", "keep")
    split = int(g.choice([d for d in range(1, depth + 1) if depth % d == 0]))
    in_shape = {"2d": (rows, depth), "4d": (rows, split, 1, depth // split), "keep": (2, rows, depth)}[kind_of_shape]
    out_shape = (2, rows, oc) if kind_of_shape == "keep" else (rows, oc)
    x = int8(g, in_shape)
    sums = (x.reshape(-1, depth).astype(np.int64) - zi) @ (weights.astype(np.int64) - zw).T + (0 if bare else bias)
    if g.random() < .3 and sums.any():  # one sum falls next to a tie: which products are rounded to float32 then shows
        row, k = (int(v[0]) for v in np.nonzero(sums))
        kind, so = "tie", F(float(si) * float(ws[k % len(ws)]) * (1 / tie(g, abs(int(sums[row, k])))))
    a, acode = act(g, so)
    opts = options("FullyConnected", fusedActivationFunction=acode, keepNumDims=kind_of_shape == "keep")
    ins = [Tensor(in_shape, si, zi), Tensor(weights.shape, ws, zw, None if computed else weights, wtype),
           None if bare else Tensor((oc,), si * ws, 0, bias, "int32")]
    text = f"in {in_shape} weights {oc}x{depth} zero point {zw} {a} scales {len(ws)} accumulators {kind}"
    # With a factor of 1 or more the sum is shifted left first. Where that leaves int32, LiteRT wraps and TFLM does not.
    factor = (si.astype(np.float64) * ws if per_channel else (si * ws).astype(np.float64)) / float(so)
    shift = np.maximum(np.frexp(factor)[1], 0)
    single, double = float(si * ws[0]) / float(so), float(si) * float(ws[0]) / float(so)
    tflm = ""
    if not per_channel and (scaled(wrap(sums), single) != scaled(wrap(sums), double)).any():
        tflm = "TFLM multiplies the scales of a per-tensor FULLY_CONNECTED in float64, LiteRT in float32, which moves a tie of this case"
    if bool((np.abs(sums) << shift >= 2 ** 31).any() and shift.any()):
        tflm = "TFLM's FULLY_CONNECTED does not wrap a left shift beyond int32, LiteRT's does"
    if per_channel and wtype == "int4":
        tflm = "TFLM has no FULLY_CONNECTED with INT4 weights and a scale for each channel"
    return Case(text, build(OP.FULLY_CONNECTED, 5, opts, ins, Tensor(out_shape, so, zo)), [x] + ([weights] if computed else []), tflm=tflm)


def transpose_conv(g):
    r, s, sh, sw = (int(v) for v in g.integers(1, 6, 4))
    sh, sw = min(sh, 4), min(sw, 4)
    h, w = (int(v) for v in g.integers(1, 12, 2))
    batch, c, oc, padding = int(pick(g, 1, 1, 2)), int(pick(g, *g.integers(1, 20, 3), 70)), int(pick(g, *g.integers(1, 20, 3), 300)), pick(g, SAME, VALID)
    if oc == 300:
        h, w = min(h, 3), min(w, 3)
    # Any output size that a convolution would lead back to the input: a stride leaves a choice.
    oh, ow = ((n - 1) * t + f + int(g.integers(t)) * (g.random() < .3) if padding == VALID else n * t - int(g.integers(t)) * (g.random() < .3)
              for n, t, f in ((h, sh, r), (w, sw, s)))
    si, zi, zo, ws = scale(g, .002, .2), zero(g), zero(g), weight_scales(g, oc, g.random() < .75)
    kind, so, bias = accumulator(g, max(1, r * s // (sh * sw)) * c, si, ws, oc)
    a, acode = act(g, so)
    weights = g.integers(-128, 128, (oc, r, s, c), dtype=np.int8)
    opts = options("TransposeConv", padding=padding, strideH=sh, strideW=sw, fusedActivationFunction=acode)
    bare = g.random() < .3
    ins = [constant([batch, oh, ow, oc]), Tensor(weights.shape, ws, 0, weights), Tensor((batch, h, w, c), si, zi)]
    ins += [] if bare else [Tensor((oc,), si * ws, 0, bias, "int32")]
    text = (f"in {batch}x{h}x{w}x{c} out {oh}x{ow}x{oc} filter {r}x{s} stride {sh}x{sw} {'SAME' if padding == SAME else 'VALID'} {a} scales {len(ws)} "
            f"accumulators {'' if bare else kind}")
    return Case(text, build(OP.TRANSPOSE_CONV, 4 if acode else 3, opts, ins, Tensor((batch, oh, ow, oc), so, zo)), [int8(g, (batch, h, w, c))])


def pool(g, code):
    h, w, r, s, sh, sw, _, _, padding = shape_of_window(g, dilated=False, max_filter=9)
    batch, c = int(pick(g, 1, 1, 2)), int(g.integers(1, 20))
    if g.random() < .1:
        c = int(g.integers(257, 300))
    sc, z = scale(g, .005, .5), zero(g)
    a, acode = act(g, sc)
    oh, ow = window(g, h, r, sh, 1, padding), window(g, w, s, sw, 1, padding)
    opts = options("Pool2D", padding=padding, strideH=sh, strideW=sw, filterHeight=r, filterWidth=s, fusedActivationFunction=acode)
    text = f"in {batch}x{h}x{w}x{c} window {r}x{s} stride {sh}x{sw} {'SAME' if padding == SAME else 'VALID'} {a}"
    return Case(text, build(code, 2, opts, [Tensor((batch, h, w, c), sc, z)], Tensor((batch, oh, ow, c), sc, z)), [int8(g, (batch, h, w, c))])


OPERATORS = {
    "CONV_2D": conv,
    "CONV_2D 1x1": lambda g: conv(g, pointwise=True),
    "CONV_2D groups": lambda g: conv(g, groups=int(g.integers(2, 5))),
    "CONV_2D long windows": lambda g: conv(g, long=True),
    "DEPTHWISE_CONV_2D": depthwise,
    "FULLY_CONNECTED per tensor": fully_connected,
    "FULLY_CONNECTED per channel": lambda g: fully_connected(g, per_channel=True),
    "FULLY_CONNECTED weight zero point": lambda g: fully_connected(g, weight_zero=True),
    "FULLY_CONNECTED computed weights": lambda g: fully_connected(g, weight_zero=bool(g.random() < .5), computed=True),
    "TRANSPOSE_CONV": transpose_conv,
    "CONV_2D int4 weights": lambda g: conv(g, wtype="int4"),
    "DEPTHWISE_CONV_2D int4 weights": lambda g: depthwise(g, wtype="int4"),
    "FULLY_CONNECTED int4 weights": lambda g: fully_connected(g, per_channel=bool(g.random() < .5), wtype="int4"),
    "AVERAGE_POOL_2D": lambda g: pool(g, OP.AVERAGE_POOL_2D),
    "MAX_POOL_2D": lambda g: pool(g, OP.MAX_POOL_2D),
}
