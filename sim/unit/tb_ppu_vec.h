// SPDX-License-Identifier: Apache-2.0
//
// Random VEC and TRANSPOSE commands for tb_ppu, with the bytes that docs/spec.md sections 5 and 6 say they write.
//
// A part of tb_ppu.cpp, inside its namespace: it uses the bench's memory, random numbers and arithmetic.
// VEC operands and tables: words 0x1000-0x2fff. Results: 0x9000-.. and 0xa000-.., in place: 0xb000-.., TRANSPOSE: 0xc000-...

struct Step { int a = 0, b = 0, fn = 0, scale = 0, into = 0, div = 0, taps = 0; };
enum { A_RAW, A_T0, A_T0D };
enum { B_RAW, B_T1, B_T1A, B_T1D };
enum { FN_A, FN_B, FN_ADD, FN_MUL, FN_MAX, FN_MIN, FN_SQR, FN_ACC };
enum { SCALE_NONE = 3, SCALE_ROW, SCALE_WEIGHT };
enum { INTO_SET, INTO_ADD, INTO_MAX, INTO_ROW, INTO_RECIP, INTO_OUT };
int64_t step_code(const Step &s) { return s.a | s.b << 2 | s.fn << 4 | s.scale << 7 | s.into << 10 | s.div << 13 | s.taps << 14; }
bool takes_a(const Step &s) { return s.into != INTO_RECIP && s.fn != FN_B && s.fn != FN_ACC; }
bool takes_b(const Step &s) { return s.into != INTO_RECIP && s.fn != FN_A && s.fn != FN_ACC; }

// A legal program: which steps there may be depends on what the ones before have left in ACC and ROW.
std::vector<Step> random_program(int n, bool weights, bool any_div) {
  std::vector<Step> p;
  bool acc = false, row = false, recip = false;
  for (int i = 0; i < n; i++) {
    Step s;
    if (i < n - 1 && row && !recip && chance(70)) {
      s.into = INTO_RECIP, s.scale = SCALE_NONE;
      recip = true;
      p.push_back(s);
      continue;
    }
    s.fn = acc && chance(40) ? FN_ACC : pick(FN_A, FN_SQR);
    if (takes_a(s)) s.a = pick(A_RAW, acc ? A_T0D : A_T0);
    if (takes_b(s)) s.b = pick(B_RAW, acc ? B_T1D : B_T1A);
    s.scale = recip && chance(50) ? SCALE_ROW : weights && s.fn == FN_A && chance(50) ? SCALE_WEIGHT : pick(0, SCALE_NONE);
    s.div = s.fn == FN_ACC && s.scale < SCALE_NONE && any_div && chance(60);
    s.into = i == n - 1 ? INTO_OUT : !row && chance(30) ? INTO_ROW : i == 0 || acc ? pick(INTO_SET, INTO_MAX) : INTO_SET;
    const bool takes_acc = s.fn == FN_ACC || s.a == A_T0D || s.b == B_T1D;
    s.taps = chance(50) && !(takes_acc && s.into <= INTO_MAX);
    acc = acc || s.into <= INTO_MAX;
    row = row || s.into == INTO_ROW;
    p.push_back(s);
  }
  return p;
}

i32 low18(i32 x) { return wrap(static_cast<int64_t>(x) << 14) >> 14; }
i32 times(i32 x, int k) { return static_cast<i32>(std::clamp<int64_t>(static_cast<int64_t>(x) * k, INT32_MIN, INT32_MAX)); }
i32 by(i32 a, i32 m) { return m2(a, m & INT32_MAX, 0, 0); }
struct Row { i32 v = 0; int shift = 0; bool big = false; };
void reciprocal(Row &r) {
  const u32 s = static_cast<u32>(r.v);
  r.big = s >> 28;
  int top = 27;
  if (!r.big) for (top = 27; top > 19 && !(s >> top & 1); top--) {}
  r.shift = top + 4;
  const i32 d = static_cast<i32>(s << (30 - top));
  i32 x = wrap(int64_t{1515870810} + by(-1010580540, d));
  for (int k = 0; k < 3; k++) x = wrap(int64_t{x} + times(by(wrap(int64_t{1 << 29} - by(x, d)), x), 4));
  r.v = times(x, 2);
}

