// SPDX-License-Identifier: Apache-2.0
//
// Unit test of rtl/array and rtl/noc: random legal CONV commands on array_engine, every psum vector and every exact event count
// against a direct evaluation of the specification's sums (docs/spec.md, section 4).
//
// Some are chains of commands whose psums stay in the accumulators. Commands follow each other without pause or with one, grants and psum_ready stall at random, some runs are reset half-way.
// The bench owns a small buffer model (64 Ki words, so every address is legal), a collector that takes vectors in
// the specification's order. Usage: tb_array [seed=N] [batches=N] [cmds=N] [perf] [verbose]. Exit code 1 on a mismatch.
// Build: one binary per configuration, CONFIG names it (see docs/spec/configs.def), Verilator's -G gives the same parameters.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <vector>
#include "Varray_engine.h"
#include "verilated.h"
extern "C" {
#include "weft_spec.h"
}

static const weft_config_t *cfg;
static uint64_t rng = 1;

static uint32_t rnd()                            // xorshift64*
{
  rng ^= rng >> 12; rng ^= rng << 25; rng ^= rng >> 27;
  return uint32_t((rng * 2685821657736338717ull) >> 32);
}
static int pick(int lo, int hi) { return hi <= lo ? lo : lo + int(rnd() % uint32_t(hi - lo + 1)); }
static bool chance(int percent) { return int(rnd() % 100) < percent; }
static int ceil_div(int a, int b) { return (a + b - 1) / b; }
static int gcd(int a, int b) { return b ? gcd(b, a % b) : a; }

struct Counts { uint64_t noc_ifmap, noc_zero, buf_ifmap, noc_filter, buf_filter, issue, mac, acc_read, acc_write; };

struct Command {
  weft_conv_t c;
  uint32_t rec[WEFT_CMD_WORDS];
  std::vector<int8_t> filt;                      // the filter image in sequence: (mb, fold, t, ftag, byte)
  int nf, seq;                                   // filter tags; bytes of a PE's sequence, padded to packets
};

static std::vector<uint8_t> mem;                 // the buffer, 16 bytes a word
static int image_end;                            // words used by filter images

// ---- what the specification says ----
static int8_t ifmap(const weft_conv_t &c, int y, int x, int ch, bool *inside)
{
  *inside = y >= 0 && y < c.in_h && x >= 0 && x < c.in_w && !(y == c.in_h - 1 && x >= c.in_w_last);
  if (!*inside) return 0;
  uint16_t w = uint16_t(c.in_base + y * c.in_row + x * c.in_pix + ch / 16);
  return int8_t(mem[w * 16 + ch % 16]);
}

static int8_t &filter(Command &k, int mb, int f, int t, int tag, int byte)
{
  return k.filt[((((size_t)mb * k.c.folds + f) * k.c.T + t) * k.nf + tag) * k.seq + byte];
}

static int32_t own_psum(Command &k, int mb, int yb, int xb, int x, int p, int chain, int col)
{
  const weft_conv_t &c = k.c;
  int L = cfg->lanes, Q = 1 << c.qw_lg, q = L << c.qw_lg, e = col % c.e_cols, t = col / c.e_cols;
  int oy = yb * c.y_step + (c.kind == WEFT_CHAIN_ROWS ? chain * c.e_cols : 0) + e;
  int32_t sum = 0;
  for (int f = 0; f < c.folds; f++)
    for (int kk = 0; kk < c.chain_len; kk++) {
      int row = chain * c.chain_len + kk;
      int n = f * c.pairs + (c.kind == WEFT_CHAIN_GROUPS ? row : kk);
      if (n >= c.R * c.groups) continue;
      int r = n % c.R, g = n / c.R, tag = c.kind == WEFT_CHAIN_ROWS ? kk : row;
      int y = oy * c.stride_y - c.pad_top + r * c.dil_y;
      for (int s = 0; s < c.S; s++) {
        int xi = (xb * c.FT + x) * c.stride_x - c.pad_left + s * c.dil_x;
        for (int w = 0; w < Q; w++)
          for (int l = 0; l < L; l++) {
            bool in;
            int v = ifmap(c, y, xi, (mb * c.g_step + g) * q + w * L + l, &in);
            if (in) sum += (filter(k, mb, f, t, tag, ((p * c.S + s) * Q + w) * L + l) - c.zw) * (v - c.zx);
          }
      }
    }
  return sum;
}

