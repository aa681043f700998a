/* SPDX-License-Identifier: Apache-2.0
 *
 * Short command lists, commands to put on them, and what the validator must say of them.
 */
#ifndef WEFT_TEST_VALIDATE_RIG_H
#define WEFT_TEST_VALIDATE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conv_shape.h"
#include "validate.h"

enum { REGION = 1 << 16, LIST = 64 };

typedef struct {
  const weft_config_t *cfg;
  uint32_t rec[LIST * WEFT_CMD_WORDS], count;
  weft_msg_t msg;
} list_t;

static inline int check(const weft_config_t *cfg, const uint32_t *rec, uint32_t count, const uint32_t bytes[WEFT_REGIONS], weft_msg_t *msg) {
  weft_validate_scratch_t *s = malloc(weft_validate_scratch_bytes(count));
  assert_non_null(s);
  int rc = weft_validate(cfg, rec, count, bytes, s, msg);
  free(s);
  return rc;
}

static inline int validate(list_t *l) {
  const uint32_t bytes[WEFT_REGIONS] = {REGION, REGION, REGION};
  return check(l->cfg, l->rec, l->count, bytes, &l->msg);
}

static inline void add(list_t *l, const weft_cmd_t *c) {
  assert_true(l->count < LIST);
  const char *bad = weft_cmd_pack(c, l->rec + l->count++ * WEFT_CMD_WORDS);
  if (bad) fail_msg("field %s does not fit", bad);
}

static inline void expect(list_t *l, const char *part) {
  if (validate(l) != WEFT_E_FORMAT) fail_msg("accepted, though: %s", part);
  if (!strstr(l->msg.msg, part) || !strstr(l->msg.msg, "accepted")) fail_msg("message '%s' lacks '%s'", l->msg.msg, part);
}

static inline weft_cmd_t dma(int64_t opcode, int64_t offset, int64_t words, int64_t buf) {
  weft_cmd_t c = {0};
  c.dma = (weft_dma_t){.opcode = opcode, .region = 1, .offset = offset, .elem_bytes = 16, .elems = words, .n0 = 1, .n1 = 1, .buf = buf,
                       .buf_se = 1};
  return c;
}

/* A 1x1 convolution of 4x4 pixels: ifmap words 0-15, ofmap 16-31, filters 32, entries 40-43. */
static inline weft_cmd_t conv(const weft_config_t *cfg) {
  weft_cmd_t k = {0};
  k.conv = (weft_conv_t){.opcode = WEFT_CMD_CONV, .in_h = 4, .in_w = 4, .in_w_last = 4, .stride_y = 1, .stride_x = 1, .dil_y = 1, .dil_x = 1,
                         .R = 1, .S = 1, .chain_len = 1, .nchain = 1, .groups = 1, .P = 4, .e_cols = 2, .T = 1, .FT = 4, .OH = 4, .OW = 4,
                         .OW_last = 4, .M = 4, .in_pix = 1, .in_row = 4, .out_pix = 1, .out_row = 4, .out_base = 16, .filt_base = 32,
                         .param_base = 40, .act_min = -128, .act_max = 127};
  weft_conv_derive(cfg, &k.conv);
  return k;
}

static inline weft_cmd_t vec(void) {
  weft_cmd_t k = {0};
  k.vec = (weft_vec_t){.opcode = WEFT_CMD_VEC, .b_base = 100, .out_base = 200, .n0 = 10, .n1 = 1, .n2 = 1, .k0 = 1, .k1 = 1, .a_s0 = 1,
                       .b_s0 = 1, .out_s0 = 1, .act_min = -128, .act_max = 127, .nsteps = 2,
                       .step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_SET),
                       .step1 = WEFT_STEP(.fn = WEFT_FN_B, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT)};
  return k;
}

static inline list_t empty(const char *config) { return (list_t){.cfg = weft_config_find(config)}; }

#endif
