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
#include "draw_fields.h"
#include "verilated.h"

namespace {

// A small change (or any value) in one field but opcode.
void spoil(FieldRng &r, weft_cmd_t *c)
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
  FieldRng r{std::strtoull(argv[2], nullptr, 0) * 2654435761u + 1};
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
    if (r.percent(50)) draw_conv(r, cfg, &c.conv);
    else if (r.percent(80)) draw_vec(r, &c.vec);
    else if (r.percent(60)) draw_transpose(r, &c.transpose);
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
