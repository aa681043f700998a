/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's command lists: nothing is submitted that the validator has not accepted (see weft_driver.h).
 */
#include "weft_driver.h"

#include "graph.h"
#include "validate.h"

enum { GRAIN = 8 };       /* of the scratch: its structures hold 64-bit numbers */

size_t weft_list_scratch_bytes(uint32_t count) { return weft_validate_scratch_bytes(count) + GRAIN; }

int weft_list_check(weft_dev_t *d, weft_list_t *l, const uint32_t *records, uint32_t offset, uint32_t count, void *scratch,
                    size_t scratch_bytes, weft_msg_t *m)
{
  if (!d || !l || !records || !scratch || !count || offset % WEFT_CMD_BYTES || scratch_bytes < weft_list_scratch_bytes(count))
    return WEFT_DRV_E_ARG;
  *l = (weft_list_t){0};
  if (offset > d->region_bytes[0] || count > (d->region_bytes[0] - offset) / WEFT_CMD_BYTES) {
    weft_fail(m, 0, "%lu records at byte %lu: region 0 has %lu bytes", (unsigned long)count, (unsigned long)offset,
              (unsigned long)d->region_bytes[0]);
    return WEFT_DRV_E_LIST;
  }
  void *aligned = (void *)(((uintptr_t)scratch + GRAIN - 1) / GRAIN * GRAIN);
  if (weft_validate(&d->cfg, records, count, d->region_bytes, aligned, m)) return WEFT_DRV_E_LIST;
  *l = (weft_list_t){offset, count, d->regions_version};
  return WEFT_DRV_OK;
}

int weft_list_create(weft_dev_t *d, weft_list_t *l, const uint32_t *records, uint32_t offset, uint32_t count, void *scratch,
                     size_t scratch_bytes, weft_msg_t *m)
{
  int e = weft_list_check(d, l, records, offset, count, scratch, scratch_bytes, m);
  if (e) return e;
  for (uint32_t i = 0; i < count; i++, records += WEFT_CMD_WORDS) {
    uint8_t b[WEFT_CMD_BYTES];
    for (uint32_t k = 0; k < WEFT_CMD_BYTES; k++) b[k] = (uint8_t)(records[k / 4] >> 8 * (k % 4));
    if (!d->io.mem_write(d->io.ctx, d->region_base[0] + offset + i * WEFT_CMD_BYTES, b, sizeof b)) continue;
    *l = (weft_list_t){0};
    return WEFT_DRV_E_IO;
  }
  return WEFT_DRV_OK;
}
