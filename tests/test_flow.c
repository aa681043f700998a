/* SPDX-License-Identifier: Apache-2.0
 *
 * Schedules counted by formula against their loops carried out literally, row-stationary's against the machine model, and the search: nothing
 * that it finds breaks the area, no wider choice costs more. Shapes are exact: every ifmap row and column is under some output.
 */
#include "energy/flow.h"
#include "machine_rig.h"
#include "randconv.h"

static void equal(const char *what, const weft_events_t *got, const weft_events_t *want, const int *event, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (got->n[event[i]] != want->n[event[i]])
      fail_msg("%s: %s is %llu, not %llu", what, weft_event_info[event[i]].name, (unsigned long long)got->n[event[i]], (unsigned long long)want->n[event[i]]);
}
#define EQUAL(what, got, want, list) equal(what, got, want, list, sizeof list / sizeof list[0])

static const int array_side[] = {WEFT_EV_MAC, WEFT_EV_FILTER_RD, WEFT_EV_FILTER_WR, WEFT_EV_WINDOW_RD, WEFT_EV_WINDOW_WR, WEFT_EV_ACC_RD, WEFT_EV_ACC_WR,
  WEFT_EV_COLUMN_RD, WEFT_EV_COLUMN_WR, WEFT_EV_NET_IFMAP, WEFT_EV_NET_FILTER, WEFT_EV_NET_PSUM, WEFT_EV_NET_DRAIN, WEFT_EV_BUF_IFMAP, WEFT_EV_BUF_FILTER,
  WEFT_EV_BUF_PSUM, WEFT_EV_BUF_OFMAP, WEFT_EV_LANE};

/* One layer in one tile that stays in the buffer with its result. */
static weft_events_t count(weft_flow_t flow, const weft_fabric_t *f, const weft_shape_t *s, const int64_t *bound) {
  weft_events_t e;
  weft_map_t map = {.stores = f->stores};
  memcpy(map.b, bound, sizeof map.b);
  assert_true(weft_flow_count(flow, f, s, &map, &(weft_tile_t){.m = s->M, .e = s->E, .n = s->N}, true, true, &e));
  assert_int_equal(weft_events_dram(&e), (uint64_t)(s->M * s->C * s->R * s->S + 16 * s->M));
  return e;
}

static weft_fabric_t fabric(void) { return weft_fabric(weft_config_find("weft672"), WEFT_AS_AREA_RATIO); }

/* ---- loops, one operation after the other; lanes are LANES channels, whatever of them exists. Shapes are not padded. */
static const weft_shape_t shapes[] = {
  {1, 1, 8, 12, 3, 3, 1, 1, 7, 8, 5, 6}, {1, 2, 6, 5, 2, 3, 2, 1, 8, 7, 4, 5}, {1, 1, 16, 32, 1, 1, 1, 1, 4, 4, 4, 4}, {1, 1, 4, 4, 3, 3, 2, 2, 9, 9, 4, 4}};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static void common(const weft_shape_t *s, weft_events_t *e) {
  e->n[WEFT_EV_MAC] = weft_shape_macs(s);
  e->n[WEFT_EV_BUF_OFMAP] = e->n[WEFT_EV_LANE] = (uint64_t)(s->N * s->M * s->E * s->F);
}

static int64_t lanes_of(const weft_fabric_t *f, const weft_shape_t *s, int64_t word) {
  return word * f->lanes + f->lanes <= s->C ? f->lanes : s->C - word * f->lanes;
}

