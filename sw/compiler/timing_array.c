/* SPDX-License-Identifier: Apache-2.0
 *
 * Time of the ARRAY engine (see timing_parts.h): rtl/array, rtl/noc and the collector of rtl/vector.
 *
 * Loader, feeder, sequencer, drain and writer each keep a clock; they meet in the same credits as in the machine: filter banks, window words, room
 * for psums, requantisation banks, assembly words. The sequencer is followed from output position to output position, the others as far as
 * a position needs them; so a part that is ahead waits for what the sequencer has released, and two commands overlap as they do in the array.
 */
#include "timing_parts.h"

/* Cycles between the parts, from the registers that lie between them. */
enum {
  CONFIGURE = 4,                         /* array_config.v: from the command to its parts, beside the serial work */
  PRODUCTS = 12,
  FEED_START = 1, FEED_PASS = 3,         /* feeder.v: from the configuration to the first pass; of every pass, beside its packets */
  FEED_TO_ISSUE = 4,                     /* a column's last packet, port, window, sequencer */
  FEED_FREE = 2,                         /* from a word that is no longer read to a column that takes its place */
  LOAD_START = 3, LOAD_TO_ISSUE = 3,     /* filter_loader.v: of a command; from the last packet to the first issue, beside W_BANKS */
  SETTLE = 3,                            /* sequencer.v: between commands */
  SHORT_PASS = 4, SHORT_POSITION = 2,    /* the least that a pass and a position take */
  ROOM = 2,                              /* from a psum that leaves the queue to the issue that takes its place */
  ISSUE_TO_PSUM = 11,                    /* beside a cycle a row and the bits of LANES */
  ISSUE_TO_KEPT = 8,                     /* likewise; to the end of a command whose psums stay */
  DRAIN_TO_POSITION = 14,                /* lanes.v: a position's last beat to the writer */
  POSITION_TO_WORD = 4, WORD_TO_FREE = 1, WORD_TO_DONE = 2,
  PARAM_START = 4, PARAM_FILL = 5,       /* param_loader.v */
  WRITER_COMMAND = 12                    /* ofmap_runs.v: products of a command's start */
};

static int lg(int v) { return weft_bits(v) - 1; }

double weft_array_ready(const weft_array_t *a) { return weft_later(a->accept, a->done[0]); }

/* The serial multiplications of array_config.v, or its walk over columns and rows, whichever is longer. */
static double configure(const weft_array_t *a, const weft_conv_t *c)
{
  const int64_t by[PRODUCTS] = {c->dil_y, c->stride_y, c->R, c->pair_dr, c->rsh - 1, c->y_step, c->pad_top, c->pad_left, c->stride_x, c->S - 1,
                                c->stride_x, c->FT};
  double serial = PRODUCTS;
  for (int i = 0; i < PRODUCTS; i++) serial += weft_bits(by[i]);
  return CONFIGURE + weft_later(serial, a->cfg->cols + a->cfg->rows);
}

void weft_array_begin(weft_array_t *a, const weft_conv_t *c, double t)
{
  a->c = c;
  a->pending = t + configure(a, c);
  a->mb = a->yb = a->xb = a->fold = 0;
  a->feed = weft_later(a->pending, a->feed + 1) + FEED_START;
  a->accept = a->feed + 1;
  a->load = weft_later(a->load + a->cfg->net_bytes / a->cfg->lanes, a->pending) + LOAD_START;
  a->seq = weft_later(a->seq, a->pending) + SETTLE;
  if (c->psum_out) return;               /* the collector does not see it */
  a->param = weft_later(a->param, t + PARAM_START);
  a->write = weft_later(a->write, t) + WRITER_COMMAND;
}

