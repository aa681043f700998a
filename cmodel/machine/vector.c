/* SPDX-License-Identifier: Apache-2.0
 *
 * The vector engine: VEC programs on the 16 bytes of a word (docs/spec.md section 5).
 *
 * A step is taken for all lanes before the next, so that its selectors are looked at once a word and the loops over the lanes are short and plain.
 */
#include "lanes.h"
#include "parts.h"
#include "vec_program.h"

enum { LANES = WEFT_WORD_BYTES, TABLE = 256, RECIP_PASSES = 8, MULT_BITS = 18 };

typedef struct { int64_t mult; int ls, rs; } scale_t;

/* One command, taken apart once. */
typedef struct {
  const weft_vec_t *c;
  weft_vec_program_t p;
  scale_t scale[3];
  const int32_t *t0, *t1;
} engine_t;

/* ACC and ROW of the bytes of one output word, and what RECIP makes of ROW. */
typedef struct { int32_t acc[LANES], row[LANES], mult[LANES]; int shift[LANES]; } state_t;

/* The words of the operands at one tap; unused ones are zero. */
typedef struct { int8_t a[LANES], b[LANES]; int64_t tap; } operands_t;

/* Entries as the lanes see them: int8 or int32, in ascending bytes from `base` on. */
static int load_table(weft_machine_t *m, int64_t base, bool wide, int32_t to[TABLE]) {
  for (int w = 0, e = 0; w < weft_table_words(wide); w++) {
    const uint8_t *word = weft_mach_word(m, base + w, WEFT_ENG_VECTOR);
    if (!word) return -1;
    for (int i = 0; i < WEFT_WORD_BYTES; i += wide ? 4 : 1) to[e++] = wide ? weft_lane_entry(word + i) : (int8_t)word[i];
  }
  return 0;
}

static int setup(weft_machine_t *m, const weft_vec_t *c, engine_t *e) {
  e->c = c;
  weft_vec_program(c, &e->p);
  e->scale[0] = (scale_t){c->mult0, (int)c->ls0, (int)c->rs0};
  e->scale[1] = (scale_t){c->mult1, (int)c->ls1, (int)c->rs1};
  e->scale[2] = (scale_t){c->mult2, (int)c->ls2, (int)c->rs2};
  e->t0 = m->table[0];
  e->t1 = m->table[1];
  if (e->p.load[0] && load_table(m, c->t0_base, c->t0_wide, m->table[0])) return -1;
  return e->p.load[1] ? load_table(m, c->t1_base, c->t1_wide, m->table[1]) : 0;
}

static void operand_a(const engine_t *e, int sel, const operands_t *o, const int32_t *acc, int32_t *a) {
  for (int l = 0; l < LANES; l++)
    switch (sel) {
      case WEFT_A_T0: a[l] = e->t0[(uint8_t)o->a[l]]; break;
      case WEFT_A_T0D: a[l] = e->t0[(uint8_t)((uint32_t)acc[l] - (uint32_t)o->a[l])]; break;
      default: a[l] = o->a[l] - (int32_t)e->c->za;
    }
}

static void operand_b(const engine_t *e, int sel, const operands_t *o, const int32_t *acc, int32_t *b) {
  for (int l = 0; l < LANES; l++)
    switch (sel) {
      case WEFT_B_T1: b[l] = e->t1[(uint8_t)o->b[l]]; break;
      case WEFT_B_T1A: b[l] = e->t1[(uint8_t)o->a[l]]; break;
      case WEFT_B_T1D: b[l] = e->t1[(uint8_t)((uint32_t)acc[l] - (uint32_t)o->a[l])]; break;
      default: b[l] = o->b[l] - (int32_t)e->c->zb;
    }
}

/* Low bits of a multiplier's input, signed; the product of two wraps in int32. */
static int32_t narrow(int32_t v) { return (int32_t)((uint32_t)v << (32 - MULT_BITS)) >> (32 - MULT_BITS); }
static int32_t multiply(int32_t a, int32_t b) { return (int32_t)(uint32_t)((int64_t)narrow(a) * narrow(b)); }

