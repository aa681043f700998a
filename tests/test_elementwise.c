/* SPDX-License-Identifier: Apache-2.0
 *
 * Element-wise golden operators: broadcasting against plain index arithmetic, tables against real functions, refusals.
 *
 * The conformance tests compare the bytes with TFLite; these need nothing but a compiler, and cover what the oracles refuse, abort on or
 * do not have: six broadcast dimensions, negative input of RSQRT, NEG, values far outside int32, bad arguments.
 */
#include <math.h>

#include "oneop.h"
#include "ops/broadcast.h"
#include "ops/unary_table.h"
#include "quant.h"

static void whole_byte_range(one_t *o) {
  SHAPE(o, 0, WEFT_I8, 256);
  SHAPE(o, 3, WEFT_I8, 256);
  for (int i = 0; i < 256; i++) i8(o, 0)[i] = (int8_t)(i - 128);
}

/* ---- two inputs */

/* Value of input k that meets output position `at` (row-major): the definition, without steps or loops. */
static int8_t meets(one_t *o, int k, size_t at) {
  const weft_tensor_t *t = &o->t[k], *y = &o->t[3];
  size_t index = 0, step = 1;
  for (int i = 0; i < y->rank; i++) {
    const size_t c = at % (size_t)y->dim[y->rank - 1 - i];
    at /= (size_t)y->dim[y->rank - 1 - i];
    const int32_t d = i < t->rank ? t->dim[t->rank - 1 - i] : 1;
    if (d > 1) index += c * step;
    step *= (size_t)d;
  }
  return i8(o, k)[index];
}

static void test_broadcast(void **state) {
  (void)state;
  for (int trial = 0; trial < 400; trial++) {
    one_t o;
    one_op(&o, trial % 2 ? WEFT_OP_MAXIMUM : WEFT_OP_MINIMUM, 2);
    const int rank = range(0, 6);
    int32_t dim[2][6], out[6];
    int skip[2] = {range(0, 1) ? 0 : range(0, rank), 0};   /* leading dimensions that one of the inputs lacks */
    if (range(0, 1)) { skip[1] = skip[0]; skip[0] = 0; }
    for (int i = 0; i < rank; i++) {
      const int32_t d = range(1, rank > 4 ? 3 : 5);
      for (int k = 0; k < 2; k++) dim[k][i] = i < skip[k] || range(0, 2) == 0 ? 1 : d;
      out[i] = dim[0][i] > dim[1][i] ? dim[0][i] : dim[1][i];
    }
    for (int k = 0; k < 2; k++) shape(&o, k, WEFT_I8, rank - skip[k], dim[k] + skip[k]);
    shape(&o, 3, WEFT_I8, rank, out);
    run(&o);
    for (size_t at = 0; at < o.t[3].elements; at++) {
      const int8_t a = meets(&o, 0, at), b = meets(&o, 1, at);
      assert_int_equal(i8(&o, 3)[at], (a > b) == (trial % 2) ? a : b);
    }
    release(&o);
  }
}

static void loops(int na, const int32_t *a, int nb, const int32_t *b, int ny, const int32_t *y, int expected) {
  weft_tensor_t t[3] = {{.rank = na}, {.rank = nb}, {.rank = ny}};
  memcpy(t[0].dim, a, (size_t)na * 4);
  memcpy(t[1].dim, b, (size_t)nb * 4);
  memcpy(t[2].dim, y, (size_t)ny * 4);
  weft_broadcast_t l;
  const bool fits = weft_broadcast(&t[0], &t[1], &t[2], &l);
  assert_int_equal(fits ? l.loops : 0, expected);
  size_t n = 1;
  for (int i = 0; fits && i < l.loops; i++) n *= l.n[i];
  for (int i = 0; fits && i < ny; i++) assert_int_equal(n % (size_t)y[i], 0);
}
#define D(...) (int)(sizeof((int32_t[]){__VA_ARGS__}) / 4), (int32_t[]){__VA_ARGS__}
#define SCALAR 0, (int32_t[]){0}

