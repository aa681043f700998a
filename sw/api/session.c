/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices and sessions of the public API: opening a target, loading a plan, running it, reading results and counters.
 */
#include <stdlib.h>

#include "handles.h"

enum { DEFAULT_DRAM = 64 << 20 };
#define MAX_DRAM ((uint64_t)1 << 32)

static size_t bytes_of(const weft_tensor_t *t) { return t->elements * weft_dtype_size(t->type); }

int weft_device_open(const char *target, const char *config, const weft_device_opts_t *opts, weft_device_t **out, weft_msg_t *m)
{
  static const weft_device_opts_t none;
  if (out) *out = NULL;
  if (!target || !config || !out) return weft_fail(m, WEFT_E_ARG, "weft_device_open: target, config and out must not be NULL");
  if (!opts) opts = &none;
  const weft_config_t *cfg = weft_config_find(config);
  if (!cfg) return weft_fail(m, WEFT_E_ARG, "unknown configuration '%.40s'; weft_list_config() names them", config);
  if ((uint64_t)opts->dram_bytes > MAX_DRAM) return weft_fail(m, WEFT_E_ARG, "%zu bytes of DRAM: at most 4 GiB", opts->dram_bytes);
  if (opts->latency < 0) return weft_fail(m, WEFT_E_ARG, "a DRAM latency of %d cycles: at least 0", opts->latency);
  weft_device_t *d = calloc(1, sizeof *d);
  if (!d) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
  d->users = 1;
  d->cfg = cfg;
  d->latency = opts->latency;
  d->dram_bytes = opts->dram_bytes ? opts->dram_bytes : DEFAULT_DRAM;
  weft_target_opts_t o = {.dram_bytes = d->dram_bytes, .seed = opts->seed, .latency = opts->latency, .trace = opts->trace,
                          .sim_dir = opts->sim_dir};
  int err = weft_target_open(target, cfg, &o, &d->target, m);
  if (err) free(d);
  else *out = d;
  return err;
}

void weft_device_close(weft_device_t *d)
{
  if (!d || --d->users) return;
  weft_target_close(d->target);
  free(d);
}

int weft_session_open(weft_device_t *dev, weft_plan_t *plan, weft_session_t **out, weft_msg_t *m)
{
  if (out) *out = NULL;
  if (!dev || !plan || !out) return weft_fail(m, WEFT_E_ARG, "weft_session_open: dev, plan and out must not be NULL");
  if (dev->session) return weft_fail(m, WEFT_E_ARG, "the device has an open session; close it first");
  if (plan->p->cfg != dev->cfg)
    return weft_fail(m, WEFT_E_ARG, "the plan is for configuration %s, the device is %s", plan->p->cfg->name, dev->cfg->name);
  size_t need = weft_run_dram_bytes(plan->p);
  if (need > dev->dram_bytes)
    return weft_fail(m, WEFT_E_ARG, "the plan needs %zu bytes of DRAM, the device was opened with %zu", need, dev->dram_bytes);
  weft_session_t *s = calloc(1, sizeof *s);
  int err = s && (s->written = calloc((size_t)plan->net->g->nin + 1, sizeof *s->written)) ? WEFT_OK
                                                                                     : weft_fail(m, WEFT_E_MEMORY, "out of memory");
  if (!err && (err = weft_run_open(&s->run, plan->net->g, plan->p, dev->target, dev->latency, m))) weft_run_close(&s->run);
  if (err) {
    if (s) free(s->written);
    free(s);
    return err;
  }
  s->dev = dev;
  dev->users++;
  dev->session = s;
  s->plan = plan;
  weft_plan_keep(plan);
  *out = s;
  return WEFT_OK;
}

void weft_session_close(weft_session_t *s)
{
  if (!s) return;
  weft_run_close(&s->run);
  s->dev->session = NULL;
  weft_device_close(s->dev);
  weft_plan_free(s->plan);
  free(s->written);
  free(s);
}

static int check_size(const weft_tensor_t *t, const char *what, int i, const void *buffer, size_t bytes, weft_msg_t *m)
{
  if (!buffer) return weft_fail(m, WEFT_E_ARG, "%s %d: the buffer must not be NULL", what, i);
  if (bytes == bytes_of(t)) return WEFT_OK;
  return weft_fail(m, WEFT_E_ARG, "%s %d '%.72s' has %zu bytes, not %zu", what, i, t->name, bytes_of(t), bytes);
}

