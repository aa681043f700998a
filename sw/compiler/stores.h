/* SPDX-License-Identifier: Apache-2.0
 *
 * Which stores to the arena nobody reads: their readers found the bytes in the buffer (keep.h).
 *
 * The network is compiled twice. The first time, every store and every read of the arena passes here in program order; the second time,
 * which emits the same commands, the stores that were not read are left out.
 */
#ifndef WEFT_STORES_H
#define WEFT_STORES_H

#include "graph.h"
#include "weft_spec.h"

typedef struct {
  int32_t *writer;         /* the last store that wrote each granule, -1: none */
  uint64_t granules;
  uint8_t *read;           /* of each store: somebody reads some of its bytes */
  uint32_t n, cap;
  bool second;             /* `read` is complete: leave out the others */
} weft_stores_t;

int weft_stores_begin(weft_stores_t *s, uint64_t arena_bytes, weft_msg_t *m);
void weft_stores_again(weft_stores_t *s);          /* the second time */
void weft_stores_free(weft_stores_t *s);
/* The next store. *out: it may be left out. `always`: it never may. */
int weft_stores_put(weft_stores_t *s, const weft_dma_t *d, bool always, bool *out, weft_msg_t *m);
void weft_stores_get(weft_stores_t *s, const weft_dma_t *d);                       /* a load */
void weft_stores_read(weft_stores_t *s, uint64_t at, uint64_t bytes);             /* by the CPU or the user */
uint32_t weft_stores_unread(const weft_stores_t *s);

#endif
