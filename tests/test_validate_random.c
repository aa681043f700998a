/* SPDX-License-Identifier: Apache-2.0
 *
 * The validator on random lists: accepts valid ones, names the racing command of weakened ones, survives mutated ones; and its sets
 * against literal loops. Built with the sanitizers (cmodel/rules.mk).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "footprint.h"
#include "legal.h"
#include "machine.h"
#include "randconv.h"
#include "randlist.h"
#include "randtouch.h"
#include "randvec.h"
#include "hull.h"
#include "validate.h"

static int check(const weft_config_t *cfg, const uint32_t *rec, uint32_t count, const uint32_t bytes[WEFT_REGIONS], weft_msg_t *msg) {
  weft_validate_scratch_t *s = malloc(weft_validate_scratch_bytes(count));
  assert_non_null(s);
  int rc = weft_validate(cfg, rec, count, bytes, s, msg);
  free(s);
  return rc;
}

static weft_cmd_t dma(int64_t opcode, int64_t offset, int64_t words, int64_t buf) {
  weft_cmd_t c = {0};
  c.dma = (weft_dma_t){.opcode = opcode, .region = 1, .offset = offset, .elem_bytes = 16, .elems = words, .n0 = 1, .n1 = 1, .buf = buf,
                       .buf_se = 1};
  return c;
}

static weft_cmd_t vec(void) {
  weft_cmd_t k = {0};
  k.vec = (weft_vec_t){.opcode = WEFT_CMD_VEC, .b_base = 100, .out_base = 200, .n0 = 10, .n1 = 1, .n2 = 1, .k0 = 1, .k1 = 1, .a_s0 = 1,
                       .b_s0 = 1, .out_s0 = 1, .act_min = -128, .act_max = 127, .nsteps = 2,
                       .step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_SET),
                       .step1 = WEFT_STEP(.fn = WEFT_FN_B, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT)};
  return k;
}

static void random_lists(void **state) {
  (void)state;
  for (const weft_config_t *cfg = weft_configs; cfg->name; cfg++)
    for (uint64_t seed = 1; seed <= 60; seed++) {
      randlist_t l;
      weft_msg_t msg;
      uint32_t bytes[WEFT_REGIONS];
      assert_int_equal(randlist_make(cfg, seed, NULL, &l), 0);
      for (int i = 0; i < WEFT_REGIONS; i++) bytes[i] = l.region[i].bytes;
      if (check(cfg, l.list, l.count, bytes, &msg)) fail_msg("%s seed %llu: %s", cfg->name, (unsigned long long)seed, msg.msg);
      randlist_free(&l);
    }
}

static void racy_lists(void **state) {
  (void)state;
  int racy = 0;
  for (const weft_config_t *cfg = weft_configs; cfg->name; cfg++)
    for (uint64_t seed = 1; seed <= 60; seed++) {
      randlist_t l;
      weft_msg_t msg = {""};
      uint32_t bytes[WEFT_REGIONS];
      char want[32];
      assert_int_equal(randlist_make(cfg, seed, NULL, &l), 0);
      for (int i = 0; i < WEFT_REGIONS; i++) bytes[i] = l.region[i].bytes;
      int64_t victim = randlist_make_racy(&l, seed);
      if (victim >= 0) {
        racy++;
        snprintf(want, sizeof want, "command %lld ", (long long)victim);
        if (check(cfg, l.list, l.count, bytes, &msg) != WEFT_E_FORMAT) fail_msg("%s seed %llu: race at %lld accepted", cfg->name, (unsigned long long)seed, (long long)victim);
        if (strncmp(msg.msg, want, strlen(want)) || !strstr(msg.msg, "at the same time: accepted is wait_"))
          fail_msg("%s seed %llu: race at %lld, but: %s", cfg->name, (unsigned long long)seed, (long long)victim, msg.msg);
      }
      randlist_free(&l);
    }
  assert_true(racy > 300);
}

/* An interval holds its set, and results that it calls separate are. */
static void compare_hull(const weft_set_t *set, bool used, weft_hull_t hull) {
  if (!used) assert_true(hull.lo == hull.hi);
  int64_t first = used ? weft_set_next(set, 0) : WEFT_SET_BITS;
  assert_true(first >= hull.lo);
  if (first < WEFT_SET_BITS) assert_true(weft_set_next(set, hull.hi) == WEFT_SET_BITS);
}

