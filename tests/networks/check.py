# SPDX-License-Identifier: Apache-2.0
"""Dump .tflite files operator by operator, check that they are what Weft ships, and measure their int8 accuracy.

usage: check.py [--no-accuracy] [FILE.tflite]...       (all files beside this script without arguments)

Why: a network in the tree must keep to the shipped operators, fixed shapes and the int8 quantisation scheme, whichever
converter version wrote it. Accuracy comes from LiteRT 1.2.0's reference kernels, the oracle of the project: top-1 of the classifiers, for
unet the mean intersection over union of its masks (see fmnist.py). Needs no TensorFlow.
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
LEAST = {'fmnist_resnet.tflite': 0.88, 'fmnist_dscnn.tflite': 0.85, 'fmnist_mlp.tflite': 0.86, 'fmnist_transformer.tflite': 0.85,
         'fmnist_lstm.tflite': 0.85, 'fmnist_unet.tflite': 0.90}     # top-1; unet: IoU in noise
LSTM = 'UNIDIRECTIONAL_SEQUENCE_LSTM'
ALLOWED = set('CONV_2D DEPTHWISE_CONV_2D FULLY_CONNECTED ADD AVERAGE_POOL_2D MAX_POOL_2D MEAN SOFTMAX RESHAPE SQUEEZE PAD '
              'QUANTIZE RELU RELU6 BATCH_MATMUL TRANSPOSE SQUARED_DIFFERENCE RSQRT MUL SUB GELU TRANSPOSE_CONV RESIZE_BILINEAR '
              'CONCATENATION STRIDED_SLICE'.split() + [LSTM])
# Of a weighted operator: where its ifmap, filter and bias stand among its inputs, and its filter's dimension of output channels.
WEIGHTED = {'CONV_2D': (0, 1, 2, 0), 'DEPTHWISE_CONV_2D': (0, 1, 2, 3), 'FULLY_CONNECTED': (0, 1, 2, 0), 'TRANSPOSE_CONV': (2, 1, 3, 0)}
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


def macs(name, op, ins, out):
    """Multiply-accumulates of one operator, padding included (the figure every published table uses)."""
    i, o = shape(ins[0]), shape(out)
    if name in WEIGHTED:
        x, w = (shape(ins[k]) for k in WEIGHTED[name][:2])
    if name == 'CONV_2D':                       # filter [oc,kh,kw,ic]
        return int(np.prod(o) * np.prod(w[1:]))
    if name == 'DEPTHWISE_CONV_2D':             # filter [1,kh,kw,oc]
        return int(np.prod(o) * w[1] * w[2])
    if name == 'FULLY_CONNECTED':               # filter [oc,ic]
        return int(np.prod(o) * w[1])
    if name == 'TRANSPOSE_CONV':                # filter [oc,kh,kw,ic]: every ifmap value meets every tap
        return int(np.prod(x) * np.prod(w[:3]))
    if name == 'BATCH_MATMUL':
        return int(np.prod(o) * i[-2 if op.builtinOptions.adjX else -1])
    if name == LSTM:                            # four gates, each from the input and from the last output
        return int(np.prod(o) * 4 * (i[-1] + o[-1]))
    return 0


def options(name, b):
    """The operator's options in a few characters."""
    s = []
    if name.endswith('POOL_2D'):
        s.append(f'{b.filterHeight}x{b.filterWidth}')
    if name.endswith('_2D') or name == 'TRANSPOSE_CONV':
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


def constant(m, t):
    data = m.buffers[t.buffer].data
    return data is not None and len(data) > 0


def check_filter(m, name, ins, out):
    """Complaints about filter and bias of a weighted operator."""
    bad = []
    i, w, b, axis = WEIGHTED[name]
    channels = 1 if name == 'FULLY_CONNECTED' else shape(out)[-1]
    bias = ins[b] if len(ins) > b else None
    w = ins[w]
    si, sw, zw = scales(ins[i])[0], *scales(w)
    values = np.frombuffer(bytes(m.buffers[w.buffer].data), np.int8)
    if zw.any() or sw.size not in (1, channels):
        bad.append(f'filter not symmetric, or {sw.size} scales for {channels} channels')
    if sw.size > 1 and w.quantization.quantizedDimension != axis:
        bad.append(f'filter quantised along axis {w.quantization.quantizedDimension}')
    if values.size != np.prod(shape(w)) or values.min() < -127:
        bad.append(f'filter has {values.size} values, smallest {values.min()}')
    if bias is None or TYPE[bias.type] != 'int32' or scales(bias)[1].any() or not np.allclose(scales(bias)[0], si * sw, rtol=1e-5, atol=0):
        bad.append('bias must be int32, zero point 0, scale ifmap x filter')
    return bad


