// SPDX-License-Identifier: Apache-2.0
//
// The system's address map and interrupt lines: the one place. The firmware's header build/soc/soc_map.h is made from it.
//
// A line is `define SOC_<NAME> 32'h<value>  // meaning

`define SOC_RAM            32'h00000000  // code, data and stack; the processor starts here
`define SOC_RAM_BYTES      32'h00040000
`define SOC_DRAM           32'h40000000  // byte 0 of the DRAM that the processor shares with Weft
`define SOC_WEFT           32'h80000000  // Weft's registers
`define SOC_PERIPHERALS    32'h90000000
// offsets from SOC_PERIPHERALS
`define SOC_UART_DATA      32'h00000000  // write: sends a byte, waits for room; read: takes one, bit 31 set when there was none
`define SOC_UART_STATUS    32'h00000004  // bit 0: a byte has arrived
`define SOC_IRQ_ENABLE     32'h00000008  // bit 0 UART, bit 1 timer
`define SOC_TIME_LO        32'h0000000c  // cycles since reset; reading it keeps the high word for the next read
`define SOC_TIME_HI        32'h00000010
`define SOC_ALARM_LO       32'h00000014  // the timer's line is up while time >= alarm
`define SOC_ALARM_HI       32'h00000018
`define SOC_EXIT           32'h0000001c  // simulation: ends with this exit code
`define SOC_SCRATCH        32'h00000020
// masks of the processor's interrupt lines
`define SOC_IRQ_FATAL      32'h00000046  // 1 illegal instruction, 2 misaligned access, 6 no such address
`define SOC_IRQ_WEFT       32'h00000008
`define SOC_IRQ_UART       32'h00000010
`define SOC_IRQ_TIMER      32'h00000020
`define SOC_CLOCK_MHZ      32'h00000032  // what timestamps assume
