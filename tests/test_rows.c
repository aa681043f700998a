/* SPDX-License-Identifier: Apache-2.0
 *
 * Lowering of reductions, SOFTMAX and RESIZE: any axes, every length of a row that the lanes take, any ratio of sizes. For three
 * configurations, byte for byte with the golden operators.
 */
#include "onedevice.h"

/* ---- reductions */
static void test_reduce(void **state) {
  (void)state;
  static const weft_opcode_t code[] = {WEFT_OP_MEAN, WEFT_OP_SUM, WEFT_OP_REDUCE_MAX};
  int refused = 0;
  for (int trial = 0; trial < 240; trial++) {
    one_t o;
    one_op(&o, code[trial % 3], 2);
    quantise(&o);
    if (trial % 3 == 2) one_scale(&o);
    const int rank = range(1, 5), axes = range(1, (1 << rank) - 1), large = range(0, rank - 1);
    int32_t dim[6], out[6], axis[6];
    int n = 0, left = 0;
    o.op.keep_dims = range(0, 1);
    for (int i = 0; i < rank; i++) {
      dim[i] = i == large ? range(1, 60) : range(1, 7);
      if (axes >> i & 1) axis[n++] = range(0, 1) ? i : i - rank;
      if (!(axes >> i & 1) || o.op.keep_dims) out[left++] = axes >> i & 1 ? 1 : dim[i];
    }
    shape(&o, 0, WEFT_I8, rank, dim);
    SHAPE(&o, 1, WEFT_I32, n);
    memcpy(o.data[1], axis, (size_t)n * sizeof *axis);
    o.t[1].data = o.data[1];
    shape(&o, 3, WEFT_I8, left, out);
    refused += everywhere(&o, true) == 3;
    release(&o);
  }
  assert_true(refused < 10);     /* three groups of reduced dimensions, which need rank 5 */
}

/* [a][b][c][d]: what is reduced of it, at sizes that fill buffers. */
static void test_reduce_large(void **state) {
  (void)state;
  static const struct { int32_t dim[4]; int n, axis[4]; } shape_of[] = {
      {{1, 56, 56, 24}, 2, {1, 2}}, {{1, 7, 7, 1000}, 2, {1, 2}}, {{2, 64, 1, 300}, 1, {1}}, {{1, 64, 1, 128}, 1, {3}}, {{1, 300, 1, 17}, 1, {3}},
      {{3, 20, 30, 16}, 2, {1, 3}}, {{40, 3, 5, 7}, 2, {0, 2}}, {{300, 2, 3, 4}, 2, {0, 2}}, {{1, 1, 1, 900}, 1, {3}}, {{300, 2, 3, 1}, 2, {0, 2}},
      {{1, 100, 20, 1}, 1, {1}}, {{1, 30, 40, 3}, 1, {2}}, {{1, 1, 70000, 1}, 1, {0}}};
  for (size_t i = 0; i < sizeof shape_of / sizeof *shape_of; i++)
    for (int k = 0; k < 3; k++) {
      static const weft_opcode_t code[] = {WEFT_OP_MEAN, WEFT_OP_SUM, WEFT_OP_REDUCE_MAX};
      one_t o;
      one_op(&o, code[k], 2);
      quantise(&o);
      if (k == 2) one_scale(&o);
      if (k == 1) o.scale[3][0] *= 20;
      o.op.keep_dims = true;
      int32_t out[4];
      memcpy(out, shape_of[i].dim, sizeof out);
      for (int a = 0; a < shape_of[i].n; a++) out[shape_of[i].axis[a]] = 1;
      shape(&o, 0, WEFT_I8, 4, shape_of[i].dim);
      SHAPE(&o, 1, WEFT_I32, shape_of[i].n);
      memcpy(o.data[1], shape_of[i].axis, (size_t)shape_of[i].n * sizeof(int32_t));
      o.t[1].data = o.data[1];
      shape(&o, 3, WEFT_I8, 4, out);
      assert_true(everywhere(&o, true) <= 1);    /* tiny's buffer is small */
      release(&o);
    }
}

