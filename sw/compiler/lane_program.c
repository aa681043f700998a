/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps and tables of the value-by-value operators (see lane_program.h).
 *
 * Cheapest form first: what one scale expresses takes no table; a function of one byte, also of two when one of them is known, is a table
 * of 256 bytes; the rules that scale both inputs before they meet can keep the scaled inputs in two tables, so that a word costs one step
 * instead of three.
 */
#include "lane_program.h"

#include "golden.h"
#include "overlap.h"
#include "quant.h"
#include "vec_program.h"

int weft_lane_operands(weft_opcode_t code)
{
  switch (code) {
  case WEFT_OP_ADD: case WEFT_OP_SUB: case WEFT_OP_MUL: case WEFT_OP_MAXIMUM: case WEFT_OP_MINIMUM: case WEFT_OP_SQUARED_DIFFERENCE:
  case WEFT_OP_PRELU: return 2;
  case WEFT_OP_QUANTIZE: case WEFT_OP_RELU: case WEFT_OP_RELU6: case WEFT_OP_RELU_N1_TO_1: case WEFT_OP_RELU_0_TO_1: case WEFT_OP_ABS:
  case WEFT_OP_NEG: case WEFT_OP_LEAKY_RELU: case WEFT_OP_HARD_SWISH: case WEFT_OP_LOGISTIC: case WEFT_OP_TANH: case WEFT_OP_ELU:
  case WEFT_OP_GELU: case WEFT_OP_EXP: case WEFT_OP_RSQRT: return 1;
  default: return 0;
  }
}

static bool one_value(const weft_tensor_t *t)
{
  const int8_t *v = t->data;
  for (size_t i = 1; v && i < t->elements; i++)
    if (v[i] != v[0]) return false;
  return v != NULL;
}

int weft_lane_single(const weft_graph_t *g, const weft_op_t *op)
{
  if (weft_lane_operands(op->code) == 1 || op->in[0] == op->in[1]) return 0;
  for (int k = 0; k < (op->code == WEFT_OP_PRELU ? 1 : 2); k++)      /* PRELU of a constant: alpha may not be larger than it */
    if (one_value(&g->tensor[op->in[!k]]) && g->tensor[op->in[k]].elements == g->tensor[op->out[0]].elements) return k;
  return -1;
}

bool weft_lane_step(weft_opcode_t code) { return code == WEFT_OP_MUL || code == WEFT_OP_MAXIMUM || code == WEFT_OP_MINIMUM; }

int weft_lane_table_words(const weft_table_t *t) { return t->used ? weft_table_words(t->wide) : 0; }

/* After value[] is filled. */
static void use(weft_table_t *t)
{
  t->used = true;
  for (int i = 0; i < 256; i++) t->wide |= t->value[i] < INT8_MIN || t->value[i] > INT8_MAX;
}

static void requantise(weft_vec_t *v, int32_t q, int e)
{
  v->mult0 = q;
  v->ls0 = weft_shift_left(e);
  v->rs0 = weft_shift_right(e);
}

/* sign * M2((v - z) << shift, (q, e)) of every byte: an input on the scale that both share. */
static void scaled(weft_table_t *t, int32_t zero, int shift, int32_t q, int e, int sign)
{
  for (int v = INT8_MIN; v <= INT8_MAX; v++) t->value[(uint8_t)v] = sign * weft_m2((v - zero) * (1 << shift), q, e);
  use(t);
}

/* Operands are read a word a cycle, so steps that take two have that bound too. */
static double cycles(const weft_emit_t *e, int words, int steps, int reads)
{
  const int beats = steps * weft_lane_cycles(e->p->cfg);
  return (double)words * (beats > reads ? beats : reads);
}

static int table_cycles(const weft_table_t *t) { return !t->used ? 0 : t->wide ? WEFT_TABLE_WIDE : WEFT_TABLE_NARROW; }

/* Each has a loader of its own. */
int weft_lane_table_cycles(const weft_lane_t *l)
{
  const int n0 = table_cycles(&l->table[0]), n1 = table_cycles(&l->table[1]);
  return n0 > n1 ? n0 : n1;
}

double weft_lane_command(const weft_emit_t *e, const weft_lane_t *l, int words)
{
  weft_vec_program_t p;
  weft_vec_program(&l->v, &p);
  int reads = 0;
  for (int i = 0; i < p.nsteps; i++) reads += p.takes[i].a + (p.takes[i].b && !l->b_stays);
  return WEFT_VEC_START + cycles(e, words, p.nsteps, reads);
}

