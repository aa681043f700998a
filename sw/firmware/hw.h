/* SPDX-License-Identifier: Apache-2.0
 *
 * How this processor reaches the board: words at addresses of sim/soc/soc_map.vh, sleeping, and its DRAM.
 *
 * hw_picorv32.c is the RISC-V core's; the SystemC platform has its own for firmware compiled for the host (sim/platform/firmware_hw.cc).
 */
#ifndef WEFT_FW_HW_H
#define WEFT_FW_HW_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

uint32_t hw_read(uint32_t at);
void hw_write(uint32_t at, uint32_t v);
/* Stops until an interrupt line is up; returns the lines, as masks SOC_IRQ_*. */
uint32_t hw_sleep(void);
/* Byte 0 of the DRAM, to be read and written directly. */
uint8_t *hw_dram(void);

#ifdef __cplusplus
}
#endif
#endif
