/* SPDX-License-Identifier: Apache-2.0
 *
 * The public API: a whole run against the golden operators, and everything that a caller can do wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "golden.h"
#include "importnet.h"
#include "weft.h"
#include "weft_spec.h"

typedef struct { weft_net_t *net; weft_plan_t *plan; weft_device_t *dev; weft_session_t *s; } rig_t;

static weft_net_t *load(const net_t *n)
{
  void *bytes;
  size_t size;
  weft_net_t *net;
  weft_msg_t m = {""};
  net_write(n, &bytes, &size);
  int err = weft_net_load_bytes(bytes, size, &net, &m);
  free(bytes);
  if (err) fail_msg("%s", m.msg);
  return net;
}

static rig_t rig(const net_t *n, unsigned flags)
{
  rig_t r = {.net = load(n)};
  weft_msg_t m = {""};
  if (weft_plan_make(r.net, "tiny", flags, &r.plan, &m) || weft_device_open("model", "tiny", NULL, &r.dev, &m) ||
      weft_session_open(r.dev, r.plan, &r.s, &m))
    fail_msg("%s", m.msg);
  return r;
}

static void done(rig_t *r)
{
  weft_session_close(r->s);
  weft_device_close(r->dev);
  weft_plan_free(r->plan);
  weft_net_free(r->net);
}

/* Expects `code` and a message that holds `words`. */
#define REFUSED(call, code, words) \
  do { \
    weft_msg_t m = {""}; \
    assert_int_equal(call, code); \
    if (!strstr(m.msg, words)) fail_msg("'%s' does not say '%s'", m.msg, words); \
  } while (0)

static void test_names(void **state)
{
  (void)state;
  assert_string_equal(weft_list_config(0), "tiny");
  assert_null(weft_list_config(-1));
  assert_null(weft_list_config(1000));
  assert_string_equal(weft_list_counter(0), "CYCLES");
  assert_null(weft_list_counter(-1));
  assert_null(weft_list_counter(1000));
  int a, b, c;
  assert_int_equal(sscanf(weft_version(), "%d.%d.%d", &a, &b, &c), 3);
  assert_int_equal(a << 16 | b << 8 | c, WEFT_VERSION_MAJOR << 16 | WEFT_VERSION_MINOR << 8 | WEFT_VERSION_PATCH);
}

/* The same bytes from the golden operators, which know nothing of compiler and device. */
static void golden(const net_t *n, const int8_t *in, size_t nin, int8_t *out, size_t nout)
{
  void *bytes;
  size_t size;
  weft_graph_t *g;
  weft_golden_t s;
  weft_msg_t m = {""};
  net_write(n, &bytes, &size);
  assert_int_equal(weft_import(bytes, size, &g, &m), 0);
  size_t arena = weft_golden_arena_size(g);
  void *mem = malloc(arena);
  assert_int_equal(weft_golden_init(&s, g, mem, arena, &m), 0);
  memcpy(s.data[g->in[0]], in, nin);
  assert_int_equal(weft_golden_run(g, &s, &m), 0);
  memcpy(out, s.data[g->out[0]], nout);
  free(mem);
  weft_graph_free(g);
  free(bytes);
}