static void test_loops(void **state) {
  (void)state;
  loops(D(2, 3, 4, 5), D(2, 3, 4, 5), D(2, 3, 4, 5), 1);    /* equal shapes: one run */
  loops(D(2, 3, 4, 5), SCALAR, D(2, 3, 4, 5), 1);
  loops(D(1, 1, 1), D(2, 3, 4, 5), D(2, 3, 4, 5), 1);
  loops(D(2, 3, 4, 5), D(5), D(2, 3, 4, 5), 2);             /* one value a channel */
  loops(D(2, 3, 4, 5), D(3, 4, 1), D(2, 3, 4, 5), 3);       /* one value a pixel, the same for each image */
  loops(D(2, 1, 4, 1), D(1, 3, 1, 5), D(2, 3, 4, 5), 4);    /* both sides in turn: nothing to merge */
  loops(D(2, 3, 1, 1), D(1, 1, 4, 5), D(2, 3, 4, 5), 2);
  loops(SCALAR, SCALAR, SCALAR, 1);
  loops(D(1, 7), D(1, 1, 1), D(1, 1, 7), 1);
  loops(D(2, 3), D(3, 2), D(3, 3), 0);                      /* do not fit */
  loops(D(2, 3), D(2, 3), D(1, 2, 3), 0);
  loops(D(2, 3), D(1, 3), D(1, 3), 0);
  loops(D(4), D(2), D(4), 0);
}

/* Equal scales of a power of two leave no rounding: exact small-integer arithmetic, with zero points and saturation. */
static void test_arithmetic(void **state) {
  (void)state;
  static const weft_opcode_t code[] = {WEFT_OP_ADD, WEFT_OP_SUB, WEFT_OP_MUL, WEFT_OP_SQUARED_DIFFERENCE, WEFT_OP_PRELU};
  for (size_t k = 0; k < sizeof code / sizeof code[0]; k++) {
    one_t o;
    one_op(&o, code[k], 2);
    SHAPE(&o, 0, WEFT_I8, 1, 256);
    SHAPE(&o, 1, WEFT_I8, 256, 1);
    SHAPE(&o, 3, WEFT_I8, 256, 256);
    if (code[k] == WEFT_OP_PRELU) {   /* alpha may not be larger than the input */
      assert_int_equal(weft_golden_op(&o.g, &o.op, o.data, &o.m), WEFT_E_UNSUPPORTED);
      assert_non_null(strstr(o.m.msg, "alpha"));
      free(o.data[0]);
      SHAPE(&o, 0, WEFT_I8, 256, 256);
    }
    const int za = o.zero[0][0] = range(-128, 127), zb = o.zero[1][0] = range(-128, 127), zo = o.zero[3][0] = range(-128, 127);
    o.scale[0][0] = o.scale[1][0] = 0.25f;
    o.scale[3][0] = code[k] == WEFT_OP_MUL || code[k] == WEFT_OP_SQUARED_DIFFERENCE ? 0.0625f : 0.25f;
    run(&o);
    for (size_t at = 0; at < o.t[3].elements; at++) {
      const int a = meets(&o, 0, at) - za, b = meets(&o, 1, at) - zb;
      int v = 0;
      switch (code[k]) {
        case WEFT_OP_ADD: v = a + b; break;
        case WEFT_OP_SUB: v = a - b; break;
        case WEFT_OP_MUL: v = a * b; break;
        case WEFT_OP_SQUARED_DIFFERENCE: v = (a - b) * (a - b); break;
        default:   /* x * alpha in quarters: by 1/2 with ties up, then by 1/2 with ties away from zero */
          v = (a * b + 1) >> 1;
          v = a >= 0 ? a : v < 0 ? -((-v + 1) / 2) : (v + 1) / 2;
      }
      v += zo;
      assert_int_equal(i8(&o, 3)[at], v > 127 ? 127 : v < -128 ? -128 : v);
    }
    release(&o);
  }
}

/* ---- one input */

static double real_function(const weft_op_t *op, double x) {
  switch (op->code) {
    case WEFT_OP_RELU: return x > 0 ? x : 0;
    case WEFT_OP_RELU6: return x > 6 ? 6 : x > 0 ? x : 0;
    case WEFT_OP_RELU_N1_TO_1: return x > 1 ? 1 : x < -1 ? -1 : x;
    case WEFT_OP_RELU_0_TO_1: return x > 1 ? 1 : x < 0 ? 0 : x;
    case WEFT_OP_ABS: return fabs(x);
    case WEFT_OP_NEG: return -x;
    case WEFT_OP_LEAKY_RELU: return x >= 0 ? x : x * (double)op->alpha;
    case WEFT_OP_HARD_SWISH: return x * fmin(fmax(x + 3, 0), 6) / 6;
    case WEFT_OP_LOGISTIC: return 1 / (1 + exp(-x));
    case WEFT_OP_TANH: return tanh(x);
    case WEFT_OP_ELU: return x < 0 ? expm1(x) : x;
    case WEFT_OP_GELU: return op->approximate ? x / 2 * (1 + tanh(sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x))) : x / 2 * erfc(-x / sqrt(2));
    case WEFT_OP_EXP: return exp(x);
    case WEFT_OP_RSQRT: return x > 0 ? 1 / sqrt(x) : HUGE_VAL;
    default: return x;
  }
}

