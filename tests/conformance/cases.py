# SPDX-License-Identifier: Apache-2.0
"""Random one-operator models, and what is known about each oracle.

Every generator takes a numpy Generator and returns a Case. Ranges are wider than what converters write: strides above the filter
size, odd paddings, accumulators over all of int32, factors above one and far below, per-tensor and per-channel scales, batches.
"""
from dataclasses import dataclass

import numpy as np

from tflite_build import OP, Tensor, build, constant, options

F = np.float32
ACTS = {"NONE": 0, "RELU": 1, "RELU_N1_TO_1": 2, "RELU6": 3}
SAME, VALID = 0, 1


@dataclass
class Case:
    text: str                    # what to print when it fails
    model: bytes
    inputs: list
    litert: str = ""             # why LiteRT is not compared ("": it must agree)
    tflm: str = ""               # why TFLM is not compared
    refused: str = ""            # why weft_import may refuse ("": it must accept)


# --- building blocks ---------------------------------------------------------------------------------------------------
class Random(np.random.Generator):
    """Draws of one case. In three cases out of ten every scale has a mantissa of six bits: then exact rounding ties abound, and one
    wrong unit in a multiplier, or a tie rounded the other way, shows."""

    def __init__(self, *seed):
        super().__init__(np.random.PCG64(seed))
        self.short = self.random() < .3


def near(g, v):
    """float32 near v: v itself, or with six bits of mantissa."""
    step = 2.0 ** (np.floor(np.log2(float(v))) - 5)
    return F(round(float(v) / step) * step) if g.short else F(v)


def scale(g, lo, hi):
    s = np.exp(g.uniform(np.log(lo), np.log(hi)))
    return F(2.0 ** round(np.log2(s))) if g.random() < .15 else near(g, s)


def zero(g):
    return int(g.choice([-128, 0, 127])) if g.random() < .2 else int(g.integers(-128, 128))


def int8(g, shape):
    """Uniform bytes, or only extremes, or a narrow band."""
    kind = g.random()
    if kind < .1:
        return g.choice(np.array([-128, 127], np.int8), shape)
    if kind < .2:
        return np.clip(np.round(g.normal(g.uniform(-100, 100), 5, shape)), -128, 127).astype(np.int8)
    return g.integers(-128, 128, shape, dtype=np.int8)


def act(g, so):
    """A fused activation; none where the output scale is so small that 6 / scale would leave int32."""
    name = pick(g, "NONE", "NONE", "RELU", "RELU6", "RELU_N1_TO_1") if so > 1e-8 else "NONE"
    return name, ACTS[name]


def pick(g, *values):
    return values[int(g.integers(len(values)))]


