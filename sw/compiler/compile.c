/* SPDX-License-Identifier: Apache-2.0
 *
 * From graph to program, with the choices given (search.h): places for the tensors, then each operator in order as commands or, with a reason, for the CPU.
 *
 * Consecutive layers on the device share one job, so that their loads, work and stores overlap; an operator on the CPU
 * ends the job. Operators that only move bytes cost nothing where placement can do it (views.h).
 */
#include <stdio.h>
#include <stdlib.h>

#include "emit.h"
#include "golden.h"
#include "lower.h"
#include "place.h"
#include "repeat.h"
#include "search.h"

enum { REGION_ALIGN = 4096 };

typedef struct {
  const weft_graph_t *g;
  const weft_compile_opts_t *o;
  weft_program_t *p;
  weft_places_t at;
  bool *kept;              /* the product was written as kept_by says */
  weft_sched_t s;
  bool open;               /* a job is being built */
  uint32_t scratch;        /* arena offset behind all tensors */
  weft_keep_t keep;        /* what the buffer holds at this point */
  weft_stores_t stores;
  const weft_choice_t *choice;      /* for each operator */
  weft_plan_memo_t *plans;
  bool dry;
  weft_config_t room;      /* the configuration with the buffer that is left beside what is kept */
  weft_msg_t *m;
} compile_t;

static weft_segment_t *new_segment(compile_t *c, int layer)
{
  weft_program_t *p = c->p;
  p->seg[p->nseg] = (weft_segment_t){.first = p->ncmd, .layer = layer, .nlayers = 1, .step = -1};
  return &p->seg[p->nseg++];
}

/* The layer's commands up to number `end`. */
static void add_to_job(compile_t *c, int layer, const weft_emit_t *e, uint32_t end)
{
  weft_program_t *p = c->p;
  uint32_t first = p->layer[layer].first, count = end - first;
  weft_segment_t *s;
  if (c->open) {
    s = &p->seg[p->nseg - 1];
    s->nlayers = layer - s->layer + 1;
  } else {
    s = new_segment(c, layer);
    s->npu = true;
    s->first = first;
    c->open = true;
  }
  s->count += count;
  s->ticks += e->ticks;
  s->runs += e->runs;
  p->layer[layer].count = count;
  if (c->o->per_layer) c->open = false;
}

/* LSTM: the inputs' product joins the job; then for each step the state's product, the same commands every time but for what the first of
 * them leaves in the buffer, and the gates on the CPU. */
static int lstm_by_steps(compile_t *c, int i, weft_emit_t *e)
{
  weft_program_t *p = c->p;
  weft_layer_t *l = &p->layer[i];
  weft_lstm_size_t s = weft_lstm_size(c->g, e->op);
  uint64_t row = 4 * 2 * (uint64_t)s.units, sums = (uint64_t)s.batch * (uint64_t)s.steps * row, end;
  end = c->scratch + (sums + WEFT_TENSOR_ALIGN - 1) / WEFT_TENSOR_ALIGN * WEFT_TENSOR_ALIGN + (uint64_t)s.batch * row;
  l->macs = (uint64_t)s.batch * (uint64_t)s.steps * 4 * (uint64_t)s.units * ((uint64_t)s.features + (uint64_t)s.units);
  if (end > WEFT_DRAM_LIMIT) return weft_fail(e->m, WEFT_E_UNSUPPORTED, "its gates' sums are larger than memory");
  l->sums = c->scratch;
  l->products = (uint32_t)(end - (uint64_t)s.batch * row);
  int err = weft_lower_lstm(e, false, l->sums);
  if (err) return err;
  c->keep.n = 0;           /* the commands of a step are run again and again */
  uint32_t first = p->ncmd;
  uint64_t load = l->load_bytes, store = l->store_bytes;
  weft_emit_t state = *e;
  state.ticks = state.runs = 0;
  weft_sched_begin(&c->s, p);
  if ((err = weft_lower_lstm(&state, true, l->products))) return err;
  uint32_t again = p->ncmd;
  uint64_t saved;
  if (s.steps > 1 && (err = weft_repeat(&state, first, again, &saved))) return err;
  bool less = s.steps > 1 && saved;
  l->load_bytes += (l->load_bytes - load - (less ? saved : 0)) * (uint64_t)(s.steps - 1);
  l->store_bytes += (l->store_bytes - store) * (uint64_t)(s.steps - 1);
  if (end > p->arena_bytes) p->arena_bytes = (uint32_t)end;
  add_to_job(c, i, e, first);
  for (int t = 0; t < s.steps; t++) {
    weft_segment_t *job = new_segment(c, i);
    job->npu = true;
    job->first = less && t ? again : first;
    job->count = (job->first == again ? p->ncmd : again) - job->first;
    job->ticks = state.ticks;
    job->runs = state.runs;
    new_segment(c, i)->step = t;
  }
  c->open = false;
  snprintf(l->reason, sizeof l->reason, "16-bit gates; the array computes its matrix products");
  return WEFT_OK;
}

