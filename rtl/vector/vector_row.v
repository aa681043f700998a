// SPDX-License-Identifier: Apache-2.0
//
// The row states of one lane: 16 entries of ROW, and the passes that turn a row's sum into its reciprocal.
//
// 1/s by Newton's method, as SOFTMAX of TensorFlow Lite computes it (docs/spec.md section 5): a RECIP step is eight passes through the lane,
// each one multiplication M(a, m) that depends on the pass before.
//   0  d = s << (30 - top); the row's shift is kept here         ROW = v
//   1  M(-32/17, d)                                              X = v + 48/17
//   2, 4, 6  M(X, d)                                             U = 1 - v
//   3, 5, 7  M(U, X)                                             X += 4 v; the last one: ROW = 2 (X + 4 v)
// Fixed point: X and U have 29 fraction bits, d and the result 31. LUT RAM.

`default_nettype none

module vector_row (
  input  wire        clk_i,
  // issue: combinational
  input  wire [3:0]  raddr_i,
  input  wire [2:0]  pass_i,         // of a RECIP step
  input  wire        keep_i,         // pass 0 of entry raddr_i leaves in this cycle: keep its shift
  output reg  [31:0] x_o,            // the lane's inputs in a RECIP step
  output reg  [31:0] mult_o,
  output wire [4:0]  ls_o,           // of pass 0
  output wire [31:0] scale_mult_o,   // scale ROW
  output wire [4:0]  scale_rs_o,
  // back from the lane
  input  wire        we_i,
  input  wire [3:0]  waddr_i,
  input  wire [2:0]  op_i,           // as ROW_* below
  input  wire [31:0] v_i
);

  localparam [2:0] ROW_SET = 3'd0, ROW_ADD = 3'd1, X_SET = 3'd2, U_SET = 3'd3, X_ADD = 3'd4, ROW_LAST = 3'd5;
  localparam [31:0] C48_17 = 32'd1515870810, M32_17 = -32'd1010580540, ONE = 32'd536870912, NO_SCALE = 32'h80000000;

  reg [31:0] row_q [0:15];
  reg [31:0] x_q   [0:15];
  reg [31:0] u_q   [0:15];
  reg [5:0]  shift_q [0:15];         // bit 5: the sum is so large that every result rounds to 0

  // ---- issue ----
  wire [31:0] row = row_q[raddr_i], x = x_q[raddr_i], u = u_q[raddr_i];
  wire        big = |row[31:28];
  wire [3:0]  top = big || row[27] ? 4'd8 : row[26] ? 4'd7 : row[25] ? 4'd6 : row[24] ? 4'd5 : row[23] ? 4'd4 : row[22] ? 4'd3 :
                    row[21] ? 4'd2 : row[20] ? 4'd1 : 4'd0;                  // highest bit set, from 19 on
  assign ls_o = 5'd11 - {1'b0, top};
  always @* begin
    case (pass_i)
      3'd0:    x_o = row;
      3'd1:    x_o = M32_17;
      default: x_o = pass_i[0] ? u : x;
    endcase
    mult_o = pass_i == 3'd0 ? NO_SCALE : pass_i[0] && pass_i != 3'd1 ? {1'b0, x[30:0]} : {1'b0, row[30:0]};
  end
  always @(posedge clk_i) if (keep_i) shift_q[raddr_i] <= {big, 5'd23 + {1'b0, top}};
  wire [5:0] shift = shift_q[raddr_i];
  assign scale_mult_o = shift[5] ? 32'd0 : {1'b0, row[30:0]};
  assign scale_rs_o   = shift[4:0];

  // ---- back: multiples saturate ----
  wire [31:0] v4    = v_i[31:29] == 3'b000 || v_i[31:29] == 3'b111 ? {v_i[29:0], 2'b00} : {v_i[31], {31{!v_i[31]}}};
  wire [31:0] x_new = x_q[waddr_i] + v4;
  wire [31:0] x2    = x_new[31] == x_new[30] ? {x_new[30:0], 1'b0} : {x_new[31], {31{!x_new[31]}}};
  wire [31:0] sum   = row_q[waddr_i] + v_i;
  always @(posedge clk_i) begin
    if (we_i && (op_i == ROW_SET || op_i == ROW_ADD || op_i == ROW_LAST))
      row_q[waddr_i] <= op_i == ROW_SET ? v_i : op_i == ROW_ADD ? sum : x2;
    if (we_i && (op_i == X_SET || op_i == X_ADD)) x_q[waddr_i] <= op_i == X_SET ? v_i + C48_17 : x_new;
    if (we_i && op_i == U_SET) u_q[waddr_i] <= ONE - v_i;
  end

endmodule

`default_nettype wire
