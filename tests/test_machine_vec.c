/* SPDX-License-Identifier: Apache-2.0
 *
 * VEC of the machine model against ADD, pooling, MEAN and rescaling written from their definitions; TRANSPOSE.
 */
#include "machine_rig.h"

enum { A = 100, B = 300, OUT = 600 };   /* word addresses, within every configuration's buffer */

static int8_t byte(const rig_t *g, int64_t word, int64_t b) { return (int8_t)g->m.buffer[word * WEFT_WORD_BYTES + b]; }

/* A command with contiguous operands of n words and no taps. */
static weft_vec_t flat(int64_t n) {
  return (weft_vec_t){.opcode = WEFT_CMD_VEC, .a_base = A, .b_base = B, .out_base = OUT, .n0 = n, .n1 = 1, .n2 = 1, .k0 = 1, .k1 = 1,
                      .a_s0 = 1, .b_s0 = 1, .out_s0 = 1, .act_min = -128, .act_max = 127};
}

static void run(rig_t *g, const weft_vec_t *c) {
  rig_add(g, c);
  if (rig_run(g) != WEFT_STATUS_DONE) fail_msg("error cause %x", g->m.error_cause);
}

static void expect_events(const rig_t *g, uint64_t reads, uint64_t writes, uint64_t steps) {
  assert_int_equal(g->m.counter[WEFT_CNT_BUF_VEC_RD], reads);
  assert_int_equal(g->m.counter[WEFT_CNT_BUF_VEC_WR], writes);
  assert_int_equal(g->m.counter[WEFT_CNT_VEC_BEATS], steps * 16 / (uint64_t)g->m.cfg->ppu_lanes);
}

/* M2 from the definition, without the zero point and clamp of rig_requantise. */
static int32_t m2(int32_t x, int32_t mult, int ls, int rs) {
  x = (int32_t)((uint32_t)x << ls);
  __int128 p = (__int128)x * mult, v = (p + ((__int128)1 << 30)) >> 31;
  if (rs) {
    __int128 a = v < 0 ? -v : v;
    a = (a + ((__int128)1 << (rs - 1))) >> rs;
    v = v < 0 ? -a : a;
  }
  return (int32_t)v;
}

static int8_t clamped(int64_t v, const weft_vec_t *c) {
  return (int8_t)(v < c->act_min ? c->act_min : v > c->act_max ? c->act_max : v);
}

static void add(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 50; seed++) {
    rand_t r = {seed};
    rig_t g;
    rig_open(&g, &weft_configs[seed % 7], &r);
    weft_vec_t c = flat(20);
    c.za = rand_i8(&r);
    c.zb = rand_i8(&r);
    c.zo = rand_i8(&r);
    c.nsteps = 3;
    c.step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_0, .into = WEFT_INTO_SET);
    c.step1 = WEFT_STEP(.fn = WEFT_FN_B, .scale = WEFT_SCALE_1, .into = WEFT_INTO_ADD);
    c.step2 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_2, .into = WEFT_INTO_OUT);
    c.mult0 = rand_in(&r, 1 << 30, INT32_MAX);
    c.mult1 = rand_in(&r, 1 << 30, INT32_MAX);
    c.mult2 = rand_in(&r, 1 << 30, INT32_MAX);
    c.ls0 = c.ls1 = 20;
    c.rs0 = rand_in(&r, 0, 4);
    c.rs1 = rand_in(&r, 0, 4);
    c.rs2 = rand_in(&r, 16, 20);
    if (seed % 3 == 0) c.out_base = A;   /* in place */
    uint8_t *old = malloc(weft_machine_buffer_bytes(g.m.cfg));
    assert_non_null(old);
    memcpy(old, g.m.buffer, weft_machine_buffer_bytes(g.m.cfg));
    run(&g, &c);
    for (int i = 0; i < 20 * 16; i++) {
      int8_t a = (int8_t)old[A * 16 + i], b = (int8_t)old[B * 16 + i];
      int32_t sum = m2(a - (int32_t)c.za, (int32_t)c.mult0, 20, (int)c.rs0) + m2(b - (int32_t)c.zb, (int32_t)c.mult1, 20, (int)c.rs1);
      assert_int_equal(byte(&g, c.out_base, i), clamped((int64_t)m2(sum, (int32_t)c.mult2, 0, (int)c.rs2) + c.zo, &c));
    }
    expect_events(&g, 40, 20, 60);
    free(old);
    rig_close(&g);
  }
}

