/* SPDX-License-Identifier: Apache-2.0
 *
 * Compiler: random one-operator networks and the shipped networks on the machine model equal the golden operators, over all
 * configurations; every command list passes the validator, and loses that when a wait is taken away.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "compiler/lane_program.h"
#include "compiler/move_box.h"
#include "compiler/randnet.h"
#include "compiler/run.h"
#include "golden.h"
#include "import/mkmodel.h"
#include "rand.h"
#include "validate.h"

/* The shipped networks that the device runs alone, whatever its size, and those that may need the CPU. */
#define SHIPPED "tests/networks/fmnist_resnet.tflite", "tests/networks/fmnist_dscnn.tflite", "tests/networks/fmnist_mlp.tflite"
#define MIXED "tests/networks/fmnist_transformer.tflite", "tests/networks/fmnist_lstm.tflite", "tests/networks/fmnist_unet.tflite"
enum { SHIPPED_COUNT = 3 };

/* A compiled network on the machine model, and the golden state of the same inputs. */
typedef struct {
  weft_graph_t *g;
  weft_program_t *p;
  weft_target_t *t;
  weft_run_t r;
  weft_golden_t golden;
  void *arena;
} bench_t;

static void ok(int err, const weft_msg_t *m)
{
  if (err) fail_msg("%s", m->msg);
}

static void bench_open(bench_t *b, weft_graph_t *g, const weft_config_t *cfg, weft_compile_opts_t o)
{
  weft_msg_t m = {""};
  memset(b, 0, sizeof *b);
  b->g = g;
  ok(weft_compile(g, cfg, &o, &b->p, &m), &m);
  ok(weft_target_open("model", cfg, &(weft_target_opts_t){.dram_bytes = weft_run_dram_bytes(b->p)}, &b->t, &m), &m);
  ok(weft_run_open(&b->r, g, b->p, b->t, 0, &m), &m);
  size_t n = weft_golden_arena_size(g);
  b->arena = malloc(n);
  ok(weft_golden_init(&b->golden, g, b->arena, n, &m), &m);
}

static void bench_infer(bench_t *b, uint64_t seed)
{
  weft_msg_t m = {""};
  for (int i = 0; i < b->g->nin; i++) {
    int t = b->g->in[i];
    weft_random_bytes(seed + (uint64_t)i, b->golden.data[t], b->g->tensor[t].elements);
    ok(weft_run_input(&b->r, i, b->golden.data[t], &m), &m);
  }
  ok(weft_golden_run(b->g, &b->golden, &m), &m);
  ok(weft_run_infer(&b->r, &m), &m);
}

/* Bytes of tensor t that differ between device memory and golden model. */
static size_t differing(bench_t *b, int t)
{
  weft_msg_t m = {""};
  size_t n = b->g->tensor[t].elements, bad = 0;
  int8_t *got = malloc(n);
  ok(weft_run_tensor(&b->r, t, got, &m), &m);
  for (size_t i = 0; i < n; i++) bad += got[i] != ((int8_t *)b->golden.data[t])[i];
  free(got);
  return bad;
}

static void bench_close(bench_t *b)
{
  weft_run_close(&b->r);
  weft_target_close(b->t);
  weft_program_free(b->p);
  weft_graph_free(b->g);
  free(b->arena);
}

/* Commands that leave their psums for the next. */
static int psums_that_stay(const weft_program_t *p)
{
  int n = 0;
  for (uint32_t i = 0; i < p->ncmd; i++) {
    weft_cmd_t c;
    assert_int_equal(weft_cmd_unpack(p->cmd + (size_t)i * WEFT_CMD_WORDS, &c), WEFT_ERR_NONE);
    n += c.hdr.opcode == WEFT_CMD_CONV && c.conv.psum_out;
  }
  return n;
}

