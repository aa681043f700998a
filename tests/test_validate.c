/* SPDX-License-Identifier: Apache-2.0
 *
 * The validator: refuses each kind of fault with a message that names it and what would be accepted. Random lists: test_validate_random.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conv_shape.h"
#include "validate.h"

enum { REGION = 1 << 16, LIST = 64 };

typedef struct {
  const weft_config_t *cfg;
  uint32_t rec[LIST * WEFT_CMD_WORDS], count;
  weft_msg_t msg;
} list_t;

static int check(const weft_config_t *cfg, const uint32_t *rec, uint32_t count, const uint32_t bytes[WEFT_REGIONS], weft_msg_t *msg) {
  weft_validate_scratch_t *s = malloc(weft_validate_scratch_bytes(count));
  assert_non_null(s);
  int rc = weft_validate(cfg, rec, count, bytes, s, msg);
  free(s);
  return rc;
}

static int validate(list_t *l) {
  const uint32_t bytes[WEFT_REGIONS] = {REGION, REGION, REGION};
  return check(l->cfg, l->rec, l->count, bytes, &l->msg);
}

static void add(list_t *l, const weft_cmd_t *c) {
  assert_true(l->count < LIST);
  const char *bad = weft_cmd_pack(c, l->rec + l->count++ * WEFT_CMD_WORDS);
  if (bad) fail_msg("field %s does not fit", bad);
}

static void expect(list_t *l, const char *part) {
  if (validate(l) != WEFT_E_FORMAT) fail_msg("accepted, though: %s", part);
  if (!strstr(l->msg.msg, part) || !strstr(l->msg.msg, "accepted")) fail_msg("message '%s' lacks '%s'", l->msg.msg, part);
}

static weft_cmd_t dma(int64_t opcode, int64_t offset, int64_t words, int64_t buf) {
  weft_cmd_t c = {0};
  c.dma = (weft_dma_t){.opcode = opcode, .region = 1, .offset = offset, .elem_bytes = 16, .elems = words, .n0 = 1, .n1 = 1, .buf = buf,
                       .buf_se = 1};
  return c;
}

/* A 1x1 convolution of 4x4 pixels: ifmap words 0-15, ofmap 16-31, filters 32, entries 40-43. */
static weft_cmd_t conv(const weft_config_t *cfg) {
  weft_cmd_t k = {0};
  k.conv = (weft_conv_t){.opcode = WEFT_CMD_CONV, .in_h = 4, .in_w = 4, .in_w_last = 4, .stride_y = 1, .stride_x = 1, .dil_y = 1, .dil_x = 1,
                         .R = 1, .S = 1, .chain_len = 1, .nchain = 1, .groups = 1, .P = 4, .e_cols = 2, .T = 1, .FT = 4, .OH = 4, .OW = 4,
                         .OW_last = 4, .M = 4, .in_pix = 1, .in_row = 4, .out_pix = 1, .out_row = 4, .out_base = 16, .filt_base = 32,
                         .param_base = 40, .act_min = -128, .act_max = 127};
  weft_conv_derive(cfg, &k.conv);
  return k;
}

static weft_cmd_t vec(void) {
  weft_cmd_t k = {0};
  k.vec = (weft_vec_t){.opcode = WEFT_CMD_VEC, .b_base = 100, .out_base = 200, .n0 = 10, .n1 = 1, .n2 = 1, .k0 = 1, .k1 = 1, .a_s0 = 1,
                       .b_s0 = 1, .out_s0 = 1, .act_min = -128, .act_max = 127, .nsteps = 2,
                       .step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_SET),
                       .step1 = WEFT_STEP(.fn = WEFT_FN_B, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT)};
  return k;
}

static list_t empty(const char *config) { return (list_t){.cfg = weft_config_find(config)}; }

