/* SPDX-License-Identifier: Apache-2.0
 *
 * The dependency tracker (see schedule.h).
 *
 * Each command has a clock: how many commands of each engine are surely complete when it starts. Engines start their
 * commands in order, so clocks only grow along an engine; a wait for command n of engine f also brings what n itself
 * knew. ARRAY overlaps two commands: command i knows that i-1 of its own are complete (not its predecessor), and only a
 * read of what the predecessor writes needs a wait, as docs/spec.md section 2 says.
 */
#include "schedule.h"
#include "vec_program.h"

#include <stdlib.h>

#include "conv_shape.h"
#include "legal.h"

enum { GC_AT = 384, MAX_BEHIND = 30000 };   /* a wait may name a count at most 2^15-1 behind */

int weft_engine_of(int opcode)
{
  switch (opcode) {
#define O(name, code, engine, text) case code: return engine;
#include "commands.def"
  default: return -1;
  }
}

static void add(weft_span_t *s, int *n, int space, uint64_t lo, uint64_t words, bool write)
{
  if (words) s[(*n)++] = (weft_span_t){lo, lo + words, space, write};
}

/* Widens [*lo, *hi) by n - 1 steps; the buffer's strides wrap modulo 2^16, so the upper half of them are steps back. */
static void widen(int64_t *lo, int64_t *hi, int64_t n, int64_t stride)
{
  int64_t reach = (n - 1) * (int16_t)stride;
  if (reach < 0) *lo += reach;
  else *hi += reach;
}

