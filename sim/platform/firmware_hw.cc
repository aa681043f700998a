// SPDX-License-Identifier: Apache-2.0
//
// The bus of sw/firmware on the platform's processor, so that the firmware's own sources run here, compiled for the host.
//
// Registers are TLM transactions and take simulated time; DRAM is read and written directly, as code between two accesses takes no time
// either. The firmware has no context argument for its board, as there is one board: here it is the one of this process.

#include "firmware.h"

#include "hw.h"
#include "map.h"

extern "C" int firmware_main(void);             // main() of sw/firmware/main.c

namespace {
const hal_t *hal;
}

uint32_t hw_read(uint32_t at) { return hal->read32(hal->ctx, at); }
void hw_write(uint32_t at, uint32_t v) { hal->write32(hal->ctx, at, v); }
uint8_t *hw_dram(void) { return hal->dram(hal->ctx); }

uint32_t hw_sleep(void)
{
  hal->wait_irq(hal->ctx);
  return hw_read(PLATFORM_INTC + PLATFORM_INTC_PENDING);
}

void run_firmware(const hal_t *h)
{
  hal = h;
  hw_write(PLATFORM_INTC + PLATFORM_INTC_ENABLE, SOC_IRQ_WEFT | SOC_IRQ_UART | SOC_IRQ_TIMER);
  firmware_main();
}