/* Packets of an input column in fold f of filter block mb. */
static int64_t column_packets(const weft_config_t *cfg, const weft_conv_t *c, int64_t mb, int64_t f)
{
  const int64_t E = weft_conv_e(c), whole = weft_min64(E, c->k0);      /* rows of e' >= k0 have been sent in part */
  int64_t cb, last, lo, hi, n = 0;
  for (weft_conv_packets(cfg, c, mb, f, &cb, &last); cb <= last; cb++) {
    weft_conv_filter_rows(cfg, c, mb, f, cb, &lo, &hi);
    n += whole * (hi - lo + 1) + (E - whole) * weft_min64(hi - lo + 1, c->rsh);
  }
  return n;
}

/* Ofmap words that a position of filter block mb and row block yb writes, and that it takes of the assembly of a column. */
static void position_words(const weft_conv_t *c, int64_t mb, int64_t yb, int *written, int *held)
{
  const int64_t rows = weft_min64(weft_conv_e(c), c->OH - yb * c->y_step);
  int64_t n = 0, below = c->MT ^ (c->MT - 1), latest = c->out_c0 | (~(below >> 1) & (WEFT_WORD_BYTES - 1));
  for (int64_t t = 0; t < c->T; t++) {
    const int64_t m = (mb * c->T + t) * c->MT, len = weft_min64(c->MT, c->M - m);
    if (len <= 0) break;
    n += rows * weft_ceil_div((c->out_c0 + m) % WEFT_WORD_BYTES + len, WEFT_WORD_BYTES);
  }
  *written = (int)weft_max64(n, 1);
  n = weft_ceil_div(latest + c->MT, WEFT_WORD_BYTES) * (c->kind == WEFT_CHAIN_ROWS ? c->nchain : 1);
  *held = (int)weft_min64(n, WEFT_OBUF_WORDS);
}

/* The cycle in which the sequencer may use the next filter bank. */
static double filters(weft_array_t *a)
{
  const weft_conv_t *c = a->c;
  const int banks = a->cfg->net_bytes / a->cfg->lanes;
  const int64_t round = weft_max64(weft_conv_nf(c), banks), rounds = c->filt_pkts * c->T;
  const double begin = weft_later(a->load, a->nload < 2 ? 0 : a->released[a->nload % 2] + 1);
  const int64_t words = weft_conv_fold_words(a->cfg, c), from = c->filt_base + (a->mb * c->folds + a->fold) * words;
  const double port = weft_shared_words(a->shared, WEFT_BY_FILTER, from, from + words - 1, begin, (double)words);
  const double end = weft_later(port, begin + (double)((rounds - 1) * round + weft_conv_nf(c)));
  a->load = weft_later(port, begin + (double)(rounds * round));
  a->nload++;
  return end + banks + LOAD_TO_ISSUE;
}

static void release_filters(weft_array_t *a, double t) { a->released[(a->nload - 1) % 2] = t; }

/* The cycle from which on the words up to `upto` are in the windows; they are sent in columns of q words and `packets` cycles. */
static double window(weft_array_t *a, int64_t upto, int64_t q)
{
  const weft_conv_t *c = a->c;
  const int64_t rows = (weft_conv_e(c) - 1) * c->stride_y + (weft_min64(c->chain_len, c->R) - 1) * c->dil_y;
  const int64_t y = a->yb * c->y_step * c->stride_y - c->pad_top, x = a->xb * c->FT * c->stride_x - c->pad_left;
  const int64_t lo = c->in_base + weft_max64(y, 0) * c->in_row, hi = c->in_base + weft_min64(y + rows, c->in_h - 1) * c->in_row;
  /* Part of the packets that is read: rows outside the image are made of zeros. */
  const double inside = (double)weft_max64(0, weft_min64(y + rows, c->in_h - 1) - weft_max64(y, 0) + 1) / (double)(rows + 1);
  while (a->sent < upto) {
    const int64_t need = a->sent + q - WEFT_WINDOW_WORDS;
    while (a->seen < a->nmoved && a->moved[a->seen % WEFT_RING].base < need) a->seen++;
    if (a->seen < a->nmoved && a->moved[a->seen % WEFT_RING].base >= need && need > 0)
      a->feed = weft_later(a->feed, a->moved[a->seen % WEFT_RING].t + FEED_FREE);
    const int64_t column = x + (a->sent - a->origin) / q;
    const double read = column < 0 || column >= c->in_w ? 0 : inside * a->packets;
    if (read > 0) a->feed = weft_shared_words(a->shared, WEFT_BY_IFMAP, lo + column * c->in_pix, hi + column * c->in_pix, a->feed, read);
    a->feed += a->packets - read;
    a->sent += q;
  }
  return a->feed + FEED_TO_ISSUE;
}

