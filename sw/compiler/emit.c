/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands from tiles (see emit.h).
 */
#include "emit.h"

enum {
  ELEM_LIMIT = 65520,            /* bytes of one DMA element, a multiple of 16 */
  KEPT_PART = 2                  /* a tensor that is kept takes at most this part of the buffer */
};

static int words_of(int bytes) { return (bytes + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES; }

/* Into the job. What it overwrites is not kept any longer. */
static int push(weft_emit_t *e, weft_cmd_t *c)
{
  weft_span_t span[WEFT_MAX_SPANS];
  int n = weft_spans(c, e->p->cfg, span);
  for (int i = 0; i < n; i++)
    if (span[i].write && span[i].space == 0) weft_keep_overwritten(e->keep, span[i].lo, span[i].hi);
  return weft_sched_emit(e->s, c, e->m);
}

int weft_emit_dma(weft_emit_t *e, const weft_dma_t *d)
{
  weft_cmd_t c;
  memset(&c, 0, sizeof c);
  c.dma = *d;
  c.hdr.tag = (int64_t)(e->layer - e->p->layer);
  bool out = false;
  if (d->region == WEFT_REG_ARENA && d->opcode == WEFT_CMD_STORE) {
    uint64_t end = (uint64_t)(d->offset + (d->n1 - 1) * d->dram_s1 + (d->n0 - 1) * d->dram_s0 + d->elems * d->elem_bytes);
    weft_keep_changed(e->keep, (int)d->region, (uint64_t)d->offset, end);
    int err = weft_stores_put(e->stores, d, e->lasting, &out, e->m);
    if (err || out) return err;
  }
  if (d->region == WEFT_REG_ARENA && d->opcode == WEFT_CMD_LOAD) weft_stores_get(e->stores, d);
  uint64_t runs = (uint64_t)(d->n0 * d->n1), bytes = runs * (uint64_t)(d->elems * d->elem_bytes);
  uint64_t words = runs * (uint64_t)d->elems * (uint64_t)words_of((int)d->elem_bytes);
  if (d->opcode == WEFT_CMD_LOAD) e->layer->load_bytes += bytes;
  else e->layer->store_bytes += bytes;
  e->runs += runs + bytes / 64 + 4;
  e->ticks += bytes / (uint64_t)e->p->cfg->bus_bytes + words + 4 * runs + 200;
  return push(e, &c);
}

static int emit_rect(weft_emit_t *e, int opcode, const weft_image_t *im, const weft_rect_t *r, int buf, int row, int pix)
{
  uint64_t at = im->place.offset + (((uint64_t)r->n * im->H + r->y) * im->W + r->x) * im->C + r->c;
  weft_dma_t d = {.opcode = opcode, .region = im->place.region, .offset = (int64_t)at, .elem_bytes = r->nc, .buf = buf, .n1 = 1};
  int64_t line = (int64_t)r->sy * im->W * im->C;
  if (r->sx == 1 && r->nc == im->C) {
    d.elems = r->nx;
    d.buf_se = pix;
    d.n0 = r->ny;
    if (r->ny > 1) {
      d.dram_s0 = line;
      d.buf_s0 = row;
    }
    if (r->ny > 1 && line == (int64_t)r->nx * im->C && row == r->nx * pix && (int64_t)r->nx * r->ny <= 0xffff) {
      d.elems = (int64_t)r->nx * r->ny;     /* the rows follow each other: one run */
      d.n0 = 1;
      d.dram_s0 = d.buf_s0 = 0;
    }
    if (d.elems == 1) d.buf_se = 0;
  } else {
    d.elems = 1;
    d.n0 = r->nx;
    d.n1 = r->ny;
    if (r->nx > 1) {
      d.dram_s0 = (int64_t)r->sx * im->C;
      d.buf_s0 = pix;
    }
    if (r->ny > 1) {
      d.dram_s1 = line;
      d.buf_s1 = row;
    }
  }
  return weft_emit_dma(e, &d);
}

int weft_emit_load(weft_emit_t *e, const weft_image_t *im, const weft_rect_t *r, int buf, int row, int pix)
{
  return emit_rect(e, WEFT_CMD_LOAD, im, r, buf, row, pix);
}

int weft_emit_store(weft_emit_t *e, const weft_image_t *im, const weft_rect_t *r, int buf, int row, int pix)
{
  return emit_rect(e, WEFT_CMD_STORE, im, r, buf, row, pix);
}

static int emit_flat(weft_emit_t *e, int opcode, int region, uint32_t offset, int bytes, int buf)
{
  for (int done = 0, err; done < bytes;) {
    int n = bytes - done < ELEM_LIMIT ? bytes - done : ELEM_LIMIT;
    weft_dma_t d = {.opcode = opcode, .region = region, .offset = (int64_t)offset + done, .elem_bytes = n, .elems = 1, .n0 = 1, .n1 = 1,
                    .buf = buf + done / WEFT_WORD_BYTES};
    if ((err = weft_emit_dma(e, &d))) return err;
    done += n;
  }
  return WEFT_OK;
}

int weft_emit_load_flat(weft_emit_t *e, int region, uint32_t offset, int bytes, int buf)
{
  return emit_flat(e, WEFT_CMD_LOAD, region, offset, bytes, buf);
}

int weft_emit_store_flat(weft_emit_t *e, int region, uint32_t offset, int bytes, int buf)
{
  return emit_flat(e, WEFT_CMD_STORE, region, offset, bytes, buf);
}

int weft_emit_conv(weft_emit_t *e, weft_conv_t *v, double cycles)
{
  weft_cmd_t c;
  memset(&c, 0, sizeof c);
  c.conv = *v;
  c.hdr.opcode = WEFT_CMD_CONV;
  c.hdr.tag = (int64_t)(e->layer - e->p->layer);
  e->ticks += (uint64_t)(2 * cycles) + 1000;
  return push(e, &c);
}

/* Lane beats of one output word times lanes a word: a step for each tap or once, RECIP is eight passes through the lanes. */
static uint64_t vec_passes(const weft_vec_t *v)
{
  const int64_t code[4] = {v->step0, v->step1, v->step2, v->step3};
  uint64_t n = 0;
  for (int i = 0; i < v->nsteps && i < 4; i++) {
    weft_step_t s = weft_step_unpack(code[i]);
    n += s.into == WEFT_INTO_RECIP ? 8 : s.taps ? (uint64_t)(v->k0 * v->k1) : 1;
  }
  return n;
}

int weft_emit_vec(weft_emit_t *e, weft_vec_t *v)
{
  enum { TABLES = 512 };         /* cycles to fill both tables, entry by entry */
  weft_cmd_t c;
  memset(&c, 0, sizeof c);
  c.vec = *v;
  c.hdr.opcode = WEFT_CMD_VEC;
  c.hdr.tag = (int64_t)(e->layer - e->p->layer);
  uint64_t words = (uint64_t)(v->n0 * v->n1 * v->n2), passes = vec_passes(v);
  uint64_t beats = words * passes * (uint64_t)(WEFT_WORD_BYTES / e->p->cfg->ppu_lanes);
  e->layer->cycles += beats;
  e->ticks += 2 * beats + words * passes * 4 + TABLES + 200;
  return push(e, &c);
}

int weft_emit_transpose(weft_emit_t *e, weft_transpose_t *t)
{
  enum { FILL = 25 };            /* cycles from the first word read to the first word written */
  weft_cmd_t c;
  memset(&c, 0, sizeof c);
  c.transpose = *t;
  c.hdr.opcode = WEFT_CMD_TRANSPOSE;
  c.hdr.tag = (int64_t)(e->layer - e->p->layer);
  uint64_t cycles = (uint64_t)(t->n0 * t->n1 * (t->rows > t->cols ? t->rows : t->cols)) + FILL;
  e->layer->cycles += cycles;
  e->ticks += 4 * cycles + 200;
  return push(e, &c);
}

/* Bases within lo..hi, class `kept` first; from above when the layer is to take the upper end. */
static bool lay(const weft_emit_t *e, int lo, int hi, int n, const int *count, const int *words, int kept, bool apart, int *base)
{
  const int bank = e->p->cfg->bank_words;
  int at = e->top ? hi : lo;
  for (int i = -1; i < n; i++) {
    int k = i < 0 ? kept : i;
    if (k < 0 || (i >= 0 && k == kept)) continue;
    if (e->top) {
      at -= count[k] * words[k];
      if (apart) at = at < 0 ? at : at / bank * bank;
      base[k] = at;
    } else {
      if (apart) at = (at + bank - 1) / bank * bank;
      base[k] = at;
      at += count[k] * words[k];
    }
  }
  return at >= lo && at <= hi;
}

bool weft_emit_slots_kept(weft_emit_t *e, int n, const int *count, const int *words, int kept, int *base)
{
  const int part = e->windows ? e->p->cfg->buf_words / e->windows : 0, lo = e->windows ? e->window * part : e->lo, end = e->windows ? lo + part : e->hi;
  /* Best in banks apart, and with room above what is kept; neither is needed. */
  for (int try = 0; try < 4; try++) {
    int last = e->p->cfg->buf_words - WEFT_CONV_BEYOND, hi = try < 2 && kept >= 0 && end > last ? last : end;
    if (!lay(e, lo, hi, n, count, words, kept, try % 2 == 0, base)) continue;
    uint32_t used = 0;
    for (int i = 0; i < n; i++) used += (uint32_t)(count[i] * words[i]);
    if (used > e->p->buffer_words) e->p->buffer_words = used;
    return true;
  }
  return false;
}

bool weft_emit_slots(weft_emit_t *e, int n, const int *count, const int *words, int *base)
{
  return weft_emit_slots_kept(e, n, count, words, -1, base);
}

static uint64_t tensor_bytes(const weft_emit_t *e, int t)
{
  return e->g->tensor[t].elements * weft_dtype_size(e->g->tensor[t].type);
}

int weft_emit_keep_words(const weft_emit_t *e, int elem)
{
  if (e->out_last < 0 || !e->op->nout || e->choice->stays == WEFT_NO) return 0;
  int64_t words = weft_keep_words(tensor_bytes(e, e->op->out[0]), elem);
  if (e->choice->stays == WEFT_YES) return words <= (int64_t)(e->hi - e->lo) * 3 / 4 ? (int)words : 0;
  return words <= e->p->cfg->buf_words / KEPT_PART && words <= (e->hi - e->lo) / 2 ? (int)words : 0;
}

void weft_emit_kept(weft_emit_t *e, int elem, int base)
{
  int t = e->op->out[0];
  uint64_t bytes = tensor_bytes(e, t);
  weft_keep_add(e->keep, &(weft_kept_t){e->p->place[t].region, e->p->place[t].offset, (uint32_t)bytes, elem, base, (int)weft_keep_words(bytes, elem), e->out_last});
}

void weft_emit_forget(weft_emit_t *e)
{
  e->keep->n = 0;
  e->lo = 0;
  e->hi = e->cfg->buf_words = e->p->cfg->buf_words;
}

int weft_emit_find(const weft_emit_t *e, int t, int elem)
{
  return weft_keep_find(e->keep, e->p->place[t].region, e->p->place[t].offset, tensor_bytes(e, t), elem);
}

void weft_emit_slots_apart(const weft_emit_t *e, int n, const int *count, int *words)
{
  const weft_config_t *cfg = e->p->cfg;
  int banks = 0, room = e->windows ? cfg->buf_words / e->windows : cfg->buf_words / 2;
  for (int i = 0; i < n; i++) banks += count[i] * ((words[i] + cfg->bank_words - 1) / cfg->bank_words);
  for (int i = 0; i < n && banks * cfg->bank_words <= room; i++)
    if (count[i] > 1) words[i] = (words[i] + cfg->bank_words - 1) / cfg->bank_words * cfg->bank_words;
}