/* A pooling window of kh x kw over an H x W map of one word per pixel, one VEC a map as the compiler would write it for the inside. */
static weft_vec_t pool(int h, int w, int kh, int kw, int stride) {
  weft_vec_t c = flat(1);
  c.n0 = (w - kw) / stride + 1;
  c.n1 = (h - kh) / stride + 1;
  c.k0 = kw;
  c.k1 = kh;
  c.a_s0 = stride;
  c.a_s1 = stride * w;
  c.a_k0 = 1;
  c.a_k1 = w;
  c.out_s1 = c.n0;
  return c;
}

static void max_pool(void **state) {
  (void)state;
  rand_t r = {11};
  rig_t g;
  rig_open(&g, weft_config_find("tiny"), &r);
  weft_vec_t c = pool(9, 11, 3, 2, 2);
  c.nsteps = 2;
  c.step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_MAX, .taps = 1);
  c.step1 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT);
  c.act_max = 100;
  run(&g, &c);
  for (int oy = 0; oy < c.n1; oy++)
    for (int ox = 0; ox < c.n0; ox++)
      for (int b = 0; b < 16; b++) {
        int best = -128;
        for (int i = 0; i < 6; i++) {
          int v = byte(&g, A + (2 * oy + i / 2) * 11 + 2 * ox + i % 2, b);
          best = v > best ? v : best;
        }
        assert_int_equal(byte(&g, OUT + oy * c.n0 + ox, b), best > 100 ? 100 : best);
      }
  expect_events(&g, (uint64_t)(c.n0 * c.n1 * 6), (uint64_t)(c.n0 * c.n1), (uint64_t)(c.n0 * c.n1 * 7));
  rig_close(&g);
}

/* Constants of an exact division by n (docs/spec.md): l = ceil(log2 n), mult = ceil(2^(30+l) / n), rs = l - 1. */
static void divisor(int64_t n, weft_vec_t *c) {
  int l = 0;
  while (((int64_t)1 << l) < n) l++;
  c->mult0 = (((int64_t)1 << (30 + l)) + n - 1) / n;
  c->rs0 = l - 1;
  c->bias = n / 2;
}

static void average_pool(void **state) {
  (void)state;
  rand_t r = {12};
  rig_t g;
  rig_open(&g, weft_config_find("weft144"), &r);
  for (int kh = 1; kh <= 6; kh++)
    for (int kw = 2; kw <= 7; kw++) {
      weft_vec_t c = pool(8, 9, kh, kw, 1);
      c.nsteps = 2;
      c.step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_ADD, .taps = 1);
      c.step1 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_0, .into = WEFT_INTO_OUT, .div = 1);
      divisor(kh * kw, &c);
      run(&g, &c);
      for (int oy = 0; oy < c.n1; oy++)
        for (int ox = 0; ox < c.n0; ox++)
          for (int b = 0; b < 16; b++) {
            int sum = 0, n = kh * kw;
            for (int i = 0; i < n; i++) sum += byte(&g, A + (oy + i / kw) * 9 + ox + i % kw, b);
            assert_int_equal(byte(&g, OUT + oy * c.n0 + ox, b), sum > 0 ? (sum + n / 2) / n : (sum - n / 2) / n);
          }
    }
  rig_close(&g);
}