static void move(weft_array_t *a, int64_t base, double t)
{
  a->moved[a->nmoved % WEFT_RING].base = base;
  a->moved[a->nmoved++ % WEFT_RING].t = t;
  if (a->nmoved - a->seen > WEFT_RING) a->seen = a->nmoved - WEFT_RING;
}

/* The cycle in which the psum queue has given vector n to the lanes; before: those of positions that are not remembered. */
static double taken(const weft_array_t *a, int64_t n)
{
  for (unsigned i = a->ntaken; i > 0 && a->ntaken - i < WEFT_RING; i--) {
    const unsigned k = (i - 1) % WEFT_RING;
    if (n >= a->taken[k].first) return a->taken[k].t + (double)((n - a->taken[k].first) * a->taken[k].beats);
  }
  return 0;
}

/* Room in the assembly: the cycle in which a position of so many words may begin. */
static double assembly(weft_array_t *a, int words)
{
  double t = 0;
  while (a->words_used + words > 2 * WEFT_OBUF_WORDS && a->oldest < a->nfreed) {
    t = a->freed[a->oldest % WEFT_RING].t;
    a->words_used -= a->freed[a->oldest++ % WEFT_RING].words;
  }
  a->words_used += words;
  return t;
}

/* Entries of the next filter block. */
static void parameters(weft_array_t *a)
{
  const weft_conv_t *c = a->c;
  const int beats = (a->cfg->cols + a->cfg->ppu_lanes - 1) / a->cfg->ppu_lanes;
  const double open = weft_later(a->param, a->block < 2 ? 0 : a->block_left[a->block % 2]), n = (double)(c->T * c->MT);
  const int64_t from = c->param_base + a->mb * c->T * c->MT;
  a->param = weft_later(open + n * beats, weft_shared_words(a->shared, WEFT_BY_PARAM, from, from, open, n));
  a->params[a->block % 2] = a->param + PARAM_FILL;
}

static void begin_pass(weft_array_t *a)
{
  const weft_conv_t *c = a->c;
  const int64_t banks = a->cfg->net_bytes / a->cfg->lanes;
  const bool first = !a->yb && !a->xb && !a->fold;
  if (first && !c->psum_out) parameters(a);
  if (c->folds > 1 || first) a->filled = filters(a);
  if (a->fold == c->folds - 1 && !c->psum_out) position_words(c, a->mb, a->yb, &a->written, &a->held);
  a->packets = (double)column_packets(a->cfg, c, a->mb, a->fold);
  a->feed += FEED_PASS;
  a->sent = a->origin = (a->sent + banks - 1) / banks * banks;
  a->seq = a->began = weft_later(a->seq, a->filled);
}

/* The psums of a position whose issue begins at `start` and may end at `stop`: through queue, lanes and assembly to the buffer. Returns the
 * cycle in which the sequencer is done with it. */
