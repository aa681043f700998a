/* SPDX-License-Identifier: Apache-2.0
 *
 * Time of LOAD and STORE (see timing_parts.h): rtl/dma.
 *
 * A run of a command is cut into bursts at blocks of 16 beats. LOAD's bursts share the read channel with command fetch, one by one; STORE has
 * the write channel for itself, so a command is a sum over its runs.
 */
#include "timing_parts.h"

enum {
  TO_BURST = 2,                          /* burst_gen.v: from the command's start, beside the bits of its count of elements */
  TO_WORD = 3,                           /* load.v: beat queue, window, word queue */
  AHEAD = 18,                            /* beats between bus and words: queue and window */
  FROM_WORD = 4, WORD_TO_BEAT = 2,       /* store.v: from the command's start to its first word; from a word to the beat that it completes */
  WORDS_AHEAD = 8,                       /* of STORE: words that are read before their beats leave */
  WRITE_ANSWER = 5                       /* of the simulated memory to the last beat, and to see that the bus is idle */
};

double weft_bus_read(weft_bus_t *b, double t, double beats)
{
  double at = weft_later(t + WEFT_BUS_STAGES, b->address + 1);
  if (b->n >= WEFT_BUS_READS) at = weft_later(at, b->pop[b->n % WEFT_BUS_READS] + 1);
  b->address = at;
  b->beat = weft_later(at + b->latency, b->beat + 1) + beats - 1;
  b->pop[b->n++ % WEFT_BUS_READS] = b->beat;
  return b->beat;
}

/* Cycles that an element of so many bytes takes between bus and buffer: a word or a beat each. */
static double element_cycles(int64_t bytes, int bus)
{
  double whole = (double)(bytes / WEFT_WORD_BYTES) * (WEFT_WORD_BYTES / bus);
  int64_t rest = bytes % WEFT_WORD_BYTES;
  return whole + (rest ? weft_later(1, (double)rest / bus) : 0);
}

static double element_words(int64_t bytes) { return (double)((bytes + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES); }

/* Buffer word that holds byte `pos` of a run. */
static int64_t run_word(const weft_dma_t *c, int64_t i0, int64_t i1, int64_t pos)
{
  const int64_t e = pos / c->elem_bytes;
  return c->buf + i1 * c->buf_s1 + i0 * c->buf_s0 + e * c->buf_se + (pos - e * c->elem_bytes) / WEFT_WORD_BYTES;
}

/* A command is taken when the one before it has asked for all of its bursts and the one before that is complete. */
double weft_load_ready(const weft_load_t *l) { return weft_later(l->ask + 1, l->begun + 1); }

static void begin_run(weft_load_t *l)
{
  l->at = l->base + (uint64_t)(l->c->offset + l->i1 * l->c->dram_s1 + l->i0 * l->c->dram_s0);
  l->left = l->c->elems * l->c->elem_bytes;
}

void weft_load_begin(weft_load_t *l, const weft_dma_t *c, uint64_t base, double t)
{
  l->c = c;
  l->base = base;
  l->ask = t + TO_BURST + weft_bits(c->elems);
  l->begun = weft_later(t + 1, l->words + 1);
  l->i0 = l->i1 = 0;
  begin_run(l);
}

bool weft_load_step(weft_load_t *l, const weft_config_t *cfg, weft_bus_t *bus, weft_shared_t *s, double *end)
{
  const weft_dma_t *c = l->c;
  const int64_t size = cfg->bus_bytes, block = WEFT_BURST_BEATS * size, room = block - (int64_t)(l->at % (uint64_t)block);
  const int64_t bytes = l->left < room ? l->left : room, in_beat = (int64_t)(l->at % (uint64_t)size);
  const double beats = (double)((in_beat + bytes + size - 1) / size);
  const double last = weft_bus_read(bus, l->ask, beats);
  /* Words of the burst: they begin when the command before has written its last one, and no sooner than their beats. */
  const double part = (double)bytes / (double)c->elem_bytes;
  const int64_t to = run_word(c, l->i0, l->i1, c->elems * c->elem_bytes - l->left);
  const double from = weft_later(l->words, l->begun), work = from + element_cycles(c->elem_bytes, cfg->bus_bytes) * part;
  const double early = last + TO_WORD - beats, banks = weft_shared_words(s, WEFT_BY_LOAD, to, to, weft_later(from, early), element_words(c->elem_bytes) * part);
  l->words = weft_later(weft_later(work, banks), last + TO_WORD);
  if (bus->beat < l->words - TO_WORD - AHEAD) bus->beat = l->words - TO_WORD - AHEAD;
  l->ask = weft_later(l->ask + 1, bus->address - 1);
  l->at += (uint64_t)bytes;
  l->left -= bytes;
  if (l->left) return false;
  if (++l->i0 == c->n0) {
    l->i0 = 0;
    if (++l->i1 == c->n1) {
      l->c = NULL;
      *end = l->words;
      return true;
    }
  }
  begin_run(l);
  return false;
}

static void store_run(weft_store_t *s) { s->left = s->c->elems * s->c->elem_bytes; }

void weft_store_begin(weft_store_t *s, const weft_dma_t *c, uint64_t base, double t)
{
  s->c = c;
  s->base = base;
  s->words = t + FROM_WORD;
  s->at = t + TO_BURST + weft_bits(c->elems) + WEFT_BUS_STAGES + 1;          /* the first beat, behind its address */
  s->i0 = s->i1 = 0;
  store_run(s);
}

bool weft_store_step(weft_store_t *st, const weft_config_t *cfg, weft_shared_t *s, double *end)
{
  const weft_dma_t *c = st->c;
  const int64_t size = cfg->bus_bytes, all = c->elems * c->elem_bytes, most = WEFT_STRIDE * weft_min64(c->elem_bytes, WEFT_WORD_BYTES);
  const int64_t bytes = weft_min64(st->left, most), from = run_word(c, st->i0, st->i1, all - st->left);
  const uint64_t at = st->base + (uint64_t)(c->offset + st->i1 * c->dram_s1 + st->i0 * c->dram_s0 + all - st->left);
  const double part = (double)bytes / (double)c->elem_bytes, words = element_cycles(c->elem_bytes, cfg->bus_bytes) * part;
  const int64_t first = st->left == all ? (int64_t)(at % (uint64_t)size) : 0;
  const double beats = (double)((first + bytes + size - 1) / size);
  const double banks = weft_shared_words(s, WEFT_BY_STORE, from, from, st->words, element_words(c->elem_bytes) * part);
  st->words = weft_later(banks, st->words + words);
  st->at = weft_later(st->at + beats, st->words + WORD_TO_BEAT);
  st->words = weft_later(st->words, st->at - WORDS_AHEAD * (WEFT_WORD_BYTES / (double)size));
  st->left -= bytes;
  if (st->left) return false;
  if (++st->i0 == c->n0) {
    st->i0 = 0;
    if (++st->i1 == c->n1) {
      *end = st->at - 1 + WRITE_ANSWER;
      st->free = *end + 1;
      st->c = NULL;
      return true;
    }
  }
  store_run(st);
  return false;
}
