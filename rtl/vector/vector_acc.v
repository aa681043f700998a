// SPDX-License-Identifier: Apache-2.0
//
// The vector engine's accumulators of one lane: 16 entries, read when a step starts, updated when its result leaves the lane.
//
// The update (set, add, max) reads and writes in one cycle, so consecutive taps of one entry need no distance. LUT RAM.

`default_nettype none

module vector_acc (
  input  wire        clk_i,
  input  wire [3:0]  raddr_i,
  output wire [31:0] rdata_o,     // combinational
  input  wire        we_i,
  input  wire [3:0]  waddr_i,
  input  wire [1:0]  into_i,      // 0 set, 1 add, 2 max
  input  wire [31:0] v_i
);

  reg  [31:0] mem_q [0:15];
  wire [31:0] old = mem_q[waddr_i];
  wire [31:0] sum = old + v_i;
  wire [31:0] top = $signed(old) > $signed(v_i) ? old : v_i;

  assign rdata_o = mem_q[raddr_i];
  always @(posedge clk_i)
    if (we_i) mem_q[waddr_i] <= into_i == 2'd0 ? v_i : into_i == 2'd1 ? sum : top;

endmodule

`default_nettype wire
