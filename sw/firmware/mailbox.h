/* SPDX-License-Identifier: Apache-2.0
 *
 * What a loader leaves at byte 0 of the DRAM for the firmware: where images and inputs stand, and what to do with them.
 *
 * In simulation the harness is the loader; on a board a boot loader would be. Everything is 32 bits, little endian, offsets into DRAM.
 */
#ifndef WEFT_MAILBOX_H
#define WEFT_MAILBOX_H

#include <stdint.h>

#define WEFT_MAILBOX_MAGIC 0x584f424du   /* "MBOX" */
enum { WEFT_MAILBOX_IMAGES = 20, WEFT_MAILBOX_ALIGN = 4096 };   /* images start on a multiple of ALIGN */
enum { WEFT_MODE_RUN, WEFT_MODE_SERIAL };

typedef struct {
  uint32_t magic;
  uint32_t dram_bytes;     /* from byte 0; the firmware uses nothing beyond */
  uint32_t mode;           /* RUN: every image, then stop; SERIAL: the first image, driven over the UART */
  uint32_t runs;           /* inferences of each image in mode RUN, >= 1 */
  uint32_t input, input_bytes;      /* the graph inputs, one after the other; room for them in mode SERIAL */
  uint32_t free;           /* from here on up the firmware may place activations; ALIGN */
  uint32_t images;         /* 1..WEFT_MAILBOX_IMAGES */
  struct { uint32_t at, bytes; } image[WEFT_MAILBOX_IMAGES];
} weft_mailbox_t;

#endif
