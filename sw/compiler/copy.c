/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies of boxes (see copy.h).
 *
 * A piece is a part of the box that fits the ring: some inner dimensions whole, one cut, the outer ones one index at a time. It lies in
 * the buffer as dense words, a run at a time, in the order of the destination or of the source, whichever needs fewer DRAM
 * runs. LOAD and STORE then each take as many dimensions as a command has: what is contiguous in DRAM becomes elements of one run.
 */
#include "copy.h"

enum { ELEM_LIMIT = 65520, MAX_DIMS = WEFT_SIDE_RANK, FILL_BYTES = 1024 };

static int64_t words_of(int64_t bytes) { return (bytes + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES; }
static int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }

int weft_ring_open(weft_emit_t *e, int64_t bytes, weft_ring_t *r)
{
  enum { LEAST = 256 };
  int half = e->cfg->buf_words / 2, base;
  int64_t want = 2 * words_of(bytes);
  *r = (weft_ring_t){.e = e, .words = (int)(want < LEAST ? LEAST : want > half ? half : want)};
  r->tile = r->words / 4;
  if (!weft_emit_slots(e, 1, (int[]){1}, &r->words, &base)) return weft_fail(e->m, WEFT_E_INTERNAL, "no ring in the buffer");
  r->base = r->next = base;
  return WEFT_OK;
}

int weft_ring_take(weft_ring_t *r, int words)
{
  if (r->next + words > r->base + r->words) r->next = r->base;
  int at = r->next;
  r->next += words;
  return at;
}

static void drop(weft_side_t *s, int i)
{
  for (s->rank--; i < s->rank; i++) {
    s->n[i] = s->n[i + 1];
    s->dram[i] = s->dram[i + 1];
    s->buf[i] = s->buf[i + 1];
  }
}

/* Dimensions that continue the run in DRAM become elements. */
static void join_elements(weft_side_t *s, weft_dma_t *d)
{
  for (int again = 1; again;) {
    again = 0;
    for (int i = 0; i < s->rank; i++) {
      int64_t n = d->elems * s->n[i];
      if (s->dram[i] != d->elems * d->elem_bytes || n > UINT16_MAX || (d->elems > 1 && s->buf[i] != d->elems * d->buf_se)) continue;
      if (d->elems == 1) d->buf_se = s->buf[i];
      d->elems = n;
      drop(s, i);
      again = 1;
      break;
    }
  }
}

static int longest(const weft_side_t *s)
{
  int best = 0;
  for (int i = 1; i < s->rank; i++)
    if (s->n[i] > s->n[best]) best = i;
  return best;
}

/* The two longest dimensions are the command's loops, the others are commands of their own. */
int weft_emit_side(weft_emit_t *e, int opcode, const weft_place_t *place, int64_t at, int64_t run, const weft_side_t *side, int buf)
{
  weft_side_t s = *side;
  weft_dma_t d = {.opcode = opcode, .region = place->region, .elem_bytes = run, .elems = 1, .n0 = 1, .n1 = 1};
  join_elements(&s, &d);
  if (s.rank) {
    int i = longest(&s);
    d.n0 = s.n[i];
    d.dram_s0 = s.dram[i];
    d.buf_s0 = s.buf[i];
    drop(&s, i);
  }
  if (s.rank) {
    int i = longest(&s);
    d.n1 = s.n[i];
    d.dram_s1 = s.dram[i];
    d.buf_s1 = s.buf[i];
    drop(&s, i);
    if (d.dram_s1 < d.dram_s0) {               /* short steps inside: fewer open DRAM rows */
      weft_dma_t t = d;
      d.n0 = t.n1, d.dram_s0 = t.dram_s1, d.buf_s0 = t.buf_s1;
      d.n1 = t.n0, d.dram_s1 = t.dram_s0, d.buf_s1 = t.buf_s0;
    }
  }
  int64_t times = 1;
  for (int i = 0; i < s.rank; i++) times *= s.n[i];
  for (int64_t k = 0; k < times; k++) {
    int64_t offset = place->offset + at, word = buf, rest = k;
    for (int i = s.rank - 1; i >= 0; rest /= s.n[i], i--) {
      offset += rest % s.n[i] * s.dram[i];
      word += rest % s.n[i] * s.buf[i];
    }
    weft_dma_t one = d;
    one.offset = offset;
    one.buf = word & UINT16_MAX;
    one.buf_se &= UINT16_MAX;
    one.buf_s0 &= UINT16_MAX;
    one.buf_s1 &= UINT16_MAX;
    int err = weft_emit_dma(e, &one);
    if (err) return err;
  }
  return WEFT_OK;
}