// What the lanes get of command i: with the sums of the commands before it that were left for it.
static int32_t psum(std::vector<Command> &cmds, size_t i, int mb, int yb, int xb, int x, int p, int chain, int col)
{
  int32_t sum = own_psum(cmds[i], mb, yb, xb, x, p, chain, col);
  while (cmds[i].c.psum_in) sum += own_psum(cmds[--i], mb, yb, xb, x, p, chain, col);
  return sum;
}

static void expect_counts(const Command &k, Counts *n)
{
  const weft_conv_t &c = k.c;
  int net = cfg->net_bytes, q = cfg->lanes << c.qw_lg;
  int E = c.e_cols * (c.kind == WEFT_CHAIN_ROWS ? c.nchain : 1);
  uint64_t loads = c.folds == 1 ? c.NM : c.NM * c.NY * c.NX * c.folds;
  n->noc_filter += loads * c.filt_pkts * c.T * k.nf;
  n->buf_filter += loads * ceil_div(c.filt_pkts * c.T * k.nf * net, 16);
  for (int mb = 0; mb < c.NM; mb++) for (int yb = 0; yb < c.NY; yb++) for (int xb = 0; xb < c.NX; xb++)
    for (int f = 0; f < c.folds; f++) {
      int F = c.OW - xb * c.FT < c.FT ? c.OW - xb * c.FT : c.FT;
      uint64_t vectors = (uint64_t)F * c.P * c.nchain;
      n->issue += (uint64_t)F * c.P * c.K;
      n->mac += (uint64_t)F * c.P * c.K * c.chain_len * c.nchain * c.e_cols * c.T * cfg->lanes;
      if (f > 0 || c.psum_in) n->acc_read += vectors;
      if (f < c.folds - 1 || c.psum_out) n->acc_write += vectors;
      int n0 = f * c.pairs, n1 = n0 + c.pairs - 1;
      if (n1 >= c.R * c.groups) n1 = c.R * c.groups - 1;
      int gf = n0 / c.R + mb * c.g_step, gl = n1 / c.R + mb * c.g_step;
      for (int ix = 0; ix < (F - 1) * c.stride_x + (c.S - 1) * c.dil_x + 1; ix++)
        for (int cb = gf * q / net; cb <= (gl * q + q - 1) / net; cb++) {
          int g = cb * net / q;
          int rlo = q < net ? n0 % c.R : g == gf ? n0 % c.R : 0, rhi = q < net ? n1 % c.R : g == gl ? n1 % c.R : c.R - 1;
          for (int e = 0; e < E; e++) {
            int first = rhi - c.rsh + 1;
            for (int r = e < c.k0 || first < rlo ? rlo : first; r <= rhi; r++) {
              bool in;
              ifmap(c, yb * c.y_step * c.stride_y - c.pad_top + r * c.dil_y + c.stride_y * e,
                    xb * c.FT * c.stride_x - c.pad_left + ix, 0, &in);
              n->noc_ifmap++;
              if (in) n->buf_ifmap++; else n->noc_zero++;
            }
          }
        }
    }
}

