// SPDX-License-Identifier: Apache-2.0
//
// Memory with one write and one registered read port on one clock.
//
// One place for the inference pattern and its attributes, so that every spad maps the same way on FPGA and ASIC flows.
// Reading the address that is written in the same cycle gives an UNSPECIFIED word: the user must exclude it (that saves the
// bypass logic which yosys otherwise builds). So the order of write and read within an edge does not matter, and the write is a
// blocking assignment: it spares the simulation a copy of address and data per memory and cycle. rdata_o holds while re_i is 0. Throughput: one read and one write per cycle.
// Latency: one cycle from re_i to rdata_o. Contents are not reset.

`default_nettype none

module ram_1r1w #(
  parameter integer WIDTH = 32,
  parameter integer DEPTH = 64,            // words, >= 2
  parameter integer STYLE = 0,             // 0 the tool chooses, 1 block RAM, 2 LUT RAM
  parameter integer AW    = $clog2(DEPTH)  // derived, do not set
) (
  input  wire             clk_i,
  input  wire             we_i,
  input  wire [AW-1:0]    waddr_i,
  input  wire [WIDTH-1:0] wdata_i,
  input  wire             re_i,
  input  wire [AW-1:0]    raddr_i,
  output wire [WIDTH-1:0] rdata_o
);

  /* verilator lint_off BLKSEQ */
  generate
    if (DEPTH < 2) begin : g_check
      ram_1r1w_DEPTH_must_be_at_least_2 u_check ();
    end
    if (STYLE == 1) begin : g_block
      (* no_rw_check, ram_style = "block" *) reg [WIDTH-1:0] mem_q [0:DEPTH-1];
      reg [WIDTH-1:0] rdata_q;
      always @(posedge clk_i) if (we_i) mem_q[waddr_i] = wdata_i;
      always @(posedge clk_i) if (re_i) rdata_q <= mem_q[raddr_i];
      assign rdata_o = rdata_q;
    end else if (STYLE == 2) begin : g_lut
      (* no_rw_check, ram_style = "distributed" *) reg [WIDTH-1:0] mem_q [0:DEPTH-1];
      reg [WIDTH-1:0] rdata_q;
      always @(posedge clk_i) if (we_i) mem_q[waddr_i] = wdata_i;
      always @(posedge clk_i) if (re_i) rdata_q <= mem_q[raddr_i];
      assign rdata_o = rdata_q;
    end else begin : g_auto
      (* no_rw_check *) reg [WIDTH-1:0] mem_q [0:DEPTH-1];
      reg [WIDTH-1:0] rdata_q;
      always @(posedge clk_i) if (we_i) mem_q[waddr_i] = wdata_i;
      always @(posedge clk_i) if (re_i) rdata_q <= mem_q[raddr_i];
      assign rdata_o = rdata_q;
    end
  endgenerate
  /* verilator lint_on BLKSEQ */

endmodule

`default_nettype wire