/* Division is exact for every number of taps: sums near multiples of n, extremes, through a sum of int8 taps of one address. */
static void every_divisor(void **state) {
  (void)state;
  rand_t r = {13};
  rig_t g;
  rig_open(&g, weft_config_find("tiny"), &r);
  for (int64_t n = 2; n <= 1 << 15; n += n < 300 ? 1 : 1 + rand_in(&r, 0, 200)) {
    /* k1 x k0 taps of the same word give taps * value; then divide by n. */
    weft_vec_t c = flat(1);
    c.k0 = rand_in(&r, 1, 255);
    c.k1 = rand_in(&r, 1, 30);
    c.nsteps = 2;
    c.step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_ADD, .taps = 1);
    c.step1 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_0, .into = WEFT_INTO_OUT, .div = 1);
    divisor(n, &c);
    run(&g, &c);
    for (int b = 0; b < 16; b++) {
      int64_t sum = c.k0 * c.k1 * byte(&g, A, b), q = sum > 0 ? (sum + n / 2) / n : (sum - n / 2) / n;
      assert_int_equal(byte(&g, OUT, b), clamped(q, &c));
    }
  }
  rig_close(&g);
}

/* MEAN: the sum, a bias of -zx*n, one scale; QUANTIZE: one step. */
static void mean_and_rescale(void **state) {
  (void)state;
  rand_t r = {14};
  rig_t g;
  rig_open(&g, weft_config_find("weft672"), &r);
  for (int i = 0; i < 50; i++) {
    weft_vec_t c = pool(7, 5, 7, 5, 1);
    c.nsteps = 2;
    c.step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_ADD, .taps = 1);
    c.step1 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_2, .into = WEFT_INTO_OUT);
    int zx = rand_i8(&r);
    c.bias = -35 * zx;
    c.mult2 = rand_in(&r, 1 << 30, INT32_MAX);
    c.rs2 = rand_in(&r, 3, 6);
    c.zo = rand_i8(&r);
    run(&g, &c);
    for (int b = 0; b < 16; b++) {
      int32_t sum = 0;
      for (int k = 0; k < 35; k++) sum += byte(&g, A + k, b) - zx;
      assert_int_equal(byte(&g, OUT, b), rig_requantise(sum, (int32_t)c.mult2, 0, (int)c.rs2, (int)c.zo, -128, 127));
    }
    c = flat(3);
    c.nsteps = 1;
    c.step0 = WEFT_STEP(.fn = WEFT_FN_B, .scale = WEFT_SCALE_1, .into = WEFT_INTO_OUT);
    c.zb = zx;
    c.mult1 = rand_in(&r, 0, INT32_MAX);
    c.ls1 = rand_in(&r, 0, 31);
    c.rs1 = rand_in(&r, 0, 31);
    c.zo = rand_i8(&r);
    run(&g, &c);
    for (int b = 0; b < 48; b++)
      assert_int_equal(byte(&g, OUT, b), rig_requantise(byte(&g, B, b) - zx, (int32_t)c.mult1, (int)c.ls1, (int)c.rs1, (int)c.zo, -128, 127));
    expect_events(&g, 3, 3, 3);
  }
  rig_close(&g);
}

