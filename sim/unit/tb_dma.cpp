// SPDX-License-Identifier: Apache-2.0
//
// Random test of registers, fetch, dispatch, LOAD, STORE, buffer and AXI master: the whole top with commands for the DMA engines only.
//
// usage: tb_dma COUNT SEED. Each case draws memory timing and a list of LOAD and STORE commands with the waits that it needs, runs it and
// compares memory, buffer, status and counters with a byte-by-byte model; or breaks something (AXI error, window, record, buffer address,
// CTRL.RESET at any cycle, a slave that goes silent first) and checks cause, address, quiet bus, and that the next job is exact again.

#include "axi_bench.h"
#include "draw_fields.h"

namespace {

constexpr size_t kMem = 1 << 20;
constexpr uint32_t kBufWords = WEFT_BUF_WORDS;
constexpr int kFetch = 4;
enum { CMDS = 0, DST = 1, SRC = 2, DUMP = 3 };   // regions

struct Cmd {
  bool store = false;
  uint32_t region = SRC, offset = 0, elem_bytes = 1, elems = 1, n0 = 1, n1 = 1, s0 = 0, s1 = 0;
  uint32_t buf = 0, se = 0, b0 = 0, b1 = 0;
  uint32_t wait_load = 0, wait_store = 0;
  bool waits_load = false, waits_store = false;
};

struct Expect { uint64_t load_beats = 0, store_beats = 0, load_words = 0, store_words = 0; unsigned loads = 0, stores = 0; };

// Walks a command: at(dram offset, buffer word, bytes) for every buffer word, run(offset, bytes) for every run.
template <typename At, typename Run> void walk(const Cmd &c, At at, Run run)
{
  for (uint32_t i1 = 0; i1 < c.n1; i1++)
    for (uint32_t i0 = 0; i0 < c.n0; i0++) {
      uint32_t off = c.offset + i1 * c.s1 + i0 * c.s0, word = c.buf + i1 * c.b1 + i0 * c.b0;
      run(off, c.elems * c.elem_bytes);
      for (uint32_t e = 0; e < c.elems; e++)
        for (uint32_t b = 0; b < c.elem_bytes; b += 16) {
          uint32_t left = c.elem_bytes - b;
          at(off + e * c.elem_bytes + b, (word + e * c.se + b / 16) & 0xffff, left < 16 ? left : 16u);
        }
    }
}

struct Case {
  Bench &b;
  std::vector<uint8_t> buf, mem;   // the model's
  std::vector<Cmd> list;
  std::vector<uint32_t> recs;
  bool drained = true;

  explicit Case(Bench &bench) : b(bench), buf(kBufWords * 16) {}

  // Draws until everything lies inside region and buffer.
  Cmd draw(bool store)
  {
    Rng &r = b.rng;
    for (;;) {
      Cmd c;
      c.store = store;
      c.region = store ? DST : r.percent(85) ? SRC : DST;
      switch (r.below(4)) {
        case 0: c.elem_bytes = r.range(1, 20); break;
        case 1: c.elem_bytes = 16 * r.range(1, 8); break;
        case 2: c.elem_bytes = r.range(1, 200); break;
        default: c.elem_bytes = r.range(1, 5); break;
      }
      c.elems = r.percent(30) ? 1 : r.range(1, 40);
      c.n0 = r.percent(40) ? 1 : r.range(1, 9);
      c.n1 = r.percent(60) ? 1 : r.range(1, 4);
      c.s0 = r.percent(20) ? 16 * r.below(64) : r.below(1500);
      c.s1 = r.below(3000);
      if (r.percent(15)) c.s0 = 0u - c.s0;   // backwards: the sum wraps
      c.offset = r.below(size(c.region));
      if (r.percent(15)) c.offset = size(c.region) - c.elems * c.elem_bytes;   // up to the last byte
      uint32_t words = (c.elem_bytes + 15) / 16;
      c.buf = r.below(kBufWords);
      c.se = r.percent(60) ? words : r.below(2 * words + 2);
      c.b0 = r.percent(50) ? c.elems * c.se : r.below(120);
      c.b1 = r.percent(50) ? c.n0 * c.b0 : r.below(300);
      bool fits = true;
      walk(c, [&](uint32_t, uint32_t w, uint32_t) { fits &= w < kBufWords; },
           [&](uint32_t o, uint32_t n) { fits &= (uint64_t)o + n <= size(c.region); });
      if (fits) return c;
    }
  }
  uint32_t size(uint32_t region) const { return b.size[region]; }

