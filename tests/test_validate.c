/* SPDX-License-Identifier: Apache-2.0
 *
 * The validator: refuses each kind of fault with a message that names it and what would be accepted. VEC and TRANSPOSE:
 * test_validate_vec.c. Random lists: test_validate_random.c.
 */
#include "validate_rig.h"

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

/* Psums that stay need a CONV behind that goes on with them, in the same places; other engines' commands may stand between. */
static void accumulators(void **state) {
  (void)state;
  list_t l = empty("tiny");
  weft_cmd_t a = conv(l.cfg), b, move = dma(WEFT_CMD_LOAD, 0, 1, 500);
  a.conv.OH = a.conv.y_step;
  weft_conv_derive(l.cfg, &a.conv);
  a.conv.psum_out = 1;
  a.conv.out_base = a.conv.param_base = UINT16_MAX;      /* not looked at */
  b = a;
  b.conv.psum_in = 1;
  b.conv.psum_out = 0;
  b.conv.out_base = 16;
  b.conv.param_base = 40;
  add(&l, &a);
  expect(&l, "command 0 CONV: psum_out = 1: accepted is 0, or a CONV with psum_in");
  add(&l, &move);
  add(&l, &b);
  assert_int_equal(validate(&l), 0);
  add(&l, &b);
  expect(&l, "command 3 CONV: psum_in = 1: accepted is 0");
  l.count = 1;
  weft_cmd_t c = b;
  c.conv.psum_in = 0;
  add(&l, &c);
  expect(&l, "command 1 CONV: psum_in = 0: accepted is 1, behind command 0");
  static const struct { size_t at; int64_t value; const char *say; } fault[] = {
#define AT(field) offsetof(weft_conv_t, field)
      {AT(P), 5, "P = 5: accepted is 4"}, {AT(FT), 5, "FT = 5"}, {AT(e_cols), 1, "e_cols = 1"}, {AT(OH), 1, "OH = 1"}, {AT(OW_last), 2, "OW_last = 2"},
      {AT(M), 3, "M = 3"}, {AT(kind), 1, "kind = 1"},
#undef AT
  };
  for (size_t i = 0; i < sizeof fault / sizeof fault[0]; i++) {
    l.count = 1;
    c = b;
    memcpy((char *)&c + fault[i].at, &fault[i].value, sizeof(int64_t));
    if (fault[i].at == offsetof(weft_conv_t, e_cols)) c.conv.OH = 1;
    weft_conv_derive(l.cfg, &c.conv);
    add(&l, &c);
    expect(&l, fault[i].say);
  }
  l.count = 0;
  c = a;
  c.conv.OH = 4;
  weft_conv_derive(l.cfg, &c.conv);
  add(&l, &c);
  expect(&l, "NY = 2: accepted is 1 where psums stay");
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
      cmocka_unit_test(bad_fields),     cmocka_unit_test(bad_mappings),     cmocka_unit_test(addresses), cmocka_unit_test(accumulators),
      cmocka_unit_test(records),        cmocka_unit_test(waits),            cmocka_unit_test(wrapping_counts),
      cmocka_unit_test(array_overlap),  cmocka_unit_test(transitive_order), cmocka_unit_test(bounded_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
