/* SPDX-License-Identifier: Apache-2.0
 *
 * Packing and unpacking of command records: every field keeps its value and its place, reserved bits are noticed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "weft_spec.h"

static const int opcodes[] = {WEFT_CMD_LOAD, WEFT_CMD_STORE, WEFT_CMD_CONV, WEFT_CMD_VEC, WEFT_CMD_TRANSPOSE};
enum { OPCODES = sizeof opcodes / sizeof opcodes[0] };

static void put(weft_cmd_t *c, const weft_field_t *f, int64_t v) { memcpy((char *)c + f->offset, &v, sizeof v); }

static void test_round_trip(void **state)
{
  (void)state;
  srand(1);
  for (int n = 0; n < 2000; n++) {
    weft_cmd_t c, back;
    uint32_t rec[WEFT_CMD_WORDS];
    int opcode = opcodes[n % OPCODES];
    memset(&c, 0, sizeof c);
    c.hdr.opcode = opcode;
    for (int part = 0; part < 2; part++) {
      int count;
      const weft_field_t *f = weft_cmd_fields(part ? opcode : 0, &count);
      for (int i = 0; i < count; i++) {
        if (!part && !strcmp(f[i].name, "opcode")) continue;
        int64_t v = ((int64_t)rand() << 31 | rand()) & ((1LL << f[i].width) - 1);
        if (f[i].sgn) v -= 1LL << (f[i].width - 1);
        put(&c, &f[i], v);
      }
    }
    assert_null(weft_cmd_pack(&c, rec));
    assert_int_equal(weft_cmd_unpack(rec, &back), WEFT_ERR_NONE);
    assert_memory_equal(&c, &back, sizeof c);
  }
}

static void test_values_that_do_not_fit(void **state)
{
  (void)state;
  for (int o = 0; o < OPCODES; o++) {
    int count;
    const weft_field_t *f = weft_cmd_fields(opcodes[o], &count);
    assert_non_null(f);
    for (int i = 0; i < count; i++) {
      uint32_t rec[WEFT_CMD_WORDS];
      weft_cmd_t c;
      memset(&c, 0, sizeof c);
      c.hdr.opcode = opcodes[o];
      put(&c, &f[i], 1LL << (f[i].width - f[i].sgn));
      assert_string_equal(weft_cmd_pack(&c, rec), f[i].name);
      put(&c, &f[i], f[i].sgn ? -(1LL << (f[i].width - 1)) - 1 : -1);
      assert_string_equal(weft_cmd_pack(&c, rec), f[i].name);
    }
  }
}

/* No two fields of a command share a bit, and every bit that none names is refused. */
static void test_reserved_bits(void **state)
{
  (void)state;
  for (int o = 0; o < OPCODES; o++) {
    uint32_t named[WEFT_CMD_WORDS] = {0};
    for (int part = 0; part < 2; part++) {
      int count;
      const weft_field_t *f = weft_cmd_fields(part ? opcodes[o] : 0, &count);
      for (int i = 0; i < count; i++) {
        uint32_t bits = (uint32_t)(((1ULL << f[i].width) - 1) << f[i].lsb);
        assert_true(f[i].lsb + f[i].width <= 32);
        assert_int_equal(named[f[i].word] & bits, 0);
        named[f[i].word] |= bits;
      }
    }
    for (int b = 0; b < WEFT_CMD_WORDS * 32; b++) {
      uint32_t rec[WEFT_CMD_WORDS] = {0};
      weft_cmd_t c;
      rec[0] = (uint32_t)opcodes[o];
      if (b < 8) continue;
      rec[b / 32] |= 1u << (b % 32);
      int expect = named[b / 32] >> (b % 32) & 1 ? WEFT_ERR_NONE : WEFT_ERR_RESERVED;
      assert_int_equal(weft_cmd_unpack(rec, &c), expect);
    }
  }
}

static void test_unknown_opcodes(void **state)
{
  (void)state;
  for (uint32_t op = 0; op < 256; op++) {
    uint32_t rec[WEFT_CMD_WORDS] = {op};
    weft_cmd_t c;
    int known = op >= 1 && op <= OPCODES;
    assert_int_equal(weft_cmd_unpack(rec, &c), known ? WEFT_ERR_NONE : WEFT_ERR_OPCODE);
  }
}

/* The fields of a step share no bit of the lowest 15, and pack and unpack agree. */
static void test_steps(void **state)
{
  (void)state;
  int64_t all = 0;
  weft_step_t one[] = {{.a = -1}, {.b = -1}, {.fn = -1}, {.scale = -1}, {.into = -1}, {.div = -1}, {.taps = -1}};
  for (size_t i = 0; i < sizeof one / sizeof one[0]; i++) {
    int64_t code = weft_step_pack(one[i]);
    assert_true(code && !(all & code));
    all |= code;
  }
  assert_int_equal(all, 0x7fff);
  for (int64_t code = 0; code <= 0x7fff; code++) assert_int_equal(weft_step_pack(weft_step_unpack(code)), code);
  assert_int_equal(WEFT_STEP(.a = WEFT_A_T0D, .b = WEFT_B_T1D, .fn = WEFT_FN_ACC, .scale = WEFT_SCALE_WEIGHT, .into = WEFT_INTO_OUT, .div = 1, .taps = 1),
                   2 | 3 << 2 | 7 << 4 | 5 << 7 | 5 << 10 | 1 << 13 | 1 << 14);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_steps),
    cmocka_unit_test(test_round_trip), cmocka_unit_test(test_values_that_do_not_fit),
    cmocka_unit_test(test_reserved_bits), cmocka_unit_test(test_unknown_opcodes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