/* ---- SOFTMAX */
static void softmax(int rows, int n, float scale, float beta, int kind, const char *cfg) {
  one_t o;
  one_op(&o, WEFT_OP_SOFTMAX, 1);
  o.scale[0][0] = scale;
  o.op.beta = beta;
  o.scale[3][0] = 1.0f / 256;
  o.zero[3][0] = -128;
  SHAPE(&o, 0, WEFT_I8, rows, n);
  SHAPE(&o, 3, WEFT_I8, rows, n);
  for (size_t i = 0; i < o.t[0].elements; i++) {   /* 0: any bytes; 1: nearly equal ones, whose sum is largest; 2: one large in each row */
    if (kind == 1) i8(&o, 0)[i] = (int8_t)(100 + (int)(next() % 2));
    if (kind == 2) i8(&o, 0)[i] = (int8_t)(i % (size_t)n == i / (size_t)n % (size_t)n ? 127 : -100 + (int)(next() % 40));
  }
  run(&o);
  const char *reason = device(&o, weft_config_find(cfg));
  if (reason) fail_msg("%d rows of %d on %s: %s", rows, n, cfg, reason);
  release(&o);
}

/* Every length of a row, and sums on both sides of 512, above which every result is -128. */
static void test_softmax_lengths(void **state) {
  (void)state;
  for (int n = 1; n <= 4095; n++) softmax(n % 5 == 0 ? 17 : 2, n, n % 3 ? 0.1f : 0.01f, 1, n % 3, "weft672");
}

static void test_softmax_rows(void **state) {
  (void)state;
  for (int trial = 0; trial < 60; trial++)
    for (int c = 0; c < 3; c++)
      softmax(range(1, trial % 4 ? 70 : 900), range(1, trial % 4 ? 70 : 20), real(0.001f, 0.3f), real(0.3f, 3.0f), trial % 3, configs[c]);
  softmax(128, 64, 0.1f, 1, 0, "weft672");
  softmax(40, 440, 0.1f, 1, 0, "tiny");
  one_t o;
  one_op(&o, WEFT_OP_SOFTMAX, 1);
  o.scale[3][0] = 1.0f / 256;
  o.zero[3][0] = -128;
  SHAPE(&o, 0, WEFT_I8, 2, 4096);
  SHAPE(&o, 3, WEFT_I8, 2, 4096);
  assert_int_equal(everywhere(&o, true), 3);       /* too long for the lanes: the CPU, with the same bytes */
  release(&o);
}

/* ---- RESIZE */
static int resize(weft_opcode_t code, int N, int H, int W, int C, int OH, int OW, int mode) {
  one_t o;
  one_op(&o, code, 2);
  quantise(&o);
  o.op.align_corners = mode == 1;
  o.op.half_pixel = mode == 2;
  SHAPE(&o, 0, WEFT_I8, N, H, W, C);
  SHAPE(&o, 1, WEFT_I32, 2);
  ((int32_t *)o.data[1])[0] = OH;
  ((int32_t *)o.data[1])[1] = OW;
  o.t[1].data = o.data[1];
  SHAPE(&o, 3, WEFT_I8, N, OH, OW, C);
  weft_msg_t m;
  int refused = 0;
  if (weft_golden_supported(&o.g, &o.op, &m) == 0) refused = everywhere(&o, true);
  release(&o);
  return refused;
}

static void test_resize(void **state) {
  (void)state;
  int refused = 0;
  for (int trial = 0; trial < 150; trial++) {
    const weft_opcode_t code = trial % 2 ? WEFT_OP_RESIZE_BILINEAR : WEFT_OP_RESIZE_NEAREST_NEIGHBOR;
    refused += resize(code, range(1, 2), range(1, 12), range(1, 12), range(1, 40), range(1, 30), range(1, 30), trial / 2 % 3) != 0;
  }
  assert_true(refused <= 15);
  for (int mode = 0; mode < 3; mode++)
    for (int factor = 2; factor <= 4; factor++) {
      assert_int_equal(resize(WEFT_OP_RESIZE_BILINEAR, 1, 8, 8, 24, 8 * factor, 8 * factor, mode), 0);
      assert_int_equal(resize(WEFT_OP_RESIZE_NEAREST_NEIGHBOR, 1, 8, 8, 24, 8 * factor, 8 * factor, mode), 0);
    }
  for (int mode = 0; mode < 3; mode++) assert_true(resize(WEFT_OP_RESIZE_BILINEAR, 1, 63, 63, 32, 100, 100, mode) <= 1);
}

int main(void) {
  seed_from_environment("test_rows");
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_reduce),          cmocka_unit_test(test_reduce_large), cmocka_unit_test(test_softmax_rows),
      cmocka_unit_test(test_softmax_lengths), cmocka_unit_test(test_resize),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
