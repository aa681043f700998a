/* SPDX-License-Identifier: Apache-2.0
 *
 * Random CONV geometries and filter images (see randconv.h).
 *
 * A geometry is drawn freely and thrown away when a rule or limit refuses it, so that every legal corner keeps a chance.
 */
#include "randconv.h"

#include "legal.h"

int64_t randconv_depth(const weft_config_t *cfg, const weft_conv_t *c) {
  return weft_conv_q(cfg, c) * (c->kind == WEFT_CHAIN_GROUPS ? 1 : c->groups);
}

int64_t randconv_first_channel(const weft_config_t *cfg, const weft_conv_t *c, int64_t m) {
  int64_t block = m / (c->MT * c->T), chain = c->kind == WEFT_CHAIN_GROUPS ? m % c->MT / c->P : 0;
  return (block * c->g_step + chain) * weft_conv_q(cfg, c);
}

int64_t randconv_image_words(const weft_config_t *cfg, const weft_conv_t *c) {
  return c->NM * c->folds * weft_conv_fold_words(cfg, c);
}

/* Byte b of the sequence of the PEs in filter group t, row tag `tag`, fold f of block mb. */
static int8_t sequence(const weft_config_t *cfg, const weft_conv_t *c, const int8_t *weight, int64_t mb, int64_t f, int64_t t,
                       int64_t tag, int64_t b) {
  int64_t lanes = cfg->lanes, Q = 1 << c->qw_lg, q = Q * lanes;
  int64_t l = b % lanes, w = b / lanes % Q, s = b / q % c->S, p = b / (q * c->S);
  int64_t chain = c->kind == WEFT_CHAIN_ROWS ? 0 : tag / c->chain_len;
  int64_t rho = c->kind == WEFT_CHAIN_GROUPS ? tag : tag % c->chain_len;
  int64_t n = f * c->pairs + rho, r = n % c->R, g = n / c->R, m = (mb * c->T + t) * c->MT + chain * c->P + p;
  if (p >= c->P || g >= c->groups || m >= c->M) return (int8_t)c->zw;
  int64_t depth = randconv_depth(cfg, c), j = (c->kind == WEFT_CHAIN_GROUPS ? 0 : g * q) + w * lanes + l;
  return weight[((m * c->R + r) * c->S + s) * depth + j];
}

void randconv_image(const weft_config_t *cfg, const weft_conv_t *c, const int8_t *weight, uint8_t *image) {
  int64_t net = cfg->net_bytes;
  int64_t tags = c->kind == WEFT_CHAIN_ROWS ? c->chain_len : c->chain_len * c->nchain;
  for (int64_t mb = 0; mb < c->NM; mb++)
    for (int64_t f = 0; f < c->folds; f++) {
      uint8_t *to = image;
      for (int64_t k = 0; k < c->filt_pkts; k++)
        for (int64_t t = 0; t < c->T; t++)
          for (int64_t tag = 0; tag < tags; tag++)
            for (int64_t i = 0; i < net; i++) *to++ = (uint8_t)sequence(cfg, c, weight, mb, f, t, tag, k * net + i);
      while ((to - image) % WEFT_WORD_BYTES) *to++ = (uint8_t)c->zw;
      image = to;
    }
}

int64_t randconv_entry_words(const weft_conv_t *c) { return c->NM * c->T * c->MT; }

void randconv_entries(const weft_conv_t *c, const randconv_entry_t *entry, uint8_t *to) {
  memset(to, 0, (size_t)randconv_entry_words(c) * WEFT_WORD_BYTES);
  for (int64_t m = 0; m < c->M && m < randconv_entry_words(c); m++, to += WEFT_WORD_BYTES) {
    for (int i = 0; i < 4; i++) {
      to[i] = (uint8_t)((uint32_t)entry[m].bias >> 8 * i);
      to[4 + i] = (uint8_t)((uint32_t)entry[m].mult >> 8 * i);
    }
    to[8] = (uint8_t)entry[m].ls;
    to[9] = (uint8_t)entry[m].rs;
    to[10] = (uint8_t)entry[m].part;
  }
}

randconv_entry_t randconv_entry(rand_t *r, int64_t terms) {
  randconv_entry_t e = {(int32_t)rand_in(r, -20000, 20000), (int32_t)rand_in(r, 1 << 30, INT32_MAX), 0, 0, 0};
  if (rand_chance(r, 25)) {
    e = (randconv_entry_t){(int32_t)rand_u64(r), (int32_t)(rand_u64(r) & INT32_MAX), (int)rand_in(r, 0, 31), (int)rand_in(r, 0, 31), 0};
    if (rand_chance(r, 20)) e.mult = INT32_MAX;
    if (rand_chance(r, 20)) e.mult = 0;
    if (rand_chance(r, 50)) e.ls = 0;
    if (rand_chance(r, 20)) e.part = (int)rand_in(r, 0, 3);
    return e;
  }
  /* A sum of n products of int8 values has about sqrt(n) * 2^13; bring it to 2^7. */
  e.rs = 5;
  while (terms > 1) {
    terms /= 4;
    e.rs++;
  }
  if (rand_chance(r, 10)) e.part = (int)rand_in(r, 0, 3);
  return e;
}

