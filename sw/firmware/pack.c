/* SPDX-License-Identifier: Apache-2.0
 *
 * Host tool: compiles a network for firmware and writes what `make firmware-sim` needs.
 *
 * usage: weft-pack NET.tflite CONFIG FOLDER [SEED]
 * Writes FOLDER/image.bin (netimage.h), input.bin (the graph inputs, seeded as by `weft run --input random:SEED`), expected.txt (the lines
 * `output <i> <bytes> <hex>` that the firmware must print: the golden model's outputs) and results.txt (output 0 dequantised, 3 decimals).
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "golden.h"
#include "netimage.h"
#include "pack_image.h"

static void die(const char *what)
{
  fprintf(stderr, "weft-pack: %s\n", what);
  exit(2);
}

static size_t bytes_of(const weft_tensor_t *t) { return t->elements * weft_dtype_size(t->type); }

static FILE *create(const char *folder, const char *name)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *f = fopen(path, "wb");
  if (!f) die("cannot write into the folder");
  return f;
}

static void finish(FILE *f)
{
  if (fclose(f)) die("write failed");
}

static void write_golden(const weft_graph_t *g, const char *folder, unsigned long long seed, weft_msg_t *m)
{
  size_t size = weft_golden_arena_size(g);
  weft_golden_t s;
  void *arena = size == SIZE_MAX ? NULL : malloc(size);
  if (!arena) die("no memory for the tensors");
  if (weft_golden_init(&s, g, arena, size, m)) die(m->msg);
  FILE *f = create(folder, "input.bin");
  for (int i = 0; i < g->nin; i++) {
    const weft_tensor_t *t = &g->tensor[g->in[i]];
    random_input(seed + 1000003ULL * (unsigned)i, t, s.data[g->in[i]]);
    if (fwrite(s.data[g->in[i]], 1, bytes_of(t), f) != bytes_of(t)) die("write failed");
  }
  finish(f);
  if (weft_golden_run(g, &s, m)) die(m->msg);
  f = create(folder, "expected.txt");
  for (int i = 0; i < g->nout; i++) {
    const weft_tensor_t *t = &g->tensor[g->out[i]];
    fprintf(f, "output %d %zu ", i, bytes_of(t));
    for (size_t b = 0; b < bytes_of(t); b++) fprintf(f, "%02x", ((const uint8_t *)s.data[g->out[i]])[b]);
    fprintf(f, "\n");
  }
  finish(f);
  const weft_tensor_t *t = &g->tensor[g->out[0]];
  f = create(folder, "results.txt");
  for (size_t b = 0; b < t->elements && t->type == WEFT_I8 && t->nscale == 1; b++)
    fprintf(f, "%s%.3f", b ? "," : "", (double)(((const int8_t *)s.data[g->out[0]])[b] - t->zero[0]) * (double)t->scale[0]);
  fprintf(f, "\n");
  finish(f);
  free(arena);
}

int main(int argc, char **argv)
{
  weft_msg_t m = {""};
  weft_graph_t *g;
  weft_program_t *p;
  if (argc < 4) die("usage: weft-pack NET.tflite CONFIG FOLDER [SEED]");
  const weft_config_t *cfg = weft_config_find(argv[2]);
  if (!cfg) die("unknown configuration; docs/spec/configs.def lists them");
  if (weft_import_file(argv[1], &g, &m) || weft_compile(g, cfg, &(weft_compile_opts_t){.keep_all = false}, &p, &m)) die(m.msg);
  size_t size;
  uint8_t *image = pack_image(g, p, argv[1], &size);
  FILE *f = create(argv[3], "image.bin");
  if (fwrite(image, 1, size, f) != size) die("write failed");
  finish(f);
  write_golden(g, argv[3], argc > 4 ? strtoull(argv[4], NULL, 0) : 1, &m);
  printf("%s for %s: image %zu bytes, activations %u bytes, %d segments\n", ((const weft_netimage_t *)(const void *)image)->name, cfg->name, size,
         p->arena_bytes, p->nseg);
  free(image);
  weft_program_free(p);
  weft_graph_free(g);
  return 0;
}
