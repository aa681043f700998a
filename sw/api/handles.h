/* SPDX-License-Identifier: Apache-2.0
 *
 * What the opaque handles of weft.h are. Each counts its users, so that handles may be freed in any order.
 *
 * The counts are atomic because networks and plans may be shared between threads; everything else in a network or a plan is
 * written once, before the caller sees it.
 */
#ifndef WEFT_API_HANDLES_H
#define WEFT_API_HANDLES_H

#include <stdatomic.h>

#include "compiler/run.h"
#include "compiler/timing.h"
#include "weft.h"

struct weft_net {
  atomic_int users;            /* the caller's handle and every plan made of it */
  weft_graph_t *g;
};

struct weft_plan {
  atomic_int users;
  weft_net_t *net;
  weft_program_t *p;
  weft_timing_t time;          /* how long it takes, with DRAM reads of WEFT_TIMING_LATENCY cycles */
  unsigned flags;
};

struct weft_device {
  int users;                   /* one thread at a time: no need for an atomic */
  weft_target_t *target;
  const weft_config_t *cfg;
  size_t dram_bytes;
  int latency;
  weft_session_t *session;     /* the one that is open, or NULL */
};

struct weft_session {
  weft_device_t *dev;
  weft_plan_t *plan;
  weft_run_t run;
  bool *written;               /* inputs that have been written since they were last consumed */
  bool ran;                    /* outputs are there */
};

void weft_net_keep(weft_net_t *net);
void weft_plan_keep(weft_plan_t *plan);

#endif
