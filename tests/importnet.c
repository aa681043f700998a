/* SPDX-License-Identifier: Apache-2.0
 *
 * Small networks as plain data, for the tests of the importer.
 */
#include "importnet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Every feature map of these networks has scale 0.05 and zero point -3 unless a test changes it. */
#define FMAP(label, ...) \
  {.name = label, .type = WEFT_I8, .rank = sizeof((int32_t[]){__VA_ARGS__}) / 4, .dim = {__VA_ARGS__}, .nscale = 1, .scale = {0.05f}, .zero = {-3}}
#define CHANNEL_SCALES {0.01f, 0.011f, 0.012f, 0.013f, 0.014f, 0.015f, 0.016f, 0.017f}
#define BIAS_SCALES {0.0005f, 0.00055f, 0.0006f, 0.00065f, 0.0007f, 0.00075f, 0.0008f, 0.00085f}

net_t net_conv(void) {
  return (net_t){
      .nt = 4, .nop = 1, .nin = 1, .nout = 1, .in = {0}, .out = {3},
      .t = {FMAP("x", 1, 8, 8, 4),
            {.name = "w", .type = WEFT_I8, .rank = 4, .dim = {8, 3, 3, 4}, .nscale = 8, .scale = CHANNEL_SCALES, .qdim = 0, .constant = true},
            {.name = "b", .type = WEFT_I32, .rank = 1, .dim = {8}, .nscale = 8, .scale = BIAS_SCALES, .constant = true},
            FMAP("y", 1, 4, 4, 8)},
      .op = {{.builtin = WEFT_BUILTIN_CONV_2D, .nin = 3, .in = {0, 1, 2}, .nout = 1, .out = {3}, .o = {.stride_h = 2, .stride_w = 2, .act = WEFT_ACT_RELU6}}}};
}

net_t net_depthwise(void) {
  net_t n = net_conv();
  n.t[1] = (net_tensor_t){.name = "w", .type = WEFT_I8, .rank = 4, .dim = {1, 3, 3, 8}, .nscale = 8, .scale = CHANNEL_SCALES, .qdim = 3, .constant = true};
  n.t[3].dim[1] = n.t[3].dim[2] = 6;
  n.op[0].builtin = WEFT_BUILTIN_DEPTHWISE_CONV_2D;
  n.op[0].o = (weft_mk_opts_t){.stride_h = 1, .stride_w = 1, .depth_multiplier = 2, .padding = WEFT_PAD_VALID};
  return n;
}

net_t net_fully_connected(void) {
  return (net_t){
      .nt = 4, .nop = 1, .nin = 1, .nout = 1, .in = {0}, .out = {3},
      .t = {FMAP("x", 2, 12),
            {.name = "w", .type = WEFT_I8, .rank = 2, .dim = {8, 12}, .nscale = 1, .scale = {0.01f}, .constant = true},
            {.name = "b", .type = WEFT_I32, .rank = 1, .dim = {8}, .nscale = 1, .scale = {0.0005f}, .constant = true},
            FMAP("y", 2, 8)},
      .op = {{.builtin = WEFT_BUILTIN_FULLY_CONNECTED, .nin = 3, .in = {0, 1, 2}, .nout = 1, .out = {3}, .o = {.act = WEFT_ACT_RELU}}}};
}

/* One input, one output, one operator: the frame of the operators without constants. */
static net_t one(int builtin, net_tensor_t x, net_tensor_t y) {
  return (net_t){.nt = 2, .nop = 1, .nin = 1, .nout = 1, .in = {0}, .out = {1}, .t = {x, y}, .op = {{.builtin = builtin, .nin = 1, .in = {0}, .nout = 1, .out = {1}}}};
}

/* The same with a constant INT32 second input. */
static net_t two(int builtin, net_tensor_t x, net_tensor_t y, net_tensor_t k) {
  net_t n = one(builtin, x, y);
  n.nt = 3;
  n.t[1] = k;
  n.t[2] = y;
  n.out[0] = n.op[0].out[0] = 2;
  n.op[0].nin = 2;
  n.op[0].in[1] = 1;
  return n;
}

net_t net_pool(int builtin) {
  net_t n = one(builtin, (net_tensor_t)FMAP("x", 1, 8, 8, 4), (net_tensor_t)FMAP("y", 1, 4, 4, 4));
  n.op[0].o = (weft_mk_opts_t){.stride_h = 2, .stride_w = 2, .filter_h = 2, .filter_w = 2, .padding = WEFT_PAD_VALID};
  return n;
}

net_t net_add(void) {
  net_t n = two(WEFT_BUILTIN_ADD, (net_tensor_t)FMAP("a", 1, 4, 4, 8), (net_tensor_t)FMAP("y", 1, 4, 4, 8), (net_tensor_t)FMAP("b", 1, 4, 4, 8));
  n.nin = 2;
  n.in[1] = 1;
  n.t[1].scale[0] = 0.07f;
  return n;
}

