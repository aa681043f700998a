/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes a good .tflite image wrong in one place that mkmodel has no word for (variables, sparsity, several subgraphs...).
 */
#ifndef WEFT_TESTS_SPOIL_H
#define WEFT_TESTS_SPOIL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  SPOIL_NOTHING,            /* unpack and pack again: must still be accepted */
  SPOIL_VERSION,            /* schema version 2 */
  SPOIL_NO_SUBGRAPH,
  SPOIL_NO_TENSORS, SPOIL_NO_OPERATORS, SPOIL_NO_CODES,
  SPOIL_VARIABLE,           /* these concern tensor 1 */
  SPOIL_SPARSE, SPOIL_VARIANT, SPOIL_DETAILS,
  SPOIL_SIGNATURE_BATCH,    /* -1 for tensor 0's batch: accepted */
  SPOIL_SIGNATURE_WIDTH, SPOIL_SIGNATURE_RANK, SPOIL_SIGNATURE_VALUE,
  SPOIL_EXTERNAL, SPOIL_BUFFER_INDEX,
  SPOIL_ZERO_POINT_64,      /* tensor 0's zero point is 2^32: an int32 cast would make it 0 */
  SPOIL_ZERO_POINT_COUNT,   /* one scale, no zero point */
  SPOIL_TYPE_FLOAT16, SPOIL_TYPE_NUMBER,
  SPOIL_OPCODE_INDEX, SPOIL_OLD_CODE, SPOIL_CUSTOM,
  SPOIL_NO_OPTIONS, SPOIL_OTHER_OPTIONS,
  SPOIL_NO_NAME,            /* accepted: a name is made */
  SPOIL_CONTROL_NAME,       /* accepted: cleaned */
} spoil_t;

/* *to is malloc'ed. */
void spoil(const void *from, spoil_t what, void **to, size_t *size);

/* A valid FlatBuffer of some 200 KB whose n tensors are one and the same table with a name of 4000 characters and 100,000
 * bytes of data: unfolded it would be n times as large. */
void spoil_shared(int n, void **to, size_t *size);

#ifdef __cplusplus
}
#endif
#endif
