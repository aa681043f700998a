// SPDX-License-Identifier: Apache-2.0
//
// One processing element: filter spad, window spad, LANES signed 9x9 multipliers, adder tree, accumulator, chain adder, drain register.
//
// It has no state machine: the row gives addresses and flags, the same for all PEs of the row, one cycle later than the row
// above; so sums travel down by plain registers. Only the write matches are its own.
// Pipeline, counted from the cycle in which the address is at re_i: spad words +1, multiplier inputs +2, products +3, their sum
// +3+L with L = log2 LANES (acc_en_i then), accumulator +4+L (out_en_i then), cout_o +5+L, dout_o one after drain_i.
// Two registers before and one behind the multiplier, so that block RAM, multiplier and adder are each alone in a cycle.
// Throughput: LANES multiply-accumulates per cycle.

`default_nettype none

module pe #(
  parameter integer LANES   = 4,
  parameter integer F_DEPTH = 256,   // filter spad words, both banks
  parameter integer F_AW    = 8,
  parameter integer W_DEPTH = 64,    // window spad words
  parameter integer W_BANKS = 4,     // LANES-words of a network packet
  parameter integer W_AW    = 6,
  parameter integer SUM_W   = 26,    // holds F_DEPTH/2 * LANES products
  parameter integer CHAIN_W = 30     // holds ROWS such sums
) (
  input  wire                       clk_i,

  // one multiply-accumulate of the row
  input  wire                       re_i,
  input  wire [F_AW-1:0]            faddr_i,
  input  wire [W_AW-1:0]            waddr_i,
  input  wire [1+$clog2(LANES):0]   stage_i,      // re_i delayed: bit 0 spad words, bit 1 operands, bit 2.. products and their sums are fresh
  input  wire                       acc_en_i,
  input  wire                       acc_first_i,  // a walk starts: forget the former sum
  input  wire                       out_en_i,     // a walk ended: give sum + sum from above
  input  wire                       head_i,       // the chain starts here: nothing comes from above
  input  wire                       drain_en_i,   // a psum vector passes the row
  input  wire                       drain_i,      // put the own sum on the drain chain instead of passing on

  // filter write: one word per cycle
  input  wire                       f_we_i,
  input  wire [F_AW-1:0]            f_waddr_i,
  input  wire [LANES*9-1:0]         f_wdata_i,

  // window write: one packet per cycle, w_mask_i tells the banks it covers
  input  wire                       w_we_i,
  input  wire [W_BANKS-1:0]         w_mask_i,
  input  wire [W_AW-1:0]            w_waddr_i,
  input  wire [W_BANKS*LANES*9-1:0] w_wdata_i,

  input  wire [CHAIN_W-1:0]         cin_i,
  input  wire [CHAIN_W-1:0]         din_i,
  output wire [CHAIN_W-1:0]         cout_o,       // held until the next out_en_i
  output wire [CHAIN_W-1:0]         dout_o
);
  wire [LANES*9-1:0] fword, wword;
  reg  [LANES*9-1:0] fop_q, wop_q;

  // The sequencer reads one filter bank while the loader writes the other: no address is read and written in one cycle.
  ram_1r1w #(.WIDTH(LANES*9), .DEPTH(F_DEPTH), .STYLE(1), .AW(F_AW)) u_filter (
    .clk_i   (clk_i),
    .we_i    (f_we_i),
    .waddr_i (f_waddr_i),
    .wdata_i (f_wdata_i),
    .re_i    (re_i),
    .raddr_i (faddr_i),
    .rdata_o (fword)
  );

  window_spad #(.WIDTH(LANES*9), .DEPTH(W_DEPTH), .BANKS(W_BANKS), .AW(W_AW)) u_window (
    .clk_i   (clk_i),
    .we_i    (w_we_i),
    .mask_i  (w_mask_i),
    .waddr_i (w_waddr_i),
    .wdata_i (w_wdata_i),
    .re_i    (re_i),
    .raddr_i (waddr_i),
    .rdata_o (wword)
  );

  // Enables all the way: without an issue nothing toggles, in silicon as in simulation.
  always @(posedge clk_i)
    if (stage_i[0]) begin
      fop_q <= fword;
      wop_q <= wword;
    end

  // Products and the adder tree as a heap: nodes LANES..2*LANES-1 are products, node n is the registered sum of 2n and 2n+1,
  // node 1 the result. A register behind every adder: yosys would merge unregistered ones into ten times as many LUTs.
  // All are declared 32 bits wide: synthesis drops the copies of the sign, and the simulation needs neither masks nor sign extension.
  genvar n;
  generate
    for (n = 2 * LANES - 1; n >= 1; n = n - 1) begin : g_node
      reg signed [31:0] sum_q;
      if (n >= LANES) begin : g_product
        wire signed [8:0] f = fop_q[(n-LANES)*9 +: 9];
        wire signed [8:0] w = wop_q[(n-LANES)*9 +: 9];
        always @(posedge clk_i) if (stage_i[1]) sum_q <= f * w;
      end else begin : g_sum
        localparam integer STAGE = $clog2(LANES) + 2 - $clog2(n + 1);   // operands 1, products 2, sums of two 3 ...
        always @(posedge clk_i) if (stage_i[STAGE]) sum_q <= g_node[2*n].sum_q + g_node[2*n+1].sum_q;
      end
    end
  endgenerate

  reg  [SUM_W-1:0]   acc_q;
  reg  [CHAIN_W-1:0] cout_q, dout_q;
  wire [31:0]        tree = g_node[1].sum_q;
  wire [31-SUM_W:0]  unused_tree = tree[31:SUM_W];

  always @(posedge clk_i) begin
    if (acc_en_i) acc_q  <= (acc_first_i ? {SUM_W{1'b0}} : acc_q) + tree[SUM_W-1:0];
    if (out_en_i) cout_q <= (head_i ? {CHAIN_W{1'b0}} : cin_i) + {{(CHAIN_W-SUM_W){acc_q[SUM_W-1]}}, acc_q};
    if (drain_en_i) dout_q <= drain_i ? cout_q : din_i;
  end

  assign cout_o = cout_q;
  assign dout_o = dout_q;

endmodule

`default_nettype wire
