/* SPDX-License-Identifier: Apache-2.0
 *
 * How one convolution-like layer is dealt over the array and cut to fit the buffer.
 *
 * A plan is one legal mapping (docs/spec.md section 4, "Legal") with one tiling. weft_conv_plan() tries the mappings and
 * tilings of a layer against a simple cost model (array, ifmap network, filter network, output path and DRAM, whichever is
 * slowest) and keeps the best.
 */
#ifndef WEFT_CONV_PLAN_H
#define WEFT_CONV_PLAN_H

#include "conv_shape.h"
#include "graph.h"
#include "ops/window.h"

/* The layer: a window over channels c0..c0+Cn-1 of an ifmap with C, giving channels m0..m0+Mn-1 of an ofmap with M. */
typedef struct {
  int N, H, W, C, c0, Cn, OH, OW, M, m0, Mn;
  int R, S, sy, sx, dy, dx, pt, pl;
  int gC, gM;              /* > 0: every gC input channels give their own gM output channels (depthwise: 1, multiplier) */
  int zx, zw, zo, lo, hi;
  /* Filters computed at run time: the mapping is one whose image LOAD and TRANSPOSE can write (whole words of a filter's channels; a
   * network packet of half a word must not share its word with another filter's). */
  bool computed;
  bool turned;             /* by TRANSPOSE */
  int repeats;             /* > 1: as many products of this shape follow one another, each with operands of its own */
  bool resident;           /* the ifmap will be in the buffer already, every time but the first: its loads cost nothing */
  int reserve;             /* buffer words that the tiling must leave free */
  bool held;               /* the buffer holds the ifmap, pixels ceil(C/16) words apart: it is not loaded */
  bool unrolled;           /* each pixel is a DMA run of its own (unroll.h) */
  int stay;                /* > 0: the whole ofmap, of so many words, stays in the buffer, and nothing waits for its stores */
  double value_cycles;           /* > 0: cycles of the lanes for each word of the ofmap, which a value-by-value operator takes (by_value.h), */
  bool second_held, one_operand;  /* with a tensor that is loaded beside it, unless the buffer holds that, or alone */
  const weft_window_t *pool;   /* NULL, or the pool whose result is stored instead (pooled.h); */
  double pool_cycles;      /* of the lanes for each word of it; */
  bool pool_stays;         /* it stays in the buffer (`reserve` counts it) */
} weft_conv_geom_t;

typedef struct {
  /* Mapping. */
  int kind, qw_lg, q, K, chain_len, nchain, groups, folds, P, e_cols, T, MT, FT, y_step, g_step, NF, filt_pkts;
  int mbs;                 /* filter blocks of the whole layer */
  int position;            /* words that one position of a column has to assemble at most */
  /* Tiling. Units are output rows, or pixels (rows of gathered pixels) of a flattened 1x1 layer. */
  bool flat, gather;       /* gather: strided pixels are collected by the DMA */
  int images;              /* times that the tile loops run: batch, or 1 when the batch is flattened too */
  int units, unit_px;      /* per image; pixels of a unit when flat */
  int th, tw;              /* units and (not flat) output columns of a tile */
  int nmc, nblk;           /* filter blocks of a command, commands that cover them all */
  /* parts > 1: a tile's filter block (one, nmc = 1) is summed by so many commands, of fpart folds each, the last of what is left; psums stay in the
   * accumulators between them (docs/spec.md), so that a tile is one pass group and a slot holds the filters of one part. */
  int parts, fpart;
  bool block_outer;        /* the filter blocks are the outer loop, the tiles the inner one */
  bool ofull;              /* one ofmap slot collects all blocks of a tile */
  int wslots, islots, oslots;
  int wwords, iwords, owords;      /* buffer words of a slot: filters and entries, ifmap, ofmap */
  int rwords;              /* of each of the two slots for what is added to an ofmap tile, or pooled of it; 0: none */
  int carry;               /* rows above an ofmap tile that it takes from the one before, for the pool */
  int fwords;              /* words of one filter block's image (all folds) */
  int pwords;              /* requantisation entries of one filter block */
  int in_pix, out_pix;
  double cycles, score;    /* estimate for the layer; what plans are compared by */
  int need_words;          /* that it takes, what is to be left free included; when nothing fits, the least that an attempt needed */
} weft_conv_plan_t;

/* Plans are compared by the cycles of what takes longest (array or bus) and, with weights, by four things whose worth depends on the layers around: the
 * time at both ends in which only one of the two works, the bus's cycles, the time until the first tile of a result that stays is complete, and the
 * bus's cycles for commands. Each aim is a set of weights; aim 0 suits a layer that is seen alone. Behind them come the best
 * plans by aim 0 of so many other mappings, since the estimates are rough. search.c tries them all. */
enum { WEFT_CONV_AIMS = 14, WEFT_CONV_MAPPINGS = 12, WEFT_CONV_PLANS = WEFT_CONV_AIMS + WEFT_CONV_MAPPINGS };

/* The best plan by each aim, and of several mappings; those of which there is none are as the first. *work grows by the tilings
 * weighed. 0, or WEFT_E_UNSUPPORTED with the reason. */
int weft_conv_plans(const weft_conv_geom_t *g, const weft_config_t *cfg, weft_conv_plan_t best[WEFT_CONV_PLANS], uint64_t *work, weft_msg_t *m);

/* Rows of a pool's result that the first y rows of its ifmap complete. */
static inline int weft_pooled_ready(const weft_window_t *w, int y)
{
  if (y >= w->in_h) return w->out_h;
  const int reach = y + w->pad_top - w->filter_h;
  const int rows = reach < 0 ? 0 : reach / w->stride_h + 1;
  return rows < w->out_h ? rows : w->out_h;
}

/* Pixels of a flattened tile of n pixels dealt over the columns: rows (over columns and chains) of `width`, the last of `last`. */
void weft_conv_flatten(const weft_conv_plan_t *p, int n, int *rows, int *width, int *last);

#endif