int64_t randconv_ifmap_words(const weft_config_t *cfg, const weft_conv_t *c) {
  int64_t lo, hi;
  weft_conv_packets(cfg, c, c->NM - 1, c->folds - 1, &lo, &hi);
  return (c->in_h - 1) * c->in_row + (c->in_w - 1) * c->in_pix + hi * cfg->net_bytes / WEFT_WORD_BYTES + 1;
}

int64_t randconv_ofmap_words(const weft_conv_t *c) {
  return (c->OH - 1) * c->out_row + (c->OW - 1) * c->out_pix + (c->out_c0 + c->M - 1) / WEFT_WORD_BYTES + 1;
}

static void draw_window(rand_t *r, weft_conv_t *c) {
  c->R = rand_in(r, 1, 5);
  c->S = rand_in(r, 1, 5);
  if (rand_chance(r, 30)) c->R = c->S = 1;
  if (rand_chance(r, 10)) c->R = rand_in(r, 6, 15);
  c->stride_y = rand_in(r, 1, 3);
  c->stride_x = rand_in(r, 1, 3);
  c->dil_y = rand_chance(r, 70) ? 1 : rand_in(r, 2, 4);
  c->dil_x = rand_chance(r, 70) ? 1 : rand_in(r, 2, 4);
  if (rand_chance(r, 5)) c->stride_x = rand_in(r, 4, 9);
  if (rand_chance(r, 5)) c->stride_y = rand_in(r, 4, 9);
  c->pad_top = rand_chance(r, 40) ? 0 : rand_in(r, 0, (c->R - 1) * c->dil_y);
  c->pad_left = rand_chance(r, 40) ? 0 : rand_in(r, 0, (c->S - 1) * c->dil_x);
}

static void draw_mapping(rand_t *r, const weft_config_t *cfg, weft_conv_t *c) {
  c->kind = rand_in(r, 0, 2);
  c->qw_lg = rand_in(r, 0, rand_chance(r, 80) ? 2 : WEFT_MAX_QW_LG);
  c->T = 1;
  c->e_cols = rand_in(r, 1, cfg->cols);
  if (rand_chance(r, 30)) c->e_cols = cfg->cols;
  if (c->kind == WEFT_CHAIN_GROUPS) {
    c->nchain = c->R <= cfg->rows ? rand_in(r, 1, cfg->rows / c->R) : 1;
    c->groups = c->nchain;
    c->chain_len = c->nchain > 1 ? c->R : rand_in(r, 1, cfg->rows);
    c->g_step = rand_chance(r, 80) ? c->nchain : rand_in(r, 0, 3);
  } else {
    c->groups = rand_in(r, 1, rand_chance(r, 50) ? 3 : 12);
    c->chain_len = rand_chance(r, 50) && c->R <= cfg->rows ? c->R * rand_in(r, 1, cfg->rows / c->R) : rand_in(r, 1, cfg->rows);
    c->nchain = rand_in(r, 1, cfg->rows / c->chain_len);
    c->T = rand_in(r, 1, cfg->cols / c->e_cols);
    c->g_step = rand_chance(r, 80) ? 0 : rand_in(r, 0, 3);
  }
  int64_t chains = c->kind == WEFT_CHAIN_ROWS ? 1 : c->nchain, walk = (c->S << c->qw_lg) * cfg->lanes;
  int64_t most = weft_min64(cfg->fspad_bytes / walk, WEFT_PARAM_DEPTH / chains);
  c->P = rand_in(r, 1, rand_chance(r, 60) ? weft_min64(most, 8) : most);
  c->FT = rand_in(r, 1, weft_max64(1, WEFT_ACC_DEPTH / (c->P * c->nchain)));
  if (rand_chance(r, 50)) c->FT = rand_in(r, 1, weft_min64(c->FT, 6));
}

