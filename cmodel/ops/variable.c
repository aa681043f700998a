/* SPDX-License-Identifier: Apache-2.0
 *
 * READ_VARIABLE and ASSIGN_VARIABLE: bytes out of and into a tensor that keeps its value between inferences.
 *
 * Input 0 is the variable itself (the importer has resolved its handle); ASSIGN_VARIABLE has no output.
 */
#include <string.h>

#include "ops.h"

static size_t bytes_of(const weft_tensor_t *t) { return t->elements * weft_dtype_size(t->type); }

const char *weft_op_read_variable_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *v = weft_op_in(g, op, 0), *y = weft_op_out(g, op);
  if (!v->variable) return "input 0 must be a variable";
  return v->type == y->type && v->elements == y->elements ? NULL : "variable and output must have the same type and number of elements";
}

void weft_op_read_variable_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  memcpy(data[op->out[0]], data[op->in[0]], bytes_of(weft_op_in(g, op, 0)));
}

const char *weft_op_assign_variable_accept(const weft_graph_t *g, const weft_op_t *op) {
  const weft_tensor_t *v = weft_op_in(g, op, 0), *x = weft_op_in(g, op, 1);
  if (!v->variable || op->in[0] == op->in[1]) return "input 0 must be a variable, input 1 another tensor";
  return v->type == x->type && v->elements == x->elements ? NULL : "variable and value must have the same type and number of elements";
}

void weft_op_assign_variable_run(const weft_graph_t *g, const weft_op_t *op, void *const *data) {
  memcpy(data[op->in[0]], data[op->in[1]], bytes_of(weft_op_in(g, op, 0)));
}
