# SPDX-License-Identifier: Apache-2.0
"""Builds small .tflite files with the FlatBuffers object API of ai_edge_litert."""
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as S

TYPES = {name: getattr(S.TensorType, name.upper()) for name in ("int8", "uint8", "int4", "int16", "int32", "int64", "float32", "bool", "resource")}
OP, OPTIONS = S.BuiltinOperator, S.BuiltinOptions


class Tensor:
    """A tensor of the model. scale and zero may be lists (per channel along axis); data makes it a constant; a variable keeps its value."""

    def __init__(self, shape, scale=None, zero=0, data=None, dtype="int8", axis=0, variable=False):
        self.shape, self.dtype, self.axis, self.variable = [int(d) for d in shape], dtype, axis, variable
        self.scale = None if scale is None else np.atleast_1d(np.asarray(scale, np.float32))
        self.zero = zero
        self.data = None if data is None else np.ascontiguousarray(data, "int8" if dtype == "int4" else dtype)

    def bytes(self):
        """Little-endian; two INT4 values a byte, the first in the low half."""
        if self.dtype != "int4":
            return self.data.tobytes()
        v = np.append(self.data.ravel(), np.zeros(self.data.size % 2, np.int8))
        return (v[0::2] & 15 | (v[1::2] & 15) << 4).astype(np.uint8).tobytes()


def constant(data, dtype="int32"):
    data = np.asarray(data, dtype)
    return Tensor(data.shape, data=data, dtype=dtype)


def options(name, **fields):
    """Options table by its schema name, e.g. options("Pool2D", strideW=2). Returns (union type, table)."""
    table = getattr(S, name + "OptionsT")()
    for key, value in fields.items():
        if not hasattr(table, key):
            raise AttributeError(f"{name}Options has no field {key}")
        setattr(table, key, value)
    return getattr(OPTIONS, name + "Options"), table


class Op:
    """An operator of a graph. ins: Tensor or None (absent optional input); opts: from options(), or None; mid: intermediates."""

    def __init__(self, code, version, opts, ins, outs, mid=()):
        self.code, self.version, self.opts, self.ins, self.outs, self.mid = code, version, opts, ins, outs, mid


def _tensor(model, t, name):
    x = S.TensorT()
    x.name, x.shape, x.type, x.buffer, x.isVariable = name, t.shape, TYPES[t.dtype], 0, t.variable
    if t.data is not None:
        b = S.BufferT()
        b.data = np.frombuffer(t.bytes(), np.uint8)
        model.buffers.append(b)
        x.buffer = len(model.buffers) - 1
    if t.scale is not None:
        q = S.QuantizationParametersT()
        q.scale, q.quantizedDimension = t.scale, t.axis
        q.zeroPoint = np.broadcast_to(np.asarray(t.zero, np.int64), t.scale.shape).copy()
        x.quantization = q
    return x


def _subgraph(model, codes, ops, outputs, name):
    graph, number, made = S.SubGraphT(), {}, set()
    graph.name, graph.tensors, graph.operators, graph.inputs = name, [], [], []

    def index(t, text):
        if t is None:
            return -1
        if id(t) not in number:
            number[id(t)] = len(graph.tensors)
            graph.tensors.append(_tensor(model, t, text))
        return number[id(t)]

    for k, op in enumerate(ops):
        o, key = S.OperatorT(), (op.code, op.version)
        if key not in codes:
            codes.append(key)
        o.opcodeIndex = codes.index(key)
        for t in op.ins:
            if t is not None and t.data is None and not t.variable and id(t) not in made and id(t) not in number:
                graph.inputs.append(index(t, f"in{len(graph.inputs)}"))
        o.inputs = [index(t, f"op{k}_in{i}") for i, t in enumerate(op.ins)]
        o.outputs = [index(t, f"op{k}_out{i}") for i, t in enumerate(op.outs)]
        o.intermediates = [index(t, f"op{k}_mid{i}") for i, t in enumerate(op.mid)]
        made.update(id(t) for t in op.outs)
        o.builtinOptionsType, o.builtinOptions = op.opts or (OPTIONS.NONE, None)
        graph.operators.append(o)
    graph.outputs = [number[id(t)] for t in outputs]
    return graph


def network(ops, outputs, called=()):
    """Bytes of a model. Graph inputs are the tensors that nothing produces, in order of first use; called: further subgraphs as lists of Op."""
    model, codes = S.ModelT(), []
    model.version, model.description, model.buffers = 3, "conformance", [S.BufferT()]
    model.subgraphs = [_subgraph(model, codes, ops, outputs, "main")] + [_subgraph(model, codes, s, [], f"called{i}") for i, s in enumerate(called)]
    model.operatorCodes = []
    for code, version in codes:
        oc = S.OperatorCodeT()
        oc.builtinCode, oc.deprecatedBuiltinCode, oc.version = code, min(code, 127), version
        model.operatorCodes.append(oc)
    b = flatbuffers.Builder(1 << 16)
    b.Finish(model.Pack(b), b"TFL3")
    return bytes(b.Output())


def variables(model):
    """Numbers of a model's variable tensors."""
    return [i for i, t in enumerate(S.ModelT.InitFromPackedBuf(model, 0).subgraphs[0].tensors) if t.isVariable]


def build(code, version, opts, ins, out, mid=()):
    """Bytes of a model with one operator. out: a Tensor or a list of them."""
    outs = out if isinstance(out, list) else [out]
    return network([Op(code, version, opts, ins, outs, mid)], outs)
