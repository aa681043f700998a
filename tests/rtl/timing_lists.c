/* SPDX-License-Identifier: Apache-2.0
 *
 * The timing model against the Verilated RTL on random command lists: corners that no compiled network has, engines at their closest.
 *
 * usage: timing_lists CONFIG N SEED [MOST [OPS]]     seeds SEED..SEED+N-1; MOST: per cent that the lists together and the mean of single ones may
 * be off (default 5); OPS: operations of a list between its first LOADs and its last STOREs, 1: nothing else runs beside one (default 3 to 12)
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler/timing.h"
#include "driver/target.h"
#include "randlist.h"

enum { TICKS_PER_COMMAND = 200000, SHOWN = 5 };

/* Cycles of a list on the RTL; 0: it did not end well. */
static uint64_t measure(const weft_config_t *cfg, const randlist_t *l)
{
  weft_target_opts_t opts = {.dram_bytes = l->dram_bytes, .latency = WEFT_TIMING_LATENCY};
  weft_target_t *t;
  weft_dev_t d;
  weft_msg_t m;
  uint64_t counter[WEFT_COUNTERS] = {0};
  if (weft_target_open("rtl", cfg, &opts, &t, &m) < 0) {
    printf("%s\n", m.msg);
    return 0;
  }
  weft_io_t io = weft_target_io(t);
  int e = weft_dev_open(&d, &io) || io.mem_write(io.ctx, 0, l->dram, l->dram_bytes);
  for (int r = 0; r < WEFT_REGIONS && !e; r++)
    if (l->region[r].bytes) e = weft_dev_region(&d, r, l->region[r].base, l->region[r].bytes);
  if (!e) e = weft_dev_start(&d, l->cmd_offset, l->count);
  if (!e) e = weft_dev_wait(&d, weft_dev_deadline(&d, (uint64_t)TICKS_PER_COMMAND * l->count));
  if (!e) weft_dev_counters(&d, counter);
  weft_target_close(t);
  return e ? 0 : counter[WEFT_CNT_CYCLES];
}

int main(int argc, char **argv)
{
  const weft_config_t *cfg = argc >= 4 ? weft_config_find(argv[1]) : NULL;
  if (!cfg) {
    fprintf(stderr, "usage: timing_lists CONFIG N SEED [MOST [OPS]]\n");
    return 2;
  }
  const long n = atol(argv[2]);
  const unsigned first = (unsigned)atol(argv[3]);
  const double most = argc > 4 ? atof(argv[4]) : 5;
  const randlist_opts_t opts = {.ops = argc > 5 ? atoi(argv[5]) : 0};
  uint64_t rtl = 0, model = 0;
  double sum = 0, worst[SHOWN] = {0};
  unsigned at[SHOWN] = {0};
  for (long i = 0; i < n; i++) {
    const unsigned seed = first + (unsigned)i;
    randlist_t l;
    weft_job_time_t t;
    weft_msg_t m = {""};
    uint32_t base[WEFT_REGIONS];
    if (randlist_make(cfg, seed, &opts, &l)) return 2;
    for (int r = 0; r < WEFT_REGIONS; r++) base[r] = l.region[r].base;
    weft_interval_t *command = malloc(((size_t)l.count + 1) * sizeof *command);
    if (!command) return 2;
    const uint64_t cycles = measure(cfg, &l);
    if (!cycles || weft_timing_list(cfg, l.list, l.count, base, WEFT_TIMING_LATENCY, command, &t, &m)) {
      printf("FAIL %s seed %u: %s\n", cfg->name, seed, *m.msg ? m.msg : "the RTL did not complete it");
      return 1;
    }
    rtl += cycles;
    model += t.cycles;
    const double off = 100 * ((double)t.cycles / (double)cycles - 1);
    sum += fabs(off);
    for (int k = 0; k < SHOWN; k++)
      if (fabs(off) > fabs(worst[k])) {
        for (int s = SHOWN - 1; s > k; s--) worst[s] = worst[s - 1], at[s] = at[s - 1];
        worst[k] = off;
        at[k] = seed;
        break;
      }
    free(command);
    randlist_free(&l);
  }
  const double all = 100 * ((double)model / (double)rtl - 1);
  printf("%s: %ld random lists, SEED=%u: %" PRIu64 " cycles on the RTL, %" PRIu64 " by the model, %+.2f %%; a single list is off by %.2f %% in the mean, at most", cfg->name, n,
         first, rtl, model, all, sum / (double)n);
  for (int k = 0; k < SHOWN && k < n; k++) printf("%s %+.1f %% (seed %u)", k ? "," : "", worst[k], at[k]);
  printf("\n");
  const bool fine = fabs(all) <= most && sum / (double)n <= most;
  printf("%s\n", fine ? "1 passed, 0 failed" : "0 passed, 1 failed");
  return !fine;
}
