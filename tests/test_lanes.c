/* SPDX-License-Identifier: Apache-2.0
 *
 * Lowering of lane operators: random operators compiled for three configurations, run on the machine model (their lists pass the
 * validator on the way) and compared with the golden operators, byte for byte. What must not go to the CPU is checked not to.
 */
#include <math.h>

#include "oneop.h"

#include "compiler/run.h"
#include "fixmath.h"

static const char *const configs[] = {"tiny", "weft144", "weft672"};

static void ok(int err, const weft_msg_t *m) {
  if (err) fail_msg("%s", m->msg);
}

/* Compiles the operator for cfg and compares its output with data[3]. Inputs whose tensor has data are constants. The reason when the CPU
 * runs it, else NULL. */
static const char *device(one_t *o, const weft_config_t *cfg) {
  static char reason[160];
  weft_msg_t m = {""};
  int in[3], nin = 0;
  for (int i = 0; i < o->op.nin; i++)
    if (!o->t[i].data) in[nin++] = i;
  o->g.in = in;
  o->g.nin = nin;
  o->g.out = o->out;
  o->g.nout = 1;
  weft_program_t *p;
  weft_target_t *t;
  weft_run_t r;
  ok(weft_compile(&o->g, cfg, &(weft_compile_opts_t){.keep_all = true}, &p, &m), &m);
  snprintf(reason, sizeof reason, "%s", p->layer[0].reason);
  const bool npu = p->layer[0].npu;
  ok(weft_target_open("model", cfg, &(weft_target_opts_t){.dram_bytes = weft_run_dram_bytes(p)}, &t, &m), &m);
  ok(weft_run_open(&r, &o->g, p, t, 0, &m), &m);
  for (int i = 0; i < nin; i++) ok(weft_run_input(&r, i, o->data[in[i]], &m), &m);
  ok(weft_run_infer(&r, &m), &m);
  const size_t n = o->t[3].elements;
  int8_t *got = malloc(n);
  assert_non_null(got);
  ok(weft_run_tensor(&r, 3, got, &m), &m);
  for (size_t i = 0; i < n; i++)
    if (got[i] != i8(o, 3)[i])
      fail_msg("%s on %s: value %zu of %zu is %d, golden %d (%s)", weft_op_name(o->op.code), cfg->name, i, n, got[i], i8(o, 3)[i],
               p->layer[0].mapping);
  free(got);
  weft_run_close(&r);
  weft_target_close(t);
  weft_program_free(p);
  return npu ? NULL : reason;
}

/* On all three; none may refuse unless `may`. Returns how many did. */
static int everywhere(one_t *o, bool may) {
  int refused = 0;
  run(o);
  for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
    const char *reason = device(o, weft_config_find(configs[i]));
    if (reason && !may) fail_msg("%s on %s: %s", weft_op_name(o->op.code), configs[i], reason);
    refused += reason != NULL;
  }
  return refused;
}

static float real(float lo, float hi) { return lo + (hi - lo) * (float)(next() % 1000) / 1000.0f; }

/* Scales of one size, as networks have them, or far apart. */
static void quantise(one_t *o) {
  const bool wide = range(0, 4) == 0;
  for (int i = 0; i < 4; i++) {
    o->scale[i][0] = wide ? ldexpf(real(1, 2), range(-12, 4)) : real(0.01f, 0.2f);
    o->zero[i][0] = range(0, 3) ? range(-128, 127) : 0;
  }
}

static void one_scale(one_t *o) {
  for (int i = 0; i < 4; i++) {
    o->scale[i][0] = o->scale[3][0];
    o->zero[i][0] = o->zero[3][0];
  }
}

/* ---- one input */
static void test_unary(void **state) {
  (void)state;
  static const weft_opcode_t code[] = {WEFT_OP_QUANTIZE, WEFT_OP_RELU, WEFT_OP_RELU6, WEFT_OP_RELU_N1_TO_1, WEFT_OP_RELU_0_TO_1, WEFT_OP_ABS,
        WEFT_OP_NEG, WEFT_OP_LEAKY_RELU, WEFT_OP_HARD_SWISH, WEFT_OP_LOGISTIC, WEFT_OP_TANH, WEFT_OP_ELU, WEFT_OP_GELU, WEFT_OP_EXP,
        WEFT_OP_RSQRT};
  for (size_t k = 0; k < sizeof code / sizeof *code; k++)
    for (int trial = 0; trial < 4; trial++) {
      one_t o;
      one_op(&o, code[k], 1);
      quantise(&o);
      o.op.alpha = real(-0.5f, 0.9f);
      o.op.approximate = trial & 1;
      if (code[k] == WEFT_OP_HARD_SWISH) o.scale[3][0] = o.scale[0][0];
      const int n = trial == 0 ? 256 : range(1, trial == 3 ? 100000 : 3000);
      SHAPE(&o, 0, WEFT_I8, n);
      SHAPE(&o, 3, WEFT_I8, n);
      for (int i = 0; i < 256 && i < n; i++) i8(&o, 0)[i] = (int8_t)i;
      everywhere(&o, false);
      release(&o);
    }
}

