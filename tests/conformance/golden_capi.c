/* SPDX-License-Identifier: Apache-2.0
 *
 * A flat C interface to importer and golden model, for the conformance tests' ctypes.
 *
 * The oracles are Python packages; this is the bridge. Plain pointers and integers only, one session a network. Functions
 * return 0 or a negative weft_error and write a message; a message buffer holds at least sizeof(weft_msg_t) bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "golden.h"

typedef struct {
  weft_graph_t *graph;
  weft_golden_t state;
  void *arena;
} capi_t;

void capi_close(capi_t *c) {
  if (!c) return;
  weft_graph_free(c->graph);
  free(c->arena);
  free(c);
}

int capi_open(const void *bytes, size_t size, capi_t **out, weft_msg_t *m) {
  *out = NULL;
  capi_t *c = calloc(1, sizeof *c);
  if (!c) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
  int e = weft_import(bytes, size, &c->graph, m);
  if (!e) {
    const size_t need = weft_golden_arena_size(c->graph);
    c->arena = need == SIZE_MAX ? NULL : malloc(need);
    e = c->arena ? weft_golden_init(&c->state, c->graph, c->arena, need, m) : weft_fail(m, WEFT_E_MEMORY, "out of memory for %zu bytes", need);
  }
  if (e) capi_close(c);
  else *out = c;
  return e;
}

int capi_tensors(const capi_t *c) { return c->graph->ntensors; }
int capi_ops(const capi_t *c) { return c->graph->nops; }
int capi_op_outputs(const capi_t *c, int op) { return c->graph->op[op].nout; }
int capi_op_output(const capi_t *c, int op, int i) { return c->graph->op[op].out[i]; }
const char *capi_op_name(const capi_t *c, int op) { return weft_op_name(c->graph->op[op].code); }
int capi_inputs(const capi_t *c) { return c->graph->nin; }
int capi_input(const capi_t *c, int i) { return c->graph->in[i]; }
int capi_outputs(const capi_t *c) { return c->graph->nout; }
int capi_output(const capi_t *c, int i) { return c->graph->out[i]; }

/* The bytes of tensor t, live until capi_close(); the caller may write those of inputs. */
void *capi_data(const capi_t *c, int t) { return c->state.data[t]; }
size_t capi_bytes(const capi_t *c, int t) { return c->graph->tensor[t].elements * weft_dtype_size(c->graph->tensor[t].type); }

void capi_reset(capi_t *c) { weft_golden_reset(c->graph, &c->state); }
int capi_run(capi_t *c, weft_msg_t *m) { return weft_golden_run(c->graph, &c->state, m); }

/* Runs `count` images through a network of one INT8 input and takes output 0 of each: outputs[i] holds its bytes. Variables start anew for
 * each image. */
int capi_batch(capi_t *c, const int8_t *images, size_t count, int8_t *outputs, weft_msg_t *m) {
  const int in = c->graph->in[0], out = c->graph->out[0];
  if (c->graph->nin != 1 || c->graph->tensor[in].type != WEFT_I8 || c->graph->tensor[out].type != WEFT_I8)
    return weft_fail(m, WEFT_E_ARG, "a batch needs one INT8 input and an INT8 output");
  const size_t from = c->graph->tensor[in].elements, to = c->graph->tensor[out].elements;
  for (size_t i = 0; i < count; i++) {
    weft_golden_reset(c->graph, &c->state);
    memcpy(c->state.data[in], images + i * from, from);
    int e = weft_golden_run(c->graph, &c->state, m);
    if (e) return e;
    memcpy(outputs + i * to, c->state.data[out], to);
  }
  return WEFT_OK;
}
