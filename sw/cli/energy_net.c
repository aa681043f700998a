/* SPDX-License-Identifier: Apache-2.0
 *
 * A network's events from the machine model, layer by layer, and its layers as shapes for the other schedules.
 *
 * The command list is the one that users run: layers overlap and tensors stay in the buffer. Events are told apart by the commands' tags.
 */
#include <stdlib.h>

#include "driver/target_model.h"
#include "energy.h"
#include "zoo/zoo.h"

enum { SEED = 1 };

const char *const energy_kind_name[ENERGY_KINDS] = {"convolutions", "1x1 convolutions", "depthwise", "fully connected", "others"};

/* ---- the machine model */

static int load(const char *name, int batch, weft_net_t **net, weft_msg_t *m)
{
  const char *dot = strrchr(name, '.');
  if (dot && !strcmp(dot, ".tflite"))
    return batch == 1 ? weft_net_load(name, net, m) : weft_fail(m, WEFT_E_ARG, "--batch is for networks of the zoo; the file %s has its own", name);
  void *bytes;
  size_t size;
  int err = weft_zoo_make(name, SEED, batch, &bytes, &size, m);
  if (!err) err = weft_net_load_bytes(bytes, size, net, m);
  free(bytes);
  return err;
}

static int infer(weft_session_t *s, const weft_graph_t *g, weft_msg_t *m)
{
  int err = WEFT_OK;
  for (int i = 0; i < g->nin && !err; i++) {
    const weft_tensor_t *t = &g->tensor[g->in[i]];
    const size_t bytes = t->elements * weft_dtype_size(t->type);
    void *in = malloc(bytes);
    if (!in) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
    random_input(SEED + (unsigned)i, t, in);
    err = weft_session_write(s, i, in, bytes, m);
    free(in);
  }
  return err ? err : weft_session_run(s, m);
}

static int measure(energy_net_t *n, weft_plan_t *plan, weft_msg_t *m)
{
  const weft_graph_t *g = plan->net->g;
  weft_device_opts_t o = {.dram_bytes = weft_run_dram_bytes(plan->p)};
  weft_device_t *device = NULL;
  weft_session_t *s = NULL;
  int err = weft_device_open("model", n->cfg->name, &o, &device, m);
  if (!err) err = weft_session_open(device, plan, &s, m);
  if (!err) {
    weft_machine_t *machine = weft_target_model_machine(device->target);
    machine->events = n->layer;
    machine->nevents = (uint32_t)n->nlayers;
    err = infer(s, g, m);
  }
  for (int k = 0; k < WEFT_COUNTERS && !err; k++) n->counter[k] = weft_run_sum(&s->run, k);
  weft_session_close(s);
  weft_device_close(device);
  for (int i = 0; i < n->nlayers; i++) weft_events_add(&n->total, &n->layer[i], 1);
  return err;
}

/* ---- shapes */

static int64_t dim(const weft_tensor_t *t, int i) { return i < t->rank ? t->dim[i] : 1; }

/* False: the operator has MACs but is not one that the other schedules are given. */
static bool shape(const weft_graph_t *g, const weft_op_t *op, weft_shape_t *s, energy_kind_t *kind)
{
  if (op->code != WEFT_OP_CONV_2D && op->code != WEFT_OP_DEPTHWISE_CONV_2D && op->code != WEFT_OP_FULLY_CONNECTED) return false;
  const weft_tensor_t *x = &g->tensor[op->in[0]], *w = &g->tensor[op->in[1]], *y = &g->tensor[op->out[0]];
  if (op->code == WEFT_OP_FULLY_CONNECTED) {
    const int64_t depth = dim(w, 1);
    *s = (weft_shape_t){.groups = 1, .N = 1, .M = dim(w, 0), .C = depth, .R = 1, .S = 1, .stride_y = 1, .stride_x = 1, .H = 1, .W = 1, .E = 1, .F = 1};
    s->W = s->F = (int64_t)x->elements / depth;        /* rows of a matrix are pixels */
    *kind = ENERGY_MATRIX;
    return true;
  }
  const bool depthwise = op->code == WEFT_OP_DEPTHWISE_CONV_2D;
  const int64_t groups = depthwise ? dim(x, 3) : dim(x, 3) / dim(w, 3);
  *s = (weft_shape_t){.groups = groups, .N = dim(x, 0), .M = dim(y, 3) / groups, .C = dim(x, 3) / groups, .R = dim(w, 1), .S = dim(w, 2),
                      .stride_y = op->stride_h, .stride_x = op->stride_w, .H = dim(x, 1), .W = dim(x, 2), .E = dim(y, 1), .F = dim(y, 2)};
  *kind = depthwise ? ENERGY_DEPTHWISE : s->R * s->S == 1 ? ENERGY_POINTWISE : ENERGY_CONV;
  return true;
}

