/* SPDX-License-Identifier: Apache-2.0
 *
 * The importer reads good files: real networks, against facts found by an independent reader, and networks made here.
 *
 * Refusals are tested in test_import_refuse.c, damaged files in test_import_fuzz.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "graph.h"
#include "importnet.h"
#include "spoil.h"

typedef struct {
  const char *path;
  int ops, tensors, constants;
  size_t constant_bytes;
  long macs;
  const char *in, *out;     /* shapes */
  unsigned long crc;        /* over every name, number and byte: facts_crc() */
} facts_t;

/* Rows printed by tests/import_facts.py (LiteRT's schema reader); the paths are added by hand. */
static const facts_t facts[] = {
    {"tests/networks/fmnist_dscnn.tflite", 15, 40, 24, 20952, 1218736, "1x28x28x1", "1x10", 0xd69417f5},
    {"tests/networks/fmnist_mlp.tflite", 5, 13, 7, 137264, 136320, "1x28x28x1", "1x10", 0xb0cd9565},
    {"tests/networks/fmnist_resnet.tflite", 19, 47, 27, 75872, 3249888, "1x28x28x1", "1x10", 0xfc2dbc28},
    {"tests/networks/fmnist_transformer.tflite", 57, 89, 31, 11933, 426816, "1x28x28x1", "1x10", 0xc0004695},
    {"tests/networks/fmnist_lstm.tflite", 5, 31, 18, 8600, 320, "1x28x28x1", "1x10", 0xa993c07e},
    {"tests/networks/fmnist_unet.tflite", 14, 35, 20, 13484, 2957312, "1x28x28x1", "1x28x28x1", 0x467d0325},
    {"../shared/models/ad01_int8.tflite", 10, 31, 20, 270880, 264192, "1x640", "1x640", 0x06fe1db2},
    {"../shared/models/kws_ref_model.tflite", 13, 35, 21, 24376, 2656768, "1x49x10x1", "1x12", 0xbe94105d},
    {"../shared/models/vww_96_int8.tflite", 31, 89, 57, 219072, 7489664, "1x96x96x3", "1x2", 0x3a4b2c69},
    {"../shared/models/pretrainedResnet_quant.tflite", 16, 38, 21, 78752, 12501632, "1x32x32x3", "1x10", 0xd67443d6},
    {"../shared/models/str_ww_ref_model.tflite", 11, 31, 19, 49420, 826368, "1x30x1x40", "1x3", 0x0a763995},
    {"../shared/models/micro_speech_quantized.tflite", 4, 10, 5, 16704, 336000, "1x1960", "1x4", 0x0e18d537},
    {"../shared/models/smallcnn_32_int8.tflite", 6, 15, 8, 24568, 2802304, "1x32x32x3", "1x10", 0x5a960541},
    {"../shared/models/fmnist_dscnn_int8.tflite", 11, 29, 17, 6032, 613728, "1x28x28x1", "1x10", 0xecdf3724},
    {"../shared/models/mobilenetv1_0.5_128_int8.tflite", 31, 90, 58, 1345552, 49160192, "1x128x128x3", "1x1000", 0x4d1c3c3f},
    {"../shared/models/mobilenetv1_1.0_224_int8.tflite", 31, 90, 58, 4256880, 568740352, "1x224x224x3", "1x1000", 0xca862e70},
    {"../shared/models/mobilenetv2_1.0_224_int8.tflite", 65, 172, 106, 3537992, 300774272, "1x224x224x3", "1x1000", 0xeafce7aa},
    {"../shared/models/alexnet_conv_227_int8.tflite", 8, 19, 10, 2338208, 665784864, "1x227x227x3", "1x6x6x256", 0x90f5071a},
};
enum { FACTS = sizeof facts / sizeof facts[0] };

static const int builtin[] = {
#define X(e, name, num) num,
    WEFT_OPS(X)
#undef X
};

static void shape_text(const weft_tensor_t *t, char text[80]) {
  size_t n = 0;
  text[0] = 0;
  for (int i = 0; i < t->rank; i++) n += (size_t)snprintf(text + n, 80 - n, i ? "x%d" : "%d", (int)t->dim[i]);
}

static void add(unsigned long *crc, const void *p, size_t n) { *crc = crc32(*crc, p, (uInt)n); }
static void add_int(unsigned long *crc, int32_t v) { add(crc, &v, sizeof v); }

