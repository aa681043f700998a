/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes bad network images out of a good one, one rule broken each, checksum set right again where the rule is another.
 *
 * usage: spoil KIND IMAGE OUT
 */
#include <stdio.h>
#include <stdlib.h>

#include "netimage.h"
#include "weft_spec.h"

static uint8_t *image;
static long size;

static weft_netimage_t *head(void) { return (weft_netimage_t *)(void *)image; }
static uint32_t *command(uint32_t i) { return (uint32_t *)(void *)(image + head()->commands + i * WEFT_CMD_BYTES); }

/* First command with this opcode, or the end of the program. */
static uint32_t *first(uint32_t opcode)
{
  for (uint32_t i = 0; i < head()->ncommands; i++)
    if ((command(i)[0] & 255) == opcode) return command(i);
  fprintf(stderr, "spoil: no such command\n");
  exit(2);
}

/* Sets field `name` of a packed record. */
static void set(uint32_t *rec, const char *name, uint32_t value)
{
  int n;
  for (int part = 0; part < 2; part++) {      /* the header's fields, the command's */
    const weft_field_t *f = weft_cmd_fields(part ? (int)(rec[0] & 255) : 0, &n);
    for (int i = 0; i < n; i++)
      if (!strcmp(f[i].name, name)) {
        uint32_t mask = (f[i].width < 32 ? (1u << f[i].width) - 1 : 0xffffffffu) << f[i].lsb;
        rec[f[i].word] = (rec[f[i].word] & ~mask) | (value << f[i].lsb & mask);
        return;
      }
  }
  fprintf(stderr, "spoil: no field %s\n", name);
  exit(2);
}

int main(int argc, char **argv)
{
  if (argc != 4) return 2;
  FILE *f = fopen(argv[2], "rb");
  if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < (long)sizeof(weft_netimage_t)) return 2;
  rewind(f);
  image = malloc((size_t)size);
  if (!image || fread(image, 1, (size_t)size, f) != (size_t)size) return 2;
  fclose(f);
  const char *k = argv[1];
  weft_netimage_t *h = head();
  weft_netimage_segment_t *seg = (weft_netimage_segment_t *)(void *)(image + h->segments);
  weft_netimage_tensor_t *tensor = (weft_netimage_tensor_t *)(void *)(image + h->tensors);
  long out = size;
  bool sum = true;
  if (!strcmp(k, "truncated")) out = size - 4096 < 200 ? 200 : size - 4096, sum = false;
  else if (!strcmp(k, "empty")) out = 20, sum = false;
  else if (!strcmp(k, "bitflip")) image[h->constants + h->constant_bytes / 2] ^= 1, sum = false;
  else if (!strcmp(k, "magic")) h->magic ^= 1;
  else if (!strcmp(k, "version")) h->version += 1 << 8;
  else if (!strcmp(k, "config")) h->cfg[0]++, strcpy(h->config, "other");
  else if (!strcmp(k, "commands-beyond")) h->ncommands += 1u << 20;
  else if (!strcmp(k, "wrap")) h->constants = 0xffffff80u;
  else if (!strcmp(k, "segment-beyond")) seg[0].first = h->ncommands;
  else if (!strcmp(k, "tensor-beyond")) tensor[0].data = WEFT_NETIMAGE_NONE, tensor[0].place = h->arena_bytes;
  else if (!strcmp(k, "load-outside")) set(first(WEFT_CMD_LOAD), "offset", 0x7fffff00u);
  else if (!strcmp(k, "store-outside")) set(first(WEFT_CMD_STORE), "offset", 0x01000000u);
  else if (!strcmp(k, "store-commands")) set(first(WEFT_CMD_STORE), "region", 0);
  else if (!strcmp(k, "store-constants")) set(first(WEFT_CMD_STORE), "region", 1);
  else if (!strcmp(k, "opcode")) command(0)[0] = (command(0)[0] & ~255u) | 0xee;
  else if (!strcmp(k, "reserved")) command(0)[31] = 1;
  else if (!strcmp(k, "race")) set(first(WEFT_CMD_CONV), "wait_en", 0);
  else if (!strcmp(k, "wait")) set(first(WEFT_CMD_CONV), "wait_en", 1), set(first(WEFT_CMD_CONV), "wait_load", 0x7000);
  else if (!strcmp(k, "buffer")) set(first(WEFT_CMD_LOAD), "buf", 0xffff);
  else return 2;
  if (sum) h->sum = weft_netimage_sum((const uint32_t *)(const void *)image, (uint32_t)size / 4);
  f = fopen(argv[3], "wb");
  if (!f || fwrite(image, 1, (size_t)out, f) != (size_t)out || fclose(f)) return 2;
  free(image);
  return 0;
}