def window(g, size, filter_, stride, dilation, padding):
    reach = (filter_ - 1) * dilation + 1
    return -(-size // stride) if padding == SAME else (size - reach) // stride + 1


def shape_of_window(g, dilated=True, max_filter=6):
    """height, width, filter h, w, stride h, w, dilation h, w, padding, with at least one output."""
    r, s = (int(v) for v in g.integers(1, max_filter + 1, 2))
    sh, sw = (int(v) for v in g.integers(1, 5, 2))
    dh, dw = (int(g.integers(1, 4)) if dilated and g.random() < .4 else 1 for _ in range(2))
    padding = pick(g, SAME, VALID)
    need_h, need_w = ((r - 1) * dh + 1, (s - 1) * dw + 1) if padding == VALID else (1, 1)
    h, w = need_h + int(g.integers(0, 14)), need_w + int(g.integers(0, 14))
    return h, w, r, s, sh, sw, dh, dw, padding


def accumulator(g, depth, si, sw, channels):
    """Output scale and bias for sums of `depth` products: usual, saturating, or with biases over all of int32."""
    spread = np.sqrt(depth) * 73 * 75
    mean = float(np.exp(np.mean(np.log(sw.astype(np.float64)))))
    kind = g.choice(["usual", "saturating", "wide", "int32", "unit"], p=[.4, .15, .2, .15, .1])
    if kind == "usual":
        so, reach = spread * g.uniform(.5, 4) / 127, spread
    elif kind == "saturating":
        so, reach = spread * g.uniform(.001, .05) / 127, spread
    elif kind == "wide":       # factors from far below 2^-31 to above 1
        so, reach = spread * np.exp(g.uniform(np.log(1e-6), np.log(1e8))) / 127, spread * 100
    elif kind == "unit":       # a factor of 1, or the next below: the left shift and the zero point overflow int32
        return kind, F(si * sw[0] * F(pick(g, 1, 1.0000002, 1.0001))), g.choice([-2 ** 31, 2 ** 31 - 1, 2 ** 30, -2 ** 30 - 1, 77], channels).astype(np.int32)
    else:                      # whole int32 range, overflow of the sum included
        so, reach = 2.0 ** 31 * g.uniform(.2, 2) / 127, 2.0 ** 31
    bias = np.clip(g.uniform(-reach, reach, channels), -2.0 ** 31, 2.0 ** 31 - 1).astype(np.int64)
    if kind == "int32":
        bias = np.where(g.random(channels) < .2, g.choice([-2 ** 31, 2 ** 31 - 1], channels), bias)
    so = near(g, max(so * float(si) * mean, 1e-30))
    return kind, so, bias.astype(np.int32)


def scaled(x, factor):
    """x * factor in TFLite's fixed point (int64 x within int32, shifted too)."""
    m, e = np.frexp(factor)
    v = ((x << max(int(e), 0)) * int(round(float(m) * 2 ** 31)) + 2 ** 30) >> 31
    n = max(-int(e), 0)
    return np.sign(v) * ((np.abs(v) + (2 ** n >> 1)) >> n)


def wrap(x):
    return (x + 2 ** 31) % 2 ** 32 - 2 ** 31


def tie(g, x):
    """A factor that puts the integer x next to a rounding tie: there, one unit in the multiplier shows. With a right shift the first of
    the two roundings decides, so the place is half a step of it below the tie."""
    n = int(g.integers(1, 100)) + .5
    e = np.frexp(n / x)[1]
    return (n - (.5 * 2.0 ** e if e < 0 else 0)) / x


def weight_scales(g, channels, per_channel):
    if not per_channel:
        return np.array([scale(g, .0005, .05)], F)
    s = np.array([scale(g, .0005, .05) for _ in range(channels)], F)
    if g.random() < .15:
        s[int(g.integers(channels))] = F(g.uniform(1e-12, 1e-9))  # a dead channel: factor rounds to (0, 0) or nearly
    return s


# --- operators ---------------------------------------------------------------------------------------------------------
def conv(g, groups=1, pointwise=False, long=False):
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
    weights = g.integers(-128, 128, (oc, r, s, cg), dtype=np.int8)
    oh, ow = window(g, h, r, sh, dh, padding), window(g, w, s, sw, dw, padding)
    opts = options("Conv2D", padding=padding, strideH=sh, strideW=sw, dilationHFactor=dh, dilationWFactor=dw, fusedActivationFunction=acode)
    ins = [Tensor((batch, h, w, c), si, zi), Tensor(weights.shape, ws, 0, weights), Tensor((oc,), si * ws, 0, bias, "int32")]
    bare = groups == 1 and g.random() < .1
    ins = ins[:2] if bare else ins
    text = (f"in {batch}x{h}x{w}x{c} filter {oc}x{r}x{s}x{cg} stride {sh}x{sw} dilation {dh}x{dw} {'SAME' if padding == SAME else 'VALID'} {a} "
            f"scales {len(ws)} accumulators {kind}")
    return Case(text, build(OP.CONV_2D, 3 if groups == 1 else 6, opts, ins, Tensor((batch, oh, ow, oc), so, zo)), [int8(g, (batch, h, w, c))],
                litert="LiteRT 1.2.0 wants a bias on int8 CONV_2D" if bare else "", tflm="TFLM has no grouped CONV_2D" if groups > 1 else "")


def depthwise(g):
    h, w, r, s, sh, sw, dh, dw, padding = shape_of_window(g)
    batch, c, m = int(pick(g, 1, 1, 2)), int(g.integers(1, 24)), int(pick(g, 1, 1, 1, 2, 3, 4, 8))
    if g.random() < .1:
        c = int(g.integers(257, 300))  # more channels than the golden model handles at a time
    oc = c * m
    si, zi, zo = scale(g, .002, .2), zero(g), zero(g)
    ws = weight_scales(g, oc, g.random() < .75)
    kind, so, bias = accumulator(g, r * s, si, ws, oc)
    a, acode = act(g, so)
    weights = g.integers(-128, 128, (1, r, s, oc), dtype=np.int8)
    oh, ow = window(g, h, r, sh, dh, padding), window(g, w, s, sw, dw, padding)
    opts = options("DepthwiseConv2D", padding=padding, strideH=sh, strideW=sw, dilationHFactor=dh, dilationWFactor=dw, depthMultiplier=m,
                   fusedActivationFunction=acode)
    ins = [Tensor((batch, h, w, c), si, zi), Tensor(weights.shape, ws, 0, weights, axis=3), Tensor((oc,), si * ws, 0, bias, "int32")]
    ins = ins[:2] if g.random() < .1 else ins
    text = (f"in {batch}x{h}x{w}x{c} filter {r}x{s} multiplier {m} stride {sh}x{sw} dilation {dh}x{dw} {'SAME' if padding == SAME else 'VALID'} {a} "
            f"scales {len(ws)} accumulators {kind}")
    return Case(text, build(OP.DEPTHWISE_CONV_2D, 3, opts, ins, Tensor((batch, oh, ow, oc), so, zo)), [int8(g, (batch, h, w, c))])


def fully_connected(g, per_channel=False, weight_zero=False):
    rows, depth, oc = int(pick(g, 1, 1, 2, 7, 40)), int(g.integers(1, 400)), int(g.integers(2, 70))
    if g.random() < .1:
        depth, rows = int(g.integers(4097, 5000)), 2
    si, zi, zo = scale(g, .002, .2), zero(g), zero(g)
    ws = weight_scales(g, oc, per_channel)
    kind, so, bias = accumulator(g, depth, si, ws, oc)
    weights = g.integers(-128, 128, (oc, depth), dtype=np.int8)
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
    ins = [Tensor(in_shape, si, zi), Tensor(weights.shape, ws, zw, weights),
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
    return Case(text, build(OP.FULLY_CONNECTED, 5, opts, ins, Tensor(out_shape, so, zo)), [x],
                tflm=tflm, refused="weights with a zero point are outside the importer's list" if zw else "")


def add(g, broadcast=False, constant_input=False):
    rank = int(g.integers(1, 5))
    shape = tuple(int(v) for v in g.integers(1, 9, rank))
    other = shape
    if broadcast:
        other = tuple(1 if g.random() < .5 else d for d in shape)[int(g.integers(0, rank)):]
        shape, other = (shape, other) if g.random() < .5 else (other, shape)
    sa = scale(g, .0005, .5)
    sb = near(g, sa * g.uniform(.3, 3)) if g.random() < .6 else scale(g, .0005, .5)
    so = near(g, (float(sa) + float(sb)) * np.exp(g.uniform(np.log(.01), np.log(20))))
    a, acode = act(g, so)
    zs = [zero(g) for _ in range(3)]
    first, data = int8(g, shape), int8(g, other)
    if not broadcast and g.random() < .4:  # every pair of bytes
        shape = other = (256, 256)
        first, data = (np.ascontiguousarray(v, np.int8) for v in np.meshgrid(np.arange(-128, 128), np.arange(-128, 128)))
    tb = Tensor(other, sb, zs[1], data if constant_input else None)
    out = np.broadcast_shapes(shape, other)
    text = f"{shape} + {other} scales {sa} {sb} -> {so} zero points {zs} {a}"
    inputs = [first] + ([] if constant_input else [data])
    return Case(text, build(OP.ADD, 2, options("Add", fusedActivationFunction=acode, potScaleInt16=False), [Tensor(shape, sa, zs[0]), tb],
                            Tensor(out, so, zs[2])), inputs,
                refused="shapes that need broadcasting are outside the importer's list" if shape != other else "")


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


def mean(g, keep):
    batch, h, w, c = int(pick(g, 1, 1, 2, 3)), int(g.integers(1, 24)), int(g.integers(1, 24)), int(g.integers(1, 40))
    if g.random() < .15:
        h, w, c = int(g.integers(100, 400)), int(g.integers(1, 4)), int(pick(g, 1, 300))
    si = scale(g, .005, .3)
    # Equal quantisation takes another path in some versions; ratios go far beyond what a converter writes.
    same = g.random() < .2
    so = si if same else near(g, float(si) * np.exp(g.uniform(np.log(.02), np.log(30))))
    zi = zero(g)
    zo = zi if same else zero(g)
    axes = pick(g, [1, 2], [2, 1], [-3, -2], [1, -2])
    text = f"in {batch}x{h}x{w}x{c} axes {axes} scale {si} -> {so} zero points {zi} {zo}"
    shape = (batch, 1, 1, c) if keep else (batch, c)
    return Case(text, build(OP.MEAN, 2, options("Reducer", keepDims=keep), [Tensor((batch, h, w, c), si, zi), constant(axes)], Tensor(shape, so, zo)),
                [int8(g, (batch, h, w, c))])


def softmax(g):
    rank = int(g.integers(1, 5))
    depth = int(pick(g, 2, 10, 35, int(g.integers(1, 100)), int(g.integers(100, 1001))))
    shape = tuple(int(v) for v in g.integers(1, 5, rank - 1)) + (depth,)
    if rank == 2:
        shape = (int(g.integers(2000, 20000)) // depth + 1, depth)
    s, beta = scale(g, .0005, 1.5), F(pick(g, 1, 1, 1, .5, float(g.uniform(.01, 10))))
    if g.random() < .1:
        s = F(np.exp(g.uniform(np.log(2.0 ** -20), np.log(1e3))))
    x = int8(g, shape)
    # The references abort when the exponentials of one row sum to 512 or more: make such rows peaked.
    total = np.exp(float(beta) * float(s) * (x.astype(np.float64) - x.max(-1, keepdims=True))).sum(-1)
    if total.max() > 500:
        s, beta = F(.2), F(1)
        x = np.where(x == x.max(-1, keepdims=True), x, x // 2 - 60).astype(np.int8)
        x.reshape(-1, depth)[:, 450:] = -128
        x.reshape(-1, depth)[:, 0] = 127
    opts = options("Softmax", beta=float(beta))
    return Case(f"{shape} scale {s} beta {beta}", build(OP.SOFTMAX, 2, opts, [Tensor(shape, s, zero(g))], Tensor(shape, F(1 / 256), -128)), [x])


def reshape(g):
    dims = [int(v) for v in g.integers(1, 7, int(g.integers(1, 5)))]
    n, s, z = int(np.prod(dims)), scale(g, .01, .2), zero(g)
    new = [int(g.choice([d for d in range(1, n + 1) if n % d == 0]))]
    new.append(n // new[0])
    asked = list(new)
    if g.random() < .5:
        asked[int(g.integers(2))] = -1
    return Case(f"{dims} -> {asked}", build(OP.RESHAPE, 1, options("Reshape", newShape=asked), [Tensor(dims, s, z), constant(asked)], Tensor(new, s, z)),
                [int8(g, dims)])


def squeeze(g):
    dims = [int(pick(g, 1, 1, int(g.integers(2, 7)))) for _ in range(int(g.integers(2, 6)))]
    dims[int(g.integers(len(dims)))] = int(g.integers(2, 7))
    ones = [i for i, d in enumerate(dims) if d == 1]
    drop = [i for i in ones if g.random() < .6]
    out = [d for i, d in enumerate(dims) if i not in (drop or ones)]
    axes = [i - len(dims) if g.random() < .5 else i for i in drop]
    s, z = scale(g, .01, .2), zero(g)
    return Case(f"{dims} axes {axes}", build(OP.SQUEEZE, 1, options("Squeeze", squeezeDims=axes), [Tensor(dims, s, z)], Tensor(out, s, z)), [int8(g, dims)])


def pad(g):
    rank = int(g.integers(1, 5))
    dims = tuple(int(v) for v in g.integers(1, 9, rank))
    amounts = g.integers(0, 4, (rank, 2))
    s, z = scale(g, .01, .2), zero(g)
    out = [d + int(a.sum()) for d, a in zip(dims, amounts)]
    wide = g.random() < .3
    return Case(f"{dims} by {amounts.tolist()} {'INT64' if wide else 'INT32'}",
                build(OP.PAD, 2, options("Pad"), [Tensor(dims, s, z), constant(amounts, "int64" if wide else "int32")], Tensor(out, s, z)), [int8(g, dims)],
                tflm="TFLM's PAD takes INT32 amounts only" if wide else "")


def rescale(g, code, same=False):
    """QUANTIZE int8 to int8, RELU, RELU6: all 256 bytes, so that each case is the whole function."""
    si, zi = scale(g, .002, .5), zero(g)
    so, zo = (si, zi) if same else (near(g, float(si) * np.exp(g.uniform(np.log(.005), np.log(200)))), zero(g))
    if not same and g.random() < .4:
        so = F(float(si) / tie(g, int(g.integers(1, 256))))
    x = np.concatenate([np.arange(-128, 128), g.integers(-128, 128, 44)]).astype(np.int8).reshape(2, 150)
    opts = options("Quantize") if code == OP.QUANTIZE else None
    tflm = "TFLM's stand-alone RELU6 clamps raw bytes and does not rescale" if code == OP.RELU6 and not same else ""
    if code == OP.RELU and (scaled(x.astype(int) - zi, float(si / so)) != scaled(x.astype(int) - zi, float(si) / float(so))).any():
        tflm = "TFLM divides the scales of a stand-alone RELU in float64, LiteRT in float32, which moves a tie of this case"
    return Case(f"scale {si} -> {so} zero points {zi} {zo}", build(code, 2, opts, [Tensor(x.shape, si, zi)], Tensor(x.shape, so, zo)), [x], tflm=tflm)


OPERATORS = {
    "CONV_2D": conv,
    "CONV_2D 1x1": lambda g: conv(g, pointwise=True),
    "CONV_2D groups": lambda g: conv(g, groups=int(g.integers(2, 5))),
    "CONV_2D long windows": lambda g: conv(g, long=True),
    "DEPTHWISE_CONV_2D": depthwise,
    "FULLY_CONNECTED per tensor": fully_connected,
    "FULLY_CONNECTED per channel": lambda g: fully_connected(g, per_channel=True),
    "FULLY_CONNECTED weight zero point": lambda g: fully_connected(g, weight_zero=True),
    "ADD": add,
    "ADD constant": lambda g: add(g, constant_input=True),
    "ADD broadcast": lambda g: add(g, broadcast=True),
    "AVERAGE_POOL_2D": lambda g: pool(g, OP.AVERAGE_POOL_2D),
    "MAX_POOL_2D": lambda g: pool(g, OP.MAX_POOL_2D),
    "MEAN keep_dims": lambda g: mean(g, True),
    "MEAN": lambda g: mean(g, False),
    "SOFTMAX": softmax,
    "RESHAPE": reshape,
    "SQUEEZE": squeeze,
    "PAD": pad,
    "QUANTIZE": lambda g: rescale(g, OP.QUANTIZE),
    "RELU": lambda g: rescale(g, OP.RELU),
    "RELU6": lambda g: rescale(g, OP.RELU6),
    "RELU6 same quantisation": lambda g: rescale(g, OP.RELU6, True),
}
