// SPDX-License-Identifier: Apache-2.0
//
// Weft's AXI4 master pins on a Verilated model (the device alone or the system) from and to the structs of axi_memory.h.
#ifndef WEFT_SIM_AXI_PINS_H
#define WEFT_SIM_AXI_PINS_H

#include <cstring>

#include "axi_memory.h"
#include "weft_config.h"

// What the memory puts on the bus. Data wider than 64 bits is an array of words in Verilator, else one integer: bytes either way.
template <typename Top> void axi_drive(Top &t, const AxiMemoryPins &p)
{
  t.m_axi_arready = p.arready;
  t.m_axi_rvalid = p.rvalid;
  t.m_axi_rlast = p.rlast;
  t.m_axi_rresp = p.rresp;
  if (p.rvalid) std::memcpy(&t.m_axi_rdata, p.rdata, WEFT_BUS_BYTES);
  t.m_axi_awready = p.awready;
  t.m_axi_wready = p.wready;
  t.m_axi_bvalid = p.bvalid;
  t.m_axi_bresp = p.bresp;
}

// What the device puts there, once the model has settled.
template <typename Top> AxiMasterPins axi_sample(const Top &t)
{
  AxiMasterPins m;
  m.arvalid = t.m_axi_arvalid;
  m.araddr = t.m_axi_araddr;
  m.arlen = t.m_axi_arlen;
  m.arsize = t.m_axi_arsize;
  m.arburst = t.m_axi_arburst;
  m.rready = t.m_axi_rready;
  m.awvalid = t.m_axi_awvalid;
  m.awaddr = t.m_axi_awaddr;
  m.awlen = t.m_axi_awlen;
  m.awsize = t.m_axi_awsize;
  m.awburst = t.m_axi_awburst;
  m.wvalid = t.m_axi_wvalid;
  m.wlast = t.m_axi_wlast;
  m.wstrb = t.m_axi_wstrb;
  if (m.wvalid) std::memcpy(m.wdata, &t.m_axi_wdata, WEFT_BUS_BYTES);
  m.bready = t.m_axi_bready;
  return m;
}

#endif
