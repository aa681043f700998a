/* SPDX-License-Identifier: Apache-2.0
 *
 * VEC programs of any legal steps on the machine model, against docs/spec.md section 5 evaluated byte by byte.
 *
 * The evaluation below is written from the page, in exact wide integers, and shares nothing with cmodel/machine but the record.
 */
#include "fixmath.h"
#include "machine/lanes.h"
#include "machine_rig.h"
#include "randvec.h"

enum { READ_WORDS = 512, OUT = 600, STEPS = 4 };   /* operands and tables lie below OUT, results above; tiny has 1024 words */

typedef __int128 wide_t;

static int32_t wrap(wide_t v) { return (int32_t)(uint32_t)v; }
static wide_t magnitude(wide_t v) { return v < 0 ? -v : v; }

/* M2(x, mult, ls, rs) */
static int32_t m2(int32_t x, int64_t mult, int ls, int rs) {
  wide_t v = ((wide_t)wrap((wide_t)x * ((wide_t)1 << ls)) * mult + ((wide_t)1 << 30)) >> 31;
  if (!rs) return wrap(v);
  wide_t a = (magnitude(v) + ((wide_t)1 << (rs - 1))) >> rs;
  return wrap(v < 0 ? -a : a);
}

static int32_t low18(int32_t v) {
  int32_t u = (int32_t)((uint32_t)v % (1u << 18));
  return u < 1 << 17 ? u : u - (1 << 18);
}

static int32_t times_saturated(int32_t v, int k) {
  wide_t p = (wide_t)v * k;
  return p > INT32_MAX ? INT32_MAX : p < INT32_MIN ? INT32_MIN : (int32_t)p;
}

typedef struct { int64_t mult; int shift; } reciprocal_t;

static reciprocal_t reciprocal(int32_t sum) {
  uint32_t s = (uint32_t)sum;
  bool big = s >= 1u << 28;
  int top = 27;
  if (!big)
    for (top = 27; top > 19; top--)
      if (s >= 1u << top) break;
  int32_t d = wrap((wide_t)s << (30 - top));
#define M(a, m) m2(a, (int64_t)((uint32_t)(m) & 0x7fffffffu), 0, 0)
  int32_t x = wrap((wide_t)1515870810 + M(-1010580540, d));
  for (int i = 0; i < 3; i++) {
    int32_t u = wrap(((wide_t)1 << 29) - M(x, d));
    x = wrap((wide_t)x + times_saturated(M(u, x), 4));
  }
#undef M
  return (reciprocal_t){big ? 0 : (int64_t)((uint32_t)times_saturated(x, 2) & 0x7fffffffu), top + 4};
}

/* --- a program, evaluated for one byte --------------------------------------------------------------------------------- */

typedef struct {
  const weft_vec_t *c;
  const uint8_t *buffer;        /* as it was before the command */
  uint64_t reads, writes, beats;
  bool tables[2];
} check_t;

static int8_t at(const check_t *k, int64_t word, int lane) { return (int8_t)k->buffer[(word & 0xffff) * 16 + lane]; }

static int32_t entry(const check_t *k, int which, int index) {
  int64_t base = which ? k->c->t1_base : k->c->t0_base;
  if (!(which ? k->c->t1_wide : k->c->t0_wide)) return at(k, base + (index & 255) / 16, (index & 255) % 16);
  uint32_t v = 0;
  for (int i = 0; i < 4; i++) v |= (uint32_t)(uint8_t)at(k, base + (index & 255) / 4, (index & 255) % 4 * 4 + i) << 8 * i;
  return (int32_t)v;
}

typedef struct { int a, b; int32_t acc, row; reciprocal_t inverse; } lane_t;