// ---- random legal commands ----
static void finish(Command &k)                   // derived fields, filter image, record
{
  weft_conv_t &c = k.c;
  int net = cfg->net_bytes, L = cfg->lanes, Q = 1 << c.qw_lg, g = gcd(c.stride_y, c.dil_y);
  c.opcode = WEFT_CMD_CONV;
  c.K = c.S * Q;
  c.k0 = c.dil_y / g;
  c.rsh = c.stride_y / g;
  c.r_span = c.R * c.dil_y;
  c.pair_dr = c.pairs % c.R;
  c.pair_dg = c.pairs / c.R;
  c.folds = ceil_div(c.R * c.groups, c.pairs);
  c.filt_pkts = ceil_div(c.P * c.K * L, net);
  c.y_step = c.e_cols * (c.kind == WEFT_CHAIN_ROWS ? c.nchain : 1);
  c.NX = ceil_div(c.OW, c.FT);
  c.OW_last = c.OW;
  c.MT = c.P * (c.kind == WEFT_CHAIN_ROWS ? 1 : c.nchain);
  c.M = c.NM * c.T * c.MT;
  c.act_min = -128; c.act_max = 127;
  k.nf = c.kind == WEFT_CHAIN_ROWS ? c.chain_len : c.chain_len * c.nchain;
  k.seq = c.filt_pkts * net;
  k.filt.assign((size_t)c.NM * c.folds * c.T * k.nf * k.seq, 0);
  c.filt_base = image_end;
  for (int mb = 0; mb < c.NM; mb++)
    for (int f = 0; f < c.folds; f++) {
      size_t at = (size_t)image_end * 16;
      for (int t = 0; t < c.T; t++) for (int tag = 0; tag < k.nf; tag++) {
        bool none = f * c.pairs + (c.kind == WEFT_CHAIN_FILTERS ? tag % c.chain_len : tag) >= c.R * c.groups;
        for (int b = 0; b < k.seq; b++) filter(k, mb, f, t, tag, b) = int8_t(none ? c.zw : (int)(rnd() & 255));
      }
      for (int pk = 0; pk < c.filt_pkts; pk++) for (int t = 0; t < c.T; t++) for (int tag = 0; tag < k.nf; tag++)
        for (int b = 0; b < net; b++) mem[at++ % mem.size()] = uint8_t(filter(k, mb, f, t, tag, pk * net + b));
      image_end += ceil_div(c.filt_pkts * c.T * k.nf * net, 16);
    }
  weft_cmd_t cmd;
  cmd.conv = c;
  const char *bad = weft_cmd_pack(&cmd, k.rec);
  if (bad) { printf("bench: field %s does not fit\n", bad); exit(2); }
}

