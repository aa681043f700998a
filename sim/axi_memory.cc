// SPDX-License-Identifier: Apache-2.0
//
// The AXI memory of the simulation (see axi_memory.h).

#include "axi_memory.h"

#include <cstdio>
#include <cstring>

namespace {
constexpr unsigned kMaxReads = 16, kMaxWrites = 8;   // bursts that the memory accepts before it stalls
constexpr unsigned kOkay = 0, kSlvErr = 2, kDecErr = 3;
}  // namespace

AxiMemory::AxiMemory(size_t bytes, unsigned bus_bytes, unsigned seed, int latency, uint32_t fail_addr)
    : mem_(bytes, 0), bus_(bus_bytes), rng_(0x9e3779b97f4a7c15ull * (seed + 1)), random_(seed != 0), latency_(latency < 1 ? 1 : latency),
      fail_addr_(fail_addr)
{
  // Every seed has its own character: some memories stall rarely, some nearly always.
  if (random_) throttle_ = (seed * 37u) % 80u;
}

bool AxiMemory::stall(unsigned percent)
{
  if (!random_) return false;
  rng_ ^= rng_ << 13;
  rng_ ^= rng_ >> 7;
  rng_ ^= rng_ << 17;
  return (rng_ >> 20) % 100 < percent;
}

bool AxiMemory::answers_error(uint32_t addr, unsigned beats) const
{
  uint64_t end = (uint64_t)addr + beats * bus_;
  return end > mem_.size() || (fail_addr_ && fail_addr_ >= addr && fail_addr_ < end);
}

void AxiMemory::region(unsigned index, bool is_size, uint32_t value)
{
  (is_size ? size_ : base_)[index & 7] = value;
}

void AxiMemory::check_burst(const char *channel, uint32_t addr, unsigned len, unsigned size, unsigned burst)
{
  char at[16];
  std::snprintf(at, sizeof at, "0x%08x", addr);
  std::string where = std::string(channel) + " at " + at;
  uint64_t end = (uint64_t)addr / bus_ * bus_ + (uint64_t)(len + 1) * bus_;
  if (burst != 1) broken(where + ": burst type is not INCR");
  if ((1u << size) != bus_) broken(where + ": beat size is not the bus width");
  if (len > 15) broken(where + ": more than 16 beats");
  if (addr / 4096 != (end - 1) / 4096) broken(where + ": burst crosses 4 KiB");
  // Promise: no byte outside the regions. Beats are aligned, so allow the bus-width rounding at both ends.
  bool inside = false;
  for (int i = 0; i < 8; i++)
    inside |= size_[i] && addr / bus_ >= base_[i] / bus_ && end <= ((uint64_t)base_[i] + size_[i] + bus_ - 1) / bus_ * bus_;
  if (!inside) broken(where + ": outside every region");
}

const AxiMemoryPins &AxiMemory::drive()
{
  // A valid once raised stays until taken, with the same payload: keep the pins when last cycle's beat was not taken.
  if (!(pins_.rvalid && !last_.rready)) {
    pins_.rvalid = false;
    if (!reads_.empty() && reads_.front().ready_at <= now_ && !stall(throttle_)) {
      const Burst &b = reads_.front();
      pins_.rvalid = true;
      pins_.rlast = read_beat_ + 1 == b.beats;
      uint64_t a = (uint64_t)b.addr / bus_ * bus_ + (uint64_t)read_beat_ * bus_;
      bool mapped = a + bus_ <= mem_.size();
      pins_.rresp = !mapped ? kDecErr : b.fails ? kSlvErr : kOkay;
      if (mapped) std::memcpy(pins_.rdata, &mem_[a], bus_);
      else std::memset(pins_.rdata, 0, bus_);
    }
  }
  if (!(pins_.bvalid && !last_.bready)) {
    pins_.bvalid = false;
    if (!responses_.empty() && responses_.front().first <= now_ && !stall(throttle_)) {
      pins_.bvalid = true;
      pins_.bresp = responses_.front().second;
    }
  }
  pins_.arready = reads_.size() < kMaxReads && !stall(throttle_);
  pins_.awready = writes_.size() < kMaxWrites && !stall(throttle_);
  pins_.wready = !writes_.empty() && !stall(throttle_);
  return pins_;
}

void AxiMemory::sample(const AxiMasterPins &m)
{
  // Handshake rules: a valid that was not taken last cycle is still there, with the same payload.
  if (ar_waits_ && (!m.arvalid || m.araddr != last_.araddr || m.arlen != last_.arlen)) broken("AR: withdrawn or changed before ARREADY");
  if (aw_waits_ && (!m.awvalid || m.awaddr != last_.awaddr || m.awlen != last_.awlen)) broken("AW: withdrawn or changed before AWREADY");
  if (w_waits_ && (!m.wvalid || m.wstrb != last_.wstrb || m.wlast != last_.wlast || std::memcmp(m.wdata, last_.wdata, bus_)))
    broken("W: withdrawn or changed before WREADY");
  ar_waits_ = m.arvalid && !pins_.arready;
  aw_waits_ = m.awvalid && !pins_.awready;
  w_waits_ = m.wvalid && !pins_.wready;
  if (pins_.rvalid && m.rready) {
    if (++read_beat_ == reads_.front().beats) {
      reads_.pop_front();
      read_beat_ = 0;
    }
  }
  if (pins_.bvalid && m.bready) responses_.pop_front();
  if (m.arvalid && pins_.arready) {
    check_burst("AR", m.araddr, m.arlen, m.arsize, m.arburst);
    reads_.push_back({m.araddr, m.arlen + 1, now_ + (uint64_t)latency_, answers_error(m.araddr, m.arlen + 1)});
  }
  if (m.wvalid && pins_.wready) {
    Burst &b = writes_.front();
    uint64_t a = (uint64_t)b.addr / bus_ * bus_ + (uint64_t)write_beat_ * bus_;
    if (a + bus_ <= mem_.size() && !b.fails)
      for (unsigned i = 0; i < bus_; i++)
        if (m.wstrb >> i & 1) mem_[a + i] = m.wdata[i];
    bool last = ++write_beat_ == b.beats;
    if (last != m.wlast) broken("W: WLAST on the wrong beat");
    if (last) {
      bool mapped = (uint64_t)b.addr + b.beats * bus_ <= mem_.size();
      responses_.push_back({now_ + 4, !mapped ? kDecErr : b.fails ? kSlvErr : kOkay});
      writes_.pop_front();
      write_beat_ = 0;
    }
  }
  if (m.awvalid && pins_.awready) {
    check_burst("AW", m.awaddr, m.awlen, m.awsize, m.awburst);
    writes_.push_back({m.awaddr, m.awlen + 1, 0, answers_error(m.awaddr, m.awlen + 1)});
  }
  last_ = m;
  now_++;
}
