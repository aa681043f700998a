/* SPDX-License-Identifier: Apache-2.0
 *
 * A graph of one operator (oneop.h) on the device: compiled, its list through the validator, run on the machine model, compared with the
 * golden operator byte for byte.
 */
#ifndef WEFT_TESTS_ONEDEVICE_H
#define WEFT_TESTS_ONEDEVICE_H

#include <math.h>

#include "oneop.h"

#include "compiler/run.h"

static const char *const configs[] = {"tiny", "weft144", "weft672"};

static inline void ok(int err, const weft_msg_t *m) {
  if (err) fail_msg("%s", m->msg);
}

/* Compiles the operator for cfg and compares its output with data[3]. Inputs whose tensor has data are constants. The reason when the CPU
 * runs it, else NULL. */
static inline const char *device(one_t *o, const weft_config_t *cfg) {
  static char reason[160];
  weft_msg_t m = {""};
  int in[3], nin = 0;
  for (int i = 0; i < o->op.nin; i++)
    if (!o->t[o->in[i]].data && (nin == 0 || in[0] != o->in[i])) in[nin++] = o->in[i];
  o->g.in = in;
  o->g.nin = nin;
  o->g.out = o->out;
  o->g.nout = 1;
  weft_program_t *p;
  weft_target_t *t;
  weft_run_t r;
  ok(weft_compile(&o->g, cfg, &(weft_compile_opts_t){.keep_all = true}, &p, &m), &m);
  snprintf(reason, sizeof reason, "%s", p->layer[0].reason);
  const bool npu = p->layer[0].npu;
  ok(weft_target_open("model", cfg, &(weft_target_opts_t){.dram_bytes = weft_run_dram_bytes(p)}, &t, &m), &m);
  ok(weft_run_open(&r, &o->g, p, t, 0, &m), &m);
  for (int i = 0; i < nin; i++) ok(weft_run_input(&r, i, o->data[in[i]], &m), &m);
  ok(weft_run_infer(&r, &m), &m);
  const size_t n = o->t[3].elements;
  int8_t *got = malloc(n);
  assert_non_null(got);
  ok(weft_run_tensor(&r, 3, got, &m), &m);
  for (size_t i = 0; i < n; i++)
    if (got[i] != i8(o, 3)[i])
      fail_msg("%s on %s: value %zu of %zu is %d, golden %d (%s)", weft_op_name(o->op.code), cfg->name, i, n, got[i], i8(o, 3)[i],
               p->layer[0].mapping);
  free(got);
  weft_run_close(&r);
  weft_target_close(t);
  weft_program_free(p);
  return npu ? NULL : reason;
}

/* On all three; none may refuse unless `may`. Returns how many did. */
static inline int everywhere(one_t *o, bool may) {
  int refused = 0;
  run(o);
  for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
    const char *reason = device(o, weft_config_find(configs[i]));
    if (reason && !may) fail_msg("%s on %s: %s", weft_op_name(o->op.code), configs[i], reason);
    refused += reason != NULL;
  }
  return refused;
}

static inline float real(float lo, float hi) { return lo + (hi - lo) * (float)(next() % 1000) / 1000.0f; }

/* Scales of one size, as networks have them, or far apart. */
static inline void quantise(one_t *o) {
  const bool wide = range(0, 4) == 0;
  for (int i = 0; i < 4; i++) {
    o->scale[i][0] = wide ? ldexpf(real(1, 2), range(-12, 4)) : real(0.01f, 0.2f);
    o->zero[i][0] = range(0, 3) ? range(-128, 127) : 0;
  }
}

static inline void one_scale(one_t *o) {
  for (int i = 0; i < 4; i++) {
    o->scale[i][0] = o->scale[3][0];
    o->zero[i][0] = o->zero[3][0];
  }
}

#endif
