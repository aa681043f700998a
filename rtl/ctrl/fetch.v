// SPDX-License-Identifier: Apache-2.0
//
// Command fetch: reads records in order, checks them, and gives each legal one to dispatch with its index.
//
// Up to AHEAD records are requested before the first is dispatched; their room is reserved, so the shared read channel never waits
// for fetch. Reserved bits are checked beat by beat while a record is taken from the queue, fields by field_check afterwards.
// A record outside the window is reported only when everything before it has been dispatched, as a machine without prefetch would.
// Nothing beyond CMD_COUNT is read. Throughput: a record in 128/BUS_BYTES cycles, its field check and one. Latency: the memory's.

`default_nettype none
`include "weft_spec.vh"

module fetch #(
  parameter integer BUS_BYTES   = 8,
  parameter integer ROWS        = 2,
  parameter integer COLS        = 2,
  parameter integer LANES       = 4,
  parameter integer FSPAD_BYTES = 128,
  parameter integer NET_BYTES   = 8,
  parameter integer AHEAD       = 4        // records, power of two
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,          // also between jobs and after errors

  input  wire                   start_i,         // one cycle, while idle
  input  wire [31:0]            cmd_offset_i,    // bytes in region 0
  input  wire [31:0]            cmd_count_i,     // >= 1
  output wire                   busy_o,          // from start_i until the last record is dispatched

  // requests to axi_read, one record each
  output wire                   fq_valid_o,
  input  wire                   fq_ready_i,
  output wire [32:0]            fq_off_o,
  input  wire                   fq_fail_i,       // one cycle: dropped, outside the window
  input  wire [31:0]            fq_fail_addr_i,
  input  wire                   fr_valid_i,      // beats, always taken
  input  wire [BUS_BYTES*8-1:0] fr_data_i,

  // legal records to dispatch: stable while valid && !ready
  output wire                   rec_valid_o,
  input  wire                   rec_ready_i,
  output wire [767:0]           rec_o,           // words 0..23; the others are reserved in every command
  output wire [31:0]            rec_index_o,

  // one cycle; the fetched records end here
  output wire                   err_o,
  output wire [7:0]             err_cause_o,
  output wire [31:0]            err_addr_o,
  output wire [31:0]            err_index_o,
  output wire                   ev_beat_o,
  output wire [2:0]             debug_o
);

  localparam integer BITS  = BUS_BYTES * 8;
  localparam integer BEATS = 128 / BUS_BYTES;    // of a record
  localparam integer BB    = $clog2(BEATS);
  localparam integer KEPT  = 768 / BITS;         // beats of a record that can hold fields
  localparam [2:0] IDLE = 3'd0, TAKE = 3'd1, CHECK = 3'd2, GIVE = 3'd3, STOP = 3'd4;

  reg  [2:0]      state_q;
  reg  [32:0]     off_q;                         // next record to request
  reg  [31:0]     left_q;                        // records not yet requested
  reg  [31:0]     index_q, end_q;                // record being taken, CMD_COUNT
  reg  [2:0]      ahead_q;                       // records requested and not yet taken
  reg             outside_q;                     // a request failed; nothing more is requested
  reg  [31:0]     outside_addr_q;
  reg  [BB-1:0]   beat_q;
  reg  [767:0]    rec_q;
  reg  [7:0]      opcode_q;
  reg             reserved_q;                    // a reserved bit was seen in an earlier beat

  wire            beat_valid, room_unused, take, take_last;
  wire [BITS-1:0] beat;
  stream_fifo #(.WIDTH(BITS), .DEPTH(AHEAD*BEATS)) u_beats (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(fr_valid_i), .in_ready_o(room_unused), .in_data_i(fr_data_i),
    .out_valid_o(beat_valid), .out_ready_i(take), .out_data_o(beat));
  assign take      = beat_valid && state_q == TAKE;
  assign take_last = take && beat_q == {BB{1'b1}};

  // Requests.
  wire request = fq_valid_o && fq_ready_i;
  assign fq_valid_o = state_q != IDLE && left_q != 32'd0 && ahead_q != AHEAD[2:0] && !outside_q;
  assign fq_off_o   = off_q;
  always @(posedge clk_i) begin
    if (!rst_ni || state_q == IDLE) begin
      ahead_q   <= 3'd0;
      outside_q <= 1'b0;
    end else begin
      ahead_q <= ahead_q + {2'b00, request} - {2'b00, take_last} - {2'b00, fq_fail_i};
      if (fq_fail_i) outside_q <= 1'b1;
    end
  end
  always @(posedge clk_i) begin
    if (state_q == IDLE) begin
      off_q  <= {1'b0, cmd_offset_i};
      left_q <= cmd_count_i;
    end else if (request) begin
      off_q  <= off_q + 33'd128;
      left_q <= left_q - 32'd1;
    end
    if (fq_fail_i && !outside_q) outside_addr_q <= fq_fail_addr_i;
  end

  // A record: opcode from its first beat, reserved bits beat by beat.
  wire [7:0]      opcode = beat_q == {BB{1'b0}} ? beat[`WEFT_HDR_opcode] : opcode_q;
  reg  [BITS-1:0] mask;
  reg             known;
  localparam [1023:0] RSVD_LOAD = `WEFT_RSVD_LOAD, RSVD_STORE = `WEFT_RSVD_STORE, RSVD_CONV = `WEFT_RSVD_CONV, RSVD_VEC = `WEFT_RSVD_VEC,
                      RSVD_TRANSPOSE = `WEFT_RSVD_TRANSPOSE;
  always @* begin
    known = 1'b1;
    case (opcode)
      `WEFT_OP_LOAD:  mask = RSVD_LOAD [beat_q*BITS +: BITS];
      `WEFT_OP_STORE: mask = RSVD_STORE[beat_q*BITS +: BITS];
      `WEFT_OP_CONV:  mask = RSVD_CONV [beat_q*BITS +: BITS];
      `WEFT_OP_VEC:   mask = RSVD_VEC  [beat_q*BITS +: BITS];
      `WEFT_OP_TRANSPOSE: mask = RSVD_TRANSPOSE[beat_q*BITS +: BITS];
      default: begin
        mask  = {BITS{1'b0}};
        known = 1'b0;
      end
    endcase
  end
  wire reserved = reserved_q || (beat & mask) != {BITS{1'b0}};

  integer k;
  always @(posedge clk_i) begin
    if (!rst_ni)   reserved_q <= 1'b0;
    else if (take) reserved_q <= !take_last && reserved;
  end
  always @(posedge clk_i) if (take) begin
    opcode_q <= opcode;
    for (k = 0; k < KEPT; k = k + 1)
      if (beat_q == k[BB-1:0]) rec_q[BITS*k +: BITS] <= beat;
  end

  wire check_done, check_ok;
  field_check #(.ROWS(ROWS), .COLS(COLS), .LANES(LANES), .FSPAD_BYTES(FSPAD_BYTES), .NET_BYTES(NET_BYTES)) u_check (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(take_last), .rec_i(rec_q), .done_o(check_done), .ok_o(check_ok));

  wire gone = state_q == TAKE && outside_q && ahead_q == 3'd0 && !beat_valid;   // the failed record is next
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= IDLE;
      beat_q  <= {BB{1'b0}};
    end else begin
      if (take) beat_q <= beat_q + {{(BB-1){1'b0}}, 1'b1};
      case (state_q)
        IDLE:  if (start_i) state_q <= TAKE;
        TAKE:  if (gone) state_q <= STOP;
               else if (take_last) state_q <= known && !reserved ? CHECK : STOP;
        CHECK: if (check_done) state_q <= check_ok ? GIVE : STOP;
        GIVE:  if (rec_ready_i) state_q <= index_q + 32'd1 == end_q ? IDLE : TAKE;
        default: ;                               // STOP: an error was reported; a reset follows
      endcase
    end
  end
  always @(posedge clk_i) begin
    if (state_q == IDLE) begin
      index_q <= 32'd0;
      end_q   <= cmd_count_i;
    end else if (rec_valid_o && rec_ready_i) index_q <= index_q + 32'd1;
  end

  assign busy_o      = state_q != IDLE;
  assign rec_valid_o = state_q == GIVE;
  assign rec_o       = rec_q;
  assign rec_index_o = index_q;
  assign err_o       = gone || (take_last && (!known || reserved)) || (check_done && !check_ok);
  assign err_cause_o = gone ? `WEFT_ERR_WINDOW : check_done ? `WEFT_ERR_FIELD : !known ? `WEFT_ERR_OPCODE : `WEFT_ERR_RESERVED;
  assign err_addr_o  = gone ? outside_addr_q : 32'h0;
  assign err_index_o = index_q;
  assign ev_beat_o   = fr_valid_i;
  assign debug_o     = state_q;

  generate if (AHEAD > 4 || AHEAD < 2) begin : g_check
    fetch_AHEAD_must_be_2_to_4 u_bad ();
  end endgenerate
  wire unused = &{1'b0, room_unused};

endmodule

`default_nettype wire
