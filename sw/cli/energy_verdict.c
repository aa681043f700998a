/* SPDX-License-Identifier: Apache-2.0
 *
 * What the comparison of schedules says: ratios beside the published ones, where they come from, what they hang on. All of it is computed.
 */
#include <math.h>

#include "energy.h"

enum { OTHERS = 3 };
static const int others[OTHERS] = {ENERGY_WS, ENERGY_OS, ENERGY_NLR}, wide[OTHERS] = {ENERGY_WS_WIDE, ENERGY_OS_WIDE, ENERGY_NLR_WIDE};

/* Of the convolutions, which are what the published figures are about. */
static weft_energy_t convolutions(const energy_net_t *n, const energy_compare_t *c, int s, int k, double *macs)
{
  weft_energy_t sum = {{0}, 0};
  *macs = 0;
  for (int kind = 0; kind < ENERGY_MATRIX; kind++) {
    uint64_t of_kind;
    const weft_energy_t e = energy_of_kind(n, &c->run[s][k], (energy_kind_t)kind, &of_kind);
    for (int l = 0; l < WEFT_LEVELS; l++) sum.level[l] += e.level[l];
    sum.total += e.total;
    *macs += (double)of_kind;
  }
  return sum;
}

static double ratio(const energy_net_t *n, const energy_compare_t *c, int s, int to, int k)
{
  double macs;
  return convolutions(n, c, s, k, &macs).total / convolutions(n, c, to, k, &macs).total;
}

static const char *judged(double r)
{
  return r < WEFT_AS_PUBLISHED_LOW ? "below" : r > WEFT_AS_PUBLISHED_HIGH ? "above" : "within";
}

/* "register file -3.11, network +3.73": levels at which schedule s pays at least a hundredth of a MAC more or less than row-stationary. */
static void differences(FILE *f, const energy_net_t *n, const energy_compare_t *c, int s, int k)
{
  bool any = false;
  double macs;
  const weft_energy_t own = convolutions(n, c, s, k, &macs), rs = convolutions(n, c, ENERGY_RS, k, &macs);
  for (int l = 0; l < WEFT_LEVEL_FREE; l++) {
    const double d = (own.level[l] - rs.level[l]) / macs;
    if (fabs(d) < 0.005) continue;
    fprintf(f, "%s%s %+.2f", any ? ", " : "", energy_level_name(l), d);
    any = true;
  }
  fprintf(f, "%s", any ? "" : "nothing");
}

/* "1.15, 1.29 and 2.40" */
static void three(FILE *f, const energy_net_t *n, const energy_compare_t *c, int to, int k)
{
  for (int o = 0; o < OTHERS; o++) fprintf(f, "%s%.2f", o == 0 ? "" : o == OTHERS - 1 ? " and " : ", ", ratio(n, c, others[o], to, k));
}

static int within(const energy_net_t *n, const energy_compare_t *c, int to, int k)
{
  int count = 0;
  for (int o = 0; o < OTHERS; o++) count += !strcmp(judged(ratio(n, c, others[o], to, k)), "within");
  return count;
}

bool energy_confirmed(const energy_net_t *n, const energy_compare_t *c)
{
  return within(n, c, ENERGY_RS, WEFT_CHARGE_EQUAL) == OTHERS && within(n, c, ENERGY_WEFT, WEFT_CHARGE_EQUAL) == OTHERS;
}

void energy_findings(FILE *f, const energy_net_t *n, const energy_compare_t *c, int nets)
{
  for (int i = 0; i < nets; i++) {
    fprintf(f, "- **%s**: weight-stationary, output-stationary and no local reuse take ", n[i].text);
    for (int k = 0; k < WEFT_CHARGES; k++) {
      three(f, &n[i], &c[i], ENERGY_RS, k);
      fprintf(f, " times the energy of row-stationary (%s; %d of %d within), ", weft_charge_name[k], within(&n[i], &c[i], ENERGY_RS, k), OTHERS);
      three(f, &n[i], &c[i], ENERGY_WEFT, k);
      fprintf(f, " times that of Weft as counted (%d within)%s", within(&n[i], &c[i], ENERGY_WEFT, k), k < WEFT_CHARGES - 1 ? ";\n  " : ".\n");
    }
    fprintf(f, "  Weft spends %.2f times what row-stationary's best mapping would (a psum is one operand), for a MAC: ",
            ratio(&n[i], &c[i], ENERGY_WEFT, ENERGY_RS, WEFT_CHARGE_EQUAL));
    differences(f, &n[i], &c[i], ENERGY_WEFT, WEFT_CHARGE_EQUAL);
    fprintf(f, ".\n");
  }
}

void energy_verdict(FILE *f, const energy_net_t *n, const energy_compare_t *c, int nets)
{
  fprintf(f, "| network | charge | schedule | / Weft | | / row-stationary | | wide: / row-stationary | at which levels it differs from row-stationary, for a MAC |\n"
             "|---|---|---|--:|---|--:|---|--:|---|\n");
  for (int i = 0; i < nets; i++)
    for (int k = 0; k < WEFT_CHARGES; k++)
      for (int o = 0; o < OTHERS; o++) {
        const double weft = ratio(&n[i], &c[i], others[o], ENERGY_WEFT, k), rs = ratio(&n[i], &c[i], others[o], ENERGY_RS, k);
        fprintf(f, "| %s | %s | %s | %.2f | %s | %.2f | %s | %.2f | ", n[i].text, weft_charge_name[k], energy_schedule_name[others[o]], weft, judged(weft), rs,
                judged(rs), ratio(&n[i], &c[i], wide[o], ENERGY_RS, k));
        differences(f, &n[i], &c[i], others[o], k);
        fprintf(f, " |\n");
      }
}

