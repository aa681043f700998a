# SPDX-License-Identifier: Apache-2.0
"""What the generators of random one-operator models share: the Case, draws of shapes, scales and bytes, and rounding ties.

Ranges are wider than what converters write: strides above the filter
size, odd paddings, accumulators over all of int32, factors above one and far below, per-tensor and per-channel scales, batches.
"""
from dataclasses import dataclass

import numpy as np

F = np.float32
ACTS = {"NONE": 0, "RELU": 1, "RELU_N1_TO_1": 2, "RELU6": 3}
SAME, VALID = 0, 1


@dataclass
class Case:
    text: str                    # what to print when it fails
    model: bytes
    inputs: list                 # one list of arrays for one inference; a list of such lists for several in a row (state is kept)
    states: bool = False         # compare the variables too, after each inference
    litert: str = ""             # why LiteRT is not compared ("": it must agree)
    tflm: str = ""               # why TFLM is not compared
    refused: str = ""            # why weft_import may refuse ("": it must accept)
    step: str = ""               # why TFLM may be one step off in some bytes (such cases are counted)
    optimised: bool = False      # LiteRT's reference resolver lacks the operator: take its optimised kernels
    stand_in: bytes = b""        # the model that the oracles run instead, where neither has the operator and another one says the same


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
    """Output scale and bias for sums of `depth` products: usual, saturating, or with biases over all of int32.

    The importer wants factors below 2^30. Beside a dead channel (weight_scales) a factor of 1 there would put the others beyond that."""
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
        one = sw[0] if sw.max() < sw[0] * 2 ** 29 else sw.max()
        return kind, F(si * one * F(pick(g, 1, 1.0000002, 1.0001))), g.choice([-2 ** 31, 2 ** 31 - 1, 2 ** 30, -2 ** 30 - 1, 77], channels).astype(np.int32)
    else:                      # whole int32 range, overflow of the sum included
        so, reach = 2.0 ** 31 * g.uniform(.2, 2) / 127, 2.0 ** 31
    bias = np.clip(g.uniform(-reach, reach, channels), -2.0 ** 31, 2.0 ** 31 - 1).astype(np.int64)
    if kind == "int32":
        bias = np.where(g.random(channels) < .2, g.choice([-2 ** 31, 2 ** 31 - 1], channels), bias)
    so = near(g, max(so * float(si) * mean, float(si) * float(sw.max()) / 2 ** 29, 1e-30))
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
