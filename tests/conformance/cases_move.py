# SPDX-License-Identifier: Apache-2.0
"""Random one-operator models: movement of bytes, the graph's edges."""
import numpy as np

from cases_common import Case, F, int8, near, pick, scale, zero
from tflite_build import OP, TYPES, Op, Tensor, build, constant, network, options


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


def padded(g, code, lowest=1, rank=None):
    """Shape, amounts and output shape of a padding."""
    rank = rank or int(g.integers(1, 5 if code == OP.MIRROR_PAD else 6))
    dims = tuple(int(v) for v in g.integers(lowest, 9 if rank < 5 else 4, rank))
    amounts = g.integers(0, 4, (rank, 2))
    return dims, amounts, [d + int(a.sum()) for d, a in zip(dims, amounts)]


def pad(g):
    dims, amounts, out = padded(g, OP.PAD)
    s, z = scale(g, .01, .2), zero(g)
    wide = g.random() < .3
    return Case(f"{dims} by {amounts.tolist()} {'INT64' if wide else 'INT32'}",
                build(OP.PAD, 2, options("Pad"), [Tensor(dims, s, z), constant(amounts, "int64" if wide else "int32")], Tensor(out, s, z)), [int8(g, dims)],
                tflm="TFLM's PAD takes INT32 amounts only" if wide else "")


def pad_value(g):
    dims, amounts, out = padded(g, OP.PADV2)
    s, z = scale(g, .01, .2), zero(g)
    value = Tensor((1,), s, z, g.integers(-128, 128, 1), "int8")
    return Case(f"{dims} by {amounts.tolist()}", build(OP.PADV2, 2, options("PadV2"), [Tensor(dims, s, z), constant(amounts), value], Tensor(out, s, z)),
                [int8(g, dims)])


def mirror_pad(g):
    mode = int(g.integers(2))
    rank = int(g.integers(1, 5))
    dims = tuple(int(v) for v in g.integers(1 + (mode == 0), 7, rank))
    amounts = np.array([[int(g.integers(0, d - (mode == 0) + 1)) for _ in range(2)] for d in dims])
    s, z = scale(g, .01, .2), zero(g)
    out = [d + int(a.sum()) for d, a in zip(dims, amounts)]
    return Case(f"{dims} by {amounts.tolist()} {('REFLECT', 'SYMMETRIC')[mode]}",
                build(OP.MIRROR_PAD, 2, options("MirrorPad", mode=mode), [Tensor(dims, s, z), constant(amounts)], Tensor(out, s, z)), [int8(g, dims)])


def data(g, shape, dtype):
    if dtype == "int8":
        return int8(g, shape)
    if dtype == "float32":
        return g.normal(0, 10, shape).astype(np.float32)
    info = np.iinfo(dtype)
    return g.integers(info.min, info.max + 1, shape, dtype=dtype)


def plain(g, shape, dtype, s=None, z=None):
    """A tensor of this type; integers of up to 16 bits carry a quantisation."""
    return Tensor(shape, s, z or 0, dtype=dtype) if dtype in ("int8", "uint8", "int16") else Tensor(shape, dtype=dtype)


def shape_of(g, low=1, high=5, top=7):
    return [int(v) for v in g.integers(1, top, int(g.integers(low, high)))]


def concatenation(g):
    dims = shape_of(g)
    axis = int(g.integers(len(dims)))
    dtype = pick(g, "int8", "int8", "int8", "int16", "int32")
    s, z = scale(g, .01, .2), zero(g) if dtype == "int8" else 0
    shapes = []
    for _ in range(int(g.integers(1, 6))):
        shapes.append(list(dims))
        shapes[-1][axis] = int(g.integers(1, 9))
    out = list(dims)
    out[axis] = sum(x[axis] for x in shapes)
    asked = axis - len(dims) if g.random() < .3 else axis
    return Case(f"{shapes} along {asked} {dtype}",
                build(OP.CONCATENATION, 2, options("Concatenation", axis=asked), [plain(g, x, dtype, s, z) for x in shapes], plain(g, out, dtype, s, z)),
                [data(g, x, dtype) for x in shapes])