/* Each fault: a field of a good command set to a bad value, and what the message must say. */
static void bad_fields(void **state) {
  (void)state;
  static const struct { size_t at; int64_t value; const char *say; } fault[] = {
#define AT(field) offsetof(weft_conv_t, field)
      {AT(K), 2, "K = 2: accepted is 1"}, {AT(k0), 2, "k0 = 2"}, {AT(rsh), 3, "rsh = 3"}, {AT(r_span), 0, "r_span = 0"},
      {AT(pairs), 2, "pairs = 2"}, {AT(pair_dr), 1, "pair_dr = 1"}, {AT(pair_dg), 0, "pair_dg = 0"}, {AT(folds), 2, "folds = 2"},
      {AT(MT), 3, "MT = 3"}, {AT(y_step), 1, "y_step = 1"}, {AT(filt_pkts), 9, "filt_pkts = 9"}, {AT(NM), 2, "NM = 2"},
      {AT(NY), 0, "NY = 0"}, {AT(NX), 2, "NX = 2"}, {AT(stride_y), 0, "stride_y = 0: accepted is >= 1"}, {AT(dil_x), 0, "dil_x = 0"},
      {AT(R), 0, "R = 0"}, {AT(qw_lg), 5, "qw_lg = 5"}, {AT(kind), 3, "kind = 3"}, {AT(P), 0, "P = 0"}, {AT(in_w_last), 5, "in_w_last = 5"},
      {AT(OW_last), 0, "OW_last = 0"}, {AT(act_max), -129 + 1, "act_min"}, {AT(in_h), 0, "in_h = 0"}, {AT(M), 0, "M = 0"},
#undef AT
  };
  for (size_t i = 0; i < sizeof fault / sizeof fault[0]; i++) {
    list_t l = empty("tiny");
    weft_cmd_t c = conv(l.cfg);
    if (i == 22) c.conv.act_min = 0;
    memcpy((char *)&c + fault[i].at, &fault[i].value, sizeof(int64_t));
    add(&l, &c);
    expect(&l, fault[i].say);
    expect(&l, "command 0 CONV: ");
  }
}

/* Rules on several fields together; each edit keeps the derived fields right. */
static void bad_mappings(void **state) {
  (void)state;
  list_t l;
  weft_cmd_t c;
#define REFUSED(edit, say) \
  do { \
    l = empty("tiny"); \
    c = conv(l.cfg); \
    edit; \
    weft_conv_derive(l.cfg, &c.conv); \
    add(&l, &c); \
    expect(&l, say); \
  } while (0)
  REFUSED(c.conv.chain_len = 3, "chain_len x nchain at most 2 PE rows");
  REFUSED(c.conv.e_cols = 3, "e_cols x T at most 2 PE columns");
  REFUSED(c.conv.nchain = 2, "nchain = 2: accepted is at most K = 1");
  REFUSED((c.conv.S = 5, c.conv.qw_lg = 4), "at most 64 window words");
  REFUSED((c.conv.P = 33, c.conv.M = 33), "at most 128 filter spad bytes");
  REFUSED((c.conv.FT = 200), "at most 512 accumulators");
  REFUSED((c.conv.kind = WEFT_CHAIN_GROUPS, c.conv.T = 2, c.conv.e_cols = 1), "T = 2");
  REFUSED((c.conv.kind = WEFT_CHAIN_GROUPS, c.conv.groups = 2), "groups = 2");
  REFUSED((c.conv.R = 2, c.conv.groups = 2), "a multiple of R (2), because a packet of 8 bytes holds several groups of 4 channels");
  REFUSED((c.conv.stride_y = 255, c.conv.OH = 300, c.conv.OW = c.conv.OW_last = 1), "ifmap rows up to 65535");
  l = empty("weft144");
  c = conv(l.cfg);
  c.conv.kind = WEFT_CHAIN_FILTERS;
  c.conv.S = 4;
  c.conv.nchain = 4;
  c.conv.P = 17;
  c.conv.M = 200;
  weft_conv_derive(l.cfg, &c.conv);
  add(&l, &c);
  expect(&l, "requantisation entries");
#undef REFUSED
}

