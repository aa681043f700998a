/* SPDX-License-Identifier: Apache-2.0
 *
 * randlist CONFIG SEED [print]: makes the random list of a seed, validates it, runs it on the machine model and prints the counters.
 *
 * For replaying a failure of the RTL's random tests by its seed. Exit code 0, 1 when the list fails, 2 for a wrong call.
 */
#include <stdio.h>
#include <stdlib.h>

#include "machine.h"
#include "randlist.h"
#include "validate.h"

static int run(const weft_config_t *cfg, const randlist_t *l) {
  uint32_t region_bytes[WEFT_REGIONS];
  for (int i = 0; i < WEFT_REGIONS; i++) region_bytes[i] = l->region[i].bytes;
  weft_validate_scratch_t *scratch = malloc(weft_validate_scratch_bytes(l->count));
  uint8_t *buffer = calloc(1, weft_machine_buffer_bytes(cfg));
  int16_t *space = malloc(weft_machine_scratch_bytes(cfg));
  weft_msg_t msg;
  int rc = -1;
  if (!scratch || !buffer || !space) {
    fprintf(stderr, "randlist: out of memory\n");
  } else if (weft_validate(cfg, l->list, l->count, region_bytes, scratch, &msg)) {
    fprintf(stderr, "randlist: %s\n", msg.msg);
  } else {
    weft_machine_t m;
    weft_machine_init(&m, cfg, l->dram, l->dram_bytes, buffer, space);
    for (uint32_t i = 0; i < WEFT_REGIONS; i++) {
      weft_machine_write32(&m, WEFT_REG_REGION0 + 8 * i, l->region[i].base);
      weft_machine_write32(&m, WEFT_REG_REGION0 + 8 * i + 4, l->region[i].bytes);
    }
    weft_machine_write32(&m, WEFT_REG_CMD_OFFSET, l->cmd_offset);
    weft_machine_write32(&m, WEFT_REG_CMD_COUNT, l->count);
    weft_machine_write32(&m, WEFT_REG_CTRL, WEFT_CTRL_START);
    rc = m.status == WEFT_STATUS_DONE ? 0 : -1;
    printf("commands %u, status %u, error cause %x command %u\n", l->count, m.status, m.error_cause, m.error_cmd);
    for (int i = 0; i < WEFT_COUNTERS; i++)
      if (weft_counter_exact[i]) printf("%-12s %llu\n", weft_counter_name[i], (unsigned long long)m.counter[i]);
    uint64_t hash = UINT64_C(14695981039346656037);   /* FNV-1a over DRAM: two runs of one seed agree */
    for (size_t i = 0; i < l->dram_bytes; i++) hash = (hash ^ l->dram[i]) * UINT64_C(1099511628211);
    printf("%-12s %016llx\n", "DRAM", (unsigned long long)hash);
  }
  free(scratch);
  free(buffer);
  free(space);
  return rc;
}

int main(int argc, char **argv) {
  const weft_config_t *cfg = argc > 2 ? weft_config_find(argv[1]) : NULL;
  char *end = NULL;
  uint64_t seed = argc > 2 ? strtoull(argv[2], &end, 0) : 0;
  if (!cfg || *end) {
    fprintf(stderr, "usage: randlist CONFIG SEED [print]; configurations:");
    for (cfg = weft_configs; cfg->name; cfg++) fprintf(stderr, " %s", cfg->name);
    fprintf(stderr, "\n");
    return 2;
  }
  randlist_t l;
  if (randlist_make(cfg, seed, NULL, &l)) {
    fprintf(stderr, "randlist: out of memory\n");
    return 1;
  }
  if (argc > 3) randlist_print(&l);
  int rc = run(cfg, &l);
  randlist_free(&l);
  return rc ? 1 : 0;
}
