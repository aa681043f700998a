/* SPDX-License-Identifier: Apache-2.0
 *
 * One row of the bench: a network through compiler and device, its bytes against the golden model's, its cycles against what they could be.
 *
 * Speed is measured with the plan that a user gets (layers fused into jobs, tensors sharing memory), so only outputs can be compared
 * there; networks that run in seconds, and all with --layers, run a second time with one job a layer and every tensor compared.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "probe.h"
#include "zoo/zoo.h"

enum { LOOKS = 20000, SEED = 1, LATENCY = WEFT_TIMING_LATENCY, REQUANT_BYTES = 5 };
#define CHEAP 100000000        /* MACs up to which every layer is compared */

/* Weights and constant operands; biases of 4 bytes; a multiplier of 4 and a shift of 1 byte for each channel. */
bench_bytes_t bench_least_bytes(const weft_graph_t *g)
{
  bench_bytes_t b = {0};
  for (int i = 0; i < g->nops; i++) {
    const weft_op_t *op = &g->op[i];
    for (int k = 0; k < op->nin; k++) {
      const weft_tensor_t *t = op->in[k] >= 0 ? &g->tensor[op->in[k]] : NULL;
      if (!t || !t->data) continue;
      if (t->type == WEFT_I8) b.weights += t->elements;
      else if (t->type == WEFT_I32 && t->nscale) b.biases += 4 * t->elements, b.tables += REQUANT_BYTES * t->elements;
    }
  }
  for (int i = 0; i < g->nin; i++) b.input += g->tensor[g->in[i]].elements * weft_dtype_size(g->tensor[g->in[i]].type);
  for (int i = 0; i < g->nout; i++) b.output += g->tensor[g->out[i]].elements * weft_dtype_size(g->tensor[g->out[i]].type);
  return b;
}

double bench_roofline(const weft_config_t *c, uint64_t macs, const bench_bytes_t *b)
{
  double compute = (double)macs / peak_macs(c), bus = (double)(b->weights + b->biases + b->tables + b->input + b->output) / c->bus_bytes;
  return compute > bus ? compute : bus;
}

/* The sequencer either issues, waits for exactly one thing, or does neither (fill, drain, gaps between passes). The time without a command in
 * the array is known exactly; what went on meanwhile is estimated from the looks. */
bench_loss_t bench_loss(const weft_config_t *c, uint64_t macs, const uint64_t k[WEFT_COUNTERS], const double looks[WEFT_ENGINES + 1])
{
  double all = (double)k[WEFT_CNT_CYCLES], issue = (double)k[WEFT_CNT_ISSUE] / all, busy = (double)k[WEFT_CNT_BUSY_ARRAY] / all;
  bench_loss_t l = {.useful = (double)macs / peak_macs(c) / all, .ifmap = (double)k[WEFT_CNT_STALL_IFMAP] / all,
                    .filter = (double)k[WEFT_CNT_STALL_FILTER] / all, .output = (double)k[WEFT_CNT_STALL_OUT] / all};
  l.mapping = issue - l.useful;
  l.array = busy - issue - l.ifmap - l.filter - l.output;
  double all_looks = 0;
  for (int e = 0; e <= WEFT_ENGINES; e++) all_looks += looks[e];
  const double each = all_looks > 0 ? (1 - busy) / all_looks : 0;
  l.load = looks[WEFT_ENG_LOAD] * each;
  l.vector = looks[WEFT_ENG_VECTOR] * each;
  l.store = looks[WEFT_ENG_STORE] * each;
  l.idle = 1 - busy - l.load - l.vector - l.store;
  return l;
}

typedef struct {
  const bench_row_t *row;
  const bench_opts_t *o;
  bench_result_t *r;
  cli_net_t net;
  weft_device_t *device;
  probe_t probe;
  bool probed;
  double (*looks)[WEFT_ENGINES + 1];   /* of the job that runs */
} work_t;

/* What the other engines do while the array has no command. */
static void look(void *ctx)
{
  const work_t *w = ctx;
  const uint32_t status = probe_read(&w->probe, WEFT_REG_STATUS);
  int busy = 0;
  if (probe_busy(status, WEFT_ENG_ARRAY)) return;
  for (int e = 0; e < WEFT_ENGINES; e++) busy += probe_busy(status, e);
  for (int e = 0; e < WEFT_ENGINES; e++)
    if (probe_busy(status, e)) (*w->looks)[e] += 1.0 / busy;
  if (!busy) (*w->looks)[WEFT_ENGINES]++;
}

