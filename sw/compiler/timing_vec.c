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
  TABLE_START = 4, TABLE_ENTRIES = 256,  /* table_loader.v: of a table; an entry a cycle, */
  TABLE_WORD = 1,                        /* and a cycle from word to word */
  GO = 2,                                /* from the command to the first request and issue */
  READ = 5,                              /* from a request to its operand */
  DISTANCE = 18,                         /* from a beat to the next that may use its result */
  OUT = 22,                              /* from the last beat to the end: operand stages, lanes, writer */
  TURN = 25,                             /* transposer.v: latency of a TRANSPOSE */
  RECIP_PASSES = 8
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

/* Of a batch of w words: beats, cycles that are waited between passes, words of A and of B that are read. */
static void batch(const weft_vec_t *c, const weft_vec_program_t *p, double w, double beats_of_word, double other, double *beats, double *waits, double *a,
                  double *b)
{
  *beats = *waits = *a = *b = 0;
  for (int i = 0; i < p->nsteps; i++) {
    const bool recip = p->step[i].into == WEFT_INTO_RECIP;
    const int next = (i + 1) % p->nsteps;
    const weft_step_t *s = &p->step[next];
    const bool needs = p->takes[next].acc || s->scale == WEFT_SCALE_ROW || s->into == WEFT_INTO_RECIP;
    const double passes = recip ? RECIP_PASSES : p->step[i].taps ? (double)(c->k0 * c->k1) : 1;
    const double wait = weft_later(0, DISTANCE - w * beats_of_word);
    *beats += passes * w * beats_of_word;
    *waits += (recip ? passes - 1 : 0) * wait + (needs ? wait : 0);
    if (p->takes[i].a) *a += passes * w;
    if (p->takes[i].b) *b += passes * w * other;
  }
}

/* Addresses of output word w of a VEC: the word of the operand or result whose strides are given. */
static int64_t walk(const weft_vec_t *c, int64_t w, int64_t base, int64_t s0, int64_t s1, int64_t s2)
{
  const int64_t i1 = w / c->n0;
  return base + (w - i1 * c->n0) * s0 + i1 % c->n1 * s1 + i1 / c->n1 * s2;
}

double weft_vector_ready(const weft_vector_t *v, const weft_cmd_t *c, double t)
{
  if (c->hdr.opcode != WEFT_CMD_VEC) return weft_later(t, v->free);
  weft_vec_program_t p;
  weft_vec_program(&c->vec, &p);
  const bool wide[2] = {c->vec.t0_wide, c->vec.t1_wide};
  double ready = t + DOOR;
  for (int i = 0; i < 2; i++)
    if (p.load[i]) ready = weft_later(ready, t + DOOR + TABLE_START + TABLE_ENTRIES + (double)weft_table_words(wide[i]) * TABLE_WORD);
  return weft_later(ready, v->free);
}

void weft_vector_door(weft_vector_t *v, const weft_cmd_t *c, double t)
{
  v->door_words = v->door_rate = 0;
  if (c->hdr.opcode != WEFT_CMD_VEC) return;
  weft_vec_program_t p;
  weft_vec_program(&c->vec, &p);
  const int words[2] = {weft_table_words(c->vec.t0_wide), weft_table_words(c->vec.t1_wide)};
  for (int i = 0; i < 2; i++)
    if (p.load[i]) v->door_words += words[i], v->door_rate += 1 / ((double)TABLE_ENTRIES / words[i] + TABLE_WORD);
  v->door = t + DOOR;
}

/* Reads of tables among those of the `cycles` from v->at on. */
static double door_reads(weft_vector_t *v, double cycles)
{
  if (v->door_words <= 0 || v->at < v->door) return 0;
  double n = cycles * v->door_rate;
  if (n > v->door_words) n = v->door_words;
  v->door_words -= n;
  return n;
}