static void function(int fn, const int32_t *a, const int32_t *b, const int32_t *acc, int32_t bias, int32_t *x) {
  for (int l = 0; l < LANES; l++)
    switch (fn) {
      case WEFT_FN_A: x[l] = a[l]; break;
      case WEFT_FN_B: x[l] = b[l]; break;
      case WEFT_FN_ADD: x[l] = weft_wrap_add(a[l], b[l]); break;
      case WEFT_FN_MUL: x[l] = multiply(a[l], b[l]); break;
      case WEFT_FN_MAX: x[l] = a[l] > b[l] ? a[l] : b[l]; break;
      case WEFT_FN_MIN: x[l] = a[l] < b[l] ? a[l] : b[l]; break;
      case WEFT_FN_SQR: x[l] = multiply(weft_wrap_add(a[l], b[l]), weft_wrap_add(a[l], b[l])); break;
      default: x[l] = weft_wrap_add(acc[l], bias);
    }
}

/* sign(acc) * (((|acc| + bias) * mult) >> (31 + rs)) without rounding: the quotient of a division by a constant. */
static int32_t divide(int32_t acc, int32_t bias, const scale_t *k) {
  uint32_t mag = acc < 0 ? 0u - (uint32_t)acc : (uint32_t)acc;
  int32_t v = (int32_t)(((int64_t)(int32_t)(mag + (uint32_t)bias) * k->mult) >> (31 + k->rs));
  return acc < 0 ? (int32_t)(0u - (uint32_t)v) : v;
}

/* v of a step for all lanes, x in place. */
static void scale(const engine_t *e, weft_step_t s, const operands_t *o, const state_t *w, int32_t *x) {
  const scale_t *k = &e->scale[s.scale < WEFT_SCALE_NONE ? s.scale : 0];
  int32_t mult = weft_lane_entry((const uint8_t *)o->b + 4 * (o->tap % 4)) & INT32_MAX;
  for (int l = 0; l < LANES; l++) {
    if (s.div) x[l] = divide(w->acc[l], (int32_t)e->c->bias, k);
    else if (s.scale < WEFT_SCALE_NONE) x[l] = weft_lane_scale(x[l], k->mult, k->ls, k->rs);
    else if (s.scale == WEFT_SCALE_ROW) x[l] = weft_lane_scale(x[l], w->mult[l], 0, w->shift[l]);
    else if (s.scale == WEFT_SCALE_WEIGHT) x[l] = weft_lane_scale(x[l], mult, k->ls, k->rs);
  }
}

/* first: the step's first tap; start: and the program's first step. */
static void into(const engine_t *e, int where, bool first, bool start, const int32_t *v, state_t *w, uint8_t *out) {
  for (int l = 0; l < LANES; l++)
    switch (where) {
      case WEFT_INTO_ADD: w->acc[l] = start ? v[l] : weft_wrap_add(w->acc[l], v[l]); break;
      case WEFT_INTO_MAX: w->acc[l] = start || v[l] > w->acc[l] ? v[l] : w->acc[l]; break;
      case WEFT_INTO_ROW: w->row[l] = first ? v[l] : weft_wrap_add(w->row[l], v[l]); break;
      case WEFT_INTO_OUT: out[l] = weft_lane_out(v[l], e->c->zo, e->c->act_min, e->c->act_max); break;
      default: w->acc[l] = v[l];
    }
}

/* Step i of a program at one tap of one output word. out: where a result goes. */
static void step(const engine_t *e, int i, const operands_t *o, state_t *w, uint8_t *out) {
  const weft_step_t s = e->p.step[i];
  int32_t a[LANES], b[LANES], x[LANES];
  operand_a(e, s.a, o, w->acc, a);
  operand_b(e, s.b, o, w->acc, b);
  function(s.fn, a, b, w->acc, (int32_t)e->c->bias, x);
  scale(e, s, o, w, x);
  into(e, s.into, o->tap == 0, i == 0 && o->tap == 0, x, w, out);
}

/* First words of an output word's operands and result; b in bytes with b_splat. */
typedef struct { int64_t a, b, out; } place_t;

static int read_b(weft_machine_t *m, const weft_vec_t *c, int64_t at, int8_t *b) {
  const uint8_t *word = weft_mach_word(m, c->b_splat ? at / WEFT_WORD_BYTES : at, WEFT_ENG_VECTOR);
  if (!word) return -1;
  if (c->b_splat) memset(b, word[at % WEFT_WORD_BYTES], LANES);
  else memcpy(b, word, LANES);
  return 0;
}

