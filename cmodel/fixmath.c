/* SPDX-License-Identifier: Apache-2.0
 *
 * exp, log, reciprocal, inverse square root, logistic and tanh in fixed point.
 *
 * Every product is a doubling high multiplication with one rounding (weft_srdhm, or its 16-bit sibling), every change of format a shift
 * that saturates to the left and rounds to the right. The order of these steps decides the last bit, hence it is the rule.
 */
#include "fixmath.h"

#include "quant.h"

static int32_t sat32(int64_t v) { return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int32_t)v; }
static int16_t sat16(int32_t v) { return (int16_t)(v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v); }

/* v * 2^n, saturated. */
static int32_t shl32(int32_t v, int n) { return sat32((int64_t)v * (INT64_C(1) << n)); }
static int16_t shl16(int16_t v, int n) { return sat16(v * (1 << n)); }

/* a * b / 2^15 in Q0.15, ties towards plus infinity. */
static int16_t mul16(int16_t a, int16_t b) { return sat16((a * b + (1 << 14)) >> 15); }

/* exp(-2^(i-2)), i = 0..6, in Q0.31: one factor for each bit of a multiple of 1/4. */
static const int32_t exp_factor[7] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
enum { EXP_EIGHTH = 1895147668, THIRD = 715827883 };   /* exp(-1/8) and 1/3 in Q0.31 */

int32_t weft_exp_q31(int32_t a) {
  if (a == 0) return INT32_MAX;
  /* a = -(multiple of 1/4) + rest, rest in [-1/4, 0). */
  const int32_t quarter = 1 << 24, rest = (a & (quarter - 1)) - quarter;
  /* Fourth-order Taylor polynomial around -1/8: exp(-1/8) * (1 + x + x^2/2 + x^3/6 + x^4/24), x = rest + 1/8. */
  const int32_t x = rest * 32 + (1 << 28), x2 = weft_srdhm(x, x), x3 = weft_srdhm(x2, x), x4 = weft_srdhm(x2, x2);
  const int32_t tail = weft_rdp(weft_srdhm(weft_rdp(x4, 2) + x3, THIRD) + x2, 1);
  int32_t r = EXP_EIGHTH + weft_srdhm(EXP_EIGHTH, x + tail);
  const int32_t multiple = rest - a;
  for (int i = 0; i < 7; i++)
    if (multiple >> (24 + i) & 1) r = weft_srdhm(r, exp_factor[i]);
  return r;
}

int32_t weft_reciprocal_q31(int32_t a) {
  /* Three Newton steps from 48/17 - 32/17 d on d = (1 + a) / 2, in Q2.29. */
  const int32_t d = (int32_t)(((int64_t)a + INT32_MAX + 1) / 2);
  int32_t x = 1515870810 + weft_srdhm(d, -1010580540);
  for (int i = 0; i < 3; i++) x += shl32(weft_srdhm(x, (1 << 29) - weft_srdhm(d, x)), 2);
  return shl32(x, 1);
}

static int leading_zeros(int32_t v) { return v ? __builtin_clz((uint32_t)v) : 32; }

int32_t weft_log_q26(int32_t x) {
  enum { IN_BITS = 12, ACC_FRACTION = 25, QUARTER = 1 << (ACC_FRACTION - 2) };   /* the sum is kept in Q6.25 */
  const int32_t ln2 = 1488522236, sqrt_half = 1518500250, root4_half = 1805811301;   /* log 2, 2^-1/2, 2^-1/4 in Q0.31 */
  /* x = r * 2^p with r around 2^-1/4, p a multiple of 1/2: two candidates, the smaller mantissa wins. */
  const int na = leading_zeros(x), nb = leading_zeros(weft_srdhm(x, sqrt_half)) - 1;
  const int32_t ra = shl32(weft_srdhm(shl32(x, na - 1), sqrt_half), 1), rb = shl32(x, nb);
  const int32_t pa = (IN_BITS - na) * (1 << ACC_FRACTION) + QUARTER, pb = (IN_BITS - nb) * (1 << ACC_FRACTION) - QUARTER;
  const int32_t r = ra < rb ? ra : rb, p = pa > pb ? pa : pb;
  /* log r as a quotient of polynomials in q = 2 (r - 2^-1/4); all in Q0.31. */
  const int32_t mid = (int32_t)(((int64_t)r + root4_half + 1) / 2), q = (r - root4_half) * 2, q2 = weft_srdhm(q, q);
  const int32_t num = weft_srdhm(q, r) + weft_srdhm(weft_srdhm(q, q2), 117049297);
  const int32_t den = weft_srdhm(mid, 1057819769 + q + weft_srdhm(127690142, q2)) + weft_srdhm(638450708, q);   /* denominator - 1 */
  return shl32(weft_srdhm(p, ln2) + weft_srdhm(weft_rdp(num, 31 - ACC_FRACTION), weft_reciprocal_q31(den)), 1);
}

