/* SPDX-License-Identifier: Apache-2.0
 *
 * Which lowering an operator takes, and the table of operators for users.
 */
#ifndef WEFT_LOWER_H
#define WEFT_LOWER_H

#include "emit.h"

/* The operator e->op as commands: 0, or WEFT_E_UNSUPPORTED with the reason why the CPU must run it. */
int weft_lower(weft_emit_t *e);

/* Prints docs/operators.md. */
void weft_operators_report(FILE *out);

#endif
