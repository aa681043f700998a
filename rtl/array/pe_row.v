// SPDX-License-Identifier: Apache-2.0
//
// One row of PEs: its configuration, its control registers, its ports on the two networks, its PEs.
//
// Control moves down one row per cycle, as the networks do, so every row sees the same relation between reads, writes and sums.
// What a row is (chain, head, tail, filter row, group) stands in two banks; whatever comes down carries the bank it belongs to,
// so the next command's packets may enter while the former command's sums still leave.
//
// Simulation: this module is not inlined and its chained inputs are kept ("public"), so that Verilator makes ONE copy of the code for
// all rows. It fits the instruction cache then, which makes the 12x14 array run 2.5 times faster than a copy per PE.

`default_nettype none

module pe_row #(
  parameter integer COLS    = 14,
  parameter integer LANES   = 4,
  parameter integer W_BANKS = 4,
  parameter integer W_AW    = 6,
  parameter integer F_AW    = 8,
  parameter integer Y_W     = 16,
  parameter integer T_W     = 4,
  parameter integer R_W     = 4,
  parameter integer SUM_W   = 26,
  parameter integer CHAIN_W = 30,
  parameter integer CFG_W   = 3 + 2 * R_W + 8 + 2 * Y_W   // derived, do not set
) (
  input  wire                       clk_i,
  input  wire                       rst_ni,

  // configuration write: {active, head, tail, chain, filter tag, group offset, ry, ry + chain offset}
  input  wire                       cfg_we_i /*verilator public_flat_rd*/,
  input  wire                       cfg_par_i,
  input  wire [CFG_W-1:0]           cfg_i,
  // configuration of columns and command, both banks, quasi-static
  input  wire [2*Y_W-1:0]           span_i,
  input  wire [5:0]                 qw_lg_i,
  input  wire [2*COLS*Y_W-1:0]      col_y_i,
  input  wire [2*COLS*T_W-1:0]      col_t_i,
  input  wire [2*COLS-1:0]          col_active_i,

  // control from above and to below; see sequencer.v
  input  wire                       re_i /*verilator public_flat_rd*/,
  input  wire [F_AW-1:0]            faddr_i /*verilator public_flat_rd*/,
  input  wire [W_AW-1:0]            waddr_i /*verilator public_flat_rd*/,
  input  wire                       acc_en_i /*verilator public_flat_rd*/,
  input  wire                       acc_first_i /*verilator public_flat_rd*/,
  input  wire                       out_en_i /*verilator public_flat_rd*/,
  input  wire                       out_par_i /*verilator public_flat_rd*/,
  input  wire                       slot_en_i /*verilator public_flat_rd*/,
  input  wire                       slot_par_i /*verilator public_flat_rd*/,
  input  wire [R_W-1:0]             slot_i /*verilator public_flat_rd*/,
  output wire                       re_o,
  output wire [F_AW-1:0]            faddr_o,
  output wire [W_AW-1:0]            waddr_o,
  output wire                       acc_en_o,
  output wire                       acc_first_o,
  output wire                       out_en_o,
  output wire                       out_par_o,
  output wire                       slot_en_o,
  output wire                       slot_par_o,
  output wire [R_W-1:0]             slot_o,

  // ifmap Y-bus
  input  wire                       it_valid_i /*verilator public_flat_rd*/,
  input  wire                       it_new_i /*verilator public_flat_rd*/,
  input  wire                       it_par_i /*verilator public_flat_rd*/,
  input  wire [15:0]                it_g_i /*verilator public_flat_rd*/,
  input  wire [Y_W-1:0]             it_y_i /*verilator public_flat_rd*/,
  input  wire [W_AW-1:0]            id_waddr_i /*verilator public_flat_rd*/,
  input  wire [W_BANKS-1:0]         id_mask_i /*verilator public_flat_rd*/,
  input  wire [W_BANKS*LANES*9-1:0] id_i /*verilator public_flat_rd*/,
  output wire                       it_valid_o,
  output wire                       it_new_o,
  output wire                       it_par_o,
  output wire [15:0]                it_g_o,
  output wire [Y_W-1:0]             it_y_o,
  output wire [W_AW-1:0]            id_waddr_o,
  output wire [W_BANKS-1:0]         id_mask_o,
  output wire [W_BANKS*LANES*9-1:0] id_o,

  // filter Y-bus
  input  wire                       ft_valid_i /*verilator public_flat_rd*/,
  input  wire                       ft_par_i /*verilator public_flat_rd*/,
  input  wire [T_W-1:0]             ft_t_i /*verilator public_flat_rd*/,
  input  wire [R_W-1:0]             ft_row_i /*verilator public_flat_rd*/,
  input  wire [F_AW-$clog2(W_BANKS)-1:0] fd_addr_i /*verilator public_flat_rd*/,
  input  wire [W_BANKS*LANES*9-1:0] fd_i /*verilator public_flat_rd*/,
  output wire                       ft_valid_o,
  output wire                       ft_par_o,
  output wire [T_W-1:0]             ft_t_o,
  output wire [R_W-1:0]             ft_row_o,
  output wire [F_AW-$clog2(W_BANKS)-1:0] fd_addr_o,
  output wire [W_BANKS*LANES*9-1:0] fd_o,

  // sums: chains and drain; CHAIN_W bits used of each 32 (aligned lanes simulate faster, unused bits are constant)
  /* verilator lint_off UNUSEDSIGNAL */
  input  wire [COLS*32-1:0]         cin_i /*verilator public_flat_rd*/,
  input  wire [COLS*32-1:0]         din_i /*verilator public_flat_rd*/,
  /* verilator lint_on UNUSEDSIGNAL */
  output wire [COLS*32-1:0]         cout_o,
  output wire [COLS*32-1:0]         dout_o
);
  /*verilator no_inline_module*/

  // -- configuration ----------------------------------------------------------------------------------------------------------
  reg  [CFG_W-1:0] cfg0_q, cfg1_q;
  always @(posedge clk_i) begin
    if (cfg_we_i && !cfg_par_i) cfg0_q <= cfg_i;
    if (cfg_we_i &&  cfg_par_i) cfg1_q <= cfg_i;
  end

  wire [1:0]       active, head, tail;
  wire [2*R_W-1:0] chain, ftag;
  wire [15:0]      goff;
  wire [2*Y_W-1:0] ry, ry_chain;
  assign {active[0], head[0], tail[0], chain[0 +: R_W], ftag[0 +: R_W], goff[7:0], ry[0 +: Y_W], ry_chain[0 +: Y_W]} = cfg0_q;
  assign {active[1], head[1], tail[1], chain[R_W +: R_W], ftag[R_W +: R_W], goff[15:8], ry[Y_W +: Y_W], ry_chain[Y_W +: Y_W]} =
         cfg1_q;

  localparam integer L = $clog2(LANES);

  // -- control ----------------------------------------------------------------------------------------------------------------
  reg             re_q, acc_en_q, acc_first_q, out_en_q, out_par_q, slot_en_q, slot_par_q, drain_q;
  reg  [F_AW-1:0] faddr_q;
  reg  [W_AW-1:0] waddr_q;
  reg  [R_W-1:0]  slot_q;
  reg  [1+L:0]    stage_q;                       // re_q, delayed
  wire [R_W-1:0]  own = slot_par_i ? chain[R_W +: R_W] : chain[0 +: R_W];

  always @(posedge clk_i) begin
    re_q      <= rst_ni && re_i;
    acc_en_q  <= rst_ni && acc_en_i;
    out_en_q  <= rst_ni && out_en_i;
    slot_en_q <= rst_ni && slot_en_i;
    stage_q   <= {stage_q[L:0], re_q};
  end

  always @(posedge clk_i) begin
    if (re_i) begin
      faddr_q <= faddr_i;
      waddr_q <= waddr_i;
    end
    acc_first_q <= acc_first_i;
    out_par_q   <= out_par_i;
    slot_par_q  <= slot_par_i;
    slot_q      <= slot_i;
    drain_q     <= slot_en_i && tail[slot_par_i] && slot_i == own;   // for the PEs, in step with slot_q
  end

  assign re_o        = re_q;
  assign faddr_o     = faddr_q;
  assign waddr_o     = waddr_q;
  assign acc_en_o    = acc_en_q;
  assign acc_first_o = acc_first_q;
  assign out_en_o    = out_en_q;
  assign out_par_o   = out_par_q;
  assign slot_en_o   = slot_en_q;
  assign slot_par_o  = slot_par_q;
  assign slot_o      = slot_q;

  // -- networks ---------------------------------------------------------------------------------------------------------------
  wire [COLS-1:0]            w_we, f_we;
  wire [W_BANKS*LANES*9-1:0] w_wdata;
  wire [F_AW-1:0]            f_waddr;
  wire [LANES*9-1:0]         f_wdata;

  ifmap_port #(.COLS(COLS), .LANES(LANES), .W_BANKS(W_BANKS), .W_AW(W_AW), .Y_W(Y_W)) u_ifmap (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .active_i     (active),
    .ry_i         (ry),
    .ry_chain_i   (ry_chain),
    .goff_i       (goff),
    .span_i       (span_i),
    .qw_lg_i      (qw_lg_i),
    .col_y_i      (col_y_i),
    .col_active_i (col_active_i),
    .tag_valid_i  (it_valid_i),
    .tag_new_i    (it_new_i),
    .tag_par_i    (it_par_i),
    .tag_g_i      (it_g_i),
    .tag_y_i      (it_y_i),
    .dat_waddr_i  (id_waddr_i),
    .dat_mask_i   (id_mask_i),
    .dat_i        (id_i),
    .tag_valid_o  (it_valid_o),
    .tag_new_o    (it_new_o),
    .tag_par_o    (it_par_o),
    .tag_g_o      (it_g_o),
    .tag_y_o      (it_y_o),
    .dat_waddr_o  (id_waddr_o),
    .dat_mask_o   (id_mask_o),
    .dat_o        (id_o),
    .we_o         (w_we),
    .wdata_o      (w_wdata)
  );

  filter_port #(.COLS(COLS), .LANES(LANES), .W_BANKS(W_BANKS), .F_AW(F_AW), .T_W(T_W), .R_W(R_W)) u_filter (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .active_i     (active),
    .ftag_i       (ftag),
    .col_t_i      (col_t_i),
    .col_active_i (col_active_i),
    .tag_valid_i  (ft_valid_i),
    .tag_par_i    (ft_par_i),
    .tag_t_i      (ft_t_i),
    .tag_row_i    (ft_row_i),
    .dat_addr_i   (fd_addr_i),
    .dat_i        (fd_i),
    .tag_valid_o  (ft_valid_o),
    .tag_par_o    (ft_par_o),
    .tag_t_o      (ft_t_o),
    .tag_row_o    (ft_row_o),
    .dat_addr_o   (fd_addr_o),
    .dat_o        (fd_o),
    .we_o         (f_we),
    .waddr_o      (f_waddr),
    .wdata_o      (f_wdata)
  );

  // -- PEs --------------------------------------------------------------------------------------------------------------------
  wire head_sel = head[out_par_q];
  genvar j;
  generate
    for (j = 0; j < COLS; j = j + 1) begin : g_pe
      pe #(
        .LANES(LANES), .F_DEPTH(1 << F_AW), .F_AW(F_AW), .W_DEPTH(1 << W_AW), .W_BANKS(W_BANKS), .W_AW(W_AW),
        .SUM_W(SUM_W), .CHAIN_W(CHAIN_W)
      ) u_pe (
        .clk_i       (clk_i),
        .re_i        (re_q),
        .faddr_i     (faddr_q),
        .waddr_i     (waddr_q),
        .stage_i     (stage_q),
        .acc_en_i    (acc_en_q),
        .acc_first_i (acc_first_q),
        .out_en_i    (out_en_q),
        .head_i      (head_sel),
        .drain_en_i  (slot_en_q),
        .drain_i     (drain_q),
        .f_we_i      (f_we[j]),
        .f_waddr_i   (f_waddr),
        .f_wdata_i   (f_wdata),
        .w_we_i      (w_we[j]),
        .w_mask_i    (id_mask_o),
        .w_waddr_i   (id_waddr_o),
        .w_wdata_i   (w_wdata),
        .cin_i       (cin_i[j*32 +: CHAIN_W]),
        .din_i       (din_i[j*32 +: CHAIN_W]),
        .cout_o      (cout_o[j*32 +: CHAIN_W]),
        .dout_o      (dout_o[j*32 +: CHAIN_W])
      );
      if (CHAIN_W < 32) begin : g_pad
        assign cout_o[j*32+CHAIN_W +: 32-CHAIN_W] = {(32-CHAIN_W){1'b0}};
        assign dout_o[j*32+CHAIN_W +: 32-CHAIN_W] = {(32-CHAIN_W){1'b0}};
      end
    end
  endgenerate

endmodule

`default_nettype wire