  // Waits: a command waits for the last earlier command of the other engine that it shares buffer words or DRAM bytes with.
  void build(unsigned n)
  {
    std::vector<uint32_t> by_load(kBufWords, 0), by_store(kBufWords, 0);
    uint32_t loads = 0, stores = 0, load_from_dst = 0;
    list.clear();
    Cmd fill;
    fill.elem_bytes = 16;
    fill.elems = kBufWords;
    fill.se = 1;
    for (unsigned i = 0; i < n + 2; i++) {
      Cmd c = i == 0 ? fill : draw(b.rng.percent(50));
      if (i == n + 1) {
        c = fill;
        c.store = true;
        c.region = DUMP;
      }
      uint32_t need = 0;
      walk(c, [&](uint32_t, uint32_t w, uint32_t) {
        uint32_t &other = c.store ? by_load[w] : by_store[w];
        if (other > need) need = other;
        (c.store ? by_store[w] : by_load[w]) = (c.store ? stores : loads) + 1;
      }, [](uint32_t, uint32_t) {});
      if (c.store) {
        if (load_from_dst > need) need = load_from_dst;
        c.wait_load = b.rng.percent(20) ? loads : need;
        c.waits_load = c.wait_load || b.rng.percent(20);
        stores++;
      } else {
        if (c.region == DST) {
          need = stores;
          load_from_dst = loads + 1;
        }
        c.wait_store = b.rng.percent(20) ? stores : need;
        c.waits_store = c.wait_store || b.rng.percent(20);
        loads++;
      }
      list.push_back(c);
    }
  }

  static void put(uint32_t *rec, unsigned bit, unsigned width, uint32_t value)
  {
    rec[bit / 32] |= (width == 32 ? value : value & ((1u << width) - 1)) << (bit % 32);
  }
  void encode()
  {
    recs.assign(list.size() * WEFT_CMD_WORDS, 0);
    for (size_t i = 0; i < list.size(); i++) {
      const Cmd &c = list[i];
      uint32_t *p = &recs[i * WEFT_CMD_WORDS];
      p[0] = (c.store ? WEFT_CMD_STORE : WEFT_CMD_LOAD) | (c.waits_load ? 1u : 0) << (8 + WEFT_ENG_LOAD) |
             (c.waits_store ? 1u : 0) << (8 + WEFT_ENG_STORE) | b.rng.below(65536) << 16;
      p[1] = c.wait_load;
      p[2] = c.wait_store << 16;
      p[3] = c.region;
      p[4] = c.offset;
      p[5] = c.elem_bytes | c.elems << 16;
      p[6] = c.n0 | c.n1 << 16;
      p[7] = c.s0;
      p[8] = c.s1;
      p[9] = c.buf | (c.se & 0xffff) << 16;
      p[10] = (c.b0 & 0xffff) | c.b1 << 16;
    }
    std::memcpy(&b.mem[b.base[CMDS]], recs.data(), recs.size() * 4);
  }

  Expect model()
  {
    Expect x;
    for (const Cmd &c : list) {
      (c.store ? x.stores : x.loads)++;
      walk(c, [&](uint32_t off, uint32_t w, uint32_t n) {
        uint8_t *d = &mem[b.base[c.region] + off], *s = &buf[w * 16];
        if (c.store) std::memcpy(d, s, n);
        else {
          std::memset(s, 0, 16);
          std::memcpy(s, d, n);
        }
        (c.store ? x.store_words : x.load_words)++;
      }, [&](uint32_t off, uint32_t n) {
        uint64_t first = (b.base[c.region] + off) / kBus, last = (b.base[c.region] + off + n - 1) / kBus;
        (c.store ? x.store_beats : x.load_beats) += last - first + 1;
      });
    }
    return x;
  }

