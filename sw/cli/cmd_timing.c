/* SPDX-License-Identifier: Apache-2.0
 *
 * weft timing: how well the timing model (sw/compiler/timing.h) predicts the RTL, network by network and layer by layer.
 *
 * Speed does not depend on values, so inputs are random and results are not looked at (that is `weft run --check`). When a layer ends on the
 * RTL is seen by looking at the engines' completed counts every few cycles; the network's cycles are its counter's.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "cli.h"
#include "compiler/schedule.h"
#include "compiler/timing.h"
#include "probe.h"

enum { LOOKS = 20000, SEED = 1 };

typedef struct {
  probe_t probe;
  const weft_program_t *p;
  uint32_t *layer[WEFT_ENGINES], n[WEFT_ENGINES], done[WEFT_ENGINES];   /* of the job's commands of each engine */
  uint64_t *end;                     /* of each layer, the jobs one after the other; 0: none */
  uint64_t before, begun, now;       /* cycles of the jobs before; at the job's start, at the last look */
  bool failed;
} watch_t;

static void look(void *ctx)
{
  static const unsigned done[WEFT_ENGINES] = {WEFT_REG_DONE_LOAD, WEFT_REG_DONE_ARRAY, WEFT_REG_DONE_VECTOR, WEFT_REG_DONE_STORE};
  watch_t *w = ctx;
  w->now = probe_now(&w->probe);
  for (int e = 0; e < WEFT_ENGINES; e++) {
    const uint16_t count = (uint16_t)(probe_read(&w->probe, done[e]) - w->done[e]);
    for (uint16_t i = 0; i < count && w->done[e] < w->n[e]; i++) w->end[w->layer[e][w->done[e]++]] = w->before + w->now - w->begun;
  }
}

static void free_lists(watch_t *w)
{
  for (int e = 0; e < WEFT_ENGINES; e++) {
    free(w->layer[e]);
    w->layer[e] = NULL;
    w->n[e] = w->done[e] = 0;
  }
}

static bool job(void *ctx, int seg)
{
  watch_t *w = ctx;
  const weft_segment_t *s = &w->p->seg[seg];
  if (!s->npu) return true;
  free_lists(w);
  for (int e = 0; e < WEFT_ENGINES; e++)
    if (!(w->layer[e] = malloc(((size_t)s->count + 1) * sizeof *w->layer[e]))) return w->failed = true, false;
  for (uint32_t i = s->first; i < s->first + s->count; i++) {
    const uint32_t word = w->p->cmd[(size_t)i * WEFT_CMD_WORDS];
    const int e = weft_engine_of((int)(word & 0xff));
    w->layer[e][w->n[e]++] = word >> 16;
  }
  w->before += w->now - w->begun;
  w->begun = w->now = probe_now(&w->probe);
  w->probe.look = look;
  return true;
}

/* One inference on the RTL. */
static int measure(weft_plan_t *plan, const weft_device_opts_t *o, const weft_timing_t *t, watch_t *w, uint64_t *cycles, weft_msg_t *m)
{
  const weft_graph_t *g = plan->net->g;
  weft_device_t *device;
  weft_session_t *s = NULL;
  int err = weft_device_open("rtl", plan->p->cfg->name, o, &device, m);
  if (err) return err;
  w->probe.ctx = w;
  probe_attach(&w->probe, device, t->cycles, LOOKS);
  err = weft_session_open(device, plan, &s, m);
  for (int i = 0; i < g->nin && !err; i++) {
    const weft_tensor_t *x = &g->tensor[g->in[i]];
    const size_t bytes = x->elements * weft_dtype_size(x->type);
    void *values = malloc(bytes + 1);
    if (values) random_input(SEED + (unsigned)i, x, values);
    err = values ? weft_session_write(s, i, values, bytes, m) : weft_fail(m, WEFT_E_MEMORY, "out of memory");
    free(values);
  }
  if (!err) {
    s->run.progress = job;
    s->run.progress_ctx = w;
    err = weft_session_run(s, m);
  }
  if (w->failed) err = weft_fail(m, WEFT_E_MEMORY, "out of memory");
  if (!err) *cycles = weft_run_sum(&s->run, WEFT_CNT_CYCLES);
  weft_session_close(s);
  probe_detach(&w->probe, device);
  weft_device_close(device);
  return err;
}

