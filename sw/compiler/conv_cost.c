/* SPDX-License-Identifier: Apache-2.0
 *
 * What a convolution's plan is estimated to cost (see conv_cost.h).
 *
 * Cost of a pass over F output columns: the slowest of F*P*K array cycles, the ifmap packets, and the results on their way out.
 * A fold's filters must arrive while the fold before computes. Cut layers overlap DRAM and array when they have two slots.
 */
#include "conv_cost.h"

#include <limits.h>
#include <math.h>

#include "overlap.h"

/* Cycles, rough: skew of a pass, start and drain of a command, change to the next filters of a fold (few large filter loads are better than many
 * small ones that add up to the same). */
enum { PASS_FILL = 6, COMMAND_COST = 60, FILTER_COST = 2 };
/* Of a command that goes on with psums; the least it takes (rtl/ctrl/field_check.v); from a LOAD's last word to the first cycle of the command that
 * waited for it, beside the filters of its first fold, and back to the LOAD that takes the slot next. */
enum { PART_COST = 12, PART_LEAST = 260, PART_TURN = 160 };
#define CLEARLY 1.02           /* parts are taken for more time than this: what they replace is estimated too slow, when it is not the array that limits it */
#define FOLDED_CHAINS 1.06     /* what several chains with folds were measured to take, beyond the sum of their parts */

/* By what plans are compared, beside the cycles of what takes longest (see conv_plan.h). The first is the one for a layer seen alone. */
static const struct { double ends, bus, first, commands; } aim[WEFT_CONV_AIMS] = {
  {1, 0.1, 0.35, 0},
  {1, 0.1, 0.05, 0}, {1, 0.1, 1.0, 0},
  {1, 0.4, 0.35, 0}, {1, 0, 0.1, 0},
  {0.3, 0.1, 0.35, 0}, {0, 0, 0, 0},
  {2, 0.1, 0.35, 0}, {2, 0.3, 1.0, 0},
  {3, 0, 0, 0},
  {1, 0.1, 0.35, 1}, {0.3, 0.1, 0.35, 1},
  {1, 1, 0.35, 1}, {0.3, 1, 0, 0.3}, 
};

void weft_conv_flatten(const weft_conv_plan_t *p, int n, int *rows, int *width, int *last)
{
  int deal = p->e_cols * (p->kind == WEFT_CHAIN_ROWS ? p->nchain : 1);
  *width = weft_ceil_div(n, deal);
  *rows = weft_ceil_div(n, *width);
  *last = n - (*rows - 1) * *width;
}

/* Most ofmap words that one position of a column may have to assemble, over all filter blocks. */
int weft_conv_position_words(const weft_conv_plan_t *p)
{
  int worst = 0, blocks = weft_min(p->mbs * p->T, WEFT_WORD_BYTES);
  for (int b = 0; b < blocks; b++) worst = weft_max(worst, weft_ceil_div(b * p->MT % WEFT_WORD_BYTES + p->MT, WEFT_WORD_BYTES));
  return worst;
}

/* Cycles of the filter network for one fold: a packet a cycle, but a row takes its time to unpack one before the next comes to it. */
static double filter_cycles(const weft_conv_search_t *s, const weft_conv_plan_t *p)
{
  return (double)p->filt_pkts * p->T * weft_max(p->NF, s->cfg->net_bytes / s->cfg->lanes);
}

/* What works side by side takes as long as the slowest, and longer when others are nearly as slow: they share the buffer's banks. */
static double together(double a, double b, double c)
{
  const double most = a > b ? (a > c ? a : c) : (b > c ? b : c);
  double sum = 0;
  for (int i = 0; i < 3; i++) {
    double part = (i == 0 ? a : i == 1 ? b : c) / most;
    part *= part;
    part *= part;
    sum += part * part;
  }
  return most * sqrt(sqrt(sqrt(sum)));
}

