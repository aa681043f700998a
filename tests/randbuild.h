/* SPDX-License-Identifier: Apache-2.0
 *
 * State of the random list builder, shared by randlist.c (order, waits, DRAM) and randops.c (the operations).
 */
#ifndef WEFT_TEST_RANDBUILD_H
#define WEFT_TEST_RANDBUILD_H

#include "randlist.h"

enum { BUILD_COMMANDS = 128, BUILD_DATA = 1 << 18, BUILD_BOTH = 1 << 13, BUILD_RECENT = 4 };

struct randlist_node {
  int engine;
  bool early;                     /* reads something when the command of its engine before it runs: CONV, VEC its tables */
  uint32_t ordinal;               /* commands of its engine before it */
  uint32_t need[WEFT_ENGINES];    /* completed counts without which it would race */
  uint32_t clock[WEFT_ENGINES];   /* completed counts that are certain when it starts */
};

typedef struct {
  const weft_config_t *cfg;
  randlist_t *l;
  rand_t r;
  bool failed;                    /* out of DRAM or records: draw again */
  int in, out, both;              /* regions: read only; each byte written at most once; read and written */
  int64_t used[WEFT_REGIONS];     /* bytes given out by build_dram() */
  int64_t arena, arena_words;
  struct { int64_t base, words; } recent[BUILD_RECENT];   /* results of late, which make good operands */
  uint32_t done[WEFT_ENGINES];
  int32_t last[WEFT_ENGINES];
  bool table[2];                  /* the engine holds VEC's tables 0, 1 */
  int32_t writer[1 << 16], reader[1 << 16][WEFT_ENGINES];
  int32_t dram_writer[BUILD_BOTH], dram_reader[BUILD_BOTH];
  uint8_t flags[1 << 16];
} build_t;

/* Adds waits to the command and appends it. */
void build_emit(build_t *b, weft_cmd_t *c);
/* Offset of fresh bytes in a region, any alignment. */
int64_t build_dram(build_t *b, int region, int64_t bytes);
/* Buffer words. */
typedef struct { int64_t base, words; } build_range_t;
bool build_apart(build_range_t a, build_range_t b);
/* A place for an operand or a result; operands often lie where something was computed. */
build_range_t build_place(build_t *b, int64_t words, bool operand);
/* Marks a result. */
void build_remember(build_t *b, build_range_t r);
/* Puts 16 bytes a word into fresh DRAM and LOADs them. */
void build_load(build_t *b, const uint8_t *from, build_range_t to);
/* All operations of a list. */
void build_ops(build_t *b, const randlist_opts_t *opts);

#endif
