/* SPDX-License-Identifier: Apache-2.0
 *
 * Plots of energy as SVG: stacked bars by level. Plain text without a library; the colours tell neighbours apart in grey as well.
 */
#include "energy.h"

enum { BAR = 26, GAP = 8, HEIGHT = 190, LEFT = 52, TOP = 46, BELOW = 118, LEGEND = 30, SPACE = 24 };
static const char *const colour[WEFT_LEVEL_FREE] = {"#1b2a41", "#8a4fbe", "#2a7f9e", "#e0a030", "#79b473", "#c8553d"};

static void text(FILE *f, double x, double y, const char *style, const char *s) { fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" %s>%s</text>\n", x, y, style, s); }

static FILE *start(const char *path, int width, int height)
{
  FILE *f = fopen(path, "w");
  if (!f) return NULL;
  fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n", width,
          height, width, height);
  for (int l = 0, x = LEFT; l < WEFT_LEVEL_FREE; l++) {
    fprintf(f, "<rect x=\"%d\" y=\"10\" width=\"12\" height=\"12\" fill=\"%s\"/>\n", x, colour[l]);
    text(f, x + 17, 20, "", energy_level_name(l));
    x += 34 + 7 * (int)strlen(energy_level_name(l));
  }
  return f;
}

static int end(FILE *f)
{
  fprintf(f, "</svg>\n");
  return fclose(f);
}

/* 1, 2 or 5 times a power of ten: about four lines up to `top`. */
static double tick(double top)
{
  double t = 1;
  while (t * 4 < top) t *= 10;
  while (t * 4 > top) t /= 10;
  return t * 8 > top ? t : t * 20 > top ? 2 * t : 5 * t;
}

static void axis(FILE *f, double x, double y, double width, double top, const char *title, const char *unit)
{
  text(f, x, y - 27, "font-weight=\"bold\"", title);
  text(f, x, y - 14, "font-size=\"10\"", unit);
  for (int i = 0; i * tick(top) <= top; i++) {
    const double at = y + HEIGHT - HEIGHT * i * tick(top) / top;
    char label[32];
    snprintf(label, sizeof label, "%g", i * tick(top));
    fprintf(f, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#cccccc\"/>\n", x, at, x + width, at);
    text(f, x - 5, at + 4, "text-anchor=\"end\"", label);
  }
}

static void bar(FILE *f, double x, double y, const weft_energy_t *e, double by, double top, const char *label)
{
  double from = y + HEIGHT;
  for (int l = 0; l < WEFT_LEVEL_FREE; l++) {
    const double h = HEIGHT * e->level[l] / by / top;
    from -= h;
    if (h > 0.05) fprintf(f, "<rect x=\"%.1f\" y=\"%.2f\" width=\"%d\" height=\"%.2f\" fill=\"%s\"/>\n", x, from, BAR, h, colour[l]);
  }
  char value[32], style[96];
  snprintf(value, sizeof value, e->total / by < 100 ? "%.3g" : "%.0f", e->total / by);
  text(f, x + BAR / 2.0, from - 3, "text-anchor=\"middle\" font-size=\"9\"", value);
  snprintf(style, sizeof style, "font-size=\"9\" text-anchor=\"end\" transform=\"rotate(-50 %.1f %.1f)\"", x + BAR / 2.0, y + HEIGHT + 12);
  text(f, x + BAR / 2.0, y + HEIGHT + 12, style, label);
}

/* A panel for each charge (down) and network (across); a bar for each schedule. */
int energy_plot_schedules(const char *path, const energy_net_t *n, const energy_compare_t *c, int nets)
{
  const int panel = LEFT + ENERGY_SCHEDULES * (BAR + GAP), down = TOP + HEIGHT + BELOW;
  FILE *f = start(path, nets * (panel + SPACE), LEGEND + WEFT_CHARGES * down);
  if (!f) return -1;
  for (int k = 0; k < WEFT_CHARGES; k++)
    for (int i = 0; i < nets; i++) {
      const double x = i * (panel + SPACE) + LEFT, y = LEGEND + k * down + TOP, macs = (double)n[i].macs;
      double top = 0;
      for (int s = 0; s < ENERGY_SCHEDULES; s++)
        if (c[i].run[s][k].total.total / macs > top) top = c[i].run[s][k].total.total / macs;
      char unit[96];
      snprintf(unit, sizeof unit, "for a MAC, %s", weft_charge_name[k]);
      axis(f, x, y, panel - LEFT, top * 1.05, n[i].text, unit);
      for (int s = 0; s < ENERGY_SCHEDULES; s++) bar(f, x + GAP / 2.0 + s * (BAR + GAP), y, &c[i].run[s][k].total, macs, top * 1.05, energy_schedule_name[s]);
    }
  return end(f);
}

/* Weft's layers: energy of each in millions of MACs, a psum as four operands. */
int energy_plot_layers(const char *path, const energy_net_t *n, const energy_compare_t *c, int nets)
{
  const int down = TOP + HEIGHT + BELOW;
  int widest = 0;
  for (int i = 0; i < nets; i++)
    if (n[i].nlayers > widest) widest = n[i].nlayers;
  FILE *f = start(path, LEFT + widest * (BAR + GAP) + SPACE, LEGEND + nets * down);
  if (!f) return -1;
  for (int i = 0; i < nets; i++) {
    const energy_run_t *r = &c[i].run[ENERGY_WEFT][WEFT_CHARGE_UNITS];
    const double y = LEGEND + i * down + TOP;
    double top = 0;
    for (int l = 0; l < n[i].nlayers; l++)
      if (r->layer[l].total / 1e6 > top) top = r->layer[l].total / 1e6;
    axis(f, LEFT, y, n[i].nlayers * (BAR + GAP), top * 1.05, n[i].text, "layers, in millions of MACs, a psum is four operands");
    for (int l = 0; l < n[i].nlayers; l++) {
      char label[48];
      snprintf(label, sizeof label, "%d %s", l, n[i].about[l].op);
      bar(f, LEFT + GAP / 2.0 + l * (BAR + GAP), y, &r->layer[l], 1e6, top * 1.05, label);
    }
  }
  return end(f);
}