static unsigned long facts_crc(const weft_graph_t *g) {
  unsigned long crc = 0;
  for (int i = 0; i < g->ntensors; i++) {
    const weft_tensor_t *t = &g->tensor[i];
    add(&crc, t->name, strlen(t->name) + 1);
    add(&crc, weft_dtype_name(t->type), strlen(weft_dtype_name(t->type)) + 1);
    add_int(&crc, t->rank);
    for (int k = 0; k < t->rank; k++) add_int(&crc, t->dim[k]);
    add_int(&crc, t->nscale);
    if (t->nscale) {
      add(&crc, t->scale, (size_t)t->nscale * sizeof *t->scale);
      add(&crc, t->zero, (size_t)t->nscale * sizeof *t->zero);
      add_int(&crc, t->qdim);
    }
    if (t->data) add(&crc, t->data, t->elements * weft_dtype_size(t->type));
  }
  for (int i = 0; i < g->nops; i++) {
    const weft_op_t *op = &g->op[i];
    add_int(&crc, builtin[op->code]);
    add_int(&crc, op->nin);
    for (int k = 0; k < op->nin; k++) add_int(&crc, op->in[k]);
    add_int(&crc, op->nout);
    for (int k = 0; k < op->nout; k++) add_int(&crc, op->out[k]);
    const int32_t o[] = {op->act, op->padding, op->stride_h, op->stride_w, op->dilation_h, op->dilation_w, op->filter_h, op->filter_w,
                         op->depth_multiplier, op->keep_dims};
    add(&crc, o, sizeof o);
    add(&crc, &op->beta, sizeof op->beta);
  }
  for (int i = 0; i < g->nin; i++) add_int(&crc, g->in[i]);
  for (int i = 0; i < g->nout; i++) add_int(&crc, g->out[i]);
  return crc;
}

static long graph_macs(const weft_graph_t *g) {
  long macs = 0;
  for (int i = 0; i < g->nops; i++) {
    const weft_op_t *op = &g->op[i];
    const weft_tensor_t *w = op->nin > 1 ? &g->tensor[op->in[1]] : NULL;
    const long out = (long)g->tensor[op->out[0]].elements;
    if (op->code == WEFT_OP_CONV_2D) macs += out * w->dim[1] * w->dim[2] * w->dim[3];
    if (op->code == WEFT_OP_DEPTHWISE_CONV_2D) macs += out * w->dim[1] * w->dim[2];
    if (op->code == WEFT_OP_FULLY_CONNECTED) macs += out * w->dim[1];
  }
  return macs;
}

static void reads_real_network(void **state) {
  const facts_t *f = *state;
  if (access(f->path, R_OK) != 0) {
    print_message("SKIPPED: %s is not here\n", f->path);
    skip();
  }
  weft_graph_t *g;
  weft_msg_t m = {{0}};
  if (weft_import_file(f->path, &g, &m) != WEFT_OK) fail_msg("%s", m.msg);
  size_t constant_bytes = 0;
  int constants = 0;
  for (int i = 0; i < g->ntensors; i++)
    if (g->tensor[i].data) {
      constants++;
      constant_bytes += g->tensor[i].elements * weft_dtype_size(g->tensor[i].type);
    }
  char in[80], out[80];
  shape_text(&g->tensor[g->in[0]], in);
  shape_text(&g->tensor[g->out[0]], out);
  assert_int_equal(g->nops, f->ops);
  assert_int_equal(g->ntensors, f->tensors);
  assert_int_equal(constants, f->constants);
  assert_int_equal(constant_bytes, f->constant_bytes);
  assert_int_equal(graph_macs(g), f->macs);
  assert_string_equal(in, f->in);
  assert_string_equal(out, f->out);
  assert_int_equal(facts_crc(g), f->crc);
  weft_graph_free(g);
}

/* ---- networks made here */

static weft_graph_t *import_net(const net_t *n) {
  void *bytes;
  size_t size;
  weft_graph_t *g;
  weft_msg_t m = {{0}};
  net_write(n, &bytes, &size);
  int e = weft_import(bytes, size, &g, &m);
  free(bytes);
  if (e) fail_msg("error %d: %s", e, m.msg);
  return g;
}