// like: NULL, or the command before, whose psums this one goes on with; stays: its own psums stay
static bool random_command(Command &k, const weft_conv_t *like, bool stays)
{
  weft_conv_t &c = k.c;
  memset(&c, 0, sizeof c);
  c.psum_in = like != nullptr;
  c.psum_out = stays;
  int L = cfg->lanes, words = cfg->fspad_bytes / L, rows = cfg->rows;
  c.kind = like ? like->kind : pick(0, 2);
  c.R = chance(20) ? pick(1, 9) : pick(1, 4);
  c.S = chance(20) ? pick(1, 9) : pick(1, 4);
  c.qw_lg = pick(0, WEFT_MAX_QW_LG);
  c.stride_y = chance(50) ? 1 : pick(1, 5);
  c.stride_x = chance(50) ? 1 : pick(1, 5);
  c.dil_y = chance(60) ? 1 : pick(1, 4);
  c.dil_x = chance(60) ? 1 : pick(1, 4);
  int Q = 1 << c.qw_lg, K = c.S * Q, q = L * Q;
  if (((c.S - 1) * c.dil_x + 1) * Q > WEFT_WINDOW_WORDS || K > words) return false;
  if (c.kind == WEFT_CHAIN_GROUPS && chance(70)) {
    if (c.R > rows) return false;
    c.chain_len = c.R;
    c.nchain = like ? like->nchain : pick(1, rows / c.R < K ? rows / c.R : K);
    c.groups = c.nchain;
    c.pairs = c.R * c.nchain;
  } else {
    c.chain_len = pick(1, rows);
    c.nchain = chance(40) ? 1 : pick(1, rows / c.chain_len < K ? rows / c.chain_len : K);
    c.groups = c.kind == WEFT_CHAIN_GROUPS ? 1 : pick(1, 6);
    if (c.kind == WEFT_CHAIN_GROUPS) c.nchain = 1;
    c.pairs = c.chain_len;
    if (q < cfg->net_bytes && c.groups != 1) {
      if (c.R > rows) return false;
      c.pairs = c.chain_len = c.R * pick(1, rows / c.R);
      c.nchain = pick(1, rows / c.chain_len < K ? rows / c.chain_len : K);
    }
  }
  if (like) {
    if (c.kind != WEFT_CHAIN_GROUPS) c.nchain = like->nchain;
    if (c.nchain != like->nchain || c.nchain * c.chain_len > rows || c.nchain > K || like->P > words / K) return false;
  }
  c.e_cols = pick(1, cfg->cols);
  c.T = c.kind == WEFT_CHAIN_GROUPS ? 1 : pick(1, cfg->cols / c.e_cols);
  int chains = c.kind == WEFT_CHAIN_ROWS ? 1 : c.nchain;
  int p_max = words / K;
  if (p_max * chains > WEFT_PARAM_DEPTH) p_max = WEFT_PARAM_DEPTH / chains;
  if (p_max * c.nchain > WEFT_ACC_DEPTH) p_max = WEFT_ACC_DEPTH / c.nchain;
  c.P = chance(30) ? pick(1, p_max) : pick(1, p_max < 4 ? p_max : 4);
  int ft_max = WEFT_ACC_DEPTH / (c.P * c.nchain);
  c.OW = chance(30) ? pick(1, 3) : pick(1, 12);
  if (stays && c.OW > ft_max) c.OW = ft_max;
  c.FT = stays ? c.OW : pick(1, ft_max < c.OW ? ft_max : c.OW);
  c.NM = pick(1, 3);
  c.NY = pick(1, 3);
  if (stays) c.NM = c.NY = 1;
  if (like) {
    c.e_cols = like->e_cols;
    c.T = like->T;
    c.P = like->P;
    c.OW = like->OW;
    c.FT = like->FT;
    c.NM = c.NY = 1;
  }
  c.OH = 1;                                      // for the collector only
  c.g_step = chance(50) ? 0 : c.groups;
  c.pad_top = pick(0, 3);
  c.pad_left = pick(0, 3);
  int E = c.e_cols * (c.kind == WEFT_CHAIN_ROWS ? c.nchain : 1);
  int h = (c.NY * E - 1) * c.stride_y + (c.R - 1) * c.dil_y + 1 - c.pad_top;
  int w = (c.OW - 1) * c.stride_x + (c.S - 1) * c.dil_x + 1 - c.pad_left;
  c.in_h = h + pick(-4, 2) < 1 ? 1 : h + pick(-4, 2);
  c.in_w = w + pick(-4, 2) < 1 ? 1 : w + pick(-4, 2);
  if (c.in_h < 1) c.in_h = 1;
  if (c.in_w < 1) c.in_w = 1;
  c.in_w_last = chance(50) ? c.in_w : pick(1, c.in_w);
  c.in_base = rnd() & 0xffff;
  c.in_pix = pick(1, 40);
  c.in_row = rnd() & 0xfff;
  c.zx = int8_t(rnd());
  c.zw = chance(50) ? 0 : int8_t(rnd());
  c.tag = rnd() & 0xffff;
  double macs = (double)c.NM * c.NY * c.OW * c.P * c.nchain * c.e_cols * c.T * K * L * ceil_div(c.R * c.groups, c.pairs) * c.chain_len;
  if (macs > 1.5e6) return false;
  finish(k);
  return true;
}

