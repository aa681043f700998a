/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans of value-by-value operators (see lane_plan.h).
 *
 * Every way that the operator leaves (one input as a table or two, tables or steps) is planned with its tiles and the quickest by estimate is
 * taken. Tiles grow and shrink where the outermost loop is one of the command's (tiles.h), otherwise they are alike.
 */
#include "lane_plan.h"

#include "ops/broadcast.h"
#include "overlap.h"

#define WAITING 0.6               /* part of a tile's time that a kept result costs those who wait for it */
enum {
  PIECE_WORDS = 4096,            /* of a tile at most */
  MOST_TABLE_WORDS = 128,
  TRIED_TILES = 8,
  TURNS = 8                      /* of the outermost loop, fewer are not worth a ramp */
};

static int least(size_t a, size_t b) { return (int)(a < b ? a : b); }

/* Loops and operands; single: the input that the result is a function of, or -1 for both. False when the shapes are not broadcastable (the importer has seen to it). */
static bool shapes(weft_lanes_t *k, int single)
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
    k->x[WEFT_LANE_OUT].step[i] = all;
    all *= b.n[i];
  }
  for (int i = b.loops; i < WEFT_MAX_RANK; i++) k->n[i] = 1;
  for (int i = 0; i < 2; i++)
    if (k->in[i] >= 0) k->x[i].place = e->p->place[e->op->in[k->in[i]]];
  k->x[WEFT_LANE_OUT].place = e->p->place[e->op->out[0]];
  k->x[1].splat = k->x[1].step[0] == 0;
  return true;
}

int64_t weft_lane_words_to(const weft_lanes_t *k, size_t offset)
{
  return (int64_t)(offset / (size_t)k->elem) * weft_lane_words((size_t)k->elem) + (int64_t)(offset % (size_t)k->elem) / WEFT_WORD_BYTES;
}

/* Feature maps of the same shape are one long run, but pixels of part words lie apart when a convolution has made them: then each pixel is
 * a turn of its own. */
static void split_pixels(weft_lanes_t *k)
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
  for (int i = 0; i < WEFT_LANE_PARTS; i++) k->x[i].step[1] = k->x[i].step[0] * (size_t)channels;
}

/* Operands that the buffer holds, and words of the result if it is to stay there. */
static int keep(weft_lanes_t *k)
{
  const weft_emit_t *e = k->e;
  split_pixels(k);
  k->elem = k->loops == 1 || k->n[0] % WEFT_WORD_BYTES == 0 ? WEFT_WORD_BYTES : k->n[0] <= UINT16_MAX ? (int)k->n[0] : 0;
  for (int i = 0; i < 2; i++) {
    weft_lane_operand_t *x = &k->x[i];
    const int elem = x->splat ? WEFT_WORD_BYTES : k->elem, at = k->in[i] < 0 || !elem ? -1 : weft_emit_find(e, e->op->in[k->in[i]], elem);
    x->whole = at >= 0;
    x->base = at;
  }
  const int words = k->elem ? weft_emit_keep_words(e, k->elem) : 0;
  k->x[WEFT_LANE_OUT].whole = words > 0;
  return words;
}

/* n turns in equal tiles of at most `most`. */
static int even(size_t n, int most)
{
  size_t tiles = (n + (size_t)most - 1) / (size_t)most;
  return (int)((n + tiles - 1) / tiles);
}

