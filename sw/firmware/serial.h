/* SPDX-License-Identifier: Apache-2.0
 *
 * The serial protocol of MLPerf Tiny's test runner: commands end in '%', every answer ends in "m-ready".
 *
 *   name%  profile%  timestamp%  help%  db load N%  db HEX...%  infer N W%  results%
 * W inferences warm up, N are timed; results are the last inference's first output, dequantised. Errors are lines e-[...].
 */
#ifndef WEFT_FW_SERIAL_H
#define WEFT_FW_SERIAL_H

#include "fwnet.h"

enum { SERIAL_COMMAND = 80 };              /* bytes of a command without its '%' */

/* Caller-owned; `input` has room for the network's input. */
typedef struct {
  fwnet_t *net;
  uint8_t *input;
  uint32_t room, want, have;               /* bytes: of input, announced by db load, received */
  char command[SERIAL_COMMAND + 1];
  uint32_t length;
} serial_t;

void serial_start(serial_t *s, fwnet_t *net, uint8_t *input, uint32_t room);
/* One byte from the host; true when it was the end of the session (an "exit%" command). */
int serial_byte(serial_t *s, uint8_t byte);

#endif
