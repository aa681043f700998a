/* SPDX-License-Identifier: Apache-2.0
 *
 * Fixed-point arithmetic against independent statements of the rules, and derived constants against numbers from numpy.
 *
 * SRDHM is compared with TFLite's own wording (nudge and truncating division), RDP with floating-point rounding, which is exact for
 * 32-bit values; the constants were computed outside this project's C code.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "quant.h"

static uint64_t rng = 1;
static uint32_t next(void) {   /* xorshift64* */
  rng ^= rng >> 12;
  rng ^= rng << 25;
  rng ^= rng >> 27;
  return (uint32_t)((rng * UINT64_C(2685821657736338717)) >> 32);
}
/* Random int32 that favours extremes, small values and powers of two. */
static int32_t word(void) {
  static const int32_t odd[] = {INT32_MIN, INT32_MIN + 1, INT32_MAX, -1, 0, 1, 1 << 30, -(1 << 30), (1 << 30) - 1};
  switch (next() % 4) {
    case 0: return odd[next() % (sizeof odd / sizeof odd[0])];
    case 1: return (int32_t)next() >> (next() % 32);
    case 2: return (int32_t)((1u << (next() % 32)) + next() % 3 - 1);
    default: return (int32_t)next();
  }
}

static void check_qm(double r, int32_t q, int e) {
  int32_t have_q;
  int have_e;
  weft_qm(r, &have_q, &have_e);
  assert_int_equal(have_q, q);
  assert_int_equal(have_e, e);
}

static void test_qm(void **state) {
  (void)state;
  check_qm(0.0, 0, 0);
  check_qm(1.0, 1 << 30, 1);
  check_qm(0.5, 1 << 30, 0);
  check_qm(0.75, 3 << 29, 0);
  check_qm(ldexp(1, -32), 1 << 30, -31);                     /* the smallest factor that is not zero */
  check_qm(ldexp(1, -33), 0, 0);
  check_qm(ldexp(1 - ldexp(1, -40), -32), 1 << 30, -31);     /* rounds up into it */
  check_qm(1 - ldexp(1, -33), 1 << 30, 1);                   /* mantissa rounds up to 2^31: halved */
  check_qm(1 - ldexp(1, -31), INT32_MAX, 0);
  for (int i = 0; i < 100000; i++) {
    double r = ldexp(1 + next() / 4294967296.0, (int)(next() % 60) - 30);
    int32_t q;
    int e;
    weft_qm(r, &q, &e);
    assert_true(q >= 1 << 30 && fabs(ldexp(q, e - 31) - r) <= ldexp(1, e - 32));   /* half a unit of q */
  }
}

static void test_srdhm(void **state) {
  (void)state;
  assert_int_equal(weft_srdhm(INT32_MIN, INT32_MIN), INT32_MAX);
  for (int i = 0; i < 2000000; i++) {
    const int32_t a = word(), b = word();
    if (a == INT32_MIN && b == INT32_MIN) continue;
    int64_t p = (int64_t)a * b;
    p += p >= 0 ? 1 << 30 : 1 - (1 << 30);
    assert_int_equal(weft_srdhm(a, b), (int32_t)(p / (INT64_C(1) << 31)));
  }
}

static void test_rdp(void **state) {
  (void)state;
  assert_int_equal(weft_rdp(-3, 1), -2);
  assert_int_equal(weft_rdp(3, 1), 2);
  assert_int_equal(weft_rdp(INT32_MIN, 31), -1);
  assert_int_equal(weft_rdp(INT32_MAX, 31), 1);
  for (int i = 0; i < 2000000; i++) {
    const int32_t x = word();
    const int n = (int)(next() % 32);
    assert_int_equal(weft_rdp(x, n), (int32_t)round(ldexp(x, -n)));   /* round(): half away from zero */
  }
}

