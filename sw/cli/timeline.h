/* SPDX-License-Identifier: Apache-2.0
 *
 * What the engines did when: samples of a running device, written as Chrome trace events (chrome://tracing, ui.perfetto.dev).
 *
 * While the driver waits for a job, a probe reads STATUS, the completed counts and four counters every few cycles. A moment is known to within
 * one sample, whose length the file states; a microsecond of the file is a cycle.
 */
#ifndef WEFT_CLI_TIMELINE_H
#define WEFT_CLI_TIMELINE_H

#include "cli.h"

/* Runs n->fused once on the device, on the inputs that stand in n->golden, and writes path. */
int timeline_run(cli_net_t *n, weft_device_t *device, const char *path, weft_msg_t *m);

#endif
