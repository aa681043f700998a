/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine model with memory for one test, and the requantisation rule written out again from its definition.
 */
#ifndef WEFT_TEST_MACHINE_RIG_H
#define WEFT_TEST_MACHINE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "machine.h"
#include "rand.h"

enum { RIG_DRAM = 1 << 20, RIG_LIST = 4096 /* region 0: commands */, RIG_DATA = 65536 /* region 1 starts here */ };

typedef struct {
  weft_machine_t m;
  uint32_t commands;
} rig_t;

static inline void rig_fill(rand_t *r, uint8_t *to, size_t bytes) {   /* bytes: a multiple of 8 */
  for (size_t i = 0; i < bytes; i += sizeof(uint64_t)) {
    uint64_t v = rand_u64(r);
    memcpy(to + i, &v, sizeof v);
  }
}

static inline void rig_open(rig_t *g, const weft_config_t *cfg, rand_t *r) {
  uint8_t *dram = malloc(RIG_DRAM), *buffer = malloc(weft_machine_buffer_bytes(cfg));
  int16_t *scratch = malloc(weft_machine_scratch_bytes(cfg));
  assert_true(dram && buffer && scratch);
  rig_fill(r, dram, RIG_DRAM);
  rig_fill(r, buffer, weft_machine_buffer_bytes(cfg));
  weft_machine_init(&g->m, cfg, dram, RIG_DRAM, buffer, scratch);
  g->commands = 0;
  weft_machine_write32(&g->m, WEFT_REG_REGION0, RIG_LIST);
  weft_machine_write32(&g->m, WEFT_REG_REGION0 + 4, RIG_DATA - RIG_LIST);
  weft_machine_write32(&g->m, WEFT_REG_REGION0 + 8, RIG_DATA);
  weft_machine_write32(&g->m, WEFT_REG_REGION0 + 12, RIG_DRAM - RIG_DATA);
}

static inline void rig_close(rig_t *g) {
  free(g->m.dram);
  free(g->m.buffer);
  free(g->m.scratch);
}

/* Appends one record; bytes little endian. */
static inline void rig_record(rig_t *g, const uint32_t rec[WEFT_CMD_WORDS]) {
  uint8_t *to = g->m.dram + RIG_LIST + g->commands++ * WEFT_CMD_BYTES;
  for (int i = 0; i < WEFT_CMD_BYTES; i++) to[i] = (uint8_t)(rec[i / 4] >> i % 4 * 8);
}

/* cmd: the command's own struct; only its own bytes are read. */
static inline void rig_add_bytes(rig_t *g, const void *cmd, size_t bytes) {
  weft_cmd_t c;
  uint32_t rec[WEFT_CMD_WORDS];
  memset(&c, 0, sizeof c);
  memcpy(&c, cmd, bytes);
  const char *bad = weft_cmd_pack(&c, rec);
  if (bad) fail_msg("field %s does not fit", bad);
  rig_record(g, rec);
}
#define rig_add(g, cmd) rig_add_bytes(g, cmd, sizeof *(cmd))

/* Runs the records added so far and forgets them. Returns STATUS. */
static inline uint32_t rig_run(rig_t *g) {
  weft_machine_write32(&g->m, WEFT_REG_CMD_OFFSET, 0);
  weft_machine_write32(&g->m, WEFT_REG_CMD_COUNT, g->commands);
  weft_machine_write32(&g->m, WEFT_REG_CTRL, WEFT_CTRL_START);
  g->commands = 0;
  return weft_machine_read32(&g->m, WEFT_REG_STATUS);
}

/* RDP(SRDHM(x << ls, mult), rs) + zo, and that clamped, from the definitions: high half of the doubled product, half away from zero, twice. */
static inline int32_t rig_scale(int32_t x, int32_t mult, int ls, int rs, int zo) {
  x = (int32_t)((uint32_t)x << ls);
  __int128 p = 2 * (__int128)x * mult, half = (__int128)1 << 31;
  int64_t v = (int64_t)(p >= 0 ? (p + half) >> 32 : -((-p + half - 1) >> 32));   /* ties of SRDHM go up for negative products */
  if (rs) {
    int64_t a = v < 0 ? -v : v, h = (int64_t)1 << (rs - 1);
    a = (a + h) >> rs;   /* ties of RDP go away from zero */
    v = v < 0 ? -a : a;
  }
  return (int32_t)(uint32_t)(v + zo);
}
static inline int8_t rig_requantise(int32_t x, int32_t mult, int ls, int rs, int zo, int lo, int hi) {
  int32_t y = rig_scale(x, mult, ls, rs, zo);
  return (int8_t)(y < lo ? lo : y > hi ? hi : y);
}

#endif