static int32_t step_x(const check_t *k, weft_step_t s, const lane_t *l) {
  const weft_vec_t *c = k->c;
  int below = (int)((uint32_t)l->acc - (uint32_t)l->a) & 255;
  int32_t a = s.a == WEFT_A_RAW ? l->a - (int)c->za : entry(k, 0, s.a == WEFT_A_T0 ? l->a : below);
  int32_t b = s.b == WEFT_B_RAW ? l->b - (int)c->zb : entry(k, 1, s.b == WEFT_B_T1 ? l->b : s.b == WEFT_B_T1A ? l->a : below);
  int32_t sum = wrap((wide_t)a + b);
  switch (s.fn) {
    case WEFT_FN_A: return a;
    case WEFT_FN_B: return b;
    case WEFT_FN_ADD: return sum;
    case WEFT_FN_MUL: return wrap((wide_t)low18(a) * low18(b));
    case WEFT_FN_MAX: return a < b ? b : a;
    case WEFT_FN_MIN: return a < b ? a : b;
    case WEFT_FN_SQR: return wrap((wide_t)low18(sum) * low18(sum));
    default: return wrap((wide_t)l->acc + c->bias);
  }
}

static int32_t step_v(const check_t *k, weft_step_t s, const lane_t *l, int64_t word_b, int64_t tap) {
  const weft_vec_t *c = k->c;
  const int64_t mult[3] = {c->mult0, c->mult1, c->mult2};
  const int ls[3] = {(int)c->ls0, (int)c->ls1, (int)c->ls2}, rs[3] = {(int)c->rs0, (int)c->rs1, (int)c->rs2};
  if (s.div) {
    wide_t v = ((wide_t)wrap(magnitude(l->acc) + c->bias) * mult[s.scale]) >> (31 + rs[s.scale]);
    return wrap(l->acc < 0 ? -v : v);
  }
  int32_t x = step_x(k, s, l);
  if (s.scale == WEFT_SCALE_NONE) return x;
  if (s.scale == WEFT_SCALE_ROW) return m2(x, l->inverse.mult, 0, l->inverse.shift);
  if (s.scale != WEFT_SCALE_WEIGHT) return m2(x, mult[s.scale], ls[s.scale], rs[s.scale]);
  uint32_t w = 0;
  for (int i = 0; i < 4; i++) w |= (uint32_t)(uint8_t)at(k, word_b, (int)(tap % 4) * 4 + i) << 8 * i;
  return m2(x, w & 0x7fffffffu, ls[0], rs[0]);
}

/* What step `s`, the i-th, does to a byte of output word `out` at a tap; results go to `to`, an image of the buffer. */
static void step(const check_t *k, weft_step_t s, int i, int64_t tap, int64_t word_b, lane_t *l, uint8_t *to) {
  int32_t v = step_v(k, s, l, word_b, tap);
  wide_t result = wrap((wide_t)v + k->c->zo);
  switch (s.into) {
    case WEFT_INTO_SET: l->acc = v; break;
    case WEFT_INTO_ADD: l->acc = i == 0 && tap == 0 ? v : wrap((wide_t)l->acc + v); break;
    case WEFT_INTO_MAX: l->acc = (i == 0 && tap == 0) || v > l->acc ? v : l->acc; break;
    case WEFT_INTO_ROW: l->row = tap == 0 ? v : wrap((wide_t)l->row + v); break;
    default: *to = (uint8_t)(int8_t)(result < k->c->act_min ? k->c->act_min : result > k->c->act_max ? k->c->act_max : result);
  }
}

static void output_byte(check_t *k, const int64_t i[3], int lane, uint8_t *image) {
  const weft_vec_t *c = k->c;
  const int64_t code[STEPS] = {c->step0, c->step1, c->step2, c->step3};
  int64_t a = c->a_base + i[2] * c->a_s2 + i[1] * c->a_s1 + i[0] * c->a_s0, b = i[2] * c->b_s2 + i[1] * c->b_s1 + i[0] * c->b_s0;
  int64_t out = c->out_base + i[2] * c->out_s2 + i[1] * c->out_s1 + i[0] * c->out_s0, byte_b = (16 * c->b_base + c->b_byte + b) % (1 << 20);
  lane_t l = {0};
  l.b = c->b_splat ? at(k, byte_b / 16, (int)(byte_b % 16)) : at(k, c->b_base + b, lane);
  for (int s = 0; s < c->nsteps; s++) {
    weft_step_t st = weft_step_unpack(code[s]);
    if (st.into == WEFT_INTO_RECIP) l.inverse = reciprocal(l.row);
    for (int64_t tap = 0; st.into != WEFT_INTO_RECIP && tap < (st.taps ? c->k0 * c->k1 : 1); tap++) {
      int64_t t1 = tap / c->k0, t0 = tap % c->k0;
      l.a = at(k, a + t1 * c->a_k1 + t0 * c->a_k0, lane);
      step(k, st, s, tap, c->b_base + b, &l, image + ((out + t1 * c->out_k1 + t0 * c->out_k0) & 0xffff) * 16 + lane);
    }
  }
}

