// SPDX-License-Identifier: Apache-2.0
//
// The register port that both forms of Weft share (see weft_device.h).

#include "weft_device.h"

#include <cstring>

void WeftDevice::transport(tlm::tlm_generic_payload &t, sc_core::sc_time &delay)
{
  uint32_t v;
  if (t.get_data_length() != sizeof v || t.get_address() % sizeof v || t.get_byte_enable_ptr() || t.is_read() == t.is_write()) {
    t.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    return;
  }
  if (t.is_read()) {
    v = read((uint32_t)t.get_address(), delay);
    std::memcpy(t.get_data_ptr(), &v, sizeof v);
  } else {
    std::memcpy(&v, t.get_data_ptr(), sizeof v);
    write((uint32_t)t.get_address(), v, delay);
  }
  t.set_response_status(tlm::TLM_OK_RESPONSE);
}
