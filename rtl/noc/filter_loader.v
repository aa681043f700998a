// SPDX-License-Identifier: Apache-2.0
//
// The filter loader: reads a command's filter image in order and sends it on the filter Y-bus into the PEs' double-buffered spads.
//
// One load fills a bank with the filters of one (filter block, fold): for packet, for column group t, for row tag. The next load
// goes into the other bank while the sequencer uses the first, also across commands. With several folds all folds of a block are
// sent again for every tile, with one fold a block is loaded once. A row takes W_BANKS cycles to unpack a packet, so
// after each round over the row tags the loader pauses until W_BANKS cycles are full.
// Throughput: one packet per cycle. Latency: grant to tag 2 cycles, to data 3.

`default_nettype none
`include "weft_spec.vh"

module filter_loader #(
  parameter integer LANES     = 4,
  parameter integer NET_BYTES = 16,
  parameter integer W_BANKS   = 4,               // LANES-words of a packet
  parameter integer F_AW      = 8,
  parameter integer T_W       = 4,
  parameter integer R_W       = 4
) (
  input  wire              clk_i,
  input  wire              rst_ni,

  // commands: bank par_o is worked on when pend_i[par_o]
  input  wire [1:0]        pend_i,
  output wire              par_o,
  output wire              finish_o,             // pulse: the last packet of the command has been issued
  /* verilator lint_off UNUSEDSIGNAL */          // the other fields are for the other units
  input  wire [1023:0]     cmd_i,                // of bank par_o, one cycle late
  /* verilator lint_on UNUSEDSIGNAL */
  input  wire [15:0]       ntag_i,               // row tags, both banks
  input  wire [15:0]       zw_i,                 // filter zero points of both banks, 2 x 8 signed

  output wire              filled_o,             // pulse: a bank may be read
  input  wire              release_i,            // pulse: a bank is no longer read

  // buffer read port
  output wire              fl_req_o,
  output wire [15:0]       fl_addr_o,
  input  wire              fl_gnt_i,
  /* verilator lint_off UNUSEDSIGNAL */          // the latency is fixed: valid is for the assertion
  input  wire              fl_rvalid_i,
  /* verilator lint_on UNUSEDSIGNAL */
  input  wire [127:0]      fl_rdata_i,

  // Y-bus into row 0
  output wire              ft_valid_o,
  output wire              ft_par_o,
  output wire [T_W-1:0]    ft_t_o,
  output wire [R_W-1:0]    ft_row_o,
  output wire [F_AW-$clog2(W_BANKS)-1:0] fd_addr_o,
  output wire [W_BANKS*LANES*9-1:0] fd_o,

  output wire              ev_read_o,
  output wire              ev_packet_o
);

  localparam integer LGB  = $clog2(W_BANKS);
  localparam integer KW   = F_AW - 1 - LGB;      // counts packets of a bank
  localparam integer FILL = W_BANKS + 2;         // last packet issued -> last word written in row 0, seen from the sequencer

  // -- loops ------------------------------------------------------------------------------------------------------------------
  reg              par_q, bank_q;
  reg  [15:0]      mb_q, yb_q, xb_q, fold_q;
  reg  [15:0]      addr_q, mb_addr_q;            // next word; first word of the filter block
  reg  [15:0]      k_q;
  reg  [7:0]       t_q, row_q;
  reg              half_q;                       // the packet is the upper half of the word read before
  reg              begun_q, idle_q;              // a command is under way: addr_q is set; second cycle without one: cmd_i is right
  reg  [1:0]       used_q;                       // banks filled or being filled
  reg  [LGB:0]     pause_q;

  wire             run       = pend_i[par_q];
  reg  [7:0]       ntag;
  always @(posedge clk_i) ntag <= par_q ? ntag_i[15:8] : ntag_i[7:0];
  wire             row_last  = row_q == ntag - 8'd1;
  wire             t_last    = t_q == cmd_i[`WEFT_CONV_T] - 8'd1;
  wire             k_last    = k_q == cmd_i[`WEFT_CONV_filt_pkts] - 16'd1;
  wire             fold_last = fold_q == cmd_i[`WEFT_CONV_folds] - 16'd1;
  wire             one_fold  = fold_q == 16'd0 && fold_last;
  wire             xb_last   = one_fold || xb_q == cmd_i[`WEFT_CONV_NX] - 16'd1;
  wire             yb_last   = one_fold || yb_q == cmd_i[`WEFT_CONV_NY] - 16'd1;
  wire             mb_last   = mb_q == cmd_i[`WEFT_CONV_NM] - 16'd1;
  wire             first     = k_q == 16'd0 && t_q == 8'd0 && row_q == 8'd0;

  wire             may       = run && begun_q && pause_q == {(LGB+1){1'b0}} && (!first || !used_q[1]);
  wire             go        = may && (half_q || fl_gnt_i);
  wire             load_end  = go && row_last && t_last && k_last;
  wire             tile_end  = load_end && fold_last;
  wire             blk_end   = tile_end && xb_last && yb_last;
  wire             cmd_end   = blk_end && mb_last;
  wire [15:0]      addr_next = addr_q + {15'd0, !half_q};

  assign par_o     = par_q;
  assign finish_o  = cmd_end;
  assign fl_req_o  = may && !half_q;
  assign fl_addr_o = addr_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      par_q   <= 1'b0;
      bank_q  <= 1'b0;
      begun_q <= 1'b0;
      idle_q  <= 1'b0;
      used_q  <= 2'd0;
      pause_q <= {(LGB+1){1'b0}};
    end else begin
      idle_q  <= !begun_q && run;
      begun_q <= begun_q ? !cmd_end : idle_q && run;
      if (cmd_end)  par_q  <= !par_q;
      if (load_end) bank_q <= !bank_q;
      used_q <= used_q + {1'b0, go && first} - {1'b0, release_i};
      // Between commands rows change their tags: pause as if there was only one.
      if (cmd_end)                                               pause_q <= W_BANKS[LGB:0];
      else if (go && row_last && ntag < W_BANKS[7:0])            pause_q <= W_BANKS[LGB:0] - ntag[LGB:0];
      else if (pause_q != {(LGB+1){1'b0}})                       pause_q <= pause_q - 1'b1;
    end
  end

  always @(posedge clk_i) begin
    if (!begun_q) begin
      mb_q      <= 16'd0;
      yb_q      <= 16'd0;
      xb_q      <= 16'd0;
      fold_q    <= 16'd0;
      k_q       <= 16'd0;
      t_q       <= 8'd0;
      row_q     <= 8'd0;
      half_q    <= 1'b0;
      addr_q    <= cmd_i[`WEFT_CONV_filt_base];
      mb_addr_q <= cmd_i[`WEFT_CONV_filt_base];
    end else if (go) begin
      row_q  <= row_last ? 8'd0 : row_q + 8'd1;
      half_q <= NET_BYTES == 8 && !half_q && !load_end;           // a load starts on a new word
      addr_q <= tile_end && !blk_end ? mb_addr_q : addr_next;
      if (row_last)           t_q <= t_last ? 8'd0 : t_q + 8'd1;
      if (row_last && t_last) k_q <= k_last ? 16'd0 : k_q + 16'd1;
      if (load_end) fold_q <= fold_last ? 16'd0 : fold_q + 16'd1;
      if (tile_end) xb_q <= xb_last ? 16'd0 : xb_q + 16'd1;
      if (tile_end && xb_last) yb_q <= yb_last ? 16'd0 : yb_q + 16'd1;
      if (blk_end) begin
        mb_q      <= mb_q + 16'd1;
        mb_addr_q <= addr_next;
      end
    end
  end

  // -- Y-bus: the tag lane one cycle before the data lane -------------------------------------------------------------------
  reg              v1_q, v2_q, half1_q, half2_q, par1_q, par2_q, bank1_q, bank2_q;
  reg  [T_W-1:0]   t1_q, t2_q;
  reg  [R_W-1:0]   row1_q, row2_q;
  reg  [KW-1:0]    k1_q, k2_q;
  reg  [F_AW-LGB-1:0] addr3_q;
  reg  [63:0]      upper_q;                      // kept for the upper half's packet
  reg  [NET_BYTES*9-1:0] dat3_q;
  wire [NET_BYTES*8-1:0] word;
  wire [7:0]       zw = par2_q ? zw_i[15:8] : zw_i[7:0];

  generate
    if (NET_BYTES == 8) begin : g_half
      assign word = half2_q ? upper_q : fl_rdata_i[63:0];
    end else begin : g_full
      assign word = fl_rdata_i;
      wire unused_half = &{1'b0, half2_q, upper_q};
    end
  endgenerate

  integer b;
  always @(posedge clk_i) begin
    v1_q <= rst_ni && go;
    v2_q <= rst_ni && v1_q;
    if (go) begin
      half1_q <= half_q;
      par1_q  <= par_q;
      bank1_q <= bank_q;
      t1_q    <= t_q[T_W-1:0];
      row1_q  <= row_q[R_W-1:0];
      k1_q    <= k_q[KW-1:0];
    end
    half2_q <= half1_q;
    par2_q  <= par1_q;
    bank2_q <= bank1_q;
    t2_q    <= t1_q;
    row2_q  <= row1_q;
    k2_q    <= k1_q;
    if (v2_q) begin
      addr3_q <= {bank2_q, k2_q};
      if (!half2_q) upper_q <= fl_rdata_i[127:64];
      for (b = 0; b < NET_BYTES; b = b + 1)
        dat3_q[b*9 +: 9] <= {word[b*8+7], word[b*8 +: 8]} - {zw[7], zw};
    end
  end

  assign ft_valid_o = v2_q;
  assign ft_par_o   = par2_q;
  assign ft_t_o     = t2_q;
  assign ft_row_o   = row2_q;
  assign fd_addr_o  = addr3_q;
  assign fd_o       = dat3_q;

  // -- a bank counts as filled when the last packet's last word is in row 0's spads; the rows below are as late as their reads
  reg  [FILL-1:0]  fill_q;
  always @(posedge clk_i)
    fill_q <= rst_ni ? {fill_q[FILL-2:0], load_end} : {FILL{1'b0}};
  assign filled_o = fill_q[FILL-1];

  assign ev_read_o   = fl_req_o && fl_gnt_i;
  assign ev_packet_o = v1_q;

`ifdef WEFT_ASSERT
  always @(posedge clk_i)
    if (rst_ni) begin
      assert (used_q != 2'd3);
      if (v2_q && !half2_q) assert (fl_rvalid_i);
    end
`endif

endmodule

`default_nettype wire
