/* SPDX-License-Identifier: Apache-2.0
 *
 * One pass over a command list with vector clocks.
 *
 * clock[e] of a command: how many commands of engine e have certainly completed when it starts. An engine works in order, so that an
 * earlier command number j of engine e is over exactly when j < clock[e]. A VEC starts when its tables are read, which is when the command
 * before it runs; its operands are read later, when that one is over. Waits join the clock of the command they name. A command is
 * compared with the earlier ones that are not over: first by intervals (hull.h), and only where these meet by exact sets (footprint.h), which
 * cost a hundred times as much. Both comparisons have a limit, so that the time is bounded by the list's length.
 */
#include "validate.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "footprint.h"
#include "legal.h"
#include "hull.h"
#include "vec_program.h"

enum { WAIT_SPAN = (1 << 15) - 1 /* counts are compared modulo 2^16 */ };

/* Comparisons that a list may need: a command is compared with few others when the list waits where it must. */
enum { PAIRS = 1 << 20, PAIRS_EACH = 1024, EXACT = 64, EXACT_EACH = 4 };

typedef struct {
  uint32_t clock[WEFT_ENGINES], ordinal;   /* ordinal: commands of its engine before it */
  uint8_t engine, region;
  int64_t lo, hi;                          /* LOAD, STORE: span in the region */
  weft_hulls_t hull;
} node_t;

struct weft_validate_scratch {
  weft_footprint_t foot, other_foot;
  weft_cmd_t cmd, other;
  bool exact;                              /* foot holds the sets of cmd */
  uint32_t done[WEFT_ENGINES];             /* commands of each engine so far */
  uint32_t count;
  uint64_t pairs, exacts;                  /* comparisons so far */
  weft_conv_t kept;                        /* the CONV that has left its psums, when held */
  uint32_t keeper;                         /* its number in the list */
  bool held;
  bool table[2];                           /* the engine holds table 0, 1 from the last VEC that read tables */
  node_t *node;                            /* [count] */
  uint32_t *of_engine[WEFT_ENGINES];       /* [count]: command index of the engine's n-th command */
  node_t memory[];
};

static const char *const engine_name[WEFT_ENGINES] = {"LOAD", "ARRAY", "VECTOR", "STORE"};
static const int engine_of[] = {
#define O(name, code, engine, text) [code] = engine,
#include "commands.def"
};

size_t weft_validate_scratch_bytes(uint32_t count) {
  return sizeof(weft_validate_scratch_t) + count * (sizeof(node_t) + WEFT_ENGINES * sizeof(uint32_t));
}

static void layout(uint32_t count, weft_validate_scratch_t *s) {
  memset(s->done, 0, sizeof s->done);
  s->count = count;
  s->pairs = s->exacts = 0;
  s->table[0] = s->table[1] = s->held = false;
  s->node = s->memory;
  uint32_t *at = (uint32_t *)(s->node + count);
  for (int e = 0; e < WEFT_ENGINES; e++, at += count) s->of_engine[e] = at;
}

/* Puts "command N NAME: " before a message. */
static int __attribute__((format(printf, 4, 5))) refuse(weft_msg_t *m, const uint32_t *list, uint32_t n, const char *fmt, ...) {
  char text[256];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  const char *name = weft_command_name((int)(list[(size_t)n * WEFT_CMD_WORDS] & 255));
  return weft_fail(m, WEFT_E_FORMAT, "command %" PRIu32 "%s%s: %s", n, name ? " " : "", name ? name : "", text);
}

/* First word of a record with a bit that no field names. */
static int reserved_word(const uint32_t *rec) {
  uint32_t known[WEFT_CMD_WORDS] = {0};
  for (int part = 0; part < 2; part++) {
    int count;
    const weft_field_t *f = weft_cmd_fields(part ? (int)(rec[0] & 255) : 0, &count);
    for (int i = 0; i < count; i++) known[f[i].word] |= (uint32_t)(((UINT64_C(1) << f[i].width) - 1) << f[i].lsb);
  }
  int w = 0;
  while (w < WEFT_CMD_WORDS - 1 && !(rec[w] & ~known[w])) w++;
  return w;
}

static void join(uint32_t to[WEFT_ENGINES], const uint32_t from[WEFT_ENGINES]) {
  for (int e = 0; e < WEFT_ENGINES; e++)
    if (from[e] > to[e]) to[e] = from[e];
}

/* ARRAY and VEC start a command when the one before the previous is complete, the others when the previous is. */
static bool early(const weft_hdr_t *h) { return h->opcode == WEFT_CMD_CONV || h->opcode == WEFT_CMD_VEC; }

