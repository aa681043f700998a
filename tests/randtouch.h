/* SPDX-License-Identifier: Apache-2.0
 *
 * Buffer words and DRAM bytes that a command touches, found by carrying out its loops literally.
 *
 * The random list generator orders its commands by these; the validator's sets (cmodel/footprint.c) are built in another way and are
 * compared with them. For small commands only: time is the product of all loop counts.
 */
#ifndef WEFT_TEST_RANDTOUCH_H
#define WEFT_TEST_RANDTOUCH_H

#include "weft_spec.h"

enum { TOUCH_READ = 1, TOUCH_WRITE = 2, TOUCH_TABLE = 4 };

/* flags[word] |= TOUCH_READ, TOUCH_WRITE for each of the 65536 word addresses; for words of VEC's tables TOUCH_TABLE besides TOUCH_READ. */
void randtouch_buffer(const weft_config_t *cfg, const weft_cmd_t *c, uint8_t flags[1 << 16]);

/* Calls run(ctx, first byte in the region, bytes) for each run of a LOAD or STORE. */
void randtouch_dram(const weft_dma_t *c, void (*run)(void *ctx, int64_t first, int64_t bytes), void *ctx);

#endif
