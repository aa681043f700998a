/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes wrong on the Verilated RTL ends in a named error, and the device works after reset.
 *
 * The validator is bypassed on purpose: these lists are what it would refuse. Configuration: $WEFT_TEST_CONFIG or tiny.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "driver/target.h"

enum { DRAM = 1 << 16, LIST = 0, SOURCE = 0x2000, SINK = 0x4000, WINDOW = 0x1000, BYTES = 1024, TICKS = 200000 };
enum { BAD_READ = SOURCE + 0x800, BAD_WRITE = SINK + 0x800 };

typedef struct { weft_target_t *target; weft_dev_t dev; uint32_t list[64][WEFT_CMD_WORDS]; uint32_t count; } fixture_t;

static const weft_config_t *config(void)
{
  const char *name = getenv("WEFT_TEST_CONFIG");
  const weft_config_t *c = weft_config_find(name ? name : "tiny");
  assert_non_null(c);
  return c;
}

static void open_device(fixture_t *f, unsigned seed, uint32_t fail_addr)
{
  weft_target_opts_t o = {.dram_bytes = DRAM, .seed = seed, .fail_addr = fail_addr};
  weft_msg_t m;
  memset(f, 0, sizeof *f);
  if (weft_target_open("rtl", config(), &o, &f->target, &m) < 0) fail_msg("%s", m.msg);
  weft_io_t io = weft_target_io(f->target);
  assert_int_equal(weft_dev_open(&f->dev, &io), 0);
  assert_true(weft_dev_is(&f->dev, config()));
  assert_int_equal(weft_dev_region(&f->dev, 0, LIST, WINDOW), 0);
  assert_int_equal(weft_dev_region(&f->dev, 1, SOURCE, WINDOW), 0);
  assert_int_equal(weft_dev_region(&f->dev, 2, SINK, WINDOW), 0);
}

static void add(fixture_t *f, const weft_cmd_t *c) { assert_null(weft_cmd_pack(c, f->list[f->count++])); }

static weft_cmd_t dma(int opcode, int region, uint32_t offset, uint32_t elem, uint32_t elems)
{
  weft_cmd_t c;
  memset(&c, 0, sizeof c);
  c.dma.opcode = opcode;
  c.dma.region = region;
  c.dma.offset = offset;
  c.dma.elem_bytes = elem;
  c.dma.elems = elems;
  c.dma.n0 = c.dma.n1 = 1;
  c.dma.buf_se = (elem + 15) / 16;
  return c;
}

static int run(fixture_t *f)
{
  assert_int_equal(f->dev.io.mem_write(f->dev.io.ctx, LIST, f->list, f->count * WEFT_CMD_BYTES), 0);
  int e = weft_dev_start(&f->dev, 0, f->count);
  if (e) return e;
  e = weft_dev_wait(&f->dev, weft_dev_deadline(&f->dev, TICKS));
  if (e == WEFT_DRV_E_TIMEOUT) print_message("hang: %s\n", weft_target_diagnosis(f->target));
  return e;
}

/* Copies BYTES through the buffer and checks every byte: the device is in order. */
static void good_job(fixture_t *f, unsigned seed)
{
  uint8_t in[BYTES], out[BYTES];
  srand(seed);
  for (int i = 0; i < BYTES; i++) in[i] = (uint8_t)rand();
  memset(out, 0, sizeof out);
  assert_int_equal(f->dev.io.mem_write(f->dev.io.ctx, SOURCE, in, BYTES), 0);
  assert_int_equal(f->dev.io.mem_write(f->dev.io.ctx, SINK, out, BYTES), 0);
  f->count = 0;
  weft_cmd_t l = dma(WEFT_CMD_LOAD, 1, 0, 48, BYTES / 48), s = dma(WEFT_CMD_STORE, 2, 0, 48, BYTES / 48);
  s.hdr.wait_en = 1 << WEFT_ENG_LOAD;
  s.hdr.wait_load = 1;
  add(f, &l);
  add(f, &s);
  assert_int_equal(run(f), 0);
  assert_int_equal(f->dev.io.mem_read(f->dev.io.ctx, SINK, out, BYTES), 0);
  assert_memory_equal(in, out, BYTES / 48 * 48);
}

