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
#include "weft_spec.h"

#define WEFT_NEVER 1e18                  /* not known yet */

enum {
  WEFT_BURST_BEATS = 16,                 /* rtl/dma/burst_gen.v */
  WEFT_BUS_STAGES = 2,                   /* window check and address register: from a request to the bus */
  WEFT_TO_HEAD = 2                       /* rtl/ctrl/dispatch.v: from a record, a completed count or a taken command to the next command's offer */
};

/* ---- banks and lanes: timing_shared.c ---- */
enum {
  WEFT_BANKS = 64,                       /* that are followed, at most */
  WEFT_SLOT = 64, WEFT_SLOTS = 256,      /* cycles of a slot; slots that are remembered */
  WEFT_STRIDE = 64,                      /* cycles of a step, about */
  WEFT_STARVED = 8                       /* rtl/vector/ppu.v: beats of the array that go before one of VECTOR */
};
/* Ports of the buffer, as rtl/buffer/buffer.v has them. */
enum { WEFT_BY_LOAD, WEFT_BY_STORE, WEFT_BY_IFMAP, WEFT_BY_FILTER, WEFT_BY_PARAM, WEFT_BY_OFMAP, WEFT_BY_READ, WEFT_BY_WRITE, WEFT_CLIENTS };
/* Cycles that each client has taken, those carried from the slot before, and all; clients: a bit for each. */
typedef struct { int64_t number; unsigned clients; float all, carried, used[WEFT_CLIENTS]; } weft_slot_t;
typedef struct {
  int bank_bits, banks;
  weft_slot_t slot[WEFT_BANKS + 1][WEFT_SLOTS];        /* of each bank, and of the lanes */
} weft_shared_t;
void weft_shared_begin(weft_shared_t *s, const weft_config_t *cfg);
/* The part of the cycles from t on that a client gets. */
double weft_shared_rate(weft_shared_t *s, int resource, int client, double t);
/* n accesses from t on, one a cycle at most: the cycle in which the last is done. The lanes are the resource behind the banks. */
double weft_shared_serve(weft_shared_t *s, int resource, int client, double t, double n);
/* n words of those from one address to another, which may lie in several banks. */
double weft_shared_words(weft_shared_t *s, int client, int64_t from, int64_t to, double t, double n);
static inline int weft_shared_lanes(const weft_shared_t *s) { return s->banks; }

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
} weft_load_t;
double weft_load_ready(const weft_load_t *l);
void weft_load_begin(weft_load_t *l, const weft_dma_t *c, uint64_t base, double t);
/* One burst. True when it was the command's last; *end is then the cycle of the command's last word. */
bool weft_load_step(weft_load_t *l, const weft_config_t *cfg, weft_bus_t *bus, weft_shared_t *s, double *end);

typedef struct {
  const weft_dma_t *c;                   /* the command, or NULL */
  uint64_t base;
  double words, at;                      /* the next word, the next beat */
  double free;                           /* the next command may be taken */
  int64_t i0, i1, left;                  /* run, bytes of it that are left */
} weft_store_t;
void weft_store_begin(weft_store_t *s, const weft_dma_t *c, uint64_t base, double t);
/* A few words. True when they were the command's last. */
bool weft_store_step(weft_store_t *st, const weft_config_t *cfg, weft_shared_t *s, double *end);

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
  int64_t mb, yb, xb, fold, x, block;    /* the pass and its next position; filter blocks of all commands */
  int64_t origin;                        /* first window word of the pass */
  double packets;                        /* of a column of the pass */
  int written, held;                     /* ofmap words of a position of the pass, and what it takes of the assembly */
  double began, left;                    /* first issue of the pass, last beat of its last position */
  /* window */
  int64_t sent;                          /* words, running */
  struct { int64_t base; double t; } moved[WEFT_RING];     /* words below base are no longer read from t on */
  unsigned nmoved, seen;
  /* filter banks */
  double released[2], filled;            /* the last loads' banks are no longer read; the pass may read its own */
  unsigned nload;
  /* psums */
  int64_t vectors;                       /* issued to the queue */
  struct { int64_t first; double t; int beats; } taken[WEFT_RING];         /* vectors of a position that leave from t on */
  unsigned ntaken;
  struct { int words; double t; } freed[WEFT_RING];        /* of the assembly */
  unsigned nfreed, oldest;
  int words_used;
  double params[2];                      /* the block's entries are there */
  double block_left[2];                  /* the last vectors of the blocks before have left the lanes */
  weft_shared_t *shared;
} weft_array_t;
double weft_array_ready(const weft_array_t *a);
void weft_array_begin(weft_array_t *a, const weft_conv_t *c, double t);
/* Some positions of a pass. True when they were the command's last; *end is then the cycle of its completion. */
bool weft_array_step(weft_array_t *a, double *end);

/* ---- VECTOR ---- */
typedef struct {
  const weft_config_t *cfg;
  const weft_cmd_t *c;                   /* the command, or NULL */
  weft_vec_program_t program;
  double other;                          /* part of the uses of B that read a word */
  double at;                             /* the next batch, or block */
  double free;                           /* the next command may be taken */
  int64_t words, done;                   /* output words of the command (TRANSPOSE: blocks), of them done */
  double part;                           /* of the batch that is done */
  double door;                           /* the VEC at the door loads its tables from then on; words of them that are left, and a cycle */
  double door_words, door_rate;
  weft_shared_t *shared;
} weft_vector_t;
/* When a command that is offered at t is taken. */
double weft_vector_ready(const weft_vector_t *v, const weft_cmd_t *c, double t);
void weft_vector_begin(weft_vector_t *v, const weft_cmd_t *c, double t);
/* c waits from t on: its tables are loaded, while others are at work. */
void weft_vector_door(weft_vector_t *v, const weft_cmd_t *c, double t);
/* A batch or a part of it, or a block. True when it was the command's last. */
bool weft_vector_step(weft_vector_t *v, double *end);

/* ---- fetch ---- */
/* Cycles from a record's last beat to the cycle in which dispatch is given it (rtl/ctrl/field_check.v). */
double weft_check_cycles(const weft_cmd_t *c);

static inline int weft_bits(int64_t v) { int n = 0; while (v > 0) v >>= 1, n++; return n; }
static inline double weft_later(double a, double b) { return a > b ? a : b; }

#endif
