/* SPDX-License-Identifier: Apache-2.0
 *
 * memcpy() and memset() in words where the addresses allow it. The library's go byte by byte, which made half of the time of opening a network.
 */
#include <stddef.h>
#include <stdint.h>

#pragma GCC optimize("no-tree-loop-distribute-patterns")      /* these loops must not become calls of the functions that they are */

/* As void pointers are: any type may stand there. */
typedef uint32_t __attribute__((may_alias)) word_t;
enum { WORD = sizeof(word_t) };

void *memcpy(void *to, const void *from, size_t n)
{
  uint8_t *t = to;
  const uint8_t *f = from;
  if (((uintptr_t)t | (uintptr_t)f) % WORD == 0)
    for (; n >= WORD; n -= WORD, t += WORD, f += WORD) *(word_t *)t = *(const word_t *)f;
  for (; n; n--) *t++ = *f++;
  return to;
}

void *memset(void *to, int value, size_t n)
{
  uint8_t *t = to;
  for (; n && (uintptr_t)t % WORD; n--) *t++ = (uint8_t)value;
  for (word_t v = (uint8_t)value * 0x01010101u; n >= WORD; n -= WORD, t += WORD) *(word_t *)t = v;
  for (; n; n--) *t++ = (uint8_t)value;
  return to;
}
