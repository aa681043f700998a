/* SPDX-License-Identifier: Apache-2.0
 *
 * What the bench found, as tables (Markdown, readable as they are) and as CSV.
 */
#include <inttypes.h>
#include <math.h>

#include "bench.h"

typedef struct { char text[48]; } text_t;

/* 1234567 as 1,234,567 */
static text_t number(double v)
{
  text_t t = {""};
  char plain[32];
  int n = snprintf(plain, sizeof plain, "%.0f", v), k = 0;
  for (int i = 0; i < n; i++) {
    if (i && (n - i) % 3 == 0) t.text[k++] = ',';
    t.text[k++] = plain[i];
  }
  return t;
}

static text_t real(const char *format, double v)
{
  text_t t = {""};
  snprintf(t.text, sizeof t.text, format, v);
  return t;
}

static const weft_config_t *config(const bench_row_t *row) { return weft_config_find(row->config); }
static bool timed(const bench_result_t *r) { return r->state == BENCH_DONE && r->counter[WEFT_CNT_CYCLES] > 0; }
static double cycles(const bench_result_t *r) { return (double)r->counter[WEFT_CNT_CYCLES]; }
static double off_by(const bench_result_t *r) { return 100 * ((double)r->estimate / cycles(r) - 1); }      /* of the timing model, per cent */
static double utilisation(const bench_row_t *row, const bench_result_t *r) { return (double)r->macs / cycles(r) / peak_macs(config(row)); }
static double roofline(const bench_row_t *row, const bench_result_t *r) { return bench_roofline(config(row), r->macs, &r->bytes); }
static double moved(const bench_row_t *row, const bench_result_t *r) { return (double)dram_bytes(config(row), r->counter); }
static double least(const bench_result_t *r) { return (double)(r->bytes.weights + r->bytes.biases + r->bytes.input + r->bytes.output); }
static double speed(const bench_result_t *r) { return r->seconds > 0 ? (double)r->macs / r->seconds : 0; }

static text_t name(const bench_row_t *row)
{
  text_t t;
  snprintf(t.text, sizeof t.text, row->batch > 1 ? "%.40s x%d" : "%.40s", row->network, row->batch);
  return t;
}

static bench_met_t level(bool must, bool aim, double has_aim) { return has_aim > 0 && aim ? MET_AIM : must ? MET_MUST : MET_NO; }

bench_met_t bench_met(const bench_row_t *row, const bench_result_t *r)
{
  if (!timed(r)) return MET_NOTHING;
  const double u = utilisation(row, r), c = cycles(r);
  switch (row->bar) {
  case BAR_UTILISATION: return level(u >= row->must, u >= row->aim, row->aim);
  case BAR_CYCLES: return level(c <= row->must, c <= row->aim, row->aim);
  case BAR_TRACE: return level(u > row->must, u > row->must && roofline(row, r) / c >= row->aim, row->aim);
  case BAR_SPEED: return level(speed(r) >= row->must, speed(r) >= row->aim, row->aim);
  default: return MET_NOTHING;
  }
}

bool bench_estimated(const bench_result_t *r, bool *within)
{
  *within = timed(r) && fabs(off_by(r)) <= 5;
  return timed(r);
}

bench_met_t bench_met_dram(const bench_row_t *row, const bench_result_t *r)
{
  if (r->state != BENCH_DONE || row->dram_bar == BAR_NONE) return MET_NOTHING;
  const double v = row->dram_bar == BAR_BYTES ? moved(row, r) : moved(row, r) / least(r);
  return level(v <= row->dram_must, v <= row->dram_aim, row->dram_aim);
}

static const char *met_text(bench_met_t m)
{
  static const char *const text[] = {"-", "no", "must", "aim"};
  return text[m];
}

static text_t bar_text(bench_bar_t bar, double v, bool aim)
{
  if (v <= 0) return real("-", 0);
  switch (bar) {
  case BAR_UTILISATION: return real("%.2f", v);
  case BAR_CYCLES: case BAR_BYTES: case BAR_SPEED: return number(v);
  case BAR_TRACE: return aim ? real("%.1f of limit", v) : real("> %.3f", v);
  case BAR_RATIO: return real("%.2f", v);
  default: return real("-", 0);
  }
}

static text_t checked(const bench_result_t *r)
{
  text_t t;
  if (r->state == BENCH_SKIPPED) snprintf(t.text, sizeof t.text, "SKIPPED");
  else if (r->state == BENCH_FAILED) snprintf(t.text, sizeof t.text, "FAILED");
  else snprintf(t.text, sizeof t.text, r->layers_checked ? "yes, every layer" : "yes, outputs");
  return t;
}

