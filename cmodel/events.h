/* SPDX-License-Identifier: Apache-2.0
 *
 * The events of docs/spec/energy.def: what is counted, and at which level of the memory hierarchy it costs energy.
 *
 * Counts are exact: by the machine model as it executes a command list (machine/events.c), or by the loop nests of other schedules (energy/).
 */
#ifndef WEFT_EVENTS_H
#define WEFT_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum weft_event {
#define E(name, level, store, psum, text) WEFT_EV_##name,
#include "energy.def"
  WEFT_EVENTS
};

typedef enum {
#define V(name, cost, text) WEFT_LEVEL_##name,
#include "energy.def"
  WEFT_LEVELS
} weft_level_t;

typedef struct { uint64_t n[WEFT_EVENTS]; } weft_events_t;

#ifdef __cplusplus
}
#endif
#endif
