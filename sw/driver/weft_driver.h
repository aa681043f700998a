/* SPDX-License-Identifier: Apache-2.0
 *
 * The Weft driver: finds the device, sets its DRAM regions, submits command lists, waits, reads errors and counters.
 *
 * It reaches hardware only through the callbacks of weft_io_t, allocates nothing and has no globals, so the same source
 * runs on the machine model, the Verilated RTL and a real bus. Every call returns 0 or a negative weft_drv_error.
 */
#ifndef WEFT_DRIVER_H
#define WEFT_DRIVER_H

#include "weft_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

enum weft_drv_error {
  WEFT_DRV_OK = 0,
  WEFT_DRV_E_ARG = -1,       /* a NULL or out-of-range argument */
  WEFT_DRV_E_ID = -2,        /* no Weft at this address, or another version */
  WEFT_DRV_E_STATE = -3,     /* busy, in error (reset first), or regions locked */
  WEFT_DRV_E_TIMEOUT = -4,   /* the device did not finish in time; reset it */
  WEFT_DRV_E_DEVICE = -5,    /* the job ended in an error: weft_dev_error() tells */
  WEFT_DRV_E_IO = -6         /* a callback failed */
};

/* The bus as the driver sees it. Addresses of mem_* are DRAM byte addresses, of read32/write32 register offsets. */
typedef struct {
  void *ctx;
  uint32_t (*read32)(void *ctx, uint32_t offset);
  void (*write32)(void *ctx, uint32_t offset, uint32_t value);
  int (*mem_read)(void *ctx, uint32_t addr, void *to, size_t bytes);          /* 0 or negative */
  int (*mem_write)(void *ctx, uint32_t addr, const void *from, size_t bytes); /* 0 or negative */
  /* Returns 1 when the interrupt line is up, 0 when `ticks` device cycles have passed first, negative on failure. */
  int (*wait)(void *ctx, uint64_t ticks);
} weft_io_t;

/* What the device says of itself. */
typedef struct {
  uint32_t version;
  int rows, cols, lanes, ppu_lanes, buf_words, net_bytes, bus_bytes, fspad_bytes, acc_depth, window_words, param_depth,
    obuf_words, bank_words;
} weft_info_t;

typedef struct { int code, engine; uint32_t addr, command; } weft_dev_error_t;

/* Caller-owned; fill by weft_dev_open(). */
typedef struct { weft_io_t io; weft_info_t info; } weft_dev_t;

int weft_dev_open(weft_dev_t *d, const weft_io_t *io);
/* 1 when the device is built as configuration c, else 0. */
int weft_dev_is(const weft_dev_t *d, const weft_config_t *c);
int weft_dev_region(weft_dev_t *d, int region, uint32_t base, uint32_t bytes);
/* Starts the list of `count` records at `offset` bytes in region 0. The caller has validated it (weft_validate). */
int weft_dev_submit(weft_dev_t *d, uint32_t offset, uint32_t count);
/* Waits for the job at most `ticks` device cycles. */
int weft_dev_wait(weft_dev_t *d, uint64_t ticks);
int weft_dev_reset(weft_dev_t *d);
int weft_dev_error(weft_dev_t *d, weft_dev_error_t *e);
int weft_dev_counters(weft_dev_t *d, uint64_t counter[WEFT_COUNTERS]);

#ifdef __cplusplus
}
#endif
#endif