// ---- the bench ----
struct Bench {
  Varray_engine top;
  uint64_t cycle = 0, issue_first = 0, issue_last = 0, stall_f = 0, stall_w = 0, stall_o = 0;
  Counts seen{};
  int gnt = 100, ready = 100, gap = 0;           // percent
  bool quick = false;                            // do not evaluate the sums: measure only

  void edge() { top.clk_i = 1; top.eval(); top.clk_i = 0; top.eval(); cycle++; }
  void reset()
  {
    top.rst_ni = 0; top.cmd_valid_i = 0; top.if_gnt_i = 0; top.fl_gnt_i = 0; top.if_rvalid_i = 0; top.fl_rvalid_i = 0;
    top.ccmd_ready_i = 0; top.psum_ready_i = 0; top.cdone_i = 0; top.clk_i = 0;
    for (int i = 0; i < 5; i++) edge();
    top.rst_ni = 1;
  }
  int run(std::vector<Command> &cmds, uint64_t stop = ~0ull);   // stop: give up at that cycle (a reset follows)
};

static void word_to(uint32_t *port, int addr)
{
  for (int i = 0; i < 4; i++) memcpy(&port[i], &mem[addr * 16 + i * 4], 4);
}

int Bench::run(std::vector<Command> &cmds, uint64_t stop)
{
  size_t next_cmd = 0, next_cc = 0, cur = 0, done = 0, given = 0;   // given: commands whose end the collector has told, and those before
  std::deque<uint64_t> done_at;
  int mb = 0, yb = 0, xb = 0, x = 0, p = 0, ch = 0, errors = 0;
  int if_pipe[2] = {-1, -1}, fl_pipe[2] = {-1, -1};
  uint64_t last_progress = cycle;
  while (done < cmds.size()) {
    if (cycle >= stop) return errors;
    // inputs of this cycle
    top.cmd_valid_i = next_cmd < cmds.size() && (gap == 0 || chance(100 - gap));
    if (top.cmd_valid_i) memcpy(&top.cmd_i, cmds[next_cmd].rec, sizeof cmds[next_cmd].rec);
    top.ccmd_ready_i = chance(ready);
    top.psum_ready_i = chance(ready);
    top.cdone_i = !done_at.empty() && cycle >= done_at.front();
    top.if_rvalid_i = if_pipe[1] >= 0;
    if (if_pipe[1] >= 0) word_to(&top.if_rdata_i[0], if_pipe[1]); else for (int i = 0; i < 4; i++) top.if_rdata_i[i] = rnd();
    top.fl_rvalid_i = fl_pipe[1] >= 0;
    if (fl_pipe[1] >= 0) word_to(&top.fl_rdata_i[0], fl_pipe[1]); else for (int i = 0; i < 4; i++) top.fl_rdata_i[i] = rnd();
    top.if_gnt_i = top.fl_gnt_i = 0;
    top.eval();
    top.if_gnt_i = top.if_req_o && chance(gnt);
    top.fl_gnt_i = top.fl_req_o && chance(gnt);
    top.eval();
    if_pipe[1] = if_pipe[0]; if_pipe[0] = top.if_gnt_i ? top.if_addr_o : -1;
    fl_pipe[1] = fl_pipe[0]; fl_pipe[0] = top.fl_gnt_i ? top.fl_addr_o : -1;
    // handshakes of this cycle
    if (top.cmd_valid_i && top.cmd_ready_o) next_cmd++;
    if (top.cdone_i) {
      done_at.pop_front();
      while (cmds[given].c.psum_out) given++;
      if (!top.done_o || done != given) { printf("cycle %lu: done_o missing, or early: %zu done\n", (unsigned long)cycle, done); errors++; }
      given++;
    }
    if (top.done_o) {
      if (done == next_cmd || (!top.cdone_i && !cmds[done].c.psum_out)) { printf("cycle %lu: done_o of command %zu too early\n", (unsigned long)cycle, done); return errors + 1; }
      done++;
    }
    while (cur < cmds.size() && cmds[cur].c.psum_out) cur++;
    while (next_cc < cmds.size() && cmds[next_cc].c.psum_out) next_cc++;
    if (top.ccmd_valid_o && top.ccmd_ready_i) {
      if (memcmp(&top.ccmd_o[0], cmds[next_cc].rec, sizeof cmds[next_cc].rec)) { printf("collector command %zu differs\n", next_cc); errors++; }
      next_cc++;
    }
    seen.buf_ifmap += top.ev_buf_ifmap_o; seen.noc_ifmap += top.ev_noc_ifmap_o; seen.noc_zero += top.ev_noc_zero_o;
    seen.buf_filter += top.ev_buf_filter_o; seen.noc_filter += top.ev_noc_filter_o; seen.issue += top.ev_issue_o;
    seen.mac += top.ev_mac_o; seen.acc_read += top.ev_acc_read_o; seen.acc_write += top.ev_acc_write_o;
    stall_f += top.ev_stall_filter_o; stall_w += top.ev_stall_ifmap_o; stall_o += top.ev_stall_out_o;
    if (top.ev_issue_o) { if (!issue_first) issue_first = cycle; issue_last = last_progress = cycle; }
    if (top.psum_valid_o && top.psum_ready_i) {
      last_progress = cycle;
      if (cur >= cmds.size()) { printf("cycle %lu: a psum vector after the last command\n", (unsigned long)cycle); return 1; }
      Command &k = cmds[cur];
      weft_conv_t &c = k.c;
      for (int j = 0; !quick && j < c.e_cols * c.T; j++) {
        int32_t want = psum(cmds, cur, mb, yb, xb, x, p, ch, j), got = ((const int32_t *)&top.psum_data_o)[j];   // QData or wide
        if (want != got && ++errors <= 10)
          printf("cycle %lu command %zu mb %d yb %d xb %d x %d p %d chain %d column %d: RTL %d, expected %d\n", (unsigned long)cycle, cur,
                 mb, yb, xb, x, p, ch, j, got, want);
      }
      int F = c.OW - xb * c.FT < c.FT ? c.OW - xb * c.FT : c.FT;
      if (++ch == c.nchain) { ch = 0;
        if (++p == c.P) { p = 0;
          if (++x == F) { x = 0;
            if (++xb == c.NX) { xb = 0;
              if (++yb == c.NY) { yb = 0;
                if (++mb == c.NM) { mb = 0; cur++; done_at.push_back(cycle + 1 + (gnt == 100 ? 0 : pick(0, 60))); } } } } } }
      if (errors > 10) return errors;
    }
    if (cycle - last_progress > 20000) { printf("cycle %lu: no issue and no psum for 20000 cycles, command %zu of %zu; waiting for filter %d ifmap %d room %d\n", (unsigned long)cycle, cur, cmds.size(), top.ev_stall_filter_o, top.ev_stall_ifmap_o, top.ev_stall_out_o); return errors + 1; }
    edge();
  }
  for (int i = 0; i < 100; i++) {                // nothing more may come
    top.cmd_valid_i = 0; top.cdone_i = 0; top.if_gnt_i = top.fl_gnt_i = 1; top.psum_ready_i = 1; top.eval();
    if (top.psum_valid_o || top.busy_o || top.if_req_o || top.fl_req_o) { printf("activity after the last command\n"); return errors + 1; }
    edge();
  }
  return errors;
}

