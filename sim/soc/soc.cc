// SPDX-License-Identifier: Apache-2.0
//
// Runs firmware on the Verilated system: loads DRAM, clocks, connects the UART, compares, and always ends.
//
// It plays the boot loader (sw/firmware/mailbox.h) and two memories' controllers: Weft's AXI port and the processor's word port reach the
// same bytes. Exit codes: 0 the firmware ended with 0 and every expected line came, 1 it did not, 2 usage, 3 stuck or over its time.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "Vweft_soc.h"
#include "axi_memory.h"
#include "mailbox.h"
#include "uart_host.h"
#include "verilated.h"
#include "weft_config.h"
#include "weft_spec.h"
#if VM_TRACE
#include "verilated_fst_c.h"
#endif

namespace {
constexpr uint32_t kDramBytes = 64u << 20, kImageAt = WEFT_MAILBOX_ALIGN;
constexpr int kDramLatency = 6;            // cycles of a word of the processor's
constexpr int kAxiLatency = 32;
constexpr uint64_t kHostEvery = 256, kCheckEvery = 1 << 14;
constexpr uint8_t kGuard = 0xa5;           // DRAM that nobody may touch

struct Options {
  std::string firmware, input, trace;
  std::vector<std::string> images, expect, says;   // expect: files of lines; says: texts that the UART must show
  unsigned seed = 0, runs = 1;
  int exit_code = 0;
  bool pty = false, silent = false, cut_irq = false;
  double seconds = 600;
  uint64_t cycles = 2000000000;
};

[[noreturn]] void usage(const char *what)
{
  std::fprintf(stderr, "weft_soc: %s\nusage: weft_soc --firmware F.hex --image IMAGE... --input BIN [--expect FILE] [--says TEXT]\n"
    "  [--runs N] [--seed N: random bus stalls] [--pty] [--trace F.fst] [--limit-seconds S] [--limit-cycles N] [--exit-code N]\n"
    "  [--silent-memory: no answer on Weft's bus until it is reset] [--cut-irq: Weft's interrupt never arrives]\n", what);
  std::exit(2);
}

std::vector<uint8_t> read_file(const std::string &path)
{
  std::ifstream f(path, std::ios::binary);
  if (!f) usage((path + ": cannot read").c_str());
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(f), {});
}

Options parse(int argc, char **argv)
{
  Options o;
  for (int i = 1; i < argc; i++) {
    std::string a = argv[i];
    if (a == "--pty") { o.pty = true; continue; }
    if (a == "--silent-memory") { o.silent = true; continue; }
    if (a == "--cut-irq") { o.cut_irq = true; continue; }
    if (i + 1 >= argc) usage((a + ": unknown, or its value is missing").c_str());
    std::string v = argv[++i];
    if (a == "--firmware") o.firmware = v;
    else if (a == "--image") o.images.push_back(v);
    else if (a == "--input") o.input = v;
    else if (a == "--expect") o.expect.push_back(v);
    else if (a == "--says") o.says.push_back(v);
    else if (a == "--trace") o.trace = v;
    else if (a == "--seed") o.seed = (unsigned)std::strtoul(v.c_str(), nullptr, 0);
    else if (a == "--runs") o.runs = (unsigned)std::strtoul(v.c_str(), nullptr, 0);
    else if (a == "--exit-code") o.exit_code = std::atoi(v.c_str());
    else if (a == "--limit-seconds") o.seconds = std::atof(v.c_str());
    else if (a == "--limit-cycles") o.cycles = std::strtoull(v.c_str(), nullptr, 0);
    else usage((a + ": unknown").c_str());
  }
  if (o.firmware.empty() || o.images.empty() || o.images.size() > WEFT_MAILBOX_IMAGES || o.input.empty() || o.runs < 1)
    usage("needs --firmware, 1 to 20 times --image, --input");
  return o;
}

template <typename T> void get_bytes(const T &v, uint8_t *to) { std::memcpy(to, &v, WEFT_BUS_BYTES); }
template <typename T> void put_bytes(T &v, const uint8_t *from) { std::memcpy(&v, from, WEFT_BUS_BYTES); }

