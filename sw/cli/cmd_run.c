/* SPDX-License-Identifier: Apache-2.0
 *
 * weft run: compiles networks, runs them on one device instance, prints a table of layers and a verdict.
 *
 * The first inference of a network submits one job a layer and keeps every tensor, so that cycles and counters are known and results can be
 * compared layer by layer. Further inferences run as users run them: consecutive layers in one job, where they overlap, and tensors that the
 * next layer finds in the buffer are not stored; with --check their outputs are compared.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "cli.h"
#include "timeline.h"

enum { SPEED_SECONDS = 3, SPEED_RUNS = 1000, CLASSES = 10 };

typedef struct {
  const cli_t *c;
  cli_net_t net[CLI_MAX_FILES];
  int nnet;
  fmnist_t images;
  weft_device_t *device;
  progress_t progress;
  double work, done;           /* estimated cycles of all that this call will run, and has run */
  const weft_run_t *running;
} session_t;

static size_t bytes_of(const weft_tensor_t *t) { return t->elements * weft_dtype_size(t->type); }

static const char *file_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static double segment_work(const weft_program_t *p, int seg)
{
  double w = 100;
  for (int i = 0; i < p->seg[seg].nlayers && p->seg[seg].npu; i++) w += (double)weft_program_job_cycles(p, p->seg[seg].layer + i);
  return w;
}

static double program_work(const weft_program_t *p)
{
  double w = 0;
  for (int i = 0; i < p->nseg; i++) w += segment_work(p, i);
  return w;
}

static bool on_progress(void *ctx, int seg)
{
  session_t *s = ctx;
  progress_step(&s->progress, s->done / s->work);
  s->done += segment_work(s->running->p, seg);
  return true;
}

/* ---- everything that can be refused is refused before the device starts */

static int fmnist_fits(cli_net_t *n, weft_msg_t *m)
{
  const weft_tensor_t *in = &n->g->tensor[n->g->in[0]], *out = &n->g->tensor[n->g->out[0]];
  if (n->g->nin == 1 && in->type == WEFT_I8 && in->nscale == 1 && in->elements == 784) {
    n->classifies = n->g->nout == 1 && out->type == WEFT_I8 && out->elements == CLASSES;
    return WEFT_OK;
  }
  return weft_fail(m, WEFT_E_ARG, "--fmnist needs one INT8 input of 28x28");
}

static int load_inputs(session_t *s, cli_net_t *n, weft_msg_t *m)
{
  const cli_t *c = s->c;
  if (c->ninput && c->ninput != n->g->nin)
    return weft_fail(m, WEFT_E_ARG, "%d times --input, the network has %d inputs", c->ninput, n->g->nin);
  if (c->noutput > n->g->nout) return weft_fail(m, WEFT_E_ARG, "%d times --output, the network has %d outputs", c->noutput, n->g->nout);
  for (int i = 0; i < n->g->nin; i++) {
    const weft_tensor_t *t = &n->g->tensor[n->g->in[i]];
    void *to = n->golden.data[n->g->in[i]];
    if (c->fmnist) fmnist_quantise(s->images.image, t, to);
    else if (!c->ninput) random_input((c->seed ? c->seed : 1) + 1000003ULL * (unsigned)i, t, to);
    else {
      int err = load_input(c->input[i], t, to, m);
      if (err) return err;
    }
  }
  return WEFT_OK;
}

static int prepare(session_t *s, cli_net_t *n, weft_msg_t *m)
{
  const cli_t *c = s->c;
  int err = weft_net_load(n->path, &n->net, m);
  if (err) return err;
  n->g = n->net->g;
  if (c->fmnist && (err = fmnist_fits(n, m))) return err;
  if ((err = weft_plan_make(n->net, c->cfg->name, WEFT_PLAN_KEEP_ALL | WEFT_PLAN_PER_LAYER, &n->plan, m))) return err;
  n->p = n->plan->p;
  bool fused = c->fmnist > 1 || c->speed || c->check || c->timeline;
  if (fused && (err = weft_plan_make(n->net, c->cfg->name, 0, &n->fused, m))) return err;
  size_t size = weft_golden_arena_size(n->g);
  if (size == SIZE_MAX || !(n->arena = malloc(size))) return weft_fail(m, WEFT_E_MEMORY, "no memory for the tensors");
  if ((err = weft_golden_init(&n->golden, n->g, n->arena, size, m)) || (err = load_inputs(s, n, m))) return err;
  s->work += c->speed ? program_work(n->fused->p) : program_work(n->p) + (n->fused ? program_work(n->fused->p) * (c->fmnist > 1 ? c->fmnist - 1 : 1) : 0);
  return WEFT_OK;
}

