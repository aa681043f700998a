# SPDX-License-Identifier: Apache-2.0
"""Random one-operator models: movement of bytes, the graph's edges."""
import numpy as np

from cases_common import Case, int8, pick, scale, zero
from tflite_build import OP, Tensor, build, constant, options


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


OPERATORS = {
    "RESHAPE": reshape,
    "SQUEEZE": squeeze,
    "PAD": pad,
}