static void bad_vec(void **state) {
  (void)state;
  static const struct { size_t at; int64_t value; const char *say; } fault[] = {
#define AT(field) offsetof(weft_vec_t, field)
      {AT(n0), 0, "n0 = 0"}, {AT(n2), 0, "n2 = 0"}, {AT(k1), 0, "k1 = 0"}, {AT(nsteps), 0, "nsteps = 0"}, {AT(nsteps), 5, "nsteps = 5"},
      {AT(mult0), (INT64_C(1) << 31) + 1, "mult0 = 2147483649: accepted is 0..2147483648"}, {AT(k0), 2, "k0 = 2: accepted is 1 (no step has taps)"},
      {AT(step2), 1, "step2 = 1"}, {AT(out_base), 5, "out_base"}, {AT(out_base), 105, "out_base"},
      {AT(out_base), 1020, "buffer word 1024: accepted are words 0..1023"}, {AT(b_base), 1020, "b_base"}, {AT(a_s0), 300, "a_base"},
#undef AT
  };
  for (size_t i = 0; i < sizeof fault / sizeof fault[0]; i++) {
    list_t l = empty("tiny");
    weft_cmd_t c = vec();
    memcpy((char *)&c + fault[i].at, &fault[i].value, sizeof(int64_t));
    add(&l, &c);
    expect(&l, fault[i].say);
  }
  list_t l = empty("tiny");
  weft_cmd_t c = vec();
  c.vec.out_base = 0;   /* in place over A */
  add(&l, &c);
  assert_int_equal(validate(&l), 0);
  c.vec.out_base = 100; /* over B */
  l = empty("tiny");
  add(&l, &c);
  assert_int_equal(validate(&l), 0);
  c.vec.a_s0 = c.vec.out_s0 = 0;   /* the same word ten times */
  c.vec.out_base = 0;
  l = empty("tiny");
  add(&l, &c);
  expect(&l, "result and operand (a_base)");
}

