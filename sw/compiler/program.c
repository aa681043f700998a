/* SPDX-License-Identifier: Apache-2.0
 *
 * Storage of a compiled network (see program.h): growing lists and the image file.
 *
 * Image file, little endian: 8 bytes "WEFTIMG1", 16 bytes configuration name, then uint32: version, commands, constant bytes,
 * arena bytes, segments; the segments (npu, first, count each), the command records, the constants.
 */
#include "program.h"

#include <stdlib.h>

static const char magic[8] = {'W', 'E', 'F', 'T', 'I', 'M', 'G', '1'};
enum { NAME = 16, HEAD = 5 };

void weft_program_free(weft_program_t *p)
{
  if (!p) return;
  free(p->cmd);
  free(p->konst);
  free(p->seg);
  free(p->layer);
  free(p->place);
  free(p);
}

int64_t weft_program_constant(weft_program_t *p, size_t bytes)
{
  size_t at = (p->nkonst + WEFT_TENSOR_ALIGN - 1) / WEFT_TENSOR_ALIGN * WEFT_TENSOR_ALIGN;
  if (bytes > WEFT_DRAM_LIMIT || at + bytes > WEFT_DRAM_LIMIT) return -1;
  if (at + bytes > p->konst_cap) {
    size_t cap = 2 * (at + bytes) + 4096;
    uint8_t *k = realloc(p->konst, cap);
    if (!k) return -1;
    p->konst = k;
    p->konst_cap = cap;
  }
  memset(p->konst + p->nkonst, 0, at + bytes - p->nkonst);
  p->nkonst = at + bytes;
  return (int64_t)at;
}

int64_t weft_program_bytes(weft_program_t *p, const void *bytes, size_t n)
{
  for (size_t at = 0; at + n <= p->nkonst; at += WEFT_TENSOR_ALIGN)
    if (!memcmp(p->konst + at, bytes, n)) return (int64_t)at;
  int64_t at = weft_program_constant(p, n);
  if (at >= 0) memcpy(p->konst + at, bytes, n);
  return at;
}

int weft_program_command(weft_program_t *p, const uint32_t rec[WEFT_CMD_WORDS], weft_msg_t *m)
{
  if (p->ncmd == p->cmd_cap) {
    uint32_t cap = p->cmd_cap ? 2 * p->cmd_cap : 256;
    if (cap > WEFT_DRAM_LIMIT / WEFT_CMD_BYTES) return weft_fail(m, WEFT_E_UNSUPPORTED, "more than %u commands", p->cmd_cap);
    uint32_t *c = realloc(p->cmd, (size_t)cap * WEFT_CMD_BYTES);
    if (!c) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
    p->cmd = c;
    p->cmd_cap = cap;
  }
  memcpy(p->cmd + (size_t)p->ncmd * WEFT_CMD_WORDS, rec, WEFT_CMD_BYTES);
  p->ncmd++;
  return WEFT_OK;
}

uint64_t weft_program_job_cycles(const weft_program_t *p, int layer)
{
  uint64_t jobs = 0;
  for (int i = 0; i < p->nseg; i++) {
    const weft_segment_t *s = &p->seg[i];
    jobs += s->npu && s->layer <= layer && layer < s->layer + s->nlayers;
  }
  return jobs ? p->layer[layer].cycles / jobs : 0;
}

