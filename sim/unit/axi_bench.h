// SPDX-License-Identifier: Apache-2.0
//
// Clock, AXI-Lite master and a strict AXI memory for the unit bench of fetch, LOAD, STORE and buffer (tb_dma.cpp).
//
// Stricter and more hostile than the memory of the harness: address and data of writes are taken independently, any beat of any burst can
// answer an error, any number of bursts may be outstanding, and every byte that is touched must lie in a region.

#ifndef WEFT_SIM_UNIT_AXI_BENCH_H
#define WEFT_SIM_UNIT_AXI_BENCH_H

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "Vweft.h"
#include "verilated.h"
extern "C" {
#include "weft_spec.h"
}

constexpr unsigned kBus = WEFT_BUS_BYTES;

struct Rng {   // xorshift64*
  uint64_t s;
  explicit Rng(uint64_t seed) : s(seed * 0x9e3779b97f4a7c15ull + 0x1234567) { for (int i = 0; i < 4; i++) next(); }
  uint64_t next() { s ^= s >> 12; s ^= s << 25; s ^= s >> 27; return s * 0x2545f4914f6cdd1dull; }
  uint32_t below(uint32_t n) { return (uint32_t)((next() >> 32) % n); }
  uint32_t range(uint32_t lo, uint32_t hi) { return lo + below(hi - lo + 1); }
  bool percent(unsigned p) { return below(100) < p; }
};

struct Bench {
  struct Burst { uint32_t addr; unsigned beats, done; uint64_t ready_at; bool fails; };
  struct Beat { uint8_t data[16]; uint32_t strb; bool last; };

  VerilatedContext context;
  std::unique_ptr<Vweft> top;
  std::vector<uint8_t> mem;
  Rng rng;
  uint64_t now = 0;
  unsigned throttle = 0;          // per cent of cycles in which a channel stalls
  int latency = 1, jitter = 0;
  int fail_read = -1, fail_write = -1;   // index of the burst since arm() that answers an error
  unsigned fail_beat = 0, fail_code = 2;
  uint32_t failed_addr = 0;
  uint64_t failed_at = 0;
  bool failed = false;
  bool silent = false;                   // slave takes and answers nothing
  int reads_seen = 0, writes_seen = 0;
  uint64_t last_address_at = 0;          // cycle in which an AR or AW became valid
  uint64_t last_data_at = 0;             // cycle in which a W beat with a strobe became valid
  std::deque<Burst> reads, writes, answers;
  std::deque<Beat> beats;
  uint32_t base[8] = {0}, size[8] = {0};
  std::string broken;

  Bench(size_t bytes, uint64_t seed) : mem(bytes), rng(seed)
  {
    context.randReset(2);
    context.randSeed((int)seed | 1);
    top = std::make_unique<Vweft>(&context, "weft");
    top->s_axil_awvalid = top->s_axil_wvalid = top->s_axil_arvalid = 0;
    top->s_axil_bready = top->s_axil_rready = 1;
    top->m_axi_arready = top->m_axi_awready = top->m_axi_wready = top->m_axi_rvalid = top->m_axi_bvalid = 0;
    top->rst_ni = 0;
    for (int i = 0; i < 4; i++) cycle();
    top->rst_ni = 1;
    cycle();
  }

  void fault(const std::string &what)
  {
    if (broken.empty()) broken = what + " (cycle " + std::to_string(now) + ")";
  }
  void arm(int read, int write, unsigned beat, unsigned code)
  {
    fail_read = read; fail_write = write; fail_beat = beat; fail_code = code;
    reads_seen = writes_seen = 0;
    failed = false;
  }
  bool stalls() { return silent || (throttle && rng.percent(throttle)); }
  bool quiet() const { return reads.empty() && writes.empty() && answers.empty() && beats.empty(); }

