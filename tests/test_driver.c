/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver against a fake device: one that behaves, one that is absent, locked, in error, silent, or answers garbage. Built with the sanitizers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "driver/weft_driver.h"
#include "rand.h"

enum { DRAM = 8192, STEP = 10 };

typedef struct {
  uint32_t reg[1024];
  uint32_t finish;          /* STATUS after START */
  int locked, ignore_reset, waits, wait_result, starts, bus_fails;
  uint32_t garbage;         /* != 0: every read is a pseudo-random number from it */
  unsigned accesses;
  uint64_t now, deadline;   /* a wait with an interrupt takes STEP cycles; the last deadline asked for */
  uint8_t dram[DRAM];
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
    if (v & 1) f->reg[WEFT_REG_STATUS / 4] = f->finish, f->starts++;
    if (v & 2 && !f->ignore_reset) f->reg[WEFT_REG_STATUS / 4] = 0;
    return;
  }
  if (off >= WEFT_REG_REGION0 && off < WEFT_REG_REGION0 + 64 && f->locked) return;
  if (off == WEFT_REG_IRQ_STATUS) return;
  f->reg[off / 4] = v;
}

static int fake_mem_read(void *ctx, uint32_t a, void *to, size_t n)
{
  fake_t *f = ctx;
  if (f->bus_fails || a > DRAM || n > DRAM - a) return -1;
  memcpy(to, f->dram + a, n);
  return 0;
}

static int fake_mem_write(void *ctx, uint32_t a, const void *from, size_t n)
{
  fake_t *f = ctx;
  if (f->bus_fails || a > DRAM || n > DRAM - a) return -1;
  memcpy(f->dram + a, from, n);
  return 0;
}

static uint64_t fake_now(void *ctx) { return ((fake_t *)ctx)->now; }

static int fake_wait(void *ctx, uint64_t deadline)
{
  fake_t *f = ctx;
  f->waits++;
  f->deadline = deadline;
  if (f->wait_result == 1) f->now += STEP;
  else if (!f->wait_result && deadline > f->now) f->now = deadline;
  return f->wait_result;
}

static weft_io_t io_of(fake_t *f)
{
  return (weft_io_t){.ctx = f, .read32 = fake_read, .write32 = fake_write, .mem_read = fake_mem_read,
                     .mem_write = fake_mem_write, .now = fake_now, .wait_until = fake_wait};
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
  weft_info_t q;
  assert_int_equal(weft_dev_query(&d, &q), 0);
  assert_memory_equal(&q, &d.info, sizeof q);
  assert_int_equal(q.lanes, weft_config_find("tiny")->lanes);
  assert_int_equal(weft_dev_query(&d, NULL), WEFT_DRV_E_ARG);
  f.reg[WEFT_REG_ID / 4]++;
  assert_int_equal(weft_dev_query(&d, &q), WEFT_DRV_E_ID);
  f.reg[WEFT_REG_ID / 4]--;
  io.now = NULL;
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
  for (int word = 0; word < 4; word++) {           /* a configuration that cannot be */
    f = good();
    f.reg[WEFT_REG_CFG0 / 4 + word] = word % 2 ? 0 : 0xffffff00;
    assert_int_equal(weft_dev_open(&d, &io), WEFT_DRV_E_ID);
  }
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
  assert_int_equal(weft_dev_start(&d, 0, 0), WEFT_DRV_E_ARG);
  assert_int_equal(weft_dev_start(&d, 64, 1), WEFT_DRV_E_ARG);
  assert_int_equal(weft_dev_start(&d, 128, 3), 0);
  assert_int_equal(f.reg[WEFT_REG_CMD_OFFSET / 4], 128);
  assert_int_equal(f.reg[WEFT_REG_CMD_COUNT / 4], 3);
  assert_int_equal(weft_dev_wait(&d, weft_dev_deadline(&d, 1000)), 0);
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
  assert_int_equal(weft_dev_start(&d, 0, 1), 0);
  assert_int_equal(weft_dev_wait(&d, weft_dev_deadline(&d, 1000)), WEFT_DRV_E_DEVICE);
  assert_int_equal(weft_dev_error(&d, &e), 0);
  assert_int_equal(e.code, WEFT_ERR_AXI_READ);
  assert_int_equal(e.engine, WEFT_ENG_LOAD);
  assert_int_equal(e.addr, 0x1234);
  assert_int_equal(e.command, 5);
  assert_int_equal(weft_dev_start(&d, 0, 1), WEFT_DRV_E_STATE);   /* reset first */
  assert_int_equal(weft_dev_reset(&d), 0);
  f.finish = 2;
  assert_int_equal(weft_dev_start(&d, 0, 1), 0);
  assert_int_equal(weft_dev_wait(&d, weft_dev_deadline(&d, 1000)), 0);
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
  assert_int_equal(weft_dev_start(&d, 0, 1), 0);
  assert_int_equal(weft_dev_wait(&d, weft_dev_deadline(&d, 1000)), WEFT_DRV_E_TIMEOUT);
  f.wait_result = 1;                                    /* interrupts without a reason, for ever */
  assert_int_equal(weft_dev_wait(&d, weft_dev_deadline(&d, 1000)), WEFT_DRV_E_TIMEOUT);
  f.ignore_reset = 1;
  assert_int_equal(weft_dev_reset(&d), WEFT_DRV_E_TIMEOUT);
  f.wait_result = -1;
  assert_int_equal(weft_dev_wait(&d, weft_dev_deadline(&d, 1000)), WEFT_DRV_E_IO);
}

