/* SPDX-License-Identifier: Apache-2.0
 *
 * Tile lists: they cover the work, keep to the largest size, and take no longer than equal tiles would.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "compiler/tiles.h"
#include "rand.h"

/* Three engines tile by tile, two slots each: stated apart from tiles.c. */
static double time_of(const weft_tile_cost_t *c, int n, const int *size)
{
  double end[3][3] = {{0}};                /* [engine][tile modulo 3] */
  const double start[3] = {c->load_start, c->work_start, c->store_start}, each[3] = {c->load, c->work, c->store};
  for (int i = 0; i < n; i++)
    for (int e = 0; e < 3; e++) {
      double from = i ? end[e][(i - 1) % 3] : e == 1 ? c->tables : 0;
      if (e && end[e - 1][i % 3] > from) from = end[e - 1][i % 3];
      if (e < 2 && i > 1 && end[e + 1][(i - 2) % 3] > from) from = end[e + 1][(i - 2) % 3];
      end[e][i % 3] = from + start[e] + each[e] * size[i];
    }
  return end[2][(n - 1) % 3];
}

static void lists_are_sound(void **state)
{
  enum { CASES = 300, MOST_TILES = 70000 };
  static int size[MOST_TILES];
  (void)state;
  for (unsigned seed = 1; seed <= CASES; seed++) {
    rand_t r = {seed};
    const int most = rand_in(&r, 1, 4096);
    const int64_t total = rand_in(&r, 1, 1 << rand_in(&r, 0, 16));
    const weft_tile_cost_t c = {rand_in(&r, 1, 100), rand_in(&r, 1, 40) / 10.0, rand_in(&r, 1, 800), rand_in(&r, 1, 160) / 10.0,
                                rand_in(&r, 1, 100), rand_in(&r, 1, 40) / 10.0, rand_in(&r, 0, 700)};
    weft_tiles_t t;
    weft_tiles(&c, total, most, &t);
    const int64_t n = weft_tiles_count(&t);
    int64_t sum = 0;
    assert_in_range(n, 1, MOST_TILES);
    for (int64_t i = 0; i < n; i++) {
      size[i] = weft_tiles_size(&t, i);
      assert_in_range(size[i], 1, t.largest);
      sum += size[i];
    }
    assert_true(t.largest <= most);
    assert_int_equal(sum, total);
    assert_true(t.cycles - time_of(&c, (int)n, size) < 1e-6 * t.cycles && time_of(&c, (int)n, size) - t.cycles < 1e-6 * t.cycles);
    /* Equal tiles of the largest size. */
    const int64_t equal = (total + most - 1) / most;
    for (int64_t i = 0; i < equal; i++) size[i] = (int)(total * (i + 1) / equal - total * i / equal);
    assert_true(t.cycles <= 1.05 * time_of(&c, (int)equal, size));   /* smaller slots are preferred while they cost a percent */
  }
}

/* Where loading is fast, the first and the last tile are small ones. */
static void ends_are_small(void **state)
{
  (void)state;
  const weft_tile_cost_t c = {40, 1, 45, 4, 40, 1, 0};
  weft_tiles_t t;
  weft_tiles(&c, 4096, 1024, &t);
  const int64_t n = weft_tiles_count(&t);
  assert_true(weft_tiles_size(&t, 0) < t.largest / 2);
  assert_true(weft_tiles_size(&t, n - 1) < t.largest / 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(lists_are_sound), cmocka_unit_test(ends_are_small)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
