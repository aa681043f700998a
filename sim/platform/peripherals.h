// SPDX-License-Identifier: Apache-2.0
//
// UART with timer, and the interrupt controller. Registers: sim/soc/soc_map.vh (as peripherals.v there) and map.h.
#ifndef WEFT_PLATFORM_PERIPHERALS_H
#define WEFT_PLATFORM_PERIPHERALS_H

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include <deque>
#include <functional>
#include <string>

// A target of 32-bit registers: checks the access, then calls read() or write(). An access takes one clock cycle.
class Registers : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Registers> port;
  Registers(sc_core::sc_module_name name, sc_core::sc_time cycle);

 protected:
  virtual uint32_t read(uint32_t offset) = 0;
  virtual void write(uint32_t offset, uint32_t value) = 0;
  const sc_core::sc_time cycle_;

 private:
  void transport(tlm::tlm_generic_payload &t, sc_core::sc_time &delay);
};

class Peripherals : public Registers {
 public:
  sc_core::sc_out<bool> irq_uart, irq_timer;
  std::function<void(char)> sent;                       // every byte that firmware sends
  bool ended = false;                                   // firmware wrote EXIT, with this code; the simulation stops
  int exit_code = 0;

  SC_HAS_PROCESS(Peripherals);
  Peripherals(sc_core::sc_module_name name, sc_core::sc_time cycle);
  void receive(char c);                                 // a byte from outside arrives at the UART

 private:
  uint32_t read(uint32_t offset) override;
  void write(uint32_t offset, uint32_t value) override;
  void lines();                                         // drives both lines
  uint64_t time() const { return (uint64_t)(sc_core::sc_time_stamp() / cycle_); }
  std::deque<char> received_;
  uint32_t enable_ = 0, high_ = 0, scratch_ = 0;
  uint64_t alarm_ = UINT64_MAX;
  sc_core::sc_event change_;
};

class Intc : public Registers {
 public:
  sc_core::sc_in<bool> weft, uart, timer;
  sc_core::sc_out<bool> cpu;

  SC_HAS_PROCESS(Intc);
  Intc(sc_core::sc_module_name name, sc_core::sc_time cycle);

 private:
  uint32_t read(uint32_t offset) override;
  void write(uint32_t offset, uint32_t value) override;
  uint32_t pending() const;
  void line();
  uint32_t enable_ = 0;
  sc_core::sc_event change_;
};

#endif
