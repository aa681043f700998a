# SPDX-License-Identifier: Apache-2.0
"""Compares each golden operator, byte for byte, with LiteRT's reference kernels and with TFLM on random one-operator models.

Environment: N cases for each operator (40), SEED (1), OP part of an operator's name, CASE one case number (replays it alone).
Each case draws from a generator made of (SEED, operator, case number) only, so that it can be repeated alone. A child process
runs the cases, because an oracle's failed assertion ends the process it runs in; the parent names the case and goes on.
"""
import os
import zlib

import numpy as np

import golden
import isolated
from cases import OPERATORS, Random
from oracles import TFLM, LiteRT
from tflite_build import variables

UNSUPPORTED = -4  # WEFT_E_UNSUPPORTED
SHOWN = 10        # differing values printed for one case


def differences(ours, theirs, name):
    theirs = np.ascontiguousarray(theirs).view(np.int8).ravel()
    if ours.size != theirs.size:
        return f"{name} has {theirs.size} bytes, the golden model {ours.size}"
    at = np.flatnonzero(ours != theirs)
    if not at.size:
        return ""
    lines = [f"index {i} golden {ours[i]} {name} {theirs[i]}" for i in at[:SHOWN]]
    return f"{at.size} of {ours.size} bytes differ from {name}: " + "; ".join(lines) + (" ..." if at.size > SHOWN else "")


def run_case(operator, seed, number):
    """(status, bytes compared with LiteRT, with TFLM, text). Status: equal, refused, failed."""
    case = OPERATORS[operator](Random(seed, zlib.crc32(operator.encode()), number))
    try:
        model = golden.Golden(case.model)
    except golden.Refused as e:
        if case.refused and e.code == UNSUPPORTED:
            return "refused", 0, 0, case.refused
        return "failed", 0, 0, f"{case.text}: refused: {e}"
    rounds = case.inputs if case.inputs and isinstance(case.inputs[0], list) else [case.inputs]
    ours = []
    with model:
        graph_outs = model.outputs()
        outs = graph_outs + (variables(case.model) if case.states else [])
        for inputs in rounds:
            model.run(inputs)
            ours.append([model.tensor(t).copy() for t in outs])
    size = sum(t.size for one in ours for t in one)
    problems, compared, reasons = [], [], []
    for oracle, reason, step in ((LiteRT, case.litert, ""), (TFLM, case.tflm, case.step)):
        compared.append(0 if reason else size)
        if reason:
            reasons.append(reason)
            continue
        other = oracle(case.stand_in or case.model, **({"optimised": True} if case.optimised and oracle is LiteRT else {}))
        for n, inputs in enumerate(rounds):
            other.run(inputs)
            for i, t in enumerate(outs):
                theirs = other.output(i, t) if i < len(graph_outs) else other.tensor(t)
                text = differences(ours[n][i], theirs, oracle.name)
                if text and step and np.abs(ours[n][i].astype(int) - theirs.astype(int).ravel()).max() <= 1:
                    reasons.append(step)
                elif text:
                    problems.append((f"inference {n} " if len(rounds) > 1 else "") + (f"output {i} " if len(graph_outs) > 1 else "state " if i >= len(graph_outs) else "") + text)
    if not any(compared):
        problems.append("compared with no oracle")
    return ("failed" if problems else "equal"), *compared, f"{case.text}: {'; '.join(problems)}" if problems else "; ".join(reasons)


def lost(reason):
    """The result of a case that has none."""
    return "failed", 0, 0, reason


def main():
    """(equal, failed, skipped) cases."""
    n, seed = int(os.environ.get("N") or 40), int(os.environ.get("SEED") or 1)
    only, one = os.environ.get("OP") or "", os.environ.get("CASE") or ""
    numbers = [int(one)] if one else range(n)
    chosen = [o for o in OPERATORS if only.upper() in o.upper()]
    if not chosen:
        raise SystemExit(f"OP={only}: no such operator; there are: {', '.join(OPERATORS)}")
    print(f"golden operators against LiteRT 1.2.0 reference kernels and TFLM: SEED={seed}, {len(numbers)} cases each")
    total = {"equal": 0, "refused": 0, "failed": 0}
    notes = {}
    for operator in chosen:
        count, sizes = dict.fromkeys(total, 0), [0, 0]
        for number, (status, lite, micro, text) in isolated.each(lambda k: run_case(operator, seed, k), lost, numbers):  # noqa: B023
            count[status] += 1
            sizes[0] += lite
            sizes[1] += micro
            if status == "failed":
                print(f"FAIL {operator} case {number}: {text}")
                print(f"     replay: make conformance-operators OP='{operator}' SEED={seed} CASE={number}")
            elif text:
                notes.setdefault(text, {}).setdefault(operator, 0)
                notes[text][operator] += 1
        print(f"{operator:34} {count['equal']:5} equal {count['refused']:5} refused {count['failed']:5} failed; "
              f"bytes compared: LiteRT {sizes[0]}, TFLM {sizes[1]}", flush=True)
        for k in total:
            total[k] += count[k]
    if notes:
        print("known differences, and what was not compared for them:")
        for text, operators in notes.items():
            print(f"  {text}: " + ", ".join(f"{o} ({k})" for o, k in operators.items()))
    print(f"operators: {total['equal']} equal, {total['failed']} failed, {total['refused']} SKIPPED because the importer refuses them (SEED={seed})")
    return total["equal"], total["failed"], total["refused"]
