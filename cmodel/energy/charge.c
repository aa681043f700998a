/* SPDX-License-Identifier: Apache-2.0
 *
 * Charges for events. All figures stand in docs/spec/energy.def.
 */
#include "energy.h"

#include <math.h>

typedef enum { STORE_MUL, STORE_LANES, STORE_FSPAD, STORE_WINDOW, STORE_ACC, STORE_COLUMN, STORE_WIRE, STORE_BUFFER, STORE_DRAM } store_t;

const weft_event_info_t weft_event_info[WEFT_EVENTS] = {
#define E(name, level, store, psum, text) {#name, WEFT_LEVEL_##level, psum, text},
#include "energy.def"
};

const weft_level_info_t weft_level_info[WEFT_LEVELS] = {
#define V(name, cost, text) {#name, cost, text},
#include "energy.def"
};

weft_stores_t weft_stores(const weft_config_t *cfg) {
  return (weft_stores_t){.fspad = 2.0 * cfg->fspad_bytes, .window = (double)WEFT_WINDOW_WORDS * cfg->lanes, .acc = WEFT_PSUM_BYTES,
                         .column = (double)WEFT_ACC_DEPTH * WEFT_PSUM_BYTES, .buffer = (double)cfg->buf_words * WEFT_WORD_BYTES};
}

double weft_pj_per_byte(double capacity) {
  return capacity > 0 ? WEFT_PJ_SRAM32 / WEFT_PJ_WORD * pow(capacity / WEFT_AS_SRAM_BYTES, WEFT_AS_SRAM_POWER) : 0;
}

weft_charge_t weft_charge_units(int psum) {
  weft_charge_t c;
  for (int e = 0; e < WEFT_EVENTS; e++)
    c.cost[e] = weft_level_info[weft_event_info[e].level].cost * (weft_event_info[e].psum ? (double)psum / WEFT_PSUM_BYTES : 1);
  return c;
}

static double pj(store_t store, const weft_stores_t *s) {
  const double mac = WEFT_PJ_MUL8 + WEFT_PJ_ADD32;
  switch (store) {
  case STORE_MUL: return mac;
  case STORE_LANES: return mac * weft_level_info[WEFT_LEVEL_LANE].cost;
  case STORE_FSPAD: return weft_pj_per_byte(s->fspad);
  case STORE_WINDOW: return weft_pj_per_byte(s->window);
  case STORE_ACC: return weft_pj_per_byte(s->acc);
  case STORE_COLUMN: return weft_pj_per_byte(s->column);
  case STORE_WIRE: return mac * weft_level_info[WEFT_LEVEL_NETWORK].cost;
  case STORE_BUFFER: return weft_pj_per_byte(s->buffer);
  case STORE_DRAM: return WEFT_PJ_DRAM32 / WEFT_PJ_WORD;
  }
  return 0;
}

weft_charge_t weft_charge_pj(const weft_stores_t *s) {
  static const store_t store_of[WEFT_EVENTS] = {
#define E(name, level, store, psum, text) STORE_##store,
#include "energy.def"
  };
  weft_charge_t c;
  for (int e = 0; e < WEFT_EVENTS; e++) c.cost[e] = weft_event_info[e].level == WEFT_LEVEL_FREE ? 0 : pj(store_of[e], s);
  return c;
}

weft_energy_t weft_energy(const weft_events_t *e, const weft_charge_t *c) {
  weft_energy_t r = {{0}, 0};
  for (int i = 0; i < WEFT_EVENTS; i++) r.level[weft_event_info[i].level] += (double)e->n[i] * c->cost[i];
  for (int l = 0; l < WEFT_LEVELS; l++) r.total += r.level[l];
  return r;
}

void weft_events_add(weft_events_t *to, const weft_events_t *e, uint64_t times) {
  for (int i = 0; i < WEFT_EVENTS; i++) to->n[i] += e->n[i] * times;
}

uint64_t weft_events_dram(const weft_events_t *e) { return e->n[WEFT_EV_DRAM_FETCH] + e->n[WEFT_EV_DRAM_RD] + e->n[WEFT_EV_DRAM_WR]; }