static int open_device(session_t *s, weft_msg_t *m)
{
  const cli_t *c = s->c;
  weft_device_opts_t o = {.seed = (unsigned)c->seed, .latency = c->latency, .trace = c->trace};
  for (int i = 0; i < s->nnet; i++) {
    const weft_plan_t *plan[2] = {s->net[i].plan, s->net[i].fused};
    weft_plan_info_t info;
    for (int k = 0; k < 2; k++)
      if (plan[k] && !weft_plan_info(plan[k], &info, m) && info.dram_bytes > o.dram_bytes) o.dram_bytes = info.dram_bytes;
  }
  return weft_device_open(c->target, c->cfg->name, &o, &s->device, m);
}

/* ---- one inference */

/* An image has nothing to do with the one before: with --fmnist, variables start anew. */
static int infer(session_t *s, cli_net_t *n, weft_session_t *on, weft_msg_t *m)
{
  s->running = &on->run;
  on->run.progress = on_progress;
  on->run.progress_ctx = s;
  int err = s->c->fmnist ? weft_session_reset(on, m) : WEFT_OK;
  if (s->c->fmnist) weft_golden_reset(n->g, &n->golden);
  for (int i = 0; i < n->g->nin && !err; i++)
    err = weft_session_write(on, i, n->golden.data[n->g->in[i]], bytes_of(&n->g->tensor[n->g->in[i]]), m);
  if (!err && s->c->check) err = weft_golden_run(n->g, &n->golden, m);
  return err ? err : weft_session_run(on, m);
}

/* Whether the image that has just run got its label; false for networks that do not tell classes. */
static bool labelled(const session_t *s, const cli_net_t *n, weft_session_t *on, int image, int *err, weft_msg_t *m)
{
  int8_t out[CLASSES];
  int class = 0;
  if (!n->classifies || (*err = weft_session_read(on, 0, out, sizeof out, m))) return false;
  for (int i = 1; i < CLASSES; i++)
    if (out[i] > out[class]) class = i;
  return class == s->images.label[image];
}

/* ---- reports */

static void json_report(const session_t *s, const cli_net_t *n, uint64_t (*counter)[WEFT_COUNTERS], uint64_t cycles)
{
  printf("{\"file\":");
  json_text(stdout, n->file);
  printf(",\"config\":\"%s\",\"target\":\"%s\",\"layers\":[", s->c->cfg->name, s->c->target);
  for (int i = 0; i < n->p->nlayer; i++) {
    const weft_layer_t *l = &n->p->layer[i];
    printf("%s{\"operator\":\"%s\",\"shape\":\"%s\",\"unit\":\"%s\",\"mapping\":", i ? "," : "",
          weft_op_name(n->g->op[l->op].code), l->shape,
           l->npu ? "npu" : l->alias ? "none" : "cpu");
    json_text(stdout, l->npu || l->alias ? l->mapping : l->reason);
    printf(",\"macs\":%" PRIu64, l->macs);
    uint64_t sum[WEFT_COUNTERS];
    if (layer_counters(n->p, i, counter, sum)) {
      printf(",\"counters\":{");
      for (int j = 0; j < WEFT_COUNTERS; j++) printf("%s\"%s\":%" PRIu64, j ? "," : "", weft_counter_name[j], sum[j]);
      printf("}");
    }
    printf("}");
  }
  printf("],\"macs\":%" PRIu64 ",\"cycles\":%" PRIu64 ",\"mismatches\":%d}\n", program_macs(n->p), cycles, n->mismatches);
}

static void last_line(const session_t *s, const cli_net_t *n, const char *word, uint64_t cycles, uint64_t dram)
{
  uint64_t macs = program_macs(n->p);
  double u = cycles ? (double)macs / (double)cycles / peak_macs(s->c->cfg) : 0;
  printf("%s %s config=%s layers=%d cpu_ops=%d macs=%" PRIu64 " cycles=%" PRIu64 " utilisation=%.3f dram_bytes=%" PRIu64 " mismatches=%d\n", word, n->file,
         s->c->cfg->name, n->p->nlayer, program_cpu_ops(n->p), macs, cycles, u, dram, n->mismatches);
  fflush(stdout);
}

static uint64_t dram_total(const weft_run_t *r)
{
  uint64_t k[WEFT_COUNTERS];
  for (int i = 0; i < WEFT_COUNTERS; i++) k[i] = weft_run_sum(r, i);
  return dram_bytes(r->p->cfg, k);
}

