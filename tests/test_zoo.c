/* SPDX-License-Identifier: Apache-2.0
 *
 * Networks of the zoo: they import, their work and weights are those of the originals, and their values stay spread.
 *
 * The numbers of the table are published ones (parameter counts without batch normalisation), not the zoo's own sums. Spread: on random input, no
 * tensor of a golden run has more than a fifth of its values cut off at an end of the scale, and a tensor of 1,000 values or more
 * has many different ones. A rectifier's zeros are no saturation, and what RELU6 cuts off is its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/program.h"
#include "golden.h"
#include "rand.h"
#include "zoo/zoo.h"

static const struct { const char *name; int batch; uint64_t macs, weights; int bias; bool run; } net[] = {
  {"alexnet-conv-227", 1, 665784864, 2332704, 1376, true},
  {"alexnet-conv-227", 4, 4 * 665784864ull, 2332704, 1376, false},
  {"vgg16-conv-224", 1, 15346630656, 14710464, 4224, false},
  {"vgg16-conv-64", 1, 15346630656 * 64 * 64 / (224 * 224), 14710464, 4224, true},
  {"resnet18-224", 1, 1814073344, 11678912, 4800 + 1000, false},
  {"resnet18-64", 1, 0, 11678912, 4800 + 1000, true},
  {"resnet50-224", 1, 4089184256, 25502912, 26560 + 1000, false},
  {"resnet50-64", 1, 0, 25502912, 26560 + 1000, true},
  {"mobilenetv1-1.0-224", 1, 568740352, 4209088, 10944 + 1000, true},
  {"mobilenetv1-0.5-128", 1, 49160192, 1319648, 5472 + 1000, true},
  {"mobilenetv2-1.0-224", 1, 300774272, 3469760, 17056 + 1000, true},
  {"bert-base-layer-128", 1, 4ull * 128 * 768 * 768 + 2ull * 128 * 128 * 768 + 2ull * 128 * 768 * 3072, 7077888, 5 * 768 + 3072, true},
  {"nvdla-1", 1, 4386816, 8ull * 3 * 3 * 128 * 4, 32, true},
  {"nvdla-2", 1, 2580480, 5 * 3 * 64 * 16, 16, true},
  {"nvdla-3", 1, 2887500, 5 * 5 * 55 * 25, 25, true},
  {"nvdla-4", 1, 331776, 3 * 3 * 192 * 32, 32, true},
  {"nvdla-5", 1, 16384, 8192, 1, true},
};
enum { NETS = sizeof net / sizeof net[0] };

static weft_graph_t *load(const char *name, uint64_t seed, int batch)
{
  void *bytes;
  size_t size;
  weft_graph_t *g;
  weft_msg_t m = {""};
  if (weft_zoo_make(name, seed, batch, &bytes, &size, &m)) fail_msg("%s", m.msg);
  if (weft_import(bytes, size, &g, &m)) fail_msg("%s: %s", name, m.msg);
  free(bytes);
  return g;
}

static void work_and_weights(void **state)
{
  (void)state;
  for (int i = 0; i < NETS; i++) {
    weft_graph_t *g = load(net[i].name, 1, net[i].batch);
    uint64_t macs = 0, weights = 0, bias = 0;
    weft_program_t *p;
    weft_msg_t m = {""};
    if (weft_compile(g, weft_config_find("weft672"), &(weft_compile_opts_t){.as_estimated = true}, &p, &m)) fail_msg("%s: %s", net[i].name, m.msg);
    for (int k = 0; k < p->nlayer; k++) macs += p->layer[k].macs;
    weft_program_free(p);
    for (int k = 0; k < g->nops; k++) {
      const weft_op_t *op = &g->op[k];
      if (op->code != WEFT_OP_CONV_2D && op->code != WEFT_OP_DEPTHWISE_CONV_2D && op->code != WEFT_OP_FULLY_CONNECTED) continue;
      weights += g->tensor[op->in[1]].elements;
      bias += g->tensor[op->in[2]].elements;
      assert_int_equal(g->tensor[op->in[1]].nscale, g->tensor[op->in[2]].elements);      /* a scale for each channel */
    }
    if (net[i].macs && macs != net[i].macs) fail_msg("%s: %llu MACs", net[i].name, (unsigned long long)macs);
    if (weights != net[i].weights) fail_msg("%s: %llu weights", net[i].name, (unsigned long long)weights);
    if (bias != (uint64_t)net[i].bias) fail_msg("%s: %llu biases", net[i].name, (unsigned long long)bias);
    weft_graph_free(g);
  }
}