  bool fail(const char *what, uint64_t got, uint64_t want)
  {
    std::printf("  %s: RTL 0x%llx, model 0x%llx, cycle %llu\n", what, (unsigned long long)got, (unsigned long long)want,
                (unsigned long long)b.now);
    return false;
  }
  void setup()
  {
    uint32_t at = 128 * b.rng.below(32);
    const uint32_t sizes[4] = {64 * 128, 8192 + 16 * b.rng.below(1000), 16384 + 16 * b.rng.below(1000), kBufWords * 16};
    for (int i = 0; i < 4; i++) {
      b.region(i, at, sizes[i]);
      at += sizes[i] + 128 * b.rng.range(1, 40);
      at = at / 128 * 128;
    }
    for (size_t i = 0; i < b.mem.size(); i++) b.mem[i] = (uint8_t)b.rng.next();
    b.write(WEFT_REG_IRQ_ENABLE, 3);
  }
  void start(uint32_t count)
  {
    mem = b.mem;
    b.write(WEFT_REG_CMD_OFFSET, 0);
    b.write(WEFT_REG_CMD_COUNT, count);
    b.write(WEFT_REG_CTRL, 1);
  }
  bool wait_irq(uint64_t limit)
  {
    for (uint64_t i = 0; i < limit && !b.top->irq_o; i++) b.cycle();
    drained = b.quiet();   // in the cycle of the interrupt, not when software looks
    return b.top->irq_o;
  }
  bool hang(const char *where)
  {
    std::printf("  %s: no interrupt; STATUS 0x%08x, done %u %u, cycle %llu\n", where, b.read(WEFT_REG_STATUS), b.read(WEFT_REG_DONE_LOAD),
                b.read(WEFT_REG_DONE_STORE), (unsigned long long)b.now);
    return false;
  }
  bool same_memory()
  {
    int bad = 0;
    for (size_t i = 0; i < mem.size() && bad < 10; i++)
      if (mem[i] != b.mem[i]) {
        std::printf("  memory 0x%zx: RTL %02x, model %02x\n", i, b.mem[i], mem[i]);
        bad++;
      }
    return !bad;
  }

  // One job, exact.
  bool run_good(unsigned n)
  {
    build(n);
    encode();
    start((uint32_t)list.size());
    Expect x = model();
    if (!wait_irq(400000)) return hang("job");
    bool ok = true;
    auto same = [&](const char *what, uint64_t got, uint64_t want) { if (got != want) ok = fail(what, got, want); };
    same("STATUS", b.read(WEFT_REG_STATUS), 2);
    same("IRQ_STATUS", b.read(WEFT_REG_IRQ_STATUS), 1);
    same("LOAD_BEATS", b.counter(WEFT_CNT_LOAD_BEATS), x.load_beats);
    same("STORE_BEATS", b.counter(WEFT_CNT_STORE_BEATS), x.store_beats);
    same("FETCH_BEATS", b.counter(WEFT_CNT_FETCH_BEATS), list.size() * 128 / kBus);
    same("BUF_LOAD", b.counter(WEFT_CNT_BUF_LOAD), x.load_words);
    same("BUF_STORE", b.counter(WEFT_CNT_BUF_STORE), x.store_words);
    same("DONE_LOAD", b.read(WEFT_REG_DONE_LOAD), x.loads);
    same("DONE_STORE", b.read(WEFT_REG_DONE_STORE), x.stores);
    same("MAC", b.counter(WEFT_CNT_MAC), 0);
    if (!drained) ok = fail("outstanding at DONE", 1, 0);
    b.write(WEFT_REG_IRQ_STATUS, 3);
    b.cycle();
    same("irq_o after acknowledge", b.top->irq_o, 0);
    return same_memory() && ok;
  }

