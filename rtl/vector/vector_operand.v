// SPDX-License-Identifier: Apache-2.0
//
// The operands of one lane: table look-ups, zero points, and the function x = fn(a, b) of a step.
//
//   stage 0  bytes, table indices      stage 1  table words      stage 2  a, b      stage 3  a + b, multiplier inputs      stage 4  x
// The two tables are block RAM of two halves of 256 words: one is read while the other is written for the next command. ECP5's block RAM
// holds 512 words of this width, so that the second half costs none.
// Throughput: one element per cycle in which adv_i is set. Latency: x_o is register 4 after the inputs of register 0.

`default_nettype none
`include "weft_spec.vh"

module vector_operand (
  input  wire        clk_i,
  input  wire        adv_i,        // all stages advance
  input  wire [7:0]  a_i,          // stage 0: bytes of the operand words, the accumulator's low byte, selectors
  input  wire [7:0]  b_i,
  input  wire [7:0]  acc_i,
  input  wire [1:0]  asel0_i,
  input  wire [1:0]  bsel0_i,
  input  wire [1:0]  asel2_i,      // of the element that enters stage 2
  input  wire [1:0]  bsel2_i,
  input  wire        sqr3_i,       // stage 3: fn is the square of a sum
  input  wire [2:0]  fn4_i,        // stage 4
  input  wire [7:0]  za_i,
  input  wire [7:0]  zb_i,
  input  wire        half_i,       // half that is read; the other is written
  input  wire [1:0]  tw_i,         // write tables 0, 1
  input  wire [15:0] twaddr_i,
  input  wire [63:0] twdata_i,
  output wire [31:0] x_o
);

  // stage 0
  reg  [7:0] a0_q, b0_q, index0_q, index1_q;
  wire [7:0] below = acc_i - a_i;
  always @(posedge clk_i)
    if (adv_i) begin
      a0_q     <= a_i;
      b0_q     <= b_i;
      index0_q <= {1'b0, asel0_i} == `WEFT_A_T0D ? below : a_i;
      index1_q <= {1'b0, bsel0_i} == `WEFT_B_T1 ? b_i : {1'b0, bsel0_i} == `WEFT_B_T1D ? below : a_i;
    end

  // stage 1
  reg  [7:0]  a1_q, b1_q;
  wire [31:0] t0, t1;
  ram_1r1w #(.WIDTH(32), .DEPTH(512), .STYLE(1)) u_t0 (
    .clk_i(clk_i), .we_i(tw_i[0]), .waddr_i({!half_i, twaddr_i[7:0]}), .wdata_i(twdata_i[31:0]), .re_i(adv_i), .raddr_i({half_i, index0_q}), .rdata_o(t0));
  ram_1r1w #(.WIDTH(32), .DEPTH(512), .STYLE(1)) u_t1 (
    .clk_i(clk_i), .we_i(tw_i[1]), .waddr_i({!half_i, twaddr_i[15:8]}), .wdata_i(twdata_i[63:32]), .re_i(adv_i), .raddr_i({half_i, index1_q}), .rdata_o(t1));
  always @(posedge clk_i) if (adv_i) {a1_q, b1_q} <= {a0_q, b0_q};

  // stage 2
  reg  [31:0] a2_q, b2_q;
  wire [8:0]  ax = {a1_q[7], a1_q} - {za_i[7], za_i};
  wire [8:0]  bx = {b1_q[7], b1_q} - {zb_i[7], zb_i};
  always @(posedge clk_i)
    if (adv_i) begin
      a2_q <= {1'b0, asel2_i} == `WEFT_A_RAW ? {{23{ax[8]}}, ax} : t0;
      b2_q <= {1'b0, bsel2_i} == `WEFT_B_RAW ? {{23{bx[8]}}, bx} : t1;
    end

  // stage 3
  reg  [31:0]        a3_q, b3_q, sum3_q;
  reg  signed [17:0] m3_q, n3_q;
  wire [31:0]        sum = a2_q + b2_q;
  always @(posedge clk_i)
    if (adv_i) begin
      a3_q   <= a2_q;
      b3_q   <= b2_q;
      sum3_q <= sum;
      m3_q   <= sqr3_i ? sum[17:0] : a2_q[17:0];
      n3_q   <= sqr3_i ? sum[17:0] : b2_q[17:0];
    end

  // stage 4
  reg  signed [35:0] product4_q;
  reg  [31:0]        y4_q;
  reg                multiplied4_q;
  wire               b_higher = $signed(b3_q) > $signed(a3_q);
  always @(posedge clk_i)
    if (adv_i) begin
      product4_q    <= m3_q * n3_q;
      multiplied4_q <= fn4_i == `WEFT_FN_MUL || fn4_i == `WEFT_FN_SQR;
      case (fn4_i)
        `WEFT_FN_A:   y4_q <= a3_q;
        `WEFT_FN_B:   y4_q <= b3_q;
        `WEFT_FN_MAX: y4_q <= b_higher ? b3_q : a3_q;
        `WEFT_FN_MIN: y4_q <= b_higher ? a3_q : b3_q;
        default:      y4_q <= sum3_q;
      endcase
    end
  assign x_o = multiplied4_q ? product4_q[31:0] : y4_q;
  wire [3:0] unused_product = product4_q[35:32];

endmodule

`default_nettype wire
