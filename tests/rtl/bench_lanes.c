/* SPDX-License-Identifier: Apache-2.0
 *
 * How near to their limit operators of the lanes run on the RTL, on feature maps of 64 KiB to 1 MiB.
 *
 * The limit is what no schedule can beat: the lane beats of the program that the compiler chose (VEC_BEATS), or the bytes of the operands or
 * of the result over one direction of the bus, each byte once; whichever takes longer. Every result is compared with the golden model: a
 * wrong one has no speed. Element-wise operators must reach 80 %; the others are printed for comparison.
 *
 * usage: bench_lanes CONFIG... [only=TEXT]     only operators whose name holds TEXT
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/randnet.h"
#include "compiler/run.h"
#include "golden.h"
#include "import/mkmodel.h"

#define LEAST 0.80
enum { LATENCY = 32, SEED = 20, MAX_CONSTANT = 512 };

typedef enum { SAME, SCALAR, CHANNELS, ROWS, ALPHA, NEW_SHAPE } second_t;    /* what input 1 is */
typedef struct { const char *name; int code; bool element_wise; int inputs; second_t second; } bench_t;
static const bench_t list[] = {
  {"ADD", WEFT_BUILTIN_ADD, true, 2, SAME},
  {"SUB", WEFT_BUILTIN_SUB, true, 2, SAME},
  {"MUL", WEFT_BUILTIN_MUL, true, 2, SAME},
  {"MAXIMUM", WEFT_BUILTIN_MAXIMUM, true, 2, SAME},
  {"SQUARED_DIFFERENCE", WEFT_BUILTIN_SQUARED_DIFFERENCE, true, 2, SAME},
  {"PRELU", WEFT_BUILTIN_PRELU, true, 1, ALPHA},
  {"LOGISTIC", WEFT_BUILTIN_LOGISTIC, true, 1, SAME},
  {"HARD_SWISH", WEFT_BUILTIN_HARD_SWISH, true, 1, SAME},
  {"QUANTIZE", WEFT_BUILTIN_QUANTIZE, true, 1, SAME},
  {"RELU6", WEFT_BUILTIN_RELU6, true, 1, SAME},
  {"MUL by a constant", WEFT_BUILTIN_MUL, true, 1, SCALAR},
  {"MUL by one value", WEFT_BUILTIN_MUL, true, 2, SCALAR},
  {"ADD of a channel vector", WEFT_BUILTIN_ADD, true, 1, CHANNELS},
  {"SUB of a value a row", WEFT_BUILTIN_SUB, true, 2, ROWS},
  {"MAX_POOL_2D 2x2", WEFT_BUILTIN_MAX_POOL_2D, false, 1, SAME},
  {"SOFTMAX", WEFT_BUILTIN_SOFTMAX, false, 1, SAME},
  {"MEAN of channels", WEFT_BUILTIN_MEAN, false, 1, SAME},
  {"RESIZE_BILINEAR x2", WEFT_BUILTIN_RESIZE_BILINEAR, false, 1, NEW_SHAPE},
  {"TRANSPOSE", WEFT_BUILTIN_TRANSPOSE, false, 1, NEW_SHAPE},
};
static const int32_t size[][4] = {{1, 32, 32, 64}, {1, 64, 64, 64}, {1, 128, 128, 64}};
enum { BENCHES = sizeof list / sizeof list[0], SIZES = sizeof size / sizeof size[0] };

static size_t bytes_of(const int32_t d[4]) { return (size_t)d[0] * (size_t)d[1] * (size_t)d[2] * (size_t)d[3]; }

static int tensor(weft_mk_t *mk, const char *name, const int32_t d[4], float scale, int32_t zero, const void *data)
{
  return weft_mk_tensor(mk, name, WEFT_I8, 4, d, 1, &scale, &zero, 0, data, data ? bytes_of(d) : 0);
}

static int numbers(weft_mk_t *mk, const int32_t *v, int n)
{
  return weft_mk_tensor(mk, "numbers", WEFT_I32, 1, &n, 0, NULL, NULL, 0, v, (size_t)n * sizeof *v);
}

