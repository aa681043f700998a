/* SPDX-License-Identifier: Apache-2.0
 *
 * Row-unrolled ifmaps (see unroll.h). The masks of a border column: min(A, mask 0) then max(A, mask 1) leave a byte as it is where the masks are
 * 127 and -128, and make it the zero point where both are that.
 */
#include "unroll.h"

enum { MOST_CHANNELS = 8, MOST_BORDERS = 8 };

static int borders(const weft_unroll_t *u) { return u->first + u->g->OW - u->last; }

bool weft_unroll_geometry(weft_unroll_t *u, weft_conv_geom_t *to)
{
  const weft_conv_geom_t *g = u->g;
  if (g->gC || g->Cn != g->C || g->C > MOST_CHANNELS || g->S < 2 || g->R < 2 || g->dx != 1 || u->place.region != WEFT_REG_ARENA) return false;
  u->words = (g->S * g->C + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES;
  for (u->first = 0; u->first < g->OW && u->first * g->sx < g->pl;) u->first++;
  for (u->last = g->OW; u->last > u->first && (u->last - 1) * g->sx - g->pl + g->S > g->W;) u->last--;
  if (borders(u) > MOST_BORDERS) return false;
  /* Bytes before the first row and behind the last are read too: the arena has some on both sides. */
  int64_t before = (int64_t)g->pl * g->C, end = ((int64_t)g->N * g->H - 1) * g->W * g->C + (int64_t)((g->OW - 1) * g->sx - g->pl + g->S) * g->C;
  if (before > u->place.offset || u->place.offset + end > u->e->p->arena_bytes) return false;
  *to = *g;
  to->W = g->OW;
  to->C = to->Cn = g->S * g->C;
  to->S = to->sx = 1;
  to->pl = 0;
  to->unrolled = true;
  return true;
}

int weft_unroll_mask_words(const weft_unroll_t *u) { return 2 * borders(u) * u->words; }

/* Number of a border column among them, -1 for others. */
static int border(const weft_unroll_t *u, int ox) { return ox < u->first ? ox : ox >= u->last ? u->first + ox - u->last : -1; }

static int load_masks(weft_unroll_t *u)
{
  const weft_conv_geom_t *g = u->g;
  int bytes = weft_unroll_mask_words(u) * WEFT_WORD_BYTES;
  int64_t at = weft_program_constant(u->e->p, (size_t)bytes);
  if (at < 0) return weft_fail(u->e->m, WEFT_E_MEMORY, "out of memory");
  int8_t *to = (int8_t *)u->e->p->konst + at;
  for (int ox = 0; ox < g->OW; ox++) {
    if (border(u, ox) < 0) continue;
    for (int mask = 0; mask < 2; mask++)
      for (int i = 0; i < u->words * WEFT_WORD_BYTES; i++) {
        int x = ox * g->sx - g->pl + i / g->C;
        *to++ = (int8_t)(i < g->S * g->C && (x < 0 || x >= g->W) ? g->zx : mask ? INT8_MIN : INT8_MAX);
      }
  }
  return weft_emit_load_flat(u->e, WEFT_REG_CONSTANTS, (uint32_t)at, bytes, u->base);
}

/* Column ox of the tile, `rows` rows: what lies beside the image becomes the zero point, in place. */
static int mask_column(weft_unroll_t *u, int ox, int rows, int at, int row)
{
  for (int mask = 0; mask < 2; mask++) {
    weft_vec_t v = {.n0 = u->words, .n1 = rows, .n2 = 1, .k0 = 1, .k1 = 1, .a_base = at, .out_base = at, .a_s0 = u->words > 1, .out_s0 = u->words > 1,
                    .b_s0 = u->words > 1, .b_base = u->base + (2 * border(u, ox) + mask) * u->words, .act_min = INT8_MIN, .act_max = INT8_MAX, .nsteps = 1,
                    .step0 = WEFT_STEP(.fn = mask ? WEFT_FN_MAX : WEFT_FN_MIN, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT)};
    if (rows > 1) v.a_s1 = v.out_s1 = row;
    int err = weft_emit_vec(u->e, &v);
    if (err) return err;
  }
  return WEFT_OK;
}

int weft_unroll_load(void *ctx, const weft_rect_t *r, int at, int row)
{
  weft_unroll_t *u = ctx;
  const weft_walk_t *w = u->walk;
  const weft_conv_geom_t *g = u->g;
  int err;
  if (!u->masked && borders(u) && (err = load_masks(u))) return err;
  u->masked = true;
  weft_dma_t d = {.opcode = WEFT_CMD_LOAD, .region = u->place.region, .elem_bytes = g->S * g->C, .elems = 1, .n0 = r->nx, .n1 = r->ny, .buf = at,
                  .offset = u->place.offset + ((((int64_t)r->n * g->H + r->y) * g->W) + (int64_t)r->x * g->sx - g->pl) * g->C};
  if (d.n0 > 1) {
    d.dram_s0 = g->sx * g->C;
    d.buf_s0 = w->p->in_pix;
  }
  if (d.n1 > 1) {
    d.dram_s1 = (int64_t)g->W * g->C;
    d.buf_s1 = row;
  }
  err = weft_emit_dma(u->e, &d);
  for (int x = 0; x < r->nx && !err; x++)
    if (border(u, r->x + x) >= 0) err = mask_column(u, r->x + x, r->ny, at + x * w->p->in_pix, row);
  return err;
}
