/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the machine model share: the commands they execute and how they report an error.
 *
 * Each execute function runs one command to its end and counts its events. It returns 0, or -1 after weft_mach_fail().
 */
#ifndef WEFT_MACHINE_PARTS_H
#define WEFT_MACHINE_PARTS_H

#include "machine.h"

/* Keeps the first error of a job. addr: DRAM byte address, 0 where none is concerned. Always -1. */
int weft_mach_fail(weft_machine_t *m, int code, int engine, uint32_t addr);

/* dispatch.c: fetches and executes the list that CMD_OFFSET and CMD_COUNT describe. */
void weft_mach_run(weft_machine_t *m);

/* buffer.c: word at an address (wrapped to 16 bits), or NULL after error BUFFER of the engine. */
uint8_t *weft_mach_word(weft_machine_t *m, int64_t addr, int engine);

/* dma.c: checks [offset, offset + bytes) against the region and DRAM. The bytes, or NULL after an error. */
uint8_t *weft_mach_dram(weft_machine_t *m, int region, uint32_t offset, uint64_t bytes, int engine);
int weft_mach_load(weft_machine_t *m, const weft_dma_t *c);
int weft_mach_store(weft_machine_t *m, const weft_dma_t *c);

/* array.c; feeder.c and filters.c are its ifmap and filter networks, collector.c writes its results. */
int weft_mach_conv(weft_machine_t *m, const weft_conv_t *c);
int weft_mach_feed(weft_machine_t *m, const weft_conv_t *c);

/* Filters of block mb as int16 with the zero point subtracted: to[(m * pairs + pair) * K*LANES + byte], m counted from the block's
 * first output channel. pairs: those that output channel sums over (R x groups, GROUPS: R). */
int weft_mach_filters(weft_machine_t *m, const weft_conv_t *c, int64_t mb, int16_t *to);

/* Requantises psum of output channel `channel` (entry: its parameter word) and writes the byte. */
int weft_mach_collect(weft_machine_t *m, const weft_conv_t *c, int64_t oy, int64_t ox, int64_t channel, const uint8_t *entry,
                      int32_t psum);
void weft_mach_collect_count(weft_machine_t *m, const weft_conv_t *c);

/* events.c: what costs energy. Before and after a command; before: the counters as they were. */
void weft_mach_events_begin(weft_machine_t *m, const weft_cmd_t *c, uint64_t before[WEFT_COUNTERS]);
void weft_mach_events_end(weft_machine_t *m, const weft_cmd_t *c, const uint64_t before[WEFT_COUNTERS]);
/* `columns` ifmap packets of channel block cb and row y, counted from the row block's first, in fold f of filter block mb. */
void weft_mach_events_packets(weft_machine_t *m, const weft_conv_t *c, int64_t mb, int64_t f, int64_t cb, int64_t y, int64_t columns);
static inline void weft_mach_event(weft_machine_t *m, enum weft_event e, uint64_t n) {
  if (m->event) m->event->n[e] += n;
}

/* vector.c, transpose.c: the VECTOR engine */
int weft_mach_vec(weft_machine_t *m, const weft_vec_t *c);
int weft_mach_transpose(weft_machine_t *m, const weft_transpose_t *c);

#endif
