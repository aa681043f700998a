/* SPDX-License-Identifier: Apache-2.0
 *
 * The processor as firmware sees it on the virtual platform: loads, stores and waiting for an interrupt. Addresses: map.h.
 *
 * Each access is a TLM transaction and takes simulated time; code between accesses takes none.
 */
#ifndef WEFT_PLATFORM_HAL_H
#define WEFT_PLATFORM_HAL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  void *ctx;
  uint32_t (*read32)(void *ctx, uint32_t addr);                            /* a bus error reads as all ones */
  void (*write32)(void *ctx, uint32_t addr, uint32_t value);
  int (*read)(void *ctx, uint32_t addr, void *to, size_t bytes);           /* 0, or -1 on a bus error */
  int (*write)(void *ctx, uint32_t addr, const void *from, size_t bytes);
  uint8_t *(*dram)(void *ctx);                                             /* its byte 0, without simulated time */
  void (*wait_irq)(void *ctx);                                             /* returns when an enabled line is up */
} hal_t;

#ifdef __cplusplus
}
#endif
#endif
