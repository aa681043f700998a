// SPDX-License-Identifier: Apache-2.0
//
// Round-robin arbiter: grants one of N requests in the cycle in which it is made.
//
// The requester after the one granted last is looked at first, so nobody waits for more than N-1 grants of others.
// Throughput: one grant per cycle. Latency: none, gnt_o depends on req_i combinationally (it cuts no path).

`default_nettype none

module rr_arbiter #(
  parameter integer N = 8
) (
  input  wire         clk_i,
  input  wire         rst_ni,   // synchronous, active low
  input  wire [N-1:0] req_i,    // held until granted
  output wire [N-1:0] gnt_o     // one-hot or zero
);

  reg  [N-1:0] after_q;         // ones at the positions above the last grant

  // x & -x is the lowest set bit.
  wire [N-1:0] above  = req_i & after_q;
  wire [N-1:0] pick   = (|above) ? above : req_i;
  assign gnt_o = pick & (~pick + {{(N-1){1'b0}}, 1'b1});

  // Ones strictly above the grant: complement of (gnt - 1) without the grant itself.
  wire [N-1:0] upward = ~(gnt_o - {{(N-1){1'b0}}, 1'b1}) & ~gnt_o;

  always @(posedge clk_i) begin
    if (!rst_ni)     after_q <= {N{1'b0}};
    else if (|gnt_o) after_q <= upward;
  end

`ifdef WEFT_ASSERT
  always @(posedge clk_i) if (rst_ni) begin
    assert ((gnt_o & ~req_i) == {N{1'b0}});
    assert ((gnt_o & (gnt_o - 1'b1)) == {N{1'b0}});
    assert ((|gnt_o) == (|req_i));
  end
`endif

endmodule

`default_nettype wire
