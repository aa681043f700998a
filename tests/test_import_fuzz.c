/* SPDX-License-Identifier: Apache-2.0
 *
 * Damaged .tflite files: cut off, or with random bytes changed. The importer answers each with one clear message or
 * with a graph that is sound; what it accepts, the golden operators execute. Built with the address and undefined-behaviour sanitizers.
 *
 * Most bytes of a network are weights, where a change does no harm: 9 of 10 changes go to the other bytes (found by looking for
 * the constants in the image). SEED=n replays a run; the default is fixed, so a failure repeats. N=n changes each file n times.
 */
#define _GNU_SOURCE 1   /* memmem */
#include <setjmp.h>
#include <stdarg.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "golden.h"
#include "graph.h"
#include "import/readfile.h"
#include "importnet.h"

enum { CUTS = 64, MUTANTS = 2000, ARENA = 1 << 22 };

static uint64_t rng;
static uint32_t draw(uint32_t below) {   /* splitmix64 */
  uint64_t z = (rng += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return (uint32_t)((z ^ z >> 31) >> 32) % below;
}

static unsigned long number_from(const char *name, unsigned long otherwise) {
  const char *s = getenv(name);
  return s && *s ? strtoul(s, NULL, 0) : otherwise;
}

/* ---- what an accepted graph must be */

static void sound(const weft_graph_t *g) {
  assert_true(g->ntensors > 0 && g->nops > 0 && g->nin > 0 && g->nout > 0);
  for (int i = 0; i < g->ntensors; i++) {
    const weft_tensor_t *t = &g->tensor[i];
    assert_non_null(t->name);
    assert_in_range(t->rank, 0, WEFT_MAX_RANK);
    size_t n = 1;
    for (int k = 0; k < t->rank; k++) {
      assert_true(t->dim[k] >= 1);
      n *= (size_t)t->dim[k];
      assert_true(n <= INT32_MAX);
    }
    assert_int_equal(n, t->elements);
    if (t->nscale > 1) {
      assert_in_range(t->qdim, 0, t->rank - 1);
      assert_int_equal(t->nscale, t->dim[t->qdim]);
    }
    for (int k = 0; k < t->nscale; k++) assert_true(isfinite(t->scale[k]) && t->scale[k] > 0);
    for (int k = 0; t->type == WEFT_I8 && k < t->nscale; k++) assert_true(t->zero[k] >= INT8_MIN && t->zero[k] <= INT8_MAX);
    if (t->data) {   /* every byte is there: the sanitizer watches */
      volatile uint8_t last = ((const uint8_t *)t->data)[t->elements * weft_dtype_size(t->type) - 1];
      (void)last;
    }
  }
  for (int i = 0; i < g->nops; i++) {
    const weft_op_t *op = &g->op[i];
    assert_true((unsigned)op->code < WEFT_OP_COUNT);
    for (int k = 0; k < op->nin; k++) assert_true(op->in[k] >= -1 && op->in[k] < g->ntensors);
    for (int k = 0; k < op->nout; k++) assert_true(op->out[k] >= 0 && op->out[k] < g->ntensors && !g->tensor[op->out[k]].data);
    weft_msg_t m = {{0}};
    if (weft_golden_supported(g, op, &m)) fail_msg("accepted, but the golden operator refuses: %s", m.msg);
  }
  for (int i = 0; i < g->nin; i++) assert_in_range(g->in[i], 0, g->ntensors - 1);
  for (int i = 0; i < g->nout; i++) assert_in_range(g->out[i], 0, g->ntensors - 1);
}

/* Work of one inference, as an upper bound in multiply-adds. */
static double work(const weft_graph_t *g) {
  double sum = 0;
  for (int i = 0; i < g->nops; i++) {
    const weft_op_t *op = &g->op[i];
    double taps = (double)(op->filter_h ? op->filter_h : 1) * (op->filter_w ? op->filter_w : 1);
    if (op->nin > 1 && op->in[1] >= 0) taps += (double)g->tensor[op->in[1]].elements;
    sum += taps * ((double)g->tensor[op->out[0]].elements + (double)g->tensor[op->in[0]].elements);
  }
  return sum;
}

static void execute(const weft_graph_t *g) {
  static uint8_t arena[ARENA];
  if (weft_golden_arena_size(g) > sizeof arena || work(g) > 1e6) return;
  weft_golden_t s;
  weft_msg_t m = {{0}};
  if (weft_golden_init(&s, g, arena, sizeof arena, &m)) fail_msg("golden model: %s", m.msg);
  for (int i = 0; i < g->nin; i++)
    for (size_t k = 0; k < g->tensor[g->in[i]].elements; k++) ((int8_t *)s.data[g->in[i]])[k] = (int8_t)draw(256);
  if (weft_golden_run(g, &s, &m)) fail_msg("golden model: %s", m.msg);
}

typedef struct { int refused, accepted; } tally_t;

static void judge(const void *image, size_t size, bool run, tally_t *tally) {
  weft_graph_t *g = NULL;
  weft_msg_t m = {{0}};
  int e = weft_import(image, size, &g, &m);
  if (e) {
    assert_true(e == WEFT_E_FORMAT || e == WEFT_E_UNSUPPORTED);
    assert_null(g);
    assert_true(strlen(m.msg) > 10);
    for (const char *s = m.msg; *s; s++) assert_false((unsigned char)*s < 0x20);   /* one line, no terminal codes */
    tally->refused++;
    return;
  }
  assert_int_equal(m.msg[0], 0);
  sound(g);
  if (run) execute(g);
  weft_graph_free(g);
  tally->accepted++;
}

/* ---- damage */

/* Positions outside the constants. The caller frees it. */
static uint32_t *structure(const uint8_t *image, size_t size, size_t *count) {
  weft_graph_t *g;
  weft_msg_t m = {{0}};
  if (weft_import(image, size, &g, &m)) fail_msg("undamaged file: %s", m.msg);
  bool *constant = calloc(size, 1);
  uint32_t *at = malloc(size * sizeof *at);
  assert_true(constant && at);
  for (int i = 0; i < g->ntensors; i++) {
    size_t n = g->tensor[i].elements * weft_dtype_size(g->tensor[i].type);
    const uint8_t *p = g->tensor[i].data && n >= 32 ? memmem(image, size, g->tensor[i].data, n) : NULL;
    if (p) memset(constant + (p - image), 1, n);
  }
  *count = 0;
  for (size_t i = 0; i < size; i++)
    if (!constant[i]) at[(*count)++] = (uint32_t)i;
  free(constant);
  weft_graph_free(g);
  return at;
}

typedef struct { size_t at; uint8_t old[4]; } change_t;

static change_t change(uint8_t *image, size_t size, const uint32_t *where, size_t count) {
  static const int32_t words[] = {0, 1, -1, 2, 127, 128, 255, 0x7fff, 0xffff, INT32_MAX, INT32_MIN, 0x40000000, 0x7f800000, 0x3f800000};
  size_t at = draw(10) ? where[draw((uint32_t)count)] : draw((uint32_t)size);
  uint32_t kind = draw(4);
  if (kind == 0) at &= ~(size_t)3;
  if (at + 4 > size) at = size - 4;
  change_t c = {.at = at};
  memcpy(c.old, image + at, 4);
  if (kind == 0) memcpy(image + at, &words[draw(sizeof words / sizeof words[0])], 4);
  else if (kind == 1) image[at] ^= (uint8_t)(1u << draw(8));
  else if (kind == 2) image[at] = (uint8_t)(image[at] + (draw(2) ? 1 : -1));
  else image[at] = (uint8_t)draw(256);
  return c;
}

static void damage(const char *name, uint8_t *image, size_t size, bool run) {
  size_t count;
  tally_t cut = {0, 0}, mutant = {0, 0};
  const unsigned long n = number_from("N", MUTANTS);
  uint32_t *where = structure(image, size, &count);
  for (int k = 0; k < CUTS; k++) {   /* an own block each, so that a read past the end is seen */
    size_t part = size * (size_t)k / CUTS;
    uint8_t *copy = malloc(part ? part : 1);
    assert_non_null(copy);
    memcpy(copy, image, part);
    judge(copy, part, run, &cut);
    free(copy);
  }
  for (unsigned long k = 0; k < n; k++) {
    change_t c[4];
    int changes = 1 + (int)draw(4);
    for (int i = 0; i < changes; i++) c[i] = change(image, size, where, count);
    judge(image, size, run, &mutant);
    for (int i = changes - 1; i >= 0; i--) memcpy(image + c[i].at, c[i].old, 4);
  }
  free(where);
  print_message("%-44s %8zu bytes (%6zu structure)  cut: %d refused, %d read  changed: %d refused, %d read\n", name, size, count, cut.refused,
                cut.accepted, mutant.refused, mutant.accepted);
  assert_int_equal(cut.accepted, 0);
  assert_true(mutant.refused > 0 || n == 0);
}

static void damaged_file(void **state) {
  const char *path = *state;
  if (access(path, R_OK) != 0) {
    print_message("SKIPPED: %s is not here\n", path);
    skip();
  }
  void *image;
  size_t size;
  weft_msg_t m = {{0}};
  if (weft_read_file(path, &image, &size, &m)) fail_msg("%s", m.msg);
  uint8_t *exact = realloc(image, size);   /* no slack behind the last byte */
  assert_non_null(exact);
  damage(path, exact, size, false);
  free(exact);
}

static void damaged_small_network(void **state) {
  (void)state;
  const net_t nets[] = {net_conv(), net_depthwise(), net_fully_connected(), net_pool(WEFT_BUILTIN_AVERAGE_POOL_2D), net_pool(WEFT_BUILTIN_MAX_POOL_2D),
                        net_add(), net_unary(WEFT_BUILTIN_RELU), net_unary(WEFT_BUILTIN_RELU6), net_unary(WEFT_BUILTIN_QUANTIZE), net_softmax(),
                        net_mean(), net_reshape(), net_squeeze(), net_pad(), net_chain()};
  for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++) {
    void *image;
    size_t size;
    char name[32];
    net_write(&nets[i], &image, &size);
    snprintf(name, sizeof name, "small network %zu", i);
    damage(name, image, size, true);
    free(image);
  }
}

