/* SPDX-License-Identifier: Apache-2.0
 *
 * A network in all schedules and under all charges.
 */
#include <stdlib.h>

#include "energy.h"

const char *const energy_schedule_name[ENERGY_SCHEDULES] = {
  "Weft, as counted", "row-stationary, best mapping", "weight-stationary", "output-stationary", "no local reuse", "weight-stationary, wide",
  "output-stationary, wide", "no local reuse, wide"};

static const struct { weft_flow_t flow; bool wide; } schedules[ENERGY_SCHEDULES] = {
  [ENERGY_RS] = {WEFT_FLOW_RS, false}, [ENERGY_WS] = {WEFT_FLOW_WS, false}, [ENERGY_OS] = {WEFT_FLOW_OS, false}, [ENERGY_NLR] = {WEFT_FLOW_NLR, false},
  [ENERGY_WS_WIDE] = {WEFT_FLOW_WS, true}, [ENERGY_OS_WIDE] = {WEFT_FLOW_OS, true}, [ENERGY_NLR_WIDE] = {WEFT_FLOW_NLR, true}};

static void counted(const energy_net_t *n, const weft_fabric_t *f, energy_run_t run[WEFT_CHARGES])
{
  for (int k = 0; k < WEFT_CHARGES; k++) {
    const weft_charge_t c = weft_charge((weft_charge_kind_t)k, &f->stores);
    run[k].total = weft_energy(&n->total, &c);
    run[k].events = n->total;
    for (int i = 0; i < n->nlayers; i++) run[k].layer[i] = weft_energy(&n->layer[i], &c);
  }
}

static bool searched(const energy_net_t *n, const weft_fabric_t *f, int schedule, energy_run_t run[WEFT_CHARGES])
{
  weft_flow_net_t to[WEFT_CHARGES];
  weft_events_t *events = calloc((size_t)(n->nlayers * WEFT_CHARGES), sizeof *events);
  for (int k = 0; k < WEFT_CHARGES; k++) to[k] = (weft_flow_net_t){.layer = run[k].layer, .events = events + k * n->nlayers};
  bool ok = events && weft_flow_net(schedules[schedule].flow, f, n->stage, n->nlayers, schedules[schedule].wide, to);
  for (int k = 0; k < WEFT_CHARGES && ok; k++) {
    run[k].total = to[k].total;
    for (int i = 0; i < n->nlayers; i++) weft_events_add(&run[k].events, &to[k].events[i], 1);
  }
  free(events);
  return ok;
}

int energy_compare(const energy_net_t *n, double area_ratio, energy_compare_t *to)
{
  const weft_fabric_t f = weft_fabric(n->cfg, area_ratio);
  bool ok = true;
  memset(to, 0, sizeof *to);
  for (int s = 0; s < ENERGY_SCHEDULES; s++)
    for (int k = 0; k < WEFT_CHARGES; k++) ok &= (to->run[s][k].layer = calloc((size_t)n->nlayers, sizeof(weft_energy_t))) != NULL;
  if (ok) counted(n, &f, to->run[ENERGY_WEFT]);
  for (int s = ENERGY_WEFT + 1; s < ENERGY_SCHEDULES && ok; s++) ok = searched(n, &f, s, to->run[s]);
  return ok ? 0 : -1;
}

void energy_compare_free(energy_compare_t *c)
{
  for (int s = 0; s < ENERGY_SCHEDULES; s++)
    for (int k = 0; k < WEFT_CHARGES; k++) free(c->run[s][k].layer);
}

weft_energy_t energy_of_kind(const energy_net_t *n, const energy_run_t *r, energy_kind_t kind, uint64_t *macs)
{
  weft_energy_t sum = {{0}, 0};
  *macs = 0;
  for (int i = 0; i < n->nlayers; i++) {
    if (n->about[i].kind != kind) continue;
    *macs += n->about[i].macs;
    for (int l = 0; l < WEFT_LEVELS; l++) sum.level[l] += r->layer[i].level[l];
    sum.total += r->layer[i].total;
  }
  return sum;
}
