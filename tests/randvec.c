/* SPDX-License-Identifier: Apache-2.0
 *
 * Random VEC programs, and where their operands, tables and results lie (see randvec.h).
 *
 * Half of the programs are those that the compiler writes (ADD, pooling, tables, softmax and so on), half have any legal steps.
 */
#include "randvec.h"

#include "conv_shape.h"
#include "fixmath.h"

enum { BEATS = 3000 /* output words x taps x steps of a command */ };

bool randvec_steps(rand_t *r, weft_vec_t *c) {
  int64_t *const code[4] = {&c->step0, &c->step1, &c->step2, &c->step3};
  bool acc = false, row = false, recip = false, taps = false;   /* what the steps so far have left */
  c->nsteps = rand_in(r, 1, 4);
  for (int i = 0; i < 4; i++) {
    const bool last = i == c->nsteps - 1;
    weft_step_t s = {0};
    *code[i] = 0;
    if (i >= c->nsteps) continue;
    if (!last && row && !recip && rand_chance(r, 70)) {
      recip = true;
      *code[i] = WEFT_STEP(.scale = WEFT_SCALE_NONE, .into = WEFT_INTO_RECIP);
      continue;
    }
    s.fn = (int)rand_in(r, WEFT_FN_A, acc ? WEFT_FN_ACC : WEFT_FN_SQR);
    if (s.fn != WEFT_FN_B && s.fn != WEFT_FN_ACC) s.a = (int)rand_in(r, WEFT_A_RAW, acc ? WEFT_A_T0D : WEFT_A_T0);
    if (s.fn != WEFT_FN_A && s.fn != WEFT_FN_ACC) s.b = (int)rand_in(r, WEFT_B_RAW, acc ? WEFT_B_T1D : WEFT_B_T1A);
    const bool takes_acc = s.fn == WEFT_FN_ACC || s.a == WEFT_A_T0D || s.b == WEFT_B_T1D;
    if (recip && rand_chance(r, 50)) s.scale = WEFT_SCALE_ROW;
    else if (s.fn == WEFT_FN_A && !c->b_splat && rand_chance(r, 40)) s.scale = WEFT_SCALE_WEIGHT;
    else s.scale = (int)rand_in(r, WEFT_SCALE_0, WEFT_SCALE_NONE);
    s.div = s.fn == WEFT_FN_ACC && s.scale < WEFT_SCALE_NONE && rand_chance(r, 40);
    if (last) s.into = WEFT_INTO_OUT;
    else if (!row && rand_chance(r, 30)) s.into = WEFT_INTO_ROW;
    else s.into = i == 0 || acc ? (int)rand_in(r, WEFT_INTO_SET, WEFT_INTO_MAX) : WEFT_INTO_SET;
    s.taps = rand_chance(r, 50) && !(takes_acc && s.into <= WEFT_INTO_MAX);
    acc |= s.into <= WEFT_INTO_MAX;
    row |= s.into == WEFT_INTO_ROW;
    taps |= s.taps;
    *code[i] = weft_step_pack(s);
  }
  return taps;
}

void randvec_constants(rand_t *r, weft_vec_t *c, bool wild) {
  int64_t *const mult[3] = {&c->mult0, &c->mult1, &c->mult2}, *const ls[3] = {&c->ls0, &c->ls1, &c->ls2};
  int64_t *const rs[3] = {&c->rs0, &c->rs1, &c->rs2};
  for (int i = 0; i < 3; i++) {
    *mult[i] = rand_chance(r, 15) ? INT64_C(1) << 31 : wild ? rand_in(r, 0, INT32_MAX) : rand_in(r, 1 << 30, INT32_MAX);
    *ls[i] = wild ? rand_in(r, 0, 31) : 0;
    *rs[i] = wild ? rand_in(r, 0, 31) : rand_in(r, 0, 3);
  }
  c->bias = !wild ? 0 : rand_chance(r, 30) ? (int32_t)rand_u64(r) : rand_in(r, -300, 300);
  c->za = rand_i8(r);
  c->zb = rand_i8(r);
  c->zo = rand_i8(r);
  c->act_min = rand_chance(r, 70) ? INT8_MIN : rand_i8(r);
  c->act_max = rand_chance(r, 70) ? INT8_MAX : rand_in(r, c->act_min, INT8_MAX);
}

/* A quotient by n = the number of taps; exact division constants of docs/spec.md. */
static void divide_by(weft_vec_t *c, int64_t n) {
  int64_t l = 0;
  while ((INT64_C(1) << l) < n) l++;
  c->mult0 = ((INT64_C(1) << (30 + l)) + n - 1) / n;
  c->ls0 = 0;
  c->rs0 = l - 1;
  c->bias = n / 2;
}

