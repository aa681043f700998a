/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks at a device while a job runs: a target between driver and device that interrupts the driver's waiting every few cycles.
 *
 * What looks may read registers. Reads share the register bus with the driver, which only waits, and disturb nothing in the machine: its cycles stay
 * what they are without a probe.
 */
#ifndef WEFT_CLI_PROBE_H
#define WEFT_CLI_PROBE_H

#include "driver/target_impl.h"
#include "api/handles.h"

typedef struct {
  weft_target_t base;          /* what the driver sees */
  weft_target_t *inner;
  uint64_t interval;           /* cycles that pass between two looks, besides those of the reads */
  void (*look)(void *ctx);     /* NULL: not now */
  void *ctx;
} probe_t;

enum { PROBE_LEAST = 16 };     /* interval: dense enough for small networks */

/* From now on sessions on the device are looked at, until probe_detach(). cycles: how long the job may take, for about `looks` looks. */
void probe_attach(probe_t *p, weft_device_t *device, uint64_t cycles, uint64_t looks);
void probe_detach(probe_t *p, weft_device_t *device);
uint32_t probe_read(const probe_t *p, uint32_t offset);
uint64_t probe_now(const probe_t *p);
/* Bits of STATUS. */
static inline bool probe_busy(uint32_t status, int engine) { return status >> (8 + engine) & 1; }

#endif
