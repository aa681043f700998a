// SPDX-License-Identifier: Apache-2.0
//
// One bank of the global buffer: single-port memory of 16-byte words with byte write enables.
//
// One port keeps it a plain block RAM (DP16KD on ECP5, a single-port macro on an ASIC); the arbiter before it makes the
// conflicts. Throughput: one access per cycle. Latency: rdata_o one cycle after a read, and it holds until the next read.

`default_nettype none

module buffer_bank #(
  parameter integer BANK_WORDS = 1024,
  parameter integer AW = $clog2(BANK_WORDS)   // derived, do not set
) (
  input  wire          clk_i,
  input  wire          en_i,      // an access happens
  input  wire          we_i,      // it is a write
  input  wire [15:0]   wstrb_i,   // bytes that a write changes
  input  wire [AW-1:0] addr_i,
  input  wire [127:0]  wdata_i,
  output wire [127:0]  rdata_o
);

  (* ram_style = "block" *) reg [127:0] mem_q [0:BANK_WORDS-1];
  reg [127:0] rdata_q;
  integer b;

  // A write does not touch the read register (mode NO_CHANGE of the block RAM). No edge both reads and writes, so the write may be
  // a blocking assignment: it spares the simulation a copy per byte and cycle.
  /* verilator lint_off BLKSEQ */
  always @(posedge clk_i)
    if (en_i && we_i)
      for (b = 0; b < 16; b = b + 1)
        if (wstrb_i[b]) mem_q[addr_i][8*b +: 8] = wdata_i[8*b +: 8];
  /* verilator lint_on BLKSEQ */
  always @(posedge clk_i)
    if (en_i && !we_i) rdata_q <= mem_q[addr_i];
  assign rdata_o = rdata_q;

endmodule

`default_nettype wire
