/* SPDX-License-Identifier: Apache-2.0
 *
 * Events that cost energy, as the machine model counts them: by hand on a small layer, by every PE's own walk on random commands, and against the
 * counters and the compiler's MACs on whole networks. Then what they are charged.
 */
#include "compiler/run.h"
#include "driver/target_model.h"
#include "energy/energy.h"
#include "machine_rig.h"
#include "randconv.h"

static void ok(int err, const weft_msg_t *m) {
  if (err) fail_msg("%s", m->msg);
}

/* One CONV in a buffer of garbage, its parts one after the other. */
static weft_events_t run(const weft_config_t *cfg, weft_conv_t *c, uint64_t counter[WEFT_COUNTERS]) {
  weft_events_t e[3] = {{{0}}};
  rand_t r = {7};
  rig_t g;
  rig_open(&g, cfg, &r);
  c->tag = 1;
  c->in_base = 0;
  c->out_base = randconv_ifmap_words(cfg, c);
  c->filt_base = c->out_base + randconv_ofmap_words(c);
  c->param_base = c->filt_base + randconv_image_words(cfg, c);
  assert_true(c->param_base + randconv_entry_words(c) <= cfg->buf_words);
  g.m.events = e;
  g.m.nevents = 2;
  rig_add(&g, c);
  if (rig_run(&g) != WEFT_STATUS_DONE) fail_msg("%s: error cause %x", cfg->name, g.m.error_cause);
  memcpy(counter, g.m.counter, sizeof g.m.counter);
  rig_close(&g);
  for (int i = 0; i < WEFT_EVENTS; i++) assert_int_equal(e[0].n[i] + e[2].n[i], 0);      /* other tags */
  return e[1];
}

static void expect(const weft_events_t *e, int event, uint64_t n) {
  if (e->n[event] != n) fail_msg("%s is %llu, not %llu", weft_event_info[event].name, (unsigned long long)e->n[event], (unsigned long long)n);
}

/* 3x3x4 -> 2x2x2 by 2x2 filters on 2 x 2 PEs of 4 lanes: rows hold filter rows, columns output rows. One pass of 2 positions x 2 filters x K = 2. */
static weft_conv_t small(const weft_config_t *cfg) {
  weft_conv_t c = {.opcode = WEFT_CMD_CONV, .in_h = 3, .in_w = 3, .in_w_last = 3, .stride_y = 1, .stride_x = 1, .dil_y = 1, .dil_x = 1, .R = 2, .S = 2,
                   .kind = WEFT_CHAIN_ROWS, .chain_len = 2, .nchain = 1, .groups = 1, .P = 2, .e_cols = 2, .T = 1, .FT = 2, .OH = 2, .OW = 2, .OW_last = 2,
                   .M = 2, .in_pix = 1, .in_row = 3, .out_pix = 1, .out_row = 2, .act_min = -128, .act_max = 127};
  weft_conv_derive(cfg, &c);
  return c;
}

static void by_hand(void **state) {
  (void)state;
  const weft_config_t *cfg = weft_config_find("tiny");
  uint64_t counter[WEFT_COUNTERS];
  weft_conv_t c = small(cfg);
  weft_events_t e = run(cfg, &c, counter);
  expect(&e, WEFT_EV_MAC, 2 * 2 * 2 * 4 * 2 * 2);          /* E F M C R S: nothing is wasted */
  expect(&e, WEFT_EV_FILTER_RD, 128);
  expect(&e, WEFT_EV_WINDOW_RD, 128);
  expect(&e, WEFT_EV_ACC_RD, 32 * 4);                      /* one sum for 4 lanes */
  expect(&e, WEFT_EV_ACC_WR, 32 * 4);
  expect(&e, WEFT_EV_COLUMN_RD, 0);
  expect(&e, WEFT_EV_COLUMN_WR, 0);
  expect(&e, WEFT_EV_NET_IFMAP, 4 * 3 * 4);                /* 4 PEs, a row of 3 pixels, 4 of the packet's 8 channels */
  expect(&e, WEFT_EV_WINDOW_WR, 48);
  expect(&e, WEFT_EV_NET_FILTER, 4 * 16);                  /* 2 filters x 2 taps x 4 channels in each PE */
  expect(&e, WEFT_EV_FILTER_WR, 64);
  expect(&e, WEFT_EV_NET_PSUM, 8 * 4);                     /* 8 outputs, from the upper PE to the lower */
  expect(&e, WEFT_EV_NET_DRAIN, 8 * 4);
  expect(&e, WEFT_EV_BUF_IFMAP, 9 * 16);                   /* a word for each pixel, though the packet is half of it */
  expect(&e, WEFT_EV_BUF_FILTER, 2 * 16);
  expect(&e, WEFT_EV_BUF_PARAM, 2 * 16);
  expect(&e, WEFT_EV_BUF_OFMAP, 8);
  expect(&e, WEFT_EV_LANE, 8);
  expect(&e, WEFT_EV_DRAM_FETCH, WEFT_CMD_BYTES);
  expect(&e, WEFT_EV_IDLE_RD, 0);
  expect(&e, WEFT_EV_HOP_IFMAP, 9 * 8 * 2);
  expect(&e, WEFT_EV_HOP_FILTER, 4 * 8 * 2);
  expect(&e, WEFT_EV_HOP_DRAIN, 8 * 4);
}

