// SPDX-License-Identifier: Apache-2.0
//
// The vector engine's accumulators of one lane: 16 entries, read when a step needs them, updated when its result leaves the lane.
//
// The update (set, add, max) reads and writes in one cycle, so consecutive taps of one entry need no distance. The low byte, which indexes
// tables, is kept twice because it is read some stages before the rest. LUT RAM.

`default_nettype none

module vector_acc (
  input  wire        clk_i,
  input  wire [3:0]  laddr_i,
  output wire [7:0]  low_o,       // low byte of entry laddr_i; combinational
  input  wire [3:0]  raddr_i,
  output wire [31:0] rdata_o,     // combinational
  input  wire        we_i,
  input  wire [3:0]  waddr_i,
  input  wire [1:0]  into_i,      // 0 set, 1 add, 2 max
  input  wire [31:0] v_i
);

  reg  [31:0] mem_q [0:15];
  reg  [7:0]  low_q [0:15];
  wire [31:0] old = mem_q[waddr_i];
  wire [31:0] sum = old + v_i;
  wire [31:0] top = $signed(old) > $signed(v_i) ? old : v_i;
  wire [31:0] now = into_i == 2'd0 ? v_i : into_i == 2'd1 ? sum : top;

  assign low_o   = low_q[laddr_i];
  assign rdata_o = mem_q[raddr_i];
  always @(posedge clk_i)
    if (we_i) begin
      mem_q[waddr_i] <= now;
      low_q[waddr_i] <= now[7:0];
    end

endmodule

`default_nettype wire