static int readers(const weft_graph_t *g, int t)
{
  int n = 0;
  for (int i = 0; i < g->nops; i++)
    for (int k = 0; k < g->op[i].nin; k++) n += g->op[i].in[k] == t;
  for (int i = 0; i < g->nout; i++) n += g->out[i] == t;
  return n;
}

/* Bytes of the activations of an operator, and whether it reads only `before`, and alone. */
static void activations(const weft_graph_t *g, const weft_op_t *op, int before, weft_stage_t *s)
{
  int inputs = 0, last = -1;
  for (int i = 0; i < op->nin; i++)
    if (op->in[i] >= 0 && !g->tensor[op->in[i]].data) {
      s->in_bytes += g->tensor[op->in[i]].elements;
      last = op->in[i];
      inputs++;
    }
  for (int i = 0; i < op->nout; i++) s->out_bytes += g->tensor[op->out[i]].elements;
  s->follows = inputs == 1 && last == before && readers(g, last) == 1;
}

/* Not what depends on the schedule: DRAM, and the DMA's side of the buffer. */
static weft_events_t work_alone(const weft_events_t *e)
{
  static const enum weft_event not[] = {WEFT_EV_DRAM_FETCH, WEFT_EV_DRAM_RD, WEFT_EV_DRAM_WR, WEFT_EV_BUF_LOAD, WEFT_EV_BUF_STORE};
  weft_events_t r = *e;
  for (size_t i = 0; i < sizeof not / sizeof not[0]; i++) r.n[not[i]] = 0;
  return r;
}

static void describe(energy_net_t *n, const weft_graph_t *g, const weft_program_t *p)
{
  int before = -1;             /* the tensor that the last layer has made */
  for (int i = 0; i < p->nlayer; i++) {
    const weft_layer_t *l = &p->layer[i];
    const weft_op_t *op = &g->op[l->op];
    weft_stage_t *s = &n->stage[i];
    snprintf(n->about[i].op, sizeof n->about[i].op, "%s", weft_op_name(op->code));
    snprintf(n->about[i].shape, sizeof n->about[i].shape, "%s", l->shape);
    n->about[i].macs = l->macs;
    n->macs += l->macs;
    n->about[i].kind = ENERGY_OTHER;
    s->conv = l->macs && shape(g, op, &s->shape, &n->about[i].kind);
    activations(g, op, before, s);
    s->fixed = work_alone(&n->layer[i]);
    s->alias = l->alias;
    before = op->nout == 1 ? op->out[0] : -1;
    if (n->no_stages[0]) continue;
    if (!l->npu && !l->alias) snprintf(n->no_stages, sizeof n->no_stages, "operator %d (%s) runs on the CPU", i, n->about[i].op);
    else if (l->macs && !s->conv) snprintf(n->no_stages, sizeof n->no_stages, "operator %d is a %s, and what is compared are convolutions and FULLY_CONNECTED", i, n->about[i].op);
  }
}

int energy_net(const char *name, const weft_config_t *cfg, int batch, energy_net_t *n, weft_msg_t *m)
{
  weft_net_t *net = NULL;
  weft_plan_t *plan = NULL;
  memset(n, 0, sizeof *n);
  n->cfg = cfg;
  n->batch = batch;
  const char *slash = strrchr(name, '/');
  snprintf(n->name, sizeof n->name, "%s", slash ? slash + 1 : name);
  if (batch > 1) snprintf(n->text, sizeof n->text, "%.60s x%d on %s", n->name, batch, cfg->name);
  else snprintf(n->text, sizeof n->text, "%.60s on %s", n->name, cfg->name);
  int err = load(name, batch, &net, m);
  if (!err) err = weft_plan_make(net, cfg->name, 0, &plan, m);
  if (!err) {
    const size_t count = (size_t)(n->nlayers = plan->p->nlayer) + 1;
    n->layer = calloc(count, sizeof *n->layer);
    n->about = calloc(count, sizeof *n->about);
    n->stage = calloc(count, sizeof *n->stage);
    err = n->layer && n->about && n->stage ? measure(n, plan, m) : weft_fail(m, WEFT_E_MEMORY, "out of memory");
  }
  if (!err) describe(n, net->g, plan->p);
  weft_plan_free(plan);
  weft_net_free(net);
  return err;
}

void energy_net_free(energy_net_t *n)
{
  free(n->layer);
  free(n->about);
  free(n->stage);
}
