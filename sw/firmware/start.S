/* SPDX-License-Identifier: Apache-2.0
 *
 * First instructions: stack, zeroed .bss, fatal interrupts on, main(); and the handler of fatal interrupts.
 *
 * picorv32 starts at address 0 and enters its only handler at 0x10. Device interrupts stay masked: the firmware sleeps in `waitirq`,
 * which wakes on a masked line too, and then looks at the lines. So no code runs between two instructions of other code.
 */
#include "soc_map.h"

  .section .init, "ax"
  .global _start
_start:
  j reset
  .org 0x10
  /* q0: where it happened, q1: which lines. The stack pointer may be the reason: take a fresh stack. */
  .insn r 0x0b, 4, 0, a0, x0, x0    /* getq a0, q0 */
  .insn r 0x0b, 4, 0, a1, x1, x0    /* getq a1, q1 */
  la sp, __stack
  j board_fatal

reset:
  la sp, __stack
  la t0, __bss_start
  la t1, __bss_end
1:
  bgeu t0, t1, 2f
  sw zero, 0(t0)
  addi t0, t0, 4
  j 1b
2:
  li t0, ~SOC_IRQ_FATAL
  .insn r 0x0b, 6, 3, zero, t0, x0  /* maskirq zero, t0: ones are masked */
  call main
  call board_exit