class System {
 public:
  System(const Options &o) : o_(o)
  {
    context_.randReset(o.seed ? 2 : 0);
    context_.randSeed((int)o.seed);
    context_.traceEverOn(!o.trace.empty());
    std::string plus = "+firmware=" + o.firmware;
    const char *args[] = {"weft_soc", plus.c_str()};
    context_.commandArgs(2, args);
    top_ = std::make_unique<Vweft_soc>(&context_, "soc");
    memory_ = std::make_unique<AxiMemory>(kDramBytes, WEFT_BUS_BYTES, o.seed, kAxiLatency, 0);
#if VM_TRACE
    if (!o.trace.empty()) {
      trace_ = std::make_unique<VerilatedFstC>();
      top_->trace(trace_.get(), 99);
      trace_->open(o.trace.c_str());
      if (!trace_->isOpen()) usage((o.trace + ": cannot write").c_str());
    }
#else
    if (!o.trace.empty()) usage("built without waves: make firmware-sim TRACE=1");
#endif
    if (o.pty && !uart_.open_pty()) usage("no pseudo-terminal available");
    load();
  }

  int run()
  {
    if (o_.pty && !uart_.wait_for_host(o_.seconds)) {
      std::printf("STUCK nobody opened the pseudo-terminal in %.0f seconds\n", o_.seconds);
      return 3;
    }
    auto begin = std::chrono::steady_clock::now();
    auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
    top_->cut_irq_i = o_.cut_irq;
    top_->rst_ni = 0;
    for (int i = 0; i < 16; i++) cycle();
    top_->rst_ni = 1;
    while (!ended_ && stuck_.empty()) {
      cycle();
      if (top_->trap_o) stuck_ = "the processor stopped (trap)";
      if (now_ % kHostEvery == 0 && o_.pty) host();
      if (now_ % kCheckEvery) continue;
      if (!memory_->violation().empty()) stuck_ = "bus rule broken: " + memory_->violation();
      if (now_ > o_.cycles) stuck_ = "over the limit of simulated cycles";
      if (seconds() > o_.seconds) stuck_ = "over the time limit";
    }
    double t = seconds();
    int code = verdict();
    std::printf("%s cycles=%llu seconds=%.1f cycles_per_s=%.0f\n", code ? "FAIL" : "PASS", (unsigned long long)now_, t, t > 0 ? (double)now_ / t : 0.0);
    return code;
  }

  ~System()
  {
    top_->final();
#if VM_TRACE
    if (trace_) trace_->close();
#endif
  }

 private:
  static uint32_t align(size_t v) { return (uint32_t)((v + WEFT_MAILBOX_ALIGN - 1) / WEFT_MAILBOX_ALIGN * WEFT_MAILBOX_ALIGN); }

  void load()
  {
    std::memset(memory_->data(), kGuard, kDramBytes);
    weft_mailbox_t box = {};
    box.magic = WEFT_MAILBOX_MAGIC;
    box.dram_bytes = kDramBytes / 2;       // the upper half is the guard's
    box.mode = o_.pty ? WEFT_MODE_SERIAL : WEFT_MODE_RUN;
    box.runs = o_.runs;
    uint32_t at = kImageAt;
    for (const std::string &path : o_.images) {
      std::vector<uint8_t> b = read_file(path);
      if (b.size() > box.dram_bytes - at) usage((path + ": larger than memory").c_str());
      std::memcpy(memory_->data() + at, b.data(), b.size());
      box.image[box.images].at = at;
      box.image[box.images++].bytes = (uint32_t)b.size();
      at = align(at + b.size());
    }
    std::vector<uint8_t> in = read_file(o_.input);
    if (in.size() > box.dram_bytes - at) usage("input larger than memory");
    std::memcpy(memory_->data() + at, in.data(), in.size());
    box.input = at;
    box.input_bytes = (uint32_t)in.size();
    box.free = align(at + in.size());
    std::memcpy(memory_->data(), &box, sizeof box);
    before_.assign(memory_->data(), memory_->data() + box.free);
  }