static void draw_maps(rand_t *r, const weft_config_t *cfg, weft_conv_t *c) {
  c->OH = rand_in(r, 1, rand_chance(r, 70) ? 6 : 20);
  c->OW = rand_in(r, 1, rand_chance(r, 70) ? 8 : 30);
  c->M = rand_in(r, 1, rand_chance(r, 70) ? 20 : 70);
  c->OW_last = rand_chance(r, 80) ? c->OW : rand_in(r, 1, c->OW);
  /* An ifmap of about the size that the outputs ask for; smaller and larger ones are as legal. */
  int64_t h = (c->OH - 1) * c->stride_y + (c->R - 1) * c->dil_y + 1 - c->pad_top;
  int64_t w = (c->OW - 1) * c->stride_x + (c->S - 1) * c->dil_x + 1 - c->pad_left;
  c->in_h = weft_max64(1, h - (rand_chance(r, 50) ? c->pad_top : rand_in(r, -1, 3)));
  c->in_w = weft_max64(1, w - (rand_chance(r, 50) ? c->pad_left : rand_in(r, -1, 3)));
  c->in_w_last = rand_chance(r, 80) ? c->in_w : rand_in(r, 1, c->in_w);
  c->zx = rand_i8(r);
  c->zw = rand_chance(r, 70) ? 0 : rand_i8(r);
  c->zo = rand_i8(r);
  c->act_min = rand_chance(r, 70) ? INT8_MIN : rand_i8(r);
  c->act_max = rand_chance(r, 70) ? INT8_MAX : rand_in(r, c->act_min, INT8_MAX);
  c->out_c0 = rand_chance(r, 60) ? 0 : rand_in(r, 0, WEFT_WORD_BYTES - 1);
  weft_conv_derive(cfg, c);
  int64_t lo, hi;
  weft_conv_packets(cfg, c, c->NM - 1, c->folds - 1, &lo, &hi);
  c->in_pix = hi * cfg->net_bytes / WEFT_WORD_BYTES + 1 + (rand_chance(r, 80) ? 0 : rand_in(r, 0, 3));
  c->in_row = c->in_pix * c->in_w + (rand_chance(r, 80) ? 0 : rand_in(r, 0, 5));
  c->out_pix = (c->out_c0 + c->M - 1) / WEFT_WORD_BYTES + 1 + (rand_chance(r, 80) ? 0 : rand_in(r, 0, 3));
  c->out_row = c->out_pix * c->OW + (rand_chance(r, 80) ? 0 : rand_in(r, 0, 5));
}

static bool within(const weft_config_t *cfg, const randconv_limits_t *limits, const weft_conv_t *c) {
  return !weft_legal_conv(cfg, c, NULL) && c->NM * c->NY * c->OW * c->folds * c->P * c->K <= limits->max_issue &&
         randconv_ifmap_words(cfg, c) <= limits->max_words && randconv_ofmap_words(c) <= limits->max_words &&
         randconv_image_words(cfg, c) <= limits->max_words && randconv_entry_words(c) <= limits->max_words;
}

void randconv_geometry(rand_t *r, const weft_config_t *cfg, const randconv_limits_t *limits, weft_conv_t *c) {
  do {
    memset(c, 0, sizeof *c);
    c->opcode = WEFT_CMD_CONV;
    draw_window(r, c);
    draw_mapping(r, cfg, c);
    draw_maps(r, cfg, c);
  } while (!within(cfg, limits, c));
}

void randconv_one_group(const weft_config_t *cfg, weft_conv_t *c) {
  c->OH = weft_min64(c->OH, c->y_step);
  c->OW = weft_min64(c->OW, c->FT);
  c->OW_last = weft_min64(c->OW_last, c->OW);
  c->M = weft_min64(c->M, c->T * c->MT);
  weft_conv_derive(cfg, c);
}

void randconv_like(rand_t *r, const weft_config_t *cfg, const randconv_limits_t *limits, const weft_conv_t *like, weft_conv_t *c) {
  enum { TRIES = 300 };
  for (int i = 0; i < TRIES; i++) {
    memset(c, 0, sizeof *c);
    c->opcode = WEFT_CMD_CONV;
    draw_window(r, c);
    draw_mapping(r, cfg, c);
    c->kind = like->kind;
    c->nchain = like->nchain;
    if (c->kind == WEFT_CHAIN_GROUPS) {
      c->groups = c->nchain;
      if (c->nchain > 1) c->chain_len = c->R;
    } else if (c->groups > 1 && c->chain_len % c->R && weft_conv_q(cfg, c) < cfg->net_bytes) {
      continue;
    }
    c->P = like->P;
    c->e_cols = like->e_cols;
    c->T = like->T;
    draw_maps(r, cfg, c);
    c->FT = like->FT;
    c->OH = like->OH;
    c->OW = like->OW;
    c->OW_last = like->OW_last;
    c->M = like->M;
    weft_conv_derive(cfg, c);
    c->out_pix = (c->out_c0 + c->M - 1) / WEFT_WORD_BYTES + 1;
    c->out_row = c->out_pix * c->OW;
    if (within(cfg, limits, c)) return;
  }
  *c = *like;
}