/* The list in f must end in this error; then reset, and a good job must pass. */
static void expect_error(fixture_t *f, int code, int engine, int command)
{
  weft_dev_error_t e;
  assert_int_equal(run(f), WEFT_DRV_E_DEVICE);
  assert_int_equal(weft_dev_error(&f->dev, &e), 0);
  assert_int_equal(e.code, code);
  if (engine >= 0) assert_int_equal(e.engine, engine);
  if (command >= 0) assert_int_equal(e.command, command);
  assert_int_equal(weft_dev_start(&f->dev, 0, 1), WEFT_DRV_E_STATE);
  assert_int_equal(weft_dev_reset(&f->dev), 0);
  good_job(f, 7);
}

static void test_good(void **state)
{
  (void)state;
  for (unsigned seed = 0; seed < 8; seed++) {
    fixture_t f;
    open_device(&f, seed, 0);
    good_job(&f, seed);
    good_job(&f, seed + 100);
    weft_target_close(f.target);
  }
}

static void test_opcode_and_reserved(void **state)
{
  (void)state;
  for (unsigned seed = 0; seed < 4; seed++) {
    fixture_t f;
    open_device(&f, seed, 0);
    weft_cmd_t l = dma(WEFT_CMD_LOAD, 1, 0, 16, 8);
    add(&f, &l);
    add(&f, &l);
    f.list[1][0] = (f.list[1][0] & ~0xffu) | 0x77;
    expect_error(&f, WEFT_ERR_OPCODE, -1, 1);
    f.count = 0;
    add(&f, &l);
    f.list[0][31] = 1u << 30;
    expect_error(&f, WEFT_ERR_RESERVED, -1, 0);
    weft_target_close(f.target);
  }
}

static void test_window(void **state)
{
  (void)state;
  static const struct { uint32_t offset, elem, elems; } bad[] = {
    {WINDOW - 16, 32, 1}, {WINDOW, 16, 1}, {0xfffffff0u, 32, 1}, {0xfffff000u, 16, 4}, {0, 16, WINDOW / 16 + 1}, {0x80000000u, 16, 1}};
  for (unsigned i = 0; i < 2 * sizeof bad / sizeof bad[0]; i++) {
    fixture_t f;
    open_device(&f, i, 0);
    int store = i % 2;
    weft_cmd_t c = dma(store ? WEFT_CMD_STORE : WEFT_CMD_LOAD, store ? 2 : 1, bad[i / 2].offset, bad[i / 2].elem, bad[i / 2].elems);
    add(&f, &c);
    expect_error(&f, WEFT_ERR_WINDOW, store ? WEFT_ENG_STORE : WEFT_ENG_LOAD, 0);
    weft_target_close(f.target);
  }
}

static void test_unset_region(void **state)
{
  (void)state;
  fixture_t f;
  open_device(&f, 0, 0);
  weft_cmd_t c = dma(WEFT_CMD_LOAD, 5, 0, 16, 1);
  add(&f, &c);
  expect_error(&f, WEFT_ERR_WINDOW, WEFT_ENG_LOAD, 0);
  weft_target_close(f.target);
}

static void test_buffer(void **state)
{
  (void)state;
  fixture_t f;
  open_device(&f, 3, 0);
  weft_cmd_t c = dma(WEFT_CMD_LOAD, 1, 0, 16, 4);
  c.dma.buf = config()->buf_words - 2;
  add(&f, &c);
  expect_error(&f, WEFT_ERR_BUFFER, WEFT_ENG_LOAD, -1);
  weft_target_close(f.target);
}

static void test_zero_fields(void **state)
{
  (void)state;
  fixture_t f;
  open_device(&f, 0, 0);
  weft_cmd_t c = dma(WEFT_CMD_LOAD, 1, 0, 16, 0);
  add(&f, &c);
  expect_error(&f, WEFT_ERR_FIELD, -1, 0);
  f.count = 0;
  memset(&c, 0, sizeof c);
  c.hdr.opcode = WEFT_CMD_CONV;
  add(&f, &c);
  expect_error(&f, WEFT_ERR_FIELD, -1, 0);
  f.count = 0;
  c.hdr.opcode = WEFT_CMD_VEC;
  add(&f, &c);
  expect_error(&f, WEFT_ERR_FIELD, -1, 0);
  weft_target_close(f.target);
}

