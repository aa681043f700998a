/* SPDX-License-Identifier: Apache-2.0
 *
 * Is it right? Every tensor that a run produced against the golden operators, every exact counter against the machine model.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "cli.h"

enum { SHOWN = 10 };

/* Index of element i as [a,b,c]. */
static void position(const weft_tensor_t *t, size_t i, char *to, size_t size)
{
  size_t at[WEFT_MAX_RANK], n = 0;
  for (int d = t->rank - 1; d >= 0; d--) {
    at[d] = i % (size_t)t->dim[d];
    i /= (size_t)t->dim[d];
  }
  to[0] = 0;
  for (int d = 0; d < t->rank && n < size; d++) n += (size_t)snprintf(to + n, size - n, "%s%zu", d ? "," : "", at[d]);
}

static void tell(cli_net_t *net, const weft_run_t *r, int layer, int tensor, size_t byte, int want, int got)
{
  const weft_tensor_t *t = &net->g->tensor[tensor];
  char at[80];
  position(t, byte / weft_dtype_size(t->type), at, sizeof at);
  printf("MISMATCH %s layer %d %s '%.72s' [%s] (byte %zu): expected %d, got %d; %" PRIu64 " cycles into the run\n", net->file, layer,
         weft_op_name(net->g->op[r->p->layer[layer].op].code), t->name, at, byte, want, got, weft_run_sum(r, WEFT_CNT_CYCLES));
}

static bool same_tensor(cli_net_t *net, weft_run_t *r, int layer, int tensor, weft_msg_t *m, int *err)
{
  const weft_tensor_t *t = &net->g->tensor[tensor];
  const int8_t *want = net->golden.data[tensor];
  size_t bytes = t->elements * weft_dtype_size(t->type);
  int8_t *got = malloc(bytes);
  bool equal = true;
  if (!got) *err = weft_fail(m, WEFT_E_MEMORY, "out of memory");
  else *err = weft_run_tensor(r, tensor, got, m);
  for (size_t k = 0; !*err && k < bytes; k++) {
    if (got[k] == want[k]) continue;
    equal = false;
    if (net->mismatches++ < SHOWN) tell(net, r, layer, tensor, k, want[k], got[k]);
  }
  free(got);
  return equal;
}

/* Each layer's outputs and the variables that it may have written. */
int check_tensors(cli_net_t *net, weft_run_t *r, bool *verdict, weft_msg_t *m, int *err)
{
  int differ = 0;
  *err = WEFT_OK;
  for (int i = 0; i < r->p->nlayer && !*err; i++) {
    const weft_op_t *op = &net->g->op[r->p->layer[i].op];
    bool equal = true;
    for (int k = 0; k < op->nout && !*err; k++) equal &= same_tensor(net, r, i, op->out[k], m, err);
    for (int k = 0; k < op->nin && !*err; k++)
      if (op->in[k] >= 0 && net->g->tensor[op->in[k]].variable) equal &= same_tensor(net, r, i, op->in[k], m, err);
    differ += !equal;
    if (verdict) verdict[i] = equal;
  }
  return differ;
}

int check_outputs(cli_net_t *net, weft_run_t *r, weft_msg_t *m, int *err)
{
  int differ = 0;
  *err = WEFT_OK;
  for (int t = 0; t < net->g->ntensors && !*err; t++) {
    bool wanted = net->g->tensor[t].variable;
    int layer = 0;
    for (int i = 0; i < net->g->nout; i++) wanted |= net->g->out[i] == t;
    for (int i = 0; i < r->p->nlayer; i++)
      if (r->p->layer[i].tensor == t) layer = i;
    if (wanted && r->p->place[t].region >= 0 && !net->g->tensor[t].data) differ += !same_tensor(net, r, layer, t, m, err);
  }
  return differ;
}

static void compare_counters(cli_net_t *net, const weft_run_t *r, const weft_run_t *model)
{
  for (int s = 0; s < r->p->nseg; s++)
    for (int k = 0; k < WEFT_COUNTERS; k++) {
      if (!weft_counter_exact[k] || r->counter[s][k] == model->counter[s][k]) continue;
      net->counter_fails++;
      if (net->mismatches++ < SHOWN)
        printf("MISMATCH %s layer %d counter %s: model %" PRIu64 ", device %" PRIu64 "\n", net->file, r->p->seg[s].layer,
              weft_counter_name[k],
               model->counter[s][k], r->counter[s][k]);
    }
}

int check_counters(cli_net_t *net, weft_run_t *r, weft_msg_t *m, int *err)
{
  uint64_t before = net->counter_fails;
  weft_target_t *t;
  weft_target_opts_t o = {.dram_bytes = weft_run_dram_bytes(r->p)};
  if ((*err = weft_target_open("model", r->p->cfg, &o, &t, m))) return 0;
  weft_run_t model;
  *err = weft_run_open(&model, r->g, r->p, t, 0, m);
  for (int i = 0; i < r->g->nin && !*err; i++) *err = weft_run_input(&model, i, net->golden.data[r->g->in[i]], m);
  if (!*err) *err = weft_run_infer(&model, m);
  if (!*err) compare_counters(net, r, &model);
  weft_run_close(&model);
  weft_target_close(t);
  return (int)(net->counter_fails - before);
}