Command make_transpose(int serial) {
  Command c;
  Fields &f = c.f;
  f.HDR_opcode = 5;
  f.TRANSPOSE_rows = chance(40) ? 16 : pick(1, 16);
  f.TRANSPOSE_c0 = chance(60) ? 0 : pick(0, 15);
  f.TRANSPOSE_cols = chance(40) ? 16 - f.TRANSPOSE_c0 : pick(1, static_cast<int>(16 - f.TRANSPOSE_c0));
  f.TRANSPOSE_n0 = pick(1, 6);
  f.TRANSPOSE_n1 = pick(1, 4);
  f.TRANSPOSE_fill = pick(-128, 127);
  f.TRANSPOSE_in_base = pick(0x1000, 0x1fff);
  f.TRANSPOSE_in_row = pick(0, 50);
  f.TRANSPOSE_in_s0 = pick(0, 50);
  f.TRANSPOSE_in_s1 = pick(0, 50);
  f.TRANSPOSE_out_base = 0xc000 + (serial & 1) * 0x1000;
  f.TRANSPOSE_out_col = pick(1, 3);
  f.TRANSPOSE_out_s0 = f.TRANSPOSE_cols * f.TRANSPOSE_out_col + pick(0, 3);
  f.TRANSPOSE_out_s1 = f.TRANSPOSE_out_s0 * f.TRANSPOSE_n0 + pick(0, 3);
  for (int64_t i1 = 0; i1 < f.TRANSPOSE_n1; i1++)
    for (int64_t i0 = 0; i0 < f.TRANSPOSE_n0; i0++)
      for (int64_t k = 0; k < f.TRANSPOSE_cols; k++)
        for (int64_t j = 0; j < 16; j++) {
          const int64_t from = f.TRANSPOSE_in_base + i1 * f.TRANSPOSE_in_s1 + i0 * f.TRANSPOSE_in_s0 + j * f.TRANSPOSE_in_row;
          const int64_t to = f.TRANSPOSE_out_base + i1 * f.TRANSPOSE_out_s1 + i0 * f.TRANSPOSE_out_s0 + k * f.TRANSPOSE_out_col;
          put(c, at(to) + static_cast<u32>(j),
              j < f.TRANSPOSE_rows ? static_cast<i8>(mem.b[at(from) + static_cast<u32>(f.TRANSPOSE_c0 + k)]) : static_cast<i8>(f.TRANSPOSE_fill));
        }
  c.reads = f.TRANSPOSE_n0 * f.TRANSPOSE_n1 * f.TRANSPOSE_rows;
  c.words = f.TRANSPOSE_n0 * f.TRANSPOSE_n1 * f.TRANSPOSE_cols;
  c.r = f.record("TRANSPOSE");
  return c;
}

// The tables as the last command that read any has left them; a list begins with none.
struct Tables { bool there = false; i32 v[256]; };
Tables held[2];