/* Cycles of one filter block over an oh x ow tile. */
double weft_conv_block_cycles(const weft_conv_search_t *s, const weft_conv_plan_t *p, int oh, int ow)
{
  const weft_conv_geom_t *g = s->g;
  int R = g->R, S = g->S, sy = p->flat ? 1 : g->sy, sx = p->flat ? 1 : g->sx;
  int ny = weft_ceil_div(oh, p->y_step), nx = weft_ceil_div(ow, p->FT), F = weft_ceil_div(ow, nx);
  int E = p->e_cols * (p->kind == WEFT_CHAIN_ROWS ? p->nchain : 1), in_fold = weft_min(p->chain_len, R);
  int g_fold = p->kind == WEFT_CHAIN_GROUPS ? p->nchain : weft_max(1, weft_ceil_div(p->chain_len, R));
  int rows = weft_min((E - 1) * sy + (in_fold - 1) * g->dy + 1, E * in_fold);
  double feed = (double)((F - 1) * sx + (S - 1) * g->dx + 1) * weft_ceil_div(g_fold * p->q, s->cfg->net_bytes) * rows;
  double compute = (double)F * p->P * p->K;
  int vec = p->P * p->nchain * weft_ceil_div(s->cfg->cols, s->cfg->ppu_lanes);
  int words = p->e_cols * p->T * (p->kind == WEFT_CHAIN_ROWS ? p->nchain : 1) * p->position;
  double out = (double)F * weft_max(vec, words) / p->folds;
  double pass = together(compute, feed, out) + PASS_FILL;
  double load = filter_cycles(s, p);
  if (p->nchain > 1 && p->folds > 1) pass *= FOLDED_CHAINS;
  if (p->folds > 1) return (double)ny * nx * p->folds * ((pass > load ? pass : load) + FILTER_COST);
  double all = (double)ny * nx * pass;
  return (all > load ? all : load) + FILTER_COST;
}

static double item_cycles(const weft_conv_search_t *s, const weft_conv_plan_t *p, int units, int cols)
{
  int rows = units, width = cols, last;
  if (p->flat) weft_conv_flatten(p, units * p->unit_px, &rows, &width, &last);
  const double block = p->nmc * weft_conv_block_cycles(s, p, rows, width), parts = (p->parts - 1) * PART_COST;
  return COMMAND_COST + filter_cycles(s, p) + (block < (double)p->parts * PART_LEAST ? (double)p->parts * PART_LEAST : block) + parts;
}

/* Rows and columns of the pool's result that a tile completes at most. */
static void pooled_tile(const weft_window_t *w, int th, int tw, int *rows, int *columns)
{
  *rows = 0;
  for (int y = 0; y < w->in_h; y += th) *rows = weft_max(*rows, weft_pooled_ready(w, y + th) - weft_pooled_ready(w, y));
  *columns = tw >= w->in_w ? w->out_w : weft_ceil_div(tw, w->stride_w);
}

/* Can tiles of th x tw be pooled? Narrow ones must not share windows; rows that are carried need whole tiles of channels one behind the other. */
bool weft_conv_poolable(const weft_conv_search_t *s, weft_conv_plan_t *p)
{
  const weft_window_t *w = s->g->pool;
  p->carry = 0;
  if (!w) return true;
  const bool apart = w->filter_h == w->stride_h && w->pad_top == 0 && p->th % w->stride_h == 0;
  if (p->th < p->units && !apart) p->carry = w->filter_h - 1;
  if (p->carry && p->th < p->carry) return false;
  if (p->tw < s->g->OW && (p->carry || w->filter_w != w->stride_w || w->pad_left || p->tw % w->stride_w)) return false;
  return !p->carry || p->ofull || p->block_outer || p->nblk == 1;
}

/* Buffer words of an ifmap tile and of an ofmap tile. */
void weft_conv_tile_words(const weft_conv_search_t *s, weft_conv_plan_t *p, int th, int tw)
{
  const weft_conv_geom_t *g = s->g;
  int64_t in, out;
  if (p->flat) {
    int rows, width, last;
    weft_conv_flatten(p, th * p->unit_px, &rows, &width, &last);
    in = (int64_t)rows * width * p->in_pix;
    out = (int64_t)rows * width * p->out_pix;
  } else {
    int64_t ih = weft_min(g->H, (th - 1) * g->sy + (g->R - 1) * g->dy + 1), iw = weft_min(g->W, (tw - 1) * g->sx + (g->S - 1) * g->dx + 1);
    in = ih * iw * p->in_pix;
    out = (int64_t)th * tw * p->out_pix;
  }
  if (g->held) in = 0;
  p->rwords = g->value_cycles > 0 && !g->second_held && !g->one_operand ? (int)(out > INT_MAX / 8 ? INT_MAX / 8 : out) : 0;
  if (g->stay) out = g->stay;
  if (g->pool) {
    int rows, columns;
    pooled_tile(g->pool, th, tw, &rows, &columns);
    out += (int64_t)p->carry * tw * p->out_pix;
    p->rwords = g->pool_stays ? 0 : rows * columns * p->out_pix;
  }
  p->iwords = in > INT_MAX / 8 ? INT_MAX / 8 : (int)in;
  p->owords = out > INT_MAX / 8 ? INT_MAX / 8 : (int)out;
}