/* Every table within one step of the real function: a wrong function, sign, scale or zero point cannot pass, whatever the last bit. */
static void test_tables(void **state) {
  (void)state;
  static const weft_opcode_t code[] = {WEFT_OP_QUANTIZE, WEFT_OP_RELU, WEFT_OP_RELU6, WEFT_OP_RELU_N1_TO_1, WEFT_OP_RELU_0_TO_1,
                                       WEFT_OP_ABS, WEFT_OP_NEG, WEFT_OP_LEAKY_RELU, WEFT_OP_HARD_SWISH, WEFT_OP_LOGISTIC, WEFT_OP_TANH,
                                       WEFT_OP_ELU, WEFT_OP_GELU, WEFT_OP_GELU, WEFT_OP_EXP, WEFT_OP_RSQRT};
  for (size_t k = 0; k < sizeof code / sizeof code[0]; k++)
    for (int trial = 0; trial < 20; trial++) {
      one_t o;
      one_op(&o, code[k], 1);
      o.op.alpha = (float)range(-20, 20) * 0.1f;
      o.op.approximate = k == 13;
      whole_byte_range(&o);
      o.zero[0][0] = range(-128, 127);
      o.zero[3][0] = range(-128, 127);
      o.scale[0][0] = (float)range(5, 400) * 1e-3f;
      o.scale[3][0] = code[k] == WEFT_OP_LOGISTIC ? 1.0f / 256.0f : (float)range(5, 400) * 1e-3f;
      run(&o);
      for (int v = -128; v < 128; v++) {
        const double x = (double)o.scale[0][0] * (v - o.zero[0][0]);
        const double y = fmin(fmax(real_function(&o.op, x) / (double)o.scale[3][0] + o.zero[3][0], -128), 127);
        if (fabs(y - i8(&o, 3)[v + 128]) > 1.0) fail_msg("%s scales %g %g zero points %d %d: %d gives %d, not %g", weft_op_name(code[k]),
            (double)o.scale[0][0], (double)o.scale[3][0], (int)o.zero[0][0], (int)o.zero[3][0], v, i8(&o, 3)[v + 128], y);
      }
      release(&o);
    }
}

static void table_of(one_t *o, float si, int zi, float so, int zo, int8_t table[256]) {
  o->t[0].type = o->t[3].type = WEFT_I8;
  o->scale[0][0] = si;
  o->zero[0][0] = zi;
  o->scale[3][0] = so;
  o->zero[3][0] = zo;
  assert_int_equal(weft_unary_table(&o->g, &o->op, table), WEFT_OK);
}

static void test_corners(void **state) {
  (void)state;
  one_t o;
  int8_t t[256];

  one_op(&o, WEFT_OP_EXP, 1);   /* far beyond int32, and to infinity */
  table_of(&o, 1.0f, 0, 1e-30f, -5, t);
  assert_int_equal(t[127], 127);
  assert_int_equal(t[(uint8_t)-128], -5);
  table_of(&o, 1e30f, 0, 0.01f, 3, t);
  assert_int_equal(t[1], 127);
  assert_int_equal(t[(uint8_t)-1], 3);

  one_op(&o, WEFT_OP_GELU, 1);   /* large negative input is 0 * infinity in the formula's middle */
  table_of(&o, 1e30f, 0, 0.01f, 3, t);
  assert_int_equal(t[1], 127);
  assert_int_equal(t[(uint8_t)-1], 3);

  one_op(&o, WEFT_OP_NEG, 1);   /* equal quantisation: exact, saturated instead of wrapped */
  table_of(&o, 0.05f, 0, 0.05f, 0, t);
  assert_int_equal(t[(uint8_t)-128], 127);
  assert_int_equal(t[100], -100);
  table_of(&o, 0.05f, 10, 0.05f, 10, t);
  assert_int_equal(t[30], -10);

  one_op(&o, WEFT_OP_ABS, 1);
  table_of(&o, 0.05f, 0, 0.05f, 0, t);
  assert_int_equal(t[(uint8_t)-128], 127);
  assert_int_equal(t[(uint8_t)-127], 127);

  one_op(&o, WEFT_OP_RSQRT, 1);   /* zero and below: the largest value */
  table_of(&o, 1.0f, 0, 1.0f / 64.0f, -10, t);
  for (int v = -128; v <= 0; v++) assert_int_equal(t[(uint8_t)v], 127);
  assert_int_equal(t[1], 54);
  assert_int_equal(t[4], 22);
  assert_int_equal(t[64], -2);
  table_of(&o, 1.0f, 0, 1e6f, -10, t);   /* a factor below 2^-12: all outputs are zero */
  for (int v = 1; v < 128; v++) assert_int_equal(t[v], -10);

  one_op(&o, WEFT_OP_HARD_SWISH, 1);   /* identity from 3 on, but for the last bit of its 15-bit factor; zero from -3 down */
  table_of(&o, 0.0625f, 0, 0.0625f, 0, t);
  for (int v = 49; v < 128; v++) assert_in_range(t[v], v - 1, v);
  for (int v = -128; v <= -48; v++) assert_int_equal(t[(uint8_t)v], 0);

  one_op(&o, WEFT_OP_LOGISTIC, 1);
  table_of(&o, 0.1f, 7, 1.0f / 256.0f, -128, t);
  assert_int_equal(t[7], 0);
  for (int v = -127; v < 128; v++) assert_true(t[(uint8_t)v] >= t[(uint8_t)(v - 1)]);
}