Command make_vec(int serial, bool big) {
  if (!serial) held[0].there = held[1].there = false;
  if (chance(20)) return make_transpose(serial);
  for (;;) {
    Command c;
    Fields &f = c.f;
    f.HDR_opcode = 4;
    f.VEC_n0 = pick(1, big ? 40 : 12);
    f.VEC_n1 = pick(1, big ? 6 : 4);
    f.VEC_n2 = pick(1, 3);
    f.VEC_nsteps = pick(1, 4);
    f.VEC_b_splat = chance(25);
    f.VEC_b_byte = f.VEC_b_splat ? pick(0, 15) : 0;
    const bool any_div = chance(30);
    const std::vector<Step> p = random_program(static_cast<int>(f.VEC_nsteps), !f.VEC_b_splat, any_div);
    bool any_taps = false;
    for (const Step &s : p) any_taps = any_taps || s.taps;
    f.VEC_k0 = any_taps ? pick(1, chance(20) ? 40 : 4) : 1;
    f.VEC_k1 = any_taps ? pick(1, 4) : 1;
    const int64_t words = f.VEC_n0 * f.VEC_n1 * f.VEC_n2, taps = f.VEC_k0 * f.VEC_k1;
    const bool out_taps = p.back().taps;
    if (words > 600 || words * taps > (out_taps ? 1200 : 4000)) continue;
    for (int64_t *s : {&f.VEC_a_s0, &f.VEC_a_s1, &f.VEC_a_s2, &f.VEC_a_k0, &f.VEC_a_k1, &f.VEC_b_s0, &f.VEC_b_s1, &f.VEC_b_s2}) *s = pick(0, 60);
    for (int64_t *s : {&f.VEC_b_s0, &f.VEC_b_s1, &f.VEC_b_s2}) if (chance(25)) *s = 0;       // B repeats
    if (f.VEC_b_splat && chance(20)) f.VEC_b_s1 = pick(0, 65535);   // bytes
    f.VEC_a_base = pick(0x1000, 0x1fff);
    f.VEC_b_base = pick(0x1000, 0x1fff);
    f.VEC_t0_base = pick(0x1000, 0x2000);
    f.VEC_t1_base = pick(0x1000, 0x2000);
    f.VEC_t0_wide = chance(50);
    f.VEC_t1_wide = chance(50);
    f.VEC_out_base = 0x9000 + (serial & 1) * 0x1000;
    f.VEC_out_s0 = pick(1, 2);
    f.VEC_out_s1 = f.VEC_out_s0 * f.VEC_n0 + pick(0, 3);
    f.VEC_out_s2 = f.VEC_out_s1 * f.VEC_n1 + pick(0, 3);
    if (out_taps) {
      f.VEC_out_k0 = f.VEC_out_s2 * f.VEC_n2 + pick(0, 1);
      f.VEC_out_k1 = f.VEC_out_k0 * f.VEC_k0 + pick(0, 1);
      if (f.VEC_out_k1 * f.VEC_k1 > 0x1000) continue;
    }
    if (!any_taps && chance(20)) {         // in place: a word is read before it is written; copies of the operand area keep it reusable
      f.VEC_out_base = 0xb000;
      f.VEC_a_base = f.VEC_out_base;
      f.VEC_a_s0 = f.VEC_out_s0;
      f.VEC_a_s1 = f.VEC_out_s1;
      f.VEC_a_s2 = f.VEC_out_s2;
    }
    int64_t *field[4] = {&f.VEC_step0, &f.VEC_step1, &f.VEC_step2, &f.VEC_step3};
    for (size_t i = 0; i < p.size(); i++) *field[i] = step_code(p[i]);
    Scale sc[3] = {random_scale(), random_scale(), random_scale()};
    f.VEC_mult0 = sc[0].mult, f.VEC_ls0 = sc[0].ls, f.VEC_rs0 = sc[0].rs;
    f.VEC_mult1 = sc[1].mult, f.VEC_ls1 = sc[1].ls, f.VEC_rs1 = sc[1].rs;
    f.VEC_mult2 = sc[2].mult, f.VEC_ls2 = sc[2].ls, f.VEC_rs2 = sc[2].rs;
    const bool shifts_only = chance(20);   // multiplier 2^31
    if (shifts_only) f.VEC_mult1 = int64_t{1} << 31;
    f.VEC_za = pick(-128, 127);
    f.VEC_zb = chance(10) ? -128 : pick(-128, 127);
    f.VEC_zo = pick(-128, 127);
    f.VEC_act_min = chance(50) ? -128 : pick(-128, 127);
    f.VEC_act_max = chance(50) ? 127 : pick(static_cast<int>(f.VEC_act_min), 127);
    f.VEC_bias = any_div ? pick(0, 1000) : chance(50) ? 0 : static_cast<i32>(rng());

    const bool use[2] = {std::any_of(p.begin(), p.end(), [](const Step &s) { return takes_a(s) && s.a != A_RAW; }),
                         std::any_of(p.begin(), p.end(), [](const Step &s) { return takes_b(s) && s.b != B_RAW; })};
    f.VEC_t_stay = (use[0] || use[1]) && (!use[0] || held[0].there) && (!use[1] || held[1].there) && chance(40);
    auto table = [&](int which, i32 index) {
      const u32 i = static_cast<u32>(index) & 255;
      if (f.VEC_t_stay) return held[which].v[i];
      const int64_t base = which ? f.VEC_t1_base : f.VEC_t0_base;
      const bool wide = which ? f.VEC_t1_wide : f.VEC_t0_wide;
      if (!wide) return static_cast<i32>(static_cast<i8>(mem.b[at(base + i / 16) + i % 16]));
      i32 v;
      memcpy(&v, &mem.b[at(base + i / 4) + i % 4 * 4], 4);
      return v;
    };
    bool legal = true;
    for (int64_t i2 = 0; i2 < f.VEC_n2; i2++)
      for (int64_t i1 = 0; i1 < f.VEC_n1; i1++)
        for (int64_t i0 = 0; i0 < f.VEC_n0; i0++)
          for (u32 lane = 0; lane < 16; lane++) {
            const int64_t a = f.VEC_a_base + i2 * f.VEC_a_s2 + i1 * f.VEC_a_s1 + i0 * f.VEC_a_s0;
            const int64_t b = i2 * f.VEC_b_s2 + i1 * f.VEC_b_s1 + i0 * f.VEC_b_s0;
            const int64_t o = f.VEC_out_base + i2 * f.VEC_out_s2 + i1 * f.VEC_out_s1 + i0 * f.VEC_out_s0;
            const u32 b_at = f.VEC_b_splat ? static_cast<u32>((f.VEC_b_base * 16 + f.VEC_b_byte + b) & 0xfffff) : at(f.VEC_b_base + b) + lane;
            const i8 bv = static_cast<i8>(mem.b[b_at]);
            i32 acc = 0;
            Row row;
            for (size_t i = 0; i < p.size(); i++) {
              const Step &s = p[i];
              if (s.into == INTO_RECIP) {
                reciprocal(row);
                continue;
              }
              for (int64_t t = 0; t < (s.taps ? taps : 1); t++) {
                const int64_t t0 = t % f.VEC_k0, t1 = t / f.VEC_k0;
                const i8 av = static_cast<i8>(mem.b[at(a + t1 * f.VEC_a_k1 + t0 * f.VEC_a_k0) + lane]);
                const i32 x0 = s.a == A_RAW ? av - static_cast<i32>(f.VEC_za) : table(0, s.a == A_T0 ? av : wrap(int64_t{acc} - av));
                const i32 x1 = s.b == B_RAW ? bv - static_cast<i32>(f.VEC_zb)
                               : table(1, s.b == B_T1 ? bv : s.b == B_T1A ? av : wrap(int64_t{acc} - av));
                const i32 sum = wrap(int64_t{x0} + x1);
                i32 v = 0;
                if (s.div) {               // division: the magnitude must stay an int32 below 2^31
                  const int64_t mag = std::llabs(static_cast<int64_t>(acc)) + f.VEC_bias, mult = s.scale == 1 ? f.VEC_mult1 : sc[s.scale].mult;
                  if (mag > INT32_MAX) { legal = false; continue; }
                  v = static_cast<i32>((mag * mult) >> (31 + sc[s.scale].rs));
                  if (acc < 0) v = -v;
                } else {
                  switch (s.fn) {
                    case FN_A: v = x0; break;
                    case FN_B: v = x1; break;
                    case FN_ADD: v = sum; break;
                    case FN_MUL: v = wrap(int64_t{low18(x0)} * low18(x1)); break;
                    case FN_MAX: v = std::max(x0, x1); break;
                    case FN_MIN: v = std::min(x0, x1); break;
                    case FN_SQR: v = wrap(int64_t{low18(sum)} * low18(sum)); break;
                    default: v = wrap(acc + f.VEC_bias);
                  }
                  if (s.scale == SCALE_ROW) v = m2(v, row.big ? 0 : row.v & INT32_MAX, 0, row.shift);
                  else if (s.scale == SCALE_WEIGHT) {
                    i32 w;
                    memcpy(&w, &mem.b[at(f.VEC_b_base + b) + static_cast<u32>(t % 4) * 4], 4);
                    v = m2(v, w & INT32_MAX, sc[0].ls, sc[0].rs);
                  } else if (s.scale == 1 && shifts_only) v = rdp(wrap(static_cast<int64_t>(v) << sc[1].ls), sc[1].rs);
                  else if (s.scale < SCALE_NONE) v = m2(v, sc[s.scale].mult, sc[s.scale].ls, sc[s.scale].rs);
                }
                switch (s.into) {
                  case INTO_OUT: put(c, at(o + (s.taps ? t1 * f.VEC_out_k1 + t0 * f.VEC_out_k0 : 0)) + lane, clamp(v, f, false)); break;
                  case INTO_ROW: row.v = t ? wrap(int64_t{row.v} + v) : v; break;
                  case INTO_ADD: acc = i == 0 && t == 0 ? v : wrap(int64_t{acc} + v); break;
                  case INTO_MAX: acc = i == 0 && t == 0 ? v : std::max(acc, v); break;
                  default: acc = v;
                }
              }
            }
          }
    if (!legal) continue;
    c.words = words * (out_taps ? taps : 1);
    for (const Step &s : p) {
      const int64_t uses = words * (s.taps ? taps : 1);
      c.beats += (s.into == INTO_RECIP ? words * 8 : uses) * 16 / LANES;
      const bool b_of_a = takes_b(s) && s.b >= B_T1A;
      if (takes_a(s) || b_of_a) c.reads += uses;
    }
    // B: batch by batch, step by step, tap by tap, word by word; only a word other than that of the use before is read.
    auto word_b = [&](int64_t i) {
      const int64_t b = i / f.VEC_n0 / f.VEC_n1 * f.VEC_b_s2 + i / f.VEC_n0 % f.VEC_n1 * f.VEC_b_s1 + i % f.VEC_n0 * f.VEC_b_s0;
      return f.VEC_b_splat ? (f.VEC_b_base * 16 + f.VEC_b_byte + b) % (1 << 20) / 16 : (f.VEC_b_base + b) % (1 << 16);
    };
    int64_t last_b = -1;
    for (int64_t from = 0; from < words; from += LANES)
      for (const Step &s : p) {
        if (!(takes_b(s) && s.b < B_T1A) && !(s.into != INTO_RECIP && s.scale == SCALE_WEIGHT)) continue;
        for (int64_t t = 0; t < (s.taps ? taps : 1); t++)
          for (int64_t i = from; i < std::min<int64_t>(from + LANES, words); i++) {
            c.reads += word_b(i) != last_b;
            last_b = word_b(i);
          }
      }
    for (int which = 0; which < 2 && !f.VEC_t_stay && (use[0] || use[1]); which++) {
      held[which].there = use[which];
      if (use[which]) c.reads += (which ? f.VEC_t1_wide : f.VEC_t0_wide) ? 64 : 16;
      for (i32 i = 0; use[which] && i < 256; i++) held[which].v[i] = table(which, i);
    }
    c.r = f.record("VEC");
    return c;
  }
}
