/* SPDX-License-Identifier: Apache-2.0
 *
 * LSTM by steps: random ones, one or two in a row, on the machine model of three configurations against the golden operator: outputs and states over
 * several inferences, with tensors that share memory or do not; that all products are on the array and counted.
 *
 * Gate products reach far beyond 16 bits, so that the bytes depend on what the CPU computes again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/run.h"
#include "golden.h"
#include "rand.h"

enum { CASES = 60, INFERENCES = 3, TENSORS = 64, GATES = 4, OPERANDS = 24, HIDDEN = 18, CELL = 19 };

static void ok(int err, const weft_msg_t *m) {
  if (err) fail_msg("%s", m->msg);
}

/* ---- graphs on the heap, as the importer's are */

typedef struct { int batch, steps, features, units, layers; bool time_major, apart; float clip; } shape_t;

static int tensor(weft_graph_t *g, weft_dtype_t type, float scale, int32_t zero, int rank, const int32_t *dim) {
  weft_tensor_t *t = &g->tensor[g->ntensors];
  assert_true(g->ntensors < TENSORS);
  *t = (weft_tensor_t){.name = calloc(16, 1), .type = type, .rank = rank, .elements = 1};
  snprintf(t->name, 16, "t%d", g->ntensors);
  for (int i = 0; i < rank; i++) t->elements *= (size_t)(t->dim[i] = dim[i]);
  if (scale > 0) {
    t->nscale = 1;
    t->scale = malloc(sizeof *t->scale);
    t->zero = malloc(sizeof *t->zero);
    t->scale[0] = scale;
    t->zero[0] = zero;
  }
  return g->ntensors++;
}
#define TENSOR(g, type, scale, zero, ...) \
  tensor(g, type, scale, zero, (int)(sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t)), (int32_t[]){__VA_ARGS__})

static float real(rand_t *r, float lo, float hi) { return lo + (hi - lo) * (float)rand_in(r, 0, 1000) / 1000.0f; }

/* INT8 weights; their products with inputs of this scale have a deviation of 0.3 to 30, of which a gate's 16 bits hold 8. */
static int weights(weft_graph_t *g, rand_t *r, int rows, int columns, float scale) {
  const float reach = 0.3f * powf(100.0f, real(r, 0, 1));
  const int t = TENSOR(g, WEFT_I8, reach / (sqrtf((float)columns) * 73 * 74 * scale), 0, rows, columns);
  int8_t *w = g->tensor[t].data = malloc(g->tensor[t].elements);
  for (size_t i = 0; i < g->tensor[t].elements; i++) w[i] = (int8_t)rand_in(r, -128, 127);
  return t;
}

/* One LSTM on tensor x; returns its output. */
static int lstm(weft_graph_t *g, rand_t *r, const shape_t *s, int x, int features) {
  weft_op_t *op = &g->op[g->nops];
  *op = (weft_op_t){.code = WEFT_OP_UNIDIRECTIONAL_SEQUENCE_LSTM, .index = g->nops++, .nin = OPERANDS, .nout = 1, .nmid = 5,
                    .in = malloc(OPERANDS * sizeof(int)), .out = malloc(sizeof(int)), .mid = malloc(5 * sizeof(int)), .time_major = s->time_major,
                    .cell_clip = s->clip};
  for (int i = 0; i < OPERANDS; i++) op->in[i] = -1;
  for (int i = 0; i < 5; i++) op->mid[i] = -1;
  const float sx = g->tensor[x].scale[0], sh = real(r, 0.004f, 0.01f);
  const int zh = (int)rand_in(r, -30, 30);
  op->in[0] = x;
  for (int i = 0; i < GATES; i++) op->in[1 + i] = weights(g, r, s->units, features, sx);
  for (int i = 0; i < GATES; i++) op->in[5 + i] = weights(g, r, s->units, s->units, sh);
  for (int i = 0; i < GATES; i++) {
    const int t = op->in[12 + i] = TENSOR(g, WEFT_I32, 0, 0, s->units);
    int32_t *b = g->tensor[t].data = malloc((size_t)s->units * sizeof *b);
    for (int k = 0; k < s->units; k++) b[k] = (int32_t)rand_in(r, -20000, 20000);
  }
  op->in[HIDDEN] = TENSOR(g, WEFT_I8, sh, zh, s->batch, s->units);
  op->in[CELL] = TENSOR(g, WEFT_I16, 1.0f / (float)(1 << rand_in(r, 9, 15)), 0, s->batch, s->units);
  g->tensor[op->in[HIDDEN]].variable = g->tensor[op->in[CELL]].variable = true;
  op->mid[4] = TENSOR(g, WEFT_F32, sh, zh, 1);
  const int first = s->time_major ? s->steps : s->batch, second = s->time_major ? s->batch : s->steps;
  return op->out[0] = TENSOR(g, WEFT_I8, s->apart ? 2 * sh : sh, s->apart ? zh + 1 : zh, first, second, s->units);
}