/* Word of B of output word i. */
static int64_t word_b(const weft_vec_t *c, int64_t i) {
  int64_t at = i / c->n0 / c->n1 * c->b_s2 + i / c->n0 % c->n1 * c->b_s1 + i % c->n0 * c->b_s0;
  return c->b_splat ? (16 * c->b_base + c->b_byte + at) % (1 << 20) / 16 : (c->b_base + at) % (1 << 16);
}

/* Uses of B one by one: batches of output words, in them steps, in these taps, in these words; a use of the word of the use before is free. */
static uint64_t reads_b(const weft_vec_t *c, int ppu_lanes) {
  const int64_t code[STEPS] = {c->step0, c->step1, c->step2, c->step3}, words = c->n0 * c->n1 * c->n2;
  uint64_t reads = 0;
  int64_t last = -1;
  for (int64_t from = 0; from < words; from += ppu_lanes)
    for (int i = 0; i < c->nsteps; i++) {
      weft_step_t s = weft_step_unpack(code[i]);
      bool uses = (s.fn >= WEFT_FN_ADD && s.fn <= WEFT_FN_SQR) || s.fn == WEFT_FN_B;
      if (s.into == WEFT_INTO_RECIP || !((uses && s.b <= WEFT_B_T1) || s.scale == WEFT_SCALE_WEIGHT)) continue;
      for (int64_t tap = 0; tap < (s.taps ? c->k0 * c->k1 : 1); tap++)
        for (int64_t w = from; w < from + ppu_lanes && w < words; w++) {
          reads += word_b(c, w) != last;
          last = word_b(c, w);
        }
    }
  return reads;
}

/* Words that the program reads and writes, and beats, counted from the page's table of counts. */
static void events(check_t *k, int ppu_lanes) {
  const weft_vec_t *c = k->c;
  const int64_t code[STEPS] = {c->step0, c->step1, c->step2, c->step3};
  uint64_t words = (uint64_t)(c->n0 * c->n1 * c->n2), taps = (uint64_t)(c->k0 * c->k1);
  for (int i = 0; i < c->nsteps; i++) {
    weft_step_t s = weft_step_unpack(code[i]);
    uint64_t times = words * (s.taps ? taps : 1);
    bool recip = s.into == WEFT_INTO_RECIP, both = s.fn >= WEFT_FN_ADD && s.fn <= WEFT_FN_SQR, uses_b = both || s.fn == WEFT_FN_B;
    bool uses_a = both || s.fn == WEFT_FN_A;
    k->beats += (recip ? 8 * words : times) * 16 / (uint64_t)ppu_lanes;
    if (recip) continue;
    if (uses_a || (uses_b && s.b >= WEFT_B_T1A)) k->reads += times;
    k->tables[0] |= uses_a && s.a;
    k->tables[1] |= uses_b && s.b;
    if (s.into == WEFT_INTO_OUT) k->writes = times;
  }
  k->reads += reads_b(c, ppu_lanes);
  if (k->tables[0]) k->reads += c->t0_wide ? 64 : 16;
  if (k->tables[1]) k->reads += c->t1_wide ? 64 : 16;
}