/* One step, both steps of a program, or all four, with what the message must say; an empty one: legal. */
static void steps(void **state) {
  (void)state;
  const weft_step_t set = {.scale = 3}, out = {.fn = WEFT_FN_ACC, .scale = 3, .into = WEFT_INTO_OUT}, row = {.scale = 3, .into = WEFT_INTO_ROW};
  const weft_step_t recip = {.scale = 3, .into = WEFT_INTO_RECIP};
#define WITH(base, ...) ({ weft_step_t s_ = base; weft_step_t *s = &s_; __VA_ARGS__; s_; })
  const struct { int n; weft_step_t step[4]; const char *say; } cases[] = {
      {1, {out}, "use of ACC"}, {2, {set, out}, ""}, {2, {out, set}, "into OUT in the last step and only there"}, {2, {set, set}, "into OUT in the last"},
      {2, {WITH(set, s->a = 3), out}, "a 0 A, 1 T0 or 2 T0D"}, {2, {WITH(set, s->scale = 6), out}, "scale 0..2, 3 none"},
      {2, {WITH(set, s->into = 6), out}, "into 0 SET"}, {2, {WITH(set, s->fn = WEFT_FN_B, s->a = 1), out}, "a 0 with fn B or ACC"},
      {2, {set, WITH(out, s->a = 1)}, "a 0 with fn B or ACC"}, {2, {WITH(set, s->b = 1), out}, "b 0 with fn A or ACC"},
      {2, {set, WITH(out, s->b = 3)}, "b 0 with fn A or ACC"}, {2, {set, WITH(out, s->div = 1)}, "div with fn ACC and scale 0..2"},
      {2, {set, WITH(out, s->div = 1, s->scale = 2)}, ""}, {2, {WITH(set, s->div = 1, s->scale = 0), out}, "div with fn ACC"},
      {2, {WITH(set, s->scale = 5), out}, ""}, {2, {WITH(set, s->scale = 5, s->fn = WEFT_FN_ADD), out}, "scale WEIGHT with fn A and b_splat 0"},
      {2, {WITH(set, s->a = WEFT_A_T0D), out}, "use of ACC"}, {2, {WITH(set, s->fn = WEFT_FN_B, s->b = WEFT_B_T1D), out}, "use of ACC"},
      {2, {WITH(set, s->into = WEFT_INTO_MAX), out}, ""}, {3, {row, WITH(set, s->into = WEFT_INTO_ADD), out}, "use of ACC"},
      {3, {set, WITH(set, s->a = WEFT_A_T0D, s->taps = 1), out}, "into ROW or OUT when a step with taps takes ACC"},
      {3, {set, WITH(row, s->a = WEFT_A_T0D, s->taps = 1), out}, ""}, {2, {set, WITH(out, s->taps = 1)}, ""},
      {4, {set, row, row, out}, "into ROW in one step only"}, {3, {set, recip, out}, "into RECIP in one step, after that with into ROW"},
      {4, {set, row, recip, out}, ""}, {4, {set, row, recip, WITH(out, s->scale = WEFT_SCALE_ROW)}, ""}, {4, {row, recip, recip, out}, "into RECIP in one step"},
      {3, {set, row, WITH(out, s->scale = WEFT_SCALE_ROW)}, "scale ROW after a step with into RECIP"},
      {4, {set, row, WITH(recip, s->fn = WEFT_FN_B), out}, "into RECIP with a 0, b 0, fn 0"}, {4, {set, row, WITH(recip, s->taps = 1), out}, "into RECIP with"},
      {4, {set, row, WITH(recip, s->scale = 0), out}, "into RECIP with"}, {4, {set, row, WITH(recip, s->a = 1), out}, "into RECIP with"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    list_t l = empty("tiny");
    weft_cmd_t c = vec();
    int64_t *const code[4] = {&c.vec.step0, &c.vec.step1, &c.vec.step2, &c.vec.step3};
    c.vec.nsteps = cases[i].n;
    for (int k = 0; k < 4; k++) *code[k] = k < cases[i].n ? weft_step_pack(cases[i].step[k]) : 0;
    c.vec.t0_base = c.vec.t1_base = 300;
    add(&l, &c);
    if (cases[i].say[0]) expect(&l, cases[i].say);
    else if (validate(&l)) fail_msg("case %zu is legal, but refused", i);
  }
  list_t l = empty("tiny");
  weft_cmd_t c = vec();
  c.vec.step0 |= 1 << 15;
  add(&l, &c);
  expect(&l, "bit 15 zero");
  c = vec();
  c.vec.b_splat = 1;
  c.vec.step0 = WEFT_STEP(.scale = WEFT_SCALE_WEIGHT);
  l = empty("tiny");
  add(&l, &c);
  expect(&l, "scale WEIGHT with fn A and b_splat 0");
#undef WITH
}

/* Tables, taps and single bytes as operands: what a result may not lie on, and where it may. */
static void vec_places(void **state) {
  (void)state;
  weft_cmd_t good = vec();
  good.vec.step0 = WEFT_STEP(.a = WEFT_A_T0, .b = WEFT_B_T1, .fn = WEFT_FN_ADD, .scale = WEFT_SCALE_NONE);
  good.vec.step1 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT);
  good.vec.t0_base = 400;
  good.vec.t1_base = 500;
  good.vec.t0_wide = 1;
#define CASE(change, want) \
  do { \
    list_t l = empty("tiny"); \
    weft_cmd_t k = good; \
    weft_vec_t *c = &k.vec; \
    change; \
    add(&l, &k); \
    if ((want)[0]) expect(&l, want); \
    else assert_int_equal(validate(&l), 0); \
  } while (0)
  CASE((void)c, "");
  CASE(c->out_base = 391, "buffer word 400 is result and operand (t0_base)");
  CASE(c->out_base = 463, "buffer word 463 is result and operand (t0_base)");
  CASE(c->out_base = 464, "");
  CASE(c->out_base = 515, "buffer word 515 is result and operand (t1_base)");
  CASE(c->out_base = 516, "");
  CASE((c->out_base = 516, c->t1_wide = 1), "buffer word 516 is result and operand (t1_base)");
  CASE(c->t1_base = 1009, "t1_base: its strides and counts reach buffer word 1024");
  CASE((c->t1_base = 1020, c->step0 = WEFT_STEP(.a = WEFT_A_T0, .scale = WEFT_SCALE_NONE)), "");   /* no step uses table 1 */
  CASE(c->out_base = 100, "");                                                                    /* in place of B */
  CASE((c->b_splat = 1, c->out_base = 100), "buffer word 100 is result and operand (b_base)");
  CASE((c->b_splat = 1, c->b_byte = 7, c->out_base = 101), "buffer word 101 is result and operand (b_base)");   /* bytes 7..16 */
  CASE((c->b_splat = 1, c->b_byte = 6, c->out_base = 101), "");
  CASE((c->b_splat = 1, c->b_base = 1023, c->b_byte = 7), "b_base: its strides and counts reach buffer word 1024");
  /* Taps of the first step reach word 9 + 3*20; of the last one, results reach 200 + 9 + 3*20. */
  CASE((c->k0 = 4, c->a_k0 = 20, c->step0 |= 1 << 14, c->out_base = 60), "buffer word 60 is result and operand (a_base)");
  CASE((c->k0 = 4, c->a_k0 = 20, c->step0 |= 1 << 14, c->out_base = 70), "");
  CASE((c->step0 |= 1 << 14, c->out_base = 0), "buffer word 0 is result and operand (a_base)");   /* not in place with taps */
  CASE((c->k0 = 4, c->out_k0 = 67, c->step1 |= 1 << 14), "buffer word 401 is result and operand (t0_base)");
  CASE((c->k0 = 4, c->out_k0 = 60, c->step1 |= 1 << 14), "");
#undef CASE
}

