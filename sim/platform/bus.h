// SPDX-License-Identifier: Apache-2.0
//
// The bus: routes transactions by address to memory and devices. It adds no time and does not arbitrate.
//
// Two initiators: the processor sees the whole map; Weft's DMA sees the DRAM only, from its byte 0, as in the RISC-V system.
#ifndef WEFT_PLATFORM_BUS_H
#define WEFT_PLATFORM_BUS_H

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <memory>
#include <vector>

class Bus : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Bus> cpu, dma;
  uint64_t transactions = 0;

  // The windows of the map. Targets see offsets into their window.
  struct Range { uint32_t base; uint64_t bytes; };
  Bus(sc_core::sc_module_name name, const std::vector<Range> &map);
  // Window i, to bind to its target's socket.
  tlm_utils::simple_initiator_socket<Bus> &window(size_t i) { return *windows_.at(i).socket; }

 private:
  struct Window { uint64_t base, bytes; std::unique_ptr<tlm_utils::simple_initiator_socket<Bus>> socket; };
  Window *find(uint64_t address, uint64_t bytes);
  void route(uint64_t shift, tlm::tlm_generic_payload &t, sc_core::sc_time &delay);
  bool direct(uint64_t shift, tlm::tlm_generic_payload &t, tlm::tlm_dmi &dmi);
  void from_cpu(tlm::tlm_generic_payload &t, sc_core::sc_time &delay);
  void from_dma(tlm::tlm_generic_payload &t, sc_core::sc_time &delay);
  bool direct_cpu(tlm::tlm_generic_payload &t, tlm::tlm_dmi &dmi);
  bool direct_dma(tlm::tlm_generic_payload &t, tlm::tlm_dmi &dmi);
  std::vector<Window> windows_;
};

#endif
