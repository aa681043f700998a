/* SPDX-License-Identifier: Apache-2.0
 *
 * What a target implements; each embeds weft_target as its first member.
 */
#ifndef WEFT_TARGET_IMPL_H
#define WEFT_TARGET_IMPL_H

#include "target.h"

#ifdef __cplusplus
extern "C" {
#endif

struct weft_target {
  weft_io_t io;                                /* io.ctx is the target itself */
  const char *(*diagnosis)(weft_target_t *t);  /* NULL: nothing to say */
  void (*close)(weft_target_t *t);
};

int weft_target_model_open(const weft_config_t *cfg, const weft_target_opts_t *opts, weft_target_t **out, weft_msg_t *m);
int weft_target_rtl_open(const weft_config_t *cfg, const weft_target_opts_t *opts, weft_target_t **out, weft_msg_t *m);

#ifdef __cplusplus
}
#endif
#endif
