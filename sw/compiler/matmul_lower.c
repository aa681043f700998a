/* SPDX-License-Identifier: Apache-2.0
 *
 * BATCH_MATMUL, and FULLY_CONNECTED with computed weights, on the array: a 1x1 convolution whose filters are the second operand.
 *
 * The rows of the first operand are pixels, the columns of the second one filters. Their image (docs/spec.md section 4) is made in the
 * buffer: a filter whose values are contiguous in DRAM comes by LOADs of words spread over the image; otherwise rows of the matrix
 * are loaded as they stand and TRANSPOSE blocks write the image. A transposed first operand takes the same way.
 *
 * Bytes of the last word beyond the common dimension are zero in both operands when both came by LOAD, and then add zw * zx each, which the
 * bias takes off; TRANSPOSE fills with the operand's zero point, which adds nothing. Words of the image that no filter byte
 * falls in hold the zero point from the start.
 */
#include "conv_walk.h"
#include "copy.h"
#include "matrices.h"
#include "quant.h"

enum { FILL_BYTES = 1024, BYTES_I16 = 2 };

typedef struct {
  weft_emit_t *e;
  const weft_conv_geom_t *g;
  const weft_conv_plan_t *p;
  weft_place_t a, b, own;      /* operands; the operator's own result */
  int64_t a_at, b_at, own_at;  /* bytes from the operand's start to the matrices at work */
  int a_pitch, b_pitch;        /* bytes from row to row as it is stored */
  int rows, depth;
  bool turn_a, turn_b;         /* stored with the common dimension outside */
  int stage, stage_words, stage_next;     /* two slots for matrices as they stand */
  weft_place_t zeros;          /* FILL_BYTES bytes of the filter zero point */
  int32_t q, pad;              /* one factor (BATCH_MATMUL), what the padding adds to a sum */
  int x;
  const int32_t *bias;
  weft_image_t out;            /* of the matrix at work */
} matmul_t;

static int min_i(int a, int b) { return a < b ? a : b; }
static int max_i(int a, int b) { return a > b ? a : b; }

/* Buffer words from one word of a filter to its next in the image. */
static int word_step(const weft_conv_plan_t *p) { return p->T * p->NF; }
static int group_words(const weft_conv_plan_t *p) { return p->q / WEFT_WORD_BYTES; }
static int chains(const weft_conv_plan_t *p) { return p->kind == WEFT_CHAIN_ROWS ? 1 : p->nchain; }

/* First word of group `grp` of the filter that is number i of the command's blocks. */
static int image_word(const weft_conv_plan_t *p, int i, int grp)
{
  int per = p->T * p->MT, mb = i / per, t = i % per / p->MT, c = i % p->MT / p->P, k = i % p->P;
  return mb * p->fwords + grp / p->chain_len * (p->fwords / p->folds) + (k * group_words(p) * p->T + t) * p->NF + c * p->chain_len + grp % p->chain_len;
}

/* The image's words that no filter byte falls in must hold the zero point; the whole image is cheaper to say. */
static int fill_image(const matmul_t *m, int blocks, int at)
{
  int words = blocks * m->p->fwords, whole = FILL_BYTES / WEFT_WORD_BYTES, err = WEFT_OK;
  weft_side_t s = {1, {words / whole}, {0}, {whole}};
  if (words >= whole) err = weft_emit_side(m->e, WEFT_CMD_LOAD, &m->zeros, 0, FILL_BYTES, &s, at);
  s.rank = 0;
  if (!err && words % whole) err = weft_emit_side(m->e, WEFT_CMD_LOAD, &m->zeros, 0, words % whole * WEFT_WORD_BYTES, &s, at + words / whole * whole);
  return err;
}

static void add_dim(weft_side_t *s, int n, int64_t dram, int64_t buf)
{
  if (n < 2) return;
  s->n[s->rank] = n;
  s->dram[s->rank] = dram;
  s->buf[s->rank++] = buf;
}