void bench_line(FILE *f, const bench_row_t *row, const bench_result_t *r)
{
  fprintf(f, "%-30s %-8s ", name(row).text, row->config);
  if (r->state != BENCH_DONE) fprintf(f, "%s: %s\n", checked(r).text, r->why);
  else if (timed(r))
    fprintf(f, "%12s cycles (model %+.1f %%), utilisation %.3f, %.2f x limit, DRAM %s bytes, %.0f s\n", number(cycles(r)).text, off_by(r), utilisation(row, r),
            cycles(r) / roofline(row, r), number(moved(row, r)).text, r->seconds);
  else fprintf(f, "DRAM %s bytes (machine model)\n", number(moved(row, r)).text);
  fflush(f);
}

static void speed_table(FILE *f, const bench_row_t *row, const bench_result_t *r, int n)
{
  fprintf(f, "\n## Cycles\n"
             "| network | configuration | cycles | utilisation | must | aim | met | limit, cycles | x limit | checked | estimate off by | published |\n"
             "|---|---|---:|---:|---:|---:|---|---:|---:|---|---:|---|\n");
  for (int i = 0; i < n; i++) {
    if (strcmp(row[i].target, "rtl") || row[i].bar == BAR_SPEED) continue;
    fprintf(f, "| %s | %s ", name(&row[i]).text, row[i].config);
    if (timed(&r[i])) fprintf(f, "| %s | %.3f ", number(cycles(&r[i])).text, utilisation(&row[i], &r[i]));
    else fprintf(f, "| - | - ");
    fprintf(f, "| %s | %s | %s ", bar_text(row[i].bar, row[i].must, false).text, bar_text(row[i].bar, row[i].aim, true).text,
            met_text(bench_met(&row[i], &r[i])));
    if (timed(&r[i])) fprintf(f, "| %s | %.2f ", number(roofline(&row[i], &r[i])).text, cycles(&r[i]) / roofline(&row[i], &r[i]));
    else fprintf(f, "| - | - ");
    fprintf(f, "| %s ", checked(&r[i]).text);
    if (timed(&r[i])) fprintf(f, "| %+.1f %% ", off_by(&r[i]));
    else fprintf(f, "| - ");
    fprintf(f, "| %s |\n", row[i].published);
  }
}

static void dram_table(FILE *f, const bench_row_t *row, const bench_result_t *r, int n)
{
  fprintf(f, "\n## DRAM bytes\n| network | configuration | counted by | bytes | weights, biases, input, output | ratio | must | aim | met | published |\n"
             "|---|---|---|---:|---:|---:|---:|---:|---|---|\n");
  for (int i = 0; i < n; i++) {
    if (row[i].bar == BAR_SPEED) continue;
    fprintf(f, "| %s | %s | %s ", name(&row[i]).text, row[i].config, !strcmp(row[i].target, "rtl") ? "RTL" : "machine model");
    if (r[i].state == BENCH_DONE)
      fprintf(f, "| %s | %s | %.2f ", number(moved(&row[i], &r[i])).text, number(least(&r[i])).text, moved(&row[i], &r[i]) / least(&r[i]));
    else fprintf(f, "| %s | - | - ", checked(&r[i]).text);
    fprintf(f, "| %s | %s | %s | %s |\n", bar_text(row[i].dram_bar, row[i].dram_must, false).text,
            bar_text(row[i].dram_bar, row[i].dram_aim, true).text, met_text(bench_met_dram(&row[i], &r[i])),
            row[i].dram_bar == BAR_BYTES ? row[i].published : "");
  }
}

