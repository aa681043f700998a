# SPDX-License-Identifier: Apache-2.0
"""The two outside oracles: LiteRT 1.2.0's reference kernels and TensorFlow Lite for Microcontrollers.

Both keep every tensor, so that a network can be compared layer by layer.
"""
import contextlib
import os

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_micro.python.tflite_micro import runtime

ARENA = 32 << 20  # bytes for TFLM's tensors, all kept: MobileNetV1-1.0-224 takes about 20 MiB


@contextlib.contextmanager
def quiet():
    """Silences what the oracles' C++ prints on file descriptor 2 (allocation reports, refusals that we report ourselves)."""
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


class LiteRT:
    name = "LiteRT"

    def __init__(self, model, keep=True, optimised=False):
        """keep: inner tensors stay readable after run(). optimised: LiteRT's fast kernels (never XNNPACK) instead of the reference."""
        kernels = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES if optimised else OpResolverType.BUILTIN_REF
        with quiet():
            self.it = Interpreter(model_content=model, experimental_op_resolver_type=kernels,
                                  experimental_preserve_all_tensors=keep, num_threads=1)
            self.it.allocate_tensors()

    def run(self, inputs):
        with quiet():
            for d, x in zip(self.it.get_input_details(), inputs, strict=True):
                self.it.set_tensor(d["index"], x)
            self.it.invoke()

    def tensor(self, t):
        return np.ascontiguousarray(self.it.get_tensor(t))

    def output(self, i, t):
        """Graph output i, which is tensor t of the network that the golden model ran."""
        return self.tensor(self.it.get_output_details()[i]["index"])


class TFLM:
    name = "TFLM"

    def __init__(self, model):
        with quiet():
            self.it = runtime.Interpreter.from_bytes(model, arena_size=ARENA, intrepreter_config=runtime.InterpreterConfig.kPreserveAllTensors)

    def run(self, inputs):
        with quiet():
            for i, x in enumerate(inputs):
                self.it.set_input(x, i)
            self.it.invoke()

    def tensor(self, t):
        return np.ascontiguousarray(self.it.GetTensor(t, 0)["tensor_data"])

    def output(self, i, t):
        return np.ascontiguousarray(self.it.get_output(i))
