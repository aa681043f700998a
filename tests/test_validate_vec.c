/* SPDX-License-Identifier: Apache-2.0
 *
 * The validator on VEC and TRANSPOSE: each rule of docs/spec.md sections 5 and 6, broken and just kept.
 */
#include "validate_rig.h"

/* Each fault: a field of a good command set to a bad value, and what the message must say. */
static void bad_vec(void **state) {
  (void)state;
  static const struct { size_t at; int64_t value; const char *say; } fault[] = {
#define AT(field) offsetof(weft_vec_t, field)
      {AT(n0), 0, "n0 = 0"}, {AT(n2), 0, "n2 = 0"}, {AT(k1), 0, "k1 = 0"}, {AT(nsteps), 0, "nsteps = 0"}, {AT(nsteps), 5, "nsteps = 5"},
      {AT(mult0), (INT64_C(1) << 31) + 1, "mult0 = 2147483649: accepted is 0..2147483648"}, {AT(k0), 2, "k0 = 2: accepted is 1 (no step has taps)"},
      {AT(step2), 1, "step2 = 1"}, {AT(out_base), 5, "out_base"}, {AT(out_base), 105, "out_base"},
      {AT(out_base), 1020, "buffer word 1024: accepted are words 0..1023"}, {AT(b_base), 1020, "b_base"}, {AT(a_s0), 300, "a_base"},
#undef AT
  };
  for (size_t i = 0; i < sizeof fault / sizeof fault[0]; i++) {
    list_t l = empty("tiny");
    weft_cmd_t c = vec();
    memcpy((char *)&c + fault[i].at, &fault[i].value, sizeof(int64_t));
    add(&l, &c);
    expect(&l, fault[i].say);
  }
  list_t l = empty("tiny");
  weft_cmd_t c = vec();
  c.vec.out_base = 0;   /* in place over A */
  add(&l, &c);
  assert_int_equal(validate(&l), 0);
  c.vec.out_base = 100; /* over B */
  l = empty("tiny");
  add(&l, &c);
  assert_int_equal(validate(&l), 0);
  c.vec.a_s0 = c.vec.out_s0 = 0;   /* the same word ten times */
  c.vec.out_base = 0;
  l = empty("tiny");
  add(&l, &c);
  expect(&l, "result and operand (a_base)");
}

