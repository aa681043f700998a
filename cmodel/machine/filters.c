/* SPDX-License-Identifier: Apache-2.0
 *
 * The filter loader: takes the bytes of one filter block from the filter image, packet by packet as the PEs receive them.
 *
 * The image is read by its layout only, never by what it should contain, so a wrong image gives the RTL's wrong result.
 */
#include "conv_shape.h"
#include "parts.h"

/* Byte b of the sequence of the PEs with filter group t and filter row tag; fold: first word of the fold's packets. */
static inline uint8_t *sequence_byte(const weft_machine_t *m, const weft_conv_t *c, int64_t fold, int64_t t, int64_t tag, int64_t b) {
  int64_t net = m->cfg->net_bytes, packet = (b / net * c->T + t) * weft_conv_nf(c) + tag;
  return m->buffer + fold * WEFT_WORD_BYTES + packet * net + b % net;
}

int weft_mach_filters(weft_machine_t *m, const weft_conv_t *c, int64_t mb, int16_t *to) {
  int64_t words = weft_conv_fold_words(m->cfg, c), base = c->filt_base + mb * c->folds * words;
  if (base + c->folds * words > m->cfg->buf_words) return weft_mach_fail(m, WEFT_ERR_BUFFER, WEFT_ENG_ARRAY, 0);
  bool groups = c->kind == WEFT_CHAIN_GROUPS;
  int64_t pairs = c->R * (groups ? 1 : c->groups), walk = c->K * m->cfg->lanes, net = m->cfg->net_bytes;
  int64_t chains = c->kind == WEFT_CHAIN_ROWS ? 1 : c->nchain;
  for (int64_t t = 0; t < c->T; t++)
    for (int64_t ch = 0; ch < chains; ch++)
      for (int64_t p = 0; p < c->P; p++, to += pairs * walk)
        for (int64_t n = 0; n < pairs; n++) {
          /* Pair n of this chain sits in row k of the chain when fold f is resident. */
          int64_t f = n / c->chain_len, k = n % c->chain_len;
          int16_t *pair = to + n * walk;
          for (int64_t b = 0; b < walk;) {   /* the rest of a packet is contiguous */
            int64_t at = p * walk + b, run = weft_min64(net - at % net, walk - b);
            const uint8_t *from = sequence_byte(m, c, base + f * words, t, ch * c->chain_len + k, at);
            for (int64_t i = 0; i < run; i++) pair[b + i] = (int16_t)((int8_t)from[i] - c->zw);
            b += run;
          }
        }
  return 0;
}
