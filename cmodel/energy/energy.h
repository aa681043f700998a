/* SPDX-License-Identifier: Apache-2.0
 *
 * What events cost: in units of one MAC, as Eyeriss charges, or in pJ. All figures stand in docs/spec/energy.def.
 */
#ifndef WEFT_ENERGY_H
#define WEFT_ENERGY_H

#include "events.h"
#include "weft_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

static const double
#define J(name, pj, text) WEFT_PJ_##name = pj,
#include "energy.def"
#define A(name, value, text) WEFT_AS_##name = value,
#include "energy.def"
  WEFT_PJ_WORD = 4;            /* bytes of the table's accesses */

typedef struct { const char *name; weft_level_t level; bool psum; const char *text; } weft_event_info_t;
extern const weft_event_info_t weft_event_info[WEFT_EVENTS];
typedef struct { const char *name; double cost; const char *text; } weft_level_info_t;
extern const weft_level_info_t weft_level_info[WEFT_LEVELS];

/* How wide a psum counts, in operands: as it is, or as an operand (Eyeriss, where both have 16 bits). */
enum { WEFT_PSUM_BYTES = 4, WEFT_PSUM_EQUAL = 1 };

/* Bytes of the memories behind the events of one machine. */
typedef struct { double fspad, window, acc, column, buffer; } weft_stores_t;
weft_stores_t weft_stores(const weft_config_t *cfg);

/* What a byte or operation of each event costs. */
typedef struct { double cost[WEFT_EVENTS]; } weft_charge_t;
weft_charge_t weft_charge_units(int psum);                 /* in MACs; psum: WEFT_PSUM_BYTES or WEFT_PSUM_EQUAL */
weft_charge_t weft_charge_pj(const weft_stores_t *s);      /* memories by their capacity, the network as so many MACs as above */
double weft_pj_per_byte(double capacity);                  /* of an SRAM; 0 for none */

typedef struct { double level[WEFT_LEVELS], total; } weft_energy_t;
weft_energy_t weft_energy(const weft_events_t *e, const weft_charge_t *c);
void weft_events_add(weft_events_t *to, const weft_events_t *e, uint64_t times);
uint64_t weft_events_dram(const weft_events_t *e);         /* bytes */

#ifdef __cplusplus
}
#endif
#endif
