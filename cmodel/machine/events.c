/* SPDX-License-Identifier: Apache-2.0
 *
 * What costs energy (docs/spec/energy.def), counted command by command.
 *
 * Words of the buffer and beats of the bus are those of the counters, which equal the RTL's. What happens inside the array no register counts:
 * here the loops of docs/spec.md section 4 run once for each pass, and every PE of the mapping is asked what it does, as rtl/array does it:
 * a PE reads a word of each spad in every cycle of a walk, whether its pair is void or its output outside the ofmap; its accumulator takes
 * one sum of LANES products a cycle; a packet is written into every PE whose tag matches. Only PEs outside the mapping are told apart
 * (IDLE_RD): their spads are read as well, because control goes through all rows and columns, but their sums go nowhere.
 */
#include "conv_shape.h"
#include "parts.h"

void weft_mach_events_begin(weft_machine_t *m, const weft_cmd_t *c, uint64_t before[WEFT_COUNTERS]) {
  m->event = m->events && c->hdr.tag < m->nevents ? &m->events[c->hdr.tag] : NULL;
  memcpy(before, m->counter, sizeof m->counter);
}

/* Does PE row i keep packets of channel block cb and row y, when the columns' output rows start at e? */
static bool keeps(const weft_machine_t *m, const weft_conv_t *c, int64_t i, int64_t e, int64_t mb, int64_t f, int64_t cb, int64_t y) {
  const int64_t q = weft_conv_q(m->cfg, c), net = m->cfg->net_bytes, chain = i / c->chain_len, k = i % c->chain_len;
  const int64_t n = f * c->pairs + (c->kind == WEFT_CHAIN_GROUPS ? i : k);
  if (n >= c->R * c->groups) return false;       /* a void pair */
  const int64_t first = (mb * c->g_step + n / c->R) * q;      /* its channels */
  if (cb < first / net || cb > (first + q - 1) / net) return false;
  return y == n % c->R * c->dil_y + (e + (c->kind == WEFT_CHAIN_ROWS ? chain * c->e_cols : 0)) * c->stride_y;
}

void weft_mach_events_packets(weft_machine_t *m, const weft_conv_t *c, int64_t mb, int64_t f, int64_t cb, int64_t y, int64_t columns) {
  if (!m->event) return;
  int64_t pes = 0;
  for (int64_t i = 0; i < c->chain_len * c->nchain; i++)
    for (int64_t e = 0; e < c->e_cols; e++) pes += keeps(m, c, i, e, mb, f, cb, y) ? c->T : 0;
  const uint64_t bytes = (uint64_t)(columns * pes * weft_min64(m->cfg->net_bytes, weft_conv_q(m->cfg, c)));
  weft_mach_event(m, WEFT_EV_NET_IFMAP, bytes);
  weft_mach_event(m, WEFT_EV_WINDOW_WR, bytes);
  weft_mach_event(m, WEFT_EV_HOP_IFMAP, (uint64_t)(columns * m->cfg->net_bytes * m->cfg->rows));
}

/* The filters of one fold come down. */
static void filters(weft_machine_t *m, const weft_conv_t *c) {
  const int64_t net = m->cfg->net_bytes;
  for (int64_t t = 0; t < c->T; t++)
    for (int64_t tag = 0; tag < weft_conv_nf(c); tag++) {
      int64_t pes = 0;
      for (int64_t i = 0; i < c->chain_len * c->nchain; i++)
        pes += (c->kind == WEFT_CHAIN_ROWS ? i % c->chain_len : i) == tag ? c->e_cols : 0;
      weft_mach_event(m, WEFT_EV_NET_FILTER, (uint64_t)(c->filt_pkts * net * pes));
      weft_mach_event(m, WEFT_EV_FILTER_WR, (uint64_t)(c->filt_pkts * net * pes));
      weft_mach_event(m, WEFT_EV_HOP_FILTER, (uint64_t)(c->filt_pkts * net * m->cfg->rows));
    }
}

