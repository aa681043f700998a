/* SPDX-License-Identifier: Apache-2.0
 *
 * Which operators that move bytes cost nothing: where the compiler puts their tensors, which of them leave commands behind, and that a
 * run gives the golden bytes whatever shares its place. Graphs are made by hand; values are checked in bulk by the conformance cases.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/run.h"
#include "golden.h"

enum { TENSORS = 10, OPS = 4 };

typedef struct {
  weft_tensor_t t[TENSORS];
  weft_op_t op[OPS];
  int list[OPS][8], in[TENSORS], out[TENSORS];
  weft_graph_t g;
  weft_program_t *p;
} net_t;

static float scale = 0.1f;
static int32_t zero = 3;

static int tensor4(net_t *n, int a, int b, int c, int d) {
  static char name[] = "tensor";
  n->t[n->g.ntensors] = (weft_tensor_t){.name = name, .type = WEFT_I8, .rank = 4, .dim = {a, b, c, d}, .elements = (size_t)(a * b * c * d), .nscale = 1,
                                        .scale = &scale, .zero = &zero};
  return n->g.ntensors++;
}

static int tensor(net_t *n, weft_dtype_t type, int a, int b) {
  static char name[] = "tensor";
  n->t[n->g.ntensors] = (weft_tensor_t){.name = name, .type = type, .rank = 2, .dim = {a, b}, .elements = (size_t)(a * b)};
  if (type == WEFT_I8) n->t[n->g.ntensors].nscale = 1, n->t[n->g.ntensors].scale = &scale, n->t[n->g.ntensors].zero = &zero;
  return n->g.ntensors++;
}

static weft_op_t *op(net_t *n, weft_opcode_t code, int nin, int nout, const int *tensors) {
  int k = n->g.nops++;
  memcpy(n->list[k], tensors, (size_t)(nin + nout) * sizeof(int));
  n->op[k] = (weft_op_t){.code = code, .index = k, .nin = nin, .nout = nout, .in = n->list[k], .out = n->list[k] + nin};
  return &n->op[k];
}
#define OP(n, code, nin, nout, ...) op(n, code, nin, nout, (int[]){__VA_ARGS__})

static void begin(net_t *n) {
  memset(n, 0, sizeof *n);
  n->g.tensor = n->t;
  n->g.op = n->op;
  n->g.in = n->in;
  n->g.out = n->out;
}

static void ok(int err, const weft_msg_t *m) {
  if (err) fail_msg("%s", m->msg);
}

/* Compiles, runs on the machine model twice and compares every tensor with the golden operators. */
static void compile_and_run(net_t *n) {
  weft_msg_t m = {""};
  const weft_config_t *cfg = weft_config_find("tiny");
  weft_golden_t gold;
  size_t bytes = weft_golden_arena_size(&n->g);
  void *arena = malloc(bytes);
  assert_non_null(arena);
  ok(weft_golden_init(&gold, &n->g, arena, bytes, &m), &m);
  weft_golden_reset(&n->g, &gold);
  ok(weft_compile(&n->g, cfg, &(weft_compile_opts_t){.keep_all = true}, &n->p, &m), &m);
  weft_target_t *t;
  weft_run_t r;
  ok(weft_target_open("model", cfg, &(weft_target_opts_t){.dram_bytes = weft_run_dram_bytes(n->p)}, &t, &m), &m);
  ok(weft_run_open(&r, &n->g, n->p, t, 0, &m), &m);
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < n->g.nin; i++) {
      const int x = n->in[i];
      for (size_t k = 0; k < n->t[x].elements; k++) ((int8_t *)gold.data[x])[k] = (int8_t)(7 * k + 31 * (size_t)(x + round));
      ok(weft_run_input(&r, i, gold.data[x], &m), &m);
    }
    ok(weft_golden_run(&n->g, &gold, &m), &m);
    ok(weft_run_infer(&r, &m), &m);
    for (int x = 0; x < n->g.ntensors; x++) {
      int8_t got[4096];
      if (n->t[x].data) continue;
      ok(weft_run_tensor(&r, x, got, &m), &m);
      assert_memory_equal(got, gold.data[x], n->t[x].elements);
    }
  }
  weft_run_close(&r);
  weft_target_close(t);
  free(arena);
}

static int distance(const net_t *n, int inner, int outer) {
  assert_int_equal(n->p->place[inner].region, n->p->place[outer].region);
  return (int)n->p->place[inner].offset - (int)n->p->place[outer].offset;
}

static void free_op(const net_t *n, int layer) {
  assert_true(n->p->layer[layer].alias);
  assert_int_equal(n->p->layer[layer].count, 0);
}

static void pieces_live_in_the_whole(void **state) {
  (void)state;
  net_t n;
  begin(&n);
  static const int32_t axis = 0;
  int a = tensor(&n, WEFT_I32, 1, 1), x = tensor(&n, WEFT_I8, 6, 52), p0 = tensor(&n, WEFT_I8, 3, 52), p1 = tensor(&n, WEFT_I8, 3, 52);
  n.t[a].data = (void *)&axis;
  OP(&n, WEFT_OP_SPLIT, 2, 2, a, x, p0, p1);
  n.in[n.g.nin++] = x;
  n.out[n.g.nout++] = p0;
  n.out[n.g.nout++] = p1;
  compile_and_run(&n);
  free_op(&n, 0);
  assert_int_equal(distance(&n, p0, x), 0);
  assert_int_equal(distance(&n, p1, x), 156);
  assert_int_equal(n.p->ncmd, 0);
  weft_program_free(n.p);
}

