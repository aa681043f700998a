/* SPDX-License-Identifier: Apache-2.0
 *
 * Search by the model of time (see search.h).
 *
 * First the same aim for all layers. Then combs: every so many layers one is changed at once, and what each change gains is read off the ends of the layers
 * around it, so that one compile judges many changes; the best of each layer are then put together and judged as a whole. Last, layer by layer, those first
 * that add most cycles beyond the array's. All of it is counted in work, not in time: the result is the same on every machine.
 */
#include "search.h"

#include <stdlib.h>

#include "lane_program.h"
#include "timing.h"

enum {
  COMB = 4,                /* layers from one that is changed to the next */
  PARTS = 3,               /* attempts to put a comb's gains together */
  MOST_MOVES = WEFT_CONV_PLANS + 10,     /* of a layer: its plans and what moves() adds */
  ROUNDS = 3,              /* over all layers at most */
};
/* What bytes of DRAM are worth: all of those that the first program moves, as much as this part of its cycles. */
#define BYTES_WORTH 0.02
/* Work in about nanoseconds: of the model of time for a cycle, of a command, of a plan that was not made before. */
#define WORK_CYCLE 6.0
#define WORK_COMMAND 3000.0
#define WORK_TILING 250.0
/* What a network gets: so much for each of its cycles, less for one that is shorter than SHORT, and not more than the last. */
#define WORK_PER_CYCLE 6000.0
#define SHORT 8000.0
#define WORK_MOST 5.0e9

typedef struct {
  double cost;             /* what is to be small */
  uint64_t cycles, *end;   /* end[i]: by which cycle layers 0..i have ended */
} judged_t;

typedef struct {
  const weft_graph_t *g;
  const weft_config_t *cfg;
  const weft_compile_opts_t *o;
  weft_plan_memo_t *plans;
  int n;
  weft_choice_t *best, *try;
  judged_t now, last;      /* of best, of what was tried last */
  double cycles0, bytes0, work, most;
  int on_npu;
  double *lost;            /* of each layer: cycles beyond the array's */
  int *order;
  weft_msg_t *m;
} search_t;

/* DRAM bytes of a program, commands included. */
static double traffic(const weft_program_t *p)
{
  double bytes = 0;
  for (int i = 0; i < p->nlayer; i++) bytes += (double)p->layer[i].load_bytes + (double)p->layer[i].store_bytes;
  for (int i = 0; i < p->nseg; i++)
    if (p->seg[i].npu) bytes += (double)p->seg[i].count * WEFT_CMD_BYTES;
  return bytes;
}

static int layers_on_npu(const weft_program_t *p)
{
  int n = 0;
  for (int i = 0; i < p->nlayer; i++) n += p->layer[i].npu;
  return n;
}

static int judge(search_t *s, const weft_program_t *p, judged_t *to)
{
  weft_timing_t t;
  int err = weft_timing(p, WEFT_TIMING_LATENCY, &t, s->m);
  if (!err) {
    const double bytes = traffic(p);
    if (s->cycles0 == 0) {
      s->cycles0 = (double)t.cycles;
      s->bytes0 = bytes;
    }
    to->cycles = t.cycles;
    to->cost = (double)t.cycles + BYTES_WORTH * s->cycles0 * (s->bytes0 > 0 ? bytes / s->bytes0 : 0);
    uint64_t before = 0;
    for (int i = 0; i < s->n; i++) to->end[i] = before = t.layer[i].end > before ? t.layer[i].end : before;
    s->work += WORK_CYCLE * (double)t.cycles;
  }
  weft_timing_free(&t);
  return err;
}

/* Compiles and times s->try. *fine: it runs the same layers on the device. */
static int attempt(search_t *s, bool *fine)
{
  const uint64_t work = s->plans->work;
  weft_program_t *p = NULL;
  *fine = false;
  int err = weft_compile_chosen(s->g, s->cfg, s->o, &(weft_chosen_t){s->try, s->plans, true}, &p, s->m);
  s->work += WORK_TILING * (double)(s->plans->work - work);
  if (err) return err == WEFT_E_MEMORY ? err : WEFT_OK;
  s->work += WORK_COMMAND * p->ncmd;
  if (layers_on_npu(p) == s->on_npu) {
    err = judge(s, p, &s->last);
    *fine = !err;
  }
  weft_program_free(p);
  return err == WEFT_E_MEMORY ? err : WEFT_OK;
}

/* s->try is the best from now on. */
static void take(search_t *s)
{
  memcpy(s->best, s->try, (size_t)s->n * sizeof *s->best);
  const judged_t t = s->now;
  s->now = s->last;
  s->last = t;
}

static void back(search_t *s) { memcpy(s->try, s->best, (size_t)s->n * sizeof *s->best); }

