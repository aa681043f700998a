/* SPDX-License-Identifier: Apache-2.0
 *
 * Machine model: registers, LOAD and STORE against their loops, errors and the life after them, garbage lists, and the target.
 */
#include "driver/target_model.h"
#include "machine_rig.h"

static const weft_config_t *config(void) { return weft_config_find("tiny"); }

static void registers(void **state) {
  (void)state;
  for (const weft_config_t *cfg = weft_configs; cfg->name; cfg++) {
    rand_t r = {1};
    rig_t g;
    rig_open(&g, cfg, &r);
    assert_int_equal(weft_machine_read32(&g.m, WEFT_REG_ID), 0x57454654);
    uint32_t c0 = weft_machine_read32(&g.m, WEFT_REG_CFG0), c1 = weft_machine_read32(&g.m, WEFT_REG_CFG1);
    assert_int_equal(c0 & 255, cfg->rows);
    assert_int_equal(c0 >> 8 & 255, cfg->cols);
    assert_int_equal(c0 >> 16 & 255, cfg->lanes);
    assert_int_equal(c0 >> 24, cfg->ppu_lanes);
    assert_int_equal(c1 & 65535, cfg->buf_words);
    assert_int_equal(c1 >> 16 & 255, cfg->net_bytes);
    assert_int_equal(c1 >> 24, cfg->bus_bytes);
    assert_int_equal((weft_machine_read32(&g.m, WEFT_REG_CFG3) >> 24) * 256, cfg->bank_words);
    weft_machine_write32(&g.m, WEFT_REG_REGION0 + 8 * 7 + 4, 77);
    weft_machine_write32(&g.m, WEFT_REG_LOCK, 1);
    weft_machine_write32(&g.m, WEFT_REG_LOCK, 0);
    weft_machine_write32(&g.m, WEFT_REG_REGION0 + 8 * 7 + 4, 78);
    assert_int_equal(weft_machine_read32(&g.m, WEFT_REG_REGION0 + 8 * 7 + 4), 77);
    weft_machine_write32(&g.m, WEFT_REG_CTRL, WEFT_CTRL_RESET);
    assert_int_equal(weft_machine_read32(&g.m, WEFT_REG_LOCK), 1);
    assert_int_equal(weft_machine_read32(&g.m, 0xffc), 0);
    rig_close(&g);
  }
}

static weft_dma_t random_dma(rand_t *r, int64_t opcode) {
  weft_dma_t c = {.opcode = opcode, .region = 1, .offset = rand_in(r, 0, 5000), .elem_bytes = rand_in(r, 1, 50), .elems = rand_in(r, 1, 6),
                  .n0 = rand_in(r, 1, 4), .n1 = rand_in(r, 1, 4), .dram_s0 = rand_in(r, 0, 3000), .dram_s1 = rand_in(r, 0, 3000),
                  .buf = rand_in(r, 300, 400), .buf_se = rand_in(r, 0, 6), .buf_s0 = rand_in(r, 0, 30), .buf_s1 = rand_in(r, 0, 60)};
  if (rand_chance(r, 30)) c.buf_s0 = 65536 - c.buf_s0;   /* backwards: addresses wrap */
  c.buf_s0 &= 65535;
  return c;
}

