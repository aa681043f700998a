// SPDX-License-Identifier: Apache-2.0
//
// Turns finished output positions into runs: the words that one filter group t writes at one position, for its valid output rows.
//
// A run says where its words start, how many rows and words are valid and which bytes of the first and last word. Rows beyond the
// map and filter groups beyond M give no run; a position without any valid byte gives one void run, so that its memory is
// returned. Works ahead of the writer, which only counts. Addresses are running sums; the two products that a command needs
// (rows of a block in words, channels of a block) are added up bit by bit when it starts.
//
// Throughput: one run per cycle, one cycle more per row block, ten per command.

`default_nettype none
`include "weft_spec.vh"

module ofmap_runs #(
  parameter integer CW = 4                // bits of a column number
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

  // runs, valid/ready
  output wire          run_valid_o,
  input  wire          run_ready_i,
  output wire [15:0]   start_o,           // buffer word of the first row's first word
  output wire [15:0]   row_step_o,        // words from row to row
  output wire [7:0]    rows_1_o,          // valid rows - 1
  output wire [2:0]    wlast_o,           // last valid word of a row
  output wire [2:0]    words_o,           // words of a row, valid or not: distance of chains in the assembly
  output wire [3:0]    first_o,           // first byte of the first word
  output wire [3:0]    last_o,            // last byte of the last word
  output wire [CW-1:0] col_o,             // first column
  output wire [CW-1:0] e_1_o,             // columns of a chain - 1
  output wire          chains_o,          // further chains are further rows (ROWS)
  output wire [3:0]    size_o,
  output wire          void_o,            // no byte is valid
  output wire          pos_end_o,         // last run of the position
  output wire          cmd_end_o          // last run of the command
);

  localparam integer FW = 6*16 + 8 + CW + CW + 5 + 8 + 4 + 1 + 4;

  wire          act, cmd_done;
  wire [FW-1:0] fields;
  wire [15:0]   out_base, out_row, out_pix, oh, ow_last_1, m_n;
  wire [7:0]    y_step, mt;               // at most 255: rows of a block, PARAM_DEPTH
  wire [CW-1:0] e_cols, e_1;
  wire [4:0]    t_n;
  wire [3:0]    out_c0, size;
  wire          rows_kind;
  wire [15:0]   cmd_mt = cmd_i[`WEFT_CONV_MT], cmd_ys = cmd_i[`WEFT_CONV_y_step];
  wire [15:0]   cmd_ow_last = cmd_i[`WEFT_CONV_OW_last];
  wire [7:0]    cmd_t = cmd_i[`WEFT_CONV_T], cmd_e = cmd_i[`WEFT_CONV_e_cols];
  wire [1:0]    kind = cmd_i[`WEFT_CONV_kind];
  wire [7:0]    cmd_e_1 = cmd_e - 8'd1;
  wire [34:0]   unused_high = {cmd_mt[15:8], cmd_ys[15:8], cmd_t[7:5], cmd_e, cmd_e_1};
  cmd_slot #(.WIDTH(FW)) u_cmd (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .valid_i (cmd_valid_i),
    .ready_o (cmd_ready_o),
    .fields_i({cmd_i[`WEFT_CONV_out_base], cmd_i[`WEFT_CONV_out_row], cmd_i[`WEFT_CONV_out_pix], cmd_i[`WEFT_CONV_OH],
               cmd_ow_last - 16'd1, cmd_i[`WEFT_CONV_M], cmd_ys[7:0], cmd_e[CW-1:0], cmd_e_1[CW-1:0], cmd_t[4:0], cmd_mt[7:0],
               cmd_i[`WEFT_CONV_out_c0], kind == 2'd0, size_i}),
    .valid_o (act),
    .fields_o(fields),
    .done_i  (cmd_done)
  );
  assign {out_base, out_row, out_pix, oh, ow_last_1, m_n, y_step, e_cols, e_1, t_n, mt, out_c0, rows_kind, size} = fields;

  wire       pos, pos_pop;
  wire [2:0] flags;
  stream_fifo #(.WIDTH(3), .DEPTH(2 * `WEFT_OBUF_WORDS)) u_positions (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .in_valid_i (position_i),
    .in_ready_o (unused_ready),           // a position owns at least one word of the assembly
    .in_data_i  (flags_i),
    .out_valid_o(pos),
    .out_ready_i(pos_pop),
    .out_data_o (flags)
  );
  wire unused_ready;
  wire row_end = flags[0];                // last position of the row block
  wire blk_end = flags[1];
  wire cmd_end = flags[2];

  // ---- start of a command: y_step * out_row and T * MT, one bit a cycle ----
  reg         ready_q;                    // the products are there
  reg  [3:0]  bit_q;
  reg  [7:0]  ys_q;
  reg  [4:0]  tn_q;
  reg  [15:0] addend_q, rowstep_q;
  reg  [12:0] mt_q, blkstep_q;
  wire        begin_cmd = act && !ready_q && bit_q == 4'd9;      // last cycle of it
  always @(posedge clk_i) begin
    if (!rst_ni || cmd_done) begin
      ready_q <= 1'b0;
      bit_q   <= 4'd0;
    end else if (act && !ready_q) begin
      bit_q   <= bit_q + 4'd1;
      ready_q <= begin_cmd;
    end
    if (bit_q == 4'd0) begin
      ys_q      <= y_step;
      tn_q      <= t_n;
      addend_q  <= out_row;
      mt_q      <= {5'd0, mt};
      rowstep_q <= 16'd0;
      blkstep_q <= 13'd0;
    end else if (!ready_q && !begin_cmd) begin
      ys_q     <= ys_q >> 1;
      tn_q     <= tn_q >> 1;
      addend_q <= addend_q << 1;
      mt_q     <= mt_q << 1;
      if (ys_q[0]) rowstep_q <= rowstep_q + addend_q;
      if (tn_q[0]) blkstep_q <= blkstep_q + mt_q;
    end
  end

  // ---- place: filter block, row block, position, filter group ----
  // a: out_c0 + the group's first channel; left: channels of M from there on, not positive beyond M.
  reg  [16:0]        a0_q, a1_q, a_q;     // of this block's first group, the next block's, the current group
  reg  signed [17:0] left0_q, left1_q, left_q;
  reg  [15:0]        row0_q, pix_q, ox_q; // word offset of the row block; out_base + that of the column; output column
  reg  signed [17:0] rem_q;               // output rows from the block's first on
  reg                cut_q;               // the last output row does not reach this column
  reg  [7:0]         rows_q, rows_cut_q;  // valid rows of the block, where the last output row is complete and where it is cut
  reg                settle_q;            // they are being computed
  reg  [4:0]         t_q;
  reg  [CW-1:0]      col_q;
  reg                fin_q;               // the command's last run is made
  wire               made_ready, make;
  wire signed [17:0] mt_s   = {10'd0, mt};
  wire signed [17:0] ys_s   = {10'd0, y_step};
  wire [7:0]         rows   = cut_q ? rows_cut_q : rows_q;
  wire               none   = rows == 8'd0 || left_q <= 18'sd0;
  wire               single = left_q <= mt_s;                   // the group takes what is left
  wire               last_t = t_q == t_n - 5'd1 || single || rows == 8'd0;
  assign make    = act && ready_q && !fin_q && pos && !settle_q && made_ready;
  assign pos_pop = make && last_t;

  always @(posedge clk_i) begin
    if (!rst_ni || cmd_done)     fin_q <= 1'b0;
    else if (pos_pop && cmd_end) fin_q <= 1'b1;

    settle_q <= begin_cmd || (pos_pop && row_end);
    rows_q     <= rem_q <= 18'sd0 ? 8'd0 : rem_q <= ys_s ? rem_q[7:0] : y_step;
    rows_cut_q <= rem_q <= 18'sd0 ? 8'd0 : rem_q <= ys_s ? rem_q[7:0] - 8'd1 : y_step;

    if (begin_cmd) begin
      {a0_q, a_q}       <= {2{13'd0, out_c0}};
      a1_q              <= {13'd0, out_c0} + {4'd0, blkstep_q};
      {left0_q, left_q} <= {2{2'b00, m_n}};
      left1_q           <= {2'b00, m_n} - {5'd0, blkstep_q};
      row0_q <= 16'd0;
      pix_q  <= out_base;
      ox_q   <= 16'd0;
      cut_q  <= 1'b0;
      rem_q  <= {2'b00, oh};
      t_q    <= 5'd0;
      col_q  <= {CW{1'b0}};
    end else if (make) begin
      if (!last_t) begin
        t_q    <= t_q + 5'd1;
        col_q  <= col_q + e_cols;
        a_q    <= a_q + {9'd0, mt};
        left_q <= left_q - mt_s;
      end else begin
        t_q    <= 5'd0;
        col_q  <= {CW{1'b0}};
        a_q    <= blk_end ? a1_q : a0_q;
        left_q <= blk_end ? left1_q : left0_q;
        if (blk_end) begin
          a0_q    <= a1_q;
          left0_q <= left1_q;
          a1_q    <= a1_q + {4'd0, blkstep_q};
          left1_q <= left1_q - {5'd0, blkstep_q};
        end
        ox_q  <= row_end ? 16'd0 : ox_q + 16'd1;
        pix_q <= row_end ? out_base : pix_q + out_pix;
        cut_q <= !row_end && (cut_q || ox_q == ow_last_1);
        if (row_end) begin
          row0_q <= blk_end ? 16'd0 : row0_q + rowstep_q;
          rem_q  <= blk_end ? {2'b00, oh} : rem_q - ys_s;
        end
      end
    end
  end

  // ---- the run's words, one stage later ----
  reg                made_q;
  reg  [16:0]        ma_q;
  reg  [15:0]        mpix_q, mrow_q;
  reg  [7:0]         mrows_q, mleft_q;
  reg  [CW-1:0]      mcol_q;
  reg                msingle_q, mvoid_q, mpos_q, mcmd_q;
  wire               run_ready;
  assign made_ready = !made_q || run_ready;
  always @(posedge clk_i) begin
    if (!rst_ni)        made_q <= 1'b0;
    else if (make)      made_q <= 1'b1;
    else if (run_ready) made_q <= 1'b0;
    if (make) begin
      ma_q      <= a_q;
      mpix_q    <= pix_q;
      mrow_q    <= row0_q;
      mrows_q   <= rows;
      mleft_q   <= left_q[7:0];
      mcol_q    <= col_q;
      msingle_q <= single;
      mvoid_q   <= none;
      mpos_q    <= last_t;
      mcmd_q    <= last_t && cmd_end;
    end
  end
  assign cmd_done = fin_q && !made_q;                            // the fields are used up to here

  wire [7:0]  len     = msingle_q ? mleft_q : mt;
  wire [7:0]  to_last = {4'd0, ma_q[3:0]} + len - 8'd1;          // last valid byte, counted from the first word
  wire [7:0]  to_all  = {4'd0, ma_q[3:0]} + mt + 8'd15;
  wire [5:0]  unused_run = {to_last[7], to_all[7], to_all[3:0]};
  wire [15:0] start   = mpix_q + mrow_q + {3'd0, ma_q[16:4]};
  localparam integer RW = 2*16 + 8 + 2*3 + 2*4 + 2*CW + 1 + 4 + 3;
  stream_fifo #(.WIDTH(RW), .DEPTH(2)) u_runs (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .in_valid_i (made_q),
    .in_ready_o (run_ready),
    .in_data_i  ({start, out_row, mvoid_q ? 8'd0 : mrows_q - 8'd1, mvoid_q ? 3'd0 : to_last[6:4], to_all[6:4], ma_q[3:0], to_last[3:0],
                  mcol_q, e_1, rows_kind, size, mvoid_q, mpos_q, mcmd_q}),
    .out_valid_o(run_valid_o),
    .out_ready_i(run_ready_i),
    .out_data_o ({start_o, row_step_o, rows_1_o, wlast_o, words_o, first_o, last_o, col_o, e_1_o, chains_o, size_o, void_o, pos_end_o,
                  cmd_end_o})
  );

`ifdef WEFT_ASSERT
  always @(posedge clk_i) if (rst_ni) assert (!position_i || unused_ready);   // the queue never overflows
`endif

endmodule

`default_nettype wire
