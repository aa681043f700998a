/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes filter images (see conv_image.h and docs/spec.md, "Filter image" and "Parameter entries").
 *
 * Bytes that no tap uses hold the filter zero point, so they add nothing whatever the ifmap holds.
 */
#include "conv_image.h"

#include <stdlib.h>

#include "quant.h"

typedef struct {
  const weft_conv_geom_t *g;
  const weft_conv_plan_t *p;
  const weft_config_t *cfg;
  const int8_t *w;
  bool depthwise;              /* weights [1, R, S, M] instead of [M, R, S, C of a group] */
} image_t;

/* The filter byte of output channel m (of this layer or slice), tap (r, s), input channel c. */
static int8_t tap(const image_t *im, int m, int r, int s, int c)
{
  const weft_conv_geom_t *g = im->g;
  if (m >= g->Mn || c >= g->Cn) return (int8_t)g->zw;
  if (im->depthwise) {         /* gM is 0 when the slice is one group */
    bool own = !g->gM || c == m / g->gM;
    return own ? im->w[((size_t)r * g->S + s) * g->M + g->m0 + m] : (int8_t)g->zw;
  }
  int depth = g->Cn;
  if (g->gC) {
    if (c / g->gC != m / g->gM) return (int8_t)g->zw;
    depth = g->gC;
    c %= g->gC;
  }
  return im->w[(((size_t)(g->m0 + m) * g->R + r) * g->S + s) * depth + c];
}

/* Byte i of the sequence of a PE: block mb, fold f, filter group t, filter tag. */
static int8_t byte_of(const image_t *im, int mb, int f, int t, int ftag, int i)
{
  const weft_conv_plan_t *p = im->p;
  const weft_conv_geom_t *g = im->g;
  int lanes = im->cfg->lanes, per_filter = p->K * lanes, k = i / per_filter, at = i % per_filter;
  if (k >= p->P) return (int8_t)g->zw;
  int s = at / (lanes << p->qw_lg), ch = at % (lanes << p->qw_lg);
  int chain = p->kind == WEFT_CHAIN_ROWS ? 0 : ftag / p->chain_len;
  int pairs = p->kind == WEFT_CHAIN_GROUPS ? p->chain_len * p->nchain : p->chain_len;
  int rho = p->kind == WEFT_CHAIN_GROUPS ? ftag : ftag % p->chain_len, n = f * pairs + rho;
  if (n >= g->R * p->groups) return (int8_t)g->zw;
  int m = (mb * p->T + t) * p->MT + chain * p->P + k;
  return tap(im, m, n % g->R, s, (mb * p->g_step + n / g->R) * p->q + ch);
}

static void write_block(const image_t *im, int mb, uint8_t *to)
{
  const weft_conv_plan_t *p = im->p;
  int net = im->cfg->net_bytes, fold_bytes = p->fwords / p->folds * WEFT_WORD_BYTES;
  for (int f = 0; f < p->folds; f++) {
    uint8_t *at = to + (size_t)f * fold_bytes;
    for (int k = 0; k < p->filt_pkts; k++)
      for (int t = 0; t < p->T; t++)
        for (int tag = 0; tag < p->NF; tag++)
          for (int b = 0; b < net; b++) *at++ = (uint8_t)byte_of(im, mb, f, t, tag, k * net + b);
  }
}

static void put32(uint8_t *to, uint32_t v)
{
  for (int i = 0; i < 4; i++) to[i] = (uint8_t)(v >> 8 * i);
}

static void write_entries(const weft_emit_t *e, const image_t *im, const int32_t *bias, int mb, uint8_t *to)
{
  const weft_conv_plan_t *p = im->p;
  for (int i = 0; i < p->pwords; i++, to += WEFT_WORD_BYTES) {
    int m = mb * p->T * p->MT + i;          /* entries of t follow each other as the channels do */
    if (m >= im->g->Mn) continue;
    m += im->g->m0;
    int32_t q;
    int x;
    weft_conv_requant(e->g, e->op, m, &q, &x);
    put32(to, bias ? (uint32_t)bias[m] : 0);
    put32(to + 4, (uint32_t)q);
    to[8] = (uint8_t)(x > 0 ? x : 0);
    to[9] = (uint8_t)(x < 0 ? -x : 0);
  }
}

int weft_conv_images(weft_emit_t *e, const weft_conv_geom_t *g, const weft_conv_plan_t *p, uint32_t **blob)
{
  const weft_op_t *op = e->op;
  image_t im = {g, p, e->p->cfg, e->g->tensor[op->in[1]].data, op->code == WEFT_OP_DEPTHWISE_CONV_2D};
  const int32_t *bias = op->nin > 2 && op->in[2] >= 0 ? e->g->tensor[op->in[2]].data : NULL;
  uint32_t *offset = malloc((size_t)p->nblk * sizeof *offset);
  if (!offset) return weft_fail(e->m, WEFT_E_MEMORY, "out of memory");
  for (int blk = 0; blk < p->nblk; blk++) {
    int first = blk * p->nmc, n = p->mbs - first < p->nmc ? p->mbs - first : p->nmc;
    int64_t at = weft_program_constant(e->p, (size_t)n * (size_t)(p->fwords + p->pwords) * WEFT_WORD_BYTES);
    if (at < 0) {
      free(offset);
      return weft_fail(e->m, WEFT_E_MEMORY, "out of memory");
    }
    offset[blk] = (uint32_t)at;
    uint8_t *to = e->p->konst + at;
    for (int mb = 0; mb < n; mb++, to += (size_t)p->fwords * WEFT_WORD_BYTES) write_block(&im, first + mb, to);
    for (int mb = 0; mb < n; mb++, to += (size_t)p->pwords * WEFT_WORD_BYTES) write_entries(e, &im, bias, first + mb, to);
  }
  *blob = offset;
  return WEFT_OK;
}

void weft_conv_images_free(uint32_t *blob) { free(blob); }
