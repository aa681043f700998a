// SPDX-License-Identifier: Apache-2.0
//
// The Verilated Weft, one cycle at a time, behind plain structs: keeps Verilator's headers apart from SystemC's.
#ifndef WEFT_PLATFORM_RTL_CORE_H
#define WEFT_PLATFORM_RTL_CORE_H

#include <cstdint>
#include <memory>

#include "axi_memory.h"   // the structs of the AXI pins

struct LiteMasterPins { bool arvalid = false, awvalid = false, wvalid = false; uint32_t addr = 0, wdata = 0; };   // ready for answers always
struct LiteSlavePins { bool arready = false, rvalid = false, awready = false, wready = false, bvalid = false; uint32_t rdata = 0; };

class RtlCore {
 public:
  explicit RtlCore(const char *trace);   // FST file, nullptr: none; throws std::runtime_error when it cannot be written
  ~RtlCore();
  // One cycle: inputs settle, both sides' outputs are sampled, then the rising edge.
  void cycle(bool reset, const AxiMemoryPins &memory, const LiteMasterPins &lite, AxiMasterPins *axi, LiteSlavePins *answer);
  bool irq() const;
  static unsigned bus_bytes();
  static const char *configuration();

 private:
  struct State;
  std::unique_ptr<State> s_;
};

#endif
