// SPDX-License-Identifier: Apache-2.0
//
// The ARRAY engine: CONV commands in, psum vectors out.
//
// Two commands may be in flight, each in a bank: the command record and the configuration that is derived from it. Filter loader,
// feeder and sequencer work through the commands in order, each at its own pace, so the next command's filters and ifmap come in
// while the former still computes; whatever moves inside the array carries its bank (par). The collector outside gets
// the commands that give psums and says when it has written the last result: then the bank is free. A command whose psums stay in the
// accumulators is over when the last of them has arrived there; all are over in order.
// Throughput: one array cycle per clock. Latency: first command to first issue about 60 cycles (configuration, first packets).

`default_nettype none
`include "weft_spec.vh"

module array_engine #(
  parameter integer ROWS        = 12,
  parameter integer COLS        = 14,
  parameter integer LANES       = 4,             // 1, 2, 4, 8
  parameter integer FSPAD_BYTES = 512,           // per PE and bank
  parameter integer NET_BYTES   = 16             // 8 or 16
) (
  input  wire               clk_i,
  input  wire               rst_ni,

  // commands, waits already satisfied; the record needs to be stable during the handshake only
  input  wire               cmd_valid_i,
  output wire               cmd_ready_o,
  input  wire [1023:0]      cmd_i,
  output wire               done_o,
  output wire               busy_o,              // a command has started and is not done

  // buffer read ports: data two cycles after the grant
  output wire               if_req_o,
  output wire [15:0]        if_addr_o,
  input  wire               if_gnt_i,
  input  wire               if_rvalid_i,
  input  wire [127:0]       if_rdata_i,
  output wire               fl_req_o,
  output wire [15:0]        fl_addr_o,
  input  wire               fl_gnt_i,
  input  wire               fl_rvalid_i,
  input  wire [127:0]       fl_rdata_i,

  // collector: every command that gives psums once, in order; psum vectors in the specification's order; cdone_i per finished command
  output wire               ccmd_valid_o,
  input  wire               ccmd_ready_i,
  output wire [1023:0]      ccmd_o,
  output wire               psum_valid_o,
  input  wire               psum_ready_i,
  output wire [COLS*32-1:0] psum_data_o,         // column j at 32j, signed
  input  wire               cdone_i,

  // event counters' increments
  output wire               ev_stall_ifmap_o,
  output wire               ev_stall_filter_o,
  output wire               ev_stall_out_o,
  output wire               ev_buf_ifmap_o,
  output wire               ev_buf_filter_o,
  output wire               ev_noc_ifmap_o,
  output wire               ev_noc_zero_o,
  output wire               ev_noc_filter_o,
  output wire               ev_issue_o,
  output wire [15:0]        ev_mac_o,
  output wire               ev_acc_read_o,
  output wire               ev_acc_write_o
);

  localparam integer W_BANKS = NET_BYTES / LANES;
  localparam integer W_AW    = $clog2(`WEFT_WINDOW_WORDS);
  localparam integer F_AW    = $clog2(FSPAD_BYTES / LANES) + 1;
  localparam integer Y_W     = 16;               // y': (R-1)*dil_y + stride_y*(E-1) < 2^16
  localparam integer T_W     = COLS > 2 ? $clog2(COLS) : 1;
  localparam integer R_W     = ROWS > 2 ? $clog2(ROWS) : 1;
  localparam integer CNT_W   = 14;               // a position may step over 255 * 16 window words
  localparam integer SUM_W   = 17 + $clog2(FSPAD_BYTES);
  localparam integer CHAIN_W = SUM_W + $clog2(ROWS);
  localparam integer CFG_W   = 3 + 2 * R_W + 8 + 2 * Y_W;
  // Psum vectors between issue and collector at one a cycle: pipeline, rows down, chains; in units of LUT RAM depth.
  localparam integer PF_DEPTH = (2 * ROWS + 16 + 15) / 16 * 16;

  generate
    if (ROWS < 2 || ROWS > 64 || COLS < 2 || COLS > 64) begin : g_check_size
      array_engine_ROWS_and_COLS_must_be_2_to_64 u_check ();
    end
    if (LANES != 1 && LANES != 2 && LANES != 4 && LANES != 8) begin : g_check_lanes
      array_engine_LANES_must_be_1_2_4_or_8 u_check ();
    end
    if ((NET_BYTES != 8 && NET_BYTES != 16) || NET_BYTES < 2 * LANES) begin : g_check_net
      array_engine_NET_BYTES_must_be_8_or_16_and_at_least_2_LANES u_check ();
    end
    if (FSPAD_BYTES % NET_BYTES != 0 || FSPAD_BYTES < 2 * NET_BYTES) begin : g_check_fspad
      array_engine_FSPAD_BYTES_must_be_a_multiple_of_NET_BYTES u_check ();
    end
    if (CHAIN_W > 32) begin : g_check_sum
      array_engine_sums_of_a_chain_do_not_fit_32_bit u_check ();
    end
  endgenerate

  // -- commands ---------------------------------------------------------------------------------------------------------------
  reg  [1023:0] cmd0_q, cmd1_q;
  reg           in_q, out_q, cc_q;               // bank of the next command in, to configure, to the collector
  reg           head_q;                          // bank of the oldest command in flight
  reg  [1:0]    stay_q;                          // banks whose psums stay in the accumulators
  reg  [1:0]    kept_q;                          // such commands that have ended, but are not yet reported
  reg  [1:0]    flight_q;                        // commands in flight
  reg  [1:0]    offer_q;                         // banks the collector has not taken
  reg  [1:0]    pend_ld_q, pend_fd_q, pend_sq_q; // banks configured and not finished by loader, feeder, sequencer
  reg           start_q;                         // configuration starts
  reg           prod_q;                          // the feeder has not yet copied the products
  wire          cfg_busy, cfg_done;
  wire          ld_par, ld_finish, fd_par, fd_take, fd_finish, sq_par, sq_finish;
  wire          accept = cmd_valid_i && cmd_ready_o;

  assign cmd_ready_o  = !flight_q[1] && !start_q && !cfg_busy && !cfg_done && !prod_q;
  assign busy_o       = flight_q != 2'd0;
  wire          kept;
  wire          stays = cmd_i[`WEFT_CONV_psum_out];
  wire          offered = ccmd_valid_o && ccmd_ready_i;
  wire          kept_done = busy_o && stay_q[head_q] && kept_q != 2'd0;      // never with cdone_i: that is a younger command's end
  assign done_o       = cdone_i || kept_done;
  assign ccmd_valid_o = offer_q[cc_q];
  assign ccmd_o       = cc_q ? cmd1_q : cmd0_q;

  always @(posedge clk_i) begin
    if (accept && !in_q) cmd0_q <= cmd_i;
    if (accept &&  in_q) cmd1_q <= cmd_i;
  end

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      in_q      <= 1'b0;
      out_q     <= 1'b0;
      cc_q      <= 1'b0;
      head_q    <= 1'b0;
      stay_q    <= 2'd0;
      kept_q    <= 2'd0;
      flight_q  <= 2'd0;
      offer_q   <= 2'd0;
      pend_ld_q <= 2'd0;
      pend_fd_q <= 2'd0;
      pend_sq_q <= 2'd0;
      start_q   <= 1'b0;
      prod_q    <= 1'b0;
    end else begin
      start_q  <= accept;
      flight_q <= flight_q + {1'b0, accept} - {1'b0, done_o};
      kept_q   <= kept_q + {1'b0, kept} - {1'b0, kept_done};
      if (done_o) head_q <= !head_q;
      if (accept) begin
        in_q          <= !in_q;
        offer_q[in_q] <= !stays;
        stay_q[in_q]  <= stays;
        if (offer_q == 2'd0) cc_q <= in_q;
      end
      if (offered) begin
        cc_q          <= !cc_q;
        offer_q[cc_q] <= 1'b0;
      end
      if (cfg_done) begin
        out_q            <= !out_q;
        prod_q           <= 1'b1;
        pend_ld_q[out_q] <= 1'b1;
        pend_fd_q[out_q] <= 1'b1;
        pend_sq_q[out_q] <= 1'b1;
      end
      if (fd_take)   prod_q            <= 1'b0;
      if (ld_finish) pend_ld_q[ld_par] <= 1'b0;
      if (fd_finish) pend_fd_q[fd_par] <= 1'b0;
      if (sq_finish) pend_sq_q[sq_par] <= 1'b0;
    end
  end

  // Copies for the units whose loops use many fields: the bank multiplexers stay out of their paths.
  reg  [1023:0] fd_cmd_q, ld_cmd_q;
  always @(posedge clk_i) begin
    fd_cmd_q <= fd_par ? cmd1_q : cmd0_q;
    ld_cmd_q <= ld_par ? cmd1_q : cmd0_q;
  end

  // -- configuration ----------------------------------------------------------------------------------------------------------
  wire                  row_we;
  wire [R_W-1:0]        row;
  wire [CFG_W-1:0]      row_cfg;
  wire [2*COLS*Y_W-1:0] col_y;
  wire [2*COLS*T_W-1:0] col_t;
  wire [2*COLS-1:0]     col_active;
  wire [2*W_AW+1:0]     span_words;
  wire [31:0]           mac;
  wire [15:0]           ntag;
  wire [12*34-1:0]      prod;

  array_config #(.ROWS(ROWS), .COLS(COLS), .LANES(LANES), .W_AW(W_AW), .Y_W(Y_W), .T_W(T_W), .R_W(R_W)) u_config (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .start_i      (start_q),
    .par_i        (out_q),
    .cmd_i        (out_q ? cmd1_q : cmd0_q),
    .busy_o       (cfg_busy),
    .done_o       (cfg_done),
    .row_we_o     (row_we),
    .row_o        (row),
    .row_cfg_o    (row_cfg),
    .col_y_o      (col_y),
    .col_t_o      (col_t),
    .col_active_o (col_active),
    .span_o       (span_words),
    .mac_o        (mac),
    .ntag_o       (ntag),
    .prod_o       (prod)
  );

  // -- ifmap ------------------------------------------------------------------------------------------------------------------
  wire [CNT_W-1:0]   base, delivered;
  wire               pkt_valid, pkt_ready, pkt_new, pkt_par, pkt_zero, pkt_end, pkt_half;
  wire [15:0]        pkt_addr, pkt_g;
  wire [Y_W-1:0]     pkt_y;
  wire [W_AW-1:0]    pkt_waddr;
  wire [W_BANKS-1:0] pkt_mask;
  wire [4:0]         pkt_q;
  wire               it_valid, it_new, it_par;
  wire [15:0]        it_g;
  wire [Y_W-1:0]     it_y;
  wire [W_AW-1:0]    id_waddr;
  wire [W_BANKS-1:0] id_mask;
  wire [W_BANKS*LANES*9-1:0] id;

  feeder #(.NET_BYTES(NET_BYTES), .W_BANKS(W_BANKS), .W_AW(W_AW), .Y_W(Y_W), .CNT_W(CNT_W)) u_feeder (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .pend_i      (pend_fd_q),
    .par_o       (fd_par),
    .take_o      (fd_take),
    .finish_o    (fd_finish),
    .cmd_i       (fd_cmd_q),
    .prod_i      (prod),
    .base_i      (base),
    .pkt_valid_o (pkt_valid),
    .pkt_ready_i (pkt_ready),
    .pkt_new_o   (pkt_new),
    .pkt_par_o   (pkt_par),
    .pkt_zero_o  (pkt_zero),
    .pkt_end_o   (pkt_end),
    .pkt_addr_o  (pkt_addr),
    .pkt_half_o  (pkt_half),
    .pkt_g_o     (pkt_g),
    .pkt_y_o     (pkt_y),
    .pkt_waddr_o (pkt_waddr),
    .pkt_mask_o  (pkt_mask),
    .pkt_q_o     (pkt_q)
  );

  feeder_port #(
    .LANES(LANES), .NET_BYTES(NET_BYTES), .W_BANKS(W_BANKS), .W_AW(W_AW), .Y_W(Y_W), .CNT_W(CNT_W)
  ) u_feeder_port (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .zx_i        ({cmd1_q[`WEFT_CONV_zx], cmd0_q[`WEFT_CONV_zx]}),
    .pkt_valid_i (pkt_valid),
    .pkt_ready_o (pkt_ready),
    .pkt_new_i   (pkt_new),
    .pkt_par_i   (pkt_par),
    .pkt_zero_i  (pkt_zero),
    .pkt_end_i   (pkt_end),
    .pkt_addr_i  (pkt_addr),
    .pkt_half_i  (pkt_half),
    .pkt_g_i     (pkt_g),
    .pkt_y_i     (pkt_y),
    .pkt_waddr_i (pkt_waddr),
    .pkt_mask_i  (pkt_mask),
    .pkt_q_i     (pkt_q),
    .if_req_o    (if_req_o),
    .if_addr_o   (if_addr_o),
    .if_gnt_i    (if_gnt_i),
    .if_rvalid_i (if_rvalid_i),
    .if_rdata_i  (if_rdata_i),
    .it_valid_o  (it_valid),
    .it_new_o    (it_new),
    .it_par_o    (it_par),
    .it_g_o      (it_g),
    .it_y_o      (it_y),
    .id_waddr_o  (id_waddr),
    .id_mask_o   (id_mask),
    .id_o        (id),
    .delivered_o (delivered),
    .ev_read_o   (ev_buf_ifmap_o),
    .ev_packet_o (ev_noc_ifmap_o),
    .ev_zero_o   (ev_noc_zero_o)
  );

  // -- filters ----------------------------------------------------------------------------------------------------------------
  wire               filled, release_bank, ft_valid, ft_par;
  wire [T_W-1:0]     ft_t;
  wire [R_W-1:0]     ft_row;
  wire [F_AW-$clog2(W_BANKS)-1:0] fd_addr;
  wire [W_BANKS*LANES*9-1:0] fd;

  filter_loader #(
    .LANES(LANES), .NET_BYTES(NET_BYTES), .W_BANKS(W_BANKS), .F_AW(F_AW), .T_W(T_W), .R_W(R_W)
  ) u_loader (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .pend_i      (pend_ld_q),
    .par_o       (ld_par),
    .finish_o    (ld_finish),
    .cmd_i       (ld_cmd_q),
    .ntag_i      (ntag),
    .zw_i        ({cmd1_q[`WEFT_CONV_zw], cmd0_q[`WEFT_CONV_zw]}),
    .filled_o    (filled),
    .release_i   (release_bank),
    .fl_req_o    (fl_req_o),
    .fl_addr_o   (fl_addr_o),
    .fl_gnt_i    (fl_gnt_i),
    .fl_rvalid_i (fl_rvalid_i),
    .fl_rdata_i  (fl_rdata_i),
    .ft_valid_o  (ft_valid),
    .ft_par_o    (ft_par),
    .ft_t_o      (ft_t),
    .ft_row_o    (ft_row),
    .fd_addr_o   (fd_addr),
    .fd_o        (fd),
    .ev_read_o   (ev_buf_filter_o),
    .ev_packet_o (ev_noc_filter_o)
  );

  // -- control ----------------------------------------------------------------------------------------------------------------
  wire            re, acc_en, acc_first, out_en, out_par, slot_en, slot_par, slot_fold0, slot_foldn, slot_start, slot_last, pop;
  wire [F_AW-1:0] faddr;
  wire [W_AW-1:0] waddr;
  wire [R_W-1:0]  slot;

  sequencer #(
    .LANES(LANES), .W_BANKS(W_BANKS), .W_AW(W_AW), .F_AW(F_AW), .R_W(R_W), .CNT_W(CNT_W), .PF_DEPTH(PF_DEPTH)
  ) u_sequencer (
    .clk_i             (clk_i),
    .rst_ni            (rst_ni),
    .pend_i            (pend_sq_q),
    .par_o             (sq_par),
    .finish_o          (sq_finish),
    .cmd_i             (sq_par ? cmd1_q : cmd0_q),
    .span_i            (span_words),
    .nchain_i          ({cmd1_q[`WEFT_CONV_nchain], cmd0_q[`WEFT_CONV_nchain]}),
    .mac_i             (mac),
    .filled_i          (filled),
    .release_o         (release_bank),
    .delivered_i       (delivered),
    .base_o            (base),
    .pop_i             (pop),
    .re_o              (re),
    .faddr_o           (faddr),
    .waddr_o           (waddr),
    .acc_en_o          (acc_en),
    .acc_first_o       (acc_first),
    .out_en_o          (out_en),
    .out_par_o         (out_par),
    .slot_en_o         (slot_en),
    .slot_par_o        (slot_par),
    .slot_o            (slot),
    .slot_fold0_o      (slot_fold0),
    .slot_foldn_o      (slot_foldn),
    .slot_start_o      (slot_start),
    .slot_last_o       (slot_last),
    .ev_stall_ifmap_o  (ev_stall_ifmap_o),
    .ev_stall_filter_o (ev_stall_filter_o),
    .ev_stall_out_o    (ev_stall_out_o),
    .ev_issue_o        (ev_issue_o),
    .ev_mac_o          (ev_mac_o)
  );

  // -- PEs and accumulators ---------------------------------------------------------------------------------------------------
  wire [COLS*32-1:0] foot;

  pe_array #(
    .ROWS(ROWS), .COLS(COLS), .LANES(LANES), .W_BANKS(W_BANKS), .W_AW(W_AW), .F_AW(F_AW), .Y_W(Y_W), .T_W(T_W), .R_W(R_W),
    .SUM_W(SUM_W), .CHAIN_W(CHAIN_W)
  ) u_array (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .cfg_we_i     (row_we),
    .cfg_row_i    (row),
    .cfg_par_i    (out_q),
    .cfg_i        (row_cfg),
    .span_i       ({cmd1_q[`WEFT_CONV_r_span], cmd0_q[`WEFT_CONV_r_span]}),
    .qw_lg_i      ({cmd1_q[`WEFT_CONV_qw_lg], cmd0_q[`WEFT_CONV_qw_lg]}),
    .col_y_i      (col_y),
    .col_t_i      (col_t),
    .col_active_i (col_active),
    .re_i         (re),
    .faddr_i      (faddr),
    .waddr_i      (waddr),
    .acc_en_i     (acc_en),
    .acc_first_i  (acc_first),
    .out_en_i     (out_en),
    .out_par_i    (out_par),
    .slot_en_i    (slot_en),
    .slot_par_i   (slot_par),
    .slot_i       (slot),
    .it_valid_i   (it_valid),
    .it_new_i     (it_new),
    .it_par_i     (it_par),
    .it_g_i       (it_g),
    .it_y_i       (it_y),
    .id_waddr_i   (id_waddr),
    .id_mask_i    (id_mask),
    .id_i         (id),
    .ft_valid_i   (ft_valid),
    .ft_par_i     (ft_par),
    .ft_t_i       (ft_t),
    .ft_row_i     (ft_row),
    .fd_addr_i    (fd_addr),
    .fd_i         (fd),
    .foot_o       (foot)
  );

  column_acc #(.COLS(COLS), .CHAIN_W(CHAIN_W), .DELAY(ROWS + 1), .PF_DEPTH(PF_DEPTH)) u_acc (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .slot_en_i      (slot_en),
    .slot_fold0_i   (slot_fold0),
    .slot_foldn_i   (slot_foldn),
    .slot_start_i   (slot_start),
    .slot_last_i    (slot_last),
    .din_i          (foot),
    .psum_valid_o   (psum_valid_o),
    .psum_ready_i   (psum_ready_i),
    .psum_data_o    (psum_data_o),
    .pop_o          (pop),
    .kept_o         (kept),
    .ev_acc_read_o  (ev_acc_read_o),
    .ev_acc_write_o (ev_acc_write_o)
  );

endmodule

`default_nettype wire