/* M2(A) +- M2(B) in three steps. What is subtracted comes from a table, because a scale cannot be negative: minus = 0 A, 1 B, -1 none. */
static void by_steps(const weft_add_params_t *p, bool swap, int minus, weft_vec_t *v)
{
  v->nsteps = 3;
  v->step0 = minus == 0 ? WEFT_STEP(.a = WEFT_A_T0, .fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_SET)
                        : WEFT_STEP(.fn = WEFT_FN_A, .scale = WEFT_SCALE_0, .into = WEFT_INTO_SET);
  v->step1 = minus == 1 ? WEFT_STEP(.b = WEFT_B_T1, .fn = WEFT_FN_B, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_ADD)
                        : WEFT_STEP(.fn = WEFT_FN_B, .scale = WEFT_SCALE_1, .into = WEFT_INTO_ADD);
  v->step2 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_2, .into = WEFT_INTO_OUT);
  v->mult0 = swap ? p->qb : p->qa;
  v->mult1 = swap ? p->qa : p->qb;
  v->mult2 = p->qo;
  v->ls0 = v->ls1 = WEFT_ADD_SHIFT;        /* both exponents are <= 0 */
  v->rs0 = weft_shift_right(swap ? p->eb : p->ea);
  v->rs1 = weft_shift_right(swap ? p->ea : p->eb);
  v->ls2 = weft_shift_left(p->eo);
  v->rs2 = weft_shift_right(p->eo);
}

/* ADD, SUB, SQUARED_DIFFERENCE. swap: operand A is input 1. */
static void sum(const weft_emit_t *e, bool swap, bool tables, weft_lane_t *to)
{
  const bool square = e->op->code == WEFT_OP_SQUARED_DIFFERENCE, add = e->op->code == WEFT_OP_ADD;
  const bool one_step = square || tables;
  const int32_t zero[2] = {e->g->tensor[e->op->in[0]].zero[0], e->g->tensor[e->op->in[1]].zero[0]};
  const int shift = square ? WEFT_SQUARE_SHIFT : WEFT_ADD_SHIFT, minus = add ? -1 : !swap;
  weft_add_params_t p;
  if (square) weft_squared_difference_params(e->g, e->op, &p);
  else weft_add_params(e->g, e->op, &p);
  if (one_step) scaled(&to->table[swap], zero[0], shift, p.qa, p.ea, 1);
  if (one_step || !add) scaled(&to->table[!swap], zero[1], shift, p.qb, p.eb, add ? 1 : -1);
  if (!one_step) {
    by_steps(&p, swap, minus, &to->v);
    to->v.za = minus == 0 ? 0 : zero[swap];
    to->v.zb = minus == 1 ? 0 : zero[!swap];
    return;
  }
  to->v.nsteps = 1;
  to->v.step0 = WEFT_STEP(.a = WEFT_A_T0, .b = WEFT_B_T1, .fn = square ? WEFT_FN_SQR : WEFT_FN_ADD, .scale = WEFT_SCALE_0, .into = WEFT_INTO_OUT);
  requantise(&to->v, p.qo, p.eo);
}

/* Table 1 is the whole result where x >= 0 and the output's zero point below, where step 1 adds alpha times table 0, which is 0 elsewhere.
 * So table 1 fits bytes whatever the scales are. */
static void prelu(const weft_emit_t *e, weft_lane_t *to)
{
  const int32_t zx = e->g->tensor[e->op->in[0]].zero[0], zo = e->g->tensor[e->op->out[0]].zero[0];
  weft_slopes_t p;
  weft_slopes(e->g, e->op, &p);
  for (int v = INT8_MIN; v <= INT8_MAX; v++) {
    to->table[0].value[(uint8_t)v] = v < zx ? v - zx : 0;
    to->table[1].value[(uint8_t)v] = v < zx ? zo : weft_requant(v - zx, p.q_pos, p.e_pos, zo, INT8_MIN, INT8_MAX);
  }
  use(&to->table[0]);
  use(&to->table[1]);
  to->v.zb = e->g->tensor[e->op->in[1]].zero[0];
  to->v.zo = 0;
  to->v.nsteps = 3;
  to->v.step0 = WEFT_STEP(.b = WEFT_B_T1A, .fn = WEFT_FN_B, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_SET);
  to->v.step1 = WEFT_STEP(.a = WEFT_A_T0, .fn = WEFT_FN_MUL, .scale = WEFT_SCALE_0, .into = WEFT_INTO_ADD);
  to->v.step2 = WEFT_STEP(.fn = WEFT_FN_ACC, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT);
  requantise(&to->v, p.q_neg, p.e_neg);
}

static void one_step(weft_vec_t *v, int fn, int scale)
{
  v->nsteps = 1;
  v->step0 = WEFT_STEP(.fn = fn, .scale = scale, .into = WEFT_INTO_OUT);
}

static void rescale(const weft_emit_t *e, weft_vec_t *v)
{
  int32_t q;
  int x;
  weft_rescale_requant(e->g, e->op, &q, &x);
  v->za = e->g->tensor[e->op->in[0]].zero[0];
  requantise(v, q, x);
  one_step(v, WEFT_FN_A, WEFT_SCALE_0);
}

/* The operator as a function of input k, the other one, if there is one, being the same or one value: what the golden operator makes of
 * every byte. */
