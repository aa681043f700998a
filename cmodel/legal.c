/* SPDX-License-Identifier: Apache-2.0
 *
 * Field rules of LOAD, STORE and CONV.
 *
 * Order matters in weft_legal_conv(): later rules divide by and multiply fields that earlier rules have bounded, so that
 * nothing overflows int64 for any record.
 */
#include <stdarg.h>
#include <stdio.h>

#include "conv_shape.h"
#include "legal_rule.h"

int weft_legal_refuse(weft_msg_t *m, const char *field, int64_t value, const char *fmt, ...) {
  char accepted[160];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(accepted, sizeof accepted, fmt, ap);
  va_end(ap);
  return weft_fail(m, WEFT_E_FORMAT, "%s = %lld: accepted is %s", field, (long long)value, accepted);
}

int weft_legal_dma(const weft_dma_t *c, weft_msg_t *m) {
  MIN1(elem_bytes);
  MIN1(elems);
  MIN1(n0);
  MIN1(n1);
  return WEFT_OK;
}

/* Fields that are products and quotients of others. */
static int derived(const weft_config_t *cfg, const weft_conv_t *c, weft_msg_t *m) {
  weft_conv_t want = *c;
  weft_conv_derive(cfg, &want);
  EQUAL(K, want.K, "S << qw_lg");
  EQUAL(k0, want.k0, "dil_y / gcd(stride_y, dil_y)");
  EQUAL(rsh, want.rsh, "stride_y / gcd(stride_y, dil_y)");
  EQUAL(r_span, want.r_span, "R x dil_y");
  EQUAL(pairs, want.pairs, "chain_len, GROUPS: chain_len x nchain");
  EQUAL(pair_dr, want.pair_dr, "pairs mod R");
  EQUAL(pair_dg, want.pair_dg, "pairs div R");
  EQUAL(folds, want.folds, "ceil(R x groups / pairs)");
  EQUAL(MT, want.MT, "P, FILTERS and GROUPS: P x nchain");
  EQUAL(y_step, want.y_step, "e_cols, ROWS: e_cols x nchain");
  EQUAL(filt_pkts, want.filt_pkts, "ceil(P x K x LANES / network bytes)");
  EQUAL(NM, want.NM, "ceil(M / (T x MT))");
  EQUAL(NY, want.NY, "ceil(OH / y_step)");
  EQUAL(NX, want.NX, "ceil(OW / FT)");
  const int64_t stays = c->psum_in | c->psum_out;
  RULE(!stays || c->NM == 1, NM, "1 where psums stay in the accumulators (psum_in, psum_out)");
  RULE(!stays || c->NY == 1, NY, "1 where psums stay in the accumulators (psum_in, psum_out)");
  RULE(!stays || c->NX == 1, NX, "1 where psums stay in the accumulators (psum_in, psum_out)");
  return WEFT_OK;
}

/* Coordinates stay in 17 bits signed: what lies beyond 65535 is outside every ifmap. */
static int coordinates(const weft_conv_t *c, weft_msg_t *m) {
  int64_t y = (c->NY * c->y_step - 1) * c->stride_y + (c->R - 1) * c->dil_y;
  int64_t x = (c->OW - 1) * c->stride_x + (c->S - 1) * c->dil_x;
  RULE(y <= UINT16_MAX, NY, "ifmap rows up to %d (this reaches %lld)", UINT16_MAX, (long long)y);
  RULE(x <= UINT16_MAX, OW, "ifmap columns up to %d (this reaches %lld)", UINT16_MAX, (long long)x);
  return WEFT_OK;
}

