/* SPDX-License-Identifier: Apache-2.0
 *
 * The timing model keeps to the rules of command lists and to what the bus can move; how near it comes to the RTL is for tests/rtl/timing_lists
 * and `weft timing`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/handles.h"
#include "compiler/schedule.h"
#include "randlist.h"

enum { LISTS = 40, MOST = 512, SLOW = 90 };

static void pack(const weft_cmd_t *c, uint32_t *rec) { assert_null(weft_cmd_pack(c, rec)); }

static weft_cmd_t dma(int opcode, int64_t elems, int64_t elem_bytes, int64_t n0, int64_t stride)
{
  weft_cmd_t c;
  memset(&c, 0, sizeof c);
  c.dma.opcode = opcode;
  c.dma.elem_bytes = elem_bytes;
  c.dma.elems = elems;
  c.dma.n0 = n0;
  c.dma.n1 = 1;
  c.dma.dram_s0 = stride;
  c.dma.buf_se = 1;
  c.dma.region = 2;
  return c;
}

static uint64_t alone(const weft_config_t *cfg, const weft_cmd_t *c, int latency)
{
  const uint32_t base[WEFT_REGIONS] = {4096, 8192, 16384};
  uint32_t rec[WEFT_CMD_WORDS];
  weft_interval_t at;
  weft_job_time_t t;
  weft_msg_t m = {""};
  pack(c, rec);
  assert_int_equal(weft_timing_list(cfg, rec, 1, base, latency, &at, &t, &m), WEFT_OK);
  assert_true(at.start < at.end && at.end < t.cycles);
  return t.cycles;
}

/* What is contiguous moves a beat a cycle; a DRAM that answers later is waited for once for the record and once for the data; runs of one beat
 * come at the pace of the reads that are under way at once. */
static void dma_alone(void **state)
{
  (void)state;
  for (const weft_config_t *cfg = weft_configs; cfg->name; cfg++) {
    for (int op = WEFT_CMD_LOAD; op <= WEFT_CMD_STORE; op++) {
      const weft_cmd_t small = dma(op, 64, 16, 1, 0), large = dma(op, 128, 16, 1, 0);
      const uint64_t beats = 64 * 16 / (uint64_t)cfg->bus_bytes, more = alone(cfg, &large, 32) - alone(cfg, &small, 32);
      assert_in_range(more, beats, beats + 1);                   /* a bit more in the count of elements */
      assert_int_equal(alone(cfg, &small, SLOW) - alone(cfg, &small, 32), (SLOW - 32) * (op == WEFT_CMD_LOAD ? 2 : 1));
    }
    const weft_cmd_t few = dma(WEFT_CMD_LOAD, 1, 4, 100, 256), many = dma(WEFT_CMD_LOAD, 1, 4, 200, 256);
    const uint64_t runs = alone(cfg, &many, 32) - alone(cfg, &few, 32), slow = alone(cfg, &many, SLOW) - alone(cfg, &few, SLOW);
    assert_true(runs > 200 && runs < 250 && slow > 2 * runs);
  }
}

/* Commands start in order, after those that they wait for, and end before the job does; later DRAM makes nothing quicker by much. */
static void lists_keep_to_their_waits(void **state)
{
  static weft_interval_t at[MOST], again[MOST];
  (void)state;
  for (const weft_config_t *cfg = weft_configs; cfg->name; cfg++)
    for (unsigned seed = 1; seed <= LISTS; seed++) {
      randlist_t l;
      uint32_t base[WEFT_REGIONS], done[WEFT_ENGINES][MOST], n[WEFT_ENGINES] = {0};
      weft_job_time_t t, slow;
      weft_msg_t m = {""};
      assert_int_equal(randlist_make(cfg, seed, NULL, &l), 0);
      assert_true(l.count <= MOST);
      for (int r = 0; r < WEFT_REGIONS; r++) base[r] = l.region[r].base;
      assert_int_equal(weft_timing_list(cfg, l.list, l.count, base, 32, at, &t, &m), WEFT_OK);
      for (uint32_t i = 0; i < l.count; i++) {
        weft_cmd_t c;
        assert_int_equal(weft_cmd_unpack(l.list + (size_t)i * WEFT_CMD_WORDS, &c), WEFT_ERR_NONE);
        const int64_t wait[WEFT_ENGINES] = {c.hdr.wait_load, c.hdr.wait_array, c.hdr.wait_vector, c.hdr.wait_store};
        const int e = weft_engine_of((int)c.hdr.opcode);
        assert_true(at[i].start < at[i].end && at[i].end < t.cycles);
        if (n[e]) assert_true(at[i].start > at[done[e][n[e] - 1]].start && at[i].end > at[done[e][n[e] - 1]].end);
        for (int f = 0; f < WEFT_ENGINES; f++)
          if (c.hdr.wait_en >> f & 1 && wait[f] > 0 && wait[f] <= n[f]) assert_true(at[i].start > at[done[f][wait[f] - 1]].end);
        done[e][n[e]++] = i;
      }
      for (int e = 0; e < WEFT_ENGINES; e++) assert_true(t.busy[e] <= t.cycles && (t.busy[e] > 0) == (n[e] > 0));
      assert_int_equal(weft_timing_list(cfg, l.list, l.count, base, SLOW, again, &slow, &m), WEFT_OK);
      assert_true((double)slow.cycles > 0.98 * (double)t.cycles);
      assert_int_equal(weft_timing_list(cfg, l.list, l.count, base, 32, again, &slow, &m), WEFT_OK);
      assert_memory_equal(at, again, l.count * sizeof *at);      /* nothing is left from list to list */
      randlist_free(&l);
    }
}

