/* SPDX-License-Identifier: Apache-2.0
 *
 * Timelines of a running device (see timeline.h).
 */
#include "timeline.h"

#include <inttypes.h>
#include <stdlib.h>

#include "compiler/schedule.h"
#include "probe.h"

enum { SAMPLES = 20000, COUNTERS = 4 };   /* SAMPLES: about as many in a file, whatever the network */

typedef struct {
  uint32_t *layer, n, done;    /* of each of the job's n commands of this engine; completed at the last sample */
  bool open;                   /* an event runs: commands of one layer without a gap that was seen */
  uint32_t of, commands;       /* its layer, and how many it has completed */
  double since;
} lane_t;

typedef struct { double first, last; } life_t;

typedef struct {
  probe_t probe;
  FILE *f;
  const weft_graph_t *g;
  const weft_program_t *p;
  lane_t lane[WEFT_ENGINES];
  life_t *life;                /* of each layer; last < 0: none */
  uint32_t counter[COUNTERS];
  uint64_t begun, before, samples;          /* cycles: at the first job, at the last sample */
  bool any, failed;
} timeline_t;

static const char *const engine_name[WEFT_ENGINES] = {"LOAD", "ARRAY", "VECTOR", "STORE"};

static void separate(timeline_t *t)
{
  fputs(t->any ? ",\n" : "\n", t->f);
  t->any = true;
}

static void close_event(timeline_t *t, int e, double at)
{
  lane_t *l = &t->lane[e];
  if (!l->open) return;
  l->open = false;
  if (!l->commands) return;            /* its command had ended between two reads of one sample */
  life_t *life = &t->life[l->of];
  if (life->last < 0) life->first = l->since;
  if (l->since < life->first) life->first = l->since;
  if (at > life->last) life->last = at;
  separate(t);
  fprintf(t->f, "{\"ph\":\"X\",\"pid\":1,\"tid\":%d,\"name\":\"%" PRIu32 " %s\",\"ts\":%.1f,\"dur\":%.1f,\"args\":{\"layer\":%" PRIu32
             ",\"commands\":%" PRIu32 "}}", e, l->of, weft_op_name(t->g->op[t->p->layer[l->of].op].code), l->since, at - l->since, l->of, l->commands);
}

static void open_event(timeline_t *t, int e, uint32_t layer, double at)
{
  lane_t *l = &t->lane[e];
  if (l->open && l->of == layer) return;
  close_event(t, e, at);
  l->open = true;
  l->of = layer;
  l->commands = 0;
  l->since = at;
}

/* Commands that ended since the last sample share the time between; an engine that has begun meanwhile did so halfway. */
static void advance(timeline_t *t, int e, uint32_t count, bool busy, double from, double to)
{
  lane_t *l = &t->lane[e];
  uint32_t k = (uint16_t)(count - l->done);
  if (k > l->n - l->done) k = l->n - l->done;
  for (uint32_t i = 0; i < k; i++) {
    open_event(t, e, l->layer[l->done + i], from + (to - from) * i / (k + 1));
    l->commands++;
  }
  l->done += k;
  if (busy && l->done < l->n) open_event(t, e, l->layer[l->done], k || !l->open ? from + (to - from) * (2 * k + 1) / (2 * k + 2) : to);
  else close_event(t, e, from + (to - from) * (2 * k + 1) / (2 * k + 2));
}

static void sample(void *ctx)
{
  static const unsigned done[WEFT_ENGINES] = {WEFT_REG_DONE_LOAD, WEFT_REG_DONE_ARRAY, WEFT_REG_DONE_VECTOR, WEFT_REG_DONE_STORE};
  static const unsigned what[COUNTERS] = {WEFT_CNT_ISSUE, WEFT_CNT_STALL_IFMAP, WEFT_CNT_STALL_FILTER, WEFT_CNT_STALL_OUT};
  timeline_t *t = ctx;
  const uint64_t now = probe_now(&t->probe);
  const double from = (double)(t->before - t->begun), to = (double)(now - t->begun), cycles = to - from;
  const uint32_t status = probe_read(&t->probe, WEFT_REG_STATUS);
  for (int e = 0; e < WEFT_ENGINES; e++) advance(t, e, probe_read(&t->probe, done[e]), probe_busy(status, e), from, to);
  double share[COUNTERS], other = 100;
  for (int i = 0; i < COUNTERS; i++) {
    uint32_t v = probe_read(&t->probe, WEFT_REG_COUNTER0 + 8 * what[i]);
    share[i] = cycles > 0 ? 100.0 * (v - t->counter[i]) / cycles : 0;
    if (share[i] > other) share[i] = other;      /* the counters are read a few cycles after one another */
    other -= share[i];
    t->counter[i] = v;
  }
  separate(t);
  fprintf(t->f, "{\"ph\":\"C\",\"pid\":1,\"name\":\"array, %% of cycles\",\"ts\":%.1f,\"args\":{\"issue\":%.1f,\"wait for ifmap\":%.1f,"
             "\"wait for filters\":%.1f,\"wait for output\":%.1f,\"neither\":%.1f}}", from, share[0], share[1], share[2], share[3], other);
  t->before = now;
  t->samples++;
}

