/* SPDX-License-Identifier: Apache-2.0
 *
 * Random valid command lists with their DRAM contents, replayable by seed.
 *
 * A list first LOADs an arena of the buffer with random bytes, then mixes LOAD, STORE, CONV and VEC on random places of it with just
 * sufficient (or more) waits, so that engines overlap, and at last STOREs the whole arena: comparing DRAM compares everything.
 */
#ifndef WEFT_TEST_RANDLIST_H
#define WEFT_TEST_RANDLIST_H

#include <stddef.h>

#include "rand.h"
#include "weft_spec.h"

typedef struct {
  int ops;               /* operations between the first LOADs and the last STOREs; 0: 3 to 12 */
  int64_t arena_words;   /* buffer words in use; 0: up to 1536 */
  int64_t max_issue;     /* array cycles that issue, of one CONV; 0: 6000 */
} randlist_opts_t;

typedef struct randlist_node randlist_node_t;
typedef struct {
  uint32_t *list, count, cmd_offset;       /* count records; they also stand in dram at region 0 + cmd_offset */
  uint8_t *dram;
  size_t dram_bytes;
  struct { uint32_t base, bytes; } region[WEFT_REGIONS];
  randlist_node_t *node;                   /* what each command must wait for */
} randlist_t;

/* opts may be NULL. Returns 0, or -1 without memory. The list passes weft_validate(). */
int randlist_make(const weft_config_t *cfg, uint64_t seed, const randlist_opts_t *opts, randlist_t *l);
void randlist_free(randlist_t *l);

/* Weakens one wait so that the order of two commands is lost; list and dram are changed. Returns the index of the first command that
 * now races, or -1 when no wait of the list is needed. */
int64_t randlist_make_racy(randlist_t *l, uint64_t seed);

/* Prints the records, fields that are zero left out. */
void randlist_print(const randlist_t *l);

#endif