/* Copies by bytes: DRAM byte b of element e of run (i1, i0) goes to byte b of the element's words, and LOAD fills them up with zeros. */
static void dma(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 300; seed++) {
    rand_t r = {seed};
    rig_t g;
    rig_open(&g, &weft_configs[seed % 7], &r);
    bool load = seed & 1;
    weft_dma_t c = random_dma(&r, load ? WEFT_CMD_LOAD : WEFT_CMD_STORE);
    size_t bytes = weft_machine_buffer_bytes(g.m.cfg);
    uint8_t *dram = malloc(RIG_DRAM), *buffer = malloc(bytes);
    assert_true(dram && buffer);
    rig_add(&g, &c);
    memcpy(dram, g.m.dram, RIG_DRAM);
    memcpy(buffer, g.m.buffer, bytes);
    uint64_t beats = 0, words = 0;
    for (int64_t i1 = 0; i1 < c.n1; i1++)
      for (int64_t i0 = 0; i0 < c.n0; i0++) {
        int64_t last_beat = -1;
        for (int64_t e = 0; e < c.elems; e++)
          for (int64_t b = 0; b < (c.elem_bytes + 15) / 16 * 16; b++) {
            int64_t at = RIG_DATA + c.offset + i1 * c.dram_s1 + i0 * c.dram_s0 + e * c.elem_bytes + b;
            int64_t to = ((c.buf + i1 * c.buf_s1 + i0 * c.buf_s0 + e * c.buf_se + b / 16) & 65535) * 16 + b % 16;
            words += b % 16 == 0;
            if (b >= c.elem_bytes) {
              if (load) buffer[to] = 0;
              continue;
            }
            if (load) buffer[to] = dram[at];
            else dram[at] = buffer[to];
            if (at / g.m.cfg->bus_bytes != last_beat) beats++;
            last_beat = at / g.m.cfg->bus_bytes;
          }
      }
    assert_int_equal(rig_run(&g), WEFT_STATUS_DONE);
    assert_memory_equal(g.m.dram, dram, RIG_DRAM);
    assert_memory_equal(g.m.buffer, buffer, bytes);
    assert_int_equal(g.m.counter[load ? WEFT_CNT_LOAD_BEATS : WEFT_CNT_STORE_BEATS], beats);
    assert_int_equal(g.m.counter[load ? WEFT_CNT_BUF_LOAD : WEFT_CNT_BUF_STORE], words);
    assert_int_equal(weft_machine_read32(&g.m, load ? WEFT_REG_DONE_LOAD : WEFT_REG_DONE_STORE), 1);
    uint32_t counter = WEFT_REG_COUNTER0 + 8 * (load ? WEFT_CNT_BUF_LOAD : WEFT_CNT_BUF_STORE);
    assert_int_equal(weft_machine_read32(&g.m, counter), words);
    free(dram);
    free(buffer);
    rig_close(&g);
  }
}

static weft_dma_t small_load(void) {
  return (weft_dma_t){.opcode = WEFT_CMD_LOAD, .region = 1, .elem_bytes = 16, .elems = 1, .n0 = 1, .n1 = 1, .buf = 5};
}

/* Runs one good record and then rec; expects the error at index 1, and that the machine works after RESET only. */
static void expect_error(const uint32_t rec[WEFT_CMD_WORDS], uint32_t code, uint32_t engine) {
  rand_t r = {3};
  rig_t g;
  rig_open(&g, config(), &r);
  weft_machine_write32(&g.m, WEFT_REG_IRQ_ENABLE, WEFT_IRQ_ERROR);
  weft_dma_t good = small_load();
  rig_add(&g, &good);
  rig_record(&g, rec);
  assert_int_equal(rig_run(&g), WEFT_STATUS_ERROR);
  assert_int_equal(weft_machine_read32(&g.m, WEFT_REG_ERROR_CAUSE), code | engine << 8);
  assert_int_equal(weft_machine_read32(&g.m, WEFT_REG_ERROR_CMD), 1);
  assert_true(weft_machine_irq(&g.m));
  rig_add(&g, &good);
  assert_int_equal(rig_run(&g), WEFT_STATUS_ERROR);
  weft_machine_write32(&g.m, WEFT_REG_CTRL, WEFT_CTRL_RESET);
  assert_int_equal(weft_machine_read32(&g.m, WEFT_REG_ERROR_CAUSE), 0);
  assert_false(weft_machine_irq(&g.m));
  memset(g.m.buffer + 5 * 16, 0, 16);
  rig_add(&g, &good);
  assert_int_equal(rig_run(&g), WEFT_STATUS_DONE);
  assert_memory_equal(g.m.buffer + 5 * 16, g.m.dram + RIG_DATA, 16);
  rig_close(&g);
}

static void packed(const weft_dma_t *c, uint32_t rec[WEFT_CMD_WORDS]) {
  weft_cmd_t u = {0};
  u.dma = *c;
  assert_null(weft_cmd_pack(&u, rec));
}