  bool expect_error(uint32_t cause, uint32_t engine, uint32_t addr, int64_t index, bool check_addr)
  {
    bool ok = true;
    uint32_t status = b.read(WEFT_REG_STATUS) & 0xf;
    if (status != 4) ok = fail("STATUS", status, 4);
    if (b.read(WEFT_REG_ERROR_CAUSE) != (cause | engine << 8)) ok = fail("ERROR_CAUSE", b.read(WEFT_REG_ERROR_CAUSE), cause | engine << 8);
    if (check_addr && b.read(WEFT_REG_ERROR_ADDR) != addr) ok = fail("ERROR_ADDR", b.read(WEFT_REG_ERROR_ADDR), addr);
    if (index >= 0 && b.read(WEFT_REG_ERROR_CMD) != (uint64_t)index) ok = fail("ERROR_CMD", b.read(WEFT_REG_ERROR_CMD), (uint64_t)index);
    if (b.read(WEFT_REG_IRQ_STATUS) != 2) ok = fail("IRQ_STATUS", b.read(WEFT_REG_IRQ_STATUS), 2);
    if (!drained) ok = fail("outstanding at ERROR", 1, 0);
    b.write(WEFT_REG_IRQ_STATUS, 3);
    return ok;
  }
  bool reset()
  {
    b.write(WEFT_REG_CTRL, 2);
    for (int i = 0; i < 5000 && (b.read(WEFT_REG_STATUS) & 8); i++) {}
    if (b.read(WEFT_REG_STATUS) != 0) return fail("STATUS after RESET", b.read(WEFT_REG_STATUS), 0);
    if (!b.quiet()) return fail("outstanding after RESET", b.reads.size() + b.writes.size() + b.answers.size(), 0);
    if (b.read(WEFT_REG_ERROR_CAUSE) != 0) return fail("ERROR_CAUSE after RESET", b.read(WEFT_REG_ERROR_CAUSE), 0);
    if (b.read(WEFT_REG_IRQ_ENABLE) != 3) return fail("IRQ_ENABLE after RESET", b.read(WEFT_REG_IRQ_ENABLE), 3);
    if (b.read(WEFT_REG_REGION0 + 8 * SRC + 4) != b.size[SRC]) return fail("REGION after RESET", 0, b.size[SRC]);
    if (b.counter(WEFT_CNT_CYCLES)) return fail("CYCLES after RESET", b.counter(WEFT_CNT_CYCLES), 0);
    return true;
  }
  // Only STOREs write memory, so nothing outside their regions may have changed, whatever broke.
  bool only_destinations_changed()
  {
    for (size_t i = 0; i < mem.size(); i++) {
      bool dst = (i >= b.base[DST] && i < b.base[DST] + b.size[DST]) || (i >= b.base[DUMP] && i < b.base[DUMP] + b.size[DUMP]);
      if (!dst && mem[i] != b.mem[i]) return fail("memory outside the destinations", i, 0);
    }
    return true;
  }

  bool axi_error(bool write)
  {
    unsigned code = b.rng.range(2, 3);
    b.arm(write ? -1 : (int)b.rng.below(60), write ? (int)b.rng.below(60) : -1, b.rng.below(16), code);
    build(b.rng.range(3, 12));
    encode();
    start((uint32_t)list.size());
    if (!wait_irq(400000)) return hang("AXI error");
    if (!b.failed) {   // the list has fewer bursts than that: it must have ended well
      b.arm(-1, -1, 0, 0);
      b.write(WEFT_REG_IRQ_STATUS, 3);
      return b.read(WEFT_REG_STATUS) == 2;
    }
    bool fetch = b.failed_addr >= b.base[CMDS] && b.failed_addr < b.base[CMDS] + b.size[CMDS];
    if (b.last_address_at > b.failed_at + 1) return fail("address after the error", b.last_address_at, b.failed_at);
    if (b.last_data_at > b.failed_at + 1) return fail("data after the error", b.last_data_at, b.failed_at);
    bool ok = expect_error(write ? WEFT_ERR_AXI_WRITE : WEFT_ERR_AXI_READ, write ? WEFT_ENG_STORE : fetch ? kFetch : WEFT_ENG_LOAD,
                           b.failed_addr, -1, true);
    uint32_t index = b.read(WEFT_REG_ERROR_CMD);
    if (!fetch && (index >= list.size() || list[index].store != write)) ok = fail("ERROR_CMD", index, 0);
    b.arm(-1, -1, 0, 0);
    return only_destinations_changed() && reset() && ok;
  }

