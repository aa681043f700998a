/* SPDX-License-Identifier: Apache-2.0
 *
 * Network inputs from files or random numbers, outputs to .npy files.
 */
#include <errno.h>
#include <stdlib.h>

#include "cli.h"
#include "import/npy.h"

static size_t bytes_of(const weft_tensor_t *t) { return t->elements * weft_dtype_size(t->type); }

/* splitmix64, a byte of each */
static uint8_t next_byte(uint64_t *state)
{
  uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return (uint8_t)(z >> 56);
}

/* Random bytes; for types in which these would be nonsense, numbers: FLOAT32 -4..4, BOOL 0 and 1. */
void random_input(unsigned long long seed, const weft_tensor_t *t, void *to)
{
  uint64_t state = seed;
  size_t n = t->type == WEFT_F32 ? t->elements : bytes_of(t);
  for (size_t i = 0; i < n; i++) {
    uint8_t b = next_byte(&state);
    if (t->type == WEFT_F32) ((float *)to)[i] = (float)((int)b - 128) / 32;
    else ((uint8_t *)to)[i] = t->type == WEFT_BOOL ? b & 1 : b;
  }
}

static void shape_text(int rank, const int32_t *dim, char *to, size_t size)
{
  size_t n = 0;
  to[0] = 0;
  for (int i = 0; i < rank && n < size; i++) n += (size_t)snprintf(to + n, size - n, "%s%d", i ? "x" : "", (int)dim[i]);
}

static int from_npy(const char *path, const weft_tensor_t *t, void *to, weft_msg_t *m)
{
  weft_npy_t a;
  int err = weft_npy_read(path, &a, m);
  if (err) return err;
  /* Dimensions of size 1 may be missing or extra: an image without its batch is still this image. */
  int32_t have[WEFT_MAX_RANK], want[WEFT_MAX_RANK];
  int nh = 0, nw = 0;
  for (int i = 0; i < a.rank; i++)
    if (a.dim[i] != 1) have[nh++] = a.dim[i];
  for (int i = 0; i < t->rank; i++)
    if (t->dim[i] != 1) want[nw++] = t->dim[i];
  if (a.type != t->type || nh != nw || memcmp(have, want, (size_t)nw * sizeof *want)) {
    char x[80], y[80];
    shape_text(a.rank, a.dim, x, sizeof x);
    shape_text(t->rank, t->dim, y, sizeof y);
    err = weft_fail(m, WEFT_E_FORMAT, "%s: %s %s; input '%.72s' is %s %s", path, weft_dtype_name(a.type), x, t->name,
          weft_dtype_name(t->type), y);
  } else {
    memcpy(to, a.data, bytes_of(t));
  }
  weft_npy_free(&a);
  return err;
}

static bool ends_with(const char *s, const char *end)
{
  size_t n = strlen(s), k = strlen(end);
  return n >= k && !strcmp(s + n - k, end);
}

int load_input(const char *spec, const weft_tensor_t *t, void *to, weft_msg_t *m)
{
  if (!strncmp(spec, "random:", 7)) {
    char *end;
    errno = 0;
    unsigned long long seed = strtoull(spec + 7, &end, 0);
    if (spec[7] < '0' || spec[7] > '9' || *end || errno) return weft_fail(m, WEFT_E_ARG, "--input %s: random:SEED needs a number", spec);
    random_input(seed, t, to);
    return WEFT_OK;
  }
  if (ends_with(spec, ".npy")) return from_npy(spec, t, to, m);
  if (!ends_with(spec, ".bin")) return weft_fail(m, WEFT_E_ARG, "--input %s: accepted are FILE.npy, FILE.bin and random:SEED", spec);
  void *data;
  int err = weft_bin_read(spec, bytes_of(t), &data, m);
  if (err) return err;
  memcpy(to, data, bytes_of(t));
  free(data);
  return WEFT_OK;
}

int save_output(const char *path, const weft_tensor_t *t, const void *from, weft_msg_t *m)
{
  char temporary[1024];
  if ((size_t)snprintf(temporary, sizeof temporary, "%s.part", path) >= sizeof temporary)
    return weft_fail(m, WEFT_E_FILE, "%s: name too long", path);
  weft_npy_t a = {.type = t->type, .rank = t->rank, .elements = t->elements, .data = malloc(bytes_of(t))};
  if (!a.data) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
  memcpy(a.data, from, bytes_of(t));
  memcpy(a.dim, t->dim, sizeof a.dim);
  int err = weft_npy_write(temporary, &a, m);
  free(a.data);
  if (!err && rename(temporary, path)) err = weft_fail(m, WEFT_E_FILE, "%s: cannot write", path);
  if (err) remove(temporary);
  return err;
}