static bool put(FILE *f, uint32_t v)
{
  uint8_t b[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
  return fwrite(b, 1, 4, f) == 4;
}

static bool get(FILE *f, uint32_t *v)
{
  uint8_t b[4];
  if (fread(b, 1, 4, f) != 4) return false;
  *v = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
  return true;
}

int weft_image_write(const weft_program_t *p, const char *path, weft_msg_t *m)
{
  FILE *f = fopen(path, "wb");
  if (!f) return weft_fail(m, WEFT_E_FILE, "%s: cannot write", path);
  char name[NAME] = {0};
  snprintf(name, sizeof name, "%s", p->cfg->name);
  uint32_t version = WEFT_VERSION_MAJOR << 16 | WEFT_VERSION_MINOR << 8 | WEFT_VERSION_PATCH;
  const uint32_t head[HEAD] = {version, p->ncmd, (uint32_t)p->nkonst, p->arena_bytes, (uint32_t)p->nseg};
  bool ok = fwrite(magic, 1, sizeof magic, f) == sizeof magic && fwrite(name, 1, NAME, f) == NAME;
  for (int i = 0; i < HEAD; i++) ok &= put(f, head[i]);
  for (int i = 0; i < p->nseg; i++) ok = ok && put(f, p->seg[i].npu) && put(f, p->seg[i].first) && put(f, p->seg[i].count);
  for (size_t i = 0; i < (size_t)p->ncmd * WEFT_CMD_WORDS; i++) ok = ok && put(f, p->cmd[i]);
  ok = ok && fwrite(p->konst, 1, p->nkonst, f) == p->nkonst;
  ok = fclose(f) == 0 && ok;
  return ok ? WEFT_OK : weft_fail(m, WEFT_E_FILE, "%s: write failed", path);
}

static int read_body(FILE *f, weft_program_t *p, const char *path, weft_msg_t *m)
{
  char head[sizeof magic], name[NAME + 1] = {0};
  uint32_t h[HEAD];
  if (fread(head, 1, sizeof head, f) != sizeof head || memcmp(head, magic, sizeof head) || fread(name, 1, NAME, f) != NAME)
    return weft_fail(m, WEFT_E_FORMAT, "%s: not a Weft image", path);
  for (int i = 0; i < HEAD; i++)
    if (!get(f, &h[i])) return weft_fail(m, WEFT_E_FORMAT, "%s: image ends early", path);
  p->cfg = weft_config_find(name);
  if (!p->cfg) return weft_fail(m, WEFT_E_FORMAT, "%s: unknown configuration '%s'", path, name);
  if (h[1] > WEFT_DRAM_LIMIT / WEFT_CMD_BYTES || h[2] > WEFT_DRAM_LIMIT || h[4] > h[1] + 65536)
    return weft_fail(m, WEFT_E_FORMAT, "%s: image larger than memory", path);
  p->arena_bytes = h[3];
  p->seg = calloc(h[4] + 1, sizeof *p->seg);
  if (!p->seg) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
  for (uint32_t i = 0; i < h[4]; i++) {
    uint32_t npu;
    weft_segment_t *s = &p->seg[p->nseg++];
    if (!get(f, &npu) || !get(f, &s->first) || !get(f, &s->count)) return weft_fail(m, WEFT_E_FORMAT, "%s: image ends early", path);
    if (npu && ((uint64_t)s->first + s->count > h[1])) return weft_fail(m, WEFT_E_FORMAT, "%s: segment %u beyond the commands", path, i);
    s->npu = npu != 0;
  }
  for (uint32_t i = 0; i < h[1]; i++) {
    uint32_t rec[WEFT_CMD_WORDS];
    for (int w = 0; w < WEFT_CMD_WORDS; w++)
      if (!get(f, &rec[w])) return weft_fail(m, WEFT_E_FORMAT, "%s: image ends early", path);
    int err = weft_program_command(p, rec, m);
    if (err) return err;
  }
  int64_t at = weft_program_constant(p, h[2]);
  if (at < 0) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
  if (fread(p->konst, 1, h[2], f) != h[2]) return weft_fail(m, WEFT_E_FORMAT, "%s: image ends early", path);
  return WEFT_OK;
}

int weft_image_read(const char *path, weft_program_t **out, weft_msg_t *m)
{
  *out = NULL;
  FILE *f = fopen(path, "rb");
  if (!f) return weft_fail(m, WEFT_E_FILE, "%s: cannot open", path);
  weft_program_t *p = calloc(1, sizeof *p);
  int err = p ? read_body(f, p, path, m) : weft_fail(m, WEFT_E_MEMORY, "out of memory");
  fclose(f);
  if (err) weft_program_free(p);
  else *out = p;
  return err;
}