/* Fills the command's node: its place in its engine, and its clock from its predecessor and its waits. */
static int clocks(const uint32_t *list, uint32_t n, weft_validate_scratch_t *s, weft_msg_t *m) {
  node_t *v = &s->node[n];
  const weft_hdr_t *h = &s->cmd.hdr;
  memset(v, 0, sizeof *v);
  v->engine = (uint8_t)engine_of[h->opcode];
  v->ordinal = s->done[v->engine];
  v->clock[v->engine] = early(h) && v->ordinal ? v->ordinal - 1 : v->ordinal;
  if (v->ordinal) join(v->clock, s->node[s->of_engine[v->engine][v->ordinal - 1]].clock);
  const int64_t wait[WEFT_ENGINES] = {h->wait_load, h->wait_array, h->wait_vector, h->wait_store};
  static const char *const field[WEFT_ENGINES] = {"wait_load", "wait_array", "wait_vector", "wait_store"};
  for (int e = 0; e < WEFT_ENGINES; e++) {
    if (!(h->wait_en >> e & 1)) continue;
    uint32_t behind = (s->done[e] - (uint32_t)wait[e]) & UINT16_MAX;
    if (behind > WAIT_SPAN || behind > s->done[e])
      return refuse(m, list, n, "%s = %lld: accepted is the count of %s commands before it (%" PRIu32 ", modulo 65536) or at most %" PRIu32 " less",
                    field[e], (long long)wait[e], engine_name[e], s->done[e],
                    s->done[e] < WAIT_SPAN ? s->done[e] : (uint32_t)WAIT_SPAN);
    uint32_t want = s->done[e] - behind;
    if (!want) continue;
    join(v->clock, s->node[s->of_engine[e][want - 1]].clock);
    if (want > v->clock[e]) v->clock[e] = want;
  }
  return WEFT_OK;
}

static int race(const uint32_t *list, uint32_t n, const weft_validate_scratch_t *s, uint32_t p, const char *verb, const char *what,
                int64_t at, const char *other_verb, weft_msg_t *m) {
  const node_t *u = &s->node[p];
  static const char *const field[WEFT_ENGINES] = {"wait_load", "wait_array", "wait_vector", "wait_store"};
  return refuse(m, list, n, "%s %s %lld that command %" PRIu32 " %s %s at the same time: accepted is %s >= %" PRIu32 " (wait_en bit %d)", verb, what,
                (long long)at, p, weft_command_name((int)(list[(size_t)p * WEFT_CMD_WORDS] & 255)), other_verb, field[u->engine],
                (u->ordinal + 1) & UINT16_MAX, u->engine);
}

/* The field that places each operand, for messages. */
static const char *base_field(int64_t opcode, int operand) {
  static const char *const conv[WEFT_READS] = {"in_base", "filt_base", "param_base"}, *const vec[WEFT_READS] = {"a_base", "b_base", "t0_base", "t1_base"};
  switch (opcode) {
    case WEFT_CMD_CONV: return operand < WEFT_READS ? conv[operand] : "out_base";
    case WEFT_CMD_VEC: return operand < WEFT_READS ? vec[operand] : "out_base";
    case WEFT_CMD_TRANSPOSE: return operand < WEFT_READS ? "in_base" : "out_base";
    default: return "buf";
  }
}

/* Does an operation's result go exactly where the operand came from, step by step? */
static bool in_place(const weft_vec_t *c, int operand) {
  bool a = operand == WEFT_READ_MAIN;
  weft_vec_program_t p;
  weft_vec_program(c, &p);
  if (operand > WEFT_READ_SECOND || p.taps || (!a && c->b_splat)) return false;
  int64_t base = a ? c->a_base : c->b_base, s0 = a ? c->a_s0 : c->b_s0, s1 = a ? c->a_s1 : c->b_s1, s2 = a ? c->a_s2 : c->b_s2;
  return base == c->out_base && (c->n0 == 1 || s0 == c->out_s0) && (c->n1 == 1 || s1 == c->out_s1) && (c->n2 == 1 || s2 == c->out_s2);
}

/* A command whose results must not meet one another: the order of their words is not defined. */
static bool distinct_results(int64_t opcode) { return opcode == WEFT_CMD_CONV || opcode == WEFT_CMD_TRANSPOSE; }

/* The sets of the command itself, made when they are first needed. */
static const weft_footprint_t *sets(const weft_config_t *cfg, weft_validate_scratch_t *s) {
  if (!s->exact) weft_footprint(cfg, &s->cmd, &s->foot);
  s->exact = true;
  return &s->foot;
}