def split(g, sizes_given):
    dims = shape_of(g)
    axis, n = int(g.integers(len(dims))), int(g.integers(1, 6))
    sizes = [int(g.integers(1, 6)) for _ in range(n)] if sizes_given else [int(g.integers(1, 6))] * n
    dims[axis] = sum(sizes)
    s, z = scale(g, .01, .2), zero(g)
    outs = [Tensor([*dims[:axis], k, *dims[axis + 1:]], s, z) for k in sizes]
    asked = axis - len(dims) if g.random() < .3 else axis
    given = list(sizes)
    if g.random() < .3:
        given[int(g.integers(n))] = -1
    x, where = Tensor(dims, s, z), constant(asked)
    text = f"{dims} along {asked} into {given}"
    if sizes_given:
        return Case(text, build(OP.SPLIT_V, 2, options("SplitV", numSplits=n), [x, constant(given), where], outs), [int8(g, dims)])
    return Case(text, build(OP.SPLIT, 2, options("Split", numSplits=n), [where, x], outs), [int8(g, dims)])


def pack(g):
    dims, n = shape_of(g, 1, 4), int(g.integers(1, 6))
    axis = int(g.integers(-len(dims) - 1, len(dims) + 1))
    at = axis + len(dims) + 1 if axis < 0 else axis
    dtype = pick(g, "int8", "int8", "int32")
    s, z = scale(g, .01, .2), zero(g)
    out = [*dims[:at], n, *dims[at:]]
    return Case(f"{n} times {dims} along {axis} {dtype}",
                build(OP.PACK, 2, options("Pack", valuesCount=n, axis=axis), [plain(g, dims, dtype, s, z) for _ in range(n)], plain(g, out, dtype, s, z)),
                [data(g, dims, dtype) for _ in range(n)])


def unpack(g):
    dims = shape_of(g)
    axis = int(g.integers(-len(dims), len(dims)))
    at = axis % len(dims)
    dtype = pick(g, "int8", "int8", "int32")
    s, z = scale(g, .01, .2), zero(g)
    outs = [plain(g, dims[:at] + dims[at + 1:], dtype, s, z) for _ in range(dims[at])]
    return Case(f"{dims} along {axis} {dtype}", build(OP.UNPACK, 2, options("Unpack", num=dims[at], axis=axis), [plain(g, dims, dtype, s, z)], outs),
                [data(g, dims, dtype)])


def slice_(g):
    dims = shape_of(g, 1, 6, 9)
    begin = [int(g.integers(d)) for d in dims]
    size = [int(g.integers(1, d - b + 1)) for d, b in zip(dims, begin)]
    asked = [-1 if b + n == d and g.random() < .5 else n for d, b, n in zip(dims, begin, size)]
    dtype = pick(g, "int8", "int8", "int8", "int16", "int32")
    wide = "int64" if g.random() < .2 else "int32"
    s, z = scale(g, .01, .2), zero(g) if dtype == "int8" else 0
    return Case(f"{dims} from {begin} size {asked} {dtype} {wide}",
                build(OP.SLICE, 3, options("Slice"), [plain(g, dims, dtype, s, z), constant(begin, wide), constant(asked, wide)], plain(g, size, dtype, s, z)),
                [data(g, dims, dtype)])


def strided_slice(g, new=False):
    """Bounds beyond the ends, negative strides, masks; new: with an ellipsis and new axes too, which TFLM does not have."""
    dims = shape_of(g, 1, 5, 9)
    while True:
        entries = len(dims) if g.random() < .7 and not new else int(g.integers(1, len(dims) + 1))
        begin, end, step = [], [], []
        for d in dims[:entries]:
            begin.append(int(g.integers(-d - 2, d + 3)))
            end.append(int(g.integers(-d - 2, d + 3)))
            step.append(int(pick(g, 1, 1, 1, 2, 3, -1, -2)))
        masks = {k: 0 for k in ("begin", "end", "shrink", "new", "ellipsis")}
        for i in range(entries):
            kind = pick(g, "", "", "", "begin", "end", "both", "shrink", *(("new", "ellipsis") if new else ()))
            if kind == "ellipsis" and masks["ellipsis"]:
                kind = ""
            for k in (("begin", "end") if kind == "both" else (kind,)):
                if k:
                    masks[k] |= 1 << i
            if kind == "shrink":
                step[i] = 1
                begin[i] = int(g.integers(-dims[i], dims[i]))
                end[i] = begin[i] + 1
        index = []
        for i in range(entries):
            if masks["ellipsis"] >> i & 1:
                index.append(Ellipsis)
            elif masks["new"] >> i & 1:
                index.append(None)
            elif masks["shrink"] >> i & 1:
                index.append(begin[i])
            else:
                index.append(slice(None if masks["begin"] >> i & 1 else begin[i], None if masks["end"] >> i & 1 else end[i], step[i]))
        try:
            out = np.empty(dims, np.int8)[tuple(index)].shape
        except IndexError:
            continue
        if np.prod(out, dtype=int) and (not new or masks["new"] or masks["ellipsis"]) and len(dims) + masks["new"].bit_count() <= 5:
            break
    s, z = scale(g, .01, .2), zero(g)
    opts = options("StridedSlice", beginMask=masks["begin"], endMask=masks["end"], shrinkAxisMask=masks["shrink"], newAxisMask=masks["new"],
                   ellipsisMask=masks["ellipsis"])
    return Case(f"{dims} begin {begin} end {end} strides {step} masks {masks}",
                build(OP.STRIDED_SLICE, 3, opts, [Tensor(dims, s, z), constant(begin), constant(end), constant(step)], Tensor(out, s, z)), [int8(g, dims)],
                tflm="TFLM's STRIDED_SLICE has no new axes and no ellipsis" if new else
                "TFLM's STRIDED_SLICE wants an entry for every axis" if entries < len(dims) else "")


