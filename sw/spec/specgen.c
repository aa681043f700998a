/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints the Verilog headers and the Markdown tables from the .def files of docs/spec.
 *
 * usage: specgen vh            constants, registers, errors, counters, command fields as Verilog macros
 *        specgen config NAME   the parameters of one configuration as Verilog macros
 *        specgen configs       names of all configurations
 *        specgen md            tables for the documents
 * A field macro is `lsb +: width` of the 1024-bit record: cmd[`WEFT_CONV_P].
 */
#include <stdio.h>
#include <string.h>

typedef struct { const char *cmd, *name; int word, lsb, width, sgn; const char *text; } field_t;
static const field_t fields[] = {
#define F(cmd, name, word, lsb, width, sgn, text) {#cmd, #name, word, lsb, width, sgn, text},
#include "commands.def"
};
typedef struct { const char *name; int code, engine; const char *text; } op_t;
static const op_t ops[] = {
#define O(name, code, engine, text) {#name, code, engine, text},
#include "commands.def"
};
typedef struct { const char *name; int rows, cols, lanes, buf, bank, ppu, fspad, net, bus; const char *text; } config_t;
static const config_t configs[] = {
#define C(name, rows, cols, lanes, buf, bank, ppu, fspad, net, bus, text) \
  {#name, rows, cols, lanes, buf, bank, ppu, fspad, net, bus, text},
#include "configs.def"
#undef C
};
typedef struct { const char *name; unsigned value; const char *access, *text; } value_t;
static const value_t params[] = {
#define P(name, value, text) {#name, value, "", text},
#include "params.def"
#undef P
};
static const value_t regs[] = {
#define R(name, off, acc, text) {#name, off, acc, text},
#include "registers.def"
#undef R
};
static const value_t errors[] = {
#define E(name, code, text) {#name, code, "", text},
#include "errors.def"
#undef E
};
static const value_t counters[] = {
#define K(name, exact, text) {#name, exact, "", text},
#include "counters.def"
#undef K
};
#define N(a) (sizeof(a) / sizeof((a)[0]))

/* Bits of a command's record that no field of it or of the header names. */
static void reserved_mask(const char *cmd, unsigned mask[32])
{
  for (int i = 0; i < 32; i++) mask[i] = 0xffffffffu;
  for (size_t i = 0; i < N(fields); i++) {
    const field_t *f = &fields[i];
    if (strcmp(f->cmd, "HDR") && strcmp(f->cmd, cmd)) continue;
    unsigned bits = f->width == 32 ? 0xffffffffu : ((1u << f->width) - 1u) << f->lsb;
    mask[f->word] &= ~bits;
  }
}

static void print_vh(void)
{
  printf("// generated from the .def files of docs/spec by specgen; never edited\n`ifndef WEFT_SPEC_VH\n`define WEFT_SPEC_VH\n");
  for (size_t i = 0; i < N(params); i++) printf("`define WEFT_%s 32'h%x\n", params[i].name, params[i].value);
  for (size_t i = 0; i < N(regs); i++) printf("`define WEFT_REG_%s 12'h%03x\n", regs[i].name, regs[i].value);
  for (size_t i = 0; i < N(errors); i++) printf("`define WEFT_ERR_%s 8'd%u\n", errors[i].name, errors[i].value);
  for (size_t i = 0; i < N(counters); i++) printf("`define WEFT_CNT_%s %zu\n", counters[i].name, i);
  printf("`define WEFT_COUNTERS %zu\n", N(counters));
  for (size_t i = 0; i < N(ops); i++) {
    unsigned m[32];
    printf("`define WEFT_OP_%s 8'd%d\n`define WEFT_ENG_%s 2'd%d\n", ops[i].name, ops[i].code, ops[i].name, ops[i].engine);
    reserved_mask(ops[i].name, m);
    printf("`define WEFT_RSVD_%s 1024'h", ops[i].name);
    for (int w = 31; w >= 0; w--) printf("%08x", m[w]);
    printf("\n");
  }
  for (size_t i = 0; i < N(fields); i++)
    printf("`define WEFT_%s_%s %d +: %d\n", fields[i].cmd, fields[i].name, fields[i].word * 32 + fields[i].lsb, fields[i].width);
  printf("`endif\n");
}

