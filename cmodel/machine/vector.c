/* SPDX-License-Identifier: Apache-2.0
 *
 * The vector engine: VEC programs on the 16 bytes of a word.
 */
#include "lanes.h"
#include "legal.h"
#include "parts.h"

typedef struct { int32_t mult; int ls, rs; } scale_t;

/* One program, taken apart once per command. */
typedef struct {
  int64_t step[4], nsteps;
  scale_t scale[3];
  int32_t za, zb, bias;
} program_t;

static program_t decode(const weft_vec_t *c) {
  return (program_t){{c->step0, c->step1, c->step2, c->step3}, c->nsteps,
                     {{(int32_t)c->mult0, (int)c->ls0, (int)c->rs0},
                      {(int32_t)c->mult1, (int)c->ls1, (int)c->rs1},
                      {(int32_t)c->mult2, (int)c->ls2, (int)c->rs2}},
                     (int32_t)c->za, (int32_t)c->zb, (int32_t)c->bias};
}

/* sign(acc) * (((|acc| + bias) * mult) >> (31 + rs)) without rounding: the quotient of a division by a constant. */
static int32_t divide(int32_t acc, int32_t bias, const scale_t *k) {
  uint32_t mag = acc < 0 ? 0u - (uint32_t)acc : (uint32_t)acc;
  int32_t v = (int32_t)(((int64_t)(int32_t)(mag + (uint32_t)bias) * k->mult) >> (31 + k->rs));
  return acc < 0 ? (int32_t)(0u - (uint32_t)v) : v;
}

/* The value v of a step for one byte; a, b: operand bytes. */
static int32_t evaluate(const program_t *p, int64_t step, int8_t a, int8_t b, int32_t acc) {
  int k = weft_step_scale(step);
  if (weft_step_div(step)) return divide(acc, p->bias, &p->scale[k]);
  int32_t x = 0;
  switch (weft_step_src(step)) {
    case WEFT_SRC_A: x = a - p->za; break;
    case WEFT_SRC_B: x = b - p->zb; break;
    case WEFT_SRC_ACC: x = weft_wrap_add(acc, p->bias); break;
  }
  return k == WEFT_SCALE_NONE ? x : weft_lane_scale(x, p->scale[k].mult, p->scale[k].ls, p->scale[k].rs);
}

static int32_t accumulate(int64_t step, int32_t acc, int32_t v) {
  switch (weft_step_into(step)) {
    case WEFT_INTO_ADD: return weft_wrap_add(acc, v);
    case WEFT_INTO_MAX: return v > acc ? v : acc;
    default: return v;
  }
}

/* One output word. at: address of A's first tap; b, out: words, b NULL when the program does not use it. */
static int word(weft_machine_t *m, const weft_vec_t *c, const program_t *p, int64_t at, const uint8_t *b, uint8_t *out) {
  static const uint8_t none[WEFT_WORD_BYTES];
  int32_t acc[WEFT_WORD_BYTES] = {0};
  uint8_t result[WEFT_WORD_BYTES];
  if (!b) b = none;
  for (int64_t i = 0; i < p->nsteps; i++) {
    int64_t s = p->step[i];
    for (int64_t t1 = 0; t1 < (i ? 1 : c->k1); t1++)
      for (int64_t t0 = 0; t0 < (i ? 1 : c->k0); t0++) {
        const uint8_t *a = none;
        if (weft_step_src(s) == WEFT_SRC_A) a = weft_mach_word(m, at + t1 * c->a_k1 + t0 * c->a_k0, WEFT_ENG_VECTOR);
        if (!a) return -1;
        bool first = i == 0 && t1 == 0 && t0 == 0;
        for (int l = 0; l < WEFT_WORD_BYTES; l++) {
          int32_t v = evaluate(p, s, (int8_t)a[l], (int8_t)b[l], acc[l]);
          if (weft_step_out(s)) result[l] = weft_lane_out(v, c->zo, c->act_min, c->act_max);
          else acc[l] = first ? v : accumulate(s, acc[l], v);
        }
      }
  }
  memcpy(out, result, sizeof result);
  return 0;
}

int weft_mach_vec(weft_machine_t *m, const weft_vec_t *c) {
  const program_t p = decode(c);
  bool uses_b = weft_vec_uses(c, WEFT_SRC_B);
  for (int64_t i2 = 0; i2 < c->n2; i2++)
    for (int64_t i1 = 0; i1 < c->n1; i1++)
      for (int64_t i0 = 0; i0 < c->n0; i0++) {
        const uint8_t *b = NULL;
        if (uses_b && !(b = weft_mach_word(m, c->b_base + i2 * c->b_s2 + i1 * c->b_s1 + i0 * c->b_s0, WEFT_ENG_VECTOR))) return -1;
        uint8_t *out = weft_mach_word(m, c->out_base + i2 * c->out_s2 + i1 * c->out_s1 + i0 * c->out_s0, WEFT_ENG_VECTOR);
        if (!out) return -1;
        if (word(m, c, &p, c->a_base + i2 * c->a_s2 + i1 * c->a_s1 + i0 * c->a_s0, b, out)) return -1;
      }
  /* Events a word: step 0 per tap, each further step once; those that take A or B read a word. */
  uint64_t words = (uint64_t)(c->n0 * c->n1 * c->n2), steps = 0, reads = 0;
  for (int64_t i = 0; i < p.nsteps; i++) {
    uint64_t times = i ? 1 : (uint64_t)(c->k0 * c->k1);
    steps += times;
    if (weft_step_src(p.step[i]) != WEFT_SRC_ACC) reads += times;
  }
  m->counter[WEFT_CNT_BUF_VEC_RD] += words * reads;
  m->counter[WEFT_CNT_BUF_VEC_WR] += words;
  m->counter[WEFT_CNT_VEC_BEATS] += words * steps * (uint64_t)(WEFT_WORD_BYTES / m->cfg->ppu_lanes);
  return 0;
}
