/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints command records as text, from the tables of weft_spec.h.
 */
#include "program.h"

static void field(const weft_field_t *f, const uint32_t *rec, FILE *out, int *column)
{
  uint64_t raw = (rec[f->word] >> f->lsb) & ((UINT64_C(1) << f->width) - 1);
  int64_t v = (int64_t)raw;
  if (f->sgn && raw >> (f->width - 1)) v -= INT64_C(1) << f->width;
  if (!v) return;
  if (*column > 120) *column = fprintf(out, "\n             ");
  *column += fprintf(out, " %s=%lld", f->name, (long long)v);
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