static void compare(rig_t *g, const weft_vec_t *c, const char *what, uint64_t seed) {
  size_t bytes = weft_machine_buffer_bytes(g->m.cfg);
  uint8_t *before = malloc(bytes), *image = malloc(bytes);
  assert_true(before && image);
  memcpy(before, g->m.buffer, bytes);
  memcpy(image, before, bytes);
  check_t k = {.c = c, .buffer = before};
  int64_t i[3];
  for (i[2] = 0; i[2] < c->n2; i[2]++)
    for (i[1] = 0; i[1] < c->n1; i[1]++)
      for (i[0] = 0; i[0] < c->n0; i[0]++)
        for (int lane = 0; lane < 16; lane++) output_byte(&k, i, lane, image);
  events(&k, g->m.cfg->ppu_lanes);
  rig_add(g, c);
  if (rig_run(g) != WEFT_STATUS_DONE) fail_msg("%s seed %llu: error cause %x", what, (unsigned long long)seed, g->m.error_cause);
  for (size_t b = 0; b < bytes; b++)
    if (g->m.buffer[b] != image[b]) {
      fail_msg("%s seed %llu: word %zu byte %zu is %d, the page says %d (steps %llx %llx %llx %llx)", what, (unsigned long long)seed, b / 16, b % 16,
               (int8_t)g->m.buffer[b], (int8_t)image[b], (unsigned long long)c->step0, (unsigned long long)c->step1, (unsigned long long)c->step2,
               (unsigned long long)c->step3);
    }
  assert_int_equal(g->m.counter[WEFT_CNT_BUF_VEC_RD], k.reads);
  assert_int_equal(g->m.counter[WEFT_CNT_BUF_VEC_WR], k.writes);
  assert_int_equal(g->m.counter[WEFT_CNT_VEC_BEATS], k.beats);
  free(before);
  free(image);
}

/* --- the tests --------------------------------------------------------------------------------------------------------- */

/* Loops and places of a command of a few words, results apart from all that is read. */
static weft_vec_t places(rand_t *r) {
  weft_vec_t c = {.opcode = WEFT_CMD_VEC, .n0 = rand_in(r, 1, 4), .n1 = rand_in(r, 1, 3), .n2 = rand_in(r, 1, 2), .k0 = rand_in(r, 1, 5),
                  .k1 = rand_in(r, 1, 3)};
  int64_t *const s[] = {&c.a_s0, &c.a_s1, &c.a_s2, &c.a_k0, &c.a_k1, &c.b_s0, &c.b_s1, &c.b_s2};
  for (int i = 0; i < 8; i++) *s[i] = rand_chance(r, 20) ? 0 : rand_in(r, 0, 19);
  int64_t *const base[] = {&c.a_base, &c.b_base, &c.t0_base, &c.t1_base};
  for (int i = 0; i < 4; i++) *base[i] = rand_in(r, 0, READ_WORDS - 256);
  c.t0_wide = rand_in(r, 0, 1);
  c.t1_wide = rand_in(r, 0, 1);
  c.b_splat = rand_chance(r, 30);
  c.b_byte = rand_in(r, 0, 15);
  c.out_base = OUT;
  c.out_k0 = 1;
  c.out_k1 = c.k0;
  c.out_s0 = c.k0 * c.k1;
  c.out_s1 = c.out_s0 * c.n0;
  c.out_s2 = c.out_s1 * c.n1;
  return c;
}

/* Every selector in every combination that is legal, on random bytes; 1 in 3 with wide tables of small numbers, so that rows stay in range. */
static void any_program(void **state) {
  (void)state;
  unsigned seen[5][8] = {{0}};
  for (uint64_t seed = 1; seed <= 6000; seed++) {
    rand_t r = {seed};
    rig_t g;
    rig_open(&g, &weft_configs[seed % 7], &r);
    if (seed % 3 == 0)
      for (int i = 3; i < READ_WORDS * 16; i += 4) g.m.buffer[i] = 0;
    if (seed % 6 == 0)
      for (int i = 2; i < READ_WORDS * 16; i += 4) g.m.buffer[i] &= 15;
    weft_vec_t c = places(&r);
    if (!randvec_steps(&r, &c)) c.k0 = c.k1 = 1;
    randvec_constants(&r, &c, rand_chance(&r, 50));
    compare(&g, &c, "any program", seed);
    const int64_t code[STEPS] = {c.step0, c.step1, c.step2, c.step3};
    for (int i = 0; i < c.nsteps; i++) {
      weft_step_t s = weft_step_unpack(code[i]);
      seen[0][s.a]++, seen[1][s.b]++, seen[2][s.fn]++, seen[3][s.scale]++, seen[4][s.into]++;
    }
    rig_close(&g);
  }
  static const int values[5] = {WEFT_A_T0D, WEFT_B_T1D, WEFT_FN_ACC, WEFT_SCALE_WEIGHT, WEFT_INTO_OUT};
  for (int f = 0; f < 5; f++)
    for (int v = 0; v <= values[f]; v++) assert_true(seen[f][v] > 100);
}

