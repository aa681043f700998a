/* SPDX-License-Identifier: Apache-2.0
 *
 * See print.h.
 */
#include "print.h"

#include <string.h>

#include "board.h"

static const char digit[] = "0123456789abcdef";

void print_str(const char *s) { board_put(s, strlen(s)); }

void print_u64(uint64_t v)
{
  char text[20];
  size_t at = sizeof text;
  do text[--at] = digit[v % 10]; while (v /= 10);
  board_put(text + at, sizeof text - at);
}

void print_hex(uint32_t v, int digits)
{
  for (int i = digits - 1; i >= 0; i--) board_put(&digit[v >> 4 * i & 15], 1);
}

void print_bytes(const uint8_t *b, size_t n)
{
  for (size_t i = 0; i < n; i++) print_hex(b[i], 2);
}

void print_scaled(int32_t q, float scale)
{
  enum { FRACTION = 23, BIAS = 127, MOST = 20 };
  uint32_t bits;
  memcpy(&bits, &scale, sizeof bits);
  const int exponent = (int)(bits >> FRACTION & 255), down = FRACTION + BIAS - (exponent ? exponent : 1);
  const uint32_t mantissa = (bits & ((1u << FRACTION) - 1)) | (exponent ? 1u << FRACTION : 0);
  if ((q < 0) != (bits >> 31) && q) print_str("-");
  uint64_t milli = (uint64_t)(q < 0 ? -q : q) * 1000 * mantissa;      /* < 2^44 */
  if (down > 63) milli = 0;
  else if (down > 0) milli = (milli + (UINT64_C(1) << (down - 1))) >> down;
  else milli <<= -down < MOST ? -down : MOST;
  print_u64(milli / 1000);
  print_str(".");
  const uint32_t rest = (uint32_t)(milli % 1000);
  const char text[3] = {digit[rest / 100], digit[rest / 10 % 10], digit[rest % 10]};
  board_put(text, 3);
}