/* A result of the network that no operator reads need not stay in the buffer, though its place in the arena lasts. */
static bool only_result(const weft_graph_t *g, int t)
{
  bool result = false;
  for (int i = 0; i < g->nout; i++) result |= g->out[i] == t;
  for (int i = 0; i < g->nops && result; i++)
    for (int k = 0; k < g->op[i].nin; k++) result &= g->op[i].in[k] != t;
  return result;
}

/* The operator that reads t last, or -1 if that is not after operator i. */
static int last_reader(const compile_t *c, int i, int t)
{
  int last = c->at.last[weft_views_root(&c->at.view, t, NULL)];
  return last > i && !only_result(c->g, t) ? last : -1;
}

/* What a lowering starts from: the buffer beside what is kept for this and later layers. */
static void begin_layer(compile_t *c, int i, const weft_op_t *op, bool top, weft_msg_t *why, weft_emit_t *e)
{
  int out = op->nout ? op->out[0] : -1;
  *e = (weft_emit_t){.g = c->g, .op = op, .p = c->p, .s = &c->s, .layer = &c->p->layer[i], .top = top, .m = why, .keep = &c->keep,
                     .stores = &c->stores, .cfg = &c->room, .out_last = -1};
  e->choice = &c->choice[i];
  e->plans = c->plans;
  e->dry = c->dry;
  if (e->choice->fresh == WEFT_YES) c->keep.n = 0;
  weft_keep_gap(&c->keep, c->p->cfg->buf_words, &e->lo, &e->hi);
  c->room = *c->p->cfg;
  c->room.buf_words = e->hi - e->lo;
  if (e->choice->side == WEFT_YES) e->top = !e->top;
  if (out < 0 || c->g->tensor[out].variable || c->p->place[out].region != WEFT_REG_ARENA) return;
  const int by = c->at.kept_by[out];
  if (by >= 0 && c->g->op[by].code == WEFT_OP_TRANSPOSE && !c->o->keep_all) return;      /* only another operator's result is made */
  e->out_last = last_reader(c, i, out);
}

/* The operators that this one stands for as well (joins.h). */
static void joined(const compile_t *c, const weft_op_t *op, weft_emit_t *e)
{
  for (int k = 0; k < op->nin && k < 2; k++)
    if (op->in[k] >= 0 && c->at.made_by[op->in[k]] >= 0) e->through[k] = &c->g->op[c->at.made_by[op->in[k]]];
  const int by = op->nout ? c->at.kept_by[op->out[0]] : -1;
  e->both = c->o->keep_all;
  if (by < 0 || (e->both && c->g->op[by].code != WEFT_OP_TRANSPOSE)) return;
  e->onto = &c->g->op[by];
  e->onto_last = last_reader(c, by, e->onto->out[0]);
}

/* Layer i has run on the CPU, which has read and written the arena. */
static void after_cpu(compile_t *c, const weft_op_t *op)
{
  const weft_place_t *place = c->p->place;
  for (int k = 0; k < op->nin; k++)
    if (op->in[k] >= 0 && place[op->in[k]].region == WEFT_REG_ARENA) {
      weft_stores_read(&c->stores, place[op->in[k]].offset, place[op->in[k]].bytes);
      if (c->g->tensor[op->in[k]].variable) weft_keep_changed(&c->keep, WEFT_REG_ARENA, place[op->in[k]].offset, (uint64_t)place[op->in[k]].offset + place[op->in[k]].bytes);
    }
  for (int k = 0; k < op->nout; k++)
    if (place[op->out[k]].region == WEFT_REG_ARENA)
      weft_keep_changed(&c->keep, WEFT_REG_ARENA, place[op->out[k]].offset, (uint64_t)place[op->out[k]].offset + place[op->out[k]].bytes);
}