/* What the array, its spads and its column memories hold. */
static int capacity(const weft_config_t *cfg, const weft_conv_t *c, weft_msg_t *m) {
  bool rows = c->kind == WEFT_CHAIN_ROWS;
  int64_t chains = rows ? 1 : c->nchain, words = 1 << c->qw_lg;
  RULE(c->chain_len * c->nchain <= cfg->rows, chain_len, "chain_len x nchain at most %d PE rows", cfg->rows);
  RULE(c->e_cols * c->T <= cfg->cols, e_cols, "e_cols x T at most %d PE columns", cfg->cols);
  RULE(c->nchain <= c->S << c->qw_lg, nchain, "at most K = %lld", (long long)(c->S << c->qw_lg));
  RULE(((c->S - 1) * c->dil_x + 1) * words <= WEFT_WINDOW_WORDS, S, "((S-1) x dil_x + 1) << qw_lg at most %d window words",
       WEFT_WINDOW_WORDS);
  RULE(c->P * (c->S << c->qw_lg) * cfg->lanes <= cfg->fspad_bytes, P, "P x K x LANES at most %d filter spad bytes",
       cfg->fspad_bytes);
  RULE(c->P * chains <= WEFT_PARAM_DEPTH, P, "P (x nchain) at most %d requantisation entries", WEFT_PARAM_DEPTH);
  RULE(c->FT * c->P * c->nchain <= WEFT_ACC_DEPTH, FT, "FT x P x nchain at most %d accumulators", WEFT_ACC_DEPTH);
  /* mbase mod 16 takes at most 16 values, so the worst of them is found by looking at that many blocks. */
  int64_t mt = c->P * chains;
  for (int64_t b = 0; b < weft_min64(16, c->NM * c->T); b++) {
    int64_t w = (rows ? c->nchain : 1) * weft_ceil_div((c->out_c0 + b * mt) % WEFT_WORD_BYTES + mt, WEFT_WORD_BYTES);
    RULE(w <= WEFT_OBUF_WORDS, P, "at most %d ofmap words a column and position (this needs %lld)", WEFT_OBUF_WORDS, (long long)w);
  }
  return WEFT_OK;
}

int weft_legal_conv(const weft_config_t *cfg, const weft_conv_t *c, weft_msg_t *m) {
  MIN1(in_h);
  MIN1(in_w);
  RULE(c->in_w_last >= 1 && c->in_w_last <= c->in_w, in_w_last, "1..in_w (%lld)", (long long)c->in_w);
  MIN1(stride_y);
  MIN1(stride_x);
  MIN1(dil_y);
  MIN1(dil_x);
  MIN1(R);
  MIN1(S);
  RULE(c->qw_lg <= WEFT_MAX_QW_LG, qw_lg, "0..%d", WEFT_MAX_QW_LG);
  RULE(c->kind <= WEFT_CHAIN_GROUPS, kind, "0 ROWS, 1 FILTERS or 2 GROUPS");
  MIN1(chain_len);
  MIN1(nchain);
  MIN1(groups);
  MIN1(P);
  MIN1(e_cols);
  MIN1(T);
  MIN1(FT);
  MIN1(OH);
  MIN1(OW);
  RULE(c->OW_last >= 1 && c->OW_last <= c->OW, OW_last, "1..OW (%lld)", (long long)c->OW);
  MIN1(M);
  if (c->kind == WEFT_CHAIN_GROUPS) {
    EQUAL(T, 1, "GROUPS");
    EQUAL(groups, c->nchain, "GROUPS: one group a chain");
    RULE(c->nchain == 1 || c->chain_len == c->R, chain_len, "R (%lld) when GROUPS has several chains", (long long)c->R);
  }
  int rc = derived(cfg, c, m);
  if (!rc) rc = coordinates(c, m);
  if (!rc) rc = capacity(cfg, c, m);
  if (rc) return rc;
  int64_t q = weft_conv_q(cfg, c);
  RULE(q >= cfg->net_bytes || c->groups == 1 || c->pair_dr == 0, pairs,
       "a multiple of R (%lld), because a packet of %d bytes holds several groups of %lld channels", (long long)c->R, cfg->net_bytes,
       (long long)q);
  RULE(c->act_min <= c->act_max, act_min, "at most act_max (%lld)", (long long)c->act_max);
  return WEFT_OK;
}

int weft_legal(const weft_config_t *cfg, const weft_cmd_t *c, weft_msg_t *m) {
  switch (c->hdr.opcode) {
    case WEFT_CMD_LOAD: case WEFT_CMD_STORE: return weft_legal_dma(&c->dma, m);
    case WEFT_CMD_CONV: return weft_legal_conv(cfg, &c->conv, m);
    case WEFT_CMD_VEC: return weft_legal_vec(&c->vec, m);
    case WEFT_CMD_TRANSPOSE: return weft_legal_transpose(&c->transpose, m);
    default: return weft_fail(m, WEFT_E_FORMAT, "opcode = %lld: accepted are 1 LOAD, 2 STORE, 3 CONV, 4 VEC, 5 TRANSPOSE",
                              (long long)c->hdr.opcode);
  }
}