/* Weights of `fs` x `held` filters, `ws` channel words and `ts` taps stand still while every pixel passes that one of them wants. */
static weft_events_t literal_ws(const weft_fabric_t *f, const weft_shape_t *s, int64_t ts, int64_t ws, int64_t fs, int64_t held) {
  weft_events_t e = {{0}};
  common(s, &e);
  const int64_t words = (s->C + f->lanes - 1) / f->lanes;
  for (int64_t m0 = 0; m0 < s->M; m0 += fs * held)
    for (int64_t w = 0; w < words; w++)
      for (int64_t t0 = 0; t0 < s->R * s->S; t0 += ts) {
        const uint64_t lanes = (uint64_t)lanes_of(f, s, w);
        bool seen[2][16][16] = {{{false}}};
        for (int64_t m = m0; m < m0 + fs * held && m < s->M; m++)
          for (int64_t tap = t0; tap < t0 + ts; tap++) {
            e.n[WEFT_EV_BUF_FILTER] += lanes;
            for (int64_t out = 0; out < s->N * s->E * s->F; out++) {
              bool *pixel = &seen[out / s->F / s->E][out / s->F % s->E * s->stride_y + tap / s->S][out % s->F * s->stride_x + tap % s->S];
              e.n[WEFT_EV_BUF_IFMAP] += *pixel ? 0 : lanes;
              *pixel = true;
              e.n[WEFT_EV_FILTER_RD] += lanes;
              if (held > 1) e.n[WEFT_EV_WINDOW_RD] += lanes;
              if ((m - m0) % held == 0) {
                e.n[WEFT_EV_NET_IFMAP] += lanes;
                if (held > 1) e.n[WEFT_EV_WINDOW_WR] += lanes;
              }
              e.n[WEFT_EV_NET_PSUM] += 4;                  /* to the next PE, or out of the chain */
              if (w % ws == 0 && tap == t0 && (w || t0)) e.n[WEFT_EV_BUF_PSUM] += 8;        /* written by the chain before, read by this one */
            }
          }
      }
  e.n[WEFT_EV_NET_FILTER] = e.n[WEFT_EV_FILTER_WR] = e.n[WEFT_EV_BUF_FILTER];
  return e;
}

/* A block of outputs stays until it is complete; the buffer is read once for each pixel under the block. */
static weft_events_t literal_os(const weft_fabric_t *f, const weft_shape_t *s, const int64_t b[5]) {
  weft_events_t e = {{0}};
  common(s, &e);
  const int64_t words = (s->C + f->lanes - 1) / f->lanes, rows = b[0], cols = b[1] * b[4], filters = b[2] * b[3];
  for (int64_t m0 = 0; m0 < s->M; m0 += filters)
    for (int64_t block = 0; block < s->N * ((s->E + rows - 1) / rows) * ((s->F + cols - 1) / cols); block++) {
      const int64_t y0 = block / ((s->F + cols - 1) / cols) % ((s->E + rows - 1) / rows) * rows, x0 = block % ((s->F + cols - 1) / cols) * cols;
      for (int64_t w = 0; w < words; w++) {
        const uint64_t lanes = (uint64_t)lanes_of(f, s, w);
        bool seen[16][16] = {{false}};
        for (int64_t tap = 0; tap < s->R * s->S; tap++)
          for (int64_t m = m0; m < m0 + filters && m < s->M; m++) {
            e.n[WEFT_EV_BUF_FILTER] += lanes;
            for (int64_t y = y0; y < y0 + rows && y < s->E; y++)
              for (int64_t x = x0; x < x0 + cols && x < s->F; x++) {
                bool *pixel = &seen[y * s->stride_y + tap / s->S][x * s->stride_x + tap % s->S];
                e.n[WEFT_EV_BUF_IFMAP] += *pixel ? 0 : lanes;
                *pixel = true;
                if ((m - m0) % b[3] == 0) e.n[WEFT_EV_NET_IFMAP] += lanes;
                if ((x - x0) % b[4] == 0) e.n[WEFT_EV_NET_FILTER] += lanes;
                if (b[3] > 1) e.n[WEFT_EV_WINDOW_RD] += lanes;
                if (b[4] > 1) e.n[WEFT_EV_FILTER_RD] += lanes;
                e.n[WEFT_EV_ACC_RD] += 4;
                e.n[WEFT_EV_ACC_WR] += 4;
              }
          }
      }
    }
  e.n[WEFT_EV_WINDOW_WR] = b[3] > 1 ? e.n[WEFT_EV_NET_IFMAP] : 0;
  e.n[WEFT_EV_FILTER_WR] = b[4] > 1 ? e.n[WEFT_EV_NET_FILTER] : 0;
  e.n[WEFT_EV_NET_DRAIN] = 4 * e.n[WEFT_EV_BUF_OFMAP];
  return e;
}

