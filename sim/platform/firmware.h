/* SPDX-License-Identifier: Apache-2.0
 *
 * The platform's firmware: what it is asked to do and what it found.
 */
#ifndef WEFT_PLATFORM_FIRMWARE_H
#define WEFT_PLATFORM_FIRMWARE_H

#include "compiler/run.h"
#include "hal.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const weft_graph_t *g;
  const weft_program_t *p;
  void *const *in;             /* one for each graph input */
  void **out;                  /* one for each graph output, room for the tensor */
  int latency;                 /* of the memory, in cycles: for the driver's time limits */
  /* results */
  int err;                     /* weft_error */
  weft_msg_t m;
  uint64_t device_cycles;      /* the device's own count, all jobs */
  uint64_t ticks;              /* the platform timer, from before loading to the last output */
  uint64_t infer_ticks;        /* of these, the inference alone */
} firmware_job_t;

void firmware_main(const hal_t *hal, firmware_job_t *job);

#ifdef __cplusplus
}
#endif
#endif
