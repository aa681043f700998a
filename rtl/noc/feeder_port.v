// SPDX-License-Identifier: Apache-2.0
//
// Turns the feeder's packets into Y-bus traffic: reads the buffer, makes zeros, subtracts the zero point, counts what is delivered.
//
// A packet goes out in the cycle in which its read is granted, at once when it is zero. Read data comes two cycles later, so the
// data lane follows the tag lane by two cycles without a queue. Throughput: one packet per cycle; a NEWPASS packet takes two, which
// the rows need to set up. Latency: grant to tag 1 cycle, to data 3.

`default_nettype none

module feeder_port #(
  parameter integer LANES     = 4,
  parameter integer NET_BYTES = 16,
  parameter integer W_BANKS   = 4,
  parameter integer W_AW      = 6,
  parameter integer Y_W       = 16,
  parameter integer CNT_W     = 14
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire [15:0]          zx_i,              // ifmap zero points of both command banks, 2 x 8 signed

  // packets, see feeder.v
  input  wire                 pkt_valid_i,
  output wire                 pkt_ready_o,
  input  wire                 pkt_new_i,
  input  wire                 pkt_par_i,
  input  wire                 pkt_zero_i,
  input  wire                 pkt_end_i,
  input  wire [15:0]          pkt_addr_i,
  input  wire                 pkt_half_i,
  input  wire [15:0]          pkt_g_i,
  input  wire [Y_W-1:0]       pkt_y_i,
  input  wire [W_AW-1:0]      pkt_waddr_i,
  input  wire [W_BANKS-1:0]   pkt_mask_i,
  input  wire [4:0]           pkt_q_i,

  // buffer read port
  output wire                 if_req_o,
  output wire [15:0]          if_addr_o,
  input  wire                 if_gnt_i,
  /* verilator lint_off UNUSEDSIGNAL */          // the latency is fixed: valid is for the assertion
  input  wire                 if_rvalid_i,
  /* verilator lint_on UNUSEDSIGNAL */
  input  wire [127:0]         if_rdata_i,

  // Y-bus into row 0
  output wire                 it_valid_o,
  output wire                 it_new_o,
  output wire                 it_par_o,
  output wire [15:0]          it_g_o,
  output wire [Y_W-1:0]       it_y_o,
  output wire [W_AW-1:0]      id_waddr_o,
  output wire [W_BANKS-1:0]   id_mask_o,
  output wire [W_BANKS*LANES*9-1:0] id_o,

  output wire [CNT_W-1:0]     delivered_o,       // window words of whole columns sent, running

  output wire                 ev_read_o,
  output wire                 ev_packet_o,
  output wire                 ev_zero_o
);

  localparam integer PKT_W = 5 + 16 + 16 + Y_W + W_AW + W_BANKS + 5;
  localparam [CNT_W-1:0] ALIGN = ~(W_BANKS[CNT_W-1:0] - 1'b1);

  wire               valid, is_new, par, zero, last, half;
  wire [15:0]        addr, g;
  wire [Y_W-1:0]     y;
  wire [W_AW-1:0]    waddr;
  wire [W_BANKS-1:0] mask;
  wire [4:0]         q;
  reg                set_up_q;                   // the rows work on a NEWPASS
  wire               go = valid && !set_up_q && (zero || if_gnt_i);

  // Two entries: the arbiter's grant does not reach into the feeder's loops.
  stream_fifo #(.WIDTH(PKT_W), .DEPTH(2)) u_queue (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .in_valid_i  (pkt_valid_i),
    .in_ready_o  (pkt_ready_o),
    .in_data_i   ({pkt_new_i, pkt_par_i, pkt_zero_i, pkt_end_i, pkt_half_i, pkt_addr_i, pkt_g_i, pkt_y_i, pkt_waddr_i, pkt_mask_i,
                   pkt_q_i}),
    .out_valid_o (valid),
    .out_ready_i (go),
    .out_data_o  ({is_new, par, zero, last, half, addr, g, y, waddr, mask, q})
  );

  assign if_req_o  = valid && !set_up_q && !zero;
  assign if_addr_o = addr;

  // -- tag lane ---------------------------------------------------------------------------------------------------------------
  reg                valid_q, new_q, par_q, zero_q, half_q;
  reg  [15:0]        g_q;
  reg  [Y_W-1:0]     y_q;
  reg  [W_AW-1:0]    waddr_q;
  reg  [W_BANKS-1:0] mask_q;
  reg  [CNT_W-1:0]   delivered_q;

  always @(posedge clk_i) begin
    valid_q  <= rst_ni && go;
    set_up_q <= rst_ni && go && is_new;
    if (go) begin
      new_q   <= is_new;
      par_q   <= par;
      zero_q  <= zero;
      half_q  <= half;
      g_q     <= g;
      y_q     <= y;
      waddr_q <= waddr;
      mask_q  <= mask;
    end
    // Seen by the sequencer, which registers it twice before it issues, after the words are written in row 0.
    if (!rst_ni)             delivered_q <= {CNT_W{1'b0}};
    else if (go && is_new)   delivered_q <= (delivered_q + W_BANKS[CNT_W-1:0] - 1'b1) & ALIGN;
    else if (go && last)     delivered_q <= delivered_q + {{(CNT_W-5){1'b0}}, q};
  end

  assign it_valid_o  = valid_q;
  assign it_new_o    = new_q;
  assign it_par_o    = par_q;
  assign it_g_o      = g_q;
  assign it_y_o      = y_q;
  assign delivered_o = delivered_q;

  // -- data lane --------------------------------------------------------------------------------------------------------------
  reg                valid2_q, zero2_q, half2_q;
  reg  [7:0]         zx2_q;
  reg  [W_AW-1:0]    waddr2_q, waddr3_q;
  reg  [W_BANKS-1:0] mask2_q, mask3_q;
  reg  [NET_BYTES*9-1:0] dat3_q;
  wire [NET_BYTES*8-1:0] word;

  generate
    if (NET_BYTES == 8) begin : g_half
      assign word = half2_q ? if_rdata_i[127:64] : if_rdata_i[63:0];
    end else begin : g_full
      assign word = if_rdata_i;
      wire unused_half = half2_q;
    end
  endgenerate

  integer b;
  always @(posedge clk_i) begin
    valid2_q <= valid_q && !new_q;
    zero2_q  <= zero_q;
    half2_q  <= half_q;
    zx2_q    <= par_q ? zx_i[15:8] : zx_i[7:0];
    waddr2_q <= waddr_q;
    mask2_q  <= mask_q;
    if (valid2_q) begin
      waddr3_q <= waddr2_q;
      mask3_q  <= mask2_q;
      for (b = 0; b < NET_BYTES; b = b + 1)
        dat3_q[b*9 +: 9] <= zero2_q ? 9'd0 : {word[b*8+7], word[b*8 +: 8]} - {zx2_q[7], zx2_q};
    end
  end

  assign id_waddr_o = waddr3_q;
  assign id_mask_o  = mask3_q;
  assign id_o       = dat3_q;

  assign ev_read_o   = if_req_o && if_gnt_i;
  assign ev_packet_o = valid_q && !new_q;
  assign ev_zero_o   = valid_q && !new_q && zero_q;

`ifdef WEFT_ASSERT
  always @(posedge clk_i)
    if (rst_ni && valid2_q && !zero2_q) assert (if_rvalid_i);
`endif

endmodule

`default_nettype wire
