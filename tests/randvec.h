/* SPDX-License-Identifier: Apache-2.0
 *
 * Random VEC programs and VEC and TRANSPOSE operations of random lists.
 */
#ifndef WEFT_TEST_RANDVEC_H
#define WEFT_TEST_RANDVEC_H

#include "rand.h"
#include "randbuild.h"
#include "weft_spec.h"

/* Any legal program: nsteps and steps, every selector that docs/spec.md section 5 allows. b_splat must be set. Returns whether a step has taps. */
bool randvec_steps(rand_t *r, weft_vec_t *c);

/* Scales, bias, clamps, zero points: wild ones anything, else such that most results are in range. */
void randvec_constants(rand_t *r, weft_vec_t *c, bool wild);

/* Operations of a list (randops.c). */
void randvec_vec(build_t *b);
void randvec_transpose(build_t *b);

#endif
