/* SPDX-License-Identifier: Apache-2.0
 *
 * The operations of a random list: whole-arena LOADs and STOREs, convolutions with their filters, copies. (VEC and TRANSPOSE: randvec.c.)
 */
#include <stdlib.h>

#include "randbuild.h"
#include "randconv.h"
#include "randvec.h"

typedef build_range_t range_t;

bool build_apart(range_t a, range_t b) { return a.base + a.words <= b.base || b.base + b.words <= a.base; }

range_t build_place(build_t *b, int64_t words, bool operand) {
  if (operand && rand_chance(&b->r, 50)) {
    int64_t base = b->recent[rand_in(&b->r, 0, BUILD_RECENT - 1)].base;
    if (base >= b->arena && base + words <= b->arena + b->arena_words) return (range_t){base, words};
  }
  return (range_t){b->arena + rand_in(&b->r, 0, b->arena_words - words), words};
}

void build_remember(build_t *b, range_t r) {
  int i = (int)rand_in(&b->r, 0, BUILD_RECENT - 1);
  b->recent[i].base = r.base;
  b->recent[i].words = r.words;
}

/* Whole words between DRAM and a range of the buffer, in one of several shapes of the same copy. */
static weft_cmd_t copy_words(build_t *b, int64_t opcode, int region, int64_t offset, range_t to) {
  weft_cmd_t c = {0};
  c.dma = (weft_dma_t){.opcode = opcode, .region = region, .offset = offset, .elem_bytes = 16, .elems = to.words, .n0 = 1, .n1 = 1,
                       .buf = to.base, .buf_se = 1};
  if (rand_chance(&b->r, 30) && to.words * 16 <= UINT16_MAX) {
    c.dma.elem_bytes = to.words * 16;
    c.dma.elems = 1;
  } else if (rand_chance(&b->r, 40)) {
    for (int64_t n = rand_in(&b->r, 2, 9); n > 1; n--)
      if (to.words % n == 0) {
        c.dma.elems = to.words / n;
        c.dma.n0 = n;
        c.dma.dram_s0 = c.dma.elems * 16;
        c.dma.buf_s0 = c.dma.elems;
        break;
      }
  }
  return c;
}

void build_load(build_t *b, const uint8_t *from, range_t to) {
  int64_t at = build_dram(b, b->in, to.words * 16);
  if (b->failed) return;
  memcpy(b->l->dram + b->l->region[b->in].base + at, from, (size_t)to.words * 16);
  weft_cmd_t c = copy_words(b, WEFT_CMD_LOAD, b->in, at, to);
  build_emit(b, &c);
}

/* The whole arena in one to four pieces. */
static void arena(build_t *b, int64_t opcode, int region) {
  int64_t pieces = rand_in(&b->r, 1, 4), at = 0;
  for (int64_t i = 0; i < pieces; i++) {
    int64_t end = i == pieces - 1 ? b->arena_words : rand_in(&b->r, at + 1, b->arena_words - pieces + i + 1);
    range_t r = {b->arena + at, end - at};
    weft_cmd_t c = copy_words(b, opcode, region, build_dram(b, region, r.words * 16), r);
    build_emit(b, &c);
    at = end;
  }
}

/* Finds places for the command's parts, writes its filters and entries, and appends it. False when there is no room. */
static bool conv(build_t *b, weft_cmd_t *k) {
  weft_conv_t *c = &k->conv;
  const int64_t words[4] = {randconv_ifmap_words(b->cfg, c), randconv_image_words(b->cfg, c), randconv_entry_words(c), randconv_ofmap_words(c)};
  range_t in, filters, entries, out;
  int tries = 0;
  do {
    if (++tries > 100) return false;   /* no room beside each other this time */
    in = build_place(b, words[0], true);
    filters = build_place(b, words[1], false);
    entries = build_place(b, words[2], false);
    out = build_place(b, words[3], false);
  } while (!build_apart(filters, entries) || !build_apart(in, out) || !build_apart(filters, out) || !build_apart(entries, out) ||
           (rand_chance(&b->r, 90) && (!build_apart(in, filters) || !build_apart(in, entries))));
  int64_t depth = randconv_depth(b->cfg, c), filter = c->R * c->S * depth;
  int8_t *weight = malloc((size_t)(c->M * filter));
  randconv_entry_t *entry = malloc((size_t)c->M * sizeof *entry);
  uint8_t *image = malloc((size_t)(words[1] > words[2] ? words[1] : words[2]) * 16);
  if (weight && entry && image) {
    bool one_hot = c->kind == WEFT_CHAIN_GROUPS && rand_chance(&b->r, 50);   /* as a depthwise convolution is laid out */
    for (int64_t i = 0; i < c->M * filter; i++)
      weight[i] = one_hot && i % depth != i / filter % depth ? (int8_t)c->zw : rand_i8(&b->r);
    for (int64_t m = 0; m < c->M; m++) entry[m] = randconv_entry(&b->r, one_hot ? c->R * c->S : filter);
    c->in_base = in.base;
    c->filt_base = filters.base;
    c->param_base = c->psum_out ? rand_in(&b->r, 0, UINT16_MAX) : entries.base;      /* with psum_out neither is looked at */
    c->out_base = c->psum_out ? rand_in(&b->r, 0, UINT16_MAX) : out.base;
    randconv_image(b->cfg, c, weight, image);
    build_load(b, image, filters);
    randconv_entries(c, entry, image);
    if (!c->psum_out) build_load(b, image, entries);
    build_emit(b, k);
    if (!c->psum_out) build_remember(b, out);
  } else {
    b->failed = true;
  }
  free(weight);
  free(entry);
  free(image);
  return true;
}