/* DRAM runs of a whole side whose dimensions lie in the buffer in this order. */
static double runs(const weft_box_t *b, const int order[], const int64_t stride[])
{
  weft_side_t s = {.rank = b->rank};
  weft_dma_t d = {.elem_bytes = b->run, .elems = 1};
  double all = 1;
  for (int i = b->rank - 1, words = 1; i >= 0; i--) {
    int k = order[i];
    s.n[i] = b->n[k];
    s.dram[i] = stride[k] < 0 ? 0 : stride[k];
    s.buf[i] = words;
    words *= (int)min64(b->n[k], 1 << 12);     /* only compared */
    if (words > 1 << 16) words = 1 << 16;
  }
  join_elements(&s, &d);
  for (int i = 0; i < s.rank; i++) all *= (double)s.n[i];
  return all;
}

static void sort_by(const weft_box_t *b, const int64_t stride[], int order[])
{
  for (int i = 0; i < b->rank; i++) {
    int k = i;
    for (; k > 0 && stride[order[k - 1]] * (stride[order[k - 1]] < 0 ? -1 : 1) < stride[i] * (stride[i] < 0 ? -1 : 1); k--) order[k] = order[k - 1];
    order[k] = i;
  }
}

static int piece(weft_ring_t *r, const weft_box_t *b, int64_t from_at, int64_t to_at, int64_t run, const int order[], const int64_t n[])
{
  weft_side_t from = {0}, to = {0};
  int64_t words = words_of(run), load = 0;
  for (int i = b->rank - 1; i >= 0; i--) {
    int k = order[i], at = to.rank;
    if (n[k] == 1) continue;
    bool back = b->fs[k] < 0;          /* mirrored: DRAM forwards, the buffer backwards */
    from.n[at] = to.n[at] = n[k];
    from.dram[at] = back ? -b->fs[k] : b->fs[k];
    to.dram[at] = b->ts[k];
    to.buf[at] = words;
    from.buf[at] = back ? -words : words;
    if (back) {
      from_at += (n[k] - 1) * b->fs[k];
      load += (n[k] - 1) * words;
    }
    from.rank = ++to.rank;
    words *= n[k];
  }
  int buf = weft_ring_take(r, (int)words);
  const weft_place_t *place = r->e->p->place;
  int err = weft_emit_side(r->e, WEFT_CMD_LOAD, &place[b->from], from_at, run, &from, buf + (int)load);
  return err ? err : weft_emit_side(r->e, WEFT_CMD_STORE, &place[b->to], to_at, run, &to, buf);
}

static int copy_straight(weft_ring_t *r, const weft_box_t *b)
{
  int by_to[MAX_DIMS], by_from[MAX_DIMS], cut = -1;
  int64_t most = min64((int64_t)r->tile * WEFT_WORD_BYTES, ELEM_LIMIT), run = min64(b->run, most), size[MAX_DIMS], left = r->tile / words_of(run);
  sort_by(b, b->ts, by_to);
  sort_by(b, b->fs, by_from);
  bool dest = runs(b, by_to, b->ts) + runs(b, by_to, b->fs) <= runs(b, by_from, b->ts) + runs(b, by_from, b->fs);
  const int *order = dest ? by_to : by_from;
  for (int i = b->rank - 1; i >= 0; i--) {
    int k = order[i];
    size[k] = cut >= 0 || run < b->run ? 1 : min64(b->n[k], left);
    left /= size[k];
    if (size[k] < b->n[k] && cut < 0) cut = k;
  }
  /* An odometer over the pieces, the run's pieces innermost. */
  int64_t at[MAX_DIMS] = {0}, n[MAX_DIMS];
  for (;;) {
    int64_t from = b->from_at, to = b->to_at;
    for (int i = 0; i < b->rank; i++) {
      from += at[i] * b->fs[i];
      to += at[i] * b->ts[i];
      n[i] = min64(size[i], b->n[i] - at[i]);
    }
    for (int64_t done = 0; done < b->run; done += run) {
      int err = piece(r, b, from + done, to + done, min64(run, b->run - done), order, n);
      if (err) return err;
    }
    int i = b->rank - 1;
    for (; i >= 0 && (at[order[i]] += size[order[i]]) >= b->n[order[i]]; i--) at[order[i]] = 0;
    if (i < 0) return WEFT_OK;
  }
}

