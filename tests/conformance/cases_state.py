# SPDX-License-Identifier: Apache-2.0
"""Random one-operator models: operators with a state of their own, UNIDIRECTIONAL_SEQUENCE_LSTM and SVDF. Each runs three inferences."""
import numpy as np

from cases_common import Case, F, int8, near, pick, scale, scaled, tie, zero
from tflite_build import OP, Tensor, build, options

INFERENCES = 3
TANH = 4  # the fused activation's number


def lstm(g):
    batch, steps, features, units = int(pick(g, 1, 1, 2, 3)), int(g.integers(1, 7)), int(g.integers(1, 50)), int(g.integers(1, 50))
    time_major, full = bool(g.random() < .3), g.random() < .2
    if full:  # cells that fill up: units whose gates stay open for many steps
        batch, steps, units = 1, int(g.integers(20, 50)), int(g.integers(1, 9))
    si, zi, sh, zh = scale(g, .002, .1), zero(g), scale(g, .004, .01), zero(g)
    log2 = -int(g.integers(9, 16)) if g.random() < .5 else -12
    log2 = -int(g.integers(9, 11)) if full else log2
    # Products reach from a fraction of a gate's range to far beyond it.
    def weights(columns, other):
        reach = np.exp(g.uniform(np.log(.3), np.log(30)))
        s = near(g, reach / (np.sqrt(columns) * 73 * 74 * float(other)))
        w = g.integers(-128, 128, (units, columns), dtype=np.int8)
        w[dead] = 0
        return Tensor((units, columns), s, 0, w)
    dead = g.random(units) < pick(g, 0, 0, .5)  # gates of exactly one half: the cell's products are rounding ties
    wi, wr = [weights(features, si) for _ in range(4)], [weights(units, sh) for _ in range(4)]
    spread = float(np.sqrt(features) * 73 * 74)
    bias = []
    for i, t in enumerate(wi):
        b = np.where(dead & (i != 2), 0, np.round(g.normal(0, spread, units)))
        if full:
            b = np.where(g.random(units) < .8, 8 / float(si * t.scale[0]), b)
        bias.append(Tensor((units,), si * t.scale, 0, b.clip(-2 ** 31, 2 ** 31 - 1).astype(np.int32), "int32"))
    clip = 0.0 if full else float(pick(g, 0, 10, float(g.uniform(.05, 8))))
    hidden = Tensor((batch, units), sh, zh, variable=True)
    cell = Tensor((batch, units), F(2.0 ** log2), 0, dtype="int16", variable=True)
    # Converters give the hidden product the state's quantisation.
    mid = [Tensor((0,), dtype="float32") for _ in range(4)] + [Tensor((0,), sh, zh)]
    shape = (steps, batch, features) if time_major else (batch, steps, features)
    x = Tensor(shape, si, zi)
    ins = [x, *wi, *wr, None, None, None, *bias, None, None, hidden, cell, None, None, None, None]
    opts = options("UnidirectionalSequenceLSTM", fusedActivationFunction=TANH, cellClip=clip, timeMajor=time_major)
    text = f"in {shape} units {units} {'time first ' if time_major else ''}clip {clip:.3g} cell scale 2^{log2}"
    return Case(text, build(OP.UNIDIRECTIONAL_SEQUENCE_LSTM, 1, opts, ins, Tensor(shape[:2] + (units,), sh, zh), mid),
                [[int8(g, shape)] for _ in range(INFERENCES)], states=True, tflm="TFLM's LSTM takes logistic and tanh from other tables and rounds the cell's products twice")


def svdf(g, state):
    batch, inputs, units, rank, memory = int(pick(g, 1, 1, 2)), int(g.integers(1, 40)), int(g.integers(1, 20)), int(g.integers(1, 4)), int(g.integers(2, 12))
    filters = units * rank
    si, zi, so, zo, sf = scale(g, .005, .2), zero(g), scale(g, .01, .3), zero(g), scale(g, .002, .05)
    zs = zero(g) if state == "int8" else 0
    top = 32767 if state == "int16" else 127
    ss = near(g, float(si) * float(sf) * np.sqrt(inputs) * 73 * 74 / top * np.exp(g.uniform(np.log(.3), np.log(8))))
    lim = int(pick(g, 127, top))
    wt = g.integers(-lim, lim + 1, (filters, memory)).astype(state)
    st = near(g, float(so) * 127 / (float(ss) * np.sqrt(memory * rank) * lim * .6 * top * .4) * np.exp(g.uniform(np.log(.1), np.log(3))))
    bias = np.round(g.normal(0, float(so) * 40 / float(ss * st), units)).clip(-2 ** 31, 2 ** 31 - 1).astype(np.int32)
    wf = g.integers(-128, 128, (filters, inputs), dtype=np.int8)
    x = [int8(g, (batch, inputs)) for _ in range(INFERENCES)]
    if g.random() < .5:  # the first output falls next to a tie; the memory is still empty but for its last place
        f = scaled((x[0][0].astype(np.int64) - zi) @ wf[:rank].astype(np.int64).T, float(si) * float(sf) / float(ss)).clip(-top - 1, top)
        f = (f + zs + 128) % 256 - 128 - zs if state == "int8" else f
        first = int(bias[0]) + int(f @ wt[:rank, -1].astype(np.int64))
        so = F(float(ss) * float(st) / tie(g, abs(first))) if first else so
    ins = [Tensor((batch, inputs), si, zi), Tensor(wf.shape, sf, 0, wf), Tensor(wt.shape, st, 0, wt, state), Tensor((units,), ss * st, 0, bias, "int32"),
           Tensor((batch, filters * memory), ss, zs, dtype=state, variable=True)]
    return Case(f"in {batch}x{inputs} units {units} rank {rank} memory {memory}",
                build(OP.SVDF, 3, options("SVDF", rank=rank, fusedActivationFunction=1), ins, Tensor((batch, units), so, zo)),
                [[v] for v in x], states=True, litert="LiteRT's integer SVDF corrupts its process")


OPERATORS = {
    "UNIDIRECTIONAL_SEQUENCE_LSTM": lstm,
    "SVDF int16 state": lambda g: svdf(g, "int16"),
    "SVDF int8 state": lambda g: svdf(g, "int8"),
}
