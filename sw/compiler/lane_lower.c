/* SPDX-License-Identifier: Apache-2.0
 *
 * Value-by-value operators as VEC commands: one input through a scale or a table, two inputs with broadcasting.
 *
 * The shapes come as up to six loops over the output, the innermost first (ops/broadcast.h); a tensor of any shape, alone or with one of
 * the same shape, is a single loop. The innermost loop fills words and the next two are the command's; loops further out are
 * commands of their own. An operand that is repeated in the innermost loop is a splat: one byte for a row of the other one.
 * Tiles have two slots an operand, so that loading, computing and storing overlap (tiles.h); what a slot already holds is not loaded again. An operand
 * that the buffer still holds is taken where it stands, and a result that is soon read again stays there whole (keep.h).
 */
#include <stdio.h>

#include "lane_program.h"
#include "lower_limits.h"
#include "ops/broadcast.h"
#include "overlap.h"
#include "tiles.h"

#define WAITING 0.6               /* part of a tile's time that a kept result costs those who wait for it */
enum { OUT = 2, OPERANDS = 3 };  /* index 0 and 1 are A and B */
enum {
  PIECE_WORDS = 4096,            /* of a tile at most */
  MOST_TABLE_WORDS = 128,
  TRIED_TILES = 8,
  TURNS = 8,                     /* of the outermost loop, fewer are not worth a ramp */
  MAX_TILES = WEFT_LANE_TILES
};

/* An operand or the result, and the part of it that stands in its slot. */
typedef struct {
  weft_place_t place;
  size_t step[WEFT_MAX_RANK];    /* bytes from one turn of a loop to the next, 0 where it is repeated */
  bool splat, whole;             /* whole: all of it stands at base */
  int base, words, slots, slot;  /* words from slot to slot */
  bool held;
  size_t offset;
  int bytes, rows[2];            /* bytes of a row; rows of the two command loops */
} operand_t;

typedef struct {
  weft_emit_t *e;
  int loops;
  size_t n[WEFT_MAX_RANK];       /* turns, in bytes for the innermost */
  int t[WEFT_MAX_RANK];          /* of a tile; words for the innermost */
  int cut;                       /* the loop whose tiles differ in size, or -1: all are alike */
  weft_tiles_t tiles;            /* of that loop */
  double cycles;                 /* estimate for all */
  operand_t x[OPERANDS];
  bool two;
  int in[2];                     /* inputs of the operator that are A and B */
  int tables;                    /* buffer word of the tables */
  int elem;                      /* bytes that begin on a new word, where an operand stands whole; 0: they cannot */
  int stay;                      /* words of the result, if it stays */
  weft_lane_t l;
} lanes_t;

