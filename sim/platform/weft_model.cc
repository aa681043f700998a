// SPDX-License-Identifier: Apache-2.0
//
// Weft as the C machine model (see weft_device.h).
//
// START reserves the time, the job itself runs when that time is over: firmware that reads a result before the interrupt sees old
// bytes, as it would on hardware. While the job is under way registers other than CTRL and the interrupt's ignore writes.

#include "machine.h"
#include "weft_device.h"

using sc_core::sc_time;

namespace {

constexpr uint64_t kJobCycles = 100;   // START to the first record, last byte to DONE: not in the estimates of layers

class WeftModel : public WeftDevice {
 public:
  SC_HAS_PROCESS(WeftModel);
  WeftModel(const weft_config_t *cfg, sc_time cycle, std::vector<uint64_t> layer_cycles)
      : WeftDevice("weft"), cfg_(cfg), cycle_(cycle), layer_cycles_(std::move(layer_cycles)), buffer_(weft_machine_buffer_bytes(cfg)),
        scratch_(weft_machine_scratch_bytes(cfg) / sizeof(int16_t))
  {
    SC_METHOD(finish);
    sensitive << done_;
    dont_initialize();
    SC_METHOD(line);
    sensitive << change_;
  }

 private:
  void start_of_simulation() override
  {
    tlm::tlm_generic_payload t;
    tlm::tlm_dmi dmi;
    t.set_address(0);
    t.set_command(tlm::TLM_WRITE_COMMAND);
    if (!dma->get_direct_mem_ptr(t, dmi) || !dmi.is_read_write_allowed() || dmi.get_start_address() != 0)
      SC_REPORT_FATAL("weft", "the machine model needs direct access to a memory at address 0 of its DMA port");
    weft_machine_init(&machine_, cfg_, dmi.get_dmi_ptr(), dmi.get_end_address() + 1, buffer_.data(), scratch_.data());
  }

  uint32_t read(uint32_t offset, sc_time &delay) override
  {
    delay += cycle_;
    if (busy_) {
      if (offset == WEFT_REG_STATUS) return WEFT_STATUS_BUSY;
      bool counted = offset >= WEFT_REG_COUNTER0 || (offset >= WEFT_REG_DONE_LOAD && offset <= WEFT_REG_DONE_STORE);
      return counted ? 0 : weft_machine_read32(&machine_, offset);
    }
    // The model has no clock; the time that this wrapper gave the job stands in the counter of cycles.
    if (offset == WEFT_REG_COUNTER0 + 8 * WEFT_CNT_CYCLES) return (uint32_t)job_cycles_;
    if (offset == WEFT_REG_COUNTER0 + 8 * WEFT_CNT_CYCLES + 4) return (uint32_t)(job_cycles_ >> 32);
    return weft_machine_read32(&machine_, offset);
  }

  void write(uint32_t offset, uint32_t value, sc_time &delay) override
  {
    delay += cycle_;
    if (offset == WEFT_REG_CTRL) control(value);
    else if (!busy_ || offset == WEFT_REG_IRQ_ENABLE || offset == WEFT_REG_IRQ_STATUS) weft_machine_write32(&machine_, offset, value);
    change_.notify(sc_core::SC_ZERO_TIME);
  }

  void control(uint32_t value)
  {
    if (value & WEFT_CTRL_RESET) {
      done_.cancel();
      busy_ = false;
      job_cycles_ = 0;
      weft_machine_write32(&machine_, WEFT_REG_CTRL, WEFT_CTRL_RESET);
    } else if (value & WEFT_CTRL_START) {
      if (busy_) return second_start();
      if (machine_.status & WEFT_STATUS_ERROR) return;      // the first error stays until RESET
      busy_ = true;
      job_cycles_ = estimate();
      done_.notify(cycle_ * (double)job_cycles_);
    }
  }

  // START while busy ends the job in an error; what it has written so far is unspecified, here nothing.
  void second_start()
  {
    done_.cancel();
    busy_ = false;
    machine_.status = WEFT_STATUS_ERROR;
    machine_.irq_status |= WEFT_IRQ_ERROR;
    machine_.error_cause = (uint32_t)WEFT_ERR_START | (uint32_t)WEFT_ENG_FETCH << 8;
  }

  // Sum over the layers that the list names. A list outside the DRAM ends in an error soon: no time for it.
  uint64_t estimate() const
  {
    uint64_t cycles = kJobCycles, at = (uint64_t)machine_.region[0].base + machine_.cmd_offset;
    std::vector<bool> seen(layer_cycles_.size());
    for (uint32_t i = 0; i < machine_.cmd_count && at + WEFT_CMD_BYTES <= machine_.dram_bytes; i++, at += WEFT_CMD_BYTES) {
      const size_t tag = machine_.dram[at + 2] | (size_t)machine_.dram[at + 3] << 8;
      if (tag >= seen.size() || seen[tag]) continue;
      seen[tag] = true;
      cycles += layer_cycles_[tag];
    }
    return cycles;
  }

  void finish()
  {
    busy_ = false;
    weft_machine_write32(&machine_, WEFT_REG_CTRL, WEFT_CTRL_START);
    change_.notify(sc_core::SC_ZERO_TIME);
  }

  void line() { irq.write(weft_machine_irq(&machine_)); }

  const weft_config_t *cfg_;
  const sc_time cycle_;
  std::vector<uint64_t> layer_cycles_;
  std::vector<uint8_t> buffer_;
  std::vector<int16_t> scratch_;
  weft_machine_t machine_ = {};
  bool busy_ = false;
  uint64_t job_cycles_ = 0;
  sc_core::sc_event done_, change_;
};

}  // namespace

std::unique_ptr<WeftDevice> make_weft_model(const weft_config_t *cfg, sc_time cycle, std::vector<uint64_t> layer_cycles)
{
  return std::make_unique<WeftModel>(cfg, cycle, std::move(layer_cycles));
}
