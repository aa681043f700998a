/* SPDX-License-Identifier: Apache-2.0
 *
 * weft compile, info and disasm: what the compiler makes of a network, without running it.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "cli.h"
#include "compiler/lower.h"

static int load_error(const char *path, const weft_msg_t *m)
{
  return strncmp(m->msg, path, strlen(path)) ? cli_error("%s: %s", path, m->msg) : cli_error("%s", m->msg);
}

/* Loads and compiles the one network of the command line. The plan keeps the network. */
static int load(const cli_t *c, weft_plan_t **plan)
{
  weft_net_t *net;
  weft_msg_t m = {""};
  *plan = NULL;
  if (weft_net_load(c->net[0], &net, &m)) return load_error(c->net[0], &m);
  int err = weft_plan_make(net, c->cfg->name, 0, plan, &m);
  weft_net_free(net);
  return err ? load_error(c->net[0], &m) : CLI_OK;
}

static int one_file(const cli_t *c, const char *verb)
{
  if (c->nnet == 1) return CLI_OK;
  return cli_error("%s needs one file, not %d; see `weft %s --help`", verb, c->nnet, verb);
}

static void summary(const cli_t *c, const weft_plan_t *plan)
{
  const weft_program_t *p = plan->p;
  uint64_t load = 0, store = 0, cycles = plan->time.cycles, macs = program_macs(p), fetch = 0;
  int npu = 0, cpu = program_cpu_ops(p), jobs = 0;
  for (int i = 0; i < p->nlayer; i++) {
    load += p->layer[i].load_bytes;
    store += p->layer[i].store_bytes;
    npu += p->layer[i].npu;
  }
  for (int i = 0; i < p->nseg; i++) {
    if (!p->seg[i].npu) continue;
    jobs++;
    fetch += (uint64_t)p->seg[i].count * WEFT_CMD_BYTES;       /* an LSTM's jobs run several times */
  }
  double share = npu + cpu ? 100.0 / (npu + cpu) : 0;
  printf("configuration        %s (%d x %d PEs x %d lanes)\n", c->cfg->name, c->cfg->rows, c->cfg->cols, c->cfg->lanes);
  printf("operators            %d: %d on the NPU (%.0f %%), %d on the CPU (%.0f %%), %d free of work\n", p->nlayer, npu,
        npu * share, cpu, cpu * share, p->nlayer - npu - cpu);
  printf("jobs, commands       %d, %u\n", jobs, p->ncmd);
  printf("buffer used          %" PRIu32 " of %d KiB\n", (p->buffer_words * WEFT_WORD_BYTES + 1023) / 1024,
        c->cfg->buf_words * WEFT_WORD_BYTES / 1024);
  printf("DRAM used            %u B commands, %zu B filters and tables, %u B feature maps\n", p->size[WEFT_REG_COMMANDS],
        p->nkonst, p->arena_bytes);
  printf("DRAM traffic         %" PRIu64 " B (%" PRIu64 " loaded, %" PRIu64 " stored, %" PRIu64 " commands)\n",
        load + store + fetch, load, store, fetch);
  printf("MACs                 %" PRIu64 "\n", macs);
  printf("cycles, estimated    %" PRIu64 ", utilisation %.3f\n", cycles, cycles ? (double)macs / (double)cycles / peak_macs(c->cfg) : 0);
}

static int to_final(const char *part, const char *path, int err)
{
  if (!err && rename(part, path)) err = cli_error("%s: cannot write", path);
  if (err) remove(part);
  return err;
}

static int write_files(const cli_t *c, const weft_plan_t *plan)
{
  const char *slash = strrchr(c->net[0], '/'), *name = slash ? slash + 1 : c->net[0], *dot = strrchr(name, '.');
  int len = dot && dot != name ? (int)(dot - name) : (int)strlen(name);
  char image[1024], csv[1024], part[1040];
  weft_msg_t m = {""};
  if (snprintf(image, sizeof image, "%s/%.*s_%s.weft", c->output_dir, len, name, c->cfg->name) >= (int)sizeof image)
        return cli_error("%s: name too long", c->output_dir);
  snprintf(csv, sizeof csv, "%s/%.*s_%s.csv", c->output_dir, len, name, c->cfg->name);
  snprintf(part, sizeof part, "%s.part", image);
  int err = weft_plan_save(plan, part, &m) ? cli_error("%s", m.msg) : CLI_OK;
  if ((err = to_final(part, image, err))) return err;
  snprintf(part, sizeof part, "%s.part", csv);
  FILE *f = fopen(part, "w");
  if (!f) return cli_error("%s: cannot write", csv);
  table_csv(f, plan->net->g, plan->p, &plan->time);
  err = fclose(f) ? cli_error("%s: cannot write", csv) : CLI_OK;
  if ((err = to_final(part, csv, err))) return err;
  if (!c->json) printf("wrote                %s, %s\n", image, csv);
  return CLI_OK;
}

static int report(const char *path)
{
  bool console = !strcmp(path, "-");
  FILE *f = console ? stdout : fopen(path, "w");
  if (!f) return cli_error("%s: cannot write", path);
  weft_operators_report(f);
  int bad = ferror(f);
  if (!console && fclose(f)) bad = 1;
  return bad ? cli_error("%s: cannot write", path) : CLI_OK;
}

