/* SPDX-License-Identifier: Apache-2.0
 *
 * Networks of the public API: loading and describing them; names and version.
 */
#include <stdlib.h>

#include "handles.h"

#ifndef WEFT_VERSION_TEXT
#error "the build gives WEFT_VERSION_TEXT, made from docs/spec/params.def"
#endif

const char *weft_version(void) { return WEFT_VERSION_TEXT; }

const char *weft_list_config(int i)
{
  int n = 0;
  while (weft_configs[n].name) n++;
  return i >= 0 && i < n ? weft_configs[i].name : NULL;
}

const char *weft_list_counter(int i) { return i >= 0 && i < WEFT_COUNTERS ? weft_counter_name[i] : NULL; }

/* Takes the graph, also when it fails. */
static int wrap(weft_graph_t *g, weft_net_t **out, weft_msg_t *m)
{
  weft_net_t *net = malloc(sizeof *net);
  if (!net) {
    weft_graph_free(g);
    return weft_fail(m, WEFT_E_MEMORY, "out of memory");
  }
  atomic_init(&net->users, 1);
  net->g = g;
  *out = net;
  return WEFT_OK;
}

int weft_net_load(const char *path, weft_net_t **out, weft_msg_t *m)
{
  weft_graph_t *g;
  if (out) *out = NULL;
  if (!path || !out) return weft_fail(m, WEFT_E_ARG, "weft_net_load: path and out must not be NULL");
  int err = weft_import_file(path, &g, m);
  return err ? err : wrap(g, out, m);
}

int weft_net_load_bytes(const void *bytes, size_t size, weft_net_t **out, weft_msg_t *m)
{
  weft_graph_t *g;
  if (out) *out = NULL;
  if (!bytes || !out) return weft_fail(m, WEFT_E_ARG, "weft_net_load_bytes: bytes and out must not be NULL");
  int err = weft_import(bytes, size, &g, m);
  return err ? err : wrap(g, out, m);
}

void weft_net_keep(weft_net_t *net) { atomic_fetch_add(&net->users, 1); }

void weft_net_free(weft_net_t *net)
{
  if (!net || atomic_fetch_sub(&net->users, 1) > 1) return;
  weft_graph_free(net->g);
  free(net);
}

int weft_net_inputs(const weft_net_t *net) { return net ? net->g->nin : 0; }
int weft_net_outputs(const weft_net_t *net) { return net ? net->g->nout : 0; }
int weft_net_tensors(const weft_net_t *net) { return net ? net->g->ntensors : 0; }

static void describe(const weft_tensor_t *t, weft_tensor_info_t *info)
{
  _Static_assert(sizeof info->dim == sizeof t->dim, "the public header's rank is the graph's");
  *info = (weft_tensor_info_t){.name = t->name, .type = t->type, .rank = t->rank, .bytes = t->elements * weft_dtype_size(t->type)};
  memcpy(info->dim, t->dim, sizeof t->dim);
  for (int i = t->rank; i < WEFT_MAX_RANK; i++) info->dim[i] = 1;
  if (t->nscale != 1) return;
  info->scale = t->scale[0];
  info->zero = t->zero[0];
}

/* index NULL: tensors by their own numbers. */
static int one(const weft_net_t *net, const char *what, const int *index, int count, int i, weft_tensor_info_t *info, weft_msg_t *m)
{
  if (!info) return weft_fail(m, WEFT_E_ARG, "%s %d: info must not be NULL", what, i);
  memset(info, 0, sizeof *info);
  if (i < 0 || i >= count) return weft_fail(m, WEFT_E_ARG, "%s %d: the network has %d, counted from 0", what, i, count);
  describe(&net->g->tensor[index ? index[i] : i], info);
  return WEFT_OK;
}

int weft_net_input(const weft_net_t *net, int i, weft_tensor_info_t *info, weft_msg_t *m)
{
  if (!net) return weft_fail(m, WEFT_E_ARG, "weft_net_input: net must not be NULL");
  return one(net, "input", net->g->in, net->g->nin, i, info, m);
}

int weft_net_output(const weft_net_t *net, int i, weft_tensor_info_t *info, weft_msg_t *m)
{
  if (!net) return weft_fail(m, WEFT_E_ARG, "weft_net_output: net must not be NULL");
  return one(net, "output", net->g->out, net->g->nout, i, info, m);
}

int weft_net_tensor(const weft_net_t *net, int i, weft_tensor_info_t *info, weft_msg_t *m)
{
  if (!net) return weft_fail(m, WEFT_E_ARG, "weft_net_tensor: net must not be NULL");
  return one(net, "tensor", NULL, net->g->ntensors, i, info, m);
}
