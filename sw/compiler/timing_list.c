/* SPDX-License-Identifier: Apache-2.0
 *
 * Time of a command list (see timing.h): records come in, go to the queues, and engines take them when their waits are met.
 *
 * Every part is advanced by one step at a time, the earliest first. What a part waits for but nobody has computed yet (a completed count, a place in a
 * queue) is WEFT_NEVER; the part then rests until another has come so far.
 */
#include "timing.h"

#include <stdlib.h>

#include "schedule.h"
#include "timing_parts.h"

enum {
  AHEAD = 4,                             /* rtl/ctrl/fetch.v: records asked for before the first is dispatched */
  START_TO_ASK = 1,                      /* from START to the first request */
  OWNED = WEFT_QUEUE_DEPTH + 2,          /* rtl/ctrl/dispatch.v: commands of ARRAY and VECTOR between dispatch and completion */
  END_TO_DONE = 2,                       /* from the last completion to DONE */
  FETCH = WEFT_ENGINES                   /* number of the fetch part, behind the engines */
};

typedef struct {
  const weft_config_t *cfg;
  const uint32_t *base;                  /* of the DRAM regions */
  weft_cmd_t *cmd;                       /* of the job */
  uint32_t n;
  uint32_t *list[WEFT_ENGINES], len[WEFT_ENGINES], given[WEFT_ENGINES], begun[WEFT_ENGINES], ended[WEFT_ENGINES];
  int *engine;                           /* of each command */
  double offer[WEFT_ENGINES];            /* of the next command of each engine; 0: not known */
  double *push, *take, *done;            /* of each command: dispatched, taken, complete */
  /* fetch */
  uint32_t asked, record;                /* records asked for, records dispatched */
  double *arrived, *last;                /* last beat on the bus, and taken from the queue */
  double idle;                           /* the next record may be taken from the queue */
  weft_bus_t bus;
  weft_load_t load;
  weft_array_t array;
  weft_vector_t vector;
  bool door;                             /* VECTOR knows what waits behind its command */
  weft_store_t store;
  weft_shared_t shared;                  /* last: large, and set by itself */
} job_t;

static void job_free(job_t *j)
{
  free(j->cmd);
  free(j->engine);
  free(j->push);
  for (int e = 0; e < WEFT_ENGINES; e++) free(j->list[e]);
}

static bool job_new(job_t *j, const weft_config_t *cfg, const uint32_t *rec, uint32_t n, const uint32_t *base, int latency)
{
  memset(j, 0, offsetof(job_t, shared));
  j->cfg = cfg;
  j->base = base;
  j->n = n;
  j->cmd = malloc((size_t)n * sizeof *j->cmd);
  j->engine = malloc((size_t)n * sizeof *j->engine);
  j->push = malloc((size_t)n * 5 * sizeof *j->push);
  bool fine = j->cmd && j->engine && j->push;
  for (int e = 0; e < WEFT_ENGINES; e++) fine &= (j->list[e] = malloc((size_t)n * sizeof *j->list[e])) != NULL;
  if (!fine) return false;
  j->take = j->push + n;
  j->done = j->take + n;
  j->arrived = j->done + n;
  j->last = j->arrived + n;
  for (uint32_t i = 0; i < n; i++) {
    const bool legal = !weft_cmd_unpack(rec + (size_t)i * WEFT_CMD_WORDS, &j->cmd[i]);
    const int e = j->engine[i] = weft_engine_of((int)j->cmd[i].hdr.opcode);
    if (!legal || e < 0) return false;
    j->list[e][j->len[e]++] = i;
    j->push[i] = j->take[i] = j->done[i] = j->arrived[i] = j->last[i] = WEFT_NEVER;
  }
  j->bus.latency = latency;
  j->array.cfg = j->vector.cfg = cfg;
  j->array.shared = j->vector.shared = &j->shared;
  weft_shared_begin(&j->shared, cfg);
  return true;
}

/* ---- fetch and dispatch ---- */

static double record_beats(const job_t *j) { return (double)WEFT_CMD_BYTES / j->cfg->bus_bytes; }

