// SPDX-License-Identifier: Apache-2.0
//
// A row's port on the ifmap Y-bus: which packets the row keeps, which of its columns take them, where the words go.
//
// A packet is NET_BYTES channels of one pixel. Its tag lane runs two cycles ahead of its data lane, so the three steps of the
// match (tag, difference, columns) need no data registers. A NEWPASS packet gives the fold's first (filter row, group); the row
// adds its own offsets, wrapping once at R, and from then on knows its filter row and group without any scan chain. The first
// packet follows NEWPASS after two cycles or more.
// Throughput: one packet per cycle. Latency: tag in to column match 3 cycles, data in to window write 1, to the next row 1.

`default_nettype none

module ifmap_port #(
  parameter integer COLS    = 14,
  parameter integer LANES   = 4,
  parameter integer W_BANKS = 4,                  // LANES-words of a packet
  parameter integer W_AW    = 6,
  parameter integer Y_W     = 16
) (
  input  wire                       clk_i,
  input  wire                       rst_ni,

  // row configuration, two command banks (bank 0 low); stable while a command of the bank is in the array
  input  wire [1:0]                 active_i,
  input  wire [2*Y_W-1:0]           ry_i,         // offset of the row's filter row, times dilation
  input  wire [2*Y_W-1:0]           ry_chain_i,   // the same plus the chain's ifmap row offset
  input  wire [15:0]                goff_i,       // 2 x 8: group offset
  input  wire [2*Y_W-1:0]           span_i,       // R x dilation
  input  wire [5:0]                 qw_lg_i,      // 2 x 3
  input  wire [2*COLS*Y_W-1:0]      col_y_i,      // ifmap row offset of each column
  input  wire [2*COLS-1:0]          col_active_i,

  // Y-bus in and out
  input  wire                       tag_valid_i,
  input  wire                       tag_new_i,    // NEWPASS: tag_y = first filter row x dilation, tag_g = first group
  input  wire                       tag_par_i,    // command bank
  input  wire [15:0]                tag_g_i,      // group, or number of the packet when it holds several groups
  input  wire [Y_W-1:0]             tag_y_i,      // ifmap row relative to the row block
  input  wire [W_AW-1:0]            dat_waddr_i,
  input  wire [W_BANKS-1:0]         dat_mask_i,
  input  wire [W_BANKS*LANES*9-1:0] dat_i,
  output wire                       tag_valid_o,
  output wire                       tag_new_o,
  output wire                       tag_par_o,
  output wire [15:0]                tag_g_o,
  output wire [Y_W-1:0]             tag_y_o,
  output wire [W_AW-1:0]            dat_waddr_o,
  output wire [W_BANKS-1:0]         dat_mask_o,
  output wire [W_BANKS*LANES*9-1:0] dat_o,

  // window write of the row's PEs
  output wire [COLS-1:0]            we_o,
  output wire [W_BANKS*LANES*9-1:0] wdata_o
);

  localparam integer LGB = $clog2(W_BANKS);
  localparam integer WW  = LANES * 9;
  localparam [2:0]   LGB3 = LGB[2:0];

  // -- the bus ---------------------------------------------------------------------------------------------------------------
  reg                       valid_q, valid1_q, new_q, par_q;
  reg  [15:0]               g_q;
  reg  [Y_W-1:0]            y_q;
  reg  [W_AW-1:0]           waddr_q;
  reg  [W_BANKS-1:0]        mask_q;
  reg  [W_BANKS*WW-1:0]     dat_q;

  always @(posedge clk_i)
    if (!rst_ni) valid_q <= 1'b0;
    else         valid_q <= tag_valid_i;

  always @(posedge clk_i) begin
    if (tag_valid_i) begin
      new_q <= tag_new_i;
      par_q <= tag_par_i;
      g_q   <= tag_g_i;
      y_q   <= tag_y_i;
    end
    valid1_q <= valid_q;
    if (valid1_q) begin                          // this packet's data is on its way
      waddr_q <= dat_waddr_i;
      mask_q  <= dat_mask_i;
      dat_q   <= dat_i;
    end
  end

  assign tag_valid_o = valid_q;
  assign tag_new_o   = new_q;
  assign tag_par_o   = par_q;
  assign tag_g_o     = g_q;
  assign tag_y_o     = y_q;
  assign dat_waddr_o = waddr_q;
  assign dat_mask_o  = mask_q;
  assign dat_o       = dat_q;

  // -- NEWPASS: own filter row and group of the coming pass, in two steps ---------------------------------------------------
  wire [Y_W-1:0] n_ry    = par_q ? ry_i[Y_W +: Y_W] : ry_i[0 +: Y_W];
  wire [Y_W-1:0] n_chain = par_q ? ry_chain_i[Y_W +: Y_W] : ry_chain_i[0 +: Y_W];
  wire [Y_W-1:0] n_span  = par_q ? span_i[Y_W +: Y_W] : span_i[0 +: Y_W];
  wire [7:0]     n_goff  = par_q ? goff_i[15:8] : goff_i[7:0];
  wire [Y_W:0]   n_sum   = {1'b0, n_ry} + {1'b0, y_q};

  reg            step_q, wrap_q, npar_q;
  reg  [Y_W-1:0] base_q, nspan_q;
  reg  [15:0]    group_q;

  always @(posedge clk_i) begin
    step_q <= rst_ni && valid_q && new_q;
    if (valid_q && new_q) begin
      wrap_q  <= n_sum >= {1'b0, n_span};
      base_q  <= n_chain + y_q;
      nspan_q <= n_span;
      group_q <= g_q + {8'd0, n_goff};
      npar_q  <= par_q;
    end
  end

  reg                pass_par_q, active_q;
  reg  [Y_W-1:0]     row_y_q;
  reg  [15:0]        row_g_q;
  reg  [LGB-1:0]     src_q;                                // first word of the own group within a packet
  wire [15:0]        group   = group_q + {15'd0, wrap_q};
  wire [2:0]         n_qw_lg = npar_q ? qw_lg_i[5:3] : qw_lg_i[2:0];
  wire [2:0]         n_share = n_qw_lg < LGB3 ? LGB3 - n_qw_lg : 3'd0;   // log2 of the groups in a packet
  // The group's low n_share bits, as a word number: what is shifted out of LGB bits does not belong to it.
  wire [LGB-1:0]     n_src   = n_share == 3'd0 ? {LGB{1'b0}} : group[LGB-1:0] << n_qw_lg;

  always @(posedge clk_i)
    if (step_q) begin
      pass_par_q <= npar_q;
      active_q   <= active_i[npar_q];
      row_y_q    <= base_q - (wrap_q ? nspan_q : {Y_W{1'b0}});
      row_g_q    <= group >> n_share;
      src_q      <= n_src;
    end

  // -- match: group and difference, then columns ----------------------------------------------------------------------------
  reg                hit_q;
  reg  [Y_W-1:0]     diff_q;
  reg  [COLS-1:0]    we_q;
  wire [COLS*Y_W-1:0] col_y = pass_par_q ? col_y_i[COLS*Y_W +: COLS*Y_W] : col_y_i[0 +: COLS*Y_W];
  wire [COLS-1:0]     col_a = pass_par_q ? col_active_i[COLS +: COLS] : col_active_i[0 +: COLS];

  always @(posedge clk_i) begin
    hit_q <= rst_ni && valid_q && !new_q && active_q && g_q == row_g_q;
    if (valid_q) diff_q <= y_q - row_y_q;
  end

  integer j;
  always @(posedge clk_i) begin
    we_q <= {COLS{1'b0}};
    if (hit_q)
      for (j = 0; j < COLS; j = j + 1)
        we_q[j] <= col_a[j] && diff_q == col_y[j*Y_W +: Y_W];
  end

  // -- from position in the packet to position in the window: both aligned, so an exclusive or of the word number ------------
  // src_q needs no delay to the data lane: two steps behind a NEWPASS tag, the data of the packets before it is through.
  wire [LGB-1:0] swap = src_q ^ waddr_q[LGB-1:0];
  genvar s, b;
  generate
    for (s = 0; s < LGB; s = s + 1) begin : g_swap
      wire [W_BANKS*WW-1:0] from, crossed, to;
      if (s == 0) begin : g_first
        assign from = dat_q;
      end else begin : g_next
        assign from = g_swap[s-1].to;
      end
      for (b = 0; b < W_BANKS; b = b + 1) begin : g_word
        localparam integer OTHER = (b / (1 << s)) % 2 == 0 ? b + (1 << s) : b - (1 << s);
        assign crossed[b*WW +: WW] = from[OTHER*WW +: WW];
      end
      assign to = swap[s] ? crossed : from;
    end
  endgenerate

  assign we_o    = we_q;
  assign wdata_o = g_swap[LGB-1].to;

endmodule

`default_nettype wire