/* The same with one filter row at a time: two folds, chains of one PE, half of the array idle. */
static void by_hand_folded(void **state) {
  (void)state;
  const weft_config_t *cfg = weft_config_find("tiny");
  uint64_t counter[WEFT_COUNTERS];
  weft_conv_t c = small(cfg);
  c.chain_len = 1;
  weft_conv_derive(cfg, &c);
  assert_int_equal(c.folds, 2);
  weft_events_t e = run(cfg, &c, counter);
  expect(&e, WEFT_EV_MAC, 128);
  expect(&e, WEFT_EV_IDLE_RD, 2 * 128);                    /* two spads in each of the two lower PEs */
  expect(&e, WEFT_EV_COLUMN_RD, 8 * 4);
  expect(&e, WEFT_EV_COLUMN_WR, 8 * 4);
  expect(&e, WEFT_EV_NET_PSUM, 0);
  expect(&e, WEFT_EV_NET_DRAIN, 2 * 8 * 4);
  expect(&e, WEFT_EV_HOP_DRAIN, 2 * 2 * 8 * 4);            /* past the lower row */
  expect(&e, WEFT_EV_NET_IFMAP, 2 * 2 * 3 * 4);            /* two folds, two PEs */
  expect(&e, WEFT_EV_NET_FILTER, 2 * 2 * 16);
  expect(&e, WEFT_EV_BUF_IFMAP, 2 * 2 * 3 * 16);
}

/* What each PE of the mapping does in a command, PE by PE and walk by walk, from docs/spec.md section 4. */
static weft_events_t literal(const weft_config_t *cfg, const weft_conv_t *c) {
  weft_events_t e = {{0}};
  const int64_t q = (int64_t)cfg->lanes << c->qw_lg, net = cfg->net_bytes, lanes = cfg->lanes;
  for (int64_t mb = 0; mb < c->NM; mb++)
    for (int64_t pass = 0; pass < c->NY * c->NX * c->folds; pass++)
      for (int64_t row = 0; row < cfg->rows; row++)
        for (int64_t col = 0; col < cfg->cols; col++) {
          const int64_t f = pass % c->folds, xb = pass / c->folds % c->NX, positions = weft_min64(c->FT, c->OW - xb * c->FT), k = row % c->chain_len;
          const int64_t pair = f * c->pairs + (c->kind == WEFT_CHAIN_GROUPS ? row : k), first = (mb * c->g_step + pair / c->R) * q;
          const uint64_t walks = (uint64_t)(positions * c->P), cycles = walks * (uint64_t)c->K;
          if (row >= c->chain_len * c->nchain || col >= c->e_cols * c->T) {
            e.n[WEFT_EV_IDLE_RD] += 2 * cycles * (uint64_t)lanes;
            continue;
          }
          for (int64_t l = 0; l < lanes; l++) {
            e.n[WEFT_EV_MAC] += cycles;
            e.n[WEFT_EV_FILTER_RD] += cycles;
            e.n[WEFT_EV_WINDOW_RD] += cycles;
          }
          for (uint64_t w = 0; w < walks; w++) {
            e.n[WEFT_EV_ACC_WR] += (uint64_t)c->K * 4;
            e.n[WEFT_EV_ACC_RD] += (uint64_t)(c->K - 1) * 4 + 4;      /* to add, and once to hand on */
            const bool last = k == c->chain_len - 1;
            e.n[last ? WEFT_EV_NET_DRAIN : WEFT_EV_NET_PSUM] += 4;
            if (last && (f || c->psum_in)) e.n[WEFT_EV_COLUMN_RD] += 4;
            if (last && (f < c->folds - 1 || c->psum_out)) e.n[WEFT_EV_COLUMN_WR] += 4;
            if (last) e.n[WEFT_EV_HOP_DRAIN] += (uint64_t)(cfg->rows - row) * 4;
          }
          if (c->folds > 1 || pass == 0) e.n[WEFT_EV_NET_FILTER] += (uint64_t)((c->P * c->K * lanes + net - 1) / net * net);
          if (pair >= c->R * c->groups) continue;
          const int64_t columns = (positions - 1) * c->stride_x + (c->S - 1) * c->dil_x + 1;
          for (int64_t cb = first / net; cb <= (first + q - 1) / net; cb++) e.n[WEFT_EV_NET_IFMAP] += (uint64_t)(columns * (net < q ? net : q));
        }
  e.n[WEFT_EV_FILTER_WR] = e.n[WEFT_EV_NET_FILTER];
  e.n[WEFT_EV_WINDOW_WR] = e.n[WEFT_EV_NET_IFMAP];
  return e;
}