  void address(const char *ch, uint32_t addr, unsigned len, unsigned bsize, unsigned type)
  {
    char at[64];
    std::snprintf(at, sizeof at, "%s 0x%08x len %u: ", ch, addr, len);
    uint64_t end = (uint64_t)addr + (len + 1) * kBus;
    if (addr % kBus) fault(std::string(at) + "not aligned to the bus");
    if (type != 1 || (1u << bsize) != kBus || len > 15) fault(std::string(at) + "burst type, size or length");
    if (addr / 4096 != (end - 1) / 4096) fault(std::string(at) + "crosses 4 KiB");
    bool inside = false;
    for (int i = 0; i < 8; i++)   // sizes of this bench are multiples of the bus width, so beats must lie inside exactly
      inside |= addr >= base[i] && end <= (uint64_t)base[i] + size[i];
    if (!inside) fault(std::string(at) + "outside every region");
    if (end > mem.size()) fault(std::string(at) + "outside the memory");
  }

  void cycle()
  {
    Vweft &t = *top;
    // Drive; a valid that was not taken stays.
    if (!(t.m_axi_rvalid && held_r)) {
      t.m_axi_rvalid = 0;
      if (!reads.empty() && reads.front().ready_at <= now && !stalls()) {
        Burst &b = reads.front();
        t.m_axi_rvalid = 1;
        t.m_axi_rlast = b.done + 1 == b.beats;
        t.m_axi_rresp = b.fails && b.done == fail_beat % b.beats ? fail_code : 0;
        std::memcpy(&t.m_axi_rdata, &mem[b.addr + b.done * kBus], kBus);
      }
    }
    if (!(t.m_axi_bvalid && held_b)) {
      t.m_axi_bvalid = 0;
      if (!answers.empty() && answers.front().ready_at <= now && !stalls()) {
        t.m_axi_bvalid = 1;
        t.m_axi_bresp = answers.front().fails ? fail_code : 0;
      }
    }
    t.m_axi_arready = !stalls();
    t.m_axi_awready = !stalls();
    t.m_axi_wready = !stalls();
    t.clk_i = 0;
    t.eval();
    sample();
    t.clk_i = 1;
    t.eval();
    now++;
  }

  void sample()
  {
    Vweft &t = *top;
    if (was_ar && !(t.m_axi_arvalid && t.m_axi_araddr == ar_addr && t.m_axi_arlen == ar_len)) fault("AR withdrawn or changed");
    if (was_aw && !(t.m_axi_awvalid && t.m_axi_awaddr == aw_addr && t.m_axi_awlen == aw_len)) fault("AW withdrawn or changed");
    Beat w;
    std::memset(&w, 0, sizeof w);
    std::memcpy(w.data, &t.m_axi_wdata, kBus);
    w.strb = t.m_axi_wstrb;
    w.last = t.m_axi_wlast;
    if (was_w && !(t.m_axi_wvalid && !std::memcmp(&w, &w_beat, sizeof w))) fault("W withdrawn or changed");
    if (t.m_axi_arvalid && !was_ar) last_address_at = now;
    if (t.m_axi_awvalid && !was_aw) last_address_at = now;
    if (t.m_axi_wvalid && !was_w && w.strb) last_data_at = now;
    was_ar = t.m_axi_arvalid && !t.m_axi_arready;
    was_aw = t.m_axi_awvalid && !t.m_axi_awready;
    was_w = t.m_axi_wvalid && !t.m_axi_wready;
    ar_addr = t.m_axi_araddr; ar_len = t.m_axi_arlen;
    aw_addr = t.m_axi_awaddr; aw_len = t.m_axi_awlen;
    w_beat = w;
    held_r = t.m_axi_rvalid && !t.m_axi_rready;
    held_b = t.m_axi_bvalid && !t.m_axi_bready;
    if (!t.rst_ni) return;

    if (t.m_axi_rvalid && t.m_axi_rready) {
      Burst &b = reads.front();
      if (t.m_axi_rresp) note_failure(b.addr);
      if (++b.done == b.beats) reads.pop_front();
    }
    if (t.m_axi_bvalid && t.m_axi_bready) {
      if (t.m_axi_bresp) note_failure(answers.front().addr);
      answers.pop_front();
    }
    if (t.m_axi_arvalid && t.m_axi_arready) {
      address("AR", t.m_axi_araddr, t.m_axi_arlen, t.m_axi_arsize, t.m_axi_arburst);
      reads.push_back({t.m_axi_araddr, t.m_axi_arlen + 1u, 0, now + (uint64_t)delay(), reads_seen == fail_read});
      reads_seen++;
    }
    if (t.m_axi_awvalid && t.m_axi_awready) {
      address("AW", t.m_axi_awaddr, t.m_axi_awlen, t.m_axi_awsize, t.m_axi_awburst);
      writes.push_back({t.m_axi_awaddr, t.m_axi_awlen + 1u, 0, 0, writes_seen == fail_write});
      writes_seen++;
    }
    if (t.m_axi_wvalid && t.m_axi_wready) beats.push_back(w);
    while (!writes.empty() && !beats.empty()) {
      Burst &b = writes.front();
      const Beat &d = beats.front();
      for (unsigned i = 0; i < kBus; i++)
        if (d.strb >> i & 1) mem[b.addr + b.done * kBus + i] = d.data[i];
      b.done++;
      if (d.last != (b.done == b.beats)) fault("WLAST on the wrong beat");
      if (b.done == b.beats) {
        b.ready_at = now + (uint64_t)delay();
        answers.push_back(b);
        writes.pop_front();
      }
      beats.pop_front();
    }
  }