  void host()
  {
    if (!rx_waiting_) rx_waiting_ = uart_.get(rx_);
    if (uart_.hung_up()) ended_ = true;
    const std::string &t = uart_.text();
    static const std::string ready = "m-ready\r\n";
    if (!rx_waiting_ && t.size() >= ready.size() && !t.compare(t.size() - ready.size(), ready.size(), ready)) uart_.rest();
  }

  // One cycle: both memories drive their pins, the model settles with the clock low, handshakes are sampled, then the rising edge.
  void cycle()
  {
    const AxiMemoryPins &p = memory_->drive();
    bool mute = o_.silent && !reset_seen_;
    top_->m_axi_arready = p.arready && !mute;
    top_->m_axi_rvalid = p.rvalid;
    top_->m_axi_rlast = p.rlast;
    top_->m_axi_rresp = p.rresp;
    if (p.rvalid) put_bytes(top_->m_axi_rdata, p.rdata);
    top_->m_axi_awready = p.awready && !mute;
    top_->m_axi_wready = p.wready;
    top_->m_axi_bvalid = p.bvalid;
    top_->m_axi_bresp = p.bresp;
    top_->dram_ready_i = dram_ready_;
    top_->dram_rdata_i = dram_data_;
    top_->tx_ready_i = 1;
    top_->rx_valid_i = rx_waiting_;
    top_->rx_data_i = rx_;
    top_->clk_i = 0;
    top_->eval();
#if VM_TRACE
    if (trace_) trace_->dump(now_ * 10);
#endif
    if (top_->rst_ni) sample(mute);
    top_->clk_i = 1;
    top_->eval();
#if VM_TRACE
    if (trace_) trace_->dump(now_ * 10 + 5);
#endif
    now_++;
  }

  void sample(bool mute)
  {
    AxiMasterPins m;
    m.arvalid = top_->m_axi_arvalid && !mute;
    m.araddr = top_->m_axi_araddr;
    m.arlen = top_->m_axi_arlen;
    m.arsize = top_->m_axi_arsize;
    m.arburst = top_->m_axi_arburst;
    m.rready = top_->m_axi_rready;
    m.awvalid = top_->m_axi_awvalid && !mute;
    m.awaddr = top_->m_axi_awaddr;
    m.awlen = top_->m_axi_awlen;
    m.awsize = top_->m_axi_awsize;
    m.awburst = top_->m_axi_awburst;
    m.wvalid = top_->m_axi_wvalid;
    m.wlast = top_->m_axi_wlast;
    m.wstrb = top_->m_axi_wstrb;
    if (m.wvalid) get_bytes(top_->m_axi_wdata, m.wdata);
    m.bready = top_->m_axi_bready;
    memory_->sample(m);
    if (top_->reg_write_o) {
      uint32_t r = top_->reg_addr_o;
      if (r >= WEFT_REG_REGION0 && r < WEFT_REG_REGION0 + 8 * WEFT_REGIONS)
        memory_->region((r - WEFT_REG_REGION0) / 8, r & 4, top_->reg_wdata_o);
      if (r == WEFT_REG_CTRL && (top_->reg_wdata_o & 2) && started_) reset_seen_ = true;
      if (r == WEFT_REG_CTRL && (top_->reg_wdata_o & 1)) started_ = true;
    }
    dram_port();
    if (top_->tx_valid_o) uart_.put(top_->tx_data_o);
    if (rx_waiting_ && top_->rx_ready_o) rx_waiting_ = false;
    if (top_->exit_valid_o) {
      ended_ = true;
      code_ = (int)top_->exit_code_o;
    }
  }

  // The processor's words: kDramLatency cycles each, beyond the end zero.
  void dram_port()
  {
    if (dram_ready_) {
      dram_ready_ = false;
      dram_wait_ = 0;
      return;
    }
    if (!top_->dram_valid_o || ++dram_wait_ < kDramLatency) return;
    uint32_t at = top_->dram_addr_o & ~3u;
    dram_ready_ = true;
    dram_data_ = 0;
    if (at > kDramBytes - 4) return;
    for (int i = 0; i < 4; i++)
      if (top_->dram_wstrb_o >> i & 1) memory_->data()[at + (unsigned)i] = (uint8_t)(top_->dram_wdata_o >> 8 * i);
    std::memcpy(&dram_data_, memory_->data() + at, 4);
  }

