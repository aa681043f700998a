// SPDX-License-Identifier: Apache-2.0
//
// The whole platform: processor, bus, memory, peripherals, interrupt controller and one form of Weft, wired.
#ifndef WEFT_PLATFORM_PLATFORM_H
#define WEFT_PLATFORM_PLATFORM_H

#include "bus.h"
#include "cpu.h"
#include "map.h"
#include "memory.h"
#include "peripherals.h"
#include "weft_device.h"

struct Platform {
  struct Setup {
    const weft_config_t *cfg = nullptr;
    size_t dram_bytes = 0;
    int latency = 32;                             // of the DRAM, cycles
    bool rtl = false;                             // Weft as RTL, else as machine model
    const char *trace = nullptr;                  // FST file of the RTL's waves
    std::vector<uint64_t> layer_cycles;           // time of each layer in a job, for the machine model
    std::function<void(const hal_t *)> firmware;
  };
  sc_core::sc_time cycle{1.0 / SOC_CLOCK_MHZ, sc_core::SC_US};
  sc_core::sc_signal<bool> weft_irq, uart_irq, timer_irq, cpu_irq;
  Bus bus;
  Memory dram;
  Peripherals peripherals{"peripherals", cycle};
  Intc intc{"intc", cycle};
  std::unique_ptr<WeftDevice> weft;
  Cpu cpu;

  explicit Platform(const Setup &s)
      : bus("bus", {{SOC_DRAM, s.dram_bytes},
                    {SOC_WEFT, PLATFORM_BLOCK_BYTES},
                    {SOC_PERIPHERALS, PLATFORM_BLOCK_BYTES},
                    {PLATFORM_INTC, PLATFORM_BLOCK_BYTES}}),
        dram("dram", s.dram_bytes, cycle * s.latency, cycle, (unsigned)s.cfg->bus_bytes),
        weft(s.rtl ? make_weft_rtl(cycle, s.trace) : make_weft_model(s.cfg, cycle, s.layer_cycles)), cpu("cpu", s.firmware)
  {
    cpu.port.bind(bus.cpu);
    weft->dma.bind(bus.dma);
    bus.window(0).bind(dram.port);
    bus.window(1).bind(weft->regs);
    bus.window(2).bind(peripherals.port);
    bus.window(3).bind(intc.port);
    weft->irq(weft_irq);
    peripherals.irq_uart(uart_irq);
    peripherals.irq_timer(timer_irq);
    intc.weft(weft_irq);
    intc.uart(uart_irq);
    intc.timer(timer_irq);
    intc.cpu(cpu_irq);
    cpu.irq(cpu_irq);
  }
};

#endif
