/* SPDX-License-Identifier: Apache-2.0
 *
 * Sizes of the tiles of work that is loaded, computed and stored at the same time, in two slots each.
 *
 * Nothing overlaps the load of the first tile and the store of the last one, so those should be small; every command costs its start, so the
 * others should be large; and a tile must not take longer to load than its predecessor takes to compute. The list is therefore a rising head,
 * an even middle and a falling tail, chosen among several by going through the three engines tile by tile. Estimates: nothing but
 * speed depends on them.
 */
#ifndef WEFT_TILES_H
#define WEFT_TILES_H

#include <stdint.h>

enum { WEFT_TILE_RAMP = 24 };

/* Cycles of a tile of n units: start + n * each. tables: before the work on the first can start. */
typedef struct { double load_start, load, work_start, work, store_start, store, tables; } weft_tile_cost_t;

/* Tile i < ramp has head[i] units, the last ones tail[0] (the very last), tail[1], ...; those between share the rest evenly. */
typedef struct {
  int64_t total, middle;       /* units in all, tiles between head and tail */
  int64_t rest;                /* units of those */
  int nhead, ntail, head[WEFT_TILE_RAMP], tail[WEFT_TILE_RAMP];
  int largest;
  double cycles;
} weft_tiles_t;

int64_t weft_tiles_count(const weft_tiles_t *t);
int weft_tiles_size(const weft_tiles_t *t, int64_t i);

/* The best list of tiles of at most `most` units for `total` units, both >= 1. */
void weft_tiles(const weft_tile_cost_t *c, int64_t total, int most, weft_tiles_t *to);

#endif
