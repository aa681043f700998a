/* SPDX-License-Identifier: Apache-2.0
 *
 * weft zoo: writes a network of a known topology as a .tflite file.
 */
#include <stdlib.h>

#include "cli.h"
#include "zoo/zoo.h"

static int list(void)
{
  const weft_zoo_family_t *f;
  for (int i = 0; (f = weft_zoo_family(i)); i++) {
    char pattern[64];
    weft_zoo_pattern(i, pattern, sizeof pattern);
    printf("%-24s %-22s %s\n", pattern, f->example, f->text);
  }
  return CLI_OK;
}

/* The whole file or none. */
static int write_file(const char *path, const void *bytes, size_t size)
{
  char part[1024];
  if ((size_t)snprintf(part, sizeof part, "%s.part", path) >= sizeof part) return cli_error("%s: name too long", path);
  FILE *f = fopen(part, "wb");
  bool ok = f && fwrite(bytes, 1, size, f) == size;
  if (f && fclose(f)) ok = false;
  if (ok && !rename(part, path)) return CLI_OK;
  if (f) remove(part);
  return cli_error("%s: cannot write", path);
}

int cmd_zoo(const cli_t *c)
{
  if (c->list) return c->nnet ? cli_error("zoo --list takes no name") : list();
  if (c->nnet != 1) return cli_error("zoo needs the name of one network; see `weft zoo --list`");
  char path[512];
  if (c->file) snprintf(path, sizeof path, "%s", c->file);
  else snprintf(path, sizeof path, c->batch > 1 ? "%s-b%d.tflite" : "%s.tflite", c->net[0], c->batch);
  void *bytes;
  size_t size;
  weft_msg_t m = {""};
  if (weft_zoo_make(c->net[0], c->seed ? c->seed : 1, c->batch, &bytes, &size, &m)) return cli_error("%s", m.msg);
  int code = write_file(path, bytes, size);
  free(bytes);
  if (!code) printf("%s: %zu bytes\n", path, size);
  return code;
}
