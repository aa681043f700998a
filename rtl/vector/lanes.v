// SPDX-License-Identifier: Apache-2.0
//
// PPU_LANES lanes side by side, with the pipeline of everything that a beat's elements share.
//
// A beat is one element per lane. It always flows: there is no ready, the user keeps room for what it sends.
// The tag comes out with v; q of the same beat is two cycles later.
// Throughput: one beat per cycle. Latency: valid_i in cycle n, v_o in cycle n + 11, q_o in cycle n + 13.

`default_nettype none

module lanes #(
  parameter integer PPU_LANES = 4,
  parameter integer TAG_W     = 8
) (
  input  wire                    clk_i,
  input  wire                    rst_ni,

  // beat in
  input  wire                    valid_i,
  input  wire [TAG_W-1:0]        tag_i,
  input  wire [PPU_LANES*32-1:0] x_i,
  input  wire [PPU_LANES*32-1:0] bias_i,
  input  wire [PPU_LANES*32-1:0] mult_i,      // unsigned, 0..2^31 (2^31: unchanged)
  input  wire [PPU_LANES*5-1:0]  ls_i,
  input  wire [PPU_LANES*5-1:0]  rs_i,
  input  wire [PPU_LANES*2-1:0]  part_i,      // bit 0: q is a byte of the int16, bit 1: the high one
  input  wire                    div_i,
  input  wire [7:0]              zo_i,
  input  wire [7:0]              min_i,
  input  wire [7:0]              max_i,

  // beat out
  output wire                    v_valid_o,
  output wire [TAG_W-1:0]        v_tag_o,
  output wire [PPU_LANES*32-1:0] v_o,
  output wire [PPU_LANES*8-1:0]  q_o          // two cycles after v_o
);

  localparam integer STAGES = 13;             // registers 0..12 of a lane

  // valid_q[k]: register k holds a beat
  reg  [STAGES-2:0] valid_q;
  reg  [9:0]        div_q;
  wire [STAGES-1:0] en = {valid_q, valid_i};
  always @(posedge clk_i) begin
    if (!rst_ni) valid_q <= {(STAGES-1){1'b0}};
    else         valid_q <= en[STAGES-2:0];
    div_q <= {div_q[8:0], div_i};
  end
  wire [6:0] unused_div = {div_q[8:7], div_q[5:1]};

  // Shared values: a row of registers per stage. Clamp bounds live one stage longer than the tag.
  reg [TAG_W-1:0] tag_q [0:10];
  reg [23:0]      act_q [0:11];               // max, min, zero point
  reg [PPU_LANES*2-1:0] part_q [0:11];
  integer k;
  always @(posedge clk_i) begin
    if (en[0]) begin
      tag_q[0] <= tag_i;
      act_q[0] <= {max_i, min_i, zo_i};
      part_q[0] <= part_i;
    end
    for (k = 1; k < 11; k = k + 1)
      if (en[k]) tag_q[k] <= tag_q[k-1];
    for (k = 1; k < 12; k = k + 1)
      if (en[k]) begin
        act_q[k]  <= act_q[k-1];
        part_q[k] <= part_q[k-1];
      end
  end

  assign v_valid_o = valid_q[10];
  assign v_tag_o   = tag_q[10];

  genvar l;
  generate for (l = 0; l < PPU_LANES; l = l + 1) begin : g_lane
    lane u_lane (
      .clk_i (clk_i),
      .en_i  (en),
      .div0_i(div_q[0]),
      .div6_i(div_q[6]),
      .div9_i(div_q[9]),
      .x_i   (x_i[32*l +: 32]),
      .bias_i(bias_i[32*l +: 32]),
      .mult_i(mult_i[32*l +: 32]),
      .ls_i  (ls_i[5*l +: 5]),
      .rs_i  (rs_i[5*l +: 5]),
      .zo_i  (act_q[10][7:0]),
      .min_i (act_q[11][15:8]),
      .max_i (act_q[11][23:16]),
      .part_i(part_q[11][2*l +: 2]),
      .v_o   (v_o[32*l +: 32]),
      .q_o   (q_o[8*l +: 8])
    );
  end endgenerate

endmodule

`default_nettype wire
