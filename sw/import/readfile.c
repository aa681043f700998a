/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a whole file into memory.
 *
 * It grows the buffer while it reads instead of asking for the size first, so pipes work too and a file that
 * changes meanwhile does no harm.
 */
#include "readfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int weft_read_file(const char *path, void **bytes, size_t *size, weft_msg_t *m) {
  if (!path || !bytes || !size) return weft_fail(m, WEFT_E_ARG, "weft_read_file: a pointer is NULL");
  *bytes = NULL;
  *size = 0;
  FILE *f = fopen(path, "rb");
  if (!f) return weft_fail(m, WEFT_E_FILE, "%.200s: %s", path, strerror(errno));

  size_t room = 1 << 16, n = 0;
  char *p = malloc(room);
  while (p) {
    n += fread(p + n, 1, room - n, f);
    if (n < room || n > WEFT_FILE_MAX) break;
    char *more = realloc(p, room *= 2);
    if (!more) free(p);
    p = more;
  }
  int failed = ferror(f) ? errno : 0;
  fclose(f);
  if (p && !failed && n <= WEFT_FILE_MAX) {
    *bytes = p;
    *size = n;
    return WEFT_OK;
  }
  free(p);
  if (!p) return weft_fail(m, WEFT_E_MEMORY, "%.200s: no memory to read it", path);
  if (failed) return weft_fail(m, WEFT_E_FILE, "%.200s: %s", path, strerror(failed));
  return weft_fail(m, WEFT_E_UNSUPPORTED, "%.200s: larger than 2 GiB", path);
}
