/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes filter images (see conv_image.h and docs/spec.md, "Filter image" and "Parameter entries").
 *
 * Bytes that no tap uses hold the filter zero point, so they add nothing whatever the ifmap holds.
 */
#include "conv_image.h"

#include <stdlib.h>

enum { HALF = 1, HIGH = 2 };     /* bits 80 and 81 of an entry */

typedef struct {
  const weft_conv_geom_t *g;
  const weft_conv_plan_t *p;
  const weft_config_t *cfg;
  const weft_conv_data_t *d;
} image_t;

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
  int c = (mb * p->g_step + n / g->R) * p->q + ch;
  return m < g->Mn && c < g->Cn ? im->d->tap(im->d->ctx, m, n % g->R, s, c) : (int8_t)g->zw;
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

static void write_entries(const image_t *im, int mb, uint8_t *to)
{
  const weft_conv_plan_t *p = im->p;
  for (int i = 0; i < p->pwords; i++, to += WEFT_WORD_BYTES) {
    int m = mb * p->T * p->MT + i, x;       /* entries of t follow each other as the channels do */
    int32_t q, bias;
    if (m >= im->g->Mn) continue;
    im->d->entry(im->d->ctx, m, &bias, &q, &x);
    put32(to, (uint32_t)bias);
    put32(to + 4, (uint32_t)q);
    to[8] = (uint8_t)(x > 0 ? x : 0);
    to[9] = (uint8_t)(x < 0 ? -x : 0);
    if (im->d->halves) to[10] = m % 2 ? HALF | HIGH : HALF;
  }
}

int weft_conv_images(weft_emit_t *e, const weft_conv_geom_t *g, const weft_conv_plan_t *p, const weft_conv_data_t *d, uint32_t **blob)
{
  image_t im = {g, p, e->p->cfg, d};
  int fwords = d->tap ? p->fwords : 0;
  uint32_t *offset = malloc((size_t)p->nblk * sizeof *offset);
  if (!offset) return weft_fail(e->m, WEFT_E_MEMORY, "out of memory");
  for (int blk = 0; blk < p->nblk; blk++) {
    int first = blk * p->nmc, n = p->mbs - first < p->nmc ? p->mbs - first : p->nmc;
    int64_t at = weft_program_constant(e->p, (size_t)n * (size_t)(fwords + p->pwords) * WEFT_WORD_BYTES);
    if (at < 0) {
      free(offset);
      return weft_fail(e->m, WEFT_E_MEMORY, "out of memory");
    }
    offset[blk] = (uint32_t)at;
    if (e->dry) continue;
    uint8_t *to = e->p->konst + at;
    for (int mb = 0; mb < n && fwords; mb++, to += (size_t)fwords * WEFT_WORD_BYTES) write_block(&im, first + mb, to);
    for (int mb = 0; mb < n; mb++, to += (size_t)p->pwords * WEFT_WORD_BYTES) write_entries(&im, first + mb, to);
  }
  *blob = offset;
  return WEFT_OK;
}

void weft_conv_images_free(uint32_t *blob) { free(blob); }
