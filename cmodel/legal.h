/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules on the fields of one command, without looking at addresses or at other commands (docs/spec.md, sections 3 to 6).
 *
 * The validator adds footprints, waits and races; the machine model raises error FIELD for what is refused here, because
 * such a command has no defined meaning. Each returns 0 or WEFT_E_FORMAT with a message "FIELD = value: what is accepted".
 * m may be NULL. All values that unpacking can produce are safe.
 */
#ifndef WEFT_LEGAL_H
#define WEFT_LEGAL_H

#include "graph.h"
#include "weft_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

int weft_legal_dma(const weft_dma_t *c, weft_msg_t *m);
int weft_legal_conv(const weft_config_t *cfg, const weft_conv_t *c, weft_msg_t *m);
int weft_legal_vec(const weft_vec_t *c, weft_msg_t *m);
int weft_legal_transpose(const weft_transpose_t *c, weft_msg_t *m);
int weft_legal(const weft_config_t *cfg, const weft_cmd_t *c, weft_msg_t *m);   /* by opcode */

#ifdef __cplusplus
}
#endif
#endif
