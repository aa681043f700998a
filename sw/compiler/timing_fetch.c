/* SPDX-License-Identifier: Apache-2.0
 *
 * Time of the check of a command's fields (see timing_parts.h): rtl/ctrl/field_check.v.
 *
 * A CONV is checked by one serial multiplier: each of its products takes a cycle a bit of its second factor. That is 150 to 250 cycles in which
 * no other record comes in, so that lists of small commands are bound by it.
 */
#include "timing_parts.h"

double weft_check_cycles(const weft_cmd_t *cmd)
{
  enum { PLAIN = 1, DONE = 1, GIVE = 1, AROUND = 2, WORDS_MOST = 16 };       /* AROUND: set and judge of each product */
  if (cmd->hdr.opcode != WEFT_CMD_CONV) return PLAIN + DONE + GIVE;
  const weft_conv_t *c = &cmd->conv;
  const int64_t rows = c->kind == WEFT_CHAIN_ROWS ? c->nchain : 1, rest = c->kind == WEFT_CHAIN_ROWS ? 1 : c->nchain;
  const int64_t by[] = {c->nchain, c->T, c->FT, c->nchain, rest, c->K, c->S - 1, c->dil_y, c->stride_y, c->dil_y, c->R, c->R, c->pairs, c->pairs,
                        rows, c->NX - 1, c->NX, c->NY - 1, c->NY, c->stride_y, c->dil_y, c->stride_x, c->dil_x, c->T, c->NM, c->NM - 1, c->T, rows};
  double n = PLAIN + DONE + GIVE;
  for (size_t i = 0; i < sizeof by / sizeof by[0]; i++) n += AROUND + (by[i] > 1 ? weft_bits(by[i]) : 1);
  int64_t a = c->k0, b = c->rsh;
  for (n++; a != b; n++)                                                     /* their greatest common divisor, by subtraction */
    if (a > b) a -= b;
    else b -= a;
  return n + (double)weft_min64(WORDS_MOST, c->NM * c->T);
}
