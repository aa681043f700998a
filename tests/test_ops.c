/* SPDX-License-Identifier: Apache-2.0
 *
 * Golden operators on small graphs made by hand: against direct definitions, and at the limits that the oracles cannot show.
 *
 * The conformance tests compare with TFLite; these need nothing but a compiler, and cover what TFLite refuses or aborts on:
 * weights with a zero point, softmax over more than 512 equal logits, windows longer than a gather, bad arguments.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "oneop.h"
#include "ops/window.h"
#include "quant.h"

/* ---- the definitions, tap by tap in int64 */
static int64_t ifmap(one_t *o, int b, int y, int x, int c) {   /* zero-point corrected; 0 outside the image */
  const int32_t *d = o->t[0].dim;
  if (y < 0 || y >= d[1] || x < 0 || x >= d[2]) return 0;
  return i8(o, 0)[((b * d[1] + y) * d[2] + x) * d[3] + c] - o->zero[0][0];
}

static void check_value(one_t *o, size_t at, int64_t acc, int channel) {
  int32_t q, lo, hi;
  int e;
  weft_conv_requant(&o->g, &o->op, channel, &q, &e);
  weft_act_bounds(&o->g, &o->op, &lo, &hi);
  const int64_t v = (int64_t)weft_m2((int32_t)acc, q, e) + o->zero[3][0];
  assert_int_equal(i8(o, 3)[at], v < lo ? lo : v > hi ? hi : v);
}

static void quantisation(one_t *o, int channels) {
  for (int i = 0; i < 4; i++) o->zero[i][0] = range(-128, 127);
  for (int k = 0; k < channels; k++) {
    o->scale[1][k] = (float)range(1, 1000) * 1e-5f;
    o->zero[1][k] = 0;
  }
  o->t[1].nscale = channels;
  o->scale[3][0] = (float)range(50, 2000) * 1e-3f;
  o->op.act = (weft_act_t)range(0, 3);
}

/* Random window over one axis; returns the output size. */
static int window(int filter, int *in, int *stride, int *dilation, weft_padding_t pad, int *before) {
  *stride = range(1, 3);
  *dilation = range(1, 3);
  const int reach = (filter - 1) * *dilation + 1;
  *in = range(pad == WEFT_PAD_VALID ? reach : 1, reach + 9);
  int out = 0, total;
  if (pad == WEFT_PAD_SAME) out = (*in + *stride - 1) / *stride;
  else while (out * *stride + reach <= *in) out++;
  total = (out - 1) * *stride + reach - *in;
  *before = pad == WEFT_PAD_SAME && total > 0 ? total / 2 : 0;
  return out;
}

static void test_conv(void **state) {
  (void)state;
  for (int trial = 0; trial < 150; trial++) {
    one_t o;
    const bool depthwise = trial % 3 == 2, bias = trial % 5 != 0;
    one_op(&o, depthwise ? WEFT_OP_DEPTHWISE_CONV_2D : WEFT_OP_CONV_2D, bias ? 3 : 2);
    o.op.padding = trial % 2 ? WEFT_PAD_SAME : WEFT_PAD_VALID;
    const int r = range(1, 4), s = range(1, 4), batch = range(1, 2);
    int h, w, top, left;
    const int oh = window(r, &h, &o.op.stride_h, &o.op.dilation_h, o.op.padding, &top);
    const int ow = window(s, &w, &o.op.stride_w, &o.op.dilation_w, o.op.padding, &left);
    const int groups = depthwise ? 1 : range(1, 3), cg = trial == 1 ? 1500 : range(1, 7), c = cg * groups;   /* 1500: windows above 4096 values */
    const int m = range(1, 3), oc = depthwise ? c * m : range(1, 5) * groups;
    if (depthwise) o.op.depth_multiplier = m;
    SHAPE(&o, 0, WEFT_I8, batch, h, w, c);
    if (depthwise) SHAPE(&o, 1, WEFT_I8, 1, r, s, oc);
    else SHAPE(&o, 1, WEFT_I8, oc, r, s, cg);
    SHAPE(&o, 2, WEFT_I32, oc);
    SHAPE(&o, 3, WEFT_I8, batch, oh, ow, oc);
    quantisation(&o, oc);
    o.t[1].qdim = depthwise ? 3 : 0;
    run(&o);
    size_t at = 0;
    for (int b = 0; b < batch; b++)
      for (int y = 0; y < oh; y++)
        for (int x = 0; x < ow; x++)
          for (int k = 0; k < oc; k++, at++) {
            int64_t acc = bias ? ((int32_t *)o.data[2])[k] : 0;
            for (int i = 0; i < r; i++)
              for (int j = 0; j < s; j++) {
                const int iy = y * o.op.stride_h - top + i * o.op.dilation_h, ix = x * o.op.stride_w - left + j * o.op.dilation_w;
                if (depthwise) acc += ifmap(&o, b, iy, ix, k / o.op.depth_multiplier) * i8(&o, 1)[(i * s + j) * oc + k];
                else
                  for (int ch = 0; ch < cg; ch++) acc += ifmap(&o, b, iy, ix, k / (oc / groups) * cg + ch) * i8(&o, 1)[((k * r + i) * s + j) * cg + ch];
              }
            check_value(&o, at, acc, k);
          }
    release(&o);
  }
}

