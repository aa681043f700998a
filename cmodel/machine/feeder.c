/* SPDX-License-Identifier: Apache-2.0
 *
 * The ifmap feeder: which packets it sends for a CONV command, how many of them are zero, and that all others lie in the buffer.
 *
 * Counting is analytic per pass: a packet is (input row, input column, channel block), and which rows and which columns lie in the
 * image does not depend on the other two, except in a last row that is shorter (in_w_last).
 */
#include "conv_shape.h"
#include "parts.h"

/* Input columns of all tiles of a row block: sent, within the image, within the image's last row. */
typedef struct { int64_t sent, inside, last; } columns_t;

static int64_t overlap(int64_t first, int64_t n, int64_t width) {   /* |[first, first + n) and [0, width)| */
  return weft_max64(0, weft_min64(first + n, width) - weft_max64(first, 0));
}

static columns_t count_columns(const weft_conv_t *c) {
  columns_t r = {0, 0, 0};
  for (int64_t xb = 0; xb < c->NX; xb++) {
    int64_t first, n = weft_conv_tile(c, xb, &first);
    r.sent += n;
    r.inside += overlap(first, n, c->in_w);
    r.last += overlap(first, n, c->in_w_last);
  }
  return r;
}

/* Reads one input row of all tiles: every address within the buffer? The quick test covers all maps that do not wrap. */
static int check_row(weft_machine_t *m, const weft_conv_t *c, int64_t y, int64_t word) {
  int64_t width = y == c->in_h - 1 ? c->in_w_last : c->in_w, row = c->in_base + y * c->in_row + word;
  if (row + (width - 1) * c->in_pix < m->cfg->buf_words) return 0;
  for (int64_t xb = 0; xb < c->NX; xb++) {
    int64_t first, n = weft_conv_tile(c, xb, &first);
    for (int64_t x = weft_max64(first, 0); x < weft_min64(first + n, width); x++)
      if (!weft_mach_word(m, row + x * c->in_pix, WEFT_ENG_ARRAY)) return -1;
  }
  return 0;
}

int weft_mach_feed(weft_machine_t *m, const weft_conv_t *c) {
  const weft_config_t *cfg = m->cfg;
  const columns_t x = count_columns(c);
  int64_t E = weft_conv_e(c);
  uint64_t sent = 0, read = 0;
  for (int64_t mb = 0; mb < c->NM; mb++)
    for (int64_t yb = 0; yb < c->NY; yb++)
      for (int64_t f = 0; f < c->folds; f++) {
        int64_t cb, last, y0 = yb * c->y_step * c->stride_y - c->pad_top;
        for (weft_conv_packets(cfg, c, mb, f, &cb, &last); cb <= last; cb++) {
          int64_t lo, hi;
          weft_conv_filter_rows(cfg, c, mb, f, cb, &lo, &hi);
          /* (r, e) and (r + rsh, e - k0) need the same row, which is sent once: with the smaller e. */
          for (int64_t e = 0; e < E; e++)
            for (int64_t r = e < c->k0 ? lo : weft_max64(lo, hi - c->rsh + 1); r <= hi; r++) {
              int64_t y = y0 + r * c->dil_y + e * c->stride_y;
              sent += (uint64_t)x.sent;
              weft_mach_events_packets(m, c, mb, f, cb, r * c->dil_y + e * c->stride_y, x.sent);
              if (y < 0 || y >= c->in_h) continue;
              read += (uint64_t)(y == c->in_h - 1 ? x.last : x.inside);
              if (check_row(m, c, y, cb * cfg->net_bytes / WEFT_WORD_BYTES)) return -1;
            }
        }
      }
  m->counter[WEFT_CNT_NOC_IFMAP] += sent;
  m->counter[WEFT_CNT_NOC_ZERO] += sent - read;
  m->counter[WEFT_CNT_BUF_IFMAP] += read;
  return 0;
}
