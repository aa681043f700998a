// SPDX-License-Identifier: Apache-2.0
//
// Random test of rtl/ctrl/field_check.v against the validator's field rules (weft_legal): both must give the same verdict.
//
// usage: tb_fields COUNT SEED CONFIG. Draws commands that are often legal, then spoils none, one or several fields.

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "Vfield_check.h"
#include "verilated.h"
extern "C" {
#include "conv_shape.h"
#include "legal.h"
#include "weft_spec.h"
}

namespace {

struct Rng {
  uint64_t s;
  uint64_t next() { s ^= s >> 12; s ^= s << 25; s ^= s >> 27; return s * 0x2545f4914f6cdd1dull; }
  int64_t range(int64_t lo, int64_t hi) { return lo + (int64_t)((next() >> 16) % (uint64_t)(hi - lo + 1)); }
  bool percent(int p) { return range(0, 99) < p; }
};

void draw_conv(Rng &r, const weft_config_t *cfg, weft_conv_t *c)
{
  c->opcode = WEFT_CMD_CONV;
  c->in_h = r.range(1, 60);
  c->in_w = r.range(1, 60);
  c->in_w_last = r.range(1, c->in_w);
  c->stride_y = r.range(1, 4);
  c->stride_x = r.range(1, 4);
  c->dil_y = r.percent(60) ? 1 : r.range(1, 6);
  c->dil_x = r.percent(60) ? 1 : r.range(1, 6);
  c->R = r.range(1, 5);
  c->S = r.range(1, 5);
  c->qw_lg = r.range(0, 3);
  c->kind = r.range(0, 2);
  c->chain_len = r.percent(50) ? c->R : r.range(1, cfg->rows);
  c->nchain = r.percent(60) ? 1 : r.range(1, cfg->rows);
  c->groups = c->kind == WEFT_CHAIN_GROUPS ? c->nchain : r.range(1, 9);
  c->P = r.range(1, 20);
  c->e_cols = r.range(1, cfg->cols);
  c->T = c->kind == WEFT_CHAIN_GROUPS ? 1 : r.range(1, cfg->cols / (int)c->e_cols);
  c->FT = r.range(1, 60);
  c->OH = r.percent(10) ? r.range(1, 65535) : r.range(1, 60);
  c->OW = r.percent(10) ? r.range(1, 65535) : r.range(1, 60);
  c->OW_last = r.range(1, c->OW);
  c->M = r.range(1, 100);
  c->out_c0 = r.range(0, 15);
  c->act_min = r.range(-128, 20);
  c->act_max = r.range(-20, 127);
  weft_conv_derive(cfg, c);
}

void draw_vec(Rng &r, weft_vec_t *c)
{
  c->opcode = WEFT_CMD_VEC;
  c->n0 = r.range(1, 9);
  c->n1 = r.range(1, 9);
  c->n2 = r.range(1, 9);
  c->nsteps = r.range(1, 4);
  c->k0 = c->nsteps == 1 && r.percent(80) ? 1 : r.range(1, 3);
  c->k1 = c->nsteps == 1 && r.percent(80) ? 1 : r.range(1, 3);
  c->act_min = r.range(-128, 20);
  c->act_max = r.range(-20, 127);
  int64_t *step[4] = {&c->step0, &c->step1, &c->step2, &c->step3};
  for (int i = 0; i < c->nsteps; i++) {
    int64_t src = r.range(0, i ? 2 : 1);
    *step[i] = WEFT_STEP(src, r.range(0, 2), r.range(0, 2), src == 2 && r.percent(40), i + 1 == c->nsteps);
  }
  c->mult0 = r.range(0, INT32_MAX);
  c->mult1 = r.range(0, INT32_MAX);
  c->mult2 = r.range(0, INT32_MAX);
}

// A small change (or any value) in one field but opcode.
void spoil(Rng &r, weft_cmd_t *c)
{
  int count;
  const weft_field_t *f = weft_cmd_fields((int)c->hdr.opcode, &count);
  f += r.range(1, count - 1);
  int64_t *v = reinterpret_cast<int64_t *>(reinterpret_cast<char *>(c) + f->offset);
  int64_t lo = f->sgn ? -((int64_t)1 << (f->width - 1)) : 0, hi = lo + ((int64_t)1 << f->width) - 1;
  int64_t x = r.percent(60) ? *v + r.range(-2, 2) : r.percent(30) ? 0 : r.range(lo, hi);
  *v = x < lo ? lo : x > hi ? hi : x;
}

}  // namespace

int main(int argc, char **argv)
{
  const weft_config_t *cfg = argc == 4 ? weft_config_find(argv[3]) : nullptr;
  if (!cfg) {
    std::fprintf(stderr, "usage: tb_fields COUNT SEED CONFIG\n");
    return 2;
  }
  long count = std::atol(argv[1]), bad = 0, legal = 0;
  uint64_t cycles = 0, longest = 0;
  Rng r{std::strtoull(argv[2], nullptr, 0) * 2654435761u + 1};
  VerilatedContext context;
  auto top = std::make_unique<Vfield_check>(&context);
  auto tick = [&] { top->clk_i = 0; top->eval(); top->clk_i = 1; top->eval(); };
  top->rst_ni = 0;
  top->start_i = 0;
  tick();
  top->rst_ni = 1;
  for (long i = 0; i < count && bad < 10; i++) {
    weft_cmd_t c;
    std::memset(&c, 0, sizeof c);
    if (r.percent(75)) draw_conv(r, cfg, &c.conv);
    else if (r.percent(80)) draw_vec(r, &c.vec);
    else {
      c.hdr.opcode = r.percent(50) ? WEFT_CMD_LOAD : WEFT_CMD_STORE;
      c.dma.elem_bytes = c.dma.elems = c.dma.n0 = c.dma.n1 = 1;
    }
    for (int64_t n = r.percent(50) ? r.range(1, 2) : 0; n; n--) spoil(r, &c);
    uint32_t rec[WEFT_CMD_WORDS];
    const char *field = weft_cmd_pack(&c, rec);
    if (field) continue;   // drawn beyond its field: there is no record for it
    bool want = weft_legal(cfg, &c, nullptr) == 0;
    legal += want;
    std::memcpy(&top->rec_i, rec, 96);
    top->start_i = 1;
    tick();
    top->start_i = 0;
    uint64_t n = 0;
    for (; !top->done_o && n < 2000; n++) tick();
    if (n > longest) longest = n;
    cycles += n;
    if (!top->done_o || (bool)top->ok_o != want) {
      weft_msg_t m;
      std::memset(&m, 0, sizeof m);
      weft_legal(cfg, &c, &m);
      std::printf("  command %ld opcode %" PRId64 ": RTL %s, validator %s: %s\n", i, c.hdr.opcode, !top->done_o ? "hangs" : top->ok_o ? "legal" : "FIELD",
                  want ? "legal" : "refuses", m.msg);
      bad++;
    }
    tick();
  }
  top->final();
  std::printf("tb_fields %s: %ld commands, %ld legal, %ld differences, %.0f cycles on average, %" PRIu64 " at most\n", cfg->name, count, legal, bad,
              (double)cycles / (double)count, longest);
  return bad ? 1 : 0;
}