static int output_word(weft_machine_t *m, const engine_t *e, place_t at) {
  const weft_vec_t *c = e->c;
  state_t w = {0};
  operands_t o = {0};
  if (e->p.any.b && read_b(m, c, at.b, o.b)) return -1;
  for (int i = 0; i < e->p.nsteps; i++) {
    const weft_step_t s = e->p.step[i];
    if (s.into == WEFT_INTO_RECIP) {
      for (int l = 0; l < LANES; l++) weft_lane_reciprocal(w.row[l], &w.mult[l], &w.shift[l]);
      continue;
    }
    for (int64_t t1 = 0; t1 < (s.taps ? c->k1 : 1); t1++)
      for (int64_t t0 = 0; t0 < (s.taps ? c->k0 : 1); t0++) {
        o.tap = t1 * c->k0 + t0;
        uint8_t result[LANES], *out = result;
        if (e->p.takes[i].a) {
          const uint8_t *a = weft_mach_word(m, at.a + t1 * c->a_k1 + t0 * c->a_k0, WEFT_ENG_VECTOR);
          if (!a) return -1;
          memcpy(o.a, a, LANES);
        }
        if (s.into == WEFT_INTO_OUT && !(out = weft_mach_word(m, at.out + t1 * c->out_k1 + t0 * c->out_k0, WEFT_ENG_VECTOR))) return -1;
        step(e, i, &o, &w, out);
      }
  }
  return 0;
}

/* Words of B that are read: the engine keeps B's word, so that a use of the word of the use before reads nothing. Uses follow one another in
 * batches of as many output words as there are lanes; passes: times that the program goes over a batch and takes B. */
static uint64_t b_reads(const weft_machine_t *m, const weft_vec_t *c, uint64_t passes) {
  const int batch = m->cfg->ppu_lanes;
  uint64_t reads = 0, changes = 0;
  int64_t first = 0, at = 0, kept = -1, words = c->n0 * c->n1 * c->n2;
  for (int64_t i2 = 0, i = 0; i2 < c->n2; i2++)
    for (int64_t i1 = 0; i1 < c->n1; i1++)
      for (int64_t i0 = 0; i0 < c->n0; i0++, i++) {
        const int64_t step = i2 * c->b_s2 + i1 * c->b_s1 + i0 * c->b_s0, before = at;
        at = (c->b_splat ? (c->b_base * WEFT_WORD_BYTES + c->b_byte + step) / WEFT_WORD_BYTES : c->b_base + step) & UINT16_MAX;
        if (i % batch == 0) {
          first = at;
          changes = 0;
        } else {
          changes += at != before;
        }
        if (i % batch != batch - 1 && i != words - 1) continue;
        reads += (first != kept) + (passes - 1) * (first != at) + passes * changes;
        kept = at;
      }
  return reads;
}

static void count(weft_machine_t *m, const engine_t *e) {
  const weft_vec_t *c = e->c;
  uint64_t words = (uint64_t)(c->n0 * c->n1 * c->n2), taps = (uint64_t)(c->k0 * c->k1), beats = 0, reads = 0, b = 0;
  for (int i = 0; i < e->p.nsteps; i++) {
    uint64_t times = e->p.step[i].taps ? taps : 1;
    beats += e->p.step[i].into == WEFT_INTO_RECIP ? RECIP_PASSES : times;
    reads += e->p.takes[i].a ? times * words : 0;
    b += e->p.takes[i].b ? times : 0;
  }
  uint64_t tables = (e->p.load[0] ? (uint64_t)weft_table_words(c->t0_wide) : 0) + (e->p.load[1] ? (uint64_t)weft_table_words(c->t1_wide) : 0);
  m->counter[WEFT_CNT_BUF_VEC_RD] += reads + (b ? b_reads(m, c, b) : 0) + tables;
  m->counter[WEFT_CNT_BUF_VEC_WR] += words * (e->p.out_taps ? taps : 1);
  m->counter[WEFT_CNT_VEC_BEATS] += words * beats * (uint64_t)(WEFT_WORD_BYTES / m->cfg->ppu_lanes);
}

int weft_mach_vec(weft_machine_t *m, const weft_vec_t *c) {
  engine_t e;
  if (setup(m, c, &e)) return -1;
  int64_t b = c->b_splat ? c->b_base * WEFT_WORD_BYTES + c->b_byte : c->b_base;
  for (int64_t i2 = 0; i2 < c->n2; i2++)
    for (int64_t i1 = 0; i1 < c->n1; i1++)
      for (int64_t i0 = 0; i0 < c->n0; i0++) {
        place_t at = {c->a_base + i2 * c->a_s2 + i1 * c->a_s1 + i0 * c->a_s0, b + i2 * c->b_s2 + i1 * c->b_s1 + i0 * c->b_s0,
                      c->out_base + i2 * c->out_s2 + i1 * c->out_s1 + i0 * c->out_s0};
        if (output_word(m, &e, at)) return -1;
      }
  count(m, &e);
  return 0;
}
