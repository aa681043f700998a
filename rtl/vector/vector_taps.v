// SPDX-License-Identifier: Apache-2.0
//
// Counts the taps of a step, t0 < k0 innermost, t1 < k1, with the address offset t1*s1 + t0*s0.
//
// Throughput: one tap per cycle.

`default_nettype none

module vector_taps (
  input  wire        clk_i,
  input  wire        start_i,      // one cycle; the values below are stable from then on
  input  wire [15:0] k0_i,         // >= 1
  input  wire [7:0]  k1_i,
  input  wire [15:0] s0_i,
  input  wire [15:0] s1_i,
  input  wire        clear_i,      // back to tap (0, 0); before take_i
  input  wire        take_i,       // go to the next tap
  output wire        end_o,        // this is the last
  output wire [15:0] offset_o
);

  reg [15:0] t0_q, k0_1_q, tap_q, row_q;
  reg [7:0]  t1_q, k1_1_q;
  wire       e0 = t0_q == k0_1_q;

  assign end_o    = e0 && t1_q == k1_1_q;
  assign offset_o = tap_q;

  always @(posedge clk_i) begin
    if (start_i) {k0_1_q, k1_1_q} <= {k0_i - 16'd1, k1_i - 8'd1};
    if (start_i || clear_i) {t0_q, t1_q, tap_q, row_q} <= 56'd0;
    else if (take_i) begin
      t0_q  <= e0 ? 16'd0 : t0_q + 16'd1;
      tap_q <= e0 ? row_q + s1_i : tap_q + s0_i;
      if (e0) begin
        t1_q  <= t1_q + 8'd1;
        row_q <= row_q + s1_i;
      end
    end
  end

endmodule

`default_nettype wire
