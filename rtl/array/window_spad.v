// SPDX-License-Identifier: Apache-2.0
//
// The window spad of a PE: a memory that takes a whole network packet per cycle and gives one word per cycle.
//
// It holds the sliding ifmap window of the PE's row as a ring of LANES-words. Word a is in bank a mod BANKS, so the words of a
// packet, which stand in ascending aligned positions, go to different banks. LUT RAM with a combinational read behind which
// stands the bank multiplexer and one register: BANKS output registers would cost more than the longer path.
// The credits of feeder and sequencer exclude that a word is written while it is still to be read, or read in the cycle in which
// it is written; so the write may be a blocking assignment, which spares the simulation a copy per bank and cycle. Throughput: one packet in, one word out per cycle. Latency: one cycle.

`default_nettype none

module window_spad #(
  parameter integer WIDTH = 36,
  parameter integer DEPTH = 64,              // words, a power of two
  parameter integer BANKS = 4,               // a power of two, >= 2
  parameter integer AW    = 6                // log2 DEPTH
) (
  input  wire                   clk_i,
  input  wire                   we_i,
  input  wire [BANKS-1:0]       mask_i,      // banks to write
  input  wire [AW-1:0]          waddr_i,     // of the packet's first word; its bank bits are ignored
  input  wire [BANKS*WIDTH-1:0] wdata_i,     // word of bank b at b*WIDTH
  input  wire                   re_i,
  input  wire [AW-1:0]          raddr_i,
  output wire [WIDTH-1:0]       rdata_o      // held while re_i is 0
);

  localparam integer LGB = $clog2(BANKS);

  wire [AW-LGB-1:0] wrow = waddr_i[AW-1:LGB];
  wire [LGB-1:0]    unused_bank = waddr_i[LGB-1:0];
  wire [AW-LGB-1:0] rrow = raddr_i[AW-1:LGB];
  wire [LGB-1:0]    rsel = raddr_i[LGB-1:0];
  reg  [WIDTH-1:0]  rdata_q;

  genvar b;
  generate
    for (b = 0; b < BANKS; b = b + 1) begin : g_bank
      (* no_rw_check, ram_style = "distributed" *) reg [WIDTH-1:0] mem_q [0:DEPTH/BANKS-1];
      /* verilator lint_off BLKSEQ */
      always @(posedge clk_i)
        if (we_i) begin
          if (mask_i[b]) mem_q[wrow] = wdata_i[b*WIDTH +: WIDTH];
        end
      /* verilator lint_on BLKSEQ */
      wire [WIDTH-1:0] pick;                 // the selected word if it is in banks 0..b
      if (b == 0) begin : g_first
        assign pick = mem_q[rrow];
      end else begin : g_next
        assign pick = rsel == b[LGB-1:0] ? mem_q[rrow] : g_bank[b-1].pick;
      end
    end
  endgenerate

  always @(posedge clk_i)
    if (re_i) rdata_q <= g_bank[BANKS-1].pick;

  assign rdata_o = rdata_q;

endmodule

`default_nettype wire
