/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers that follow from the fields of a CONV command: how often it loops, how large its filter image is.
 *
 * Machine model, validator, compiler and random lists take them from here, so that each formula of docs/spec.md section 4
 * stands once. All functions expect fields that weft_legal_conv() accepts, weft_conv_derive() excepted.
 */
#ifndef WEFT_CONV_SHAPE_H
#define WEFT_CONV_SHAPE_H

#include "weft_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fills every field that follows from the others: qw_lg, kind, R, S, strides, dilations, chain_len, nchain, groups, P, e_cols, T,
 * FT, OH, OW, M must be set (all >= 1); sets K, k0, rsh, r_span, pairs, pair_dr, pair_dg, folds, MT, y_step, filt_pkts and the
 * block counts NM, NY, NX that cover M, OH, OW. */
void weft_conv_derive(const weft_config_t *cfg, weft_conv_t *c);

/* a / b and a % b of numbers >= 0. A 32-bit processor divides 64 bits by a long routine: spare it where 32 are enough. */
static inline int64_t weft_div(int64_t a, int64_t b) {
  return UINTPTR_MAX > UINT32_MAX || (a | b) >> 32 ? a / b : (int64_t)((uint32_t)a / (uint32_t)b);
}
static inline int64_t weft_mod(int64_t a, int64_t b) { return a - weft_div(a, b) * b; }
static inline int64_t weft_ceil_div(int64_t a, int64_t b) { return weft_div(a + b - 1, b); }
static inline int64_t weft_min64(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t weft_max64(int64_t a, int64_t b) { return a > b ? a : b; }

/* q: channels of a group. */
static inline int64_t weft_conv_q(const weft_config_t *cfg, const weft_conv_t *c) { return (int64_t)cfg->lanes << c->qw_lg; }

/* NF: filter rows with different contents in one column. */
static inline int64_t weft_conv_nf(const weft_conv_t *c) {
  return c->kind == WEFT_CHAIN_ROWS ? c->chain_len : c->chain_len * c->nchain;
}

/* E: output rows that a pass computes at once. */
static inline int64_t weft_conv_e(const weft_conv_t *c) { return c->e_cols * (c->kind == WEFT_CHAIN_ROWS ? c->nchain : 1); }

/* Filter packets of one (filter block, fold), and the buffer words that they fill. */
static inline int64_t weft_conv_fold_packets(const weft_conv_t *c) { return c->filt_pkts * c->T * weft_conv_nf(c); }
static inline int64_t weft_conv_fold_words(const weft_config_t *cfg, const weft_conv_t *c) {
  return weft_ceil_div(weft_conv_fold_packets(c) * cfg->net_bytes, WEFT_WORD_BYTES);
}

/* Output rows, columns and channels that the loops reach (the others of OH, OW, M are left alone). */
static inline int64_t weft_conv_rows(const weft_conv_t *c) { return weft_min64(c->OH, c->NY * c->y_step); }
static inline int64_t weft_conv_columns(const weft_conv_t *c) { return weft_min64(c->OW, c->NX * c->FT); }
static inline int64_t weft_conv_channels(const weft_conv_t *c) { return weft_min64(c->M, c->NM * c->T * c->MT); }

/* Ifmap columns that the tile xb slides over: first (may be negative) and count. */
static inline int64_t weft_conv_tile(const weft_conv_t *c, int64_t xb, int64_t *first) {
  int64_t F = weft_min64(c->FT, c->OW - xb * c->FT);
  *first = xb * c->FT * c->stride_x - c->pad_left;
  return (F - 1) * c->stride_x + (c->S - 1) * c->dil_x + 1;
}

/* Network packets (blocks of net_bytes channels) that fold f of filter block mb needs: [*lo, *hi]. */
static inline void weft_conv_packets(const weft_config_t *cfg, const weft_conv_t *c, int64_t mb, int64_t f, int64_t *lo, int64_t *hi) {
  int64_t q = weft_conv_q(cfg, c), n0 = f * c->pairs, n1 = weft_min64(n0 + c->pairs, c->R * c->groups) - 1;
  *lo = weft_div((mb * c->g_step + weft_div(n0, c->R)) * q, cfg->net_bytes);
  *hi = weft_div((mb * c->g_step + weft_div(n1, c->R)) * q + q - 1, cfg->net_bytes);
}

/* Rows r of the filter that fold f holds for the groups of packet cb: [*lo, *hi]. */
static inline void weft_conv_filter_rows(const weft_config_t *cfg, const weft_conv_t *c, int64_t mb, int64_t f, int64_t cb, int64_t *lo, int64_t *hi) {
  int64_t q = weft_conv_q(cfg, c), n0 = f * c->pairs, n1 = weft_min64(n0 + c->pairs, c->R * c->groups) - 1;
  if (q < cfg->net_bytes) {   /* several groups in a packet: each whole, or there is only one */
    *lo = c->groups == 1 ? n0 : 0;
    *hi = c->groups == 1 ? n1 : c->R - 1;
    return;
  }
  int64_t g = cb * cfg->net_bytes / q - mb * c->g_step;
  *lo = weft_max64(n0 - g * c->R, 0);
  *hi = weft_min64(n1 - g * c->R, c->R - 1);
}

#ifdef __cplusplus
}
#endif
#endif