static void test_fully_connected(void **state) {
  (void)state;
  for (int trial = 0; trial < 60; trial++) {
    one_t o;
    one_op(&o, WEFT_OP_FULLY_CONNECTED, trial % 4 ? 3 : 2);
    const int rows = range(1, 5), depth = trial == 1 ? 9000 : range(1, 300), oc = range(2, 60);
    SHAPE(&o, 0, WEFT_I8, rows, depth);
    SHAPE(&o, 1, WEFT_I8, oc, depth);
    SHAPE(&o, 2, WEFT_I32, oc);
    SHAPE(&o, 3, WEFT_I8, rows, oc);
    quantisation(&o, trial % 2 ? oc : 1);
    if (o.t[1].nscale == 1) o.zero[1][0] = range(-128, 127);
    run(&o);
    for (int i = 0; i < rows * oc; i++) {
      int64_t acc = o.op.nin == 3 ? ((int32_t *)o.data[2])[i % oc] : 0;
      for (int k = 0; k < depth; k++)
        acc += (int64_t)(i8(&o, 0)[i / oc * depth + k] - o.zero[0][0]) * (i8(&o, 1)[i % oc * depth + k] - o.zero[1][o.t[1].nscale > 1 ? i % oc : 0]);
      check_value(&o, (size_t)i, acc, i % oc);
    }
    release(&o);
  }
}

static void test_pool(void **state) {
  (void)state;
  for (int trial = 0; trial < 60; trial++) {
    one_t o;
    const bool largest = trial % 2;
    one_op(&o, largest ? WEFT_OP_MAX_POOL_2D : WEFT_OP_AVERAGE_POOL_2D, 1);
    o.op.padding = trial % 3 ? WEFT_PAD_SAME : WEFT_PAD_VALID;
    o.op.filter_h = o.op.filter_w = range(1, 4);
    o.op.stride_h = o.op.stride_w = range(1, 4);
    const int f = o.op.filter_h, st = o.op.stride_h, c = trial == 4 ? 300 : range(1, 9), h = range(f, f + 8), w = h;
    const int n = o.op.padding == WEFT_PAD_SAME ? (h + st - 1) / st : (h - f) / st + 1;
    const int total = (n - 1) * st + f - h;
    const int top = o.op.padding == WEFT_PAD_SAME && total > 0 ? total / 2 : 0;
    SHAPE(&o, 0, WEFT_I8, 1, h, w, c);
    SHAPE(&o, 3, WEFT_I8, 1, n, n, c);
    run(&o);
    for (int at = 0; at < n * n * c; at++) {
      const int y = at / c / n * st - top, x = at / c % n * st - top;
      int sum = 0, taps = 0, top_value = -128;
      for (int i = y; i < y + f; i++)
        for (int k = x; k < x + f; k++)
          if (i >= 0 && i < h && k >= 0 && k < w) {
            const int v = i8(&o, 0)[(i * w + k) * c + at % c];
            sum += v;
            taps++;
            if (v > top_value) top_value = v;
          }
      /* Half away from zero: |sum| + taps/2, divided, with the sign. */
      const int half = (abs(sum) + taps / 2) / taps;
      assert_int_equal(i8(&o, 3)[at], largest ? top_value : sum < 0 ? -half : half);
    }
    release(&o);
  }
}

