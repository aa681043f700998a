// SPDX-License-Identifier: Apache-2.0
//
// Test bench of the post-processing unit alone: random CONV results and VEC programs, against the specification's loops.
//
// The bench plays the array (commands, psum vectors), the dispatcher and the buffer, with random stalls everywhere. The reference is
// written from docs/spec.md and shares nothing with the RTL or the machine model but the layout of records and steps. CONV and VEC commands run at the
// same time on disjoint buffer words; the buffer is compared after every command and the event counts at the end of each run.
// usage: tb_ppu [runs] [seed] ; prints its seed, fails with non-zero, stops at ten mismatches.

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "Vppu.h"
#include "verilated.h"

// COLS and LANES come from the command line (-DCOLS= -DLANES=), the same as the Verilated parameters.

namespace {

using u8 = uint8_t;
using i8 = int8_t;
using i32 = int32_t;
using u32 = uint32_t;

std::mt19937 rng;
int pick(int lo, int hi) { return lo + static_cast<int>(rng() % static_cast<u32>(hi - lo + 1)); }
bool chance(int percent) { return pick(1, 100) <= percent; }

struct Mem { u8 b[65536 * 16]; };
Mem mem, want;

struct Record {
  u32 w[32] = {};
  void set(int word, int lsb, int width, int64_t v) {
    const u32 mask = width == 32 ? 0xffffffffu : ((1u << width) - 1u);
    w[word] |= (static_cast<u32>(v) & mask) << lsb;
  }
};

#define O(...)
#define F(cmd, field, word, lsb, width, sgn, text) int64_t cmd##_##field = 0;
struct Fields {
#include "commands.def"
  Record record(const std::string &mine) const;
  void print(size_t i) const;              // of a VEC or TRANSPOSE, fields that are not zero
};
void Fields::print(size_t i) const {
  printf("%zu:", i);
#define O(...)
#define F(cmd, field, word, lsb, width, sgn, text) \
  if (cmd##_##field) printf(" " #cmd "." #field "=%" PRId64, cmd##_##field);
#include "commands.def"
  printf("\n");
}
Record Fields::record(const std::string &mine) const {
  Record r;
#define O(...)
#define F(cmd, field, word, lsb, width, sgn, text) \
  if (mine == #cmd || std::string("HDR") == #cmd) r.set(word, lsb, width, cmd##_##field);
#include "commands.def"
  return r;
}

// ---- arithmetic, in the reference's own words ----
i32 wrap(int64_t x) { return static_cast<i32>(static_cast<u32>(x)); }
i32 srdhm(i32 a, i32 b) {
  int64_t p = static_cast<int64_t>(a) * b;
  p += p >= 0 ? int64_t{1} << 30 : 1 - (int64_t{1} << 30);
  return static_cast<i32>(p / (int64_t{1} << 31));
}
i32 rdp(i32 x, int n) {
  const i32 mask = static_cast<i32>((int64_t{1} << n) - 1);
  return (x >> n) + ((x & mask) > (mask >> 1) + (x < 0) ? 1 : 0);
}
i32 m2(i32 x, i32 mult, int ls, int rs) { return rdp(srdhm(wrap(static_cast<int64_t>(x) << ls), mult), rs); }
i8 clamp(i32 v, const Fields &f, bool conv) {
  const i32 lo = static_cast<i32>(conv ? f.CONV_act_min : f.VEC_act_min), hi = static_cast<i32>(conv ? f.CONV_act_max : f.VEC_act_max);
  v = wrap(static_cast<int64_t>(v) + (conv ? f.CONV_zo : f.VEC_zo));
  return static_cast<i8>(v < lo ? lo : v > hi ? hi : v);
}

struct Scale { i32 mult; int ls, rs; };
Scale random_scale() {
  Scale s;
  s.mult = chance(5) ? 0 : chance(10) ? INT32_MAX : static_cast<i32>(rng() >> pick(1, 4));
  s.ls = chance(60) ? 0 : pick(0, 31);
  s.rs = chance(30) ? 0 : pick(0, 31);
  return s;
}
i32 random_psum() { return chance(10) ? static_cast<i32>(rng()) : static_cast<i32>(rng()) >> pick(0, 24); }

// ---- a CONV command: fields, psum vectors in order, expected writes and counts ----
struct Command {
  Fields f;
  Record r;
  std::vector<std::vector<i32>> psums;
  int64_t words = 0, reads = 0, beats = 0;   // ofmap or result words; parameter or operand words; lane beats
  std::vector<std::pair<u32, u8>> bytes;     // expected bytes, address in bytes
};

u32 at(int64_t word) { return static_cast<u32>(word & 0xffff) * 16; }
void put(Command &c, u32 byte, i8 v) { c.bytes.emplace_back(byte, static_cast<u8>(v)); }

// Buffer: parameters 0x0000-0x0fff and VEC operands 0x1000-0x2fff are inputs; CONV writes 0x4000-.., VEC writes 0x9000-...
// A command's outputs go to its own window so that commands in flight do not overlap.
Command make_conv(int serial, bool big) {
  for (;;) {
    Command c;
    Fields &f = c.f;
    f.HDR_opcode = 3;
    f.CONV_kind = pick(0, 2);
    const bool rows = f.CONV_kind == 0;
    f.CONV_e_cols = pick(1, COLS);
    f.CONV_T = f.CONV_kind == 2 ? 1 : pick(1, COLS / static_cast<int>(f.CONV_e_cols));
    f.CONV_nchain = chance(40) ? 1 : pick(1, 12);
    f.CONV_P = chance(30) ? pick(1, 4) : pick(1, 40);
    f.CONV_MT = f.CONV_P * (rows ? 1 : f.CONV_nchain);
    if (f.CONV_MT > 64) continue;
    const bool tiny = chance(15);            // blocks of a few vectors: parameter banks change faster than beats leave the lanes
    if (tiny && f.CONV_MT > 2) continue;
    f.CONV_NM = tiny ? pick(3, 12) : pick(1, 3);
    f.CONV_OH = tiny ? 1 : pick(1, 7);
    f.CONV_OW = tiny ? 1 : pick(1, 6);
    f.CONV_OW_last = chance(50) ? f.CONV_OW : pick(1, static_cast<int>(f.CONV_OW));
    f.CONV_y_step = f.CONV_e_cols * (rows ? f.CONV_nchain : 1);
    f.CONV_NY = (f.CONV_OH + f.CONV_y_step - 1) / f.CONV_y_step;
    f.CONV_FT = pick(1, static_cast<int>(f.CONV_OW) + 1);
    f.CONV_NX = (f.CONV_OW + f.CONV_FT - 1) / f.CONV_FT;
    const int64_t most = f.CONV_NM * f.CONV_T * f.CONV_MT;
    if (chance(20)) f.CONV_NY = pick(1, static_cast<int>(f.CONV_NY) + 1);     // blocks may leave outputs out, or lie beyond the map
    if (chance(20)) f.CONV_NX = pick(1, static_cast<int>(f.CONV_NX));
    f.CONV_M = chance(15) ? pick(1, static_cast<int>(most) + 5) : chance(40) ? most : pick(static_cast<int>(most - f.CONV_T * f.CONV_MT + 1), static_cast<int>(most));
    f.CONV_out_c0 = chance(40) ? 0 : pick(0, 15);
    bool fits = true;
    for (int64_t b = 0; b < f.CONV_NM * f.CONV_T; b++) {
      const int64_t w = ((f.CONV_out_c0 + b * f.CONV_MT) % 16 + f.CONV_MT + 15) / 16;
      fits = fits && w * (rows ? f.CONV_nchain : 1) <= 8;
    }
    if (!fits) continue;
    const int64_t columns = std::min(f.CONV_OW, f.CONV_NX * f.CONV_FT);
    const int64_t vectors = f.CONV_NM * f.CONV_NY * columns * f.CONV_P * f.CONV_nchain;
    if (vectors > (big ? 6000 : 700)) continue;
    f.CONV_out_pix = (f.CONV_out_c0 + f.CONV_M + 15) / 16 + pick(0, 1);
    f.CONV_out_row = f.CONV_out_pix * f.CONV_OW + pick(0, 2);
    if (f.CONV_out_row * f.CONV_OH > 0x1000) continue;
    f.CONV_out_base = 0x4000 + (serial & 3) * 0x1000;
    f.CONV_param_base = pick(0, 0x0c00);
    f.CONV_zo = pick(-128, 127);
    f.CONV_act_min = chance(50) ? -128 : pick(-128, 127);
    f.CONV_act_max = chance(50) ? 127 : pick(static_cast<int>(f.CONV_act_min), 127);

    c.reads = f.CONV_NM * f.CONV_T * f.CONV_MT;
    auto word32 = [&](int64_t w, int i) { u32 v; memcpy(&v, &mem.b[at(w) + 4 * static_cast<u32>(i)], 4); return v; };
    for (int64_t mb = 0; mb < f.CONV_NM; mb++)
      for (int64_t yb = 0; yb < f.CONV_NY; yb++)
        for (int64_t ox = 0; ox < columns; ox++)
          for (int64_t p = 0; p < f.CONV_P; p++)
            for (int64_t ch = 0; ch < f.CONV_nchain; ch++) {
              std::vector<i32> v(COLS);
              for (int j = 0; j < COLS; j++) {
                v[static_cast<size_t>(j)] = random_psum();
                const int64_t e = j % f.CONV_e_cols, t = j / f.CONV_e_cols;
                if (t >= f.CONV_T) continue;
                const int64_t oy = yb * f.CONV_y_step + (rows ? ch * f.CONV_e_cols : 0) + e;
                const int64_t i = rows ? p : ch * f.CONV_P + p;
                const int64_t m = (mb * f.CONV_T + t) * f.CONV_MT + i;
                if (oy >= f.CONV_OH || (oy == f.CONV_OH - 1 && ox >= f.CONV_OW_last) || m >= f.CONV_M) continue;
                const int64_t e0 = f.CONV_param_base + (mb * f.CONV_T + t) * f.CONV_MT + i;
                const i32 x = wrap(static_cast<int64_t>(v[static_cast<size_t>(j)]) + static_cast<i32>(word32(e0, 0)));
                const u32 sh = word32(e0, 2);
                const i32 r = m2(x, static_cast<i32>(word32(e0, 1)), static_cast<int>(sh & 31), static_cast<int>(sh >> 8 & 31));
                const int64_t a = f.CONV_out_c0 + m;
                const i32 wide = std::clamp<i32>(wrap(int64_t{r} + f.CONV_zo), INT16_MIN, INT16_MAX);
                const i8 byte = !(sh >> 16 & 1) ? clamp(r, f, true) : static_cast<i8>(sh >> 17 & 1 ? wide >> 8 : wide);
                put(c, at(f.CONV_out_base + oy * f.CONV_out_row + ox * f.CONV_out_pix + a / 16) + static_cast<u32>(a % 16), byte);
              }
              c.psums.push_back(v);
            }
    // Words with a valid byte, counted per position, column and chain (ROWS) as the counter is defined.
    for (int64_t mb = 0; mb < f.CONV_NM; mb++)
      for (int64_t y = 0; y < f.CONV_NY * f.CONV_y_step; y++)
        for (int64_t ox = 0; ox < columns; ox++)
          for (int64_t t = 0; t < f.CONV_T; t++) {
            if (y >= f.CONV_OH || (y == f.CONV_OH - 1 && ox >= f.CONV_OW_last)) continue;
            const int64_t m0 = (mb * f.CONV_T + t) * f.CONV_MT, m1 = std::min<int64_t>(m0 + f.CONV_MT, f.CONV_M);
            if (m1 > m0) c.words += (f.CONV_out_c0 + m1 - 1) / 16 - (f.CONV_out_c0 + m0) / 16 + 1;
          }
    c.r = f.record("CONV");
    return c;
  }
}

#include "tb_ppu_vec.h"

// ---- buffer ports ----
struct ReadPort {
  std::deque<std::pair<int64_t, u32>> q;   // cycle of the grant, word
  bool gnt = false;
};

struct Counts { int64_t param = 0, ofmap = 0, rd = 0, wr = 0, psum = 0, beats = 0; };

struct Bench {
  std::unique_ptr<Vppu> t{new Vppu};
  int64_t cycle = 0, bad = 0;
  int stall = 0;                           // percent of refused cycles
  ReadPort pr, vr;
  Counts seen, expect;

  bool compare(const char *what, int serial) {
    if (!memcmp(mem.b, want.b, sizeof mem.b)) return true;
    for (u32 i = 0; i < sizeof mem.b && bad < 10; i++)
      if (mem.b[i] != want.b[i]) {
        printf("%s %d: word 0x%04x byte %u is %d, wants %d (cycle %" PRId64 ")\n", what, serial, i / 16, i % 16,
               static_cast<i8>(mem.b[i]), static_cast<i8>(want.b[i]), cycle);
        bad++;
      }
    return false;
  }
  void read_out(ReadPort &p, u8 &valid, VlWide<4> &data) {
    valid = !p.q.empty() && p.q.front().first + 2 == cycle;
    for (u32 i = 0; i < 4; i++) data[i] = static_cast<u32>(rng());     // rubbish unless valid
    if (valid) {
      memcpy(&data[0], &mem.b[p.q.front().second * 16], 16);
      p.q.pop_front();
    }
  }
  void reset() {
    t->rst_ni = 0;
    t->ccmd_valid_i = t->psum_valid_i = t->vcmd_valid_i = 0;
    t->pr_gnt_i = t->ow_gnt_i = t->vr_gnt_i = t->vw_gnt_i = 0;
    t->pr_rvalid_i = t->vr_rvalid_i = 0;
    for (int i = 0; i < 4; i++) { t->clk_i = 0; t->eval(); t->clk_i = 1; t->eval(); }
    t->rst_ni = 1;
  }
  bool run(std::vector<Command> &conv, std::vector<Command> &vec, int stall_percent, int64_t abort_at);
};

// Both streams from reset to the last done, or until abort_at cycles have passed (then nothing is compared).
// False on a mismatch or when nothing completes for a long time.
bool Bench::run(std::vector<Command> &conv, std::vector<Command> &vec, int stall_percent, int64_t abort_at) {
  stall = stall_percent;
  reset();
  pr.q.clear();
  vr.q.clear();
  seen = Counts();
  cycle = 0;
  size_t csent = 0, cdone = 0, vsent = 0, vdone = 0, pcmd = 0, pvec = 0;
  bool psum_held = false, ccmd_held = false, vcmd_held = false;
  int64_t last = cycle;
  const size_t cn = conv.size(), vn = vec.size();
  // CONV windows are reused by every fourth command: at most two are in flight, so bytes stay comparable at each done.
  while (cdone < cn || vdone < vn) {
    // drive
    if (!ccmd_held) ccmd_held = csent < cn && csent - cdone < 2 && !chance(stall / 2);
    t->ccmd_valid_i = ccmd_held;
    if (csent < cn) memcpy(&t->ccmd_i[0], conv[csent].r.w, 128);
    // psums of a command may only come after the command itself
    if (!psum_held) psum_held = pcmd < csent && !chance(stall);
    t->psum_valid_i = psum_held;
    if (psum_held) memcpy(&t->psum_data_i, conv[pcmd].psums[pvec].data(), COLS * 4);
    if (!vcmd_held) vcmd_held = vsent < vn && !chance(stall / 2);
    t->vcmd_valid_i = vcmd_held;
    if (vsent < vn) memcpy(&t->vcmd_i[0], vec[vsent].r.w, 128);
    read_out(pr, t->pr_rvalid_i, t->pr_rdata_i);
    read_out(vr, t->vr_rvalid_i, t->vr_rdata_i);
    t->pr_gnt_i = !chance(stall);
    t->ow_gnt_i = !chance(stall);
    t->vr_gnt_i = !chance(stall);
    t->vw_gnt_i = !chance(stall);
    t->clk_i = 0;
    t->eval();
    // grants are given to requests only
    t->pr_gnt_i = t->pr_gnt_i && t->pr_req_o;
    t->ow_gnt_i = t->ow_gnt_i && t->ow_req_o;
    t->vr_gnt_i = t->vr_gnt_i && t->vr_req_o;
    t->vw_gnt_i = t->vw_gnt_i && t->vw_req_o;
    t->eval();
    // observe
    if (t->pr_gnt_i) pr.q.emplace_back(cycle, t->pr_addr_o);
    if (t->vr_gnt_i) vr.q.emplace_back(cycle, t->vr_addr_o);
    auto write = [&](u32 word, const VlWide<4> &d, u32 strb) {
      u8 b[16];
      memcpy(b, &d[0], 16);
      for (u32 i = 0; i < 16; i++) if (strb >> i & 1) mem.b[word * 16 + i] = b[i];
    };
    if (t->ow_gnt_i && !t->ow_wstrb_o) { printf("ofmap write without a byte (cycle %" PRId64 ")\n", cycle); bad++; }
    const bool cd = t->cdone_o, vd = t->vdone_o;
    if (cd) {                               // everything of this command was granted in earlier cycles
      if (cdone >= cn) { printf("one CONV completion too many\n"); bad++; break; }
      for (auto &b : conv[cdone].bytes) {
        if (mem.b[b.first] != b.second && bad < 10) {
          printf("CONV %zu: word 0x%04x byte %u is %d, wants %d (cycle %" PRId64 ")\n", cdone, b.first / 16, b.first % 16,
                 static_cast<i8>(mem.b[b.first]), static_cast<i8>(b.second), cycle);
          bad++;
        }
        want.b[b.first] = b.second;
      }
      cdone++;
      last = cycle;
    }
    if (t->ow_gnt_i) write(t->ow_addr_o, t->ow_wdata_o, t->ow_wstrb_o);
    if (t->vw_gnt_i) write(t->vw_addr_o, t->vw_wdata_o, t->vw_wstrb_o);
    if (vd) {                               // in the cycle of the last grant
      if (vdone >= vn) { printf("one VEC completion too many\n"); bad++; break; }
      for (auto &b : vec[vdone].bytes) {
        if (mem.b[b.first] != b.second && bad < 10) {
          printf("VEC %zu: word 0x%04x byte %u is %d, wants %d (cycle %" PRId64 ")\n", vdone, b.first / 16, b.first % 16,
                 static_cast<i8>(mem.b[b.first]), static_cast<i8>(b.second), cycle);
          bad++;
        }
        want.b[b.first] = b.second;
      }
      vdone++;
      last = cycle;
    }
    seen.param += t->ev_buf_param_o;
    seen.ofmap += t->ev_buf_ofmap_o;
    seen.rd += t->ev_buf_vec_rd_o;
    seen.wr += t->ev_buf_vec_wr_o;
    seen.psum += t->ev_psum_out_o;
    seen.beats += t->ev_vec_beats_o;
    if (t->ccmd_valid_i && t->ccmd_ready_o) { csent++; ccmd_held = false; }
    if (t->vcmd_valid_i && t->vcmd_ready_o) { vsent++; vcmd_held = false; }
    if (t->psum_valid_i && t->psum_ready_o) {
      psum_held = false;
      if (++pvec == conv[pcmd].psums.size()) { pvec = 0; pcmd++; }
    }
    t->clk_i = 1;
    t->eval();
    cycle++;
    if (cycle == abort_at) return true;
    if (bad >= 10) return false;
    if (cycle - last > 200000) {
      printf("no progress: CONV %zu of %zu, VEC %zu of %zu, psum vector %zu of command %zu (cycle %" PRId64 ")\n", cdone, cn, vdone, vn, pvec, pcmd, cycle);
      bad++;
      return false;
    }
  }
  if (pcmd != cn) { printf("CONV done before all psums were taken\n"); bad++; }
  return compare("after the run, CONV", static_cast<int>(cn)) && bad == 0;
}

void random_memory(bool halves = true) {
  for (u8 &b : mem.b) b = static_cast<u8>(rng());
  // parameter entries: bias, mult < 2^31, ls, rs, half and high, zeros
  for (u32 w = 0; w < 0x1000; w++) {
    const Scale s = random_scale();
    const u32 e[4] = {static_cast<u32>(random_psum()), static_cast<u32>(s.mult), static_cast<u32>(s.ls | s.rs << 8 | (halves && chance(30) ? pick(0, 3) : 0) << 16), 0};
    memcpy(&mem.b[w * 16], e, 16);
  }
  want = mem;
}

bool check(const char *name, int64_t seen, int64_t expect) {
  if (seen != expect) printf("%s counted %" PRId64 ", wants %" PRId64 "\n", name, seen, expect);
  return seen == expect;
}

// Long commands without stalls: how near to the lanes' limit?
bool speed() {
  Bench b;
  random_memory(false);
  Command v = make_vec(0, true);
  Fields &f = v.f;
  f = Fields();
  f.HDR_opcode = 4;
  f.VEC_n0 = 500, f.VEC_n1 = f.VEC_n2 = f.VEC_k0 = f.VEC_k1 = 1;
  f.VEC_a_base = 0x1000, f.VEC_b_base = 0x1800, f.VEC_out_base = 0x9000;
  f.VEC_a_s0 = f.VEC_b_s0 = f.VEC_out_s0 = 1;
  f.VEC_nsteps = 3;
  Step a, plus_b, result;
  plus_b.fn = FN_B, plus_b.scale = 1, plus_b.into = INTO_ADD;
  result.fn = FN_ACC, result.scale = 2, result.into = INTO_OUT;
  f.VEC_step0 = step_code(a), f.VEC_step1 = step_code(plus_b), f.VEC_step2 = step_code(result);
  f.VEC_mult0 = f.VEC_mult1 = f.VEC_mult2 = 1 << 30;
  f.VEC_act_min = -128, f.VEC_act_max = 127;
  v.bytes.clear();
  for (u32 i = 0; i < 500 * 16; i++) {     // scales of 1/2, the last one 1/2 as well
    const i32 s = m2(static_cast<i8>(mem.b[0x1000 * 16 + i]), 1 << 30, 0, 0) + m2(static_cast<i8>(mem.b[0x1800 * 16 + i]), 1 << 30, 0, 0);
    v.bytes.emplace_back(0x9000 * 16 + i, static_cast<u8>(clamp(m2(s, 1 << 30, 0, 0), f, false)));
  }
  v.r = f.record("VEC");
  std::vector<Command> none, one{v};
  if (!b.run(none, one, 0, 0)) return false;
  const double limit = 500.0 * 3 * 16 / LANES;
  printf("ADD of 500 words: %" PRId64 " cycles, lanes' limit %.0f, %.1f %%\n", b.cycle, limit, 100 * limit / static_cast<double>(b.cycle));
  if (limit / static_cast<double>(b.cycle) < 0.8) return false;

  Command x;                               // 32 blocks of 16 x 16: the transposer takes a word a cycle
  Fields &h = x.f;
  h.HDR_opcode = 5;
  h.TRANSPOSE_rows = h.TRANSPOSE_cols = 16;
  h.TRANSPOSE_n0 = 32, h.TRANSPOSE_n1 = h.TRANSPOSE_in_row = h.TRANSPOSE_out_col = 1;
  h.TRANSPOSE_in_s0 = h.TRANSPOSE_out_s0 = 16;
  h.TRANSPOSE_in_base = 0x1000, h.TRANSPOSE_out_base = 0xc000;
  for (u32 i = 0; i < 32 * 256; i++)
    x.bytes.emplace_back(0xc000 * 16 + i, mem.b[0x1000 * 16 + (i & ~255u) + i % 16 * 16 + i / 16 % 16]);
  x.r = h.record("TRANSPOSE");
  std::vector<Command> blocks{x};
  Bench e;
  if (!e.run(none, blocks, 0, 0)) return false;
  const double rate = 32.0 * 256 / static_cast<double>(e.cycle);
  printf("TRANSPOSE of 32 blocks: %" PRId64 " cycles, %.1f bytes a cycle\n", e.cycle, rate);
  if (rate < 12) return false;

  // Dense CONV: every column an output row, 16 channels. Bound by beats (one vector each) or by words (one column each).
  Command c;
  Fields &g = c.f;
  g.HDR_opcode = 3;
  g.CONV_e_cols = g.CONV_y_step = g.CONV_OH = COLS, g.CONV_OW = g.CONV_OW_last = g.CONV_FT = 20;
  g.CONV_T = g.CONV_nchain = g.CONV_NY = g.CONV_NX = g.CONV_out_pix = 1, g.CONV_NM = 1;
  g.CONV_P = g.CONV_MT = g.CONV_M = 16;
  g.CONV_out_row = 20, g.CONV_out_base = 0x4000, g.CONV_act_min = g.CONV_act_max = 5;
  c.psums.assign(20 * 16, std::vector<i32>(COLS, 0));
  for (u32 i = 0; i < COLS * 20 * 16; i++) c.bytes.emplace_back(0x4000 * 16 + i, 5);
  c.r = g.record("CONV");
  Bench d;
  std::vector<Command> dense(4, c);
  if (!d.run(dense, none, 0, 0)) return false;
  const double most = 4 * 20.0 * std::max(16 * ((COLS + LANES - 1) / LANES), COLS);
  printf("4 CONV commands of 320 vectors: %" PRId64 " cycles, limit %.0f, %.1f %%\n", d.cycle, most, 100 * most / static_cast<double>(d.cycle));
  return most / static_cast<double>(d.cycle) >= 0.8;
}

}  // namespace

int main(int argc, char **argv) {
  const int runs = argc > 1 ? atoi(argv[1]) : 20;
  const u32 seed = argc > 2 ? static_cast<u32>(strtoul(argv[2], nullptr, 0)) : 1;
  printf("tb_ppu: COLS %d PPU_LANES %d, %d runs, seed %u\n", COLS, LANES, runs, seed);
  int64_t cycles = 0, vectors = 0, words = 0;
  for (int r = 0; r < runs; r++) {
    rng.seed(seed * 1000003u + static_cast<u32>(r));
    random_memory();
    std::vector<Command> conv, vec;
    // VEC in place reads what an earlier VEC wrote, so inputs of a later command are computed from the expected memory in order.
    const int mode = r % 3;                // both, CONV alone, VEC alone
    Mem *saved = new Mem(mem);
    if (mode != 2) for (int i = pick(3, 10); i > 0; i--) conv.push_back(make_conv(static_cast<int>(conv.size()), false));
    if (mode != 1)
      for (int i = pick(3, 10); i > 0; i--) {
        vec.push_back(make_vec(static_cast<int>(vec.size()), true));
        for (auto &b : vec.back().bytes) mem.b[b.first] = b.second;
      }
    mem = *saved;
    delete saved;
    Bench b;
    const int stall = r % 4 == 0 ? 0 : pick(0, 70);
    if (chance(30)) {                      // a reset in the middle must leave nothing behind
      const Mem before = mem;
      if (!b.run(conv, vec, stall, pick(1, 2000))) {
        printf("FAILED before the reset of run %d (seed %u), stalls %d %%\n", r, seed, stall);
        return 1;
      }
      mem = want = before;
    }
    if (!b.run(conv, vec, stall, 0)) {
      printf("FAILED in run %d (seed %u), stalls %d %%\n", r, seed, stall);
      for (size_t i = 0; i < vec.size(); i++) vec[i].f.print(i);
      return 1;
    }
    Counts e;
    for (auto &c : conv) e.param += c.reads, e.ofmap += c.words, e.psum += static_cast<int64_t>(c.psums.size());
    for (auto &c : vec) e.rd += c.reads, e.wr += c.words, e.beats += c.beats;
    bool same = check("BUF_PARAM", b.seen.param, e.param);
    same &= check("BUF_OFMAP", b.seen.ofmap, e.ofmap);
    same &= check("BUF_VEC_RD", b.seen.rd, e.rd);
    same &= check("BUF_VEC_WR", b.seen.wr, e.wr);
    same &= check("PSUM_OUT", b.seen.psum, e.psum);
    same &= check("VEC_BEATS", b.seen.beats, e.beats);
    if (!same) {
      printf("FAILED in run %d (seed %u): event counts\n", r, seed);
      return 1;
    }
    cycles += b.cycle, vectors += e.psum, words += e.wr;
  }
  if (!speed()) {
    printf("FAILED: speed\n");
    return 1;
  }
  printf("ok: %" PRId64 " cycles, %" PRId64 " psum vectors, %" PRId64 " VEC words\n", cycles, vectors, words);
  return 0;
}
