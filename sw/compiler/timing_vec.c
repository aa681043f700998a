/* SPDX-License-Identifier: Apache-2.0
 *
 * Time of the VECTOR engine (see timing_parts.h): rtl/vector/vector_engine.v, table_loader.v, transposer.v.
 *
 * A batch of as many output words as there are lanes (16 beats) goes through the steps pass by pass; a pass takes its beats, or the reads of its
 * operands when they are more, and waits for the pass before it when it uses what that has made.
 */
#include "timing_parts.h"

enum {
  DOOR = 2,                              /* vector_engine.v: from the offer of a command to the cycle in which it may be taken */
  TABLE_START = 4, TABLE_WORD = 2,       /* table_loader.v: of a table; of a word of it, beside its entries */
  GO = 2,                                /* from the command to the first request and issue */
  READ = 5,                              /* from a request to its operand */
  DISTANCE = 18,                         /* from a beat to the next that may use its result */
  OUT = 22,                              /* from the last beat to the end: operand stages, lanes, writer */
  TURN = 25,                             /* transposer.v: latency of a TRANSPOSE */
  BATCH_BEATS = 16, RECIP_PASSES = 8
};

/* Part of the words of a pass whose word of B is another than the one before. */
static double other_words(const weft_vec_t *c)
{
  const int64_t n[3] = {c->n0, c->n1, c->n2}, s[3] = {c->b_s0, c->b_s1, c->b_s2};
  double part = 0, outer = 1, unit = c->b_splat ? WEFT_WORD_BYTES : 1;
  int64_t back = 0;
  for (int i = 0; i < 3; i++) {
    const double moves = outer * (i < 2 ? 1 - 1.0 / (double)n[i] : 1);
    int64_t by = s[i] - back;
    if (by < 0) by = -by;
    part += moves * ((double)by >= unit ? 1 : (double)by / unit);
    back += (n[i] - 1) * s[i];
    outer /= (double)n[i];
  }
  return part;
}

/* Cycles of a batch of w words: issue and reads overlap from batch to batch. */
static void batch(const weft_vec_t *c, const weft_vec_program_t *p, double w, double beats_of_word, double other, double *issue, double *reads)
{
  *issue = *reads = 0;
  for (int i = 0; i < p->nsteps; i++) {
    const bool recip = p->step[i].into == WEFT_INTO_RECIP;
    const int next = (i + 1) % p->nsteps;
    const weft_step_t *s = &p->step[next];
    const bool waits = p->takes[next].acc || s->scale == WEFT_SCALE_ROW || s->into == WEFT_INTO_RECIP;
    const double passes = recip ? RECIP_PASSES : p->step[i].taps ? (double)(c->k0 * c->k1) : 1, beats = w * beats_of_word;
    const double wait = beats < DISTANCE ? DISTANCE - beats : 0;
    *issue += passes * beats + (recip ? (passes - 1) * wait : 0) + (waits ? wait : 0);
    *reads += passes * w * ((p->takes[i].a ? 1 : 0) + (p->takes[i].b ? other : 0));
  }
}

void weft_vec_run(weft_vector_t *v, const weft_vec_t *c, double t, double *taken, double *end)
{
  const weft_config_t *cfg = v->cfg;
  weft_vec_program_t p;
  weft_vec_program(c, &p);
  double ready = t + DOOR;
  const bool wide[2] = {c->t0_wide, c->t1_wide};
  for (int i = 0; i < 2; i++)
    if (p.load[i]) ready = weft_later(ready, t + DOOR + TABLE_START + (double)weft_table_words(wide[i]) * ((wide[i] ? 4 : WEFT_WORD_BYTES) + (wide[i] ? 1 : TABLE_WORD)));
  *taken = weft_later(ready, v->free);
  const double words = (double)(c->n0 * c->n1 * c->n2), beats_of_word = (double)WEFT_WORD_BYTES / cfg->ppu_lanes, size = BATCH_BEATS / beats_of_word;
  const double full = (double)(int64_t)(words / size), rest = words - full * size, other = p.any.b ? other_words(c) : 0;
  double issue, reads, work = 0;
  batch(c, &p, size, beats_of_word, other, &issue, &reads);
  work += full * weft_later(issue, reads);
  if (rest > 0) {
    batch(c, &p, rest, beats_of_word, other, &issue, &reads);
    work += weft_later(issue, reads);
  }
  *end = *taken + GO + (p.any.a || p.any.b ? READ : 0) + work + OUT;
  v->free = *end + 1;
}

void weft_transpose_run(weft_vector_t *v, const weft_transpose_t *c, double t, double *taken, double *end)
{
  *taken = weft_later(t, v->free);
  *end = *taken + TURN + (double)(c->n0 * c->n1) * (double)weft_max64(c->rows, c->cols);
  v->free = *end + 1;
}
