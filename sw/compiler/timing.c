/* SPDX-License-Identifier: Apache-2.0
 *
 * Time of a whole program (see timing.h): its jobs one after the other, and what each layer adds.
 */
#include "timing.h"

#include <stdlib.h>

/* Layers of a job that ran after `before` cycles of others; commands carry their layer as tag. */
static void add_layers(const weft_program_t *p, const weft_segment_t *s, uint64_t before, weft_timing_t *t)
{
  for (uint32_t i = s->first; i < s->first + s->count; i++) {
    const uint32_t tag = p->cmd[(size_t)i * WEFT_CMD_WORDS] >> 16;
    const uint64_t start = before + t->command[i].start, end = before + t->command[i].end;
    if (tag >= (uint32_t)p->nlayer) continue;
    weft_interval_t *l = &t->layer[tag];
    if (!l->end || start < l->start) l->start = start;
    if (end > l->end) l->end = end;
  }
}

int weft_timing(const weft_program_t *p, int latency, weft_timing_t *t, weft_msg_t *m)
{
  *t = (weft_timing_t){.nlayer = p->nlayer, .command = calloc((size_t)p->ncmd + 1, sizeof *t->command),
                       .layer = calloc((size_t)p->nlayer + 1, sizeof *t->layer)};
  if (!t->command || !t->layer) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
  uint32_t base[WEFT_REGIONS] = {0};
  memcpy(base, p->base, sizeof p->base);
  weft_job_time_t last = {0};
  for (int i = 0, before = -1; i < p->nseg; i++) {
    const weft_segment_t *s = &p->seg[i];
    if (!s->npu) continue;
    const bool again = before >= 0 && p->seg[before].first == s->first && p->seg[before].count == s->count;      /* steps of an LSTM */
    int err = again ? WEFT_OK : weft_timing_list(p->cfg, p->cmd + (size_t)s->first * WEFT_CMD_WORDS, s->count, base, latency, t->command + s->first, &last, m);
    if (err) return err;
    add_layers(p, s, t->cycles, t);
    for (int e = 0; e < WEFT_ENGINES; e++) t->busy[e] += last.busy[e];
    t->cycles += last.cycles;
    before = i;
  }
  return WEFT_OK;
}

uint64_t weft_timing_layer(const weft_timing_t *t, int layer)
{
  uint64_t before = 0;
  for (int i = 0; i < layer; i++)
    if (t->layer[i].end > before) before = t->layer[i].end;
  return t->layer[layer].end > before ? t->layer[layer].end - before : 0;
}

void weft_timing_free(weft_timing_t *t)
{
  free(t->command);
  free(t->layer);
  *t = (weft_timing_t){0};
}
