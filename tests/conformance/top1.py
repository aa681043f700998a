# SPDX-License-Identifier: Apache-2.0
"""All 10,000 Fashion-MNIST test images through each shipped network: the golden model's class equals LiteRT's, image by image.

Stronger than the classes: every byte of every output is compared; of a network without classes nothing else is. Variables start anew for
each image. LiteRT's reference kernels take most of the time, so two processes share the images. Environment: IMAGES how many (10000), MODEL one file instead of tests/networks/*.tflite.
"""
import glob
import multiprocessing
import os
import sys
import time

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "networks"))
import fmnist  # noqa: E402
import golden  # noqa: E402
from oracles import LiteRT  # noqa: E402

PROCESSES = 2
CLASSES = 10
CHUNK = 500     # images handed to a process at a time


def run_chunk(job):
    """(output bytes of the golden model, of LiteRT, seconds of each) for a chunk of images."""
    path, images = job
    with open(path, "rb") as f:
        model = f.read()
    start = time.perf_counter()
    with golden.Golden(model) as g:
        ours = g.batch(images)
    middle = time.perf_counter()
    oracle = LiteRT(model, keep=False)
    it, detail, out = oracle.it, oracle.it.get_input_details()[0], oracle.it.get_output_details()[0]
    theirs = np.empty_like(ours)
    for i, image in enumerate(images):
        it.reset_all_variables()
        it.set_tensor(detail["index"], image.reshape(detail["shape"]))
        it.invoke()
        theirs[i] = it.get_tensor(out["index"]).ravel()
    return ours, theirs, middle - start, time.perf_counter() - middle


def main():
    """(equal, failed, skipped) networks."""
    n = int(os.environ.get("IMAGES") or 10000)
    paths = [os.environ["MODEL"]] if os.environ.get("MODEL") else sorted(glob.glob("tests/networks/*.tflite"))
    if not paths:
        print("SKIPPED top-1: no networks in tests/networks")
        return 0, 0, 1
    images, labels = fmnist.load("t10k")
    images, labels = fmnist.quantise(images[:n]), labels[:n]
    failed = 0
    with multiprocessing.Pool(PROCESSES) as pool:
        for path in paths:
            start = time.perf_counter()
            jobs = [(path, images[i:i + CHUNK]) for i in range(0, len(images), CHUNK)]
            parts = pool.map(run_chunk, jobs, chunksize=1)
            ours, theirs = (np.concatenate([p[k] for p in parts]) for k in (0, 1))
            bytes_, classes, told = int((ours != theirs).sum()), [], ""
            top, want = ours.argmax(1), theirs.argmax(1)
            if ours.shape[1] == CLASSES:
                classes = np.flatnonzero(top != want)
                told = f"{len(classes)} classes differ, top-1 golden {np.mean(top == labels):.4f} LiteRT {np.mean(want == labels):.4f}; "
            print(f"{'FAIL' if len(classes) or bytes_ else 'equal':6} {path}: {len(images)} images, {bytes_} of {ours.size} output bytes differ; {told}"
                  f"seconds golden {sum(p[2] for p in parts):.1f} LiteRT {sum(p[3] for p in parts):.1f} elapsed {time.perf_counter() - start:.1f}", flush=True)
            for i in classes[:10]:
                print(f"     image {i}: golden {top[i]} {ours[i].tolist()}, LiteRT {want[i]} {theirs[i].tolist()}")
            failed += bool(len(classes) or bytes_)
    print(f"top-1: {len(paths) - failed} networks equal, {failed} failed, {len(images)} images each")
    return len(paths) - failed, failed, 0
