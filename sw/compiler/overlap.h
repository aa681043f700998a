/* SPDX-License-Identifier: Apache-2.0
 *
 * How long equal tiles take whose loading, work and storing overlap: by this the lowerings of the lanes choose the size of their tiles.
 *
 * Many small tiles overlap better, few large ones start fewer commands. Estimates, in cycles: nothing but speed depends on them.
 */
#ifndef WEFT_OVERLAP_H
#define WEFT_OVERLAP_H

#include "weft_spec.h"

enum {
  WEFT_DMA_START = 42,           /* of a DMA command: DRAM latency (make bench-lanes: 32 cycles) and the way to the buffer */
  WEFT_VEC_START = 45,           /* of a VEC or TRANSPOSE: the pipelines */
  WEFT_TABLE_NARROW = 260,       /* of each table of int8 that a VEC reads, while the VEC before it runs: an entry a cycle (rtl/vector/table_loader.v) */
  WEFT_TABLE_WIDE = 320          /* of int32 */
};

/* load, work, store: of one tile. */
static inline double weft_overlap(int64_t tiles, double load, double work, double store)
{
  double longest = load > work ? load : work;
  if (store > longest) longest = store;
  return load + work + store + (double)(tiles - 1) * longest;
}

/* Cycles of the bus for a buffer word. */
static inline double weft_bus_cycles(const weft_config_t *cfg) { return (double)WEFT_WORD_BYTES / cfg->bus_bytes; }
/* Cycles of the lanes for a step or tap on a buffer word. */
static inline int weft_lane_cycles(const weft_config_t *cfg) { return WEFT_WORD_BYTES / cfg->ppu_lanes; }

#endif
