/* SPDX-License-Identifier: Apache-2.0
 *
 * A chain of layers in one schedule: each tensor between two layers either crosses DRAM or stays in the buffer beside both layers' tiles.
 *
 * The cheapest choice for all of them is found layer by layer: the only state is whether the last ofmap has stayed. Weft's compiler keeps
 * tensors as well; its schedules are compared with the best that the others could do.
 */
#include <stdlib.h>
#include <string.h>

#include "flow.h"

/* What a layer without MACs costs: the same work on the lanes in every schedule, and what of its tensors crosses DRAM. */
static void fixed(const weft_fabric_t *f, const weft_stage_t *s, weft_layer_best_t *to) {
  for (int way = 0; way < 4 * WEFT_CHARGES; way++) {
    const bool in_kept = way & 1, out_kept = way & 2;
    const weft_charge_t c = weft_charge((weft_charge_kind_t)(way / 4), &f->stores);
    const uint64_t kept = (in_kept ? s->in_bytes : 0) + (out_kept ? s->out_bytes : 0), in = in_kept ? 0 : s->in_bytes, out = out_kept ? 0 : s->out_bytes;
    weft_best_t *b = &to->best[way / 4][in_kept][out_kept];
    *b = (weft_best_t){.found = s->alias ? in_kept == out_kept : (double)kept <= f->stores.buffer, .events = s->fixed};
    if (s->alias) continue;
    b->events.n[WEFT_EV_DRAM_RD] += in;
    b->events.n[WEFT_EV_BUF_LOAD] += in;
    b->events.n[WEFT_EV_DRAM_WR] += out;
    b->events.n[WEFT_EV_BUF_STORE] += out;
    b->cost = weft_energy(&b->events, &c).total;
  }
}

/* All layers; equal ones are searched once. */
static bool layers(weft_flow_t flow, const weft_fabric_t *f, const weft_stage_t *stage, int n, bool wide, weft_layer_best_t *to) {
  for (int i = 0; i < n; i++) {
    int same = 0;
    while (same < i && !(stage[same].conv && stage[i].conv && !memcmp(&stage[same].shape, &stage[i].shape, sizeof stage[i].shape))) same++;
    if (same < i) {
      to[i] = to[same];
    } else if (stage[i].conv) {
      if (!weft_flow_layer(flow, f, &stage[i].shape, wide, &to[i])) return false;
    } else {
      fixed(f, &stage[i], &to[i]);
    }
  }
  return true;
}

/* Least cost of stages 0..i with the ofmap of stage i kept or not, and whether the ifmap of stage i is kept then. */
typedef struct { double cost[2]; bool possible[2], in_kept[2]; } step_t;

static bool advance(const weft_stage_t *stage, int n, const weft_layer_best_t *best, weft_charge_kind_t kind, step_t *step) {
  for (int i = 0; i < n; i++)
    for (int out = 0; out < 2; out++) {
      step[i].possible[out] = false;
      if (out && (i == n - 1 || !stage[i + 1].follows)) continue;
      for (int in = 0; in < 2; in++) {
        const weft_best_t *b = &best[i].best[kind][in][out];
        if (!b->found || (in && !(i && stage[i].follows)) || (i && !step[i - 1].possible[in])) continue;
        const double cost = b->cost + (i ? step[i - 1].cost[in] : 0);
        if (step[i].possible[out] && step[i].cost[out] <= cost) continue;
        step[i].possible[out] = true;
        step[i].in_kept[out] = in;
        step[i].cost[out] = cost;
      }
    }
  return step[n - 1].possible[0];
}

/* From the last layer back to the first: what the cheapest way has chosen. */
static void collect(const weft_fabric_t *f, const weft_stage_t *stage, int n, const weft_layer_best_t *best, weft_charge_kind_t kind, const step_t *step,
                    weft_flow_net_t *to) {
  memset(&to->total, 0, sizeof to->total);
  for (int i = n - 1, out = 0; i >= 0; i--) {
    const weft_best_t *b = &best[i].best[kind][step[i].in_kept[out]][out];
    const weft_charge_t c = weft_charge(kind, stage[i].conv ? &b->map.stores : &f->stores);
    to->layer[i] = weft_energy(&b->events, &c);
    to->events[i] = b->events;
    for (int l = 0; l < WEFT_LEVELS; l++) to->total.level[l] += to->layer[i].level[l];
    to->total.total += to->layer[i].total;
    out = step[i].in_kept[out];
  }
}

bool weft_flow_net(weft_flow_t flow, const weft_fabric_t *f, const weft_stage_t *stage, int n, bool wide, weft_flow_net_t to[WEFT_CHARGES]) {
  weft_layer_best_t *best = calloc((size_t)n, sizeof *best);
  step_t *step = calloc((size_t)n, sizeof *step);
  bool ok = best && step && n > 0;
  if (ok) ok = layers(flow, f, stage, n, wide, best);
  for (int k = 0; k < WEFT_CHARGES && ok; k++)
    if ((ok = advance(stage, n, best, (weft_charge_kind_t)k, step))) collect(f, stage, n, best, (weft_charge_kind_t)k, step, &to[k]);
  free(best);
  free(step);
  return ok;
}