/* SOFTMAX of a row along the taps: maximum, sum of exponentials in Q12.19, its reciprocal, quotients for every tap. */
static void softmax(weft_vec_t *c) {
  c->nsteps = 4;
  c->step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_MAX, .taps = 1);
  c->step1 = WEFT_STEP(.a = WEFT_A_T0D, .fn = WEFT_FN_A, .scale = WEFT_SCALE_0, .into = WEFT_INTO_ROW, .taps = 1);
  c->step2 = WEFT_STEP(.scale = WEFT_SCALE_NONE, .into = WEFT_INTO_RECIP);
  c->step3 = WEFT_STEP(.a = WEFT_A_T0D, .fn = WEFT_FN_A, .scale = WEFT_SCALE_ROW, .into = WEFT_INTO_OUT, .taps = 1);
  c->mult0 = INT64_C(1) << 31;
  c->rs0 = 12;
  c->za = 0;
  c->zo = -128;
  c->act_min = INT8_MIN;
  c->act_max = INT8_MAX;
  c->t0_wide = 1;
}

/* The program of an operator; k0, k1 and b_splat are set, k0 x k1 = 1 when it has no step for each tap. */
static void operator_program(rand_t *r, weft_vec_t *c) {
  const bool taps = c->k0 * c->k1 > 1;
  const int64_t sum = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_ADD, .taps = 1);
  randvec_constants(r, c, false);
  c->nsteps = 2;
  switch (taps ? rand_in(r, 0, 5) : rand_in(r, 6, 9)) {
    case 0:   /* AVERAGE_POOL_2D */
      c->step0 = sum;
      c->step1 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_0, .into = WEFT_INTO_OUT, .div = 1);
      divide_by(c, c->k0 * c->k1);
      return;
    case 1:   /* MAX_POOL_2D */
      c->step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_MAX, .taps = 1);
      c->step1 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT);
      return;
    case 2:   /* MEAN */
      c->step0 = sum;
      c->step1 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_0, .into = WEFT_INTO_OUT);
      c->bias = rand_in(r, -128, 127) * c->k0 * c->k1;
      c->rs0 = rand_in(r, 0, 8);
      return;
    case 3:   /* interpolation with weights from B */
      c->step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_WEIGHT, .into = WEFT_INTO_ADD, .taps = 1);
      c->step1 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_2, .into = WEFT_INTO_OUT);
      c->b_splat = 0;
      c->ls0 = 10;
      c->rs2 = rand_in(r, 9, 11);
      return;
    case 4: case 5: softmax(c); return;
    case 6:   /* ADD */
      c->nsteps = 3;
      c->step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_0, .into = WEFT_INTO_SET);
      c->step1 = WEFT_STEP(.fn = WEFT_FN_B, .scale = WEFT_SCALE_1, .into = WEFT_INTO_ADD);
      c->step2 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_2, .into = WEFT_INTO_OUT);
      c->ls0 = c->ls1 = 20;
      c->rs2 = rand_in(r, 17, 21);
      return;
    case 7:   /* MUL, MAXIMUM, SQUARED_DIFFERENCE of both */
      c->nsteps = 1;
      c->step0 = WEFT_STEP(.fn = (int)rand_in(r, WEFT_FN_ADD, WEFT_FN_SQR), .scale = WEFT_SCALE_1, .into = WEFT_INTO_OUT);
      c->rs1 = rand_in(r, 0, 8);
      return;
    case 8:   /* QUANTIZE */
      c->nsteps = 1;
      c->step0 = WEFT_STEP(.fn = (int)rand_in(r, WEFT_FN_A, WEFT_FN_B), .scale = WEFT_SCALE_0, .into = WEFT_INTO_OUT);
      return;
    default:   /* LOGISTIC and the like: a table of bytes */
      c->nsteps = 1;
      c->step0 = WEFT_STEP(.a = WEFT_A_T0, .fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT);
      c->zo = 0;
  }
}

/* --- places ------------------------------------------------------------------------------------------------------------ */

static int64_t extent(int64_t n0, int64_t s0, int64_t n1, int64_t s1, int64_t n2, int64_t s2) {
  return (n0 - 1) * s0 + (n1 - 1) * s1 + (n2 - 1) * s2 + 1;
}