static void tile(weft_lanes_t *k, int piece)
{
  for (int i = 3; i < WEFT_MAX_RANK; i++) k->t[i] = 1;
  size_t words = ((size_t)k->n[0] + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES;
  k->t[0] = even(words, least(words, (size_t)piece));
  k->t[1] = even(k->n[1], least(k->n[1], (size_t)(piece / k->t[0])));
  k->t[2] = (size_t)k->t[1] == k->n[1] ? even(k->n[2], least(k->n[2], (size_t)(piece / (k->t[0] * k->t[1])))) : 1;
}

void weft_lane_extent(const weft_lane_operand_t *x, const int n[3], int *bytes, int rows[2])
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
static bool slots(weft_lanes_t *k)
{
  int count[WEFT_LANE_PARTS + 1], words[WEFT_LANE_PARTS + 1], base[WEFT_LANE_PARTS + 1];
  const int n[3] = {least((size_t)k->t[0] * WEFT_WORD_BYTES, k->n[0]), k->t[1], k->t[2]};
  for (int i = 0; i < WEFT_LANE_PARTS; i++) {
    weft_lane_operand_t *x = &k->x[i];
    int bytes, rows[2];
    weft_lane_extent(x, n, &bytes, rows);
    x->slots = 1;
    for (int d = 0; d < k->loops; d++)
      if (x->step[d] && (d ? (size_t)k->t[d] : (size_t)k->t[0] * WEFT_WORD_BYTES) < k->n[d]) x->slots = 2;
    count[i] = (i == 1 && !k->two) || (x->whole && i != WEFT_LANE_OUT) ? 0 : x->whole ? 1 : x->slots;
    words[i] = x->whole && i == WEFT_LANE_OUT ? k->stay : weft_lane_words((size_t)bytes) * rows[0] * rows[1];
  }
  count[WEFT_LANE_PARTS] = 1;
  words[WEFT_LANE_PARTS] = weft_lane_table_words(&k->l.table[0]) + weft_lane_table_words(&k->l.table[1]);
  weft_emit_slots_apart(k->e, WEFT_LANE_PARTS + 1, count, words);
  if (!weft_emit_slots_kept(k->e, WEFT_LANE_PARTS + 1, count, words, k->stay ? WEFT_LANE_OUT : -1, base)) return false;
  for (int i = 0; i < WEFT_LANE_PARTS; i++) {
    if (k->x[i].whole && i != WEFT_LANE_OUT) continue;
    k->x[i].base = base[i];
    k->x[i].words = words[i];
  }
  k->tables = base[WEFT_LANE_PARTS];
  return true;
}

/* Words of a tile at most: every operand has two slots, each in banks of its own if the buffer has enough of them. small: B takes next to none. */
static int most_words(const weft_lanes_t *k, bool small)
{
  const weft_config_t *cfg = k->e->cfg;
  const int slots = 2 * (!k->x[0].whole + (k->two && !k->x[1].whole && !small) + !k->x[WEFT_LANE_OUT].whole), room = cfg->buf_words - k->stay;
  if (!slots) return k->e->choice->cut ? PIECE_WORDS / k->e->choice->cut : PIECE_WORDS;
  int words = (room / cfg->bank_words - 1 - small) / slots * cfg->bank_words;      /* the tables take a bank, a small B another */
  if (words <= 0) words = (room - MOST_TABLE_WORDS) / (slots + 2 * small);
  if (words > PIECE_WORDS) words = PIECE_WORDS;
  const int cut = k->e->choice->cut;
  if (cut) words /= cut;
  return words > 1 ? words : 1;
}

/* Do the lanes alone read the result? They would not begin before the last of its tiles is done, however small. */
static bool read_by_lanes(const weft_emit_t *e)
{
  const int y = e->op->out[0];
  for (int i = 0; i < e->g->nops; i++) {
    const weft_op_t *op = &e->g->op[i];
    for (int k = 0; k < op->nin; k++)
      if (op->in[k] == y && !weft_lane_operands(op->code) && op->code != WEFT_OP_SOFTMAX && op->code != WEFT_OP_MEAN) return false;
  }
  return true;
}

/* Of tiles whose unit is so many words. */
static weft_tile_cost_t cost(const weft_lanes_t *k, int words)
{
  const double bus = weft_bus_cycles(k->e->cfg) * words, start = weft_lane_command(k->e, &k->l, 0);
  const int loads = !k->x[0].whole + (k->two && !k->x[1].whole && !k->x[1].splat && k->x[1].step[k->loops - 1]);
  const double work = weft_lane_command(k->e, &k->l, words) - start;
  /* A result that stays is hardly ever stored, but whoever reads it waits for a tile to be complete. */
  return (weft_tile_cost_t){.load_start = loads * WEFT_DMA_START, .load = loads * bus, .work_start = start, .work = work,
                            .store_start = k->stay ? 0 : WEFT_DMA_START, .store = !k->stay ? bus : read_by_lanes(k->e) ? 0 : WAITING * work, .tables = weft_lane_table_cycles(&k->l)};
}

/* Equal tiles, which may cut any loop: of several numbers of them the one that takes least time. */
static void equal_tiles(weft_lanes_t *k, int most)
{
  const weft_tile_cost_t c = cost(k, 1);
  int64_t total = 1, few = 0;
  for (int i = 0; i < k->loops; i++) total *= i ? (int64_t)k->n[i] : weft_lane_words(k->n[0]);
  for (int64_t n = (total + most - 1) / most, i = 0; i < TRIED_TILES; i++, n++) {
    tile(k, (int)((total + n - 1) / n));
    const double words = (double)k->t[0] * k->t[1] * k->t[2];
    const double load = c.load_start + words * c.load, tables = c.tables > load ? c.tables - load : 0;
    const double t = tables + weft_overlap(n, load, c.work_start + words * c.work, c.store_start + words * c.store);
    if (few && t >= k->cycles) continue;
    few = n;
    k->cycles = t;
  }
  k->cut = -1;
  tile(k, (int)((total + few - 1) / few));
}

/* Tile sizes for the program chosen. Where the outermost loop is one of the command's and has turns enough, its tiles grow and shrink. */
static void choose_tiles(weft_lanes_t *k)
{
  const int last = k->loops - 1;
  int most = most_words(k, false);
  int64_t unit = 1;
  for (int i = 0; i < last; i++) unit *= i ? (int64_t)k->n[i] : weft_lane_words(k->n[0]);
  const int64_t turns = last ? (int64_t)k->n[last] : weft_lane_words(k->n[0]);
  if (last > 2 || turns < TURNS || unit * TURNS > most) {
    equal_tiles(k, most);
    return;
  }
  if (k->two && !k->x[1].whole && (k->x[1].splat ? last < 2 : !k->x[1].step[last])) most = most_words(k, true);
  const weft_tile_cost_t c = cost(k, (int)unit);
  weft_tiles_again(k->e->plans, &c, turns, (int)(most / unit), &k->tiles);
  for (int i = 0; i < WEFT_MAX_RANK; i++) k->t[i] = i >= last ? 1 : i ? (int)k->n[i] : weft_lane_words(k->n[0]);
  k->cut = last;
  k->t[last] = k->tiles.largest;
  k->cycles = k->tiles.cycles;
}

/* Operands, program, tile sizes, buffer: of the ways that the operator leaves the one that takes least time. */
int weft_lane_plan(weft_lanes_t *k)
{
  const weft_emit_t *e = k->e;
  const int single = weft_lane_single(e->g, e->op);
  const uint8_t asked = e->choice->tables;
  bool any = false, as_asked = false;
  for (int way = 0; way < 4; way++) {
    const bool both = way & 1, tables = way & 2;
    if (both && single >= 0 && (!weft_lane_step(e->op->code) || e->op->in[0] == e->op->in[1])) continue;
    if (!both && single < 0) continue;
    weft_lanes_t one = {.e = k->e};
    int err = WEFT_OK;
    if (!shapes(&one, both ? -1 : single)) return weft_fail(e->m, WEFT_E_INTERNAL, "shapes that cannot be broadcast");
    one.stay = keep(&one);
    if ((err = weft_lane_program(e, one.in[0], one.in[1], tables, &one.l))) return err;
    one.l.b_stays = one.two && (one.x[1].splat || (one.loops > 1 && !one.x[1].step[1]));
    choose_tiles(&one);
    const bool right = asked == WEFT_AS_ESTIMATED || tables == (asked == WEFT_YES);
    if (any && (as_asked > right || (as_asked == right && one.cycles >= k->cycles))) continue;
    any = true;
    as_asked = right;
    *k = one;
  }
  return slots(k) ? WEFT_OK : weft_fail(k->e->m, WEFT_E_INTERNAL, "pieces do not fit the buffer");
}

