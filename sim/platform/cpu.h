// SPDX-License-Identifier: Apache-2.0
//
// The processor: host-compiled firmware as one SC_THREAD, whose loads and stores are TLM transactions (hal.h).
#ifndef WEFT_PLATFORM_CPU_H
#define WEFT_PLATFORM_CPU_H

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include <functional>

#include "hal.h"

class Cpu : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Cpu> port;
  sc_core::sc_in<bool> irq;

  SC_HAS_PROCESS(Cpu);
  // The simulation stops when the firmware returns.
  Cpu(sc_core::sc_module_name name, std::function<void(const hal_t *)> firmware);

 private:
  void run();
  uint8_t *dram();
  bool access(tlm::tlm_command command, uint32_t addr, void *data, size_t bytes);
  std::function<void(const hal_t *)> firmware_;
};

#endif
