/* SPDX-License-Identifier: Apache-2.0
 *
 * Field rules of VEC and TRANSPOSE (docs/spec.md, "Legal" of sections 5 and 6).
 */
#include <stdio.h>

#include "legal_rule.h"
#include "vec_program.h"

/* What the steps before one have left. */
typedef struct { bool acc, row, recip; } state_t;

/* The selectors by themselves. NULL, or what would be accepted. */
static const char *selectors(const weft_vec_t *c, const weft_step_t *s) {
  const bool a = s->fn != WEFT_FN_B && s->fn != WEFT_FN_ACC, b = s->fn != WEFT_FN_A && s->fn != WEFT_FN_ACC;
  if (s->a > WEFT_A_T0D) return "a 0 A, 1 T0 or 2 T0D";
  if (s->scale > WEFT_SCALE_WEIGHT) return "scale 0..2, 3 none, 4 ROW or 5 WEIGHT";
  if (s->into > WEFT_INTO_OUT) return "into 0 SET, 1 ADD, 2 MAX, 3 ROW, 4 RECIP or 5 OUT";
  if (!a && s->a) return "a 0 with fn B or ACC";
  if (!b && s->b) return "b 0 with fn A or ACC";
  if (s->div && (s->fn != WEFT_FN_ACC || s->scale >= WEFT_SCALE_NONE)) return "div with fn ACC and scale 0..2";
  if (s->scale == WEFT_SCALE_WEIGHT && (s->fn != WEFT_FN_A || c->b_splat)) return "scale WEIGHT with fn A and b_splat 0";
  if (s->into == WEFT_INTO_RECIP && (s->fn || s->a || s->b || s->scale != WEFT_SCALE_NONE || s->div || s->taps))
    return "into RECIP with a 0, b 0, fn 0, scale NONE, div 0 and taps 0";
  return NULL;
}

/* A step after others; i: its number. */
static const char *sequence(const weft_step_t *s, int i, const state_t *before) {
  const bool takes_acc = weft_step_takes(*s).acc, to_acc = s->into <= WEFT_INTO_MAX;
  const bool adds = i > 0 && (s->into == WEFT_INTO_ADD || s->into == WEFT_INTO_MAX);
  if ((takes_acc || adds) && !before->acc) return "use of ACC (fn ACC, T0D, T1D, into ADD or MAX) after a step with into SET, ADD or MAX";
  if (s->taps && takes_acc && to_acc) return "into ROW or OUT when a step with taps takes ACC";
  if (s->into == WEFT_INTO_ROW && before->row) return "into ROW in one step only";
  if (s->into == WEFT_INTO_RECIP && (!before->row || before->recip)) return "into RECIP in one step, after that with into ROW";
  if (s->scale == WEFT_SCALE_ROW && !before->recip) return "scale ROW after a step with into RECIP";
  return NULL;
}

static int steps(const weft_vec_t *c, weft_msg_t *m) {
  const int64_t code[WEFT_VEC_STEPS] = {c->step0, c->step1, c->step2, c->step3};
  state_t have = {0};
  for (int i = 0; i < WEFT_VEC_STEPS; i++) {
    const weft_step_t s = weft_step_unpack(code[i]);
    const char *want = NULL;
    if (i >= c->nsteps) want = code[i] ? "0 (beyond nsteps)" : NULL;
    else if (code[i] != weft_step_pack(s)) want = "bit 15 zero";
    else if ((s.into == WEFT_INTO_OUT) != (i == c->nsteps - 1)) want = "into OUT in the last step and only there";
    else if (!(want = selectors(c, &s))) want = sequence(&s, i, &have);
    if (want) {
      char name[8];
      snprintf(name, sizeof name, "step%d", i);
      return weft_legal_refuse(m, name, code[i], "%s", want);
    }
    have.acc |= s.into <= WEFT_INTO_MAX;
    have.row |= s.into == WEFT_INTO_ROW;
    have.recip |= s.into == WEFT_INTO_RECIP;
  }
  return WEFT_OK;
}

int weft_legal_vec(const weft_vec_t *c, weft_msg_t *m) {
  const int64_t most = INT64_C(1) << 31;
  MIN1(n0);
  MIN1(n1);
  MIN1(n2);
  MIN1(k0);
  MIN1(k1);
  RULE(c->nsteps >= 1 && c->nsteps <= WEFT_VEC_STEPS, nsteps, "1..%d", WEFT_VEC_STEPS);
  RULE(c->act_min <= c->act_max, act_min, "at most act_max (%lld)", (long long)c->act_max);
  RULE(c->mult0 <= most, mult0, "0..%lld", (long long)most);
  RULE(c->mult1 <= most, mult1, "0..%lld", (long long)most);
  RULE(c->mult2 <= most, mult2, "0..%lld", (long long)most);
  int rc = steps(c, m);
  if (rc) return rc;
  weft_vec_program_t p;
  weft_vec_program(c, &p);
  RULE(p.taps || c->k0 == 1, k0, "1 (no step has taps)");
  RULE(p.taps || c->k1 == 1, k1, "1 (no step has taps)");
  return WEFT_OK;
}

int weft_legal_transpose(const weft_transpose_t *c, weft_msg_t *m) {
  MIN1(n0);
  MIN1(n1);
  RULE(c->rows >= 1 && c->rows <= WEFT_WORD_BYTES, rows, "1..%d", WEFT_WORD_BYTES);
  RULE(c->cols >= 1 && c->cols <= WEFT_WORD_BYTES, cols, "1..%d", WEFT_WORD_BYTES);
  RULE(c->c0 + c->cols <= WEFT_WORD_BYTES, c0, "at most %lld (c0 + cols within a word)", (long long)(WEFT_WORD_BYTES - c->cols));
  return WEFT_OK;
}