def transpose(g):
    rank = int(g.integers(1, 6))
    dims = [int(v) for v in g.integers(1, 9 if rank < 5 else 5, rank)]
    perm = [int(v) for v in g.permutation(rank)]
    dtype = pick(g, "int8", "int8", "int8", "int16", "int32")
    s, z = scale(g, .01, .2), zero(g) if dtype == "int8" else 0
    return Case(f"{dims} by {perm} {dtype}", build(OP.TRANSPOSE, 2, options("Transpose"), [plain(g, dims, dtype, s, z), constant(perm)],
                                                   plain(g, [dims[p] for p in perm], dtype, s, z)), [data(g, dims, dtype)],
                tflm="TFLM's TRANSPOSE has no INT32" if dtype == "int32" else "")


def expand_dims(g):
    dims = shape_of(g)
    axis = int(g.integers(-len(dims) - 1, len(dims) + 1))
    s, z = scale(g, .01, .2), zero(g)
    out = np.expand_dims(np.empty(dims), axis).shape
    return Case(f"{dims} axis {axis}", build(OP.EXPAND_DIMS, 1, options("ExpandDims"), [Tensor(dims, s, z), constant(axis)], Tensor(out, s, z)), [int8(g, dims)])


def gather(g, known=True):
    """Indexes known, or an input of the network; batch dimensions."""
    dims = shape_of(g, 1, 5)
    axis = int(g.integers(len(dims)))
    batch = int(g.integers(0, axis + 1)) if g.random() < .4 else 0
    index_shape = [*dims[:batch], *shape_of(g, 0, 3)]
    while len(dims) + len(index_shape) - 1 - batch > 5:
        index_shape.pop()
    index = g.integers(0, dims[axis], index_shape, dtype=np.int32)
    out = [*dims[:axis], *index_shape[batch:], *dims[axis + 1:]]
    s, z = scale(g, .01, .2), zero(g)
    asked = axis - len(dims) if g.random() < .3 else axis
    t = constant(index) if known else Tensor(index.shape, dtype="int32")
    return Case(f"{dims} along {asked} at {index_shape} batch {batch}",
                build(OP.GATHER, 2, options("Gather", axis=asked, batchDims=batch), [Tensor(dims, s, z), t], Tensor(out, s, z)),
                [int8(g, dims)] + ([] if known else [index]))


def space_depth(g, deep):
    n, c, h, w, b = (int(v) for v in g.integers(1, 5, 5))
    s, z = scale(g, .01, .2), zero(g)
    wide, narrow = [b, h * n, w * n, c], [b, h, w, c * n * n]
    ins, outs = (wide, narrow) if deep else (narrow, wide)
    return Case(f"{ins} block {n}", build(OP.SPACE_TO_DEPTH if deep else OP.DEPTH_TO_SPACE, 2 if deep else 1, options("SpaceToDepth" if deep else "DepthToSpace", blockSize=n),
                                          [Tensor(ins, s, z)], Tensor(outs, s, z)), [int8(g, ins)])