/* Jobs start one after another; looks[segment] takes theirs, or looks[0] of all when there is but one. */
typedef struct { work_t *w; double (*looks)[WEFT_ENGINES + 1]; bool apart; } on_job_t;
static bool on_job(void *ctx, int segment)
{
  const on_job_t *j = ctx;
  j->w->looks = j->looks + (j->apart ? segment : 0);
  j->w->probe.look = look;
  return true;
}

static void close_device(work_t *w)
{
  if (w->probed) probe_detach(&w->probe, w->device);
  w->probed = false;
  weft_device_close(w->device);
  w->device = NULL;
}

static int load(work_t *w, weft_msg_t *m)
{
  const char *name = w->row->network, *dot = strrchr(name, '.');
  if (!dot || strcmp(dot, ".tflite")) {
    void *bytes;
    size_t size;
    int err = weft_zoo_make(name, SEED, w->row->batch, &bytes, &size, m);
    if (!err) err = weft_net_load_bytes(bytes, size, &w->net.net, m);
    free(bytes);
    return err;
  }
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", w->o->models, name);
  if (!access(path, R_OK)) return weft_net_load(path, &w->net.net, m);
  w->r->state = BENCH_SKIPPED;
  return weft_fail(m, WEFT_E_FILE, "%s is not there", path);
}

static int golden(work_t *w, weft_msg_t *m)
{
  cli_net_t *n = &w->net;
  size_t size = weft_golden_arena_size(n->g);
  if (size == SIZE_MAX || !(n->arena = malloc(size))) return weft_fail(m, WEFT_E_MEMORY, "no memory for the tensors");
  int err = weft_golden_init(&n->golden, n->g, n->arena, size, m);
  for (int i = 0; i < n->g->nin && !err; i++) random_input(SEED + (unsigned)i, &n->g->tensor[n->g->in[i]], n->golden.data[n->g->in[i]]);
  if (!err) weft_golden_reset(n->g, &n->golden);
  return err ? err : weft_golden_run(n->g, &n->golden, m);
}

/* One inference on the open device; the session stays open for the comparison. */
static int infer(work_t *w, weft_plan_t *plan, weft_session_t **s, double (*looks)[WEFT_ENGINES + 1], bool apart, double *seconds,
                 weft_msg_t *m)
{
  cli_net_t *n = &w->net;
  weft_device_opts_t o = {.dram_bytes = weft_run_dram_bytes(plan->p), .latency = LATENCY};
  int err = weft_device_open(w->row->target, w->row->config, &o, &w->device, m);
  if (!err) {
    uint64_t cycles = 0;
    for (int i = 0; i < plan->p->nlayer; i++) cycles += plan->p->layer[i].cycles;
    w->probe = (probe_t){.ctx = w};
    probe_attach(&w->probe, w->device, cycles, LOOKS);
    w->probed = true;
    err = weft_session_open(w->device, plan, s, m);
  }
  for (int i = 0; i < n->g->nin && !err; i++) {
    const weft_tensor_t *t = &n->g->tensor[n->g->in[i]];
    err = weft_session_write(*s, i, n->golden.data[n->g->in[i]], t->elements * weft_dtype_size(t->type), m);
  }
  on_job_t j = {w, looks, apart};
  if (!err) {
    (*s)->run.progress = on_job;
    (*s)->run.progress_ctx = &j;
  }
  clock_t start = clock();
  if (!err) err = weft_session_run(*s, m);
  *seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  return err;
}

static int compare_outputs(work_t *w, weft_session_t *s, weft_msg_t *m)
{
  const weft_graph_t *g = w->net.g;
  for (int i = 0; i < g->nout; i++) {
    const weft_tensor_t *t = &g->tensor[g->out[i]];
    size_t bytes = t->elements * weft_dtype_size(t->type), k = 0;
    uint8_t *got = malloc(bytes);
    const uint8_t *want = w->net.golden.data[g->out[i]];
    int err = got ? weft_session_read(s, i, got, bytes, m) : weft_fail(m, WEFT_E_MEMORY, "out of memory");
    while (!err && k < bytes && got[k] == want[k]) k++;
    if (!err && k < bytes)
      err = weft_fail(m, WEFT_E_DEVICE, "output %d differs from the golden model from byte %zu on: %d instead of %d", i, k, got[k], want[k]);
    free(got);
    if (err) return err;
  }
  return WEFT_OK;
}