static int words_of(size_t bytes) { return (int)((bytes + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES); }
static int least(size_t a, size_t b) { return (int)(a < b ? a : b); }

/* Loops and operands; single: the input that the result is a function of, or -1 for both. False when the shapes are not broadcastable (the importer has seen to it). */
static bool shapes(lanes_t *k, int single)
{
  const weft_emit_t *e = k->e;
  const weft_tensor_t *t = e->g->tensor, *y = &t[e->op->out[0]];
  weft_broadcast_t b = {.loops = 1, .n = {y->elements}, .step_a = {1}, .step_b = {1}};
  k->two = single < 0;
  if (k->two && !weft_broadcast(&t[e->op->in[0]], &t[e->op->in[1]], y, &b)) return false;
  const bool swap = b.step_a[0] == 0;      /* A fills words, B may be the one that is repeated */
  k->in[0] = k->two ? swap : single;
  k->in[1] = k->two ? !swap : -1;
  k->loops = b.loops;
  size_t all = 1;
  for (int i = 0; i < b.loops; i++) {
    k->n[i] = b.n[i];
    k->x[swap].step[i] = b.step_a[i];
    k->x[!swap].step[i] = b.step_b[i];
    k->x[OUT].step[i] = all;
    all *= b.n[i];
  }
  for (int i = b.loops; i < WEFT_MAX_RANK; i++) k->n[i] = 1;
  for (int i = 0; i < 2; i++)
    if (k->in[i] >= 0) k->x[i].place = e->p->place[e->op->in[k->in[i]]];
  k->x[OUT].place = e->p->place[e->op->out[0]];
  k->x[1].splat = k->x[1].step[0] == 0;
  return true;
}

/* Buffer words from the start of a whole operand to byte `offset`. */
static int64_t words_to(const lanes_t *k, size_t offset)
{
  return (int64_t)(offset / (size_t)k->elem) * words_of((size_t)k->elem) + (int64_t)(offset % (size_t)k->elem) / WEFT_WORD_BYTES;
}

/* Feature maps of the same shape are one long run, but pixels of part words lie apart when a convolution has made them: then each pixel is
 * a turn of its own. */
static void split_pixels(lanes_t *k)
{
  const weft_emit_t *e = k->e;
  const weft_tensor_t *y = &e->g->tensor[e->op->out[0]];
  const int channels = y->rank ? y->dim[y->rank - 1] : 1;
  bool apart = false;
  if (k->loops > 1 || k->x[1].splat || channels % WEFT_WORD_BYTES == 0 || k->n[0] == (size_t)channels) return;
  for (int i = 0; i < 2; i++) apart |= k->in[i] >= 0 && weft_emit_find(e, e->op->in[k->in[i]], channels) >= 0;
  if (!apart) return;
  k->n[1] = k->n[0] / (size_t)channels;
  k->n[0] = (size_t)channels;
  k->loops = 2;
  for (int i = 0; i < OPERANDS; i++) k->x[i].step[1] = k->x[i].step[0] * (size_t)channels;
}

/* Operands that the buffer holds, and words of the result if it is to stay there. */
static int keep(lanes_t *k)
{
  const weft_emit_t *e = k->e;
  split_pixels(k);
  k->elem = k->loops == 1 || k->n[0] % WEFT_WORD_BYTES == 0 ? WEFT_WORD_BYTES : k->n[0] <= UINT16_MAX ? (int)k->n[0] : 0;
  for (int i = 0; i < 2; i++) {
    operand_t *x = &k->x[i];
    const int elem = x->splat ? WEFT_WORD_BYTES : k->elem, at = k->in[i] < 0 || !elem ? -1 : weft_emit_find(e, e->op->in[k->in[i]], elem);
    x->whole = at >= 0;
    x->base = at;
  }
  const int words = k->elem ? weft_emit_keep_words(e, k->elem) : 0;
  k->x[OUT].whole = words > 0;
  return words;
}

/* n turns in equal tiles of at most `most`. */
static int even(size_t n, int most)
{
  size_t tiles = (n + (size_t)most - 1) / (size_t)most;
  return (int)((n + tiles - 1) / tiles);
}

static void tile(lanes_t *k, int piece)
{
  for (int i = 3; i < WEFT_MAX_RANK; i++) k->t[i] = 1;
  size_t words = ((size_t)k->n[0] + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES;
  k->t[0] = even(words, least(words, (size_t)piece));
  k->t[1] = even(k->n[1], least(k->n[1], (size_t)(piece / k->t[0])));
  k->t[2] = (size_t)k->t[1] == k->n[1] ? even(k->n[2], least(k->n[2], (size_t)(piece / (k->t[0] * k->t[1])))) : 1;
}

/* Bytes of a row and rows of the part that meets a tile of turns n[] (bytes, turns, turns). */
static void extent(const operand_t *x, const int n[3], int *bytes, int rows[2])
{
  if (!x->splat) {
    *bytes = n[0];
    rows[0] = x->step[1] ? n[1] : 1;
    rows[1] = x->step[2] ? n[2] : 1;
  } else {                       /* its bytes follow each other in the first loop that moves it */
    *bytes = x->step[1] ? n[1] : x->step[2] ? n[2] : 1;
    rows[0] = x->step[1] && x->step[2] ? n[2] : 1;
    rows[1] = 1;
  }
}

/* Slot sizes and numbers; a part that never changes needs one slot. */
static bool slots(lanes_t *k)
{
  int count[OPERANDS + 1], words[OPERANDS + 1], base[OPERANDS + 1];
  const int n[3] = {least((size_t)k->t[0] * WEFT_WORD_BYTES, k->n[0]), k->t[1], k->t[2]};
  for (int i = 0; i < OPERANDS; i++) {
    operand_t *x = &k->x[i];
    int bytes, rows[2];
    extent(x, n, &bytes, rows);
    x->slots = 1;
    for (int d = 0; d < k->loops; d++)
      if (x->step[d] && (d ? (size_t)k->t[d] : (size_t)k->t[0] * WEFT_WORD_BYTES) < k->n[d]) x->slots = 2;
    count[i] = (i == 1 && !k->two) || (x->whole && i != OUT) ? 0 : x->whole ? 1 : x->slots;
    words[i] = x->whole && i == OUT ? k->stay : words_of((size_t)bytes) * rows[0] * rows[1];
  }
  count[OPERANDS] = 1;
  words[OPERANDS] = weft_lane_table_words(&k->l.table[0]) + weft_lane_table_words(&k->l.table[1]);
  weft_emit_slots_apart(k->e, OPERANDS + 1, count, words);
  if (!weft_emit_slots_kept(k->e, OPERANDS + 1, count, words, k->stay ? OUT : -1, base)) return false;
  for (int i = 0; i < OPERANDS; i++) {
    if (k->x[i].whole && i != OUT) continue;
    k->x[i].base = base[i];
    k->x[i].words = words[i];
  }
  k->tables = base[OPERANDS];
  return true;
}

/* Words of a tile at most: every operand has two slots, each in banks of its own if the buffer has enough of them. small: B takes next to none. */
static int most_words(const lanes_t *k, bool small)
{
  const weft_config_t *cfg = k->e->cfg;
  const int slots = 2 * (!k->x[0].whole + (k->two && !k->x[1].whole && !small) + !k->x[OUT].whole), room = cfg->buf_words - k->stay;
  if (!slots) return PIECE_WORDS;
  int words = (room / cfg->bank_words - 1 - small) / slots * cfg->bank_words;      /* the tables take a bank, a small B another */
  if (words <= 0) words = (room - MOST_TABLE_WORDS) / (slots + 2 * small);
  return words < PIECE_WORDS ? words : PIECE_WORDS;
}

/* Of tiles whose unit is so many words. */
static weft_tile_cost_t cost(const lanes_t *k, int words)
{
  const double bus = weft_bus_cycles(k->e->cfg) * words, start = weft_lane_command(k->e, &k->l, 0);
  const int loads = !k->x[0].whole + (k->two && !k->x[1].whole && !k->x[1].splat && k->x[1].step[k->loops - 1]);
  const double work = weft_lane_command(k->e, &k->l, words) - start;
  /* A result that stays is hardly ever stored, but whoever reads it waits for a tile to be complete. */
  return (weft_tile_cost_t){.load_start = loads * WEFT_DMA_START, .load = loads * bus, .work_start = start, .work = work,
                            .store_start = k->stay ? 0 : WEFT_DMA_START, .store = k->stay ? WAITING * work : bus};
}

/* Equal tiles, which may cut any loop: of several numbers of them the one that takes least time. */
static void equal_tiles(lanes_t *k, int most)
{
  const weft_tile_cost_t c = cost(k, 1);
  int64_t total = 1, few = 0;
  for (int i = 0; i < k->loops; i++) total *= i ? (int64_t)k->n[i] : words_of(k->n[0]);
  for (int64_t n = (total + most - 1) / most, i = 0; i < TRIED_TILES; i++, n++) {
    tile(k, (int)((total + n - 1) / n));
    const double words = (double)k->t[0] * k->t[1] * k->t[2];
    const double t = weft_overlap(n, c.load_start + words * c.load, c.work_start + words * c.work, c.store_start + words * c.store);
    if (few && t >= k->cycles) continue;
    few = n;
    k->cycles = t;
  }
  k->cut = -1;
  tile(k, (int)((total + few - 1) / few));
}

/* Tile sizes for the program chosen. Where the outermost loop is one of the command's and has turns enough, its tiles grow and shrink. */
static void choose_tiles(lanes_t *k)
{
  const int last = k->loops - 1;
  int most = most_words(k, false);
  int64_t unit = 1;
  for (int i = 0; i < last; i++) unit *= i ? (int64_t)k->n[i] : words_of(k->n[0]);
  const int64_t turns = last ? (int64_t)k->n[last] : words_of(k->n[0]);
  if (last > 2 || turns < TURNS || unit * TURNS > most) {
    equal_tiles(k, most);
    return;
  }
  if (k->two && !k->x[1].whole && (k->x[1].splat ? last < 2 : !k->x[1].step[last])) most = most_words(k, true);
  const weft_tile_cost_t c = cost(k, (int)unit);
  weft_tiles(&c, turns, (int)(most / unit), &k->tiles);
  for (int i = 0; i < WEFT_MAX_RANK; i++) k->t[i] = i >= last ? 1 : i ? (int)k->n[i] : words_of(k->n[0]);
  k->cut = last;
  k->t[last] = k->tiles.largest;
  k->cycles = k->tiles.cycles;
}

/* Operands, program, tile sizes, buffer: of the ways that the operator leaves the one that takes least time. */
static int plan(lanes_t *k)
{
  const weft_emit_t *e = k->e;
  const int single = weft_lane_single(e->g, e->op);
  bool any = false;
  for (int way = 0; way < 4; way++) {
    const bool both = way & 1, tables = way & 2;
    if (both && single >= 0 && (!weft_lane_step(e->op->code) || e->op->in[0] == e->op->in[1])) continue;
    if (!both && single < 0) continue;
    lanes_t one = {.e = k->e};
    int err = WEFT_OK;
    if (!shapes(&one, both ? -1 : single)) return weft_fail(e->m, WEFT_E_INTERNAL, "shapes that cannot be broadcast");
    one.stay = keep(&one);
    if ((err = weft_lane_program(e, one.in[0], one.in[1], tables, &one.l))) return err;
    choose_tiles(&one);
    if (any && one.cycles >= k->cycles) continue;
    any = true;
    *k = one;
  }
  return slots(k) ? WEFT_OK : weft_fail(k->e->m, WEFT_E_INTERNAL, "pieces do not fit the buffer");
}

/* The part of the result that has just been made, from where the result stands whole. */
static int store_part(lanes_t *k, const operand_t *x)
{
  weft_dma_t d = {.opcode = WEFT_CMD_STORE, .region = x->place.region, .offset = x->place.offset + (int64_t)x->offset, .elem_bytes = x->bytes,
                  .elems = 1, .n0 = x->rows[0], .n1 = x->rows[1], .buf = x->base + words_to(k, x->offset)};
  const int64_t inner = (int64_t)x->step[1], outer = (int64_t)x->step[2];
  if (d.n0 > 1) {
    d.dram_s0 = inner;
    d.buf_s0 = words_to(k, x->step[1]);
  }
  if (d.n1 > 1) {
    d.dram_s1 = outer;
    d.buf_s1 = words_to(k, x->step[2]);
  }
  if ((size_t)x->bytes == k->n[0] && (d.n1 == 1 || outer == d.n0 * inner)) {       /* whole rows that follow each other */
    d.elems = d.n0 * d.n1;
    d.buf_se = d.elems > 1 ? words_of((size_t)x->bytes) : 0;
    d.n0 = d.n1 = 1;
    d.dram_s0 = d.buf_s0 = d.dram_s1 = d.buf_s1 = 0;
  }
  return weft_emit_dma(k->e, &d);
}

/* A part between DRAM and its slot: rows of `bytes` bytes, each from a new word on. */
static int move(lanes_t *k, const operand_t *x, int opcode)
{
  const int w = words_of((size_t)x->bytes);
  const int64_t inner = (int64_t)x->step[x->splat ? 2 : 1], outer = (int64_t)x->step[2];
  weft_dma_t d = {.opcode = opcode, .region = x->place.region, .offset = x->place.offset + (int64_t)x->offset, .elem_bytes = x->bytes,
                  .elems = 1, .n0 = 1, .n1 = 1, .buf = x->base + x->slot * x->words};
  bool follow = x->rows[0] == 1 || inner == x->bytes;
  if (follow && (x->rows[1] == 1 || outer == (int64_t)x->rows[0] * x->bytes)) {
    d.elems = (int64_t)x->rows[0] * x->rows[1];
    d.buf_se = d.elems > 1 ? w : 0;
  } else if (follow) {
    d.elems = x->rows[0];
    d.buf_se = d.elems > 1 ? w : 0;
    d.n0 = x->rows[1];
    d.dram_s0 = outer;
    d.buf_s0 = (int64_t)w * x->rows[0];
  } else {
    d.n0 = x->rows[0];
    d.dram_s0 = inner;
    d.buf_s0 = w;
    d.n1 = x->rows[1];
    if (d.n1 > 1) {
      d.dram_s1 = outer;
      d.buf_s1 = (int64_t)w * x->rows[0];
    }
  }
  return weft_emit_dma(k->e, &d);
}

/* The tile that starts at turns `at` (words in the innermost loop): n[] are its turns. Puts the part into a slot. */
static int fetch(lanes_t *k, operand_t *x, const size_t at[], const int n[3])
{
  size_t offset = at[0] * WEFT_WORD_BYTES * x->step[0];
  int bytes, rows[2];
  for (int i = 1; i < k->loops; i++) offset += at[i] * x->step[i];
  extent(x, n, &bytes, rows);
  const bool same = x->held && x->offset == offset && x->bytes == bytes && x->rows[0] == rows[0] && x->rows[1] == rows[1];
  if (same && x != &k->x[OUT]) return WEFT_OK;
  if (x->held && !x->whole) x->slot = (x->slot + 1) % x->slots;
  x->held = true;
  x->offset = offset;
  x->bytes = bytes;
  x->rows[0] = rows[0];
  x->rows[1] = rows[1];
  return x == &k->x[OUT] || x->whole ? WEFT_OK : move(k, x, WEFT_CMD_LOAD);
}

/* First word of the part, and strides of the command's loops: words, bytes for a splat. */
static int64_t strides(const lanes_t *k, const operand_t *x, const int n[3], int64_t *s0, int64_t *s1, int64_t *s2)
{
  if (x->whole) {
    *s0 = !x->splat && n[0] > WEFT_WORD_BYTES;
    *s1 = n[1] == 1 ? 0 : x->splat ? (int64_t)x->step[1] : words_to(k, x->step[1]);
    *s2 = n[2] == 1 ? 0 : x->splat ? (int64_t)x->step[2] : words_to(k, x->step[2]);
    return x->base + (x->splat ? (int64_t)x->offset / WEFT_WORD_BYTES : words_to(k, x->offset));
  }
  const int row = words_of((size_t)x->bytes), unit = x->splat ? 1 : row;
  *s0 = !x->splat && n[0] > WEFT_WORD_BYTES;
  *s1 = x->step[1] && n[1] > 1 ? unit : 0;
  *s2 = !x->step[2] || n[2] == 1 ? 0 : !x->splat ? (int64_t)row * x->rows[0] : x->step[1] ? (int64_t)row * WEFT_WORD_BYTES : 1;
  return x->base + x->slot * x->words;
}

static int one_tile(lanes_t *k, const size_t at[])
{
  int n[3], err;
  weft_vec_t v = k->l.v;
  n[0] = least((size_t)k->t[0] * WEFT_WORD_BYTES, k->n[0] - at[0] * WEFT_WORD_BYTES);
  for (int i = 1; i < 3; i++) n[i] = least((size_t)k->t[i], k->n[i] - at[i]);
  for (int i = 0; i < OPERANDS; i++)
    if ((i != 1 || k->two) && (err = fetch(k, &k->x[i], at, n))) return err;
  v.n0 = words_of((size_t)n[0]);
  v.n1 = n[1];
  v.n2 = n[2];
  v.k0 = v.k1 = 1;
  v.a_base = strides(k, &k->x[0], n, &v.a_s0, &v.a_s1, &v.a_s2);
  v.out_base = strides(k, &k->x[OUT], n, &v.out_s0, &v.out_s1, &v.out_s2);
  if (k->two) {
    v.b_base = strides(k, &k->x[1], n, &v.b_s0, &v.b_s1, &v.b_s2);
    v.b_splat = k->x[1].splat;
    if (v.b_splat && k->x[1].whole) v.b_byte = (int64_t)(k->x[1].offset % WEFT_WORD_BYTES);
  }
  err = weft_emit_vec(k->e, &v);
  return err ? err : k->stay ? store_part(k, &k->x[OUT]) : move(k, &k->x[OUT], WEFT_CMD_STORE);
}

int weft_lower_lane(weft_emit_t *e)
{
  lanes_t k = {.e = e};
  int err = plan(&k);
  int64_t tiles = 1;
  if (err) return err;
  size_t at[WEFT_MAX_RANK] = {0}, end[WEFT_MAX_RANK];
  for (int i = 0; i < k.loops; i++) {
    end[i] = i ? k.n[i] : (size_t)words_of(k.n[0]);
    tiles *= least((end[i] + (size_t)k.t[i] - 1) / (size_t)k.t[i], MAX_TILES);
    if (tiles > MAX_TILES && k.loops > 3)
      return weft_fail(e->m, WEFT_E_UNSUPPORTED, "broadcasting in %d alternating groups of dimensions: more than %d pieces", k.loops,
                     MAX_TILES);
  }
  if ((err = weft_lane_tables(e, &k.l, k.tables))) return err;
  const int largest = k.t[0] * k.t[1] * k.t[2];
  int64_t done = 0;
  for (int i = 0; i < k.loops;) {
    if (k.cut >= 0) k.t[k.cut] = weft_tiles_size(&k.tiles, done++);
    if ((err = one_tile(&k, at))) return err;
    for (i = 0; i < k.loops && (at[i] += (size_t)k.t[i]) >= end[i]; i++) at[i] = 0;
  }
  if (k.stay) weft_emit_kept(e, k.elem, k.x[OUT].base);
  snprintf(e->layer->mapping, sizeof e->layer->mapping, "lanes, %d-word pieces%s", largest, k.stay ? ", stays" : "");
  return WEFT_OK;
}