static void test_refusals(void **state) {
  (void)state;
  static const weft_opcode_t not_unary[] = {WEFT_OP_ADD, WEFT_OP_PRELU, WEFT_OP_SOFTMAX, WEFT_OP_RESHAPE, WEFT_OP_CONV_2D};
  one_t o;
  int8_t t[256];
  for (size_t i = 0; i < sizeof not_unary / sizeof not_unary[0]; i++) {
    one_op(&o, not_unary[i], 1);
    assert_int_equal(weft_unary_table(&o.g, &o.op, t), WEFT_E_UNSUPPORTED);
  }
  static const struct { weft_opcode_t code; int nin; } all[] = {
      {WEFT_OP_ADD, 2}, {WEFT_OP_SUB, 2}, {WEFT_OP_MUL, 2}, {WEFT_OP_MAXIMUM, 2}, {WEFT_OP_MINIMUM, 2}, {WEFT_OP_SQUARED_DIFFERENCE, 2},
      {WEFT_OP_PRELU, 2}, {WEFT_OP_ABS, 1}, {WEFT_OP_NEG, 1}, {WEFT_OP_TANH, 1}, {WEFT_OP_RSQRT, 1}, {WEFT_OP_GELU, 1}};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    one_op(&o, all[i].code, all[i].nin);
    for (int k = 0; k < 2; k++) SHAPE(&o, k, WEFT_I8, 4, 6);
    SHAPE(&o, 3, WEFT_I8, 4, 6);
    assert_int_equal(weft_golden_supported(&o.g, &o.op, &o.m), WEFT_OK);
    for (int k = 0; k < 4; k++) {   /* each tensor of another type, without a scale, with one scale a channel */
      if (k != 3 && k >= all[i].nin) continue;
      weft_tensor_t *x = &o.t[k];
      x->type = WEFT_I16;
      assert_int_equal(weft_golden_supported(&o.g, &o.op, &o.m), WEFT_E_UNSUPPORTED);
      assert_non_null(strstr(o.m.msg, "INT8"));
      x->type = WEFT_I8;
      for (x->nscale = 0; x->nscale < 10; x->nscale += 6) assert_int_equal(weft_golden_supported(&o.g, &o.op, &o.m), WEFT_E_UNSUPPORTED);
      x->nscale = 1;
    }
    o.t[3].dim[1] = 5;   /* an output of another size */
    o.t[3].elements = 20;
    assert_int_equal(weft_golden_supported(&o.g, &o.op, &o.m), WEFT_E_UNSUPPORTED);
    assert_non_null(strstr(o.m.msg, all[i].nin == 2 ? "broadcast" : "size"));
    o.t[3].dim[1] = 6;
    o.t[3].elements = 24;
    void *keep = o.data[0];
    o.data[0] = NULL;
    assert_int_equal(weft_golden_op(&o.g, &o.op, o.data, &o.m), WEFT_E_ARG);
    o.data[0] = keep;
    release(&o);
  }
}

int main(void) {
  seed_from_environment("test_elementwise");
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_broadcast), cmocka_unit_test(test_loops), cmocka_unit_test(test_arithmetic), cmocka_unit_test(test_tables),
      cmocka_unit_test(test_corners), cmocka_unit_test(test_refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