static void test_m2(void **state) {
  (void)state;
  assert_int_equal(weft_m2(100, 1 << 30, 1), 100);                  /* factor 1 */
  assert_int_equal(weft_m2(1 << 30, 1 << 30, 1), -(1 << 30));       /* the left shift wraps: (1 << 31) * 0.5 */
  assert_int_equal(weft_m2(5, 3 << 29, -1), 2);                     /* 5 * 0.375: 3.75 rounds to 4, then 2; in one step 1.875 too */
  assert_int_equal(weft_m2(3, 1 << 30, -1), 1);                     /* 3 * 0.25: 1.5 rounds to 2, then 1; one rounding would give 1 */
  assert_int_equal(weft_m2(1, 1 << 30, -1), 1);                     /* 1 * 0.25: 0.5 rounds to 1, 0.5 rounds to 1: double rounding */
  assert_int_equal(weft_m2(-1, 1 << 30, -1), 0);
  assert_int_equal(weft_requant(1000, 1 << 30, 1, 5, -128, 127), 127);
  assert_int_equal(weft_requant(-1000, 1 << 30, 1, 5, -10, 127), -10);
  assert_int_equal(weft_requant(INT32_MAX, INT32_MAX, 0, 127, -128, 127), -128);   /* the zero point is added in wrapping int32 */
}

/* One operator over up to three tensors: scales, zero points, shapes are what the functions under test read. */
typedef struct {
  weft_tensor_t t[3];
  float scale[3];
  int32_t zero[3];
  int in[2], out[1];
  weft_op_t op;
  weft_graph_t g;
} one_t;

static void one_op(one_t *o, weft_opcode_t code, float a, float b, float y) {
  *o = (one_t){.scale = {a, b, y}, .in = {0, 1}, .out = {2}};
  for (int i = 0; i < 3; i++) o->t[i] = (weft_tensor_t){.type = WEFT_I8, .rank = 4, .dim = {1, 1, 1, 1}, .elements = 1, .nscale = 1, .scale = &o->scale[i], .zero = &o->zero[i]};
  o->op = (weft_op_t){.code = code, .nin = 2, .nout = 1, .in = o->in, .out = o->out};
  o->g = (weft_graph_t){.ntensors = 3, .nops = 1, .tensor = o->t, .op = &o->op};
}

static void test_conv_requant(void **state) {
  (void)state;
  one_t o;
  int32_t q;
  int e;
  one_op(&o, WEFT_OP_CONV_2D, 0x1.51b75ep-4f, 0x1.0f0a18p-7f, 0x1.04b54p-3f);
  weft_conv_requant(&o.g, &o.op, 0, &q, &e);
  assert_int_equal(q, 1472617649);
  assert_int_equal(e, -7);
  o.op.code = WEFT_OP_FULLY_CONNECTED;   /* per tensor: the product of scales is rounded to float32 */
  weft_conv_requant(&o.g, &o.op, 0, &q, &e);
  assert_int_equal(q, 1472617691);
  assert_int_equal(e, -7);
  float channels[2] = {1.0f, 0x1.0f0a18p-7f};
  o.t[1].scale = channels;
  o.t[1].nscale = 2;                     /* per channel: in double, and of the channel asked for */
  weft_conv_requant(&o.g, &o.op, 1, &q, &e);
  assert_int_equal(q, 1472617649);
}

static void test_rescale_requant(void **state) {
  (void)state;
  one_t o;
  int32_t q;
  int e;
  one_op(&o, WEFT_OP_QUANTIZE, 0x1.24a2bap-5f, 0, 0x1.dbdebcp-5f);
  weft_rescale_requant(&o.g, &o.op, &q, &e);
  assert_int_equal(q, 1320592179);
  o.op.code = WEFT_OP_RELU;              /* the quotient is rounded to float32 */
  weft_rescale_requant(&o.g, &o.op, &q, &e);
  assert_int_equal(q, 1320592128);
  assert_int_equal(e, 0);
}

static void test_add_params(void **state) {
  (void)state;
  one_t o;
  weft_add_params_t p;
  one_op(&o, WEFT_OP_ADD, 0x1.2fec56p-5f, 0x1.8fc504p-7f, 0x1.a8587ap-5f);
  weft_add_params(&o.g, &o.op, &p);
  assert_int_equal(p.qa, 1073741824);
  assert_int_equal(p.ea, 0);
  assert_int_equal(p.qb, 1412361245);
  assert_int_equal(p.eb, -2);
  assert_int_equal(p.qo, 1538062506);
  assert_int_equal(p.eo, -19);
}

