/* SPDX-License-Identifier: Apache-2.0
 *
 * ADD, QUANTIZE, RELU and RELU6 as VEC commands.
 *
 * They work value by value, so the shape does not matter: tensors are cut into pieces of whole words, two slots for each
 * operand, so that loading, computing and storing overlap.
 */
#include <stdio.h>

#include "emit.h"
#include "quant.h"

enum { PIECE_WORDS = 2048 };     /* at most; long enough to hide DRAM latency, short enough to overlap small tensors */

static int shift_left(int e) { return e > 0 ? e : 0; }
static int shift_right(int e) { return e < 0 ? -e : 0; }

static void add_program(const weft_emit_t *e, weft_vec_t *v)
{
  weft_add_params_t p;
  weft_add_params(e->g, e->op, &p);
  v->zb = e->g->tensor[e->op->in[1]].zero[0];
  v->nsteps = 3;
  v->step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_0, .into = WEFT_INTO_SET);
  v->step1 = WEFT_STEP(.fn = WEFT_FN_B, .scale = WEFT_SCALE_1, .into = WEFT_INTO_ADD);
  v->step2 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_2, .into = WEFT_INTO_OUT);
  v->mult0 = p.qa;
  v->mult1 = p.qb;
  v->mult2 = p.qo;
  v->ls0 = v->ls1 = WEFT_ADD_SHIFT;        /* both exponents are <= 0 */
  v->rs0 = shift_right(p.ea);
  v->rs1 = shift_right(p.eb);
  v->ls2 = shift_left(p.eo);
  v->rs2 = shift_right(p.eo);
}

static void rescale_program(const weft_emit_t *e, weft_vec_t *v)
{
  int32_t q;
  int x;
  weft_rescale_requant(e->g, e->op, &q, &x);
  v->nsteps = 1;
  v->step0 = WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_0, .into = WEFT_INTO_OUT);
  v->mult0 = q;
  v->ls0 = shift_left(x);
  v->rs0 = shift_right(x);
}

int weft_lower_lane(weft_emit_t *e)
{
  const weft_tensor_t *a = &e->g->tensor[e->op->in[0]], *out = &e->g->tensor[e->op->out[0]];
  const weft_config_t *cfg = e->p->cfg;
  bool two = e->op->code == WEFT_OP_ADD;
  if (two && (a->elements != out->elements || e->g->tensor[e->op->in[1]].elements != out->elements))
    return weft_fail(e->m, WEFT_E_UNSUPPORTED, "operands of different shapes");
  int32_t lo, hi;
  weft_act_bounds(e->g, e->op, &lo, &hi);
  weft_vec_t v = {.n1 = 1, .n2 = 1, .k0 = 1, .k1 = 1, .a_s0 = 1, .b_s0 = two, .out_s0 = 1, .za = a->zero[0], .zo = out->zero[0],
                  .act_min = lo, .act_max = hi};
  if (two) add_program(e, &v);
  else rescale_program(e, &v);

  int operands = two ? 2 : 1, piece = cfg->buf_words / (2 * (operands + 1));
  if (piece > PIECE_WORDS) piece = PIECE_WORDS;
  if (piece > cfg->bank_words && cfg->buf_words >= 6 * cfg->bank_words) piece = cfg->bank_words;
  const int count[3] = {2, 2, two ? 2 : 0}, words[3] = {piece, piece, piece};
  int base[3];
  if (!weft_emit_slots(e, 3, count, words, base)) return weft_fail(e->m, WEFT_E_INTERNAL, "pieces do not fit the buffer");

  const weft_place_t *pa = &e->p->place[e->op->in[0]], *po = &e->p->place[e->op->out[0]];
  const weft_place_t *pb = two ? &e->p->place[e->op->in[1]] : NULL;
  size_t bytes = a->elements, step = (size_t)piece * WEFT_WORD_BYTES;
  for (size_t at = 0, i = 0; at < bytes; at += step, i++) {
    int n = (int)(bytes - at < step ? bytes - at : step), slot = (int)(i & 1) * piece, err;
    v.a_base = base[0] + slot;
    v.out_base = base[1] + slot;
    v.n0 = (n + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES;
    if ((err = weft_emit_load_flat(e, pa->region, pa->offset + (uint32_t)at, n, (int)v.a_base))) return err;
    if (two) {
      v.b_base = base[2] + slot;
      if ((err = weft_emit_load_flat(e, pb->region, pb->offset + (uint32_t)at, n, (int)v.b_base))) return err;
    }
    if ((err = weft_emit_vec(e, &v))) return err;
    if ((err = weft_emit_store_flat(e, po->region, po->offset + (uint32_t)at, n, (int)v.out_base))) return err;
  }
  snprintf(e->layer->mapping, sizeof e->layer->mapping, "lanes, %d-word pieces", piece);
  return WEFT_OK;
}