/* What was tried last is better: its cost is less, and bytes that are saved cost no more cycles than there were at first. */
static bool better(const search_t *s) { return s->last.cost < s->now.cost && (double)s->last.cycles <= s->cycles0; }

static bool spent(const search_t *s) { return s->work >= s->most; }

static bool same(const weft_choice_t *a, const weft_choice_t *b) { return !memcmp(a, b, sizeof *a); }

/* What may be chosen otherwise for operator i: move[] become its choices, those first that gain most by experience. */
static int moves(const search_t *s, int i, weft_choice_t move[MOST_MOVES])
{
  const weft_op_t *op = &s->g->op[i];
  const weft_choice_t now = s->best[i];
  int n = 0;
  const bool conv = op->code == WEFT_OP_CONV_2D || op->code == WEFT_OP_DEPTHWISE_CONV_2D || op->code == WEFT_OP_FULLY_CONNECTED, product = op->code == WEFT_OP_BATCH_MATMUL;
#define ALSO(field, value) (move[n] = now, move[n++].field = now.field == (value) ? WEFT_AS_ESTIMATED : (value))
  ALSO(stays, WEFT_NO);
  ALSO(stays, WEFT_YES);
  ALSO(fresh, WEFT_YES);
  ALSO(side, WEFT_YES);
  if (conv) {
    ALSO(join, WEFT_NO);
    ALSO(join, WEFT_YES);
  }
  if (weft_lane_operands(op->code)) {
    ALSO(tables, WEFT_NO);
    ALSO(tables, WEFT_YES);
    ALSO(cut, 2);
    ALSO(cut, 4);
  }
#undef ALSO
  for (int aim = 0; (conv || product) && aim < WEFT_CONV_PLANS; aim++) {
    move[n] = now;
    move[n++].aim = (uint8_t)aim;
  }
  return n;
}

static int same_for_all(search_t *s)
{
  int err = WEFT_OK;
  for (int aim = 1; aim < WEFT_CONV_AIMS && !err && !spent(s); aim++) {
    bool fine;
    for (int i = 0; i < s->n; i++) s->try[i] = (weft_choice_t){.aim = (uint8_t)aim};
    if (!(err = attempt(s, &fine)) && fine && better(s)) take(s);
  }
  back(s);
  return err;
}

/* Cycles that the layers around i have gained. */
static double gained(const search_t *s, int i)
{
  const int from = i - COMB / 2, to = i + COMB / 2 < s->n ? i + COMB / 2 : s->n - 1;
  const double before = (double)s->now.end[to] - (from >= 0 ? (double)s->now.end[from] : 0);
  return before - ((double)s->last.end[to] - (from >= 0 ? (double)s->last.end[from] : 0));
}

/* Layers first, first + COMB, ...: each of their moves at once, then the best of each together. */
static int comb(search_t *s, int first)
{
  weft_choice_t *pick = malloc((size_t)s->n * sizeof *pick), move[MOST_MOVES];
  double *gain = calloc((size_t)s->n, sizeof *gain);
  int err = pick && gain ? WEFT_OK : weft_fail(s->m, WEFT_E_MEMORY, "out of memory");
  bool any = false, fine;
  for (int k = 0; k < MOST_MOVES && !err && !spent(s); k++) {
    int changed = 0;
    for (int i = first; i < s->n; i += COMB) {
      const int n = moves(s, i, move);
      if (k >= n || same(&move[k], &s->best[i]) || !s->lost[i]) continue;
      s->try[i] = move[k];
      changed++;
    }
    if (changed && !(err = attempt(s, &fine)) && fine)
      for (int i = first; i < s->n; i += COMB) {
        if (same(&s->try[i], &s->best[i]) || gained(s, i) <= gain[i]) continue;
        gain[i] = gained(s, i);
        pick[i] = s->try[i];
        any = true;
      }
    back(s);
  }
  if (any && !err) {
    double most = 0;
    for (int i = first; i < s->n; i += COMB) most = gain[i] > most ? gain[i] : most;
    const double least[PARTS] = {0, most / 4, most * 0.999};       /* all that gain; if that fails, only those that gain much */
    bool taken = false;
    for (int part = 0; part < PARTS && !taken && !err; part++) {
      for (int i = first; i < s->n; i += COMB) s->try[i] = gain[i] > least[part] ? pick[i] : s->best[i];
      if (!(err = attempt(s, &fine)) && fine && better(s)) {
        take(s);
        taken = true;
      }
    }
    back(s);
  }
  free(pick);
  free(gain);
  return err;
}