/* ---- random networks: 200 for each configuration */
static void random_networks(void **state)
{
  (void)state;
  enum { NETWORKS = 1400 };
  int configs = 0, parts = 0, ran[WEFT_OP_COUNT] = {0}, on_npu[WEFT_OP_COUNT] = {0};
  while (weft_configs[configs].name) configs++;
  for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
    const weft_config_t *cfg = &weft_configs[seed % (uint64_t)configs];
    weft_msg_t m = {""};
    weft_graph_t *g;
    ok(weft_random_net(1000 + seed, 100000, &g, &m), &m);
    weft_opcode_t code = g->op[0].code;
    bench_t b;
    bench_open(&b, g, cfg, (weft_compile_opts_t){.keep_all = true});
    bench_infer(&b, seed);
    if (differing(&b, g->out[0]))
      fail_msg("seed %d on %s: %s %s [%s] differs; repeat: weft random --config %s --seed %d --n 1", (int)seed + 1000, cfg->name,
            weft_op_name(code),
               b.p->layer[0].shape, b.p->layer[0].mapping, cfg->name, (int)seed + 1000);
    parts += psums_that_stay(b.p) > 0;
    ran[code]++;
    on_npu[code] += b.p->layer[0].npu;
    if (!b.p->layer[0].npu && !b.p->layer[0].alias) assert_true(strlen(b.p->layer[0].reason) > 0);
    bench_close(&b);
  }
  printf("%d networks with filter blocks in parts\n", parts);
  const weft_opcode_t hardware[] = {WEFT_OP_CONV_2D, WEFT_OP_DEPTHWISE_CONV_2D, WEFT_OP_FULLY_CONNECTED, WEFT_OP_AVERAGE_POOL_2D,
        WEFT_OP_MAX_POOL_2D, WEFT_OP_MEAN, WEFT_OP_SUM, WEFT_OP_REDUCE_MAX, WEFT_OP_ADD, WEFT_OP_SUB, WEFT_OP_MUL, WEFT_OP_MAXIMUM, WEFT_OP_MINIMUM,
        WEFT_OP_SQUARED_DIFFERENCE, WEFT_OP_PRELU, WEFT_OP_QUANTIZE, WEFT_OP_RELU, WEFT_OP_RELU6, WEFT_OP_LOGISTIC, WEFT_OP_HARD_SWISH,
        WEFT_OP_SOFTMAX, WEFT_OP_RESIZE_BILINEAR, WEFT_OP_RESIZE_NEAREST_NEIGHBOR, WEFT_OP_BATCH_MATMUL, WEFT_OP_TRANSPOSE_CONV};
  for (size_t i = 0; i < sizeof hardware / sizeof hardware[0]; i++) {
    if (on_npu[hardware[i]] * 10 < ran[hardware[i]] * 9 || ran[hardware[i]] < 3)
      fail_msg("%s: %d drawn, %d of them on the device", weft_op_name(hardware[i]), ran[hardware[i]], on_npu[hardware[i]]);
  }
}

/* ---- shipped networks: one job, places shared or not, all configurations; the second image finds the variables that the first has left */
static void shipped_networks(void **state)
{
  (void)state;
  const char *const path[] = {SHIPPED, MIXED};
  const uint64_t macs[] = {3249888, 1218736, 136320, 580480, 215360, 3178496};      /* by tests/networks/check.py, from the files alone */
  for (size_t i = 0; i < sizeof path / sizeof path[0]; i++)
    for (const weft_config_t *c = weft_configs; c->name; c++) {
      uint32_t arena[2];
      for (int keep = 0; keep < 2; keep++) {
        weft_msg_t m = {""};
        weft_graph_t *g;
        ok(weft_import_file(path[i], &g, &m), &m);
        bench_t b;
        bench_open(&b, g, c, (weft_compile_opts_t){.keep_all = keep});
        arena[keep] = b.p->arena_bytes;
        uint64_t sum = 0;
        for (int l = 0; l < b.p->nlayer; l++) sum += b.p->layer[l].macs;
        assert_int_equal(sum, macs[i]);
        for (uint64_t image = 0; image < 2; image++) {
          bench_infer(&b, 77 + image);
          assert_int_equal(differing(&b, g->out[0]), 0);
          for (int l = 0; keep && l < b.p->nlayer; l++)
            if (differing(&b, b.p->layer[l].tensor)) fail_msg("%s on %s: layer %d differs", path[i], c->name, l);
        }
        if (i < SHIPPED_COUNT) assert_int_equal(b.p->nseg, 1);          /* all in one job */
        bench_close(&b);
      }
      assert_true(arena[0] <= arena[1]);
      if (i < 2) assert_true(arena[0] < arena[1]);   /* deep networks reuse places */
    }
}