/* An absolute deadline: interrupts without a reason take time from it and do not make it later. */
static void test_deadline(void **state)
{
  (void)state;
  fake_t f = good();
  weft_io_t io = io_of(&f);
  weft_dev_t d;
  assert_int_equal(weft_dev_open(&d, &io), 0);
  f.now = 500;
  assert_true(weft_dev_deadline(&d, 100) == 600);
  assert_true(weft_dev_deadline(&d, UINT64_MAX) == UINT64_MAX);
  f.finish = 1;
  assert_int_equal(weft_dev_start(&d, 0, 1), 0);
  assert_int_equal(weft_dev_wait(&d, 600), WEFT_DRV_E_TIMEOUT);
  assert_true(f.waits > 1 && f.deadline == 600);
  f.wait_result = 0;
  f.waits = 0;
  assert_int_equal(weft_dev_wait(&d, f.now - 1), WEFT_DRV_E_TIMEOUT);       /* a moment that has passed: one look */
  assert_int_equal(f.waits, 1);
}

/* The job is done but no interrupt came: named, and the device takes the next job. */
static void test_lost_interrupt(void **state)
{
  (void)state;
  fake_t f = good();
  weft_io_t io = io_of(&f);
  weft_dev_t d;
  assert_int_equal(weft_dev_open(&d, &io), 0);
  f.wait_result = 0;
  assert_int_equal(weft_dev_start(&d, 0, 1), 0);
  assert_int_equal(weft_dev_wait(&d, weft_dev_deadline(&d, 1000)), WEFT_DRV_E_IRQ);
  assert_string_equal(weft_drv_error_text(WEFT_DRV_E_IRQ), "lost interrupt");
  assert_int_equal(weft_dev_reset(&d), 0);
  f.wait_result = 1;
  assert_int_equal(weft_dev_start(&d, 0, 1), 0);
  assert_int_equal(weft_dev_wait(&d, weft_dev_deadline(&d, 1000)), 0);
}

