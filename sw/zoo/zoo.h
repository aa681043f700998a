/* SPDX-License-Identifier: Apache-2.0
 *
 * Networks of known topologies as .tflite files, without a download: `weft zoo`, the bench and tests take them from here.
 *
 * Weights are random, so the networks classify nothing; shapes, work and bytes are those of the originals, and values are spread as in trained
 * networks (see layers.h). Same name, seed and batch: same bytes.
 */
#ifndef WEFT_ZOO_H
#define WEFT_ZOO_H

#include "weft.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *family;          /* a name is the family and its parameters, as in mobilenetv1-0.5-128 */
  const char *example;         /* the usual name */
  const char *text;
} weft_zoo_family_t;

/* Family i, NULL beyond the last. */
const weft_zoo_family_t *weft_zoo_family(int i);

/* What names of family i look like: "mobilenetv1-WIDTH-SIZE". */
void weft_zoo_pattern(int i, char *to, size_t size);

/* The file's bytes, for the caller to free. WEFT_E_ARG names what would be accepted. batch >= 1. */
int weft_zoo_make(const char *name, uint64_t seed, int batch, void **bytes, size_t *size, weft_msg_t *m);

#ifdef __cplusplus
}
#endif
#endif