/* UINT8 at a network's edges. */
static void test_quantize_unsigned(void **state) {
  (void)state;
  for (int trial = 0; trial < 12; trial++) {
    one_t o;
    one_op(&o, WEFT_OP_QUANTIZE, 1);
    quantise(&o);
    const weft_dtype_t from = trial % 3 == 0 ? WEFT_I8 : WEFT_U8, to = trial % 3 == 1 ? WEFT_I8 : WEFT_U8;
    const int n = range(256, 5000);
    SHAPE(&o, 0, from, n);
    SHAPE(&o, 3, to, n);
    if (from == WEFT_U8) o.zero[0][0] = range(0, 255);
    if (to == WEFT_U8) o.zero[3][0] = range(0, 255);
    everywhere(&o, false);
    release(&o);
  }
}

/* ---- two inputs */
static void two(weft_opcode_t code, int trial, int rank, int32_t dim[2][6], int skip[2]) {
  one_t o;
  int32_t out[6];
  one_op(&o, code, 2);
  quantise(&o);
  if (code == WEFT_OP_MAXIMUM || code == WEFT_OP_MINIMUM) one_scale(&o);
  if (code == WEFT_OP_SQUARED_DIFFERENCE) o.scale[3][0] = real(0.05f, 4.0f);
  if (code == WEFT_OP_ADD || code == WEFT_OP_SUB || code == WEFT_OP_MUL) o.op.act = range(0, 3);
  for (int i = 0; i < rank; i++) {
    if (code == WEFT_OP_PRELU && i >= skip[0]) dim[0][i] = dim[0][i] > dim[1][i] ? dim[0][i] : dim[1][i];
    out[i] = dim[0][i] > dim[1][i] ? dim[0][i] : dim[1][i];
  }
  if (code == WEFT_OP_PRELU) skip[0] = 0, memcpy(dim[0], out, sizeof out);
  for (int k = 0; k < 2; k++) shape(&o, k, WEFT_I8, rank - skip[k], dim[k] + skip[k]);
  shape(&o, 3, WEFT_I8, rank, out);
  if (trial % 3 == 1) o.t[1].data = o.data[1];
  if (trial % 7 == 2 && code != WEFT_OP_PRELU) o.t[0].data = o.data[0];
  everywhere(&o, false);
  release(&o);
}

static const weft_opcode_t binary[] = {WEFT_OP_ADD, WEFT_OP_SUB, WEFT_OP_MUL, WEFT_OP_MAXIMUM, WEFT_OP_MINIMUM, WEFT_OP_SQUARED_DIFFERENCE,
                                       WEFT_OP_PRELU};
enum { BINARY = sizeof binary / sizeof *binary };

static void test_broadcast(void **state) {
  (void)state;
  for (int trial = 0; trial < 350; trial++) {
    const int rank = range(0, 6), large = trial % 3 == 0 ? range(0, rank ? rank - 1 : 0) : -1;
    int32_t dim[2][6];
    int skip[2] = {range(0, 1) ? 0 : range(0, rank), 0};
    if (range(0, 1)) { skip[1] = skip[0]; skip[0] = 0; }
    for (int i = 0; i < rank; i++) {
      const int32_t d = i == large ? range(1, rank > 4 ? 20 : 300) : range(1, rank > 4 ? 3 : 6);
      for (int k = 0; k < 2; k++) dim[k][i] = i < skip[k] || range(0, 2) == 0 ? 1 : d;
    }
    two(binary[trial % BINARY], trial, rank, dim, skip);
  }
}

/* The patterns of real networks, at sizes that need several tiles. */
static void test_patterns(void **state) {
  (void)state;
  for (int k = 0; k < BINARY; k++)
    for (int pattern = 0; pattern < 6; pattern++) {
      int32_t H = range(3, 40), W = range(3, 40), C = range(1, 120);
      int32_t dim[2][6] = {{1, H, W, C}, {1, H, W, C}};
      int skip[2] = {0, 0};
      switch (pattern) {
        case 0: break;                                                         /* equal shapes */
        case 1: dim[1][1] = dim[1][2] = 1; break;                              /* a value for each channel, as squeeze and excite has it */
        case 2: dim[1][3] = 1; break;                                          /* a value for each pixel, as layer normalisation has it */
        case 3: dim[1][1] = dim[1][2] = dim[1][3] = 1; skip[1] = 4; break;     /* a scalar */
        case 4: skip[1] = 3; break;                                            /* a vector of the channels */
        case 5: dim[0][1] = 1; dim[1][2] = 1; break;                           /* each is repeated somewhere */
      }
      for (int i = 0; i < skip[1]; i++) dim[1][i] = 1;
      two(binary[k], k + pattern, 4, dim, skip);
    }
}