int weft_session_write(weft_session_t *s, int input, const void *from, size_t bytes, weft_msg_t *m)
{
  if (!s) return weft_fail(m, WEFT_E_ARG, "weft_session_write: the session must not be NULL");
  const weft_graph_t *g = s->plan->net->g;
  if (input < 0 || input >= g->nin) return weft_fail(m, WEFT_E_ARG, "input %d: the network has %d, counted from 0", input, g->nin);
  int err = check_size(&g->tensor[g->in[input]], "input", input, from, bytes, m);
  if (!err) err = weft_run_input(&s->run, input, from, m);
  if (err) return err;
  s->written[input] = true;
  s->ran = false;              /* an input may stand where an output stood */
  return WEFT_OK;
}

int weft_session_run(weft_session_t *s, weft_msg_t *m)
{
  if (!s) return weft_fail(m, WEFT_E_ARG, "weft_session_run: the session must not be NULL");
  const weft_graph_t *g = s->plan->net->g;
  for (int i = 0; i < g->nin; i++)
    if (!s->written[i])
      return weft_fail(m, WEFT_E_ARG, "input %d '%.72s' must be written before each run", i, g->tensor[g->in[i]].name);
  s->ran = false;
  int err = weft_run_infer(&s->run, m);
  /* After an error the device refuses jobs until it is reset; the next run starts from a working device. */
  if (err == WEFT_E_DEVICE && weft_dev_reset(&s->run.dev) && m)
    snprintf(m->msg + strlen(m->msg), sizeof m->msg - strlen(m->msg), "; it does not answer a reset either");
  s->ran = !err;
  if (!(s->plan->flags & WEFT_PLAN_KEEP_ALL)) memset(s->written, 0, (size_t)g->nin * sizeof *s->written);
  return err;
}

int weft_session_reset(weft_session_t *s, weft_msg_t *m)
{
  if (!s) return weft_fail(m, WEFT_E_ARG, "weft_session_reset: the session must not be NULL");
  return weft_run_reset(&s->run, m);
}

static int read_tensor(weft_session_t *s, int t, const char *what, int i, void *to, size_t bytes, weft_msg_t *m)
{
  int err = check_size(&s->plan->net->g->tensor[t], what, i, to, bytes, m);
  if (err) return err;
  if (!s->ran) return weft_fail(m, WEFT_E_ARG, "%s %d: nothing has been run since the inputs were written", what, i);
  return weft_run_tensor(&s->run, t, to, m);
}

int weft_session_read(weft_session_t *s, int output, void *to, size_t bytes, weft_msg_t *m)
{
  if (!s) return weft_fail(m, WEFT_E_ARG, "weft_session_read: the session must not be NULL");
  const weft_graph_t *g = s->plan->net->g;
  if (output < 0 || output >= g->nout) return weft_fail(m, WEFT_E_ARG, "output %d: the network has %d, counted from 0", output, g->nout);
  return read_tensor(s, g->out[output], "output", output, to, bytes, m);
}

int weft_session_tensor(weft_session_t *s, int tensor, void *to, size_t bytes, weft_msg_t *m)
{
  if (!s) return weft_fail(m, WEFT_E_ARG, "weft_session_tensor: the session must not be NULL");
  const weft_graph_t *g = s->plan->net->g;
  if (tensor < 0 || tensor >= g->ntensors)
    return weft_fail(m, WEFT_E_ARG, "tensor %d: the network has %d, counted from 0", tensor, g->ntensors);
  bool kept = s->plan->flags & WEFT_PLAN_KEEP_ALL;
  for (int i = 0; i < g->nout; i++) kept |= g->out[i] == tensor;
  if (!kept) return weft_fail(m, WEFT_E_ARG, "tensor %d is not kept after a run; make the plan with WEFT_PLAN_KEEP_ALL", tensor);
  return read_tensor(s, tensor, "tensor", tensor, to, bytes, m);
}

int weft_session_counter(const weft_session_t *s, int i, int layer, uint64_t *value, weft_msg_t *m)
{
  if (!s || !value) return weft_fail(m, WEFT_E_ARG, "weft_session_counter: the session and value must not be NULL");
  *value = 0;
  if (i < 0 || i >= WEFT_COUNTERS) return weft_fail(m, WEFT_E_ARG, "counter %d: there are %d, counted from 0", i, WEFT_COUNTERS);
  const weft_program_t *p = s->plan->p;
  if (layer < 0) {
    *value = weft_run_sum(&s->run, i);
    return WEFT_OK;
  }
  if (layer >= p->nlayer) return weft_fail(m, WEFT_E_ARG, "layer %d: the plan has %d, counted from 0", layer, p->nlayer);
  if (!(s->plan->flags & WEFT_PLAN_PER_LAYER))
    return weft_fail(m, WEFT_E_ARG, "counters of one layer need a plan with WEFT_PLAN_PER_LAYER");
  for (int k = 0; k < p->nseg; k++)
    if (p->seg[k].npu && p->seg[k].layer == layer) *value += s->run.counter[k][i];
  return WEFT_OK;
}
