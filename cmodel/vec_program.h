/* SPDX-License-Identifier: Apache-2.0
 *
 * What the steps of a VEC program take: operands, tables, taps (docs/spec.md section 5).
 *
 * Machine model, field rules and footprints take it from here.
 */
#ifndef WEFT_VEC_PROGRAM_H
#define WEFT_VEC_PROGRAM_H

#include "weft_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WEFT_VEC_STEPS = 4 };

/* Of one step: x takes a word of A, x or scale WEIGHT a word of B, an entry of a table, ACC. */
typedef struct { bool a, b, t0, t1, acc; } weft_step_takes_t;
weft_step_takes_t weft_step_takes(weft_step_t s);

typedef struct {
  weft_step_t step[WEFT_VEC_STEPS];
  weft_step_takes_t takes[WEFT_VEC_STEPS];
  int nsteps;                              /* 0..4 for any record */
  weft_step_takes_t any;                   /* of all steps together */
  bool taps, a_taps, out_taps;             /* a step has taps; one that takes A; the last one, which then writes a word for each tap */
  bool load[2];                            /* reads table 0, 1 from the buffer */
} weft_vec_program_t;

/* Any fields, legal or not. */
void weft_vec_program(const weft_vec_t *c, weft_vec_program_t *p);

/* Words of a table. */
static inline int weft_table_words(bool wide) { return wide ? 64 : 16; }

#ifdef __cplusplus
}
#endif
#endif