def space_batch(g, to_batch):
    spatial = int(pick(g, 2, 2, 1))
    block = [int(v) for v in g.integers(1, 4, spatial)]
    small = [int(v) for v in g.integers(1, 5, spatial)]
    edges = []
    for n, k in zip(block, small):
        before = int(g.integers(0, n * k))
        edges.append([before, int(g.integers(0, n * k - before))])
    b, c = int(g.integers(1, 4)), int(g.integers(1, 6))
    space = [b, *(n * k - sum(e) for n, k, e in zip(block, small, edges)), c]
    many = [b * int(np.prod(block)), *small, c]
    ins, outs = (space, many) if to_batch else (many, space)
    s, z = scale(g, .01, .2), zero(g)
    code, name = (OP.SPACE_TO_BATCH_ND, "SpaceToBatchND") if to_batch else (OP.BATCH_TO_SPACE_ND, "BatchToSpaceND")
    return Case(f"{ins} blocks {block} edges {edges}", build(code, 2, options(name), [Tensor(ins, s, z), constant(block), constant(edges)], Tensor(outs, s, z)),
                [int8(g, ins)], tflm="TFLM's SPACE_TO_BATCH_ND pads with the byte 0 instead of the zero point" if to_batch and z and np.any(edges) else "")


def arg_max(g):
    dims = shape_of(g)
    axis = int(g.integers(-len(dims), len(dims)))
    x = int8(g, dims) if g.random() < .5 else g.integers(-3, 3, dims, dtype=np.int8)
    wide = "int64" if g.random() < .2 else "int32"
    at = axis % len(dims)
    return Case(f"{dims} along {axis} {wide}",
                build(OP.ARG_MAX, 2, options("ArgMax", outputType=TYPES[wide]), [Tensor(dims, scale(g, .01, .2), zero(g)), constant(axis)],
                      Tensor(dims[:at] + dims[at + 1:], dtype=wide)), [x], tflm="TFLM's ARG_MAX gives INT32 only" if wide == "int64" else "")


def quantize_float(g):
    """Random values, exact ties, values far outside."""
    dtype = pick(g, "int8", "int8", "uint8", "int16")
    info = np.iinfo(dtype)
    s = scale(g, .0005, .5)
    z = 0 if dtype == "int16" else int(g.integers(info.min, info.max + 1))
    x = np.concatenate([g.normal(0, 60, 100) * s, (g.integers(-100, 100, 60) + .5) * s, g.integers(-100, 100, 30) * s, g.normal(0, 1e5, 10) * s])
    x = x.astype(F).reshape(4, 50)
    return Case(f"scale {s} zero point {z} {dtype}", build(OP.QUANTIZE, 2, options("Quantize"), [Tensor(x.shape, dtype="float32")], Tensor(x.shape, s, z, dtype=dtype)), [x],
                tflm="TFLM's QUANTIZE gives INT8 and INT16 from FLOAT32" if dtype == "uint8" else "")


def quantize_other(g):
    """Between integer types: every value of 8 bits, or 16-bit ones with the extremes."""
    a, b = pick(g, ("uint8", "int8"), ("int8", "uint8"), ("int16", "int8"), ("int8", "int16"), ("int16", "int16"))
    si = scale(g, .002, .5)
    so = near(g, float(si) * np.exp(g.uniform(np.log(.005), np.log(200))))
    if (a, b) in (("uint8", "int8"), ("int8", "uint8")) and g.random() < .5:
        so = si
    zi, zo = (0 if t == "int16" else int(g.integers(np.iinfo(t).min, np.iinfo(t).max + 1)) for t in (a, b))
    info = np.iinfo(a)
    x = np.arange(info.min, info.max + 1) if a != "int16" else np.concatenate([g.integers(info.min, info.max + 1, 500), [info.min, -1, 0, 1, info.max]])
    x = x.astype(a)
    return Case(f"{a} {si} {zi} -> {b} {so} {zo}", build(OP.QUANTIZE, 2, options("Quantize"), [Tensor(x.shape, si, zi, dtype=a)], Tensor(x.shape, so, zo, dtype=b)), [x],
                litert="LiteRT's QUANTIZE does not give INT16 from INT8" if (a, b) == ("int8", "int16") else "",
                tflm="TFLM's QUANTIZE does not give UINT8" if b == "uint8" else "")


def dequantize(g):
    dtype = pick(g, "int8", "int8", "uint8", "int16")
    info = np.iinfo(dtype)
    s, z = scale(g, .0005, .5), 0 if dtype == "int16" else int(g.integers(info.min, info.max + 1))
    x = np.arange(info.min, info.max + 1).astype(dtype) if dtype != "int16" else g.integers(info.min, info.max + 1, 500, dtype=dtype)
    return Case(f"{dtype} scale {s} zero point {z}", build(OP.DEQUANTIZE, 2, options("Dequantize"), [Tensor(x.shape, s, z, dtype=dtype)], Tensor(x.shape, dtype="float32")), [x])


