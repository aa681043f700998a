/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of layers for people, CSV and JSON for programs.
 */
#include <inttypes.h>

#include "cli.h"

uint64_t dram_bytes(const weft_config_t *c, const uint64_t k[WEFT_COUNTERS])
{
  return (k[WEFT_CNT_FETCH_BEATS] + k[WEFT_CNT_LOAD_BEATS] + k[WEFT_CNT_STORE_BEATS]) * (uint64_t)c->bus_bytes;
}

uint64_t buffer_bytes(const uint64_t k[WEFT_COUNTERS])
{
  static const int words[] = {WEFT_CNT_BUF_LOAD, WEFT_CNT_BUF_STORE, WEFT_CNT_BUF_IFMAP, WEFT_CNT_BUF_FILTER, WEFT_CNT_BUF_PARAM,
                              WEFT_CNT_BUF_OFMAP, WEFT_CNT_BUF_VEC_RD, WEFT_CNT_BUF_VEC_WR};
  uint64_t n = 0;
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) n += k[words[i]];
  return n * WEFT_WORD_BYTES;
}

double peak_macs(const weft_config_t *c) { return (double)c->rows * c->cols * c->lanes; }

uint64_t program_macs(const weft_program_t *p)
{
  uint64_t n = 0;
  for (int i = 0; i < p->nlayer; i++) n += p->layer[i].macs;
  return n;
}

int program_cpu_ops(const weft_program_t *p)
{
  int n = 0;
  for (int i = 0; i < p->nlayer; i++) n += !p->layer[i].npu && !p->layer[i].alias;
  return n;
}

void json_text(FILE *f, const char *s)
{
  fputc('"', f);
  for (; *s; s++) {
    if (*s == '"' || *s == '\\') fputc('\\', f);
    if ((unsigned char)*s < 0x20) fprintf(f, "\\u%04x", *s);
    else fputc(*s, f);
  }
  fputc('"', f);
}

bool layer_counters(const weft_program_t *p, int layer, uint64_t (*counter)[WEFT_COUNTERS], uint64_t sum[WEFT_COUNTERS])
{
  bool any = false;
  memset(sum, 0, WEFT_COUNTERS * sizeof *sum);
  for (int i = 0; i < p->nseg; i++) {
    if (!p->seg[i].npu || p->seg[i].layer != layer || p->seg[i].nlayers != 1) continue;
    any = true;
    for (int k = 0; k < WEFT_COUNTERS; k++) sum[k] += counter[i][k];
  }
  return any;
}

/* Columns are as wide as what stands in them. */
void table_layers(FILE *f, const cli_net_t *net, const weft_program_t *p, const weft_timing_t *t, uint64_t (*counter)[WEFT_COUNTERS],
                  const bool *verdict)
{
  int name = 8, wide = 5, map = 7;
  for (int i = 0; i < p->nlayer; i++) {
    int a = (int)strlen(p->layer[i].shape), b = (int)strlen(p->layer[i].npu || p->layer[i].alias ? p->layer[i].mapping
          : p->layer[i].reason) + (p->layer[i].npu || p->layer[i].alias ? 0 : 5);
    const int n = (int)strlen(weft_op_name(net->g->op[p->layer[i].op].code));
    if (n > name) name = n;
    if (a > wide) wide = a;
    if (b > map) map = b;
  }
  fprintf(f, "%3s %-*s %-*s %-*s %11s %10s %6s %11s %10s%s\n", "#", name, "operator", wide, "shape", map, "mapping", "MACs", counter
        ? "cycles" : "~cycles", "util",
          "buffer B", "DRAM B", verdict ? "  verdict" : "");
  for (int i = 0; i < p->nlayer; i++) {
    const weft_layer_t *l = &p->layer[i];
    uint64_t sum[WEFT_COUNTERS];
    bool own = counter && layer_counters(p, i, counter, sum);
    char where[180];
    snprintf(where, sizeof where, l->npu || l->alias ? "%s" : "CPU: %s", l->npu || l->alias ? l->mapping : l->reason);
    fprintf(f, "%3d %-*s %-*s %-*s %11" PRIu64, i, name, weft_op_name(net->g->op[l->op].code), wide, l->shape, map, where, l->macs);
    uint64_t cycles = own ? sum[WEFT_CNT_CYCLES] : counter || !t ? 0 : weft_timing_layer(t, i);
    if (cycles) fprintf(f, " %10" PRIu64, cycles);
    else fprintf(f, " %10s", "-");
    if (cycles && l->macs) fprintf(f, " %6.3f", (double)l->macs / (double)cycles / peak_macs(p->cfg));
    else fprintf(f, " %6s", "-");
    if (own) fprintf(f, " %11" PRIu64 " %10" PRIu64, buffer_bytes(sum), dram_bytes(p->cfg, sum));
    else if (!counter && l->npu) fprintf(f, " %11s %10" PRIu64, "-", l->load_bytes + l->store_bytes + (uint64_t)l->count * WEFT_CMD_BYTES);
    else fprintf(f, " %11s %10s", "-", "-");
    if (verdict) fprintf(f, "  %s", verdict[i] ? "equal" : "DIFFERS");
    fputc('\n', f);
  }
}