/* Intervals prove that every operand lies in the buffer and that the result meets no operand (in place excepted). */
static bool surely_apart(const weft_config_t *cfg, const weft_cmd_t *c, const weft_hulls_t *s) {
  if (s->write.hi > (uint32_t)cfg->buf_words || (distinct_results(c->hdr.opcode) && !s->separate)) return false;
  for (int o = 0; o < WEFT_READS; o++) {
    if (s->read[o].hi > (uint32_t)cfg->buf_words) return false;
    if (weft_hull_meet(s->read[o], s->write) && !(c->hdr.opcode == WEFT_CMD_VEC && s->separate && in_place(&c->vec, o))) return false;
  }
  return true;
}

/* Addresses within the buffer, and no overlap inside one command. */
static int operands(const weft_config_t *cfg, const uint32_t *list, uint32_t n, weft_validate_scratch_t *s, weft_msg_t *m) {
  const weft_cmd_t *c = &s->cmd;
  weft_hulls(cfg, c, &s->node[n].hull);
  s->exact = false;
  if (surely_apart(cfg, c, &s->node[n].hull)) return WEFT_OK;
  const weft_footprint_t *f = sets(cfg, s);
  bool separate = f->writes && weft_set_count(&f->write) == f->write_words;
  for (int o = 0; o <= WEFT_READS; o++) {
    const weft_set_t *set = o < WEFT_READS ? &f->read[o] : &f->write;
    if (!(o < WEFT_READS ? f->reads[o] : f->writes)) continue;
    int64_t out = weft_set_next(set, cfg->buf_words);
    if (out < WEFT_SET_BITS)
      return refuse(m, list, n, "%s: its strides and counts reach buffer word %lld: accepted are words 0..%d", base_field(c->hdr.opcode, o),
                    (long long)out, cfg->buf_words - 1);
    if (o == WEFT_READS || !f->writes) continue;
    int64_t both = weft_set_common(set, &f->write);
    if (both < WEFT_SET_BITS && (c->hdr.opcode != WEFT_CMD_VEC || !separate || !in_place(&c->vec, o)))
      return refuse(m, list, n, "out_base: buffer word %lld is result and operand (%s): accepted is a result elsewhere%s",
                    (long long)both, base_field(c->hdr.opcode, o), c->hdr.opcode == WEFT_CMD_VEC ? ", or exactly in place" : "");
  }
  if (c->hdr.opcode == WEFT_CMD_CONV && f->writes && !separate)
    return refuse(m, list, n, "out_row, out_pix = %lld, %lld: two output pixels share a buffer word: accepted are %lld words a pixel",
                  (long long)c->conv.out_row, (long long)c->conv.out_pix,
                  (long long)((c->conv.out_c0 + c->conv.M - 1) / WEFT_WORD_BYTES + 1));
  if (c->hdr.opcode == WEFT_CMD_TRANSPOSE && !separate)
    return refuse(m, list, n, "out_col, out_s0, out_s1 = %lld, %lld, %lld: two output words share a buffer word: accepted are distinct words",
                  (long long)c->transpose.out_col, (long long)c->transpose.out_s0, (long long)c->transpose.out_s1);
  return WEFT_OK;
}

/* Counts a comparison; refuses a list that needs too many. */
static int spend(const uint32_t *list, uint32_t n, uint64_t *spent, uint64_t limit, weft_msg_t *m) {
  if (++*spent <= limit) return WEFT_OK;
  return refuse(m, list, n, "more than %llu comparisons with commands that may run at the same time: accepted is a list with more waits",
                (unsigned long long)limit);
}

/* Operands of `a` from `operand` on. */
static bool hulls_meet(const weft_hulls_t *a, int operand, const weft_hulls_t *b) {
  for (int o = operand; o < WEFT_READS; o++)
    if (weft_hull_meet(a->read[o], b->write)) return true;
  return false;
}