/* The one-operator network. */
static int model(const bench_t *b, const int32_t d[4], weft_graph_t **g, weft_msg_t *m)
{
  const bool equal = b->code == WEFT_BUILTIN_MAXIMUM || b->code == WEFT_BUILTIN_MAX_POOL_2D || b->code == WEFT_BUILTIN_RESIZE_BILINEAR ||
                     b->code == WEFT_BUILTIN_TRANSPOSE;
  weft_mk_opts_t o = {.stride_h = 2, .stride_w = 2, .filter_h = 2, .filter_w = 2, .keep_dims = true, .half_pixel = true};
  int32_t out[4], other[4];
  int8_t constant[MAX_CONSTANT];
  memcpy(out, d, sizeof out);
  memcpy(other, d, sizeof other);
  weft_random_bytes(SEED, constant, sizeof constant);
  if (b->second == SCALAR) other[1] = other[2] = other[3] = 1;
  if (b->second == CHANNELS || b->second == ALPHA) other[1] = other[2] = 1;
  if (b->second == ROWS) other[3] = 1;
  weft_mk_t *mk = weft_mk_new();
  if (!mk) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
  int in[2] = {tensor(mk, "x", d, 0.05f, 3, NULL), 0}, nin = 1, y;
  switch (b->code) {
  case WEFT_BUILTIN_MAX_POOL_2D: out[1] /= 2, out[2] /= 2; break;
  case WEFT_BUILTIN_MEAN:
    out[3] = 1;
    in[nin++] = numbers(mk, (int32_t[]){3}, 1);
    break;
  case WEFT_BUILTIN_RESIZE_BILINEAR:
    out[1] *= 2, out[2] *= 2;
    in[nin++] = numbers(mk, out + 1, 2);
    break;
  case WEFT_BUILTIN_TRANSPOSE:
    out[1] = d[3], out[2] = d[1], out[3] = d[2];
    in[nin++] = numbers(mk, (int32_t[]){0, 3, 1, 2}, 4);
    break;
  default:
    if (b->inputs == 2) in[nin++] = tensor(mk, "x2", other, equal ? 0.05f : 0.03f, equal ? 3 : -7, NULL);
    else if (b->second != SAME) in[nin++] = tensor(mk, "constant", other, 0.03f, -7, constant);
  }
  const bool unit = b->code == WEFT_BUILTIN_LOGISTIC || b->code == WEFT_BUILTIN_SOFTMAX;
  y = tensor(mk, "y", out, equal ? 0.05f : unit ? 1.0f / 256 : 0.06f, equal ? 3 : unit ? -128 : 9, NULL);
  void *image = NULL;
  size_t n = 0;
  int err = weft_mk_op(mk, b->code, in, nin, &y, 1, &o);
  if (err >= 0) err = weft_mk_finish(mk, in, b->inputs, &y, 1, &image, &n);
  if (err >= 0) err = weft_import(image, n, g, m);
  free(image);
  weft_mk_free(mk);
  return err < 0 ? err : WEFT_OK;
}

/* Runs the network once on the RTL. The counters, and whether the result is the golden one. */
static int measure(const weft_graph_t *g, const weft_program_t *p, weft_golden_t *golden, uint64_t counter[WEFT_COUNTERS], bool *right, weft_msg_t *m)
{
  const weft_tensor_t *y = &g->tensor[g->out[0]];
  weft_target_opts_t o = {.dram_bytes = weft_run_dram_bytes(p), .latency = LATENCY};
  weft_target_t *t;
  weft_run_t r;
  int err = weft_target_open("rtl", p->cfg, &o, &t, m);
  if (err) return err;
  err = weft_run_open(&r, g, p, t, o.latency, m);
  for (int i = 0; i < g->nin && !err; i++) {
    weft_random_bytes(SEED + 1 + (uint64_t)i, golden->data[g->in[i]], g->tensor[g->in[i]].elements);
    err = weft_run_input(&r, i, golden->data[g->in[i]], m);
  }
  if (!err) err = weft_golden_run(g, golden, m);
  if (!err) err = weft_run_infer(&r, m);
  void *result = malloc(y->elements);
  if (!err && !result) err = weft_fail(m, WEFT_E_MEMORY, "out of memory");
  if (!err) err = weft_run_tensor(&r, g->out[0], result, m);
  if (!err) {
    *right = !memcmp(result, golden->data[g->out[0]], y->elements);
    for (int i = 0; i < WEFT_COUNTERS; i++) counter[i] = weft_run_sum(&r, i);
  }
  free(result);
  weft_run_close(&r);
  weft_target_close(t);
  return err;
}

