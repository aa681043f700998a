/* SPDX-License-Identifier: Apache-2.0
 *
 * The same job a second time: constants that the first has left in the buffer need not be loaded again.
 */
#ifndef WEFT_REPEAT_H
#define WEFT_REPEAT_H

#include "emit.h"

/* Emits commands first..end-1 of the program again, as a job of its own that runs after them, without the LOADs of constants whose buffer words
 * nothing else of the job writes. *saved: DRAM bytes that are not loaded; when there are none, no command is left behind. */
int weft_repeat(weft_emit_t *e, uint32_t first, uint32_t end, uint64_t *saved);

#endif
