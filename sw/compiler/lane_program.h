/* SPDX-License-Identifier: Apache-2.0
 *
 * Value-by-value operators as VEC programs: which steps, which scales, which tables.
 *
 * A program knows nothing of shapes, places or pieces: lane_lower.c adds those.
 */
#ifndef WEFT_LANE_PROGRAM_H
#define WEFT_LANE_PROGRAM_H

#include "emit.h"

/* A table as the buffer holds it: int8 when every entry fits, else int32. */
typedef struct { bool used, wide; int32_t value[256]; } weft_table_t;

typedef struct {
  weft_vec_t v;            /* steps, scales, zero points, clamp, table widths; addresses, loops and strides are zero */
  weft_table_t table[2];
  bool b_stays;            /* word B is the same for many results, so that hardly any is read */
} weft_lane_t;

/* Inputs of the operator: 1 or 2; 0: not a value-by-value operator. */
int weft_lane_operands(weft_opcode_t code);

/* Input 0 or 1 of the operator if the result has its shape and is a function of it alone, because it is the only input, or both inputs, or the
 * other one is a constant of one value; -1: the lanes read both. */
int weft_lane_single(const weft_graph_t *g, const weft_op_t *op);

/* One step without a table does it on two operands, also where weft_lane_single() has a table for it. */
bool weft_lane_step(weft_opcode_t code);

/* a, b: inputs of the operator that are operands A and B of the program; b < 0: only A is read. tables: where there is a choice, tables that
 * every command reads and one step a word, else more steps and fewer tables. */
int weft_lane_program(const weft_emit_t *e, int a, int b, bool tables, weft_lane_t *to);

/* Estimate of the cycles that a command of so many result words keeps the lanes, its tables being loaded before. */
double weft_lane_command(const weft_emit_t *e, const weft_lane_t *l, int words);
/* Of those that loading its tables takes. */
int weft_lane_table_cycles(const weft_lane_t *l);

int weft_lane_table_words(const weft_table_t *t);         /* 0 when it is not used */
/* Writes the tables into the constants, loads them to `base` and sets the program's addresses. */
int weft_lane_tables(weft_emit_t *e, weft_lane_t *l, int base);

/* How QM's exponent splits into the two shifts of a scale. */
static inline int weft_shift_left(int e) { return e > 0 ? e : 0; }
static inline int weft_shift_right(int e) { return e < 0 ? -e : 0; }

#endif
