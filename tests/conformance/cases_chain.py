# SPDX-License-Identifier: Apache-2.0
"""Random networks of operators that move bytes, with a sum or a convolution here and there.

The compiler lets tensors live inside others; what matters is how operators meet: a tensor that is joined twice, cut and joined again,
that is an output as well, or a constant among the operands. Some feature maps are larger than the smallest buffer.
"""
import numpy as np

from cases_common import Case, int8, near, pick, scale, scaled, zero
from tflite_build import OP, Op, Tensor, constant, network, options


class Chain:
    def __init__(self, g):
        self.g, self.s, self.z, self.ops, self.pool, self.inputs = g, scale(g, .01, .2), zero(g), [], [], []

    def new(self, shape):
        return Tensor(shape, self.s, self.z)

    def add(self, code, version, opts, ins, outs):
        self.ops.append(Op(code, version, opts, ins, outs))
        self.pool += outs

    def take(self, like=None):
        """Any tensor so far; with a shape: one of that shape, now and then a constant, else a new input."""
        fits = [t for t in self.pool if like is None or t.shape == list(like)]
        if like is not None and self.g.random() < .15:
            return Tensor(like, self.s, self.z, int8(self.g, like))
        if fits:
            return pick(self.g, *fits[-6:])
        self.inputs.append(self.new(like))
        self.pool.append(self.inputs[-1])
        return self.inputs[-1]


def concatenation(c):
    x = c.take()
    axis = int(c.g.integers(len(x.shape))) if c.g.random() < .5 else next((i for i, d in enumerate(x.shape) if d > 1), 0)
    parts = [x]
    for _ in range(int(c.g.integers(1, 4))):
        parts.append(x if c.g.random() < .2 else c.take(like=x.shape))
    order = [int(i) for i in c.g.permutation(len(parts))]
    out = list(x.shape)
    out[axis] *= len(parts)
    c.add(OP.CONCATENATION, 2, options("Concatenation", axis=axis), [parts[i] for i in order], [c.new(out)])


def split(c):
    x = c.take()
    axis = pick(c.g, *range(len(x.shape)))
    n = pick(c.g, *[k for k in range(1, 5) if x.shape[axis] % k == 0])
    out = list(x.shape)
    out[axis] //= n
    c.add(OP.SPLIT, 2, options("Split", numSplits=n), [constant(axis), x], [c.new(out) for _ in range(n)])


def slice_(c):
    x = c.take()
    begin = [int(c.g.integers(0, d)) if c.g.random() < .4 else 0 for d in x.shape]
    size = [int(c.g.integers(1, d - b + 1)) if c.g.random() < .4 else d - b for b, d in zip(begin, x.shape)]
    c.add(OP.SLICE, 2, options("Slice"), [x, constant(begin), constant(size)], [c.new(size)])


def transpose(c):
    x = c.take()
    perm = [int(i) for i in c.g.permutation(len(x.shape))]
    c.add(OP.TRANSPOSE, 2, options("Transpose"), [x, constant(perm)], [c.new([x.shape[i] for i in perm])])


