// SPDX-License-Identifier: Apache-2.0
//
// The Verilated Weft (see rtl_core.h). Compiled once per configuration.

#include "rtl_core.h"

#include <stdexcept>
#include <string>

#include "Vweft.h"
#include "axi_pins.h"
#include "verilated.h"
#include "weft_config.h"
#if VM_TRACE
#include "verilated_fst_c.h"
#endif

struct RtlCore::State {
  VerilatedContext context;
  std::unique_ptr<Vweft> top;
  uint64_t cycles = 0;
#if VM_TRACE
  std::unique_ptr<VerilatedFstC> trace;
#endif
  void settle(int clock)
  {
    top->clk_i = clock;
    top->eval();
#if VM_TRACE
    if (trace) trace->dump(cycles * 10 + (clock ? 5 : 0));
#endif
  }
};

RtlCore::RtlCore(const char *trace) : s_(std::make_unique<State>())
{
  s_->context.traceEverOn(trace != nullptr);
  s_->top = std::make_unique<Vweft>(&s_->context, "weft");
  if (!trace) return;
#if VM_TRACE
  s_->trace = std::make_unique<VerilatedFstC>();
  s_->top->trace(s_->trace.get(), 99);
  s_->trace->open(trace);
  if (!s_->trace->isOpen()) throw std::runtime_error(std::string(trace) + ": cannot write");
#else
  throw std::runtime_error("built without waves; use `make platform TRACE=1`");
#endif
}

RtlCore::~RtlCore()
{
  s_->top->final();
#if VM_TRACE
  if (s_->trace) s_->trace->close();
#endif
}

void RtlCore::cycle(bool reset, const AxiMemoryPins &p, const LiteMasterPins &lite, AxiMasterPins *m, LiteSlavePins *answer)
{
  Vweft &t = *s_->top;
  t.rst_ni = !reset;
  axi_drive(t, p);
  t.s_axil_arvalid = lite.arvalid;
  t.s_axil_araddr = lite.addr;
  t.s_axil_awvalid = lite.awvalid;
  t.s_axil_awaddr = lite.addr;
  t.s_axil_wvalid = lite.wvalid;
  t.s_axil_wdata = lite.wdata;
  t.s_axil_wstrb = 0xf;
  t.s_axil_rready = t.s_axil_bready = 1;
  s_->settle(0);
  *m = axi_sample(t);
  answer->arready = t.s_axil_arready;
  answer->rvalid = t.s_axil_rvalid;
  answer->rdata = t.s_axil_rdata;
  answer->awready = t.s_axil_awready;
  answer->wready = t.s_axil_wready;
  answer->bvalid = t.s_axil_bvalid;
  s_->settle(1);
  s_->cycles++;
}

bool RtlCore::irq() const { return s_->top->irq_o; }
unsigned RtlCore::bus_bytes() { return WEFT_BUS_BYTES; }
const char *RtlCore::configuration() { return PLATFORM_CONFIG; }