/* One step, both steps of a program, or all four, with what the message must say; an empty one: legal. */
static void steps(void **state) {
  (void)state;
  const weft_step_t set = {.scale = 3}, out = {.fn = WEFT_FN_ACC, .scale = 3, .into = WEFT_INTO_OUT}, row = {.scale = 3, .into = WEFT_INTO_ROW};
  const weft_step_t recip = {.scale = 3, .into = WEFT_INTO_RECIP};
#define WITH(base, ...) ({ weft_step_t s_ = base; weft_step_t *s = &s_; __VA_ARGS__; s_; })
  const struct { int n; weft_step_t step[4]; const char *say; } cases[] = {
      {1, {out}, "use of ACC"}, {2, {set, out}, ""}, {2, {out, set}, "into OUT in the last step and only there"}, {2, {set, set}, "into OUT in the last"},
      {2, {WITH(set, s->a = 3), out}, "a 0 A, 1 T0 or 2 T0D"}, {2, {WITH(set, s->scale = 6), out}, "scale 0..2, 3 none"},
      {2, {WITH(set, s->into = 6), out}, "into 0 SET"}, {2, {WITH(set, s->fn = WEFT_FN_B, s->a = 1), out}, "a 0 with fn B or ACC"},
      {2, {set, WITH(out, s->a = 1)}, "a 0 with fn B or ACC"}, {2, {WITH(set, s->b = 1), out}, "b 0 with fn A or ACC"},
      {2, {set, WITH(out, s->b = 3)}, "b 0 with fn A or ACC"}, {2, {set, WITH(out, s->div = 1)}, "div with fn ACC and scale 0..2"},
      {2, {set, WITH(out, s->div = 1, s->scale = 2)}, ""}, {2, {WITH(set, s->div = 1, s->scale = 0), out}, "div with fn ACC"},
      {2, {WITH(set, s->scale = 5), out}, ""}, {2, {WITH(set, s->scale = 5, s->fn = WEFT_FN_ADD), out}, "scale WEIGHT with fn A and b_splat 0"},
      {2, {WITH(set, s->a = WEFT_A_T0D), out}, "use of ACC"}, {2, {WITH(set, s->fn = WEFT_FN_B, s->b = WEFT_B_T1D), out}, "use of ACC"},
      {2, {WITH(set, s->into = WEFT_INTO_MAX), out}, ""}, {3, {row, WITH(set, s->into = WEFT_INTO_ADD), out}, "use of ACC"},
      {3, {set, WITH(set, s->a = WEFT_A_T0D, s->taps = 1), out}, "into ROW or OUT when a step with taps takes ACC"},
      {3, {set, WITH(row, s->a = WEFT_A_T0D, s->taps = 1), out}, ""}, {2, {set, WITH(out, s->taps = 1)}, ""},
      {4, {set, row, row, out}, "into ROW in one step only"}, {3, {set, recip, out}, "into RECIP in one step, after that with into ROW"},
      {4, {set, row, recip, out}, ""}, {4, {set, row, recip, WITH(out, s->scale = WEFT_SCALE_ROW)}, ""}, {4, {row, recip, recip, out}, "into RECIP in one step"},
      {3, {set, row, WITH(out, s->scale = WEFT_SCALE_ROW)}, "scale ROW after a step with into RECIP"},
      {4, {set, row, WITH(recip, s->fn = WEFT_FN_B), out}, "into RECIP with a 0, b 0, fn 0"}, {4, {set, row, WITH(recip, s->taps = 1), out}, "into RECIP with"},
      {4, {set, row, WITH(recip, s->scale = 0), out}, "into RECIP with"}, {4, {set, row, WITH(recip, s->a = 1), out}, "into RECIP with"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    list_t l = empty("tiny");
    weft_cmd_t c = vec();
    int64_t *const code[4] = {&c.vec.step0, &c.vec.step1, &c.vec.step2, &c.vec.step3};
    c.vec.nsteps = cases[i].n;
    for (int k = 0; k < 4; k++) *code[k] = k < cases[i].n ? weft_step_pack(cases[i].step[k]) : 0;
    c.vec.t0_base = c.vec.t1_base = 300;
    add(&l, &c);
    if (cases[i].say[0]) expect(&l, cases[i].say);
    else if (validate(&l)) fail_msg("case %zu is legal, but refused", i);
  }
  list_t l = empty("tiny");
  weft_cmd_t c = vec();
  c.vec.step0 |= 1 << 15;
  add(&l, &c);
  expect(&l, "bit 15 zero");
  c = vec();
  c.vec.b_splat = 1;
  c.vec.step0 = WEFT_STEP(.scale = WEFT_SCALE_WEIGHT);
  l = empty("tiny");
  add(&l, &c);
  expect(&l, "scale WEIGHT with fn A and b_splat 0");
#undef WITH
}

/* Tables, taps and single bytes as operands: what a result may not lie on, and where it may. */
static void vec_places(void **state) {
  (void)state;
  weft_cmd_t good = vec();
  good.vec.step0 = WEFT_STEP(.a = WEFT_A_T0, .b = WEFT_B_T1, .fn = WEFT_FN_ADD, .scale = WEFT_SCALE_NONE);
  good.vec.step1 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT);
  good.vec.t0_base = 400;
  good.vec.t1_base = 500;
  good.vec.t0_wide = 1;
#define CASE(change, want) \
  do { \
    list_t l = empty("tiny"); \
    weft_cmd_t k = good; \
    weft_vec_t *c = &k.vec; \
    change; \
    add(&l, &k); \
    if ((want)[0]) expect(&l, want); \
    else assert_int_equal(validate(&l), 0); \
  } while (0)
  CASE((void)c, "");
  CASE(c->out_base = 391, "buffer word 400 is result and operand (t0_base)");
  CASE(c->out_base = 463, "buffer word 463 is result and operand (t0_base)");
  CASE(c->out_base = 464, "");
  CASE(c->out_base = 515, "buffer word 515 is result and operand (t1_base)");
  CASE(c->out_base = 516, "");
  CASE((c->out_base = 516, c->t1_wide = 1), "buffer word 516 is result and operand (t1_base)");
  CASE(c->t1_base = 1009, "t1_base: its strides and counts reach buffer word 1024");
  CASE((c->t1_base = 1020, c->step0 = WEFT_STEP(.a = WEFT_A_T0, .scale = WEFT_SCALE_NONE)), "");   /* no step uses table 1 */
  CASE(c->out_base = 100, "");                                                                    /* in place of B */
  CASE((c->b_splat = 1, c->out_base = 100), "buffer word 100 is result and operand (b_base)");
  CASE((c->b_splat = 1, c->b_byte = 7, c->out_base = 101), "buffer word 101 is result and operand (b_base)");   /* bytes 7..16 */
  CASE((c->b_splat = 1, c->b_byte = 6, c->out_base = 101), "");
  CASE((c->b_splat = 1, c->b_base = 1023, c->b_byte = 7), "b_base: its strides and counts reach buffer word 1024");
  /* Taps of the first step reach word 9 + 3*20; of the last one, results reach 200 + 9 + 3*20. */
  CASE((c->k0 = 4, c->a_k0 = 20, c->step0 |= 1 << 14, c->out_base = 60), "buffer word 60 is result and operand (a_base)");
  CASE((c->k0 = 4, c->a_k0 = 20, c->step0 |= 1 << 14, c->out_base = 70), "");
  CASE((c->step0 |= 1 << 14, c->out_base = 0), "buffer word 0 is result and operand (a_base)");   /* not in place with taps */
  CASE((c->k0 = 4, c->out_k0 = 67, c->step1 |= 1 << 14), "buffer word 401 is result and operand (t0_base)");
  CASE((c->k0 = 4, c->out_k0 = 60, c->step1 |= 1 << 14), "");
#undef CASE
}

