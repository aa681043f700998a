/* SPDX-License-Identifier: Apache-2.0
 *
 * A compiled network as firmware gets it: one block of 32-bit little-endian words that is used where it stands.
 *
 * Commands and constants are read by the device in place; segments, and of the graph only what CPU operators, inputs and outputs need, are
 * records of words. Nothing has to be allocated, and every field is checked before it is used (fwnet.c). Offsets are bytes from the
 * image's start, multiples of 4 (commands and constants: of WEFT_CMD_BYTES, the region registers' grain).
 */
#ifndef WEFT_NETIMAGE_H
#define WEFT_NETIMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "graph.h"

#define WEFT_NETIMAGE_MAGIC 0x31574657u  /* "WFW1" */
#define WEFT_NETIMAGE_NONE 0xffffffffu
enum { WEFT_NETIMAGE_FORMAT = 3, WEFT_NETIMAGE_NAME = 32, WEFT_NETIMAGE_CONFIG = 16, WEFT_NETIMAGE_DIMS = 6 };
/* One word for each option of WEFT_OP_OPTIONS, in its order; a float32 as its bits. */
enum {
#define E(type, name) WEFT_OPTION_##name,
#define I(name) WEFT_OPTION_##name,
#define B(name) WEFT_OPTION_##name,
#define F(name) WEFT_OPTION_##name,
  WEFT_OP_OPTIONS(E, I, B, F)
#undef E
#undef I
#undef B
#undef F
  WEFT_NETIMAGE_OPTIONS
};

typedef struct {
  uint32_t magic, format;
  uint32_t version;                        /* of the machine: the VERSION register, its patch level does not matter */
  uint32_t bytes;                          /* of the whole image */
  uint32_t sum;                            /* weft_netimage_sum() */
  uint32_t cfg[4];                         /* the CFG registers of the device that it was compiled for */
  char config[WEFT_NETIMAGE_CONFIG], name[WEFT_NETIMAGE_NAME];      /* for messages, zero-terminated */
  uint32_t commands, ncommands;            /* offset, records of WEFT_CMD_BYTES */
  uint32_t constants, constant_bytes;
  uint32_t arena_bytes;                    /* activations, placed by the firmware */
  uint32_t segments, nsegments;            /* offset, number of weft_netimage_segment_t */
  uint32_t tensors, ntensors;
  uint32_t ops, nops;
  uint32_t io, ninputs, noutputs;          /* offset of tensor numbers: the inputs, then the outputs */
} weft_netimage_t;

/* A job for the device, or one operator on the CPU, or one time step of it. */
typedef struct {
  uint32_t npu;                            /* 0 or 1 */
  uint32_t first, count;                   /* npu: command records; else operator number, 1 */
  uint32_t layer;                          /* of the network, for messages */
  uint32_t ticks_lo, ticks_hi;             /* device cycles after which something must be wrong */
  uint32_t step, sums, products;           /* CPU: NONE, or the LSTM's time step and the arena offsets of its products (golden.h) */
} weft_netimage_segment_t;

typedef struct {
  uint32_t type, rank, dim[WEFT_NETIMAGE_DIMS];
  uint32_t nscale, scale, zero, qdim;      /* offsets of nscale float32 and nscale int32 */
  uint32_t data;                           /* offset of a constant's bytes or of a variable's first value, or NONE */
  uint32_t place;                          /* offset in the arena, or NONE */
  uint32_t variable;                       /* 1: has both, and keeps its value between inferences */
  char name[WEFT_NETIMAGE_NAME];
} weft_netimage_tensor_t;

typedef struct {
  uint32_t code, index, nin, nout, nmid;
  uint32_t args;                           /* offset of nin + nout + nmid tensor numbers, or NONE for an absent input */
  uint32_t option[WEFT_NETIMAGE_OPTIONS];
} weft_netimage_op_t;

/* Every word but the field `sum`, rotated and added, so that words that change places are seen too. */
static inline uint32_t weft_netimage_sum(const uint32_t *w, uint32_t words)
{
  const uint32_t own = offsetof(weft_netimage_t, sum) / 4;
  uint32_t s = 0;
  for (uint32_t i = 0; i < own; i++) s = (s << 1 | s >> 31) + w[i];
  for (const uint32_t *p = w + own + 1, *end = w + words; p < end; p++) s = (s << 1 | s >> 31) + *p;
  return s;
}

#endif
