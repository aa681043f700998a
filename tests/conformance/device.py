# SPDX-License-Identifier: Apache-2.0
"""Runs the random one-operator models through compiler and device and compares with the golden operators, byte for byte.

Where conformance-operators asks whether a golden operator is right, this asks whether the device computes the same, and which cases the
compiler leaves to the CPU, and why. Environment: N cases for each operator (40), SEED (1), OP part of an operator's name, CASE one case
number (replays it alone), CONFIG (tiny), TARGET model or rtl (model). Cases are those of conformance-operators with the same seed.
Even cases keep every tensor in memory of its own, odd ones let the compiler use memory again. With TARGET=rtl the counters that the machine
model counts too are compared with its.
"""
import ctypes as C
import os
import re
import zlib

import numpy as np

import golden
import isolated
from cases import OPERATORS, Random
from operators import UNSUPPORTED, differences
from tflite_build import variables

LIBRARY = os.environ.get("WEFT_LIB", "build/libweft.so")
SIM_DIR = os.environ.get("WEFT_SIM_DIR", "build/sim")
KEEP_ALL = 1                     # WEFT_PLAN_KEEP_ALL
UNITS = ("nothing", "device", "cpu")   # weft_unit_t
COUNTERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/spec/counters.def")
DRAM = 16 << 20                  # bytes; a case that needs more gets a device of its own


class LayerInfo(C.Structure):
    _fields_ = [("op", C.c_char_p), ("shape", C.c_char_p), ("why", C.c_char_p), ("unit", C.c_int), ("tensor", C.c_int), ("macs", C.c_uint64), ("cycles", C.c_uint64)]


class PlanInfo(C.Structure):
    _fields_ = [(n, C.c_int) for n in ("layers", "npu_layers", "cpu_layers")] + [("commands", C.c_uint32)] + [
        (n, C.c_size_t) for n in ("constant_bytes", "arena_bytes", "dram_bytes")] + [("macs", C.c_uint64), ("cycles", C.c_uint64)]


class DeviceOpts(C.Structure):
    _fields_ = [("dram_bytes", C.c_size_t), ("seed", C.c_uint), ("latency", C.c_int), ("trace", C.c_char_p), ("sim_dir", C.c_char_p)]


class Failed(Exception):
    """A call of the public API failed."""


class Api:
    """libweft.so: call("plan_make", ...) is weft_plan_make(..., &msg), an exception when it does not return 0."""

    def __init__(self):
        self.lib = C.CDLL(os.path.abspath(LIBRARY))
        self.msg = C.create_string_buffer(320)

    def call(self, name, *args):
        f = getattr(self.lib, "weft_" + name)
        f.restype = C.c_int
        code = f(*args, self.msg)
        if code:
            raise Failed(f"weft_{name}: {self.msg.value.decode()}")

    def free(self, name, handle):
        f = getattr(self.lib, "weft_" + name)
        f.restype, f.argtypes = None, [C.c_void_p]
        f(handle)


class Device:
    """A target that stays open from case to case."""

    def __init__(self, api, target, config):
        self.api, self.target, self.config, self.bytes, self.handle = api, target, config, 0, None

    def need(self, size):
        if self.handle and size <= self.bytes:
            return self.handle
        if self.handle:
            self.api.free("device_close", self.handle)
        self.bytes, self.handle = max(size, DRAM), C.c_void_p()
        opts = DeviceOpts(dram_bytes=self.bytes, sim_dir=SIM_DIR.encode())
        self.api.call("device_open", self.target.encode(), self.config.encode(), C.byref(opts), C.byref(self.handle))
        return self.handle


def exact_counters():
    """(index, name) of the counters that model and RTL share."""
    with open(COUNTERS) as f:
        return [(i, name) for i, (name, exact) in enumerate(re.findall(r"^K\((\w+), *([01]),", f.read(), re.M)) if exact == "1"]


def layers(api, plan):
    """(unit, reason) of each layer."""
    info = PlanInfo()
    api.call("plan_info", plan, C.byref(info))
    out = []
    for i in range(info.layers):
        layer = LayerInfo()
        api.call("plan_layer", plan, i, C.byref(layer))
        out.append((UNITS[layer.unit], layer.op.decode(), layer.why.decode()))
    return info.dram_bytes, out


def run_rounds(api, device, plan, dram, rounds, tensors, sizes, outputs):
    """Bytes of each tensor after each inference, and the counters of the last one. tensors beyond the first `outputs` are read by number,
    which needs KEEP_ALL."""
    session = C.c_void_p()
    api.call("session_open", device.need(dram), plan, C.byref(session))
    try:
        results = []
        for inputs in rounds:
            for i, x in enumerate(inputs):
                raw = np.ascontiguousarray(x)
                api.call("session_write", session, i, C.c_void_p(raw.ctypes.data), C.c_size_t(raw.nbytes))
            api.call("session_run", session)
            one = []
            for i, t in enumerate(tensors):
                to = np.empty(sizes[i], np.int8)
                read = ("session_read", i) if i < outputs else ("session_tensor", t)
                api.call(read[0], session, read[1], C.c_void_p(to.ctypes.data), C.c_size_t(to.nbytes))
                one.append(to)
            results.append(one)
        counters, value = {}, C.c_uint64()
        for i, name in exact_counters():
            api.call("session_counter", session, i, -1, C.byref(value))
            counters[name] = value.value
        return results, counters
    finally:
        api.free("session_close", session)


