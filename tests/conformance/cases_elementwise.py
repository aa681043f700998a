# SPDX-License-Identifier: Apache-2.0
"""Random cases of the operators that work value by value: two tensors with broadcasting, and functions of one byte.

A unary case holds all 256 bytes, so it is the whole function for its scales. A binary case without broadcasting often holds every pair of bytes.
"""
from math import erf, sqrt

import numpy as np

from cases_common import ACTS, Case, F, act, int8, near, pick, scale, scaled, tie, zero
from tflite_build import OP, Tensor, build, options

BYTES = np.arange(-128, 128)
ONE_STEP = "TFLM's {} is one step off in some bytes"
FLOAT64 = "TFLM makes the factor of {} in float64, LiteRT in float32, which shows in this case"


# --- two tensors ---------------------------------------------------------------------------------------------------------
def shapes(g):
    """Two shapes that can be broadcast together, of rank 0 to 6, and the pattern's name."""
    rank = int(g.integers(0, 7))
    full = [int(v) for v in g.integers(1, 9 if rank < 4 else 5, rank)]
    kind = pick(g, "equal", "scalar", "one value", "channel", "pixel", "inner", "outer", "middle", "middle", "both", "any", "any")
    cut = int(g.integers(0, rank + 1))
    a, b = list(full), list(full)
    if kind == "scalar":
        b = []
    elif kind == "one value":
        b = [1] * int(g.integers(1, rank + 1)) if rank else []
    elif kind == "channel":
        b = full[-1:]
    elif kind == "pixel":
        b = full[:-1] + [1] if rank else []
    elif kind == "inner":
        b = full[cut:]
    elif kind == "outer":
        b = full[:cut] + [1] * (rank - cut)
    elif kind == "middle":
        full = a = [int(v) for v in g.integers(2, 6, 3)] + full[:3]  # at least one dimension on each side
        at = int(g.integers(1, len(full) - 1))
        b = [d if i == at else 1 for i, d in enumerate(full)]
    elif kind == "both":
        a, b = full[:cut] + [1] * (rank - cut), [1] * cut + full[cut:]
    elif kind == "any":
        a, b = ([1 if g.random() < .4 else d for d in full] for _ in range(2))
        a, b = a, b[int(g.integers(0, rank + 1)):]
    return (kind, tuple(a), tuple(b)) if g.random() < .5 else (kind, tuple(b), tuple(a))


def operands(g):
    """(text, first, second): every pair of bytes, or random shapes."""
    if g.random() < .3:
        a, b = np.meshgrid(BYTES, BYTES)
        return "every pair", np.ascontiguousarray(a, np.int8), np.ascontiguousarray(b, np.int8)
    kind, sa, sb = shapes(g)
    return f"{sa} {sb} {kind}", int8(g, sa), int8(g, sb)


def binary(g, code, version, name, a, b, q, text, fused=True, **known):
    """q: scale and zero point of a, b and the output. One input may be a constant."""
    out = np.broadcast_shapes(a.shape, b.shape)
    constant = pick(g, 0, 0, 0, 1, 2)
    tensors = [Tensor(x.shape, s, z, x if constant == i + 1 else None) for i, (x, (s, z)) in enumerate(zip((a, b), q))]
    activation, acode = act(g, q[2][0]) if fused else ("", 0)
    fields = {"fusedActivationFunction": acode} if fused else {}
    model = build(code, version, options(name, **fields) if name else None, tensors, Tensor(out, *q[2]))
    inputs = [x for i, x in enumerate((a, b)) if constant != i + 1]
    return Case(f"{text} scales and zero points {q[0]} {q[1]} -> {q[2]} {activation}", model, inputs, **known)


def input_scales(g):
    sa = scale(g, .0005, .5)
    return sa, near(g, sa * g.uniform(.3, 3)) if g.random() < .6 else scale(g, 1e-6, 10) if g.random() < .3 else scale(g, .0005, .5)