static void bad_transpose(void **state) {
  (void)state;
  static const struct { size_t at; int64_t value; const char *say; } fault[] = {
#define AT(field) offsetof(weft_transpose_t, field)
      {AT(n0), 0, "n0 = 0"}, {AT(n1), 0, "n1 = 0"}, {AT(rows), 0, "rows = 0: accepted is 1..16"}, {AT(rows), 17, "rows = 17"},
      {AT(cols), 0, "cols = 0: accepted is 1..16"}, {AT(cols), 17, "cols = 17"}, {AT(c0), 7, "c0 = 7: accepted is at most 6"},
      {AT(out_base), 20, "out_base: buffer word 20 is result and operand (in_base): accepted is a result elsewhere"},
      {AT(out_base), 1015, "out_base: its strides and counts reach buffer word 1024"}, {AT(in_base), 1020, "in_base: its strides and counts reach"},
      {AT(out_col), 0, "out_col, out_s0, out_s1 = 0, 10, 20: two output words share a buffer word"}, {AT(out_s0), 9, "two output words share"},
      {AT(out_s1), 10, "two output words share"}, {AT(c0), 6, ""}, {AT(out_base), 32, ""},
#undef AT
  };
  for (size_t i = 0; i < sizeof fault / sizeof fault[0]; i++) {
    list_t l = empty("tiny");
    weft_cmd_t c = {0};
    c.transpose = (weft_transpose_t){.opcode = WEFT_CMD_TRANSPOSE, .out_base = 200, .n0 = 2, .n1 = 3, .rows = 8, .cols = 10, .in_row = 2, .in_s0 = 1,
                                     .in_s1 = 8, .out_col = 1, .out_s0 = 10, .out_s1 = 20};
    memcpy((char *)&c + fault[i].at, &fault[i].value, sizeof(int64_t));
    add(&l, &c);
    if (fault[i].say[0]) expect(&l, fault[i].say);
    else assert_int_equal(validate(&l), 0);
  }
}

static void addresses(void **state) {
  (void)state;
  static const struct { size_t at; int64_t value; const char *say; } fault[] = {
#define AT(field) offsetof(weft_conv_t, field)
      {AT(in_base), 1010, "in_base"}, {AT(in_row), 400, "in_base"}, {AT(filt_base), 1024, "filt_base"}, {AT(param_base), 1021, "param_base"},
      {AT(out_base), 1009, "out_base"}, {AT(out_base), 10, "result and operand (in_base)"}, {AT(out_base), 30, "result and operand (filt_base)"},
      {AT(out_row), 3, "two output pixels share"}, {AT(out_pix), 0, "two output pixels share"},
#undef AT
  };
  for (size_t i = 0; i < sizeof fault / sizeof fault[0]; i++) {
    list_t l = empty("tiny");
    weft_cmd_t c = conv(l.cfg);
    memcpy((char *)&c + fault[i].at, &fault[i].value, sizeof(int64_t));
    add(&l, &c);
    expect(&l, fault[i].say);
  }
  list_t l = empty("tiny");
  weft_cmd_t c = dma(WEFT_CMD_LOAD, REGION - 31, 2, 0);
  add(&l, &c);
  expect(&l, "offset: bytes 65505..65536 of region 1: accepted are 0..65535");
  l = empty("tiny");
  c = dma(WEFT_CMD_STORE, 0, 1, 0);
  c.dma.n0 = c.dma.n1 = UINT16_MAX;
  c.dma.dram_s0 = c.dma.dram_s1 = UINT32_MAX;
  add(&l, &c);
  expect(&l, "offset: bytes");
  l = empty("tiny");
  c = dma(WEFT_CMD_STORE, 0, 1, 0);
  c.dma.region = 0;
  add(&l, &c);
  expect(&l, "region = 0: accepted for STORE is 1..7");
  l = empty("tiny");
  c = dma(WEFT_CMD_LOAD, 0, 1025, 0);
  add(&l, &c);
  expect(&l, "buf: its strides and counts reach buffer word 1024");
  l = empty("tiny");
  c = dma(WEFT_CMD_LOAD, 0, 16, 20);
  c.dma.buf_se = UINT16_MAX;   /* one word back each time: 20 down to 5 */
  add(&l, &c);
  assert_int_equal(validate(&l), 0);
}

