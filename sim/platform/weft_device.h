// SPDX-License-Identifier: Apache-2.0
//
// Weft on the bus, in two interchangeable forms with the same ports: registers in, DMA out, an interrupt line.
#ifndef WEFT_PLATFORM_WEFT_DEVICE_H
#define WEFT_PLATFORM_WEFT_DEVICE_H

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <memory>
#include <string>
#include <vector>

#include "weft_spec.h"

class WeftDevice : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<WeftDevice> regs;
  tlm_utils::simple_initiator_socket<WeftDevice> dma;
  sc_core::sc_out<bool> irq;

  explicit WeftDevice(sc_core::sc_module_name name) : sc_module(name), regs("regs"), dma("dma"), irq("irq")
  {
    regs.register_b_transport(this, &WeftDevice::transport);
  }
  // The first broken bus rule, "" when none.
  virtual std::string violation() const { return ""; }

 protected:
  // One register access at the present time plus delay; may wait.
  virtual uint32_t read(uint32_t offset, sc_core::sc_time &delay) = 0;
  virtual void write(uint32_t offset, uint32_t value, sc_core::sc_time &delay) = 0;

 private:
  void transport(tlm::tlm_generic_payload &t, sc_core::sc_time &delay);
};

// (a) The C machine model, loosely timed. A job takes the sum of the compiler's estimates of the layers in its list (records carry
// their layer as tag): without DRAM latency, and without the overlap of layers in hardware, so it may err either way (17 % short to
// 4 % long on the shipped networks). To be replaced by a cycle model. Memory changes when that time is over.
// Time of the registers: one cycle an access. DRAM traffic goes through DMI and takes no time of its own.
std::unique_ptr<WeftDevice> make_weft_model(const weft_config_t *cfg, sc_core::sc_time cycle, std::vector<uint64_t> layer_cycles);

// (b) The Verilated RTL, clocked all the time; AXI bursts become TLM transactions. trace: FST file, nullptr: none.
std::unique_ptr<WeftDevice> make_weft_rtl(sc_core::sc_time cycle, const char *trace);

#endif
