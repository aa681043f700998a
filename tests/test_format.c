/* SPDX-License-Identifier: Apache-2.0
 *
 * The firmware's own formatter and memory functions, compiled for the host under other names, against the C library's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "rand.h"

#define vsnprintf fw_vsnprintf
#define snprintf fw_snprintf
int fw_vsnprintf(char *to, size_t room, const char *f, va_list ap);
int fw_snprintf(char *to, size_t room, const char *f, ...);
#include "firmware/format.c"
#undef snprintf
#undef vsnprintf
#define memcpy fw_memcpy
#define memset fw_memset
void *fw_memcpy(void *to, const void *from, size_t n);
void *fw_memset(void *to, int value, size_t n);
#include "firmware/mem.c"
#undef memcpy
#undef memset

static char mine[64], libc[64];

#define SAME(room, ...) \
  do { \
    memset(mine, 'x', sizeof mine); \
    memset(libc, 'x', sizeof libc); \
    assert_int_equal(fw_snprintf(mine, room, __VA_ARGS__), snprintf(libc, room, __VA_ARGS__)); \
    assert_memory_equal(mine, libc, sizeof mine); \
  } while (0)

#pragma GCC diagnostic ignored "-Wformat-truncation"
static void same_text(void **state)
{
  (void)state;
  SAME(64, "plain");
  SAME(64, "%s|%.3s|%.9s|%7s|%c|%%", "abc", "abcdef", "short", "right", 'z');
  SAME(64, "%d %d %d %i", 0, -1, 2147483647, (int)(-2147483647 - 1));
  SAME(64, "%u %x %lu %lx %zu", 4000000000u, 0xdeadbeefu, 123456789ul, 0xabcul, sizeof(int));
  SAME(64, "%lld %llu %ld", (long long)INT64_MIN, (unsigned long long)UINT64_MAX, -7l);
  SAME(64, "%08lx|%5d|%05d|%5u|%2x", 0x1234ul, -42, -42, 7u, 0x12345u);
  SAME(8, "%s", "much too long for it");
  SAME(1, "%d", 12345);
  SAME(0, "%d", 12345);
}

static void strange_text(void **state)
{
  (void)state;
  fw_snprintf(mine, sizeof mine, "scale %g of %s", 0.5, "x");
  assert_string_equal(mine, "scale ? of x");
  fw_snprintf(mine, sizeof mine, "a%q %s", "never read");
  assert_string_equal(mine, "a");
  fw_snprintf(mine, sizeof mine, "ends in %");
  assert_string_equal(mine, "ends in ");
}

static void same_bytes(void **state)
{
  (void)state;
  rand_t r = {3};
  for (int i = 0; i < 20000; i++) {
    uint8_t a[80], b[80], from[80];
    for (size_t k = 0; k < sizeof a; k++) a[k] = b[k] = from[k] = (uint8_t)rand_in(&r, 0, 255);
    size_t to = (size_t)rand_in(&r, 0, 12), at = (size_t)rand_in(&r, 0, 12), n = (size_t)rand_in(&r, 0, 60);
    int v = (int)rand_in(&r, -300, 300);
    assert_ptr_equal(i % 2 ? fw_memcpy(a + to, from + at, n) : fw_memset(a + to, v, n), a + to);
    if (i % 2) memcpy(b + to, from + at, n);
    else memset(b + to, v, n);
    assert_memory_equal(a, b, sizeof a);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(same_text), cmocka_unit_test(strange_text), cmocka_unit_test(same_bytes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