static void records(void **state) {
  (void)state;
  list_t l = empty("tiny");
  assert_int_equal(validate(&l), WEFT_E_ARG);
  weft_cmd_t c = dma(WEFT_CMD_LOAD, 0, 1, 0);
  add(&l, &c);
  add(&l, &c);
  l.rec[WEFT_CMD_WORDS + 20] = 4;
  expect(&l, "command 1 LOAD: word 20 has a reserved bit set");
  l.rec[WEFT_CMD_WORDS] = 77;
  expect(&l, "command 1: opcode = 77");
}

static void waits(void **state) {
  (void)state;
  weft_cmd_t c = dma(WEFT_CMD_LOAD, 0, 1, 0);
  for (int64_t wait = 0; wait < 5; wait++) {
    list_t l = empty("tiny");
    add(&l, &c);
    add(&l, &c);
    weft_cmd_t s = dma(WEFT_CMD_STORE, 100, 1, 500);
    s.hdr.wait_en = 1;
    s.hdr.wait_load = wait;
    add(&l, &s);
    add(&l, &c);   /* a later command does not help */
    if (wait <= 2) assert_int_equal(validate(&l), 0);
    else expect(&l, "accepted is the count of LOAD commands before it (2, modulo 65536) or at most 2 less");
  }
  list_t l = empty("tiny");
  c.hdr.wait_en = 1;
  c.hdr.wait_load = UINT16_MAX;   /* -1 */
  add(&l, &c);
  expect(&l, "wait_load = 65535");
}

/* A list of `count` LOADs, then one STORE that waits for `wait`. */
static int long_list(uint32_t count, int64_t wait, weft_msg_t *msg) {
  const weft_config_t *cfg = weft_config_find("tiny");
  const uint32_t bytes[WEFT_REGIONS] = {REGION, REGION, REGION};
  uint32_t *rec = malloc((size_t)(count + 1) * WEFT_CMD_BYTES);
  assert_non_null(rec);
  weft_cmd_t c = dma(WEFT_CMD_LOAD, 0, 4, 0);
  for (uint32_t i = 0; i < count; i++) assert_null(weft_cmd_pack(&c, rec + (size_t)i * WEFT_CMD_WORDS));
  c = dma(WEFT_CMD_STORE, 8000, 4, 0);
  c.hdr.wait_en = 1;
  c.hdr.wait_load = wait;
  assert_null(weft_cmd_pack(&c, rec + (size_t)count * WEFT_CMD_WORDS));
  int rc = check(cfg, rec, count + 1, bytes, msg);
  free(rec);
  return rc;
}

/* Counts wrap at 2^16 and reach back 2^15 - 1. */
static void wrapping_counts(void **state) {
  (void)state;
  weft_msg_t msg;
  assert_int_equal(long_list(70000, 70000 - 65536, &msg), 0);
  assert_int_equal(long_list(70000, 70000 - 65536 - 1, &msg), WEFT_E_FORMAT);   /* waits, but one LOAD too few */
  assert_non_null(strstr(msg.msg, "reads buffer word 0 that command 69999 LOAD writes at the same time: accepted is wait_load >= 4464"));
  assert_int_equal(long_list(70000, (70000 - 32768) & UINT16_MAX, &msg), WEFT_E_FORMAT);
  assert_non_null(strstr(msg.msg, "at most 32767 less"));
}

static void array_overlap(void **state) {
  (void)state;
  /* Two convolutions in a chain: the second reads what the first writes and must wait. */
  list_t l = empty("tiny");
  weft_cmd_t a = conv(l.cfg), b = conv(l.cfg);
  b.conv.in_base = 16;
  b.conv.out_base = 100;
  add(&l, &a);
  add(&l, &b);
  expect(&l, "command 1 CONV: reads buffer word 16 that command 0 CONV writes at the same time: accepted is wait_array >= 1");
  b.hdr.wait_en = 2;
  b.hdr.wait_array = 1;
  l.count = 1;
  add(&l, &b);
  assert_int_equal(validate(&l), 0);
  /* Writing again, and writing what the first reads, is in order by itself; so is reading what the one before the last wrote. */
  l = empty("tiny");
  add(&l, &a);
  add(&l, &a);
  b = conv(l.cfg);
  b.conv.in_base = 100;
  b.conv.out_base = 0;
  l.count = 1;
  add(&l, &b);
  assert_int_equal(validate(&l), 0);
  b = conv(l.cfg);
  b.conv.in_base = 16;
  b.conv.out_base = 200;
  add(&l, &b);
  assert_int_equal(validate(&l), 0);
  /* An engine that waits for the last ARRAY command knows all of them complete. */
  weft_cmd_t s = dma(WEFT_CMD_STORE, 0, 16, 16);
  s.hdr.wait_en = 2;
  s.hdr.wait_array = 1;
  add(&l, &s);
  assert_int_equal(validate(&l), 0);
}