int cmd_compile(const cli_t *c)
{
  weft_plan_t *plan;
  if (c->report) {
    if (c->nnet) return cli_error("--supported-ops-report stands alone: it is the same for every network and configuration");
    return report(c->report);
  }
  int code = one_file(c, "compile");
  if (code || (code = load(c, &plan))) return code;
  const weft_graph_t *g = plan->net->g;
  const weft_program_t *p = plan->p;
  code = write_files(c, plan);
  if (!code && c->json) {
    printf("{\"file\":");
    json_text(stdout, c->net[0]);
    printf(",\"config\":\"%s\",\"commands\":%u,\"constant_bytes\":%zu,\"arena_bytes\":%u,\"macs\":%" PRIu64 ",\"cpu_ops\":%d,\"layers\":%d}\n", c->cfg->name, p->ncmd,
           p->nkonst, p->arena_bytes, program_macs(p), program_cpu_ops(p), p->nlayer);
  } else if (!code) {
    cli_net_t net = {.g = plan->net->g};
    if (c->verbose_performance) table_layers(stdout, &net, p, &plan->time, NULL, NULL);
    summary(c, plan);
    if (c->show_cpu || program_cpu_ops(p)) table_cpu(stdout, g, p);
    else printf("CPU: no operators\n");
  }
  weft_plan_free(plan);
  return code;
}

static void tensor_line(const weft_graph_t *g, int t)
{
  const weft_tensor_t *x = &g->tensor[t];
  char shape[80] = "";
  for (int i = 0; i < x->rank; i++) snprintf(shape + strlen(shape), sizeof shape - strlen(shape), "%s%d", i ? "x" : "", (int)x->dim[i]);
  printf("%4d %-8s %-18s ", t, weft_dtype_name(x->type), x->rank ? shape : "scalar");
  if (x->nscale == 1) printf("scale %-12g zero %-4d ", (double)x->scale[0], (int)x->zero[0]);
  else if (x->nscale) printf("%d scales along %d      ", x->nscale, x->qdim);
  else printf("%-29s", "");
  printf("%s %s\n", x->data ? "constant" : "        ", x->name);
}

int cmd_info(const cli_t *c)
{
  weft_plan_t *plan;
  int code = one_file(c, "info");
  /* MACs and shapes do not depend on the configuration; the compiler knows them. */
  if (code || (code = load(c, &plan))) return code;
  const weft_graph_t *g = plan->net->g;
  const weft_program_t *p = plan->p;
  if (c->json) {
    printf("{\"tensors\":%d,\"operators\":%d,\"inputs\":%d,\"outputs\":%d,\"macs\":%" PRIu64 "}\n", g->ntensors, g->nops, g->nin,
          g->nout, program_macs(p));
  } else {
    printf("tensors\n");
    for (int i = 0; i < g->ntensors; i++) tensor_line(g, i);
    printf("operators\n");
    for (int i = 0; i < g->nops; i++) {
      printf("%4d %-18s %-40s %11" PRIu64 " MACs, in", i, weft_op_name(g->op[i].code), p->layer[i].shape, p->layer[i].macs);
      for (int k = 0; k < g->op[i].nin; k++) printf(" %d", g->op[i].in[k]);
      printf(", out");
      for (int k = 0; k < g->op[i].nout; k++) printf(" %d", g->op[i].out[k]);
      printf("\n");
    }
    printf("inputs");
    for (int i = 0; i < g->nin; i++) printf(" %d", g->in[i]);
    printf(", outputs");
    for (int i = 0; i < g->nout; i++) printf(" %d", g->out[i]);
    printf("; %" PRIu64 " MACs\n", program_macs(p));
  }
  weft_plan_free(plan);
  return code;
}

static void disassemble(const weft_program_t *p)
{
  for (int s = 0; s < p->nseg; s++) {
    if (!p->seg[s].npu) {
      printf("segment %d: an operator on the CPU\n", s);
      continue;
    }
    printf("segment %d: %u commands\n", s, p->seg[s].count);
    for (uint32_t i = 0; i < p->seg[s].count; i++)
      weft_disasm(p->cmd + (size_t)(p->seg[s].first + i) * WEFT_CMD_WORDS, p->seg[s].first + i, stdout);
  }
}

static bool is_image(const char *path)
{
  char head[7] = "";
  FILE *f = fopen(path, "rb");
  if (!f) return false;
  bool is = fread(head, 1, 7, f) == 7 && !memcmp(head, "WEFTIMG", 7);
  fclose(f);
  return is;
}

int cmd_disasm(const cli_t *c)
{
  weft_msg_t m = {""};
  weft_program_t *image = NULL;
  weft_plan_t *plan = NULL;
  int code = one_file(c, "disasm");
  if (code) return code;
  if (is_image(c->net[0])) code = weft_image_read(c->net[0], &image, &m) ? cli_error("%s", m.msg) : CLI_OK;
  else code = load(c, &plan);
  if (!code) disassemble(image ? image : plan->p);
  weft_program_free(image);
  weft_plan_free(plan);
  return code;
}
