// SPDX-License-Identifier: Apache-2.0
//
// Writes finished output positions to the buffer: the words of all columns that hold at least one valid byte, with byte strobes.
//
// For each position it walks the filter groups t, their output rows r (chain and column slot; ROWS: the chains are further rows),
// and the words of that run. Rows beyond the map and channels beyond M are never visited, so they cost nothing; a position without
// any valid byte costs one cycle. All addresses are running sums: nothing is multiplied.
//
// Throughput: one word per cycle while writes are granted. A position's assembly words are free again with its last word.
// cdone_o follows the grant of the command's last word by one cycle.

`default_nettype none
`include "weft_spec.vh"

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
  /* verilator lint_off UNUSEDSIGNAL */  // a record carries fields for other parts
  input  wire [1023:0] cmd_i,
  /* verilator lint_on UNUSEDSIGNAL */
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
  localparam integer FW = 7*16 + 3*8 + 13 + 4 + 1 + 4;

  generate if (COLS > (1 << CW)) begin : g_check
    ofmap_writer_column_number_too_narrow u_check ();
  end endgenerate

  wire          act, cmd_done;
  wire [FW-1:0] fields;
  wire [15:0]   out_base, out_row, out_pix, oh, ow_last, m_n, y_step;
  wire [7:0]    mt, e_cols, t_n;
  wire [3:0]    out_c0;
  wire          rows_kind;
  wire [15:0]   cmd_mt = cmd_i[`WEFT_CONV_MT];
  wire [7:0]    unused_mt = cmd_mt[15:8];
  wire [1:0]    kind = cmd_i[`WEFT_CONV_kind];
  // T * MT, channels of a filter block, from adders: both are small and every multiplier block is needed elsewhere.
  wire [7:0]    cmd_t = cmd_i[`WEFT_CONV_T];
  wire [2:0]    unused_t = cmd_t[7:5];
  wire [12:0]   mt13 = {5'd0, cmd_mt[7:0]};
  wire [12:0]   block_step = (cmd_t[0] ? mt13 : 13'd0) + (cmd_t[1] ? mt13 << 1 : 13'd0) + (cmd_t[2] ? mt13 << 2 : 13'd0) +
                             (cmd_t[3] ? mt13 << 3 : 13'd0) + (cmd_t[4] ? mt13 << 4 : 13'd0);
  wire [12:0]   t_mt;
  wire [3:0]    size;
  cmd_slot #(.WIDTH(FW)) u_cmd (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .valid_i (cmd_valid_i),
    .ready_o (cmd_ready_o),
    .fields_i({cmd_i[`WEFT_CONV_out_base], cmd_i[`WEFT_CONV_out_row], cmd_i[`WEFT_CONV_out_pix], cmd_i[`WEFT_CONV_OH],
               cmd_i[`WEFT_CONV_OW_last], cmd_i[`WEFT_CONV_M], cmd_i[`WEFT_CONV_y_step], cmd_mt[7:0],
               cmd_i[`WEFT_CONV_e_cols], cmd_i[`WEFT_CONV_T], block_step, cmd_i[`WEFT_CONV_out_c0], kind == 2'd0, size_i}),
    .valid_o (act),
    .fields_o(fields),
    .done_i  (cmd_done)
  );
  assign {out_base, out_row, out_pix, oh, ow_last, m_n, y_step, mt, e_cols, t_n, t_mt, out_c0, rows_kind, size} = fields;

  wire       pos;
  wire [2:0] flags;
  wire       pos_pop;
  stream_fifo #(.WIDTH(3), .DEPTH(2 * `WEFT_OBUF_WORDS)) u_positions (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .in_valid_i (position_i),
    .in_ready_o (unused_ready),             // a position owns at least one word of the assembly
    .in_data_i  (flags_i),
    .out_valid_o(pos),
    .out_ready_i(pos_pop),
    .out_data_o (flags)
  );
  wire unused_ready;
  wire row_end = flags[0];                  // last position of the row block
  wire blk_end = flags[1];
  wire cmd_end = flags[2];

  // ---- the run of filter group t: which bytes and words are valid. Loaded one t ahead, when the walk leaves the previous one. ----
  reg         run_q;                        // the registers below hold a t
  reg  [16:0] m0_q, m1_q;                   // mbase of this and of the next filter block's first t
  reg  [16:0] next_m_q;                     // mbase of the t after this one
  reg  [7:0]  t_q;
  reg         any_q, last_t_q;              // mbase < M; no further t has channels
  reg  [3:0]  off_q, elast_q;               // first byte of the first word, last byte of the last word
  reg  [2:0]  wlast_q, words_q;             // last valid word; words of the run, valid or not (chains are that far apart)
  reg  [12:0] cw_q;                         // word of the pixel in which the run starts
  wire        leave_t, pos_end;
  wire [16:0] block_m = blk_end ? m1_q : m0_q;
  wire [16:0] m_in    = !run_q ? 17'd0 : pos_end ? block_m : next_m_q;
  wire [7:0]  t_in    = !run_q || pos_end ? 8'd0 : t_q + 8'd1;
  wire [16:0] a_in    = m_in + {13'd0, out_c0};
  wire [16:0] next_in = m_in + {9'd0, mt};
  wire [16:0] left_in = {1'b0, m_n} - m_in;                          // valid channels from here on, if any
  wire        any_in  = m_in < {1'b0, m_n};
  wire [7:0]  len_in  = next_in > {1'b0, m_n} ? left_in[7:0] : mt;
  wire [7:0]  last_in = {4'd0, a_in[3:0]} + len_in - 8'd1;           // last valid byte, counted from the first word
  wire [7:0]  all_in  = {4'd0, a_in[3:0]} + mt + 8'd15;
  wire [4:0]  unused_in = {last_in[7], all_in[3:0]} ^ {4'd0, all_in[7]};
  wire [8:0]  unused_left = left_in[16:8];                           // < MT when it is used

  always @(posedge clk_i) begin
    if (!rst_ni || cmd_done) run_q <= 1'b0;
    else if (act)            run_q <= 1'b1;
    if (act && (!run_q || leave_t)) begin
      next_m_q <= next_in;
      t_q      <= t_in;
      any_q    <= any_in;
      last_t_q <= t_in == t_n - 8'd1 || next_in >= {1'b0, m_n};
      off_q    <= a_in[3:0];
      elast_q  <= last_in[3:0];
      wlast_q  <= last_in[6:4];
      words_q  <= all_in[6:4];
      cw_q     <= a_in[16:4];
      if (!run_q || pos_end) m0_q <= m_in;
      if (!run_q)                  m1_q <= {4'd0, t_mt};
      else if (pos_end && blk_end) m1_q <= m1_q + {4'd0, t_mt};
    end
  end

  // ---- the walk: rows of t, words of a row ----
  reg  [15:0] ox_q, pix_q;                  // output column, out_base + its word offset
  reg  [15:0] oy0_q, row0_q;                // first output row of the row block, its word offset
  reg  [15:0] r_q, oy_q, row_q;             // row within the block, output row, its word offset
  reg  [7:0]  e_q;                          // column slot within the chain
  reg  [CW-1:0] col0_q, col_q;              // first column of t, column
  reg  [2:0]  chain_q, w_q;                 // first word of the chain, word
  reg  [3:0]  base_q;                       // first assembly word of the position
  wire        go;                           // the step is taken
  wire        cut    = ox_q >= ow_last;     // the last output row does not reach this column
  wire [15:0] oh_1   = oh - 16'd1;
  wire        below  = oy_q > oh_1 || (oy_q == oh_1 && cut);                        // no valid row from here on
  wire [15:0] oy_nx  = oy_q + 16'd1;
  wire        r_end  = r_q == y_step - 16'd1 || oy_nx > oh_1 || (oy_nx == oh_1 && cut);
  wire        empty  = below || !any_q;     // only at a position's start
  wire        w_end  = w_q == wlast_q;
  wire        e_end  = e_q == e_cols - 8'd1;
  wire [15:0] row_nx = row_q + out_row;
  wire [CW-1:0] col_nx = col0_q + e_cols[CW-1:0];
  assign leave_t = go && (empty || (w_end && r_end));
  assign pos_end = empty || (w_end && r_end && last_t_q);
  assign pos_pop = go && pos_end;

  always @(posedge clk_i) begin
    if (!rst_ni)      base_q <= 4'd0;
    else if (pos_pop) base_q <= base_q + size;

    if (act && !run_q) begin
      {ox_q, oy0_q, row0_q, r_q, oy_q, row_q} <= 96'd0;
      pix_q  <= out_base;
      e_q    <= 8'd0;
      {col0_q, col_q} <= {2*CW{1'b0}};
      {chain_q, w_q}  <= 6'd0;
    end else if (go) begin
      w_q <= w_end || empty ? 3'd0 : w_q + 3'd1;
      if (pos_end) begin
        ox_q   <= row_end ? 16'd0 : ox_q + 16'd1;
        pix_q  <= row_end ? out_base : pix_q + out_pix;
        r_q    <= 16'd0;
        e_q    <= 8'd0;
        {col0_q, col_q} <= {2*CW{1'b0}};
        chain_q <= 3'd0;
        // When rows were cut the block was the last one, or everything after it is empty: row_nx does not matter then.
        if (blk_end) begin
          {oy0_q, row0_q, oy_q, row_q} <= 64'd0;
        end else if (row_end) begin
          {oy0_q, oy_q}   <= {2{oy0_q + y_step}};
          {row0_q, row_q} <= {2{row_nx}};
        end else begin
          oy_q  <= oy0_q;
          row_q <= row0_q;
        end
      end else if (w_end) begin
        if (r_end) begin
          r_q    <= 16'd0;
          oy_q   <= oy0_q;
          row_q  <= row0_q;
          e_q    <= 8'd0;
          col0_q <= col_nx;
          col_q  <= col_nx;
          chain_q <= 3'd0;
        end else begin
          r_q   <= r_q + 16'd1;
          oy_q  <= oy_nx;
          row_q <= row_nx;
          e_q   <= e_end ? 8'd0 : e_q + 8'd1;
          col_q <= e_end ? col0_q : col_q + 1'b1;
          if (e_end && rows_kind) chain_q <= chain_q + words_q;
        end
      end
    end
  end

  // ---- one word per step; strobes from the channel range ----
  reg             step_q;                            // a step waits for its word
  reg             void_q, end_q, last_q;             // it has no word; it ends the command; it ends the position
  reg  [15:0]     addr_q, strb_q;
  reg  [CW-1:0]   rcol_q;
  reg  [3:0]      rword_q, size_q;
  wire            out_ready;
  wire            keep       = !void_q || end_q;     // an empty position leaves no trace unless it ends the command
  wire            push       = step_q && (out_ready || !keep);
  wire [15:0]     first_mask = 16'hffff << off_q;
  wire [15:0]     last_mask  = 16'hffff >> (4'd15 - elast_q);
  wire [15:0]     strb = (w_q == 3'd0 ? first_mask : 16'hffff) & (w_end ? last_mask : 16'hffff);

  assign go       = act && run_q && pos && (!step_q || push);
  assign cmd_done = pos_pop && cmd_end;
  assign freed_o  = push && last_q ? size_q : 4'd0;

  always @(posedge clk_i) begin
    if (!rst_ni)   step_q <= 1'b0;
    else if (go)   step_q <= 1'b1;
    else if (push) step_q <= 1'b0;
    if (go) begin
      void_q  <= empty;
      last_q  <= pos_end;
      end_q   <= pos_end && cmd_end;
      addr_q  <= (pix_q + row_q) + ({3'd0, cw_q} + {13'd0, w_q});
      strb_q  <= empty ? 16'd0 : strb;
      rcol_q  <= col_q;
      rword_q <= base_q + {1'b0, chain_q + w_q};
      size_q  <= size;
    end
  end

  assign rbeat_o = rcol_q[CW-1:LW];
  assign rlane_o = rcol_q[LW-1:0];
  assign rword_o = rword_q;

  wire         out_valid, out_end;
  wire [15:0]  out_strb;
  stream_fifo #(.WIDTH(1 + 16 + 16 + 128), .DEPTH(4)) u_out (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .in_valid_i (step_q && keep),
    .in_ready_o (out_ready),
    .in_data_i  ({end_q, addr_q, strb_q, rdata_i}),
    .out_valid_o(out_valid),
    .out_ready_i(ow_gnt_i || out_strb == 16'd0),
    .out_data_o ({out_end, ow_addr_o, out_strb, ow_wdata_o})
  );
  assign ow_req_o   = out_valid && out_strb != 16'd0;
  assign ow_wstrb_o = out_strb;

  reg cdone_q;
  always @(posedge clk_i) cdone_q <= rst_ni && out_valid && out_end && (ow_gnt_i || out_strb == 16'd0);
  assign cdone_o = cdone_q;

`ifdef WEFT_ASSERT
  always @(posedge clk_i) if (rst_ni) assert (!position_i || unused_ready);   // the queue never overflows
`endif

endmodule

`default_nettype wire
