/* SPDX-License-Identifier: Apache-2.0
 *
 * weft energy: one network's events, by layer, as Weft runs it and as other schedules would.
 */
#ifndef WEFT_CLI_ENERGY_H
#define WEFT_CLI_ENERGY_H

#include "cli.h"
#include "energy/flow.h"

/* What a layer is, for sums over layers of one kind. */
typedef enum { ENERGY_CONV, ENERGY_POINTWISE, ENERGY_DEPTHWISE, ENERGY_MATRIX, ENERGY_OTHER, ENERGY_KINDS } energy_kind_t;
extern const char *const energy_kind_name[ENERGY_KINDS];

/* Schedules of a comparison: Weft's command list; row-stationary without its waste; the others with register files as published, and any. */
enum { ENERGY_WEFT, ENERGY_RS, ENERGY_WS, ENERGY_OS, ENERGY_NLR, ENERGY_WS_WIDE, ENERGY_OS_WIDE, ENERGY_NLR_WIDE, ENERGY_SCHEDULES };
extern const char *const energy_schedule_name[ENERGY_SCHEDULES];

typedef struct {
  char name[256], text[96];    /* text: with configuration and batch */
  const weft_config_t *cfg;
  int batch, nlayers;
  uint64_t macs, counter[WEFT_COUNTERS];
  weft_events_t total, *layer;                     /* as the machine model has counted them */
  struct { char op[32], shape[64]; uint64_t macs; energy_kind_t kind; } *about;
  weft_stage_t *stage;         /* of each layer; only where every product is a convolution or a FULLY_CONNECTED */
  char no_stages[160];         /* why there is no comparison; empty when there is one */
} energy_net_t;

/* One schedule of a network under one charge. */
typedef struct { weft_energy_t total, *layer; weft_events_t events; } energy_run_t;
typedef struct { energy_run_t run[ENERGY_SCHEDULES][WEFT_CHARGES]; } energy_compare_t;

/* ---- energy_net.c: name is a file or a network of `weft zoo`. The machine model runs it once. */
int energy_net(const char *name, const weft_config_t *cfg, int batch, energy_net_t *to, weft_msg_t *m);
void energy_net_free(energy_net_t *n);

/* ---- energy_compare.c: 0, or -1 without memory or when some layer has no mapping */
int energy_compare(const energy_net_t *n, double area_ratio, energy_compare_t *to);
void energy_compare_free(energy_compare_t *c);
/* Everything of one kind of layers. */
weft_energy_t energy_of_kind(const energy_net_t *n, const energy_run_t *r, energy_kind_t kind, uint64_t *macs);

/* ---- energy_report.c */
const char *energy_level_name(int level);
void energy_print(FILE *f, const energy_net_t *n);                                       /* layers and levels */
void energy_print_events(FILE *f, const energy_net_t *n, int nets);                      /* of n[0..nets-1] */
void energy_print_compare(FILE *f, const energy_net_t *n, const energy_compare_t *c);

/* ---- energy_page.c, energy_plot.c: the page of `make energy` and its plots, NULL when a file cannot be written the name of that file */
const char *energy_page(const char *path, const energy_net_t *n, const energy_compare_t *c, int nets);
/* energy_verdict.c: the ratios beside the published ones, kinds of layers, and what the ratios hang on. -1 as energy_compare(). */
bool energy_confirmed(const energy_net_t *n, const energy_compare_t *c);      /* all ratios within the published range, a psum as one operand */
void energy_findings(FILE *f, const energy_net_t *n, const energy_compare_t *c, int nets);      /* in words */
void energy_verdict(FILE *f, const energy_net_t *n, const energy_compare_t *c, int nets);       /* as a table */
void energy_kinds(FILE *f, const energy_net_t *n, const energy_compare_t *c, int nets);
int energy_sensitivity(FILE *f, const energy_net_t *n, const energy_compare_t *c, int nets);
double energy_unregistered(const energy_run_t *r);         /* operands that a PE takes from the network and uses once, without a spad */
/* energy_published.c: its convolutions on a machine like the published one. -1 as above. */
int energy_published(FILE *f, const energy_net_t *n);
int energy_plot_schedules(const char *path, const energy_net_t *n, const energy_compare_t *c, int nets);
int energy_plot_layers(const char *path, const energy_net_t *n, const energy_compare_t *c, int nets);

#endif