static void errors(void **state) {
  (void)state;
  uint32_t rec[WEFT_CMD_WORDS] = {99};
  expect_error(rec, WEFT_ERR_OPCODE, WEFT_ENG_FETCH);
  weft_dma_t c = small_load();
  packed(&c, rec);
  rec[31] = 1;
  expect_error(rec, WEFT_ERR_RESERVED, WEFT_ENG_FETCH);
  c.offset = RIG_DRAM - RIG_DATA - 15;   /* one byte beyond the region */
  packed(&c, rec);
  expect_error(rec, WEFT_ERR_WINDOW, WEFT_ENG_LOAD);
  c.offset = 0xfffffff8;                 /* offset + bytes passes 2^32 */
  c.opcode = WEFT_CMD_STORE;
  packed(&c, rec);
  expect_error(rec, WEFT_ERR_WINDOW, WEFT_ENG_STORE);
  c = small_load();
  c.region = 2;                          /* size 0 */
  packed(&c, rec);
  expect_error(rec, WEFT_ERR_WINDOW, WEFT_ENG_LOAD);
  c = small_load();
  c.buf = config()->buf_words;
  packed(&c, rec);
  expect_error(rec, WEFT_ERR_BUFFER, WEFT_ENG_LOAD);
  c = small_load();
  c.n0 = 0;
  packed(&c, rec);
  expect_error(rec, WEFT_ERR_FIELD, WEFT_ENG_FETCH);
  uint32_t zero_conv[WEFT_CMD_WORDS] = {WEFT_CMD_CONV}, zero_vec[WEFT_CMD_WORDS] = {WEFT_CMD_VEC};
  expect_error(zero_conv, WEFT_ERR_FIELD, WEFT_ENG_FETCH);
  expect_error(zero_vec, WEFT_ERR_FIELD, WEFT_ENG_FETCH);
}

static void start_without_commands(void **state) {
  (void)state;
  rand_t r = {4};
  rig_t g;
  rig_open(&g, config(), &r);
  assert_int_equal(rig_run(&g), WEFT_STATUS_ERROR);
  assert_int_equal(weft_machine_read32(&g.m, WEFT_REG_ERROR_CAUSE) & 255, WEFT_ERR_START);
  rig_close(&g);
}

/* Fetch beyond region 0, and a region that reaches beyond DRAM. */
static void fetch_and_bus_errors(void **state) {
  (void)state;
  rand_t r = {4};
  rig_t g;
  rig_open(&g, config(), &r);
  weft_machine_write32(&g.m, WEFT_REG_REGION0 + 4, 127);
  weft_dma_t c = small_load();
  rig_add(&g, &c);
  assert_int_equal(rig_run(&g), WEFT_STATUS_ERROR);
  assert_int_equal(weft_machine_read32(&g.m, WEFT_REG_ERROR_CAUSE), WEFT_ERR_WINDOW | WEFT_ENG_FETCH << 8);
  assert_int_equal(weft_machine_read32(&g.m, WEFT_REG_ERROR_ADDR), RIG_LIST);
  weft_machine_write32(&g.m, WEFT_REG_CTRL, WEFT_CTRL_RESET);
  weft_machine_write32(&g.m, WEFT_REG_REGION0 + 4, 4096);
  weft_machine_write32(&g.m, WEFT_REG_REGION0 + 12, UINT32_MAX);
  c.offset = RIG_DRAM - RIG_DATA;
  rig_add(&g, &c);
  assert_int_equal(rig_run(&g), WEFT_STATUS_ERROR);
  assert_int_equal(weft_machine_read32(&g.m, WEFT_REG_ERROR_CAUSE), WEFT_ERR_AXI_READ | WEFT_ENG_LOAD << 8);
  assert_int_equal(weft_machine_read32(&g.m, WEFT_REG_ERROR_ADDR), RIG_DRAM);
  rig_close(&g);
}

/* Random and near-legal records must end in DONE or ERROR without touching memory outside (run under sanitizers to see it). */
static void garbage_lists(void **state) {
  (void)state;
  int done = 0, failed = 0;
  rand_t r = {6};
  rig_t g;
  rig_open(&g, config(), &r);
  for (int i = 0; i < 20000; i++) {
    uint32_t rec[WEFT_CMD_WORDS] = {0};
    weft_dma_t c = random_dma(&r, rand_in(&r, WEFT_CMD_LOAD, WEFT_CMD_STORE));
    if (rand_chance(&r, 50)) packed(&c, rec);
    int flips = (int)rand_in(&r, 0, 3);
    for (int k = 0; k < flips; k++) rec[rand_in(&r, 0, 12)] ^= (uint32_t)1 << rand_in(&r, 0, 31);
    /* Loop counts beyond reason only cost time: keep them small. */
    rec[6] &= 0x001f001f;
    if ((rec[0] & 255) == WEFT_CMD_VEC) rec[5] &= 0x001f001f;
    rig_record(&g, rec);
    if (rig_run(&g) == WEFT_STATUS_DONE) done++;
    else failed++;
    weft_machine_write32(&g.m, WEFT_REG_CTRL, WEFT_CTRL_RESET);
  }
  printf("%d lists done, %d refused\n", done, failed);
  assert_true(done > 1000 && failed > 1000);
  rig_close(&g);
}

