/* SPDX-License-Identifier: Apache-2.0
 *
 * The Verilated RTL as a target: loads the configuration's library and forwards the driver's callbacks.
 *
 * The library is <folder>/<config>/libweft_rtl.so. The folder is the caller's, else $WEFT_SIM_DIR, else the first that has it of
 * sim/ beside the running program, sim/ beside libweft.so, and where `make install` puts it: ../lib/weft/sim from the
 * program, weft/sim beside libweft.so.
 */
#define _GNU_SOURCE
#include "target_impl.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../sim/device.h"

enum { DEFAULT_LATENCY = 32, PROBE_CYCLES = 200 };

typedef struct {
  weft_target_t base;
  void *library;
  weft_sim_t *sim;
  size_t dram_bytes;
  char text[640];
  __typeof__(weft_sim_close) *close_sim;
  __typeof__(weft_sim_read32) *read32;
  __typeof__(weft_sim_write32) *write32;
  __typeof__(weft_sim_dram) *dram;
  __typeof__(weft_sim_wait) *wait;
  __typeof__(weft_sim_violation) *violation;
  __typeof__(weft_sim_cycles) *cycles;
} rtl_t;

static uint32_t rtl_read32(void *ctx, uint32_t offset)
{
  rtl_t *r = ctx;
  return r->read32(r->sim, offset);
}

static void rtl_write32(void *ctx, uint32_t offset, uint32_t value)
{
  rtl_t *r = ctx;
  r->write32(r->sim, offset, value);
}

static int rtl_mem_read(void *ctx, uint32_t addr, void *to, size_t bytes)
{
  rtl_t *r = ctx;
  if (addr > r->dram_bytes || bytes > r->dram_bytes - addr) return -1;
  memcpy(to, r->dram(r->sim) + addr, bytes);
  return 0;
}

static int rtl_mem_write(void *ctx, uint32_t addr, const void *from, size_t bytes)
{
  rtl_t *r = ctx;
  if (addr > r->dram_bytes || bytes > r->dram_bytes - addr) return -1;
  memcpy(r->dram(r->sim) + addr, from, bytes);
  return 0;
}

static uint64_t rtl_now(void *ctx)
{
  rtl_t *r = ctx;
  return r->cycles(r->sim);
}

static int rtl_wait_until(void *ctx, uint64_t deadline)
{
  rtl_t *r = ctx;
  uint64_t now = r->cycles(r->sim);
  return r->wait(r->sim, deadline > now ? deadline - now : 0);
}

static uint64_t counter(rtl_t *r, unsigned i)
{
  uint64_t lo = r->read32(r->sim, WEFT_REG_COUNTER0 + 8 * i);
  return lo | (uint64_t)r->read32(r->sim, WEFT_REG_COUNTER0 + 8 * i + 4) << 32;
}

/* Says which engine holds a command and what moved during a short probe: enough to see who waits for what. */
static const char *rtl_diagnosis(weft_target_t *t)
{
  static const char *const engine[] = {"LOAD", "ARRAY", "VECTOR", "STORE", "FETCH"};
  static const unsigned done[] = {WEFT_REG_DONE_LOAD, WEFT_REG_DONE_ARRAY, WEFT_REG_DONE_VECTOR, WEFT_REG_DONE_STORE};
  rtl_t *r = (rtl_t *)t;
  uint64_t before[WEFT_COUNTERS], after[WEFT_COUNTERS];
  for (unsigned i = 0; i < WEFT_COUNTERS; i++) before[i] = counter(r, i);
  r->wait(r->sim, PROBE_CYCLES);
  for (unsigned i = 0; i < WEFT_COUNTERS; i++) after[i] = counter(r, i);
  uint32_t status = r->read32(r->sim, WEFT_REG_STATUS);
  int n = snprintf(r->text, sizeof r->text, "cycle %llu, STATUS 0x%x, busy:", (unsigned long long)r->cycles(r->sim), status);
  for (unsigned e = 0; e < 5; e++)
    if (status >> (8 + e) & 1) n += snprintf(r->text + n, sizeof r->text - (size_t)n, " %s", engine[e]);
  n += snprintf(r->text + n, sizeof r->text - (size_t)n, "; completed:");
  for (unsigned e = 0; e < 4; e++)
    n += snprintf(r->text + n, sizeof r->text - (size_t)n, " %s %u", engine[e], r->read32(r->sim, done[e]));
  n += snprintf(r->text + n, sizeof r->text - (size_t)n, "; moving in %d cycles:", PROBE_CYCLES);
  for (unsigned i = 0; i < WEFT_COUNTERS; i++)
    if (after[i] != before[i] && i != WEFT_CNT_CYCLES && n < (int)sizeof r->text - 40)
      n += snprintf(r->text + n, sizeof r->text - (size_t)n, " %s+%llu", weft_counter_name[i],
                    (unsigned long long)(after[i] - before[i]));
  const char *v = r->violation(r->sim);
  if (*v && n < (int)sizeof r->text - 40) snprintf(r->text + n, sizeof r->text - (size_t)n, "; bus rule broken: %s", v);
  return r->text;
}

