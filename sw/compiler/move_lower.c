/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators that move bytes, as LOAD and STORE (and TRANSPOSE) commands: whatever box is not in place already is copied.
 */
#include <stdio.h>

#include "copy.h"

enum { MAX_COMMANDS = 20000 };     /* a list of more is no gain over the CPU, and long to check */

typedef struct {
  weft_emit_t *e;
  weft_ring_t ring;
  int64_t bytes;               /* what is not in place, in whole buffer words */
  int boxes, moved;
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

int weft_lower_move(weft_emit_t *e)
{
  move_t m = {.e = e};
  const char *unknown = weft_boxes_unknown(e->g, e->op);
  if (unknown) return weft_fail(e->m, WEFT_E_UNSUPPORTED, "%s", unknown);
  (void)weft_boxes(e->g, e->op, measure, &m);
  int err = weft_ring_open(e, m.bytes, &m.ring);
  if (!err) err = weft_boxes(e->g, e->op, move, &m);
  if (!err) snprintf(e->layer->mapping, sizeof e->layer->mapping, "copy, %d of %d boxes", m.moved, m.boxes);
  return err;
}