static void every_pe(void **state) {
  (void)state;
  enum { CASES = 60 };
  static const int inside[] = {WEFT_EV_MAC, WEFT_EV_FILTER_RD, WEFT_EV_FILTER_WR, WEFT_EV_WINDOW_RD, WEFT_EV_WINDOW_WR, WEFT_EV_ACC_RD, WEFT_EV_ACC_WR,
    WEFT_EV_COLUMN_RD, WEFT_EV_COLUMN_WR, WEFT_EV_NET_IFMAP, WEFT_EV_NET_FILTER, WEFT_EV_NET_PSUM, WEFT_EV_NET_DRAIN, WEFT_EV_IDLE_RD, WEFT_EV_HOP_DRAIN};
  int kinds[3] = {0}, folded = 0;
  for (const weft_config_t *cfg = weft_configs; cfg->name; cfg++)
    for (uint64_t seed = 1; seed <= CASES; seed++) {
      rand_t r = {seed};
      weft_conv_t c = {0};
      uint64_t counter[WEFT_COUNTERS];
      randconv_geometry(&r, cfg, &(randconv_limits_t){cfg->buf_words / 4, 20000}, &c);
      if (rand_chance(&r, 30)) {
        randconv_one_group(cfg, &c);
        c.psum_in = rand_in(&r, 0, 1);
        c.psum_out = rand_in(&r, 0, 1);
      }
      const weft_events_t e = run(cfg, &c, counter), want = literal(cfg, &c);
      for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++)
        if (e.n[inside[i]] != want.n[inside[i]])
          fail_msg("%s seed %llu kind %d: %s is %llu, not %llu", cfg->name, (unsigned long long)seed, (int)c.kind, weft_event_info[inside[i]].name,
                   (unsigned long long)e.n[inside[i]], (unsigned long long)want.n[inside[i]]);
      assert_int_equal(e.n[WEFT_EV_MAC], counter[WEFT_CNT_MAC]);
      assert_int_equal(e.n[WEFT_EV_BUF_IFMAP], 16 * counter[WEFT_CNT_BUF_IFMAP]);
      assert_int_equal(e.n[WEFT_EV_HOP_IFMAP], counter[WEFT_CNT_NOC_IFMAP] * (uint64_t)(cfg->net_bytes * cfg->rows));
      assert_int_equal(e.n[WEFT_EV_HOP_FILTER], counter[WEFT_CNT_NOC_FILTER] * (uint64_t)(cfg->net_bytes * cfg->rows));
      assert_true(e.n[WEFT_EV_BUF_OFMAP] <= 16 * counter[WEFT_CNT_BUF_OFMAP]);
      kinds[c.kind]++;
      folded += c.folds > 1;
    }
  printf("kinds ROWS %d FILTERS %d GROUPS %d, folded %d\n", kinds[0], kinds[1], kinds[2], folded);
  assert_true(kinds[0] > 20 && kinds[1] > 20 && kinds[2] > 20 && folded > 20);
}