static weft_events_t literal_nlr(const weft_fabric_t *f, const weft_shape_t *s, int64_t fs, int64_t ws, int64_t ps) {
  weft_events_t e = {{0}};
  common(s, &e);
  const int64_t words = (s->C + f->lanes - 1) / f->lanes;
  for (int64_t out = 0; out < s->N * s->E * s->F; out++)
    for (int64_t tap = 0; tap < s->R * s->S; tap++)
      for (int64_t w = 0; w < words; w++)
        for (int64_t m = 0; m < s->M; m++) {
          const uint64_t lanes = (uint64_t)lanes_of(f, s, w);
          e.n[WEFT_EV_NET_IFMAP] += lanes;
          e.n[WEFT_EV_NET_FILTER] += lanes;
          e.n[WEFT_EV_BUF_IFMAP] += m % fs ? 0 : lanes;
          e.n[WEFT_EV_BUF_FILTER] += out % ps ? 0 : lanes;
          e.n[WEFT_EV_NET_PSUM] += 4;
          if (w % ws == 0 && (tap || w)) e.n[WEFT_EV_BUF_PSUM] += 8;
        }
  return e;
}

static void loops(void **state) {
  (void)state;
  const weft_fabric_t f = fabric();
  for (int i = 0; i < SHAPES; i++) {
    const weft_shape_t *s = &shapes[i];
    for (int k = 0; k < 9; k++) {
      const int64_t taps = k % 3 == 0 ? s->R * s->S : k % 3 == 1 ? s->S : 1, held = 1 << k / 3, words = 1 + k % 2;
      const weft_events_t got = count(WEFT_FLOW_WS, &f, s, (int64_t[WEFT_FLOW_BOUNDS]){taps, words, 2, held}), want = literal_ws(&f, s, taps, words, 2, held);
      EQUAL("weight-stationary", &got, &want, array_side);
    }
    for (int k = 0; k < 4; k++) {
      const int64_t b[WEFT_FLOW_BOUNDS] = {2 + k % 2, 3, 2, 1 + k % 2, 1 + k / 2};
      const weft_events_t got = count(WEFT_FLOW_OS, &f, s, b), want = literal_os(&f, s, b);
      EQUAL("output-stationary", &got, &want, array_side);
    }
    for (int64_t ps = 1; ps <= 3; ps++) {
      const weft_events_t got = count(WEFT_FLOW_NLR, &f, s, (int64_t[WEFT_FLOW_BOUNDS]){3, 2, ps}), want = literal_nlr(&f, s, 3, 2, ps);
      EQUAL("no local reuse", &got, &want, array_side);
    }
  }
}

/* ---- row-stationary against the machine model, on layers where the machine wastes nothing: whole blocks, groups of a whole packet, no padding */
typedef struct { const char *what; int64_t C, M, R, S, stride, E, F, chain, nchain, kind, e_cols, T, P; } layer_t;
static const layer_t layers[] = {
  {"chains of rows", 16, 16, 3, 3, 1, 28, 10, 3, 4, WEFT_CHAIN_ROWS, 7, 2, 4},
  {"chains of filters, two folds", 64, 64, 3, 3, 1, 14, 9, 6, 2, WEFT_CHAIN_FILTERS, 7, 2, 8},
  {"1x1", 64, 32, 1, 1, 1, 21, 12, 4, 1, WEFT_CHAIN_ROWS, 7, 2, 16},
  {"stride 2", 32, 16, 3, 3, 2, 14, 7, 6, 2, WEFT_CHAIN_ROWS, 7, 1, 8},
  {"tiles of columns", 32, 16, 3, 3, 1, 14, 128, 3, 2, WEFT_CHAIN_ROWS, 7, 2, 8},
  {"folds that split groups", 32, 8, 3, 3, 1, 7, 6, 2, 1, WEFT_CHAIN_ROWS, 7, 2, 4},
  {"folds that split groups, stride 2", 32, 8, 3, 3, 2, 7, 6, 2, 1, WEFT_CHAIN_ROWS, 7, 2, 4},
  {"one filter row a fold, stride 2", 16, 8, 3, 3, 2, 7, 6, 1, 1, WEFT_CHAIN_ROWS, 7, 2, 4}};

