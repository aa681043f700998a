// SPDX-License-Identifier: Apache-2.0
//
// The bus (see bus.h).

#include "bus.h"

#include "map.h"

Bus::Bus(sc_core::sc_module_name name, const std::vector<Range> &map) : sc_module(name), cpu("cpu"), dma("dma")
{
  cpu.register_b_transport(this, &Bus::from_cpu);
  dma.register_b_transport(this, &Bus::from_dma);
  cpu.register_get_direct_mem_ptr(this, &Bus::direct_cpu);
  dma.register_get_direct_mem_ptr(this, &Bus::direct_dma);
  for (const Range &r : map)
    windows_.push_back({r.base, r.bytes, std::make_unique<tlm_utils::simple_initiator_socket<Bus>>(sc_core::sc_gen_unique_name("window"))});
}

Bus::Window *Bus::find(uint64_t address, uint64_t bytes)
{
  for (Window &w : windows_)
    if (address >= w.base && address - w.base < w.bytes && bytes <= w.bytes - (address - w.base)) return &w;
  return nullptr;
}

void Bus::route(uint64_t shift, tlm::tlm_generic_payload &t, sc_core::sc_time &delay)
{
  uint64_t address = t.get_address();
  Window *w = find(address + shift, t.get_data_length());
  transactions++;
  if (!w) {
    t.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  t.set_address(address + shift - w->base);
  (*w->socket)->b_transport(t, delay);
  t.set_address(address);
}

bool Bus::direct(uint64_t shift, tlm::tlm_generic_payload &t, tlm::tlm_dmi &dmi)
{
  uint64_t address = t.get_address();
  Window *w = find(address + shift, 1);
  if (!w) return false;
  t.set_address(address + shift - w->base);
  bool ok = (*w->socket)->get_direct_mem_ptr(t, dmi);
  t.set_address(address);
  dmi.set_start_address(dmi.get_start_address() + w->base - shift);
  dmi.set_end_address(dmi.get_end_address() + w->base - shift);
  return ok;
}

void Bus::from_cpu(tlm::tlm_generic_payload &t, sc_core::sc_time &delay) { route(0, t, delay); }
bool Bus::direct_cpu(tlm::tlm_generic_payload &t, tlm::tlm_dmi &dmi) { return direct(0, t, dmi); }
bool Bus::direct_dma(tlm::tlm_generic_payload &t, tlm::tlm_dmi &dmi) { return direct(SOC_DRAM, t, dmi); }

void Bus::from_dma(tlm::tlm_generic_payload &t, sc_core::sc_time &delay)
{
  // Beyond the DRAM lie devices that the hardware's DMA has no wires to.
  Window *w = find(t.get_address() + SOC_DRAM, t.get_data_length());
  if (w && w->base == SOC_DRAM) route(SOC_DRAM, t, delay);
  else t.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
}