static void rtl_close(weft_target_t *t)
{
  rtl_t *r = (rtl_t *)t;
  if (r->sim) r->close_sim(r->sim);
  if (r->library) dlclose(r->library);
  free(r);
}

/* Cuts a path after its folder, "." when it has none. */
static void folder_of(char *path)
{
  char *slash = strrchr(path, '/');
  snprintf(slash ? slash : path, 2, "%s", slash ? "" : ".");
}

/* Path of the configuration's library; of the places that are searched, the first that exists, else the first. */
static void find_library(char *file, size_t size, const weft_config_t *cfg, const weft_target_opts_t *opts)
{
  static const struct { bool program; const char *sub; } place[] = {
      {true, "sim"}, {false, "sim"}, {true, "../lib/weft/sim"}, {false, "weft/sim"}};
  enum { PLACES = sizeof place / sizeof place[0] };
  const char *env = getenv("WEFT_SIM_DIR"), *suffix = opts->trace ? "-trace" : "";
  if (opts->sim_dir || (env && *env)) {
    snprintf(file, size, "%s/%s%s/libweft_rtl.so", opts->sim_dir ? opts->sim_dir : env, cfg->name, suffix);
    return;
  }
  char folder[2][PATH_MAX];          /* of this code's library, of the program */
  Dl_info self;
  snprintf(folder[0], PATH_MAX, "%s", dladdr(place, &self) && self.dli_fname ? self.dli_fname : "");
  ssize_t n = readlink("/proc/self/exe", folder[1], PATH_MAX - 1);
  folder[1][n > 0 ? n : 0] = 0;
  folder_of(folder[0]);
  folder_of(folder[1]);
  for (int i = 0; i <= PLACES; i++) {
    const int k = i % PLACES;        /* none of them: the first one again, for the message */
    snprintf(file, size, "%s/%s/%s%s/libweft_rtl.so", folder[place[k].program], place[k].sub, cfg->name, suffix);
    if (!access(file, R_OK)) return;
  }
}

#define SYMBOL(member, symbol) \
  if (!(*(void **)&r->member = dlsym(r->library, #symbol))) { \
    rtl_close(&r->base); \
    return weft_fail(m, WEFT_E_FILE, "%s: symbol " #symbol " is missing; rebuild it with `make sim-lib CONFIG=%s`", file, cfg->name); \
  }

int weft_target_rtl_open(const weft_config_t *cfg, const weft_target_opts_t *opts, weft_target_t **out, weft_msg_t *m)
{
  char file[PATH_MAX + 128];
  find_library(file, sizeof file, cfg, opts);
  rtl_t *r = calloc(1, sizeof *r);
  if (!r) return weft_fail(m, WEFT_E_MEMORY, "out of memory");
  r->library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!r->library) {
    free(r);
    return weft_fail(m, WEFT_E_FILE, "%s cannot be loaded; build it with `make sim-lib CONFIG=%s%s`", file, cfg->name,
                     opts->trace ? " TRACE=1" : "");
  }
  __typeof__(weft_sim_open) *open_sim = NULL;
  if (!(*(void **)&open_sim = dlsym(r->library, "weft_sim_open"))) {
    rtl_close(&r->base);
    return weft_fail(m, WEFT_E_FILE, "%s: symbol weft_sim_open is missing; rebuild it with `make sim-lib CONFIG=%s`", file, cfg->name);
  }
  SYMBOL(close_sim, weft_sim_close)
  SYMBOL(read32, weft_sim_read32)
  SYMBOL(write32, weft_sim_write32)
  SYMBOL(dram, weft_sim_dram)
  SYMBOL(wait, weft_sim_wait)
  SYMBOL(violation, weft_sim_violation)
  SYMBOL(cycles, weft_sim_cycles)
  r->dram_bytes = opts->dram_bytes;
  r->sim = open_sim(opts->dram_bytes, opts->seed, opts->latency ? opts->latency : DEFAULT_LATENCY, opts->trace, opts->fail_addr);
  if (!r->sim) {
    rtl_close(&r->base);
    return weft_fail(m, WEFT_E_MEMORY, "the simulation of %s cannot start: no memory for %zu bytes of DRAM%s%s", cfg->name,
                     opts->dram_bytes, opts->trace ? ", or cannot write " : "", opts->trace ? opts->trace : "");
  }
  r->base.io = (weft_io_t){.ctx = r, .read32 = rtl_read32, .write32 = rtl_write32, .mem_read = rtl_mem_read,
                           .mem_write = rtl_mem_write, .now = rtl_now, .wait_until = rtl_wait_until};
  r->base.diagnosis = rtl_diagnosis;
  r->base.close = rtl_close;
  *out = &r->base;
  return WEFT_OK;
}
