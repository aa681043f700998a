# SPDX-License-Identifier: Apache-2.0
"""Random one-operator models: reductions, matrix products, resizing, recurrence."""
import numpy as np

from cases_common import Case, int8, near, pick, scale, zero
from tflite_build import OP, Tensor, build, constant, options


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


OPERATORS = {
    "MEAN keep_dims": lambda g: mean(g, True),
    "MEAN": lambda g: mean(g, False),
}