static uint64_t most(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* 0 fine, 1 too slow or wrong, < 0 an error. */
static int bench(const bench_t *b, const int32_t d[4], const weft_config_t *cfg, weft_msg_t *m)
{
  weft_graph_t *g = NULL;
  weft_program_t *p = NULL;
  weft_golden_t golden;
  void *arena = NULL;
  uint64_t k[WEFT_COUNTERS] = {0}, in = 0;
  bool right = false;
  int err = model(b, d, &g, m);
  if (!err) err = weft_compile(g, cfg, &(weft_compile_opts_t){.keep_all = false}, &p, m);
  size_t n = err ? 0 : weft_golden_arena_size(g);
  if (!err && !(arena = malloc(n))) err = weft_fail(m, WEFT_E_MEMORY, "out of memory");
  if (!err) err = weft_golden_init(&golden, g, arena, n, m);
  if (!err) err = measure(g, p, &golden, k, &right, m);
  if (!err) {
    for (int i = 0; i < g->nin; i++) in += g->tensor[g->in[i]].elements;
    const uint64_t bus = most(in, g->tensor[g->out[0]].elements) / (uint64_t)cfg->bus_bytes, limit = most(k[WEFT_CNT_VEC_BEATS], bus);
    const double ratio = (double)limit / (double)k[WEFT_CNT_CYCLES];
    const bool slow = b->element_wise && ratio < LEAST;
    printf("%-9s %-24s %5zu KiB %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "  %.3f %s  %s\n", cfg->name, b->name, bytes_of(d) >> 10,
           k[WEFT_CNT_VEC_BEATS], bus, k[WEFT_CNT_BUF_VEC_RD], k[WEFT_CNT_CYCLES], ratio,
           !right ? "WRONG" : slow ? "SLOW " : b->element_wise ? "ok   " : "     ", p->layer[0].npu ? p->layer[0].mapping : p->layer[0].reason);
    fflush(stdout);
    err = slow || !right;
  }
  weft_program_free(p);
  weft_graph_free(g);
  free(arena);
  return err;
}

int main(int argc, char **argv)
{
  const char *only = "";
  int passed = 0, failed = 0;
  for (int i = 1; i < argc; i++)
    if (!strncmp(argv[i], "only=", 5)) only = argv[i] + 5;
  printf("%-9s %-24s %9s %9s %9s %9s %9s  limit/cycles\n", "config", "operator", "ifmap", "lanes", "bus", "reads", "cycles");
  for (int i = 1; i < argc; i++) {
    const weft_config_t *cfg = weft_config_find(argv[i]);
    if (!strncmp(argv[i], "only=", 5)) continue;
    if (!cfg) {
      fprintf(stderr, "bench_lanes: '%s' is no configuration\n", argv[i]);
      return 2;
    }
    for (int j = 0; j < BENCHES; j++)
      for (int s = 0; s < SIZES && strstr(list[j].name, only); s++) {
        weft_msg_t m = {""};
        int err = bench(&list[j], size[s], cfg, &m);
        if (err < 0) printf("%s %s: %s\n", cfg->name, list[j].name, m.msg);
        if (err) failed++;
        else passed++;
      }
  }
  if (!passed && !failed) {
    fprintf(stderr, "usage: bench_lanes CONFIG... [only=TEXT]\n");
    return 2;
  }
  printf("%d passed, %d failed, 0 skipped\n", passed, failed);
  return failed != 0;
}