/* Bytes and int32 entries, an index of every byte: word w of A holds 16w..16w+15. */
static void tables(void **state) {
  (void)state;
  rand_t r = {3};
  rig_t g;
  rig_open(&g, weft_config_find("weft144"), &r);
  for (int i = 0; i < 256; i++) g.m.buffer[i] = (uint8_t)i;
  for (int wide = 0; wide < 2; wide++) {
    weft_vec_t c = {.opcode = WEFT_CMD_VEC, .n0 = 16, .n1 = 1, .n2 = 1, .k0 = 1, .k1 = 1, .a_s0 = 1, .out_s0 = 1, .out_base = OUT, .t0_base = 100,
                    .t0_wide = wide, .za = 77, .act_min = -128, .act_max = 127, .nsteps = 1,
                    .step0 = WEFT_STEP(.a = WEFT_A_T0, .fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT)};
    if (wide)
      for (int i = 0; i < 1024; i += 4) g.m.buffer[1600 + i + 3] = g.m.buffer[1600 + i + 2] = g.m.buffer[1600 + i + 1] = g.m.buffer[1600 + i] & 128 ? 255 : 0;
    compare(&g, &c, "table", (uint64_t)wide);
    for (int i = 0; i < 256; i++) assert_int_equal(g.m.buffer[OUT * 16 + i], g.m.buffer[1600 + (wide ? 4 : 1) * i]);
  }
  rig_close(&g);
}

/* One byte for all lanes, strides in bytes, up to the buffer's last byte; beyond it is an error. */
static void splat(void **state) {
  (void)state;
  rand_t r = {4};
  rig_t g;
  rig_open(&g, weft_config_find("weft64"), &r);
  weft_vec_t c = {.opcode = WEFT_CMD_VEC, .n0 = 5, .n1 = 7, .n2 = 3, .k0 = 1, .k1 = 1, .a_base = 40, .a_s0 = 1, .a_s1 = 5, .a_s2 = 35, .b_splat = 1, .b_byte = 13,
                  .b_base = 9, .b_s0 = 1, .b_s1 = 17, .b_s2 = 4001, .out_base = OUT, .out_s0 = 1, .out_s1 = 5, .out_s2 = 35, .zb = 5, .act_min = -128,
                  .act_max = 127, .nsteps = 1, .step0 = WEFT_STEP(.fn = WEFT_FN_ADD, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT)};
  compare(&g, &c, "splat", 0);
  for (int64_t i = 0; i < 105; i++) {
    int b = (int8_t)g.m.buffer[9 * 16 + 13 + i % 5 + i / 5 % 7 * 17 + i / 35 * 4001];
    for (int l = 0; l < 16; l++) {
      int v = (int8_t)g.m.buffer[(40 + i) * 16 + l] + b - 5;
      assert_int_equal((int8_t)g.m.buffer[(OUT + i) * 16 + l], v < -128 ? -128 : v > 127 ? 127 : v);
    }
  }
  c.b_base = 65535;   /* bytes 2^20-3, -2, -1, 0, 1: the first lie in a word that this buffer does not have */
  rig_add(&g, &c);
  assert_int_equal(rig_run(&g), WEFT_STATUS_ERROR);
  assert_int_equal(g.m.error_cause & 255, WEFT_ERR_BUFFER);
  weft_machine_write32(&g.m, WEFT_REG_CTRL, WEFT_CTRL_RESET);
  c.b_base = g.m.cfg->buf_words - 1;   /* bytes 13, 14, 15, and the first two of a word that is not there */
  rig_add(&g, &c);
  assert_int_equal(rig_run(&g), WEFT_STATUS_ERROR);
  weft_machine_write32(&g.m, WEFT_REG_CTRL, WEFT_CTRL_RESET);
  c.n0 = 3;
  c.n1 = c.n2 = 1;
  compare(&g, &c, "splat", 1);
  rig_close(&g);
}