static void test_mean_params(void **state) {
  (void)state;
  static const struct { int h, w; float si, so; int32_t q; int e; } want[] = {
      {7, 7, 0x1.810624p-6f, 0x1.07c84cp-6f, 1023518563, -4},
      {1, 1, 0.5f, 0.25f, 1073741824, 2},
      {400, 400, 0x1.0c6f7ap-20f, 1000.0f, 28823, -31},   /* the shift is cut so that the exponent stays at -31 */
  };
  for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
    one_t o;
    int32_t n, q;
    int e;
    one_op(&o, WEFT_OP_MEAN, want[i].si, 0, want[i].so);
    o.t[1].data = (int32_t[]){1, 2};
    o.t[1].elements = 2;
    o.t[0].dim[1] = want[i].h;
    o.t[0].dim[2] = want[i].w;
    weft_mean_params(&o.g, &o.op, &n, &q, &e);
    assert_int_equal(n, want[i].h * want[i].w);
    assert_int_equal(q, want[i].q);
    assert_int_equal(e, want[i].e);
  }
}

static void test_softmax_params(void **state) {
  (void)state;
  static const struct { float scale, beta; int32_t q; int left; int32_t diff_min; } want[] = {
      {0.1f, 1, 1717986944, 23, -248}, {1.7f, 2, 1825361152, 28, -7}, {200, 1, INT32_MAX, 31, 0}};
  for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
    one_t o;
    int32_t q, diff_min;
    int left;
    one_op(&o, WEFT_OP_SOFTMAX, want[i].scale, 0, 1);
    o.op.beta = want[i].beta;
    weft_softmax_params(&o.g, &o.op, &q, &left, &diff_min);
    assert_int_equal(q, want[i].q);
    assert_int_equal(left, want[i].left);
    assert_int_equal(diff_min, want[i].diff_min);
  }
}

static void check_bounds(weft_opcode_t code, weft_act_t act, float scale, int32_t zero, int32_t lo, int32_t hi) {
  one_t o;
  int32_t have_lo, have_hi;
  one_op(&o, code, 1, 1, scale);
  o.zero[2] = zero;
  o.op.act = act;
  weft_act_bounds(&o.g, &o.op, &have_lo, &have_hi);
  assert_int_equal(have_lo, lo);
  assert_int_equal(have_hi, hi);
}

static void test_act_bounds(void **state) {
  (void)state;
  check_bounds(WEFT_OP_ADD, WEFT_ACT_NONE, 0.1f, 3, -128, 127);
  check_bounds(WEFT_OP_ADD, WEFT_ACT_RELU, 0.1f, 3, 3, 127);
  check_bounds(WEFT_OP_ADD, WEFT_ACT_RELU6, 0.1f, -128, -128, -68);
  check_bounds(WEFT_OP_ADD, WEFT_ACT_RELU6, 0.1f, 100, 100, 127);
  check_bounds(WEFT_OP_ADD, WEFT_ACT_RELU6, 4.0f, 0, 0, 2);            /* 1.5 rounds away from zero */
  check_bounds(WEFT_OP_ADD, WEFT_ACT_RELU_N1_TO_1, 0.1f, 5, -5, 15);
  check_bounds(WEFT_OP_ADD, WEFT_ACT_RELU_N1_TO_1, 2.0f, 0, -1, 1);    /* -0.5 and 0.5 too */
  check_bounds(WEFT_OP_RELU, WEFT_ACT_NONE, 0.1f, -7, -7, 127);
  check_bounds(WEFT_OP_RELU6, WEFT_ACT_NONE, 0.1f, -7, -7, 53);
}

int main(void) {
  const char *seed = getenv("SEED");
  rng = (seed && *seed ? strtoull(seed, NULL, 0) : 1) * 2 + 1;   /* never 0 */
  printf("test_quant SEED=%s\n", seed && *seed ? seed : "1");
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_qm), cmocka_unit_test(test_srdhm), cmocka_unit_test(test_rdp), cmocka_unit_test(test_m2),
      cmocka_unit_test(test_conv_requant), cmocka_unit_test(test_rescale_requant), cmocka_unit_test(test_add_params),
      cmocka_unit_test(test_mean_params), cmocka_unit_test(test_softmax_params), cmocka_unit_test(test_act_bounds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
