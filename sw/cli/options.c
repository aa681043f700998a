/* SPDX-License-Identifier: Apache-2.0
 *
 * Command line options, one table for all verbs; a verb names the letters that it accepts.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "cli.h"

typedef enum { FLAG, TEXT, FILES, NUMBER, CONFIG } kind_t;
typedef struct { char letter; const char *name, *value; kind_t kind; size_t offset; const char *text; } option_t;

#define AT(field) offsetof(cli_t, field)
static const option_t table[] = {
  {'c', "--config", "NAME", CONFIG, AT(cfg), "configuration (default weft672; see `weft --help`)"},
  {'t', "--target", "rtl|model", TEXT, AT(target), "Verilated RTL or machine model (default model)"},
  {'i', "--input", "X", FILES, AT(input), "FILE.npy, FILE.bin or random:SEED; once for each network input (default: random)"},
  {'o', "--output", "Y.npy", FILES, AT(output), "write a network output; once for each, in order"},
  {'s', "--seed", "N", NUMBER, AT(seed), "random stalls on the memory bus (RTL) and random inputs, replayable; 0: no stalls"},
  {'k', "--check", NULL, FLAG, AT(check), "compare every layer with the golden model, and counters with the machine model"},
  {'l', "--latency", "CYCLES", NUMBER, AT(latency), "latency of DRAM reads (RTL, default 32)"},
  {'T', "--timeline", "FILE.json", TEXT, AT(timeline), "write what each engine did when, as Chrome trace events (RTL)"},
  {'w', "--trace", "FILE.fst", TEXT, AT(trace), "write waves (RTL)"},
  {'j', "--json", NULL, FLAG, AT(json), "print JSON instead of tables"},
  {'f', "--fmnist", "N", NUMBER, AT(fmnist), "run on the first N Fashion-MNIST test images"},
  {'F', "--fmnist-dir", "DIR", TEXT, AT(fmnist_dir), "where they are (default " CLI_FMNIST_DIR ")"},
  {'p', "--speed", NULL, FLAG, AT(speed), "print cycles_per_s=N, the speed of the simulation"},
  {'d', "--output-dir", "DIR", TEXT, AT(output_dir), "write image and table there (default .)"},
  {'v', "--verbose-performance", NULL, FLAG, AT(verbose_performance), "print the table of layers"},
  {'u', "--show-cpu-operations", NULL, FLAG, AT(show_cpu), "print the operators that the CPU runs, and why"},
  {'r', "--supported-ops-report", "FILE", TEXT, AT(report), "write the table of operators, which needs no network (- : standard output)"},
  {'n', "--n", "N", NUMBER, AT(n), "how many networks (default 100)"},
  {'O', "-o", "FILE", TEXT, AT(file), "the file to write (default NAME.tflite)"},
  {'S', "--seed", "N", NUMBER, AT(seed), "seed of the weights (default 1)"},
  {'b', "--batch", "N", NUMBER, AT(batch), "images in a batch (default 1)"},
  {'q', "--quick", NULL, FLAG, AT(quick), "leave out what takes minutes"},
  {'m', "--models", "DIR", TEXT, AT(models), "where the MLPerf Tiny files are (default ../shared/models)"},
  {'P', "--page", "FILE", TEXT, AT(file), "write the tables with their explanation"},
  {'R', "--page", "FILE", TEXT, AT(file), "write the tables with their explanation there, and plots beside it"},
  {'C', "--csv", "FILE", TEXT, AT(csv), "write all figures and counters"},
  {'J', "--jobs", "N", NUMBER, AT(jobs), "networks at a time (default 2)"},
  {'y', "--layers", NULL, FLAG, AT(layers), "compare every tensor, print where each layer's cycles went"},
  {'Y', "--layers", NULL, FLAG, AT(layers), "print when each layer ends, on the RTL and by the model"},
  {'M', "--most", "PERCENT", NUMBER, AT(most), "how much the model may be off (default 5)"},
  {'L', "--list", NULL, FLAG, AT(list), "print the names"},
};
enum { OPTIONS = sizeof table / sizeof table[0] };

int cli_error(const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  fputs("weft: ", stderr);
  vfprintf(stderr, fmt, ap);
  fputc('\n', stderr);
  va_end(ap);
  return CLI_USAGE;
}

static void help(const cli_verb_t *v)
{
  printf("usage: weft %s\n%s\n", v->usage, v->text);
  for (int i = 0; i < OPTIONS; i++) {
    char left[40];
    if (!strchr(v->options, table[i].letter)) continue;
    snprintf(left, sizeof left, "%s%s%s", table[i].name, table[i].value ? " " : "", table[i].value ? table[i].value : "");
    printf("  %-24s %s\n", left, table[i].text);
  }
}

static int number(const option_t *o, const char *s, cli_t *c)
{
  char *end;
  errno = 0;
  unsigned long long v = strtoull(s, &end, 0);
  if (*s < '0' || *s > '9' || *end || errno) return cli_error("%s %s: a number is expected", o->name, s);
  if (o->offset == AT(seed)) {
    c->seed = v;
    return CLI_OK;
  }
  if (v > 1000000000) return cli_error("%s %s: at most 1000000000", o->name, s);
  *(int *)(void *)((char *)c + o->offset) = (int)v;
  return CLI_OK;
}

static int config(const char *s, cli_t *c)
{
  c->cfg = weft_config_find(s);
  if (c->cfg) return CLI_OK;
  char names[256] = "";
  for (const weft_config_t *k = weft_configs; k->name; k++)
    snprintf(names + strlen(names), sizeof names - strlen(names), " %s", k->name);
  return cli_error("unknown configuration '%s'; known:%s", s, names);
}

static int take(const option_t *o, const char *value, cli_t *c)
{
  char *at = (char *)c + o->offset;
  switch (o->kind) {
  case FLAG: *(bool *)(void *)at = true; return CLI_OK;
  case TEXT: *(const char **)(void *)at = value; return CLI_OK;
  case NUMBER: return number(o, value, c);
  case CONFIG: return config(value, c);
  case FILES: break;
  }
  int *count = o->letter == 'i' ? &c->ninput : &c->noutput;
  if (*count == CLI_MAX_FILES) return cli_error("%s: at most %d times", o->name, CLI_MAX_FILES);
  ((const char **)(void *)at)[(*count)++] = value;
  return CLI_OK;
}

int cli_parse(const cli_verb_t *v, int argc, char **argv, cli_t *c)
{
  *c = (cli_t){.cfg = weft_config_find("weft672"), .target = "model", .fmnist_dir = CLI_FMNIST_DIR, .output_dir = ".", .n = 100,
               .batch = 1, .most = 5, .models = "../shared/models"};
  const char *dir = getenv("FMNIST_DIR");
  if (dir && *dir) c->fmnist_dir = dir;
  for (int i = 0; i < argc; i++) {
    if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
      help(v);
      return -1;
    }
    if (argv[i][0] != '-' || !argv[i][1]) {
      if (c->nnet == CLI_MAX_FILES) return cli_error("more than %d files", CLI_MAX_FILES);
      c->net[c->nnet++] = argv[i];
      continue;
    }
    const option_t *o = NULL;
    size_t len = strcspn(argv[i], "=");
    for (int k = 0; k < OPTIONS; k++)
      if (strchr(v->options, table[k].letter) && strlen(table[k].name) == len && !strncmp(argv[i], table[k].name, len)) o = &table[k];
    if (!o) return cli_error("weft %s has no option %s; see `weft %s --help`", v->name, argv[i], v->name);
    const char *value = argv[i][len] ? argv[i] + len + 1 : NULL;
    if (o->kind == FLAG && value) return cli_error("%s takes no value", o->name);
    if (o->kind != FLAG && !value && !(value = ++i < argc ? argv[i] : NULL)) return cli_error("%s needs %s", o->name, o->value);
    int err = take(o, value, c);
    if (err) return err;
  }
  if (strcmp(c->target, "rtl") && strcmp(c->target, "model")) return cli_error("unknown target '%s'; known: rtl model", c->target);
  return CLI_OK;
}
