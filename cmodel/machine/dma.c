/* SPDX-License-Identifier: Apache-2.0
 *
 * LOAD and STORE: strided copies between DRAM and buffer, and the window check of every DRAM access.
 */
#include "conv_shape.h"
#include "parts.h"

/* Address of the burst that holds byte `limit`, the first one that must not be accessed. Bursts stay inside aligned blocks of 16 beats. */
static uint32_t burst_at(const weft_machine_t *m, uint64_t addr, uint64_t limit) {
  enum { BURST_BEATS = 16 };
  uint64_t block = limit & ~(uint64_t)(BURST_BEATS * m->cfg->bus_bytes - 1);
  return (uint32_t)(block > addr ? block : addr);
}

uint8_t *weft_mach_dram(weft_machine_t *m, int region, uint32_t offset, uint64_t bytes, int engine) {
  uint64_t base = m->region[region].base, addr = base + offset;
  if (offset + bytes > m->region[region].bytes) {
    weft_mach_fail(m, WEFT_ERR_WINDOW, engine, burst_at(m, addr, base + m->region[region].bytes));
    return NULL;
  }
  if (addr + bytes > m->dram_bytes) {   /* the memory behind the bus answers DECERR */
    int code = engine == WEFT_ENG_STORE ? WEFT_ERR_AXI_WRITE : WEFT_ERR_AXI_READ;
    weft_mach_fail(m, code, engine, burst_at(m, addr, m->dram_bytes));
    return NULL;
  }
  return m->dram + addr;
}

/* Both directions: for each run, for each element, its words. */
static int copy(weft_machine_t *m, const weft_dma_t *c, int engine) {
  bool load = engine == WEFT_ENG_LOAD;
  uint64_t bus = (uint64_t)m->cfg->bus_bytes, beats = 0, words = 0;
  for (int64_t i1 = 0; i1 < c->n1; i1++)
    for (int64_t i0 = 0; i0 < c->n0; i0++) {
      uint64_t bytes = (uint64_t)(c->elems * c->elem_bytes);
      uint32_t offset = (uint32_t)(c->offset + i1 * c->dram_s1 + i0 * c->dram_s0);
      uint8_t *run = weft_mach_dram(m, (int)c->region, offset, bytes, engine);
      if (!run) return -1;
      uint64_t addr = (uint64_t)(run - m->dram);
      beats += (addr + bytes - 1) / bus - addr / bus + 1;
      for (int64_t e = 0; e < c->elems; e++)
        for (int64_t b = 0; b < c->elem_bytes; b += WEFT_WORD_BYTES) {
          uint8_t *word = weft_mach_word(m, c->buf + i1 * c->buf_s1 + i0 * c->buf_s0 + e * c->buf_se + b / WEFT_WORD_BYTES, engine);
          if (!word) return -1;
          size_t n = (size_t)weft_min64(WEFT_WORD_BYTES, c->elem_bytes - b);
          uint8_t *at = run + e * c->elem_bytes + b;
          if (load) {
            memcpy(word, at, n);
            memset(word + n, 0, WEFT_WORD_BYTES - n);
          } else {
            memcpy(at, word, n);
          }
          words++;
        }
    }
  m->counter[load ? WEFT_CNT_LOAD_BEATS : WEFT_CNT_STORE_BEATS] += beats;
  m->counter[load ? WEFT_CNT_BUF_LOAD : WEFT_CNT_BUF_STORE] += words;
  return 0;
}

int weft_mach_load(weft_machine_t *m, const weft_dma_t *c) { return copy(m, c, WEFT_ENG_LOAD); }
int weft_mach_store(weft_machine_t *m, const weft_dma_t *c) { return copy(m, c, WEFT_ENG_STORE); }
