/* SPDX-License-Identifier: Apache-2.0
 *
 * Executes a compiled network on an open target: memory, jobs, operators on the CPU, counters.
 *
 *   weft_run_t r;
 *   weft_run_open(&r, graph, program, target, latency, &m);    // loads commands and constants
 *   weft_run_input(&r, 0, image, &m);
 *   weft_run_infer(&r, &m);
 *   weft_run_tensor(&r, graph->out[0], result, &m);
 *   weft_run_close(&r);
 */
#ifndef WEFT_RUN_H
#define WEFT_RUN_H

#include "driver/target.h"
#include "program.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const weft_graph_t *g;
  const weft_program_t *p;
  weft_target_t *target;
  weft_dev_t dev;
  uint64_t latency;            /* cycles of a DRAM read, for the time limits */
  uint64_t (*counter)[WEFT_COUNTERS];      /* of each segment, from the last weft_run_infer() */
  weft_buf_t buf[WEFT_PROGRAM_REGIONS];     /* device memory of each region of the program; r must not move */
  weft_list_t *list;           /* of each segment for the device */
  void **data;                 /* host copies for CPU operators, one for each tensor, NULL until needed */
  bool (*progress)(void *ctx, int segment);   /* called before each segment; may be NULL; false stops with WEFT_E_ARG */
  void *progress_ctx;
} weft_run_t;

/* Bytes of DRAM that the target must have. */
size_t weft_run_dram_bytes(const weft_program_t *p);

int weft_run_open(weft_run_t *r, const weft_graph_t *g, const weft_program_t *p, weft_target_t *t, int latency, weft_msg_t *m);
int weft_run_input(weft_run_t *r, int i, const void *bytes, weft_msg_t *m);        /* graph input i, tensor's size */
int weft_run_infer(weft_run_t *r, weft_msg_t *m);
/* Variables take their first values again, as after weft_run_open(). */
int weft_run_reset(weft_run_t *r, weft_msg_t *m);
/* Bytes of tensor t as they stand in DRAM. WEFT_E_ARG when t has no place (weights). */
int weft_run_tensor(weft_run_t *r, int t, void *to, weft_msg_t *m);
/* Counter c summed over the segments of the last inference. */
uint64_t weft_run_sum(const weft_run_t *r, int c);
void weft_run_close(weft_run_t *r);          /* the target stays open */

#ifdef __cplusplus
}
#endif
#endif
