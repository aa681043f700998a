// SPDX-License-Identifier: Apache-2.0
//
// AXI to TLM (see axi_bridge.h).

#include "axi_bridge.h"

#include <algorithm>
#include <cstring>

namespace {
constexpr size_t kMaxReads = 16, kMaxWrites = 8;   // bursts in flight, as the memory of the other harnesses
}  // namespace

const AxiMemoryPins &AxiBridge::drive()
{
  // A valid that was raised stays: the front of a queue leaves it only when taken, and its time has come for good.
  pins_.rvalid = !reads_.empty() && reads_.front().ready <= now_;
  if (pins_.rvalid) {
    const Read &r = reads_.front();
    pins_.rlast = beat_ + 1 == r.beats;
    pins_.rresp = r.response;
    std::memcpy(pins_.rdata, r.data.data() + (size_t)beat_ * bus_, bus_);
  }
  pins_.bvalid = !responses_.empty() && responses_.front().ready <= now_;
  if (pins_.bvalid) pins_.bresp = responses_.front().response;
  pins_.arready = reads_.size() < kMaxReads;
  pins_.awready = writes_.size() < kMaxWrites;
  pins_.wready = !writes_.empty();
  return pins_;
}

void AxiBridge::check(const char *channel, uint32_t addr, unsigned len, unsigned size, unsigned burst)
{
  const char *what = burst != 1 ? "burst type is not INCR" : (1u << size) != bus_ ? "beat size is not the bus width"
                     : len > 15 ? "more than 16 beats"
                     : addr / 4096 != (addr / bus_ * bus_ + (len + 1) * bus_ - 1) / 4096 ? "burst crosses 4 KiB" : nullptr;
  if (what && violation_.empty()) violation_ = std::string(channel) + " at address " + std::to_string(addr) + ": " + what;
}

void AxiBridge::sample(const AxiMasterPins &m)
{
  if (pins_.rvalid && m.rready && ++beat_ == reads_.front().beats) {
    reads_.pop_front();
    beat_ = 0;
  }
  if (pins_.bvalid && m.bready) responses_.pop_front();
  if (m.arvalid && pins_.arready) {
    check("AR", m.araddr, m.arlen, m.arsize, m.arburst);
    unsigned beats = m.arlen + 1;
    uint64_t cycles = 0;
    Read r = {std::vector<uint8_t>((size_t)beats * bus_), 0, beats, 0};
    r.response = transfer_(false, m.araddr / bus_ * bus_, r.data.data(), nullptr, beats * bus_, &cycles);
    r.ready = now_ + std::max<uint64_t>(1, cycles > beats ? cycles - beats : 0);   // the first beat; the others follow at bus speed
    reads_.push_back(std::move(r));
  }
  if (m.wvalid && pins_.wready) {
    Write &w = writes_.front();
    w.data.insert(w.data.end(), m.wdata, m.wdata + bus_);
    for (unsigned i = 0; i < bus_; i++) w.enable.push_back(m.wstrb >> i & 1 ? 0xff : 0);
    bool last = w.data.size() == (size_t)w.beats * bus_;
    if (last != m.wlast && violation_.empty()) violation_ = "W: WLAST on the wrong beat";
    if (last) {
      uint64_t cycles = 0;
      unsigned response = transfer_(true, w.addr, w.data.data(), w.enable.data(), (unsigned)w.data.size(), &cycles);
      responses_.push_back({now_ + std::max<uint64_t>(1, cycles > w.beats ? cycles - w.beats : 0), response});   // its beats have passed
      writes_.pop_front();
    }
  }
  if (m.awvalid && pins_.awready) {
    check("AW", m.awaddr, m.awlen, m.awsize, m.awburst);
    writes_.push_back({m.awaddr / bus_ * bus_, m.awlen + 1, {}, {}});
  }
  now_++;
}
