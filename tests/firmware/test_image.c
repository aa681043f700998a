/* SPDX-License-Identifier: Apache-2.0
 *
 * Hostile network images on the host, under the sanitizers: firmware's loader must refuse or run them inside their memory.
 *
 * usage: test_image IMAGE.bin INPUT.bin CONFIG [N [SEED]]
 * Words of a good image are changed at random (checksum made right), a piece is cut off, or words are swapped; then it is opened and, when
 * accepted, its CPU operators run, and its jobs too when no command was changed (a changed job may be legal and endless). The device is the
 * machine model. Image, guard bytes before and behind must be untouched. At the end the good image still gives its result.
 */
#include <stdio.h>
#include <stdlib.h>

#include "driver/target_model.h"
#include "fwnet.h"

enum { IMAGE_AT = 4096, DRAM = 4 << 20, GUARD = 0x5a };

static uint64_t state;

static uint32_t random32(void)
{
  uint64_t z = (state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return (uint32_t)(z >> 32);
}

static uint8_t *read_file(const char *path, uint32_t *size)
{
  FILE *f = fopen(path, "rb");
  uint8_t *b = malloc(DRAM / 4);
  *size = f && b ? (uint32_t)fread(b, 1, DRAM / 4, f) : 0;
  if (f) fclose(f);
  if (!*size) exit(2);
  return b;
}

/* A value that tends to break things. */
static uint32_t nasty(uint32_t old)
{
  static const uint32_t v[] = {0, 1, 2, 3, 7, 0x7f, 0x80, 0xff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff};
  switch (random32() % 4) {
  case 0: return v[random32() % (sizeof v / sizeof *v)];
  case 1: return old + random32() % 9 - 4;
  case 2: return old ^ 1u << random32() % 32;
  default: return random32();
  }
}

/* Changes 1 to 3 words; true when none of them is a command's. Header and records are the likely ones. */
static bool mutate(uint8_t *image, const weft_netimage_t *good, uint32_t size)
{
  bool keeps_commands = true;
  for (uint32_t n = random32() % 3 + 1; n > 0; n--) {
    uint32_t words = size / 4, w = random32() % 8 ? random32() % (good->commands / 4) : random32() % words, old;
    if (w * 4 >= good->commands && w * 4 < good->commands + good->ncommands * WEFT_CMD_BYTES) keeps_commands = false;
    memcpy(&old, image + 4 * w, 4);
    old = nasty(old);
    memcpy(image + 4 * w, &old, 4);
  }
  weft_netimage_t h;
  memcpy(&h, image, sizeof h);
  if (h.commands != good->commands || h.ncommands != good->ncommands) keeps_commands = false;
  if (random32() % 16) h.magic = good->magic, h.format = good->format, h.bytes = good->bytes;
  memcpy(image, &h, sizeof h);
  h.sum = weft_netimage_sum((const uint32_t *)(const void *)image, size / 4);
  memcpy(image, &h, sizeof h);
  return keeps_commands;
}

static bool filled(const uint8_t *from, const uint8_t *to)
{
  while (from < to)
    if (*from++ != GUARD) return false;
  return true;
}

int main(int argc, char **argv)
{
  if (argc < 4) return 2;
  uint32_t size, in_size;
  uint8_t *good = read_file(argv[1], &size), *input = read_file(argv[2], &in_size), *bad = malloc(size);
  int n = argc > 4 ? atoi(argv[4]) : 2000, failed = 0, opened = 0, ran = 0;
  state = argc > 5 ? strtoull(argv[5], NULL, 0) : 1;
  weft_msg_t m = {""};
  weft_target_t *target;
  static fwnet_t net;
  weft_dev_t dev;
  const weft_config_t *cfg = weft_config_find(argv[3]);
  if (!cfg || !bad || weft_target_open("model", cfg, &(weft_target_opts_t){.dram_bytes = DRAM}, &target, &m)) return 2;
  weft_io_t io = weft_target_io(target);
  uint8_t *dram = weft_target_model_machine(target)->dram;
  weft_netimage_t head;
  memcpy(&head, good, sizeof head);
  if (weft_dev_open(&dev, &io)) return 2;

  for (int i = 0; i <= n && !failed; i++) {
    uint32_t free_at = (IMAGE_AT + size + 4095) / 4096 * 4096, bytes = size;
    memcpy(bad, good, size);
    bool jobs = i == n || mutate(bad, &head, size);       /* the last one is the good image */
    if (i < n && random32() % 16 == 0) bytes = random32() % size;
    memset(dram, GUARD, DRAM);
    memcpy(dram + IMAGE_AT, bad, bytes);
    fwnet_close(&net);
    int err = fwnet_open(&net, &dev, dram, DRAM / 2, IMAGE_AT, bytes, free_at, &m);
    if (err && !m.msg[0]) printf("FAILED image %d: an error without a message\n", i), failed = 1;
    if (!err) {
      opened++;
      for (uint32_t s = 0; s < net.head->nsegments && !err; s++) {
        if (net.seg[s].npu && !jobs) continue;
        if (s == 0 && net.bytes[net.io[0]] <= in_size) memcpy(fwnet_input(&net, 0, &(uint32_t){0}), input, net.bytes[net.io[0]]);
        err = fwnet_segment(&net, s, &m);
        ran++;
      }
    }
    if (i == n && err) printf("FAILED the good image: %s\n", m.msg), failed = 1;
    if (memcmp(dram + IMAGE_AT, bad, bytes) || !filled(dram, dram + IMAGE_AT) || !filled(dram + IMAGE_AT + bytes, dram + free_at) ||
        !filled(dram + DRAM / 2, dram + DRAM))
      printf("FAILED image %d of seed %s: wrote outside the activations\n", i, argc > 5 ? argv[5] : "1"), failed = 1;
  }
  uint32_t bytes;
  const uint8_t *out = failed ? NULL : fwnet_output(&net, 0, &bytes);
  if (out) {
    printf("output 0 %u ", bytes);
    for (uint32_t i = 0; i < bytes; i++) printf("%02x", out[i]);
    printf("\n");
  }
  fprintf(stderr, "%d hostile images: %d refused, %d opened, %d segments run\n", n, n + 1 - opened, opened, ran);
  if (!failed && (opened < 2 || opened > n)) printf("FAILED the images are all good or all bad: nothing was tested\n"), failed = 1;
  weft_target_close(target);
  free(good);
  free(bad);
  free(input);
  return failed;
}
