/* SPDX-License-Identifier: Apache-2.0
 *
 * weft bench: rows, results and who makes what of them.
 */
#ifndef WEFT_CLI_BENCH_H
#define WEFT_CLI_BENCH_H

#include "cli.h"

typedef enum { BAR_NONE, BAR_UTILISATION, BAR_CYCLES, BAR_TRACE, BAR_SPEED, BAR_BYTES, BAR_RATIO } bench_bar_t;

typedef struct {
  const char *network, *config;
  int batch;
  const char *target;
  bool quick;
  bench_bar_t bar;
  double must, aim;            /* 0: none */
  bench_bar_t dram_bar;
  double dram_must, dram_aim;
  const char *published;
} bench_row_t;

/* Least bytes that any machine has to move: each once. */
typedef struct { uint64_t weights, biases, tables, input, output; } bench_bytes_t;

typedef enum { BENCH_SKIPPED, BENCH_FAILED, BENCH_DONE } bench_state_t;
/* Plain data: a result travels through a pipe. */
typedef struct {
  bench_state_t state;
  char why[200];               /* SKIPPED, FAILED */
  uint64_t macs, estimate;     /* estimate: cycles that the compiler expects */
  uint64_t counter[WEFT_COUNTERS];
  bench_bytes_t bytes;
  double seconds;              /* of processor time for the inference alone */
  int layers, cpu_ops, layers_checked;
} bench_result_t;

typedef struct {
  const char *models;          /* folder of the files */
  bool layers;                 /* a table of layers for every network */
} bench_opts_t;

/* What of all cycles: the shares sum to 1. */
typedef struct { double useful, mapping, ifmap, filter, output, array, idle; } bench_loss_t;

/* ---- bench_measure.c: one row, in a process of its own */
void bench_measure(const bench_row_t *row, const bench_opts_t *o, bench_result_t *r);
bench_bytes_t bench_least_bytes(const weft_graph_t *g);
/* cycles as the counters say; macs: useful ones. */
bench_loss_t bench_loss(const weft_config_t *c, uint64_t macs, const uint64_t k[WEFT_COUNTERS]);
double bench_roofline(const weft_config_t *c, uint64_t macs, const bench_bytes_t *b);      /* cycles */

/* ---- bench_pool.c: results of n rows in parallel; told(ctx, i) after each. */
int bench_pool(const bench_row_t *row, int n, int jobs, const bool *wanted, const bench_opts_t *o, bench_result_t *result, void (*told)(void *ctx, int i),
               void *ctx);

/* ---- bench_report.c */
typedef enum { MET_NOTHING, MET_NO, MET_MUST, MET_AIM } bench_met_t;      /* NOTHING: there is no bar, or no figure */
bench_met_t bench_met(const bench_row_t *row, const bench_result_t *r);
bench_met_t bench_met_dram(const bench_row_t *row, const bench_result_t *r);
void bench_line(FILE *f, const bench_row_t *row, const bench_result_t *r);                 /* while it runs */
void bench_tables(FILE *f, const bench_row_t *row, const bench_result_t *r, int n);
void bench_csv(FILE *f, const bench_row_t *row, const bench_result_t *r, int n);

#endif
