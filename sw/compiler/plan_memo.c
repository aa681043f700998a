/* SPDX-License-Identifier: Apache-2.0
 *
 * A hash table of plans (see plan_memo.h), by everything that they follow from: the geometry, the pool behind it, and the words of the buffer that are
 * free, as far as these matter. The rest of the configuration is the same for all plans of a table.
 */
#include "plan_memo.h"

#include <stdlib.h>

enum { INTS = 48 };
typedef struct {
  int v[INTS];             /* the geometry's and the pool's fields but those that only values depend on; the rest 0 */
  double value_cycles, pool_cycles;
} key_t;                   /* without the words that are free */

struct weft_planned {
  struct weft_planned *next;
  key_t key;
  int words;               /* of the buffer that were free */
  int err;
  weft_msg_t why;
  weft_conv_plan_t best[WEFT_CONV_PLANS];
};

static uint64_t hash_bytes(const void *of, size_t n, uint64_t h)        /* FNV-1a */
{
  for (const unsigned char *b = of, *end = b + n; b < end; b++) h = (h ^ *b) * 1099511628211u;
  return h ^ h >> 32;
}

enum { SEED = 0x9dc5 };
static uint64_t hash(const key_t *k) { return hash_bytes(k, sizeof *k, SEED); }

static bool grow(weft_plan_memo_t *t)
{
  const size_t slots = t->slots ? 2 * t->slots : 256;
  struct weft_planned **slot = calloc(slots, sizeof *slot);
  if (!slot) return false;
  for (size_t i = 0; i < t->slots; i++)
    for (struct weft_planned *p = t->slot[i], *next; p; p = next) {
      next = p->next;
      p->next = slot[hash(&p->key) % slots];
      slot[hash(&p->key) % slots] = p;
    }
  free(t->slot);
  t->slot = slot;
  t->slots = slots;
  return true;
}

static void key_of(const weft_conv_geom_t *g, key_t *k)
{
  static const weft_window_t none;
  const weft_window_t *w = g->pool ? g->pool : &none;
  const int v[] = {g->N, g->H, g->W, g->C, g->c0, g->Cn, g->OH, g->OW, g->M, g->m0, g->Mn, g->R, g->S, g->sy, g->sx, g->dy, g->dx, g->pt, g->pl,
                   g->gC, g->gM, g->computed, g->turned, g->repeats, g->resident, g->reserve, g->held, g->unrolled, g->stay, g->second_held, g->one_operand, g->pool != NULL,
                   g->pool_stays, w->batch, w->in_h, w->in_w, w->in_c, w->out_h, w->out_w, w->out_c, w->filter_h, w->filter_w, w->stride_h, w->stride_w,
                   w->pad_top, w->pad_left};
  _Static_assert(sizeof v / sizeof v[0] <= INTS, "a key holds all fields");
  memset(k, 0, sizeof *k);
  memcpy(k->v, v, sizeof v);
  k->value_cycles = g->value_cycles;
  k->pool_cycles = g->pool ? g->pool_cycles : 0;
}

/* A plan for more words that takes no more than these is the best for these too. */
static bool serves(const struct weft_planned *p, int words, int aim)
{
  return p->words == words || (!p->err && p->words > words && p->best[aim].need_words <= words);
}

int weft_conv_plan(weft_plan_memo_t *t, const weft_conv_geom_t *g, const weft_config_t *cfg, int aim, weft_conv_plan_t *best, weft_msg_t *m)
{
  key_t k;
  key_of(g, &k);
  if (t->n >= t->slots && !grow(t)) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
  struct weft_planned **at = &t->slot[hash(&k) % t->slots], *p = *at;
  while (p && (memcmp(&p->key, &k, sizeof k) || !serves(p, cfg->buf_words, aim))) p = p->next;
  if (!p) {
    if (!(p = calloc(1, sizeof *p))) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
    p->key = k;
    p->words = cfg->buf_words;
    p->err = weft_conv_plans(g, cfg, p->best, &t->work, &p->why);
    p->next = *at;
    *at = p;
    t->n++;
  }
  if (p->err) return weft_fail(m, p->err, "%s", p->why.msg);
  *best = p->best[aim];
  return WEFT_OK;
}

void weft_tiles_again(weft_plan_memo_t *t, const weft_tile_cost_t *c, int64_t total, int most, weft_tiles_t *to)
{
  if (!t->tiled) t->tiled = calloc(WEFT_TILED, sizeof *t->tiled);
  if (!t->tiled) {               /* slower without memory, but as good */
    weft_tiles(c, total, most, to);
    return;
  }
  weft_tiled_t *at = &t->tiled[hash_bytes(&most, sizeof most, hash_bytes(&total, sizeof total, hash_bytes(c, sizeof *c, SEED))) % WEFT_TILED];
  if (at->most != most || at->total != total || memcmp(&at->cost, c, sizeof *c)) {
    *at = (weft_tiled_t){.cost = *c, .total = total, .most = most};
    weft_tiles(c, total, most, &at->tiles);
  }
  *to = at->tiles;
}

void weft_plan_memo_free(weft_plan_memo_t *t)
{
  for (size_t i = 0; i < t->slots; i++)
    for (struct weft_planned *p = t->slot[i], *next; p; p = next) {
      next = p->next;
      free(p);
    }
  free(t->slot);
  free(t->tiled);
  *t = (weft_plan_memo_t){0};
}