/* Words w.. (n of them, of `run` bytes each) of groups grp.. (nk neighbours in a fold, nf folds) of the filters that `filters` spans. */
static int load_words(const matmul_t *m, const weft_side_t *filters, int first, int at, int grp, int nk, int nf, int w, int n, int run)
{
  const weft_conv_plan_t *p = m->p;
  weft_side_t s = *filters;
  if (nk < 1 || nf < 1 || n < 1 || run < 1) return WEFT_OK;
  add_dim(&s, n, WEFT_WORD_BYTES, word_step(p));
  add_dim(&s, nk, p->q, 1);
  add_dim(&s, nf, (int64_t)p->chain_len * p->q, p->fwords / p->folds);
  return weft_emit_side(m->e, WEFT_CMD_LOAD, &m->b, m->b_at + (int64_t)first * m->b_pitch + (int64_t)grp * p->q + w * WEFT_WORD_BYTES, run, &s,
                        at + image_word(p, 0, grp) + w * word_step(p));
}

/* All channels of filters first.. whose places in the image `filters` spans from word `at` on. */
static int load_rows(const matmul_t *m, const weft_side_t *filters, int first, int at)
{
  const weft_conv_plan_t *p = m->p;
  int whole = m->depth / p->q, rest = m->depth % p->q, folds = whole / p->chain_len, gw = group_words(p), err;
  if ((err = load_words(m, filters, first, at, 0, p->chain_len, folds, 0, gw, WEFT_WORD_BYTES)) ||
      (err = load_words(m, filters, first, at, folds * p->chain_len, whole % p->chain_len, 1, 0, gw, WEFT_WORD_BYTES)) ||
      (err = load_words(m, filters, first, at, whole, 1, 1, 0, rest / WEFT_WORD_BYTES, WEFT_WORD_BYTES))) return err;
  return load_words(m, filters, first, at, whole, 1, 1, rest / WEFT_WORD_BYTES, 1, rest % WEFT_WORD_BYTES);
}

/* Filters first.. (n of them) as they stand, one below the other. Whole blocks in one go, then piece by piece. */
static int load_straight(const matmul_t *m, int first, int n, int at)
{
  const weft_conv_plan_t *p = m->p;
  int per = p->T * p->MT, blocks = n / per, row = m->b_pitch, step = group_words(p) * word_step(p), err = WEFT_OK;
  weft_side_t s = {0};
  add_dim(&s, p->P, row, step);
  if (blocks) {
    weft_side_t all = s;
    add_dim(&all, p->T, (int64_t)p->MT * row, p->NF);
    add_dim(&all, chains(p), (int64_t)p->P * row, p->chain_len);
    add_dim(&all, blocks, (int64_t)per * row, p->fwords);
    err = load_rows(m, &all, first, at);
  }
  for (int i = blocks * per, k; i < n && !err; i += k) {
    k = min_i(p->P, n - i);
    weft_side_t part = {0};
    add_dim(&part, k, row, step);
    err = load_rows(m, &part, first + i, at + image_word(p, i, 0));
  }
  return err;
}