static void free_lanes(timeline_t *t)
{
  for (int e = 0; e < WEFT_ENGINES; e++) {
    free(t->lane[e].layer);
    t->lane[e] = (lane_t){0};
  }
}

/* A job begins: which command of each engine belongs to which layer. Jobs follow each other without the CPU's time. */
static bool job(void *ctx, int seg)
{
  timeline_t *t = ctx;
  const weft_segment_t *s = &t->p->seg[seg];
  free_lanes(t);
  if (!s->npu) return true;
  for (int e = 0; e < WEFT_ENGINES; e++)
    if (!(t->lane[e].layer = calloc((size_t)s->count + 1, sizeof(uint32_t)))) return t->failed = true, false;
  for (uint32_t i = 0; i < s->count; i++) {
    const uint32_t word = t->p->cmd[(size_t)(s->first + i) * WEFT_CMD_WORDS];
    lane_t *l = &t->lane[weft_engine_of((int)(word & 255))];
    l->layer[l->n++] = word >> 16;
  }
  memset(t->counter, 0, sizeof t->counter);
  const uint64_t now = probe_now(&t->probe);
  t->begun += now - t->before;       /* from zero at first: time starts with the first job */
  t->before = now;
  t->probe.look = sample;            /* from the first job on, so that counts mean something */
  return true;
}

static double between(const timeline_t *t) { return t->samples ? (double)(t->before - t->begun) / (double)t->samples : 0; }

static void foot(timeline_t *t, const cli_net_t *n)
{
  for (int e = 0; e < WEFT_ENGINES; e++) {
    separate(t);
    fprintf(t->f, "{\"ph\":\"M\",\"pid\":1,\"tid\":%d,\"name\":\"thread_name\",\"args\":{\"name\":\"%s\"}}", e, engine_name[e]);
  }
  for (int i = 0; i < t->p->nlayer; i++) {
    if (t->life[i].last < 0) continue;
    for (int end = 0; end < 2; end++) {
      separate(t);
      fprintf(t->f, "{\"ph\":\"%s\",\"cat\":\"layer\",\"id\":%d,\"pid\":1,\"tid\":9,\"name\":\"layer %d %s\",\"ts\":%.1f,\"args\":{\"shape\":",
              end ? "e" : "b", i, i, weft_op_name(t->g->op[t->p->layer[i].op].code), end ? t->life[i].last : t->life[i].first);
      json_text(t->f, t->p->layer[i].shape);
      fprintf(t->f, "}}");
    }
  }
  fprintf(t->f, "\n],\"displayTimeUnit\":\"ns\",\"otherData\":{\"network\":");
  json_text(t->f, n->file);
  fprintf(t->f, ",\"config\":\"%s\",\"unit\":\"1 us is 1 cycle\",\"cycles_between_samples\":%.0f}}\n", t->p->cfg->name, between(t));
}

static int record(timeline_t *t, cli_net_t *n, weft_device_t *device, weft_msg_t *m)
{
  weft_session_t *s;
  int err = weft_session_open(device, n->fused, &s, m);
  if (err) return err;
  s->run.progress = job;
  s->run.progress_ctx = t;
  for (int i = 0; i < n->g->nin && !err; i++) {
    const weft_tensor_t *x = &n->g->tensor[n->g->in[i]];
    err = weft_session_write(s, i, n->golden.data[n->g->in[i]], x->elements * weft_dtype_size(x->type), m);
  }
  fputs("{\"traceEvents\":[", t->f);
  if (!err) err = weft_session_run(s, m);
  if (t->failed) err = weft_fail(m, WEFT_E_MEMORY, "out of memory");
  foot(t, n);
  if (!err) printf("timeline of %" PRIu64 " cycles, a sample every %.0f\n", weft_run_sum(&s->run, WEFT_CNT_CYCLES), between(t));
  weft_session_close(s);
  return err;
}

int timeline_run(cli_net_t *n, weft_device_t *device, const char *path, weft_msg_t *m)
{
  const weft_program_t *p = n->fused->p;
  uint64_t cycles = 0;
  for (int i = 0; i < p->nlayer; i++) cycles += p->layer[i].cycles;
  timeline_t t = {.g = n->g, .p = p, .f = fopen(path, "w"), .life = calloc((size_t)p->nlayer + 1, sizeof *t.life)};
  int err = !t.f ? weft_fail(m, WEFT_E_FILE, "%s: cannot write", path) : !t.life ? weft_fail(m, WEFT_E_MEMORY, "out of memory") : WEFT_OK;
  if (!err) {
    for (int i = 0; i < p->nlayer; i++) t.life[i].last = -1;
    t.probe.ctx = &t;
    probe_attach(&t.probe, device, cycles, SAMPLES);
    err = record(&t, n, device, m);
    probe_detach(&t.probe, device);
  }
  if (t.f && fclose(t.f) && !err) err = weft_fail(m, WEFT_E_FILE, "%s: cannot write", path);
  if (err && t.f) remove(path);
  free_lanes(&t);
  free(t.life);
  return err;
}