static void test_cancel(void **state)
{
  (void)state;
  fake_t f = good();
  weft_io_t io = io_of(&f);
  weft_dev_t d;
  assert_int_equal(weft_dev_open(&d, &io), 0);
  assert_int_equal(weft_dev_cancel(NULL), WEFT_DRV_E_ARG);
  f.reg[WEFT_REG_CTRL / 4] = 0xff;
  assert_int_equal(weft_dev_cancel(&d), 0);                /* nothing runs: nothing is done */
  f.finish = 1;
  assert_int_equal(weft_dev_start(&d, 0, 1), 0);
  assert_int_equal(weft_dev_start(&d, 0, 1), WEFT_DRV_E_STATE);
  assert_int_equal(weft_dev_cancel(&d), 0);
  assert_int_equal(f.reg[WEFT_REG_STATUS / 4], 0);
  f.finish = 2;
  assert_int_equal(weft_dev_start(&d, 0, 1), 0);
  assert_int_equal(weft_dev_wait(&d, weft_dev_deadline(&d, 10)), 0);
  f.finish = 1;
  f.ignore_reset = 1;
  assert_int_equal(weft_dev_start(&d, 0, 1), 0);
  assert_int_equal(weft_dev_cancel(&d), WEFT_DRV_E_TIMEOUT);
}

static void test_buffers(void **state)
{
  (void)state;
  fake_t f = good();
  weft_io_t io = io_of(&f);
  weft_dev_t d;
  weft_buf_t a = {0}, b = {0}, c = {0}, e = {0};
  uint8_t x[200], y[200];
  for (size_t i = 0; i < sizeof x; i++) x[i] = (uint8_t)(i * 7);
  assert_int_equal(weft_dev_open(&d, &io), 0);
  assert_int_equal(weft_buf_create(&d, &a, 1), WEFT_DRV_E_MEMORY);           /* no pool yet */
  assert_int_equal(weft_buf_pool(&d, 100, 1024), WEFT_DRV_E_ARG);
  assert_int_equal(weft_buf_pool(&d, 0xffffff80u, 256), WEFT_DRV_E_ARG);
  assert_int_equal(weft_buf_pool(&d, 1024, 1024), 0);
  assert_int_equal(weft_buf_create(&d, &a, 0), WEFT_DRV_E_ARG);
  assert_int_equal(weft_buf_create(&d, &a, 200), 0);
  assert_true(a.addr == 1024 && a.bytes == 256);
  assert_int_equal(weft_buf_create(&d, &a, 1), WEFT_DRV_E_ARG);              /* twice */
  assert_int_equal(weft_buf_create(&d, &b, 256), 0);
  assert_int_equal(weft_buf_create(&d, &c, 512), 0);
  assert_true(b.addr == 1280 && c.addr == 1536);
  assert_int_equal(weft_buf_create(&d, &e, 1), WEFT_DRV_E_MEMORY);
  assert_int_equal(weft_buf_create(&d, &e, UINT32_MAX), WEFT_DRV_E_MEMORY);
  assert_int_equal(weft_buf_pool(&d, 0, 4096), WEFT_DRV_E_STATE);
  assert_int_equal(weft_buf_write(&d, &b, 0, x, 200), 0);
  assert_int_equal(weft_buf_write(&d, &b, 56, x, 200), 0);
  assert_int_equal(weft_buf_write(&d, &b, 57, x, 200), WEFT_DRV_E_ARG);      /* one byte beyond: nothing written */
  assert_int_equal(weft_buf_write(&d, &b, UINT32_MAX, x, 2), WEFT_DRV_E_ARG);
  assert_int_equal(weft_buf_read(&d, &b, 56, y, 200), 0);
  assert_memory_equal(x, y, 200);
  assert_int_equal(f.dram[1536], 0);
  assert_int_equal(weft_buf_bind(&d, 1, &b), 0);
  assert_int_equal(f.reg[(WEFT_REG_REGION0 + 8) / 4], 1280);
  f.reg[WEFT_REG_STATUS / 4] = 1;
  assert_int_equal(weft_buf_free(&d, &b), WEFT_DRV_E_STATE);                 /* a job may be using it */
  f.reg[WEFT_REG_STATUS / 4] = 0;
  assert_int_equal(weft_buf_free(&d, &b), 0);
  assert_int_equal(f.reg[(WEFT_REG_REGION0 + 12) / 4], 0);                   /* no job reaches it any more */
  assert_int_equal(weft_buf_free(&d, &b), WEFT_DRV_E_ARG);
  assert_int_equal(weft_buf_bind(&d, 1, &b), WEFT_DRV_E_ARG);
  assert_int_equal(weft_buf_create(&d, &e, 257), WEFT_DRV_E_MEMORY);         /* the gap has 256 */
  assert_int_equal(weft_buf_create(&d, &e, 100), 0);
  assert_int_equal(weft_buf_create(&d, &b, 100), 0);
  assert_true(e.addr == 1280 && b.addr == 1408);
  f.bus_fails = 1;
  assert_int_equal(weft_buf_write(&d, &c, 0, x, 1), WEFT_DRV_E_IO);
  assert_int_equal(weft_buf_read(&d, &c, 0, x, 1), WEFT_DRV_E_IO);
}