def cancelling(g, sign):
    """Two terms that cancel but for the last bits of the common scale, where the second one's inner rounding meets ties: the larger scale is
    a power of two, the smaller has an odd mantissa of 24 bits, and the byte is 8 * odd steps from its zero point."""
    y = 8 * (2 * int(g.integers(0, 16)) + 1)
    x = int(g.integers(y // 2 + 1, y))
    sa = F(2.0 ** int(g.integers(-8, 0)))
    mantissa = round(x / y * 2 ** 24) + int(g.integers(-9, 10)) | 1
    sb = F(float(sa) * mantissa * 2.0 ** -24)
    za = int(g.integers(-128, 128 - x))
    zb = int(g.integers(-128, 128 - y)) if sign > 0 else int(g.integers(-128 + y, 128))
    near_by = np.arange(-2, 3)
    a, b = np.meshgrid(np.clip(za + x + near_by, -128, 127), np.clip(zb + sign * y + near_by, -128, 127))
    return "cancelling", a.astype(np.int8), b.astype(np.int8), sa, za, sb, zb


def common(g, x, z, s, other, bits):
    """One value of x on the common scale of ADD, SUB (bits 20) and SQUARED_DIFFERENCE (7)."""
    return int(scaled((int(g.choice(x.ravel())) - z) << bits, float(s) / (2 * max(float(s), float(other)))))


def add(g, code):
    text, a, b = operands(g)
    sa, sb = input_scales(g)
    so = near(g, (float(sa) + float(sb)) * np.exp(g.uniform(np.log(.01), np.log(20))))
    za, zb = zero(g), zero(g)
    first, second = common(g, a, za, sa, sb, 20), common(g, b, zb, sb, sa, 20)
    total = abs(first + second if code == OP.ADD else first - second)
    if g.random() < .4 and total > 1000:  # this sum falls next to a rounding tie
        so = F(2 * max(float(sa), float(sb)) / 2 ** 20 / tie(g, total))
    if g.random() < .25:
        text, a, b, sa, za, sb, zb = cancelling(g, 1 if code == OP.SUB else -1)
        so = F(float(sa) * 2.0 ** -19 * g.uniform(1.02, 2.5))
    name = "Add" if code == OP.ADD else "Sub"
    return binary(g, code, 2, name, a, b, [(sa, za), (sb, zb), (so, zero(g))], text)


def squared_difference(g):
    text, a, b = operands(g)
    sa, sb = input_scales(g)
    t = 2 * max(float(sa), float(sb))
    so = near(g, t * t / 2 ** 14 * np.exp(g.uniform(np.log(1.05), np.log(1e4)) if g.random() < .5 else g.uniform(np.log(30), np.log(300))))
    za, zb = zero(g), zero(g)
    square = (common(g, a, za, sa, sb, 7) - common(g, b, zb, sb, sa, 7)) ** 2
    if g.random() < .4 and square > 1000:
        so = F(t * t / 2 ** 14 / tie(g, square))
    elif g.random() < .3:  # a small difference, on an output scale that shows its square, of a value next to an inner rounding tie
        y = int(g.integers(3, 128))
        x = int(g.integers(y // 2 + 1, y))  # the factor is in [1/4, 1/2): one right shift, so the first rounding decides a quarter below
        sb = F(2 * float(sa) * (64 * x + int(g.integers(-4, 5)) + .25) / (128 * y))
        so = F((2 * max(float(sa), float(sb))) ** 2 / 2 ** 14 * g.uniform(1.02, 1.5))
        za, zb = int(g.integers(-128, 128 - x)), int(g.integers(-128, 128 - y))
        text, near_by = "nearly equal", np.arange(-2, 3)
        a, b = (v.astype(np.int8) for v in np.meshgrid(np.clip(za + x + near_by, -128, 127), np.clip(zb + y + near_by, -128, 127)))
        if g.random() < .5:
            a, sa, za, b, sb, zb = b, sb, zb, a, sa, za
    return binary(g, OP.SQUARED_DIFFERENCE, 2, "SquaredDifference", a, b, [(sa, za), (sb, zb), (so, zero(g))], text, fused=False)


def float_factors(*scales):
    """The factor first * .. / last as LiteRT and as TFLM compute it."""
    single, double = F(1), 1.0
    for s in scales[:-1]:
        single, double = F(single * s), double * float(s)
    return float(F(single / scales[-1])), double / float(scales[-1])


def mul(g):
    text, a, b = operands(g)
    (sa, za), (sb, zb) = ((scale(g, .0005, .5), zero(g)) for _ in range(2))
    products = (a.astype(np.int64) - za) * (b.astype(np.int64) - zb)
    so = near(g, float(sa) * float(sb) * 128 * np.exp(g.uniform(np.log(.3), np.log(300))))
    kind = pick(g, "usual", "tie", "saturating", "tiny", "above one")
    if kind == "tie" and products.any():
        so = F(float(sa) * float(sb) / tie(g, int(np.abs(products).max())))
    elif kind == "saturating":
        so = near(g, float(sa) * float(sb) * g.uniform(.9, 30))
    elif kind == "tiny":
        so = near(g, float(sa) * float(sb) * np.exp(g.uniform(np.log(1e4), np.log(1e11))))
    elif kind == "above one":  # the left shift of the product leaves int32 in the end
        so = near(g, float(sa) * float(sb) * 2.0 ** g.uniform(-25, 0))
    single, double = float_factors(sa, sb, so)
    tflm = FLOAT64.format("MUL") if (scaled(products, single) != scaled(products, double)).any() else ""
    return binary(g, OP.MUL, 2, "Mul", a, b, [(sa, za), (sb, zb), (so, zero(g))], f"{text} {kind}", tflm=tflm)


def min_max(g, code):
    text, a, b = operands(g)
    q = (scale(g, .002, .5), zero(g))
    deep = max(a.ndim, b.ndim) > 5 and a.shape != b.shape
    return binary(g, code, 2, "MaximumMinimum", a, b, [q, q, q], text, fused=False,
                  litert="LiteRT 1.2.0 aborts in MAXIMUM and MINIMUM when more than 5 dimensions are broadcast" if deep else "")


def prelu(g):
    kind, x, alpha = operands(g)
    if np.broadcast_shapes(x.shape, alpha.shape) != x.shape:
        x, alpha = alpha, x
    if np.broadcast_shapes(x.shape, alpha.shape) != x.shape:
        alpha = int8(g, x.shape)
    (si, zi), (sa, za) = (scale(g, .002, .5), zero(g)), (scale(g, .0005, .1), zero(g))
    so = near(g, float(si) * np.exp(g.uniform(np.log(.05), np.log(20))))
    negative = np.minimum(x.astype(np.int64) - zi, 0) * (alpha.astype(np.int64) - za)
    if g.random() < .3:
        so = F(float(si) / tie(g, int(g.integers(1, 256))))
    elif g.random() < .4 and negative.any():
        so = F(float(si) * float(sa) / tie(g, int(np.abs(negative).max())))
    values = np.maximum(x.astype(np.int64) - zi, 0)
    differs = any((scaled(v, one) != scaled(v, two)).any() for v, (one, two) in ((values, float_factors(si, so)), (negative, float_factors(si, sa, so))))
    if differs and x.ndim > 4:  # else no oracle would be left
        alpha = np.ascontiguousarray(np.broadcast_to(alpha, x.shape))
    return binary(g, OP.PRELU, 1, None, x, alpha, [(si, zi), (sa, za), (so, zero(g))], kind, fused=False, tflm=FLOAT64.format("PRELU") if differs else "",
                  litert="LiteRT 1.2.0 aborts in PRELU when more than 4 dimensions are broadcast" if x.ndim > 4 and x.shape != alpha.shape else "")


# --- functions of one byte -----------------------------------------------------------------------------------------------
def unary(g, code, version, opts, si, zi, so, zo, text="", lowest=-128, **known):
    """All bytes from `lowest` on, and some of them again, in a random shape."""
    x = np.concatenate([np.arange(lowest, 128), g.integers(lowest, 128, 300 - (128 - lowest))]).astype(np.int8)
    x = x.reshape(pick(g, (300,), (2, 150), (3, 4, 5, 5), (1, 2, 3, 5, 10)))
    return Case(f"{text} scale {si} -> {so} zero points {zi} {zo}", build(code, version, opts, [Tensor(x.shape, si, zi)], Tensor(x.shape, so, zo)), [x], **known)


def scales(g, lo=.005, hi=200):
    """Input and output scale: a ratio from far below one to far above, one on a rounding tie, equal scales."""
    si = scale(g, .002, .5)
    kind = g.random()
    if kind < .15:
        return si, si
    if kind < .5:
        return si, F(float(si) / tie(g, int(g.integers(1, 256))))
    return si, near(g, float(si) * np.exp(g.uniform(np.log(lo), np.log(hi))))


def moved(values, *s):
    """Do LiteRT's and TFLM's factors give different results?"""
    single, double = float_factors(*s)
    return bool((scaled(values, single) != scaled(values, double)).any())


def rescale(g, code, version=2):
    si, so = scales(g)
    zi = zero(g)
    zo = zi if si == so and g.random() < .7 else zero(g)
    x = BYTES - zi
    tflm = ""
    if code == OP.RELU6 and (si, zi) != (so, zo):
        tflm = "TFLM's stand-alone RELU6 clamps raw bytes and does not rescale"
    elif code in (OP.RELU_N1_TO_1, OP.RELU_0_TO_1):
        tflm = "TFLM has no RELU_N1_TO_1 and no RELU_0_TO_1"
    elif code in (OP.RELU, OP.ABS) and moved(abs(x) if code == OP.ABS else x, si, so):
        tflm = FLOAT64.format("a stand-alone RELU" if code == OP.RELU else "ABS")
    opts = options("Quantize") if code == OP.QUANTIZE else options("Abs") if code == OP.ABS else None
    return unary(g, code, version, opts, si, zi, so, zo, tflm=tflm)


def neg(g):
    """No oracle has NEG on int8: they run MUL by the constant -1, which the rule makes the same."""
    si, so = scales(g)
    zi, zo = zero(g), zero(g)
    case = unary(g, OP.NEG, 1, options("Neg"), si, zi, so, zo)
    shape = case.inputs[0].shape
    minus = Tensor((1,), F(1), 0, np.array([-1], np.int8))
    case.stand_in = build(OP.MUL, 2, options("Mul", fusedActivationFunction=ACTS["NONE"]), [Tensor(shape, si, zi), minus], Tensor(shape, so, zo))
    case.tflm = FLOAT64.format("MUL") if moved(zi - BYTES, si, so) else ""
    return case


def leaky_relu(g):
    si, so = scales(g)
    zi, zo = zero(g), zero(g)
    alpha = F(pick(g, 0, 1, -1, .1, .2, .01, g.uniform(0, 1), g.uniform(-2, 2), np.exp(g.uniform(-20, 5))))
    x = np.minimum(BYTES - zi, 0)
    if g.random() < .6 and alpha > 1e-6 and zi > -128:
        so = F(float(si) * float(alpha) / tie(g, int(g.integers(1, zi + 129))))
    differs = moved(x, si, abs(alpha), so) or moved(np.maximum(BYTES - zi, 0), si, so)
    return unary(g, OP.LEAKY_RELU, 2, options("LeakyRelu", alpha=float(alpha)), si, zi, so, zo, f"alpha {alpha}",
                 tflm=FLOAT64.format("LEAKY_RELU") if differs else "")


def factor15(r):
    """The 15 bits and the exponent that HARD_SWISH takes of a factor."""
    m, e = np.frexp(r)
    q = round(float(m) * 2 ** 31)
    return min((q + 2 ** 15) >> 16, 32767), int(e)


def hard_swish(g):
    si = scale(g, .002, .3) if g.random() < .7 else scale(g, 1e-6, 1e4)
    so = near(g, float(si) * np.exp(g.uniform(np.log(.3), np.log(3)) if g.random() < .7 else g.uniform(np.log(1 / 127), np.log(1e6))))
    if g.random() < .4:  # the output's factor lies between two of 15 bits
        so = F(float(si) / 128 / ((int(g.integers(2 ** 14, 2 ** 15)) + .5) * 2.0 ** -int(g.integers(21, 24))))
    fine, three = F(si / 128), F(3 / 32768)
    differs = any(factor15(float(F(fine / s))) != factor15(float(fine) / float(s)) for s in (so, three))
    return unary(g, OP.HARD_SWISH, 1, options("HardSwish"), si, zero(g), so, zero(g), tflm=FLOAT64.format("HARD_SWISH") if differs else "")


# Close to the float32 functions: good enough to put an output next to a rounding tie.
FUNCTIONS = {
    OP.EXP: lambda v: np.exp(min(v, 80)),
    OP.ELU: lambda v: v if v >= 0 else np.expm1(v),
    OP.GELU: lambda v: v / 2 * (1 + erf(v / sqrt(2))),
    OP.TANH: np.tanh,
}


def table(g, code, version, opts=None, so=None, zo=None, tflm=lambda si: "", **known):
    """Functions in float32. so and zo: what the operator prescribes; tflm: why TFLM is not compared, for an input scale."""
    si = scale(g, .002, .3) if g.random() < .8 else scale(g, 1e-5, 50)
    zi = zero(g)
    if so is None:
        f = FUNCTIONS[code]
        top = f(min(float(si) * (127 - zi), 30)) or f(float(si) * (-128 - zi))  # nothing on the positive side: the negative one
        so = near(g, max(abs(top), 1e-3) / 127 * np.exp(g.uniform(np.log(.05), np.log(4))))
        tied = abs(f(float(F(si) * F(int(g.integers(-128, 128)) - zi))))
        if g.random() < .5 and 1e-6 < tied < 1e12:
            so = F(tied / (int(g.integers(0, 128)) + .5))
    return unary(g, code, version, opts, si, zi, F(so), zero(g) if zo is None else zo, tflm=tflm(si), **known)


def logistic(g):
    zo = zero(g) if g.random() < .2 else -128
    why = "TFLM's LOGISTIC wants the output's zero point -128" if zo != -128 else ""
    return table(g, OP.LOGISTIC, 2, None, 1 / 256, zo, step=ONE_STEP.format("LOGISTIC, in fixed point,"),
                 tflm=lambda si: why or ("TFLM's LOGISTIC saturates one byte away from the zero point when the input's scale is 4 or more" if si >= 4 else ""))


def tanh(g):
    usual = g.random() < .6
    why = "" if usual else "TFLM's TANH always writes steps of 1/128 and zero point 0"
    return table(g, OP.TANH, 2, None, *((1 / 128, 0) if usual else ()), step=ONE_STEP.format("TANH, in fixed point,"),
                 tflm=lambda si: why or ("TFLM's TANH saturates at the zero point when the input's scale is 8 or more" if si >= 8 else ""))


def rsqrt(g):
    zi = zero(g) if g.random() < .4 else -128
    si = scale(g, 1e-6, .5)
    so = near(g, np.exp(g.uniform(np.log(.02), np.log(3))) / np.sqrt(float(si)) / 127) if g.random() < .9 else scale(g, 2e-9 / np.sqrt(float(si)), 10)
    return unary(g, OP.RSQRT, 2, None, si, zi, so, zero(g), lowest=zi, step=ONE_STEP.format("RSQRT, its factor in float64,"))


NO_TFLM = "TFLM (as packaged for Python) has no int8 {}"
OPERATORS = {
    "ADD": lambda g: add(g, OP.ADD),
    "SUB": lambda g: add(g, OP.SUB),
    "MUL": mul,
    "MAXIMUM": lambda g: min_max(g, OP.MAXIMUM),
    "MINIMUM": lambda g: min_max(g, OP.MINIMUM),
    "SQUARED_DIFFERENCE": squared_difference,
    "PRELU": prelu,
    "QUANTIZE": lambda g: rescale(g, OP.QUANTIZE),
    "RELU": lambda g: rescale(g, OP.RELU),
    "RELU6": lambda g: rescale(g, OP.RELU6),
    "RELU_N1_TO_1": lambda g: rescale(g, OP.RELU_N1_TO_1, 1),
    "RELU_0_TO_1": lambda g: rescale(g, OP.RELU_0_TO_1, 1),
    "ABS": lambda g: rescale(g, OP.ABS),
    "NEG": neg,
    "LEAKY_RELU": leaky_relu,
    "HARD_SWISH": hard_swish,
    "LOGISTIC": logistic,
    "TANH": tanh,
    "ELU": lambda g: table(g, OP.ELU, 1, optimised=True, step=ONE_STEP.format("ELU, by exp(x) - 1,")),
    "GELU": lambda g: table(g, OP.GELU, 2, options("Gelu", approximate=False), tflm=lambda si: NO_TFLM.format("GELU")),
    "GELU approximate": lambda g: table(g, OP.GELU, 2, options("Gelu", approximate=True), tflm=lambda si: NO_TFLM.format("GELU")),
    "EXP": lambda g: table(g, OP.EXP, 2, options("Exp"), tflm=lambda si: NO_TFLM.format("EXP")),
    "RSQRT": rsqrt,
}