/* What an operand that is repeated costs: bytes loaded for a feature map of 40 x 40 x 64 and what it meets. */
static void test_traffic(void **state) {
  (void)state;
  enum { N = 40 * 40 * 64, NARROW = 256, WIDE = 1024 };   /* values of the map; bytes of a table */
  static const struct { weft_opcode_t code; int constant, rank; int32_t dim[4]; uint64_t bytes; } all[] = {
      {WEFT_OP_MUL, 0, 4, {1, 40, 40, 64}, 2 * N},        {WEFT_OP_MUL, 0, 4, {1, 1, 1, 64}, N + 64},   /* one vector, loaded once */
      {WEFT_OP_MUL, 0, 4, {1, 40, 40, 1}, N + 40 * 40},   {WEFT_OP_MUL, 1, 1, {1}, N + 1},
      {WEFT_OP_SUB, 1, 1, {1}, N + NARROW},                                                             /* a function of one byte */
      {WEFT_OP_ADD, 1, 1, {64}, N + 64 + 2 * WIDE},       {WEFT_OP_SQUARED_DIFFERENCE, 0, 4, {1, 40, 40, 1}, N + 40 * 40 + 2 * WIDE},
      {WEFT_OP_PRELU, 1, 1, {64}, N + 64 + 2 * NARROW}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    one_t o;
    one_op(&o, all[i].code, 2);
    SHAPE(&o, 0, WEFT_I8, 1, 40, 40, 64);
    shape(&o, 1, WEFT_I8, all[i].rank, all[i].dim);
    SHAPE(&o, 3, WEFT_I8, 1, 40, 40, 64);
    o.t[1].data = all[i].constant ? o.data[1] : NULL;
    int in[2] = {0, 1};
    o.g.in = in;
    o.g.nin = all[i].constant ? 1 : 2;
    o.g.out = o.out;
    o.g.nout = 1;
    weft_program_t *p;
    weft_msg_t m = {""};
    ok(weft_compile(&o.g, weft_config_find("weft144"), &(weft_compile_opts_t){.keep_all = true}, &p, &m), &m);
    if (p->layer[0].load_bytes != all[i].bytes || p->layer[0].store_bytes != N)
      fail_msg("%s, case %zu: %llu bytes loaded and %llu stored, expected %llu and %d", weft_op_name(all[i].code), i,
               (unsigned long long)p->layer[0].load_bytes, (unsigned long long)p->layer[0].store_bytes, (unsigned long long)all[i].bytes, N);
    weft_program_free(p);
    release(&o);
  }
}

/* Layers with the same table share it in the constants. */
static void test_shared_table(void **state) {
  (void)state;
  one_t o;
  one_op(&o, WEFT_OP_LOGISTIC, 1);
  for (int i = 0; i < 4; i++) SHAPE(&o, i, WEFT_I8, 100);
  weft_op_t op[3];
  int chain[3][2] = {{0, 1}, {1, 2}, {2, 3}};
  for (int i = 0; i < 3; i++) {
    op[i] = o.op;
    op[i].in = &chain[i][0];
    op[i].out = &chain[i][1];
  }
  o.g.op = op;
  o.g.nops = 3;
  int in[1] = {0};
  o.g.in = in;
  o.g.nin = 1;
  o.g.out = o.out;
  o.g.nout = 1;
  weft_program_t *p;
  weft_msg_t m = {""};
  ok(weft_compile(&o.g, weft_config_find("tiny"), &(weft_compile_opts_t){.keep_all = false}, &p, &m), &m);
  assert_int_equal(p->nkonst, 256);
  weft_program_free(p);
  release(&o);
}

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
  seed_from_environment("test_lanes");
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_unary), cmocka_unit_test(test_quantize_unsigned), cmocka_unit_test(test_patterns), cmocka_unit_test(test_broadcast),
      cmocka_unit_test(test_traffic), cmocka_unit_test(test_shared_table), cmocka_unit_test(test_reduce),
      cmocka_unit_test(test_reduce_large), cmocka_unit_test(test_softmax_rows), cmocka_unit_test(test_softmax_lengths),
      cmocka_unit_test(test_resize),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
