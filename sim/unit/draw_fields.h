// SPDX-License-Identifier: Apache-2.0
//
// Draws CONV and VEC commands whose fields are often legal, for the unit benches of the command path.

#ifndef WEFT_SIM_UNIT_DRAW_FIELDS_H
#define WEFT_SIM_UNIT_DRAW_FIELDS_H

#include <cstdint>
extern "C" {
#include "conv_shape.h"
#include "legal.h"
#include "weft_spec.h"
}

struct FieldRng {
  uint64_t s;
  uint64_t next() { s ^= s >> 12; s ^= s << 25; s ^= s >> 27; return s * 0x2545f4914f6cdd1dull; }
  int64_t range(int64_t lo, int64_t hi) { return lo + (int64_t)((next() >> 16) % (uint64_t)(hi - lo + 1)); }
  bool percent(int p) { return range(0, 99) < p; }
};

inline void draw_conv(FieldRng &r, const weft_config_t *cfg, weft_conv_t *c)
{
  c->opcode = WEFT_CMD_CONV;
  c->in_h = r.range(1, 60);
  c->in_w = r.range(1, 60);
  c->in_w_last = r.range(1, c->in_w);
  c->stride_y = r.range(1, 4);
  c->stride_x = r.range(1, 4);
  c->dil_y = r.percent(60) ? 1 : r.range(1, 6);
  c->dil_x = r.percent(60) ? 1 : r.range(1, 6);
  c->R = r.range(1, 5);
  c->S = r.range(1, 5);
  c->qw_lg = r.range(0, 3);
  c->kind = r.range(0, 2);
  c->chain_len = r.percent(50) ? c->R : r.range(1, cfg->rows);
  c->nchain = r.percent(60) ? 1 : r.range(1, cfg->rows);
  c->groups = c->kind == WEFT_CHAIN_GROUPS ? c->nchain : r.range(1, 9);
  c->P = r.range(1, 20);
  c->e_cols = r.range(1, cfg->cols);
  c->T = c->kind == WEFT_CHAIN_GROUPS ? 1 : r.range(1, cfg->cols / (int)c->e_cols);
  c->FT = r.range(1, 60);
  c->OH = r.percent(10) ? r.range(1, 65535) : r.range(1, 60);
  c->OW = r.percent(10) ? r.range(1, 65535) : r.range(1, 60);
  c->OW_last = r.range(1, c->OW);
  c->M = r.range(1, 100);
  c->out_c0 = r.range(0, 15);
  c->act_min = r.range(-128, 20);
  c->act_max = r.range(-20, 127);
  weft_conv_derive(cfg, c);
}

inline void draw_vec(FieldRng &r, weft_vec_t *c)
{
  c->opcode = WEFT_CMD_VEC;
  c->n0 = r.range(1, 9);
  c->n1 = r.range(1, 9);
  c->n2 = r.range(1, 9);
  c->nsteps = r.range(1, 4);
  c->k0 = c->nsteps == 1 && r.percent(80) ? 1 : r.range(1, 3);
  c->k1 = c->nsteps == 1 && r.percent(80) ? 1 : r.range(1, 3);
  c->act_min = r.range(-128, 20);
  c->act_max = r.range(-20, 127);
  int64_t *step[4] = {&c->step0, &c->step1, &c->step2, &c->step3};
  for (int i = 0; i < c->nsteps; i++) {
    int64_t src = r.range(0, i ? 2 : 1);
    *step[i] = WEFT_STEP(src, r.range(0, 2), r.range(0, 2), src == 2 && r.percent(40), i + 1 == c->nsteps);
  }
  c->mult0 = r.range(0, INT32_MAX);
  c->mult1 = r.range(0, INT32_MAX);
  c->mult2 = r.range(0, INT32_MAX);
}

#endif
