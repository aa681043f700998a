/* SPDX-License-Identifier: Apache-2.0
 *
 * Literal footprints (see randtouch.h).
 */
#include "randtouch.h"

static void touch(uint8_t *flags, int64_t word, int flag) { flags[word & UINT16_MAX] |= (uint8_t)flag; }

static void dma(const weft_dma_t *c, uint8_t *flags, int flag) {
  for (int64_t i1 = 0; i1 < c->n1; i1++)
    for (int64_t i0 = 0; i0 < c->n0; i0++)
      for (int64_t e = 0; e < c->elems; e++)
        for (int64_t b = 0; b < c->elem_bytes; b++) touch(flags, c->buf + i1 * c->buf_s1 + i0 * c->buf_s0 + e * c->buf_se + b / 16, flag);
}

void randtouch_dram(const weft_dma_t *c, void (*run)(void *ctx, int64_t first, int64_t bytes), void *ctx) {
  for (int64_t i1 = 0; i1 < c->n1; i1++)
    for (int64_t i0 = 0; i0 < c->n0; i0++) run(ctx, c->offset + i1 * c->dram_s1 + i0 * c->dram_s0, c->elems * c->elem_bytes);
}

/* One input row of one tile, for all packets that hold channels of group g of block mb. */
static void ifmap_row(const weft_config_t *cfg, const weft_conv_t *c, int64_t xb, int64_t y, int64_t mb, int64_t g, uint8_t *flags) {
  int64_t q = (int64_t)cfg->lanes << c->qw_lg, first = (mb * c->g_step + g) * q, F = c->OW - xb * c->FT;
  if (F > c->FT) F = c->FT;
  for (int64_t i = 0; i < (F - 1) * c->stride_x + (c->S - 1) * c->dil_x + 1; i++) {
    int64_t x = xb * c->FT * c->stride_x - c->pad_left + i;
    if (x < 0 || x >= c->in_w || (y == c->in_h - 1 && x >= c->in_w_last)) continue;
    for (int64_t ch = first; ch < first + q; ch++) touch(flags, c->in_base + y * c->in_row + x * c->in_pix + ch / 16, TOUCH_READ);
  }
}

static void conv(const weft_config_t *cfg, const weft_conv_t *c, uint8_t *flags) {
  bool rows = c->kind == WEFT_CHAIN_ROWS;
  int64_t E = c->e_cols * (rows ? c->nchain : 1), tags = rows ? c->chain_len : c->chain_len * c->nchain;
  for (int64_t mb = 0; mb < c->NM; mb++)
    for (int64_t yb = 0; yb < c->NY; yb++)
      for (int64_t xb = 0; xb < c->NX; xb++)
        for (int64_t e = 0; e < E; e++)
          for (int64_t r = 0; r < c->R; r++) {
            int64_t y = (yb * c->y_step + e) * c->stride_y - c->pad_top + r * c->dil_y;
            if (y >= 0 && y < c->in_h)
              for (int64_t g = 0; g < c->groups; g++) ifmap_row(cfg, c, xb, y, mb, g, flags);
          }
  int64_t at = c->filt_base;
  for (int64_t i = 0; i < c->NM * c->folds; i++)
    for (int64_t b = 0; b < c->filt_pkts * c->T * tags * cfg->net_bytes; b += 16) touch(flags, at++, TOUCH_READ);
  if (c->psum_out) return;
  for (int64_t i = 0; i < c->NM * c->T * c->P * (rows ? 1 : c->nchain); i++) touch(flags, c->param_base + i, TOUCH_READ);
  for (int64_t oy = 0; oy < c->OH && oy < c->NY * c->y_step; oy++)
    for (int64_t ox = 0; ox < (oy == c->OH - 1 ? c->OW_last : c->OW) && ox < c->NX * c->FT; ox++)
      for (int64_t m = 0; m < c->M && m < c->NM * c->T * c->MT; m++)
        touch(flags, c->out_base + oy * c->out_row + ox * c->out_pix + (c->out_c0 + m) / 16, TOUCH_WRITE);
}