void table_engines(FILE *f, const char *what, uint64_t cycles, const uint64_t busy[WEFT_ENGINES])
{
  static const char *const name[WEFT_ENGINES] = {"LOAD", "ARRAY", "VECTOR", "STORE"};
  uint64_t any = 0;
  for (int e = 0; e < WEFT_ENGINES; e++) any |= busy[e];
  if (!cycles || !any) return;
  fprintf(f, "%s: busy", what);
  for (int e = 0; e < WEFT_ENGINES; e++) fprintf(f, " %s %.1f %%%s", name[e], 100.0 * (double)busy[e] / (double)cycles, e < WEFT_ENGINES - 1 ? "," : "");
  fprintf(f, " of %" PRIu64 " cycles\n", cycles);
}

void table_time(FILE *f, const weft_graph_t *g, const weft_program_t *p, uint64_t (*counter)[WEFT_COUNTERS])
{
  uint64_t of_op[WEFT_OP_COUNT] = {0}, all = 0, busy[WEFT_ENGINES] = {0};
  for (int i = 0; i < p->nlayer; i++) {
    uint64_t sum[WEFT_COUNTERS];
    if (!layer_counters(p, i, counter, sum)) continue;
    of_op[g->op[p->layer[i].op].code] += sum[WEFT_CNT_CYCLES];
    all += sum[WEFT_CNT_CYCLES];
    for (int e = 0; e < WEFT_ENGINES; e++) busy[e] += sum[WEFT_CNT_BUSY_LOAD + e];
  }
  if (!all) return;
  fprintf(f, "cycles by operator:");
  for (int before = -1, n = 0;; n++) {            /* largest first */
    int top = -1;
    for (int k = 0; k < WEFT_OP_COUNT; k++) {
      bool after = before < 0 || of_op[k] < of_op[before] || (of_op[k] == of_op[before] && k > before);
      if (of_op[k] && after && (top < 0 || of_op[k] > of_op[top])) top = k;
    }
    if (top < 0) break;
    fprintf(f, "%s %s %.1f %%", n ? "," : "", weft_op_name(top), 100.0 * (double)of_op[top] / (double)all);
    before = top;
  }
  fprintf(f, "\n");
  table_engines(f, "engines", all, busy);
}

void table_csv(FILE *f, const weft_graph_t *g, const weft_program_t *p, const weft_timing_t *t)
{
  fprintf(f, "layer,operator,shape,unit,mapping,macs,cycles_estimate,load_bytes,store_bytes,commands\n");
  for (int i = 0; i < p->nlayer; i++) {
    const weft_layer_t *l = &p->layer[i];
    fprintf(f, "%d,%s,%s,%s,\"%s\",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%u\n", i, weft_op_name(g->op[l->op].code), l->shape,
            l->npu ? "npu" : l->alias ? "none" : "cpu", l->npu || l->alias ? l->mapping : l->reason, l->macs, weft_timing_layer(t, i),
                  l->load_bytes, l->store_bytes, l->count);
  }
}

void table_cpu(FILE *f, const weft_graph_t *g, const weft_program_t *p)
{
  for (int i = 0; i < p->nlayer; i++)
    if (!p->layer[i].npu && !p->layer[i].alias)
      fprintf(f, "CPU: layer %d %s (operator %d of the file): %s\n", i, weft_op_name(g->op[p->layer[i].op].code),
            g->op[p->layer[i].op].index, p->layer[i].reason);
}