/* LOAD and STORE of 64 bytes between regions 1 and 2. */
static void copy_list(uint32_t rec[2 * WEFT_CMD_WORDS])
{
  weft_cmd_t c = {0};
  c.dma = (weft_dma_t){.opcode = WEFT_CMD_LOAD, .region = 1, .elem_bytes = 64, .elems = 1, .n0 = 1, .n1 = 1};
  assert_null(weft_cmd_pack(&c, rec));
  c.dma.opcode = WEFT_CMD_STORE;
  c.dma.region = 2;
  c.hdr.wait_en = 1;
  c.hdr.wait_load = 1;
  assert_null(weft_cmd_pack(&c, rec + WEFT_CMD_WORDS));
}

static void test_lists(void **state)
{
  (void)state;
  fake_t f = good();
  weft_io_t io = io_of(&f);
  weft_dev_t d;
  weft_list_t l;
  weft_msg_t m = {""};
  uint32_t rec[2 * WEFT_CMD_WORDS], bytes = (uint32_t)weft_list_scratch_bytes(2);
  uint8_t *scratch = malloc(bytes);
  assert_non_null(scratch);
  copy_list(rec);
  assert_int_equal(weft_dev_open(&d, &io), 0);
  for (int r = 0; r < 3; r++) assert_int_equal(weft_dev_region(&d, r, (uint32_t)r * 1024, 512), 0);
  assert_int_equal(weft_list_create(&d, &l, rec, 256, 2, scratch, bytes - 1, &m), WEFT_DRV_E_ARG);
  assert_int_equal(weft_list_create(&d, &l, rec, 64, 2, scratch, bytes, &m), WEFT_DRV_E_ARG);
  assert_int_equal(weft_list_create(&d, &l, rec, 0, 0, scratch, bytes, &m), WEFT_DRV_E_ARG);
  assert_int_equal(weft_list_create(&d, &l, rec, 384, 2, scratch, bytes, &m), WEFT_DRV_E_LIST);
  assert_string_equal(m.msg, "2 records at byte 384: region 0 has 512 bytes");
  for (int i = 0; i < DRAM; i++) assert_int_equal(f.dram[i], 0);             /* nothing written until it is accepted */
  assert_int_equal(weft_list_create(&d, &l, rec, 256, 2, scratch, bytes, &m), 0);
  assert_memory_equal(f.dram + 256, rec, sizeof rec);                        /* this host is little endian */
  assert_int_equal(weft_dev_submit(&d, &l), 0);
  assert_int_equal(f.reg[WEFT_REG_CMD_OFFSET / 4], 256);
  assert_int_equal(f.reg[WEFT_REG_CMD_COUNT / 4], 2);
  assert_int_equal(weft_dev_wait(&d, weft_dev_deadline(&d, 10)), 0);
  /* Another size of a region: the list may now point outside. */
  assert_int_equal(weft_dev_region(&d, 2, 2048, 32), 0);
  assert_int_equal(weft_dev_submit(&d, &l), WEFT_DRV_E_STATE);
  assert_int_equal(f.starts, 1);
  assert_int_equal(weft_list_check(&d, &l, rec, 256, 2, scratch, bytes, &m), WEFT_DRV_E_LIST);
  assert_non_null(strstr(m.msg, "command 1 STORE: offset: bytes 0..63 of region 2: accepted are 0..31"));
  assert_int_equal(weft_dev_submit(&d, &l), WEFT_DRV_E_ARG);                 /* a refused list is no list */
  assert_int_equal(f.starts, 1);
  assert_int_equal(weft_dev_region(&d, 2, 2048, 64), 0);
  assert_int_equal(weft_list_check(&d, &l, rec, 256, 2, scratch + 1, bytes - 1, &m), WEFT_DRV_E_ARG);
  assert_int_equal(weft_list_check(&d, &l, rec, 256, 2, scratch, bytes, NULL), 0);
  assert_int_equal(weft_dev_submit(&d, &l), 0);
  free(scratch);
}

