/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the timing model share: one job on its way through the machine.
 *
 * Times are cycles from START. Each part of the machine has a clock of its own and is advanced in small steps (a burst, a pass, a batch), always
 * the part whose clock is the earliest, so that those that share something meet in about the right order.
 */
#ifndef WEFT_TIMING_PARTS_H
#define WEFT_TIMING_PARTS_H

#include "conv_shape.h"
#include "vec_program.h"

#define WEFT_NEVER 1e18                  /* not known yet */

enum {
  WEFT_BURST_BEATS = 16,                 /* rtl/dma/burst_gen.v */
  WEFT_BUS_STAGES = 2,                   /* window check and address register: from a request to the bus */
  WEFT_TO_HEAD = 2                       /* rtl/ctrl/dispatch.v: from a record, a completed count or a taken command to the next command's offer */
};

/* ---- the read channel: data come in the order of the addresses (rtl/dma/axi_read.v, sim/axi_memory.cc) ---- */
enum { WEFT_BUS_READS = 16 };            /* bursts that the memory accepts before it stalls */
typedef struct {
  int latency;
  double address, beat;                  /* cycle of the last address, of the last beat */
  double pop[WEFT_BUS_READS];            /* last beats of the bursts before */
  unsigned n;
} weft_bus_t;
/* A burst that is asked for at t: the cycle of its last beat. */
double weft_bus_read(weft_bus_t *b, double t, double beats);

/* ---- LOAD and STORE ---- */
typedef struct {
  const weft_dma_t *c;                   /* the command whose bursts are asked for, or NULL */
  uint64_t base;                         /* of its region, in DRAM */
  double ask;                            /* cycle of the next burst's request */
  double begun, words;                   /* the last command's words may be written from here on; the last word so far */
  int64_t i0, i1, left;                  /* run, bytes of it that are left */
  uint64_t at;                           /* their address */
  bool first;                            /* nothing of the run has been asked for */
} weft_load_t;
double weft_load_ready(const weft_load_t *l);
void weft_load_begin(weft_load_t *l, const weft_dma_t *c, uint64_t base, double t);
/* One burst. True when it was the command's last; *end is then the cycle of the command's last word. */
bool weft_load_step(weft_load_t *l, const weft_config_t *cfg, weft_bus_t *bus, double *end);
double weft_store_end(const weft_dma_t *c, const weft_config_t *cfg, uint64_t base, double t);

/* ---- ARRAY ---- */
enum { WEFT_RING = 64 };                 /* of what is remembered of the past: as many as the longest queue, a power of two */
typedef struct {
  const weft_config_t *cfg;
  const weft_conv_t *c;                  /* the command that the sequencer works on, or NULL */
  double pending;                        /* its configuration is complete */
  double accept;                         /* a further command may be taken */
  double done[2];                        /* of the last commands: two may be in flight */
  /* the clocks of the parts: the next cycle in which each can work */
  double feed, load, seq, drain, write, param;
  int64_t mb, yb, xb, fold, block;       /* the pass; filter blocks of all commands */
  /* window */
  int64_t sent, base;                    /* words sent, words no longer read, running */
  struct { int64_t base; double t; } moved[WEFT_RING];
  unsigned nmoved, seen;
  /* filter banks */
  double released[2], filled;
  unsigned nload;
  /* psums */
  int64_t vectors;                       /* issued to the queue */
  struct { int64_t first; double t; int beats; } taken[WEFT_RING];
  unsigned ntaken;
  struct { int words; double t; } freed[WEFT_RING];
  unsigned nfreed, oldest;
  int words_used;
  double params[2];                      /* the block's entries are there */
  double block_left[2];                  /* the last vectors of the blocks before have left the lanes */
  double busy_from, beats_share;         /* of the last pass: part of the lanes' cycles that it takes */
} weft_array_t;
double weft_array_ready(const weft_array_t *a);
void weft_array_begin(weft_array_t *a, const weft_conv_t *c, double t);
/* One pass. True when it was the command's last; *end is then the cycle of its completion. */
bool weft_array_step(weft_array_t *a, double *end);

/* ---- VECTOR ---- */
typedef struct {
  const weft_config_t *cfg;
  double free;                           /* the next command may be taken */
  double turned;                         /* a TRANSPOSE is complete */
  double tables;                         /* the table port is free */
} weft_vector_t;
/* A command that is offered at t: when it is taken, and complete. */
void weft_vec_run(weft_vector_t *v, const weft_vec_t *c, double t, double *taken, double *end);
void weft_transpose_run(weft_vector_t *v, const weft_transpose_t *c, double t, double *taken, double *end);

/* ---- fetch ---- */
/* Cycles from a record's last beat to the cycle in which dispatch is given it (rtl/ctrl/field_check.v). */
double weft_check_cycles(const weft_cmd_t *c);

static inline int weft_bits(int64_t v) { int n = 0; while (v > 0) v >>= 1, n++; return n; }
static inline double weft_later(double a, double b) { return a > b ? a : b; }

#endif
