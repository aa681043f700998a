// SPDX-License-Identifier: Apache-2.0
//
// The command that one part of the collector works on, and the two that wait behind it.
//
// The collector's parts (parameters, drain, writer) run at different places of the command stream; each keeps its own fields.
// fields_o comes from flip-flops, so it may feed arithmetic directly. A new command appears two cycles after done_i.

`default_nettype none

module cmd_slot #(
  parameter integer WIDTH = 32
) (
  input  wire             clk_i,
  input  wire             rst_ni,
  input  wire             valid_i,     // valid/ready stream of commands
  output wire             ready_o,
  input  wire [WIDTH-1:0] fields_i,
  output wire             valid_o,     // fields_o is a command; stays until done_i
  output wire [WIDTH-1:0] fields_o,
  input  wire             done_i       // one cycle: finished with it
);

  wire             next_valid;
  wire [WIDTH-1:0] next;
  reg              valid_q;
  reg  [WIDTH-1:0] fields_q;

  stream_fifo #(.WIDTH(WIDTH), .DEPTH(2)) u_wait (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .in_valid_i (valid_i),
    .in_ready_o (ready_o),
    .in_data_i  (fields_i),
    .out_valid_o(next_valid),
    .out_ready_i(!valid_q),
    .out_data_o (next)
  );

  always @(posedge clk_i) begin
    if (!rst_ni)       valid_q <= 1'b0;
    else if (!valid_q) valid_q <= next_valid;
    else if (done_i)   valid_q <= 1'b0;
    if (!valid_q) fields_q <= next;
  end

  assign valid_o  = valid_q;
  assign fields_o = fields_q;

endmodule

`default_nettype wire
