// SPDX-License-Identifier: Apache-2.0
//
// ROWS rows of PEs: wiring only. Control, ifmap and filter packets enter at row 0; sums leave at the foot of the last row.
//
// A psum vector is at foot_o ROWS + 1 cycles after its slot was at slot_i.

`default_nettype none

module pe_array #(
  parameter integer ROWS    = 12,
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
  parameter integer CFG_W   = 3 + 2 * R_W + 8 + 2 * Y_W   // of a row, derived, do not set
) (
  input  wire                       clk_i,
  input  wire                       rst_ni,

  // configuration, see array_config.v
  input  wire                       cfg_we_i,
  input  wire [R_W-1:0]             cfg_row_i,
  input  wire                       cfg_par_i,
  input  wire [CFG_W-1:0]           cfg_i,
  input  wire [2*Y_W-1:0]           span_i,
  input  wire [5:0]                 qw_lg_i,
  input  wire [2*COLS*Y_W-1:0]      col_y_i,
  input  wire [2*COLS*T_W-1:0]      col_t_i,
  input  wire [2*COLS-1:0]          col_active_i,

  // control of row 0, see sequencer.v
  input  wire                             re_i,
  input  wire [F_AW-1:0]                  faddr_i,
  input  wire [W_AW-1:0]                  waddr_i,
  input  wire                             acc_en_i,
  input  wire                             acc_first_i,
  input  wire                             out_en_i,
  input  wire                             out_par_i,
  input  wire                             slot_en_i,
  input  wire                             slot_par_i,
  input  wire [R_W-1:0]                   slot_i,

  // ifmap Y-bus, see feeder.v
  input  wire                             it_valid_i,
  input  wire                             it_new_i,
  input  wire                             it_par_i,
  input  wire [15:0]                      it_g_i,
  input  wire [Y_W-1:0]                   it_y_i,
  input  wire [W_AW-1:0]                  id_waddr_i,
  input  wire [W_BANKS-1:0]               id_mask_i,
  input  wire [W_BANKS*LANES*9-1:0]       id_i,

  // filter Y-bus, see filter_loader.v
  input  wire                             ft_valid_i,
  input  wire                             ft_par_i,
  input  wire [T_W-1:0]                   ft_t_i,
  input  wire [R_W-1:0]                   ft_row_i,
  input  wire [F_AW-$clog2(W_BANKS)-1:0]  fd_addr_i,
  input  wire [W_BANKS*LANES*9-1:0]       fd_i,

  output wire [COLS*32-1:0]               foot_o    // CHAIN_W bits used of each 32
);

  // Index i: what enters row i; index ROWS leaves the array.
  wire                             re [0:ROWS];
  wire [F_AW-1:0]                  faddr [0:ROWS];
  wire [W_AW-1:0]                  waddr [0:ROWS];
  wire                             acc_en [0:ROWS];
  wire                             acc_first [0:ROWS];
  wire                             out_en [0:ROWS];
  wire                             out_par [0:ROWS];
  wire                             slot_en [0:ROWS];
  wire                             slot_par [0:ROWS];
  wire [R_W-1:0]                   slot [0:ROWS];
  wire                             it_valid [0:ROWS];
  wire                             it_new [0:ROWS];
  wire                             it_par [0:ROWS];
  wire [15:0]                      it_g [0:ROWS];
  wire [Y_W-1:0]                   it_y [0:ROWS];
  wire [W_AW-1:0]                  id_waddr [0:ROWS];
  wire [W_BANKS-1:0]               id_mask [0:ROWS];
  wire [W_BANKS*LANES*9-1:0]       id [0:ROWS];
  wire                             ft_valid [0:ROWS];
  wire                             ft_par [0:ROWS];
  wire [T_W-1:0]                   ft_t [0:ROWS];
  wire [R_W-1:0]                   ft_row [0:ROWS];
  wire [F_AW-$clog2(W_BANKS)-1:0]  fd_addr [0:ROWS];
  wire [W_BANKS*LANES*9-1:0]       fd [0:ROWS];
  wire [COLS*32-1:0]               cout [0:ROWS];
  wire [COLS*32-1:0]               dout [0:ROWS];

  assign re       [0] = re_i;
  assign faddr    [0] = faddr_i;
  assign waddr    [0] = waddr_i;
  assign acc_en   [0] = acc_en_i;
  assign acc_first[0] = acc_first_i;
  assign out_en   [0] = out_en_i;
  assign out_par  [0] = out_par_i;
  assign slot_en  [0] = slot_en_i;
  assign slot_par [0] = slot_par_i;
  assign slot     [0] = slot_i;
  assign it_valid [0] = it_valid_i;
  assign it_new   [0] = it_new_i;
  assign it_par   [0] = it_par_i;
  assign it_g     [0] = it_g_i;
  assign it_y     [0] = it_y_i;
  assign id_waddr [0] = id_waddr_i;
  assign id_mask  [0] = id_mask_i;
  assign id       [0] = id_i;
  assign ft_valid [0] = ft_valid_i;
  assign ft_par   [0] = ft_par_i;
  assign ft_t     [0] = ft_t_i;
  assign ft_row   [0] = ft_row_i;
  assign fd_addr  [0] = fd_addr_i;
  assign fd       [0] = fd_i;
  assign cout     [0] = {(COLS*32){1'b0}};
  assign dout     [0] = {(COLS*32){1'b0}};

  genvar i;
  generate
    for (i = 0; i < ROWS; i = i + 1) begin : g_row
      pe_row #(
        .COLS(COLS), .LANES(LANES), .W_BANKS(W_BANKS), .W_AW(W_AW), .F_AW(F_AW), .Y_W(Y_W), .T_W(T_W), .R_W(R_W), .SUM_W(SUM_W),
        .CHAIN_W(CHAIN_W)
      ) u_row (
        .clk_i        (clk_i),
        .rst_ni       (rst_ni),
        .cfg_we_i     (cfg_we_i && cfg_row_i == i[R_W-1:0]),
        .cfg_par_i    (cfg_par_i),
        .cfg_i        (cfg_i),
        .span_i       (span_i),
        .qw_lg_i      (qw_lg_i),
        .col_y_i      (col_y_i),
        .col_t_i      (col_t_i),
        .col_active_i (col_active_i),
        .re_i         (re[i]),
        .faddr_i      (faddr[i]),
        .waddr_i      (waddr[i]),
        .acc_en_i     (acc_en[i]),
        .acc_first_i  (acc_first[i]),
        .out_en_i     (out_en[i]),
        .out_par_i    (out_par[i]),
        .slot_en_i    (slot_en[i]),
        .slot_par_i   (slot_par[i]),
        .slot_i       (slot[i]),
        .re_o         (re[i+1]),
        .faddr_o      (faddr[i+1]),
        .waddr_o      (waddr[i+1]),
        .acc_en_o     (acc_en[i+1]),
        .acc_first_o  (acc_first[i+1]),
        .out_en_o     (out_en[i+1]),
        .out_par_o    (out_par[i+1]),
        .slot_en_o    (slot_en[i+1]),
        .slot_par_o   (slot_par[i+1]),
        .slot_o       (slot[i+1]),
        .it_valid_i   (it_valid[i]),
        .it_new_i     (it_new[i]),
        .it_par_i     (it_par[i]),
        .it_g_i       (it_g[i]),
        .it_y_i       (it_y[i]),
        .id_waddr_i   (id_waddr[i]),
        .id_mask_i    (id_mask[i]),
        .id_i         (id[i]),
        .it_valid_o   (it_valid[i+1]),
        .it_new_o     (it_new[i+1]),
        .it_par_o     (it_par[i+1]),
        .it_g_o       (it_g[i+1]),
        .it_y_o       (it_y[i+1]),
        .id_waddr_o   (id_waddr[i+1]),
        .id_mask_o    (id_mask[i+1]),
        .id_o         (id[i+1]),
        .ft_valid_i   (ft_valid[i]),
        .ft_par_i     (ft_par[i]),
        .ft_t_i       (ft_t[i]),
        .ft_row_i     (ft_row[i]),
        .fd_addr_i    (fd_addr[i]),
        .fd_i         (fd[i]),
        .ft_valid_o   (ft_valid[i+1]),
        .ft_par_o     (ft_par[i+1]),
        .ft_t_o       (ft_t[i+1]),
        .ft_row_o     (ft_row[i+1]),
        .fd_addr_o    (fd_addr[i+1]),
        .fd_o         (fd[i+1]),
        .cin_i        (cout[i]),
        .din_i        (dout[i]),
        .cout_o       (cout[i+1]),
        .dout_o       (dout[i+1])
      );
    end
  endgenerate

  assign foot_o = dout[ROWS];

endmodule

`default_nettype wire
