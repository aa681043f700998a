// SPDX-License-Identifier: Apache-2.0
//
// Weft as the Verilated RTL (see weft_device.h): one thread is the clock; register accesses are AXI-Lite transfers in it.

#include "axi_bridge.h"
#include "rtl_core.h"
#include "weft_device.h"

using sc_core::sc_time;

namespace {

constexpr int kResetCycles = 16, kLiteTimeout = 1000;
constexpr unsigned kOkay = 0, kSlvErr = 2, kDecErr = 3;

class WeftRtl : public WeftDevice {
 public:
  SC_HAS_PROCESS(WeftRtl);
  WeftRtl(sc_time cycle, const char *trace)
      : WeftDevice("weft"), cycle_(cycle), core_(trace), bridge_(RtlCore::bus_bytes(), [this](bool write, uint32_t addr, uint8_t *data,
            const uint8_t *enable, unsigned bytes, uint64_t *cycles) { return transfer(write, addr, data, enable, bytes, cycles); })
  {
    SC_THREAD(clock);
  }
  std::string violation() const override { return violation_.empty() ? bridge_.violation() : violation_; }

 private:
  void clock()
  {
    AxiMasterPins axi;
    LiteSlavePins lite;
    for (int i = 0; i < kResetCycles; i++) {               // in reset the pins may hold anything: nobody looks
      core_.cycle(true, AxiMemoryPins(), LiteMasterPins(), &axi, &lite);
      wait(cycle_);
    }
    ready_ = true;
    for (;;) {
      core_.cycle(false, bridge_.drive(), pins_, &axi, &lite);
      bridge_.sample(axi);
      if (active_) lite_step(lite);
      irq.write(core_.irq());
      wait(cycle_);
    }
  }

  // What this cycle did for the access that is under way.
  void lite_step(const LiteSlavePins &p)
  {
    bool ar = pins_.arvalid && p.arready;
    if (ar) pins_.arvalid = false;
    if (pins_.awvalid && p.awready) pins_.awvalid = false;
    if (pins_.wvalid && p.wready) pins_.wvalid = false;
    taken_ |= ar;
    bool over = write_ ? p.bvalid : p.rvalid && taken_;
    if (over && !write_) value_ = p.rdata;
    if (!over && ++waited_ < kLiteTimeout) return;
    if (!over) {
      if (violation_.empty()) violation_ = write_ ? "AXI-Lite: a write was not answered" : "AXI-Lite: a read was not answered";
      value_ = UINT32_MAX;
      pins_ = LiteMasterPins();
    }
    active_ = false;
    finished_.notify(cycle_);                              // the answer is there after this cycle's edge
  }

  // One access at a time; blocks the caller until it is over.
  uint32_t access(bool write, uint32_t offset, uint32_t value, sc_time &delay)
  {
    sc_core::wait(delay);                                  // what the caller has already spent
    delay = sc_core::SC_ZERO_TIME;
    while (active_ || !ready_) sc_core::wait(cycle_);
    write_ = write;
    taken_ = false;
    waited_ = 0;
    pins_.addr = offset;
    pins_.wdata = value;
    pins_.arvalid = !write;
    pins_.awvalid = pins_.wvalid = write;
    active_ = true;
    sc_core::wait(finished_);
    return value_;
  }

  uint32_t read(uint32_t offset, sc_time &delay) override { return access(false, offset, 0, delay); }
  void write(uint32_t offset, uint32_t value, sc_time &delay) override { access(true, offset, value, delay); }

  unsigned transfer(bool write, uint32_t addr, uint8_t *data, const uint8_t *enable, unsigned bytes, uint64_t *cycles)
  {
    tlm::tlm_generic_payload t;
    sc_time delay = sc_core::SC_ZERO_TIME;
    t.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    t.set_address(addr);
    t.set_data_ptr(data);
    t.set_data_length(bytes);
    t.set_streaming_width(bytes);
    t.set_byte_enable_ptr(const_cast<uint8_t *>(enable));
    t.set_byte_enable_length(enable ? bytes : 0);
    t.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    dma->b_transport(t, delay);
    *cycles = (uint64_t)(delay / cycle_);
    return t.is_response_ok() ? kOkay : t.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE ? kDecErr : kSlvErr;
  }

  const sc_time cycle_;
  RtlCore core_;
  AxiBridge bridge_;
  LiteMasterPins pins_;
  bool ready_ = false, active_ = false, write_ = false, taken_ = false;
  int waited_ = 0;
  uint32_t value_ = 0;
  std::string violation_;
  sc_core::sc_event finished_;
};

}  // namespace

std::unique_ptr<WeftDevice> make_weft_rtl(sc_time cycle, const char *trace) { return std::make_unique<WeftRtl>(cycle, trace); }
