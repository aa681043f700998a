/* SPDX-License-Identifier: Apache-2.0
 *
 * Command fetch and dispatch: reads the records of the list and hands each to its engine.
 *
 * Waits are not looked at: in list order every wait of a valid list is already satisfied.
 */
#include "legal.h"
#include "parts.h"

static const int engine_of[] = {
#define O(name, code, engine, text) [code] = engine,
#include "commands.def"
};

static int execute(weft_machine_t *m, const weft_cmd_t *c) {
  switch (c->hdr.opcode) {
    case WEFT_CMD_LOAD: return weft_mach_load(m, &c->dma);
    case WEFT_CMD_STORE: return weft_mach_store(m, &c->dma);
    case WEFT_CMD_CONV: return weft_mach_conv(m, &c->conv);
    case WEFT_CMD_VEC: return weft_mach_vec(m, &c->vec);
    case WEFT_CMD_TRANSPOSE: return weft_mach_transpose(m, &c->transpose);
    default: return weft_mach_fail(m, WEFT_ERR_OPCODE, WEFT_ENG_FETCH, 0);
  }
}

void weft_mach_run(weft_machine_t *m) {
  for (m->command = 0; m->command < m->cmd_count; m->command++) {
    uint32_t rec[WEFT_CMD_WORDS];
    const uint8_t *at = weft_mach_dram(m, 0, m->cmd_offset + m->command * WEFT_CMD_BYTES, WEFT_CMD_BYTES, WEFT_ENG_FETCH);
    if (!at) return;
    m->counter[WEFT_CNT_FETCH_BEATS] += WEFT_CMD_BYTES / (uint64_t)m->cfg->bus_bytes;
    for (int i = 0; i < WEFT_CMD_WORDS; i++)
      rec[i] = (uint32_t)at[4 * i] | (uint32_t)at[4 * i + 1] << 8 | (uint32_t)at[4 * i + 2] << 16 | (uint32_t)at[4 * i + 3] << 24;
    weft_cmd_t c;
    int rc = weft_cmd_unpack(rec, &c);
    if (rc) {
      weft_mach_fail(m, rc, WEFT_ENG_FETCH, 0);
      return;
    }
    if (weft_legal(m->cfg, &c, NULL)) {   /* also what the RTL's smaller check lets pass: it has no defined result */
      weft_mach_fail(m, WEFT_ERR_FIELD, WEFT_ENG_FETCH, 0);
      return;
    }
    uint64_t before[WEFT_COUNTERS];
    weft_mach_events_begin(m, &c, before);
    if (execute(m, &c)) return;
    weft_mach_events_end(m, &c, before);
    m->done[engine_of[c.hdr.opcode]]++;
  }
}