/* A whole network as users run it: events by layer add up to the counters of its jobs. */
static void network(void **state) {
  (void)state;
  for (int round = 0; round < 2; round++) {
    const weft_config_t *cfg = weft_config_find(round ? "weft672" : "tiny");
    weft_msg_t m = {""};
    weft_graph_t *g;
    weft_program_t *p;
    weft_target_t *t;
    weft_run_t r;
    ok(weft_import_file("tests/networks/fmnist_resnet.tflite", &g, &m), &m);
    ok(weft_compile(g, cfg, &(weft_compile_opts_t){0}, &p, &m), &m);
    ok(weft_target_open("model", cfg, &(weft_target_opts_t){.dram_bytes = weft_run_dram_bytes(p)}, &t, &m), &m);
    ok(weft_run_open(&r, g, p, t, 0, &m), &m);
    weft_events_t *layer = calloc((size_t)p->nlayer, sizeof *layer), all = {{0}};
    weft_machine_t *machine = weft_target_model_machine(t);
    machine->events = layer;
    machine->nevents = (uint32_t)p->nlayer;
    ok(weft_run_infer(&r, &m), &m);
    for (int i = 0; i < p->nlayer; i++) {
      weft_events_add(&all, &layer[i], 1);
      assert_true(layer[i].n[WEFT_EV_MAC] >= p->layer[i].macs && (p->layer[i].macs > 0) == (layer[i].n[WEFT_EV_MAC] > 0));
    }
    const uint64_t bus = (uint64_t)cfg->bus_bytes;
    assert_int_equal(all.n[WEFT_EV_DRAM_RD], weft_run_sum(&r, WEFT_CNT_LOAD_BEATS) * bus);
    assert_int_equal(all.n[WEFT_EV_DRAM_WR], weft_run_sum(&r, WEFT_CNT_STORE_BEATS) * bus);
    assert_int_equal(weft_events_dram(&all),
                     (weft_run_sum(&r, WEFT_CNT_FETCH_BEATS) + weft_run_sum(&r, WEFT_CNT_LOAD_BEATS) + weft_run_sum(&r, WEFT_CNT_STORE_BEATS)) * bus);
    assert_int_equal(all.n[WEFT_EV_MAC], weft_run_sum(&r, WEFT_CNT_MAC));
    assert_int_equal(all.n[WEFT_EV_BUF_VEC_RD], weft_run_sum(&r, WEFT_CNT_BUF_VEC_RD) * WEFT_WORD_BYTES);
    assert_int_equal(all.n[WEFT_EV_BUF_LOAD], weft_run_sum(&r, WEFT_CNT_BUF_LOAD) * WEFT_WORD_BYTES);
    assert_int_equal(all.n[WEFT_EV_LANE], all.n[WEFT_EV_BUF_OFMAP] + weft_run_sum(&r, WEFT_CNT_VEC_BEATS) * (uint64_t)cfg->ppu_lanes);
    free(layer);
    weft_run_close(&r);
    weft_target_close(t);
    weft_program_free(p);
    weft_graph_free(g);
  }
}

static void close_to(double got, double want) {
  if (got < want * 0.999999 - 1e-9 || got > want * 1.000001 + 1e-9) fail_msg("%g is not %g", got, want);
}

/* The small layer's energy from the ratios 1, 2, 6, 200, and every level's share. */
static void charged(void **state) {
  (void)state;
  const weft_config_t *cfg = weft_config_find("tiny");
  uint64_t counter[WEFT_COUNTERS];
  weft_conv_t c = small(cfg);
  const weft_events_t e = run(cfg, &c, counter);
  const weft_charge_t units = weft_charge_units(WEFT_PSUM_BYTES), equal = weft_charge_units(WEFT_PSUM_EQUAL);
  weft_energy_t u = weft_energy(&e, &units);
  close_to(u.level[WEFT_LEVEL_MAC], 128);
  close_to(u.level[WEFT_LEVEL_RF], 128 + 128 + 128 + 128 + 48 + 64);
  close_to(u.level[WEFT_LEVEL_NETWORK], 2 * (48 + 64 + 32 + 32));
  close_to(u.level[WEFT_LEVEL_BUFFER], 6 * (144 + 32 + 32 + 8));
  close_to(u.level[WEFT_LEVEL_DRAM], 200 * 128);
  close_to(u.level[WEFT_LEVEL_LANE], 8 * 3.2 / 0.3);
  close_to(u.level[WEFT_LEVEL_FREE], 0);
  double sum = 0;
  for (int l = 0; l < WEFT_LEVELS; l++) sum += u.level[l];
  close_to(u.total, sum);
  u = weft_energy(&e, &equal);
  close_to(u.level[WEFT_LEVEL_RF], 128 + 128 + 32 + 32 + 48 + 64);
  close_to(u.level[WEFT_LEVEL_NETWORK], 2 * (48 + 64 + 8 + 8));
}

static void picojoules(void **state) {
  (void)state;
  close_to(weft_pj_per_byte(8192), 1.25);
  close_to(weft_pj_per_byte(4 * 8192), 2.5);               /* 20 pJ for 64 bits of 32 KB, as the table has it */
  close_to(weft_pj_per_byte(0), 0);
  const weft_stores_t s = weft_stores(weft_config_find("weft168"));
  const weft_charge_t c = weft_charge_pj(&s);
  close_to(c.cost[WEFT_EV_MAC], 0.3);
  close_to(c.cost[WEFT_EV_DRAM_RD], 160);
  close_to(c.cost[WEFT_EV_BUF_IFMAP], 1.25 * 4);           /* 128 KiB */
  close_to(c.cost[WEFT_EV_NET_IFMAP], 0.6);
  close_to(c.cost[WEFT_EV_COLUMN_RD], 1.25 / 2);           /* 512 x 4 bytes */
  close_to(c.cost[WEFT_EV_IDLE_RD], 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(by_hand), cmocka_unit_test(by_hand_folded), cmocka_unit_test(every_pe),
      cmocka_unit_test(network), cmocka_unit_test(charged),        cmocka_unit_test(picojoules),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