  bool window(bool fetch)
  {
    build(b.rng.range(2, 8));
    uint32_t victim = b.rng.range(1, (uint32_t)list.size() - 1);
    uint32_t old_size = b.size[CMDS];
    if (!fetch) {
      Cmd &c = list[victim];
      switch (b.rng.below(4)) {
        case 0:   // the run's end sticks out, often by one byte
          c.offset = b.size[c.region] - (b.rng.percent(60) ? c.elems * c.elem_bytes - 1 : b.rng.below(c.elems * c.elem_bytes));
          break;
        case 1: c.offset = b.rng.next() | 0x80000000u; break;
        case 2: c.offset = 0xffffffffu - b.rng.below(64); break;                            // offset + bytes wraps
        default: c.region = 5; b.size[5] = 0; break;                                        // a region nobody set
      }
    } else b.region(CMDS, b.base[CMDS], 128 * victim);
    encode();
    // The first burst outside: bursts are cut at aligned blocks of 16 beats.
    uint32_t addr = 0;
    bool found = fetch;
    if (fetch) addr = b.base[CMDS] + 128 * victim;
    else {
      const Cmd &c = list[victim];
      walk(c, [](uint32_t, uint32_t, uint32_t) {}, [&](uint32_t off, uint32_t n) {
        uint64_t o = off, end = o + n;
        while (!found && o < end) {
          uint64_t block = 16 * kBus - (b.base[c.region] + o) % (16 * kBus), m = end - o < block ? end - o : block;
          if (o + m > b.size[c.region] || b.base[c.region] + o + m > 0x100000000ull) {
            found = true;
            addr = (uint32_t)(b.base[c.region] + o);
          }
          o += m;
        }
      });
    }
    if (!found) return true;
    start((uint32_t)list.size());
    if (!wait_irq(400000)) return hang("window");
    bool ok = expect_error(WEFT_ERR_WINDOW, fetch ? kFetch : list[victim].store ? WEFT_ENG_STORE : WEFT_ENG_LOAD, addr, victim, true);
    if (!reset()) ok = false;
    if (fetch) b.region(CMDS, b.base[CMDS], old_size);
    return only_destinations_changed() && ok;
  }

  bool record()
  {
    build(b.rng.range(2, 8));
    uint32_t victim = b.rng.below((uint32_t)list.size());
    Cmd &c = list[victim];
    uint32_t cause = WEFT_ERR_FIELD;
    unsigned what = b.rng.below(6);
    if (what == 0) c.elems = 0;
    if (what == 1) c.elem_bytes = 0;
    if (what == 2) c.n0 = 0;
    if (what == 3) c.n1 = 0;
    encode();
    uint32_t *p = reinterpret_cast<uint32_t *>(&b.mem[b.base[CMDS] + 128 * victim]);
    if (what == 4) {
      cause = WEFT_ERR_RESERVED;
      static const unsigned bits[] = {12, 13, 14, 15, 99, 127};   // of header and region; the rest from word 11 on
      unsigned bit = b.rng.percent(30) ? bits[b.rng.below(6)] : b.rng.range(11 * 32, 1023);
      p[bit / 32] |= 1u << (bit % 32);
    }
    if (what == 5) {
      cause = WEFT_ERR_OPCODE;
      p[0] = (p[0] & ~0xffu) | (b.rng.percent(30) ? 0 : b.rng.range(5, 255));
    }
    start((uint32_t)list.size());
    if (!wait_irq(400000)) return hang("record");
    bool ok = expect_error(cause, kFetch, 0, victim, true);
    return only_destinations_changed() && reset() && ok;
  }

