// SPDX-License-Identifier: Apache-2.0
//
// Clocks the Verilated Weft against the AXI memory and offers it as the C interface of device.h.
//
// One cycle: the memory drives its pins, the model settles with the clock low, both sides' handshakes are sampled,
// then the rising edge. Compiled once per configuration; BUS_BYTES comes from the configuration's header.

#include "device.h"

#include <memory>

#include "Vweft.h"
#include "axi_memory.h"
#include "axi_pins.h"
#include "verilated.h"
#include "weft_config.h"
#include "weft_spec.h"
#if VM_TRACE
#include "verilated_fst_c.h"
#endif

namespace {
constexpr int kLiteTimeout = 1000;   // cycles an AXI-Lite access may take before it counts as broken
}  // namespace

struct weft_sim {
  VerilatedContext context;
  std::unique_ptr<Vweft> top;
  std::unique_ptr<AxiMemory> memory;
#if VM_TRACE
  std::unique_ptr<VerilatedFstC> trace;
#endif
  uint64_t cycles = 0;
  bool locked = false;   // regions no longer take writes: the monitor keeps the last ones
  std::string violation;

  void cycle()
  {
    const AxiMemoryPins &p = memory->drive();
    axi_drive(*top, p);
    top->clk_i = 0;
    top->eval();
#if VM_TRACE
    if (trace) trace->dump(cycles * 10);
#endif
    AxiMasterPins m = axi_sample(*top);
    if (top->rst_ni) memory->sample(m);       // in reset the pins may hold anything, also random start values
    top->clk_i = 1;
    top->eval();
#if VM_TRACE
    if (trace) trace->dump(cycles * 10 + 5);
#endif
    cycles++;
  }

  void broken(const char *what) { if (violation.empty()) violation = what; }
};

weft_sim_t *weft_sim_open(size_t dram_bytes, unsigned seed, int latency, const char *trace, uint32_t fail_addr)
{
  auto s = std::make_unique<weft_sim>();
  s->context.randReset(seed ? 2 : 0);
  s->context.randSeed((int)seed);
  s->context.traceEverOn(trace != nullptr);
  s->top = std::make_unique<Vweft>(&s->context, "weft");
  s->memory = std::make_unique<AxiMemory>(dram_bytes, WEFT_BUS_BYTES, seed, latency, fail_addr);
#if VM_TRACE
  if (trace) {
    s->trace = std::make_unique<VerilatedFstC>();
    s->top->trace(s->trace.get(), 99);
    s->trace->open(trace);
    if (!s->trace->isOpen()) return nullptr;
  }
#else
  if (trace) return nullptr;   // this library was built without tracing
#endif
  s->top->s_axil_awvalid = s->top->s_axil_wvalid = s->top->s_axil_arvalid = 0;
  s->top->s_axil_bready = s->top->s_axil_rready = 1;
  s->top->rst_ni = 0;
  for (int i = 0; i < 16; i++) s->cycle();
  s->top->rst_ni = 1;
  s->cycle();
  return s.release();
}

void weft_sim_close(weft_sim_t *s)
{
  if (!s) return;
  Verilated::threadContextp(&s->context);   // the model's destructor takes its scopes out of the thread's context, which is that of the device opened last
  s->top->final();
#if VM_TRACE
  if (s->trace) s->trace->close();
#endif
  delete s;
}

uint32_t weft_sim_read32(weft_sim_t *s, uint32_t offset)
{
  s->top->s_axil_araddr = offset;
  s->top->s_axil_arvalid = 1;
  s->top->s_axil_rready = 1;
  bool taken = false;
  for (int i = 0; i < kLiteTimeout; i++) {
    s->top->clk_i = 0;
    s->top->eval();
    bool ar = s->top->s_axil_arready && s->top->s_axil_arvalid, r = s->top->s_axil_rvalid;
    uint32_t v = s->top->s_axil_rdata;
    s->cycle();
    if (ar) {
      s->top->s_axil_arvalid = 0;
      taken = true;
    }
    if (r && (taken || ar)) return v;
  }
  s->broken("AXI-Lite: a read was not answered");
  s->top->s_axil_arvalid = 0;
  return 0xffffffffu;
}

void weft_sim_write32(weft_sim_t *s, uint32_t offset, uint32_t value)
{
  s->top->s_axil_awaddr = offset;
  s->top->s_axil_wdata = value;
  s->top->s_axil_wstrb = 0xf;
  s->top->s_axil_awvalid = s->top->s_axil_wvalid = 1;
  s->top->s_axil_bready = 1;
  if (offset == WEFT_REG_LOCK && (value & 1)) s->locked = true;
  if (!s->locked && offset >= WEFT_REG_REGION0 && offset < WEFT_REG_REGION0 + 8 * WEFT_REGIONS)
    s->memory->region((offset - WEFT_REG_REGION0) / 8, offset & 4, value);
  for (int i = 0; i < kLiteTimeout; i++) {
    s->top->clk_i = 0;
    s->top->eval();
    bool aw = s->top->s_axil_awready && s->top->s_axil_awvalid, w = s->top->s_axil_wready && s->top->s_axil_wvalid;
    bool b = s->top->s_axil_bvalid;
    s->cycle();
    if (aw) s->top->s_axil_awvalid = 0;
    if (w) s->top->s_axil_wvalid = 0;
    if (b) return;
  }
  s->broken("AXI-Lite: a write was not answered");
  s->top->s_axil_awvalid = s->top->s_axil_wvalid = 0;
}

uint8_t *weft_sim_dram(weft_sim_t *s) { return s->memory->data(); }

int weft_sim_wait(weft_sim_t *s, uint64_t cycles)
{
  for (uint64_t i = 0; i < cycles; i++) {
    if (s->top->irq_o) return 1;
    s->cycle();
    if (!s->memory->violation().empty()) return -1;
  }
  return s->top->irq_o ? 1 : s->violation.empty() ? 0 : -1;
}

const char *weft_sim_violation(weft_sim_t *s)
{
  return s->violation.empty() ? s->memory->violation().c_str() : s->violation.c_str();
}

uint64_t weft_sim_cycles(weft_sim_t *s) { return s->cycles; }