static int print_config(const char *name)
{
  for (size_t i = 0; i < N(configs); i++) {
    const config_t *c = &configs[i];
    if (strcmp(c->name, name)) continue;
    printf("// configuration %s, generated from docs/spec/configs.def by specgen; never edited\n", name);
    printf("`ifndef WEFT_CONFIG_VH\n`define WEFT_CONFIG_VH\n");
    printf("`define WEFT_ROWS %d\n`define WEFT_COLS %d\n`define WEFT_LANES %d\n`define WEFT_BUF_WORDS %d\n`define WEFT_BANK_WORDS %d\n",
           c->rows, c->cols, c->lanes, c->buf, c->bank);
    printf("`define WEFT_PPU_LANES %d\n`define WEFT_FSPAD_BYTES %d\n`define WEFT_NET_BYTES %d\n`define WEFT_BUS_BYTES %d\n`endif\n",
           c->ppu, c->fspad, c->net, c->bus);
    return 0;
  }
  fprintf(stderr, "specgen: unknown configuration '%s'; known:", name);
  for (size_t i = 0; i < N(configs); i++) fprintf(stderr, " %s", configs[i].name);
  fprintf(stderr, "\n");
  return 2;
}

static void print_md(void)
{
  printf("# Weft: registers, commands, configurations (generated from the .def files of docs/spec)\n\n## Configurations\n\n");
  printf("| name | rows x cols x lanes | MAC/cycle | buffer KiB | PPU lanes | filter spad B | network B/cycle | DRAM B/cycle | for |\n|---|---|---|---|---|---|---|---|---|\n");
  for (size_t i = 0; i < N(configs); i++) {
    const config_t *c = &configs[i];
    printf("| %s | %d x %d x %d | %d | %d | %d | 2 x %d | %d | %d | %s |\n", c->name, c->rows, c->cols, c->lanes,
           c->rows * c->cols * c->lanes, c->buf / 64, c->ppu, c->fspad, c->net, c->bus, c->text);
  }
  printf("\n## Constants\n\n| name | value | meaning |\n|---|---|---|\n");
  for (size_t i = 0; i < N(params); i++) printf("| %s | %u | %s |\n", params[i].name, params[i].value, params[i].text);
  printf("\n## Registers\n\n| offset | name | access | meaning |\n|---|---|---|---|\n");
  for (size_t i = 0; i < N(regs); i++) printf("| 0x%03x | %s | %s | %s |\n", regs[i].value, regs[i].name, regs[i].access, regs[i].text);
  printf("\n## Error codes\n\n| code | name | meaning |\n|---|---|---|\n");
  for (size_t i = 0; i < N(errors); i++) printf("| %u | %s | %s |\n", errors[i].value, errors[i].name, errors[i].text);
  printf("\n## Event counters\n\n| index | name | equal in the model | meaning |\n|---|---|---|---|\n");
  for (size_t i = 0; i < N(counters); i++)
    printf("| %zu | %s | %s | %s |\n", i, counters[i].name, counters[i].value ? "yes" : "no", counters[i].text);
  for (size_t o = 0; o <= N(ops); o++) {
    const char *cmd = o ? ops[o - 1].name : "HDR";
    if (o) printf("\n## Command %s (opcode %d, engine %d): %s\n\n", cmd, ops[o - 1].code, ops[o - 1].engine, ops[o - 1].text);
    else printf("\n## Every command\n\n");
    printf("| word | bits | field | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < N(fields); i++)
      if (!strcmp(fields[i].cmd, cmd))
        printf("| %d | %d:%d | %s%s | %s |\n", fields[i].word, fields[i].lsb + fields[i].width - 1, fields[i].lsb,
               fields[i].name, fields[i].sgn ? " (signed)" : "", fields[i].text);
  }
}

int main(int argc, char **argv)
{
  if (argc == 2 && !strcmp(argv[1], "vh")) { print_vh(); return 0; }
  if (argc == 3 && !strcmp(argv[1], "config")) return print_config(argv[2]);
  if (argc == 2 && !strcmp(argv[1], "configs")) {
    for (size_t i = 0; i < N(configs); i++) printf("%s\n", configs[i].name);
    return 0;
  }
  if (argc == 2 && !strcmp(argv[1], "md")) { print_md(); return 0; }
  fprintf(stderr, "usage: specgen vh | config NAME | configs | md\n");
  return 2;
}