/* Sets against literal loops, intervals against sets. */
static void compare_footprint(const weft_config_t *cfg, const weft_cmd_t *c, weft_footprint_t *f) {
  static uint8_t flags[1 << 16];
  memset(flags, 0, sizeof flags);
  randtouch_buffer(cfg, c, flags);
  weft_footprint(cfg, c, f);
  for (int64_t w = 0; w < WEFT_SET_BITS; w++) {
    int got = 0;
    for (int o = 0; o < WEFT_READS; o++)
      if (f->reads[o] && f->read[o].bit[w / 64] >> w % 64 & 1)
        got |= TOUCH_READ | (c->hdr.opcode == WEFT_CMD_VEC && o >= WEFT_READ_TABLE0 ? TOUCH_TABLE : 0);
    if (f->writes && f->write.bit[w / 64] >> w % 64 & 1) got |= TOUCH_WRITE;
    if (got != flags[w]) fail_msg("%s %s word %lld: set %d, loops %d", cfg->name, weft_command_name((int)c->hdr.opcode), (long long)w, got, flags[w]);
  }
  weft_hulls_t s;
  weft_hulls(cfg, c, &s);
  for (int o = 0; o < WEFT_READS; o++) compare_hull(&f->read[o], f->reads[o], s.read[o]);
  compare_hull(&f->write, f->writes, s.write);
  if (s.separate) assert_true(weft_set_count(&f->write) == f->write_words);
}

static void footprints(void **state) {
  (void)state;
  weft_footprint_t *f = malloc(sizeof *f);
  assert_non_null(f);
  rand_t r = {7};
  for (int i = 0; i < 1200; i++) {
    const weft_config_t *cfg = &weft_configs[i % 7];
    weft_cmd_t c = {0};
    if (i % 2) {
      randconv_geometry(&r, cfg, &(randconv_limits_t){cfg->buf_words, 20000}, &c.conv);
      c.conv.in_base = rand_in(&r, 0, UINT16_MAX);   /* may wrap: sets are exact anyway */
      c.conv.out_base = rand_in(&r, 0, UINT16_MAX);
      c.conv.filt_base = rand_in(&r, 0, UINT16_MAX);
      c.conv.param_base = rand_in(&r, 0, UINT16_MAX);
      if (rand_chance(&r, 20)) c.conv.in_row = rand_in(&r, 0, UINT16_MAX);
      if (rand_chance(&r, 20)) c.conv.in_pix = rand_in(&r, 0, UINT16_MAX);
      if (rand_chance(&r, 20)) c.conv.out_row = rand_in(&r, 0, UINT16_MAX);
      if (rand_chance(&r, 20)) c.conv.out_pix = rand_in(&r, 0, UINT16_MAX);
    } else if (i % 4) {
      c = dma(WEFT_CMD_LOAD, 0, rand_in(&r, 1, 20), rand_in(&r, 0, UINT16_MAX));
      c.dma.elem_bytes = rand_in(&r, 1, 200);
      c.dma.n0 = rand_in(&r, 1, 20);
      c.dma.n1 = rand_in(&r, 1, 20);
      c.dma.buf_se = rand_in(&r, 0, UINT16_MAX);
      c.dma.buf_s0 = rand_in(&r, 0, UINT16_MAX);
      c.dma.buf_s1 = rand_in(&r, 0, UINT16_MAX);
    } else if (i % 3) {
      c = vec();
      int64_t *const stride[] = {&c.vec.a_s0, &c.vec.a_s1, &c.vec.a_s2, &c.vec.a_k0, &c.vec.a_k1, &c.vec.b_s0, &c.vec.b_s1, &c.vec.b_s2,
                                 &c.vec.out_s0, &c.vec.out_s1, &c.vec.out_s2, &c.vec.out_k0, &c.vec.out_k1};
      int64_t *const n[] = {&c.vec.n0, &c.vec.n1, &c.vec.n2, &c.vec.k0, &c.vec.k1}, *const base[] = {&c.vec.a_base, &c.vec.b_base, &c.vec.t0_base, &c.vec.t1_base};
      for (int k = 0; k < 13; k++) *stride[k] = rand_chance(&r, 50) ? rand_in(&r, -9, 9) & UINT16_MAX : rand_in(&r, 0, UINT16_MAX);
      for (int k = 0; k < 5; k++) *n[k] = rand_in(&r, 1, 9);
      for (int k = 0; k < 4; k++) *base[k] = rand_in(&r, 0, UINT16_MAX);
      c.vec.b_splat = rand_in(&r, 0, 1);
      c.vec.b_byte = rand_in(&r, 0, 15);
      c.vec.t0_wide = rand_in(&r, 0, 1);
      c.vec.t1_wide = rand_in(&r, 0, 1);
      c.vec.t_stay = rand_chance(&r, 30);
      if (!randvec_steps(&r, &c.vec)) c.vec.k0 = c.vec.k1 = 1;
      weft_msg_t m;
      if (weft_legal(cfg, &c, &m)) fail_msg("drawn as legal, but %s", m.msg);
    } else {
      int64_t *const any[] = {&c.transpose.in_base, &c.transpose.out_base, &c.transpose.in_row, &c.transpose.in_s0, &c.transpose.in_s1,
                              &c.transpose.out_col, &c.transpose.out_s0, &c.transpose.out_s1};
      for (int k = 0; k < 8; k++) *any[k] = rand_chance(&r, 70) ? rand_in(&r, k < 2 ? 0 : -40, 40) & UINT16_MAX : rand_in(&r, 0, UINT16_MAX);
      c.hdr.opcode = WEFT_CMD_TRANSPOSE;
      c.transpose.n0 = rand_in(&r, 1, 9);
      c.transpose.n1 = rand_in(&r, 1, 9);
      c.transpose.rows = rand_in(&r, 1, 16);
      c.transpose.cols = rand_in(&r, 1, 16);
    }
    compare_footprint(cfg, &c, f);
  }
  free(f);
}