  bool buffer_address()
  {
    build(b.rng.range(2, 8));
    uint32_t victim = b.rng.range(1, (uint32_t)list.size() - 1);
    Cmd &c = list[victim];
    c.buf = b.rng.range(kBufWords, 65535);
    c.se = c.b0 = c.b1 = 0;
    encode();
    start((uint32_t)list.size());
    if (!wait_irq(400000)) return hang("buffer address");
    bool ok = expect_error(WEFT_ERR_BUFFER, c.store ? WEFT_ENG_STORE : WEFT_ENG_LOAD, 0, victim, true);
    return only_destinations_changed() && reset() && ok;
  }

  bool reset_in_the_middle()
  {
    build(b.rng.range(3, 12));
    encode();
    start((uint32_t)list.size());
    for (uint32_t i = b.rng.below(b.rng.percent(50) ? 300 : 3000); i; i--) b.cycle();
    if (b.rng.percent(40)) {   // a slave that answers nothing for a while keeps RESETTING up, then all is well
      b.silent = true;
      for (int i = 0; i < 100; i++) b.cycle();
      b.write(WEFT_REG_CTRL, 2);
      for (int i = 0; i < 100; i++) b.cycle();
      b.silent = false;
    }
    bool ok = reset();
    b.write(WEFT_REG_IRQ_STATUS, 3);
    return only_destinations_changed() && ok;
  }

  // A wait that no earlier command fulfils: on a later command, on itself, or beyond the end.
  bool bad_wait()
  {
    build(b.rng.range(2, 8));
    uint32_t victim = b.rng.range(1, (uint32_t)list.size() - 1), loads = 0, stores = 0;
    for (uint32_t i = 0; i < victim; i++) (list[i].store ? stores : loads)++;
    Cmd &c = list[victim];
    if (b.rng.percent(50)) {
      c.waits_load = true;
      c.wait_load = loads + b.rng.range(1, 3);
    } else {
      c.waits_store = true;
      c.wait_store = stores + b.rng.range(1, 3);
    }
    bool own = c.store ? c.waits_store && c.wait_store > stores : c.waits_load && c.wait_load > loads;
    // A wait on the other engine is fulfilled when enough of its later commands can run; only a wait on its own engine never is.
    if (!own) (c.store ? c.wait_load : c.wait_store) += 1000;
    encode();
    start((uint32_t)list.size());
    if (!wait_irq(400000)) return hang("bad wait");
    bool ok = expect_error(WEFT_ERR_WAIT, c.store ? WEFT_ENG_STORE : WEFT_ENG_LOAD, 0, victim, true);
    return only_destinations_changed() && reset() && ok;
  }