/* Four steps, three loops, both operands with strides of their own; A again after step 0 is its first tap. */
static void strides_and_first_tap(void **state) {
  (void)state;
  rand_t r = {15};
  rig_t g;
  rig_open(&g, weft_config_find("weft64"), &r);
  weft_vec_t c = flat(3);
  c.n1 = 2;
  c.n2 = 2;
  c.a_s0 = 5;
  c.a_s1 = 20;
  c.a_s2 = 50;
  c.k0 = 2;
  c.a_k0 = 3;
  c.b_base = B + 10;
  c.b_s0 = 65535;   /* -1 */
  c.b_s1 = 6;
  c.b_s2 = 12;
  c.out_s0 = 4;
  c.out_s1 = 2;
  c.out_s2 = 30;
  c.za = 3;
  c.zb = -2;
  c.zo = 1;
  c.bias = 7;
  c.nsteps = 4;
  c.step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_MAX, .taps = 1);
  c.step1 = WEFT_STEP(.fn = WEFT_FN_B, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_ADD);
  c.step2 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_0, .into = WEFT_INTO_MAX);
  c.step3 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT);
  c.mult0 = 1 << 30;
  c.ls0 = 2;   /* times 2 */
  run(&g, &c);
  for (int i = 0; i < 12; i++) {
    int i0 = i % 3, i1 = i / 3 % 2, i2 = i / 6;
    for (int k = 0; k < 16; k++) {
      int at = A + i0 * 5 + i1 * 20 + i2 * 50, a0 = byte(&g, at, k) - 3, a1 = byte(&g, at + 3, k) - 3;
      int v = (a0 > a1 ? a0 : a1) + byte(&g, B + 10 - i0 + i1 * 6 + i2 * 12, k) + 2;
      if (2 * a0 > v) v = 2 * a0;
      assert_int_equal(byte(&g, OUT + i0 * 4 + i1 * 2 + i2 * 30, k), clamped(v + 7 + 1, &c));
    }
  }
  expect_events(&g, 12 * 4, 12, 12 * 5);
  rig_close(&g);
}

static void transpose(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 3000; seed++) {
    rand_t r = {seed};
    rig_t g;
    rig_open(&g, &weft_configs[seed % 7], &r);
    weft_transpose_t c = {.opcode = WEFT_CMD_TRANSPOSE, .n0 = rand_in(&r, 1, 3), .n1 = rand_in(&r, 1, 3), .rows = rand_chance(&r, 40) ? 16 : rand_in(&r, 1, 16),
                          .c0 = rand_chance(&r, 50) ? 0 : rand_in(&r, 0, 15), .in_base = rand_in(&r, 0, 99), .in_row = rand_in(&r, 0, 9),
                          .in_s0 = rand_in(&r, 0, 60), .in_s1 = rand_in(&r, 0, 60), .fill = rand_i8(&r), .out_base = OUT, .out_col = rand_in(&r, 1, 2)};
    c.cols = rand_chance(&r, 40) ? 16 - c.c0 : rand_in(&r, 1, 16 - c.c0);
    c.out_s0 = c.out_col * c.cols;
    c.out_s1 = c.out_s0 * c.n0 + rand_in(&r, 0, 1);
    size_t bytes = weft_machine_buffer_bytes(g.m.cfg);
    uint8_t *want = malloc(bytes);
    assert_non_null(want);
    memcpy(want, g.m.buffer, bytes);
    for (int64_t b = 0; b < c.n0 * c.n1; b++)
      for (int64_t k = 0; k < c.cols; k++)
        for (int64_t j = 0; j < 16; j++)
          want[(OUT + b / c.n0 * c.out_s1 + b % c.n0 * c.out_s0 + k * c.out_col) * 16 + j] =
              j < c.rows ? g.m.buffer[(c.in_base + b / c.n0 * c.in_s1 + b % c.n0 * c.in_s0 + j * c.in_row) * 16 + c.c0 + k] : (uint8_t)c.fill;
    rig_add(&g, &c);
    assert_int_equal(rig_run(&g), WEFT_STATUS_DONE);
    assert_memory_equal(g.m.buffer, want, bytes);
    assert_int_equal(g.m.counter[WEFT_CNT_BUF_VEC_RD], c.n0 * c.n1 * c.rows);
    assert_int_equal(g.m.counter[WEFT_CNT_BUF_VEC_WR], c.n0 * c.n1 * c.cols);
    assert_int_equal(g.m.counter[WEFT_CNT_VEC_BEATS], 0);
    assert_int_equal(g.m.done[WEFT_ENG_VECTOR], 1);
    free(want);
    rig_close(&g);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(add),           cmocka_unit_test(max_pool),         cmocka_unit_test(average_pool),
      cmocka_unit_test(every_divisor), cmocka_unit_test(mean_and_rescale), cmocka_unit_test(strides_and_first_tap),
      cmocka_unit_test(transpose),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
