// SPDX-License-Identifier: Apache-2.0
//
// AXI slave pins in, TLM transactions out: each burst of the RTL becomes one b_transport call.
//
// A read burst is fetched when its address is accepted, a write burst is carried out with its last beat; the delay that the
// target adds decides when the first beat, or the response, may come. Up to one beat a cycle each way, several bursts in flight.
#ifndef WEFT_PLATFORM_AXI_BRIDGE_H
#define WEFT_PLATFORM_AXI_BRIDGE_H

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "axi_memory.h"   // the structs of the AXI pins

class AxiBridge {
 public:
  // Carries out one burst, returns the AXI response; cycles: its delay to the last byte.
  using Transfer = std::function<unsigned(bool write, uint32_t addr, uint8_t *data, const uint8_t *enable, unsigned bytes, uint64_t *cycles)>;
  AxiBridge(unsigned bus_bytes, Transfer transfer) : bus_(bus_bytes), transfer_(std::move(transfer)) {}
  const AxiMemoryPins &drive();           // the pins of this cycle
  void sample(const AxiMasterPins &m);    // what the master did in it
  const std::string &violation() const { return violation_; }

 private:
  struct Read { std::vector<uint8_t> data; uint64_t ready; unsigned beats, response; };
  struct Write { uint32_t addr; unsigned beats; std::vector<uint8_t> data, enable; };
  struct Response { uint64_t ready; unsigned response; };
  void check(const char *channel, uint32_t addr, unsigned len, unsigned size, unsigned burst);
  unsigned bus_, beat_ = 0;
  Transfer transfer_;
  uint64_t now_ = 0;
  std::deque<Read> reads_;
  std::deque<Write> writes_;
  std::deque<Response> responses_;
  AxiMemoryPins pins_;
  std::string violation_;
};

#endif