static void test_run(void **state)
{
  (void)state;
  net_t n = net_chain();
  rig_t r = rig(&n, WEFT_PLAN_KEEP_ALL | WEFT_PLAN_PER_LAYER);
  weft_msg_t m = {""};
  weft_tensor_info_t in, out, inner;
  assert_int_equal(weft_net_inputs(r.net), 1);
  assert_int_equal(weft_net_outputs(r.net), 1);
  assert_int_equal(weft_net_input(r.net, 0, &in, &m), 0);
  assert_int_equal(weft_net_output(r.net, 0, &out, &m), 0);
  assert_int_equal(in.bytes, 8 * 8 * 4);
  assert_int_equal(in.rank, 4);
  assert_int_equal(in.type, WEFT_I8);
  assert_true(in.scale > 0);

  int8_t *x = malloc(in.bytes), *y = malloc(out.bytes), *want = malloc(out.bytes);
  for (int k = 1; k <= 3; k++) {                     /* a session runs as often as it is asked to */
    for (size_t i = 0; i < in.bytes; i++) x[i] = (int8_t)(i * 37u * (unsigned)k + 11u);
    golden(&n, x, in.bytes, want, out.bytes);
    assert_int_equal(weft_session_write(r.s, 0, x, in.bytes, &m), 0);
    assert_int_equal(weft_session_run(r.s, &m), 0);
    assert_int_equal(weft_session_read(r.s, 0, y, out.bytes, &m), 0);
    assert_memory_equal(y, want, out.bytes);
  }
  assert_int_equal(weft_session_run(r.s, &m), 0);    /* KEEP_ALL: the input is still there */
  assert_int_equal(weft_session_read(r.s, 0, y, out.bytes, &m), 0);
  assert_memory_equal(y, want, out.bytes);

  weft_plan_info_t p;
  weft_layer_info_t l;
  assert_int_equal(weft_plan_info(r.plan, &p, &m), 0);
  assert_int_equal(p.layers, 3);
  assert_int_equal(p.npu_layers + p.cpu_layers, 2);  /* RESHAPE is free */
  assert_true(p.macs > 0 && p.commands > 0 && p.constant_bytes > 0 && p.dram_bytes > p.constant_bytes);
  assert_int_equal(weft_plan_layer(r.plan, 0, &l, &m), 0);
  assert_string_equal(l.op, "CONV_2D");
  assert_int_equal(l.macs, p.macs);
  assert_int_equal(weft_net_tensor(r.net, l.tensor, &inner, &m), 0);
  int8_t *z = malloc(inner.bytes);
  assert_int_equal(weft_session_tensor(r.s, l.tensor, z, inner.bytes, &m), 0);

  /* Layer by layer the counters add up to the whole. */
  for (int i = 0; weft_list_counter(i); i++) {
    uint64_t all, one, sum = 0;
    assert_int_equal(weft_session_counter(r.s, i, -1, &all, &m), 0);
    for (int k = 0; k < p.layers; k++) {
      assert_int_equal(weft_session_counter(r.s, i, k, &one, &m), 0);
      sum += one;
    }
    assert_int_equal(sum, all);
    if (!strcmp(weft_list_counter(i), "STORE_BEATS")) assert_true(all > 0);
  }
  free(x);
  free(y);
  free(z);
  free(want);
  done(&r);
}

static void run_once(weft_session_t *s, const int8_t *x, size_t nx, int8_t *y, size_t ny)
{
  weft_msg_t m = {""};
  if (weft_session_write(s, 0, x, nx, &m) || weft_session_run(s, &m) || weft_session_read(s, 0, y, ny, &m)) fail_msg("%s", m.msg);
}

/* A recurrent network: its state lives from one run to the next, and weft_session_reset() brings the first result back. */
static void test_variables(void **state)
{
  (void)state;
  rig_t r = {0};
  weft_msg_t m = {""};
  if (weft_net_load("tests/networks/fmnist_lstm.tflite", &r.net, &m) || weft_plan_make(r.net, "tiny", 0, &r.plan, &m) ||
      weft_device_open("model", "tiny", NULL, &r.dev, &m) || weft_session_open(r.dev, r.plan, &r.s, &m))
    fail_msg("%s", m.msg);
  int8_t x[28 * 28], first[10], y[10];
  for (size_t i = 0; i < sizeof x; i++) x[i] = (int8_t)(i * 53u % 200u - 100u);
  run_once(r.s, x, sizeof x, first, sizeof first);
  run_once(r.s, x, sizeof x, y, sizeof y);
  assert_memory_not_equal(y, first, sizeof y);
  for (int k = 0; k < 2; k++) {
    assert_int_equal(weft_session_reset(r.s, &m), 0);
    run_once(r.s, x, sizeof x, y, sizeof y);
    assert_memory_equal(y, first, sizeof y);
  }
  REFUSED(weft_session_reset(NULL, &m), WEFT_E_ARG, "session must not be NULL");
  done(&r);
}

