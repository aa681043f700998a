/* SPDX-License-Identifier: Apache-2.0
 *
 * A compiled network: command lists, constants, where each tensor stands in DRAM, and what runs in which order.
 *
 * DRAM regions: 0 command lists, 1 constants (filter images with their requantisation entries, constant operands),
 * 2 arena (activations as plain NHWC int8). Segments run in order: a job for the device, or one operator on the CPU.
 */
#ifndef WEFT_PROGRAM_H
#define WEFT_PROGRAM_H

#include <stdio.h>

#include "graph.h"
#include "weft_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WEFT_REG_COMMANDS, WEFT_REG_CONSTANTS, WEFT_REG_ARENA, WEFT_PROGRAM_REGIONS };
#define WEFT_TENSOR_ALIGN 64             /* bytes; bursts of every bus width start aligned */
#define WEFT_DRAM_LIMIT (1u << 30)       /* bytes of DRAM that a program may use */

/* Where a tensor stands; region < 0: nowhere (weights live inside filter images). */
typedef struct { int region; uint32_t offset, bytes; } weft_place_t;

typedef struct {
  bool npu;                /* a job: command records first .. first+count-1 */
  uint32_t first, count;
  int layer, nlayers;      /* layers of the program that it covers */
  int step;                /* CPU: the time step of an LSTM whose matrix products are in the arena, or -1: the whole operator */
  uint64_t ticks;          /* device cycles after which something must be wrong, at DRAM latency 0 */
  uint64_t runs;           /* DMA runs: each may cost one DRAM latency */
} weft_segment_t;

/* One operator of the graph, in execution order. Commands carry the layer's number as tag. */
typedef struct {
  int op, tensor;          /* operator and the (first) tensor it produces, or the variable it assigns: indexes into the graph */
  bool npu, alias;         /* alias: the output is the input's bytes, nothing runs */
  char shape[64], mapping[96];
  char reason[160];        /* why the CPU runs it; empty on the device */
  uint64_t macs;           /* E*F*M*(C/groups)*R*S, padding taps included */
  uint64_t cycles;         /* estimate */
  uint64_t load_bytes, store_bytes;
  uint32_t first, count;   /* command records */
  uint32_t sums, products; /* LSTM by steps: arena offsets of the scaled int16 products of all inputs, and of the state (golden.h) */
} weft_layer_t;

typedef struct {
  const weft_config_t *cfg;
  uint32_t *cmd;           /* ncmd records of WEFT_CMD_WORDS words */
  uint32_t ncmd, cmd_cap;
  uint8_t *konst;
  size_t nkonst, konst_cap;
  uint32_t arena_bytes, buffer_words;             /* buffer_words: most used by one layer */
  weft_segment_t *seg;
  int nseg, nlayer, nplace;
  weft_layer_t *layer;     /* one for each operator of the graph */
  weft_place_t *place;     /* one for each tensor of the graph */
  uint32_t base[WEFT_PROGRAM_REGIONS], size[WEFT_PROGRAM_REGIONS];
} weft_program_t;

typedef struct {
  bool keep_all;           /* every tensor keeps its own place, so that all can be read after the run */
  bool per_layer;          /* one job for each layer, so that counters can be read layer by layer */
  bool as_estimated;       /* no search across layers (search.h): quicker to compile. keep_all and per_layer imply it */
} weft_compile_opts_t;

/* The graph must come from weft_import() or be as sound; it must outlive nothing (the program keeps no pointer into it). */
int weft_compile(const weft_graph_t *g, const weft_config_t *cfg, const weft_compile_opts_t *o, weft_program_t **out, weft_msg_t *m);
void weft_program_free(weft_program_t *p);

/* Appends `bytes` zero bytes to the constants, aligned to WEFT_TENSOR_ALIGN, and returns their offset; < 0: no memory. */
int64_t weft_program_constant(weft_program_t *p, size_t bytes);
/* The offset of n bytes that equal `bytes`, at such a place: what an earlier layer has put there, or appended. */
int64_t weft_program_bytes(weft_program_t *p, const void *bytes, size_t n);
/* Appends one packed record. */
int weft_program_command(weft_program_t *p, const uint32_t rec[WEFT_CMD_WORDS], weft_msg_t *m);

/* What layer i takes of each job that it is part of, in cycles, estimated: all of its own, unless it has several (an LSTM). */
uint64_t weft_program_job_cycles(const weft_program_t *p, int layer);

/* Prints record i with all fields that are not zero on one or more lines. */
void weft_disasm(const uint32_t *rec, uint32_t index, FILE *f);

/* Image file: the commands, constants and segment list of a program, without the graph. */
int weft_image_write(const weft_program_t *p, const char *path, weft_msg_t *m);
int weft_image_read(const char *path, weft_program_t **out, weft_msg_t *m);

#ifdef __cplusplus
}
#endif
#endif
