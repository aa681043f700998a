/* SPDX-License-Identifier: Apache-2.0
 *
 * Random one-operator networks: any supported operator, odd shapes, strides, dilations, groups, scales and zero points.
 *
 * Tests and `weft random` draw from here. The network goes through the file writer and the importer, so these are tried too.
 */
#ifndef WEFT_RANDNET_H
#define WEFT_RANDNET_H

#include "graph.h"

/* Same seed and limit, same network. max_macs bounds the work (at least 1000). 0, or a negative weft_error. */
int weft_random_net(uint64_t seed, uint64_t max_macs, weft_graph_t **g, weft_msg_t *m);

/* Random bytes for a tensor, from a seed; a quarter of them extreme. */
void weft_random_bytes(uint64_t seed, void *to, size_t n);

#endif
