/* SPDX-License-Identifier: Apache-2.0
 *
 * vsnprintf() and snprintf() of the firmware: what error messages use and nothing more, 600 bytes.
 *
 * Understands %s %.<n>s %c %d %i %u %x, with h, l, ll and z, and a width with or without zero padding. The library's smallest printf has no ll, which
 * the validator's messages need, and its larger ones cost 4 KiB. A real number is shown as "?".
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct { char *to; size_t room, n; } text_t;    /* n: bytes that a large enough room would have taken */

static void put(text_t *t, char c)
{
  if (t->n + 1 < t->room) t->to[t->n] = c;
  t->n++;
}

static void pad(text_t *t, size_t have, size_t width, char with)
{
  for (; have < width; have++) put(t, with);
}

static void number(text_t *t, uint64_t v, bool minus, unsigned base, size_t width, bool zero)
{
  char digit[20];
  size_t n = 0;
  do digit[n++] = "0123456789abcdef"[v % base]; while (v /= base);
  if (!zero) pad(t, n + minus, width, ' ');
  if (minus) put(t, '-');
  if (zero) pad(t, n + minus, width, '0');
  while (n) put(t, digit[--n]);
}

static size_t digits(const char **f)
{
  size_t v = 0;
  for (; **f >= '0' && **f <= '9'; ++*f) v = v * 10 + (size_t)(**f - '0');
  return v;
}

int vsnprintf(char *to, size_t room, const char *f, va_list ap)
{
  text_t t = {to, room, 0};
  for (; *f; f++) {
    if (*f != '%') {
      put(&t, *f);
      continue;
    }
    f++;
    bool zero = *f == '0';
    size_t width = digits(&f), most = SIZE_MAX, size = sizeof(int);
    if (*f == '.') f++, most = digits(&f);
    for (; *f == 'l' || *f == 'h' || *f == 'z'; f++)
      if (*f != 'h') size = *f == 'l' && f[-1] == 'l' ? sizeof(long long) : sizeof(long);
    if (*f == 'd' || *f == 'i') {
      int64_t v = size == sizeof(long long) ? va_arg(ap, long long) : size == sizeof(long) ? va_arg(ap, long) : va_arg(ap, int);
      number(&t, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0, 10, width, zero);
    } else if (*f == 'u' || *f == 'x') {
      uint64_t v = size == sizeof(long long) ? va_arg(ap, unsigned long long) : size == sizeof(long) ? va_arg(ap, unsigned long) : va_arg(ap, unsigned);
      number(&t, v, false, *f == 'u' ? 10 : 16, width, zero);
    } else if (*f == 's') {
      const char *s = va_arg(ap, const char *);
      size_t n = 0;
      while (n < most && s[n]) n++;
      pad(&t, n, width, ' ');
      for (size_t i = 0; i < n; i++) put(&t, s[i]);
    } else if (*f == 'c') {
      put(&t, (char)va_arg(ap, int));
    } else if (*f == 'g' || *f == 'f' || *f == 'e') {
      (void)va_arg(ap, double);
      put(&t, '?');
    } else if (*f == '%') {
      put(&t, '%');
    } else {
      break;                              /* unknown: what follows cannot be read either */
    }
  }
  if (room) to[t.n < room ? t.n : room - 1] = 0;
  return (int)t.n;
}

int snprintf(char *to, size_t room, const char *f, ...)
{
  va_list ap;
  va_start(ap, f);
  int n = vsnprintf(to, room, f, ap);
  va_end(ap);
  return n;
}
