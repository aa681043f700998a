/* SPDX-License-Identifier: Apache-2.0
 *
 * Jobs without what is in the buffer already (see repeat.h). The buffer keeps its contents from job to job (docs/spec.md section 2).
 */
#include "repeat.h"

#include <stdlib.h>

enum { MOST = 2000 };            /* commands: each is compared with each; a longer job has better things to save */

/* The buffer words that a command writes, as a hull; false when it writes none. */
static bool writes(const weft_cmd_t *c, const weft_config_t *cfg, weft_span_t *to)
{
  weft_span_t s[WEFT_MAX_SPANS];
  int n = weft_spans(c, cfg, s);
  for (int i = 0; i < n; i++)
    if (s[i].space == 0 && s[i].write) {
      *to = s[i];
      return true;
    }
  return false;
}

static bool constant_load(const weft_cmd_t *c) { return c->hdr.opcode == WEFT_CMD_LOAD && c->dma.region == WEFT_REG_CONSTANTS; }

/* Does no other command write where command i does? */
static bool stays(const weft_cmd_t *c, uint32_t n, uint32_t i, const weft_config_t *cfg)
{
  weft_span_t own, other;
  if (!writes(&c[i], cfg, &own)) return false;
  for (uint32_t k = 0; k < n; k++)
    if (k != i && writes(&c[k], cfg, &other) && other.lo < own.hi && own.lo < other.hi) return false;
  return true;
}

int weft_repeat(weft_emit_t *e, uint32_t first, uint32_t end, uint64_t *saved)
{
  weft_program_t *p = e->p;
  uint32_t n = end - first, at = p->ncmd;
  *saved = 0;
  if (n > MOST) return WEFT_OK;
  weft_cmd_t *c = malloc(n * sizeof *c);
  if (!c) return weft_fail(e->m, WEFT_E_MEMORY, "out of memory");
  int err = WEFT_OK;
  for (uint32_t i = 0; i < n && !err; i++)
    if (weft_cmd_unpack(p->cmd + (size_t)(first + i) * WEFT_CMD_WORDS, &c[i])) err = weft_fail(e->m, WEFT_E_INTERNAL, "a command that was emitted cannot be read");
  weft_sched_begin(e->s, p);
  for (uint32_t i = 0; i < n && !err; i++) {
    weft_cmd_t one = c[i];         /* the tracker puts its waits in */
    const weft_dma_t *d = &c[i].dma;
    if (constant_load(&c[i]) && stays(c, n, i, p->cfg)) *saved += (uint64_t)(d->n1 * d->n0 * d->elems * d->elem_bytes);
    else err = weft_sched_emit(e->s, &one, e->m);
  }
  free(c);
  if (!*saved) p->ncmd = at;
  return err;
}