static int ask_golden(const weft_emit_t *e, int k, uint8_t byte[256])
{
  enum { X, Y, CONSTANT };
  const bool two = weft_lane_operands(e->op->code) == 2;
  const weft_tensor_t *tensor = e->g->tensor;
  weft_tensor_t t[] = {tensor[e->op->in[k]], tensor[e->op->out[0]], tensor[e->op->in[two ? !k : k]]};
  uint8_t every[256];
  for (int i = 0; i < 256; i++) every[i] = (uint8_t)i;
  for (int i = 0; i < 3; i++) {
    t[i].rank = 1;
    t[i].dim[0] = i == CONSTANT ? 1 : 256;
    t[i].elements = (size_t)t[i].dim[0];
  }
  const int other = two && e->op->in[0] != e->op->in[1] ? CONSTANT : X;
  int in[2] = {k ? other : X, k ? X : other}, out[1] = {Y};
  weft_op_t op = *e->op;
  op.in = in;
  op.out = out;
  const weft_graph_t g = {.ntensors = 3, .nops = 1, .tensor = t, .op = &op};
  void *const data[3] = {every, byte, t[CONSTANT].data};
  return weft_golden_op(&g, &op, data, e->m);
}

static int by_table(const weft_emit_t *e, int k, weft_lane_t *to)
{
  uint8_t byte[256];
  int err = ask_golden(e, k, byte);
  if (err) return err;
  for (int i = 0; i < 256; i++) to->table[0].value[i] = (int8_t)byte[i];
  use(&to->table[0]);
  to->v.zo = 0;
  to->v.nsteps = 1;
  to->v.act_min = INT8_MIN;      /* the table has seen to it */
  to->v.act_max = INT8_MAX;
  to->v.step0 = WEFT_STEP(.a = WEFT_A_T0, .fn = WEFT_FN_A, .scale = WEFT_SCALE_NONE, .into = WEFT_INTO_OUT);
  return WEFT_OK;
}

int weft_lane_program(const weft_emit_t *e, int a, int b, bool tables, weft_lane_t *to)
{
  int32_t q, lo, hi;
  int x, err = WEFT_OK;
  memset(to, 0, sizeof *to);
  weft_act_bounds(e->g, e->op, &lo, &hi);
  to->v = (weft_vec_t){.zo = e->g->tensor[e->op->out[0]].zero[0], .act_min = lo, .act_max = hi};
  switch (b < 0 && weft_lane_operands(e->op->code) == 2 ? WEFT_OP_COUNT : e->op->code) {
  case WEFT_OP_ADD: case WEFT_OP_SUB: case WEFT_OP_SQUARED_DIFFERENCE: sum(e, a, tables, to); break;
  case WEFT_OP_MUL:
    weft_mul_requant(e->g, e->op, &q, &x);
    to->v.za = e->g->tensor[e->op->in[a]].zero[0];
    to->v.zb = e->g->tensor[e->op->in[b]].zero[0];
    requantise(&to->v, q, x);
    one_step(&to->v, WEFT_FN_MUL, WEFT_SCALE_0);
    break;
  case WEFT_OP_MAXIMUM: case WEFT_OP_MINIMUM:      /* raw bytes: the three tensors share one quantisation */
    to->v.zo = 0;
    one_step(&to->v, e->op->code == WEFT_OP_MAXIMUM ? WEFT_FN_MAX : WEFT_FN_MIN, WEFT_SCALE_NONE);
    break;
  case WEFT_OP_PRELU: prelu(e, to); break;
  case WEFT_OP_QUANTIZE:
    if (e->g->tensor[e->op->in[0]].type != WEFT_I8 || e->g->tensor[e->op->out[0]].type != WEFT_I8) {
      err = by_table(e, 0, to);            /* UINT8: the bytes differ, a function of one byte it is */
      break;
    }
    rescale(e, &to->v);
    break;
  case WEFT_OP_RELU: case WEFT_OP_RELU6: case WEFT_OP_RELU_N1_TO_1: case WEFT_OP_RELU_0_TO_1: rescale(e, &to->v); break;
  default: err = by_table(e, a, to); break;
  }
  to->v.t0_wide = to->table[0].wide;
  to->v.t1_wide = to->table[1].wide;
  return err;
}

int weft_lane_tables(weft_emit_t *e, weft_lane_t *l, int base)
{
  const int words[2] = {weft_lane_table_words(&l->table[0]), weft_lane_table_words(&l->table[1])}, bytes = (words[0] + words[1]) * WEFT_WORD_BYTES;
  if (!bytes) return WEFT_OK;
  uint8_t image[2 * 256 * sizeof(int32_t)], *to = image;
  for (int k = 0; k < 2; k++)
    for (int i = 0; i < 256 && words[k]; i++)
      for (int b = 0; b < (l->table[k].wide ? 4 : 1); b++) *to++ = (uint8_t)((uint32_t)l->table[k].value[i] >> 8 * b);
  int64_t at = weft_program_bytes(e->p, image, (size_t)bytes);
  if (at < 0) return weft_fail(e->m, WEFT_E_UNSUPPORTED, "tables beyond the end of memory");
  if (words[0]) l->v.t0_base = base;
  if (words[1]) l->v.t1_base = base + words[0];
  return weft_emit_load_flat(e, WEFT_REG_CONSTANTS, (uint32_t)at, bytes, base);
}
