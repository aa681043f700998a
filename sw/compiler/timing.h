/* SPDX-License-Identifier: Apache-2.0
 *
 * How long the device takes for a compiled program, command by command, without running it.
 *
 * A model of time only: the command lists are walked through fetch, dispatch and the four engines as the RTL has them. Every number in it is a
 * property of rtl/ or of the memory of the simulation; nothing is fitted to a network. docs/design.md, "A model of time", says what is
 * left out.
 */
#ifndef WEFT_TIMING_H
#define WEFT_TIMING_H

#include "program.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WEFT_TIMING_LATENCY = 32 };       /* cycles of a DRAM read, those of `make bench` */

/* In cycles from the job's START. */
typedef struct { uint64_t start, end; } weft_interval_t;

typedef struct {
  uint64_t cycles;                       /* from START to DONE */
  uint64_t busy[WEFT_ENGINES];           /* of them those in which the engine has a command */
} weft_job_time_t;

/* One job: count records, and where the DRAM regions stand. command[count] becomes when each is taken by its engine, and complete.
 * 0, WEFT_E_MEMORY, or WEFT_E_INTERNAL for a list that waits for itself. The list must be valid (docs/spec.md section 2). */
int weft_timing_list(const weft_config_t *cfg, const uint32_t *rec, uint32_t count, const uint32_t base[WEFT_REGIONS], int latency,
                     weft_interval_t *command, weft_job_time_t *t, weft_msg_t *m);

typedef struct {
  uint64_t cycles, busy[WEFT_ENGINES];   /* of all jobs, each as often as it runs; the CPU's time is not in it */
  weft_interval_t *command;              /* of each command, from its job's START on */
  weft_interval_t *layer;                /* first start and last end of its commands, the jobs one after the other; end 0: none */
  int nlayer;
} weft_timing_t;

/* The whole program. Errors as above. t is to be freed by weft_timing_free(), also after an error. */
int weft_timing(const weft_program_t *p, int latency, weft_timing_t *t, weft_msg_t *m);
/* Cycles that a layer adds: from the end of all layers before it to its own. */
uint64_t weft_timing_layer(const weft_timing_t *t, int layer);
void weft_timing_free(weft_timing_t *t);

#ifdef __cplusplus
}
#endif
#endif
