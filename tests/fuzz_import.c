/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer's entry into the importer: `make fuzz-import FUZZ_S=3600` searches for inputs that crash or hang it.
 *
 * An accepted graph is released again: with the sanitizers on, a leak or a double free ends the run like a crash.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  weft_graph_t *g;
  weft_msg_t m = {{0}};
  int e = weft_import(data, size, &g, &m);
  if (e != WEFT_OK && (g != NULL || strlen(m.msg) < 10)) abort();   /* a refusal says why and gives nothing */
  weft_graph_free(g);
  return 0;
}