/* Commands n and p may run at the same time. raw: only what n reads of p's results is dangerous, as operands from `first` on. */
static int buffer_pair(const weft_config_t *cfg, const uint32_t *list, uint32_t n, uint32_t p, bool raw, int first, weft_validate_scratch_t *s,
                       weft_msg_t *m) {
  const weft_hulls_t *a = &s->node[n].hull, *b = &s->node[p].hull;
  int rc = spend(list, n, &s->pairs, PAIRS + (uint64_t)PAIRS_EACH * s->count, m);
  if (rc || !(hulls_meet(a, first, b) || (!raw && (hulls_meet(b, 0, a) || weft_hull_meet(a->write, b->write))))) return rc;
  if ((rc = spend(list, n, &s->exacts, EXACT + (uint64_t)EXACT_EACH * s->count, m))) return rc;
  weft_cmd_unpack(list + (size_t)p * WEFT_CMD_WORDS, &s->other);
  weft_footprint(cfg, &s->other, &s->other_foot);
  const weft_footprint_t *f = sets(cfg, s), *g = &s->other_foot;
  for (int o = first; o < WEFT_READS && g->writes; o++) {
    int64_t w = f->reads[o] ? weft_set_common(&f->read[o], &g->write) : WEFT_SET_BITS;
    if (w < WEFT_SET_BITS) return race(list, n, s, p, "reads", "buffer word", w, "writes", m);
  }
  if (raw || !f->writes) return WEFT_OK;
  int64_t w = g->writes ? weft_set_common(&f->write, &g->write) : WEFT_SET_BITS;
  if (w < WEFT_SET_BITS) return race(list, n, s, p, "writes", "buffer word", w, "writes", m);
  for (int o = 0; o < WEFT_READS; o++) {
    w = g->reads[o] ? weft_set_common(&g->read[o], &f->write) : WEFT_SET_BITS;
    if (w < WEFT_SET_BITS) return race(list, n, s, p, "writes", "buffer word", w, "reads", m);
  }
  return WEFT_OK;
}

/* Against every earlier command that is not known to be over. Inside an engine order is enough, but ARRAY may read early, VEC its tables. */
static int buffer_races(const weft_config_t *cfg, const uint32_t *list, uint32_t n, weft_validate_scratch_t *s, weft_msg_t *m) {
  const node_t *v = &s->node[n];
  for (int e = 0; e < WEFT_ENGINES; e++) {
    if (e == v->engine && !early(&s->cmd.hdr)) continue;
    const int first = e == v->engine && e == WEFT_ENG_VECTOR ? WEFT_READ_TABLE0 : 0;
    for (uint32_t j = v->clock[e]; j < s->done[e]; j++) {
      int rc = buffer_pair(cfg, list, n, s->of_engine[e][j], e == v->engine, first, s, m);
      if (rc) return rc;
    }
  }
  return WEFT_OK;
}

/* DRAM: region bounds, then LOAD against the STOREs (and the reverse) that are not known to be over. */
static int dram(const uint32_t *list, uint32_t n, const uint32_t region_bytes[WEFT_REGIONS], weft_validate_scratch_t *s, weft_msg_t *m) {
  node_t *v = &s->node[n];
  const weft_dma_t *c = &s->cmd.dma;
  v->region = (uint8_t)c->region;
  if (v->engine == WEFT_ENG_STORE && c->region == 0)
    return refuse(m, list, n, "region = 0: accepted for STORE is 1..%d (region 0 holds the list, which is fetched meanwhile)", WEFT_REGIONS - 1);
  weft_dram_span(c, &v->lo, &v->hi);
  if (v->hi > region_bytes[c->region])
    return refuse(m, list, n, "offset: bytes %lld..%lld of region %lld: accepted are 0..%lld", (long long)v->lo, (long long)v->hi - 1,
                  (long long)c->region, (long long)region_bytes[c->region] - 1);
  int rival = v->engine == WEFT_ENG_LOAD ? WEFT_ENG_STORE : WEFT_ENG_LOAD;
  for (uint32_t j = v->clock[rival]; j < s->done[rival]; j++) {
    uint32_t p = s->of_engine[rival][j];
    const node_t *u = &s->node[p];
    int rc = spend(list, n, &s->pairs, PAIRS + (uint64_t)PAIRS_EACH * s->count, m);
    if (rc) return rc;
    if (u->region != v->region || u->hi <= v->lo || v->hi <= u->lo) continue;
    if ((rc = spend(list, n, &s->exacts, EXACT + (uint64_t)EXACT_EACH * s->count, m))) return rc;
    weft_cmd_unpack(list + (size_t)p * WEFT_CMD_WORDS, &s->other);
    if (!weft_dram_meet(c, &s->other.dma)) continue;
    bool load = v->engine == WEFT_ENG_LOAD;
    return race(list, n, s, p, load ? "reads" : "writes", "DRAM near offset", u->lo > v->lo ? u->lo : v->lo,
                load ? "writes" : "reads", m);
  }
  return WEFT_OK;
}

