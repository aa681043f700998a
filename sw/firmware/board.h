/* SPDX-License-Identifier: Apache-2.0
 *
 * The board under the firmware: time, UART, sleeping, and Weft's registers and memory as the driver wants them.
 *
 * Only board.c knows addresses; another board is another board.c with start.S and fw.ld.
 */
#ifndef WEFT_BOARD_H
#define WEFT_BOARD_H

#include "driver/weft_driver.h"
#include "mailbox.h"

uint64_t board_cycles(void);               /* since reset */
uint32_t board_mhz(void);                  /* cycles a microsecond */
void board_put(const char *bytes, size_t n);
/* Next byte from the UART; sleeps until it is there. */
uint8_t board_get(void);
weft_io_t board_io(void);
uint8_t *board_dram(void);
const volatile weft_mailbox_t *board_mailbox(void);
/* Ends: in simulation with this exit code, on a board by sleeping for ever. */
void board_exit(int code) __attribute__((noreturn));

#endif