/* F positions of a tile, fold f. */
static void pass(weft_machine_t *m, const weft_conv_t *c, int64_t f, int64_t F) {
  const uint64_t walks = (uint64_t)(F * c->P), issue = walks * (uint64_t)c->K, lanes = (uint64_t)m->cfg->lanes;
  const uint64_t columns = (uint64_t)(c->e_cols * c->T), chains = (uint64_t)c->nchain, rows = (uint64_t)c->chain_len * chains;
  const uint64_t pes = rows * columns, all = (uint64_t)(m->cfg->rows * m->cfg->cols), psum = sizeof(int32_t);
  weft_mach_event(m, WEFT_EV_MAC, issue * pes * lanes);
  weft_mach_event(m, WEFT_EV_FILTER_RD, issue * pes * lanes);
  weft_mach_event(m, WEFT_EV_WINDOW_RD, issue * pes * lanes);
  weft_mach_event(m, WEFT_EV_IDLE_RD, issue * (all - pes) * lanes * 2);
  /* The first sum of a walk is not added to anything; the last is read when it goes on. */
  weft_mach_event(m, WEFT_EV_ACC_WR, issue * pes * psum);
  weft_mach_event(m, WEFT_EV_ACC_RD, issue * pes * psum);
  weft_mach_event(m, WEFT_EV_NET_PSUM, walks * (rows - chains) * columns * psum);
  weft_mach_event(m, WEFT_EV_NET_DRAIN, walks * chains * columns * psum);
  for (int64_t chain = 0; chain < c->nchain; chain++)
    weft_mach_event(m, WEFT_EV_HOP_DRAIN, walks * columns * psum * (uint64_t)(m->cfg->rows - (chain + 1) * c->chain_len + 1));
  if (f > 0 || c->psum_in) weft_mach_event(m, WEFT_EV_COLUMN_RD, walks * chains * columns * psum);
  if (f < c->folds - 1 || c->psum_out) weft_mach_event(m, WEFT_EV_COLUMN_WR, walks * chains * columns * psum);
}

static void array(weft_machine_t *m, const weft_conv_t *c) {
  for (int64_t mb = 0; mb < c->NM; mb++)
    for (int64_t yb = 0; yb < c->NY; yb++)
      for (int64_t xb = 0; xb < c->NX; xb++)
        for (int64_t f = 0; f < c->folds; f++) {
          if (c->folds > 1 || (yb == 0 && xb == 0)) filters(m, c);
          pass(m, c, f, weft_min64(c->FT, c->OW - xb * c->FT));
        }
}

/* Counters that are words of the buffer, or beats of the bus. BUF_OFMAP is not among them: of its words only the valid bytes are written. */
void weft_mach_events_end(weft_machine_t *m, const weft_cmd_t *c, const uint64_t before[WEFT_COUNTERS]) {
  static const struct { int counter; enum weft_event event; } words[] = {
    {WEFT_CNT_BUF_LOAD, WEFT_EV_BUF_LOAD}, {WEFT_CNT_BUF_STORE, WEFT_EV_BUF_STORE}, {WEFT_CNT_BUF_IFMAP, WEFT_EV_BUF_IFMAP},
    {WEFT_CNT_BUF_FILTER, WEFT_EV_BUF_FILTER}, {WEFT_CNT_BUF_PARAM, WEFT_EV_BUF_PARAM}, {WEFT_CNT_BUF_VEC_RD, WEFT_EV_BUF_VEC_RD},
    {WEFT_CNT_BUF_VEC_WR, WEFT_EV_BUF_VEC_WR}};
  static const struct { int counter; enum weft_event event; } beats[] = {
    {WEFT_CNT_LOAD_BEATS, WEFT_EV_DRAM_RD}, {WEFT_CNT_STORE_BEATS, WEFT_EV_DRAM_WR}};
  if (!m->event) return;
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    weft_mach_event(m, words[i].event, (m->counter[words[i].counter] - before[words[i].counter]) * WEFT_WORD_BYTES);
  for (size_t i = 0; i < sizeof beats / sizeof beats[0]; i++)
    weft_mach_event(m, beats[i].event, (m->counter[beats[i].counter] - before[beats[i].counter]) * (uint64_t)m->cfg->bus_bytes);
  weft_mach_event(m, WEFT_EV_DRAM_FETCH, WEFT_CMD_BYTES);
  weft_mach_event(m, WEFT_EV_LANE, (m->counter[WEFT_CNT_VEC_BEATS] - before[WEFT_CNT_VEC_BEATS]) * (uint64_t)m->cfg->ppu_lanes);
  if (c->hdr.opcode == WEFT_CMD_CONV) array(m, &c->conv);
}