static weft_graph_t *network(const shape_t *s, uint64_t seed) {
  rand_t r = {seed};
  weft_graph_t *g = calloc(1, sizeof *g);
  g->tensor = calloc(TENSORS, sizeof *g->tensor);
  g->op = calloc(2, sizeof *g->op);
  g->in = malloc(sizeof(int));
  g->out = malloc(sizeof(int));
  const int first = s->time_major ? s->steps : s->batch, second = s->time_major ? s->batch : s->steps;
  int y = g->in[0] = TENSOR(g, WEFT_I8, real(&r, 0.01f, 0.1f), (int)rand_in(&r, -128, 127), first, second, s->features);
  for (int i = 0; i < s->layers; i++) y = lstm(g, &r, s, y, i ? s->units : s->features);
  g->nin = g->nout = 1;
  g->out[0] = y;
  return g;
}

static shape_t draw(rand_t *r) {
  return (shape_t){.batch = (int)rand_in(r, 1, 3), .steps = (int)rand_in(r, 1, 6), .features = (int)rand_in(r, 1, 50), .units = (int)rand_in(r, 1, 50),
                   .layers = rand_chance(r, 25) ? 2 : 1, .time_major = rand_chance(r, 40), .apart = rand_chance(r, 20),
                   .clip = rand_chance(r, 50) ? 0 : real(r, 0.05f, 8)};
}

/* ---- golden operators against the device */

typedef struct {
  weft_graph_t *g;
  weft_golden_t s;
  void *arena;
} gold_t;

static void gold_open(gold_t *o, weft_graph_t *g) {
  weft_msg_t m = {""};
  const size_t n = weft_golden_arena_size(g);
  o->g = g;
  o->arena = malloc(n);
  ok(weft_golden_init(&o->s, g, o->arena, n, &m), &m);
}

static size_t bytes_of(const weft_tensor_t *t) { return t->elements * weft_dtype_size(t->type); }

/* Outputs and states; an inner output only when every tensor keeps its place. */
static void same(const gold_t *a, weft_run_t *r, bool inner, const char *what) {
  weft_msg_t m = {""};
  for (int t = 0; t < a->g->ntensors; t++) {
    bool output = false;
    for (int i = 0; i < a->g->nops; i++) output |= a->g->op[i].out[0] == t && (inner || t == a->g->out[0]);
    if (!output && !a->g->tensor[t].variable) continue;
    void *got = malloc(bytes_of(&a->g->tensor[t]));
    ok(weft_run_tensor(r, t, got, &m), &m);
    if (memcmp(got, a->s.data[t], bytes_of(&a->g->tensor[t]))) fail_msg("%s: tensor %d differs", what, t);
    free(got);
  }
}

/* Products of the state that stand at the 16-bit limit after the last step. */
static int at_limit(const weft_run_t *r, const shape_t *s) {
  int n = 0;
  for (int i = 0; i < r->p->nlayer; i++) {
    const size_t values = (size_t)(GATES * s->batch * s->units);
    int16_t *v = malloc(values * sizeof *v);
    weft_run_t *own = (weft_run_t *)r;
    assert_int_equal(weft_buf_read(&own->dev, &own->buf[WEFT_REG_ARENA], r->p->layer[i].products, v, (uint32_t)(values * sizeof *v)), 0);
    for (size_t k = 0; k < values; k++) n += v[k] == INT16_MAX || v[k] == INT16_MIN;
    free(v);
  }
  return n;
}

/* Bytes of weights and entries that a job loads. */
static uint64_t constants(const weft_program_t *p, const weft_segment_t *job) {
  uint64_t n = 0;
  for (uint32_t i = 0; i < job->count; i++) {
    weft_cmd_t c;
    assert_int_equal(weft_cmd_unpack(p->cmd + (size_t)(job->first + i) * WEFT_CMD_WORDS, &c), 0);
    if (c.hdr.opcode == WEFT_CMD_LOAD && c.dma.region == WEFT_REG_CONSTANTS) n += (uint64_t)(c.dma.n1 * c.dma.n0 * c.dma.elems * c.dma.elem_bytes);
  }
  return n;
}

/* One sequence: the state's weights are loaded in the first step, and stay where a quarter of the buffer holds a gate. */
static void check_loads(const weft_program_t *p, const shape_t *s, const char *what) {
  const uint64_t weights = GATES * (uint64_t)s->units * (uint64_t)s->units;
  const bool stay = s->units * ((s->units + 15) / 16 + 2) + 8 * ((s->units + 15) / 16) + 16 <= p->cfg->buf_words / GATES;
  for (int i = 0; i < p->nseg && s->batch == 1; i++) {
    if (p->seg[i].npu || p->seg[i].step < 0) continue;
    const uint64_t n = constants(p, &p->seg[i - 1]);
    if (p->seg[i].step == 0 && n < weights) fail_msg("%s: first step loads %d bytes", what, (int)n);
    if (p->seg[i].step > 0 && stay && n >= weights) fail_msg("%s: step %d loads %d bytes again", what, p->seg[i].step, (int)n);
    if (p->seg[i].step > 0 && !stay && n < weights) fail_msg("%s: step %d loads only %d bytes", what, p->seg[i].step, (int)n);
  }
}