/* The CPU will run layer i, which reads what `op` should make and nobody has made yet. */
static int make_input(compile_t *c, int i, const weft_op_t *op)
{
  weft_msg_t why = {""};
  weft_emit_t e;
  begin_layer(c, i, op, false, &why, &e);
  c->p->layer[i].first = c->p->ncmd;
  weft_sched_begin(&c->s, c->p);
  int err = weft_lower_move(&e);
  if (err) return weft_fail(c->m, err, "operator %d %s: %s", op->index, weft_op_name(op->code), why.msg);
  add_to_job(c, i, &e, c->p->ncmd);
  c->open = false;
  return WEFT_OK;
}

static bool written_before(const compile_t *c, const weft_op_t *op)
{
  for (int k = 0; k < op->nin; k++)
    if (op->in[k] >= 0 && c->kept[op->in[k]] && &c->g->op[c->at.kept_by[op->in[k]]] == op) return true;
  return false;
}

static int one_operator(compile_t *c, int i, bool *top)
{
  weft_program_t *p = c->p;
  const weft_op_t *op = &c->g->op[i];
  weft_layer_t *l = &p->layer[i];
  *l = (weft_layer_t){.op = i, .tensor = op->nout ? op->out[0] : op->in[0], .first = p->ncmd};
  weft_describe(c->g, op, l->shape, sizeof l->shape);
  bool later = op->nout && c->at.made_by[op->out[0]] == i && !c->o->keep_all, before = written_before(c, op);
  if (later || before || weft_views_nothing_moves(c->g, op, &c->at.view)) {
    l->alias = true;
    snprintf(l->mapping, sizeof l->mapping, "%s", later ? "its readers take its inputs" : before ? "written by the operator before it" : "its bytes are in place");
    if (c->open) p->seg[p->nseg - 1].nlayers++;
    return WEFT_OK;
  }
  if (!c->open) weft_sched_begin(&c->s, p);
  size_t nkonst = p->nkonst;
  weft_msg_t why = {""};
  bool lstm = op->code == WEFT_OP_UNIDIRECTIONAL_SEQUENCE_LSTM;
  weft_emit_t e;
  weft_keep_expire(&c->keep, i);
  if (lstm) c->keep.n = 0;
  begin_layer(c, i, op, *top, &why, &e);
  e.lasting = lstm;
  joined(c, op, &e);
  int err = lstm ? lstm_by_steps(c, i, &e) : weft_lower(&e);
  if (err && !lstm && p->ncmd == l->first && c->keep.n) {       /* once more with the whole buffer */
    c->keep.n = 0;
    p->nkonst = nkonst;
    l->cycles = l->load_bytes = l->store_bytes = l->macs = 0;
    begin_layer(c, i, op, *top, &why, &e);
    joined(c, op, &e);
    err = weft_lower(&e);
  }
  if (!err && lstm) {
    c->keep.n = 0;
    after_cpu(c, op);
    return WEFT_OK;
  }
  if (!err) {
    l->npu = true;
    add_to_job(c, i, &e, p->ncmd);
    if (e.onto) c->kept[op->out[0]] = true;
    *top = !*top;
    return WEFT_OK;
  }
  if (err != WEFT_E_UNSUPPORTED) return weft_fail(c->m, err, "operator %d %s: %s", op->index, weft_op_name(op->code), why.msg);
  p->ncmd = l->first;      /* nothing of it stays; the next job starts afresh */
  p->nkonst = nkonst;
  l->cycles = l->load_bytes = l->store_bytes = 0;
  l->mapping[0] = 0;
  snprintf(l->reason, sizeof l->reason, "%.150s", why.msg);
  c->open = false;
  for (int k = 0; k < 2; k++)
    if (e.through[k] && !c->o->keep_all && (err = make_input(c, i, e.through[k]))) return err;
  new_segment(c, i);
  after_cpu(c, op);
  return WEFT_OK;
}