/* ERROR_ADDR is the first byte of the burst that leaves the region: bursts end at aligned blocks of 16 beats (128 bytes on tiny). */
static void window_address(void **state) {
  (void)state;
  static const struct { uint32_t offset, words, want; } c[] = {{100, 3, 128}, {100, 100, 1024}, {1000, 1, 1000}, {1023, 2, 1023}, {5000, 1, 5000}};
  for (int i = 0; i < 5; i++) {
    rand_t r = {4};
    rig_t g;
    rig_open(&g, config(), &r);
    weft_machine_write32(&g.m, WEFT_REG_REGION0 + 12, i == 0 ? 147 : i == 2 ? 1015 : 1060);
    weft_dma_t d = small_load();
    d.offset = c[i].offset;
    d.elems = c[i].words;
    rig_add(&g, &d);
    if (i == 3) {
      assert_int_equal(rig_run(&g), WEFT_STATUS_DONE);
    } else {
      assert_int_equal(rig_run(&g), WEFT_STATUS_ERROR);
      assert_int_equal(weft_machine_read32(&g.m, WEFT_REG_ERROR_ADDR), RIG_DATA + c[i].want);
    }
    rig_close(&g);
  }
}

static void target(void **state) {
  (void)state;
  weft_msg_t msg;
  weft_target_t *t;
  assert_int_equal(weft_target_model_open(config(), &(weft_target_opts_t){.dram_bytes = 0}, &t, &msg), WEFT_E_ARG);
  assert_int_equal(weft_target_model_open(config(), &(weft_target_opts_t){.dram_bytes = 4096}, &t, &msg), 0);
  weft_io_t io = t->io;
  uint32_t x = 0x12345678, y = 0;
  assert_int_equal(io.mem_write(io.ctx, 4092, &x, 4), 0);
  assert_int_equal(io.mem_read(io.ctx, 4092, &y, 4), 0);
  assert_int_equal(x, y);
  assert_true(io.mem_write(io.ctx, 4093, &x, 4) < 0);
  assert_true(io.mem_read(io.ctx, UINT32_MAX, &x, 4) < 0);
  io.write32(io.ctx, WEFT_REG_IRQ_ENABLE, WEFT_IRQ_DONE);
  assert_int_equal(io.wait_until(io.ctx, io.now(io.ctx) + 10), 0);
  weft_dma_t c = small_load();
  uint32_t rec[WEFT_CMD_WORDS];
  packed(&c, rec);
  assert_int_equal(io.mem_write(io.ctx, 0, rec, sizeof rec), 0);
  for (uint32_t i = 0; i < 2; i++) io.write32(io.ctx, WEFT_REG_REGION0 + 8 * i + 4, 4096);
  io.write32(io.ctx, WEFT_REG_CMD_COUNT, 1);
  io.write32(io.ctx, WEFT_REG_CTRL, WEFT_CTRL_START);
  assert_int_equal(io.wait_until(io.ctx, io.now(io.ctx) + 10), 1);
  assert_int_equal(io.read32(io.ctx, WEFT_REG_STATUS), WEFT_STATUS_DONE);
  assert_memory_equal(weft_target_model_machine(t)->buffer + 5 * 16, rec, 16);
  io.write32(io.ctx, WEFT_REG_IRQ_STATUS, WEFT_IRQ_DONE);
  assert_int_equal(io.wait_until(io.ctx, io.now(io.ctx) + 10), 0);
  t->close(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(registers),          cmocka_unit_test(dma),           cmocka_unit_test(errors), cmocka_unit_test(start_without_commands),
      cmocka_unit_test(fetch_and_bus_errors), cmocka_unit_test(garbage_lists), cmocka_unit_test(window_address), cmocka_unit_test(target),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
