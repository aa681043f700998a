/* SPDX-License-Identifier: Apache-2.0
 *
 * A network image, opened and run on a device: what firmware links instead of compiler, importer and runner.
 *
 * No allocation, no globals: the caller owns fwnet_t, the DRAM and the device. The image is checked completely by fwnet_open(); after it
 * the device's regions are set so that a command list, whatever it says, can read only the image and write only the arena.
 * Compiled with WEFT_FW_GOLDEN 0 it refuses images that need the CPU, and the golden operators are not linked.
 */
#ifndef FWNET_H
#define FWNET_H

#include "driver/weft_driver.h"
#include "graph.h"
#include "netimage.h"

#ifndef WEFT_FW_GOLDEN
#define WEFT_FW_GOLDEN 1
#endif
/* A network's CPU operators with their tensors, inputs and outputs; the rest of the graph is not in the image. */
enum { FWNET_TENSORS = WEFT_FW_GOLDEN ? 128 : 64, FWNET_OPS = WEFT_FW_GOLDEN ? 64 : 1, FWNET_ARGS = WEFT_FW_GOLDEN ? 256 : 1 };

typedef struct {
  weft_dev_t *dev;
  uint8_t *dram;                           /* byte 0 of the memory that the device calls address 0 */
  const weft_netimage_t *head;
  const weft_netimage_segment_t *seg;
  const uint32_t *io;
  uint32_t image;                          /* DRAM address */
  weft_buf_t arena, lists;                 /* activations; a weft_list_t for each segment */
  weft_list_t *list;
  uint64_t check_ticks;                    /* device cycles that checking the command lists took */
  weft_graph_t g;
  weft_tensor_t tensor[FWNET_TENSORS];
  void *data[FWNET_TENSORS];
  uint32_t bytes[FWNET_TENSORS];
  weft_op_t op[FWNET_OPS];
  int arg[FWNET_ARGS], nargs;              /* tensor numbers of all operators, one after the other */
  uint64_t counter[WEFT_COUNTERS];         /* summed over the jobs of the last inference */
  uint32_t irqs;                           /* jobs that an interrupt ended */
} fwnet_t;

/* dram holds dram_bytes (8-byte aligned); the image of `bytes` stands at `image`, below free_at. Activations go to free_at and up, and so do,
 * while the command lists are checked, about 130 KiB of scratch. Every list passes the validator here, once for all inferences.
 * The device's pool of buffers is [free_at, dram_bytes) afterwards. On failure n needs no fwnet_close(). */
int fwnet_open(fwnet_t *n, weft_dev_t *dev, uint8_t *dram, uint32_t dram_bytes, uint32_t image, uint32_t bytes, uint32_t free_at,
                  weft_msg_t *m);
/* Gives every variable its first value again, as fwnet_open() does. */
void fwnet_reset(fwnet_t *n);
/* Frees the device memory; before the next fwnet_open() on this device. */
void fwnet_close(fwnet_t *n);
/* Bytes of graph input or output i, in DRAM. */
uint8_t *fwnet_input(fwnet_t *n, uint32_t i, uint32_t *bytes);
uint8_t *fwnet_output(fwnet_t *n, uint32_t i, uint32_t *bytes);
/* The output's tensor, for its scale. */
const weft_tensor_t *fwnet_output_tensor(const fwnet_t *n, uint32_t i);
/* One segment; fwnet_infer() runs all. After an error the device has been reset and takes the next job. */
int fwnet_segment(fwnet_t *n, uint32_t i, weft_msg_t *m);
int fwnet_infer(fwnet_t *n, weft_msg_t *m);

#endif
