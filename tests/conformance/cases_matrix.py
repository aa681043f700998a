# SPDX-License-Identifier: Apache-2.0
"""Random one-operator models: reductions, matrix products, resizing."""
import numpy as np

from cases_common import Case, F, int8, near, pick, scale, scaled, tie, zero
from tflite_build import OP, Tensor, build, constant, options


def truncation_shows(r, n, k):
    """A mean's factor q 2^s / n, rounded instead of truncated, gives another result for the sum k."""
    m, e = np.frexp(r)
    shift = min(int(n).bit_length() - 1, 31 + int(e))
    q = int(round(float(m) * 2 ** 31)) << shift
    right = shift - int(e)
    def step(v):
        high = (k * v + 2 ** 30) >> 31
        return (high + (2 ** right >> 1)) >> right
    return right > 0 and q % n and step(q // n) != step((q + n // 2) // n)


def reduce(g, code):
    """Any axes, positive or negative, now and then one twice; equal quantisation on both sides in some cases."""
    rank = int(g.integers(1, 5))
    dims = [int(v) for v in g.integers(1, (40, 200, 30, 16, 9)[rank], rank)]
    if g.random() < .15:
        dims = [int(pick(g, 1, 2)), int(g.integers(100, 400)), int(g.integers(1, 4)), int(pick(g, 1, 300))]
        rank = 4
    axes = [i for i in range(rank) if g.random() < .5] or [int(g.integers(rank))]
    if rank == 4 and g.random() < .3:
        axes = [1, 2]
    keep = bool(g.random() < .5)
    out = [1 if i in axes else d for i, d in enumerate(dims) if keep or i not in axes]
    n = int(np.prod([dims[i] for i in axes]))
    named = [int(a) - rank if g.random() < .4 else int(a) for a in g.permutation(axes)]
    if g.random() < .1:
        named.append(named[0])
    si, zi = scale(g, .005, .3), zero(g)
    same = code == OP.REDUCE_MAX or g.random() < .2
    usual = (n if code == OP.SUM else 1) * float(si)
    so = si if same else near(g, usual * np.exp(g.uniform(np.log(.02), np.log(30))))
    zo, x, tied = zi if same else zero(g), int8(g, dims), ""
    if code == OP.SUM and g.random() < .5:  # bytes that LiteRT's SUM takes for the same numbers
        x = np.abs(x.astype(int)).clip(0, 127).astype(np.int8)
    sums = x.astype(np.int64).sum(tuple(axes)) - n * zi
    if not same and g.random() < .6 and np.any(sums):  # one sum falls next to a tie
        tied = "tie "
        k = abs(int(np.asarray(sums).ravel()[np.flatnonzero(sums)[0]]))
        for _ in range(400 if code == OP.MEAN else 1):  # a mean's factor is truncated once more: where that shows is rare
            so = F(float(si) / (n if code == OP.MEAN else 1) / tie(g, k))
            if truncation_shows(float(si) / float(so), n, k):
                break
    text = f"{tied}in {dims} axes {named} {'keep_dims ' if keep else ''}scale {si} -> {so} zero points {zi} {zo}"
    litert = ""
    if code == OP.SUM:
        y = scaled(sums, float(si) / float(so)) + zo
        litert = "LiteRT 1.2.0's SUM takes int8 for uint8" if x.min() < 0 or y.min() < 0 or y.max() > 127 else ""
    return Case(text, build(code, 2, options("Reducer", keepDims=keep), [Tensor(dims, si, zi), constant(named)], Tensor(out, so, zo)), [x], litert=litert)


def matmul(g, const=""):
    """const: "x" or "y" names the operand that is a constant."""
    rows, depth, columns = (int(v) for v in g.integers(1, 40, 3))
    if g.random() < .15:
        depth = int(g.integers(1020, 1100)) if g.random() < .5 else int(g.integers(100, 400))
    lead = [int(v) for v in g.integers(1, 4, int(g.integers(0, 4)))]
    adj_x, adj_y = bool(g.random() < .5), bool(g.random() < .5)
    la, lb = list(lead), list(lead)
    if lead and g.random() < .4:  # broadcast: some dimensions 1, or absent in front
        la = [1 if g.random() < .4 else d for d in lead]
        lb = [1 if a == d and g.random() < .4 else d for a, d in zip(la, lead)]
        if g.random() < .5:
            lb = lb[int(g.integers(len(lb) + 1)):]
        if g.random() < .5:
            la, lb = lb, la
    sx, sy = scale(g, .002, .2), scale(g, .002, .2)
    zx, zy, zo = zero(g), zero(g), zero(g)
    x, y = int8(g, la + [rows, depth]), int8(g, lb + [depth, columns])
    sums = (x.astype(np.int64) - zx) @ (y.astype(np.int64) - zy)
    so = near(g, float(sx) * float(sy) * (np.std(sums) + 1) * np.exp(g.uniform(np.log(.01), np.log(4))) / 64)
    if g.random() < .4 and sums.any():  # one sum falls next to a tie
        so = F(float(sx) * float(sy) / tie(g, abs(int(sums[tuple(int(v[0]) for v in np.nonzero(sums))]))))
    x, y = (np.ascontiguousarray(np.swapaxes(v, -1, -2)) if adj else v for v, adj in ((x, adj_x), (y, adj_y)))
    text = f"{x.shape} {'adj ' if adj_x else ''}by {y.shape} {'adj ' if adj_y else ''}scales {sx} {sy} -> {so} zero points {zx} {zy} {zo}"
    tx, ty = Tensor(x.shape, sx, zx, x if const == "x" else None), Tensor(y.shape, sy, zy, y if const == "y" else None)
    litert = tflm = ""
    if adj_x and la and lb and la[-1] > 1 and lb[-1] == 1:
        litert = "LiteRT 1.2.0 mixes up the matrices of BATCH_MATMUL's x when adj_x is set and y is repeated along the dimension before the matrix"
    if (scaled(sums, float(sx * sy) / float(so)) != scaled(sums, float(sx) * float(sy) / float(so))).any():
        tflm = "TFLM multiplies the scales of BATCH_MATMUL in float64, LiteRT in float32, which moves a tie of this case"
    if litert and tflm:  # nobody to compare with: another scale moves the tie away
        so, tflm = F(so * F(1.01)), ""
    return Case(text, build(OP.BATCH_MATMUL, 2, options("BatchMatMul", adjX=adj_x, adjY=adj_y), [tx, ty], Tensor(sums.shape, so, zo)),
                [v for v, name in ((x, "x"), (y, "y")) if name != const], litert=litert, tflm=tflm)


def inexact(g, mode):
    """Sizes for which nearest neighbour takes another pixel in float64 than in float32."""
    corners, half = int(mode == "align_corners"), .5 * (mode == "half_pixel")
    for _ in range(300):
        n, m = int(g.integers(2, 200)), int(g.integers(2, 200))
        i = np.arange(m)
        exact = (i + half) * ((n - corners) / (m - corners))
        single = (i.astype(F) + F(half)) * F(F(n - corners) / F(m - corners))
        if (np.floor(exact + .5 * corners) != np.floor(single + F(.5 * corners))).any():
            break
    return n, m


def beyond(size, out, mode):
    """Does the step of RESIZE_BILINEAR, rounded to 1/1024, lead beyond the last pixel? LiteRT and TFLM then read what is not theirs."""
    corners = mode == "align_corners" and out > 1
    n, m = (size - 1, out - 1) if corners else (size, out)
    step = (1024 * n + m // 2) // m
    return (out - 1) * step + (step // 2 - 512 if mode == "half_pixel" else 0) >= 1024 * size


def resize(g, code):
    """Up, down, to the same size; each way of placing the pixels."""
    batch, h, w, c = int(pick(g, 1, 1, 2)), *(int(v) for v in g.integers(1, 14, 2)), int(g.integers(1, 9))
    oh, ow = (int(pick(g, 1, d, 2 * d, int(g.integers(1, 40)), int(g.integers(1, 40)))) for d in (h, w))
    if g.random() < .1:
        h, oh = int(g.integers(1, 400)), int(g.integers(1, 400))
    mode = pick(g, "", "align_corners", "half_pixel")
    if code == OP.RESIZE_NEAREST_NEIGHBOR and g.random() < .5:
        h, oh = inexact(g, mode)
    while code == OP.RESIZE_BILINEAR and beyond(h, oh, mode):  # the importer refuses those
        oh -= 1
    while code == OP.RESIZE_BILINEAR and beyond(w, ow, mode):
        ow -= 1
    s, z = scale(g, .01, .2), zero(g)
    name = "ResizeBilinear" if code == OP.RESIZE_BILINEAR else "ResizeNearestNeighbor"
    opts = options(name, alignCorners=mode == "align_corners", halfPixelCenters=mode == "half_pixel")
    return Case(f"{batch}x{h}x{w}x{c} -> {oh}x{ow} {mode}",
                build(code, 3, opts, [Tensor((batch, h, w, c), s, z), constant([oh, ow])], Tensor((batch, oh, ow, c), s, z)), [int8(g, (batch, h, w, c))])


OPERATORS = {
    "MEAN": lambda g: reduce(g, OP.MEAN),
    "SUM": lambda g: reduce(g, OP.SUM),
    "REDUCE_MAX": lambda g: reduce(g, OP.REDUCE_MAX),
    "BATCH_MATMUL": matmul,
    "BATCH_MATMUL constant y": lambda g: matmul(g, "y"),
    "BATCH_MATMUL constant x": lambda g: matmul(g, "x"),
    "RESIZE_BILINEAR": lambda g: resize(g, OP.RESIZE_BILINEAR),
    "RESIZE_NEAREST_NEIGHBOR": lambda g: resize(g, OP.RESIZE_NEAREST_NEIGHBOR),
}
