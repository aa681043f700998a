// SPDX-License-Identifier: Apache-2.0
//
// UART, timer and interrupt controller (see peripherals.h).

#include "peripherals.h"

#include <cstring>

#include "map.h"

Registers::Registers(sc_core::sc_module_name name, sc_core::sc_time cycle) : sc_module(name), port("port"), cycle_(cycle)
{
  port.register_b_transport(this, &Registers::transport);
}

void Registers::transport(tlm::tlm_generic_payload &t, sc_core::sc_time &delay)
{
  uint32_t v;
  if (t.get_data_length() != sizeof v || t.get_address() % sizeof v || t.get_byte_enable_ptr() || t.is_read() == t.is_write()) {
    t.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);   // these devices know whole, aligned words only
    return;
  }
  if (t.is_read()) {
    v = read((uint32_t)t.get_address());
    std::memcpy(t.get_data_ptr(), &v, sizeof v);
  } else {
    std::memcpy(&v, t.get_data_ptr(), sizeof v);
    write((uint32_t)t.get_address(), v);
  }
  delay += cycle_;
  t.set_response_status(tlm::TLM_OK_RESPONSE);
}

// ---- UART and timer

Peripherals::Peripherals(sc_core::sc_module_name name, sc_core::sc_time cycle)
    : Registers(name, cycle), irq_uart("irq_uart"), irq_timer("irq_timer")
{
  SC_METHOD(lines);
  sensitive << change_;
}

void Peripherals::receive(char c)
{
  received_.push_back(c);
  change_.notify(sc_core::SC_ZERO_TIME);
}

void Peripherals::lines()
{
  bool rings = time() >= alarm_;
  irq_uart.write(!received_.empty() && (enable_ & 1));
  irq_timer.write(rings && (enable_ & 2));
  // An alarm too far for sc_time does not ring within a simulation.
  if (rings || alarm_ == UINT64_MAX) return;
  double left = (double)(alarm_ - time());
  if (left < 1e15) change_.notify(cycle_ * left);
}

uint32_t Peripherals::read(uint32_t offset)
{
  switch (offset) {
    case SOC_UART_DATA: {
      if (received_.empty()) return 1u << 31;
      uint32_t c = (uint8_t)received_.front();
      received_.pop_front();
      change_.notify(sc_core::SC_ZERO_TIME);
      return c;
    }
    case SOC_UART_STATUS: return !received_.empty();
    case SOC_IRQ_ENABLE: return enable_;
    case SOC_TIME_LO: high_ = (uint32_t)(time() >> 32); return (uint32_t)time();
    case SOC_TIME_HI: return high_;
    case SOC_ALARM_LO: return (uint32_t)alarm_;
    case SOC_ALARM_HI: return (uint32_t)(alarm_ >> 32);
    case SOC_SCRATCH: return scratch_;
    default: return 0;
  }
}

void Peripherals::write(uint32_t offset, uint32_t value)
{
  switch (offset) {
    case SOC_UART_DATA: if (sent) sent((char)value); return;
    case SOC_IRQ_ENABLE: enable_ = value & 3; break;
    case SOC_ALARM_LO: alarm_ = (alarm_ & ~(uint64_t)UINT32_MAX) | value; break;
    case SOC_ALARM_HI: alarm_ = (uint64_t)value << 32 | (uint32_t)alarm_; break;
    case SOC_SCRATCH: scratch_ = value; return;
    case SOC_EXIT: ended = true; exit_code = (int)value; sc_core::sc_stop(); return;
    default: return;
  }
  change_.cancel();                                     // the time of the old alarm
  change_.notify(sc_core::SC_ZERO_TIME);
}

// ---- interrupt controller

Intc::Intc(sc_core::sc_module_name name, sc_core::sc_time cycle)
    : Registers(name, cycle), weft("weft"), uart("uart"), timer("timer"), cpu("cpu")
{
  SC_METHOD(line);
  sensitive << weft << uart << timer << change_;
}

uint32_t Intc::pending() const
{
  return (weft.read() ? SOC_IRQ_WEFT : 0) | (uart.read() ? SOC_IRQ_UART : 0) | (timer.read() ? SOC_IRQ_TIMER : 0);
}

void Intc::line() { cpu.write(pending() & enable_); }

uint32_t Intc::read(uint32_t offset)
{
  return offset == PLATFORM_INTC_PENDING ? pending() : offset == PLATFORM_INTC_ENABLE ? enable_ : 0;
}

void Intc::write(uint32_t offset, uint32_t value)
{
  if (offset != PLATFORM_INTC_ENABLE) return;
  enable_ = value;
  change_.notify(sc_core::SC_ZERO_TIME);
}