  // Mailbox, images and input are as they were (the input is the host's in serial mode), and the guard too.
  bool untouched() const
  {
    size_t n = o_.pty ? kImageAt : before_.size();
    bool ok = true;
    for (size_t i = 0; i < n && ok; i++) ok = memory_->data()[i] == before_[i];
    if (!ok) std::printf("MISMATCH mailbox, image or input were overwritten\n");
    for (size_t i = kDramBytes / 2; i < kDramBytes; i++)
      if (memory_->data()[i] != kGuard) {
        std::printf("MISMATCH DRAM at 0x%zx was overwritten\n", i);
        return false;
      }
    return ok;
  }

  bool outputs_match() const
  {
    std::vector<std::string> want, have;
    for (const std::string &path : o_.expect) {
      std::vector<std::string> lines;
      std::ifstream f(path);
      for (std::string l; std::getline(f, l);) lines.push_back(l);
      if (lines.empty()) usage((path + ": no expected lines").c_str());
      for (unsigned r = 0; r < o_.runs; r++) want.insert(want.end(), lines.begin(), lines.end());
    }
    if (o_.expect.empty()) return true;
    std::istringstream f(uart_.text());
    for (std::string l; std::getline(f, l);)
      if (l.compare(0, 7, "output ") == 0) have.push_back(l.substr(0, l.size() - 1));   // without \r
    bool ok = want.size() == have.size();
    if (!ok) std::printf("MISMATCH %zu outputs, expected %zu\n", have.size(), want.size());
    for (size_t i = 0; i < want.size() && i < have.size(); i++) {
      if (want[i] == have[i]) continue;
      ok = false;
      std::printf("MISMATCH output line %zu\n  firmware %.100s\n  golden   %.100s\n", i, have[i].c_str(), want[i].c_str());
    }
    if (ok) std::printf("%zu outputs equal the golden model's\n", want.size());
    return ok;
  }

  int verdict()
  {
    bool ok = untouched();
    if (!stuck_.empty()) {
      std::printf("STUCK %s at cycle %llu: processor at 0x%08x, DRAM port %s, Weft's bus AR %d AW %d W %d, last text: %s\n", stuck_.c_str(),
        (unsigned long long)now_, top_->pc_o, top_->dram_valid_o ? "busy" : "idle", top_->m_axi_arvalid, top_->m_axi_awvalid, top_->m_axi_wvalid,
        uart_.text().substr(uart_.text().size() > 80 ? uart_.text().size() - 80 : 0).c_str());
      return 3;
    }
    if (!memory_->violation().empty()) {
      std::printf("MISMATCH bus rule broken: %s\n", memory_->violation().c_str());
      ok = false;
    }
    if (code_ != o_.exit_code) {
      std::printf("MISMATCH the firmware ended with %d, expected %d\n", code_, o_.exit_code);
      ok = false;
    }
    for (const std::string &s : o_.says)
      if (uart_.text().find(s) == std::string::npos) {
        std::printf("MISMATCH the firmware did not say: %s\n", s.c_str());
        ok = false;
      }
    ok = outputs_match() && ok;
    return ok ? 0 : 1;
  }

  const Options &o_;
  VerilatedContext context_;
  std::unique_ptr<Vweft_soc> top_;
  std::unique_ptr<AxiMemory> memory_;
#if VM_TRACE
  std::unique_ptr<VerilatedFstC> trace_;
#endif
  UartHost uart_;
  std::vector<uint8_t> before_;
  std::string stuck_;
  uint64_t now_ = 0;
  bool ended_ = false, dram_ready_ = false, rx_waiting_ = false, started_ = false, reset_seen_ = false;
  int code_ = 0, dram_wait_ = 0;
  uint32_t dram_data_ = 0;
  uint8_t rx_ = 0;
};
}  // namespace

int main(int argc, char **argv)
{
  Options o = parse(argc, argv);
  System s(o);
  return s.run();
}
