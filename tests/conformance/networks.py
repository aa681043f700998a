# SPDX-License-Identifier: Apache-2.0
"""Whole networks, layer by layer: every operator's output of the golden model against LiteRT's reference kernels and TFLM.

Networks: MODEL=file when given, else the shipped ones in tests/networks and, when ../shared/models exists, the MLPerf Tiny files there.
Environment: N input sets for each network (4 at most; the last two are all -128 and all 127), SEED.
Variables live on from one input set to the next, and are compared after each.
A network that the importer refuses is reported as SKIPPED with the reason; one that an oracle refuses has failed, or stands in NO_TFLM.
"""
import glob
import os
import zlib

import numpy as np

import golden
from operators import differences
from oracles import TFLM, LiteRT
from tflite_build import variables

MLPERF_TINY = ("pretrainedResnet_quant", "kws_ref_model", "vww_96_int8", "ad01_int8", "str_ww_ref_model")
ALSO = ("smallcnn_32_int8", "fmnist_dscnn_int8", "micro_speech_quantized", "mobilenetv1_0.5_128_int8", "mobilenetv1_1.0_224_int8",
        "mobilenetv2_1.0_224_int8", "mobilenetv3small_224_int8", "alexnet_conv_227_int8", "kws_ref_int8_w4", "bert_tiny_64x128_int8",
        "bert_tiny_relu_64x128_int8", "trained_lstm_int8", "lstm_kws_49x40_int8", "gru_kws_49x40_int8", "unet_64_int8")
SHARED = "../shared/models"
UNSUPPORTED = -4  # WEFT_E_UNSUPPORTED
# Networks on which an oracle is known not to run, and why.
NO_TFLM = {"alexnet_conv_227_int8": "TFLM has no grouped CONV_2D",
           "kws_ref_int8_w4": "TFLM has no FULLY_CONNECTED with INT4 weights and a scale for each channel",
           "bert_tiny_64x128_int8": "TFLM has no GELU",
           "fmnist_transformer": "TFLM has no GELU",
           "fmnist_lstm": "TFLM's LSTM follows other rules (docs/numerics.md)",
           "lstm_kws_49x40_int8": "TFLM's LSTM follows other rules (docs/numerics.md)",
           "trained_lstm_int8": "TFLM's LSTM follows other rules (docs/numerics.md)"}


def networks():
    if os.environ.get("MODEL"):
        return [os.environ["MODEL"]], []
    missing = []
    found = sorted(glob.glob("tests/networks/*.tflite"))
    for name in MLPERF_TINY + ALSO:
        path = f"{SHARED}/{name}.tflite"
        (found if os.path.exists(path) else missing).append(path)
    return found, missing


def draw(generator, d):
    if d["dtype"] == np.float32:
        return generator.normal(0, 1, d["shape"]).astype(np.float32)
    info = np.iinfo(d["dtype"])
    return generator.integers(info.min, info.max + 1, d["shape"], dtype=d["dtype"])


def extreme(d, top):
    if d["dtype"] == np.float32:
        return np.full(d["shape"], 4 if top else -4, np.float32)
    info = np.iinfo(d["dtype"])
    return np.full(d["shape"], info.max if top else info.min, d["dtype"])


def input_sets(details, generator, n):
    for k in range(n):
        if n - k <= 2 and n > 2:
            yield [extreme(d, n - k == 1) for d in details]
        else:
            yield [draw(generator, d) for d in details]


def check(path, seed, n):
    """(operators compared, problems, note)"""
    with open(path, "rb") as f:
        bytes_ = f.read()
    name = os.path.basename(path).removesuffix(".tflite")
    generator = np.random.default_rng([seed, zlib.crc32(name.encode())])
    compared, problems = 0, []
    with golden.Golden(bytes_) as model:   # first: a network that Weft refuses needs no oracle
        lite = LiteRT(bytes_)
        oracles = [lite] if name in NO_TFLM else [lite, TFLM(bytes_)]
        ops, states = model.ops(), [("state", t) for t in variables(bytes_)]
        for number, inputs in enumerate(input_sets(lite.it.get_input_details(), generator, n)):
            model.run(inputs)
            for oracle in oracles:
                oracle.run(inputs)
                for k, (op, out) in enumerate(ops + states):
                    compared += 1
                    text = differences(model.tensor(out), oracle.tensor(out), oracle.name)
                    if text:
                        problems.append(f"input {number} operator {k} {op} tensor {out}: {text}")
    return len(ops), compared, problems, NO_TFLM.get(name, "")


def main():
    """(equal, failed, skipped) networks."""
    n, seed = min(int(os.environ.get("N") or 4), 4), int(os.environ.get("SEED") or 1)
    found, missing = networks()
    print(f"golden networks against LiteRT 1.2.0 reference kernels and TFLM, layer by layer: SEED={seed}, {n} inputs each")
    count = {"equal": 0, "failed": 0, "skipped": len(missing)}
    for path in missing:
        print(f"SKIPPED {path}: not there")
    for path in found:
        try:
            ops, compared, problems, note = check(path, seed, n)
        except golden.Refused as e:
            verdict = "skipped" if e.code == UNSUPPORTED else "failed"
            print(f"{'SKIPPED' if verdict == 'skipped' else 'FAIL'} {path}: {e}")
        except (OSError, RuntimeError, ValueError) as e:  # unreadable file, or an oracle that does not take it
            verdict = "failed"
            print(f"FAIL {path}: {type(e).__name__}: {e}")
        else:
            verdict = "failed" if problems else "equal"
            print(f"{'FAIL' if problems else 'equal':7} {path}: {ops} operators, {compared} outputs compared" + (f" ({note})" if note else ""), flush=True)
            for text in problems[:10]:
                print(f"     {text}")
            if problems:
                print(f"     replay: make conformance-networks MODEL={path} SEED={seed} N={n}")
        count[verdict] += 1
    print(f"networks: {count['equal']} equal, {count['failed']} failed, {count['skipped']} skipped (SEED={seed})")
    return count["equal"], count["failed"], count["skipped"]