typedef struct { uint8_t *byte; int flag, met; } bytes_t;
static void mark(void *ctx, int64_t first, int64_t n) {
  bytes_t *b = ctx;
  for (int64_t i = first; i < first + n; i++) {
    b->met |= b->byte[i] & ~b->flag;
    b->byte[i] |= (uint8_t)b->flag;
  }
}

static void dram_overlap(void **state) {
  (void)state;
  static uint8_t byte[1 << 17];
  rand_t r = {8};
  int met = 0;
  for (int i = 0; i < 3000; i++) {
    weft_dma_t c[2];
    bytes_t b = {byte, 0, 0};
    memset(byte, 0, sizeof byte);
    for (int k = 0; k < 2; k++) {
      c[k] = dma(WEFT_CMD_LOAD, rand_in(&r, 0, 300), rand_in(&r, 1, 3), 0).dma;
      c[k].elem_bytes = rand_in(&r, 1, 20);
      c[k].n0 = rand_in(&r, 1, 9);
      c[k].n1 = rand_in(&r, 1, 9);
      c[k].dram_s0 = rand_in(&r, 0, rand_chance(&r, 50) ? 70 : 400);
      c[k].dram_s1 = rand_chance(&r, 30) ? c[k].dram_s0 * c[k].n0 : rand_in(&r, 0, 700);
      b.flag = 1 << k;
      randtouch_dram(&c[k], mark, &b);
    }
    assert_int_equal(weft_dram_meet(&c[0], &c[1]), b.met != 0);
    met += b.met != 0;
  }
  assert_true(met > 500 && met < 2500);
}