  // CONV, VEC and TRANSPOSE commands with legal fields and any addresses, beside LOAD and STORE, without waits: nonsense that must end, in DONE or in
  // an error of the buffer, with a quiet bus and nothing written outside the destinations.
  bool nonsense(const weft_config_t *cfg)
  {
    FieldRng r{b.rng.next() | 1};
    build(b.rng.range(3, 8));
    encode();
    for (size_t i = 1; i + 1 < list.size(); i++) {
      if (r.percent(30)) continue;
      weft_cmd_t c;
      for (;;) {
        std::memset(&c, 0, sizeof c);
        if (r.percent(70)) {
          draw_conv(r, cfg, &c.conv);
          weft_conv_t &v = c.conv;
          if (v.OH > 60 || v.OW > 60 || v.NM * v.NY * v.NX * v.folds * v.FT * v.P * v.K > 50000) continue;
          int64_t *any[] = {&v.in_base, &v.in_row, &v.in_pix, &v.filt_base, &v.param_base, &v.out_base, &v.out_row, &v.out_pix, &v.g_step};
          for (int64_t *p : any) *p = r.percent(3) ? r.range(0, 65535) : r.range(0, 9);
          v.pad_top = r.range(0, 3);
          v.pad_left = r.range(0, 3);
          v.zx = r.range(-128, 127);
          v.zw = r.range(-128, 127);
        } else if (r.percent(30)) {
          draw_transpose(r, &c.transpose);
          weft_transpose_t &v = c.transpose;
          int64_t *any[] = {&v.in_base, &v.out_base, &v.in_row, &v.in_s0, &v.in_s1, &v.out_col, &v.out_s0, &v.out_s1};
          for (int64_t *p : any) *p = r.percent(2) ? r.range(0, 65535) : r.range(0, 20);
        } else {
          draw_vec(r, &c.vec);
          weft_vec_t &v = c.vec;
          int64_t *any[] = {&v.a_base, &v.b_base, &v.out_base, &v.t0_base, &v.t1_base, &v.a_s0, &v.a_s1, &v.a_s2, &v.a_k0, &v.a_k1, &v.b_s0, &v.out_s0,
                            &v.out_s1, &v.out_k0, &v.out_k1};
          for (int64_t *p : any) *p = r.percent(2) ? r.range(0, 65535) : r.range(0, 20);
        }
        if (weft_legal(cfg, &c, nullptr) == 0) break;
      }
      if (weft_cmd_pack(&c, reinterpret_cast<uint32_t *>(&b.mem[b.base[CMDS] + 128 * i]))) return fail("pack", i, 0);
    }
    // Waits of the DMA commands may now name counts that nobody reaches: take them out.
    for (size_t i = 0; i < list.size(); i++) b.mem[b.base[CMDS] + 128 * i + 1] &= 0xf0;
    start((uint32_t)list.size());
    if (!wait_irq(3000000)) return hang("nonsense");
    uint32_t status = b.read(WEFT_REG_STATUS) & 0xf, cause = b.read(WEFT_REG_ERROR_CAUSE) & 0xff;
    bool ok = status == 2 || (status == 4 && cause == WEFT_ERR_BUFFER);
    (status == 2 ? ended_done : ended_error)++;
    if (!ok) fail("nonsense: STATUS, ERROR_CAUSE", status << 8 | cause, 0x200);
    if (!drained) ok = fail("outstanding at the end", 1, 0);
    b.write(WEFT_REG_IRQ_STATUS, 3);
    return only_destinations_changed() && reset() && ok;
  }
  static long ended_done, ended_error;

  bool bad_start()
  {
    build(b.rng.range(3, 6));
    encode();
    bool busy = b.rng.percent(50);
    start(busy ? (uint32_t)list.size() : 0);
    if (busy) b.write(WEFT_REG_CTRL, 1);
    if (!wait_irq(400000)) return hang("bad START");
    return expect_error(WEFT_ERR_START, kFetch, 0, -1, false) && reset() && only_destinations_changed();
  }
};

long Case::ended_done = 0, Case::ended_error = 0;

// Rates with a latency of 32 and nothing else in the way: cycles of one command against beats or words.
bool rates()
{
  bool ok = true;
  struct Rate { const char *what; bool store; uint32_t elem_bytes, elems, n0, s0, off; } list[] = {
    {"LOAD  16-byte elements", false, 16, 1000, 1, 0, 0}, {"LOAD  3-byte elements", false, 3, 1000, 1, 0, 5},
    {"LOAD  one-beat runs", false, kBus, 1, 1000, kBus + 16, 0}, {"LOAD  unaligned 160-byte elements", false, 160, 100, 1, 0, 3},
    {"STORE 16-byte elements", true, 16, 1000, 1, 0, 0}, {"STORE 3-byte elements", true, 3, 1000, 1, 0, 5},
    {"STORE one-beat runs", true, kBus, 1, 1000, kBus + 16, 0}, {"STORE unaligned 160-byte elements", true, 160, 100, 1, 0, 3}};
  for (const Rate &r : list) {
    Bench b(kMem, 7);
    b.latency = 32;
    Case c(b);
    b.region(CMDS, 0, 8192);
    b.region(DST, 8192, 65536);
    Cmd m;
    m.store = r.store;
    m.region = DST;
    m.offset = r.off;
    m.elem_bytes = r.elem_bytes;
    m.elems = r.elems;
    m.se = (r.elem_bytes + 15) / 16;
    m.n0 = r.n0;
    m.s0 = r.s0;
    m.b0 = 1;
    c.list.push_back(m);
    c.encode();
    c.start(1);
    b.write(WEFT_REG_IRQ_ENABLE, 3);
    if (!c.wait_irq(100000)) return c.hang("rate");
    uint64_t beats = b.counter(r.store ? WEFT_CNT_STORE_BEATS : WEFT_CNT_LOAD_BEATS);
    uint64_t words = b.counter(r.store ? WEFT_CNT_BUF_STORE : WEFT_CNT_BUF_LOAD);
    uint64_t busy = b.counter(r.store ? WEFT_CNT_BUSY_STORE : WEFT_CNT_BUSY_LOAD), least = beats > words ? beats : words;
    bool good = busy <= least + 100 && b.read(WEFT_REG_STATUS) == 2 && b.broken.empty();
    std::printf("%-36s bus %2u: %5llu beats %5llu words %5llu cycles%s\n", r.what, kBus, (unsigned long long)beats, (unsigned long long)words,
                (unsigned long long)busy, good ? "" : "  TOO SLOW");
    ok &= good;
  }
  return ok;
}

}  // namespace

