# SPDX-License-Identifier: Apache-2.0
"""Dump .tflite files operator by operator, check that they are what Weft ships, and measure their int8 accuracy.

usage: check.py [--no-accuracy] [FILE.tflite]...       (all files beside this script without arguments)

Why: a network in the tree must keep to the shipped operators, fixed shapes and the int8 quantisation scheme, whichever
converter version wrote it. Accuracy comes from LiteRT 1.2.0's reference kernels, the oracle of the project. Needs no TensorFlow.
Exit status: 0 fine, 1 a file breaks a rule, 2 a file cannot be read.
"""
import glob
import os
import struct
import sys

sys.dont_write_bytecode = True              # nothing generated beside the sources

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

import fmnist

HERE = os.path.dirname(os.path.abspath(__file__))
MAX_BYTES = 200 * 1024
MIN_TOP1 = {'fmnist_resnet.tflite': 0.88, 'fmnist_dscnn.tflite': 0.85, 'fmnist_mlp.tflite': 0.86}
ALLOWED = set('CONV_2D DEPTHWISE_CONV_2D FULLY_CONNECTED ADD AVERAGE_POOL_2D MAX_POOL_2D MEAN SOFTMAX RESHAPE SQUEEZE PAD '
              'QUANTIZE RELU RELU6'.split())
OPERATOR = {v: k for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}
TYPE = {v: k.lower() for k, v in vars(schema.TensorType).items() if isinstance(v, int)}
PADDING = {v: k for k, v in vars(schema.Padding).items() if isinstance(v, int)}
ACTIVATION = {v: k for k, v in vars(schema.ActivationFunctionType).items() if isinstance(v, int)}


def shape(t):
    return [] if t.shape is None else [int(d) for d in t.shape]


def scales(t):
    """Scales (float32) and zero points of a tensor; both empty when it has no quantisation."""
    q = t.quantization
    if q is None or q.scale is None or len(q.scale) == 0:
        return np.zeros(0, np.float32), np.zeros(0, np.int64)
    return np.asarray(q.scale, np.float32), np.asarray(q.zeroPoint, np.int64)


def macs(name, weights, out):
    """Multiply-accumulates of one operator, padding included (the figure every published table uses)."""
    w, o = shape(weights) if weights is not None else [], shape(out)
    if name == 'CONV_2D':                       # filter [oc,kh,kw,ic]
        return int(np.prod(o) * np.prod(w[1:]))
    if name == 'DEPTHWISE_CONV_2D':             # filter [1,kh,kw,oc]
        return int(np.prod(o) * w[1] * w[2])
    if name == 'FULLY_CONNECTED':               # filter [oc,ic]
        return int(np.prod(o) * w[1])
    return 0


def options(name, b):
    """The operator's options in a few characters."""
    s = []
    if name.endswith('POOL_2D'):
        s.append(f'{b.filterHeight}x{b.filterWidth}')
    if name.endswith('_2D'):
        s += [f's{b.strideH}' if b.strideH == b.strideW else f's{b.strideH}x{b.strideW}', PADDING[b.padding]]
    if getattr(b, 'fusedActivationFunction', 0):
        s.append(ACTIVATION[b.fusedActivationFunction])
    return ' '.join(s)


def read(path):
    """Returns the file's bytes and its unpacked model; one line and exit status 2 when it is no whole TFLite file."""
    try:
        with open(path, 'rb') as f:
            data = f.read()
        if data[4:8] != b'TFL3':
            raise ValueError('not a TFLite file (no TFL3 identifier)')
        return data, schema.ModelT.InitFromPackedBuf(data, 0)
    except OSError as e:
        print(f'{path}: {e.strerror}', file=sys.stderr)
    except (ValueError, struct.error, IndexError) as e:
        print(f'{path}: cannot be read as a TFLite model: {e}', file=sys.stderr)
    sys.exit(2)