/* Work of a command on the model, to keep accepted garbage from running for hours. */
static bool quick(const uint32_t *rec) {
  weft_cmd_t c;
  if (weft_cmd_unpack(rec, &c)) return true;
  if (c.hdr.opcode == WEFT_CMD_VEC) return c.vec.n0 * c.vec.n1 * c.vec.n2 < 5000 && c.vec.k0 * c.vec.k1 < 500;
  if (c.hdr.opcode == WEFT_CMD_TRANSPOSE) return c.transpose.n0 * c.transpose.n1 < 5000;
  if (c.hdr.opcode == WEFT_CMD_CONV) return c.conv.OH * c.conv.OW < 5000;
  return c.dma.n0 * c.dma.n1 < 5000 && c.dma.elems * c.dma.elem_bytes < 100000;
}

/* Mutated and random lists: no crash (run under sanitizers to see it), and what is accepted runs to DONE on the model. */
static void garbage(void **state) {
  (void)state;
  int accepted = 0, refused = 0;
  for (uint64_t seed = 1; seed <= 400; seed++) {
    const weft_config_t *cfg = &weft_configs[seed % 7];
    randlist_t l;
    weft_msg_t msg;
    uint32_t bytes[WEFT_REGIONS];
    rand_t r = {seed};
    assert_int_equal(randlist_make(cfg, seed, &(randlist_opts_t){.ops = 3, .arena_words = 400, .max_issue = 500}, &l), 0);
    for (int i = 0; i < WEFT_REGIONS; i++) bytes[i] = l.region[i].bytes;
    size_t words = (size_t)l.count * WEFT_CMD_WORDS;
    uint32_t *rec = malloc(words * 4);
    uint8_t *buffer = calloc(1, weft_machine_buffer_bytes(cfg));
    int16_t *space = malloc(weft_machine_scratch_bytes(cfg));
    assert_true(rec && buffer && space);
    for (int k = 0; k < 50; k++) {
      memcpy(rec, l.list, words * 4);
      for (int64_t flips = rand_in(&r, 1, 4); flips > 0; flips--) {
        size_t at = (size_t)rand_in(&r, 0, (int64_t)l.count - 1) * WEFT_CMD_WORDS + (size_t)rand_in(&r, 0, rand_chance(&r, 90) ? 23 : 31);
        if (rand_chance(&r, 60)) rec[at] ^= (uint32_t)1 << rand_in(&r, 0, 31);
        else if (rand_chance(&r, 50)) rec[at] = (uint32_t)rand_u64(&r);
        else rec[at] = rand_chance(&r, 50) ? 0 : UINT32_MAX;
      }
      if (rand_chance(&r, 3))
        for (size_t i = 0; i < words; i++) rec[i] = (uint32_t)rand_u64(&r);
      int rc = check(cfg, rec, l.count, bytes, &msg);
      bool run = rc == 0;
      for (uint32_t i = 0; i < l.count && run; i++) run = quick(rec + (size_t)i * WEFT_CMD_WORDS);
      if (rc) {
        refused++;
        assert_int_equal(rc, WEFT_E_FORMAT);
        assert_int_equal(strncmp(msg.msg, "command ", 8), 0);
      } else {
        accepted++;
      }
      if (!run) continue;
      weft_machine_t m;
      weft_machine_init(&m, cfg, l.dram, l.dram_bytes, buffer, space);
      for (int i = 0; i < WEFT_REGIONS; i++) {
        m.region[i].base = l.region[i].base;
        m.region[i].bytes = l.region[i].bytes;
      }
      for (size_t i = 0; i < words * 4; i++) l.dram[l.region[0].base + l.cmd_offset + i] = (uint8_t)(rec[i / 4] >> i % 4 * 8);
      m.cmd_offset = l.cmd_offset;
      m.cmd_count = l.count;
      weft_machine_write32(&m, WEFT_REG_CTRL, WEFT_CTRL_START);
      if (m.status != WEFT_STATUS_DONE) fail_msg("%s seed %llu: accepted, but error %x at command %u", cfg->name, (unsigned long long)seed, m.error_cause, m.error_cmd);
    }
    free(rec);
    free(buffer);
    free(space);
    randlist_free(&l);
  }
  printf("%d mutated lists accepted, %d refused\n", accepted, refused);
  assert_true(accepted > 500 && refused > 5000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_lists), cmocka_unit_test(racy_lists), cmocka_unit_test(footprints), cmocka_unit_test(dram_overlap),
      cmocka_unit_test(garbage),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