int main(int argc, char **argv)
{
  if (argc != 3) {
    std::fprintf(stderr, "usage: tb_dma COUNT SEED\n");
    return 2;
  }
  long count = std::atol(argv[1]), failures = 0;
  uint64_t seed = std::strtoull(argv[2], nullptr, 0), kinds[11] = {0};
  static const char *const names[11] = {"job", "read error", "write error", "window", "fetch window", "record", "buffer address", "reset", "bad START", "bad wait", "nonsense"};
  weft_config_t cfg = *weft_config_find("tiny");
  cfg.bus_bytes = kBus;
  if (!rates()) failures++;
  for (long i = 0; i < count && failures < 10; i++) {
    uint64_t s = seed + (uint64_t)i;
    Bench b(kMem, s);
    Case c(b);
    b.throttle = b.rng.percent(30) ? 0 : b.rng.below(85);
    b.latency = (int)b.rng.range(1, 40);
    b.jitter = b.rng.percent(50) ? 0 : 30;
    c.setup();
    bool ok = true;
    unsigned kind = 0;
    for (int turn = 0; turn < 3 && ok; turn++) {   // something breaks, then a job must be exact
      kind = turn == 2 || b.rng.percent(20) ? 0 : b.rng.range(1, 10);
      kinds[kind]++;
      switch (kind) {
        case 0: ok = c.run_good(b.rng.range(1, 20)); break;
        case 1: ok = c.axi_error(false); break;
        case 2: ok = c.axi_error(true); break;
        case 3: ok = c.window(false); break;
        case 4: ok = c.window(true); break;
        case 5: ok = c.record(); break;
        case 6: ok = c.buffer_address(); break;
        case 7: ok = c.reset_in_the_middle(); break;
        case 8: ok = c.bad_start(); break;
        case 9: ok = c.bad_wait(); break;
        default: ok = c.nonsense(&cfg); break;
      }
      if (!b.broken.empty()) {
        std::printf("  bus rule: %s\n", b.broken.c_str());
        ok = false;
      }
    }
    b.top->final();
    if (!ok) {
      std::printf("FAIL seed %llu (%s), bus %u, throttle %u, latency %d+%d\n", (unsigned long long)s, names[kind], kBus, b.throttle, b.latency, b.jitter);
      failures++;
    }
  }
  for (int k = 0; k < 11; k++) std::printf("%s %llu%s", names[k], (unsigned long long)kinds[k], k < 10 ? ", " : "\n");
  std::printf("nonsense ended in DONE %ld times, in an error %ld times\n", Case::ended_done, Case::ended_error);
  std::printf("tb_dma bus %u: %ld cases from seed %llu, %ld failed\n", kBus, count, (unsigned long long)seed, failures);
  return failures ? 1 : 0;
}