def check_file(path):
    """Print the dump. Returns (list of complaints, parameters, MACs)."""
    data, m = read(path)
    bad = []
    if len(data) > MAX_BYTES:
        bad.append(f'{len(data)} bytes, at most {MAX_BYTES} allowed')
    if len(m.subgraphs) != 1:
        bad.append(f'{len(m.subgraphs)} subgraphs, exactly 1 allowed')
    g = m.subgraphs[0]
    for t in g.tensors:
        if t.shapeSignature is not None and any(d < 0 for d in t.shapeSignature):
            bad.append(f'tensor {t.name.decode()}: dynamic shape')
    i, o = g.tensors[g.inputs[0]], g.tensors[g.outputs[0]]
    s, z = scales(i)
    if shape(i) != [1, 28, 28, 1] or TYPE[i.type] != 'int8' or s[0] != np.float32(1 / 255) or z[0] != -128:
        bad.append(f'input {shape(i)} {TYPE[i.type]} scale {s} zero point {z}: must be [1,28,28,1] int8, 1/255, -128')
    s, z = scales(o)
    if shape(o) != [1, 10] or TYPE[o.type] != 'int8' or s[0] != np.float32(1 / 256) or z[0] != -128:
        bad.append(f'output {shape(o)} {TYPE[o.type]} scale {s} zero point {z}: must be [1,10] int8, 1/256, -128')
    parameters = total = 0
    print(f'{os.path.basename(path)}: {len(data)} bytes, {len(g.operators)} operators')
    print(f'  {"operator":18} {"ifmap":15} {"filter":15} {"ofmap":15} {"options":17} {"MACs":>8}  quantisation of ofmap')
    for op in g.operators:
        c = m.operatorCodes[op.opcodeIndex]
        name = OPERATOR[max(c.builtinCode, c.deprecatedBuiltinCode)]
        ins = [g.tensors[k] if k >= 0 else None for k in op.inputs]
        out = g.tensors[op.outputs[0]]
        weighted = name in ('CONV_2D', 'DEPTHWISE_CONV_2D', 'FULLY_CONNECTED')
        w = ins[1] if weighted else None
        if name not in ALLOWED:
            bad.append(f'operator {name} is not among the shipped ones')
        for t in [out] + [t for t in ins if t is not None and TYPE[t.type] != 'int32']:
            if TYPE[t.type] != 'int8' or scales(t)[0].size == 0:
                bad.append(f'{name}: tensor {t.name.decode()} is {TYPE[t.type]}, quantised int8 needed')
        if weighted:
            si, sw, zw = scales(ins[0])[0], *scales(w)
            channels = 1 if name == 'FULLY_CONNECTED' else shape(out)[-1]
            axis = w.quantization.quantizedDimension
            values = np.frombuffer(bytes(m.buffers[w.buffer].data), np.int8)
            if zw.any() or sw.size not in (1, channels):
                bad.append(f'{name}: filter not symmetric, or {sw.size} scales for {channels} channels')
            if sw.size > 1 and axis != (3 if name[0] == 'D' else 0):
                bad.append(f'{name}: filter quantised along axis {axis}')
            if values.size != np.prod(shape(w)) or values.min() < -127:
                bad.append(f'{name}: filter has {values.size} values, smallest {values.min()}')
            b = ins[2] if len(ins) > 2 else None
            if b is None or TYPE[b.type] != 'int32' or scales(b)[1].any() or \
                    not np.allclose(scales(b)[0], si * sw, rtol=1e-5, atol=0):
                bad.append(f'{name}: bias must be int32, zero point 0, scale ifmap x filter')
            parameters += values.size + (0 if b is None else int(np.prod(shape(b))))
        n = macs(name, w, out)
        total += n
        s, z = scales(out)
        per = f', filter {scales(w)[0].size} scale(s)' if weighted else ''
        x = lambda t: 'x'.join(map(str, shape(t))) if t is not None else ''
        print(f'  {name:18} {x(ins[0]):15} {x(w):15} {x(out):15} {options(name, op.builtinOptions):17} {n:8}  '
              f'{s[0] if s.size else 0:.6f} zp {z[0] if z.size else 0}{per}')
    print(f'  parameters {parameters}, MACs {total}')
    return bad, parameters, total


def accuracy(path):
    """int8 top-1 over the 10,000 test images with LiteRT's reference kernels; ties go to the lowest class."""
    images, labels = fmnist.load('t10k')
    it = Interpreter(path, experimental_op_resolver_type=OpResolverType.BUILTIN_REF, num_threads=1)
    it.allocate_tensors()
    i, o = it.get_input_details()[0]['index'], it.get_output_details()[0]['index']
    right = 0
    for k, (x, y) in enumerate(zip(fmnist.quantise(images), labels)):
        it.set_tensor(i, x[None])
        it.invoke()
        right += int(it.get_tensor(o)[0].argmax() == y)
        if sys.stderr.isatty() and k % 100 == 0:
            print(f'\r  {k}/{len(labels)}', end='', file=sys.stderr)
    if sys.stderr.isatty():
        print('\r', end='', file=sys.stderr)
    return right, len(labels)


def main(args):
    measure = '--no-accuracy' not in args
    files = [a for a in args if a != '--no-accuracy'] or sorted(glob.glob(os.path.join(HERE, '*.tflite')))
    failed = False
    for path in files:
        bad, _, _ = check_file(path)
        if measure:
            right, n = accuracy(path)
            print(f'  int8 top-1 {right}/{n} = {right / n:.4f} (LiteRT 1.2.0 reference kernels)')
            least = MIN_TOP1.get(os.path.basename(path), 0)
            if right < least * n:
                bad.append(f'top-1 below {least}')
        for b in bad:
            print(f'{path}: {b}', file=sys.stderr)
        failed |= bool(bad)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