/* Cut off: at the top without RELU6, at the bottom when that is not zero. */
static void spread(const char *name, const weft_graph_t *g, const weft_op_t *op, const int8_t *v)
{
  const weft_tensor_t *t = &g->tensor[op->out[0]];
  size_t count[256] = {0}, cut = 0;
  int different = 0;
  for (size_t i = 0; i < t->elements; i++) count[v[i] + 128]++;
  for (int i = 0; i < 256; i++) different += count[i] > 0;
  bool six = op->act == WEFT_ACT_RELU6 || g->tensor[op->in[0]].scale[0] == 6.0f / 255;
  if (!six) cut += count[255];
  if (t->zero[0] != -128) cut += count[0];
  if (cut * 5 > t->elements) fail_msg("%s: operator %d %s: %zu of %zu values cut off", name, op->index, weft_op_name(op->code), cut, t->elements);
  int wanted = t->elements < 1000 ? (int)t->elements / 16 : 64;
  if (wanted > 16 && op->code == WEFT_OP_SOFTMAX) wanted = 16;           /* most probabilities are a few steps of 1/256 */
  if (wanted > 16 && t->dim[t->rank - 1] == 1) wanted = 16;              /* statistics of rows: alike */
  if (different < wanted) fail_msg("%s: operator %d %s: %d different values of %zu", name, op->index, weft_op_name(op->code), different, t->elements);
}

static void values_stay_spread(void **state)
{
  (void)state;
  for (int i = 0; i < NETS; i++) {
    if (!net[i].run) continue;
    weft_graph_t *g = load(net[i].name, 3, net[i].batch);
    size_t bytes = weft_golden_arena_size(g);
    void *arena = malloc(bytes);
    weft_golden_t s;
    weft_msg_t m = {""};
    rand_t r = {11};
    assert_non_null(arena);
    if (weft_golden_init(&s, g, arena, bytes, &m)) fail_msg("%s: %s", net[i].name, m.msg);
    for (size_t k = 0; k < g->tensor[g->in[0]].elements; k++) ((int8_t *)s.data[g->in[0]])[k] = (int8_t)rand_in(&r, -128, 127);
    if (weft_golden_run(g, &s, &m)) fail_msg("%s: %s", net[i].name, m.msg);
    for (int k = 0; k < g->nops; k++) spread(net[i].name, g, &g->op[k], s.data[g->op[k].out[0]]);
    free(arena);
    weft_graph_free(g);
  }
}

static void same_call_same_bytes(void **state)
{
  (void)state;
  void *a, *b, *c;
  size_t na, nb, nc;
  weft_msg_t m = {""};
  assert_int_equal(weft_zoo_make("mobilenetv2-0.35-96", 5, 1, &a, &na, &m), WEFT_OK);
  assert_int_equal(weft_zoo_make("mobilenetv2-0.35-96", 5, 1, &b, &nb, &m), WEFT_OK);
  assert_int_equal(weft_zoo_make("mobilenetv2-0.35-96", 6, 1, &c, &nc, &m), WEFT_OK);
  assert_true(na == nb && !memcmp(a, b, na));
  assert_true(na != nc || memcmp(a, c, na));
  free(a);
  free(b);
  free(c);
}

static void refused(void **state)
{
  (void)state;
  static const struct { const char *name; int batch; const char *why; } bad[] = {
    {"lenet", 1, "the zoo has no 'lenet'"},
    {"resnet50", 1, "expected resnet50-SIZE, as in resnet50-224"},
    {"resnet50-", 1, "expected resnet50-SIZE"},
    {"resnet50-224-3", 1, "expected resnet50-SIZE"},
    {"resnet50x", 1, "the zoo has no"},
    {"mobilenetv1-1.0", 1, "expected mobilenetv1-WIDTH-SIZE"},
    {"mobilenetv1-9-224", 1, "WIDTH must be 0.1 to 2"},
    {"nvdla-6", 1, "TRACE must be 1 to 5"},
    {"resnet50-224", 0, "a batch of 0: accepted are 1 to 64"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    void *bytes = &bytes;
    size_t size = 1;
    weft_msg_t m = {""};
    assert_int_equal(weft_zoo_make(bad[i].name, 1, bad[i].batch, &bytes, &size, &m), WEFT_E_ARG);
    assert_null(bytes);
    if (!strstr(m.msg, bad[i].why)) fail_msg("'%s' does not say '%s'", m.msg, bad[i].why);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(work_and_weights), cmocka_unit_test(values_stay_spread), cmocka_unit_test(same_call_same_bytes), cmocka_unit_test(refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