static void test_softmax(void **state) {
  (void)state;
  static const struct { int depth, value; } equal[] = {{1, 127}, {2, 0}, {4, -64}, {64, -124}, {256, -127}, {511, -127}, {512, -128}, {8191, -128}, {70000, -128}};
  for (size_t i = 0; i < sizeof equal / sizeof equal[0]; i++) {   /* equal logits: 256 / depth - 128, from 512 on nothing is left */
    one_t o;
    one_op(&o, WEFT_OP_SOFTMAX, 1);
    SHAPE(&o, 0, WEFT_I8, 2, equal[i].depth);
    SHAPE(&o, 3, WEFT_I8, 2, equal[i].depth);
    memset(o.data[0], 17, o.t[0].elements);
    run(&o);
    for (size_t k = 0; k < o.t[3].elements; k++) assert_int_equal(i8(&o, 3)[k], equal[i].value);
    release(&o);
  }
  one_t o;   /* log(2) apart: 2/3 and 1/3 */
  one_op(&o, WEFT_OP_SOFTMAX, 1);
  SHAPE(&o, 0, WEFT_I8, 2);
  SHAPE(&o, 3, WEFT_I8, 2);
  o.scale[0][0] = 0.0693147181f;
  memcpy(o.data[0], (int8_t[]){10, 0}, 2);
  run(&o);
  assert_int_equal(i8(&o, 3)[0], 171 - 128);
  assert_int_equal(i8(&o, 3)[1], 85 - 128);
  release(&o);
}

static void test_add(void **state) {
  (void)state;
  one_t o;
  one_op(&o, WEFT_OP_ADD, 2);
  SHAPE(&o, 0, WEFT_I8, 3, 1, 2);
  SHAPE(&o, 1, WEFT_I8, 4, 1);
  SHAPE(&o, 3, WEFT_I8, 3, 4, 2);
  run(&o);   /* equal scales, zero points 0: a saturating sum */
  for (int i = 0; i < 24; i++) {
    const int v = i8(&o, 0)[i / 8 * 2 + i % 2] + i8(&o, 1)[i / 2 % 4];
    assert_int_equal(i8(&o, 3)[i], v > 127 ? 127 : v < -128 ? -128 : v);
  }
  o.scale[3][0] = 0.1f;   /* output step twice the inputs': halves, away from zero */
  run(&o);
  for (int i = 0; i < 24; i++) {
    const int v = i8(&o, 0)[i / 8 * 2 + i % 2] + i8(&o, 1)[i / 2 % 4];
    assert_int_equal(i8(&o, 3)[i], (abs(v) + 1) / 2 * (v < 0 ? -1 : 1));
  }
  release(&o);
}

static void test_mean(void **state) {
  (void)state;
  one_t o;
  one_op(&o, WEFT_OP_MEAN, 2);
  SHAPE(&o, 0, WEFT_I8, 2, 4, 2, 300);
  SHAPE(&o, 1, WEFT_I32, 2);
  memcpy(o.data[1], (int32_t[]){-3, 2}, 8);
  o.t[1].data = o.data[1];
  SHAPE(&o, 3, WEFT_I8, 2, 300);
  run(&o);   /* equal scales, 8 values: a factor of 1/8, applied as 1/2 (ties up) and then 1/4 (ties away from zero) */
  for (int b = 0; b < 2; b++)
    for (int c = 0; c < 300; c++) {
      int sum = 1024;
      for (int p = 0; p < 8; p++) sum += i8(&o, 0)[(b * 8 + p) * 300 + c];
      const int half = (sum + 1) / 2 - 512;   /* sum >= 0: truncation is floor */
      assert_int_equal(i8(&o, 3)[b * 300 + c], (abs(half) + 2) / 4 * (half < 0 ? -1 : 1));
    }
  ((int32_t *)o.data[1])[0] = 3;
  assert_int_equal(weft_golden_op(&o.g, &o.op, o.data, &o.m), WEFT_E_UNSUPPORTED);
  assert_non_null(strstr(o.m.msg, "operator 7 MEAN"));
  release(&o);
}