static void one_operator_each(void **state) {
  (void)state;
  const struct { net_t net; weft_opcode_t code; } good[] = {
      {net_conv(), WEFT_OP_CONV_2D}, {net_depthwise(), WEFT_OP_DEPTHWISE_CONV_2D}, {net_fully_connected(), WEFT_OP_FULLY_CONNECTED},
      {net_pool(WEFT_BUILTIN_AVERAGE_POOL_2D), WEFT_OP_AVERAGE_POOL_2D}, {net_pool(WEFT_BUILTIN_MAX_POOL_2D), WEFT_OP_MAX_POOL_2D},
      {net_add(), WEFT_OP_ADD}, {net_unary(WEFT_BUILTIN_RELU), WEFT_OP_RELU}, {net_unary(WEFT_BUILTIN_RELU6), WEFT_OP_RELU6},
      {net_unary(WEFT_BUILTIN_QUANTIZE), WEFT_OP_QUANTIZE}, {net_softmax(), WEFT_OP_SOFTMAX}, {net_mean(), WEFT_OP_MEAN},
      {net_reshape(), WEFT_OP_RESHAPE}, {net_squeeze(), WEFT_OP_SQUEEZE}, {net_pad(), WEFT_OP_PAD}};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    weft_graph_t *g = import_net(&good[i].net);
    assert_int_equal(g->nops, 1);
    assert_int_equal(g->op[0].code, good[i].code);
    assert_int_equal(g->ntensors, good[i].net.nt);
    weft_graph_free(g);
  }
}

static void all_fields_arrive(void **state) {
  (void)state;
  net_t n = net_conv();
  n.op[0].o = (weft_mk_opts_t){.padding = WEFT_PAD_VALID, .act = WEFT_ACT_RELU_N1_TO_1, .stride_h = 1, .stride_w = 3, .dilation_h = 3, .dilation_w = 2};
  n.t[3].dim[1] = 2;   /* 8 - (3-1)*3 */
  n.t[3].dim[2] = 2;   /* (8 - 5) / 3 + 1 */
  weft_graph_t *g = import_net(&n);
  const weft_op_t *op = &g->op[0];
  assert_int_equal(op->act, WEFT_ACT_RELU_N1_TO_1);
  assert_int_equal(op->padding, WEFT_PAD_VALID);
  assert_int_equal(op->stride_h, 1);
  assert_int_equal(op->stride_w, 3);
  assert_int_equal(op->dilation_h, 3);
  assert_int_equal(op->dilation_w, 2);
  assert_int_equal(op->nin, 3);
  const weft_tensor_t *x = &g->tensor[0], *w = &g->tensor[1], *b = &g->tensor[2];
  assert_string_equal(w->name, "w");
  assert_int_equal(w->elements, 8 * 3 * 3 * 4);
  assert_int_equal(w->nscale, 8);
  assert_true(w->scale[5] == 0.015f);
  assert_int_equal(w->qdim, 0);
  assert_int_equal(((int8_t *)w->data)[10], (17 * 10 + 5) % 251 - 125);
  assert_int_equal(((int32_t *)b->data)[7], (17 * 7 + 5) % 251 - 125);
  assert_null(x->data);
  assert_int_equal(x->zero[0], -3);
  assert_int_equal(g->in[0], 0);
  assert_int_equal(g->out[0], 3);
  weft_graph_free(g);
}

static void several_operators(void **state) {
  (void)state;
  net_t n = net_chain();
  weft_graph_t *g = import_net(&n);
  assert_int_equal(g->nops, 3);
  assert_int_equal(g->op[1].code, WEFT_OP_MAX_POOL_2D);
  assert_int_equal(g->op[1].filter_h, 2);
  assert_int_equal(g->op[2].index, 2);
  assert_int_equal(g->op[2].in[1], 5);
  weft_graph_free(g);
}