static void show(const Command &k)
{
  int n;
  const weft_field_t *f = weft_cmd_fields(WEFT_CMD_CONV, &n);
  for (int i = 0; i < n; i++) printf(" %s=%lld", f[i].name, (long long)*(const int64_t *)((const char *)&k.c + f[i].offset));
  printf("\n");
}

static int check_counts(const Counts &got, const Counts &want)
{
  const char *name[] = {"NOC_IFMAP", "NOC_ZERO", "BUF_IFMAP", "NOC_FILTER", "BUF_FILTER", "ISSUE", "MAC", "ACC_READ", "ACC_WRITE"};
  const uint64_t *g = (const uint64_t *)&got, *w = (const uint64_t *)&want;
  int bad = 0;
  for (int i = 0; i < 9; i++)
    if (g[i] != w[i]) { printf("%s: RTL %lu, expected %lu\n", name[i], (unsigned long)g[i], (unsigned long)w[i]); bad++; }
  return bad;
}

#include "tb_array_perf.h"

int main(int argc, char **argv)
{
  uint64_t seed = 1;
  int batches = 20, ncmds = 12;
  bool want_perf = false, verbose = false;
  for (int i = 1; i < argc; i++) {
    if (sscanf(argv[i], "seed=%lu", &seed) == 1 || sscanf(argv[i], "batches=%d", &batches) == 1 || sscanf(argv[i], "cmds=%d", &ncmds) == 1) continue;
    if (!strcmp(argv[i], "perf")) want_perf = true;
    else if (!strcmp(argv[i], "verbose")) verbose = true;
    else { printf("unknown argument %s; accepted: seed=N batches=N cmds=N perf verbose\n", argv[i]); return 2; }
  }
  cfg = weft_config_find(CONFIG);
  if (!cfg) { printf("unknown configuration " CONFIG "\n"); return 2; }
  mem.resize(65536 * 16);
  if (want_perf) return perf();
  uint64_t cycles = 0, vectors = 0, chained = 0;
  for (int b = 0; b < batches; b++) {
    uint64_t s = seed + b;
    rng = s * 0x9e3779b97f4a7c15ull + 1;
    for (int i = 0; i < 4; i++) rnd();
    for (auto &v : mem) v = uint8_t(rnd());
    image_end = 0;
    std::vector<Command> cmds;
    while ((int)cmds.size() < ncmds) {
      Command k;
      if (image_end > 45000) break;
      int length = chance(70) ? 1 : pick(2, 4), tries = 0;
      if (!random_command(k, nullptr, length > 1)) continue;
      cmds.push_back(k);
      for (int i = 1; i < length; i++) {         // one that is alike may be hard to find: then the same again
        const Command before = cmds.back();
        while (!random_command(k, &before.c, i + 1 < length) && ++tries < 200) {}
        if (tries >= 200) {
          k = before;
          k.c.psum_in = 1;
          k.c.psum_out = i + 1 < length;
          finish(k);
        }
        cmds.push_back(k);
        chained++;
      }
    }
    Bench *t = new Bench;
    t->gnt = chance(40) ? 100 : pick(10, 95);
    t->ready = chance(40) ? 100 : pick(10, 95);
    t->gap = chance(50) ? 0 : 98;
    Counts want{};
    for (auto &k : cmds) { expect_counts(k, &want); vectors += k.c.NM * k.c.NY * k.c.OW * k.c.P * k.c.nchain; }
    t->reset();
    int errors = 0;
    if (chance(30)) {                            // a reset in the middle leaves nothing behind
      errors = t->run(cmds, pick(50, 4000));
      t->reset();
      t->seen = Counts{};
    }
    if (!errors) errors = t->run(cmds);
    if (!errors) errors = check_counts(t->seen, want);
    cycles += t->cycle;
    if (errors || verbose) for (auto &k : cmds) show(k);
    if (errors) { printf("FAILED %s seed=%lu batches=1 cmds=%d (grant %d%%, ready %d%%)\n", cfg->name, (unsigned long)s, ncmds, t->gnt, t->ready); return 1; }
    delete t;
  }
  printf("array %s: seed %lu, %d batches of %d commands, %lu psum vectors, %lu commands on psums that stayed, %lu cycles: all equal\n", cfg->name, (unsigned long)seed, batches,
         ncmds, (unsigned long)vectors, (unsigned long)chained, (unsigned long)cycles);
  return 0;
}