static weft_events_t machine(const weft_config_t *cfg, const layer_t *l) {
  const int64_t H = (l->E - 1) * l->stride + l->R, W = (l->F - 1) * l->stride + l->S, q = 16, in_pix = l->C / 16, out_pix = (l->M + 15) / 16;
  weft_conv_t c = {.opcode = WEFT_CMD_CONV, .in_h = H, .in_w = W, .in_w_last = W, .in_pix = in_pix, .in_row = W * in_pix, .stride_y = l->stride, .stride_x = l->stride,
                   .dil_y = 1, .dil_x = 1, .R = l->R, .S = l->S, .qw_lg = 2, .kind = l->kind, .chain_len = l->chain, .nchain = l->nchain, .groups = l->C / q,
                   .P = l->P, .e_cols = l->e_cols, .T = l->T, .FT = weft_min64(l->F, WEFT_ACC_DEPTH / (l->P * l->nchain)), .OH = l->E, .OW = l->F,
                   .OW_last = l->F, .M = l->M, .out_pix = out_pix, .out_row = l->F * out_pix, .act_min = -128, .act_max = 127};
  weft_conv_derive(cfg, &c);
  c.out_base = randconv_ifmap_words(cfg, &c);
  c.filt_base = c.out_base + randconv_ofmap_words(&c);
  c.param_base = c.filt_base + randconv_image_words(cfg, &c);
  assert_true(c.param_base + randconv_entry_words(&c) <= cfg->buf_words);
  rand_t r = {1};
  rig_t g;
  weft_events_t e = {{0}};
  rig_open(&g, cfg, &r);
  g.m.events = &e;
  g.m.nevents = 1;
  rig_add(&g, &c);
  if (rig_run(&g) != WEFT_STATUS_DONE) fail_msg("%s: error cause %x", l->what, g.m.error_cause);
  rig_close(&g);
  return e;
}

static void row_stationary(void **state) {
  (void)state;
  const weft_config_t *cfg = weft_config_find("weft672");
  const weft_fabric_t f = fabric();
  for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
    const layer_t *l = &layers[i];
    const weft_shape_t s = {1, 1, l->M, l->C, l->R, l->S, l->stride, l->stride, (l->E - 1) * l->stride + l->R, (l->F - 1) * l->stride + l->S, l->E, l->F};
    const weft_events_t got = count(WEFT_FLOW_RS, &f, &s, (int64_t[WEFT_FLOW_BOUNDS]){16, l->chain, l->nchain, l->kind == WEFT_CHAIN_FILTERS, l->e_cols, l->T, l->P});
    const weft_events_t want = machine(cfg, l);
    assert_int_equal(want.n[WEFT_EV_MAC], weft_shape_macs(&s));
    assert_int_equal(want.n[WEFT_EV_BUF_PARAM], got.n[WEFT_EV_BUF_PARAM]);
    EQUAL(l->what, &got, &want, array_side);
  }
}

