/* SPDX-License-Identifier: Apache-2.0
 *
 * weft random: random networks of one operator, or a few in a chain, on the device, against golden operators and machine model.
 *
 * Network, input, DRAM latency and stalls of number i all come from seed + i, and each network gets a fresh device, so one
 * that fails repeats alone with --seed and --n 1.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "cli.h"
#include "compiler/randnet.h"

enum { MAX_MACS = 120000, MAX_LATENCY = 120, RUNS = 2 };

static int run_one(const cli_t *c, uint64_t seed, cli_net_t *n, weft_msg_t *m)
{
  int err = weft_random_net(seed, MAX_MACS, &n->g, m);
  if (err) return err;
  const bool keep_all = n->g->nops == 1 || seed % 3 == 0;      /* chains mostly as users run them */
  if ((err = weft_compile(n->g, c->cfg, &(weft_compile_opts_t){.keep_all = keep_all, .per_layer = seed % 5 == 0}, &n->p, m))) return err;
  size_t size = weft_golden_arena_size(n->g);
  if (!(n->arena = malloc(size))) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
  if ((err = weft_golden_init(&n->golden, n->g, n->arena, size, m))) return err;
  weft_target_opts_t o = {.dram_bytes = weft_run_dram_bytes(n->p), .seed = (unsigned)(seed % 0xffffffffu) + 1,
        .latency = c->latency ? c->latency : 1 + (int)(seed * 7919 % MAX_LATENCY)};
  weft_target_t *t;
  weft_run_t r;
  if ((err = weft_target_open(c->target, c->cfg, &o, &t, m))) return err;
  err = weft_run_open(&r, n->g, n->p, t, o.latency, m);
  /* Twice: the second time finds a machine that has worked before. */
  for (int k = 0; k < RUNS && !err; k++) {
    for (int i = 0; i < n->g->nin && !err; i++) {
      int x = n->g->in[i];
      weft_random_bytes(seed + (uint64_t)(100 * k + i), n->golden.data[x], n->g->tensor[x].elements);
      err = weft_run_input(&r, i, n->golden.data[x], m);
    }
    if (!err) err = weft_golden_run(n->g, &n->golden, m);
    if (!err) err = weft_run_infer(&r, m);
    if (!err && keep_all) check_tensors(n, &r, NULL, m, &err);
    else if (!err) check_outputs(n, &r, m, &err);
  }
  if (!err && !strcmp(c->target, "rtl")) check_counters(n, &r, m, &err);
  weft_run_close(&r);
  weft_target_close(t);
  return err;
}

int cmd_random(const cli_t *c)
{
  if (c->nnet) return cli_error("random takes no files");
  uint64_t first = c->seed ? c->seed : 1;
  int failed = 0, cpu = 0;
  progress_t p;
  progress_begin(&p, "random");
  for (int i = 0; i < c->n; i++) {
    cli_net_t n = {.path = "random", .file = "random"};
    weft_msg_t m = {""};
    int err = run_one(c, first + (uint64_t)i, &n, &m);
    if (err == WEFT_E_FILE) {                /* no such device: all would fail alike */
      progress_end(&p);
      return cli_error("%s", m.msg);
    }
    if (err || n.mismatches) {
      progress_end(&p);
      printf("FAIL seed=%" PRIu64 " config=%s %s %s [%s]: %s\n  repeat: weft random --config %s --target %s --seed %" PRIu64 " --n 1\n", first + (uint64_t)i, c->cfg->name,
             n.g && n.g->nops == 1 ? weft_op_name(n.g->op[0].code) : "chain", n.p ? n.p->layer[0].shape : "", n.p ? n.p->layer[0].mapping : "", err
                   ? m.msg : "results differ", c->cfg->name,
             c->target, first + (uint64_t)i);
      fflush(stdout);
      failed++;
    } else {
      cpu += program_cpu_ops(n.p);
    }
    weft_program_free(n.p);
    weft_graph_free(n.g);
    free(n.arena);
    progress_step(&p, (double)(i + 1) / c->n);
    if (failed == 10) break;
  }
  progress_end(&p);
  printf("%s random config=%s target=%s n=%d seed=%" PRIu64 " on_cpu=%d failed=%d\n", failed ? "FAIL" : "PASS", c->cfg->name,
        c->target, c->n, first, cpu, failed);
  return failed ? CLI_MISMATCH : CLI_OK;
}
