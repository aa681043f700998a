/* SPDX-License-Identifier: Apache-2.0
 *
 * The `weft` program: what its verbs share.
 *
 * Exit codes: 0 fine, 1 a mismatch or a device error, 2 usage or bad input (one line on standard error, nothing written).
 */
#ifndef WEFT_CLI_H
#define WEFT_CLI_H

#include <stdio.h>

#include "api/handles.h"
#include "compiler/timing.h"
#include "golden.h"

enum { CLI_OK = 0, CLI_MISMATCH = 1, CLI_USAGE = 2 };
enum { CLI_MAX_FILES = 32 };
#define CLI_FMNIST_DIR "/usr/share/datasets/fashion-mnist"

typedef struct {
  const char *net[CLI_MAX_FILES], *input[CLI_MAX_FILES], *output[CLI_MAX_FILES];
  int nnet, ninput, noutput;
  const weft_config_t *cfg;
  const char *target, *trace, *output_dir, *fmnist_dir, *report, *file, *models, *csv, *timeline;
  unsigned long long seed;     /* 0: no random stalls; inputs are drawn from seed 1 then */
  int latency, fmnist, n, batch, jobs, most;
  bool check, json, verbose_performance, show_cpu, speed, list, quick, layers;
} cli_t;

/* Options that a verb accepts: letters of cli_parse()'s table in options.c. */
typedef struct {
  const char *name, *options, *usage, *text;
  int (*run)(const cli_t *c);
} cli_verb_t;

int cli_parse(const cli_verb_t *v, int argc, char **argv, cli_t *c);   /* CLI_OK, CLI_USAGE, or -1: help was printed */
int cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));   /* prints "weft: ...", returns CLI_USAGE */

int cmd_run(const cli_t *c);
int cmd_compile(const cli_t *c);
int cmd_info(const cli_t *c);
int cmd_disasm(const cli_t *c);
int cmd_random(const cli_t *c);
int cmd_zoo(const cli_t *c);
int cmd_bench(const cli_t *c);
int cmd_energy(const cli_t *c);
int cmd_timing(const cli_t *c);

/* ---- one network being run (cmd_run.c) */
typedef struct {
  const char *path, *file;     /* file: name without folders */
  weft_net_t *net;
  weft_plan_t *plan;           /* one job a layer */
  weft_plan_t *fused;          /* consecutive layers in one job; NULL unless several images run */
  weft_graph_t *g;             /* what stands in net and plan */
  weft_program_t *p;
  weft_golden_t golden;
  void *arena;                 /* the golden model's memory */
  bool classifies;             /* with --fmnist: its output is 10 classes */
  int mismatches;              /* tensors' bytes and counters that differ */
  uint64_t counter_fails;
} cli_net_t;

/* Compares every produced tensor with the golden model's; prints at most ten lines for all calls with the same net. Returns the
 * number of layers that differ; verdict[layer], when given, says which. */
int check_tensors(cli_net_t *net, weft_run_t *r, bool *verdict, weft_msg_t *m, int *err);
/* Runs the same program on the machine model with the same inputs and compares the exact counters of every job. */
/* Only the network's outputs and variables, after a run that keeps nothing else. */
int check_outputs(cli_net_t *net, weft_run_t *r, weft_msg_t *m, int *err);
int check_counters(cli_net_t *net, weft_run_t *r, weft_msg_t *m, int *err);

/* ---- tables (table.c) */
/* Sums the counters of the jobs that hold only this layer (an LSTM has one for each step); false when there is none. */
bool layer_counters(const weft_program_t *p, int layer, uint64_t (*counter)[WEFT_COUNTERS], uint64_t sum[WEFT_COUNTERS]);
/* counter: of each segment, NULL: what the timing model says; verdict: equal or not, NULL: not compared. */
void table_layers(FILE *f, const cli_net_t *net, const weft_program_t *p, const weft_timing_t *t, uint64_t (*counter)[WEFT_COUNTERS], const bool *verdict);
/* Shares of the time: by operator, and how long each engine was busy (only the RTL knows). counter: [nseg], one job a layer. */
void table_time(FILE *f, const weft_graph_t *g, const weft_program_t *p, uint64_t (*counter)[WEFT_COUNTERS]);
/* One line: the share of `cycles` in which each engine was busy; they overlap. Nothing when no engine was. */
void table_engines(FILE *f, const char *what, uint64_t cycles, const uint64_t busy[WEFT_ENGINES]);
void table_csv(FILE *f, const weft_graph_t *g, const weft_program_t *p, const weft_timing_t *t);
void table_cpu(FILE *f, const weft_graph_t *g, const weft_program_t *p);
void json_text(FILE *f, const char *s);
uint64_t dram_bytes(const weft_config_t *c, const uint64_t k[WEFT_COUNTERS]);
uint64_t buffer_bytes(const uint64_t k[WEFT_COUNTERS]);
double peak_macs(const weft_config_t *c);      /* per cycle */
uint64_t program_macs(const weft_program_t *p);
int program_cpu_ops(const weft_program_t *p);

/* ---- inputs and outputs (inout.c) */
/* spec: FILE.npy, FILE.bin or random:SEED; fills to (the tensor's bytes). */
int load_input(const char *spec, const weft_tensor_t *t, void *to, weft_msg_t *m);
void random_input(unsigned long long seed, const weft_tensor_t *t, void *to);
int save_output(const char *path, const weft_tensor_t *t, const void *from, weft_msg_t *m);

/* ---- Fashion-MNIST (fmnist.c) */
typedef struct { int n; uint8_t *image, *label; } fmnist_t;    /* n images of 28x28, the test set's first */
int fmnist_load(const char *dir, int n, fmnist_t *s, weft_msg_t *m);
void fmnist_quantise(const uint8_t *image, const weft_tensor_t *t, int8_t *to);
void fmnist_free(fmnist_t *s);

/* ---- progress on a terminal (progress.c) */
typedef struct { bool on; double start, shown; const char *what; } progress_t;
void progress_begin(progress_t *p, const char *what);
void progress_step(progress_t *p, double done);     /* 0..1 */
void progress_end(progress_t *p);
double seconds_now(void);

#endif
