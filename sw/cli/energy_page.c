/* SPDX-License-Identifier: Apache-2.0
 *
 * The page of `make energy`: docs/energy.md, with its plots beside it.
 */
#include "energy.h"

static const char intro[] =
  "# Energy\n"
  "Generated: `make energy` prints the tables of layers and schedules and writes this page and its plots; `weft energy NET.tflite --config C` prints them for any network.\n\n"
  "The machine model counts the events of a command list while it executes it, the list that users run (layers overlap, tensors stay in the buffer): what each engine reads and writes\n"
  "in the buffer and over the bus are the counters that equal the RTL's; what happens inside the array is counted PE by PE as `rtl/array` does it. Events are told apart by the\n"
  "commands' tags, so each layer has its own. Three other schedules are counted by their loop nests on the same layers (`cmodel/energy/flow_*.c`), and row-stationary a second\n"
  "time in the same way, without what the machine wastes. Tests compare the two counts of row-stationary on layers without waste.\n\n"
  "In the tables *Weft, as counted* is the row-stationary machine with everything that it spends: command lists, partial words and packets, zeros in lanes, filters and ifmaps that the\n"
  "compiler's plan fetches again. The plan is made for cycles, not for energy. *Row-stationary, best mapping* and the others are the least energy that their loop nests allow.\n";

static const char reasons[] =
  "\nSo the range is not confirmed as a whole: it depends on the charge, and on how freely the others may choose. Weft's configuration is not the reason: a machine of the published\n"
  "size has about the same ratios (the last table of *What the ratios hang on*). What decides, level by level in the tables below:\n"
  "- Row-stationary pays in the register file, for two spads and an accumulator at every MAC; weight- and output-stationary pay in the network, for operands or psums that move at every MAC.\n"
  "  In units of a MAC the two prices are only 1 and 2, so a ratio near the published one hangs on single accesses: that an operand used straight off the network costs no register\n"
  "  access is our choice; charged, all ratios rise (*What the ratios hang on*, second line).\n"
  "- Our other schedules are strong. Each layer takes its cheapest mapping, tile and order; weight-stationary's chains run over channels as well as taps, so that few psums wait in the\n"
  "  buffer; output-stationary shares overlapping windows between PEs and is charged no storage for it; all keep tensors in the buffer between layers. *Wide* ones, which hold\n"
  "  more in a PE, reach row-stationary or pass it: once an operand in a PE serves several MACs, little is left to save.\n"
  "- A psum of four bytes beside operands of one weighs on all that accumulate at every MAC, whichever way, and moves the ratios towards 1.\n"
  "- In pJ a byte from a spad costs a small part of a byte from a large buffer or of a transfer. That is where row-stationary gains most, and no local reuse loses most.\n"
  "- The others have the larger buffer, hence the lower DRAM traffic where tensors or filters do not fit.\n"
  "- Weft as counted is compared with ideals. What it spends beyond row-stationary's best mapping is stated for each network above: among it the DRAM and buffer traffic of plans made for\n"
  "  cycles. On depthwise layers zeros fill LANES - 1 of LANES multipliers, and spads and accumulators work for them.\n";

static const char assumptions[] =
  "\n## Assumptions\n"
  "- A datum is one byte, as wide as the MAC's operand; a psum has 32 bits and is charged as four (*a psum is four operands*), since that many wires and cells take part. Eyeriss has\n"
  "  16 bits for both, so the charge closest to the published figures is *a psum is one operand*.\n"
  "- In units of a MAC every access of a level costs the same whatever the memory's size, as the ratios are given. The accumulator of a PE is then as dear as a spad, although it is one\n"
  "  register beside the adder; with LANES multipliers it is read and written once for LANES products.\n"
  "- In pJ a memory's byte costs the 45 nm table's 8 KB figure times the square root of its capacity in 8 KB (the same table's 32 KB and 1 MB caches roughly follow it); the buffer counts\n"
  "  with all of its capacity though it is banked, registers of a few bytes are extrapolated. The table has no wires: a transfer costs two MACs, as above. Leakage, clock,\n"
  "  control, arbitration and the CPU are left out everywhere.\n"
  "- Writes cost what reads cost. A word of 16 bytes read for a packet of 8 costs 16.\n"
  "- A delivery is charged once for each PE that keeps the packet. The rows that it passes on its way are counted and not charged (see *What the ratios hang on*), nor are reads in\n"
  "  PEs outside the mapping, which the RTL does not gate.\n"
  "- The lanes' operations are charged as 32-bit multiplications and additions, also those steps that only compare or add.\n"
  "- Equal area: every schedule has Weft's multipliers (PEs of LANES multipliers with one adder tree) and Weft's storage area; register file that a schedule does not need is buffer,\n"
  "  at the area ratio above. The columns' accumulators count as register file.\n"
  "- *Weight-stationary*: a PE holds one weight a lane; pixels are broadcast; psums travel along a chain of PEs over taps and channels, and wait in the buffer between chains.\n"
  "  *Output-stationary*: a PE holds one psum; operands are shared between PEs, overlapping windows in space too. *No local reuse*: nothing is held, psums are summed over channels in\n"
  "  space and wait in the buffer. *Wide* lets a PE hold up to 64 weights a lane, or 8 x 8 psums, and lets no local reuse share weights between pixels: more than\n"
  "  the names mean, to see what the plain schedules lack.\n"
  "- Each of them picks, layer by layer and for each charge, its cheapest mapping, tile sizes and tile order, and for the chain of layers the cheapest choice of tensors that stay in\n"
  "  the buffer. Its idle PEs, partial words, bus alignment and command lists cost nothing, an operand that comes from the network and is used at once costs no register access:\n"
  "  all in favour of the others. Rows of zeros around a map count as read, up to the size of the map. A grouped convolution is its groups one after the other.\n"
  "- Layers without MACs do on the lanes what Weft does, in every schedule.\n"
  "- Input and output of the network are in DRAM; a batch is one inference of so many images.\n";

