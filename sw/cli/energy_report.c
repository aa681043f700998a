/* SPDX-License-Identifier: Apache-2.0
 *
 * Energy as tables (Markdown, readable as they are).
 */
#include <inttypes.h>

#include "energy.h"

typedef struct { char text[48]; } text_t;

/* 1234567 as 1,234,567 */
static text_t number(double v)
{
  text_t t = {""};
  char plain[32];
  int n = snprintf(plain, sizeof plain, "%.0f", v), k = 0;
  for (int i = 0; i < n; i++) {
    if (i && (n - i) % 3 == 0) t.text[k++] = ',';
    t.text[k++] = plain[i];
  }
  return t;
}

const char *energy_level_name(int level)
{
  static const char *const name[WEFT_LEVELS] = {"MAC", "lanes", "register file", "network", "buffer", "DRAM", ""};
  return name[level];
}

static void level_heads(FILE *f, const char *after)
{
  for (int l = 0; l < WEFT_LEVEL_FREE; l++) fprintf(f, "| %s ", energy_level_name(l));
  fprintf(f, "%s|\n", after);
}

static void levels(FILE *f, const weft_energy_t *e, double by, const char *format)
{
  for (int l = 0; l < WEFT_LEVEL_FREE; l++) {
    fprintf(f, "| ");
    fprintf(f, format, e->level[l] / by);
    fprintf(f, " ");
  }
}

/* Layers in millions of MACs' energy, and in microjoules. */
void energy_print(FILE *f, const energy_net_t *n)
{
  const weft_stores_t stores = weft_stores(n->cfg);
  const weft_charge_t units = weft_charge_units(WEFT_PSUM_BYTES), pj = weft_charge_pj(&stores);
  fprintf(f, "\n### %s\nIn units of a million MACs (a psum is four operands); the last columns: in units of a MAC for each MAC, and microjoules at 45 nm.\n\n", n->text);
  fprintf(f, "| # | operator | shape | MACs ");
  level_heads(f, "| sum | a MAC | µJ ");
  fprintf(f, "|--:|---|---|--:");
  for (int l = 0; l < WEFT_LEVEL_FREE + 3; l++) fprintf(f, "|--:");
  fprintf(f, "|\n");
  for (int i = 0; i <= n->nlayers; i++) {
    const bool all = i == n->nlayers;
    const weft_events_t *e = all ? &n->total : &n->layer[i];
    const weft_energy_t u = weft_energy(e, &units), j = weft_energy(e, &pj);
    const double macs = (double)(all ? n->macs : n->about[i].macs);
    if (all) fprintf(f, "| | all | | %s ", number(macs).text);
    else fprintf(f, "| %d | %s | %s | %s ", i, n->about[i].op, n->about[i].shape, number(macs).text);
    levels(f, &u, 1e6, "%.2f");
    if (macs > 0) fprintf(f, "| %.2f | %.2f | %.2f |\n", u.total / 1e6, u.total / macs, j.total / 1e6);
    else fprintf(f, "| %.2f | - | %.2f |\n", u.total / 1e6, j.total / 1e6);
  }
}

void energy_print_events(FILE *f, const energy_net_t *n, int nets)
{
  fprintf(f, "| event | level ");
  for (int i = 0; i < nets; i++) fprintf(f, "| %s ", n[i].text);
  fprintf(f, "|\n|---|---");
  for (int i = 0; i < nets; i++) fprintf(f, "|--:");
  fprintf(f, "|\n");
  for (int e = 0; e < WEFT_EVENTS; e++) {
    const weft_event_info_t *info = &weft_event_info[e];
    fprintf(f, "| %s | %s ", info->name, info->level == WEFT_LEVEL_FREE ? "not charged" : energy_level_name((int)info->level));
    for (int i = 0; i < nets; i++) fprintf(f, "| %s ", number((double)n[i].total.n[e]).text);
    fprintf(f, "|\n");
  }
}

static void compare_row(FILE *f, const energy_net_t *n, const energy_compare_t *c, int s, int k)
{
  const energy_run_t *r = &c->run[s][k];
  const double macs = (double)n->macs, weft = c->run[ENERGY_WEFT][k].total.total, rs = c->run[ENERGY_RS][k].total.total;
  fprintf(f, "| %s ", energy_schedule_name[s]);
  levels(f, &r->total, macs, k == WEFT_CHARGE_PJ ? "%.3f" : "%.2f");
  fprintf(f, k == WEFT_CHARGE_PJ ? "| %.3f " : "| %.2f ", r->total.total / macs);
  fprintf(f, "| %.2f | %.2f | %.2f |\n", r->total.total / weft, r->total.total / rs, (double)weft_events_dram(&r->events) / 1e6);
}

/* Every figure for one MAC of the network. */
void energy_print_compare(FILE *f, const energy_net_t *n, const energy_compare_t *c)
{
  int joins = 0;
  for (int i = 1; i < n->nlayers; i++) joins += !n->stage[i].follows;
  if (joins) fprintf(f, "\n%s: before %d of its layers tensors cross DRAM in all schedules but Weft's, because they have several readers or the layer has several inputs.\n", n->text, joins);
  for (int k = 0; k < WEFT_CHARGES; k++) {
    fprintf(f, "\n### %s, %s\n| for a MAC ", n->text, weft_charge_name[k]);
    level_heads(f, "| sum | / Weft | / row-stationary | DRAM MB ");
    fprintf(f, "|---");
    for (int l = 0; l < WEFT_LEVEL_FREE + 4; l++) fprintf(f, "|--:");
    fprintf(f, "|\n");
    for (int s = 0; s < ENERGY_SCHEDULES; s++) compare_row(f, n, c, s, k);
  }
}
