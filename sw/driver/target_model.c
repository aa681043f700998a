/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens the machine model behind the driver's callbacks.
 *
 * A job runs to its end inside the write of CTRL.START, so wait_until() never has to wait: it only reports the interrupt line. The model has
 * no clock: time stands still but when a wait ends at its deadline.
 */
#include "driver/target_model.h"

#include <stdlib.h>

typedef struct {
  struct weft_target base;
  weft_machine_t machine;
  uint64_t now;
} model_t;

static uint32_t model_read32(void *ctx, uint32_t offset) { return weft_machine_read32(&((model_t *)ctx)->machine, offset); }

static void model_write32(void *ctx, uint32_t offset, uint32_t value) {
  weft_machine_write32(&((model_t *)ctx)->machine, offset, value);
}

/* Address of [addr, addr + bytes) in the modelled DRAM, NULL when it is not all inside. */
static uint8_t *dram(void *ctx, uint32_t addr, size_t bytes) {
  weft_machine_t *m = &((model_t *)ctx)->machine;
  return addr <= m->dram_bytes && bytes <= m->dram_bytes - addr ? m->dram + addr : NULL;
}

static int model_mem_read(void *ctx, uint32_t addr, void *to, size_t bytes) {
  const uint8_t *at = dram(ctx, addr, bytes);
  if (!at) return WEFT_DRV_E_IO;
  memcpy(to, at, bytes);
  return 0;
}

static int model_mem_write(void *ctx, uint32_t addr, const void *from, size_t bytes) {
  uint8_t *at = dram(ctx, addr, bytes);
  if (!at) return WEFT_DRV_E_IO;
  memcpy(at, from, bytes);
  return 0;
}

static uint64_t model_now(void *ctx) { return ((model_t *)ctx)->now; }

static int model_wait_until(void *ctx, uint64_t deadline) {
  model_t *t = ctx;
  bool up = weft_machine_irq(&t->machine);
  if (!up && deadline > t->now) t->now = deadline;
  return up;
}

static void model_close(weft_target_t *target) {
  model_t *t = (model_t *)target;
  free(t->machine.dram);
  free(t->machine.buffer);
  free(t->machine.scratch);
  free(t);
}

int weft_target_model_open(const weft_config_t *cfg, const weft_target_opts_t *opts, weft_target_t **out, weft_msg_t *m) {
  *out = NULL;
  if (opts->dram_bytes < 1 || (uint64_t)opts->dram_bytes > (uint64_t)1 << 32)
    return weft_fail(m, WEFT_E_ARG, "model: DRAM of %zu bytes: accepted are 1 byte to 4 GiB", opts->dram_bytes);
  model_t *t = malloc(sizeof *t);
  uint8_t *mem = calloc(1, opts->dram_bytes), *buffer = calloc(1, weft_machine_buffer_bytes(cfg));
  int16_t *scratch = malloc(weft_machine_scratch_bytes(cfg));
  if (!t || !mem || !buffer || !scratch) {
    free(t);
    free(mem);
    free(buffer);
    free(scratch);
    return weft_fail(m, WEFT_E_MEMORY, "model: no memory for %zu bytes of DRAM", opts->dram_bytes);
  }
  weft_machine_init(&t->machine, cfg, mem, opts->dram_bytes, buffer, scratch);
  t->now = 0;
  t->base = (struct weft_target){.io = {t, model_read32, model_write32, model_mem_read, model_mem_write, model_now, model_wait_until},
                                 .diagnosis = NULL, .close = model_close};
  *out = &t->base;
  return WEFT_OK;
}

weft_machine_t *weft_target_model_machine(weft_target_t *t) { return &((model_t *)t)->machine; }