/* A wrong constant must be seen: otherwise the comparisons above compare a thing with itself. */
static void wrong_filter_is_seen(void **state)
{
  (void)state;
  weft_msg_t m = {""};
  weft_graph_t *g;
  ok(weft_import_file("tests/networks/fmnist_resnet.tflite", &g, &m), &m);
  bench_t b;
  bench_open(&b, g, weft_config_find("tiny"), (weft_compile_opts_t){.keep_all = true});
  uint8_t byte;
  uint32_t at = b.p->base[WEFT_REG_CONSTANTS] + 1;
  assert_int_equal(b.r.dev.io.mem_read(b.r.dev.io.ctx, at, &byte, 1), 0);
  byte ^= 0x40;
  assert_int_equal(b.r.dev.io.mem_write(b.r.dev.io.ctx, at, &byte, 1), 0);
  bench_infer(&b, 5);
  assert_true(differing(&b, b.p->layer[0].tensor) > 0);
  bench_close(&b);
}

/* ---- waits */
static int validate(const weft_program_t *p, const weft_segment_t *s)
{
  uint32_t bytes[WEFT_REGIONS] = {0};
  for (int i = 0; i < WEFT_PROGRAM_REGIONS; i++) bytes[i] = p->size[i];
  void *scratch = malloc(weft_validate_scratch_bytes(s->count));
  int err = weft_validate(p->cfg, p->cmd + (size_t)s->first * WEFT_CMD_WORDS, s->count, bytes, scratch, NULL);
  free(scratch);
  return err;
}

/* Taking any one wait away makes a race, for nearly all waits: the tracker's hulls may ask for a few that exact sets do not. */
static void every_wait_is_needed(void **state)
{
  (void)state;
  const char *const path[] = {SHIPPED}, *const config[] = {"tiny", "weft144", "weft672"};
  int waits = 0, needed = 0;
  for (int i = 0; i < 3; i++) {
    weft_msg_t m = {""};
    weft_graph_t *g;
    weft_program_t *p;
    ok(weft_import_file(path[i], &g, &m), &m);
    ok(weft_compile(g, weft_config_find(config[i]), &(weft_compile_opts_t){.keep_all = false}, &p, &m), &m);
    assert_int_equal(validate(p, &p->seg[0]), 0);
    for (uint32_t c = 0; c < p->seg[0].count; c++)
      for (int e = 0; e < WEFT_ENGINES; e++) {
        uint32_t *rec = p->cmd + (size_t)c * WEFT_CMD_WORDS, before[3] = {rec[0], rec[1], rec[2]};
        if (!(rec[0] >> (8 + e) & 1)) continue;
        rec[0] &= ~(1u << (8 + e));
        rec[1 + e / 2] &= 0xffffu << (e % 2 ? 0 : 16);
        waits++;
        needed += validate(p, &p->seg[0]) != 0;
        memcpy(rec, before, sizeof before);
      }
    weft_program_free(p);
    weft_graph_free(g);
  }
  print_message("%d waits, %d of them refused without\n", waits, needed);
  assert_true(waits > 100);
  assert_true(needed * 100 >= waits * 95);
}

/* ---- what the CPU must run has a named reason, and the result is still right */
static weft_graph_t *pool_net(int h, int w, int c, int filter)
{
  weft_mk_t *mk = weft_mk_new();
  float s = 0.1f;
  int32_t z = 3;
  int x = weft_mk_tensor(mk, "x", WEFT_I8, 4, (int32_t[]){1, h, w, c}, 1, &s, &z, 0, NULL, 0);
  int y = weft_mk_tensor(mk, "y", WEFT_I8, 4, (int32_t[]){1, h, w, c}, 1, &s, &z, 0, NULL, 0);
  weft_mk_op(mk, WEFT_BUILTIN_MAX_POOL_2D, &x, 1, &y, 1, &(weft_mk_opts_t){.filter_h = filter, .filter_w = 1, .stride_h = 1,
        .stride_w = 1});
  void *bytes;
  size_t n;
  weft_msg_t m = {""};
  weft_graph_t *g;
  assert_true(weft_mk_finish(mk, &x, 1, &y, 1, &bytes, &n) >= 0);
  ok(weft_import(bytes, n, &g, &m), &m);
  free(bytes);
  weft_mk_free(mk);
  return g;
}

