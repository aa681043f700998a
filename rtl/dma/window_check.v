// SPDX-License-Identifier: Apache-2.0
//
// Checks that a burst lies inside its DRAM region, in hardware, right before the address channel: nothing reaches the bus unchecked.
//
// offset and size may be anything that a memory can hold, so every sum is taken with its carry: offset + bytes against size, and
// base + offset + bytes against the end of the 32-bit address space.
// Throughput: one burst per cycle. Latency: one cycle.

`default_nettype none

module window_check #(
  parameter integer META = 1                 // bits that travel with the burst
) (
  input  wire            clk_i,
  input  wire            rst_ni,

  input  wire            in_valid_i,
  output wire            in_ready_o,
  input  wire [31:0]     in_base_i,          // of the region
  input  wire [31:0]     in_size_i,
  input  wire [32:0]     in_off_i,           // first byte
  input  wire [8:0]      in_bytes_i,         // >= 1
  input  wire [META-1:0] in_meta_i,

  // stable while out_valid_o && !out_ready_i
  output wire            out_valid_o,
  input  wire            out_ready_i,
  output wire            out_ok_o,           // inside: may go to the bus
  output wire [31:0]     out_addr_o,         // first byte on the bus
  output wire [8:0]      out_bytes_o,
  output wire [META-1:0] out_meta_o
);

  reg            valid_q;
  reg [33:0]     addr_q;                     // base + offset
  reg [33:0]     end_q;                      // offset + bytes
  reg [31:0]     size_q;
  reg [8:0]      bytes_q;
  reg [META-1:0] meta_q;

  wire [33:0] end_addr = addr_q + {25'h0, bytes_q};

  assign in_ready_o  = !valid_q || out_ready_i;
  assign out_valid_o = valid_q;
  assign out_ok_o    = end_q <= {2'b00, size_q} && end_addr <= 34'h1_0000_0000;
  assign out_addr_o  = addr_q[31:0];
  assign out_bytes_o = bytes_q;
  assign out_meta_o  = meta_q;

  always @(posedge clk_i) begin
    if (!rst_ni)         valid_q <= 1'b0;
    else if (in_ready_o) valid_q <= in_valid_i;
  end

  always @(posedge clk_i) if (in_ready_o && in_valid_i) begin
    addr_q  <= {2'b00, in_base_i} + {1'b0, in_off_i};
    end_q   <= {1'b0, in_off_i} + {25'h0, in_bytes_i};
    size_q  <= in_size_i;
    bytes_q <= in_bytes_i;
    meta_q  <= in_meta_i;
  end

endmodule

`default_nettype wire