static void charges(FILE *f, const energy_net_t *n, int nets)
{
  fprintf(f, "\n## What is charged\n| level | in MACs | what |\n|---|--:|---|\n");
  for (int l = 0; l < WEFT_LEVEL_FREE; l++)
    fprintf(f, "| %s | %.1f | %s |\n", energy_level_name(l), weft_level_info[l].cost, weft_level_info[l].text);
  fprintf(f, "\n| 45 nm | pJ |\n|---|--:|\n");
#define J(name, pj, text) fprintf(f, "| %s | %.1f |\n", text, pj);
#include "energy.def"
  fprintf(f, "\n| assumption | value |\n|---|--:|\n");
#define A(name, value, text) fprintf(f, "| %s | %g |\n", text, (double)(value));
#include "energy.def"
  fprintf(f, "\n| pJ a byte | filter spad | window spad | accumulator of a PE | accumulators of a column | buffer | DRAM |\n|---|--:|--:|--:|--:|--:|--:|\n");
  for (int i = 0; i < nets; i++) {
    if (i && n[i].cfg == n[i - 1].cfg) continue;
    const weft_stores_t s = weft_stores(n[i].cfg);
    fprintf(f, "| %s | %.3f | %.3f | %.3f | %.3f | %.3f | %.1f |\n", n[i].cfg->name, weft_pj_per_byte(s.fspad), weft_pj_per_byte(s.window), weft_pj_per_byte(s.acc),
            weft_pj_per_byte(s.column), weft_pj_per_byte(s.buffer), WEFT_PJ_DRAM32 / WEFT_PJ_WORD);
  }
}

static void meanings(FILE *f)
{
  fprintf(f, "\n## Events\nBytes, unless the meaning says operations.\n\n| event | meaning |\n|---|---|\n");
  for (int e = 0; e < WEFT_EVENTS; e++) fprintf(f, "| %s | %s |\n", weft_event_info[e].name, weft_event_info[e].text);
  fprintf(f, "\n");
}

/* In the order in which it is read: what came out, how it was got, every figure. */
static int body(FILE *f, const energy_net_t *n, const energy_compare_t *c, int nets)
{
  fputs(intro, f);
  fprintf(f, "\n## The published %.1f to %.1f\nEyeriss (ISCA 2016) finds that the other schedules take %.1f to %.1f times the energy of row-stationary on AlexNet's convolutions. Ours, of the convolutions alone:\n\n",
          WEFT_AS_PUBLISHED_LOW, WEFT_AS_PUBLISHED_HIGH, WEFT_AS_PUBLISHED_LOW, WEFT_AS_PUBLISHED_HIGH);
  energy_findings(f, n, c, nets);
  if (!energy_confirmed(&n[0], &c[0])) fputs(reasons, f);
  fprintf(f, "\n![Energy of each schedule for a MAC, by level](energy-schedules.svg)\n\n*Below*, *within*, *above* the published range, which is for AlexNet; for MobileNetV1 there is none.\n\n");
  energy_verdict(f, n, c, nets);
  fprintf(f, "\n## What the ratios hang on\nAll in units of a MAC, a psum as one operand. Eyeriss' formula, taken by the letter, charges a register access for every datum that reaches a PE; "
             "the second line does so.\n");
  if (energy_sensitivity(f, n, c, nets) || energy_published(f, &n[0])) return -1;
  fprintf(f, "\n## Kinds of layers\nFor a MAC (*others*: in all), a psum as one operand. A layer's figure includes the DRAM traffic of its own tensors.\n\n");
  energy_kinds(f, n, c, nets);
  charges(f, n, nets);
  fputs(assumptions, f);
  fprintf(f, "\n## Layers of Weft\n![Energy of each layer, by level](energy-layers.svg)\n");
  for (int i = 0; i < nets; i++) energy_print(f, &n[i]);
  fprintf(f, "\n## Schedules by level\n");
  for (int i = 0; i < nets; i++) energy_print_compare(f, &n[i], &c[i]);
  meanings(f);
  energy_print_events(f, n, nets);
  return 0;
}

const char *energy_page(const char *path, const energy_net_t *n, const energy_compare_t *c, int nets)
{
  static char plot[2][512];
  static const char *const name[2] = {"energy-schedules.svg", "energy-layers.svg"};
  const char *slash = strrchr(path, '/');
  const int dir = slash ? (int)(slash - path) + 1 : 0;
  for (int i = 0; i < 2; i++) snprintf(plot[i], sizeof plot[i], "%.*s%s", dir, path, name[i]);
  FILE *f = fopen(path, "w");
  if (!f) return path;
  const int err = body(f, n, c, nets);
  if (fclose(f) || err) return path;
  if (energy_plot_schedules(plot[0], n, c, nets)) return plot[0];
  return energy_plot_layers(plot[1], n, c, nets) ? plot[1] : NULL;
}
