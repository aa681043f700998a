/* SPDX-License-Identifier: Apache-2.0
 *
 * Tensors in files: NumPy's .npy (version 1.0) and raw bytes.
 *
 * Inputs of a network come this way and outputs leave this way. A file is not trusted: its header is parsed within its
 * bounds, and shape, type and length must agree.
 */
#ifndef WEFT_NPY_H
#define WEFT_NPY_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  weft_dtype_t type;              /* WEFT_I8, WEFT_U8, WEFT_I32 or WEFT_F32 */
  int rank;                       /* 0..WEFT_MAX_RANK */
  int32_t dim[WEFT_MAX_RANK];     /* each >= 1, row-major (C order) */
  size_t elements;                /* product of dim, 1 for rank 0 */
  void *data;                     /* elements * weft_dtype_size(type) bytes */
} weft_npy_t;

/* Reads a .npy image; a->data is malloc'ed, weft_npy_free() releases it. On failure *a is all zero and m says what was
 * found and what would be accepted. */
int weft_npy_parse(const void *bytes, size_t size, weft_npy_t *a, weft_msg_t *m);
int weft_npy_read(const char *path, weft_npy_t *a, weft_msg_t *m);       /* the message starts with the path */
void weft_npy_free(weft_npy_t *a);                                       /* NULL is allowed; leaves *a all zero */

/* Writes a version 1.0 file that numpy.load() reads back. a->elements must be the product of its dimensions. */
int weft_npy_write(const char *path, const weft_npy_t *a, weft_msg_t *m);

/* Reads a file of exactly `bytes` bytes without a header; *data is malloc'ed. */
int weft_bin_read(const char *path, size_t bytes, void **data, weft_msg_t *m);

#ifdef __cplusplus
}
#endif
#endif
