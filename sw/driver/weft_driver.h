/* SPDX-License-Identifier: Apache-2.0
 *
 * The Weft driver: device query, buffers, command lists, submit, wait, cancel, reset, errors, counters (docs/driver.md).
 *
 * It reaches hardware only through the callbacks of weft_io_t, allocates nothing and has no globals: the caller owns every object, and the
 * same source runs on the machine model, the Verilated RTL, the RISC-V core and a real bus. Every loop is bounded. Every call returns 0 or
 * a negative weft_drv_error and changes nothing when it refuses its arguments. One thread at a time for each device.
 */
#ifndef WEFT_DRIVER_H
#define WEFT_DRIVER_H

#include "weft.h"
#include "weft_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

enum weft_drv_error {
  WEFT_DRV_OK = 0,
  WEFT_DRV_E_ARG = -1,       /* a NULL or out-of-range argument */
  WEFT_DRV_E_ID = -2,        /* no Weft at this address, another version, or a configuration that cannot be */
  WEFT_DRV_E_STATE = -3,     /* busy, in error (reset first), regions locked, or a list made for other regions */
  WEFT_DRV_E_TIMEOUT = -4,   /* the device did not finish in time; reset it */
  WEFT_DRV_E_DEVICE = -5,    /* the job ended in an error: weft_dev_error() tells; reset it */
  WEFT_DRV_E_IO = -6,        /* a callback failed */
  WEFT_DRV_E_IRQ = -7,       /* the job is done but no interrupt came until the deadline */
  WEFT_DRV_E_MEMORY = -8,    /* no room in the pool of buffers */
  WEFT_DRV_E_LIST = -9       /* the command list is not valid; the message says where and what would be */
};
const char *weft_drv_error_text(int error);      /* never NULL */

/* The bus as the driver sees it. Addresses of mem_* are DRAM byte addresses, of read32/write32 register offsets. */
typedef struct {
  void *ctx;
  uint32_t (*read32)(void *ctx, uint32_t offset);
  void (*write32)(void *ctx, uint32_t offset, uint32_t value);
  int (*mem_read)(void *ctx, uint32_t addr, void *to, size_t bytes);          /* 0 or negative */
  int (*mem_write)(void *ctx, uint32_t addr, const void *from, size_t bytes); /* 0 or negative */
  uint64_t (*now)(void *ctx);                                                 /* device cycles; never goes back */
  /* Returns 1 when the interrupt line is up, 0 when now() has reached the deadline first, negative on failure. */
  int (*wait_until)(void *ctx, uint64_t deadline);
} weft_io_t;

/* What the device says of itself. */
typedef struct {
  uint32_t version;
  int rows, cols, lanes, ppu_lanes, buf_words, net_bytes, bus_bytes, fspad_bytes, acc_depth, window_words, param_depth,
    obuf_words, bank_words;
} weft_info_t;

typedef struct { int code, engine; uint32_t addr, command; } weft_dev_error_t;

/* A piece of the device's DRAM, while it is created; caller-owned, must stay where it is. Address and size are multiples of WEFT_CMD_BYTES. */
typedef struct weft_buf { uint32_t addr, bytes; struct weft_buf *next; } weft_buf_t;

/* Caller-owned; filled by weft_dev_open(). */
typedef struct {
  weft_io_t io;
  weft_info_t info;
  weft_config_t cfg;                       /* info as the validator wants it */
  uint32_t region_base[WEFT_REGIONS], region_bytes[WEFT_REGIONS];
  uint32_t regions_version;                /* counts their changes */
  uint32_t pool_base, pool_bytes;
  weft_buf_t *bufs;                        /* created ones, by address */
} weft_dev_t;

/* A checked command list; caller-owned. */
typedef struct { uint32_t offset, count, regions_version; } weft_list_t;

/* ---- device query (weft_driver.c) */
/* Finds the device: ID, version, a configuration that makes sense. Its regions stay as they are. */
int weft_dev_open(weft_dev_t *d, const weft_io_t *io);
int weft_dev_query(weft_dev_t *d, weft_info_t *info);        /* reads the registers anew */
/* 1 when the device is built as configuration c, else 0. */
int weft_dev_is(const weft_dev_t *d, const weft_config_t *c);

/* ---- memory (weft_buffer.c) */
/* Which part of DRAM buffers come from: bytes at base, both multiples of WEFT_CMD_BYTES. WEFT_DRV_E_STATE while buffers exist. */
int weft_buf_pool(weft_dev_t *d, uint32_t base, uint32_t bytes);
/* The lowest free place that has room; size is rounded up. WEFT_DRV_E_MEMORY when there is none. Contents are not cleared. */
int weft_buf_create(weft_dev_t *d, weft_buf_t *b, uint32_t bytes);
/* Regions that show the buffer become empty, so that no job reaches it any more. WEFT_DRV_E_STATE while a job runs. */
int weft_buf_free(weft_dev_t *d, weft_buf_t *b);
int weft_buf_write(weft_dev_t *d, const weft_buf_t *b, uint32_t offset, const void *from, uint32_t bytes);
int weft_buf_read(weft_dev_t *d, const weft_buf_t *b, uint32_t offset, void *to, uint32_t bytes);
/* What jobs see as region `region`: memory at a fixed place (base: a multiple of WEFT_CMD_BYTES), or a buffer. */
int weft_dev_region(weft_dev_t *d, int region, uint32_t base, uint32_t bytes);
int weft_buf_bind(weft_dev_t *d, int region, const weft_buf_t *b);

/* ---- command lists (weft_list.c) */
size_t weft_list_scratch_bytes(uint32_t count);
/* Checks that `count` records, which stand in region 0 at `offset` bytes, are a valid list for this device and the regions as they are
 * set now (docs/spec.md section 2), in a time bounded by count. scratch is free again afterwards. m may be NULL. */
int weft_list_check(weft_dev_t *d, weft_list_t *l, const uint32_t *records, uint32_t offset, uint32_t count, void *scratch,
                    size_t scratch_bytes, weft_msg_t *m);
/* Checks them, then writes them there, little endian. */
int weft_list_create(weft_dev_t *d, weft_list_t *l, const uint32_t *records, uint32_t offset, uint32_t count, void *scratch,
                     size_t scratch_bytes, weft_msg_t *m);

/* ---- jobs (weft_driver.c) */
/* Starts a checked list. WEFT_DRV_E_STATE also when a region has changed since it was checked. */
int weft_dev_submit(weft_dev_t *d, const weft_list_t *l);
/* Starts records that nobody has checked: for tests of the device's own checks. */
int weft_dev_start(weft_dev_t *d, uint32_t offset, uint32_t count);
/* The moment `ticks` device cycles from now, for weft_dev_wait(). */
uint64_t weft_dev_deadline(weft_dev_t *d, uint64_t ticks);
/* Waits for the job until an absolute time, so that interrupts without a reason do not make the wait longer. */
int weft_dev_wait(weft_dev_t *d, uint64_t deadline);
/* Ends a job that runs: what it was to write is unspecified inside its regions, the device takes the next. 0 too when none runs. */
int weft_dev_cancel(weft_dev_t *d);
int weft_dev_reset(weft_dev_t *d);
int weft_dev_error(weft_dev_t *d, weft_dev_error_t *e);
int weft_dev_counters(weft_dev_t *d, uint64_t counter[WEFT_COUNTERS]);

#ifdef __cplusplus
}
#endif
#endif
