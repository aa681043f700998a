// SPDX-License-Identifier: Apache-2.0
//
// Reads a CONV command's requantisation entries from the buffer into the columns' parameter memories, one filter block ahead.
//
// Entries lie in the order (mb, t, i); entry i of t goes to every column of t. The memories have two banks used in turn by filter
// blocks (also across commands): while one serves the drain the other is filled. With the entries comes the place of a column's
// channels in the ofmap word, which depends on (mb, t) only: off = (out_c0 + mbase) mod 16 and the words that MT channels then touch.
//
// A lane serves columns l, l + PPU_LANES, ...: column = beat * PPU_LANES + lane. One memory a lane, so an entry takes BEATS writes.
// Throughput: one entry per BEATS cycles. A bank is reused only after the drain's last beat of it has left the
// lanes (free_i), because off and words are needed at the lanes' far end.

`default_nettype none
`include "weft_spec.vh"

module param_loader #(
  parameter integer COLS      = 4,
  parameter integer PPU_LANES = 4,
  parameter integer BEATS     = (COLS + PPU_LANES - 1) / PPU_LANES,   // derived, do not set
  parameter integer BW        = BEATS > 1 ? $clog2(BEATS) : 1         // derived, do not set
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,

  // commands, in order
  input  wire                 cmd_valid_i,
  output wire                 cmd_ready_o,
  /* verilator lint_off UNUSEDSIGNAL */  // a record carries fields for other parts
  input  wire [1023:0]        cmd_i,

  // buffer read port: request held until granted, data two cycles after the grant; bits that no entry uses are zero
  output wire                 pr_req_o,
  output wire [15:0]          pr_addr_o,
  input  wire                 pr_gnt_i,
  input  wire                 pr_rvalid_i,
  input  wire [127:0]         pr_rdata_i,
  /* verilator lint_on UNUSEDSIGNAL */

  // parameter memories: a write to every lane of we_o
  output wire [PPU_LANES-1:0] we_o,
  output wire                 wbank_o,
  output wire [BW-1:0]        wbeat_o,
  output wire [5:0]           wentry_o,
  output wire [74:0]          wdata_o,      // high, half, rs, ls, mult (31 bit), bias

  // banks
  output wire [1:0]           full_o,       // bank holds the entries of a filter block that the drain has not finished
  input  wire                 taken_i,      // one cycle: the drain has accepted the block's last vector
  input  wire                 free_i,       // one cycle: that vector has left the lanes, its bank may be filled again
  output wire [2*COLS*4-1:0]  off_o,        // (bank * COLS + column) * 4: first byte of the column's channels in their first word
  output wire [2*COLS*3-1:0]  words_o       // likewise * 3: words that they touch
);

  localparam integer EW    = $clog2(`WEFT_PARAM_DEPTH);
  localparam integer QUEUE = 8;             // entries between buffer and memories: covers the read latency
  localparam integer FW    = 16 + 16 + 8 + 8 + 8 + 4;

  generate if (EW != 6) begin : g_check
    param_loader_entry_index_is_6_bits_wide u_check ();
  end endgenerate

  wire          act, done;
  wire [FW-1:0] fields;
  wire [15:0]   base, nm;
  wire [7:0]    t_n, e_cols, mt;            // MT <= PARAM_DEPTH
  wire [3:0]    out_c0;
  cmd_slot #(.WIDTH(FW)) u_cmd (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .valid_i (cmd_valid_i),
    .ready_o (cmd_ready_o),
    .fields_i({cmd_i[`WEFT_CONV_param_base], cmd_i[`WEFT_CONV_NM], cmd_i[`WEFT_CONV_T], cmd_i[`WEFT_CONV_e_cols],
               cmd_mt[7:0], cmd_i[`WEFT_CONV_out_c0]}),
    .valid_o (act),
    .fields_o(fields),
    .done_i  (done)
  );
  wire [15:0] cmd_mt = cmd_i[`WEFT_CONV_MT];
  wire [7:0]  unused_mt = cmd_mt[15:8];
  assign {base, nm, t_n, e_cols, mt, out_c0} = fields;

  // ---- requests: open a bank when one is unused, then T * MT consecutive words ----
  reg         rq_open_q, rq_all_q, rq_first_q;
  reg  [15:0] rq_addr_q, rq_mb_q;
  reg  [7:0]  rq_t_q, rq_i_q;
  reg  [1:0]  owed_q;                       // banks opened and not yet freed
  reg  [3:0]  room_q;                       // free places in the queue, requests under way counted as used
  wire        pop;
  wire        open   = act && !rq_open_q && !rq_all_q && owed_q != 2'd2;
  wire        rq_end = rq_i_q == mt - 8'd1 && rq_t_q == t_n - 8'd1;

  assign pr_req_o  = rq_open_q && room_q != 4'd0;
  assign pr_addr_o = rq_addr_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      rq_open_q  <= 1'b0;
      rq_all_q   <= 1'b0;
      rq_first_q <= 1'b1;
      owed_q     <= 2'd0;
      room_q     <= QUEUE[3:0];
    end else begin
      owed_q <= owed_q + {1'b0, open} - {1'b0, free_i};
      room_q <= room_q + {3'd0, pop} - {3'd0, pr_req_o && pr_gnt_i};
      if (open) begin
        rq_open_q  <= 1'b1;
        rq_first_q <= 1'b0;
      end
      if (pr_req_o && pr_gnt_i && rq_end) begin
        rq_open_q <= 1'b0;
        rq_all_q  <= rq_mb_q == nm - 16'd1;
      end
      if (done) begin
        rq_all_q   <= 1'b0;
        rq_first_q <= 1'b1;
      end
    end
  end
  always @(posedge clk_i) begin
    if (open) begin
      rq_t_q <= 8'd0;
      rq_i_q <= 8'd0;
      if (rq_first_q) begin
        rq_addr_q <= base;
        rq_mb_q   <= 16'd0;
      end
    end
    if (pr_req_o && pr_gnt_i) begin
      rq_addr_q <= rq_addr_q + 16'd1;
      rq_i_q    <= rq_i_q + 8'd1;
      if (rq_i_q == mt - 8'd1) begin
        rq_i_q <= 8'd0;
        rq_t_q <= rq_t_q + 8'd1;
      end
      if (rq_end) rq_mb_q <= rq_mb_q + 16'd1;
    end
  end

  // ---- answers: into the lanes' memories ----
  wire        got;
  wire [74:0] entry;
  stream_fifo #(.WIDTH(75), .DEPTH(QUEUE)) u_queue (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .in_valid_i (pr_rvalid_i),
    .in_ready_o (unused_ready),             // room_q keeps a place for every request
    .in_data_i  ({pr_rdata_i[81:80], pr_rdata_i[76:72], pr_rdata_i[68:64], pr_rdata_i[62:32], pr_rdata_i[31:0]}),
    .out_valid_o(got),
    .out_ready_i(pop),
    .out_data_o (entry)
  );
  wire unused_ready;

  reg           bank_q, old_q;              // bank being filled; bank that the drain uses
  reg  [1:0]    full_q;
  reg  [15:0]   mb_q;
  reg  [7:0]    t_q, i_q, col_q;            // col_q: first column of t
  reg  [3:0]    off_q;                      // (out_c0 + mbase) mod 16
  reg  [BW-1:0] beat_q;
  reg           first_q;                    // nothing of the command has been written yet
  localparam integer LAST_BEAT = BEATS - 1;
  wire          last_beat = beat_q == LAST_BEAT[BW-1:0];
  wire          i_end     = i_q == mt - 8'd1;
  wire          mb_end    = pop && i_end && t_q == t_n - 8'd1;
  wire [3:0]    off       = first_q ? out_c0 : off_q;
  wire [7:0]    touched   = {4'd0, off} + mt + 8'd15;         // / 16: words
  wire [4:0]    unused_touched = {touched[7], touched[3:0]};

  assign pop     = got && last_beat;
  assign done    = mb_end && mb_q == nm - 16'd1;
  assign full_o  = full_q;
  assign wbank_o = bank_q;
  assign wbeat_o = beat_q;
  assign wentry_o = i_q[5:0];
  assign wdata_o = entry;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      bank_q  <= 1'b0;
      old_q   <= 1'b0;
      full_q  <= 2'b00;
      beat_q  <= {BW{1'b0}};
      mb_q    <= 16'd0;
      t_q     <= 8'd0;
      i_q     <= 8'd0;
      col_q   <= 8'd0;
      first_q <= 1'b1;
    end else begin
      if (got) beat_q <= last_beat ? {BW{1'b0}} : beat_q + 1'b1;
      if (pop) begin
        i_q     <= i_end ? 8'd0 : i_q + 8'd1;
        first_q <= done;
        if (i_end) begin
          t_q   <= mb_end ? 8'd0 : t_q + 8'd1;
          col_q <= mb_end ? 8'd0 : col_q + e_cols;
        end
      end
      if (mb_end) begin
        bank_q         <= !bank_q;
        full_q[bank_q] <= 1'b1;
        mb_q           <= done ? 16'd0 : mb_q + 16'd1;
      end
      if (taken_i) begin
        full_q[old_q] <= 1'b0;
        old_q         <= !old_q;
      end
    end
    if (pop) off_q <= i_end ? off + mt[3:0] : off;
  end

  // Which columns belong to t. A column beyond COLS has no channel word and is not stored.
  genvar l, j, b;
  generate
    for (l = 0; l < PPU_LANES; l = l + 1) begin : g_we
      wire [7:0] col = {{(8-BW){1'b0}}, beat_q} * PPU_LANES[7:0] + l;
      assign we_o[l] = got && col >= col_q && col < col_q + e_cols;
    end
    for (b = 0; b < 2; b = b + 1) begin : g_bank
      for (j = 0; j < COLS; j = j + 1) begin : g_col
        reg [3:0] off_of_q;
        reg [2:0] words_of_q;
        always @(posedge clk_i)
          if (got && i_q == 8'd0 && bank_q == b && j >= col_q && j < col_q + e_cols) begin
            off_of_q   <= off;
            words_of_q <= touched[6:4];
          end
        assign off_o[(b*COLS + j)*4 +: 4]   = off_of_q;
        assign words_o[(b*COLS + j)*3 +: 3] = words_of_q;
      end
    end
  endgenerate

`ifdef WEFT_ASSERT
  always @(posedge clk_i) if (rst_ni) assert (!pr_rvalid_i || unused_ready);   // the queue never overflows
`endif

endmodule

`default_nettype wire
