/* SPDX-License-Identifier: Apache-2.0
 *
 * The search across layers: whatever it may choose is right to the byte, what it chooses is never slower by the model of time than no choice at all, and
 * is the same every time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "compiler/randnet.h"
#include "compiler/run.h"
#include "compiler/search.h"
#include "compiler/timing.h"
#include "golden.h"
#include "rand.h"

enum { MACS = 100000 };

static void ok(int err, const weft_msg_t *m)
{
  if (err) fail_msg("%s", m->msg);
}

static int configs(void)
{
  int n = 0;
  while (weft_configs[n].name) n++;
  return n;
}

static weft_program_t *chosen(const weft_graph_t *g, const weft_config_t *cfg, const weft_choice_t *choice, bool keep_all)
{
  weft_plan_memo_t plans = {0};
  weft_program_t *p = NULL;
  weft_msg_t m = {""};
  ok(weft_compile_chosen(g, cfg, &(weft_compile_opts_t){.keep_all = keep_all}, &(weft_chosen_t){choice, &plans, false}, &p, &m), &m);
  weft_plan_memo_free(&plans);
  return p;
}

static weft_program_t *searched(const weft_graph_t *g, const weft_config_t *cfg)
{
  weft_program_t *p = NULL;
  weft_msg_t m = {""};
  ok(weft_compile(g, cfg, &(weft_compile_opts_t){.keep_all = false}, &p, &m), &m);
  return p;
}

static uint64_t cycles(const weft_program_t *p)
{
  weft_timing_t t;
  weft_msg_t m = {""};
  ok(weft_timing(p, WEFT_TIMING_LATENCY, &t, &m), &m);
  const uint64_t n = t.cycles;
  weft_timing_free(&t);
  return n;
}

/* The program on the machine model equals the golden operators. */
static void check(const weft_graph_t *g, const weft_program_t *p, uint64_t seed)
{
  weft_msg_t m = {""};
  weft_target_t *t;
  weft_run_t r;
  weft_golden_t gold;
  const size_t size = weft_golden_arena_size(g);
  void *arena = malloc(size);
  ok(weft_golden_init(&gold, g, arena, size, &m), &m);
  ok(weft_target_open("model", p->cfg, &(weft_target_opts_t){.dram_bytes = weft_run_dram_bytes(p)}, &t, &m), &m);
  ok(weft_run_open(&r, g, p, t, 0, &m), &m);
  for (int i = 0; i < g->nin; i++) {
    const int x = g->in[i];
    weft_random_bytes(seed + (uint64_t)i, gold.data[x], g->tensor[x].elements * weft_dtype_size(g->tensor[x].type));
    ok(weft_run_input(&r, i, gold.data[x], &m), &m);
  }
  ok(weft_golden_run(g, &gold, &m), &m);
  ok(weft_run_infer(&r, &m), &m);
  for (int i = 0; i < g->nout; i++) {
    const int y = g->out[i];
    const size_t bytes = g->tensor[y].elements * weft_dtype_size(g->tensor[y].type);
    int8_t *got = malloc(bytes + 1);
    ok(weft_run_tensor(&r, y, got, &m), &m);
    if (memcmp(got, gold.data[y], bytes)) fail_msg("seed %llu on %s: output %d differs", (unsigned long long)seed, p->cfg->name, i);
    free(got);
  }
  weft_run_close(&r);
  weft_target_close(t);
  free(arena);
}