def check_file(path):
    """Print the dump. Returns the list of complaints."""
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
    if shape(o) == [1, 28, 28, 1]:
        if TYPE[o.type] != 'int8' or s.size != 1:
            bad.append(f'output {TYPE[o.type]} scale {s}: a mask must be int8 with one scale')
    elif shape(o) != [1, 10] or TYPE[o.type] != 'int8' or s[0] != np.float32(1 / 256) or z[0] != -128:
        bad.append(f'output {shape(o)} {TYPE[o.type]} scale {s} zero point {z}: must be [1,10] int8, 1/256, -128, or a mask [1,28,28,1]')
    total = 0
    parameters = sum(int(np.prod(shape(t))) for t in g.tensors if shape(t) and constant(m, t) and scales(t)[0].size)
    print(f'{os.path.basename(path)}: {len(data)} bytes, {len(g.operators)} operators')
    print(f'  {"operator":28} {"ifmap":15} {"filter":15} {"ofmap":15} {"options":17} {"MACs":>8}  quantisation of ofmap')
    for op in g.operators:
        c = m.operatorCodes[op.opcodeIndex]
        name = OPERATOR[max(c.builtinCode, c.deprecatedBuiltinCode)]
        ins = [g.tensors[k] if k >= 0 else None for k in op.inputs]
        out = g.tensors[op.outputs[0]]
        ifmap, w = [ins[k] for k in WEIGHTED[name][:2]] if name in WEIGHTED else (ins[0], None)
        if name not in ALLOWED:
            bad.append(f'operator {name} is not among the shipped ones')
        for t in [out] + [t for t in ins if t is not None and TYPE[t.type] != 'int32']:
            state = name == LSTM and t.isVariable and TYPE[t.type] == 'int16'      # the cells
            if not state and TYPE[t.type] != 'int8' or scales(t)[0].size == 0:
                bad.append(f'{name}: tensor {t.name.decode()} is {TYPE[t.type]}, quantised int8 needed')
        if name in WEIGHTED:
            bad += [f'{name}: {text}' for text in check_filter(m, name, ins, out)]
        n = macs(name, op, ins, out)
        total += n
        s, z = scales(out)
        per = f', filter {scales(w)[0].size} scale(s)' if w else ''
        x = lambda t: 'x'.join(map(str, shape(t))) if t is not None else ''
        print(f'  {name:28} {x(ifmap):15} {x(w):15} {x(out):15} {options(name, op.builtinOptions):17} {n:8}  '
              f'{s[0] if s.size else 0:.6f} zp {z[0] if z.size else 0}{per}')
    print(f'  parameters {parameters}, MACs {total}')
    return bad


def outputs(path, images):
    """The int8 outputs for uint8 images, with LiteRT's reference kernels, and the output's zero point. Variables start anew for each image."""
    it = Interpreter(path, experimental_op_resolver_type=OpResolverType.BUILTIN_REF, num_threads=1)
    it.allocate_tensors()
    i, o = it.get_input_details()[0]['index'], it.get_output_details()[0]
    out = np.empty((len(images), *o['shape'][1:]), np.int8)
    for k, x in enumerate(fmnist.quantise(images)):
        it.reset_all_variables()
        it.set_tensor(i, x[None])
        it.invoke()
        out[k] = it.get_tensor(o['index'])[0]
        if sys.stderr.isatty() and k % 100 == 0:
            print(f'\r  {k}/{len(images)}', end='', file=sys.stderr)
    if sys.stderr.isatty():
        print('\r', end='', file=sys.stderr)
    return out, o['quantization'][1]


def accuracy(path):
    """Prints the int8 figure over the 10,000 test images and returns it: top-1 (ties go to the lowest class), or IoU in noise."""
    images, labels = fmnist.load('t10k')
    if os.path.basename(path) != 'fmnist_unet.tflite':
        right = int((outputs(path, images)[0].argmax(1) == labels).sum())
        print(f'  int8 top-1 {right}/{len(labels)} = {right / len(labels):.4f} (LiteRT 1.2.0 reference kernels)')
        return right / len(labels)
    truth = fmnist.silhouettes(images)
    for what, x in fmnist.segmentation(images):
        out, zero = outputs(path, x)
        figure = fmnist.iou(out > zero, truth)
        print(f'  int8 IoU {figure:.4f} on {len(x)} {what} images (LiteRT 1.2.0 reference kernels)')
    return figure


def main(args):
    measure = '--no-accuracy' not in args
    files = [a for a in args if a != '--no-accuracy'] or sorted(glob.glob(os.path.join(HERE, '*.tflite')))
    failed = False
    for path in files:
        bad = check_file(path)
        least = LEAST.get(os.path.basename(path), 0)
        if measure and accuracy(path) < least:
            bad.append(f'accuracy below {least}')
        for b in bad:
            print(f'{path}: {b}', file=sys.stderr)
        failed |= bool(bad)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
