/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints command records as text, from the tables of weft_spec.h.
 */
#include "program.h"

/* Names of a step field's values; what has no name is printed as a number. */
static void selector(const char *field, int value, FILE *out, int *column)
{
  static const struct { const char *field, *name; int value; } names[] = {
#define V(field, name, value, text) {#field, #name, value},
#include "steps.def"
  };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (!strcmp(names[i].field, field) && names[i].value == value) {
      *column += fprintf(out, "%s", names[i].name);
      return;
    }
  *column += fprintf(out, "%d", value);
}

/* A step of a VEC program, e.g. step0={fn=MUL a=T0 b=B scale=1 into=ADD taps}. */
static void step(const char *name, int64_t code, FILE *out, int *column)
{
  weft_step_t s = weft_step_unpack(code);
  bool recip = s.into == WEFT_INTO_RECIP, a = s.fn != WEFT_FN_B && s.fn != WEFT_FN_ACC, b = s.fn != WEFT_FN_A && s.fn != WEFT_FN_ACC;
  *column += fprintf(out, " %s={", name);
  if (!recip) {
    *column += fprintf(out, "fn=");
    selector("FN", s.fn, out, column);
    if (a || s.a) {
      *column += fprintf(out, " a=");
      selector("A", s.a, out, column);
    }
    if (b || s.b) {
      *column += fprintf(out, " b=");
      selector("B", s.b, out, column);
    }
    *column += fprintf(out, " scale=");
    selector("SCALE", s.scale, out, column);
    *column += fprintf(out, " ");
  }
  *column += fprintf(out, "into=");
  selector("INTO", s.into, out, column);
  *column += fprintf(out, "%s%s}", s.div ? " div" : "", s.taps ? " taps" : "");
}

static void field(const weft_field_t *f, const uint32_t *rec, FILE *out, int *column)
{
  uint64_t raw = (rec[f->word] >> f->lsb) & ((UINT64_C(1) << f->width) - 1);
  int64_t v = (int64_t)raw;
  if (f->sgn && raw >> (f->width - 1)) v -= INT64_C(1) << f->width;
  if (!v) return;
  if (*column > 120) *column = fprintf(out, "\n             ");
  if ((rec[0] & 0xff) == WEFT_CMD_VEC && !strncmp(f->name, "step", 4)) step(f->name, v, out, column);
  else *column += fprintf(out, " %s=%lld", f->name, (long long)v);
}

void weft_disasm(const uint32_t *rec, uint32_t index, FILE *out)
{
  static const char *const engine[WEFT_ENGINES] = {"load", "array", "vector", "store"};
  int op = rec[0] & 0xff, n;
  const char *name = weft_command_name(op);
  int column = fprintf(out, "%6u %-6s", index, name ? name : "?");
  column += fprintf(out, " L%-3u", rec[0] >> 16);
  for (int e = 0; e < WEFT_ENGINES; e++)
    if (rec[0] >> (8 + e) & 1) column += fprintf(out, " %s>=%u", engine[e], rec[1 + e / 2] >> (e % 2 * 16) & 0xffff);
  weft_cmd_t c;
  int err = weft_cmd_unpack(rec, &c);
  const weft_field_t *f = weft_cmd_fields(op, &n);
  for (int i = 0; f && i < n; i++) field(&f[i], rec, out, &column);
  if (err) fprintf(out, "  (%s)", weft_error_text(err));
  fputc('\n', out);
}
