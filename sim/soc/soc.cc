// SPDX-License-Identifier: Apache-2.0
//
// Runs firmware on the Verilated system: loads DRAM, clocks, connects the UART, compares, and always ends.
//
// It plays the boot loader (firmware_run.h) and two memories' controllers: Weft's AXI port and the processor's word port reach the
// same bytes. Exit codes: 0 the firmware ended with 0 and every expected line came, 1 it did not, 2 usage, 3 stuck or over its time.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "Vweft_soc.h"
#include "axi_memory.h"
#include "axi_pins.h"
#include "firmware_run.h"
#include "uart_host.h"
#include "verilated.h"
#include "weft_config.h"
#include "weft_spec.h"
#if VM_TRACE
#include "verilated_fst_c.h"
#endif

namespace {
constexpr uint32_t kDramBytes = FirmwareRun::kDramBytes;
constexpr int kDramLatency = 6;            // cycles of a word of the processor's
constexpr int kAxiLatency = 32;
constexpr unsigned kSlvErr = 2;
constexpr uint64_t kHostEvery = 256, kCheckEvery = 1 << 14;

struct Options {
  std::string firmware, trace;
  FirmwareJob job;
  std::vector<std::string> says;             // texts that the UART must show
  unsigned seed = 0;
  int exit_code = 0;
  bool pty = false;
  enum { kGood, kSilentMemory, kBusError, kCutIrq } fault = kGood;   // until the device is reset
  double seconds = 600;
  uint64_t cycles = 2000000000;
};

[[noreturn]] void usage(const char *what)
{
  std::fprintf(stderr, "weft_soc: %s\nusage: weft_soc --firmware F.hex --image IMAGE... --input BIN [--expect FILE] [--says TEXT]\n"
    "  [--runs N] [--seed N: random bus stalls] [--pty] [--trace F.fst] [--limit-seconds S] [--limit-cycles N] [--exit-code N]\n"
    "  until Weft is reset: [--silent-memory: no answer on its bus] [--bus-error: all reads fail] [--cut-irq: its interrupt does not arrive]\n", what);
  std::exit(2);
}

std::vector<uint8_t> read_file(const std::string &path)
{
  std::ifstream f(path, std::ios::binary);
  if (!f) usage((path + ": cannot read").c_str());
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(f), {});
}

std::vector<std::string> read_lines(const std::string &path)
{
  std::vector<std::string> lines;
  std::ifstream f(path);
  for (std::string l; std::getline(f, l);) lines.push_back(l);
  if (lines.empty()) usage((path + ": no expected lines").c_str());
  return lines;
}

Options parse(int argc, char **argv)
{
  Options o;
  for (int i = 1; i < argc; i++) {
    std::string a = argv[i];
    if (a == "--pty") { o.pty = o.job.serial = true; continue; }
    if (a == "--silent-memory") { o.fault = Options::kSilentMemory; continue; }
    if (a == "--bus-error") { o.fault = Options::kBusError; continue; }
    if (a == "--cut-irq") { o.fault = Options::kCutIrq; continue; }
    if (i + 1 >= argc) usage((a + ": unknown, or its value is missing").c_str());
    std::string v = argv[++i];
    if (a == "--firmware") o.firmware = v;
    else if (a == "--image") o.job.images.push_back(read_file(v));
    else if (a == "--input") o.job.input = read_file(v);
    else if (a == "--expect") o.job.expected = read_lines(v);
    else if (a == "--says") o.says.push_back(v);
    else if (a == "--trace") o.trace = v;
    else if (a == "--seed") o.seed = (unsigned)std::strtoul(v.c_str(), nullptr, 0);
    else if (a == "--runs") o.job.runs = (unsigned)std::strtoul(v.c_str(), nullptr, 0);
    else if (a == "--exit-code") o.exit_code = std::atoi(v.c_str());
    else if (a == "--limit-seconds") o.seconds = std::atof(v.c_str());
    else if (a == "--limit-cycles") o.cycles = std::strtoull(v.c_str(), nullptr, 0);
    else usage((a + ": unknown").c_str());
  }
  if (o.firmware.empty() || o.job.images.empty() || o.job.input.empty() || o.job.runs < 1) usage("needs --firmware, --image, --input");
  return o;
}

class System {
 public:
  explicit System(const Options &o) : o_(o), run_(o.job)
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
    std::string bad = run_.load(memory_->data());
    if (!bad.empty()) usage(bad.c_str());
  }

  int run()
  {
    if (o_.pty && !uart_.wait_for_host(o_.seconds)) {
      std::printf("STUCK nobody opened the pseudo-terminal in %.0f seconds\n", o_.seconds);
      return 3;
    }
    auto begin = std::chrono::steady_clock::now();
    auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
    std::clock_t cpu_begin = std::clock();
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
    double t = seconds(), cpu = (double)(std::clock() - cpu_begin) / CLOCKS_PER_SEC;
    int code = verdict();
    std::printf("%s cycles=%llu seconds=%.1f cycles_per_s=%.0f cpu_seconds=%.1f cycles_per_cpu_s=%.0f\n", code ? "FAIL" : "PASS",
      (unsigned long long)now_, t, t > 0 ? (double)now_ / t : 0.0, cpu, cpu > 0 ? (double)now_ / cpu : 0.0);
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
    AxiMemoryPins p = memory_->drive();
    const bool bad = !reset_seen_, mute = bad && o_.fault == Options::kSilentMemory;
    if (mute) p.arready = p.awready = false;
    if (bad && o_.fault == Options::kBusError) p.rresp = kSlvErr;
    axi_drive(*top_, p);
    top_->cut_irq_i = bad && o_.fault == Options::kCutIrq;
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
    AxiMasterPins m = axi_sample(*top_);
    if (mute) m.arvalid = m.awvalid = false;
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

  int verdict()
  {
    bool ok = run_.untouched(memory_->data());
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
    ok = run_.outputs_match(uart_.text()) && ok;
    if (ok && !o_.job.expected.empty()) std::printf("%zu outputs equal the golden model's\n", o_.job.expected.size() * o_.job.runs);
    return ok ? 0 : 1;
  }

  const Options &o_;
  FirmwareRun run_;
  VerilatedContext context_;
  std::unique_ptr<Vweft_soc> top_;
  std::unique_ptr<AxiMemory> memory_;
#if VM_TRACE
  std::unique_ptr<VerilatedFstC> trace_;
#endif
  UartHost uart_;
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
