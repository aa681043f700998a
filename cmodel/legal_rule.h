/* SPDX-License-Identifier: Apache-2.0
 *
 * How legal.c and legal_vec.c write field rules: in functions with a command `c` and a message `m`, which they leave at the first broken rule.
 */
#ifndef WEFT_LEGAL_RULE_H
#define WEFT_LEGAL_RULE_H

#include "legal.h"

/* "FIELD = value: accepted is ..." */
int weft_legal_refuse(weft_msg_t *m, const char *field, int64_t value, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Refuses unless ok, naming the field. The variable arguments say what would be accepted. */
#define RULE(ok, field, ...) \
  do { \
    if (!(ok)) return weft_legal_refuse(m, #field, c->field, __VA_ARGS__); \
  } while (0)
#define MIN1(field) RULE(c->field >= 1, field, ">= 1")
#define EQUAL(field, want, why) RULE(c->field == (want), field, "%lld (" why ")", (long long)(want))

#endif