/* Words of bytes col0.. that start at byte c0: at most three groups of columns (a word's tail, whole words, a word's head), each with
 * whole and with partial words of rows. */
int weft_emit_turn(weft_emit_t *e, const weft_turn_t *t)
{
  for (int c = 0; c < t->cols;) {
    int at = t->c0 + c, byte = at % WEFT_WORD_BYTES, n = (int)min64(WEFT_WORD_BYTES - byte, t->cols - c);
    int groups = n == WEFT_WORD_BYTES ? (t->cols - c) / WEFT_WORD_BYTES : 1;
    for (int w = 0, rows; w * WEFT_WORD_BYTES < t->rows; w += rows < WEFT_WORD_BYTES ? 1 : t->rows / WEFT_WORD_BYTES) {
      rows = (int)min64(t->rows - w * WEFT_WORD_BYTES, WEFT_WORD_BYTES);
      int whole = rows < WEFT_WORD_BYTES ? 1 : t->rows / WEFT_WORD_BYTES;
      weft_transpose_t v = {.in_base = t->in + w * WEFT_WORD_BYTES * t->in_row + at / WEFT_WORD_BYTES, .in_row = rows > 1 ? t->in_row : 0,
                            .rows = rows, .cols = n, .c0 = byte, .fill = t->fill, .out_base = t->out + c * t->col + w * t->word,
                            .out_col = n > 1 ? t->col : 0, .n0 = whole, .n1 = groups};
      if (whole > 1) {
        v.in_s0 = WEFT_WORD_BYTES * t->in_row;
        v.out_s0 = t->word;
      }
      if (groups > 1) {
        v.in_s1 = 1;
        v.out_s1 = WEFT_WORD_BYTES * t->col;
      }
      int err = weft_emit_transpose(e, &v);
      if (err) return err;
    }
    c += n * groups;
  }
  return WEFT_OK;
}

/* Dimensions a (bytes contiguous in the source) and b (in the destination) of single bytes; -1 when the box is not such a one. */
static bool turned(const weft_box_t *x, int *a, int *b)
{
  *a = *b = -1;
  for (int i = 0; i < x->rank && x->run == 1; i++) {
    if (x->fs[i] == 1) *a = i;
    if (x->ts[i] == 1) *b = i;
  }
  return *a >= 0 && *b >= 0 && *a != *b;
}

typedef struct { weft_ring_t *r; const weft_box_t *x; int a, b, o; } turn_t;

/* na x nb bytes of no indexes of dimension o: loaded as rows of a, stored as rows of b. */
static int turn_piece(const turn_t *t, int64_t from_at, int64_t to_at, int64_t na, int64_t nb, int64_t no)
{
  const weft_box_t *x = t->x;
  weft_emit_t *e = t->r->e;
  int64_t wa = words_of(na), wb = words_of(nb), fo = t->o < 0 ? 0 : x->fs[t->o], to = t->o < 0 ? 0 : x->ts[t->o];
  int in = weft_ring_take(t->r, (int)(no * nb * wa)), out = weft_ring_take(t->r, (int)(no * na * wb)), err;
  weft_side_t load = {2, {nb, no}, {x->fs[t->b], fo}, {wa, nb * wa}}, store = {2, {na, no}, {x->ts[t->a], to}, {wb, na * wb}};
  if ((err = weft_emit_side(e, WEFT_CMD_LOAD, &e->p->place[x->from], from_at, na, &load, in))) return err;
  for (int64_t k = 0; k < no; k++) {
    weft_turn_t v = {.in = in + (int)(k * nb * wa), .in_row = (int)wa, .rows = (int)nb, .cols = (int)na, .out = out + (int)(k * na * wb),
                     .col = (int)wb, .word = 1};
    if ((err = weft_emit_turn(e, &v))) return err;
  }
  return weft_emit_side(e, WEFT_CMD_STORE, &e->p->place[x->to], to_at, nb, &store, out);
}

