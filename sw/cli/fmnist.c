/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the Fashion-MNIST test set (gzipped IDX files, Debian package dataset-fashion-mnist).
 */
#include <math.h>
#include <stdlib.h>
#include <zlib.h>

#include "cli.h"

enum { SIDE = 28, PIXELS = SIDE * SIDE };

static uint32_t big_endian(const uint8_t *b) { return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]; }

/* The first n items of an IDX file of unsigned bytes with the given rank; an item has `bytes` bytes. */
static int read_idx(const char *dir, const char *name, int rank, int n, size_t bytes, uint8_t **to, weft_msg_t *m)
{
  char path[512];
  uint8_t head[16];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  gzFile f = gzopen(path, "rb");
  if (!f) return weft_fail(m, WEFT_E_FILE, "%s: not found; install it with: apt-get install dataset-fashion-mnist", path);
  int size = 4 + 4 * rank, err = WEFT_OK;
  size_t want = (size_t)n * bytes;
  if (gzread(f, head, (unsigned)size) != size || big_endian(head) != (0x800u | (unsigned)rank))
    err = weft_fail(m, WEFT_E_FORMAT, "%s: not an IDX file of unsigned bytes", path);
  else if (rank == 3 && (big_endian(head + 8) != SIDE || big_endian(head + 12) != SIDE))
    err = weft_fail(m, WEFT_E_FORMAT, "%s: images are not %dx%d", path, SIDE, SIDE);
  else if (big_endian(head + 4) < (uint32_t)n)
    err = weft_fail(m, WEFT_E_FORMAT, "%s: holds %u images, %d were asked for", path, big_endian(head + 4), n);
  else if (!(*to = malloc(want)))
    err = weft_fail(m, WEFT_E_MEMORY, "out of memory");
  else if (gzread(f, *to, (unsigned)want) != (int)want)
    err = weft_fail(m, WEFT_E_FORMAT, "%s: ends early", path);
  gzclose(f);
  return err;
}

int fmnist_load(const char *dir, int n, fmnist_t *s, weft_msg_t *m)
{
  *s = (fmnist_t){.n = n};
  int err = read_idx(dir, "t10k-images-idx3-ubyte.gz", 3, n, PIXELS, &s->image, m);
  if (!err) err = read_idx(dir, "t10k-labels-idx1-ubyte.gz", 1, n, 1, &s->label, m);
  if (err) fmnist_free(s);
  return err;
}

void fmnist_free(fmnist_t *s)
{
  free(s->image);
  free(s->label);
  *s = (fmnist_t){0};
}

/* Pixels are 0..255 for 0..1; the shipped networks have scale 1/255, so there it is a subtraction of 128. */
void fmnist_quantise(const uint8_t *image, const weft_tensor_t *t, int8_t *to)
{
  for (int i = 0; i < PIXELS; i++) {
    long q = lround((double)image[i] / 255.0 / (double)t->scale[0]) + t->zero[0];
    to[i] = (int8_t)(q < -128 ? -128 : q > 127 ? 127 : q);
  }
}
