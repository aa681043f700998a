/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine model as a target (kind "model" of weft_target_open()): DRAM, buffer and registers behind the driver's weft_io_t.
 *
 * DRAM and buffer start as zeros. Of the options only dram_bytes is used (1 byte to 4 GiB).
 */
#ifndef WEFT_TARGET_MODEL_H
#define WEFT_TARGET_MODEL_H

#include "driver/target_impl.h"
#include "machine.h"

/* The machine inside a target of kind "model", to look at its DRAM, buffer and counters; lives as long as the target. */
weft_machine_t *weft_target_model_machine(weft_target_t *t);

#endif
