/* SPDX-License-Identifier: Apache-2.0
 *
 * The bus of the simulated RISC-V system: plain loads and stores, and sleep by picorv32's `waitirq`.
 */
#include "hw.h"

#include "soc_map.h"

uint32_t hw_read(uint32_t at) { return *(volatile uint32_t *)(uintptr_t)at; }
void hw_write(uint32_t at, uint32_t v) { *(volatile uint32_t *)(uintptr_t)at = v; }

uint32_t hw_sleep(void)
{
  uint32_t lines;
  __asm__ volatile(".insn r 0x0b, 4, 4, %0, x0, x0" : "=r"(lines) : : "memory");
  return lines;
}

uint8_t *hw_dram(void) { return (uint8_t *)(uintptr_t)SOC_DRAM; }
