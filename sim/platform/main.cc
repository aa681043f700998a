// SPDX-License-Identifier: Apache-2.0
//
// The virtual platform: puts processor, bus, memory, peripherals and Weft together, runs networks in both forms, prints a table.
//
// The processor runs sw/firmware with an image of the network, loaded as on the RISC-V system (sim/soc/firmware_run.h); what it prints on the
// UART is compared with the golden operators. A SystemC kernel can be elaborated once in a process, so every (network, form) runs in a child
// process. With one network and one form there is no child: that is the way to debug (docs/platform.md).

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <systemc>

#include "compiler/program.h"
#include "firmware.h"
#include "firmware_run.h"
#include "golden.h"
#include "pack_image.h"
#include "platform.h"
#include "rtl_core.h"

namespace {

constexpr double kLimitSeconds = 60;       // simulated; firmware that waits for ever ends there

struct Options {
  std::vector<const char *> nets;
  std::vector<std::string> forms = {"model", "rtl"};
  const char *trace = nullptr;
  unsigned seed = 1;
  int latency = 32;
  bool uart = false;
  const char *send = nullptr;      // serial mode: what the UART's host sends
};

struct Network {
  std::string file;
  weft_graph_t *g = nullptr;
  weft_program_t *p = nullptr;
  weft_golden_t golden = {};
  std::vector<uint8_t> arena;
};

// What a child tells its parent.
struct Result {
  int err;
  char msg[400];
  bool differs;
  uint64_t digest, device_cycles, infer_ticks, transactions;
  double simulated, host;      // seconds
};

size_t bytes_of(const weft_tensor_t &t) { return t.elements * weft_dtype_size(t.type); }

uint64_t digest(const std::string &text)                    // FNV-1a
{
  uint64_t h = 0xcbf29ce484222325u;
  for (char c : text) h = (h ^ (uint8_t)c) * 0x100000001b3u;
  return h;
}

// Lines of the UART's text that start with `start`, without it.
std::vector<std::string> lines(const std::string &text, const std::string &start)
{
  std::vector<std::string> found;
  std::istringstream f(text);
  for (std::string l; std::getline(f, l);)
    if (!l.compare(0, start.size(), start)) found.push_back(l.substr(start.size(), l.find('\r') - start.size()));
  return found;
}

uint64_t number_of(const std::string &text, const std::string &start)
{
  std::vector<std::string> l = lines(text, start);
  return l.empty() ? 0 : strtoull(l[0].c_str(), nullptr, 10);
}

bool prepare(const char *path, const weft_config_t *cfg, unsigned seed, Network *n)
{
  weft_msg_t m = {""};
  weft_compile_opts_t o = {};
  o.as_estimated = true;                                   // here software is tried out: compiled in no time rather than for the last cycle
  n->file = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
  int err = weft_import_file(path, &n->g, &m);
  if (!err) err = weft_compile(n->g, cfg, &o, &n->p, &m);
  if (!err) {
    n->arena.resize(weft_golden_arena_size(n->g));
    err = weft_golden_init(&n->golden, n->g, n->arena.data(), n->arena.size(), &m);
  }
  for (int i = 0; !err && i < n->g->nin; i++) {
    const weft_tensor_t &t = n->g->tensor[n->g->in[i]];
    for (size_t k = 0; k < bytes_of(t); k++) {
      seed = seed * 1664525u + 1013904223u;
      static_cast<uint8_t *>(n->golden.data[n->g->in[i]])[k] = (uint8_t)(seed >> 24);
    }
  }
  if (!err) err = weft_golden_run(n->g, &n->golden, &m);
  bool named = !strncmp(m.msg, path, strlen(path));        // messages on the file itself start with its path
  if (err) fprintf(stderr, "platform: %s%s%s\n", named ? "" : path, named ? "" : ": ", m.msg);
  return !err;
}

FirmwareJob job_of(const Options &o, const Network &n)
{
  FirmwareJob job;
  size_t size;
  uint8_t *image = pack_image(n.g, n.p, n.file.c_str(), &size);
  job.images.emplace_back(image, image + size);
  free(image);
  job.serial = o.send != nullptr;
  for (int i = 0; i < n.g->ntensors; i++)
    if (n.g->tensor[i].variable) job.runs = 2;       // the second must find fresh variables, too
  for (int i = 0; i < n.g->nin; i++) {
    const uint8_t *from = static_cast<const uint8_t *>(n.golden.data[n.g->in[i]]);
    job.input.insert(job.input.end(), from, from + bytes_of(n.g->tensor[n.g->in[i]]));
  }
  for (int i = 0; i < n.g->nout && !job.serial; i++) {
    const uint8_t *b = static_cast<const uint8_t *>(n.golden.data[n.g->out[i]]);
    std::string line = "output " + std::to_string(i) + " " + std::to_string(bytes_of(n.g->tensor[n.g->out[i]])) + " ";
    for (size_t k = 0; k < bytes_of(n.g->tensor[n.g->out[i]]); k++) {
      char hex[3];
      snprintf(hex, sizeof hex, "%02x", b[k]);
      line += hex;
    }
    job.expected.push_back(line);
  }
  return job;
}

// What went wrong, "" when nothing did.
std::string failure(const Platform &p, const std::string &text, bool untouched)
{
  std::vector<std::string> errors = lines(text, "e-[");
  std::string v = p.weft->violation();
  if (!v.empty()) return "bus rule broken: " + v;
  if (!errors.empty()) return errors[0].substr(0, errors[0].rfind(']'));
  if (!p.peripherals.ended) return "the simulation ended before the firmware did; last text: " + text.substr(text.size() > 80 ? text.size() - 80 : 0);
  if (p.peripherals.exit_code) return "the firmware ended with " + std::to_string(p.peripherals.exit_code);
  return untouched ? "" : "memory that is not the firmware's was overwritten";
}

Result simulate(const weft_config_t *cfg, const Options &o, const std::string &form, const Network &n)
{
  Result r = {};
  auto start = std::chrono::steady_clock::now();
  std::string text;
  FirmwareRun run(job_of(o, n));
  try {
    Platform::Setup s;
    s.cfg = cfg;
    s.dram_bytes = FirmwareRun::kDramBytes;
    s.latency = o.latency;
    s.rtl = form == "rtl";
    s.trace = o.trace;
    for (int i = 0; i < n.p->nlayer; i++) s.layer_cycles.push_back(weft_program_job_cycles(n.p, i));
    s.firmware = run_firmware;
    Platform p(s);
    std::string bad = run.load(p.dram.data());
    if (!bad.empty()) throw std::runtime_error(bad);
    p.peripherals.sent = [&](char c) {
      text += c;
      if (o.uart && c != '\r') fputc(c, stderr);
    };
    for (const char *c = o.send; c && *c; c++) p.peripherals.receive(*c);
    sc_core::sc_start(sc_core::sc_time(kLimitSeconds, sc_core::SC_SEC));
    r.simulated = sc_core::sc_time_stamp().to_seconds();
    r.transactions = p.bus.transactions;
    std::string why = failure(p, text, run.untouched(p.dram.data()));
    if (!why.empty()) r.err = WEFT_E_DEVICE;
    snprintf(r.msg, sizeof r.msg, "%s", why.c_str());
  } catch (const std::exception &e) {
    r.err = WEFT_E_INTERNAL;
    snprintf(r.msg, sizeof r.msg, "%s", e.what());
  }
  if (o.send) fputs(text.c_str(), stdout);
  for (const std::string &l : lines(text, "output ")) r.digest = r.digest * 31 + digest(l);
  r.differs = !run.outputs_match(text);
  r.device_cycles = number_of(text, "counter CYCLES ");
  r.infer_ticks = number_of(text, "inference cycles=");
  r.host = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return r;
}

Result in_child(const weft_config_t *cfg, const Options &o, const std::string &form, const Network &n)
{
  Result r = {};
  int fd[2];
  fflush(nullptr);
  if (pipe(fd)) return r.err = WEFT_E_INTERNAL, snprintf(r.msg, sizeof r.msg, "no pipe"), r;
  pid_t child = fork();
  if (child == 0) {
    r = simulate(cfg, o, form, n);
    bool told = write(fd[1], &r, sizeof r) == (ssize_t)sizeof r;     // smaller than PIPE_BUF: all or nothing
    fflush(nullptr);
    _exit(told ? 0 : 1);
  }
  close(fd[1]);
  if (child < 0 || read(fd[0], &r, sizeof r) != (ssize_t)sizeof r) {
    r = Result();
    r.err = WEFT_E_INTERNAL;
    snprintf(r.msg, sizeof r.msg, "the simulation died");
  }
  close(fd[0]);
  if (child > 0) waitpid(child, nullptr, 0);
  return r;
}

// One line; false when something is not as it must be.
bool report(const Network &n, const std::string &form, const Result &r, const Result *other)
{
  const char *verdict = r.err ? "FAILED" : r.differs ? "DIFFERS" : other && other->digest != r.digest ? "FORMS DIFFER" : "equal";
  printf("%-32s %-6s %-12s %12llu %12.3f %12.3f %10.2f %12llu\n", n.file.c_str(), form.c_str(), verdict, (unsigned long long)r.device_cycles,
         (double)r.infer_ticks / SOC_CLOCK_MHZ / 1e3, r.simulated * 1e3, r.host, (unsigned long long)r.transactions);
  if (r.err) printf("    %s\n", r.msg);
  fflush(stdout);
  return !strcmp(verdict, "equal");
}

int usage(const char *why)
{
  fprintf(stderr, "platform: %s\nusage: weft_platform [--form model|rtl] [--seed N] [--latency CYCLES] [--uart] [--send TEXT] [--trace FILE.fst] NET.tflite...\n", why);
  return 2;
}

bool number(const char *text, long max, long *v)
{
  char *end;
  *v = strtol(text, &end, 10);
  return *text && !*end && *v >= 0 && *v <= max;
}

}  // namespace

