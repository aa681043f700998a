/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a whole file into memory: models and tensors both come this way, with the same messages.
 */
#ifndef WEFT_READFILE_H
#define WEFT_READFILE_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* *bytes is malloc'ed (never NULL on success, even for an empty file) and belongs to the caller. WEFT_E_FILE when the
 * file cannot be read, WEFT_E_UNSUPPORTED above WEFT_FILE_MAX. */
int weft_read_file(const char *path, void **bytes, size_t *size, weft_msg_t *m);

#define WEFT_FILE_MAX ((size_t)INT32_MAX)

#ifdef __cplusplus
}
#endif
#endif
