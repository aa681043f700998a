# SPDX-License-Identifier: Apache-2.0
"""The golden model from Python: ctypes over libweft_golden.so (golden_capi.c)."""
import ctypes as C
import os

import numpy as np

LIBRARY = os.environ.get("WEFT_GOLDEN_LIB", "build/libweft_golden.so")


class Refused(Exception):
    """weft_import or the golden model declined; .code is the weft_error."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def _library():
    lib = C.CDLL(os.path.abspath(LIBRARY))
    p, i, n = C.c_void_p, C.c_int, C.c_size_t
    for name, result, args in (
        ("open", i, [C.c_char_p, n, C.POINTER(p), C.c_char_p]), ("close", None, [p]), ("tensors", i, [p]), ("ops", i, [p]),
        ("op_outputs", i, [p, i]), ("op_output", i, [p, i, i]), ("op_name", C.c_char_p, [p, i]), ("inputs", i, [p]), ("input", i, [p, i]), ("outputs", i, [p]),
        ("output", i, [p, i]), ("data", p, [p, i]), ("bytes", n, [p, i]), ("run", i, [p, C.c_char_p]), ("reset", None, [p]), ("batch", i, [p, p, n, p, C.c_char_p]),
    ):
        f = getattr(lib, "capi_" + name)
        f.restype, f.argtypes = result, args
    return lib


_lib = None


class Golden:
    """One network. tensor(t) is a live view of tensor t's bytes as int8 (reshape and view it as needed)."""

    def __init__(self, model):
        global _lib
        _lib = _lib or _library()
        self.msg = C.create_string_buffer(320)
        self.handle = C.c_void_p()
        self._check(_lib.capi_open(model, len(model), C.byref(self.handle), self.msg))

    def _check(self, code):
        if code:
            raise Refused(code, self.msg.value.decode())

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        _lib.capi_close(self.handle)
        self.handle = None

    def inputs(self):
        return [_lib.capi_input(self.handle, i) for i in range(_lib.capi_inputs(self.handle))]

    def outputs(self):
        return [_lib.capi_output(self.handle, i) for i in range(_lib.capi_outputs(self.handle))]

    def ops(self):
        """(TFLite name, output tensor) of each operator in execution order; an operator with several outputs appears once for each."""
        return [(_lib.capi_op_name(self.handle, k).decode(), _lib.capi_op_output(self.handle, k, i))
                for k in range(_lib.capi_ops(self.handle)) for i in range(_lib.capi_op_outputs(self.handle, k))]

    def reset(self):
        """Variables take their first values again."""
        _lib.capi_reset(self.handle)

    def tensor(self, t):
        n = _lib.capi_bytes(self.handle, t)
        return np.frombuffer((C.c_int8 * n).from_address(_lib.capi_data(self.handle, t)), np.int8)

    def run(self, inputs):
        for t, x in zip(self.inputs(), inputs, strict=True):
            view = self.tensor(t)
            raw = np.ascontiguousarray(x).view(np.int8).ravel()
            if raw.size != view.size:
                raise ValueError(f"tensor {t} takes {view.size} bytes, given {raw.size}")
            view[:] = raw
        self._check(_lib.capi_run(self.handle, self.msg))

    def batch(self, images):
        """Output 0 of each image, int8 [images, values]; variables start anew for each."""
        images = np.ascontiguousarray(images, np.int8)
        if images[0].size != self.tensor(self.inputs()[0]).size:
            raise ValueError("image size differs from the network's input")
        outputs = np.empty((len(images), self.tensor(self.outputs()[0]).size), np.int8)
        self._check(_lib.capi_batch(self.handle, images.ctypes.data, len(images), outputs.ctypes.data, self.msg))
        return outputs
