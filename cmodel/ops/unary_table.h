/* SPDX-License-Identifier: Apache-2.0
 *
 * The 256 bytes that an int8 operator of one input and one output is.
 *
 * The golden operators look values up in it, and the compiler prints the same bytes as the hardware's table: hence one function for both.
 */
#ifndef WEFT_OPS_UNARY_TABLE_H
#define WEFT_OPS_UNARY_TABLE_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* table[(uint8_t)x] = y for every int8 x. Input and output are int8 with one scale and zero point. WEFT_E_UNSUPPORTED when the operator is
 * not a function of one byte: those are QUANTIZE, RELU, RELU6, RELU_N1_TO_1, RELU_0_TO_1, ABS, NEG, LEAKY_RELU, HARD_SWISH, LOGISTIC,
 * TANH, ELU, GELU, EXP, RSQRT. */
int weft_unary_table(const weft_graph_t *g, const weft_op_t *op, int8_t table[256]);

#ifdef __cplusplus
}
#endif
#endif