void weft_vector_begin(weft_vector_t *v, const weft_cmd_t *c, double t)
{
  v->c = c;
  v->done = 0;
  v->part = v->door_words = 0;
  if (c->hdr.opcode != WEFT_CMD_VEC) {
    v->words = c->transpose.n0 * c->transpose.n1;
    v->at = t;
    return;
  }
  weft_vec_program(&c->vec, &v->program);
  v->words = c->vec.n0 * c->vec.n1 * c->vec.n2;
  v->other = v->program.any.b ? other_words(&c->vec) : 0;
  v->at = t + GO + (v->program.any.a || v->program.any.b ? READ : 0);
}

static void vec_batch(weft_vector_t *v)
{
  const weft_vec_t *c = &v->c->vec;
  const int lanes = v->cfg->ppu_lanes;
  const int64_t w = weft_min64(lanes, v->words - v->done), last = v->done + w - 1;
  const double beats_of_word = (double)WEFT_WORD_BYTES / lanes, taps = (double)(c->k0 * c->k1);
  double beats, wait, a, b, out = v->program.out_taps ? taps * (double)w : (double)w;
  batch(c, &v->program, (double)w, beats_of_word, v->other, &beats, &wait, &a, &b);
  /* A long batch in parts, evenly; shorter ones while the array leaves few of the lanes' cycles, of which only the next are known. */
  const double room = WEFT_STRIDE * weft_shared_rate(v->shared, weft_shared_lanes(v->shared), WEFT_BY_READ, v->at);
  double f = beats > room ? room / beats : 1;
  if (v->part + f > 1) f = 1 - v->part;
  v->part += f;
  beats *= f, wait *= f, a *= f, b *= f, out *= f;
  double read = v->at + door_reads(v, beats);
  if (a > 0) {
    const int64_t reach = (c->k0 - 1) * c->a_k0 + (c->k1 - 1) * c->a_k1;
    read = weft_shared_words(v->shared, WEFT_BY_READ, walk(c, v->done, c->a_base, c->a_s0, c->a_s1, c->a_s2), walk(c, last, c->a_base, c->a_s0, c->a_s1, c->a_s2) + reach, read, a);
  }
  if (b > 0) {
    const int64_t at = c->b_splat ? c->b_base : walk(c, v->done, c->b_base, c->b_s0, c->b_s1, c->b_s2);
    read = weft_shared_words(v->shared, WEFT_BY_READ, at, at, read, b);
  }
  const double issue = weft_shared_serve(v->shared, weft_shared_lanes(v->shared), WEFT_BY_READ, v->at, beats) + wait;
  const int64_t to = walk(c, v->done, c->out_base, c->out_s0, c->out_s1, c->out_s2);
  const double write = weft_shared_words(v->shared, WEFT_BY_WRITE, to, to, v->at, out);
  v->at = weft_later(weft_later(read, issue), write);
  if (v->part < 1) return;
  v->part = 0;
  v->done += w;
}

static void transpose_block(weft_vector_t *v)
{
  const weft_transpose_t *c = &v->c->transpose;
  const int64_t i1 = v->done / c->n0, i0 = v->done - i1 * c->n0, from = c->in_base + i0 * c->in_s0 + i1 * c->in_s1,
                to = c->out_base + i0 * c->out_s0 + i1 * c->out_s1;
  const double read = weft_shared_words(v->shared, WEFT_BY_READ, from, from + (c->rows - 1) * c->in_row, v->at + door_reads(v, (double)c->rows), (double)c->rows);
  const double write = weft_shared_words(v->shared, WEFT_BY_WRITE, to, to + (c->cols - 1) * c->out_col, v->at, (double)c->cols);
  v->at = weft_later(read, write);
  v->done++;
}

bool weft_vector_step(weft_vector_t *v, double *end)
{
  const bool vec = v->c->hdr.opcode == WEFT_CMD_VEC;
  if (vec) vec_batch(v);
  else transpose_block(v);
  if (v->done < v->words) return false;
  *end = v->at + (vec ? OUT : TURN);
  v->free = *end + 1;
  v->c = NULL;
  return true;
}
