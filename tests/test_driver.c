/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver against a fake device: one that behaves, one that is absent, locked, in error, silent, or answers garbage.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "driver/weft_driver.h"

typedef struct {
  uint32_t reg[1024];
  uint32_t finish;          /* STATUS after START */
  int irq, locked, ignore_reset, waits, wait_result;
  uint32_t garbage;         /* != 0: every read is a pseudo-random number from it */
  unsigned accesses;
} fake_t;

static uint32_t fake_read(void *ctx, uint32_t off)
{
  fake_t *f = ctx;
  f->accesses++;
  if (f->garbage) return f->garbage = f->garbage * 1664525u + 1013904223u;
  return f->reg[off / 4];
}

static void fake_write(void *ctx, uint32_t off, uint32_t v)
{
  fake_t *f = ctx;
  f->accesses++;
  if (off == WEFT_REG_CTRL) {
    if (v & 1) f->reg[WEFT_REG_STATUS / 4] = f->finish;
    if (v & 2 && !f->ignore_reset) f->reg[WEFT_REG_STATUS / 4] = 0;
    return;
  }
  if (off >= WEFT_REG_REGION0 && off < WEFT_REG_REGION0 + 64 && f->locked) return;
  if (off == WEFT_REG_IRQ_STATUS) return;
  f->reg[off / 4] = v;
}

static int fake_mem_read(void *ctx, uint32_t a, void *to, size_t n) { (void)ctx; (void)a; memset(to, 0, n); return 0; }
static int fake_mem_write(void *ctx, uint32_t a, const void *from, size_t n) { (void)ctx; (void)a; (void)from; (void)n; return 0; }
static int fake_wait(void *ctx, uint64_t ticks)
{
  fake_t *f = ctx;
  (void)ticks;
  f->waits++;
  return f->wait_result;
}

static weft_io_t io_of(fake_t *f)
{
  return (weft_io_t){.ctx = f, .read32 = fake_read, .write32 = fake_write, .mem_read = fake_mem_read,
                     .mem_write = fake_mem_write, .wait = fake_wait};
}

static fake_t good(void)
{
  fake_t f = {.finish = 2, .wait_result = 1};
  const weft_config_t *c = weft_config_find("tiny");
  f.reg[WEFT_REG_ID / 4] = WEFT_ID;
  f.reg[WEFT_REG_VERSION / 4] = WEFT_VERSION_MAJOR << 16 | WEFT_VERSION_MINOR << 8 | WEFT_VERSION_PATCH;
  f.reg[WEFT_REG_CFG0 / 4] = (uint32_t)(c->rows | c->cols << 8 | c->lanes << 16 | c->ppu_lanes << 24);
  f.reg[WEFT_REG_CFG1 / 4] = (uint32_t)(c->buf_words | c->net_bytes << 16 | c->bus_bytes << 24);
  f.reg[WEFT_REG_CFG2 / 4] = (uint32_t)(c->fspad_bytes | WEFT_ACC_DEPTH << 16);
  f.reg[WEFT_REG_CFG3 / 4] = (uint32_t)(WEFT_WINDOW_WORDS | WEFT_PARAM_DEPTH << 8 | WEFT_OBUF_WORDS << 16 | c->bank_words / 256 << 24);
  return f;
}

static void test_open(void **state)
{
  (void)state;
  fake_t f = good();
  weft_io_t io = io_of(&f);
  weft_dev_t d;
  assert_int_equal(weft_dev_open(&d, &io), 0);
  assert_true(weft_dev_is(&d, weft_config_find("tiny")));
  assert_false(weft_dev_is(&d, weft_config_find("weft672")));
  assert_int_equal(d.info.bank_words, weft_config_find("tiny")->bank_words);
  assert_int_equal(weft_dev_open(NULL, &io), WEFT_DRV_E_ARG);
  io.wait = NULL;
  assert_int_equal(weft_dev_open(&d, &io), WEFT_DRV_E_ARG);
}

static void test_absent_or_other_version(void **state)
{
  (void)state;
  fake_t f = good();
  weft_io_t io = io_of(&f);
  weft_dev_t d;
  f.reg[WEFT_REG_ID / 4] = 0xffffffff;
  assert_int_equal(weft_dev_open(&d, &io), WEFT_DRV_E_ID);
  f = good();
  f.reg[WEFT_REG_VERSION / 4] += 0x10000;
  assert_int_equal(weft_dev_open(&d, &io), WEFT_DRV_E_ID);
}

