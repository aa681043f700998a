/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators whose result does not depend on the network's inputs are executed once, when the network is read.
 */
#ifndef WEFT_IMPORT_FOLD_H
#define WEFT_IMPORT_FOLD_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* When all inputs of op are constant, or it is SHAPE (shapes are fixed): its outputs become constants and *folded is set. */
int weft_fold_op(weft_graph_t *g, const weft_op_t *op, bool *folded, weft_msg_t *m);

#ifdef __cplusplus
}
#endif
#endif
