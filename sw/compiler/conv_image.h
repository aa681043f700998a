/* SPDX-License-Identifier: Apache-2.0
 *
 * Filter images and requantisation entries of a planned layer, ready for the buffer.
 */
#ifndef WEFT_CONV_IMAGE_H
#define WEFT_CONV_IMAGE_H

#include "conv_plan.h"
#include "emit.h"

/* The layer's numbers, whatever the tensors look like. Channels m and c count from the geometry's first (m0, c0). */
typedef struct {
  const void *ctx;
  int8_t (*tap)(const void *ctx, int m, int r, int s, int c);     /* NULL: filters are computed, only entries are wanted */
  void (*entry)(const void *ctx, int m, int32_t *bias, int32_t *q, int *e);
  bool halves;             /* even channels are the low bytes of int16 results, odd ones the high bytes */
} weft_conv_data_t;

/* Appends image and entries of every command's filter blocks to the constants; (*blob)[i] is the offset of command i's. */
int weft_conv_images(weft_emit_t *e, const weft_conv_geom_t *g, const weft_conv_plan_t *p, const weft_conv_data_t *d, uint32_t **blob);
void weft_conv_images_free(uint32_t *blob);

#endif