static double off(double model, double rtl) { return rtl > 0 ? 100 * (model / rtl - 1) : 0; }

/* What each layer adds: from the end of all before it to its own. */
static void layers(const weft_plan_t *plan, const watch_t *w, const weft_timing_t *t)
{
  const weft_program_t *p = plan->p;
  uint64_t before = 0;
  printf("  # operator              end, RTL  end, model    off    adds, RTL    model  mapping\n");
  for (int i = 0; i < p->nlayer; i++) {
    if (!w->end[i] && !t->layer[i].end) continue;
    const uint64_t adds = w->end[i] > before ? w->end[i] - before : 0;
    printf("%3d %-19s %10" PRIu64 "  %10" PRIu64 " %+6.1f %%  %10" PRIu64 " %8" PRIu64 "  %s\n", i, weft_op_name(plan->net->g->op[p->layer[i].op].code), w->end[i],
           t->layer[i].end, off((double)t->layer[i].end, (double)w->end[i]), adds, weft_timing_layer(t, i), p->layer[i].mapping);
    if (w->end[i] > before) before = w->end[i];
  }
}

/* One network: its line, and its layers. *error: per cent. */
static int network(const cli_t *c, const char *path, double *error)
{
  weft_msg_t m = {""};
  weft_net_t *net = NULL;
  weft_plan_t *plan = NULL;
  weft_timing_t t = {0};
  watch_t w = {0};
  uint64_t cycles = 0;
  int code = CLI_USAGE, err = weft_net_load(path, &net, &m);
  if (!err) err = weft_plan_make(net, c->cfg->name, 0, &plan, &m);
  if (!err) {
    const int latency = c->latency ? c->latency : WEFT_TIMING_LATENCY;
    const weft_device_opts_t o = {.dram_bytes = weft_run_dram_bytes(plan->p), .latency = latency};
    code = CLI_MISMATCH;
    w.p = plan->p;
    w.end = calloc((size_t)plan->p->nlayer + 1, sizeof *w.end);
    const double start = seconds_now();
    err = w.end ? weft_timing(plan->p, latency, &t, &m) : weft_fail(&m, WEFT_E_MEMORY, "out of memory");
    const double took = seconds_now() - start;
    if (!err) err = measure(plan, &o, &t, &w, &cycles, &m);
    if (!err) {
      const char *slash = strrchr(path, '/');
      *error = off((double)t.cycles, (double)cycles);
      printf("%-32s %-8s %12" PRIu64 " cycles on the RTL, %12" PRIu64 " by the model in %.1f ms: %+.2f %%\n", slash ? slash + 1 : path, c->cfg->name, cycles, t.cycles,
             1e3 * took, *error);
      if (c->layers) layers(plan, &w, &t);
      code = CLI_OK;
    }
  }
  if (err && strncmp(m.msg, path, strlen(path))) cli_error("%s: %s", path, m.msg);
  else if (err) cli_error("%s", m.msg);
  free_lists(&w);
  free(w.end);
  weft_timing_free(&t);
  weft_plan_free(plan);
  weft_net_free(net);
  return code;
}

int cmd_timing(const cli_t *c)
{
  const double most = c->most;
  int failed = 0;
  if (!c->nnet) return cli_error("timing needs at least one file; see `weft timing --help`");
  for (int i = 0; i < c->nnet; i++) {
    double error = 0;
    const int code = network(c, c->net[i], &error);
    if (code) return code;
    failed += fabs(error) > most;
    fflush(stdout);
  }
  printf("%d passed, %d failed: within %.0f %%\n", c->nnet - failed, failed, most);
  return failed ? CLI_MISMATCH : CLI_OK;
}