static void transitive_order(void **state) {
  (void)state;
  list_t l = empty("tiny");
  weft_cmd_t load = dma(WEFT_CMD_LOAD, 0, 50, 0), v = vec(), store = dma(WEFT_CMD_STORE, 0, 10, 200);
  v.vec.step1 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT);
  v.hdr.wait_en = 1;
  v.hdr.wait_load = 1;
  store.hdr.wait_en = 4;
  store.hdr.wait_vector = 1;
  add(&l, &load);
  add(&l, &v);
  add(&l, &store);   /* writes DRAM that the LOAD reads: ordered through VEC */
  assert_int_equal(validate(&l), 0);
  weft_cmd_t again = dma(WEFT_CMD_LOAD, 100, 10, 300);
  add(&l, &again);   /* reads DRAM that the STORE writes */
  expect(&l, "command 3 LOAD: reads DRAM near offset 100 that command 2 STORE writes at the same time: accepted is wait_store >= 1");
  again.hdr.wait_en = 8;
  again.hdr.wait_store = 1;
  l.count = 3;
  add(&l, &again);
  assert_int_equal(validate(&l), 0);
  l.count = 3;
  again = dma(WEFT_CMD_LOAD, 160, 10, 300);   /* other bytes */
  add(&l, &again);
  assert_int_equal(validate(&l), 0);
}

/* LOADs of the even words and VECs on odd words, none of which waits. step: words from one command to the next. */
static int unordered(uint32_t pairs, int64_t step, weft_msg_t *msg) {
  const weft_config_t *cfg = weft_config_find("tiny");
  const uint32_t bytes[WEFT_REGIONS] = {REGION, REGION, REGION};
  uint32_t *rec = malloc((size_t)pairs * 2 * WEFT_CMD_BYTES);
  assert_non_null(rec);
  for (uint32_t i = 0; i < pairs; i++) {
    weft_cmd_t a = dma(WEFT_CMD_LOAD, 0, 8, 0), b = vec();
    a.dma.buf_se = 2;
    b.vec.n0 = 8;
    b.vec.a_s0 = b.vec.b_s0 = b.vec.out_s0 = 2;
    b.vec.a_base = b.vec.b_base = 17 + step;
    b.vec.out_base = 1 + step;
    assert_null(weft_cmd_pack(&a, rec + (size_t)i * 2 * WEFT_CMD_WORDS));
    assert_null(weft_cmd_pack(&b, rec + (size_t)(i * 2 + 1) * WEFT_CMD_WORDS));
  }
  int rc = check(cfg, rec, pairs * 2, bytes, msg);
  free(rec);
  return rc;
}

/* Words that interleave are no race, words far apart neither; but a list without waits must not cost its length squared. */
static void bounded_time(void **state) {
  (void)state;
  weft_msg_t msg;
  assert_int_equal(unordered(8, 0, &msg), 0);
  assert_int_equal(unordered(100, 0, &msg), WEFT_E_FORMAT);
  assert_non_null(strstr(msg.msg, "more than 864 comparisons with commands that may run at the same time: accepted is a list with more waits"));
  assert_int_equal(unordered(100, 100, &msg), 0);
  assert_int_equal(unordered(4000, 100, &msg), WEFT_E_FORMAT);
  assert_non_null(strstr(msg.msg, "more than 9240576 comparisons"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bad_fields),      cmocka_unit_test(bad_mappings),  cmocka_unit_test(bad_vec), cmocka_unit_test(steps), cmocka_unit_test(vec_places), cmocka_unit_test(bad_transpose),          cmocka_unit_test(addresses),
      cmocka_unit_test(records),         cmocka_unit_test(waits),         cmocka_unit_test(wrapping_counts),  cmocka_unit_test(array_overlap),
      cmocka_unit_test(transitive_order), cmocka_unit_test(bounded_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