net_t net_unary(int builtin) {
  net_t n = one(builtin, (net_tensor_t)FMAP("x", 1, 4, 8), (net_tensor_t)FMAP("y", 1, 4, 8));
  n.t[1].scale[0] = 0.04f;
  return n;
}

net_t net_softmax(void) {
  net_t n = one(WEFT_BUILTIN_SOFTMAX, (net_tensor_t)FMAP("x", 2, 10), (net_tensor_t)FMAP("y", 2, 10));
  n.t[1].scale[0] = 1.0f / 256.0f;
  n.t[1].zero[0] = -128;
  return n;
}

#define INTS(label, array, ...) \
  {.name = label, .type = WEFT_I32, .rank = sizeof((int32_t[]){__VA_ARGS__}) / 4, .dim = {__VA_ARGS__}, .constant = true, .values = array}

net_t net_mean(void) {
  static const int32_t axes[] = {1, 2};
  return two(WEFT_BUILTIN_MEAN, (net_tensor_t)FMAP("x", 1, 6, 5, 8), (net_tensor_t)FMAP("y", 1, 8), (net_tensor_t)INTS("axes", axes, 2));
}

net_t net_reshape(void) {
  static const int32_t shape[] = {4, 32};
  return two(WEFT_BUILTIN_RESHAPE, (net_tensor_t)FMAP("x", 1, 4, 4, 8), (net_tensor_t)FMAP("y", 4, 32), (net_tensor_t)INTS("shape", shape, 2));
}

net_t net_squeeze(void) { return one(WEFT_BUILTIN_SQUEEZE, (net_tensor_t)FMAP("x", 1, 4, 1, 8), (net_tensor_t)FMAP("y", 4, 8)); }

net_t net_pad(void) {
  static const int32_t amounts[] = {0, 0, 1, 2, 0, 2, 0, 0};
  return two(WEFT_BUILTIN_PAD, (net_tensor_t)FMAP("x", 1, 4, 4, 2), (net_tensor_t)FMAP("y", 1, 7, 6, 2), (net_tensor_t)INTS("amounts", amounts, 4, 2));
}

net_t net_chain(void) {
  static const int32_t shape[] = {-1, 32};
  net_t n = net_conv();
  n.nt = 7;
  n.nop = 3;
  n.out[0] = 6;
  n.t[4] = (net_tensor_t)FMAP("pooled", 1, 2, 2, 8);
  n.t[5] = (net_tensor_t)INTS("shape", shape, 2);
  n.t[6] = (net_tensor_t)FMAP("flat", 1, 32);
  n.op[1] = net_pool(WEFT_BUILTIN_MAX_POOL_2D).op[0];
  n.op[1].in[0] = 3;
  n.op[1].out[0] = 4;
  n.op[2] = (net_op_t){.builtin = WEFT_BUILTIN_RESHAPE, .nin = 2, .in = {4, 5}, .nout = 1, .out = {6}};
  return n;
}

/* The bytes of a constant: its values, or (17 k + 5) mod 251 - 125, which touches signs and never repeats early. */
static size_t fill(const net_tensor_t *t, uint8_t *to, size_t room) {
  size_t n = 1, size = t->type == WEFT_I4 ? 1 : weft_dtype_size(t->type);
  for (int i = 0; i < t->rank; i++) n *= t->dim[i] > 0 ? (size_t)t->dim[i] : 0;
  assert_true(n * size + 16 <= room);
  for (size_t k = 0; k < n; k++) {
    int64_t v = t->values ? t->values[k] : (int64_t)((17 * k + 5) % 251) - 125;
    memcpy(to + k * size, &v, size);   /* little-endian: the low bytes */
  }
  return n * size;
}

void net_write(const net_t *n, void **bytes, size_t *size) {
  weft_mk_t *mk = weft_mk_new();
  assert_non_null(mk);
  static uint8_t data[1 << 16];
  for (int i = 0; i < n->nt; i++) {
    const net_tensor_t *t = &n->t[i];
    memset(data, 0, sizeof data);
    size_t have = t->constant ? (size_t)((int64_t)fill(t, data, sizeof data) + t->extra_bytes) : 0;
    assert_int_equal(weft_mk_tensor(mk, t->name, t->type, t->rank, t->dim, t->nscale, t->scale, t->zero, t->qdim, t->constant ? data : NULL, have), i);
  }
  for (int i = 0; i < n->nop; i++) {
    const net_op_t *o = &n->op[i];
    assert_int_equal(weft_mk_op(mk, o->builtin, o->in, o->nin, o->out, o->nout, &o->o), i);
  }
  assert_int_equal(weft_mk_finish(mk, n->in, n->nin, n->out, n->nout, bytes, size), WEFT_OK);
  weft_mk_free(mk);
}
