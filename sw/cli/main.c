/* SPDX-License-Identifier: Apache-2.0
 *
 * weft: compiles .tflite networks for the Weft NPU and runs them on the machine model or the Verilated RTL.
 */
#include "cli.h"

static const cli_verb_t verbs[] = {
  {"run", "ctiosklwTjfFp", "run NET.tflite... [options]", "Compiles networks, runs them and prints a table of their layers.", cmd_run},
  {"compile", "cdvujr", "compile NET.tflite [options]",
        "Writes NET_<config>.weft (image) and NET_<config>.csv (table of layers), prints a summary.", cmd_compile},
  {"info", "j", "info NET.tflite", "Prints tensors, operators and their work.", cmd_info},
  {"disasm", "c", "disasm IMAGE.weft|NET.tflite [options]", "Prints every command; fields that are zero are left out.", cmd_disasm},
  {"random", "ctsnl", "random [options]",
        "Runs random one-layer networks against the golden model; a failure prints the seed that repeats it.", cmd_random},
  {"zoo", "OSbL", "zoo NAME|--list [options]", "Writes a network of a known topology, with random weights, as a .tflite file.", cmd_zoo},
  {"bench", "qmPCJy", "bench [NETWORK...] [options]", "Measures the networks of the performance page on the RTL (`make bench` builds what it needs).", cmd_bench},
  {"energy", "cbR", "energy [NET.tflite|NETWORK...] [options]",
        "Energy of every layer by level, and of other schedules; without a network those of the energy page (`make energy`).", cmd_energy},
  {"timing", "clYM", "timing NET.tflite... [options]", "Compares the compiler's timing model with the RTL; exit code 1 when a network is off by more than --most.", cmd_timing},
};
enum { VERBS = sizeof verbs / sizeof verbs[0] };

static void help(void)
{
  printf("weft %s: compiler and runner of the Weft NPU\n\n", weft_version());
  for (int i = 0; i < VERBS; i++) printf("  weft %-48s %s\n", verbs[i].usage, verbs[i].text);
  printf("\n`weft VERB --help` lists the options. Configurations:\n");
  for (const weft_config_t *c = weft_configs; c->name; c++)
    printf("  %-8s %2d x %2d PEs x %d lanes, buffer %3d KiB: %s\n", c->name, c->rows, c->cols, c->lanes,
          c->buf_words * WEFT_WORD_BYTES / 1024, c->text);
  printf("\nExit code: 0 fine, 1 mismatch or device error, 2 usage or bad input.\n");
}

int main(int argc, char **argv)
{
  if (argc < 2) {
    help();
    return CLI_USAGE;
  }
  if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
    help();
    return CLI_OK;
  }
  if (!strcmp(argv[1], "--version")) {
    printf("weft %s\n", weft_version());
    return CLI_OK;
  }
  for (int i = 0; i < VERBS; i++)
    if (!strcmp(argv[1], verbs[i].name)) {
      cli_t c;
      int err = cli_parse(&verbs[i], argc - 2, argv + 2, &c);
      return err < 0 ? CLI_OK : err ? err : verbs[i].run(&c);
    }
  return cli_error("unknown verb '%s'; see `weft --help`", argv[1]);
}