static void reasons_are_named(void **state)
{
  (void)state;
  const struct { int h, w, filter; const char *reason; } all[] = {{9, 2000, 3, "one output row needs"}, {400, 2, 300,
        "a window of more than 255"}};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    bench_t b;
    bench_open(&b, pool_net(all[i].h, all[i].w, 5, all[i].filter), weft_config_find("tiny"), (weft_compile_opts_t){.keep_all = true});
    assert_false(b.p->layer[0].npu);
    assert_non_null(strstr(b.p->layer[0].reason, all[i].reason));
    bench_infer(&b, i);
    assert_int_equal(differing(&b, b.g->out[0]), 0);
    bench_close(&b);
  }
}

/* ---- image file */
static void image_round_trip(void **state)
{
  (void)state;
  weft_msg_t m = {""};
  weft_graph_t *g;
  weft_program_t *p, *q;
  char path[] = "/tmp/weft-image-XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  ok(weft_import_file("tests/networks/fmnist_mlp.tflite", &g, &m), &m);
  ok(weft_compile(g, weft_config_find("weft144"), &(weft_compile_opts_t){.keep_all = false}, &p, &m), &m);
  ok(weft_image_write(p, path, &m), &m);
  ok(weft_image_read(path, &q, &m), &m);
  assert_int_equal(p->ncmd, q->ncmd);
  assert_memory_equal(p->cmd, q->cmd, (size_t)p->ncmd * WEFT_CMD_BYTES);
  assert_int_equal(p->nkonst, q->nkonst);
  assert_memory_equal(p->konst, q->konst, p->nkonst);
  assert_ptr_equal(p->cfg, q->cfg);
  assert_int_equal(p->nseg, q->nseg);
  weft_program_free(q);
  /* Cut anywhere, it is refused with a message. */
  char cut_path[sizeof path + 4];
  snprintf(cut_path, sizeof cut_path, "%s.cut", path);
  for (long cut = 0; cut < 4000; cut += 397) {
    FILE *f = fopen(path, "rb"), *t = fopen(cut_path, "wb");
    for (long i = 0; i < cut; i++) fputc(fgetc(f), t);
    fclose(f);
    fclose(t);
    m.msg[0] = 0;
    assert_int_equal(weft_image_read(cut_path, &q, &m), WEFT_E_FORMAT);
    assert_true(strlen(m.msg) > 10);
  }
  remove(cut_path);
  remove(path);
  weft_program_free(p);
  weft_graph_free(g);
}

/* Placement asks what is a move and what the lanes read; the dispatch's table must mean the same. */
static void operators_agree(void **state) {
  (void)state;
  static const struct { weft_opcode_t op; const char *unit, *lowering; } line[] = {
#define D(op, unit, types, ifmap, lowering, limits, n1, n2) {WEFT_OP_##op, #unit, #lowering},
#define S(op, text) {WEFT_OP_##op, "TURNS", ""},
#define C(op, reason) {WEFT_OP_##op, "CPU", ""},
#define N(op, text) {WEFT_OP_##op, "NONE", ""},
#include "compiler/operators.def"
  };
  for (size_t i = 0; i < sizeof line / sizeof line[0]; i++) {
    bool move = !strcmp(line[i].lowering, "move"), lane = !strcmp(line[i].lowering, "lane");
    if (weft_is_move(line[i].op) != move || move != !strcmp(line[i].unit, "DMA")) fail_msg("%s: is it a move?", weft_op_name(line[i].op));
    if ((weft_lane_operands(line[i].op) > 0) != lane) fail_msg("%s: is it an operator of the lanes?", weft_op_name(line[i].op));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_networks), cmocka_unit_test(shipped_networks), cmocka_unit_test(wrong_filter_is_seen),
      cmocka_unit_test(every_wait_is_needed), cmocka_unit_test(reasons_are_named), cmocka_unit_test(image_round_trip),
      cmocka_unit_test(operators_agree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
