/* SPDX-License-Identifier: Apache-2.0
 *
 * The AXI4-Lite registers of the machine model (docs/spec/registers.def), reset and interrupt.
 */
#include "parts.h"

enum { REGION_LAST = WEFT_REG_REGION0 + 8 * WEFT_REGIONS, COUNTER_LAST = WEFT_REG_COUNTER0 + 8 * WEFT_COUNTERS };
enum { REGION_ALIGN = 128 };

/* Filters of one block, and the ifmap values of one output position: neither can exceed a filter image that fills the buffer. */
static size_t conv_values(const weft_config_t *cfg) { return 2 * weft_machine_buffer_bytes(cfg); }

size_t weft_machine_scratch_bytes(const weft_config_t *cfg) {
  return conv_values(cfg) * sizeof(int16_t) + (size_t)cfg->cols * WEFT_ACC_DEPTH * sizeof(int32_t);
}

void weft_machine_init(weft_machine_t *m, const weft_config_t *cfg, uint8_t *dram, size_t dram_bytes, uint8_t *buffer,
                       int16_t *scratch) {
  memset(m, 0, sizeof *m);
  m->cfg = cfg;
  m->dram = dram;
  m->dram_bytes = dram_bytes;
  m->buffer = buffer;
  m->scratch = scratch;
  m->psum = (int32_t *)(void *)(scratch + conv_values(cfg));      /* aligned as scratch, which malloc has given */
}

bool weft_machine_irq(const weft_machine_t *m) { return m->irq_status & m->irq_enable; }

int weft_mach_fail(weft_machine_t *m, int code, int engine, uint32_t addr) {
  if (!(m->status & WEFT_STATUS_ERROR)) {
    m->status = WEFT_STATUS_ERROR;
    m->irq_status |= WEFT_IRQ_ERROR;
    m->error_cause = (uint32_t)code | (uint32_t)engine << 8;
    m->error_addr = addr;
    m->error_cmd = m->command;
  }
  return -1;
}

/* CTRL.RESET: regions, LOCK and IRQ_ENABLE survive, buffer contents stay. */
static void reset(weft_machine_t *m) {
  m->status = m->irq_status = 0;
  m->error_cause = m->error_addr = m->error_cmd = 0;
  memset(m->done, 0, sizeof m->done);
  memset(m->counter, 0, sizeof m->counter);
}

uint32_t weft_machine_read32(const weft_machine_t *m, uint32_t offset) {
  const weft_config_t *c = m->cfg;
  switch (offset) {
    case WEFT_REG_ID: return WEFT_ID;
    case WEFT_REG_VERSION: return WEFT_VERSION_MAJOR << 16 | WEFT_VERSION_MINOR << 8 | WEFT_VERSION_PATCH;
    case WEFT_REG_CFG0:
      return (uint32_t)c->rows | (uint32_t)c->cols << 8 | (uint32_t)c->lanes << 16 | (uint32_t)c->ppu_lanes << 24;
    case WEFT_REG_CFG1: return (uint32_t)c->buf_words | (uint32_t)c->net_bytes << 16 | (uint32_t)c->bus_bytes << 24;
    case WEFT_REG_CFG2: return (uint32_t)c->fspad_bytes | (uint32_t)WEFT_ACC_DEPTH << 16;
    case WEFT_REG_CFG3:
      return WEFT_WINDOW_WORDS | WEFT_PARAM_DEPTH << 8 | WEFT_OBUF_WORDS << 16 | (uint32_t)(c->bank_words / 256) << 24;
    case WEFT_REG_STATUS: return m->status;
    case WEFT_REG_IRQ_ENABLE: return m->irq_enable;
    case WEFT_REG_IRQ_STATUS: return m->irq_status;
    case WEFT_REG_CMD_OFFSET: return m->cmd_offset;
    case WEFT_REG_CMD_COUNT: return m->cmd_count;
    case WEFT_REG_LOCK: return m->lock;
    case WEFT_REG_ERROR_CAUSE: return m->error_cause;
    case WEFT_REG_ERROR_ADDR: return m->error_addr;
    case WEFT_REG_ERROR_CMD: return m->error_cmd;
    case WEFT_REG_DONE_LOAD: return m->done[WEFT_ENG_LOAD];
    case WEFT_REG_DONE_ARRAY: return m->done[WEFT_ENG_ARRAY];
    case WEFT_REG_DONE_VECTOR: return m->done[WEFT_ENG_VECTOR];
    case WEFT_REG_DONE_STORE: return m->done[WEFT_ENG_STORE];
    default: break;
  }
  if (offset % 4 == 0 && offset >= WEFT_REG_REGION0 && offset < REGION_LAST) {
    uint32_t i = (offset - WEFT_REG_REGION0) / 8;
    return offset % 8 ? m->region[i].bytes : m->region[i].base;
  }
  if (offset % 4 == 0 && offset >= WEFT_REG_COUNTER0 && offset < COUNTER_LAST)
    return (uint32_t)(m->counter[(offset - WEFT_REG_COUNTER0) / 8] >> (offset % 8 ? 32 : 0));
  return 0;
}

static void start(weft_machine_t *m) {
  if (m->status & WEFT_STATUS_ERROR) return;   /* the first error stays until RESET */
  m->status = 0;
  m->command = 0;
  memset(m->done, 0, sizeof m->done);
  memset(m->counter, 0, sizeof m->counter);
  if (!m->cmd_count) {
    weft_mach_fail(m, WEFT_ERR_START, WEFT_ENG_FETCH, 0);
    return;
  }
  m->status = WEFT_STATUS_BUSY;
  weft_mach_run(m);
  if (m->status & WEFT_STATUS_ERROR) return;
  m->status = WEFT_STATUS_DONE;
  m->irq_status |= WEFT_IRQ_DONE;
}

void weft_machine_write32(weft_machine_t *m, uint32_t offset, uint32_t value) {
  switch (offset) {
    case WEFT_REG_CTRL:
      if (value & WEFT_CTRL_RESET) reset(m);
      else if (value & WEFT_CTRL_START) start(m);
      return;
    case WEFT_REG_IRQ_ENABLE: m->irq_enable = value & (WEFT_IRQ_DONE | WEFT_IRQ_ERROR); return;
    case WEFT_REG_IRQ_STATUS: m->irq_status &= ~value; return;
    case WEFT_REG_CMD_OFFSET: m->cmd_offset = value & ~(uint32_t)(WEFT_CMD_BYTES - 1); return;
    case WEFT_REG_CMD_COUNT: m->cmd_count = value; return;
    case WEFT_REG_LOCK: m->lock |= value & 1; return;
    default: break;
  }
  if (offset % 4 || offset < WEFT_REG_REGION0 || offset >= REGION_LAST || m->lock) return;
  uint32_t i = (offset - WEFT_REG_REGION0) / 8;
  if (offset % 8) m->region[i].bytes = value;
  else m->region[i].base = value & ~(uint32_t)(REGION_ALIGN - 1);
}