/* Bytes of the operands of one step at one tap of output word (i0, i1, i2): what docs/spec.md says of each selector, one by one. */
static void vec_step(const weft_vec_t *c, const int64_t i[3], int64_t t0, int64_t t1, int64_t code, uint8_t *flags) {
  int a = (int)(code & 3), b = (int)(code >> 2 & 3), fn = (int)(code >> 4 & 7), scale = (int)(code >> 7 & 7), into = (int)(code >> 10 & 7);
  bool first, second;
  switch (fn) {
    case WEFT_FN_A: first = true; second = false; break;
    case WEFT_FN_B: first = false; second = true; break;
    case WEFT_FN_ACC: first = second = false; break;
    default: first = second = true;
  }
  if (into == WEFT_INTO_RECIP) return;
  bool word_a = first || (second && (b == WEFT_B_T1A || b == WEFT_B_T1D));   /* each value of a starts from byte A */
  bool word_b = (second && (b == WEFT_B_RAW || b == WEFT_B_T1)) || scale == WEFT_SCALE_WEIGHT;
  if (word_a) touch(flags, c->a_base + i[2] * c->a_s2 + i[1] * c->a_s1 + i[0] * c->a_s0 + t1 * c->a_k1 + t0 * c->a_k0, TOUCH_READ);
  int64_t at = i[2] * c->b_s2 + i[1] * c->b_s1 + i[0] * c->b_s0;
  if (word_b) touch(flags, c->b_splat ? (16 * c->b_base + c->b_byte + at) % (1 << 20) / 16 : c->b_base + at, TOUCH_READ);
  for (int e = 0; e < 256; e++) {
    if (c->t_stay) break;
    if (first && (a == WEFT_A_T0 || a == WEFT_A_T0D)) touch(flags, c->t0_base + e * (c->t0_wide ? 4 : 1) / 16, TOUCH_READ | TOUCH_TABLE);
    if (second && b != WEFT_B_RAW) touch(flags, c->t1_base + e * (c->t1_wide ? 4 : 1) / 16, TOUCH_READ | TOUCH_TABLE);
  }
  if (into == WEFT_INTO_OUT)
    touch(flags, c->out_base + i[2] * c->out_s2 + i[1] * c->out_s1 + i[0] * c->out_s0 + t1 * c->out_k1 + t0 * c->out_k0, TOUCH_WRITE);
}

static void vec(const weft_vec_t *c, uint8_t *flags) {
  const int64_t step[4] = {c->step0, c->step1, c->step2, c->step3};
  int64_t i[3];
  for (i[2] = 0; i[2] < c->n2; i[2]++)
    for (i[1] = 0; i[1] < c->n1; i[1]++)
      for (i[0] = 0; i[0] < c->n0; i[0]++)
        for (int s = 0; s < c->nsteps; s++) {
          bool taps = step[s] >> 14 & 1;
          for (int64_t t1 = 0; t1 < (taps ? c->k1 : 1); t1++)
            for (int64_t t0 = 0; t0 < (taps ? c->k0 : 1); t0++) vec_step(c, i, t0, t1, step[s], flags);
        }
}

static void transpose(const weft_transpose_t *c, uint8_t *flags) {
  for (int64_t i1 = 0; i1 < c->n1; i1++)
    for (int64_t i0 = 0; i0 < c->n0; i0++) {
      for (int64_t j = 0; j < c->rows; j++) touch(flags, c->in_base + i1 * c->in_s1 + i0 * c->in_s0 + j * c->in_row, TOUCH_READ);
      for (int64_t k = 0; k < c->cols; k++) touch(flags, c->out_base + i1 * c->out_s1 + i0 * c->out_s0 + k * c->out_col, TOUCH_WRITE);
    }
}

void randtouch_buffer(const weft_config_t *cfg, const weft_cmd_t *c, uint8_t flags[1 << 16]) {
  switch (c->hdr.opcode) {
    case WEFT_CMD_LOAD: dma(&c->dma, flags, TOUCH_WRITE); break;
    case WEFT_CMD_STORE: dma(&c->dma, flags, TOUCH_READ); break;
    case WEFT_CMD_CONV: conv(cfg, &c->conv, flags); break;
    case WEFT_CMD_VEC: vec(&c->vec, flags); break;
    case WEFT_CMD_TRANSPOSE: transpose(&c->transpose, flags); break;
    default: break;
  }
}
