// SPDX-License-Identifier: Apache-2.0
//
// Draws CONV, VEC and TRANSPOSE commands whose fields are often legal, for the unit benches of the command path.

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
  if (r.percent(20)) {                           // psums stay: legal in one pass group only
    c->psum_in = r.range(0, 1);
    c->psum_out = r.range(0, 1);
    if (r.percent(70)) c->OH = r.range(1, c->y_step < 65535 ? c->y_step : 65535);
    if (r.percent(70)) c->OW = r.range(1, c->FT);
    if (r.percent(70)) c->M = r.range(1, c->T * c->MT);
    c->OW_last = r.range(1, c->OW);
    weft_conv_derive(cfg, c);
  }
}

// A program that is legal when every step takes only what the ones before have left, but for a few second RECIPs; one selector in ten is any.
inline void draw_steps(FieldRng &r, weft_vec_t *c)
{
  int64_t *code[4] = {&c->step0, &c->step1, &c->step2, &c->step3};
  bool acc = false, row = false, recip = false;
  for (int i = 0; i < c->nsteps; i++) {
    const bool last = i + 1 == c->nsteps;
    weft_step_t s = {};
    s.scale = WEFT_SCALE_NONE;
    if (!last && row && r.percent(recip ? 3 : 70)) {
      s.into = WEFT_INTO_RECIP;
      recip = true;
    } else {
      s.fn = (int)r.range(0, acc ? WEFT_FN_ACC : WEFT_FN_SQR);
      if (s.fn != WEFT_FN_B && s.fn != WEFT_FN_ACC) s.a = (int)r.range(0, acc ? WEFT_A_T0D : WEFT_A_T0);
      if (s.fn != WEFT_FN_A && s.fn != WEFT_FN_ACC) s.b = (int)r.range(0, acc ? WEFT_B_T1D : WEFT_B_T1A);
      const bool takes_acc = s.fn == WEFT_FN_ACC || s.a == WEFT_A_T0D || s.b == WEFT_B_T1D;
      if (recip && r.percent(50)) s.scale = WEFT_SCALE_ROW;
      else if (s.fn == WEFT_FN_A && !c->b_splat && r.percent(40)) s.scale = WEFT_SCALE_WEIGHT;
      else s.scale = (int)r.range(0, WEFT_SCALE_NONE);
      s.div = s.fn == WEFT_FN_ACC && s.scale < WEFT_SCALE_NONE && r.percent(40);
      s.into = last ? WEFT_INTO_OUT : !row && r.percent(30) ? WEFT_INTO_ROW : i == 0 || acc ? (int)r.range(0, WEFT_INTO_MAX) : WEFT_INTO_SET;
      s.taps = r.percent(40) && !(takes_acc && s.into <= WEFT_INTO_MAX);
      row = row || s.into == WEFT_INTO_ROW;
      acc = acc || s.into <= WEFT_INTO_MAX;
    }
    if (r.percent(10)) {
      int *any[] = {&s.a, &s.b, &s.fn, &s.scale, &s.into, &s.div, &s.taps};
      *any[r.range(0, 6)] = (int)r.range(0, 7);
    }
    *code[i] = weft_step_pack(s);
  }
}

inline void draw_vec(FieldRng &r, weft_vec_t *c)
{
  c->opcode = WEFT_CMD_VEC;
  c->n0 = r.range(1, 9);
  c->n1 = r.range(1, 9);
  c->n2 = r.range(1, 9);
  c->nsteps = r.percent(1) ? 0 : r.range(1, 4);
  c->b_splat = r.percent(25);
  c->b_byte = r.range(0, 15);
  c->t0_wide = r.percent(50);
  c->t_stay = r.percent(20);
  c->t1_wide = r.percent(50);
  draw_steps(r, c);
  const bool taps = (c->step0 | c->step1 | c->step2 | c->step3) >> WEFT_STEP_taps_LSB & 1;
  c->k0 = taps || r.percent(5) ? r.range(1, 3) : 1;
  c->k1 = taps || r.percent(5) ? r.range(1, 3) : 1;
  c->act_min = r.range(-128, 20);
  c->act_max = r.range(-20, 127);
  int64_t *mult[3] = {&c->mult0, &c->mult1, &c->mult2};
  for (int64_t *m : mult) *m = r.percent(20) ? INT64_C(1) << 31 : r.range(0, INT32_MAX);
}

inline void draw_transpose(FieldRng &r, weft_transpose_t *c)
{
  c->opcode = WEFT_CMD_TRANSPOSE;
  c->n0 = r.range(1, 9);
  c->n1 = r.range(1, 9);
  c->rows = r.percent(30) ? 16 : r.range(1, r.percent(10) ? 31 : 16);
  c->c0 = r.percent(50) ? 0 : r.range(0, 15);
  c->cols = r.percent(60) ? 16 - c->c0 : r.range(1, 16 - c->c0 + (r.percent(10) ? 15 : 0));
  c->fill = r.range(-128, 127);
}

#endif