static void loss_table(FILE *f, const bench_row_t *row, const bench_result_t *r, int n)
{
  fprintf(f, "\n## Where the cycles went\n"
             "| network | configuration | useful | mapping | ifmap | filters | output | fill, drain | LOAD | VECTOR | STORE | none |\n"
             "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
  for (int i = 0; i < n; i++) {
    if (!timed(&r[i]) || row[i].bar == BAR_SPEED) continue;
    const bench_loss_t l = bench_loss(config(&row[i]), r[i].macs, r[i].counter, r[i].looks);
    const double share[] = {l.useful, l.mapping, l.ifmap, l.filter, l.output, l.array, l.load, l.vector, l.store, l.idle};
    fprintf(f, "| %s | %s ", name(&row[i]).text, row[i].config);
    for (size_t j = 0; j < sizeof share / sizeof share[0]; j++) fprintf(f, "| %.1f %% ", 100 * share[j]);
    fprintf(f, "|\n");
  }
}

/* The same, as cycles that add up from the ideal machine to the measured one. */
static void steps_table(FILE *f, const bench_row_t *row, const bench_result_t *r, int n)
{
  fprintf(f, "\n## Step by step from ideal to measured, cycles\n"
             "| network | configuration | MACs / peak | mapping | networks | output | fill, drain | DRAM | lanes | stores, none: measured | limit |\n"
             "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
  for (int i = 0; i < n; i++) {
    if (!timed(&r[i]) || row[i].bar == BAR_SPEED) continue;
    const bench_loss_t l = bench_loss(config(&row[i]), r[i].macs, r[i].counter, r[i].looks);
    const double step[] = {l.useful, l.mapping, l.ifmap + l.filter, l.output, l.array, l.load, l.vector, l.store + l.idle};
    double share = 0;
    fprintf(f, "| %s | %s ", name(&row[i]).text, row[i].config);
    for (size_t j = 0; j < sizeof step / sizeof step[0]; j++) fprintf(f, "| %s ", number(cycles(&r[i]) * (share += step[j])).text);
    fprintf(f, "| %s |\n", number(roofline(&row[i], &r[i])).text);
  }
}

static void tools_table(FILE *f, const bench_row_t *row, const bench_result_t *r, int n)
{
  fprintf(f, "\n## Speed of the tools\n| network | configuration | compiled in, s | simulated MAC/s, one thread | must | met | cycles/s | checked |\n"
             "|---|---|---:|---:|---:|---|---:|---|\n");
  for (int i = 0; i < n; i++) {
    if (strcmp(row[i].target, "rtl") || (row[i].bar != BAR_SPEED && !(timed(&r[i]) && r[i].seconds >= 1))) continue;
    const bool bar = row[i].bar == BAR_SPEED;
    fprintf(f, "| %s | %s ", name(&row[i]).text, row[i].config);
    if (timed(&r[i])) fprintf(f, "| %.1f | %s ", r[i].compile_seconds, number(speed(&r[i])).text);
    else fprintf(f, "| - | - ");
    fprintf(f, "| %s | %s ", bar ? number(row[i].must).text : "-", bar ? met_text(bench_met(&row[i], &r[i])) : "-");
    if (timed(&r[i])) fprintf(f, "| %s ", number(cycles(&r[i]) / r[i].seconds).text);
    else fprintf(f, "| - ");
    fprintf(f, "| %s |\n", checked(&r[i]).text);
  }
}

void bench_tables(FILE *f, const bench_row_t *row, const bench_result_t *r, int n)
{
  speed_table(f, row, r, n);
  loss_table(f, row, r, n);
  steps_table(f, row, r, n);
  dram_table(f, row, r, n);
  tools_table(f, row, r, n);
  bool heading = false;
  for (int i = 0; i < n; i++) {
    if (r[i].state == BENCH_DONE && !r[i].cpu_ops) continue;
    if (!heading) fprintf(f, "\n## Notes\n");
    heading = true;
    if (r[i].state != BENCH_DONE) fprintf(f, "- %s on %s: %s: %s.\n", name(&row[i]).text, row[i].config, checked(&r[i]).text, r[i].why);
    else
      fprintf(f, "- %s on %s: %d operators run on the CPU; their time is not in the cycles.\n", name(&row[i]).text, row[i].config, r[i].cpu_ops);
  }
}

void bench_csv(FILE *f, const bench_row_t *row, const bench_result_t *r, int n)
{
  static const char *const state[] = {"SKIPPED", "FAILED", "DONE"};
  fprintf(f, "network,config,batch,target,state,macs,utilisation,met,limit_cycles,estimate_cycles,dram_bytes,dram_met,weights,biases,tables,"
             "input,output,layers,cpu_ops,layers_checked,seconds,compile_seconds,looks_load,looks_vector,looks_store,looks_none");
  for (int k = 0; k < WEFT_COUNTERS; k++) fprintf(f, ",%s", weft_counter_name[k]);
  fprintf(f, "\n");
  for (int i = 0; i < n; i++) {
    const bench_result_t *x = &r[i];
    fprintf(f, "%s,%s,%d,%s,%s", row[i].network, row[i].config, row[i].batch, row[i].target, state[x->state]);
    fprintf(f, ",%" PRIu64 ",%.4f,%s,%.0f,%" PRIu64 ",%.0f,%s", x->macs, timed(x) ? utilisation(&row[i], x) : 0, met_text(bench_met(&row[i], x)),
            x->state == BENCH_DONE ? roofline(&row[i], x) : 0, x->estimate, moved(&row[i], x), met_text(bench_met_dram(&row[i], x)));
    const uint64_t least_of[] = {x->bytes.weights, x->bytes.biases, x->bytes.tables, x->bytes.input, x->bytes.output};
    for (int k = 0; k < 5; k++) fprintf(f, ",%" PRIu64, least_of[k]);
    fprintf(f, ",%d,%d,%d,%.2f,%.2f", x->layers, x->cpu_ops, x->layers_checked, x->seconds, x->compile_seconds);
    for (int e = 0; e <= WEFT_ENGINES; e++)
      if (e != WEFT_ENG_ARRAY) fprintf(f, ",%.1f", x->looks[e]);
    for (int k = 0; k < WEFT_COUNTERS; k++) fprintf(f, ",%" PRIu64, x->counter[k]);
    fprintf(f, "\n");
  }
}