static void test_job(void **state)
{
  (void)state;
  fake_t f = good();
  weft_io_t io = io_of(&f);
  weft_dev_t d;
  assert_int_equal(weft_dev_open(&d, &io), 0);
  assert_int_equal(weft_dev_region(&d, 2, 0x1000, 0x200), 0);
  assert_int_equal(f.reg[(WEFT_REG_REGION0 + 16) / 4], 0x1000);
  assert_int_equal(f.reg[(WEFT_REG_REGION0 + 20) / 4], 0x200);
  assert_int_equal(weft_dev_region(&d, 8, 0, 0), WEFT_DRV_E_ARG);
  assert_int_equal(weft_dev_region(&d, 0, 64, 0), WEFT_DRV_E_ARG);           /* not a multiple of 128 */
  assert_int_equal(weft_dev_region(&d, 0, 0xffffff80u, 0x100), WEFT_DRV_E_ARG);
  assert_int_equal(weft_dev_submit(&d, 0, 0), WEFT_DRV_E_ARG);
  assert_int_equal(weft_dev_submit(&d, 64, 1), WEFT_DRV_E_ARG);
  assert_int_equal(weft_dev_submit(&d, 128, 3), 0);
  assert_int_equal(f.reg[WEFT_REG_CMD_OFFSET / 4], 128);
  assert_int_equal(f.reg[WEFT_REG_CMD_COUNT / 4], 3);
  assert_int_equal(weft_dev_wait(&d, 1000), 0);
  f.reg[WEFT_REG_COUNTER0 / 4 + 2] = 7;
  f.reg[WEFT_REG_COUNTER0 / 4 + 3] = 1;
  uint64_t c[WEFT_COUNTERS];
  assert_int_equal(weft_dev_counters(&d, c), 0);
  assert_true(c[1] == 0x100000007ull);
}

static void test_locked_regions_are_noticed(void **state)
{
  (void)state;
  fake_t f = good();
  weft_io_t io = io_of(&f);
  weft_dev_t d;
  assert_int_equal(weft_dev_open(&d, &io), 0);
  f.locked = 1;
  assert_int_equal(weft_dev_region(&d, 1, 0x80, 0x80), WEFT_DRV_E_STATE);
}

static void test_error_then_reset(void **state)
{
  (void)state;
  fake_t f = good();
  weft_io_t io = io_of(&f);
  weft_dev_t d;
  weft_dev_error_t e;
  assert_int_equal(weft_dev_open(&d, &io), 0);
  f.finish = 4;
  f.reg[WEFT_REG_ERROR_CAUSE / 4] = WEFT_ERR_AXI_READ | WEFT_ENG_LOAD << 8;
  f.reg[WEFT_REG_ERROR_ADDR / 4] = 0x1234;
  f.reg[WEFT_REG_ERROR_CMD / 4] = 5;
  assert_int_equal(weft_dev_submit(&d, 0, 1), 0);
  assert_int_equal(weft_dev_wait(&d, 1000), WEFT_DRV_E_DEVICE);
  assert_int_equal(weft_dev_error(&d, &e), 0);
  assert_int_equal(e.code, WEFT_ERR_AXI_READ);
  assert_int_equal(e.engine, WEFT_ENG_LOAD);
  assert_int_equal(e.addr, 0x1234);
  assert_int_equal(e.command, 5);
  assert_int_equal(weft_dev_submit(&d, 0, 1), WEFT_DRV_E_STATE);   /* reset first */
  assert_int_equal(weft_dev_reset(&d), 0);
  f.finish = 2;
  assert_int_equal(weft_dev_submit(&d, 0, 1), 0);
  assert_int_equal(weft_dev_wait(&d, 1000), 0);
}

static void test_never_answers(void **state)
{
  (void)state;
  fake_t f = good();
  weft_io_t io = io_of(&f);
  weft_dev_t d;
  assert_int_equal(weft_dev_open(&d, &io), 0);
  f.finish = 1;
  f.wait_result = 0;
  assert_int_equal(weft_dev_submit(&d, 0, 1), 0);
  assert_int_equal(weft_dev_wait(&d, 1000), WEFT_DRV_E_TIMEOUT);
  f.wait_result = 1;                                    /* interrupts without a reason, for ever */
  assert_int_equal(weft_dev_wait(&d, 1000), WEFT_DRV_E_TIMEOUT);
  f.ignore_reset = 1;
  assert_int_equal(weft_dev_reset(&d), WEFT_DRV_E_TIMEOUT);
  f.wait_result = -1;
  assert_int_equal(weft_dev_wait(&d, 1000), WEFT_DRV_E_IO);
}

static void test_garbage(void **state)
{
  (void)state;
  for (uint32_t seed = 1; seed < 500; seed++) {
    fake_t f = good();
    weft_io_t io = io_of(&f);
    weft_dev_t d;
    weft_dev_error_t e;
    uint64_t c[WEFT_COUNTERS];
    assert_int_equal(weft_dev_open(&d, &io), 0);
    f.garbage = seed;
    f.wait_result = (int)(seed % 2);
    (void)weft_dev_region(&d, 0, 0, 128);
    (void)weft_dev_submit(&d, 0, 1);
    (void)weft_dev_wait(&d, 1);
    (void)weft_dev_reset(&d);
    (void)weft_dev_error(&d, &e);
    (void)weft_dev_counters(&d, c);
    assert_int_not_equal(weft_dev_open(&d, &io), 0);     /* garbage is not a Weft */
    assert_true(f.accesses < 10000);                     /* every loop was bounded */
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_open), cmocka_unit_test(test_absent_or_other_version), cmocka_unit_test(test_job),
    cmocka_unit_test(test_locked_regions_are_noticed), cmocka_unit_test(test_error_then_reset),
    cmocka_unit_test(test_never_answers), cmocka_unit_test(test_garbage)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
