// SPDX-License-Identifier: Apache-2.0
//
// The processor (see cpu.h).

#include "cpu.h"

#include "map.h"

Cpu::Cpu(sc_core::sc_module_name name, std::function<void(const hal_t *)> firmware)
    : sc_module(name), port("port"), irq("irq"), firmware_(std::move(firmware))
{
  SC_THREAD(run);
  set_stack_size(1 << 20);                              // the runner and the golden operators on this thread's stack
}

bool Cpu::access(tlm::tlm_command command, uint32_t addr, void *data, size_t bytes)
{
  tlm::tlm_generic_payload t;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  t.set_command(command);
  t.set_address(addr);
  t.set_data_ptr(static_cast<unsigned char *>(data));
  t.set_data_length((unsigned)bytes);
  t.set_streaming_width((unsigned)bytes);
  t.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  port->b_transport(t, delay);
  wait(delay);                                          // no temporal decoupling: interrupts are seen between any two accesses
  return t.is_response_ok();
}

uint8_t *Cpu::dram()
{
  tlm::tlm_generic_payload t;
  tlm::tlm_dmi dmi;
  t.set_address(SOC_DRAM);
  t.set_command(tlm::TLM_WRITE_COMMAND);
  if (!port->get_direct_mem_ptr(t, dmi) || dmi.get_start_address() != SOC_DRAM) SC_REPORT_FATAL("cpu", "no direct access to the DRAM");
  return dmi.get_dmi_ptr();
}

void Cpu::run()
{
  hal_t hal;
  hal.ctx = this;
  hal.read32 = [](void *c, uint32_t a) {
    uint32_t v;
    return static_cast<Cpu *>(c)->access(tlm::TLM_READ_COMMAND, a, &v, sizeof v) ? v : UINT32_MAX;
  };
  hal.write32 = [](void *c, uint32_t a, uint32_t v) { static_cast<Cpu *>(c)->access(tlm::TLM_WRITE_COMMAND, a, &v, sizeof v); };
  hal.read = [](void *c, uint32_t a, void *to, size_t n) {
    return static_cast<Cpu *>(c)->access(tlm::TLM_READ_COMMAND, a, to, n) ? 0 : -1;
  };
  hal.write = [](void *c, uint32_t a, const void *from, size_t n) {
    return static_cast<Cpu *>(c)->access(tlm::TLM_WRITE_COMMAND, a, const_cast<void *>(from), n) ? 0 : -1;
  };
  hal.dram = [](void *c) { return static_cast<Cpu *>(c)->dram(); };
  hal.wait_irq = [](void *c) {
    Cpu *self = static_cast<Cpu *>(c);
    if (!self->irq.read()) sc_core::wait(self->irq.posedge_event());
  };
  wait(sc_core::SC_ZERO_TIME);                          // let every device drive its lines once
  firmware_(&hal);
  sc_core::sc_stop();
}