static double ask_time(const job_t *j)
{
  if (j->asked == j->n) return WEFT_NEVER;
  double t = j->asked < AHEAD ? START_TO_ASK + j->asked : j->last[j->asked - AHEAD] + 1;
  return t;
}

/* The cycle in which the queue of engine e has room for its next command. */
static double room_time(const job_t *j, int e)
{
  const uint32_t k = j->given[e];
  double t = 0;
  if (k >= WEFT_QUEUE_DEPTH) t = j->take[j->list[e][k - WEFT_QUEUE_DEPTH]] + 1;
  if (k >= OWNED && (e == WEFT_ENG_ARRAY || e == WEFT_ENG_VECTOR)) t = weft_later(t, j->done[j->list[e][k - OWNED]] + 1);
  return t;
}

/* Takes the next record from the queue and gives it to its engine; false when it has to wait for what is not known. */
static bool dispatch(job_t *j)
{
  const uint32_t i = j->record;
  if (i == j->n || j->arrived[i] >= WEFT_NEVER) return false;
  const double beats = record_beats(j);
  j->last[i] = weft_later(j->idle + beats - 1, j->arrived[i] + 1);
  const double room = room_time(j, j->engine[i]);
  if (room >= WEFT_NEVER) return false;
  j->push[i] = weft_later(j->last[i] + weft_check_cycles(&j->cmd[i]), room);
  j->idle = j->push[i] + 1;
  j->given[j->engine[i]]++;
  j->record++;
  return true;
}

static void ask(job_t *j)
{
  j->arrived[j->asked] = weft_bus_read(&j->bus, ask_time(j), record_beats(j));
  j->asked++;
}

/* ---- engines ---- */

/* The cycle in which engine e's next command is offered to it. Once known it stays. */
static double offer_time(job_t *j, int e)
{
  if (j->offer[e] > 0) return j->offer[e];
  const uint32_t k = j->begun[e];
  if (k == j->len[e]) return WEFT_NEVER;
  const uint32_t i = j->list[e][k];
  const weft_hdr_t *h = &j->cmd[i].hdr;
  const int64_t count[WEFT_ENGINES] = {h->wait_load, h->wait_array, h->wait_vector, h->wait_store};
  double t = j->push[i];
  if (k) t = weft_later(t, j->take[j->list[e][k - 1]]);
  for (int f = 0; f < WEFT_ENGINES; f++) {
    if (!(h->wait_en >> f & 1)) continue;
    /* Counts are modulo 2^16: the one that is meant is less than 2^15 from what has been dispatched of the engine. */
    const int64_t n = j->given[f] - (int64_t)(int16_t)(j->given[f] - (uint32_t)count[f]);
    if (n > j->len[f]) return WEFT_NEVER;
    if (n > 0) t = weft_later(t, j->done[j->list[f][n - 1]]);
  }
  return t >= WEFT_NEVER ? WEFT_NEVER : (j->offer[e] = t + WEFT_TO_HEAD);
}

/* The cycle of part e's next step. */
static double next_time(job_t *j, int e)
{
  if (e == FETCH) return ask_time(j);
  if (e == WEFT_ENG_LOAD && j->load.c) return j->load.ask;
  if (e == WEFT_ENG_ARRAY && j->array.c) return j->array.seq;
  if (e == WEFT_ENG_VECTOR && j->vector.c) return j->vector.at;
  if (e == WEFT_ENG_STORE && j->store.c) return j->store.at;
  const double t = offer_time(j, e);
  if (t >= WEFT_NEVER) return t;
  switch (e) {
  case WEFT_ENG_LOAD: return weft_later(t, weft_load_ready(&j->load));
  case WEFT_ENG_ARRAY: return weft_later(t, weft_array_ready(&j->array));
  case WEFT_ENG_STORE: return weft_later(t, j->store.free);
  default: return weft_vector_ready(&j->vector, &j->cmd[j->list[e][j->begun[e]]], t);
  }
}

static void complete(job_t *j, int e, double t) { j->done[j->list[e][j->ended[e]++]] = t; }

