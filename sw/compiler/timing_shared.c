/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the machine share besides the bus (see timing_parts.h): the banks of the buffer, each one access a cycle, and the lanes.
 *
 * Time is cut into slots; each remembers how many cycles of a bank, or of the lanes, every client has taken of it. Who comes later gets the
 * cycles that the others have left over, but no less than the arbiter's share: what exceeds a slot counts as taken of the next one. So
 * nothing gives more than one access a cycle in the long run, whoever asks first.
 */
#include "timing_parts.h"

void weft_shared_begin(weft_shared_t *s, const weft_config_t *cfg)
{
  s->bank_bits = weft_bits(cfg->bank_words) - 1;
  s->banks = cfg->buf_words / cfg->bank_words < WEFT_BANKS ? cfg->buf_words / cfg->bank_words : WEFT_BANKS;
  for (int r = 0; r <= s->banks; r++)
    for (int i = 0; i < WEFT_SLOTS; i++) s->slot[r][i].number = -1;
}

static inline weft_slot_t *slot_at(weft_shared_t *s, int resource, int64_t number)
{
  weft_slot_t *slot = &s->slot[resource][(uint64_t)number % WEFT_SLOTS];
  if (slot->number < number) {
    memset(slot, 0, sizeof *slot);
    slot->number = number;
  }
  return slot->number == number ? slot : NULL;       /* NULL: so long past that it is forgotten */
}

/* The part of a slot that a client gets. */
static double rate(const weft_shared_t *s, int resource, const weft_slot_t *slot, int client)
{
  const float others = slot->all - slot->used[client];
  double least;
  if (resource < s->banks) {                                   /* in turns (rtl/lib/rr_arbiter.v) */
    int n = 1 + (slot->carried > 0);
    for (unsigned m = slot->clients & ~(1u << client); m; m &= m - 1) n++;
    least = 1.0 / n;
  } else least = client == WEFT_BY_OFMAP ? (double)WEFT_STARVED / (WEFT_STARVED + 1) : 1.0 / (WEFT_STARVED + 1);
  const double left = 1 - (double)others / WEFT_SLOT;
  return left > least ? left : least;
}

double weft_shared_rate(weft_shared_t *s, int resource, int client, double t)
{
  const weft_slot_t *slot = slot_at(s, resource, (int64_t)t / WEFT_SLOT);
  return slot && slot->all > slot->used[client] ? rate(s, resource, slot, client) : 1;
}

/* What a client has taken beyond a slot. */
static void carry(weft_shared_t *s, int resource, weft_slot_t *slot, int client)
{
  weft_slot_t *next = slot_at(s, resource, slot->number + 1);
  const float more = slot->all - WEFT_SLOT < slot->used[client] ? slot->all - WEFT_SLOT : slot->used[client];
  slot->used[client] -= more;
  slot->all -= more;
  if (!next) return;
  next->carried += more;
  next->all += more;
}

double weft_shared_serve(weft_shared_t *s, int resource, int client, double t, double n)
{
  while (n > 0) {
    const int64_t number = (int64_t)((uint64_t)t / WEFT_SLOT);
    weft_slot_t *slot = slot_at(s, resource, number);
    if (!slot) return t + n;
    const double end = (double)((number + 1) * WEFT_SLOT), r = slot->all > slot->used[client] ? rate(s, resource, slot, client) : 1, room = (end - t) * r;
    const bool last = n <= room;
    const double served = last ? n : room;
    slot->used[client] += (float)served;
    slot->all += (float)served;
    slot->clients |= 1u << client;
    if (slot->all > WEFT_SLOT) carry(s, resource, slot, client);
    t = !last ? end : r < 1 ? t + n / r : t + n;
    n -= served;
  }
  return t;
}

double weft_shared_words(weft_shared_t *s, int client, int64_t from, int64_t to, double t, double n)
{
  from &= 0xffff;                                              /* addresses wrap */
  to &= 0xffff;
  const int64_t lo = weft_min64(from, to), hi = weft_max64(from, to);
  for (int64_t b = lo >> s->bank_bits; b <= hi >> s->bank_bits; b++) {
    const int64_t first = weft_max64(lo, b << s->bank_bits), end = weft_min64(hi + 1, (b + 1) << s->bank_bits);
    const double part = end - first == hi + 1 - lo ? n : n * (double)(end - first) / (double)(hi + 1 - lo);      /* evenly along the range */
    t = b < s->banks ? weft_shared_serve(s, (int)b, client, t, part) : t + part;
  }
  return t;
}