static void check_layers(const weft_program_t *p, const shape_t *s, const char *what) {
  uint64_t macs = 0, want = 0;
  int steps = 0, jobs = 0;
  for (int i = 0; i < p->nlayer; i++) {
    const uint64_t n = (uint64_t)s->steps + 1, each = weft_program_job_cycles(p, i);
    macs += p->layer[i].macs;
    assert_true(each > 0 && n * each <= p->layer[i].cycles && p->layer[i].cycles < n * (each + 1));
  }
  for (int i = 0; i < p->nseg; i++) {
    jobs += p->seg[i].npu;
    steps += !p->seg[i].npu;
    if (!p->seg[i].npu && p->seg[i].step < 0) fail_msg("%s: whole on the CPU: %s", what, p->layer[p->seg[i].layer].reason);
  }
  for (int i = 0; i < s->layers; i++)
    want += (uint64_t)s->steps * (uint64_t)s->batch * GATES * (uint64_t)s->units * (uint64_t)((i ? s->units : s->features) + s->units);
  assert_int_equal(steps, s->layers * s->steps);
  assert_int_equal(jobs, s->layers * (s->steps + 1));
  assert_int_equal(macs, want);
}

static int on_device(const gold_t *gold, const shape_t *s, const char *config, bool keep, uint64_t seed) {
  weft_msg_t m = {""};
  weft_program_t *p;
  weft_target_t *t;
  weft_run_t r;
  char what[120];
  int limits = 0;
  const weft_config_t *cfg = weft_config_find(config);
  snprintf(what, sizeof what, "case %d on %s%s", (int)seed, config, keep ? ", every tensor kept" : "");
  ok(weft_compile(gold->g, cfg, &(weft_compile_opts_t){.keep_all = keep}, &p, &m), &m);
  check_layers(p, s, what);
  check_loads(p, s, what);
  ok(weft_target_open("model", cfg, &(weft_target_opts_t){.dram_bytes = weft_run_dram_bytes(p)}, &t, &m), &m);
  ok(weft_run_open(&r, gold->g, p, t, 0, &m), &m);
  weft_golden_t state = gold->s;
  weft_golden_reset(gold->g, &state);
  for (int k = 0; k < INFERENCES; k++) {
    rand_t x = {seed * 100 + (uint64_t)k};
    int8_t *in = state.data[gold->g->in[0]];
    for (size_t i = 0; i < gold->g->tensor[gold->g->in[0]].elements; i++) in[i] = rand_i8(&x);
    ok(weft_golden_run(gold->g, &state, &m), &m);
    ok(weft_run_input(&r, 0, in, &m), &m);
    ok(weft_run_infer(&r, &m), &m);
    same(gold, &r, keep, what);
    limits += at_limit(&r, s);
  }
  weft_run_close(&r);
  weft_target_close(t);
  weft_program_free(p);
  return limits;
}

static void random_lstms(void **state) {
  (void)state;
  static const char *const config[] = {"tiny", "weft144", "weft672"};
  int limits = 0;
  for (uint64_t seed = 1; seed <= CASES; seed++) {
    rand_t r = {seed};
    const shape_t s = draw(&r);
    gold_t gold;
    gold_open(&gold, network(&s, seed));
    for (size_t i = 0; i < sizeof config / sizeof *config; i++) limits += on_device(&gold, &s, config[i], (seed + i) % 2, seed);
    free(gold.arena);
    weft_graph_free(gold.g);
  }
  assert_true(limits > 1000);
}

/* An input that is a constant of the file: read from there by array and CPU alike. */
static void constant_input(void **state) {
  (void)state;
  const shape_t s = {.batch = 1, .steps = 3, .features = 7, .units = 5, .layers = 1};
  weft_msg_t m = {""};
  weft_program_t *p;
  weft_target_t *t;
  weft_run_t r;
  gold_t gold;
  weft_graph_t *g = network(&s, 1);
  int8_t *x = g->tensor[0].data = malloc(g->tensor[0].elements);
  for (size_t i = 0; i < g->tensor[0].elements; i++) x[i] = (int8_t)(37 * i);
  g->nin = 0;
  gold_open(&gold, g);
  const weft_config_t *cfg = weft_config_find("tiny");
  ok(weft_compile(g, cfg, &(weft_compile_opts_t){.keep_all = true}, &p, &m), &m);
  check_layers(p, &s, "constant input");
  ok(weft_target_open("model", cfg, &(weft_target_opts_t){.dram_bytes = weft_run_dram_bytes(p)}, &t, &m), &m);
  ok(weft_run_open(&r, g, p, t, 0, &m), &m);
  ok(weft_golden_run(g, &gold.s, &m), &m);
  ok(weft_run_infer(&r, &m), &m);
  same(&gold, &r, true, "constant input");
  weft_run_close(&r);
  weft_target_close(t);
  weft_program_free(p);
  free(gold.arena);
  weft_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(random_lstms), cmocka_unit_test(constant_input)};
  return cmocka_run_group_tests_name("lstm", tests, NULL, NULL);
}