/* Tables are read while the VEC before runs; t_stay takes those that are there. */
static void vec_tables(void **state) {
  (void)state;
  list_t l = empty("tiny");
  weft_cmd_t writer = vec(), reader = vec();
  writer.vec.out_base = 300;
  reader.vec.step0 = WEFT_STEP(.a = WEFT_A_T0, .scale = WEFT_SCALE_NONE);
  reader.vec.t0_base = 309;
  add(&l, &writer);
  add(&l, &reader);
  expect(&l, "command 1 VEC: reads buffer word 309 that command 0 VEC writes at the same time: accepted is wait_vector >= 1");
  reader.hdr.wait_en = 4;
  reader.hdr.wait_vector = 1;
  l.count = 1;
  add(&l, &reader);
  assert_int_equal(validate(&l), 0);
  reader.hdr.wait_en = reader.hdr.wait_vector = 0;   /* of the one before the last it is in order by itself, and so are operands */
  weft_cmd_t between = vec();
  between.vec.a_base = between.vec.out_base = 300;
  l.count = 1;
  add(&l, &between);
  add(&l, &reader);
  expect(&l, "command 1 VEC");
  between.vec.out_base = 200;
  l.count = 1;
  add(&l, &between);
  add(&l, &reader);
  assert_int_equal(validate(&l), 0);

  weft_cmd_t stay = reader;
  stay.vec.t_stay = 1;
  stay.vec.t0_base = 1023;   /* nothing is read from there */
  add(&l, &stay);
  add(&l, &writer);
  add(&l, &stay);
  assert_int_equal(validate(&l), 0);
  stay.vec.step0 = WEFT_STEP(.a = WEFT_A_T0, .b = WEFT_B_T1, .fn = WEFT_FN_ADD, .scale = WEFT_SCALE_NONE);
  add(&l, &stay);
  expect(&l, "command 6 VEC: t_stay = 1: table 1: accepted is 0, or tables that the last VEC before it that has read any has read");
  l = empty("tiny");
  add(&l, &writer);
  stay.vec.step0 = WEFT_STEP(.a = WEFT_A_T0, .scale = WEFT_SCALE_NONE);
  add(&l, &stay);
  expect(&l, "command 1 VEC: t_stay = 1: table 0");
}

static void bad_transpose(void **state) {
  (void)state;
  static const struct { size_t at; int64_t value; const char *say; } fault[] = {
#define AT(field) offsetof(weft_transpose_t, field)
      {AT(n0), 0, "n0 = 0"}, {AT(n1), 0, "n1 = 0"}, {AT(rows), 0, "rows = 0: accepted is 1..16"}, {AT(rows), 17, "rows = 17"},
      {AT(cols), 0, "cols = 0: accepted is 1..16"}, {AT(cols), 17, "cols = 17"}, {AT(c0), 7, "c0 = 7: accepted is at most 6"},
      {AT(out_base), 20, "out_base: buffer word 20 is result and operand (in_base): accepted is a result elsewhere"},
      {AT(out_base), 1015, "out_base: its strides and counts reach buffer word 1024"}, {AT(in_base), 1020, "in_base: its strides and counts reach"},
      {AT(out_col), 0, "out_col, out_s0, out_s1 = 0, 10, 20: two output words share a buffer word"}, {AT(out_s0), 9, "two output words share"},
      {AT(out_s1), 10, "two output words share"}, {AT(c0), 6, ""}, {AT(out_base), 32, ""},
#undef AT
  };
  for (size_t i = 0; i < sizeof fault / sizeof fault[0]; i++) {
    list_t l = empty("tiny");
    weft_cmd_t c = {0};
    c.transpose = (weft_transpose_t){.opcode = WEFT_CMD_TRANSPOSE, .out_base = 200, .n0 = 2, .n1 = 3, .rows = 8, .cols = 10, .in_row = 2, .in_s0 = 1,
                                     .in_s1 = 8, .out_col = 1, .out_s0 = 10, .out_s1 = 20};
    memcpy((char *)&c + fault[i].at, &fault[i].value, sizeof(int64_t));
    add(&l, &c);
    if (fault[i].say[0]) expect(&l, fault[i].say);
    else assert_int_equal(validate(&l), 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bad_vec), cmocka_unit_test(steps), cmocka_unit_test(vec_places), cmocka_unit_test(vec_tables), cmocka_unit_test(bad_transpose),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