/* Cycles in which TRANSPOSE writes the images of a whole layer: a block gives the filters of one chain 16 channels, and takes as long as it has
 * rows or columns. */
static double turn_cycles(const weft_conv_search_t *s, const weft_conv_plan_t *p)
{
  enum { BLOCK = 16, COMMAND = 30 };
  if (!s->g->turned) return 0;
  double chains = (double)p->mbs * p->T * p->MT / p->P;
  return chains * p->groups * (COMMAND + (double)p->q / BLOCK * weft_max(BLOCK, p->P));
}

static double bus_cycles(const weft_conv_search_t *s, double runs, double bytes) { return bytes / s->cfg->bus_bytes + runs; }

/* Cycles of a tile and filter block whose parts take `work` on the array: with two slots, a part's LOAD begins when the part before the last is over.
 * `more`: on the bus for each tile and block besides. */
static double in_parts(const weft_conv_search_t *s, const weft_conv_plan_t *p, double work, double more)
{
  enum { ROUNDS = 3 };           /* then each takes as long as the one before */
  const double fold = (double)(p->fwords / p->folds) * WEFT_WORD_BYTES / s->cfg->bus_bytes, turn = PART_TURN + filter_cycles(s, p);
  double load = 0, end[2] = {0, 0}, begin = 0;
  for (int round = 0; round < ROUNDS; round++) {
    begin = end[1];
    load += more;
    for (int i = 0; i < p->parts; i++) {
      const int folds = weft_min(p->fpart, p->folds - i * p->fpart);
      load = (load > end[0] ? load : end[0]) + folds * fold + WEFT_DMA_START;
      const double ready = load + turn;
      end[0] = end[1];
      end[1] = (ready > end[1] ? ready : end[1]) + work * folds / p->folds;
    }
  }
  return end[1] - begin;
}

double weft_conv_array_cycles(const weft_conv_search_t *s, const weft_conv_plan_t *p, int tiles_y, int tiles_x)
{
  const int last = p->units - (tiles_y - 1) * p->th;
  const double one = item_cycles(s, p, p->th, p->tw), end = last == p->th ? one : item_cycles(s, p, last, p->tw);
  return p->images * tiles_x * p->nblk * ((double)(tiles_y - 1) * one + end);
}

bool weft_conv_hopeless(const weft_conv_search_t *s, double arr)
{
  if (!s->found || arr < s->worst) return false;
  for (int i = 0; i < WEFT_CONV_AIMS; i++)
    if (arr < s->best[i].score) return false;
  return true;
}

static bool same_mapping(const weft_conv_plan_t *a, const weft_conv_plan_t *b)
{
  return a->kind == b->kind && a->q == b->q && a->chain_len == b->chain_len && a->nchain == b->nchain && a->T == b->T && a->e_cols == b->e_cols;
}

/* One plan of each mapping, in place of the worst. */
static void among_mappings(weft_conv_search_t *s, const weft_conv_plan_t *p)
{
  weft_conv_plan_t *own = &s->best[WEFT_CONV_AIMS], *worst = own;
  for (int i = 0; i < WEFT_CONV_MAPPINGS; i++) {
    if (own[i].cycles == 0 || same_mapping(&own[i], p)) {
      worst = &own[i];
      break;
    }
    if (own[i].score > worst->score) worst = &own[i];
  }
  if (worst->cycles == 0 || p->score < worst->score) *worst = *p;
  s->worst = 0;
  for (int i = 0; i < WEFT_CONV_MAPPINGS; i++)
    if (own[i].cycles == 0) s->worst = INFINITY;
    else if (own[i].score > s->worst) s->worst = own[i].score;
}