/* A piece of a matrix as it stands: rows k0.. (nk), bytes c.. (nc) of each, into the next slot. */
static int stage(matmul_t *m, const weft_place_t *from, int64_t at, int pitch, int k0, int nk, int c, int nc, int *slot)
{
  int words = (nc + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES;
  *slot = m->stage + m->stage_next * m->stage_words;
  m->stage_next ^= 1;
  weft_side_t s = {0};
  add_dim(&s, nk, pitch, words);
  return weft_emit_side(m->e, WEFT_CMD_LOAD, from, at + (int64_t)k0 * pitch + c, nc, &s, *slot);
}

/* How many columns and rows (whole words) a slot takes of `columns` x depth. */
static void stage_size(const matmul_t *m, int columns, int *nc, int *nk)
{
  *nc = min_i(columns, m->stage_words / WEFT_WORD_BYTES * WEFT_WORD_BYTES);
  *nk = m->stage_words / ((*nc + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES) / WEFT_WORD_BYTES * WEFT_WORD_BYTES;
  *nk = min_i(*nk, m->depth);
}

/* Columns c.. (nc) of the staged rows k0.. (nk) into the image: the filters first + c.., group by group. */
static int turn_filters(matmul_t *m, int slot, int k0, int nk, int c, int nc, int at)
{
  const weft_conv_plan_t *p = m->p;
  int words = (nc + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES;
  for (int i = c, k; i < c + nc; i += k) {
    k = min_i(p->P - i % p->P, c + nc - i);
    for (int row = k0, n; row < k0 + nk; row += n) {
      n = min_i(p->q - row % p->q, k0 + nk - row);
      weft_turn_t t = {.in = slot + (row - k0) * words, .in_row = words, .rows = n, .c0 = i - c, .cols = k, .col = group_words(p) * word_step(p),
                       .word = word_step(p), .fill = m->g->zw,
                       .out = at + image_word(p, i, row / p->q) + row % p->q / WEFT_WORD_BYTES * word_step(p)};
      int err = weft_emit_turn(m->e, &t);
      if (err) return err;
    }
  }
  return WEFT_OK;
}

static int load_turned(matmul_t *m, int first, int n, int at)
{
  int step, rows, slot, err;
  stage_size(m, n, &step, &rows);
  for (int c = 0; c < n; c += step)
    for (int k = 0; k < m->depth; k += rows) {
      int nc = min_i(step, n - c), nk = min_i(rows, m->depth - k);
      if ((err = stage(m, &m->b, m->b_at, m->b_pitch, k, nk, first + c, nc, &slot)) || (err = turn_filters(m, slot, k, nk, c, nc, at))) return err;
    }
  return WEFT_OK;
}

static int load_filters(void *ctx, int blk, int at, bool fresh)
{
  matmul_t *m = ctx;
  const weft_conv_plan_t *p = m->p;
  int per = p->nmc * p->T * p->MT, first = blk * per, n = min_i(per, m->g->Mn - first), blocks = min_i(p->nmc, p->mbs - blk * p->nmc);
  bool holes = blocks * p->T * p->MT > n || p->folds * p->chain_len * group_words(p) > (m->depth + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES;
  int err = fresh && holes ? fill_image(m, blocks, at) : WEFT_OK;
  if (err) return err;
  return m->turn_b ? load_turned(m, first, n, at) : load_straight(m, first, n, at);
}

/* Pixels r->x.. of a first operand whose rows are the common dimension. */
static int load_ifmap(void *ctx, const weft_rect_t *r, int at, int row)
{
  matmul_t *m = ctx;
  (void)row;
  int step, rows, slot, err;
  stage_size(m, r->nx, &step, &rows);
  for (int c = 0; c < r->nx; c += step)
    for (int k = 0; k < m->depth; k += rows) {
      int nc = min_i(step, r->nx - c), nk = min_i(rows, m->depth - k);
      if ((err = stage(m, &m->a, m->a_at, m->a_pitch, k, nk, r->x + c, nc, &slot))) return err;
      weft_turn_t t = {.in = slot, .in_row = (nc + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES, .rows = nk, .cols = nc, .col = m->p->in_pix, .word = 1,
                       .fill = m->g->zx, .out = at + c * m->p->in_pix + k / WEFT_WORD_BYTES};
      if ((err = weft_emit_turn(m->e, &t))) return err;
    }
  return WEFT_OK;
}

static void entry(const void *ctx, int i, int32_t *bias, int32_t *q, int *x)
{
  const matmul_t *m = ctx;
  *bias = (int32_t)((m->bias ? (uint32_t)m->bias[i] : 0) - (uint32_t)m->pad);
  *q = m->q;
  *x = m->x;
}

/* Both the transposed result and the operator's own. */
static int store_both(void *ctx, const weft_rect_t *r, int at, int row, int pix)
{
  matmul_t *m = ctx;
  weft_image_t strided = m->out, own = {m->own, 1, m->rows, m->g->M};
  own.place.offset += (uint32_t)m->own_at;
  int err = weft_emit_store(m->e, &strided, r, at, row, pix);
  return err ? err : weft_emit_store(m->e, &own, r, at, row, pix);
}

/* What is multiplied: [rows, depth] of `a` by [depth, columns] of `b`, n times. */
typedef struct {
  weft_matrices_t a, b, y;
  int columns, n, za, zb;
  bool both;                   /* the operator's own result is wanted beside y */
  const weft_place_t *halves;  /* NULL, or: where the result goes, as int16; columns are their bytes */
} product_t;

static int products(matmul_t *m, const weft_conv_geom_t *g, const product_t *x)
{
  weft_emit_t *e = m->e;
  const weft_tensor_t *ty = &e->g->tensor[e->op->out[0]];
  weft_conv_plan_t p;
  weft_conv_data_t d = {m, NULL, entry, x->halves != NULL};
  weft_matrices_t own = {0};
  weft_place_t to = x->halves ? *x->halves : e->p->place[x->y.tensor];
  weft_walk_t w = {.e = e, .g = g, .in = {m->a, 1, m->rows, (int)x->a.pitch}, .out = {to, 1, m->rows, (int)x->y.pitch}, .load_filters = load_filters,
                   .load_ifmap = m->turn_a ? load_ifmap : NULL, .store = x->both ? store_both : NULL, .ctx = m};
  int extra = m->stage_words, err = weft_walk_begin(&w, &p, &d, &extra);
  if (err) return err;
  if (x->both) weft_matrices_dense(e->g, e->op->out[0], &own);
  m->p = &p;
  m->stage = extra;
  for (int i = 0; i < x->n && !err; i++) {
    bool several = x->n > 1;
    m->a_at = several ? weft_matrix_at(ty, &x->a, i) : 0;
    m->b_at = several ? weft_matrix_at(ty, &x->b, i) : 0;
    m->own_at = several ? weft_matrix_at(ty, &own, i) : 0;
    w.in.place.offset = m->a.offset + (uint32_t)m->a_at;
    w.out.place.offset = to.offset + (uint32_t)(several ? weft_matrix_at(ty, &x->y, i) : 0);
    m->out = w.out;
    w.ifmap = m->a_at;
    w.filters = m->b_at;
    err = weft_walk(&w);
  }
  weft_walk_end(&w);
  e->layer->cycles += (uint64_t)(p.cycles * x->n);
  weft_walk_describe(e->layer, &p, m->turn_b ? m->turn_a ? " turned x, y" : " turned y" : m->turn_a ? " turned x" : " computed y");
  return err;
}

static int lower_product(matmul_t *m, const product_t *x)
{
  weft_emit_t *e = m->e;
  int32_t lo, hi;
  weft_act_bounds(e->g, e->op, &lo, &hi);
  m->a = e->p->place[x->a.tensor];
  m->b = e->p->place[x->b.tensor];
  m->own = e->p->place[e->op->out[0]];
  m->a_pitch = (int)x->a.pitch;
  m->b_pitch = (int)x->b.pitch;
  weft_conv_geom_t g = {.N = 1, .H = 1, .W = m->rows, .C = m->depth, .Cn = m->depth, .OH = 1, .OW = m->rows, .M = x->columns, .Mn = x->columns,
                        .R = 1, .S = 1, .sy = 1, .sx = 1, .dy = 1, .dx = 1, .zx = x->za, .zw = x->zb,
                        .zo = x->halves ? 0 : e->g->tensor[e->op->out[0]].zero[0], .lo = lo, .hi = hi, .computed = true, .turned = m->turn_b, .repeats = x->n,
                        .resident = e->windows != 0, .reserve = e->windows ? e->p->cfg->buf_words - e->p->cfg->buf_words / e->windows : 0};
  m->g = &g;
  int odd = (WEFT_WORD_BYTES - m->depth % WEFT_WORD_BYTES) % WEFT_WORD_BYTES, widest = max_i(m->turn_a ? m->rows : 1, m->turn_b ? x->columns : 1);
  if (!m->turn_a && !m->turn_b) m->pad = (int32_t)((uint32_t)odd * (uint32_t)(g.zw * g.zx));
  if (m->turn_a || m->turn_b) {
    int64_t all = ((int64_t)m->depth + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES * WEFT_WORD_BYTES * ((widest + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES);
    int most = e->cfg->buf_words / 16;
    m->stage_words = all < most ? (int)all : most;
    g.reserve = 2 * m->stage_words;
  }
  int64_t zeros = weft_program_constant(e->p, FILL_BYTES);
  if (zeros < 0) return weft_fail(e->m, WEFT_E_MEMORY, "out of memory");
  memset(e->p->konst + zeros, (uint8_t)g.zw, FILL_BYTES);
  m->zeros = (weft_place_t){WEFT_REG_CONSTANTS, (uint32_t)zeros, FILL_BYTES};
  e->layer->macs = (uint64_t)x->n * (uint64_t)m->rows * (uint64_t)m->depth * (uint64_t)x->columns;
  return products(m, &g, x);
}

/* The same product transposed: y' = b' a'. One factor scales both. */
static void swap(matmul_t *m, product_t *x)
{
  product_t t = *x;
  x->a = t.b, x->b = t.a;
  x->za = t.zb, x->zb = t.za;
  x->columns = m->rows;
  m->rows = t.columns;
  bool turn = m->turn_a;
  m->turn_a = m->turn_b;
  m->turn_b = turn;
}

static int lower_batch(weft_emit_t *e, const weft_op_t *onto)
{
  const weft_graph_t *g = e->g;
  const weft_tensor_t *a = &g->tensor[e->op->in[0]], *b = &g->tensor[e->op->in[1]], *y = &g->tensor[e->op->out[0]];
  weft_matmul_t k;
  weft_matmul(g, e->op, &k);
  matmul_t m = {.e = e, .rows = k.rows, .depth = k.depth, .q = k.q, .x = k.e};
  product_t x = {.columns = k.columns, .n = (int)(y->elements / ((size_t)k.rows * (size_t)k.columns)), .za = k.za, .zb = k.zb};
  if (e->through[0]) weft_matrices_through(g, e->through[0], &x.a);
  else weft_matrices_dense(g, e->op->in[0], &x.a);
  if (e->through[1]) weft_matrices_through(g, e->through[1], &x.b);
  else weft_matrices_dense(g, e->op->in[1], &x.b);
  if (onto) weft_matrices_onto(g, onto, &x.y);
  else weft_matrices_dense(g, e->op->out[0], &x.y);
  m.turn_a = e->op->adj_x != x.a.turned && (k.rows > 1 || x.a.pitch > 1);
  m.turn_b = e->op->adj_y == x.b.turned && (k.columns > 1 || x.b.pitch > 1);
  bool plain = !e->through[0] && !onto, all = a->elements == (size_t)x.n * (size_t)k.rows * (size_t)k.depth;
  if (plain && all && !m.turn_a && (size_t)k.depth * (size_t)k.columns == b->elements) {
    m.rows *= x.n;               /* one second operand for all */
    x.a.pitch = k.depth;         /* that of single rows which stand transposed is 1 */
    x.n = 1;
  }
  x.both = onto && e->both && !x.y.turned;
  if (x.y.turned) swap(&m, &x);
  return lower_product(&m, &x);
}

int weft_lower_rows(weft_emit_t *e, int matrix, int row, int32_t q, int x, const weft_place_t *to)
{
  const weft_tensor_t *a = &e->g->tensor[matrix], *b = &e->g->tensor[row];
  matmul_t m = {.e = e, .depth = a->dim[1], .rows = a->dim[0], .q = q, .x = x};
  product_t p = {.a = {.tensor = matrix, .pitch = m.depth}, .b = {.tensor = row, .pitch = 0}, .y = {.pitch = BYTES_I16}, .columns = BYTES_I16, .n = 1,
                 .za = a->zero[0], .zb = b->zero[0], .halves = to};
  return lower_product(&m, &p);
}

int weft_lower_matmul(weft_emit_t *e)
{
  if (e->op->code == WEFT_OP_BATCH_MATMUL) {
    weft_matrices_t y = {0};
    if (e->onto) weft_matrices_onto(e->g, e->onto, &y);
    int err = e->both && y.turned ? lower_batch(e, NULL) : WEFT_OK;      /* transposed while it is made: its own form needs a second product */
    return err ? err : lower_batch(e, e->onto);
  }
  const weft_tensor_t *x = &e->g->tensor[e->op->in[0]], *w = &e->g->tensor[e->op->in[1]];
  bool bias = e->op->nin > 2 && e->op->in[2] >= 0;
  if (bias && !e->g->tensor[e->op->in[2]].data) return weft_fail(e->m, WEFT_E_UNSUPPORTED, "bias computed at run time");
  matmul_t m = {.e = e, .depth = w->dim[1], .rows = (int)(x->elements / (size_t)w->dim[1]), .bias = bias ? e->g->tensor[e->op->in[2]].data : NULL};
  weft_conv_requant(e->g, e->op, 0, &m.q, &m.x);
  product_t p = {.a = {.tensor = e->op->in[0], .pitch = m.depth}, .b = {.tensor = e->op->in[1], .pitch = m.depth},
                 .y = {.tensor = e->op->out[0], .pitch = w->dim[0]}, .columns = w->dim[0], .n = 1, .za = x->zero[0], .zb = w->zero[0]};
  return lower_product(&m, &p);
}
