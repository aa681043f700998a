/* SPDX-License-Identifier: Apache-2.0
 *
 * Validator of command lists: what it accepts runs on every machine to its end, with one result.
 *
 * Checked, in one pass (docs/spec.md section 2): opcodes and reserved bits; field rules; every buffer address within the buffer and
 * every DRAM byte within its region; psums that stay in the accumulators go to a CONV of the same shape; waits that earlier commands satisfy; and races: any two commands that touch the same buffer word
 * or DRAM byte, one writing, must be ordered by waits (also through others) or by the order inside an engine.
 *
 * No STORE goes to region 0, which holds the list. Not checked: whether regions overlap in DRAM (they are taken as separate).
 * Buffer words are the unit: two commands on different bytes of a word count as touching the same.
 */
#ifndef WEFT_VALIDATE_H
#define WEFT_VALIDATE_H

#include "graph.h"
#include "weft_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_validate_scratch weft_validate_scratch_t;

/* Bytes of scratch for a list of count commands; malloc's alignment. About 130 bytes a command plus 145 KiB. */
size_t weft_validate_scratch_bytes(uint32_t count);

/* list: count records of WEFT_CMD_WORDS words, any contents. region_bytes: sizes of the DRAM regions. Returns 0, or WEFT_E_FORMAT with
 * the command, the field, and what would be accepted; WEFT_E_ARG for an empty list. No allocation. Time is bounded by
 * count: a list that needs very many comparisons, because it hardly waits, is refused (limits in validate.c). */
int weft_validate(const weft_config_t *cfg, const uint32_t *list, uint32_t count, const uint32_t region_bytes[WEFT_REGIONS],
                  weft_validate_scratch_t *s, weft_msg_t *m);

#ifdef __cplusplus
}
#endif
#endif