/* What has a single slot is moved while the array waits. */
void weft_conv_weigh(weft_conv_search_t *s, const weft_conv_plan_t *p, double arr, int need, int tiles_y, int tiles_x)
{
  const weft_conv_geom_t *g = s->g;
  const int tiles = p->images * tiles_y * tiles_x, th = p->th;
  const bool per_block = p->kind == WEFT_CHAIN_GROUPS && p->nblk > 1;
  double items = (double)tiles * p->nblk;
  double in_px = g->held ? 0 : p->flat ? (double)th * p->unit_px : (double)p->iwords / p->in_pix;
  double out_px = p->flat ? (double)th * p->unit_px : (double)th * p->tw;
  double cin = per_block ? (double)g->Cn / p->nblk : g->Cn, cout = p->ofull ? g->Mn : (double)g->Mn / p->nblk;
  bool slices = per_block || g->Cn != g->C || p->gather;
  if (g->unrolled) cin += s->cfg->bus_bytes;       /* a run begins anywhere within a beat */
  /* A buffer word a cycle, however few bytes of it there are. */
  double iwords = in_px * p->in_pix * s->cfg->bus_bytes, ibytes = in_px * cin > iwords ? in_px * cin : iwords;
  double iload = g->held || g->resident ? 0 : bus_cycles(s, slices || g->unrolled ? in_px : 4, ibytes);
  double iloads = tiles * (per_block || (p->block_outer && tiles > 1) ? p->nblk : 1);
  /* Computed filters come in runs of a filter's channels of one group, or as rows of one channel to be turned. */
  double wruns = g->turned ? g->Cn : g->computed ? (double)p->nmc * p->T * p->MT * p->groups : 4;
  double wload = bus_cycles(s, wruns, 16.0 * p->wwords);
  if (p->parts > 1) arr = items * in_parts(s, p, arr / items, p->islots > 1 ? iloads * iload / items : 0);
  double wloads = p->parts > 1 ? items * p->parts : p->nblk == 1 ? 1 : p->block_outer || tiles == 1 ? p->nblk : (double)tiles * p->nblk;
  if (g->pool) {
    int rows, columns;
    pooled_tile(g->pool, th, p->tw, &rows, &columns);
    out_px = (double)rows * columns;
  }
  double ostore = g->stay || g->pool_stays ? 0 : bus_cycles(s, cout == g->M ? 4 : out_px, out_px * cout), ostores = p->ofull ? tiles : items;
  double second = g->value_cycles > 0 && p->rwords ? bus_cycles(s, cout == g->M ? 4 : out_px, out_px * cout) : 0;
  double lanes = g->value_cycles > 0 || g->pool ? WEFT_VEC_START + out_px * p->out_pix * (g->pool ? g->pool_cycles : g->value_cycles) : 0;
  /* Records come over LOAD's channel too. */
  const int after = (g->value_cycles > 0 || g->pool != NULL) + (p->rwords && g->value_cycles > 0) + !(g->stay || g->pool_stays);
  const double records = (wloads + (iload > 0 ? iloads : 0) + items * p->parts + ostores * after) * ((double)WEFT_CMD_BYTES / s->cfg->bus_bytes);
  double load = iloads * iload + wloads * wload + ostores * second + records, store = ostores * ostore, turn = wloads / p->nblk * turn_cycles(s, p);
  double serial = arr + (p->wslots == 1 ? wloads - 1 : 0) * wload + (p->islots == 1 ? iloads - 1 : 0) * iload + (p->oslots == 1 ? ostores - 1 : 0) * (ostore + lanes);
  double most = serial > load ? serial : load;
  if (store > most) most = store;
  if (ostores * lanes > most) most = ostores * lanes;
  const double ends = iload + wload + ostore + turn + lanes;      /* what is turned, hardly overlaps: a load before, the array behind it */
  /* Whoever reads what stays here can begin with the first tile; a command is complete when all its rows are. */
  const double first = g->stay ? arr / (p->nblk > 1 ? 1 : tiles) : 0;
  const double clearly = p->parts > 1 ? CLEARLY : 1;
  for (int i = 0; i < WEFT_CONV_AIMS; i++) {
    const double score = clearly * (most + aim[i].ends * ends) + aim[i].commands * records + aim[i].bus * (load + store) + aim[i].first * first;
    if (s->found && score >= s->best[i].score) continue;
    s->best[i] = *p;
    s->best[i].cycles = most + ends;
    s->best[i].need_words = need;
    s->best[i].score = score;
  }
  weft_conv_plan_t t = *p;
  t.cycles = most + ends;
  t.need_words = need;
  t.score = clearly * (most + aim[0].ends * ends) + aim[0].bus * (load + store) + aim[0].first * first;
  among_mappings(s, &t);
  s->found = true;
}
