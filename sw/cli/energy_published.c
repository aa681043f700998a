/* SPDX-License-Identifier: Apache-2.0
 *
 * The schedules on a machine of the size that the published comparison had, with a batch: whether ratios outside its range come from Weft's
 * configurations or from the way of counting.
 */
#include <stdlib.h>

#include "energy.h"

/* Eyeriss, ISCA 2016: 256 PEs with 512 bytes each, a buffer of 128 KiB, 16 bits a datum. Here in data; the split of a PE's 256 data and the
 * columns' accumulators, which the other schedules get as buffer, are ours. */
enum { SIDE = 16, SPAD = 224, WINDOW = 32, BUFFER = 64 * 1024, BATCH = 16 };

static weft_fabric_t machine(void)
{
  weft_fabric_t f = {.rows = SIDE, .cols = SIDE, .lanes = 1, .window_words = WINDOW, .fspad = SPAD, .area_ratio = WEFT_AS_AREA_RATIO,
                     .stores = {.fspad = SPAD, .window = WINDOW, .acc = 1, .column = WEFT_ACC_DEPTH, .buffer = BUFFER}};
  f.area = BUFFER + WEFT_AS_AREA_RATIO * (SIDE * SIDE * (SPAD + WINDOW) + SIDE * WEFT_ACC_DEPTH);
  return f;
}

/* The network's convolutions, one after the other, every tensor through DRAM. */
static int convolutions(const energy_net_t *n, weft_stage_t *stage, double *macs)
{
  int count = 0;
  *macs = 0;
  for (int i = 0; i < n->nlayers; i++) {
    if (!n->stage[i].conv || n->about[i].kind == ENERGY_MATRIX) continue;
    stage[count] = (weft_stage_t){.conv = true, .shape = n->stage[i].shape};
    stage[count].shape.N = BATCH;
    *macs += (double)weft_shape_macs(&stage[count++].shape);
  }
  return count;
}

static void row(FILE *f, const char *name, const weft_energy_t *e, double macs, double rs, double more)
{
  fprintf(f, "| %s ", name);
  for (int l = 0; l < WEFT_LEVEL_FREE; l++) fprintf(f, "| %.2f ", e->level[l] / macs);
  fprintf(f, "| %.2f | %.2f | %.2f |\n", e->total / macs, e->total / rs, (e->total + more) / rs);
}

int energy_published(FILE *f, const energy_net_t *n)
{
  const weft_fabric_t fabric = machine();
  const size_t count = (size_t)n->nlayers;
  weft_stage_t *stage = calloc(count, sizeof *stage);
  weft_energy_t *layer = calloc(count * WEFT_CHARGES, sizeof *layer);
  weft_events_t *events = calloc(count * WEFT_CHARGES, sizeof *events);
  double macs = 0, rs = 0;
  const int stages = stage ? convolutions(n, stage, &macs) : 0;
  bool ok = stages && layer && events;
  fprintf(f, "\n### Convolutions of %s on a machine of the published size\n%d PEs of one multiplier with %d bytes, a buffer of %d KiB, 16 bits for operands and psums, batch %d, every tensor through DRAM.\n\n"
             "| for a MAC ", n->name, SIDE * SIDE, 2 * (SPAD + WINDOW), 2 * BUFFER / 1024, BATCH);
  for (int l = 0; l < WEFT_LEVEL_FREE; l++) fprintf(f, "| %s ", energy_level_name(l));
  fprintf(f, "| sum | / row-stationary | with a register access for each operand |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
  for (int flow = 0; flow < WEFT_FLOWS && ok; flow++) {
    weft_flow_net_t to[WEFT_CHARGES];
    energy_run_t all = {.layer = NULL};
    for (int k = 0; k < WEFT_CHARGES; k++) to[k] = (weft_flow_net_t){.layer = layer + (size_t)k * count, .events = events + (size_t)k * count};
    if (!(ok = weft_flow_net((weft_flow_t)flow, &fabric, stage, stages, false, to))) break;
    for (int i = 0; i < stages; i++) weft_events_add(&all.events, &to[WEFT_CHARGE_EQUAL].events[i], 1);
    const weft_energy_t *e = &to[WEFT_CHARGE_EQUAL].total;
    if (flow == WEFT_FLOW_RS) rs = e->total;
    row(f, weft_flow_name[flow], e, macs, rs, weft_level_info[WEFT_LEVEL_RF].cost * energy_unregistered(&all));
  }
  free(stage);
  free(layer);
  free(events);
  return ok ? 0 : -1;
}