/* The network once more, on the same input, as users run it. */
static int overlapping(session_t *s, cli_net_t *n, weft_msg_t *m)
{
  weft_session_t *on;
  int err = weft_session_open(s->device, n->fused, &on, m);
  uint64_t busy[WEFT_ENGINES];
  if (err) return err;
  weft_golden_reset(n->g, &n->golden);
  if (!(err = infer(s, n, on, m))) check_outputs(n, &on->run, m, &err);
  uint64_t cycles = weft_run_sum(&on->run, WEFT_CNT_CYCLES);
  for (int e = 0; e < WEFT_ENGINES; e++) busy[e] = weft_run_sum(&on->run, WEFT_CNT_BUSY_LOAD + e);
  progress_end(&s->progress);
  if (!err && cycles && !s->c->json) {
    printf("with layers overlapping: %" PRIu64 " cycles, utilisation %.3f, %" PRIu64 " bytes of DRAM traffic\n", cycles,
           (double)program_macs(n->p) / (double)cycles / peak_macs(s->c->cfg), dram_total(&on->run));
    table_engines(stdout, "layers overlapping", cycles, busy);
  }
  weft_session_close(on);
  return err;
}

/* Images 1.. with fused jobs; image 0 has been run. */
static int more_images(session_t *s, cli_net_t *n, int right, weft_msg_t *m)
{
  weft_session_t *on;
  int err = WEFT_OK;
  uint64_t cycles = 0, busy[WEFT_ENGINES] = {0};
  if (s->images.n > 1) {
    err = weft_session_open(s->device, n->fused, &on, m);
    for (int i = 1; i < s->images.n && !err; i++) {
      fmnist_quantise(s->images.image + 784 * i, &n->g->tensor[n->g->in[0]], n->golden.data[n->g->in[0]]);
      if ((err = infer(s, n, on, m))) break;
      right += labelled(s, n, on, i, &err, m);
      if (err) break;
      if (s->c->check) check_outputs(n, &on->run, m, &err);
      cycles += weft_run_sum(&on->run, WEFT_CNT_CYCLES);
      for (int e = 0; e < WEFT_ENGINES; e++) busy[e] += weft_run_sum(&on->run, WEFT_CNT_BUSY_LOAD + e);
    }
    weft_session_close(on);
  }
  if (err || s->c->json) return err;
  progress_end(&s->progress);
  if (n->classifies)
    printf("%s: %d of %d Fashion-MNIST test images classified rightly (%.1f %%)", n->file, right, s->images.n, 100.0 * right / s->images.n);
  else
    printf("%s: %d Fashion-MNIST test images, no classes", n->file, s->images.n);
  if (cycles) {
    double each = (double)cycles / (s->images.n - 1);
    printf("; with layers overlapping %.0f cycles an image, utilisation %.3f", each,
          (double)program_macs(n->p) / each / peak_macs(s->c->cfg));
  }
  printf("\n");
  table_engines(stdout, "layers overlapping", cycles, busy);
  return WEFT_OK;
}

static int save_outputs(const session_t *s, const cli_net_t *n, weft_session_t *on, weft_msg_t *m)
{
  int err = WEFT_OK;
  for (int i = 0; i < s->c->noutput && !err; i++) {
    const weft_tensor_t *t = &n->g->tensor[n->g->out[i]];
    void *to = malloc(bytes_of(t));
    err = to ? weft_session_read(on, i, to, bytes_of(t), m) : weft_fail(m, WEFT_E_MEMORY, "out of memory");
    if (!err) err = save_output(s->c->output[i], t, to, m);
    free(to);
  }
  return err;
}

static int first_run(session_t *s, cli_net_t *n, weft_session_t *on, bool *verdict, int *right, weft_msg_t *m)
{
  int err = infer(s, n, on, m);
  if (err) return err;
  if (s->c->check) {
    check_tensors(n, &on->run, verdict, m, &err);
    if (!err && !strcmp(s->c->target, "rtl")) check_counters(n, &on->run, m, &err);
  }
  if (!err && s->c->fmnist) *right += labelled(s, n, on, 0, &err, m);
  return err ? err : save_outputs(s, n, on, m);
}