/* A device whose configuration is garbage that may be: lists for it are accepted or refused, nothing else happens. */
static void test_garbage_configuration(void **state)
{
  (void)state;
  uint32_t rec[2 * WEFT_CMD_WORDS], bytes = (uint32_t)weft_list_scratch_bytes(2), opened = 0;
  rand_t r = {1};
  uint8_t *scratch = malloc(bytes);
  assert_non_null(scratch);
  for (int i = 0; i < 2000; i++) {
    fake_t f = good();
    weft_io_t io = io_of(&f);
    weft_dev_t d;
    weft_list_t l;
    weft_msg_t m = {""};
    for (int w = 0; w < 3; w++) f.reg[WEFT_REG_CFG0 / 4 + w] ^= (uint32_t)rand_in(&r, 0, w == 2 ? 0xffff : 0xffffffff);
    if (weft_dev_open(&d, &io)) continue;
    opened++;
    copy_list(rec);
    for (int k = 0; k < 4; k++) rec[rand_in(&r, 0, 2 * WEFT_CMD_WORDS - 1)] ^= (uint32_t)rand_in(&r, 0, 0xffffff);
    if (i % 2) rec[0] = (rec[0] & ~255u) | WEFT_CMD_CONV;
    for (int k = 0; k < 3; k++) assert_int_equal(weft_dev_region(&d, k, (uint32_t)k * 1024, 512), 0);
    int e = weft_list_create(&d, &l, rec, 0, 2, scratch, bytes, &m);
    assert_true(!e || (e == WEFT_DRV_E_LIST && m.msg[0]));
    assert_int_equal(weft_dev_submit(&d, &l), e ? WEFT_DRV_E_ARG : WEFT_DRV_OK);
  }
  free(scratch);
  assert_true(opened > 30);
}

static void test_error_texts(void **state)
{
  (void)state;
  for (int e = WEFT_DRV_E_LIST; e <= 0; e++) assert_string_not_equal(weft_drv_error_text(e), "unknown error");
  assert_string_equal(weft_drv_error_text(WEFT_DRV_E_LIST), "the command list is not valid");
  assert_string_equal(weft_drv_error_text(WEFT_DRV_E_LIST - 1), "unknown error");
  assert_string_equal(weft_drv_error_text(1), "unknown error");
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
    weft_buf_t b = {0};
    (void)weft_buf_pool(&d, 0, 4096);
    (void)weft_buf_create(&d, &b, 256);
    (void)weft_buf_bind(&d, 1, &b);
    (void)weft_dev_region(&d, 0, 0, 128);
    (void)weft_dev_start(&d, 0, 1);
    (void)weft_dev_wait(&d, weft_dev_deadline(&d, 1));
    (void)weft_dev_cancel(&d);
    (void)weft_dev_reset(&d);
    (void)weft_buf_free(&d, &b);
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
    cmocka_unit_test(test_never_answers), cmocka_unit_test(test_garbage), cmocka_unit_test(test_deadline),
    cmocka_unit_test(test_lost_interrupt), cmocka_unit_test(test_cancel), cmocka_unit_test(test_buffers), cmocka_unit_test(test_lists),
    cmocka_unit_test(test_garbage_configuration), cmocka_unit_test(test_error_texts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