static void test_axi_errors(void **state)
{
  (void)state;
  for (unsigned seed = 0; seed < 12; seed++) {
    fixture_t f;
    open_device(&f, seed, BAD_READ + seed);
    weft_cmd_t c = dma(WEFT_CMD_LOAD, 1, 0x700, 16, 64);
    add(&f, &c);
    expect_error(&f, WEFT_ERR_AXI_READ, WEFT_ENG_LOAD, -1);
    weft_target_close(f.target);
    open_device(&f, seed, BAD_WRITE + seed);
    weft_cmd_t s = dma(WEFT_CMD_STORE, 2, 0x700, 16, 64);
    add(&f, &s);
    expect_error(&f, WEFT_ERR_AXI_WRITE, WEFT_ENG_STORE, -1);
    weft_target_close(f.target);
    open_device(&f, seed, LIST + 0x200);                  /* the fifth record of the list */
    for (int i = 0; i < 6; i++) {
      c = dma(WEFT_CMD_LOAD, 1, 0, 16, 4);
      add(&f, &c);
    }
    expect_error(&f, WEFT_ERR_AXI_READ, 4, -1);
    weft_target_close(f.target);
  }
}

static void test_reset_at_any_time(void **state)
{
  (void)state;
  for (unsigned seed = 1; seed < 40; seed++) {
    fixture_t f;
    open_device(&f, seed, 0);
    for (int i = 0; i < 4; i++) {
      weft_cmd_t l = dma(WEFT_CMD_LOAD, 1, 0, 16, 64), s = dma(WEFT_CMD_STORE, 2, 0, 16, 64);
      add(&f, &l);
      add(&f, &s);
    }
    assert_int_equal(f.dev.io.mem_write(f.dev.io.ctx, LIST, f.list, f.count * WEFT_CMD_BYTES), 0);
    assert_int_equal(weft_dev_start(&f.dev, 0, f.count), 0);
    assert_true(f.dev.io.wait_until(f.dev.io.ctx, weft_dev_deadline(&f.dev, 11 * seed)) >= 0);
    assert_int_equal(weft_dev_reset(&f.dev), 0);
    good_job(&f, seed);
    weft_target_close(f.target);
  }
}

static void test_start_rules(void **state)
{
  (void)state;
  fixture_t f;
  weft_dev_error_t e;
  open_device(&f, 0, 0);
  f.dev.io.write32(f.dev.io.ctx, WEFT_REG_CMD_COUNT, 0);
  f.dev.io.write32(f.dev.io.ctx, WEFT_REG_CTRL, 1);
  assert_int_equal(weft_dev_wait(&f.dev, weft_dev_deadline(&f.dev, 1000)), WEFT_DRV_E_DEVICE);
  assert_int_equal(weft_dev_error(&f.dev, &e), 0);
  assert_int_equal(e.code, WEFT_ERR_START);
  assert_int_equal(weft_dev_reset(&f.dev), 0);
  good_job(&f, 1);
  f.dev.io.write32(f.dev.io.ctx, WEFT_REG_LOCK, 1);
  assert_int_equal(weft_dev_region(&f.dev, 1, 0, 128), WEFT_DRV_E_STATE);
  assert_int_equal(weft_dev_reset(&f.dev), 0);
  assert_int_equal(weft_dev_region(&f.dev, 1, 0, 128), WEFT_DRV_E_STATE);   /* the lock survives a reset */
  good_job(&f, 2);                                                          /* and the old regions still stand */
  weft_target_close(f.target);
}

/* Two devices of one library live beside each other, whichever is closed first. */
static void test_two_devices(void **state)
{
  (void)state;
  for (int order = 0; order < 2; order++) {
    fixture_t f[2];
    open_device(&f[0], 3, 0);
    open_device(&f[1], 4, 0);
    good_job(&f[0], 5);
    good_job(&f[1], 6);
    weft_target_close(f[order].target);
    good_job(&f[!order], 7);
    weft_target_close(f[!order].target);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_good), cmocka_unit_test(test_opcode_and_reserved), cmocka_unit_test(test_window),
    cmocka_unit_test(test_unset_region), cmocka_unit_test(test_buffer), cmocka_unit_test(test_zero_fields),
    cmocka_unit_test(test_axi_errors), cmocka_unit_test(test_reset_at_any_time), cmocka_unit_test(test_start_rules),
    cmocka_unit_test(test_two_devices)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
