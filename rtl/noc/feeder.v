// SPDX-License-Identifier: Apache-2.0
//
// The ifmap feeder: walks the packets of every pass of a CONV command, in the order of the specification.
//
// for mb, yb, xb, fold (a pass), ifmap column, packet (NET_BYTES channels), e' (output row), r (filter row): one packet per distinct
// ifmap row. A column starts when the window spads have room for its Q words. Steps are additions of products that
// array_config.v has computed; a coordinate and its buffer address are stepped side by side.
// Each pass starts with a NEWPASS packet that tells the rows their first (filter row, group).
// Throughput: one packet per cycle; three cycles between passes. Latency: 2 cycles to req_o.
// The stream stage behind it (feeder_port.v) reads the buffer and drives the Y-bus.

`default_nettype none
`include "weft_spec.vh"

module feeder #(
  parameter integer NET_BYTES = 16,
  parameter integer W_BANKS   = 4,               // LANES-words of a packet
  parameter integer W_AW      = 6,
  parameter integer Y_W       = 16,
  parameter integer CNT_W     = 14               // window word counters
) (
  input  wire              clk_i,
  input  wire              rst_ni,

  // commands: take_o when bank par_o, configured (pend_i), is begun: prod_i is free from then on
  input  wire [1:0]        pend_i,
  output wire              par_o,
  output wire              take_o,
  output wire              finish_o,             // pulse: the last packet of the command has been issued
  /* verilator lint_off UNUSEDSIGNAL */          // the other fields are for the other units
  input  wire [1023:0]     cmd_i,                // of bank par_o, one cycle late
  input  wire [12*34-1:0]  prod_i,               // see array_config.v
  /* verilator lint_on UNUSEDSIGNAL */

  input  wire [CNT_W-1:0]  base_i,               // window words that are no longer read, running (sequencer)

  // packets; a valid/ready stream
  output wire              pkt_valid_o,
  input  wire              pkt_ready_i,
  output wire              pkt_new_o,            // NEWPASS
  output wire              pkt_par_o,
  output wire              pkt_zero_o,           // outside the image
  output wire              pkt_end_o,            // last of its column
  output wire [15:0]       pkt_addr_o,           // buffer word
  output wire              pkt_half_o,           // upper 8 bytes of it (8-byte network)
  output wire [15:0]       pkt_g_o,
  output wire [Y_W-1:0]    pkt_y_o,
  output wire [W_AW-1:0]   pkt_waddr_o,          // window word
  output wire [W_BANKS-1:0] pkt_mask_o,          // window banks
  output wire [4:0]        pkt_q_o               // window words of the column
);

  localparam integer LGB = $clog2(W_BANKS);
  localparam [2:0]   LGB3 = LGB[2:0];
  localparam [CNT_W-1:0] ALIGN = ~(W_BANKS[CNT_W-1:0] - 1'b1);

  // -- the command's fields ---------------------------------------------------------------------------------------------------
  wire [7:0]  f_r     = cmd_i[`WEFT_CONV_R];
  wire [7:0]  f_k0    = cmd_i[`WEFT_CONV_k0];
  wire [7:0]  f_rsh   = cmd_i[`WEFT_CONV_rsh];
  wire [7:0]  f_dr    = cmd_i[`WEFT_CONV_pair_dr];
  wire [15:0] f_dg    = cmd_i[`WEFT_CONV_pair_dg];
  wire [2:0]  qw_lg   = cmd_i[`WEFT_CONV_qw_lg];
  wire [15:0] in_h    = cmd_i[`WEFT_CONV_in_h];
  wire [15:0] in_w    = cmd_i[`WEFT_CONV_in_w];
  wire [15:0] in_wl   = cmd_i[`WEFT_CONV_in_w_last];
  wire [Y_W-1:0] dil_y = {{(Y_W-8){1'b0}}, cmd_i[`WEFT_CONV_dil_y]};
  wire [Y_W-1:0] str_y = {{(Y_W-8){1'b0}}, cmd_i[`WEFT_CONV_stride_y]};
  wire [2:0]  share   = qw_lg < LGB3 ? LGB3 - qw_lg : 3'd0;    // log2 of the groups in a packet
  wire [2:0]  split   = qw_lg < LGB3 ? 3'd0 : qw_lg - LGB3;    // log2 of the packets of a group
  wire [3:0]  kp_max  = ~(4'hf << split);
  wire [4:0]  q_words = 5'd1 << qw_lg;

  // -- constants of the command, copied so that array_config may go on to the next ------------------------------------------
  reg  [15:0] c_dil, c_str, c_span, c_pair_a, c_back_a, c_blk_a, c_y0_a, c_x0_a, c_tile_a;
  reg  [15:0] c_pair_y, c_back_y, c_blk_y;
  reg  [17:0] c_y0, c_x0, c_tile, c_full, c_end;

  `define PY(n) prod_i[34*n+16 +: 18]
  `define PA(n) prod_i[34*n +: 16]
  always @(posedge clk_i)
    if (take_o) begin
      c_dil    <= `PA(0);
      c_str    <= `PA(1);
      c_span   <= `PA(2);
      c_pair_y <= prod_i[34*3+16 +: 16];
      c_pair_a <= `PA(3);
      c_back_y <= prod_i[34*4+16 +: 16];
      c_back_a <= `PA(4);
      c_blk_y  <= prod_i[34*5+16 +: 16];
      c_blk_a  <= `PA(5);
      c_y0     <= 18'd0 - `PY(6);                                 // -pad_top
      c_y0_a   <= cmd_i[`WEFT_CONV_in_base] - `PA(6);
      c_x0     <= 18'd0 - `PY(7);                                 // -pad_left
      c_x0_a   <= 16'd0 - `PA(7);
      c_tile   <= `PY(11);
      c_tile_a <= `PA(11);
      c_full   <= `PY(11) - `PY(8) + `PY(9);                      // columns of a full tile, minus 1
      c_end    <= `PY(10) + `PY(9) - `PY(7);                      // last column of all
    end
  `undef PY
  `undef PA

  // -- passes -----------------------------------------------------------------------------------------------------------------
  localparam [2:0] S_IDLE = 3'd0, S_PREP = 3'd1, S_NEW = 3'd2, S_GAP = 3'd3, S_WAIT = 3'd4, S_RUN = 3'd5;
  reg  [2:0]     state_q;
  reg            par_q;
  reg            idle_q;                                          // second cycle of S_IDLE: cmd_i is the new command
  reg  [15:0]    mb_q, yb_q, xb_q, fold_q, gm_q;                  // gm: mb * g_step
  reg  [17:0]    yb_y_q, xb_x_q;                                  // ifmap row, column of the block's and tile's origin
  reg  [15:0]    yb_a_q, xb_a_q;
  reg  [7:0]     r0_q, nr_q;                                      // first pair of this fold, of the next
  reg  [15:0]    g0_q, ng_q;
  reg  [Y_W-1:0] r0_y_q, nr_y_q;                                  // r0 * dil_y
  reg  [15:0]    r0_a_q, nr_a_q;
  reg  [7:0]     rl_q;                                            // last pair of this fold
  reg  [Y_W-1:0] rl_y_q;
  reg  [15:0]    rl_a_q;
  reg  [15:0]    gf_q, gl_q, cbf_q;                               // first, last group tag; first packet
  reg  [17:0]    ylo_q, yhi_q, yend_q;                            // y' in the image: ylo <= y' < yhi; yend: the last row
  reg  [17:0]    xend_q;                                          // last column of the tile

  wire fold_last = fold_q == cmd_i[`WEFT_CONV_folds] - 16'd1;
  wire xb_last   = xb_q == cmd_i[`WEFT_CONV_NX] - 16'd1;
  wire yb_last   = yb_q == cmd_i[`WEFT_CONV_NY] - 16'd1;
  wire mb_last   = mb_q == cmd_i[`WEFT_CONV_NM] - 16'd1;

  wire [8:0]     nr_sum  = {1'b0, r0_q} + {1'b0, f_dr};
  wire           nr_wrap = nr_sum >= {1'b0, f_r};
  wire           whole   = fold_last || nr_q == 8'd0;             // the fold's last pair is a last filter row
  wire [15:0]    last_g  = fold_last ? gm_q + cmd_i[`WEFT_CONV_groups] - 16'd1
                                     : gm_q + ng_q - {15'd0, nr_q == 8'd0};
  wire [7:0]     last_r  = (whole ? f_r : nr_q) - 8'd1;
  wire [Y_W-1:0] last_y  = (whole ? cmd_i[`WEFT_CONV_r_span] : nr_y_q) - dil_y;
  wire [15:0]    last_a  = (whole ? c_span : nr_a_q) - c_dil;
  wire [15:0]    first_g = gm_q + g0_q;
  wire [15:0]    gf      = first_g >> share;

  // -- packets of a pass ------------------------------------------------------------------------------------------------------
  reg  [17:0]    x_q;                                             // ifmap column
  reg  [15:0]    x_a_q, gt_q, cb_q;
  reg  [3:0]     kp_q;                                            // packet within the group
  reg  [7:0]     e_q, r_q, rlo_q, rhi_q, rmid_q;
  reg  [Y_W-1:0] y_q, e_y_q, rlo_y_q, rhi_y_q, rmid_y_q;          // y' of the packet; stride_y * (e' + 1)
  reg  [15:0]    a_q, e_a_q, rlo_a_q, rhi_a_q, rmid_a_q;
  reg  [CNT_W-1:0] wr_q;                                          // window words begun before this column, running
  reg            s1_valid_q;

  wire           s1_ready = !s1_valid_q || pkt_ready_i;
  wire           run      = state_q == S_RUN;
  wire           step     = run && s1_ready;
  wire           r_last   = r_q == rhi_q;
  wire           e_last   = {8'd0, e_q} == cmd_i[`WEFT_CONV_y_step] - 16'd1;
  wire           kp_last  = kp_q == kp_max;
  wire           g_last   = gt_q == gl_q;
  wire           x_last   = x_q == xend_q;
  wire           pkt_end  = r_last && e_last;                     // all rows of this packet's channels
  wire           col_end  = pkt_end && kp_last && g_last;
  wire           pass_end = step && col_end && x_last;

  // rows of e' >= k0 below rmid have been sent for e' - k0 already
  wire           all_rows = {1'b0, e_q} + 9'd1 < {1'b0, f_k0} || rlo_q == rhi_q;
  wire [8:0]     mid      = {1'b0, rhi_q} + 9'd1 - {1'b0, f_rsh};
  wire           mid_used = !mid[8] && mid[7:0] > rlo_q;

  // room: words of the window in use when this column has been begun
  wire [CNT_W-1:0] used   = wr_q - base_i;
  localparam [CNT_W-1:0] WINDOW = 1 << W_AW;
  wire [CNT_W-1:0] q_w    = {{(CNT_W-5){1'b0}}, q_words};
  wire [CNT_W-1:0] free1  = WINDOW - used - q_w;                  // negative: no room
  wire [CNT_W-1:0] free2  = free1 - q_w;                          // for the column after it
  wire [CNT_W-1:0] wr_al  = (wr_q + W_BANKS[CNT_W-1:0] - 1'b1) & ALIGN;

  wire one_group   = gf_q == gl_q;
  wire next_last_g = gt_q + 16'd1 == gl_q;

  assign par_o    = par_q;
  assign take_o   = state_q == S_IDLE && idle_q && pend_i[par_q];
  assign finish_o = pass_end && fold_last && xb_last && yb_last && mb_last;

  always @(posedge clk_i) idle_q <= rst_ni && state_q == S_IDLE;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= S_IDLE;
      par_q   <= 1'b0;
      wr_q    <= {CNT_W{1'b0}};
    end else case (state_q)
      S_IDLE: if (take_o) state_q <= S_PREP;
      S_PREP: state_q <= S_NEW;
      S_NEW:  if (s1_ready) begin
        state_q <= S_GAP;
        wr_q    <= wr_al;
      end
      S_GAP, S_WAIT: state_q <= free1[CNT_W-1] ? S_WAIT : S_RUN;
      S_RUN:  if (step && col_end) begin
        wr_q <= wr_q + q_w;
        if (!x_last)                state_q <= free2[CNT_W-1] ? S_WAIT : S_RUN;
        else if (finish_o) begin
          state_q <= S_IDLE;
          par_q   <= !par_q;
        end else                    state_q <= S_PREP;
      end
      default: state_q <= S_IDLE;
    endcase
  end

  // -- pass state -------------------------------------------------------------------------------------------------------------
  always @(posedge clk_i) begin
    if (state_q == S_IDLE) begin
      mb_q   <= 16'd0;
      yb_q   <= 16'd0;
      xb_q   <= 16'd0;
      fold_q <= 16'd0;
      gm_q   <= 16'd0;
      r0_q   <= 8'd0;
      g0_q   <= 16'd0;
      r0_y_q <= {Y_W{1'b0}};
      r0_a_q <= 16'd0;
      yb_y_q <= 18'd0 - {10'd0, cmd_i[`WEFT_CONV_pad_top]};
      yb_a_q <= cmd_i[`WEFT_CONV_in_base] - prod_i[34*6 +: 16];
      xb_x_q <= 18'd0 - {10'd0, cmd_i[`WEFT_CONV_pad_left]};
      xb_a_q <= 16'd0 - prod_i[34*7 +: 16];
    end else if (pass_end) begin
      if (!fold_last) begin
        fold_q <= fold_q + 16'd1;
        r0_q   <= nr_q;
        g0_q   <= ng_q;
        r0_y_q <= nr_y_q;
        r0_a_q <= nr_a_q;
      end else begin
        fold_q <= 16'd0;
        r0_q   <= 8'd0;
        g0_q   <= 16'd0;
        r0_y_q <= {Y_W{1'b0}};
        r0_a_q <= 16'd0;
        xb_q   <= xb_last ? 16'd0 : xb_q + 16'd1;
        xb_x_q <= xb_last ? c_x0 : xb_x_q + c_tile;
        xb_a_q <= xb_last ? c_x0_a : xb_a_q + c_tile_a;
        if (xb_last) begin
          yb_q   <= yb_last ? 16'd0 : yb_q + 16'd1;
          yb_y_q <= yb_last ? c_y0 : yb_y_q + {2'd0, c_blk_y};
          yb_a_q <= yb_last ? c_y0_a : yb_a_q + c_blk_a;
          if (yb_last) begin
            mb_q <= mb_q + 16'd1;
            gm_q <= gm_q + cmd_i[`WEFT_CONV_g_step];
          end
        end
      end
    end
    if (state_q == S_PREP) begin
      nr_q   <= nr_sum[7:0] - (nr_wrap ? f_r : 8'd0);
      nr_y_q <= r0_y_q + c_pair_y - (nr_wrap ? cmd_i[`WEFT_CONV_r_span] : 16'd0);
      nr_a_q <= r0_a_q + c_pair_a - (nr_wrap ? c_span : 16'd0);
      ng_q   <= g0_q + f_dg + {15'd0, nr_wrap};
      ylo_q  <= 18'd0 - yb_y_q;
      yhi_q  <= {2'd0, in_h} - yb_y_q;
      xend_q <= xb_last ? c_end : xb_x_q + c_full;
    end
    if (state_q == S_NEW) begin
      rl_q   <= last_r;
      rl_y_q <= last_y;
      rl_a_q <= last_a;
      gf_q   <= gf;
      cbf_q  <= gf << split;
      gl_q   <= last_g >> share;
      yend_q <= yhi_q - 18'd1;
    end
  end

  // -- packet state -----------------------------------------------------------------------------------------------------------
  wire col_start = state_q == S_GAP || (step && col_end);
  always @(posedge clk_i) begin
    rmid_q   <= mid_used ? mid[7:0] : rlo_q;
    rmid_y_q <= mid_used ? rhi_y_q - c_back_y : rlo_y_q;
    rmid_a_q <= mid_used ? rhi_a_q - c_back_a : rlo_a_q;

    if (state_q == S_GAP) begin
      x_q   <= xb_x_q;
      x_a_q <= xb_a_q;
    end else if (step && col_end) begin
      x_q   <= x_q + 18'd1;
      x_a_q <= x_a_q + cmd_i[`WEFT_CONV_in_pix];
    end

    if (col_start) begin
      gt_q    <= gf_q;
      cb_q    <= cbf_q;
      kp_q    <= 4'd0;
      rlo_q   <= r0_q;
      rlo_y_q <= r0_y_q;
      rlo_a_q <= r0_a_q;
      rhi_q   <= one_group ? rl_q : f_r - 8'd1;
      rhi_y_q <= one_group ? rl_y_q : cmd_i[`WEFT_CONV_r_span] - dil_y;
      rhi_a_q <= one_group ? rl_a_q : c_span - c_dil;
    end else if (step && pkt_end) begin
      cb_q <= cb_q + 16'd1;
      kp_q <= kp_last ? 4'd0 : kp_q + 4'd1;
      if (kp_last) begin
        gt_q    <= gt_q + 16'd1;
        rlo_q   <= 8'd0;
        rlo_y_q <= {Y_W{1'b0}};
        rlo_a_q <= 16'd0;
        rhi_q   <= next_last_g ? rl_q : f_r - 8'd1;
        rhi_y_q <= next_last_g ? rl_y_q : cmd_i[`WEFT_CONV_r_span] - dil_y;
        rhi_a_q <= next_last_g ? rl_a_q : c_span - c_dil;
      end
    end

    if (col_start || (step && pkt_end)) begin
      e_q   <= 8'd0;
      e_y_q <= str_y;
      e_a_q <= c_str;
      r_q   <= col_start ? r0_q   : kp_last ? 8'd0        : rlo_q;
      y_q   <= col_start ? r0_y_q : kp_last ? {Y_W{1'b0}} : rlo_y_q;
      a_q   <= col_start ? r0_a_q : kp_last ? 16'd0       : rlo_a_q;
    end else if (step && r_last) begin
      e_q   <= e_q + 8'd1;
      e_y_q <= e_y_q + str_y;
      e_a_q <= e_a_q + c_str;
      r_q   <= all_rows ? rlo_q : rmid_q;
      y_q   <= e_y_q + (all_rows ? rlo_y_q : rmid_y_q);
      a_q   <= e_a_q + (all_rows ? rlo_a_q : rmid_a_q);
    end else if (step) begin
      r_q   <= r_q + 8'd1;
      y_q   <= y_q + dil_y;
      a_q   <= a_q + c_dil;
    end
  end

  // -- output stage -----------------------------------------------------------------------------------------------------------
  wire signed [17:0] y_s = {2'd0, y_q};
  wire zero_y   = y_s < $signed(ylo_q) || y_s >= $signed(yhi_q);
  wire zero_x   = x_q[17] || x_q >= {2'd0, in_w};
  wire zero_end = y_s == $signed(yend_q) && x_q >= {2'd0, in_wl};
  wire [15:0] chan = NET_BYTES == 8 ? cb_q >> 1 : cb_q;
  wire [W_AW-1:0] waddr = wr_q[W_AW-1:0] + {{(W_AW-4){1'b0}}, kp_q << LGB};
  wire [W_BANKS-1:0] ones = ~({W_BANKS{1'b1}} << q_words);        // Q ones, or all

  reg              s1_new_q, s1_par_q, s1_zero_q, s1_end_q, s1_half_q;
  reg  [15:0]      s1_a_q, s1_col_q, s1_g_q;
  reg  [Y_W-1:0]   s1_y_q;
  reg  [W_AW-1:0]  s1_waddr_q;
  reg  [W_BANKS-1:0] s1_mask_q;
  reg  [4:0]       s1_qw_q;

  always @(posedge clk_i)
    if (!rst_ni)       s1_valid_q <= 1'b0;
    else if (s1_ready) s1_valid_q <= run || state_q == S_NEW;

  always @(posedge clk_i)
    if (s1_ready) begin
      s1_new_q   <= !run;
      s1_par_q   <= par_q;
      s1_zero_q  <= !run || zero_y || zero_x || zero_end;
      s1_end_q   <= run && col_end;
      s1_half_q  <= NET_BYTES == 8 && cb_q[0];
      s1_a_q     <= a_q + chan;
      s1_col_q   <= yb_a_q + x_a_q;
      s1_g_q     <= run ? gt_q : first_g;
      s1_y_q     <= run ? y_q : r0_y_q;
      s1_waddr_q <= waddr;
      s1_mask_q  <= ones << wr_q[LGB-1:0];
      s1_qw_q    <= q_words;
    end

  assign pkt_valid_o = s1_valid_q;
  assign pkt_new_o   = s1_new_q;
  assign pkt_par_o   = s1_par_q;
  assign pkt_zero_o  = s1_zero_q;
  assign pkt_end_o   = s1_end_q;
  assign pkt_addr_o  = s1_a_q + s1_col_q;
  assign pkt_half_o  = s1_half_q;
  assign pkt_g_o     = s1_g_q;
  assign pkt_y_o     = s1_y_q;
  assign pkt_waddr_o = s1_waddr_q;
  assign pkt_mask_o  = s1_mask_q;
  assign pkt_q_o     = s1_qw_q;

endmodule

`default_nettype wire