void weft_inv_sqrt(int32_t x, int32_t *q, int *e) {
  *q = INT32_MAX;
  *e = 0;
  if (x <= 1) return;
  /* x = v * 4^(something), v in [2^27, 2^29), read as [1/2, 2) in Q3.28 after halving. */
  int right = 11;
  for (; x >= 1 << 29; x /= 4) right++;
  const int pairs = (leading_zeros(x) - 1) / 2 - 1;
  right -= pairs;
  const int32_t v = (int32_t)((uint32_t)x << 2 * pairs) >> 1, half = weft_rdp(v, 1), three_halves = 3 << 27;
  int32_t y = 1 << 28;   /* Newton for 1 / sqrt(v) from 1: y = 3/2 y - v/2 y^3 */
  for (int i = 0; i < 5; i++) {
    const int32_t cube = shl32(weft_srdhm(weft_srdhm(y, y), y), 6);
    y = shl32(weft_srdhm(three_halves, y) - weft_srdhm(half, cube), 3);
  }
  *q = weft_srdhm(y, 1518500250);   /* 2^-1/2 */
  if (right < 0) {
    *q = (int32_t)((uint32_t)*q << -right);
    right = 0;
  }
  *e = -right;
}

/* --- 16 bits ---------------------------------------------------------------------------------------------------------- */

/* A Q0.31 or Q2.29 constant in 16 bits. */
static int16_t narrow(int32_t c) { return (int16_t)((c + (1 << 15)) >> 16); }

/* exp(a), a <= 0 with `bits` integer bits (0..7), result in Q0.15: the same polynomial and factors as in 32 bits. */
static int16_t exp_q15(int16_t a, int bits) {
  if (a == 0) return INT16_MAX;
  const int fraction = 15 - bits;
  const int32_t quarter = 1 << (fraction - 2), rest = (a & (quarter - 1)) - quarter;
  const int16_t c = narrow(EXP_EIGHTH), x = (int16_t)(rest * (1 << bits) + (1 << 12));
  const int16_t x2 = mul16(x, x), x3 = mul16(x2, x), x4 = mul16(x2, x2);
  const int16_t tail = (int16_t)weft_rdp(mul16((int16_t)(weft_rdp(x4, 2) + x3), narrow(THIRD)) + x2, 1);
  int16_t r = sat16(c + mul16(c, (int16_t)(x + tail)));
  const int32_t multiple = rest - a;
  for (int i = 0; i < 7 && i - 2 < bits; i++)
    if (multiple >> (fraction - 2 + i) & 1) r = mul16(r, narrow(exp_factor[i]));
  return bits > 5 && a < -(1 << (fraction + 5)) ? 0 : r;   /* beyond -32 the factors do not reach */
}

/* 1 / d, d = (1 + a) / 2, 0 <= a < 1 in Q0.15; result in Q2.13. */
static int16_t newton_q13(int16_t a) {
  const int16_t d = (int16_t)((a + INT16_MAX + 1) / 2);
  int16_t x = (int16_t)(narrow(1515870810) + mul16(d, narrow(-1010580540)));
  for (int i = 0; i < 3; i++) x = (int16_t)(x + shl16(mul16(x, (int16_t)((1 << 13) - mul16(d, x))), 2));
  return x;
}

int16_t weft_logistic_q15(int16_t x) {
  if (x == 0) return 1 << 14;
  const int16_t up = shl16(newton_q13(exp_q15(x > 0 ? (int16_t)-x : x, 3)), 1);   /* 1 / (1 + exp(-|x|)) */
  return x > 0 ? up : (int16_t)(INT16_MAX - up);
}

int16_t weft_tanh_q15(int16_t x, int integer_bits) {
  if (x == 0) return 0;
  /* (1 - e) / (1 + e) = 2 / (1 + e) - 1 with e = exp(-2 |x|): the factor 2 is one integer bit more. */
  const int16_t t = shl16((int16_t)(newton_q13(exp_q15(x > 0 ? (int16_t)-x : x, integer_bits + 1)) - (1 << 13)), 2);
  return x < 0 ? (int16_t)-t : t;
}