/* Tables that a VEC uses without reading them must be there. */
static int tables(const uint32_t *list, uint32_t n, weft_validate_scratch_t *s, weft_msg_t *m) {
  weft_vec_program_t p;
  if (s->cmd.hdr.opcode != WEFT_CMD_VEC) return WEFT_OK;
  weft_vec_program(&s->cmd.vec, &p);
  for (int t = 0; t < 2 && s->cmd.vec.t_stay; t++)
    if ((t ? p.any.t1 : p.any.t0) && !s->table[t])
      return refuse(m, list, n, "t_stay = 1: table %d: accepted is 0, or tables that the last VEC before it that has read any has read", t);
  if (p.load[0] || p.load[1]) memcpy(s->table, p.load, sizeof s->table);
  return WEFT_OK;
}

/* Psums in the accumulators: the next CONV goes on with them, and it is one that finds each where it looks for it. */
static int accumulators(const uint32_t *list, uint32_t n, weft_validate_scratch_t *s, weft_msg_t *m) {
  const weft_conv_t *c = &s->cmd.conv, *k = &s->kept;
  if (s->cmd.hdr.opcode != WEFT_CMD_CONV) return WEFT_OK;
  if (!s->held && c->psum_in) return refuse(m, list, n, "psum_in = 1: accepted is 0, or a CONV with psum_out just before it among the CONVs");
  if (s->held && !c->psum_in) return refuse(m, list, n, "psum_in = 0: accepted is 1, behind command %" PRIu32 " with psum_out", s->keeper);
  const struct { const char *field; int64_t is, was; } same[] = {
#define SAME(field) {#field, c->field, k->field}
    SAME(kind), SAME(nchain), SAME(P), SAME(e_cols), SAME(T), SAME(FT), SAME(OH), SAME(OW), SAME(OW_last), SAME(M)
#undef SAME
  };
  for (size_t i = 0; s->held && i < sizeof same / sizeof same[0]; i++)
    if (same[i].is != same[i].was)
      return refuse(m, list, n, "%s = %lld: accepted is %lld, as in command %" PRIu32 " whose psums it takes (psum_in)", same[i].field,
                    (long long)same[i].is, (long long)same[i].was, s->keeper);
  s->held = c->psum_out;
  s->kept = *c;
  s->keeper = n;
  return WEFT_OK;
}

static int command(const weft_config_t *cfg, const uint32_t *list, uint32_t n, const uint32_t region_bytes[WEFT_REGIONS],
                   weft_validate_scratch_t *s, weft_msg_t *m) {
  const uint32_t *rec = list + (size_t)n * WEFT_CMD_WORDS;
  int rc = weft_cmd_unpack(rec, &s->cmd);
  if (rc == WEFT_ERR_RESERVED) return refuse(m, list, n, "word %d has a reserved bit set: accepted is 0", reserved_word(rec));
  weft_msg_t why;
  if (weft_legal(cfg, &s->cmd, &why)) return refuse(m, list, n, "%s", why.msg);   /* unknown opcodes too */
  rc = tables(list, n, s, m);
  if (!rc) rc = accumulators(list, n, s, m);
  if (!rc) rc = clocks(list, n, s, m);
  if (!rc) rc = operands(cfg, list, n, s, m);
  if (!rc) rc = buffer_races(cfg, list, n, s, m);
  node_t *v = &s->node[n];
  if (!rc && (v->engine == WEFT_ENG_LOAD || v->engine == WEFT_ENG_STORE)) rc = dram(list, n, region_bytes, s, m);
  if (rc) return rc;
  if (v->engine == WEFT_ENG_VECTOR) v->clock[WEFT_ENG_VECTOR] = v->ordinal;   /* over before its operands are read and its results written */
  s->of_engine[v->engine][v->ordinal] = n;
  s->done[v->engine]++;
  return WEFT_OK;
}

int weft_validate(const weft_config_t *cfg, const uint32_t *list, uint32_t count, const uint32_t region_bytes[WEFT_REGIONS],
                  weft_validate_scratch_t *s, weft_msg_t *m) {
  if (!count || count > INT32_MAX) return weft_fail(m, WEFT_E_ARG, "a list of %" PRIu32 " commands: accepted are 1..%ld", count, (long)INT32_MAX);
  layout(count, s);
  for (uint32_t n = 0; n < count; n++) {
    int rc = command(cfg, list, n, region_bytes, s, m);
    if (rc) return rc;
  }
  if (s->held) return refuse(m, list, s->keeper, "psum_out = 1: accepted is 0, or a CONV with psum_in behind it");
  return WEFT_OK;
}
