/* SPDX-License-Identifier: Apache-2.0
 *
 * Random valid command lists (see randlist.h): builder, waits and DRAM. The operations are drawn in randops.c.
 */
#include "randbuild.h"

#include <stdio.h>
#include <stdlib.h>

#include "randtouch.h"

static const int engine_of[] = {
#define O(name, code, engine, text) [code] = engine,
#include "commands.def"
};

static void join(uint32_t *to, const uint32_t *from) {
  for (int e = 0; e < WEFT_ENGINES; e++)
    if (from[e] > to[e]) to[e] = from[e];
}

/* Earlier command p touches what the command being built touches; early: p writes it, and it may be read when the engine's command before runs. */
static void conflict(build_t *b, randlist_node_t *v, int32_t p, bool early) {
  if (p < 0) return;
  const randlist_node_t *u = &b->l->node[p];
  if (u->engine == v->engine && !early) return;   /* in order by itself */
  if (u->ordinal + 1 > v->need[u->engine]) v->need[u->engine] = u->ordinal + 1;
}

typedef struct { build_t *b; randlist_node_t *v; int32_t index; bool load, mark; } dram_t;

static void dram_run(void *ctx, int64_t first, int64_t bytes) {
  dram_t *d = ctx;
  for (int64_t i = first; i < first + bytes; i++) {
    if (d->mark) *(d->load ? &d->b->dram_reader[i] : &d->b->dram_writer[i]) = d->index;
    else conflict(d->b, d->v, d->load ? d->b->dram_writer[i] : d->b->dram_reader[i], false);
  }
}

/* What must be over before command n starts; then n becomes the last to touch its words. */
static void track(build_t *b, const weft_cmd_t *c, int32_t n) {
  randlist_node_t *v = &b->l->node[n];
  const int early = v->engine == WEFT_ENG_ARRAY ? TOUCH_READ : TOUCH_TABLE;
  memset(b->flags, 0, sizeof b->flags);
  randtouch_buffer(b->cfg, c, b->flags);
  for (int pass = 0; pass < 2; pass++) {
    for (int32_t w = 0; w < b->cfg->buf_words; w++) {
      int f = b->flags[w];
      if (pass == 0 && f) conflict(b, v, b->writer[w], f & early);
      for (int e = 0; pass == 0 && f & TOUCH_WRITE && e < WEFT_ENGINES; e++) conflict(b, v, b->reader[w][e], false);
      if (pass == 1 && f & TOUCH_READ) b->reader[w][v->engine] = n;
      if (pass == 1 && f & TOUCH_WRITE) b->writer[w] = n;   /* earlier readers stay: waiting for them again is harmless */
    }
    if (v->engine == WEFT_ENG_LOAD || v->engine == WEFT_ENG_STORE) {
      if (c->dma.region == b->both) randtouch_dram(&c->dma, dram_run, &(dram_t){b, v, n, v->engine == WEFT_ENG_LOAD, pass == 1});
    }
  }
}

/* Completed counts that are certain when command n starts, without its waits. */
static void base_clock(const randlist_t *l, const int32_t *last, int32_t n, uint32_t clock[WEFT_ENGINES]) {
  const randlist_node_t *v = &l->node[n];
  memset(clock, 0, WEFT_ENGINES * sizeof *clock);
  clock[v->engine] = v->early && v->ordinal ? v->ordinal - 1 : v->ordinal;
  if (last[v->engine] >= 0) join(clock, l->node[last[v->engine]].clock);
}

/* A VEC's tables are read at its start, but all else when the command before is over: others that wait for it know that. */
static void begin(randlist_node_t *v) {
  if (v->engine == WEFT_ENG_VECTOR) v->clock[WEFT_ENG_VECTOR] = v->ordinal;
}

/* Adds a wait for the first `count` commands of engine e. */
static void join_wait(const randlist_t *l, int32_t n, int e, uint32_t count, uint32_t clock[WEFT_ENGINES]) {
  for (int32_t p = n - 1; p >= 0; p--)
    if (l->node[p].engine == e && l->node[p].ordinal + 1 == count) {
      join(clock, l->node[p].clock);
      break;
    }
  if (count > clock[e]) clock[e] = count;
}

static int64_t *wait_field(weft_hdr_t *h, int e) {
  int64_t *const f[WEFT_ENGINES] = {&h->wait_load, &h->wait_array, &h->wait_vector, &h->wait_store};
  return f[e];
}

