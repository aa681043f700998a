/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens a target by name (see target.h).
 */
#include "target_impl.h"

int weft_target_open(const char *kind, const weft_config_t *cfg, const weft_target_opts_t *opts, weft_target_t **out,
                     weft_msg_t *m)
{
  *out = NULL;
  if (kind && !strcmp(kind, "model")) return weft_target_model_open(cfg, opts, out, m);
  if (kind && !strcmp(kind, "rtl")) return weft_target_rtl_open(cfg, opts, out, m);
  return weft_fail(m, WEFT_E_ARG, "unknown target '%s'; known: model rtl", kind ? kind : "");
}

weft_io_t weft_target_io(weft_target_t *t) { return t->io; }

const char *weft_target_diagnosis(weft_target_t *t) { return t->diagnosis ? t->diagnosis(t) : ""; }

void weft_target_close(weft_target_t *t)
{
  if (t) t->close(t);
}
