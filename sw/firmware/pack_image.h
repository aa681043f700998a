/* SPDX-License-Identifier: Apache-2.0
 *
 * From a compiled network to the image that firmware runs.
 */
#ifndef WEFT_PACK_IMAGE_H
#define WEFT_PACK_IMAGE_H

#include "compiler/program.h"

#ifdef __cplusplus
extern "C" {
#endif

/* g and p belong together; the image is named after the file at `path`, without folder and ending. The caller frees it. Never NULL. */
uint8_t *pack_image(const weft_graph_t *g, const weft_program_t *p, const char *path, size_t *size);

#ifdef __cplusplus
}
#endif
#endif
