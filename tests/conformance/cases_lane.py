# SPDX-License-Identifier: Apache-2.0
"""Random one-operator models: value by value, and by rows."""
import numpy as np

from cases_common import Case, F, act, int8, near, pick, scale, scaled, tie, zero
from tflite_build import OP, Tensor, build, options


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


def rescale(g, code, same=False):
    """RELU, RELU6: all 256 bytes, so that each case is the whole function."""
    si, zi = scale(g, .002, .5), zero(g)
    so, zo = (si, zi) if same else (near(g, float(si) * np.exp(g.uniform(np.log(.005), np.log(200)))), zero(g))
    if not same and g.random() < .4:
        so = F(float(si) / tie(g, int(g.integers(1, 256))))
    x = np.concatenate([np.arange(-128, 128), g.integers(-128, 128, 44)]).astype(np.int8).reshape(2, 150)
    tflm = "TFLM's stand-alone RELU6 clamps raw bytes and does not rescale" if code == OP.RELU6 and not same else ""
    if code == OP.RELU and (scaled(x.astype(int) - zi, float(si / so)) != scaled(x.astype(int) - zi, float(si) / float(so))).any():
        tflm = "TFLM divides the scales of a stand-alone RELU in float64, LiteRT in float32, which moves a tie of this case"
    return Case(f"scale {si} -> {so} zero points {zi} {zo}", build(code, 2, None, [Tensor(x.shape, si, zi)], Tensor(x.shape, so, zo)), [x], tflm=tflm)


def log_softmax(g):
    rank = int(g.integers(1, 5))
    depth = int(pick(g, 1, 2, 10, int(g.integers(1, 100)), int(g.integers(100, 1001)), int(g.integers(1000, 4000))))
    shape = tuple(int(v) for v in g.integers(1, 5, rank - 1)) + (depth,)
    s = scale(g, .0005, 1.5) if g.random() < .9 else F(np.exp(g.uniform(np.log(2.0 ** -20), np.log(1e3))))
    return Case(f"{shape} scale {s}", build(OP.LOG_SOFTMAX, 2, options("LogSoftmax"), [Tensor(shape, s, zero(g))], Tensor(shape, F(1 / 16), 127)), [int8(g, shape)])


def l2_normalization(g):
    rank = int(g.integers(1, 5))
    shape = tuple(int(v) for v in g.integers(1, 6, rank - 1)) + (int(pick(g, 1, int(g.integers(1, 20)), int(g.integers(1, 1000)), int(g.integers(9000, 33000)))),)
    z = zero(g)
    x = int8(g, shape)
    if g.random() < .3:  # rows of zeros, of one step, of few values
        x = np.where(g.random(shape) < pick(g, 0, .01, .1), np.clip(z + g.integers(-1, 2, shape), -128, 127), z).astype(np.int8)
    return Case(f"{shape} zero point {z}", build(OP.L2_NORMALIZATION, 2, options("L2Norm"), [Tensor(shape, scale(g, .002, .2), z)], Tensor(shape, F(1 / 128), 0)), [x])


OPERATORS = {
    "LOG_SOFTMAX": log_softmax,
    "L2_NORMALIZATION": l2_normalization,
    "ADD": add,
    "ADD constant": lambda g: add(g, constant_input=True),
    "ADD broadcast": lambda g: add(g, broadcast=True),
    "SOFTMAX": softmax,
    "RELU": lambda g: rescale(g, OP.RELU),
    "RELU6": lambda g: rescale(g, OP.RELU6),
    "RELU6 same quantisation": lambda g: rescale(g, OP.RELU6, True),
}
