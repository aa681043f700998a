// SPDX-License-Identifier: Apache-2.0
//
// DRAM: a byte array with a latency to the first beat and a time for each beat of bus width. Supports byte enables and DMI.
//
// The delay that it adds ends with the last byte. Transactions do not wait for each other.
#ifndef WEFT_PLATFORM_MEMORY_H
#define WEFT_PLATFORM_MEMORY_H

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include <vector>

class Memory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Memory> port;
  Memory(sc_core::sc_module_name name, size_t bytes, sc_core::sc_time latency, sc_core::sc_time beat, unsigned beat_bytes);

  uint8_t *data() { return bytes_.data(); }

 private:
  void transport(tlm::tlm_generic_payload &t, sc_core::sc_time &delay);
  bool direct(tlm::tlm_generic_payload &t, tlm::tlm_dmi &dmi);
  std::vector<uint8_t> bytes_;
  sc_core::sc_time latency_, beat_;
  unsigned beat_bytes_;
};

#endif
