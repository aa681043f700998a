// SPDX-License-Identifier: Apache-2.0
//
// Writes finished output positions to the buffer: the words of all columns that hold at least one valid byte, with byte strobes.
//
// ofmap_runs says which words those are; this part walks a run's rows (ROWS: chain after chain) and the words of each row, reads
// the word from the assembly and hands it to the buffer. Every step but a void position's is a word with a valid byte.
//
// Throughput: one word per cycle while writes are granted. A position's assembly words are free again with its last word.
// cdone_o follows the grant of the command's last word by one cycle.

`default_nettype none

module ofmap_writer #(
  parameter integer COLS      = 4,
  parameter integer PPU_LANES = 4,
  parameter integer BEATS     = (COLS + PPU_LANES - 1) / PPU_LANES,   // derived, do not set
  parameter integer BW        = BEATS > 1 ? $clog2(BEATS) : 1         // derived, do not set
) (
  input  wire          clk_i,
  input  wire          rst_ni,

  // commands, in order
  input  wire          cmd_valid_i,
  output wire          cmd_ready_o,
  input  wire [1023:0] cmd_i,
  input  wire [3:0]    size_i,            // words that a position takes in the assembly, 1..8

  // finished positions, in order
  input  wire          position_i,
  input  wire [2:0]    flags_i,           // last of command, filter block, row block
  output wire [3:0]    freed_o,           // assembly words that become free in this cycle

  // assembly's read port, combinational
  output wire [BW-1:0] rbeat_o,
  output wire [$clog2(PPU_LANES)-1:0] rlane_o,
  output wire [3:0]    rword_o,
  input  wire [127:0]  rdata_i,

  // buffer write port: request and payload held until granted
  output wire          ow_req_o,
  output wire [15:0]   ow_addr_o,
  output wire [127:0]  ow_wdata_o,
  output wire [15:0]   ow_wstrb_o,
  input  wire          ow_gnt_i,

  output wire          cdone_o            // one cycle: a command is complete
);

  localparam integer LW = $clog2(PPU_LANES);
  localparam integer CW = BW + LW;        // bits of a column number

  generate if (COLS > (1 << CW)) begin : g_check
    ofmap_writer_column_number_too_narrow u_check ();
  end endgenerate

  wire          run, load;                // a next run is there, it is taken over
  wire [15:0]   start, row_step;
  wire [7:0]    rows_1;
  wire [2:0]    wlast, words;
  wire [3:0]    first, last, size;
  wire [CW-1:0] col, e_1;
  wire          chains, is_void, pos_end, cmd_end;
  ofmap_runs #(.CW(CW)) u_runs (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .cmd_valid_i(cmd_valid_i),
    .cmd_ready_o(cmd_ready_o),
    .cmd_i      (cmd_i),
    .size_i     (size_i),
    .position_i (position_i),
    .flags_i    (flags_i),
    .run_valid_o(run),
    .run_ready_i(load),
    .start_o    (start),
    .row_step_o (row_step),
    .rows_1_o   (rows_1),
    .wlast_o    (wlast),
    .words_o    (words),
    .first_o    (first),
    .last_o     (last),
    .col_o      (col),
    .e_1_o      (e_1),
    .chains_o   (chains),
    .size_o     (size),
    .void_o     (is_void),
    .pos_end_o  (pos_end),
    .cmd_end_o  (cmd_end)
  );

  // ---- walk the current run: rows, words ----
  reg          walk_q;                              // there is one; its description:
  reg [15:0]   row_step_q, mask_first_q, mask_last_q;
  reg [2:0]    wlast_q, words_q;
  reg [3:0]    size_q;
  reg [CW-1:0] col0_q, e_1_q;
  reg          chains_q, void_q, pos_end_q, cmd_end_q;
  reg [7:0]    rows_q;                              // rows after the current one
  reg [15:0]   addr_q, row_q;                       // buffer word: current, first of the row
  reg [2:0]    w_q, chain_q;                        // word of the row; the chain's first word in the assembly
  reg [CW-1:0] e_q, col_q;                          // column slot of the chain, column
  reg [3:0]    base_q;                              // the position's first word in the assembly
  wire         w_end = w_q == wlast_q;
  wire         r_end = rows_q == 8'd0;
  wire         e_end = e_q == e_1_q;
  wire         go;                                  // the step is taken
  wire [15:0]  row_nx = row_q + row_step_q;
  assign load = run && (!walk_q || (go && w_end && r_end));

  always @(posedge clk_i) begin
    if (!rst_ni)                   walk_q <= 1'b0;
    else if (load)                 walk_q <= 1'b1;
    else if (go && w_end && r_end) walk_q <= 1'b0;
    if (!rst_ni)                                base_q <= 4'd0;
    else if (go && w_end && r_end && pos_end_q) base_q <= base_q + size_q;

    if (load) begin
      row_step_q   <= row_step;
      mask_first_q <= is_void ? 16'd0 : 16'hffff << first;
      mask_last_q  <= 16'hffff >> (4'd15 - last);
      wlast_q      <= wlast;
      words_q      <= words;
      size_q       <= size;
      col0_q       <= col;
      e_1_q        <= e_1;
      chains_q     <= chains;
      void_q       <= is_void;
      pos_end_q    <= pos_end;
      cmd_end_q    <= cmd_end;
      rows_q       <= rows_1;
      {addr_q, row_q} <= {2{start}};
      {w_q, chain_q}  <= 6'd0;
      e_q          <= {CW{1'b0}};
      col_q        <= col;
    end else if (go) begin
      w_q    <= w_end ? 3'd0 : w_q + 3'd1;
      addr_q <= w_end ? row_nx : addr_q + 16'd1;
      if (w_end) begin
        rows_q <= rows_q - 8'd1;
        row_q  <= row_nx;
        e_q    <= e_end ? {CW{1'b0}} : e_q + 1'b1;
        col_q  <= e_end ? col0_q : col_q + 1'b1;
        if (e_end && chains_q) chain_q <= chain_q + words_q;
      end
    end
  end

  // ---- the step: fetch the word, hand it over ----
  reg             step_q;
  reg             wait_void_q, end_q, last_q;        // it has no word; it ends the command; it ends the position
  reg  [15:0]     step_addr_q, strb_q;
  reg  [CW-1:0]   rcol_q;
  reg  [3:0]      rword_q, free_q;
  wire            out_ready;
  wire            keep = !wait_void_q || end_q;      // an empty position leaves no trace unless it ends the command
  wire            push = step_q && (out_ready || !keep);
  assign go      = walk_q && (!step_q || push);
  assign freed_o = push && last_q ? free_q : 4'd0;

  always @(posedge clk_i) begin
    if (!rst_ni)   step_q <= 1'b0;
    else if (go)   step_q <= 1'b1;
    else if (push) step_q <= 1'b0;
    if (go) begin
      wait_void_q <= void_q;
      last_q      <= pos_end_q && w_end && r_end;
      end_q       <= cmd_end_q && w_end && r_end;
      step_addr_q <= addr_q;
      strb_q      <= (w_q == 3'd0 ? mask_first_q : 16'hffff) & (w_end ? mask_last_q : 16'hffff);
      rcol_q      <= col_q;
      rword_q     <= base_q + {1'b0, chain_q + w_q};
      free_q      <= size_q;
    end
  end

  assign rbeat_o = rcol_q[CW-1:LW];
  assign rlane_o = rcol_q[LW-1:0];
  assign rword_o = rword_q;

  wire out_valid, out_end, out_void;
  stream_fifo #(.WIDTH(2 + 16 + 16 + 128), .DEPTH(4)) u_out (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .in_valid_i (step_q && keep),
    .in_ready_o (out_ready),
    .in_data_i  ({end_q, wait_void_q, step_addr_q, strb_q, rdata_i}),
    .out_valid_o(out_valid),
    .out_ready_i(ow_gnt_i || out_void),
    .out_data_o ({out_end, out_void, ow_addr_o, ow_wstrb_o, ow_wdata_o})
  );
  assign ow_req_o = out_valid && !out_void;

  reg cdone_q;
  always @(posedge clk_i) cdone_q <= rst_ni && out_valid && out_end && (ow_gnt_i || out_void);
  assign cdone_o = cdone_q;

endmodule

`default_nettype wire
