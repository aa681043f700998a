# SPDX-License-Identifier: Apache-2.0
"""Builds one-operator .tflite files with the FlatBuffers object API of ai_edge_litert."""
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as S

TYPES = {"int8": S.TensorType.INT8, "int32": S.TensorType.INT32, "int64": S.TensorType.INT64}
OP, OPTIONS = S.BuiltinOperator, S.BuiltinOptions


class Tensor:
    """A tensor of the model. scale and zero may be lists (per channel along axis); data makes it a constant."""

    def __init__(self, shape, scale=None, zero=0, data=None, dtype="int8", axis=0):
        self.shape, self.dtype, self.axis = [int(d) for d in shape], dtype, axis
        self.scale = None if scale is None else np.atleast_1d(np.asarray(scale, np.float32))
        self.zero = zero
        self.data = None if data is None else np.ascontiguousarray(data, dtype)


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


def build(code, version, opts, ins, out):
    """Bytes of a model with one operator. ins: Tensor or None (absent optional input); opts: from options(), or None."""
    model, graph = S.ModelT(), S.SubGraphT()
    model.version, model.description, model.buffers = 3, "one operator", [S.BufferT()]
    graph.name, graph.tensors = "main", []

    def add(t, name):
        x = S.TensorT()
        x.name, x.shape, x.type, x.buffer = name, t.shape, TYPES[t.dtype], 0
        if t.data is not None:
            b = S.BufferT()
            b.data = np.frombuffer(t.data.tobytes(), np.uint8)
            model.buffers.append(b)
            x.buffer = len(model.buffers) - 1
        if t.scale is not None:
            q = S.QuantizationParametersT()
            q.scale, q.quantizedDimension = t.scale, t.axis
            q.zeroPoint = np.broadcast_to(np.asarray(t.zero, np.int64), t.scale.shape).copy()
            x.quantization = q
        graph.tensors.append(x)
        return len(graph.tensors) - 1

    op = S.OperatorT()
    op.opcodeIndex = 0
    op.inputs = [-1 if t is None else add(t, f"in{i}") for i, t in enumerate(ins)]
    op.outputs = [add(out, "out")]
    op.builtinOptionsType, op.builtinOptions = opts or (OPTIONS.NONE, None)
    graph.operators, graph.outputs = [op], op.outputs
    graph.inputs = [i for i, t in zip(op.inputs, ins) if t is not None and t.data is None]
    oc = S.OperatorCodeT()
    oc.builtinCode, oc.deprecatedBuiltinCode, oc.version = code, min(code, 127), version
    model.operatorCodes, model.subgraphs = [oc], [graph]
    b = flatbuffers.Builder(1 << 16)
    b.Finish(model.Pack(b), b"TFL3")
    return bytes(b.Output())
