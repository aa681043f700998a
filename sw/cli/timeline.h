/* SPDX-License-Identifier: Apache-2.0
 *
 * What the engines did when: samples of a running device, written as Chrome trace events (chrome://tracing, ui.perfetto.dev).
 *
 * It stands between driver and target. While the driver waits for a job, it reads STATUS, the completed counts and four counters every few
 * cycles over the same register bus. Reads do not disturb the machine: cycles stay what they are. A moment is known to within one
 * sample, whose length the file states; a microsecond of the file is a cycle.
 */
#ifndef WEFT_CLI_TIMELINE_H
#define WEFT_CLI_TIMELINE_H

#include "cli.h"

/* Runs n->timed once on the device, on the inputs that stand in n->golden, and writes path. */
int timeline_run(cli_net_t *n, weft_device_t *device, const char *path, weft_msg_t *m);

#endif