/* Which layers add most beyond the array's time. */
static void rank(search_t *s, const weft_program_t *p)
{
  const double peak = (double)s->cfg->rows * s->cfg->cols * s->cfg->lanes;
  for (int i = 0; i < s->n; i++) {
    const uint64_t adds = s->now.end[i] - (i ? s->now.end[i - 1] : 0);
    const double lost = (double)adds - (double)p->layer[i].macs / peak;
    s->lost[i] = !p->layer[i].npu ? 0 : lost > 1 ? lost : 1;
    int k = i;
    for (; k > 0 && s->lost[s->order[k - 1]] < s->lost[i]; k--) s->order[k] = s->order[k - 1];
    s->order[k] = i;
  }
}

/* Layer by layer. *changed: something is better. */
static int one_by_one(search_t *s, bool *changed)
{
  int err = WEFT_OK;
  *changed = false;
  for (int r = 0; r < s->n && !err; r++) {
    const int i = s->order[r];
    weft_choice_t move[MOST_MOVES];
    if (!s->lost[i]) continue;
    const int n = moves(s, i, move);
    for (int k = 0; k < n && !err && !spent(s); k++) {
      bool fine;
      if (same(&move[k], &s->best[i])) continue;
      s->try[i] = move[k];
      if (!(err = attempt(s, &fine)) && fine && better(s)) {
        take(s);
        *changed = true;
      }
      back(s);
    }
  }
  return err;
}

static int run(search_t *s, const weft_program_t *p)
{
  int err = judge(s, p, &s->now);
  if (err) return err;
  s->on_npu = layers_on_npu(p);
  s->work = 0;
  s->most = WORK_PER_CYCLE * s->cycles0 * (s->cycles0 < SHORT ? s->cycles0 / SHORT : 1);
  if (s->most > WORK_MOST) s->most = WORK_MOST;
  rank(s, p);
  err = same_for_all(s);
  for (double before = 0; before != s->now.cost && !err && !spent(s);) {
    before = s->now.cost;      /* until a round of combs finds nothing */
    for (int i = 0; i < COMB && !err && !spent(s); i++) err = comb(s, i);
  }
  bool changed = true;
  for (int i = 0; i < ROUNDS && changed && !err && !spent(s); i++) {
    rank(s, p);
    err = one_by_one(s, &changed);
  }
  return err;
}

/* Which choices make the program faster than p, the one with none. choice: of each operator, zeroed. */
static int find(const weft_graph_t *g, const weft_config_t *cfg, const weft_compile_opts_t *o, weft_plan_memo_t *plans, const weft_program_t *p,
                weft_choice_t *choice, weft_msg_t *m)
{
  const size_t n = (size_t)g->nops + 1;
  search_t s = {.g = g, .cfg = cfg, .o = o, .plans = plans, .n = g->nops, .best = choice, .m = m};
  s.try = calloc(n, sizeof *s.try);
  s.now.end = calloc(n, sizeof *s.now.end);
  s.last.end = calloc(n, sizeof *s.last.end);
  s.lost = calloc(n, sizeof *s.lost);
  s.order = calloc(n, sizeof *s.order);
  const bool room = s.try && s.now.end && s.last.end && s.lost && s.order;
  int err = room ? run(&s, p) : weft_fail(m, WEFT_E_MEMORY, "out of memory");
  free(s.try);
  free(s.now.end);
  free(s.last.end);
  free(s.lost);
  free(s.order);
  return err;
}

static int choose(const weft_graph_t *g, const weft_config_t *cfg, const weft_compile_opts_t *o, weft_plan_memo_t *plans, weft_choice_t *choice, weft_msg_t *m)
{
  weft_program_t *p = NULL;
  int err = weft_compile_chosen(g, cfg, o, &(weft_chosen_t){choice, plans, true}, &p, m);
  if (!err) err = find(g, cfg, o, plans, p, choice, m);
  weft_program_free(p);
  return err;
}

int weft_compile(const weft_graph_t *g, const weft_config_t *cfg, const weft_compile_opts_t *o, weft_program_t **out, weft_msg_t *m)
{
  *out = NULL;
  if (g->nops > 0xffff) return weft_fail(m, WEFT_E_UNSUPPORTED, "%d operators; Weft accepts 65535", g->nops);
  weft_plan_memo_t plans = {0};
  weft_choice_t *choice = calloc((size_t)g->nops + 1, sizeof *choice);
  int err = choice ? WEFT_OK : weft_fail(m, WEFT_E_MEMORY, "out of memory");
  if (!err && !o->keep_all && !o->per_layer && !o->as_estimated) err = choose(g, cfg, o, &plans, choice, m);
  if (!err) err = weft_compile_chosen(g, cfg, o, &(weft_chosen_t){choice, &plans, false}, out, m);
  free(choice);
  weft_plan_memo_free(&plans);
  return err;
}
