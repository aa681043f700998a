/* SPDX-License-Identifier: Apache-2.0
 *
 * The Verilated device as a C interface: one shared library per configuration (build/sim/<config>/libweft_rtl.so).
 *
 * It owns the clock, an AXI memory with settable latency, random stalls and error injection, and an AXI-Lite master.
 * One instance is used by one thread.
 */
#ifndef WEFT_SIM_DEVICE_H
#define WEFT_SIM_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_sim weft_sim_t;

/* dram_bytes of memory at address 0; seed 0: no random stalls and registers start at zero, else both are drawn from it;
 * latency: cycles from an accepted read address to its first beat (>= 1); trace: FST file or NULL (trace builds only);
 * fail_addr: a burst that touches this byte answers SLVERR (0: none). NULL when memory or the trace file fails. */
weft_sim_t *weft_sim_open(size_t dram_bytes, unsigned seed, int latency, const char *trace, uint32_t fail_addr);
void weft_sim_close(weft_sim_t *s);
uint32_t weft_sim_read32(weft_sim_t *s, uint32_t offset);
void weft_sim_write32(weft_sim_t *s, uint32_t offset, uint32_t value);
/* The DRAM, directly (no simulated time passes). */
uint8_t *weft_sim_dram(weft_sim_t *s);
/* Runs until the interrupt line is up (1) or `cycles` have passed (0); -1 when the device broke a bus rule. */
int weft_sim_wait(weft_sim_t *s, uint64_t cycles);
/* The first broken bus rule, "" when none. */
const char *weft_sim_violation(weft_sim_t *s);
uint64_t weft_sim_cycles(weft_sim_t *s);        /* since weft_sim_open */

#ifdef __cplusplus
}
#endif
#endif
