/* SPDX-License-Identifier: Apache-2.0
 *
 * Places a job can run: the C machine model or the Verilated RTL, both behind the driver's weft_io_t.
 */
#ifndef WEFT_TARGET_H
#define WEFT_TARGET_H

#include "graph.h"
#include "weft_driver.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  size_t dram_bytes;        /* DRAM starts at address 0 */
  unsigned seed;            /* 0: no random stalls; else throttles AXI channels at random, replayable */
  int latency;              /* DRAM read latency in cycles (RTL), 0: default 32 */
  const char *trace;        /* FST file, NULL: no trace (RTL) */
  uint32_t fail_addr;       /* AXI error injection: an access touching this byte address answers SLVERR; 0: none (RTL) */
  const char *sim_dir;      /* folder of <config>/libweft_rtl.so, NULL: searched (RTL) */
} weft_target_opts_t;

typedef struct weft_target weft_target_t;

/* kind is "model" or "rtl". */
int weft_target_open(const char *kind, const weft_config_t *cfg, const weft_target_opts_t *opts, weft_target_t **out,
                     weft_msg_t *m);
weft_io_t weft_target_io(weft_target_t *t);
/* One line on what each engine waits for, for a hang report (RTL); "" for the model. */
const char *weft_target_diagnosis(weft_target_t *t);
void weft_target_close(weft_target_t *t);

#ifdef __cplusplus
}
#endif
#endif