int sc_main(int argc, char **argv)
{
  Options o;
  for (int i = 1; i < argc; i++) {
    std::string a = argv[i];
    long v;
    if (a == "--uart") o.uart = true;
    else if (a.compare(0, 2, "--")) o.nets.push_back(argv[i]);
    else if (i + 1 == argc) return usage((a + " needs a value").c_str());
    else if (a == "--form" && (!strcmp(argv[i + 1], "model") || !strcmp(argv[i + 1], "rtl"))) o.forms = {argv[++i]};
    else if (a == "--trace") o.trace = argv[++i];
    else if (a == "--send") o.send = argv[++i];
    else if (a == "--seed" && number(argv[i + 1], 1000000000, &v)) o.seed = (unsigned)v, i++;
    else if (a == "--latency" && number(argv[i + 1], 100000, &v)) o.latency = (int)v, i++;
    else return usage((a + " " + argv[i + 1] + ": not accepted").c_str());
  }
  if (o.nets.empty()) return usage("no network");
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  const weft_config_t *cfg = weft_config_find(RtlCore::configuration());
  bool good = true, one = o.nets.size() == 1 && o.forms.size() == 1;
  printf("configuration %s, %d MHz, memory latency %d cycles; model: time from the compiler's estimates\n", cfg->name, SOC_CLOCK_MHZ, o.latency);
  printf("%-32s %-6s %-12s %12s %12s %12s %10s %12s\n", "network", "form", "result", "device cyc", "infer ms", "simulated ms", "host s", "transactions");
  for (const char *path : o.nets) {
    Network n;
    if (prepare(path, cfg, o.seed, &n)) {
      Result first = {};
      for (size_t k = 0; k < o.forms.size(); k++) {
        Result r = one ? simulate(cfg, o, o.forms[k], n) : in_child(cfg, o, o.forms[k], n);
        good &= report(n, o.forms[k], r, k ? &first : nullptr);
        if (!k) first = r;
      }
    } else {
      good = false;
    }
    weft_program_free(n.p);
    weft_graph_free(n.g);
  }
  printf("%s\n", good ? "PASS" : "FAIL");
  return good ? 0 : 1;
}