static int dma_spans(const weft_dma_t *c, weft_span_t *s)
{
  int n = 0;
  bool load = c->opcode == WEFT_CMD_LOAD;
  int64_t lo = c->buf, hi = c->buf + (c->elem_bytes + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES;
  uint64_t dram = (uint64_t)((c->n1 - 1) * c->dram_s1 + (c->n0 - 1) * c->dram_s0 + c->elems * c->elem_bytes);
  widen(&lo, &hi, c->n1, c->buf_s1);
  widen(&lo, &hi, c->n0, c->buf_s0);
  widen(&lo, &hi, c->elems, c->buf_se);
  add(s, &n, 1 + (int)c->region, (uint64_t)c->offset, dram, !load);
  add(s, &n, 0, (uint64_t)lo, (uint64_t)(hi - lo), load);
  return n;
}

/* Words of a pixel that the walks read, from in_base on, which need not be the pixel's first; they may reach into the next pixel, for filters that are
 * zero. */
static int64_t channel_words(const weft_conv_t *c, const weft_config_t *cfg)
{
  int64_t q = weft_conv_q(cfg, c), groups = c->g_step ? (c->NM - 1) * c->g_step + c->groups : c->groups;
  return (groups * q + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES;
}

static int conv_spans(const weft_conv_t *c, const weft_config_t *cfg, weft_span_t *s)
{
  int n = 0;
  int64_t rows = c->kind == WEFT_CHAIN_ROWS ? c->P : c->P * c->nchain;
  add(s, &n, 0, (uint64_t)c->filt_base, (uint64_t)(c->NM * c->folds * weft_conv_fold_words(cfg, c)), false);
  add(s, &n, 0, (uint64_t)c->in_base, (uint64_t)((c->in_h - 1) * c->in_row + (c->in_w - 1) * c->in_pix + channel_words(c, cfg)), false);
  if (c->psum_out) return n;     /* no entry, no ofmap */
  add(s, &n, 0, (uint64_t)c->param_base, (uint64_t)(c->NM * c->T * rows), false);
  add(s, &n, 0, (uint64_t)c->out_base,
      (uint64_t)((c->OH - 1) * c->out_row + (c->OW - 1) * c->out_pix + (c->out_c0 + c->M + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES), true);
  return n;
}

static uint64_t vec_hull(int64_t n0, int64_t s0, int64_t n1, int64_t s1, int64_t n2, int64_t s2)
{
  return (uint64_t)((n0 - 1) * s0 + (n1 - 1) * s1 + (n2 - 1) * s2 + 1);
}

/* What each step's selectors name, whether its function uses them or not: the lowerings set no others. */
static int vec_spans(const weft_vec_t *c, weft_span_t *s)
{
  int n = 0;
  const int64_t code[4] = {c->step0, c->step1, c->step2, c->step3};
  bool a = false, b = false, t0 = false, t1 = false, taps = false;
  for (int i = 0; i < c->nsteps && i < 4; i++) {
    weft_step_t st = weft_step_unpack(code[i]);
    bool second = st.fn != WEFT_FN_A && st.fn != WEFT_FN_ACC;
    taps = st.taps;                          /* of the last step in the end */
    if (st.into == WEFT_INTO_RECIP) continue;
    a |= st.fn != WEFT_FN_B && st.fn != WEFT_FN_ACC;
    a |= second && (st.b == WEFT_B_T1A || st.b == WEFT_B_T1D);
    b |= st.scale == WEFT_SCALE_WEIGHT || (second && (st.b == WEFT_B_RAW || st.b == WEFT_B_T1));
    t0 |= st.a != WEFT_A_RAW;
    t1 |= st.b != WEFT_B_RAW;
  }
  if (a) {
    uint64_t reach = (uint64_t)((c->k0 - 1) * c->a_k0 + (c->k1 - 1) * c->a_k1);
    add(s, &n, 0, (uint64_t)c->a_base, vec_hull(c->n0, c->a_s0, c->n1, c->a_s1, c->n2, c->a_s2) + reach, false);
  }
  uint64_t second = vec_hull(c->n0, c->b_s0, c->n1, c->b_s1, c->n2, c->b_s2);
  if (c->b_splat) second = ((uint64_t)c->b_byte + second - 1) / WEFT_WORD_BYTES + 1;
  if (b) add(s, &n, 0, (uint64_t)c->b_base, second, false);
  if (t0 && !c->t_stay) add(s, &n, 0, (uint64_t)c->t0_base, c->t0_wide ? 64 : 16, false);
  if (t1 && !c->t_stay) add(s, &n, 0, (uint64_t)c->t1_base, c->t1_wide ? 64 : 16, false);
  uint64_t reach = taps ? (uint64_t)((c->k0 - 1) * c->out_k0 + (c->k1 - 1) * c->out_k1) : 0;
  add(s, &n, 0, (uint64_t)c->out_base, vec_hull(c->n0, c->out_s0, c->n1, c->out_s1, c->n2, c->out_s2) + reach, true);
  return n;
}

static int transpose_spans(const weft_transpose_t *c, weft_span_t *s)
{
  int n = 0;
  add(s, &n, 0, (uint64_t)c->in_base, vec_hull(c->rows, c->in_row, c->n0, c->in_s0, c->n1, c->in_s1), false);
  add(s, &n, 0, (uint64_t)c->out_base, vec_hull(c->cols, c->out_col, c->n0, c->out_s0, c->n1, c->out_s1), true);
  return n;
}

int weft_spans(const weft_cmd_t *c, const weft_config_t *cfg, weft_span_t s[WEFT_MAX_SPANS])
{
  switch (c->hdr.opcode) {
  case WEFT_CMD_LOAD: case WEFT_CMD_STORE: return dma_spans(&c->dma, s);
  case WEFT_CMD_CONV: return conv_spans(&c->conv, cfg, s);
  case WEFT_CMD_VEC: return vec_spans(&c->vec, s);
  case WEFT_CMD_TRANSPOSE: return transpose_spans(&c->transpose, s);
  default: return 0;
  }
}

void weft_sched_begin(weft_sched_t *s, weft_program_t *p)
{
  s->p = p;
  memset(s->issued, 0, sizeof s->issued);
  memset(s->known, 0, sizeof s->known);
  s->nlive = 0;
  memset(s->table, 0, sizeof s->table);
}

void weft_sched_free(weft_sched_t *s)
{
  for (int e = 0; e < WEFT_ENGINES; e++) free(s->clock[e]);
  free(s->live);
  memset(s, 0, sizeof *s);
}

static bool conflict(const weft_span_t *a, const weft_span_t *b)
{
  return a->space == b->space && (a->write || b->write) && a->lo < b->hi && b->lo < a->hi;
}

/* Counts that this command must see complete before it starts. */
static void needs(const weft_sched_t *s, int engine, const weft_span_t *span, int nspan, uint32_t need[WEFT_ENGINES])
{
  for (int i = 0; i < s->nlive; i++) {
    const weft_access_t *a = &s->live[i];
    for (int k = 0; k < nspan; k++) {
      if (!conflict(&a->span, &span[k])) continue;
      if (a->engine == engine && !(engine == WEFT_ENG_ARRAY && a->span.write && !span[k].write)) continue;
      if (a->index + 1 > need[a->engine]) need[a->engine] = a->index + 1;
    }
  }
}

static bool covers(const weft_span_t *a, const weft_span_t *b)
{
  return a->space == b->space && a->lo <= b->lo && b->hi <= a->hi;
}

/* Whoever conflicts with an access that the new one covers and is ordered behind, conflicts with the new one too. */
static void forget_covered(weft_sched_t *s, int engine, const weft_span_t *span, int nspan)
{
  int keep = 0;
  for (int i = 0; i < s->nlive; i++) {
    const weft_access_t *a = &s->live[i];
    bool gone = false;
    for (int k = 0; k < nspan; k++)
      gone |= covers(&span[k], &a->span) && (span[k].write || (a->engine == engine && !a->span.write));
    if (!gone) s->live[keep++] = *a;
  }
  s->nlive = keep;
}

/* Accesses that every engine knows to be complete cannot cause a wait any more. */
static void forget_known(weft_sched_t *s)
{
  int keep = 0;
  for (int i = 0; i < s->nlive; i++) {
    const weft_access_t *a = &s->live[i];
    bool all = true;
    for (int e = 0; e < WEFT_ENGINES; e++) all &= s->known[e].done[a->engine] > a->index;
    if (!all) s->live[keep++] = *a;
  }
  s->nlive = keep;
}

static void join(weft_clock_t *to, const weft_clock_t *from)
{
  for (int e = 0; e < WEFT_ENGINES; e++)
    if (from->done[e] > to->done[e]) to->done[e] = from->done[e];
}

static int grow(weft_sched_t *s, int engine, weft_msg_t *m)
{
  if (s->issued[engine] == s->clock_cap[engine]) {
    uint32_t cap = s->clock_cap[engine] ? 2 * s->clock_cap[engine] : 256;
    weft_clock_t *c = realloc(s->clock[engine], cap * sizeof *c);
    if (!c) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
    s->clock[engine] = c;
    s->clock_cap[engine] = cap;
  }
  if (s->nlive + WEFT_MAX_SPANS > s->live_cap) {
    int cap = s->live_cap ? 2 * s->live_cap : 512;
    weft_access_t *a = realloc(s->live, (size_t)cap * sizeof *a);
    if (!a) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
    s->live = a;
    s->live_cap = cap;
  }
  return WEFT_OK;
}

/* Tables that a VEC reads, as spans; empty ones for those that it does not. */
static void tables_of(const weft_vec_t *c, weft_span_t table[2])
{
  weft_vec_program_t p;
  weft_vec_program(c, &p);
  const uint64_t base[2] = {(uint64_t)c->t0_base, (uint64_t)c->t1_base};
  const int words[2] = {weft_table_words(c->t0_wide), weft_table_words(c->t1_wide)};
  for (int i = 0; i < 2; i++) table[i] = (weft_span_t){.lo = base[i], .hi = base[i] + (p.load[i] ? (uint64_t)words[i] : 0)};
}

static bool empty(const weft_span_t *s) { return s->lo == s->hi; }

/* A VEC whose tables the engine has read from the same words, which nothing has written since, keeps them. */
static void keep_tables(weft_sched_t *s, weft_vec_t *c)
{
  weft_span_t table[2];
  bool same = true;
  c->t_stay = 0;
  tables_of(c, table);
  if (empty(&table[0]) && empty(&table[1])) return;
  for (int i = 0; i < 2; i++) same &= empty(&table[i]) || (table[i].lo == s->table[i].lo && table[i].hi == s->table[i].hi);
  c->t_stay = same;
  if (!same) memcpy(s->table, table, sizeof table);
}

/* Of the tables that the engine holds those whose words the command writes are no longer what these words hold. */
static void forget_tables(weft_sched_t *s, const weft_span_t *span, int nspan)
{
  for (int k = 0; k < nspan; k++)
    for (int i = 0; i < 2; i++)
      if (span[k].write && !span[k].space && span[k].lo < s->table[i].hi && s->table[i].lo < span[k].hi) s->table[i].hi = s->table[i].lo;
}

int weft_sched_emit(weft_sched_t *s, weft_cmd_t *c, weft_msg_t *m)
{
  int engine = weft_engine_of((int)c->hdr.opcode);
  if (engine < 0) return weft_fail(m, WEFT_E_INTERNAL, "unknown opcode");
  if (weft_legal(s->p->cfg, c, m)) return WEFT_E_UNSUPPORTED;      /* m names field and limit */
  if (s->nlive > GC_AT) forget_known(s);
  int err = grow(s, engine, m);
  if (err) return err;

  if (c->hdr.opcode == WEFT_CMD_VEC) keep_tables(s, &c->vec);
  weft_span_t span[WEFT_MAX_SPANS];
  int nspan = weft_spans(c, s->p->cfg, span);
  forget_tables(s, span, nspan);
  uint32_t need[WEFT_ENGINES] = {0}, index = s->issued[engine];
  needs(s, engine, span, nspan, need);

  weft_clock_t know = s->known[engine];
  know.done[engine] = engine == WEFT_ENG_ARRAY ? (index ? index - 1 : 0) : index;
  for (int f = 0; f < WEFT_ENGINES; f++) {
    if (need[f] <= know.done[f]) need[f] = 0;
    else if (s->issued[f] - need[f] > MAX_BEHIND) need[f] = s->issued[f] - MAX_BEHIND;
  }
  /* What another wait already brings along is not waited for again. */
  for (int f = 0; f < WEFT_ENGINES; f++)
    for (int g = 0; g < WEFT_ENGINES && need[f]; g++)
      if (g != f && need[g] && s->clock[g][need[g] - 1].done[f] >= need[f]) need[f] = 0;

  int64_t *wait[WEFT_ENGINES] = {&c->hdr.wait_load, &c->hdr.wait_array, &c->hdr.wait_vector, &c->hdr.wait_store};
  c->hdr.wait_en = 0;
  for (int f = 0; f < WEFT_ENGINES; f++) {
    *wait[f] = need[f] & 0xffff;
    if (!need[f]) continue;
    c->hdr.wait_en |= 1 << f;
    join(&know, &s->clock[f][need[f] - 1]);
    if (need[f] > know.done[f]) know.done[f] = need[f];
  }
  s->known[engine] = know;
  s->clock[engine][index] = know;
  s->issued[engine] = index + 1;

  forget_covered(s, engine, span, nspan);
  for (int k = 0; k < nspan; k++) s->live[s->nlive++] = (weft_access_t){span[k], engine, index};

  uint32_t rec[WEFT_CMD_WORDS];
  const char *bad = weft_cmd_pack(c, rec);
  if (bad)
    return weft_fail(m, WEFT_E_UNSUPPORTED, "the field %s of a %s command cannot hold its value", bad,
    weft_command_name((int)c->hdr.opcode));
  return weft_program_command(s->p, rec, m);
}