static void test_bytes(void **state) {   /* PAD, RESHAPE, RELU6 */
  (void)state;
  one_t o;
  one_op(&o, WEFT_OP_PAD, 2);
  SHAPE(&o, 0, WEFT_I8, 2, 3);
  SHAPE(&o, 1, WEFT_I32, 2, 2);
  memcpy(o.data[1], (int32_t[]){1, 0, 2, 1}, 16);
  o.t[1].data = o.data[1];
  SHAPE(&o, 3, WEFT_I8, 3, 6);
  o.zero[3][0] = -5;
  memcpy(o.data[0], "abcdef", 6);
  run(&o);
  assert_memory_equal(o.data[3], "\xfb\xfb\xfb\xfb\xfb\xfb\xfb\xfb" "abc\xfb" "\xfb\xfb" "def\xfb", 18);
  release(&o);

  one_op(&o, WEFT_OP_RESHAPE, 1);
  SHAPE(&o, 0, WEFT_I8, 6, 7);
  SHAPE(&o, 3, WEFT_I8, 42);
  run(&o);
  assert_memory_equal(o.data[3], o.data[0], 42);
  release(&o);

  one_op(&o, WEFT_OP_RELU6, 1);
  SHAPE(&o, 0, WEFT_I8, 256);
  SHAPE(&o, 3, WEFT_I8, 256);
  o.scale[0][0] = 0.125f;
  o.scale[3][0] = 0.0625f;
  o.zero[3][0] = -100;
  for (int i = 0; i < 256; i++) i8(&o, 0)[i] = (int8_t)(i - 128);
  run(&o);
  for (int i = 0; i < 256; i++) assert_int_equal(i8(&o, 3)[i], i < 128 ? -100 : i - 128 > 48 ? -4 : -100 + 2 * (i - 128));
  release(&o);
}

static void test_taps(void **state) {
  (void)state;
  for (int origin = -12; origin <= 12; origin++)
    for (int filter = 1; filter <= 5; filter++)
      for (int dilation = 1; dilation <= 3; dilation++)
        for (int size = 1; size <= 8; size++) {
          int first, last, inside = 0, lowest = filter;
          weft_window_taps(origin, filter, dilation, size, &first, &last);
          for (int t = filter - 1; t >= 0; t--)
            if (origin + t * dilation >= 0 && origin + t * dilation < size) {
              inside++;
              lowest = t;
            }
          assert_int_equal(last - first, inside);
          if (inside) assert_int_equal(first, lowest);
        }
}

static void test_run_and_refusals(void **state) {
  (void)state;
  one_t o;
  one_op(&o, WEFT_OP_RELU, 1);
  SHAPE(&o, 0, WEFT_I8, 5);
  SHAPE(&o, 3, WEFT_I8, 5);
  weft_golden_t s;
  const size_t need = weft_golden_arena_size(&o.g);
  unsigned char *arena = malloc(need + 1);
  assert_int_equal(weft_golden_init(&s, &o.g, arena, need - 1, &o.m), WEFT_E_ARG);
  assert_int_equal(weft_golden_init(&s, &o.g, arena + 1, need, &o.m), WEFT_OK);   /* any alignment */
  memcpy(s.data[0], (int8_t[]){-128, -1, 0, 1, 127}, 5);
  assert_int_equal(weft_golden_run(&o.g, &s, &o.m), WEFT_OK);
  assert_memory_equal(s.data[3], ((int8_t[]){0, 0, 0, 1, 127}), 5);
  free(arena);

  void *nothing[4] = {0};
  assert_int_equal(weft_golden_op(&o.g, &o.op, nothing, &o.m), WEFT_E_ARG);
  o.t[0].type = WEFT_F32;
  assert_int_equal(weft_golden_supported(&o.g, &o.op, &o.m), WEFT_E_UNSUPPORTED);
  assert_string_equal(o.m.msg, "operator 7 RELU: feature maps must be INT8");
  o.t[0].type = WEFT_I8;
  o.t[3].elements = 6;
  assert_int_equal(weft_golden_supported(&o.g, &o.op, &o.m), WEFT_E_UNSUPPORTED);
  o.t[3].elements = 5;
  o.in[0] = -1;
  assert_int_equal(weft_golden_supported(&o.g, &o.op, &o.m), WEFT_E_FORMAT);
  o.in[0] = 0;
  o.op.code = (weft_opcode_t)WEFT_OP_COUNT;
  assert_int_equal(weft_golden_supported(&o.g, &o.op, &o.m), WEFT_E_UNSUPPORTED);
  release(&o);
}

int main(void) {
  seed_from_environment("test_ops");
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_conv), cmocka_unit_test(test_fully_connected), cmocka_unit_test(test_pool), cmocka_unit_test(test_softmax),
      cmocka_unit_test(test_add), cmocka_unit_test(test_mean), cmocka_unit_test(test_bytes), cmocka_unit_test(test_taps),
      cmocka_unit_test(test_run_and_refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
