/* SPDX-License-Identifier: Apache-2.0
 *
 * Filter images and requantisation entries of a planned convolution, in the order in which the machine loads them.
 */
#ifndef WEFT_CONV_IMAGE_H
#define WEFT_CONV_IMAGE_H

#include "conv_plan.h"
#include "emit.h"

/* Appends, for each of the plan's p->nblk blocks, image then entries to the program's constants. *blob: offset of each. */
int weft_conv_images(weft_emit_t *e, const weft_conv_geom_t *g, const weft_conv_plan_t *p, uint32_t **blob);
void weft_conv_images_free(uint32_t *blob);

#endif
