// SPDX-License-Identifier: Apache-2.0
//
// Words of 16 bytes: written byte by byte, read whole. LUT RAM (the read is combinational); contents are not reset.
//
// The reader must not look at the word that is being written; so the write may be a blocking assignment, which spares the simulation
// a copy per byte and cycle. One memory per byte, so that every tool finds a plain write port.

`default_nettype none

module assembly_ram #(
  parameter integer DEPTH = 16,
  parameter integer AW    = $clog2(DEPTH)   // derived, do not set
) (
  input  wire          clk_i,
  input  wire          we_i,
  input  wire [AW-1:0] waddr_i,
  input  wire [3:0]    wbyte_i,
  input  wire [7:0]    wdata_i,
  input  wire [AW-1:0] raddr_i,
  output wire [127:0]  rdata_o
);

  genvar k;
  generate for (k = 0; k < 16; k = k + 1) begin : g_byte
    (* no_rw_check, ram_style = "distributed" *) reg [7:0] mem_q [0:DEPTH-1];
    /* verilator lint_off BLKSEQ */
    always @(posedge clk_i)
      if (we_i) begin
        if (wbyte_i == k) mem_q[waddr_i] = wdata_i;
      end
    /* verilator lint_on BLKSEQ */
    assign rdata_o[8*k +: 8] = mem_q[raddr_i];
  end endgenerate

endmodule

`default_nettype wire