/* ---- tiles: two groups of 12 -> 8 channels, 7x8 -> 5x6 by 3x3 filters, in tiles of 3 filters and 2 output rows */
static void tiles(void **state) {
  (void)state;
  const weft_fabric_t f = fabric();
  weft_shape_t s = shapes[0];
  weft_events_t e;
  weft_map_t map = {.b = {2, 3, 1}, .stores = f.stores};   /* no local reuse: 2 filters, 3 channel words, a pixel */
  weft_tile_t t = {.m = 3, .e = 2, .n = 1};
  s.groups = 2;
  const uint64_t rows = 4 + 4 + 3, filters = 8 * 12 * 9, params = 16 * 8, out = 8 * 5 * 6;
  assert_true(weft_flow_count(WEFT_FLOW_NLR, &f, &s, &map, &t, false, false, &e));
  assert_int_equal(e.n[WEFT_EV_DRAM_RD], 2 * (3 * 12 * 8 * rows + filters + params));     /* the ifmap comes for each tile of filters */
  assert_int_equal(e.n[WEFT_EV_DRAM_WR], 2 * out);
  assert_int_equal(e.n[WEFT_EV_MAC], weft_shape_macs(&s));
  t.ifmap_outer = true;
  assert_true(weft_flow_count(WEFT_FLOW_NLR, &f, &s, &map, &t, false, false, &e));
  assert_int_equal(e.n[WEFT_EV_DRAM_RD], 2 * (12 * 8 * rows + 3 * filters + params));
  assert_int_equal(e.n[WEFT_EV_BUF_LOAD], e.n[WEFT_EV_DRAM_RD]);
  assert_true(weft_flow_count(WEFT_FLOW_NLR, &f, &s, &map, &t, true, true, &e));
  assert_int_equal(e.n[WEFT_EV_DRAM_RD], 2 * (3 * filters + params));
  assert_int_equal(e.n[WEFT_EV_DRAM_WR], 0);
  /* What must fit: a tile of filters with four ifmap rows, or with both groups' tensors. */
  const double apart = 3 * 12 * 9 + 12 * 8 * 4, kept = 3 * 12 * 9 + 2 * (12 * 7 * 8 + (double)out);
  for (int in = 0; in < 2; in++) {
    map.stores.buffer = in ? kept : apart;
    assert_true(weft_flow_count(WEFT_FLOW_NLR, &f, &s, &map, &t, in, in, &e));
    map.stores.buffer -= 1;
    assert_false(weft_flow_count(WEFT_FLOW_NLR, &f, &s, &map, &t, in, in, &e));
  }
}

/* ---- the search */
static void search(void **state) {
  (void)state;
  for (const weft_config_t *cfg = weft_configs; cfg->name; cfg++) {
    const weft_fabric_t f = weft_fabric(cfg, WEFT_AS_AREA_RATIO);
    for (int i = 0; i < SHAPES; i++)
      for (int flow = 0; flow < WEFT_FLOWS; flow++) {
        weft_layer_best_t narrow, wide;
        assert_true(weft_flow_layer((weft_flow_t)flow, &f, &shapes[i], false, &narrow));
        assert_true(weft_flow_layer((weft_flow_t)flow, &f, &shapes[i], true, &wide));
        for (int k = 0; k < WEFT_CHARGES; k++)
          for (int way = 0; way < 4; way++) {
            const weft_best_t *b = &narrow.best[k][way & 1][way >> 1], *w = &wide.best[k][way & 1][way >> 1];
            if (!b->found && !w->found) continue;        /* tiny's buffer does not hold both maps */
            assert_true(w->found && (!b->found || w->cost <= b->cost * 1.000001));
            /* What it says is what its mapping counts, within the area. */
            weft_events_t e;
            assert_true(weft_flow_count((weft_flow_t)flow, &f, &shapes[i], &w->map, &w->tile, way & 1, way >> 1, &e));
            assert_memory_equal(&e, &w->events, sizeof e);
            const weft_charge_t c = weft_charge((weft_charge_kind_t)k, &w->map.stores);
            const double cost = weft_energy(&e, &c).total, held = w->map.stores.fspad + w->map.stores.window + w->map.stores.acc;
            assert_true(cost > w->cost * 0.999999 && cost < w->cost * 1.000001);
            assert_int_equal(e.n[WEFT_EV_MAC], weft_shape_macs(&shapes[i]));
            if (flow != WEFT_FLOW_RS) assert_true(w->map.stores.buffer + f.area_ratio * cfg->rows * cfg->cols * held <= f.area * 1.000001);
            if (way == 3) assert_true(e.n[WEFT_EV_DRAM_WR] == 0 && e.n[WEFT_EV_BUF_STORE] == 0);
            if (way == 0) assert_true(e.n[WEFT_EV_DRAM_WR] == (uint64_t)(shapes[i].N * shapes[i].M * shapes[i].E * shapes[i].F));
          }
        assert_true(narrow.best[0][0][0].found);
      }
  }
}

