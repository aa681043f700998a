/* SPDX-License-Identifier: Apache-2.0
 *
 * The derived fields of a CONV command. The hardware has no divider, so software writes quotients into the record.
 */
#include "conv_shape.h"

static int64_t gcd(int64_t a, int64_t b) {
  while (b) {
    int64_t t = weft_mod(a, b);
    a = b;
    b = t;
  }
  return a;
}

void weft_conv_derive(const weft_config_t *cfg, weft_conv_t *c) {
  int64_t g = gcd(c->stride_y, c->dil_y);
  c->K = c->S << c->qw_lg;
  c->k0 = weft_div(c->dil_y, g);
  c->rsh = weft_div(c->stride_y, g);
  c->r_span = c->R * c->dil_y;
  c->pairs = c->kind == WEFT_CHAIN_GROUPS ? c->chain_len * c->nchain : c->chain_len;
  c->pair_dr = weft_mod(c->pairs, c->R);
  c->pair_dg = weft_div(c->pairs, c->R);
  c->folds = weft_ceil_div(c->R * c->groups, c->pairs);
  c->MT = c->kind == WEFT_CHAIN_ROWS ? c->P : c->P * c->nchain;
  c->y_step = weft_conv_e(c);
  c->filt_pkts = weft_ceil_div(c->P * c->K * cfg->lanes, cfg->net_bytes);
  c->NM = weft_ceil_div(c->M, c->T * c->MT);
  c->NY = weft_ceil_div(c->OH, c->y_step);
  c->NX = weft_ceil_div(c->OW, c->FT);
}
