/* SPDX-License-Identifier: Apache-2.0
 *
 * The array: CONV by its meaning (docs/spec.md section 4), one output position after the other.
 *
 * The RTL spreads the sum over PE rows, walks and folds; int32 addition wraps, so any order gives the same psum. Here the ifmap
 * values of a position are gathered once in the order of the filter bytes, then every filter is one long dot product, which the
 * compiler turns into 16-bit multiply-adds. Rows of void pairs hold zero filters and are skipped.
 */
#include "conv_shape.h"
#include "parts.h"

static int32_t dot(const int16_t *a, const int16_t *b, int64_t n) {
  uint32_t sum = 0;
  for (int64_t i = 0; i < n; i++) sum += (uint32_t)((int32_t)a[i] * b[i]);
  return (int32_t)sum;
}

/* Ifmap values minus zero point for output (oy, ox), for pairs n = g*R + r with g in [g0, g0 + groups): to[(n*S + s)*q + channel]. */
static int gather(weft_machine_t *m, const weft_conv_t *c, int64_t oy, int64_t ox, int64_t g0, int64_t groups, int16_t *to) {
  int64_t q = weft_conv_q(m->cfg, c);
  for (int64_t g = g0; g < g0 + groups; g++)
    for (int64_t r = 0; r < c->R; r++)
      for (int64_t s = 0; s < c->S; s++) {
        int64_t y = oy * c->stride_y - c->pad_top + r * c->dil_y, x = ox * c->stride_x - c->pad_left + s * c->dil_x;
        if (y < 0 || y >= c->in_h || x < 0 || x >= (y == c->in_h - 1 ? c->in_w_last : c->in_w)) {
          memset(to, 0, (size_t)q * sizeof *to);
          to += q;
          continue;
        }
        int64_t ch = g * q, end = ch + q, addr = c->in_base + y * c->in_row + x * c->in_pix;
        while (ch < end) {
          const uint8_t *word = weft_mach_word(m, addr + ch / WEFT_WORD_BYTES, WEFT_ENG_ARRAY);
          if (!word) return -1;
          int64_t b = ch % WEFT_WORD_BYTES, n = weft_min64(WEFT_WORD_BYTES - b, end - ch);
          for (int64_t i = 0; i < n; i++) to[i] = (int16_t)((int8_t)word[b + i] - c->zx);
          to += n;
          ch += n;
        }
      }
  return 0;
}

/* The sum of one output: from and to the accumulators where the command says so (one pass group then, which they hold), else to the lanes. */
static int give(weft_machine_t *m, const weft_conv_t *c, int64_t oy, int64_t ox, int64_t channel, const uint8_t *entry, int32_t sum) {
  const int64_t at = (oy * c->OW + ox) * c->M + channel;
  if (c->psum_in) sum = (int32_t)((uint32_t)sum + (uint32_t)m->psum[at]);
  if (!c->psum_out) return weft_mach_collect(m, c, oy, ox, channel, entry, sum);
  m->psum[at] = sum;
  return 0;
}

/* All outputs at (oy, ox) of filter block mb. entry: the block's parameter words. */
static int position(weft_machine_t *m, const weft_conv_t *c, int64_t mb, int64_t oy, int64_t ox, const uint8_t *entry,
                    const int16_t *filter, int16_t *ifmap) {
  bool by_group = c->kind == WEFT_CHAIN_GROUPS;
  int64_t parts = by_group ? c->nchain : 1, groups = by_group ? 1 : c->groups;
  int64_t count = (by_group ? c->P : c->T * c->MT);   /* filters of a part */
  int64_t length = c->R * groups * weft_conv_q(m->cfg, c) * c->S, channel = mb * c->T * c->MT;
  for (int64_t part = 0; part < parts; part++) {
    if (channel >= c->M) return 0;
    if (gather(m, c, oy, ox, mb * c->g_step + part, groups, ifmap)) return -1;
    for (int64_t i = 0; i < count && channel < c->M; i++, channel++, filter += length, entry += WEFT_WORD_BYTES)
      if (give(m, c, oy, ox, channel, entry, dot(ifmap, filter, length))) return -1;
  }
  return 0;
}

static void count(weft_machine_t *m, const weft_conv_t *c) {
  uint64_t *n = m->counter;
  uint64_t blocks = (uint64_t)(c->NM * c->NY), folds = (uint64_t)c->folds, positions = blocks * (uint64_t)weft_conv_columns(c);
  uint64_t issue = positions * folds * (uint64_t)(c->P * c->K), vectors = positions * (uint64_t)(c->P * c->nchain);
  uint64_t loads = folds == 1 ? (uint64_t)c->NM : blocks * (uint64_t)c->NX * folds;
  n[WEFT_CNT_ISSUE] += issue;
  n[WEFT_CNT_MAC] += issue * (uint64_t)(c->chain_len * c->nchain * c->e_cols * c->T * m->cfg->lanes);
  n[WEFT_CNT_PSUM_OUT] += c->psum_out ? 0 : vectors;
  n[WEFT_CNT_ACC_READ] += vectors * (folds - 1 + (uint64_t)c->psum_in);
  n[WEFT_CNT_ACC_WRITE] += vectors * (folds - 1 + (uint64_t)c->psum_out);
  n[WEFT_CNT_NOC_FILTER] += loads * (uint64_t)weft_conv_fold_packets(c);
  n[WEFT_CNT_BUF_FILTER] += loads * (uint64_t)weft_conv_fold_words(m->cfg, c);
  n[WEFT_CNT_BUF_PARAM] += c->psum_out ? 0 : (uint64_t)(c->NM * c->T * c->MT);
}

int weft_mach_conv(weft_machine_t *m, const weft_conv_t *c) {
  if (weft_mach_feed(m, c)) return -1;
  int16_t *filter = m->scratch, *ifmap = m->scratch + weft_machine_buffer_bytes(m->cfg);
  for (int64_t mb = 0; mb < c->NM; mb++) {
    int64_t entry = c->param_base + mb * c->T * c->MT;   /* first parameter word of the block */
    if (c->psum_out) entry = 0;                          /* none is read */
    else if (entry + c->T * c->MT > m->cfg->buf_words) return weft_mach_fail(m, WEFT_ERR_BUFFER, WEFT_ENG_ARRAY, 0);
    if (weft_mach_filters(m, c, mb, filter)) return -1;
    for (int64_t oy = 0; oy < weft_conv_rows(c); oy++)
      for (int64_t ox = 0; ox < weft_min64(weft_conv_columns(c), oy == c->OH - 1 ? c->OW_last : c->OW); ox++)
        if (position(m, c, mb, oy, ox, m->buffer + entry * WEFT_WORD_BYTES, filter, ifmap)) return -1;
  }
  count(m, c);
  if (!c->psum_out) weft_mach_collect_count(m, c);
  return 0;
}
