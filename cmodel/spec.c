/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables behind weft_spec.h and the packing of command records, all expanded from the .def files of docs/spec.
 */
#include "weft_spec.h"

const weft_config_t weft_configs[] = {
#define C(name, rows, cols, lanes, buf, bank, ppu, fspad, net, bus, text) \
  {#name, rows, cols, lanes, buf, bank, ppu, fspad, net, bus, text},
#include "configs.def"
#undef C
  {0}
};

const char *const weft_counter_name[WEFT_COUNTERS] = {
#define K(name, exact, text) #name,
#include "counters.def"
#undef K
};
const bool weft_counter_exact[WEFT_COUNTERS] = {
#define K(name, exact, text) exact,
#include "counters.def"
#undef K
};

const weft_config_t *weft_config_find(const char *name)
{
  for (const weft_config_t *c = weft_configs; c->name; c++)
    if (name && !strcmp(c->name, name)) return c;
  return NULL;
}

const char *weft_error_text(int code)
{
  switch (code) {
#define E(name, value, text) case value: return text;
#include "errors.def"
#undef E
  default: return "unknown error code";
  }
}

const char *weft_command_name(int opcode)
{
  switch (opcode) {
#define O(name, code, engine, text) case code: return #name;
#include "commands.def"
  default: return NULL;
  }
}

/* The struct that holds each command of commands.def. */
typedef weft_hdr_t HDR_t;
typedef weft_dma_t LOAD_t, STORE_t;
typedef weft_conv_t CONV_t;
typedef weft_vec_t VEC_t;

/* One table in the order of commands.def; code[] says which command an entry belongs to (0: header). */
enum { CODE_HDR = 0, CODE_LOAD = WEFT_CMD_LOAD, CODE_STORE = WEFT_CMD_STORE, CODE_CONV = WEFT_CMD_CONV, CODE_VEC = WEFT_CMD_VEC };
static const int code_of[] = {
#define F(cmd, field, word, lsb, width, sgn, text) CODE_##cmd,
#include "commands.def"
};
static const weft_field_t table[] = {
#define F(cmd, field, word, lsb, width, sgn, text) {#field, word, lsb, width, sgn, offsetof(cmd##_t, field)},
#include "commands.def"
};
enum { TABLE = sizeof(table) / sizeof(table[0]) };

const weft_field_t *weft_cmd_fields(int opcode, int *count)
{
  int first = -1, n = 0;
  for (int i = 0; i < TABLE; i++)
    if (code_of[i] == opcode) {
      if (first < 0) first = i;
      n++;
    }
  *count = n;
  return first < 0 ? NULL : &table[first];
}

static int64_t get(const weft_cmd_t *c, const weft_field_t *f)
{
  int64_t v;
  memcpy(&v, (const char *)c + f->offset, sizeof v);
  return v;
}

const char *weft_cmd_pack(const weft_cmd_t *c, uint32_t rec[WEFT_CMD_WORDS])
{
  memset(rec, 0, WEFT_CMD_BYTES);
  if (!weft_command_name((int)c->hdr.opcode)) return "opcode";
  for (int i = 0; i < TABLE; i++) {
    const weft_field_t *f = &table[i];
    if (code_of[i] != CODE_HDR && code_of[i] != c->hdr.opcode) continue;
    int64_t v = get(c, f), lo = f->sgn ? -(1LL << (f->width - 1)) : 0;
    int64_t hi = (1LL << (f->width - f->sgn)) - 1;
    if (v < lo || v > hi) return f->name;
    rec[f->word] |= (uint32_t)(((uint64_t)v & ((1ULL << f->width) - 1)) << f->lsb);
  }
  return NULL;
}

int weft_cmd_unpack(const uint32_t rec[WEFT_CMD_WORDS], weft_cmd_t *c)
{
  uint32_t seen[WEFT_CMD_WORDS] = {0};
  memset(c, 0, sizeof *c);
  c->hdr.opcode = rec[0] & 0xff;
  if (!weft_command_name((int)c->hdr.opcode)) return WEFT_ERR_OPCODE;
  for (int i = 0; i < TABLE; i++) {
    const weft_field_t *f = &table[i];
    if (code_of[i] != CODE_HDR && code_of[i] != c->hdr.opcode) continue;
    uint64_t mask = (1ULL << f->width) - 1, raw = (rec[f->word] >> f->lsb) & mask;
    int64_t v = (int64_t)raw;
    if (f->sgn && raw >> (f->width - 1)) v -= 1LL << f->width;
    memcpy((char *)c + f->offset, &v, sizeof v);
    seen[f->word] |= (uint32_t)(mask << f->lsb);
  }
  for (int w = 0; w < WEFT_CMD_WORDS; w++)
    if (rec[w] & ~seen[w]) return WEFT_ERR_RESERVED;
  return WEFT_ERR_NONE;
}