int main(void) {
  static const char *const files[] = {
      "tests/networks/fmnist_mlp.tflite", "tests/networks/fmnist_dscnn.tflite", "tests/networks/fmnist_resnet.tflite",
      "tests/networks/fmnist_transformer.tflite", "tests/networks/fmnist_lstm.tflite", "tests/networks/fmnist_unet.tflite",
      "../shared/models/ad01_int8.tflite", "../shared/models/kws_ref_model.tflite", "../shared/models/vww_96_int8.tflite",
      "../shared/models/pretrainedResnet_quant.tflite", "../shared/models/str_ww_ref_model.tflite", "../shared/models/micro_speech_quantized.tflite",
      "../shared/models/smallcnn_32_int8.tflite", "../shared/models/fmnist_dscnn_int8.tflite", "../shared/models/mobilenetv1_0.5_128_int8.tflite",
      "../shared/models/mobilenetv1_1.0_224_int8.tflite", "../shared/models/mobilenetv2_1.0_224_int8.tflite", "../shared/models/alexnet_conv_227_int8.tflite"};
  enum { FILES = sizeof files / sizeof files[0] };
  struct CMUnitTest tests[FILES + 1];
  rng = number_from("SEED", 1);
  printf("SEED=%lu\n", (unsigned long)rng);
  for (size_t i = 0; i < FILES; i++) tests[i] = (struct CMUnitTest){files[i], damaged_file, NULL, NULL, (void *)(uintptr_t)files[i]};
  tests[FILES] = (struct CMUnitTest)cmocka_unit_test(damaged_small_network);
  return cmocka_run_group_tests_name("import of damaged files", tests, NULL, NULL);
}
