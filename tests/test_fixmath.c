/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions in fixed point against exact vectors and against libm.
 *
 * The vectors come from a statement of the rules in Python's unbounded integers, with TFLite's own wording of each rounding. The oracles
 * of `make conformance` see these functions only through 8-bit outputs, where one unit in a constant hides; here it does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "fixmath.h"

static void test_inv_sqrt(void **state) {
  (void)state;
  static const struct { int32_t x, q; int e; } want[] = {
      {0, INT32_MAX, 0}, {1, INT32_MAX, 0}, {2, 1518498372, 0}, {3, 1239850284, 0}, {5, 960383900, 0}, {255, 268961290, -1},
      {65025, 269488147, -5}, {(1 << 27) + 1, 379624593, -11}, {(1 << 28) + 3, 268435457, -11}, {(1 << 29) - 1, 189812531, -11},
      {1 << 29, 379624593, -12}, {1234567891, 250341194, -12}, {INT32_MAX, 189812531, -12}};
  for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
    int32_t q;
    int e;
    weft_inv_sqrt(want[i].x, &q, &e);
    assert_int_equal(q, want[i].q);
    assert_int_equal(e, want[i].e);
  }
  for (int64_t x = 2; x <= INT32_MAX; x += 1 + x / 100) {   /* relative error: 1.25e-6 where Newton has furthest to go */
    int32_t q;
    int e;
    weft_inv_sqrt((int32_t)x, &q, &e);
    assert_true(fabs(ldexp((double)q, e - 31) * sqrt((double)x) - 1) < 1.3e-6);
  }
}

static void test_log(void **state) {
  (void)state;
  static const struct { int32_t x, y; } want[] = {
      {1 << 19, 0}, {(1 << 19) + 1, 128}, {600000, 9052214}, {700000, 19397090}, {741455, 23258142}, {900000, 36262516}, {1 << 20, 46516320},
      {12345678, 211998256}, {99999999, 352380880}, {(1 << 30) + 12345, 511680290}, {INT32_MAX, 558195838}};
  for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) assert_int_equal(weft_log_q26(want[i].x), want[i].y);
  for (int64_t x = 1 << 19; x <= INT32_MAX; x += 1 + x / 5000)
    assert_true(fabs(weft_log_q26((int32_t)x) - ldexp(log(ldexp((double)x, -19)), 26)) < 3);
}

static void test_reciprocal(void **state) {
  (void)state;
  static const struct { int32_t a, y; } want[] = {
      {0, INT32_MAX}, {1, INT32_MAX}, {123456789, 2030738432}, {1 << 30, 1431655762}, {1999999999, 1111923858}, {INT32_MAX, 1073741820}};
  for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) assert_int_equal(weft_reciprocal_q31(want[i].a), want[i].y);
}

static void test_exp(void **state) {
  (void)state;
  assert_int_equal(weft_exp_q31(0), INT32_MAX);
  for (int64_t a = -1; a > INT32_MIN; a -= 1 - a / 3000)
    assert_true(fabs(ldexp((double)weft_exp_q31((int32_t)a), -31) - exp(ldexp((double)a, -26))) < 2.4e-7);
}

/* Every 16-bit argument, in steps of the result (2^-15). */
static void test_gates(void **state) {
  (void)state;
  for (int x = INT16_MIN; x <= INT16_MAX; x++) {
    const double real = x / 4096.0;
    assert_true(fabs(weft_logistic_q15((int16_t)x) - 32768 / (1 + exp(-real))) < 6.5);
    for (int bits = 0; bits <= 6; bits++) {
      assert_true(fabs(weft_tanh_q15((int16_t)x, bits) - 32768 * tanh(x * ldexp(1, bits - 15))) < 12.5);
      if (x > INT16_MIN) assert_int_equal(weft_tanh_q15((int16_t)x, bits), -weft_tanh_q15((int16_t)-x, bits));
    }
  }
}

/* Many results as one number: one unit in any constant changes it. */
enum { STRIDE = 1000003 };

static void test_sums(void **state) {
  (void)state;
  uint32_t inv = 0, log = 0, power = 0, reciprocal = 0;
  for (int64_t x = 0; x <= INT32_MAX; x += STRIDE) {
    int e;
    int32_t q;
    if (x + 2 <= INT32_MAX) {
      weft_inv_sqrt((int32_t)(x + 2), &q, &e);
      inv = inv * 31 + (uint32_t)q;
    }
    if (x + (1 << 19) <= INT32_MAX) log = log * 31 + (uint32_t)weft_log_q26((int32_t)(x + (1 << 19)));
    power = power * 31 + (uint32_t)weft_exp_q31((int32_t)(-1 - x));
    reciprocal = reciprocal * 31 + (uint32_t)weft_reciprocal_q31((int32_t)x);
  }
  assert_int_equal(inv, 3042860584u);
  assert_int_equal(log, 3732889426u);
  assert_int_equal(power, 277814340u);
  assert_int_equal(reciprocal, 1487083611u);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_inv_sqrt), cmocka_unit_test(test_log), cmocka_unit_test(test_reciprocal),
                                     cmocka_unit_test(test_exp), cmocka_unit_test(test_gates),
                                     cmocka_unit_test(test_sums)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
