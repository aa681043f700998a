// SPDX-License-Identifier: Apache-2.0
//
// DRAM (see memory.h).

#include "memory.h"

#include <cstring>

Memory::Memory(sc_core::sc_module_name name, size_t bytes, sc_core::sc_time latency, sc_core::sc_time beat, unsigned beat_bytes)
    : sc_module(name), port("port"), bytes_(bytes), latency_(latency), beat_(beat), beat_bytes_(beat_bytes)
{
  port.register_b_transport(this, &Memory::transport);
  port.register_get_direct_mem_ptr(this, &Memory::direct);
}

void Memory::transport(tlm::tlm_generic_payload &t, sc_core::sc_time &delay)
{
  uint64_t at = t.get_address(), n = t.get_data_length();
  const uint8_t *enable = t.get_byte_enable_ptr();
  if (at > bytes_.size() || n > bytes_.size() - at || t.get_streaming_width() < n) {
    t.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  uint8_t *mem = bytes_.data() + at, *data = t.get_data_ptr();
  if (t.is_read()) std::memcpy(data, mem, n);
  else if (t.is_write() && !enable) std::memcpy(mem, data, n);
  else if (t.is_write())
    for (uint64_t i = 0; i < n; i++)
      if (enable[i % t.get_byte_enable_length()] == TLM_BYTE_ENABLED) mem[i] = data[i];
  uint64_t beats = n ? (at + n - 1) / beat_bytes_ - at / beat_bytes_ + 1 : 0;
  delay += latency_ + beat_ * (double)beats;
  t.set_dmi_allowed(true);
  t.set_response_status(tlm::TLM_OK_RESPONSE);
}

bool Memory::direct(tlm::tlm_generic_payload &, tlm::tlm_dmi &dmi)
{
  dmi.set_dmi_ptr(bytes_.data());
  dmi.set_start_address(0);
  dmi.set_end_address(bytes_.size() - 1);
  dmi.allow_read_write();
  dmi.set_read_latency(beat_);
  dmi.set_write_latency(beat_);
  return true;
}