static int64_t halve(int64_t n) { return n <= WEFT_WORD_BYTES ? WEFT_WORD_BYTES : (n / 2 + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES * WEFT_WORD_BYTES; }

static int copy_turned(weft_ring_t *r, const weft_box_t *x, int a, int b)
{
  turn_t t = {r, x, a, b, -1};
  int64_t na = x->n[a], nb = x->n[b], no = 1, rest = 1, left = r->tile;
  while (na * words_of(nb) > left || nb * words_of(na) > left)
    if (na > nb) na = halve(na);
    else nb = halve(nb);
  for (int i = 0; i < x->rank; i++) {
    if (i == a || i == b) continue;
    rest *= x->n[i];
    if (x->fs[i] > 0 && (t.o < 0 || x->n[i] > x->n[t.o])) t.o = i;
  }
  int64_t most = na * words_of(nb) > nb * words_of(na) ? na * words_of(nb) : nb * words_of(na);
  if (t.o >= 0 && na == x->n[a] && nb == x->n[b]) {
    no = min64(x->n[t.o], left / most);
    rest /= x->n[t.o];
  } else {
    t.o = -1;
  }
  for (int64_t k = 0; k < rest; k++) {
    int64_t from = x->from_at, to = x->to_at, index = k;
    for (int i = x->rank - 1; i >= 0; i--) {
      if (i == a || i == b || i == t.o) continue;
      from += index % x->n[i] * x->fs[i];
      to += index % x->n[i] * x->ts[i];
      index /= x->n[i];
    }
    int64_t outer = t.o < 0 ? 1 : x->n[t.o];
    for (int64_t o = 0; o < outer; o += no)
      for (int64_t ib = 0; ib < x->n[b]; ib += nb)
        for (int64_t ia = 0; ia < x->n[a]; ia += na) {
          int64_t fo = t.o < 0 ? 0 : o * x->fs[t.o], too = t.o < 0 ? 0 : o * x->ts[t.o];
          int err = turn_piece(&t, from + fo + ia + ib * x->fs[b], to + too + ib + ia * x->ts[a], min64(na, x->n[a] - ia),
                               min64(nb, x->n[b] - ib), min64(no, outer - o));
          if (err) return err;
        }
  }
  return WEFT_OK;
}

int weft_copy_box(weft_ring_t *r, const weft_box_t *b)
{
  int a, to;
  return turned(b, &a, &to) ? copy_turned(r, b, a, to) : copy_straight(r, b);
}

int weft_fill_box(weft_ring_t *r, const weft_box_t *b)
{
  weft_emit_t *e = r->e;
  for (int i = 0; i < b->rank; i++) {          /* counts are 16 bits */
    if (b->n[i] <= UINT16_MAX) continue;
    weft_box_t half = *b;
    half.n[i] = b->n[i] / 2;
    int err = weft_fill_box(r, &half);
    half.n[i] = b->n[i] - half.n[i];
    half.to_at += (b->n[i] / 2) * b->ts[i];
    return err ? err : weft_fill_box(r, &half);
  }
  int64_t most = min64(FILL_BYTES, (int64_t)r->tile * WEFT_WORD_BYTES), run = min64(b->run, most), size = (int64_t)weft_dtype_size(e->g->tensor[b->to].type);
  int64_t konst = weft_program_constant(e->p, (size_t)run), times = b->run / run, rest = b->run % run;
  if (konst < 0) return weft_fail(e->m, WEFT_E_MEMORY, "out of memory");
  for (int64_t i = 0; i < run; i++) e->p->konst[konst + i] = b->value[i % size];
  int buf = weft_ring_take(r, (int)words_of(run)), err = weft_emit_load_flat(e, WEFT_REG_CONSTANTS, (uint32_t)konst, (int)run, buf);
  weft_side_t s = {.rank = b->rank};
  for (int i = 0; i < b->rank; i++) {
    s.n[i] = b->n[i];
    s.dram[i] = b->ts[i];
  }
  s.n[s.rank] = times;
  s.dram[s.rank++] = run;
  if (!err) err = weft_emit_side(e, WEFT_CMD_STORE, &e->p->place[b->to], b->to_at, run, &s, buf);
  s.rank--;
  if (!err && rest) err = weft_emit_side(e, WEFT_CMD_STORE, &e->p->place[b->to], b->to_at + times * run, rest, &s, buf);
  return err;
}