/* Engine e takes its next command at t. */
static void begin(job_t *j, int e, double t)
{
  const uint32_t i = j->list[e][j->begun[e]++];
  const weft_cmd_t *c = &j->cmd[i];
  j->take[i] = t;
  j->offer[e] = 0;
  const uint64_t base = e == WEFT_ENG_LOAD || e == WEFT_ENG_STORE ? j->base[c->dma.region] : 0;
  switch (e) {
  case WEFT_ENG_LOAD: weft_load_begin(&j->load, &c->dma, base, t); break;
  case WEFT_ENG_ARRAY: weft_array_begin(&j->array, &c->conv, t); break;
  case WEFT_ENG_STORE: weft_store_begin(&j->store, &c->dma, base, t); break;
  default: weft_vector_begin(&j->vector, c, t); break;
  }
  if (e == WEFT_ENG_VECTOR) j->door = false;
}

static void step(job_t *j, int e, double t)
{
  double end;
  bool last = false;
  if (e == FETCH) ask(j);
  else if (e == WEFT_ENG_LOAD && j->load.c) last = weft_load_step(&j->load, j->cfg, &j->bus, &j->shared, &end);
  else if (e == WEFT_ENG_ARRAY && j->array.c) last = weft_array_step(&j->array, &end);
  else if (e == WEFT_ENG_VECTOR && j->vector.c) {
    if (!j->door && (j->door = offer_time(j, e) < WEFT_NEVER)) weft_vector_door(&j->vector, &j->cmd[j->list[e][j->begun[e]]], offer_time(j, e));
    last = weft_vector_step(&j->vector, &end);
  } else if (e == WEFT_ENG_STORE && j->store.c) last = weft_store_step(&j->store, j->cfg, &j->shared, &end);
  else begin(j, e, t);
  if (last) complete(j, e, end);
}

/* The job's cycles; < 0: it waits for itself. */
static double job_run(job_t *j)
{
  for (;;) {
    while (dispatch(j)) {}
    int first = -1;
    double t = WEFT_NEVER;
    for (int e = 0; e <= FETCH; e++) {
      const double at = next_time(j, e);
      if (at < t) t = at, first = e;
    }
    if (first < 0) break;
    step(j, first, t);
  }
  double end = 0;
  for (uint32_t i = 0; i < j->n; i++) {
    if (j->done[i] >= WEFT_NEVER) return -1;
    end = weft_later(end, j->done[i]);
  }
  return end + END_TO_DONE;
}

/* ---- results ---- */

/* Cycles in which each engine has a command: intervals overlap in part. */
static void add_busy(const job_t *j, uint64_t busy[WEFT_ENGINES])
{
  for (int e = 0; e < WEFT_ENGINES; e++) {
    double until = 0, sum = 0;
    for (uint32_t k = 0; k < j->len[e]; k++) {
      const uint32_t i = j->list[e][k];
      const double from = weft_later(j->take[i], until);
      if (j->done[i] > from) sum += j->done[i] - from;
      until = weft_later(until, j->done[i]);
    }
    busy[e] += (uint64_t)sum;
  }
}

int weft_timing_list(const weft_config_t *cfg, const uint32_t *rec, uint32_t count, const uint32_t base[WEFT_REGIONS], int latency,
                     weft_interval_t *command, weft_job_time_t *t, weft_msg_t *m)
{
  *t = (weft_job_time_t){0};
  job_t *j = calloc(1, sizeof *j);
  if (!j || !job_new(j, cfg, rec, count, base, latency)) {
    if (j) job_free(j);
    free(j);
    return weft_fail(m, WEFT_E_MEMORY, "no memory for a list of %u commands", count);
  }
  const double cycles = job_run(j);
  if (cycles >= 0) {
    t->cycles = (uint64_t)(cycles + 0.5);
    add_busy(j, t->busy);
    for (uint32_t i = 0; i < count; i++) command[i] = (weft_interval_t){(uint64_t)j->take[i], (uint64_t)j->done[i]};
  }
  job_free(j);
  free(j);
  return cycles >= 0 ? WEFT_OK : weft_fail(m, WEFT_E_INTERNAL, "a command waits for one behind it");
}