static void lay_out(weft_program_t *p)
{
  p->size[WEFT_REG_COMMANDS] = p->ncmd * WEFT_CMD_BYTES;
  p->size[WEFT_REG_CONSTANTS] = (uint32_t)p->nkonst;
  p->size[WEFT_REG_ARENA] = p->arena_bytes;
  uint32_t at = REGION_ALIGN;          /* address 0 stays free: it often means "none" */
  for (int r = 0; r < WEFT_PROGRAM_REGIONS; r++) {
    p->base[r] = at;
    at += (p->size[r] + REGION_ALIGN - 1) / REGION_ALIGN * REGION_ALIGN;
  }
}

/* Who reads the arena when all is done: the user, and the next inference. */
static void after_all(compile_t *c)
{
  const weft_graph_t *g = c->g;
  for (int t = 0; t < g->ntensors; t++) {
    bool wanted = g->tensor[t].variable;
    for (int i = 0; i < g->nout; i++) wanted |= g->out[i] == t;
    const weft_place_t *p = &c->p->place[t];
    if (wanted && p->region == WEFT_REG_ARENA) weft_stores_read(&c->stores, p->offset, p->bytes);
  }
}

static int compile_all(compile_t *c)
{
  const weft_graph_t *g = c->g;
  weft_program_t *p = c->p;
  p->nplace = g->ntensors;
  p->nlayer = g->nops;
  p->place = calloc((size_t)g->ntensors + 1, sizeof *p->place);
  p->layer = calloc((size_t)g->nops + 1, sizeof *p->layer);
  size_t segments = 3 * (size_t)g->nops + 1;       /* an operator on the CPU may need jobs before it */
  for (int i = 0; i < g->nops; i++)
    if (g->op[i].code == WEFT_OP_UNIDIRECTIONAL_SEQUENCE_LSTM) segments += 2 * (size_t)weft_lstm_size(g, &g->op[i]).steps;
  p->seg = calloc(segments, sizeof *p->seg);
  if (!p->place || !p->layer || !p->seg) return weft_fail(c->m, WEFT_E_MEMORY, "out of memory");
  c->at.p = p;
  int err = weft_place_tensors(&c->at);
  c->scratch = (p->arena_bytes + WEFT_TENSOR_ALIGN - 1) / WEFT_TENSOR_ALIGN * WEFT_TENSOR_ALIGN;
  c->keep.n = 0;
  c->open = false;
  memset(c->kept, 0, (size_t)g->ntensors * sizeof *c->kept);
  if (!err && !c->stores.second) err = weft_stores_begin(&c->stores, p->arena_bytes, c->m);
  bool top = false;
  for (int i = 0; i < g->nops && !err; i++) err = one_operator(c, i, &top);
  if (!err) after_all(c);
  if (!err) lay_out(p);
  return err;
}

static int new_program(compile_t *c, const weft_config_t *cfg)
{
  weft_program_free(c->p);
  c->p = calloc(1, sizeof *c->p);
  if (!c->p) return weft_fail(c->m, WEFT_E_MEMORY, "out of memory");
  c->p->cfg = cfg;
  return WEFT_OK;
}

int weft_compile_chosen(const weft_graph_t *g, const weft_config_t *cfg, const weft_compile_opts_t *o, const weft_chosen_t *x, weft_program_t **out, weft_msg_t *m)
{
  *out = NULL;
  compile_t c = {.g = g, .o = o, .m = m, .choice = x->choice, .plans = x->plans, .dry = x->dry || !o->keep_all};
  c.at = (weft_places_t){.g = g, .keep_all = o->keep_all, .m = m};
  c.kept = calloc((size_t)g->ntensors + 1, sizeof *c.kept);
  bool room = weft_places_new(&c.at, g->ntensors) && c.kept;
  int err = room ? new_program(&c, cfg) : weft_fail(m, WEFT_E_MEMORY, "out of memory");
  if (!err) err = compile_all(&c);
  /* Once more without the stores that nobody read, and with all contents. */
  const bool unread = !err && !o->keep_all && weft_stores_unread(&c.stores);
  if (!err && (unread || c.dry != x->dry)) {
    c.dry = x->dry;
    weft_stores_again(&c.stores);
    err = new_program(&c, cfg);
    if (!err) err = compile_all(&c);
  }
  weft_sched_free(&c.s);
  weft_stores_free(&c.stores);
  weft_places_free(&c.at);
  free(c.kept);
  if (err) weft_program_free(c.p);
  else *out = c.p;
  return err;
}
