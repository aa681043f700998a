/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans of the public API: a network compiled for one configuration, and what the compiler made of it.
 */
#include <stdlib.h>

#include "handles.h"

int weft_plan_make(weft_net_t *net, const char *config, unsigned flags, weft_plan_t **out, weft_msg_t *m)
{
  if (out) *out = NULL;
  if (!net || !config || !out) return weft_fail(m, WEFT_E_ARG, "weft_plan_make: net, config and out must not be NULL");
  const weft_config_t *cfg = weft_config_find(config);
  if (!cfg) return weft_fail(m, WEFT_E_ARG, "unknown configuration '%.40s'; weft_list_config() names them", config);
  if (flags & ~(unsigned)(WEFT_PLAN_KEEP_ALL | WEFT_PLAN_PER_LAYER)) return weft_fail(m, WEFT_E_ARG, "unknown flags 0x%x", flags);
  weft_plan_t *plan = calloc(1, sizeof *plan);
  if (!plan) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
  weft_compile_opts_t o = {.keep_all = flags & WEFT_PLAN_KEEP_ALL, .per_layer = flags & WEFT_PLAN_PER_LAYER};
  int err = weft_compile(net->g, cfg, &o, &plan->p, m);
  if (!err) err = weft_timing(plan->p, WEFT_TIMING_LATENCY, &plan->time, m);
  if (err) {
    weft_timing_free(&plan->time);
    weft_program_free(plan->p);
    free(plan);
    return err;
  }
  atomic_init(&plan->users, 1);
  plan->flags = flags;
  plan->net = net;
  weft_net_keep(net);
  *out = plan;
  return WEFT_OK;
}

void weft_plan_keep(weft_plan_t *plan) { atomic_fetch_add(&plan->users, 1); }

void weft_plan_free(weft_plan_t *plan)
{
  if (!plan || atomic_fetch_sub(&plan->users, 1) > 1) return;
  weft_timing_free(&plan->time);
  weft_program_free(plan->p);
  weft_net_free(plan->net);
  free(plan);
}

int weft_plan_info(const weft_plan_t *plan, weft_plan_info_t *info, weft_msg_t *m)
{
  if (!plan || !info) return weft_fail(m, WEFT_E_ARG, "weft_plan_info: plan and info must not be NULL");
  const weft_program_t *p = plan->p;
  *info = (weft_plan_info_t){.layers = p->nlayer, .commands = p->ncmd, .constant_bytes = p->nkonst, .arena_bytes = p->arena_bytes,
                             .dram_bytes = weft_run_dram_bytes(p)};
  for (int i = 0; i < p->nlayer; i++) {
    info->npu_layers += p->layer[i].npu;
    info->cpu_layers += !p->layer[i].npu && !p->layer[i].alias;
    info->macs += p->layer[i].macs;
  }
  info->cycles = plan->time.cycles;
  return WEFT_OK;
}

int weft_plan_layer(const weft_plan_t *plan, int layer, weft_layer_info_t *info, weft_msg_t *m)
{
  if (!plan || !info) return weft_fail(m, WEFT_E_ARG, "weft_plan_layer: plan and info must not be NULL");
  if (layer < 0 || layer >= plan->p->nlayer)
    return weft_fail(m, WEFT_E_ARG, "layer %d: the plan has %d, counted from 0", layer, plan->p->nlayer);
  const weft_layer_t *l = &plan->p->layer[layer];
  *info = (weft_layer_info_t){.op = weft_op_name(plan->net->g->op[l->op].code), .shape = l->shape,
                              .why = l->npu || l->alias ? l->mapping : l->reason,
                              .unit = l->npu ? WEFT_UNIT_NPU : l->alias ? WEFT_UNIT_NONE : WEFT_UNIT_CPU,
                              .tensor = l->tensor, .macs = l->macs, .cycles = weft_timing_layer(&plan->time, layer)};
  return WEFT_OK;
}

int weft_plan_save(const weft_plan_t *plan, const char *path, weft_msg_t *m)
{
  if (!plan || !path) return weft_fail(m, WEFT_E_ARG, "weft_plan_save: plan and path must not be NULL");
  return weft_image_write(plan->p, path, m);
}