def cast(g):
    a, b = pick(g, ("int8", "float32"), ("int32", "float32"), ("float32", "int32"), ("int8", "int32"), ("int32", "int64"), ("uint8", "int32"), ("float32", "bool"))
    x = g.integers(0 if a == "uint8" else -128, 128, 60).astype(a) if a != "float32" else (g.normal(0, 50, 60) * g.integers(0, 2, 60)).astype(F)
    return Case(f"{a} -> {b}", build(OP.CAST, 2, options("Cast", inDataType=TYPES[a], outDataType=TYPES[b]), [Tensor(x.shape, dtype=a)], Tensor(x.shape, dtype=b)), [x],
                tflm="TFLM's CAST has no INT64 output, UINT8 input, BOOL output" if b in ("int64", "bool") or a == "uint8" else "")


def shape_chain(g):
    """SHAPE, STRIDED_SLICE, PACK, RESHAPE: the importer must fold all but the last."""
    dims = [1, *shape_of(g, 2, 4)]
    s, z = scale(g, .01, .2), zero(g)
    n = int(np.prod(dims))
    x, y = Tensor(dims, s, z), Tensor((1, n), s, z)
    shape, batch, want = Tensor((len(dims),), dtype="int32"), Tensor((), dtype="int32"), Tensor((2,), dtype="int32")
    ops = [Op(OP.SHAPE, 1, options("Shape", outType=TYPES["int32"]), [x], [shape]),
           Op(OP.STRIDED_SLICE, 1, options("StridedSlice", shrinkAxisMask=1), [shape, constant([0]), constant([1]), constant([1])], [batch]),
           Op(OP.PACK, 1, options("Pack", valuesCount=2, axis=0), [batch, constant(n)], [want]),
           Op(OP.RESHAPE, 1, options("Reshape"), [x, want], [y])]
    return Case(f"{dims}", network(ops, [y]), [int8(g, dims)])


def variables(g):
    """A delay line: each inference sees the value of the one before, the first one what CALL_ONCE has assigned."""
    dims = shape_of(g, 1, 4)
    s, z = scale(g, .01, .2), zero(g)
    x, old, both = Tensor(dims, s, z), Tensor(dims, s, z), Tensor([2 * dims[0], *dims[1:]], s, z)
    name = options("VarHandle", container="", sharedName="delay")
    handle, inner = Tensor((), dtype="resource"), Tensor((), dtype="resource")
    ops = [Op(OP.CALL_ONCE, 1, options("CallOnce", initSubgraphIndex=1), [], []),
           Op(OP.VAR_HANDLE, 1, name, [], [handle]),
           Op(OP.READ_VARIABLE, 1, options("ReadVariable"), [handle], [old]),
           Op(OP.CONCATENATION, 2, options("Concatenation", axis=0), [old, x], [both]),
           Op(OP.ASSIGN_VARIABLE, 1, options("AssignVariable"), [handle, x], [])]
    first = Tensor(dims, s, z, int8(g, dims))
    init = [Op(OP.VAR_HANDLE, 1, name, [], [inner]), Op(OP.ASSIGN_VARIABLE, 1, options("AssignVariable"), [inner, first], [])]
    return Case(f"{dims}", network(ops, [both], [init]), [[int8(g, dims)] for _ in range(3)])


OPERATORS = {
    "RESHAPE": reshape,
    "SQUEEZE": squeeze,
    "EXPAND_DIMS": expand_dims,
    "PAD": pad,
    "PADV2": pad_value,
    "MIRROR_PAD": mirror_pad,
    "CONCATENATION": concatenation,
    "SPLIT": lambda g: split(g, False),
    "SPLIT_V": lambda g: split(g, True),
    "PACK": pack,
    "UNPACK": unpack,
    "SLICE": slice_,
    "STRIDED_SLICE": strided_slice,
    "STRIDED_SLICE new axes": lambda g: strided_slice(g, True),
    "TRANSPOSE": transpose,
    "GATHER": gather,
    "GATHER at run time": lambda g: gather(g, False),
    "SPACE_TO_DEPTH": lambda g: space_depth(g, True),
    "DEPTH_TO_SPACE": lambda g: space_depth(g, False),
    "SPACE_TO_BATCH_ND": lambda g: space_batch(g, True),
    "BATCH_TO_SPACE_ND": lambda g: space_batch(g, False),
    "ARG_MAX": arg_max,
    "QUANTIZE from FLOAT32": quantize_float,
    "QUANTIZE other types": quantize_other,
    "DEQUANTIZE": dequantize,
    "CAST": cast,
    "SHAPE chain": shape_chain,
    "VAR_HANDLE CALL_ONCE": variables,
}
