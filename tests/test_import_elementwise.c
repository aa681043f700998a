/* SPDX-License-Identifier: Apache-2.0
 *
 * The importer takes element-wise operators, with their options, and refuses scales that no fixed-point rule covers.
 *
 * A case is a good network, one change, and words that the message must hold. Limits are tried on both sides.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "graph.h"
#include "importnet.h"

/* words NULL: must be accepted. The caller frees the graph that is then returned. */
static weft_graph_t *import(net_t n, const char *words) {
  void *bytes;
  size_t size;
  weft_graph_t *g = NULL;
  weft_msg_t m = {{0}};
  net_write(&n, &bytes, &size);
  const int e = weft_import(bytes, size, &g, &m);
  free(bytes);
  if (!words && e) fail_msg("refused: %s", m.msg);
  if (words && !e) fail_msg("accepted; expected: %s", words);
  if (words && !strstr(m.msg, words)) fail_msg("message: %s\nexpected to hold: %s", m.msg, words);
  return g;
}
static void accepted(net_t n) { weft_graph_free(import(n, NULL)); }
#define REFUSED(net, words) (void)import(net, words)
/* WITH(good network, change of n) is the changed network. */
#define WITH(good, ...) __extension__ ({ net_t n = good; __VA_ARGS__; n; })

static net_t unary(int builtin, float si, float so) {
  net_t n = net_unary(builtin);
  n.t[0].scale[0] = si;
  n.t[1].scale[0] = so;
  n.op[0].o.alpha = 0.5f;
  return n;
}

static net_t binary(int builtin, float sa, float sb, float so) {
  net_t n = net_add();
  n.op[0].builtin = builtin;
  n.t[0].scale[0] = sa;
  n.t[1].scale[0] = sb;
  n.t[2].scale[0] = so;
  return n;
}

static void options(void **state) {
  (void)state;
  weft_graph_t *g = import(WITH(unary(WEFT_BUILTIN_LEAKY_RELU, 0.1f, 0.1f), n.op[0].o.alpha = -0.25f), NULL);
  assert_true(g->op[0].alpha == -0.25f);
  weft_graph_free(g);
  for (int approximate = 0; approximate < 2; approximate++) {
    g = import(WITH(unary(WEFT_BUILTIN_GELU, 0.1f, 0.1f), n.op[0].o.approximate = approximate), NULL);
    assert_int_equal(g->op[0].approximate, approximate);
    weft_graph_free(g);
  }
  static const int fused[] = {WEFT_BUILTIN_ADD, WEFT_BUILTIN_SUB, WEFT_BUILTIN_MUL};
  for (size_t i = 0; i < sizeof fused / sizeof fused[0]; i++) {
    g = import(WITH(binary(fused[i], 0.1f, 0.1f, 0.1f), n.op[0].o.act = WEFT_ACT_RELU6), NULL);
    assert_int_equal(g->op[0].act, WEFT_ACT_RELU6);
    weft_graph_free(g);
    REFUSED(WITH(binary(fused[i], 0.1f, 0.1f, 0.1f), n.op[0].o.act = 4), "fused activation TANH (number 4)");
    REFUSED(WITH(binary(fused[i], 0.1f, 0.1f, 1e-9f), n.op[0].o.act = WEFT_ACT_RELU6), "too small for its activation bounds");
  }
}

static void shapes(void **state) {
  (void)state;
  static const int all[] = {WEFT_BUILTIN_ADD, WEFT_BUILTIN_SUB, WEFT_BUILTIN_MUL, WEFT_BUILTIN_MAXIMUM, WEFT_BUILTIN_MINIMUM,
                            WEFT_BUILTIN_SQUARED_DIFFERENCE, WEFT_BUILTIN_PRELU};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    const net_t good = binary(all[i], 0.05f, 0.05f, 0.05f);
    accepted(good);
    accepted(WITH(good, n.t[1].rank = 1; n.t[1].dim[0] = 8));
    accepted(WITH(good, n.t[1].rank = 0));
    accepted(WITH(good, n.t[1].dim[2] = 1));
    REFUSED(WITH(good, n.t[1].dim[2] = 3), "have sizes 4 and 3 in dimension 2; accepted: equal, or one of them 1");
    REFUSED(WITH(good, n.t[2].dim[3] = 1), "tensor 'y' has shape 1x4x4x1; inputs and options give 1x4x4x8");
    REFUSED(WITH(good, n.t[0].dim[3] = 1; n.t[2].dim[3] = 1), "has shape 1x4x4x1; inputs and options give 1x4x4x8");
    REFUSED(WITH(good, n.t[1].type = WEFT_I16), "'b' has type INT16; Weft accepts INT8");
    REFUSED(WITH(good, n.t[2].nscale = 0), "'y' has no quantisation parameters");
    REFUSED(WITH(good, n.op[0].nin = 1), "has 1 inputs");
  }
  REFUSED(WITH(binary(WEFT_BUILTIN_PRELU, 0.05f, 0.05f, 0.05f), n.t[0].dim[3] = 1), "tensor 'y' has shape 1x4x4x8; inputs and options give 1x4x4x1");
  REFUSED(WITH(unary(WEFT_BUILTIN_TANH, 0.1f, 0.1f), n.t[1].dim[1] = 5), "'y' has shape 1x5x8; inputs and options give 1x4x8");
}

