/* SPDX-License-Identifier: Apache-2.0
 *
 * Golden model of the machine: executes the same command list as the RTL on modelled DRAM, buffer and registers.
 *
 * Memory, status and the counters marked exact in counters.def equal the RTL's. Commands run one after the other in list
 * order, which gives the RTL's result for every valid list (weft_validate()), because a valid list has no races; it can
 * therefore not see a race, nor a wait that never comes true. Time is not modelled: START returns with the job done.
 * After an error memory and counters are unspecified, as on the RTL. No globals, no allocation; the caller owns all memory.
 */
#ifndef WEFT_MACHINE_H
#define WEFT_MACHINE_H

#include "events.h"
#include "weft_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Engine number of command fetch and dispatch in ERROR_CAUSE, after the four engines. */
enum { WEFT_ENG_FETCH = WEFT_ENGINES };

typedef struct {
  const weft_config_t *cfg;
  uint8_t *dram;            /* DRAM from address 0 */
  size_t dram_bytes;        /* an access beyond answers DECERR */
  uint8_t *buffer;          /* cfg->buf_words words of WEFT_WORD_BYTES bytes */
  int16_t *scratch;         /* weft_machine_scratch_bytes(); contents mean nothing between commands, */
  int32_t *psum;            /* but for its end: the psums that a CONV has left, by output row, column and channel */
  /* Registers */
  struct { uint32_t base, bytes; } region[WEFT_REGIONS];
  uint32_t status, irq_enable, irq_status, cmd_offset, cmd_count, lock;
  uint32_t error_cause, error_addr, error_cmd;
  uint16_t done[WEFT_ENGINES];
  uint64_t counter[WEFT_COUNTERS];
  int32_t table[2][256];         /* VEC's tables 0 and 1, as the last command that read them has left them */
  uint32_t command;         /* index in the list of the command that runs */
  /* What costs energy, by the commands' tags; NULL: not counted, nor are commands whose tag is nevents or more. START does not clear them. */
  weft_events_t *events;
  uint32_t nevents;
  weft_events_t *event;     /* of the command that runs, or NULL */
} weft_machine_t;

/* Bits of STATUS, and of IRQ_STATUS and IRQ_ENABLE. */
enum { WEFT_STATUS_BUSY = 1, WEFT_STATUS_DONE = 2, WEFT_STATUS_ERROR = 4, WEFT_STATUS_RESETTING = 8 };
enum { WEFT_IRQ_DONE = 1, WEFT_IRQ_ERROR = 2 };
enum { WEFT_CTRL_START = 1, WEFT_CTRL_RESET = 2 };

size_t weft_machine_buffer_bytes(const weft_config_t *cfg);
size_t weft_machine_scratch_bytes(const weft_config_t *cfg);

/* State after hardware reset; buffer and DRAM contents are left as the caller has filled them. */
void weft_machine_init(weft_machine_t *m, const weft_config_t *cfg, uint8_t *dram, size_t dram_bytes, uint8_t *buffer,
                       int16_t *scratch);

/* AXI4-Lite accesses; offset as in registers.def, unknown offsets read 0 and ignore writes. START runs the whole list. */
uint32_t weft_machine_read32(const weft_machine_t *m, uint32_t offset);
void weft_machine_write32(weft_machine_t *m, uint32_t offset, uint32_t value);
/* Level of the interrupt line. */
bool weft_machine_irq(const weft_machine_t *m);

#ifdef __cplusplus
}
#endif
#endif
