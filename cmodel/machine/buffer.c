/* SPDX-License-Identifier: Apache-2.0
 *
 * The buffer: 16-byte words, 16-bit wrapping word addresses. Banks cost time only, so the model has none.
 */
#include "parts.h"

size_t weft_machine_buffer_bytes(const weft_config_t *cfg) { return (size_t)cfg->buf_words * WEFT_WORD_BYTES; }

uint8_t *weft_mach_word(weft_machine_t *m, int64_t addr, int engine) {
  addr &= UINT16_MAX;
  if (addr < m->cfg->buf_words) return m->buffer + addr * WEFT_WORD_BYTES;
  weft_mach_fail(m, WEFT_ERR_BUFFER, engine, 0);
  return NULL;
}
