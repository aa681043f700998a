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
typedef weft_transpose_t TRANSPOSE_t;

/* One table in the order of commands.def: the header's fields, then each command's. */
static const weft_field_t table[] = {
#define F(cmd, field, word, lsb, width, sgn, text) {#field, word, lsb, width, sgn, offsetof(cmd##_t, field)},
#include "commands.def"
};
/* FIRST_<command>: index of its first field. (An enumerator goes up by one; BACK_ takes that back.) */
enum {
#define O(name, code, engine, text) FIRST_##name, BACK_##name = FIRST_##name - 1,
#define F(cmd, field, word, lsb, width, sgn, text) AT_##cmd##_##field,
#include "commands.def"
  TABLE
};
static const uint8_t first[] = {0, FIRST_LOAD, FIRST_STORE, FIRST_CONV, FIRST_VEC, FIRST_TRANSPOSE, TABLE};
_Static_assert(WEFT_CMD_LOAD == 1 && WEFT_CMD_STORE == 2 && WEFT_CMD_CONV == 3 && WEFT_CMD_VEC == 4 && WEFT_CMD_TRANSPOSE == 5, "first[] goes by opcode");

const weft_field_t *weft_cmd_fields(int opcode, int *count)
{
  bool known = opcode >= 0 && opcode < (int)sizeof first - 1;
  *count = known ? first[opcode + 1] - first[opcode] : 0;
  return known ? &table[first[opcode]] : NULL;
}

static int64_t get(const weft_cmd_t *c, const weft_field_t *f)
{
  int64_t v;
  memcpy(&v, (const char *)c + f->offset, sizeof v);
  return v;
}

/* The header's fields (part 0), then the command's. */
const char *weft_cmd_pack(const weft_cmd_t *c, uint32_t rec[WEFT_CMD_WORDS])
{
  memset(rec, 0, WEFT_CMD_BYTES);
  if (!weft_command_name((int)c->hdr.opcode)) return "opcode";
  for (int part = 0; part < 2; part++) {
    int count;
    const weft_field_t *f = weft_cmd_fields(part ? (int)c->hdr.opcode : 0, &count);
    for (const weft_field_t *end = f + count; f < end; f++) {
      int64_t v = get(c, f), lo = f->sgn ? -(1LL << (f->width - 1)) : 0;
      int64_t hi = (1LL << (f->width - f->sgn)) - 1;
      if (v < lo || v > hi) return f->name;
      rec[f->word] |= (uint32_t)(((uint64_t)v & ((1ULL << f->width) - 1)) << f->lsb);
    }
  }
  return NULL;
}

/* Shifts are 32 bits wide: firmware unpacks lists on a small processor. */
int weft_cmd_unpack(const uint32_t rec[WEFT_CMD_WORDS], weft_cmd_t *c)
{
  uint32_t seen[WEFT_CMD_WORDS] = {0}, opcode = rec[0] & 0xff;
  memset(c, 0, sizeof *c);
  c->hdr.opcode = opcode;
  if (!weft_command_name((int)opcode)) return WEFT_ERR_OPCODE;
  for (int part = 0; part < 2; part++) {
    int count;
    const weft_field_t *f = weft_cmd_fields(part ? (int)opcode : 0, &count);
    for (const weft_field_t *end = f + count; f < end; f++) {
      unsigned up = 32u - f->lsb - f->width, down = 32u - f->width;
      uint32_t raw = rec[f->word] << up;
      *(int64_t *)(void *)((char *)c + f->offset) = f->sgn ? (int64_t)((int32_t)raw >> down) : (int64_t)(raw >> down);
      seen[f->word] |= UINT32_MAX >> down << f->lsb;
    }
  }
  for (int w = 0; w < WEFT_CMD_WORDS; w++)
    if (rec[w] & ~seen[w]) return WEFT_ERR_RESERVED;
  return WEFT_ERR_NONE;
}

int64_t weft_step_pack(weft_step_t s)
{
  int64_t code = 0;
#define S(field, lsb, width, text) code |= (int64_t)(s.field & WEFT_STEP_##field##_MASK) << WEFT_STEP_##field##_LSB;
#include "steps.def"
  return code;
}

weft_step_t weft_step_unpack(int64_t code)
{
  weft_step_t s;
#define S(field, lsb, width, text) s.field = (int)(code >> WEFT_STEP_##field##_LSB) & WEFT_STEP_##field##_MASK;
#include "steps.def"
  return s;
}