/* The row's reciprocal is that of SOFTMAX where SOFTMAX has one, and the page's formula for every other sum. */
static void row_reciprocal(void **state) {
  (void)state;
  int32_t mult;
  int shift;
  for (int64_t s = 1 << 19; s < 1 << 28; s += s < (1 << 19) + 5000 || s > (1 << 28) - 5000 ? 1 : 97) {
    int zeros = __builtin_clz((uint32_t)s);
    int32_t want = weft_reciprocal_q31((int32_t)((s << zeros) - (INT64_C(1) << 31)));
    weft_lane_reciprocal((int32_t)s, &mult, &shift);
    if (mult != want || shift != 35 - zeros) fail_msg("sum %lld: %d >> %d, SOFTMAX %d >> %d", (long long)s, mult, shift, want, 35 - zeros);
  }
  rand_t r = {5};
  for (int i = 0; i < 200000; i++) {
    int32_t s = i < 1000 ? i : i < 2000 ? INT32_MIN + i : (int32_t)(rand_u64(&r) >> rand_in(&r, 32, 60));
    reciprocal_t want = reciprocal(s);
    weft_lane_reciprocal(s, &mult, &shift);
    if (mult != want.mult || shift != want.shift) fail_msg("sum %d: %d >> %d, the page says %lld >> %d", s, mult, shift, (long long)want.mult, want.shift);
  }
}

/* SOFTMAX of rows that lie along the taps, through one command, against its rule written with the golden operator's functions. */
static void softmax_program(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 60; seed++) {
    rand_t r = {seed};
    rig_t g;
    rig_open(&g, &weft_configs[seed % 7], &r);
    enum { ROWS = 2, TABLE = 300 };
    int depth = (int)rand_in(&r, 1, 90);
    int32_t exps[256], slope = (int32_t)rand_in(&r, 1 << 18, 1 << 24);
    for (int d = 0; d < 256; d++) {
      int64_t a = -(int64_t)d * slope;
      exps[d] = a < -((int64_t)31 << 26) ? 0 : weft_exp_q31((int32_t)a);
      for (int k = 0; k < 4; k++) g.m.buffer[TABLE * 16 + 4 * d + k] = (uint8_t)((uint32_t)exps[d] >> 8 * k);
    }
    weft_vec_t c = {.opcode = WEFT_CMD_VEC, .n0 = ROWS, .n1 = 1, .n2 = 1, .k0 = depth, .k1 = 1, .a_s0 = 1, .a_k0 = ROWS, .out_base = OUT, .out_s0 = 1,
                    .out_k0 = ROWS, .t0_base = TABLE, .t0_wide = 1, .zo = -128, .act_min = -128, .act_max = 127, .mult0 = INT64_C(1) << 31, .rs0 = 12,
                    .nsteps = 4, .step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_MAX, .taps = 1),
                    .step1 = WEFT_STEP(.a = WEFT_A_T0D, .fn = WEFT_FN_A, .scale = WEFT_SCALE_0, .into = WEFT_INTO_ROW, .taps = 1),
                    .step2 = WEFT_STEP(.scale = WEFT_SCALE_NONE, .into = WEFT_INTO_RECIP),
                    .step3 = WEFT_STEP(.a = WEFT_A_T0D, .fn = WEFT_FN_A, .scale = WEFT_SCALE_ROW, .into = WEFT_INTO_OUT, .taps = 1)};
    compare(&g, &c, "softmax", seed);
    for (int row = 0; row < ROWS * 16; row++) {
      int top = -128;
      int64_t sum = 0;
      for (int i = 0; i < depth; i++) {
        int v = (int8_t)g.m.buffer[i * ROWS * 16 + row];
        top = v > top ? v : top;
      }
      for (int i = 0; i < depth; i++) sum += ((int64_t)exps[top - (int8_t)g.m.buffer[i * ROWS * 16 + row]] + (1 << 11)) >> 12;
      int zeros = __builtin_clz((uint32_t)sum);
      int32_t inverse = weft_reciprocal_q31((int32_t)((sum << zeros) - (INT64_C(1) << 31)));
      for (int i = 0; i < depth; i++) {
        int32_t v = m2(exps[top - (int8_t)g.m.buffer[i * ROWS * 16 + row]], inverse, 0, 35 - zeros) - 128;
        assert_int_equal((int8_t)g.m.buffer[(OUT + i * ROWS) * 16 + row], v > 127 ? 127 : v);
      }
    }
    rig_close(&g);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_program),    cmocka_unit_test(tables),          cmocka_unit_test(splat),
      cmocka_unit_test(row_reciprocal), cmocka_unit_test(softmax_program),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