static void test_free_in_any_order(void **state)
{
  (void)state;
  net_t n = net_conv();
  rig_t r = rig(&n, 0);
  weft_net_free(r.net);
  weft_plan_free(r.plan);
  weft_device_close(r.dev);
  int8_t x[8 * 8 * 4] = {0}, y[4 * 4 * 8];
  weft_msg_t m = {""};
  assert_int_equal(weft_session_write(r.s, 0, x, sizeof x, &m), 0);
  assert_int_equal(weft_session_run(r.s, &m), 0);
  assert_int_equal(weft_session_read(r.s, 0, y, sizeof y, &m), 0);
  weft_session_close(r.s);
  weft_session_close(NULL);
  weft_device_close(NULL);
  weft_plan_free(NULL);
  weft_net_free(NULL);
}

static void test_null(void **state)
{
  (void)state;
  net_t n = net_conv();
  rig_t r = rig(&n, 0);
  weft_net_t *net = (weft_net_t *)&n;
  weft_plan_t *plan;
  weft_device_t *dev;
  weft_session_t *s;
  weft_tensor_info_t t;
  weft_plan_info_t p;
  weft_layer_info_t l;
  uint64_t v;
  char b[4];
  REFUSED(weft_net_load(NULL, &net, &m), WEFT_E_ARG, "NULL");
  assert_null(net);
  REFUSED(weft_net_load("x", NULL, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_net_load_bytes(NULL, 4, &net, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_net_load_bytes(b, 4, NULL, &m), WEFT_E_ARG, "NULL");
  assert_int_equal(weft_net_inputs(NULL) + weft_net_outputs(NULL) + weft_net_tensors(NULL), 0);
  REFUSED(weft_net_input(NULL, 0, &t, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_net_output(NULL, 0, &t, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_net_tensor(NULL, 0, &t, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_net_input(r.net, 0, NULL, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_plan_make(NULL, "tiny", 0, &plan, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_plan_make(r.net, NULL, 0, &plan, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_plan_make(r.net, "tiny", 0, NULL, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_plan_info(NULL, &p, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_plan_info(r.plan, NULL, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_plan_layer(NULL, 0, &l, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_plan_layer(r.plan, 0, NULL, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_plan_save(NULL, "x", &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_plan_save(r.plan, NULL, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_device_open(NULL, "tiny", NULL, &dev, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_device_open("model", NULL, NULL, &dev, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_device_open("model", "tiny", NULL, NULL, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_session_open(NULL, r.plan, &s, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_session_open(r.dev, NULL, &s, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_session_open(r.dev, r.plan, NULL, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_session_write(NULL, 0, b, 4, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_session_write(r.s, 0, NULL, 256, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_session_run(NULL, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_session_read(NULL, 0, b, 4, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_session_read(r.s, 0, NULL, 128, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_session_tensor(NULL, 0, b, 4, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_session_counter(NULL, 0, -1, &v, &m), WEFT_E_ARG, "NULL");
  REFUSED(weft_session_counter(r.s, 0, -1, NULL, &m), WEFT_E_ARG, "NULL");
  assert_int_equal(weft_net_load("/nonexistent", &net, NULL), WEFT_E_FILE);      /* no message wanted */
  done(&r);
}

static void test_ranges(void **state)
{
  (void)state;
  net_t n = net_conv();
  rig_t r = rig(&n, 0);
  weft_tensor_info_t t;
  weft_layer_info_t l;
  uint64_t v;
  int8_t x[8 * 8 * 4] = {0}, y[4 * 4 * 8];
  REFUSED(weft_net_input(r.net, 1, &t, &m), WEFT_E_ARG, "has 1");
  REFUSED(weft_net_output(r.net, -1, &t, &m), WEFT_E_ARG, "has 1");
  REFUSED(weft_net_tensor(r.net, 1 << 30, &t, &m), WEFT_E_ARG, "has ");
  REFUSED(weft_plan_layer(r.plan, 1, &l, &m), WEFT_E_ARG, "has 1");
  REFUSED(weft_plan_layer(r.plan, -1, &l, &m), WEFT_E_ARG, "has 1");
  REFUSED(weft_session_write(r.s, 1, x, sizeof x, &m), WEFT_E_ARG, "has 1");
  REFUSED(weft_session_write(r.s, 0, x, sizeof x - 1, &m), WEFT_E_ARG, "256 bytes, not 255");
  REFUSED(weft_session_run(r.s, &m), WEFT_E_ARG, "must be written");
  assert_int_equal(weft_session_write(r.s, 0, x, sizeof x, NULL), 0);
  REFUSED(weft_session_read(r.s, 0, y, sizeof y, &m), WEFT_E_ARG, "nothing has been run");
  assert_int_equal(weft_session_run(r.s, NULL), 0);
  REFUSED(weft_session_read(r.s, 0, y, sizeof y + 1, &m), WEFT_E_ARG, "128 bytes, not 129");
  REFUSED(weft_session_read(r.s, 1, y, sizeof y, &m), WEFT_E_ARG, "has 1");
  REFUSED(weft_session_tensor(r.s, 0, x, sizeof x, &m), WEFT_E_ARG, "KEEP_ALL");
  REFUSED(weft_session_tensor(r.s, -1, x, sizeof x, &m), WEFT_E_ARG, "tensor -1");
  REFUSED(weft_session_counter(r.s, -1, -1, &v, &m), WEFT_E_ARG, "counter -1");
  REFUSED(weft_session_counter(r.s, 0, 0, &v, &m), WEFT_E_ARG, "PER_LAYER");
  REFUSED(weft_session_counter(r.s, 0, 9, &v, &m), WEFT_E_ARG, "layer 9");
  REFUSED(weft_session_run(r.s, &m), WEFT_E_ARG, "must be written");         /* the run has consumed the input */
  assert_int_equal(weft_session_read(r.s, 0, y, sizeof y, NULL), 0);         /* and a refused run leaves the result */
  done(&r);
}

static void test_devices(void **state)
{
  (void)state;
  net_t n = net_conv();
  rig_t r = rig(&n, 0);
  weft_plan_t *other;
  weft_device_t *small, *none;
  weft_session_t *s;
  REFUSED(weft_plan_make(r.net, "weft9000", 0, &other, &m), WEFT_E_ARG, "weft9000");
  assert_null(other);
  REFUSED(weft_plan_make(r.net, "tiny", 4, &other, &m), WEFT_E_ARG, "flags");
  REFUSED(weft_device_open("fpga", "tiny", NULL, &none, &m), WEFT_E_ARG, "model rtl");
  assert_null(none);
  REFUSED(weft_device_open("model", "weft9000", NULL, &none, &m), WEFT_E_ARG, "weft9000");
  REFUSED(weft_device_open("model", "tiny", &(weft_device_opts_t){.latency = -1}, &none, &m), WEFT_E_ARG, "latency");
  REFUSED(weft_device_open("model", "tiny", &(weft_device_opts_t){.dram_bytes = ((size_t)1 << 32) + 1}, &none, &m), WEFT_E_ARG, "4 GiB");
  REFUSED(weft_device_open("rtl", "tiny", &(weft_device_opts_t){.sim_dir = "/nonexistent"}, &none, &m), WEFT_E_FILE, "make sim-lib");
  REFUSED(weft_session_open(r.dev, r.plan, &s, &m), WEFT_E_ARG, "open session");
  assert_null(s);
  assert_int_equal(weft_device_open("model", "tiny", &(weft_device_opts_t){.dram_bytes = 4096}, &small, NULL), 0);
  REFUSED(weft_session_open(small, r.plan, &s, &m), WEFT_E_ARG, "DRAM");
  assert_int_equal(weft_plan_make(r.net, "weft144", 0, &other, NULL), 0);
  REFUSED(weft_session_open(small, other, &s, &m), WEFT_E_ARG, "weft144");
  weft_session_close(r.s);                                                    /* then the device is free for the next plan */
  assert_int_equal(weft_session_open(r.dev, r.plan, &r.s, NULL), 0);
  weft_plan_free(other);
  weft_device_close(small);
  done(&r);
}

static void test_bad_files(void **state)
{
  (void)state;
  net_t n = net_conv();
  void *bytes;
  size_t size;
  weft_net_t *net;
  net_write(&n, &bytes, &size);
  for (size_t cut = 0; cut < size; cut += 1 + size / 64)
    assert_int_not_equal(weft_net_load_bytes(bytes, cut, &net, NULL), 0);
  assert_null(net);
  free(bytes);
  REFUSED(weft_net_load("/nonexistent/net.tflite", &net, &m), WEFT_E_FILE, "/nonexistent/net.tflite");
  REFUSED(weft_net_load("/", &net, &m), WEFT_E_FILE, "/");
  REFUSED(weft_net_load_bytes("not a network, far from it", 26, &net, &m), WEFT_E_FORMAT, "");
  rig_t r = rig(&n, 0);
  REFUSED(weft_plan_save(r.plan, "/nonexistent/out.weft", &m), WEFT_E_FILE, "/nonexistent/out.weft");
  done(&r);
}

/* One plan, two threads, a device each: what the header allows to share. */
typedef struct { weft_plan_t *plan; int k, err; int8_t y[4 * 4 * 8]; } worker_t;

static void *worker(void *arg)
{
  worker_t *w = arg;
  int8_t x[8 * 8 * 4];
  for (int round = 0; round < 20 && !w->err; round++) {
    weft_device_t *dev = NULL;
    weft_session_t *s = NULL;
    weft_msg_t m;
    for (size_t i = 0; i < sizeof x; i++) x[i] = (int8_t)(i * 29u * (unsigned)(w->k + 1));
    w->err = weft_device_open("model", "tiny", &(weft_device_opts_t){.dram_bytes = 1 << 16}, &dev, &m);
    if (!w->err) w->err = weft_session_open(dev, w->plan, &s, &m);
    if (!w->err) w->err = weft_session_write(s, 0, x, sizeof x, &m);
    if (!w->err) w->err = weft_session_run(s, &m);
    if (!w->err) w->err = weft_session_read(s, 0, w->y, sizeof w->y, &m);
    weft_device_close(dev);
    weft_session_close(s);
  }
  return NULL;
}

static void test_threads(void **state)
{
  (void)state;
  net_t n = net_conv();
  rig_t r = rig(&n, 0);
  worker_t w[2] = {{.plan = r.plan, .k = 0}, {.plan = r.plan, .k = 1}};
  pthread_t t[2];
  for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&t[i], NULL, worker, &w[i]), 0);
  for (int i = 0; i < 2; i++) assert_int_equal(pthread_join(t[i], NULL), 0);
  for (int k = 0; k < 2; k++) {
    int8_t x[8 * 8 * 4], want[4 * 4 * 8];
    for (size_t i = 0; i < sizeof x; i++) x[i] = (int8_t)(i * 29u * (unsigned)(k + 1));
    golden(&n, x, sizeof x, want, sizeof want);
    assert_int_equal(w[k].err, 0);
    assert_memory_equal(w[k].y, want, sizeof want);
  }
  done(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_names), cmocka_unit_test(test_run), cmocka_unit_test(test_variables), cmocka_unit_test(test_free_in_any_order), cmocka_unit_test(test_null),
    cmocka_unit_test(test_ranges), cmocka_unit_test(test_devices), cmocka_unit_test(test_bad_files),
    cmocka_unit_test(test_threads)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