/* Tensors between layers: a chain keeps them where that is cheaper, and cannot where the next layer does not follow. */
static void chain(void **state) {
  (void)state;
  const weft_fabric_t f = fabric();
  weft_energy_t layer[WEFT_CHARGES][3];
  weft_events_t events[WEFT_CHARGES][3];
  weft_flow_net_t kept[WEFT_CHARGES], apart[WEFT_CHARGES];
  weft_stage_t stage[2] = {{.conv = true, .shape = shapes[2]}, {.conv = true, .shape = shapes[2], .follows = true}};
  stage[1].shape.C = 16;       /* reads what the first makes: 16 channels of 4 x 4 */
  for (int k = 0; k < WEFT_CHARGES; k++) kept[k] = apart[k] = (weft_flow_net_t){.layer = layer[k], .events = events[k]};
  assert_true(weft_flow_net(WEFT_FLOW_WS, &f, stage, 2, false, kept));
  const uint64_t once = (uint64_t)(4 * 4 * 16), weights = 16 * 32 + 16 * 16 + 2 * 16 * 16;
  for (int k = 0; k < WEFT_CHARGES; k++) {
    assert_int_equal(events[k][0].n[WEFT_EV_DRAM_WR], 0);
    assert_int_equal(events[k][1].n[WEFT_EV_DRAM_WR], once);
    assert_int_equal(events[k][0].n[WEFT_EV_DRAM_RD] + events[k][1].n[WEFT_EV_DRAM_RD], 4 * 4 * 32 + weights);
  }
  /* An operator between them that moves nothing changes nothing. */
  const weft_stage_t reshaped[3] = {stage[0], {.alias = true, .follows = true, .in_bytes = once, .out_bytes = once}, stage[1]};
  weft_flow_net_t with[WEFT_CHARGES];
  memcpy(with, kept, sizeof with);
  assert_true(weft_flow_net(WEFT_FLOW_WS, &f, reshaped, 3, false, with));
  for (int k = 0; k < WEFT_CHARGES; k++) {
    assert_true(with[k].total.total > kept[k].total.total * 0.999999 && with[k].total.total < kept[k].total.total * 1.000001);
    assert_int_equal(events[k][0].n[WEFT_EV_DRAM_WR] + weft_events_dram(&events[k][1]), 0);
  }
  stage[1].follows = false;
  assert_true(weft_flow_net(WEFT_FLOW_WS, &f, stage, 2, false, apart));
  for (int k = 0; k < WEFT_CHARGES; k++) {
    assert_int_equal(events[k][0].n[WEFT_EV_DRAM_WR], once);
    assert_int_equal(events[k][0].n[WEFT_EV_DRAM_RD] + events[k][1].n[WEFT_EV_DRAM_RD], 4 * 4 * 32 + weights + once);
    assert_true(apart[k].total.total > kept[k].total.total);
    double sum = 0;
    for (int l = 0; l < WEFT_LEVELS; l++) sum += apart[k].total.level[l];
    assert_true(sum > apart[k].total.total * 0.999999 && sum < apart[k].total.total * 1.000001);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(loops), cmocka_unit_test(row_stationary), cmocka_unit_test(tiles), cmocka_unit_test(search), cmocka_unit_test(chain)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