def reshape(c):
    x = c.take()
    n = int(np.prod(x.shape))
    a = int(pick(c.g, *[d for d in range(1, 200) if n % d == 0]))
    out = [1, a, n // a] if c.g.random() < .5 else [a, n // a]
    c.add(OP.RESHAPE, 1, options("Reshape", newShape=out), [x, constant(out)], [c.new(out)])


def pack(c):
    x = c.take()
    if len(x.shape) > 3:
        return
    axis, n = int(c.g.integers(len(x.shape) + 1)), int(c.g.integers(1, 4))
    out = list(x.shape)
    out.insert(axis, n)
    c.add(OP.PACK, 2, options("Pack", valuesCount=n, axis=axis), [x] + [c.take(like=x.shape) for _ in range(n - 1)], [c.new(out)])


def pad(c):
    x = c.take()
    amounts = [[int(c.g.integers(0, 3)) if c.g.random() < .5 else 0 for _ in range(2)] for _ in x.shape]
    c.add(OP.PAD, 2, options("Pad"), [x, constant(amounts)], [c.new([d + sum(a) for d, a in zip(x.shape, amounts)])])


def conv(c):
    """Now and then over channels that were just joined, which it then reads part by part."""
    if c.g.random() < .6:
        x = c.take()
        if len(x.shape) == 4:
            parts = [c.new([*x.shape[:3], int(pick(c.g, 16, 32, 48, 20))]) for _ in range(int(c.g.integers(1, 3)))] + [x]
            c.inputs += parts[:-1]
            c.pool += parts[:-1]
            joined = c.new([*x.shape[:3], sum(t.shape[3] for t in parts)])
            c.add(OP.CONCATENATION, 2, options("Concatenation", axis=3), parts, [joined])
    x = c.pool[-1]
    if len(x.shape) != 4 or x.shape[3] > 300:
        return
    r, s, m = (int(v) for v in c.g.integers(1, 4, 3))
    m, stride = m * 5, int(pick(c.g, 1, 1, 2))
    w = int8(c.g, (m, r, s, x.shape[3]))
    sw = 1 / (74 * np.sqrt(r * s * x.shape[3]))
    bias = Tensor((m,), c.s * np.float32(sw), 0, c.g.integers(-3000, 3000, m), "int32")
    out = [x.shape[0], -(-x.shape[1] // stride), -(-x.shape[2] // stride), m]
    c.add(OP.CONV_2D, 3, options("Conv2D", padding=0, strideH=stride, strideW=stride), [x, Tensor(w.shape, sw, 0, w), bias], [c.new(out)])


def total(c):
    """Bytes that are new."""
    x = c.take()
    c.add(OP.ADD, 2, options("Add"), [x, c.take(like=x.shape)], [c.new(x.shape)])


def chain(g):
    c = Chain(g)
    first = [int(v) for v in g.integers(1, 9, int(g.integers(2, 4)))]
    if g.random() < .5:
        first = [1, int(g.integers(1, 40)), int(g.integers(1, 40)), int(pick(g, 1, 3, 16, 24))]
    c.inputs.append(c.new(first))
    c.pool = list(c.inputs)
    names = []
    for _ in range(int(g.integers(2, 10))):
        step = pick(g, concatenation, concatenation, split, slice_, transpose, reshape, pack, pad, total, total, conv, conv)
        if sum(int(np.prod(t.shape)) for t in c.pool) < 60000:
            step(c)
            names.append(step.__name__.strip("_"))
    if not c.ops:
        total(c)
    made = [t for op in c.ops for t in op.outs]
    used = {id(t) for op in c.ops for t in op.ins}
    outs = [t for t in made if id(t) not in used or g.random() < .15]
    order, seen = [], set()                 # inputs in order of first use
    for op in c.ops:
        for t in op.ins:
            if t.data is None and id(t) not in seen and not any(t is m for m in made):
                order.append(t)
                seen.add(id(t))
    return Case(f"{first}: {' '.join(names)}", network(c.ops, outs), [int8(g, t.shape) for t in order])


def shared_join(g):
    """Two convolutions of one concatenation; the device takes the first, and the second too unless its dilation is too wide for a PE."""
    c = Chain(g)
    n, h, w, wide = int(pick(g, 1, 2)), int(g.integers(1, 9)), int(g.integers(85, 110)), int(pick(g, 1, 2, 40))
    parts = [c.new([n, h, w, int(pick(g, 16, 32))]), c.new([n, h, w, int(g.integers(1, 40))])]
    channels = sum(t.shape[3] for t in parts)
    joined, sw = c.new([n, h, w, channels]), np.float32(1 / (74 * np.sqrt(3 * channels)))
    c.add(OP.CONCATENATION, 2, options("Concatenation", axis=3), parts, [joined])
    outs = []
    for taps, dilation in ((1, 1), (3, wide)):
        m = int(g.integers(1, 20))
        weights = int8(g, (m, 1, taps, channels))
        bias = Tensor((m,), c.s * sw, 0, g.integers(-3000, 3000, m), "int32")
        outs.append(c.new([n, h, w - (taps - 1) * dilation, m]))
        c.add(OP.CONV_2D, 3, options("Conv2D", padding=1, strideH=1, strideW=1, dilationWFactor=dilation, dilationHFactor=1),
              [joined, Tensor(weights.shape, sw, 0, weights), bias], [outs[-1]])
    return Case(f"{[t.shape for t in parts]} dilation {wide}", network(c.ops, outs), [int8(g, t.shape) for t in parts])


def between_transpositions(g):
    """A matrix product of transposed operands, its result transposed: attention heads. Sometimes another reader wants what is between."""
    batch, heads, rows, depth, columns = (int(pick(g, 1, 1, 2)), int(g.integers(1, 5)), *(int(v) for v in g.integers(1, 50, 3)))
    adj_x, adj_y = bool(g.random() < .5), bool(g.random() < .5)
    shapes = ((batch, heads, depth, rows) if adj_x else (batch, heads, rows, depth), (batch, heads, columns, depth) if adj_y else (batch, heads, depth, columns))
    sx, sy, zx, zy, zo = scale(g, .002, .2), scale(g, .002, .2), zero(g), zero(g), zero(g)
    ops, ins, data, seen, outs = [], [], [], [], []
    for shape, s, z in zip(shapes, (sx, sy), (zx, zy)):
        perm = [int(i) for i in (g.permutation(4) if g.random() < .5 else pick(g, (0, 2, 1, 3), (0, 2, 3, 1), (0, 1, 3, 2)))]
        source = [0] * 4
        for i, p in enumerate(perm):
            source[p] = shape[i]
        x, t = Tensor(source, s, z), Tensor(shape, s, z)
        value = int8(g, source)
        if g.random() < .85:
            ops.append(Op(OP.TRANSPOSE, 2, options("Transpose"), [x, constant(perm)], [t]))
            if g.random() < .15:
                outs.append(t)
            seen.append(np.transpose(value, perm))
        else:
            t, value = Tensor(shape, s, z), int8(g, shape)
            x = t
            seen.append(value)
        ins.append(t)
        data.append((t is x, value))
    data = [v for late in (False, True) for direct, v in data if direct == late]   # inputs in order of first use
    a, b = (np.swapaxes(v.astype(np.int64) - z, -1, -2) if adj else v.astype(np.int64) - z for v, z, adj in zip(seen, (zx, zy), (adj_x, adj_y)))
    sums = a @ b
    so = near(g, float(sx) * float(sy) * (np.std(sums) + 1) * np.exp(g.uniform(np.log(.01), np.log(4))) / 64)
    product = Tensor((batch, heads, rows, columns), so, zo)
    ops.append(Op(OP.BATCH_MATMUL, 2, options("BatchMatMul", adjX=adj_x, adjY=adj_y), ins, [product]))
    perm = [int(i) for i in (g.permutation(4) if g.random() < .4 else pick(g, (0, 2, 1, 3), (0, 1, 3, 2), (0, 3, 1, 2)))]
    y = Tensor([product.shape[i] for i in perm], so, zo)
    ops.append(Op(OP.TRANSPOSE, 2, options("Transpose"), [product, constant(perm)], [y]))
    outs.append(y)
    if g.random() < .2:
        outs.append(product)
    if g.random() < .3:  # the transposed result is a matrix operand too
        ops.append(Op(OP.BATCH_MATMUL, 2, options("BatchMatMul", adjX=False, adjY=True), [y, y], [Tensor((*y.shape[:3], y.shape[2]), so * np.float32(40), zo)]))
        outs.append(ops[-1].outs[0])
    moved = scaled(sums, float(sx * sy) / float(so)) != scaled(sums, float(sx) * float(sy) / float(so))
    return Case(f"{[list(t.shape) for t in ins]} adj {adj_x} {adj_y} then {perm}", network(ops, outs), data,
                tflm="TFLM multiplies the scales of BATCH_MATMUL in float64, LiteRT in float32, which moves a tie of this case" if moved.any() or len(outs) > 1 else "")


def padded(g):
    """PAD before a convolution, plain or depthwise, with its own padding beside; sometimes PAD's result is wanted too."""
    s, z, so, zo = scale(g, .01, .2), zero(g), scale(g, .01, .2), zero(g)
    n, h, w, c = int(pick(g, 1, 1, 2)), *(int(v) for v in g.integers(1, 20, 2)), int(g.integers(1, 40))
    amounts = [[0, 0], *g.integers(0, 5, (2, 2)).tolist(), [0, 0]]
    x, wide = Tensor((n, h, w, c), s, z), [n, h + sum(amounts[1]), w + sum(amounts[2]), c]
    t = Tensor(wide, s, z)
    depthwise, padding, stride = bool(g.random() < .5), int(g.integers(2)), int(g.integers(1, 4))
    r, q = (int(min(v, d)) for v, d in zip(g.integers(1, 5, 2), wide[1:3]))
    m = c if depthwise else int(g.integers(1, 30))
    shape = (1, r, q, m) if depthwise else (m, r, q, c)
    sw = np.float32(float(so) / (float(s) * 74 * np.sqrt(r * q * (1 if depthwise else c))))
    bias = Tensor((m,), s * sw, 0, g.integers(-3000, 3000, m), "int32")
    out = [n, *(-(-d // stride) if padding == 0 else (d - k) // stride + 1 for d, k in zip(wide[1:3], (r, q))), m]
    y = Tensor(out, so, zo)
    name, code = ("DepthwiseConv2D", OP.DEPTHWISE_CONV_2D) if depthwise else ("Conv2D", OP.CONV_2D)
    more = {"depthMultiplier": 1} if depthwise else {}
    ops = [Op(OP.PAD, 2, options("Pad"), [x, constant(amounts)], [t]),
           Op(code, 3, options(name, padding=padding, strideH=stride, strideW=stride, **more), [t, Tensor(shape, sw, 0, int8(g, shape)), bias], [y])]
    return Case(f"{[n, h, w, c]} by {amounts} {name} {r}x{q}/{stride} padding {padding}", network(ops, [y] if g.random() < .8 else [t, y]), [int8(g, (n, h, w, c))])


OPERATORS = {"CHAIN of moves": chain, "CHAIN: padded convolution": padded, "CHAIN: product between transpositions": between_transpositions, "CHAIN: join for two convolutions": shared_join}
