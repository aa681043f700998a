# SPDX-License-Identifier: Apache-2.0
"""How long the golden model takes beside LiteRT's reference kernels, which it equals byte for byte: one thread each, in turns, the least of RUNS (N=).

Networks: the trained ones of ../shared/models where that exists, else the shipped ones. One passes that stays within LIMIT times LiteRT's
time and has its output.
"""
import os
import time

import numpy as np

import golden
from networks import SHARED, draw
from oracles import LiteRT

NETWORKS = ("pretrainedResnet_quant", "mobilenetv1_1.0_224_int8", "alexnet_conv_227_int8")
SHIPPED = ("fmnist_resnet", "fmnist_dscnn")  # without them
LIMIT = float(os.environ.get("LIMIT") or 1.5)  # times LiteRT's
RUNS = int(os.environ.get("N") or 3)


def seconds(run, inputs):
    begin = time.perf_counter()
    run(inputs)
    return time.perf_counter() - begin


def measure(path):
    """(golden, LiteRT) seconds for an inference; the outputs are compared."""
    with open(path, "rb") as f:
        bytes_ = f.read()
    lite = LiteRT(bytes_, keep=False)
    inputs = [draw(np.random.default_rng(1), d) for d in lite.it.get_input_details()]
    with golden.Golden(bytes_) as model:
        pairs = [(seconds(model.run, inputs), seconds(lite.run, inputs)) for _ in range(RUNS)]
        out = model.outputs()[0]
        if not np.array_equal(model.tensor(out), lite.output(0, out).view(np.int8).ravel()):
            raise RuntimeError(f"{path}: outputs differ")
    return min(p[0] for p in pairs), min(p[1] for p in pairs)


def main():
    """(within, beyond, skipped) networks."""
    paths = [f"{SHARED}/{n}.tflite" for n in NETWORKS]
    if not all(os.path.exists(p) for p in paths):
        paths = [f"tests/networks/{n}.tflite" for n in SHIPPED]
    within = 0
    print(f"{'network':28} {'golden model, s':>16} {'LiteRT reference, s':>20} {'ratio':>7}")
    for path in paths:
        mine, theirs = measure(path)
        within += mine <= LIMIT * theirs
        print(f"{os.path.basename(path).removesuffix('.tflite'):28} {mine:16.3f} {theirs:20.3f} {mine / theirs:7.2f}")
    print(f"golden model: {within} of {len(paths)} networks within {LIMIT} times LiteRT's reference kernels")
    return within, len(paths) - within, 0