static void scales_of_two(void **state) {
  (void)state;
  /* ADD, SUB: 2 * 0.5 / (2^20 so) < 1. SQUARED_DIFFERENCE: (2 * 0.5)^2 / (2^14 so) < 1. */
  REFUSED(binary(WEFT_BUILTIN_SUB, 0.5f, 0.25f, 0x1p-20f), "operator 0 SUB: output scale 9.53674e-07 is too small for inputs of scale 0.5 and 0.25");
  accepted(binary(WEFT_BUILTIN_SUB, 0.5f, 0.25f, 0x1.000002p-20f));
  REFUSED(binary(WEFT_BUILTIN_SQUARED_DIFFERENCE, 0.5f, 0.25f, 0x1p-14f), "operator 0 SQUARED_DIFFERENCE: output scale 6.10352e-05 is too small");
  accepted(binary(WEFT_BUILTIN_SQUARED_DIFFERENCE, 0.5f, 0.25f, 0x1.000002p-14f));
  REFUSED(binary(WEFT_BUILTIN_MUL, 1.0f, 1.0f, 0x1p-30f), "scale ratio 1.07374e+09 does not fit the fixed-point multiplier (below 2^30)");
  accepted(binary(WEFT_BUILTIN_MUL, 1.0f, 1.0f, 0x1.000002p-30f));
  accepted(binary(WEFT_BUILTIN_MUL, 1e-30f, 1e-30f, 1.0f));   /* the product is below float32: everything is zero */
  REFUSED(binary(WEFT_BUILTIN_PRELU, 1.0f, 0.1f, 0x1p-30f), "scale ratio");
  REFUSED(binary(WEFT_BUILTIN_PRELU, 1.0f, 2.0f, 0x1p-29f), "scale ratio");
  REFUSED(WITH(binary(WEFT_BUILTIN_MAXIMUM, 0.05f, 0.05f, 0.05f), n.t[1].scale[0] = 0.06f), "input and output need one quantisation");
  REFUSED(WITH(binary(WEFT_BUILTIN_MINIMUM, 0.05f, 0.05f, 0.05f), n.t[0].zero[0] = 4), "input and output need one quantisation");
}

static void scales_of_one(void **state) {
  (void)state;
  static const int requantising[] = {WEFT_BUILTIN_RELU, WEFT_BUILTIN_ABS, WEFT_BUILTIN_NEG, WEFT_BUILTIN_LEAKY_RELU};
  for (size_t i = 0; i < sizeof requantising / sizeof requantising[0]; i++) {
    REFUSED(unary(requantising[i], 1.0f, 0x1p-30f), "scale ratio");
    accepted(unary(requantising[i], 1.0f, 0x1.000002p-30f));
    accepted(unary(requantising[i], 1e-20f, 1.0f));
  }
  REFUSED(WITH(unary(WEFT_BUILTIN_LEAKY_RELU, 1.0f, 0x1p-29f), n.op[0].o.alpha = -4.0f), "scale ratio 2.14748e+09");
  REFUSED(unary(WEFT_BUILTIN_RELU_N1_TO_1, 1.0f, 1e-10f), "too small for its activation bounds");
  REFUSED(unary(WEFT_BUILTIN_RELU_0_TO_1, 1.0f, 1e-10f), "too small for its activation bounds");
  REFUSED(unary(WEFT_BUILTIN_HARD_SWISH, 1.28f, 0.01f), "operator 0 HARD_SWISH: output scale 0.01; accepted: above input scale / 128 = 0.01");
  accepted(unary(WEFT_BUILTIN_HARD_SWISH, 1.28f, 0.0101f));
  REFUSED(unary(WEFT_BUILTIN_HARD_SWISH, 2e7f, 1e7f), "scale ratio");
  REFUSED(unary(WEFT_BUILTIN_LOGISTIC, 0.1f, 0.004f), "operator 0 LOGISTIC: output scale 0.00400000019; accepted: 1/256");
  accepted(unary(WEFT_BUILTIN_LOGISTIC, 0.1f, 1.0f / 256.0f));
  accepted(unary(WEFT_BUILTIN_TANH, 0.1f, 0.02f));
  REFUSED(unary(WEFT_BUILTIN_EXP, 2e36f, 0.1f), "operator 0 EXP: scales 2e+36 in and 0.1 out");
  REFUSED(unary(WEFT_BUILTIN_ELU, 0.1f, 1e-39f), "operator 0 ELU: scales 0.1 in and 1e-39 out");
  accepted(unary(WEFT_BUILTIN_GELU, 1e36f, 1e-38f));
  REFUSED(unary(WEFT_BUILTIN_RSQRT, 1e-18f, 1e-9f), "operator 0 RSQRT: scale ratio 1e+18 does not fit");
  accepted(unary(WEFT_BUILTIN_RSQRT, 1e30f, 1.0f));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(options), cmocka_unit_test(shapes), cmocka_unit_test(scales_of_two), cmocka_unit_test(scales_of_one)};
  return cmocka_run_group_tests_name("import of element-wise operators", tests, NULL, NULL);
}