/* Sufficient waits: exactly what is missing, or at random more. */
static void choose_waits(build_t *b, weft_cmd_t *c, int32_t n) {
  randlist_node_t *v = &b->l->node[n];
  base_clock(b->l, b->last, n, v->clock);
  int first = (int)rand_in(&b->r, 0, WEFT_ENGINES - 1);
  for (int i = 0; i < WEFT_ENGINES; i++) {
    int e = (first + i) % WEFT_ENGINES;
    uint32_t want = v->need[e];
    if (want <= v->clock[e]) {
      if (!rand_chance(&b->r, 8)) continue;
      want = (uint32_t)rand_in(&b->r, 0, b->done[e]);   /* not needed */
    } else if (rand_chance(&b->r, 15)) {
      want = (uint32_t)rand_in(&b->r, want, b->done[e]);
    }
    c->hdr.wait_en |= 1 << e;
    *wait_field(&c->hdr, e) = want;
    join_wait(b->l, n, e, want, v->clock);
  }
  begin(v);
}

void build_emit(build_t *b, weft_cmd_t *c) {
  if (b->failed || b->l->count == BUILD_COMMANDS) {
    b->failed = true;
    return;
  }
  int32_t n = (int32_t)b->l->count++;
  randlist_node_t *v = &b->l->node[n];
  memset(v, 0, sizeof *v);
  v->engine = engine_of[c->hdr.opcode];
  v->early = c->hdr.opcode == WEFT_CMD_CONV || c->hdr.opcode == WEFT_CMD_VEC;
  v->ordinal = b->done[v->engine];
  c->hdr.tag = rand_in(&b->r, 0, UINT16_MAX);
  c->hdr.wait_en = 0;
  track(b, c, n);
  choose_waits(b, c, n);
  if (weft_cmd_pack(c, b->l->list + (size_t)n * WEFT_CMD_WORDS)) b->failed = true;
  b->done[v->engine]++;
  b->last[v->engine] = n;
}

int64_t build_dram(build_t *b, int region, int64_t bytes) {
  int64_t at = b->used[region] + (rand_chance(&b->r, 50) ? rand_in(&b->r, 0, 40) : -b->used[region] & 15);
  if (at + bytes > b->l->region[region].bytes) {
    b->failed = true;
    return 0;
  }
  b->used[region] = at + bytes;
  return at;
}

/* Regions: 0 the list, then three others at random numbers, bases multiples of 128 with gaps. */
static void regions(build_t *b) {
  randlist_t *l = b->l;
  int id = (int)rand_in(&b->r, 1, 5);
  b->in = id;
  b->out = id + 1;
  b->both = id + 2;
  const struct { int region; uint32_t bytes; } part[] = {
      {0, BUILD_COMMANDS * WEFT_CMD_BYTES}, {b->in, BUILD_DATA}, {b->out, BUILD_DATA}, {b->both, BUILD_BOTH}};
  uint32_t at = 128 * (uint32_t)rand_in(&b->r, 0, 50);
  for (int i = 0; i < 4; i++) {
    l->region[part[i].region].base = at;
    l->region[part[i].region].bytes = part[i].bytes;
    at += part[i].bytes + 128 * (uint32_t)rand_in(&b->r, 0, 20);
  }
  l->dram_bytes = at;
}

static void finish(build_t *b) {
  randlist_t *l = b->l;
  l->cmd_offset = WEFT_CMD_BYTES * (uint32_t)rand_in(&b->r, 0, BUILD_COMMANDS - l->count);
  for (size_t i = 0; i < (size_t)l->count * WEFT_CMD_BYTES; i++)
    l->dram[l->region[0].base + l->cmd_offset + i] = (uint8_t)(l->list[i / 4] >> i % 4 * 8);
}