static int run_net(session_t *s, cli_net_t *n)
{
  const cli_t *c = s->c;
  weft_msg_t m = {""};
  weft_session_t *on = NULL;
  bool *verdict = calloc((size_t)n->p->nlayer + 1, sizeof *verdict);
  int right = 0, err = verdict ? weft_session_open(s->device, n->plan, &on, &m) : weft_fail(&m, WEFT_E_MEMORY, "out of memory");
  if (!err) err = first_run(s, n, on, verdict, &right, &m);
  uint64_t cycles = 0, dram = 0, (*counter)[WEFT_COUNTERS] = NULL;
  progress_end(&s->progress);
  if (!err) {
    cycles = weft_run_sum(&on->run, WEFT_CNT_CYCLES);
    dram = dram_total(&on->run);
    counter = on->run.counter;         /* kept for the report; the device is free for the next session */
    on->run.counter = NULL;
    weft_session_close(on);
    on = NULL;
    if (!c->json) {
      table_layers(stdout, n, n->p, NULL, counter, c->check ? verdict : NULL);
      table_time(stdout, n->g, n->p, counter);
    }
    if (c->fmnist) err = more_images(s, n, right, &m);
    else if (c->check) err = overlapping(s, n, &m);
    if (!err && c->timeline) err = timeline_run(n, s->device, c->timeline, &m);
    if (!err && c->json) json_report(s, n, counter, cycles);
  }
  weft_session_close(on);
  free(counter);
  free(verdict);
  if (err) {
    progress_end(&s->progress);
    cli_error("%s: %s", n->path, m.msg);
    n->mismatches++;
  }
  if (!c->json) last_line(s, n, n->mismatches ? "FAIL" : c->check ? "PASS" : "DONE", cycles, dram);
  if (err == WEFT_E_FILE || err == WEFT_E_ARG) return CLI_USAGE;
  return n->mismatches ? CLI_MISMATCH : CLI_OK;
}

/* Simulated cycles a second, over inferences with fused jobs that take long enough to be timed. */
static int speed(session_t *s, cli_net_t *n)
{
  weft_msg_t m = {""};
  weft_session_t *on;
  int err = weft_session_open(s->device, n->fused, &on, &m);
  double start = seconds_now(), took = 0;
  uint64_t cycles = 0;
  for (int i = 0; i < SPEED_RUNS && took < SPEED_SECONDS && !err; i++) {
    err = infer(s, n, on, &m);
    cycles += err ? 0 : weft_run_sum(&on->run, WEFT_CNT_CYCLES);
    took = seconds_now() - start;
  }
  progress_end(&s->progress);
  if (err) cli_error("%s: %s", n->path, m.msg);
  else printf("%s config=%s target=%s cycles=%" PRIu64 " seconds=%.3f cycles_per_s=%.0f\n", n->file, s->c->cfg->name,
        s->c->target, cycles, took, (double)cycles / took);
  weft_session_close(on);
  return err ? CLI_MISMATCH : CLI_OK;
}

static void close_session(session_t *s)
{
  for (int i = 0; i < s->nnet; i++) {
    weft_plan_free(s->net[i].plan);
    weft_plan_free(s->net[i].fused);
    weft_net_free(s->net[i].net);
    free(s->net[i].arena);
  }
  weft_device_close(s->device);
  fmnist_free(&s->images);
  free(s);
}

int cmd_run(const cli_t *c)
{
  if (!c->nnet) return cli_error("run needs a .tflite file; see `weft run --help`");
  if (c->nnet > 1 && (c->ninput || c->noutput || c->timeline)) return cli_error("--input, --output and --timeline work with one network at a time");
  if (c->timeline && strcmp(c->target, "rtl")) return cli_error("--timeline needs --target rtl: the machine model has no time");
  session_t *s = calloc(1, sizeof *s);
  if (!s) return cli_error("out of memory");
  s->c = c;
  weft_msg_t m = {""};
  int err = c->fmnist ? fmnist_load(c->fmnist_dir, c->fmnist, &s->images, &m) : WEFT_OK, code = CLI_OK;
  if (err) code = cli_error("%s", m.msg);
  for (int i = 0; i < c->nnet && !err; i++) {
    cli_net_t *n = &s->net[s->nnet++];
    n->path = c->net[i];
    n->file = file_name(n->path);
    if ((err = prepare(s, n, &m))) code = strncmp(m.msg, n->path, strlen(n->path)) ? cli_error("%s: %s", n->path, m.msg)
          : cli_error("%s", m.msg);
  }
  if (!err && (err = open_device(s, &m))) code = cli_error("%s", m.msg);
  if (!err) {
    progress_begin(&s->progress, c->target);
    for (int i = 0; i < s->nnet; i++) {
      int e = c->speed ? speed(s, &s->net[i]) : run_net(s, &s->net[i]);
      if (e > code) code = e;
    }
  }
  close_session(s);
  return code;
}
