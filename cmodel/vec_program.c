/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes VEC programs apart (see vec_program.h).
 */
#include "vec_program.h"

weft_step_takes_t weft_step_takes(weft_step_t s) {
  if (s.into == WEFT_INTO_RECIP) return (weft_step_takes_t){0};
  const bool a = s.fn != WEFT_FN_B && s.fn != WEFT_FN_ACC, b = s.fn != WEFT_FN_A && s.fn != WEFT_FN_ACC;
  return (weft_step_takes_t){
    .a = a || (b && (s.b == WEFT_B_T1A || s.b == WEFT_B_T1D)),
    .b = (b && (s.b == WEFT_B_RAW || s.b == WEFT_B_T1)) || s.scale == WEFT_SCALE_WEIGHT,
    .t0 = a && s.a != WEFT_A_RAW,
    .t1 = b && s.b != WEFT_B_RAW,
    .acc = s.fn == WEFT_FN_ACC || (a && s.a == WEFT_A_T0D) || (b && s.b == WEFT_B_T1D),
  };
}

void weft_vec_program(const weft_vec_t *c, weft_vec_program_t *p) {
  const int64_t code[WEFT_VEC_STEPS] = {c->step0, c->step1, c->step2, c->step3};
  memset(p, 0, sizeof *p);
  p->nsteps = c->nsteps < WEFT_VEC_STEPS ? (int)c->nsteps : WEFT_VEC_STEPS;
  for (int i = 0; i < p->nsteps; i++) {
    const weft_step_t s = p->step[i] = weft_step_unpack(code[i]);
    const weft_step_takes_t t = p->takes[i] = weft_step_takes(s);
    p->any.a |= t.a;
    p->any.b |= t.b;
    p->any.t0 |= t.t0;
    p->any.t1 |= t.t1;
    p->any.acc |= t.acc;
    p->taps |= s.taps;
    p->a_taps |= t.a && s.taps;
    p->out_taps = s.taps;
  }
  p->load[0] = p->any.t0 && !c->t_stay;
  p->load[1] = p->any.t1 && !c->t_stay;
}