int randlist_make(const weft_config_t *cfg, uint64_t seed, const randlist_opts_t *opts, randlist_t *l) {
  static const randlist_opts_t none;
  if (!opts) opts = &none;
  memset(l, 0, sizeof *l);
  build_t *b = malloc(sizeof *b);
  l->list = calloc(BUILD_COMMANDS, WEFT_CMD_BYTES);
  l->node = calloc(BUILD_COMMANDS, sizeof *l->node);
  if (!b || !l->list || !l->node) goto fail;
  for (uint64_t attempt = 0;; attempt++) {   /* a list that outgrows its memory is drawn again */
    memset(b, 0, sizeof *b);
    memset(b->writer, -1, sizeof b->writer);
    memset(b->reader, -1, sizeof b->reader);
    memset(b->dram_writer, -1, sizeof b->dram_writer);
    memset(b->dram_reader, -1, sizeof b->dram_reader);
    memset(b->last, -1, sizeof b->last);
    memset(l->region, 0, sizeof l->region);
    b->cfg = cfg;
    b->l = l;
    b->r.state = seed * 1000 + attempt;
    l->count = 0;
    regions(b);
    free(l->dram);
    l->dram = malloc(l->dram_bytes);
    if (!l->dram) goto fail;
    for (size_t i = 0; i < l->dram_bytes; i++) l->dram[i] = (uint8_t)rand_i8(&b->r);
    build_ops(b, opts);
    if (!b->failed) break;
  }
  finish(b);
  free(b);
  return 0;
fail:
  free(b);
  randlist_free(l);
  return -1;
}

void randlist_free(randlist_t *l) {
  free(l->list);
  free(l->node);
  free(l->dram);
  memset(l, 0, sizeof *l);
}

/* First command that lacks a needed order when all waits are as in the list, or -1. Recomputes the clocks. */
static int64_t first_race(randlist_t *l) {
  int32_t last[WEFT_ENGINES];
  memset(last, -1, sizeof last);
  for (int32_t n = 0; n < (int32_t)l->count; n++) {
    weft_cmd_t c;
    randlist_node_t *v = &l->node[n];
    weft_cmd_unpack(l->list + (size_t)n * WEFT_CMD_WORDS, &c);
    base_clock(l, last, n, v->clock);
    for (int e = 0; e < WEFT_ENGINES; e++)
      if (c.hdr.wait_en >> e & 1) join_wait(l, n, e, (uint32_t)*wait_field(&c.hdr, e), v->clock);
    for (int e = 0; e < WEFT_ENGINES; e++)
      if (v->need[e] > v->clock[e]) return n;
    begin(v);
    last[v->engine] = n;
  }
  return -1;
}

int64_t randlist_make_racy(randlist_t *l, uint64_t seed) {
  rand_t r = {seed};
  uint32_t total = l->count * WEFT_ENGINES, start = (uint32_t)rand_in(&r, 0, total - 1);
  for (uint32_t i = 0; i < total; i++) {
    uint32_t at = (start + i) % total, n = at / WEFT_ENGINES;
    int e = (int)(at % WEFT_ENGINES);
    uint32_t *rec = l->list + (size_t)n * WEFT_CMD_WORDS, old[WEFT_CMD_WORDS];
    weft_cmd_t c;
    memcpy(old, rec, sizeof old);
    weft_cmd_unpack(rec, &c);
    if (!(c.hdr.wait_en >> e & 1)) continue;
    if (*wait_field(&c.hdr, e) > 1 && rand_chance(&r, 50)) --*wait_field(&c.hdr, e);   /* one command too few */
    else c.hdr.wait_en &= ~(1 << e);
    weft_cmd_pack(&c, rec);
    int64_t victim = first_race(l);
    if (victim >= 0) {
      for (size_t k = 0; k < WEFT_CMD_BYTES; k++)
        l->dram[l->region[0].base + l->cmd_offset + n * WEFT_CMD_BYTES + k] = (uint8_t)(rec[k / 4] >> k % 4 * 8);
      return victim;
    }
    memcpy(rec, old, sizeof old);
  }
  return -1;
}

void randlist_print(const randlist_t *l) {
  for (uint32_t n = 0; n < l->count; n++) {
    weft_cmd_t c;
    weft_cmd_unpack(l->list + (size_t)n * WEFT_CMD_WORDS, &c);
    printf("%3u %-5s", n, weft_command_name((int)c.hdr.opcode));
    for (int part = 0; part < 2; part++) {
      int count;
      const weft_field_t *f = weft_cmd_fields(part ? (int)c.hdr.opcode : 0, &count);
      for (int i = part ? 0 : 1; i < count; i++) {
        int64_t v;
        memcpy(&v, (const char *)&c + f[i].offset, sizeof v);
        if (v && strcmp(f[i].name, "tag")) printf(" %s=%lld", f[i].name, (long long)v);
      }
    }
    printf("\n");
  }
}
