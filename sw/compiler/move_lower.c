/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators that move bytes, as LOAD and STORE (and TRANSPOSE) commands: whatever box is not in place already is copied.
 *
 * Channels that are joined or cut at multiples of 16 meet in the buffer: pixels are put together (taken apart) there, so that the
 * joined side is one contiguous run in DRAM instead of a run for each pixel and part.
 */
#include <stdio.h>

#include "copy.h"
#include "lower_limits.h"

enum { MAX_PARTS = 64 };
enum { MAX_COMMANDS = WEFT_MOVE_COMMANDS };

typedef struct {
  weft_emit_t *e;
  weft_ring_t ring;
  int64_t bytes;               /* what is not in place, in whole buffer words */
  int boxes, moved;
  weft_box_t part[MAX_PARTS];  /* the first boxes */
} move_t;

static bool in_place(const weft_program_t *p, const weft_box_t *b)
{
  if (b->from == WEFT_FILL || b->rank) return false;
  const weft_place_t *f = &p->place[b->from], *t = &p->place[b->to];
  return f->region == t->region && (int64_t)f->offset + b->from_at == (int64_t)t->offset + b->to_at;
}

static int measure(void *ctx, const weft_box_t *b)
{
  move_t *m = ctx;
  int64_t n = (b->run + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES * WEFT_WORD_BYTES;
  for (int i = 0; i < b->rank; i++) n *= b->n[i];
  if (m->boxes < MAX_PARTS) m->part[m->boxes] = *b;
  m->boxes++;
  if (!in_place(m->e->p, b)) m->bytes += n;
  return WEFT_OK;
}

static int move(void *ctx, const weft_box_t *b)
{
  move_t *m = ctx;
  if (in_place(m->e->p, b)) return WEFT_OK;
  m->moved++;
  if (m->e->p->ncmd - m->e->layer->first > MAX_COMMANDS)
    return weft_fail(m->e->m, WEFT_E_UNSUPPORTED, "more than %d commands for pieces that are not contiguous", MAX_COMMANDS);
  return b->from == WEFT_FILL ? weft_fill_box(&m->ring, b) : weft_copy_box(&m->ring, b);
}

/* Distance from pixel to pixel on the joined side (cut: the source), when all boxes are parts of its pixels that begin on whole words and
 * each other side is contiguous; else 0. */
static int64_t joined(const move_t *m, bool cut)
{
  const weft_box_t *first = &m->part[0];
  if (m->boxes < 2 || m->boxes > MAX_PARTS || first->rank != 1) return 0;
  int64_t pixel = cut ? first->fs[0] : first->ts[0];
  for (const weft_box_t *b = first; b < first + m->boxes; b++) {
    bool fits = b->from != WEFT_FILL && b->rank == 1 && b->n[0] == first->n[0] && (cut ? b->fs[0] : b->ts[0]) == pixel &&
                (cut ? b->ts[0] : b->fs[0]) == b->run && (cut ? b->from_at : b->to_at) % WEFT_WORD_BYTES == 0 &&
                (cut ? b->to_at : b->from_at) == 0 && (cut ? b->from == first->from : b->to == first->to);
    if (!fits) return 0;
  }
  int64_t words = (pixel + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES;
  return words <= m->ring.tile ? pixel : 0;
}

/* Elements i.. of n of a tensor whose pixels are `bytes` long, to or from every `step`-th word. */
static int pixels(weft_emit_t *e, int opcode, int tensor, int64_t bytes, int64_t i, int64_t n, int buf, int step)
{
  const weft_place_t *p = &e->p->place[tensor];
  weft_dma_t d = {.opcode = opcode, .region = p->region, .offset = p->offset + i * bytes, .elem_bytes = bytes, .elems = n, .n0 = 1, .n1 = 1,
                  .buf = buf, .buf_se = n > 1 ? step : 0};
  return weft_emit_dma(e, &d);
}

static int move_joined(move_t *m, int64_t pixel, bool cut)
{
  weft_emit_t *e = m->e;
  int step = (int)((pixel + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES), whole = cut ? m->part[0].from : m->part[0].to, err = WEFT_OK;
  for (int64_t i = 0, n, all = m->part[0].n[0]; i < all && !err; i += n) {
    n = all - i < m->ring.tile / step ? all - i : m->ring.tile / step;
    int buf = weft_ring_take(&m->ring, (int)n * step);
    if (cut) err = pixels(e, WEFT_CMD_LOAD, whole, pixel, i, n, buf, step);
    for (const weft_box_t *b = m->part; b < m->part + m->boxes && !err; b++)
      err = pixels(e, cut ? WEFT_CMD_STORE : WEFT_CMD_LOAD, cut ? b->to : b->from, b->run, i, n,
                   buf + (int)((cut ? b->from_at : b->to_at) / WEFT_WORD_BYTES), step);
    if (!cut && !err) err = pixels(e, WEFT_CMD_STORE, whole, pixel, i, n, buf, step);
  }
  return err;
}

int weft_lower_move(weft_emit_t *e)
{
  move_t m = {.e = e};
  const char *unknown = weft_boxes_unknown(e->g, e->op);
  if (unknown) return weft_fail(e->m, WEFT_E_UNSUPPORTED, "%s", unknown);
  (void)weft_boxes(e->g, e->op, measure, &m);
  int err = weft_ring_open(e, m.bytes, &m.ring);
  if (err) return err;
  for (int cut = 0; cut < 2; cut++) {
    int64_t pixel = joined(&m, cut);
    if (!pixel) continue;
    snprintf(e->layer->mapping, sizeof e->layer->mapping, "copy, %d parts of %d-byte pixels", m.boxes, (int)pixel);
    err = move_joined(&m, pixel, cut);
    e->layer->cycles = e->ticks / 2;
    return err;
  }
  err = weft_boxes(e->g, e->op, move, &m);
  e->layer->cycles = e->ticks / 2;       /* a generous bound; loading and storing overlap */
  if (!err) snprintf(e->layer->mapping, sizeof e->layer->mapping, "copy, %d of %d boxes", m.moved, m.boxes);
  return err;
}