/* Loops and strides that a command of bounded work may have. Taps are in use only when `taps` says so. */
static void loops(rand_t *r, weft_vec_t *c) {
  c->n0 = rand_in(r, 1, 12);
  c->n1 = rand_in(r, 1, 6);
  c->n2 = rand_in(r, 1, 3);
  c->k0 = rand_chance(r, 50) ? 1 : rand_in(r, 1, rand_chance(r, 10) ? 40 : 5);
  c->k1 = rand_chance(r, 50) ? 1 : rand_in(r, 1, 5);
  c->a_s0 = rand_in(r, 0, 3);
  c->a_s1 = rand_in(r, 0, 15);
  c->a_s2 = rand_in(r, 0, 30);
  c->a_k0 = rand_in(r, 0, 3);
  c->a_k1 = rand_in(r, 0, 15);
  c->b_splat = rand_chance(r, 25);
  c->b_byte = c->b_splat ? rand_in(r, 0, 15) : 0;
  c->b_s0 = rand_in(r, 0, 3);
  c->b_s1 = rand_in(r, 0, c->b_splat ? 90 : 15);
  c->b_s2 = rand_in(r, 0, c->b_splat ? 300 : 30);
}

/* Results beside each other: taps innermost, or outermost, or none. */
static void results(rand_t *r, weft_vec_t *c, bool taps) {
  const bool inside = taps && rand_chance(r, 50);
  int64_t inner = 1;
  if (inside) {
    c->out_k0 = rand_in(r, 1, 2);
    c->out_k1 = c->out_k0 * c->k0 + rand_in(r, 0, 1);
    inner = c->out_k1 * c->k1;
  }
  c->out_s0 = inner + rand_in(r, 0, 1);
  c->out_s1 = c->out_s0 * c->n0 + rand_in(r, 0, 2);
  c->out_s2 = c->out_s1 * c->n1 + rand_in(r, 0, 2);
  if (taps && !inside) {
    c->out_k0 = c->out_s2 * c->n2 + rand_in(r, 0, 2);
    c->out_k1 = c->out_k0 * c->k0 + rand_in(r, 0, 2);
  }
}

/* Fresh entries for half of the tables in use: exponentials as SOFTMAX has them, or numbers of one order of magnitude. */
static void fill_table(build_t *b, build_range_t at, bool wide, bool exponential) {
  uint8_t bytes[64 * WEFT_WORD_BYTES];
  if (!exponential && rand_chance(&b->r, 50)) return;
  const int size = wide ? 4 : 1, magnitude = (int)rand_in(&b->r, 1, 31);
  const int64_t slope = rand_in(&b->r, 1 << 20, 1 << 24);
  for (int i = 0; i < 256; i++) {
    int32_t v = exponential ? weft_exp_q31((int32_t)-(i * slope < INT32_MAX ? i * slope : INT32_MAX)) : (int32_t)(rand_u64(&b->r) >> (64 - magnitude));
    for (int k = 0; k < size; k++) bytes[i * size + k] = (uint8_t)((uint32_t)v >> 8 * k);
  }
  build_load(b, bytes, at);
}