def run_case(api, device, model_device, operator, seed, number):
    """(where, text): where the operator ran (device, cpu, nothing), or refused, or failed; text: the
    CPU's reason or what is wrong. model_device: None, or a machine model whose counters must be the same."""
    case = OPERATORS[operator](Random(seed, zlib.crc32(operator.encode()), number))
    try:
        model = golden.Golden(case.model)
    except golden.Refused as e:
        return ("refused", case.refused) if case.refused and e.code == UNSUPPORTED else ("failed", f"{case.text}: refused: {e}")
    rounds = case.inputs if case.inputs and isinstance(case.inputs[0], list) else [case.inputs]
    with model:
        outputs = model.outputs()
        tensors = outputs + (variables(case.model) if case.states else [])
        ours = []
        for inputs in rounds:
            model.run(inputs)
            ours.append([model.tensor(t).copy() for t in tensors])
    net, plan = C.c_void_p(), C.c_void_p()
    try:
        api.call("net_load_bytes", case.model, C.c_size_t(len(case.model)), C.byref(net))
        flags = KEEP_ALL if case.states or number % 2 == 0 else 0
        api.call("plan_make", net, device.config.encode(), C.c_uint(flags), C.byref(plan))
        dram, units = layers(api, plan)
        run = (plan, dram, rounds, tensors, [t.size for t in ours[0]], len(outputs))
        theirs, counters = run_rounds(api, device, *run)
        expected = run_rounds(api, model_device, *run)[1] if model_device else counters
    except Failed as e:
        return "failed", f"{case.text}: {e}"
    finally:
        api.free("plan_free", plan)
        api.free("net_free", net)
    problems = [f"{k} is {v}, the machine model counts {expected[k]}" for k, v in counters.items() if v != expected[k]]
    for n in range(len(rounds)):
        for i, t in enumerate(tensors):
            text = differences(ours[n][i], theirs[n][i], device.target)
            if text:
                problems.append(f"inference {n} tensor {t}: {text}")
    if problems:
        return "failed", f"{case.text}: {'; '.join(problems)}"
    cpu = [f"{op}: {why}" for unit, op, why in units if unit == "cpu"]
    if cpu:
        return "cpu", cpu[0]
    return ("device" if any(unit == "device" for unit, _, _ in units) else "nothing"), ""


def main():
    """(equal, failed, skipped) cases."""
    n, seed = int(os.environ.get("N") or 40), int(os.environ.get("SEED") or 1)
    only, one = os.environ.get("OP") or "", os.environ.get("CASE") or ""
    config, target = os.environ.get("CONFIG") or "tiny", os.environ.get("TARGET") or "model"
    numbers = [int(one)] if one else range(n)
    chosen = [o for o in OPERATORS if only.upper() in o.upper()]
    if not chosen:
        raise SystemExit(f"OP={only}: no such operator; there are: {', '.join(OPERATORS)}")
    print(f"one-operator models on {config} {target} against the golden operators: SEED={seed}, {len(numbers)} cases each")
    print(f"{'operator':34} | cases | on device | no work | on CPU | failed | why on the CPU")
    total = dict.fromkeys(("device", "cpu", "nothing", "refused", "failed"), 0)
    for operator in chosen:
        api = Api()
        device = Device(api, target, config)
        counting = Device(api, "model", config) if target != "model" else None
        count, reasons, failures = dict.fromkeys(total, 0), {}, []
        run = lambda number: run_case(api, device, counting, operator, seed, number)  # noqa: B023, E731 (used before the next operator)
        for number, (where, text) in isolated.each(run, lambda reason: ("failed", reason), numbers):
            count[where] += 1
            if where == "failed":
                failures.append((number, text))
            elif where == "cpu":
                reasons[text] = reasons.get(text, 0) + 1
        why = "; ".join(f"{text} ({k})" for text, k in sorted(reasons.items(), key=lambda r: -r[1]))
        print(f"{operator:34} | {len(numbers) - count['refused']:5} | {count['device']:9} | {count['nothing']:7} | {count['cpu']:6} | {count['failed']:6} | {why}", flush=True)
        for number, text in failures:
            print(f"FAIL {operator} case {number}: {text}")
            print(f"     replay: make conformance-device OP='{operator}' SEED={seed} CASE={number} CONFIG={config} TARGET={target}")
        for k in total:
            total[k] += count[k]
    print(f"device ({config} {target}): {total['device']} equal on the device, {total['nothing']} need no work, {total['cpu']} left to the CPU, "
          f"{total['failed']} failed, {total['refused']} SKIPPED because the importer refuses them (SEED={seed})")
    return total["device"] + total["nothing"] + total["cpu"], total["failed"], total["refused"]
