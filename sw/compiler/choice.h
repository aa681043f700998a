/* SPDX-License-Identifier: Apache-2.0
 *
 * What the search (search.h) may decide otherwise for a layer than the estimates do. All zero: as they do.
 */
#ifndef WEFT_CHOICE_H
#define WEFT_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

enum { WEFT_AS_ESTIMATED, WEFT_YES, WEFT_NO };       /* YES: wherever it can be done */

typedef struct {
  uint8_t aim;             /* by which plans of convolutions are compared (conv_plan.h) */
  uint8_t stays;           /* the result stays in the buffer */
  uint8_t join;            /* the ADD or pool behind is made of the convolution's tiles (by_value.h, pooled.h) */
  uint8_t fresh;           /* YES: what the buffer keeps is given up first */
  uint8_t side;            /* YES: slots come from the other end of the buffer than it is their turn */
  uint8_t tables;          /* of the lanes, instead of steps (lane_program.h) */
  uint8_t cut;             /* of the lanes: 0 tiles as estimated, else of at most this part of what fits */
} weft_choice_t;

#endif
