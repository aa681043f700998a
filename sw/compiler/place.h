/* SPDX-License-Identifier: Apache-2.0
 *
 * Where each tensor stands in DRAM, from when to when, and which tensors share bytes (views.h) or are never made (joins.h).
 */
#ifndef WEFT_PLACE_H
#define WEFT_PLACE_H

#include "program.h"
#include "views.h"

typedef struct {
  const weft_graph_t *g;
  weft_program_t *p;       /* its places, constants and arena size are set */
  bool keep_all;           /* every tensor keeps its bytes to the end */
  weft_views_t view;       /* which tensors live inside others */
  int *made_by, *kept_by;  /* movements that are left out (joins.h) */
  int *first, *last;       /* tensors with a place of their own: operators between which the bytes must live */
  weft_msg_t *m;
} weft_places_t;

/* Room for a graph of so many tensors; false without memory. */
bool weft_places_new(weft_places_t *c, int ntensors);
void weft_places_free(weft_places_t *c);
/* 0, or an error when a tensor is larger than memory. */
int weft_place_tensors(weft_places_t *c);

#endif
