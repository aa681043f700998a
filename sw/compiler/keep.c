/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of what the buffer holds (see keep.h). It is short, so everything is a scan.
 */
#include "keep.h"

int weft_keep_elem(int bytes) { return bytes % WEFT_WORD_BYTES ? bytes : WEFT_WORD_BYTES; }

int64_t weft_keep_words(uint64_t bytes, int elem)
{
  return (int64_t)((bytes + (uint64_t)elem - 1) / (uint64_t)elem) * ((elem + WEFT_WORD_BYTES - 1) / WEFT_WORD_BYTES);
}

int weft_keep_find(const weft_keep_t *k, int region, uint32_t at, uint64_t bytes, int elem)
{
  for (int i = 0; i < k->n; i++) {
    const weft_kept_t *t = &k->item[i];
    if (t->region != region || t->elem != elem || at < t->at || at + bytes > (uint64_t)t->at + t->bytes) continue;
    if ((at - t->at) % (uint32_t)elem == 0) return t->base + (int)weft_keep_words(at - t->at, elem);
  }
  return -1;
}

static void drop(weft_keep_t *k, int i)
{
  memmove(&k->item[i], &k->item[i + 1], (size_t)(k->n - i - 1) * sizeof k->item[0]);
  k->n--;
}

void weft_keep_add(weft_keep_t *k, const weft_kept_t *item)
{
  if (k->n == WEFT_KEPT) drop(k, 0);
  k->item[k->n++] = *item;
}

void weft_keep_overwritten(weft_keep_t *k, uint64_t lo, uint64_t hi)
{
  for (int i = k->n; i-- > 0;)
    if (lo < (uint64_t)(k->item[i].base + k->item[i].words) && (uint64_t)k->item[i].base < hi) drop(k, i);
}

void weft_keep_changed(weft_keep_t *k, int region, uint64_t lo, uint64_t hi)
{
  for (int i = k->n; i-- > 0;)
    if (k->item[i].region == region && lo < (uint64_t)k->item[i].at + k->item[i].bytes && k->item[i].at < hi) drop(k, i);
}

void weft_keep_expire(weft_keep_t *k, int op)
{
  for (int i = k->n; i-- > 0;)
    if (k->item[i].last < op) drop(k, i);
}

void weft_keep_gap(const weft_keep_t *k, int buf_words, int *lo, int *hi)
{
  *lo = *hi = 0;
  for (int from = 0; from < buf_words;) {
    int to = buf_words, next = buf_words;          /* the free run at `from`, and where the entry behind it ends */
    for (int i = 0; i < k->n; i++) {
      int base = k->item[i].base, end = base + k->item[i].words;
      if (end <= from || base >= to) continue;
      to = base > from ? base : from;
      next = end;
    }
    if (to - from > *hi - *lo) {
      *lo = from;
      *hi = to;
    }
    from = next;
  }
}
