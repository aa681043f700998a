/* SPDX-License-Identifier: Apache-2.0
 *
 * Lowering of value-by-value operators: tables, broadcasting of every pattern, and what that loads. For three configurations, byte for byte
 * with the golden operators; nothing may go to the CPU.
 */
#include "onedevice.h"

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

/* A map that meets itself: x * x, x + x. */
static void test_same_twice(void **state) {
  (void)state;
  for (int k = 0; k < BINARY; k++) {
    one_t o;
    one_op(&o, binary[k], 2);
    quantise(&o);
    if (binary[k] == WEFT_OP_MAXIMUM || binary[k] == WEFT_OP_MINIMUM) one_scale(&o);
    o.in[1] = 0;
    SHAPE(&o, 0, WEFT_I8, 5, 77);
    SHAPE(&o, 3, WEFT_I8, 5, 77);
    everywhere(&o, false);
    release(&o);
  }
}

/* Rows longer than a DMA element, and many short ones. */
static void test_long_rows(void **state) {
  (void)state;
  static const int32_t shapes[][2][3] = {{{1, 3, 70000}, {1, 1, 70000}}, {{1, 3, 70000}, {1, 3, 1}}, {{1, 1, 70000}, {1, 3, 1}},
                                         {{1, 70000, 3}, {1, 1, 3}},     {{2, 30000, 2}, {2, 1, 2}}, {{900, 1, 20}, {1, 7, 20}}};
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
    for (int k = 0; k < 2; k++) {
      int32_t dim[2][6] = {{0}};
      for (int t = 0; t < 2; t++) memcpy(dim[t], shapes[i][t], sizeof shapes[i][t]);
      two(k ? WEFT_OP_SUB : WEFT_OP_MUL, (int)i, 3, dim, (int[]){0, 0});
    }
}

int main(void) {
  seed_from_environment("test_lanes");
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_unary),      cmocka_unit_test(test_quantize_unsigned), cmocka_unit_test(test_patterns),
      cmocka_unit_test(test_broadcast),  cmocka_unit_test(test_same_twice),        cmocka_unit_test(test_long_rows),
      cmocka_unit_test(test_traffic),    cmocka_unit_test(test_shared_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
