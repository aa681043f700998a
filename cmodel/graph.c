/* SPDX-License-Identifier: Apache-2.0
 *
 * Names, sizes, messages and release of the shared graph.
 */
#include "graph.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int weft_fail(weft_msg_t *m, int code, const char *fmt, ...) {
  if (m) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(m->msg, sizeof m->msg, fmt, ap);
    va_end(ap);
  }
  return code;
}

size_t weft_dtype_size(weft_dtype_t t) {
  switch (t) {
    case WEFT_I8: case WEFT_U8: case WEFT_BOOL: case WEFT_I4: return 1;
    case WEFT_I16: return 2;
    case WEFT_I32: case WEFT_F32: return 4;
    case WEFT_I64: return 8;
  }
  return 0;
}

const char *weft_dtype_name(weft_dtype_t t) {
  static const char *const name[] = {"INT8", "UINT8", "INT16", "INT32", "INT64", "FLOAT32", "BOOL", "INT4"};
  return (unsigned)t < sizeof name / sizeof name[0] ? name[t] : "unknown type";
}

const char *weft_op_name(weft_opcode_t c) {
  static const char *const name[] = {
#define X(e, text, num) text,
      WEFT_OPS(X)
#undef X
  };
  return (unsigned)c < WEFT_OP_COUNT ? name[c] : "unknown operator";
}

void weft_op_free(weft_op_t *op) {
  free(op->in);
  free(op->out);
  free(op->mid);
  *op = (weft_op_t){0};
}

void weft_graph_free(weft_graph_t *g) {
  if (!g) return;
  for (int i = 0; g->tensor && i < g->ntensors; i++) {
    free(g->tensor[i].name);
    free(g->tensor[i].scale);
    free(g->tensor[i].zero);
    free(g->tensor[i].data);
    free(g->tensor[i].initial);
  }
  for (int i = 0; g->op && i < g->nops; i++) weft_op_free(&g->op[i]);
  free(g->tensor);
  free(g->op);
  free(g->in);
  free(g->out);
  free(g);
}