/* One CONV, or a chain of some whose psums stay, with other work between them. */
static void op_conv(build_t *b, const randlist_opts_t *opts) {
  const randconv_limits_t limits = {b->arena_words / 4, opts->max_issue ? opts->max_issue : 6000};
  const int64_t length = rand_chance(&b->r, 75) ? 1 : rand_in(&b->r, 2, 4);
  weft_cmd_t k = {0};
  randconv_geometry(&b->r, b->cfg, &limits, &k.conv);
  if (length > 1) randconv_one_group(b->cfg, &k.conv);
  k.conv.psum_out = length > 1;
  if (!conv(b, &k)) return;
  for (int64_t i = 1; i < length && !b->failed; i++) {
    const weft_conv_t before = k.conv;
    randconv_like(&b->r, b->cfg, &limits, &before, &k.conv);
    k.conv.psum_in = 1;
    k.conv.psum_out = i + 1 < length;
    if (rand_chance(&b->r, 25)) randvec_vec(b);
    if (!conv(b, &k)) b->failed = true;          /* a chain without its end is no list */
  }
}

static int64_t extent(int64_t n0, int64_t s0, int64_t n1, int64_t s1, int64_t n2, int64_t s2) {
  return (n0 - 1) * s0 + (n1 - 1) * s1 + (n2 - 1) * s2 + 1;
}

/* A strided copy of odd sizes: fresh bytes in, results out, or through the region that is both written and read. */
static void op_copy(build_t *b) {
  rand_t *r = &b->r;
  weft_cmd_t k = {0};
  weft_dma_t *c = &k.dma;
  c->opcode = rand_in(r, WEFT_CMD_LOAD, WEFT_CMD_STORE);
  c->region = rand_chance(r, 50) ? b->both : c->opcode == WEFT_CMD_LOAD ? b->in : b->out;
  c->elem_bytes = rand_chance(r, 30) ? 16 : rand_in(r, 1, 70);
  c->elems = rand_in(r, 1, 9);
  c->n0 = rand_in(r, 1, 5);
  c->n1 = rand_in(r, 1, 3);
  int64_t run = c->elem_bytes * c->elems, words = (c->elem_bytes + 15) / 16;
  c->dram_s0 = run + (rand_chance(r, 50) ? 0 : rand_in(r, 0, 50));
  c->dram_s1 = c->dram_s0 * c->n0 + (rand_chance(r, 50) ? 0 : rand_in(r, 0, 200));
  c->buf_se = words + (rand_chance(r, 60) ? 0 : rand_in(r, 0, 3));
  c->buf_s0 = c->buf_se * c->elems + (rand_chance(r, 60) ? 0 : rand_in(r, 0, 4));
  c->buf_s1 = c->buf_s0 * c->n0 + (rand_chance(r, 60) ? 0 : rand_in(r, 0, 4));
  int64_t bytes = (c->n0 - 1) * c->dram_s0 + (c->n1 - 1) * c->dram_s1 + run;
  int64_t extent_words = extent(c->elems, c->buf_se, c->n0, c->buf_s0, c->n1, c->buf_s1) + words - 1;
  if (extent_words > b->arena_words || bytes > BUILD_BOTH / 4) return;
  c->offset = c->region == b->both ? rand_in(r, 0, BUILD_BOTH - bytes) : build_dram(b, (int)c->region, bytes);
  range_t at = build_place(b, extent_words, c->opcode == WEFT_CMD_STORE);
  c->buf = at.base;
  if (rand_chance(r, 10) && c->n0 > 1) {   /* backwards through the buffer */
    c->buf = at.base + (c->n0 - 1) * c->buf_s0;
    c->buf_s0 = (1 << 16) - c->buf_s0;
  }
  if (c->opcode == WEFT_CMD_LOAD) build_remember(b, at);
  build_emit(b, &k);
}

void build_ops(build_t *b, const randlist_opts_t *opts) {
  rand_t *r = &b->r;
  int64_t most = weft_min64(b->cfg->buf_words, opts->arena_words ? opts->arena_words : 1536);
  b->arena_words = opts->arena_words ? most : rand_in(r, 400, most);
  b->arena = rand_chance(r, 30) ? b->cfg->buf_words - b->arena_words : rand_in(r, 0, b->cfg->buf_words - b->arena_words);
  arena(b, WEFT_CMD_LOAD, b->in);
  for (int64_t ops = opts->ops ? opts->ops : rand_in(r, 3, 12); ops > 0 && !b->failed; ops--) {
    int64_t kind = rand_in(r, 0, 11);
    if (kind < 4) op_conv(b, opts);
    else if (kind < 8) randvec_vec(b);
    else if (kind < 10) randvec_transpose(b);
    else op_copy(b);
  }
  arena(b, WEFT_CMD_STORE, b->out);
}
