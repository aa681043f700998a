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

void print_milli(float v)
{
  if (v < 0) print_str("-");
  uint32_t m = (uint32_t)((v < 0 ? -v : v) * 1000.0f + 0.5f);
  print_u64(m / 1000);
  print_str(".");
  m %= 1000;
  const char text[3] = {digit[m / 100], digit[m / 10 % 10], digit[m % 10]};
  board_put(text, 3);
}