  uint32_t read(uint32_t offset)
  {
    top->s_axil_araddr = offset;
    top->s_axil_arvalid = 1;
    for (int i = 0; i < 200; i++) {
      top->clk_i = 0;
      top->eval();
      bool taken = top->s_axil_arvalid && top->s_axil_arready, valid = top->s_axil_rvalid;
      uint32_t v = top->s_axil_rdata;
      cycle();
      if (taken) top->s_axil_arvalid = 0;
      if (valid) return v;
    }
    fault("AXI-Lite read not answered");
    return 0;
  }
  uint64_t counter(int index)
  {
    uint64_t lo = read(WEFT_REG_COUNTER0 + 8 * (uint32_t)index);
    return lo | (uint64_t)read(WEFT_REG_COUNTER0 + 8 * (uint32_t)index + 4) << 32;
  }
  void write(uint32_t offset, uint32_t value)
  {
    top->s_axil_awaddr = offset;
    top->s_axil_wdata = value;
    top->s_axil_wstrb = 15;
    top->s_axil_awvalid = top->s_axil_wvalid = 1;
    for (int i = 0; i < 200; i++) {
      top->clk_i = 0;
      top->eval();
      bool aw = top->s_axil_awvalid && top->s_axil_awready, w = top->s_axil_wvalid && top->s_axil_wready, b = top->s_axil_bvalid;
      cycle();
      if (aw) top->s_axil_awvalid = 0;
      if (w) top->s_axil_wvalid = 0;
      if (b) return;
    }
    fault("AXI-Lite write not answered");
  }
  void region(int i, uint32_t b, uint32_t s)
  {
    base[i] = b;
    size[i] = s;
    write(WEFT_REG_REGION0 + 8 * (uint32_t)i, b);
    write(WEFT_REG_REGION0 + 8 * (uint32_t)i + 4, s);
  }

 private:
  bool was_ar = false, was_aw = false, was_w = false, held_r = false, held_b = false;
  uint32_t ar_addr = 0, ar_len = 0, aw_addr = 0, aw_len = 0;
  Beat w_beat;
  int delay() { return latency + (jitter ? (int)rng.below((uint32_t)jitter) : 0); }
  void note_failure(uint32_t addr)
  {
    if (failed) return;
    failed = true;
    failed_addr = addr;
    failed_at = now;
  }
};

#endif
