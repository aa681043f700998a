/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions in fixed point that the operators need: exp, log, 1 / (1 + x), 1 / sqrt(x), logistic and tanh.
 *
 * They follow TFLite's and gemmlowp's integer arithmetic to the last bit, so they are part of the rules, not approximations that may
 * be improved. One place for them: the golden operators run them, and the compiler prints the hardware's tables from them.
 * Qm.n is a signed number with m integer bits and n fraction bits. Pure functions; no global state.
 */
#ifndef WEFT_FIXMATH_H
#define WEFT_FIXMATH_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* exp(a), a <= 0 in Q5.26; result in Q0.31, 2^31 - 1 for a = 0. */
int32_t weft_exp_q31(int32_t a);

/* 1 / (1 + a), 0 <= a < 1 in Q0.31; result in Q0.31. */
int32_t weft_reciprocal_q31(int32_t a);

/* Natural logarithm of x >= 1 in Q12.19; result in Q5.26. */
int32_t weft_log_q26(int32_t x);

/* 1 / sqrt(x) as a factor for weft_m2(): q * 2^(e-31), 2^27 < q, -12 <= e <= 0. x >= 0; 0 and 1 both give q = 2^31 - 1, e = 0. */
void weft_inv_sqrt(int32_t x, int32_t *q, int *e);

/* Gates of an LSTM. x in Q3.12, result in Q0.15. */
int16_t weft_logistic_q15(int16_t x);
/* tanh(x), x with `integer_bits` (0..6) integer bits, result in Q0.15. */
int16_t weft_tanh_q15(int16_t x, int integer_bits);

#ifdef __cplusplus
}
#endif
#endif
