# SPDX-License-Identifier: Apache-2.0
"""Random one-operator models: by rows."""
import numpy as np

from cases_common import Case, F, int8, pick, scale, zero
from tflite_build import OP, Tensor, build, options


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


def log_softmax(g):
    rank = int(g.integers(1, 5))
    depth = int(pick(g, 1, 2, 10, int(g.integers(1, 100)), int(g.integers(100, 1001)), int(g.integers(1000, 4000))))
    shape = tuple(int(v) for v in g.integers(1, 5, rank - 1)) + (depth,)
    s = scale(g, .0005, 1.5) if g.random() < .9 else F(np.exp(g.uniform(np.log(2.0 ** -20), np.log(1e3))))
    x, kind = int8(g, shape), ""
    if g.random() < .3:  # many equal logits and some just within the exponent's reach: less the sum's logarithm they leave it
        kind, s = "steep ", F(g.uniform(.095, .125))
        x = np.where(g.random(shape) < .9, 127, g.integers(-128, -60, shape)).astype(np.int8)
    return Case(f"{kind}{shape} scale {s}", build(OP.LOG_SOFTMAX, 2, options("LogSoftmax"), [Tensor(shape, s, zero(g))], Tensor(shape, F(1 / 16), 127)), [x])


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
    "SOFTMAX": softmax,
}