static double psums(weft_array_t *a, double start, double stop)
{
  const weft_conv_t *c = a->c;
  const weft_config_t *cfg = a->cfg;
  const int beats = (int)weft_ceil_div(c->e_cols * c->T, cfg->ppu_lanes), queue = (2 * cfg->rows + 16 + 15) / 16 * 16;      /* PF_DEPTH of array_engine.v */
  const double way = cfg->rows + lg(cfg->lanes) + ISSUE_TO_PSUM, all = (double)(c->P * c->nchain * beats);
  double begin = weft_later(weft_later(a->drain, start + (double)c->K - 1 + way), a->params[a->block % 2]);
  begin = weft_later(begin, assembly(a, a->held));
  a->taken[a->ntaken % WEFT_RING].first = a->vectors;
  const double drained = weft_shared_serve(a->shared, weft_shared_lanes(a->shared), WEFT_BY_OFMAP, begin, all);
  a->taken[a->ntaken % WEFT_RING].t = drained - all;
  a->taken[a->ntaken++ % WEFT_RING].beats = beats;
  a->vectors += c->P * c->nchain;
  /* The last walk needs room for its vectors. */
  if (a->vectors > queue) stop = weft_later(stop, taken(a, a->vectors - 1 - queue) + ROOM);
  a->drain = weft_later(drained, stop + way + (double)(c->nchain * beats) - 1);
  a->left = a->drain + DRAIN_TO_POSITION;
  const int64_t oy = a->yb * c->y_step, rows = weft_min64(weft_conv_e(c), c->OH - oy), ox = a->xb * c->FT + a->x;
  const int64_t to = c->out_base + oy * c->out_row + ox * c->out_pix + (c->out_c0 + a->mb * c->T * c->MT) / WEFT_WORD_BYTES;
  a->write = weft_shared_words(a->shared, WEFT_BY_OFMAP, to, to + (rows - 1) * c->out_row, weft_later(a->write, a->left + POSITION_TO_WORD), a->written);
  a->freed[a->nfreed % WEFT_RING].words = a->held;
  a->freed[a->nfreed++ % WEFT_RING].t = a->write + WORD_TO_FREE;
  return stop;
}

/* The pass is done: on to the next. True when it was the last. */
static bool next_pass(weft_array_t *a)
{
  const weft_conv_t *c = a->c;
  const double last = a->seq - 1;
  a->seq = weft_later(a->seq, a->began + SHORT_PASS);
  a->x = 0;
  if (c->folds > 1) release_filters(a, last);
  if (++a->fold < c->folds) return false;
  a->fold = 0;
  if (++a->xb < c->NX) return false;
  a->xb = 0;
  if (++a->yb < c->NY) return false;
  a->yb = 0;
  if (c->folds == 1) release_filters(a, last);
  if (!c->psum_out) a->block_left[a->block++ % 2] = a->left + 1;
  return ++a->mb == c->NM;
}

bool weft_array_step(weft_array_t *a, double *end)
{
  const weft_conv_t *c = a->c;
  const int64_t banks = a->cfg->net_bytes / a->cfg->lanes, q = (int64_t)1 << c->qw_lg, span = ((c->S - 1) * c->dil_x + 1) * q, step = c->stride_x * q;
  const int64_t F = weft_min64(c->FT, c->OW - a->xb * c->FT), cycles = weft_max64(c->P * c->K, SHORT_POSITION);
  if (!a->x) begin_pass(a);
  const double until = a->seq + WEFT_STRIDE;
  while (a->x < F && a->seq < until) {
    const double start = weft_later(a->seq, window(a, a->origin + a->x * step + span, q));
    double stop = start + (double)cycles;
    if (a->fold == c->folds - 1 && !c->psum_out) stop = psums(a, start, stop);
    const int64_t base = a->origin + a->x * step;
    move(a, ++a->x < F ? base + step : (base + span + banks - 1) / banks * banks, stop - 1);
    a->seq = stop;
  }
  if (a->x < F || !next_pass(a)) return false;
  *end = a->write + WORD_TO_DONE;
  if (c->psum_out) *end = weft_later(a->done[1] + 1, a->seq - 1 + a->cfg->rows + lg(a->cfg->lanes) + (double)c->nchain + ISSUE_TO_KEPT);
  a->done[0] = a->done[1];
  a->done[1] = *end;
  a->c = NULL;
  return true;
}