/* Random choices for every layer of random networks: not only those that a search would take. */
static void any_choice_is_right(void **state)
{
  (void)state;
  enum { NETWORKS = 600 };
  int compiled = 0, differs = 0;
  for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
    const weft_config_t *cfg = &weft_configs[seed % (uint64_t)configs()];
    weft_msg_t m = {""};
    weft_graph_t *g;
    rand_t r = {seed};
    ok(weft_random_net(5000 + seed, MACS, &g, &m), &m);
    weft_choice_t *choice = calloc((size_t)g->nops + 1, sizeof *choice), *none = calloc((size_t)g->nops + 1, sizeof *none);
    for (int i = 0; i < g->nops; i++)
      choice[i] = (weft_choice_t){.aim = (uint8_t)rand_in(&r, 0, WEFT_CONV_PLANS - 1), .stays = (uint8_t)rand_in(&r, 0, 2), .join = (uint8_t)rand_in(&r, 0, 2),
                                  .fresh = (uint8_t)rand_in(&r, 0, 1), .side = (uint8_t)rand_in(&r, 0, 1), .tables = (uint8_t)rand_in(&r, 0, 2),
                                  .cut = (uint8_t)rand_in(&r, 0, 4)};
    weft_plan_memo_t plans = {0};
    weft_program_t *p = NULL;
    const int err = weft_compile_chosen(g, cfg, &(weft_compile_opts_t){.keep_all = seed % 4 == 0}, &(weft_chosen_t){choice, &plans, false}, &p, &m);
    weft_plan_memo_free(&plans);
    if (!err) {                  /* a choice may leave too little room; the search passes over it */
      weft_program_t *q = chosen(g, cfg, none, seed % 4 == 0);
      differs += p->ncmd != q->ncmd || memcmp(p->cmd, q->cmd, (size_t)p->ncmd * WEFT_CMD_BYTES);
      check(g, p, seed);
      weft_program_free(q);
      compiled++;
    }
    weft_program_free(p);
    weft_graph_free(g);
    free(choice);
    free(none);
  }
  assert_true(compiled > NETWORKS * 9 / 10);
  assert_true(differs > NETWORKS / 4);
}

/* Never slower, the same bytes each time, and right. *gained: cycles. */
static void compare(const weft_graph_t *g, const weft_config_t *cfg, uint64_t seed, uint64_t *gained)
{
  weft_choice_t *none = calloc((size_t)g->nops + 1, sizeof *none);
  weft_program_t *plain = chosen(g, cfg, none, false), *a = searched(g, cfg), *b = searched(g, cfg);
  const uint64_t before = cycles(plain), after = cycles(a);
  if (after > before) fail_msg("seed %llu on %s: %llu cycles without the search, %llu with it", (unsigned long long)seed, cfg->name, (unsigned long long)before, (unsigned long long)after);
  *gained += before - after;
  assert_int_equal(a->ncmd, b->ncmd);
  assert_memory_equal(a->cmd, b->cmd, (size_t)a->ncmd * WEFT_CMD_BYTES);
  assert_int_equal(a->nkonst, b->nkonst);
  if (a->nkonst) assert_memory_equal(a->konst, b->konst, a->nkonst);
  int layers[2] = {0, 0};
  for (int i = 0; i < a->nlayer; i++) {
    layers[0] += plain->layer[i].npu;
    layers[1] += a->layer[i].npu;
  }
  assert_int_equal(layers[0], layers[1]);
  check(g, a, seed);
  weft_program_free(plain);
  weft_program_free(a);
  weft_program_free(b);
  free(none);
}

static void search_of_random_networks(void **state)
{
  (void)state;
  enum { NETWORKS = 300 };
  uint64_t gained = 0;
  for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
    weft_msg_t m = {""};
    weft_graph_t *g;
    ok(weft_random_net(9000 + seed, MACS, &g, &m), &m);
    compare(g, &weft_configs[seed % (uint64_t)configs()], seed, &gained);
    weft_graph_free(g);
  }
  assert_true(gained > 0);
}

static void search_of_shipped_networks(void **state)
{
  (void)state;
  static const char *const net[] = {"tests/networks/fmnist_resnet.tflite", "tests/networks/fmnist_dscnn.tflite", "tests/networks/fmnist_transformer.tflite",
                                    "tests/networks/fmnist_unet.tflite"};
  for (size_t i = 0; i < sizeof net / sizeof net[0]; i++) {
    weft_msg_t m = {""};
    weft_graph_t *g;
    uint64_t gained = 0;
    ok(weft_import_file(net[i], &g, &m), &m);
    compare(g, weft_config_find("weft672"), i, &gained);
    compare(g, weft_config_find("weft144"), i, &gained);
    if (!gained) fail_msg("%s: the search finds nothing", net[i]);
    weft_graph_free(g);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(any_choice_is_right), cmocka_unit_test(search_of_random_networks), cmocka_unit_test(search_of_shipped_networks)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
