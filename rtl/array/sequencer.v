// SPDX-License-Identifier: Apache-2.0
//
// The one sequencer of the array: runs the loop nest of a CONV command and sends addresses and flags to the first row.
//
// for mb, yb, xb, fold (a pass), x (an output position), p (a filter: a walk), k < K (a cycle). All PEs run it in lockstep, one
// row later each, so this is the only place that decides: a pass waits for its filter bank, a position for its window words, the
// end of a walk of the last fold for room for its nchain psum vectors
// (none go out when the command leaves its sums in the accumulators). What has been issued always completes; a cycle that is not
// issued is a bubble that travels through the array without effect. Flags are delayed here, once, to match the PE's pipeline.
// Throughput: one issue per cycle, without bubbles between walks, positions and passes; three between commands. Stretched are passes
// of less than 4 cycles (accumulators: read to write), the first cycle of a pass with K == 1, positions with P*K == 1.

`default_nettype none
`include "weft_spec.vh"

module sequencer #(
  parameter integer LANES    = 4,
  parameter integer W_BANKS  = 4,
  parameter integer W_AW     = 6,
  parameter integer F_AW     = 8,
  parameter integer R_W      = 4,
  parameter integer CNT_W    = 14,               // window word counters
  parameter integer PF_DEPTH = 48                // psum queue, vectors
) (
  input  wire              clk_i,
  input  wire              rst_ni,

  // commands: bank par_o is worked on when pend_i[par_o]; finish_o marks the last issue of a command
  input  wire [1:0]        pend_i,
  output wire              par_o,
  output wire              finish_o,
  /* verilator lint_off UNUSEDSIGNAL */          // the other fields are for the other units
  input  wire [1023:0]     cmd_i,                // of bank par_o
  /* verilator lint_on UNUSEDSIGNAL */
  input  wire [2*W_AW+1:0] span_i,               // both banks: window words of a position, ((S-1)*dil_x + 1) * Q
  input  wire [15:0]       nchain_i,             // both banks, 2 x 8
  input  wire [31:0]       mac_i,                // both banks: multiplier uses of an issue

  // resources
  input  wire              filled_i,             // pulse: the loader has filled a filter bank
  output wire              release_o,            // pulse: a filter bank is no longer read
  input  wire [CNT_W-1:0]  delivered_i,          // window words written, running
  output wire [CNT_W-1:0]  base_o,               // window words no longer read, running
  input  wire              pop_i,                // a psum vector has left the queue

  // control of row 0
  output wire              re_o,
  output wire [F_AW-1:0]   faddr_o,
  output wire [W_AW-1:0]   waddr_o,
  output wire              acc_en_o,
  output wire              acc_first_o,
  output wire              out_en_o,
  output wire              out_par_o,
  output wire              slot_en_o,            // a psum vector: chain slot_o puts its sum on the drain
  output wire              slot_par_o,
  output wire [R_W-1:0]    slot_o,
  output wire              slot_fold0_o,         // for the accumulators, with slot_en_o: sums begin here,
  output wire              slot_foldn_o,         // sums go out,
  output wire              slot_start_o,         // first vector of the pass
  output wire              slot_last_o,          // last vector of the command

  output wire              ev_stall_ifmap_o,
  output wire              ev_stall_filter_o,
  output wire              ev_stall_out_o,
  output wire              ev_issue_o,
  output wire [15:0]       ev_mac_o
);

  localparam integer L     = $clog2(LANES);
  localparam integer KW    = F_AW - 1;           // counts words of a filter bank
  localparam integer XW    = $clog2(`WEFT_ACC_DEPTH);
  localparam integer PFW   = $clog2(PF_DEPTH + 1);
  localparam integer D_ACC = 3 + L;              // PE pipeline: address to accumulate
  localparam integer D_OUT = 4 + L;              // address to chain output

  // -- the command: a registered copy, so that the bank multiplexers stand in no other path -----------------------------------
  reg                par_q;
  wire               run    = pend_i[par_q];
  reg  [15:0]        k_max, p_max, mb_max, yb_max, xb_max, fold_max, n_ow, n_ft;
  reg  [7:0]         nchain;
  reg  [W_AW:0]      span;
  reg  [CNT_W-1:0]   step;                                               // words from position to position
  reg  [W_AW-1:0]    tap;                                                // from the last word of a tap to the next tap
  reg  [3:0]         q_m1;
  wire [2:0]         qw_lg  = cmd_i[`WEFT_CONV_qw_lg];
  wire [7:0]         dil_m1 = cmd_i[`WEFT_CONV_dil_x] - 8'd1;
  wire               unused = &{1'b0, dil_m1[7:W_AW]};                   // addresses wrap at the window

  always @(posedge clk_i) begin
    k_max    <= cmd_i[`WEFT_CONV_K] - 16'd1;
    p_max    <= cmd_i[`WEFT_CONV_P] - 16'd1;
    mb_max   <= cmd_i[`WEFT_CONV_NM] - 16'd1;
    yb_max   <= cmd_i[`WEFT_CONV_NY] - 16'd1;
    xb_max   <= cmd_i[`WEFT_CONV_NX] - 16'd1;
    fold_max <= cmd_i[`WEFT_CONV_folds] - 16'd1;
    n_ow     <= cmd_i[`WEFT_CONV_OW];
    n_ft     <= cmd_i[`WEFT_CONV_FT];
    nchain   <= par_q ? nchain_i[15:8] : nchain_i[7:0];
    span     <= par_q ? span_i[W_AW+1 +: W_AW+1] : span_i[0 +: W_AW+1];
    step     <= {{(CNT_W-8){1'b0}}, cmd_i[`WEFT_CONV_stride_x]} << qw_lg;
    tap      <= (dil_m1[W_AW-1:0] << qw_lg) + 1'b1;
    q_m1     <= ~(4'hf << qw_lg);
  end

  // -- loop state -------------------------------------------------------------------------------------------------------------
  reg  [15:0]        mb_q, yb_q, xb_q, fold_q;
  reg  [15:0]        xdone_q;                    // xb * FT
  reg  [XW-1:0]      x_q;                        // output position in the tile
  reg  [15:0]        x_max_q;                    // the last one
  reg  [KW-1:0]      p_q, k_q, fa_q;
  reg  [3:0]         w_q;
  reg  [W_AW-1:0]    wa_q;
  reg  [CNT_W-1:0]   base_q;
  reg                bank_q;
  reg                fold_0, fold_last, begins, gives;                   // gives: the fold's sums go to the lanes
  reg                xb_last, yb_last, mb_last;
  reg  [2:0]         settle_q;                   // after a change of command: copies, flags and limit_q follow
  reg                fresh_q;                    // first cycle of a pass: flags above and x_max_q are not yet this pass's
  reg                moved_q;                    // first cycle of a position: base_step_q, base_end_q are not yet this position's
  reg  [1:0]         issued_q, gap_q;            // cycles of this pass, up to 3; bubbles before the next
  reg  [7:0]         drain_q;                    // sums of the last walk that are still in their PEs

  always @(posedge clk_i) begin
    mb_last   <= mb_q == mb_max;
    yb_last   <= yb_q == yb_max;
    xb_last   <= xb_q == xb_max;
    fold_last <= fold_q == fold_max;
    fold_0    <= fold_q == 16'd0;
    begins    <= fold_q == 16'd0 && !cmd_i[`WEFT_CONV_psum_in];
    gives     <= fold_q == fold_max && !cmd_i[`WEFT_CONV_psum_out];
    x_max_q   <= (xb_q == xb_max ? n_ow - xdone_q : n_ft) - 16'd1;
  end

  wire x_last    = {{(16-XW){1'b0}}, x_q} == x_max_q;
  wire p_last    = {{(16-KW){1'b0}}, p_q} == p_max;
  wire k_last    = {{(16-KW){1'b0}}, k_q} == k_max;
  wire w_last    = w_q == q_m1;
  wire k_0       = k_q == {KW{1'b0}};
  wire at_pos    = k_0 && p_q == {KW{1'b0}};
  wire at_pass   = at_pos && x_q == {XW{1'b0}};

  // -- may the next cycle be issued? ------------------------------------------------------------------------------------------
  reg                win_ok_q;
  reg  [1:0]         loads_q;                    // filter banks that are full
  reg  [PFW-1:0]     room_q;                     // psum vectors that may still be issued
  wire               filt_ok = loads_q != 2'd0;
  wire               room_ok = {{(16-PFW){1'b0}}, room_q} >= {8'd0, nchain};
  wire               need_f  = at_pass && !filt_ok;
  wire               need_w  = at_pos && !win_ok_q;
  wire               need_r  = k_last && gives && !room_ok;
  // nchain <= K lets a walk's sums out before the next walk ends; a following command with a shorter walk has to wait.
  wire               hold    = settle_q[2] || (at_pass && gap_q != 2'd0) || (fresh_q && k_last) || (moved_q && k_last && p_last) ||
                               (k_last && drain_q != 8'd0);
  wire               go      = run && !need_f && !need_w && !need_r && !hold;

  wire               walk_end = go && k_last;
  wire               pos_end  = walk_end && p_last;
  wire               pass_end = pos_end && x_last;
  wire               tile_end = pass_end && fold_last;
  wire               row_end  = tile_end && xb_last;
  wire               blk_end  = row_end && yb_last;
  wire               cmd_end  = blk_end && mb_last;

  // -- window -----------------------------------------------------------------------------------------------------------------
  // A pass starts at a multiple of W_BANKS words, so that packets fall on aligned banks whatever Q the pass before had.
  // All candidates for the next base are registers, so that the issue decision only selects.
  localparam [CNT_W-1:0] ALIGN = ~(W_BANKS[CNT_W-1:0] - 1'b1);
  reg  [CNT_W-1:0]   limit_q;                    // a position at this base or below has all its words
  reg  [CNT_W-1:0]   base_step_q, base_end_q;    // base of the next position, of the next pass
  wire [CNT_W-1:0]   span_c   = {{(CNT_W-W_AW-1){1'b0}}, span};
  wire [CNT_W-1:0]   base_d   = !pos_end ? base_q : x_last ? base_end_q : base_step_q;
  wire [CNT_W-1:0]   to_stay  = limit_q - base_q;
  wire [CNT_W-1:0]   to_step  = limit_q - base_step_q;
  wire [CNT_W-1:0]   to_end   = limit_q - base_end_q;

  always @(posedge clk_i) begin
    limit_q     <= delivered_i - span_c;
    base_step_q <= base_q + step;
    base_end_q  <= (base_q + span_c + W_BANKS[CNT_W-1:0] - 1'b1) & ALIGN;
    if (!rst_ni) begin
      base_q   <= {CNT_W{1'b0}};
      win_ok_q <= 1'b0;
    end else begin
      base_q   <= base_d;
      win_ok_q <= !(pos_end ? (x_last ? to_end[CNT_W-1] : to_step[CNT_W-1]) : to_stay[CNT_W-1]);
    end
  end

  // -- loops ------------------------------------------------------------------------------------------------------------------
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      par_q   <= 1'b0;
      bank_q  <= 1'b0;
      mb_q    <= 16'd0;
      yb_q    <= 16'd0;
      xb_q    <= 16'd0;
      fold_q  <= 16'd0;
      xdone_q <= 16'd0;
      x_q     <= {XW{1'b0}};
      p_q     <= {KW{1'b0}};
      k_q     <= {KW{1'b0}};
      w_q     <= 4'd0;
      fa_q    <= {KW{1'b0}};
      wa_q    <= {W_AW{1'b0}};
    end else if (go) begin
      fa_q <= pos_end ? {KW{1'b0}} : fa_q + 1'b1;
      w_q  <= w_last ? 4'd0 : w_q + 1'b1;
      if (!walk_end) begin
        k_q  <= k_q + 1'b1;
        wa_q <= wa_q + (w_last ? tap : {{(W_AW-1){1'b0}}, 1'b1});
      end else begin
        k_q  <= {KW{1'b0}};
        wa_q <= base_d[W_AW-1:0];
        p_q  <= p_last ? {KW{1'b0}} : p_q + 1'b1;
      end
      if (pos_end)  x_q    <= x_last ? {XW{1'b0}} : x_q + 1'b1;
      if (pass_end) fold_q <= fold_last ? 16'd0 : fold_q + 16'd1;
      if (tile_end) begin
        xb_q    <= xb_last ? 16'd0 : xb_q + 16'd1;
        xdone_q <= xb_last ? 16'd0 : xdone_q + n_ft;
      end
      if (row_end) yb_q <= yb_last ? 16'd0 : yb_q + 16'd1;
      if (blk_end) mb_q <= mb_last ? 16'd0 : mb_q + 16'd1;
      if (cmd_end) par_q <= !par_q;
      if (release_o) bank_q <= !bank_q;
    end
  end

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      settle_q <= 3'b111;
      fresh_q  <= 1'b1;
      moved_q  <= 1'b1;
      issued_q <= 2'd0;
      gap_q    <= 2'd0;
      drain_q  <= 8'd0;
    end else begin
      settle_q <= cmd_end || !run ? 3'b111 : {settle_q[1:0], 1'b0};
      fresh_q  <= pass_end;
      moved_q  <= pos_end;
      if (walk_end)              drain_q <= nchain - 8'd1;
      else if (drain_q != 8'd0) drain_q <= drain_q - 8'd1;
      if (pass_end) begin
        issued_q <= 2'd0;
        gap_q    <= 2'd3 - issued_q;
      end else begin
        if (go && issued_q != 2'd3) issued_q <= issued_q + 2'd1;
        if (gap_q != 2'd0) gap_q <= gap_q - 2'd1;
      end
    end
  end

  // Filters stay for all tiles of a block when there is one fold.
  assign release_o = fold_0 && fold_last ? blk_end : pass_end;
  assign finish_o  = cmd_end;
  assign par_o     = par_q;
  assign base_o    = base_q;

  wire [PFW-1:0] taken = walk_end && gives ? nchain[PFW-1:0] : {PFW{1'b0}};
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      loads_q <= 2'd0;
      room_q  <= PF_DEPTH[PFW-1:0];
    end else begin
      loads_q <= loads_q + {1'b0, filled_i} - {1'b0, release_o};
      room_q  <= room_q - taken + {{(PFW-1){1'b0}}, pop_i};
    end
  end

  // -- control of row 0, flags in step with the PE's pipeline -----------------------------------------------------------------
  reg              re_q;
  reg  [F_AW-1:0]  faddr_q;
  reg  [W_AW-1:0]  waddr_q;
  reg  [D_ACC:0]   en_q, first_q;                // index = cycles after the address
  reg  [D_OUT:0]   end_q, cpar_q, f0_q, fn_q, ps_q, la_q;
  reg              slot_en_q, slot_par_q, slot_f0_q, slot_fn_q, slot_ps_q, slot_la_q;
  reg  [R_W-1:0]   slot_q;
  wire [7:0]       slot_n = slot_par_q ? nchain_i[15:8] : nchain_i[7:0];
  wire             slot_end = {{(8-R_W){1'b0}}, slot_q} == slot_n - 8'd1;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      re_q      <= 1'b0;
      en_q      <= {(D_ACC+1){1'b0}};
      end_q     <= {(D_OUT+1){1'b0}};
      slot_en_q <= 1'b0;
    end else begin
      re_q  <= go;
      en_q  <= {en_q[D_ACC-1:0], go};
      end_q <= {end_q[D_OUT-1:0], walk_end};
      if (end_q[D_OUT])                         slot_en_q <= 1'b1;
      else if (slot_end)                        slot_en_q <= 1'b0;
    end
  end

  always @(posedge clk_i) begin
    if (go) begin
      faddr_q <= {bank_q, fa_q};
      waddr_q <= wa_q;
    end
    first_q <= {first_q[D_ACC-1:0], k_0};
    cpar_q  <= {cpar_q[D_OUT-1:0], par_q};
    f0_q    <= {f0_q[D_OUT-1:0], begins};
    fn_q    <= {fn_q[D_OUT-1:0], gives};
    la_q    <= {la_q[D_OUT-1:0], cmd_end};
    ps_q    <= {ps_q[D_OUT-1:0], x_q == {XW{1'b0}} && p_q == {KW{1'b0}}};
    slot_ps_q <= end_q[D_OUT] && ps_q[D_OUT];
    if (end_q[D_OUT]) begin
      slot_q     <= {R_W{1'b0}};
      slot_par_q <= cpar_q[D_OUT];
      slot_f0_q  <= f0_q[D_OUT];
      slot_fn_q  <= fn_q[D_OUT];
      slot_la_q  <= la_q[D_OUT];
    end else if (slot_en_q) begin
      slot_q <= slot_q + 1'b1;
    end
  end

  assign re_o         = re_q;
  assign faddr_o      = faddr_q;
  assign waddr_o      = waddr_q;
  assign acc_en_o     = en_q[D_ACC];
  assign acc_first_o  = first_q[D_ACC];
  assign out_en_o     = end_q[D_OUT];
  assign out_par_o    = cpar_q[D_OUT];
  assign slot_en_o    = slot_en_q;
  assign slot_par_o   = slot_par_q;
  assign slot_o       = slot_q;
  assign slot_fold0_o = slot_f0_q;
  assign slot_foldn_o = slot_fn_q;
  assign slot_start_o = slot_ps_q;
  assign slot_last_o  = slot_la_q && slot_end;

  // -- events -----------------------------------------------------------------------------------------------------------------
  reg        stall_f_q, stall_w_q, stall_r_q;
  reg [15:0] mac_q;
  always @(posedge clk_i) begin
    stall_f_q <= rst_ni && run && need_f;
    stall_w_q <= rst_ni && run && !need_f && need_w;
    stall_r_q <= rst_ni && run && !need_f && !need_w && need_r;
    mac_q     <= !go ? 16'd0 : par_q ? mac_i[31:16] : mac_i[15:0];
  end
  assign ev_stall_filter_o = stall_f_q;
  assign ev_stall_ifmap_o  = stall_w_q;
  assign ev_stall_out_o    = stall_r_q;
  assign ev_issue_o        = re_q;
  assign ev_mac_o          = mac_q;

`ifdef WEFT_ASSERT
  always @(posedge clk_i)
    if (rst_ni) begin
      assert (loads_q != 2'd3);
      assert (room_q <= PF_DEPTH[PFW-1:0]);
      // a chain's sum must leave before the next walk replaces it
      if (end_q[D_OUT] && slot_en_q) assert ({{(8-R_W){1'b0}}, slot_q} == slot_n - 8'd1);
    end
`endif

endmodule

`default_nettype wire
