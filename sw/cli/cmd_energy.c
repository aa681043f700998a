/* SPDX-License-Identifier: Apache-2.0
 *
 * weft energy: prints the energy of networks by layer and level, compares schedules, writes the page of `make energy`.
 */
#include <stdlib.h>

#include "energy.h"

/* What the page shows: the network of the published comparison on the configuration of Eyeriss's size, and one of today's. */
static const struct { const char *network, *config; int batch; } page_rows[] = {
  {"alexnet-conv-227", "weft168", 1}, {"alexnet-conv-227", "weft168", 4}, {"mobilenetv1-1.0-224", "weft256", 1}};
enum { PAGE_ROWS = sizeof page_rows / sizeof page_rows[0] };

/* One network; a comparison where there can be one. */
static int network(const cli_t *c, const char *name)
{
  weft_msg_t m = {""};
  energy_net_t n;
  energy_compare_t to;
  int err = energy_net(name, c->cfg, c->batch, &n, &m);
  if (err) cli_error("%s: %s", name, m.msg);
  else {
    energy_print(stdout, &n);
    if (n.no_stages[0]) printf("\nno other schedules: %s\n", n.no_stages);
    else {
      if ((err = energy_compare(&n, WEFT_AS_AREA_RATIO, &to))) cli_error("%s: some layer has no mapping in some schedule", name);
      else energy_print_compare(stdout, &n, &to);
      energy_compare_free(&to);
    }
  }
  energy_net_free(&n);
  return !err ? CLI_OK : err == WEFT_E_FILE || err == WEFT_E_ARG ? CLI_USAGE : CLI_MISMATCH;
}

static int page(const cli_t *c)
{
  energy_net_t n[PAGE_ROWS];
  energy_compare_t to[PAGE_ROWS];
  weft_msg_t m = {""};
  int err = 0, code = CLI_OK;
  memset(n, 0, sizeof n);
  memset(to, 0, sizeof to);
  for (int i = 0; i < PAGE_ROWS && !err; i++) {
    if ((err = energy_net(page_rows[i].network, weft_config_find(page_rows[i].config), page_rows[i].batch, &n[i], &m))) cli_error("%s: %s", page_rows[i].network, m.msg);
    else if ((err = energy_compare(&n[i], WEFT_AS_AREA_RATIO, &to[i]))) cli_error("%s: some layer has no mapping in some schedule", page_rows[i].network);
    if (err) break;
    energy_print(stdout, &n[i]);
    energy_print_compare(stdout, &n[i], &to[i]);
    fflush(stdout);
  }
  const char *bad = !err && c->file ? energy_page(c->file, n, to, PAGE_ROWS) : NULL;
  if (bad) code = cli_error("%s: cannot write", bad);
  for (int i = 0; i < PAGE_ROWS; i++) {
    energy_compare_free(&to[i]);
    energy_net_free(&n[i]);
  }
  return err ? CLI_MISMATCH : code;
}

int cmd_energy(const cli_t *c)
{
  if (!c->nnet) return page(c);
  if (c->file) return cli_error("--page is written without a network: it has its own");
  int code = CLI_OK;
  for (int i = 0; i < c->nnet && code == CLI_OK; i++) code = network(c, c->net[i]);
  return code;
}