static void operands_live_in_the_join(void **state) {
  (void)state;
  net_t n;
  begin(&n);
  int x = tensor(&n, WEFT_I8, 4, 20), y = tensor(&n, WEFT_I8, 4, 20), s = tensor(&n, WEFT_I8, 4, 20), j = tensor(&n, WEFT_I8, 8, 20);
  OP(&n, WEFT_OP_ADD, 2, 1, x, y, s);
  OP(&n, WEFT_OP_CONCATENATION, 2, 1, s, x, j)->axis = 0;
  n.in[n.g.nin++] = x;
  n.in[n.g.nin++] = y;
  n.out[n.g.nout++] = j;
  compile_and_run(&n);
  free_op(&n, 1);
  assert_int_equal(distance(&n, s, j), 0);
  assert_int_equal(distance(&n, x, j), 80);
  weft_program_free(n.p);
}

/* A tensor has one place: what is joined twice, is part of something else already, or is a constant must be copied. */
static void second_place_is_a_copy(void **state) {
  (void)state;
  static int8_t konst[40] = {1, -2, 3};
  net_t n;
  begin(&n);
  int x = tensor(&n, WEFT_I8, 4, 10), c = tensor(&n, WEFT_I8, 4, 10), j = tensor(&n, WEFT_I8, 12, 10), k = tensor(&n, WEFT_I8, 8, 10);
  n.t[c].data = konst;
  OP(&n, WEFT_OP_CONCATENATION, 3, 1, x, x, c, j)->axis = 0;
  OP(&n, WEFT_OP_CONCATENATION, 2, 1, x, c, k)->axis = 0;
  n.in[n.g.nin++] = x;
  n.out[n.g.nout++] = j;
  n.out[n.g.nout++] = k;
  compile_and_run(&n);
  assert_int_equal(distance(&n, x, j), 0);
  assert_true(n.p->layer[0].npu && n.p->layer[1].npu);
  assert_int_equal(n.p->layer[0].store_bytes, 80);
  assert_int_equal(n.p->layer[1].store_bytes, 80);
  weft_program_free(n.p);
}

/* What is read from a variable must survive the variable's next value. */
static void variables_are_copied(void **state) {
  (void)state;
  net_t n;
  begin(&n);
  int x = tensor(&n, WEFT_I8, 4, 10), v = tensor(&n, WEFT_I8, 4, 10), old = tensor(&n, WEFT_I8, 4, 10), j = tensor(&n, WEFT_I8, 8, 10);
  n.t[v].variable = true;
  OP(&n, WEFT_OP_READ_VARIABLE, 1, 1, v, old);
  OP(&n, WEFT_OP_ASSIGN_VARIABLE, 2, 0, v, x);
  OP(&n, WEFT_OP_CONCATENATION, 2, 1, old, x, j)->axis = 0;
  n.in[n.g.nin++] = x;
  n.out[n.g.nout++] = j;
  compile_and_run(&n);
  for (int i = 0; i < 2; i++) {
    assert_true(n.p->layer[i].npu);
    assert_int_equal(n.p->layer[i].store_bytes, 40);
  }
  free_op(&n, 2);
  assert_int_equal(distance(&n, old, j), 0);
  assert_true(n.p->place[v].offset >= n.p->place[j].offset + 80 || n.p->place[v].offset + 40 <= n.p->place[j].offset);
  weft_program_free(n.p);
}

/* Heads in and out of a product: nothing is moved, unless every tensor must be kept for a look at it. */
static void heads_are_stepped_through(void **state) {
  (void)state;
  static const int32_t order[] = {0, 2, 1, 3}, turn[] = {0, 1, 3, 2};
  for (int swapped = 0; swapped < 2; swapped++) {
    net_t n;
    begin(&n);
    int p = tensor(&n, WEFT_I32, 1, 4), q = tensor(&n, WEFT_I32, 1, 4);
    n.t[p].data = (void *)order;
    n.t[q].data = (void *)(swapped ? turn : order);
    int x = tensor4(&n, 1, 5, 2, 24), t = tensor4(&n, 1, 2, 5, 24), y = tensor4(&n, 1, 2, 24, 7), m = tensor4(&n, 1, 2, 5, 7);
    int z = swapped ? tensor4(&n, 1, 2, 7, 5) : tensor4(&n, 1, 5, 2, 7);
    OP(&n, WEFT_OP_TRANSPOSE, 2, 1, x, p, t);
    OP(&n, WEFT_OP_BATCH_MATMUL, 2, 1, t, y, m);
    OP(&n, WEFT_OP_TRANSPOSE, 2, 1, m, q, z);
    n.in[n.g.nin++] = x;
    n.in[n.g.nin++] = y;
    n.out[n.g.nout++] = z;
    compile_and_run(&n);             /* keeps all */
    assert_true(n.p->layer[0].npu);
    free_op(&n, 2);
    weft_program_free(n.p);
    weft_msg_t msg = {""};
    ok(weft_compile(&n.g, weft_config_find("tiny"), &(weft_compile_opts_t){.keep_all = false}, &n.p, &msg), &msg);
    free_op(&n, 0);
    free_op(&n, 2);
    assert_int_equal(n.p->layer[1].store_bytes, 2 * 5 * 7);
    weft_program_free(n.p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(pieces_live_in_the_whole), cmocka_unit_test(operands_live_in_the_join),
                                     cmocka_unit_test(second_place_is_a_copy), cmocka_unit_test(variables_are_copied),
                                     cmocka_unit_test(heads_are_stepped_through)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
