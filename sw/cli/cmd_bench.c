/* SPDX-License-Identifier: Apache-2.0
 *
 * weft bench: measures the networks of bench.def on the RTL and writes tables, a page and a CSV file.
 *
 * Exit code 1 when an output differs or a device fails. A bar that is not met is a figure, not an error.
 */
#include <stdlib.h>

#include "bench.h"

static const bench_row_t rows[] = {
#define B(network, config, batch, target, quick, bar, must, aim, dram_bar, dram_must, dram_aim, published) \
  {network, #config, batch, #target, quick, BAR_##bar, must, aim, BAR_##dram_bar, dram_must, dram_aim, published},
#include "bench.def"
#undef B
};
enum { ROWS = sizeof rows / sizeof rows[0], DEFAULT_JOBS = 2 };

static const char page[] =
  "# Performance\n"
  "Generated: `%s` prints these tables and writes this page and `build/bench.csv`. `make bench QUICK=1` leaves out what takes minutes; `make bench LAYERS=1` adds a table\n"
  "of layers for every network.\n\n"
  "Cycles are those of the Verilated RTL from the first doorbell to the last done, with everything in them that is on the device, DRAM reads of %d cycles latency, batch 1 unless\n"
  "the name says otherwise. In the same run the outputs are compared with the golden model; networks that run in seconds run a second time, one job a layer, and\n"
  "every tensor is compared. Networks are those of `weft zoo` (random weights: no speed here depends on values) or, with a file's name, trained ones of MLPerf Tiny.\n\n"
  "- *utilisation*: MACs / (cycles x peak); MACs count padding taps, not the zeros that fill lanes.\n"
  "- *limit*: max(MACs / peak, (weights + biases + tables + input + output) / bus): a bias is 4 bytes, tables are 5 bytes of multiplier and shift a channel.\n"
  "- *met*: which of must and aim. *estimate off by*: the compiler's timing model (docs/design.md, section 20) against the measured cycles.\n"
  "- *useful* to *none* sum to 100 %%: multipliers at work (the utilisation); multipliers that the mapping leaves idle while the array issues; the sequencer waiting for\n"
  "  window words, for a filter bank, for room for results; a command in the array that neither issues nor waits (fill, drain, gaps between passes); and no command in\n"
  "  the array while LOAD (DRAM), VECTOR, STORE or none of them (start, fetch) is at work. All are counters but the last four: their sum is counted, its parts are samples of\n"
  "  STATUS, shared where several engines work.\n"
  "- *Step by step*: cycles with all losses up to that one, left to right: the array always at work on its best multipliers, as mapped, waiting for packets of filters and ifmap, for room\n"
  "  for results, between commands, for LOAD, for VECTOR, for the rest. The last is what was measured.\n"
  "- *published*: Eyeriss v1 (JSSC 2017; 168 MAC/cycle of 16 bits, measured, batch 4 and 3), Eyeriss v2 (JETCAS 2019; 384 MAC/cycle, skips zeros, 128 bytes/cycle of DRAM), NVDLA\n"
  "  nv_small (64 MAC/cycle, measured in Verilator), Ethos-U55-256 (an estimate of Vela 5.2): utilisation unless a unit is given.\n";

typedef struct {
  bench_row_t row[ROWS];
  bench_result_t *r;
  int n, done, wanted;
} state_t;

static void told(void *ctx, int i)
{
  state_t *s = ctx;
  printf("[%d/%d] ", ++s->done, s->wanted);
  bench_line(stdout, &s->row[i], &s->r[i]);
}

static int write_page(const char *path, bool quick, const state_t *s)
{
  FILE *f = fopen(path, "w");
  if (!f) return cli_error("%s: cannot write", path);
  fprintf(f, page, quick ? "make bench QUICK=1" : "make bench", 32);
  bench_tables(f, s->row, s->r, s->n);
  return fclose(f) ? cli_error("%s: cannot write", path) : CLI_OK;
}

static int write_csv(const char *path, const state_t *s)
{
  FILE *f = fopen(path, "w");
  if (!f) return cli_error("%s: cannot write", path);
  bench_csv(f, s->row, s->r, s->n);
  return fclose(f) ? cli_error("%s: cannot write", path) : CLI_OK;
}

static int known_names(const cli_t *c)
{
  for (int i = 0; i < c->nnet; i++) {
    bool known = false;
    for (int k = 0; k < ROWS; k++) known |= !strcmp(c->net[i], rows[k].network);
    if (!known) return cli_error("bench has no network '%s'; sw/cli/bench.def lists them", c->net[i]);
  }
  return CLI_OK;
}

/* The rows of the networks on the command line, all without any. */
static int choose(const cli_t *c, bench_row_t row[ROWS])
{
  int n = 0;
  for (int i = 0; i < ROWS; i++) {
    bool chosen = c->nnet == 0;
    for (int k = 0; k < c->nnet; k++) chosen |= !strcmp(c->net[k], rows[i].network);
    if (chosen) row[n++] = rows[i];
  }
  return n;
}

static int summary(const state_t *s, bool quick)
{
  int failed = 0, met = 0, bars = 0, skipped = 0, estimates = 0, close = 0;
  for (int i = 0; i < s->n; i++) {
    const bench_result_t *r = &s->r[i];
    const bench_met_t m[2] = {bench_met(&s->row[i], r), bench_met_dram(&s->row[i], r)};
    failed += r->state == BENCH_FAILED;
    bool within;
    estimates += bench_estimated(r, &within);
    close += within;
    skipped += r->state == BENCH_SKIPPED;
    bars += (s->row[i].bar != BAR_NONE) + (s->row[i].dram_bar != BAR_NONE);      /* one that could not be judged is not met */
    for (int k = 0; k < 2; k++) met += m[k] >= MET_MUST;
  }
  printf("\nbench%s: %d of %d bars met, estimate within 5 %% on %d of %d networks, %d networks failed, %d skipped\n", quick ? " QUICK" : "", met, bars,
         close, estimates, failed, skipped);
  return failed ? CLI_MISMATCH : CLI_OK;
}

int cmd_bench(const cli_t *c)
{
  int code = known_names(c);
  state_t s = {.r = code ? NULL : calloc(ROWS, sizeof *s.r)};
  if (!s.r) return code ? code : cli_error("out of memory");
  bool wanted[ROWS];
  s.n = choose(c, s.row);
  for (int i = 0; i < s.n; i++) {
    wanted[i] = s.row[i].quick || !c->quick;
    s.wanted += wanted[i];
    if (!wanted[i]) snprintf(s.r[i].why, sizeof s.r[i].why, "left out of the quick run");
  }
  bench_opts_t o = {.models = c->models, .layers = c->layers};
  if (bench_pool(s.row, s.n, c->jobs ? c->jobs : DEFAULT_JOBS, wanted, &o, s.r, told, &s)) code = cli_error("cannot start a process");
  if (!code) {
    bench_tables(stdout, s.row, s.r, s.n);
    if (c->file) code = write_page(c->file, c->quick, &s);
    if (!code && c->csv) code = write_csv(c->csv, &s);
    if (!code) code = summary(&s, c->quick);
  }
  free(s.r);
  return code;
}