/* Legal, but rarely written: each must be accepted. */
static void unusual_but_legal(void **state) {
  (void)state;
  net_t n[16];
  int k = 0;
  static const int32_t shape[] = {4, 32}, negative_axes[] = {-2, -3}, drop[] = {0, -2}, amounts64[] = {0, 0, 1, 2, 0, 2, 0, 0};

  n[k] = net_conv();                       /* no bias: input list of two, then -1 in the list */
  n[k++].op[0].nin = 2;
  n[k] = net_conv();
  n[k++].op[0].in[2] = -1;
  n[k] = net_conv();                       /* two groups: weights see half of the channels */
  n[k++].t[1].dim[3] = 2;
  n[k] = net_depthwise();                  /* multiplier left out */
  n[k++].op[0].o.depth_multiplier = 0;
  n[k] = net_fully_connected();            /* 3-D input kept */
  n[k].op[0].o.keep_num_dims = true;
  n[k].t[0] = (net_tensor_t){.name = "x", .type = WEFT_I8, .rank = 3, .dim = {1, 2, 12}, .nscale = 1, .scale = {0.05f}};
  n[k].t[3].rank = 3;
  memcpy(n[k++].t[3].dim, (int32_t[]){1, 2, 8}, 12);
  n[k] = net_fully_connected();            /* 3-D input flattened */
  n[k].t[0].rank = 3;
  memcpy(n[k++].t[0].dim, (int32_t[]){2, 3, 4}, 12);
  n[k] = net_fully_connected();            /* a bias that says nothing about its scale */
  n[k++].t[2].nscale = 0;
  n[k] = net_mean();                       /* axes from the end, dimensions kept */
  n[k].t[1].values = negative_axes;
  n[k].op[0].o.keep_dims = true;
  n[k].t[2].rank = 4;
  memcpy(n[k++].t[2].dim, (int32_t[]){1, 1, 1, 8}, 16);
  n[k] = net_reshape();                    /* shape in the options only */
  n[k].op[0].nin = 1;
  n[k].op[0].o.nshape = 2;
  n[k++].op[0].o.shape = shape;
  n[k] = net_squeeze();                    /* axes named */
  n[k].op[0].o.nsqueeze = 2;
  n[k++].op[0].o.squeeze = drop;
  n[k] = net_pad();
  n[k].t[1].type = WEFT_I64;
  n[k++].t[1].values = amounts64;
  n[k] = net_add();                        /* b of one value for each channel, and constant */
  n[k].t[1].rank = 1;
  n[k].t[1].dim[0] = 8;
  n[k].t[1].constant = true;
  n[k++].nin = 1;
  n[k] = net_pool(WEFT_BUILTIN_AVERAGE_POOL_2D);   /* SAME: windows hang over */
  n[k].op[0].o.padding = WEFT_PAD_SAME;
  n[k].op[0].o.stride_h = n[k].op[0].o.stride_w = 3;
  n[k].t[1].dim[1] = 3;
  n[k++].t[1].dim[2] = 3;
  n[k] = net_unary(WEFT_BUILTIN_RELU);     /* one scale, and a dimension that does not exist: unused */
  n[k++].t[0].qdim = 9;
  assert_true(k <= 16);
  for (int i = 0; i < k; i++) {
    print_message("case %d\n", i);
    weft_graph_free(import_net(&n[i]));
  }

  const spoil_t kinds[] = {SPOIL_NOTHING, SPOIL_SIGNATURE_BATCH, SPOIL_OLD_CODE, SPOIL_NO_NAME, SPOIL_CONTROL_NAME};
  net_t base = net_conv();
  void *bytes, *spoilt;
  size_t size;
  net_write(&base, &bytes, &size);
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    weft_graph_t *g;
    weft_msg_t m = {{0}};
    spoil(bytes, kinds[i], &spoilt, &size);
    if (weft_import(spoilt, size, &g, &m)) fail_msg("spoil %d: %s", (int)kinds[i], m.msg);
    assert_int_equal(g->op[0].code, WEFT_OP_CONV_2D);
    if (kinds[i] == SPOIL_NO_NAME) assert_string_equal(g->tensor[0].name, "tensor0");
    if (kinds[i] == SPOIL_CONTROL_NAME) assert_string_equal(g->tensor[0].name, "a?[2J?b");
    weft_graph_free(g);
    free(spoilt);
  }
  free(bytes);
}

static void image_at_odd_address(void **state) {
  (void)state;
  net_t n = net_chain();
  void *bytes;
  size_t size;
  net_write(&n, &bytes, &size);
  char *moved = malloc(size + 1);
  memcpy(moved + 1, bytes, size);
  weft_graph_t *a, *b;
  assert_int_equal(weft_import(bytes, size, &a, NULL), WEFT_OK);
  assert_int_equal(weft_import(moved + 1, size, &b, NULL), WEFT_OK);
  assert_int_equal(facts_crc(a), facts_crc(b));
  weft_graph_free(a);
  weft_graph_free(b);
  free(moved);
  free(bytes);
}

static void same_calls_same_bytes(void **state) {
  (void)state;
  net_t n = net_chain();
  void *a, *b;
  size_t na, nb;
  net_write(&n, &a, &na);
  net_write(&n, &b, &nb);
  assert_int_equal(na, nb);
  assert_memory_equal(a, b, na);
  free(a);
  free(b);
}

int main(void) {
  struct CMUnitTest tests[FACTS + 6];
  for (size_t i = 0; i < FACTS; i++)
    tests[i] = (struct CMUnitTest){facts[i].path, reads_real_network, NULL, NULL, (void *)(uintptr_t)&facts[i]};
  const struct CMUnitTest own[] = {cmocka_unit_test(one_operator_each), cmocka_unit_test(all_fields_arrive), cmocka_unit_test(several_operators),
                                   cmocka_unit_test(unusual_but_legal), cmocka_unit_test(image_at_odd_address), cmocka_unit_test(same_calls_same_bytes)};
  memcpy(tests + FACTS, own, sizeof own);
  return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
