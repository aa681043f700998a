// SPDX-License-Identifier: Apache-2.0
//
// Walks the output words of a VEC command in batches, with an address for each operand that follows the loops.
//
// Words (i0, i1, i2), i0 innermost, are cut into batches of BATCH. A pass visits the words of a batch once; again_i with the last word of a
// pass means that another pass over the same batch follows, so the walk returns to where the batch began.
// Throughput: one word per cycle.

`default_nettype none

module vector_walk #(
  parameter integer BATCH   = 4,                 // output words of a batch, power of two, >= 2
  parameter integer STREAMS = 1,                 // addresses
  parameter integer AW      = 16                 // bits of an address; they wrap
) (
  input  wire                  clk_i,
  input  wire                  start_i,          // one cycle; the values below are stable from then on
  input  wire [15:0]           n0_i,             // >= 1
  input  wire [15:0]           n1_i,
  input  wire [15:0]           n2_i,
  input  wire [STREAMS*AW-1:0] base_i,
  input  wire [STREAMS*AW-1:0] s0_i,             // address step of each loop
  input  wire [STREAMS*AW-1:0] s1_i,
  input  wire [STREAMS*AW-1:0] s2_i,

  input  wire                  take_i,           // go to the next word
  input  wire                  again_i,          // with the last word of a pass
  output wire                  pass_end_o,       // this is the last word of the pass
  output wire                  last_o,           // and this batch is the last
  output wire [STREAMS*AW-1:0] addr_o
);

  localparam integer WB   = $clog2(BATCH);
  localparam integer LAST = BATCH - 1;

  reg [15:0]   n0_1_q, n1_1_q, n2_1_q;           // last indices
  reg [15:0]   i0_q, i1_q, i2_q, i0_s_q, i1_s_q, i2_s_q;
  reg [WB-1:0] word_q;
  wire         e0   = i0_q == n0_1_q;
  wire         e1   = i1_q == n1_1_q;
  wire         e2   = i2_q == n2_1_q;
  wire         back = pass_end_o && again_i;
  wire         save = pass_end_o && !again_i;
  wire [15:0]  i0_n = e0 ? 16'd0 : i0_q + 16'd1;
  wire [15:0]  i1_n = e0 ? (e1 ? 16'd0 : i1_q + 16'd1) : i1_q;
  wire [15:0]  i2_n = e0 && e1 ? i2_q + 16'd1 : i2_q;

  assign last_o     = e0 && e1 && e2;
  assign pass_end_o = word_q == LAST[WB-1:0] || last_o;

  always @(posedge clk_i)
    if (start_i) begin
      {n0_1_q, n1_1_q, n2_1_q} <= {n0_i - 16'd1, n1_i - 16'd1, n2_i - 16'd1};
      {i0_q, i1_q, i2_q, i0_s_q, i1_s_q, i2_s_q} <= 96'd0;
      word_q <= {WB{1'b0}};
    end else if (take_i) begin
      word_q <= pass_end_o ? {WB{1'b0}} : word_q + 1'b1;
      {i0_q, i1_q, i2_q} <= back ? {i0_s_q, i1_s_q, i2_s_q} : {i0_n, i1_n, i2_n};
      if (save) {i0_s_q, i1_s_q, i2_s_q} <= {i0_n, i1_n, i2_n};
    end

  genvar g;
  generate for (g = 0; g < STREAMS; g = g + 1) begin : g_stream
    reg  [AW-1:0] a_q, a1_q, a2_q, a_s_q, a1_s_q, a2_s_q;    // address, that of i0 = 0, that of i0 = i1 = 0; the same where the batch began
    wire [AW-1:0] a2_n = e0 && e1 ? a2_q + s2_i[AW*g +: AW] : a2_q;
    wire [AW-1:0] a1_n = e0 ? (e1 ? a2_q + s2_i[AW*g +: AW] : a1_q + s1_i[AW*g +: AW]) : a1_q;
    wire [AW-1:0] a_n  = e0 ? a1_n : a_q + s0_i[AW*g +: AW];
    assign addr_o[AW*g +: AW] = a_q;
    always @(posedge clk_i)
      if (start_i) {a_q, a1_q, a2_q, a_s_q, a1_s_q, a2_s_q} <= {6{base_i[AW*g +: AW]}};
      else if (take_i) begin
        {a_q, a1_q, a2_q} <= back ? {a_s_q, a1_s_q, a2_s_q} : {a_n, a1_n, a2_n};
        if (save) {a_s_q, a1_s_q, a2_s_q} <= {a_n, a1_n, a2_n};
      end
  end endgenerate

endmodule

`default_nettype wire