void energy_kinds(FILE *f, const energy_net_t *n, const energy_compare_t *c, int nets)
{
  static const int shown[] = {ENERGY_WEFT, ENERGY_RS, ENERGY_WS, ENERGY_OS, ENERGY_NLR};
  enum { SHOWN = sizeof shown / sizeof shown[0] };
  fprintf(f, "| network | layers | MACs |");
  for (int s = 0; s < SHOWN; s++) fprintf(f, " %s |", energy_schedule_name[shown[s]]);
  fprintf(f, "\n|---|---|--:|--:|--:|--:|--:|--:|\n");
  for (int i = 0; i < nets; i++)
    for (int kind = 0; kind < ENERGY_KINDS; kind++) {
      uint64_t macs;
      weft_energy_t e = energy_of_kind(&n[i], &c[i].run[ENERGY_WEFT][WEFT_CHARGE_EQUAL], (energy_kind_t)kind, &macs);
      if (e.total <= 0) continue;
      fprintf(f, "| %s | %s | %.1f M |", n[i].text, energy_kind_name[kind], (double)macs / 1e6);
      for (int s = 0; s < SHOWN; s++) {
        e = energy_of_kind(&n[i], &c[i].run[shown[s]][WEFT_CHARGE_EQUAL], (energy_kind_t)kind, &macs);
        if (macs) fprintf(f, " %.2f |", e.total / (double)macs);
        else fprintf(f, " %.1f M |", e.total / 1e6);
      }
      fprintf(f, "\n");
    }
}

/* ---- sensitivity, under the charge that is closest to the published one */

static void ratios(FILE *f, const char *what, const double t[ENERGY_SCHEDULES])
{
  fprintf(f, "| %s | %.2f ", what, t[ENERGY_WEFT] / t[ENERGY_RS]);
  for (int o = 0; o < OTHERS; o++) fprintf(f, "| %.2f ", t[others[o]] / t[ENERGY_RS]);
  for (int o = 0; o < OTHERS; o++) fprintf(f, "| %.2f ", t[others[o]] / t[ENERGY_WEFT]);
  fprintf(f, "|\n");
}

static void totals(const energy_compare_t *c, double t[ENERGY_SCHEDULES])
{
  for (int s = 0; s < ENERGY_SCHEDULES; s++) t[s] = c->run[s][WEFT_CHARGE_EQUAL].total.total;
}

double energy_unregistered(const energy_run_t *r)
{
  const double macs = (double)r->events.n[WEFT_EV_MAC];
  return fmax(0, macs - (double)r->events.n[WEFT_EV_FILTER_RD]) + fmax(0, macs - (double)r->events.n[WEFT_EV_WINDOW_RD]);
}

static int other_area(FILE *f, const energy_net_t *n, double area_ratio)
{
  energy_compare_t c;
  double t[ENERGY_SCHEDULES];
  char what[64];
  snprintf(what, sizeof what, "a byte of register file takes %.1f times the area", area_ratio);
  const int err = energy_compare(n, area_ratio, &c);
  if (!err) {
    totals(&c, t);
    ratios(f, what, t);
  }
  energy_compare_free(&c);
  return err;
}

int energy_sensitivity(FILE *f, const energy_net_t *n, const energy_compare_t *c, int nets)
{
  const double network = weft_level_info[WEFT_LEVEL_NETWORK].cost, rf = weft_level_info[WEFT_LEVEL_RF].cost;
  for (int i = 0; i < nets; i++) {
    const weft_events_t *e = &n[i].total;
    double t[ENERGY_SCHEDULES];
    fprintf(f, "\n### %s, %s\n| | Weft / row-stationary | weight- / row- | output- / row- | no local reuse / row- | weight- / Weft | output- / Weft | no local reuse / Weft |\n"
               "|---|--:|--:|--:|--:|--:|--:|--:|\n", n[i].text, weft_charge_name[WEFT_CHARGE_EQUAL]);
    totals(&c[i], t);
    ratios(f, "whole network, as charged", t);
    for (int s = 0; s < ENERGY_SCHEDULES; s++) t[s] += rf * energy_unregistered(&c[i].run[s][WEFT_CHARGE_EQUAL]);
    ratios(f, "an operand that a PE takes from the network and uses at once costs a register access", t);
    if (other_area(f, &n[i], 1) || other_area(f, &n[i], 2.5)) return -1;
    totals(&c[i], t);
    t[ENERGY_WEFT] += rf * (double)e->n[WEFT_EV_IDLE_RD];
    ratios(f, "Weft: reads in PEs outside the mapping charged", t);
    totals(&c[i], t);
    t[ENERGY_WEFT] += network * ((double)(e->n[WEFT_EV_HOP_IFMAP] + e->n[WEFT_EV_HOP_FILTER]) + (double)e->n[WEFT_EV_HOP_DRAIN] / WEFT_PSUM_BYTES);
    ratios(f, "Weft: every row that a packet or psum passes charged as a transfer, besides the deliveries", t);
  }
  return 0;
}