void randvec_vec(build_t *b) {
  rand_t *r = &b->r;
  weft_cmd_t k = {0};
  weft_vec_t *c = &k.vec;
  c->opcode = WEFT_CMD_VEC;
  loops(r, c);
  const bool wild = rand_chance(r, 50);
  bool taps = true, out_taps = false;
  if (wild) {
    taps = randvec_steps(r, c);
    randvec_constants(r, c, true);
    if (!taps) c->k0 = c->k1 = 1;
    c->t0_wide = rand_in(r, 0, 1);
    c->t1_wide = rand_in(r, 0, 1);
  } else {
    operator_program(r, c);
  }
  const int64_t code[4] = {c->step0, c->step1, c->step2, c->step3}, last = code[c->nsteps - 1];
  taps = out_taps = weft_step_unpack(last).taps;
  bool table0 = false, table1 = false;
  for (int i = 0; i < c->nsteps; i++) {
    weft_step_t s = weft_step_unpack(code[i]);
    taps |= s.taps;
    table0 |= s.a != WEFT_A_RAW;
    table1 |= s.b != WEFT_B_RAW;
  }
  while (c->n0 * c->n1 * c->n2 * c->k0 * c->k1 * c->nsteps > BEATS) {
    int64_t *n = c->n0 >= c->n1 && c->n0 >= c->n2 ? &c->n0 : c->n1 >= c->n2 ? &c->n1 : &c->n2;
    *n = (*n + 1) / 2;
  }
  results(r, c, out_taps);
  const bool in_place = !taps && rand_chance(r, 30), in_place_b = in_place && !c->b_splat && rand_chance(r, 30);
  if (in_place) {
    *(in_place_b ? &c->b_s0 : &c->a_s0) = c->out_s0;
    *(in_place_b ? &c->b_s1 : &c->a_s1) = c->out_s1;
    *(in_place_b ? &c->b_s2 : &c->a_s2) = c->out_s2;
  }
  int64_t words_a = extent(c->n0, c->a_s0, c->n1, c->a_s1, c->n2, c->a_s2) + (c->k0 - 1) * c->a_k0 + (c->k1 - 1) * c->a_k1;
  int64_t words_b = extent(c->n0, c->b_s0, c->n1, c->b_s1, c->n2, c->b_s2);
  if (c->b_splat) words_b = (words_b - 1 + c->b_byte) / WEFT_WORD_BYTES + 1;
  int64_t words_out = extent(c->n0, c->out_s0, c->n1, c->out_s1, c->n2, c->out_s2) + (out_taps ? (c->k0 - 1) * c->out_k0 + (c->k1 - 1) * c->out_k1 : 0);
  int64_t words_0 = c->t0_wide ? 64 : 16, words_1 = c->t1_wide ? 64 : 16;
  if (words_a > b->arena_words / 3 || words_b > b->arena_words / 3 || words_out > b->arena_words / 3) return;
  for (int tries = 0; tries < 100; tries++) {
    build_range_t a = build_place(b, words_a, true), second = build_place(b, words_b, true), out = build_place(b, words_out, false);
    build_range_t t0 = build_place(b, words_0, false), t1 = build_place(b, words_1, false);
    if (in_place) *(in_place_b ? &second : &a) = out;
    if ((!build_apart(a, out) && !(in_place && !in_place_b)) || (!build_apart(second, out) && !in_place_b)) continue;
    if ((table0 && !build_apart(t0, out)) || (table1 && !build_apart(t1, out))) continue;
    c->a_base = a.base;
    c->b_base = second.base;
    c->out_base = out.base;
    c->t0_base = t0.base;
    c->t1_base = t1.base;
    const bool exponential = !wild && weft_step_unpack(c->step2).into == WEFT_INTO_RECIP && c->nsteps == 4 && rand_chance(r, 80);
    c->t_stay = (table0 || table1) && (!table0 || b->table[0]) && (!table1 || b->table[1]) && rand_chance(r, 40);
    if (!c->t_stay && (table0 || table1)) {
      b->table[0] = table0;
      b->table[1] = table1;
    }
    if (table0 && !c->t_stay) fill_table(b, t0, c->t0_wide, exponential);
    if (table1 && !c->t_stay) fill_table(b, t1, c->t1_wide, false);
    build_emit(b, &k);
    build_remember(b, out);
    return;
  }
}

void randvec_transpose(build_t *b) {
  rand_t *r = &b->r;
  weft_cmd_t k = {0};
  weft_transpose_t *c = &k.transpose;
  c->opcode = WEFT_CMD_TRANSPOSE;
  c->n0 = rand_in(r, 1, 4);
  c->n1 = rand_in(r, 1, 3);
  c->rows = rand_chance(r, 40) ? WEFT_WORD_BYTES : rand_in(r, 1, WEFT_WORD_BYTES);
  c->c0 = rand_chance(r, 60) ? 0 : rand_in(r, 0, WEFT_WORD_BYTES - 1);
  c->cols = rand_chance(r, 40) ? WEFT_WORD_BYTES - c->c0 : rand_in(r, 1, WEFT_WORD_BYTES - c->c0);
  c->fill = rand_i8(r);
  c->in_row = rand_in(r, 0, 3);
  c->in_s0 = rand_in(r, 0, 20);
  c->in_s1 = rand_in(r, 0, 40);
  const bool blocks_inside = rand_chance(r, 30);   /* output words of the blocks in turn, or block after block */
  if (blocks_inside) {
    c->out_s0 = rand_in(r, 1, 2);
    c->out_s1 = c->out_s0 * c->n0 + rand_in(r, 0, 1);
    c->out_col = c->out_s1 * c->n1 + rand_in(r, 0, 1);
  } else {
    c->out_col = rand_in(r, 1, 2);
    c->out_s0 = c->out_col * c->cols + rand_in(r, 0, 2);
    c->out_s1 = c->out_s0 * c->n0 + rand_in(r, 0, 2);
  }
  int64_t words_in = extent(c->rows, c->in_row, c->n0, c->in_s0, c->n1, c->in_s1);
  int64_t words_out = extent(c->cols, c->out_col, c->n0, c->out_s0, c->n1, c->out_s1);
  if (words_in > b->arena_words / 3 || words_out > b->arena_words / 2) return;
  for (int tries = 0; tries < 100; tries++) {
    build_range_t in = build_place(b, words_in, true), out = build_place(b, words_out, false);
    if (!build_apart(in, out)) continue;
    c->in_base = in.base;
    c->out_base = out.base;
    build_emit(b, &k);
    build_remember(b, out);
    return;
  }
}
