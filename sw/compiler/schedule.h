/* SPDX-License-Identifier: Apache-2.0
 *
 * Adds commands to a job and works out the waits that make it race-free.
 *
 * The compiler emits commands in an order that would be right if each finished before the next began. The engines run in
 * parallel, so this tracker remembers who last read and wrote each range of the buffer and of DRAM, and gives every
 * command the fewest waits that keep that meaning: each conflict is ordered, and nothing that follows from other waits is
 * repeated. Ranges are hulls (first to last byte), so a strided access counts as all it spans. It also sees where a VEC finds its tables in the
 * engine as the one before has left them, and says so (t_stay).
 */
#ifndef WEFT_SCHEDULE_H
#define WEFT_SCHEDULE_H

#include "program.h"

/* space 0: buffer words; space 1 + i: bytes of DRAM region i. Half open. */
typedef struct { uint64_t lo, hi; int space; bool write; } weft_span_t;
enum { WEFT_MAX_SPANS = 5 };               /* VEC: A, B, two tables, result */

typedef struct { weft_span_t span; int engine; uint32_t index; } weft_access_t;
typedef struct { uint32_t done[WEFT_ENGINES]; } weft_clock_t;

typedef struct {
  weft_program_t *p;
  uint32_t issued[WEFT_ENGINES];            /* commands given to each engine in this job */
  weft_clock_t known[WEFT_ENGINES];         /* what the last command of each engine knows to be complete */
  weft_clock_t *clock[WEFT_ENGINES];        /* the same for every command */
  uint32_t clock_cap[WEFT_ENGINES];
  weft_access_t *live;
  int nlive, live_cap;
  weft_span_t table[2];                     /* buffer words that VEC's tables 0 and 1 were read from and still hold; empty: none */
} weft_sched_t;

/* The ranges that a command touches, hulls of what its fields say. Returns their number. */
int weft_spans(const weft_cmd_t *c, const weft_config_t *cfg, weft_span_t s[WEFT_MAX_SPANS]);
int weft_engine_of(int opcode);

void weft_sched_begin(weft_sched_t *s, weft_program_t *p);   /* a new job; s is zeroed or was used before */
int weft_sched_emit(weft_sched_t *s, weft_cmd_t *c, weft_msg_t *m);
void weft_sched_free(weft_sched_t *s);

#endif
