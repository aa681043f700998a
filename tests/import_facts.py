# SPDX-License-Identifier: Apache-2.0
#
# What LiteRT's own schema reader finds in a .tflite file, as rows for the table in test_import.c.
#
# It shares no code with Weft: the importer is right when it finds the same. The last column is a CRC-32 over every name, type,
# shape, scale, zero point, constant byte, operand and option in a fixed order (facts_crc() in test_import.c is its twin).
#
# usage: python import_facts.py FILE.tflite...      (needs ai-edge-litert; see tests/conformance/requirements.txt)

import os
import sys
import zlib

import numpy as np
from ai_edge_litert import schema_py_generated as S

TYPES = {getattr(S.TensorType, n): n for n in ("INT8", "UINT8", "INT16", "INT32", "INT64", "FLOAT32", "BOOL")}
DTYPES = {"INT8": "i1", "UINT8": "u1", "INT16": "i2", "INT32": "i4", "INT64": "i8", "FLOAT32": "f4", "BOOL": "u1"}


def values(v):
    return [] if v is None else list(v)


def option(o, *names):
    """The first of the fields that the operator's options have; 0 when they have none."""
    for n in names:
        if hasattr(o, n):
            return getattr(o, n)
    return 0


def facts(path):
    m = S.ModelT.InitFromPackedBuf(open(path, "rb").read(), 0)
    g = m.subgraphs[0]
    crc, constants, constant_bytes = 0, 0, 0

    def add(data):
        nonlocal crc
        crc = zlib.crc32(data, crc)

    def ints(*v):
        add(np.array(v, "<i4").tobytes())

    for t in g.tensors:
        name, shape = TYPES[t.type], values(t.shape)
        shape = [] if 0 in shape else shape        # the LSTM's intermediates: only their quantisation is read
        add(t.name + b"\0" + name.encode() + b"\0")
        ints(len(shape), *shape)
        scale = values(t.quantization.scale) if t.quantization else []
        ints(len(scale))
        if scale:
            add(np.array(scale, "<f4").tobytes())
            ints(*values(t.quantization.zeroPoint), t.quantization.quantizedDimension if len(scale) > 1 else 0)
        data = m.buffers[t.buffer].data
        if data is not None and len(data):
            assert len(data) == int(np.prod(shape)) * np.dtype(DTYPES[name]).itemsize
            add(np.array(data, "u1").tobytes())
            constants, constant_bytes = constants + 1, constant_bytes + len(data)
    macs = 0
    for op in g.operators:
        c, o = m.operatorCodes[op.opcodeIndex], op.builtinOptions
        code = max(c.builtinCode, c.deprecatedBuiltinCode)
        # Without a dilation in the file it is 1 where there is a window.
        window = code in (S.BuiltinOperator.AVERAGE_POOL_2D, S.BuiltinOperator.MAX_POOL_2D, S.BuiltinOperator.TRANSPOSE_CONV)
        act = option(o, "fusedActivationFunction")
        if code == S.BuiltinOperator.UNIDIRECTIONAL_SEQUENCE_LSTM:      # TANH belongs to its rule, it is no clamp
            assert act == S.ActivationFunctionType.TANH
            act = S.ActivationFunctionType.NONE
        ints(code, len(op.inputs), *op.inputs, len(op.outputs), *op.outputs)
        ints(act, option(o, "padding"), option(o, "strideH"), option(o, "strideW"),
             1 if window else option(o, "dilationHFactor"), 1 if window else option(o, "dilationWFactor"),
             option(o, "filterHeight"), option(o, "filterWidth"), option(o, "depthMultiplier"), int(option(o, "keepDims")))
        add(np.array([option(o, "beta")], "<f4").tobytes())
        w = values(g.tensors[op.inputs[1]].shape) if len(op.inputs) > 1 else []
        out = int(np.prod(g.tensors[op.outputs[0]].shape))
        if code == S.BuiltinOperator.CONV_2D:
            macs += out * w[1] * w[2] * w[3]
        elif code == S.BuiltinOperator.DEPTHWISE_CONV_2D:
            macs += out * w[1] * w[2]
        elif code == S.BuiltinOperator.FULLY_CONNECTED:
            macs += out * w[1]
    ints(*g.inputs, *g.outputs)
    shape = lambda t: "x".join(map(str, values(g.tensors[t].shape)))
    return (f'    {{"{os.path.basename(path)}", {len(g.operators)}, {len(g.tensors)}, {constants}, {constant_bytes}, {macs}, '
            f'"{shape(g.inputs[0])}", "{shape(g.outputs[0])}", 0x{crc:08x}}},')


for path in sys.argv[1:]:
    print(facts(path))
