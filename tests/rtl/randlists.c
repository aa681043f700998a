/* SPDX-License-Identifier: Apache-2.0
 *
 * Random valid command lists on the Verilated RTL and on the machine model: DRAM, status and exact counters must be equal.
 *
 * usage: randlists CONFIG N SEED     seeds SEED..SEED+N-1; memory latency and stalls are drawn from the seed too
 * A failure prints the seed, and what differs; `randlists CONFIG 1 <seed>` replays it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "driver/target.h"
#include "randlist.h"
#include "validate.h"

enum { SHOWN = 10, TICKS_PER_COMMAND = 200000 };

typedef struct { uint8_t *dram; uint64_t counter[WEFT_COUNTERS]; int result; char hang[700]; } outcome_t;

static int run(const char *kind, const weft_config_t *cfg, const randlist_t *l, unsigned seed, outcome_t *o)
{
  /* Every third seed has a memory without stalls, where the engines run closest together. */
  weft_target_opts_t opts = {.dram_bytes = l->dram_bytes, .seed = seed % 3 ? seed : 0, .latency = 1 + (int)(seed * 7 % 60)};
  weft_target_t *t;
  weft_dev_t d;
  weft_msg_t m;
  int e = weft_target_open(kind, cfg, &opts, &t, &m);
  if (e < 0) {
    printf("%s: %s\n", kind, m.msg);
    return e;
  }
  weft_io_t io = weft_target_io(t);
  if (!(e = weft_dev_open(&d, &io)) && !(e = io.mem_write(io.ctx, 0, l->dram, l->dram_bytes))) {
    for (int r = 0; r < WEFT_REGIONS && !e; r++)
      if (l->region[r].bytes) e = weft_dev_region(&d, r, l->region[r].base, l->region[r].bytes);
    if (!e) e = weft_dev_start(&d, l->cmd_offset, l->count);
    if (!e) {
      o->result = weft_dev_wait(&d, weft_dev_deadline(&d, (uint64_t)TICKS_PER_COMMAND * l->count));
      if (o->result == WEFT_DRV_E_TIMEOUT || o->result == WEFT_DRV_E_IO) snprintf(o->hang, sizeof o->hang, "%s", weft_target_diagnosis(t));
      if (o->result == WEFT_DRV_E_DEVICE) {
        weft_dev_error_t err;
        weft_dev_error(&d, &err);
        snprintf(o->hang, sizeof o->hang, "error '%s', engine %d, command %u, address 0x%x", weft_error_text(err.code), err.engine,
                 err.command, err.addr);
      }
      weft_dev_counters(&d, o->counter);
      e = io.mem_read(io.ctx, 0, o->dram, l->dram_bytes);
    }
  }
  weft_target_close(t);
  return e;
}

/* Number of differences, the first ten printed. */
static int compare(const randlist_t *l, const outcome_t *rtl, const outcome_t *model)
{
  int bad = 0;
  if (rtl->result != model->result) {
    printf("  result: RTL %d %s, model %d %s\n", rtl->result, rtl->hang, model->result, model->hang);
    return 1;
  }
  if (model->result) {
    printf("  both ended with %d: %s\n", model->result, model->hang);
    return 1;
  }
  for (size_t i = 0; i < l->dram_bytes; i++)
    if (rtl->dram[i] != model->dram[i] && bad++ < SHOWN) printf("  DRAM 0x%zx: RTL 0x%02x, model 0x%02x\n", i, rtl->dram[i], model->dram[i]);
  for (int i = 0; i < WEFT_COUNTERS; i++)
    if (weft_counter_exact[i] && rtl->counter[i] != model->counter[i] && bad++ < SHOWN)
      printf("  counter %s: RTL %" PRIu64 ", model %" PRIu64 "\n", weft_counter_name[i], rtl->counter[i], model->counter[i]);
  return bad;
}

int main(int argc, char **argv)
{
  const weft_config_t *cfg = argc == 4 ? weft_config_find(argv[1]) : NULL;
  if (!cfg) {
    fprintf(stderr, "usage: randlists CONFIG N SEED\n");
    return 2;
  }
  long n = atol(argv[2]), failed = 0;
  unsigned first = (unsigned)atol(argv[3]);
  uint64_t cycles = 0;
  for (long i = 0; i < n; i++) {
    unsigned seed = first + (unsigned)i;
    randlist_t l;
    outcome_t rtl = {0}, model = {0};
    if (randlist_make(cfg, seed, NULL, &l)) return 2;
    rtl.dram = malloc(l.dram_bytes);
    model.dram = malloc(l.dram_bytes);
    if (!rtl.dram || !model.dram) return 2;
    int bad = run("model", cfg, &l, seed, &model) || run("rtl", cfg, &l, seed, &rtl);
    if (!bad) bad = compare(&l, &rtl, &model);
    cycles += rtl.counter[WEFT_CNT_CYCLES];
    if (bad) {
      failed++;
      printf("FAIL %s seed %u: %u commands, %d differences; replay: %s %s 1 %u\n", cfg->name, seed, l.count, bad, argv[0], cfg->name, seed);
    }
    free(rtl.dram);
    free(model.dram);
    randlist_free(&l);
    if (isatty(1)) printf("\r%ld of %ld\033[K%s", i + 1, n, i + 1 == n ? "\r\033[K" : ""), fflush(stdout);
  }
  printf("%s: random lists, SEED=%u, %" PRIu64 " cycles simulated\n%ld passed, %ld failed, 0 skipped\n", cfg->name, first, cycles,
         n - failed, failed);
  return failed != 0;
}
