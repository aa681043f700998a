/* SPDX-License-Identifier: Apache-2.0
 *
 * What firmware sees: addresses and interrupt lines, those of the simulated RISC-V system (sim/soc/soc_map.vh), plus one block.
 *
 * The processor of that system holds its interrupt mask in itself. Firmware that is compiled for the host has no such
 * instructions, so here pending lines and mask are registers of an interrupt controller.
 */
#ifndef WEFT_PLATFORM_MAP_H
#define WEFT_PLATFORM_MAP_H

#include "soc_map.h"                          /* made from soc_map.vh */

#define PLATFORM_INTC          0xa0000000u
#define PLATFORM_INTC_PENDING  0x0u           /* read: lines that are up, as masks SOC_IRQ_* */
#define PLATFORM_INTC_ENABLE   0x4u           /* lines that interrupt the processor */
#define PLATFORM_BLOCK_BYTES   0x1000u        /* of each device's address range */

#endif
