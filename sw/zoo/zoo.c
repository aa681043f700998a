/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of networks and their files (see zoo.h).
 */
#include "zoo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layers.h"

enum { MAX_PARAMETERS = 2, MAX_BATCH = 64 };

typedef struct { const char *name; double low, high; } parameter_t;
typedef struct {
  weft_zoo_family_t f;
  zoo_build_t *build;
  parameter_t parameter[MAX_PARAMETERS + 1];      /* ends with an empty one */
} family_t;

static const family_t families[] = {
#define P(name, low, high) {name, low, high},
#define Z(family, parameters, example, builder, text) {{family, example, text}, zoo_##builder, {parameters {NULL, 0, 0}}},
#include "zoo.def"
#undef Z
#undef P
};
enum { FAMILIES = sizeof families / sizeof families[0] };

const weft_zoo_family_t *weft_zoo_family(int i) { return i >= 0 && i < FAMILIES ? &families[i].f : NULL; }

void weft_zoo_pattern(int i, char *to, size_t size)
{
  int n = snprintf(to, size, "%s", families[i].f.family);
  for (const parameter_t *p = families[i].parameter; p->name && n < (int)size; p++) n += snprintf(to + n, size - (size_t)n, "-%s", p->name);
}

/* The numbers behind the family's name. */
static int parameters(const family_t *f, const char *name, double *to, weft_msg_t *m)
{
  const char *s = name + strlen(f->f.family);
  char pattern[64];
  weft_zoo_pattern((int)(f - families), pattern, sizeof pattern);
  for (const parameter_t *p = f->parameter; p->name; p++, to++) {
    char *end = NULL;
    if (*s == '-' && s[1] >= '0' && s[1] <= '9') *to = strtod(s + 1, &end);
    if (!end) return weft_fail(m, WEFT_E_ARG, "'%.60s': expected %s, as in %s", name, pattern, f->f.example);
    if (!(*to >= p->low && *to <= p->high))
      return weft_fail(m, WEFT_E_ARG, "'%.60s': %s must be %g to %g", name, p->name, p->low, p->high);
    s = end;
  }
  return *s ? weft_fail(m, WEFT_E_ARG, "'%.60s': expected %s, as in %s", name, pattern, f->f.example) : WEFT_OK;
}

int weft_zoo_make(const char *name, uint64_t seed, int batch, void **bytes, size_t *size, weft_msg_t *m)
{
  if (!name || !bytes || !size) return weft_fail(m, WEFT_E_ARG, "weft_zoo_make: name, bytes and size must not be NULL");
  *bytes = NULL;
  *size = 0;
  if (batch < 1 || batch > MAX_BATCH) return weft_fail(m, WEFT_E_ARG, "a batch of %d: accepted are 1 to %d", batch, MAX_BATCH);
  const family_t *f = NULL;
  for (int i = 0; i < FAMILIES; i++) {
    size_t n = strlen(families[i].f.family);
    if (!strncmp(name, families[i].f.family, n) && (!name[n] || name[n] == '-')) f = &families[i];
  }
  if (!f) return weft_fail(m, WEFT_E_ARG, "the zoo has no '%.60s'; `weft zoo --list` names its networks", name);
  double parameter[MAX_PARAMETERS] = {0};
  int err = parameters(f, name, parameter, m), input = 0;
  if (err) return err;
  zoo_t z = {.mk = weft_mk_new(), .rng = seed, .batch = batch};
  if (!z.mk) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
  zoo_map_t y = f->build(&z, parameter);
  err = z.err ? z.err : weft_mk_finish(z.mk, &input, 1, &y.tensor, 1, bytes, size);
  weft_mk_free(z.mk);
  return err ? weft_fail(m, err, "'%.60s' cannot be built: %s", name, err == WEFT_E_MEMORY ? "out of memory" : "a tensor or an operator is wrong") : WEFT_OK;
}