static int measure(work_t *w, weft_msg_t *m)
{
  bench_result_t *r = w->r;
  weft_session_t *s = NULL;
  clock_t start = clock();
  int err = weft_plan_make(w->net.net, w->row->config, 0, &w->net.fused, m);
  r->compile_seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  if (err) return err;
  const weft_program_t *p = w->net.fused->p;
  r->macs = program_macs(p);
  r->cpu_ops = program_cpu_ops(p);
  r->layers = p->nlayer;
  r->bytes = bench_least_bytes(w->net.g);
  r->estimate = w->net.fused->time.cycles;
  err = infer(w, w->net.fused, &s, &r->looks, false, &r->seconds, m);
  if (!err) err = compare_outputs(w, s, m);
  for (int k = 0; k < WEFT_COUNTERS && !err; k++) r->counter[k] = weft_run_sum(&s->run, k);
  weft_session_close(s);
  close_device(w);
  return err;
}

/* Where each layer's cycles went, one job each: here jobs do not overlap, so they add up to more than the network's. */
static void table(FILE *f, const work_t *w, uint64_t (*counter)[WEFT_COUNTERS], double (*looks)[WEFT_ENGINES + 1])
{
  const weft_program_t *p = w->net.plan->p;
  fprintf(f, "%s on %s, one job a layer\n", w->row->network, w->row->config);
  fprintf(f, "  # operator          cycles    useful mapping  ifmap filters output  array   LOAD  VECTOR STORE   none  mapping\n");
  for (int i = 0; i < p->nlayer; i++) {
    uint64_t k[WEFT_COUNTERS];
    if (!layer_counters(p, i, counter, k) || !k[WEFT_CNT_CYCLES]) continue;
    double of[WEFT_ENGINES + 1] = {0};
    for (int j = 0; j < p->nseg; j++)
      for (int e = 0; e <= WEFT_ENGINES && p->seg[j].layer == i; e++) of[e] += looks[j][e];
    bench_loss_t l = bench_loss(p->cfg, p->layer[i].macs, k, of);
    fprintf(f, "%3d %-17s %-9" PRIu64, i, weft_op_name(w->net.g->op[p->layer[i].op].code), k[WEFT_CNT_CYCLES]);
    const double share[] = {l.useful, l.mapping, l.ifmap, l.filter, l.output, l.array, l.load, l.vector, l.store, l.idle};
    for (size_t j = 0; j < sizeof share / sizeof share[0]; j++) fprintf(f, " %5.1f %%", 100 * share[j]);
    fprintf(f, "  %s %s\n", p->layer[i].shape, p->layer[i].mapping);
  }
}

static int by_layer(work_t *w, weft_msg_t *m)
{
  weft_session_t *s = NULL;
  double seconds, (*looks)[WEFT_ENGINES + 1] = NULL;
  int err = weft_plan_make(w->net.net, w->row->config, WEFT_PLAN_KEEP_ALL | WEFT_PLAN_PER_LAYER, &w->net.plan, m);
  if (!err && !(looks = calloc((size_t)w->net.plan->p->nseg + 1, sizeof *looks))) err = weft_fail(m, WEFT_E_MEMORY, "out of memory");
  if (!err) err = infer(w, w->net.plan, &s, looks, true, &seconds, m);
  if (!err && check_tensors(&w->net, &s->run, NULL, m, &err) && !err) err = weft_fail(m, WEFT_E_DEVICE, "layers differ from the golden model");
  if (!err) w->r->layers_checked = w->net.plan->p->nlayer;
  char *text = NULL;
  size_t size = 0;
  FILE *f = !err && w->o->layers ? open_memstream(&text, &size) : NULL;
  if (f) {
    table(f, w, s->run.counter, looks);
    fclose(f);
    fwrite(text, 1, size, stdout);       /* at once, since rows run beside each other */
    fflush(stdout);
    free(text);
  }
  weft_session_close(s);
  close_device(w);
  free(looks);
  return err;
}

void bench_measure(const bench_row_t *row, const bench_opts_t *o, bench_result_t *r)
{
  weft_msg_t m = {""};
  work_t w = {.row = row, .o = o, .r = r, .net = {.path = row->network, .file = row->network}};
  bool rtl = !strcmp(row->target, "rtl");
  *r = (bench_result_t){.state = BENCH_FAILED};
  int err = load(&w, &m);
  if (!err) w.net.g = w.net.net->g;
  if (!err) err = golden(&w, &m);
  if (!err) err = measure(&w, &m);
  if (!err && rtl && (o->layers || r->macs <= CHEAP)) err = by_layer(&w, &m);
  if (!err) r->state = BENCH_DONE;
  else snprintf(r->why, sizeof r->why, "%.199s", m.msg);
  weft_plan_free(w.net.fused);
  weft_plan_free(w.net.plan);
  weft_net_free(w.net.net);
  free(w.net.arena);
}
