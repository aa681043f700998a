/* SPDX-License-Identifier: Apache-2.0
 *
 * A simulated AXI4 memory: in-order, INCR bursts, settable read latency, random stalls, error injection, rule checks.
 *
 * Used once per clock cycle: drive() sets what the memory puts on the bus, the model settles, sample() takes what the
 * master put there. Throughput is one beat a cycle in each direction when nothing is throttled.
 */
#ifndef WEFT_SIM_AXI_MEMORY_H
#define WEFT_SIM_AXI_MEMORY_H

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

struct AxiMasterPins {   // what the master drives
  bool arvalid = false, rready = false, awvalid = false, wvalid = false, wlast = false, bready = false;
  uint32_t araddr = 0, awaddr = 0;
  unsigned arlen = 0, arsize = 0, arburst = 0, awlen = 0, awsize = 0, awburst = 0;
  uint8_t wdata[16] = {0};
  uint32_t wstrb = 0;
};

struct AxiMemoryPins {   // what the memory drives
  bool arready = false, rvalid = false, rlast = false, awready = false, wready = false, bvalid = false;
  uint8_t rdata[16] = {0};
  unsigned rresp = 0, bresp = 0;
};

class AxiMemory {
 public:
  AxiMemory(size_t bytes, unsigned bus_bytes, unsigned seed, int latency, uint32_t fail_addr);
  const AxiMemoryPins &drive();
  void sample(const AxiMasterPins &m);
  void region(unsigned index, bool is_size, uint32_t value);   // snooped register writes, for the window monitor
  uint8_t *data() { return mem_.data(); }
  const std::string &violation() const { return violation_; }

 private:
  struct Burst { uint32_t addr; unsigned beats; uint64_t ready_at; bool fails; };
  bool stall(unsigned percent);
  bool answers_error(uint32_t addr, unsigned beats) const;
  void check_burst(const char *channel, uint32_t addr, unsigned len, unsigned size, unsigned burst);
  void broken(const std::string &what) { if (violation_.empty()) violation_ = what; }

  std::vector<uint8_t> mem_;
  unsigned bus_;
  uint64_t rng_, now_ = 0;
  bool random_;
  unsigned throttle_ = 0;
  int latency_;
  uint32_t fail_addr_;
  std::deque<Burst> reads_, writes_;
  std::deque<std::pair<uint64_t, unsigned>> responses_;
  unsigned read_beat_ = 0, write_beat_ = 0;
  AxiMemoryPins pins_;
  AxiMasterPins last_;
  bool ar_waits_ = false, aw_waits_ = false, w_waits_ = false;
  uint32_t base_[8] = {0}, size_[8] = {0};
  std::string violation_;
};

#endif
