// SPDX-License-Identifier: Apache-2.0
//
// Random test of rtl/buffer/buffer.v: eight clients against a plain array, one access per bank and cycle, two cycles of latency, fairness.
//
// usage: tb_buffer CYCLES SEED

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <vector>

#include "Vbuffer.h"
#include "verilated.h"

namespace {

constexpr unsigned kWords = BUF_WORDS, kBank = BANK_WORDS;
struct Rng {
  uint64_t s;
  uint32_t below(uint32_t n) { s ^= s >> 12; s ^= s << 25; s ^= s >> 27; return (uint32_t)((s * 0x2545f4914f6cdd1dull >> 32) % n); }
};
struct Word { uint8_t b[16]; };

// One client: pointers to the pins it has.
struct Client {
  const char *name;
  CData *req, *gnt;
  SData *addr;
  WData *wdata;          // writers
  SData *wstrb;
  CData *rvalid;         // readers
  WData *rdata;
  bool active = false;
  unsigned waited = 0, at = 0;
  std::deque<std::pair<uint64_t, Word>> due;   // cycle and word of granted reads
};

}  // namespace

int main(int argc, char **argv)
{
  if (argc != 3) {
    std::fprintf(stderr, "usage: tb_buffer CYCLES SEED\n");
    return 2;
  }
  uint64_t cycles = std::strtoull(argv[1], nullptr, 0), reads = 0, writes = 0, conflicts = 0, beyond = 0;
  Rng r{std::strtoull(argv[2], nullptr, 0) * 2654435761u + 1};
  VerilatedContext context;
  auto t = std::make_unique<Vbuffer>(&context);
  std::vector<Word> mem(kWords);
  Client c[8] = {   // in the order of err_o
    {"ld", &t->ld_req_i, &t->ld_gnt_o, &t->ld_addr_i, t->ld_wdata_i.m_storage, &t->ld_wstrb_i, nullptr, nullptr, false, 0, 0, {}},
    {"st", &t->st_req_i, &t->st_gnt_o, &t->st_addr_i, nullptr, nullptr, &t->st_rvalid_o, t->st_rdata_o.m_storage, false, 0, 0, {}},
    {"if", &t->if_req_i, &t->if_gnt_o, &t->if_addr_i, nullptr, nullptr, &t->if_rvalid_o, t->if_rdata_o.m_storage, false, 0, 0, {}},
    {"fl", &t->fl_req_i, &t->fl_gnt_o, &t->fl_addr_i, nullptr, nullptr, &t->fl_rvalid_o, t->fl_rdata_o.m_storage, false, 0, 0, {}},
    {"pr", &t->pr_req_i, &t->pr_gnt_o, &t->pr_addr_i, nullptr, nullptr, &t->pr_rvalid_o, t->pr_rdata_o.m_storage, false, 0, 0, {}},
    {"ow", &t->ow_req_i, &t->ow_gnt_o, &t->ow_addr_i, t->ow_wdata_i.m_storage, &t->ow_wstrb_i, nullptr, nullptr, false, 0, 0, {}},
    {"vr", &t->vr_req_i, &t->vr_gnt_o, &t->vr_addr_i, nullptr, nullptr, &t->vr_rvalid_o, t->vr_rdata_o.m_storage, false, 0, 0, {}},
    {"vw", &t->vw_req_i, &t->vw_gnt_o, &t->vw_addr_i, t->vw_wdata_i.m_storage, &t->vw_wstrb_i, nullptr, nullptr, false, 0, 0, {}}};
  int bad = 0;
  auto complain = [&](uint64_t n, const char *name, const char *what, unsigned a) {
    std::printf("  cycle %" PRIu64 " %s: %s (address 0x%04x)\n", n, name, what, a);
    bad++;
  };
  t->rst_ni = 0;
  for (int i = 0; i < 3; i++) { t->clk_i = 0; t->eval(); t->clk_i = 1; t->eval(); }
  t->rst_ni = 1;
  unsigned busy = 50, hot = 50;
  for (uint64_t n = 0; n < cycles && bad < 10; n++) {
    if (n % 500 == 0) {   // load and locality change; every word is written first
      busy = r.below(101);
      hot = r.below(101);
    }
    for (Client &k : c) {
      if (!k.active && (n < 2 * kWords ? k.req == &t->ld_req_i : r.below(100) < busy)) {
        k.active = true;
        k.waited = 0;
        k.at = n < 2 * kWords ? (unsigned)n % kWords : r.below(100) < hot ? r.below(4) * kBank / 4 + r.below(3) : r.below(kWords);
        if (n >= 2 * kWords && r.below(200) == 0) k.at = kWords + r.below(65536 - kWords);
        if (k.wdata) {
          for (int i = 0; i < 4; i++) k.wdata[i] = (uint32_t)r.below(0xffffffffu);
          *k.wstrb = n < 2 * kWords ? 0xffff : (SData)r.below(65536);
        }
      }
      *k.req = k.active;
      *k.addr = k.active ? (SData)k.at : (SData)r.below(65536);
    }
    t->clk_i = 0;
    t->eval();
    // Reads that are due now, before this cycle's writes count.
    for (Client &k : c) {
      if (!k.rvalid) continue;
      bool due = !k.due.empty() && k.due.front().first == n;
      if (due != (bool)*k.rvalid) complain(n, k.name, due ? "no data two cycles after the grant" : "data that nobody asked for", k.at);
      if (due) {
        if (*k.rvalid && std::memcmp(k.rdata, k.due.front().second.b, 16)) complain(n, k.name, "wrong data", k.at);
        k.due.pop_front();
      }
    }
    unsigned granted_banks[kWords / kBank] = {0}, err = 0;
    for (unsigned i = 0; i < 8; i++) {
      Client &k = c[i];
      bool gnt = *k.gnt, in = k.at < kWords;
      if (gnt && !k.active) complain(n, k.name, "granted without a request", k.at);
      if (!k.active) continue;
      if (!in && !gnt) complain(n, k.name, "an address beyond the buffer must be granted at once", k.at);
      if (!gnt) {
        conflicts++;
        if (++k.waited > 7) complain(n, k.name, "waited for more than seven others", k.at);
        continue;
      }
      k.active = false;
      if (in && granted_banks[k.at / kBank]++) complain(n, k.name, "second access to a bank in one cycle", k.at);
      if (!in) {
        err |= 1u << i;
        beyond++;
      }
      if (k.rvalid) {
        reads++;
        Word w;
        std::memset(&w, 0, sizeof w);
        if (in) w = mem[k.at];
        k.due.push_back({n + 2, w});
      } else if (in) {
        writes++;
        for (int j = 0; j < 16; j++)
          if (*k.wstrb >> j & 1) mem[k.at].b[j] = reinterpret_cast<const uint8_t *>(k.wdata)[j];
      }
    }
    // A bank with a request serves one.
    for (Client &k : c)
      if (k.active && k.at < kWords && !granted_banks[k.at / kBank]) complain(n, k.name, "waits although its bank is free", k.at);
    if (err != t->err_o) complain(n, "err_o", "does not name the clients beyond the buffer", err);
    t->clk_i = 1;
    t->eval();
  }
  t->final();
  std::printf("tb_buffer: %" PRIu64 " reads, %" PRIu64 " writes, %" PRIu64 " waiting cycles, %" PRIu64 " beyond the buffer, %d faults\n", reads, writes, conflicts,
              beyond, bad);
  return bad ? 1 : 0;
}
