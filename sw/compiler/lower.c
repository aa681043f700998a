/* SPDX-License-Identifier: Apache-2.0
 *
 * The dispatch of operators to lowerings, and its table for users, both from operators.def (see lower.h).
 *
 * An operator without a line there does not compile: the table has a place for each of graph.h.
 */
#include "lower.h"

#include "lower_limits.h"

typedef enum { UNIT_ARRAY, UNIT_LANES, UNIT_DMA, UNIT_TURNS, UNIT_CPU, UNIT_NONE } unit_t;
typedef enum { TYPES_INT8, TYPES_BYTES, TYPES_ANY } types_t;

typedef struct {
  unit_t unit;
  types_t types;
  int ifmap;                       /* the input whose type counts */
  int (*lowering)(weft_emit_t *e); /* NULL on the CPU */
  const char *text;                /* limits, or the reason */
  int n1, n2;
} operator_t;

static const operator_t table[WEFT_OP_COUNT] = {
#define D(op, unit, types, ifmap, lowering, limits, n1, n2) [WEFT_OP_##op] = {UNIT_##unit, TYPES_##types, ifmap, weft_lower_##lowering, limits, n1, n2},
#define S(op, text) [WEFT_OP_##op] = {UNIT_TURNS, TYPES_INT8, 0, NULL, text, 0, 0},
#define C(op, reason) [WEFT_OP_##op] = {UNIT_CPU, TYPES_ANY, 0, NULL, reason, 0, 0},
#define N(op, text) [WEFT_OP_##op] = {UNIT_NONE, TYPES_ANY, 0, NULL, text, 0, 0},
#include "operators.def"
};

/* One line for each operator: a missing one leaves its enumerator undeclared, a second one is a second declaration. */
enum {
#define D(op, unit, types, ifmap, lowering, limits, n1, n2) LINE_##op,
#define S(op, text) LINE_##op,
#define C(op, reason) LINE_##op,
#define N(op, text) LINE_##op,
#include "operators.def"
  LINES
};
#define X(op, name, number) _Static_assert(LINE_##op >= 0, "operators.def has a line for " name);
WEFT_OPS(X)
#undef X
_Static_assert((int)LINES == (int)WEFT_OP_COUNT, "operators.def names no other operators");

static const uint8_t order[LINES] = {   /* of the lines */
#define D(op, unit, types, ifmap, lowering, limits, n1, n2) WEFT_OP_##op,
#define S(op, text) WEFT_OP_##op,
#define C(op, reason) WEFT_OP_##op,
#define N(op, text) WEFT_OP_##op,
#include "operators.def"
};

static bool takes(types_t types, weft_dtype_t t)
{
  return types == TYPES_ANY || t == WEFT_I8 || (types == TYPES_BYTES && t == WEFT_U8);
}

int weft_lower(weft_emit_t *e)
{
  const operator_t *o = &table[e->op->code];
  const weft_tensor_t *x = e->op->nin > o->ifmap && e->op->in[o->ifmap] >= 0 ? &e->g->tensor[e->op->in[o->ifmap]] : NULL;
  const weft_tensor_t *y = e->op->nout ? &e->g->tensor[e->op->out[0]] : NULL;
  const char *types = o->types == TYPES_BYTES ? "INT8 and UINT8" : "INT8";
  if (!o->lowering) return weft_fail(e->m, WEFT_E_UNSUPPORTED, "%s", o->text);
  if (x && !takes(o->types, x->type)) return weft_fail(e->m, WEFT_E_UNSUPPORTED, "its input is %s; the device takes %s", weft_dtype_name(x->type), types);
  if (y && !takes(o->types, y->type)) return weft_fail(e->m, WEFT_E_UNSUPPORTED, "its output is %s; the device makes %s", weft_dtype_name(y->type), types);
  return o->lowering(e);
}

static void line(const operator_t *o, const char *name, FILE *out)
{
  static const char *const unit[] = {"array", "lanes", "DMA", "array, CPU", "CPU", "none"}, *const types[] = {"INT8", "INT8, UINT8", "any"};
  fprintf(out, "| %s | %s | %s | ", name, unit[o->unit], o->unit < UNIT_CPU ? types[o->types] : "");
  /* The formats stand in operators.def, with as many numbers as they name. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
  fprintf(out, o->text, o->n1, o->n2);
#pragma GCC diagnostic pop
  fprintf(out, " |\n");
}

void weft_operators_report(FILE *out)
{
  static const char *const name[WEFT_OP_COUNT] = {
#define X(op, name, number) name,
    WEFT_OPS(X)
#undef X
  };
  fprintf(out,
          "# Operators\n\n"
          "Printed by `weft compile --supported-ops-report` from `sw/compiler/operators.def`, from which the compiler's dispatch is made too.\n\n"
          "Unit: **array** (PEs, requantisation on the lanes), **lanes** (vector engine), **DMA** (copies through the buffer, transposed there where needed;\n"
          "nothing at all when placement alone can do it), **CPU** (the golden operator, on the host or in the firmware), **none**. Types are those of the\n"
          "input and the result; other types, and what exceeds a limit, run on the CPU. `weft compile` says for each operator of a network where it\n"
          "runs and, if on the CPU, why. The buffer's size is the configuration's. What the importer accepts at all: [numerics.md](numerics.md).\n\n"
          "| operator | unit | types | limits; on the CPU: why |\n|---|---|---|---|\n");
  for (int i = 0; i < LINES; i++) line(&table[order[i]], name[order[i]], out);
}