static void a_list_that_waits_for_itself(void **state)
{
  (void)state;
  const weft_config_t *cfg = weft_config_find("tiny");
  const uint32_t base[WEFT_REGIONS] = {4096, 8192, 16384};
  weft_cmd_t c[2] = {dma(WEFT_CMD_LOAD, 4, 16, 1, 0), dma(WEFT_CMD_STORE, 4, 16, 1, 0)};
  uint32_t rec[2 * WEFT_CMD_WORDS];
  weft_interval_t at[2];
  weft_job_time_t t;
  weft_msg_t m = {""};
  c[0].hdr.wait_en = 1 << WEFT_ENG_STORE;
  c[0].hdr.wait_store = 1;
  pack(&c[0], rec);
  pack(&c[1], rec + WEFT_CMD_WORDS);
  assert_int_equal(weft_timing_list(cfg, rec, 2, base, 32, at, &t, &m), WEFT_OK);       /* an odd list, but it ends */
  assert_true(at[0].start > at[1].end);
  c[1].hdr.wait_en = 1 << WEFT_ENG_LOAD;
  c[1].hdr.wait_load = 1;
  pack(&c[1], rec + WEFT_CMD_WORDS);
  assert_int_equal(weft_timing_list(cfg, rec, 2, base, 32, at, &t, &m), WEFT_E_INTERNAL);
  assert_non_null(strstr(m.msg, "waits"));
}

/* Layers add up to the program, with overlapping layers less than with a job each; steps of an LSTM count as often as they run. */
static void programs(void **state)
{
  static const char *const file[] = {"tests/networks/fmnist_resnet.tflite", "tests/networks/fmnist_lstm.tflite"};
  (void)state;
  for (size_t i = 0; i < sizeof file / sizeof file[0]; i++) {
    weft_msg_t m = {""};
    weft_net_t *net;
    weft_plan_t *fused, *apart;
    weft_plan_info_t info;
    assert_int_equal(weft_net_load(file[i], &net, &m), WEFT_OK);
    assert_int_equal(weft_plan_make(net, "weft256", 0, &fused, &m), WEFT_OK);
    assert_int_equal(weft_plan_make(net, "weft256", WEFT_PLAN_PER_LAYER, &apart, &m), WEFT_OK);
    uint64_t sum = 0, end = 0, jobs = 0;
    for (int k = 0; k < fused->p->nlayer; k++) {
      sum += weft_timing_layer(&fused->time, k);
      if (fused->time.layer[k].end > end) end = fused->time.layer[k].end;
    }
    for (int s = 0; s < fused->p->nseg; s++) jobs += fused->p->seg[s].npu;
    assert_int_equal(sum, end);
    assert_in_range(fused->time.cycles - end, 1, 3 * jobs);      /* from the last completion to DONE */
    assert_true(fused->time.cycles < apart->time.cycles);
    assert_int_equal(weft_plan_info(fused, &info, &m), WEFT_OK);
    assert_int_equal(info.cycles, fused->time.cycles);
    weft_plan_free(fused);
    weft_plan_free(apart);
    weft_net_free(net);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(dma_alone), cmocka_unit_test(lists_keep_to_their_waits), cmocka_unit_test(a_list_that_waits_for_itself),
                                     cmocka_unit_test(programs)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
