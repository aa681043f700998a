/* SPDX-License-Identifier: Apache-2.0
 *
 * Convolutions and matrix products over many channels, whose filter blocks the compiler cuts into parts (conv_plan.h): on the device, with psums that stay
 * in the accumulators from command to command, they give the golden operator's bytes.
 */
#include "onedevice.h"

/* Commands of the layer on cfg that leave their psums for the next. */
static int staying(one_t *o, const weft_config_t *cfg) {
  weft_msg_t m = {""};
  weft_program_t *p;
  int n = 0, in[1] = {0};
  o->g.in = in;
  o->g.nin = 1;
  o->g.out = o->out;
  o->g.nout = 1;
  ok(weft_compile(&o->g, cfg, &(weft_compile_opts_t){.keep_all = true}, &p, &m), &m);
  for (uint32_t i = 0; i < p->ncmd; i++) {
    weft_cmd_t c;
    assert_int_equal(weft_cmd_unpack(p->cmd + (size_t)i * WEFT_CMD_WORDS, &c), WEFT_ERR_NONE);
    n += c.hdr.opcode == WEFT_CMD_CONV && c.conv.psum_out;
  }
  weft_program_free(p);
  return n;
}

/* Weights and bias are constants; sums of n products, most of which come to lie within the range. */
static void constants(one_t *o, int n) {
  o->t[1].data = o->data[1];
  o->t[2].data = o->data[2];
  o->zero[0][0] = range(-128, 127);
  o->zero[3][0] = range(-20, 20);
  o->scale[2][0] = o->scale[0][0] * o->scale[1][0];
  o->scale[3][0] = o->scale[2][0] * 100 * sqrtf((float)n);
}

static void try(one_t *o, int cut[3]) {
  assert_int_equal(everywhere(o, false), 0);
  for (int i = 0; i < 3; i++) cut[i] += staying(o, weft_config_find(configs[i])) > 0;
  release(o);
}

static void fully_connected(void **state) {
  (void)state;
  enum { CASES = 30 };
  int cut[3] = {0};
  for (int i = 0; i < CASES; i++) {
    one_t o;
    const bool large = i % 3 == 0;       /* enough for the largest configuration */
    const int C = large ? range(1500, 3500) : range(60, 900), M = large ? range(60, 200) : range(3, 50), N = large ? range(30, 130) : range(1, 40);
    one_op(&o, WEFT_OP_FULLY_CONNECTED, 3);
    SHAPE(&o, 0, WEFT_I8, N, C);
    SHAPE(&o, 1, WEFT_I8, M, C);
    SHAPE(&o, 2, WEFT_I32, M);
    SHAPE(&o, 3, WEFT_I8, N, M);
    constants(&o, C);
    try(&o, cut);
  }
  printf("FULLY_CONNECTED: of %d in parts on %s %d, %s %d, %s %d\n", CASES, configs[0], cut[0], configs[1], cut[1], configs[2], cut[2]);
  assert_true(cut[0] > 2 && cut[1] > 2 && cut[2] > 2);
}

static void convolutions(void **state) {
  (void)state;
  enum { CASES = 30 };
  int cut[3] = {0};
  for (int i = 0; i < CASES; i++) {
    one_t o;
    const bool large = i % 3 == 0;
    const int R = large ? 3 : range(1, 3), S = range(1, 3), C = large ? range(300, 600) : range(20, 200), M = large ? range(60, 140) : range(4, 40);
    const int stride = range(1, 2), OH = large ? 7 : range(2, 8), OW = large ? 7 : range(2, 8);
    one_op(&o, WEFT_OP_CONV_2D, 3);
    o.op.stride_h = o.op.stride_w = stride;
    SHAPE(&o, 0, WEFT_I8, 1, (OH - 1) * stride + R, (OW - 1) * stride + S, C);
    SHAPE(&o, 1, WEFT_I8, M, R, S, C);
    SHAPE(&o, 2, WEFT_I32, M);
    SHAPE(&o, 3, WEFT_I8, 1, OH, OW, M);
    constants(&o, R * S * C);
    try(&o, cut);
  }
  printf("CONV_2D: of %d in parts on %s %d, %s %d, %s %d\n", CASES, configs[0], cut[0], configs[1], cut[1], configs[2], cut[2]);
  assert_true(cut[0] > 2 && cut[1] > 2 && cut[2] > 2);
}

int main(void) {
  seed_from_environment("test_parts");
  const struct CMUnitTest tests[] = {cmocka_unit_test(fully_connected), cmocka_unit_test(convolutions)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
