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
  uint64_t cycles;                       /* of all jobs, each as often as it runs */
  uint64_t busy[WEFT_ENGINES];           /* of them those in which the engine has a command */
  weft_interval_t *command;              /* ncmd: taken by its engine, complete; of the command's last run when a job runs again */
  weft_interval_t *layer;                /* nlayer: first start and last end of its commands, the jobs one after the other; empty: none */
} weft_timing_t;

/* 0, WEFT_E_MEMORY, or WEFT_E_INTERNAL for a list that waits for itself. t is to be freed by weft_timing_free(), also after an error. */
int weft_timing(const weft_program_t *p, int latency, weft_timing_t *t, weft_msg_t *m);
void weft_timing_free(weft_timing_t *t);

#ifdef __cplusplus
}
#endif
#endif
