// SPDX-License-Identifier: Apache-2.0
//
// Reads the vector engine's operand words from the buffer, in the order in which the steps use them, ahead of their use.
//
// Order: batches of BATCH output words; within a batch step by step (those with taps tap by tap); within a step word by word, A before B.
// Steps that take neither read nothing. A word of A that two steps need is read twice: a word is a use, so the counter is exact without a cache.
// A word of B stays: the next use of B reads only if its word is another one (one value, or one for each row, would else cost a read a word).
// Throughput: one word per cycle while reads are granted. QUEUE words of room for A and for B cover the read latency.

`default_nettype none
`include "weft_spec.vh"

module vector_reader #(
  parameter integer BATCH = 4,            // output words of a batch, power of two
  parameter integer QUEUE = 16            // words of room for each operand
) (
  input  wire          clk_i,
  input  wire          rst_ni,
  input  wire          start_i,           // one cycle, after cmd_i became stable
  /* verilator lint_off UNUSEDSIGNAL */   // a record carries fields for other parts
  input  wire [1023:0] cmd_i,             // stable until the engine is done
  /* verilator lint_on UNUSEDSIGNAL */
  input  wire [3:0]    on_a_i,            // step i takes a word of A; stable with cmd_i
  input  wire [3:0]    on_b_i,            // a word of B
  input  wire [3:0]    taps_i,            // runs for every tap

  // buffer read port: request held until granted, data two cycles after the grant
  output wire          vr_req_o,
  output wire [15:0]   vr_addr_o,
  input  wire          vr_gnt_i,
  input  wire          vr_rvalid_i,
  input  wire [127:0]  vr_rdata_i,

  // operand words, valid/ready
  output wire          a_valid_o,
  input  wire          a_ready_i,
  output wire [127:0]  a_data_o,
  output wire          b_valid_o,
  input  wire          b_ready_i,
  output wire [127:0]  b_data_o,
  output wire [3:0]    b_byte_o           // byte of a splat B
);

  localparam integer RW = $clog2(QUEUE) + 1;

  wire [3:0] reads = on_a_i | on_b_i;
  reg        run_q, half_q;               // half: A of this use is requested, B is next
  reg  [1:0] step_q;
  reg        stays_q;                     // b_word_q was read in this command
  reg [15:0] b_word_q;
  wire [19:0] a, b;
  wire       on_a = on_a_i[step_q], on_b = on_b_i[step_q];
  wire        same    = stays_q && b_word_q == b[19:4];
  wire        now_b   = on_b && (!on_a || half_q);
  wire        use_end = now_b || !on_b || same;
  wire        use_b   = on_b && use_end;
  wire        fetch   = !now_b || !same;

  // The lowest reading step above this one, if any.
  wire [3:0] above     = reads & (4'b1110 << step_q);
  wire [1:0] next_step = above[1] ? 2'd1 : above[2] ? 2'd2 : 2'd3;
  wire [1:0] first     = reads[0] ? 2'd0 : reads[1] ? 2'd1 : reads[2] ? 2'd2 : 2'd3;

  reg  [RW-1:0] room_a_q, room_b_q;       // free places, requests under way counted as used
  reg           req_q;                    // a request waits for its grant; it leaves from registers
  reg  [15:0]   addr_q;
  wire          tag_ready;
  wire          uses_ready;
  wire          room = now_b ? room_b_q != {RW{1'b0}} : room_a_q != {RW{1'b0}};
  wire          move = run_q && (!fetch || (room && tag_ready && (!req_q || vr_gnt_i))) && (!use_b || uses_ready);
  wire          ask  = move && fetch;
  wire          take = move && use_end;   // the word's operands are all requested

  wire        pass_end, last, taps_last;
  wire        step_end  = !taps_i[step_q] || taps_last;
  wire        batch_end = step_end && above == 4'd0;
  wire [15:0] tap;
  wire        splat = cmd_i[`WEFT_VEC_b_splat];
  function [19:0] scaled(input splat_i, input [15:0] words);
    scaled = splat_i ? {4'd0, words} : {words, 4'd0};
  endfunction

  // A counts bytes as well, so that one walk serves both.
  vector_walk #(.BATCH(BATCH), .STREAMS(2), .AW(20)) u_walk (
    .clk_i     (clk_i),
    .start_i   (start_i),
    .n0_i      (cmd_i[`WEFT_VEC_n0]),
    .n1_i      (cmd_i[`WEFT_VEC_n1]),
    .n2_i      (cmd_i[`WEFT_VEC_n2]),
    .base_i    ({cmd_i[`WEFT_VEC_b_base], splat ? cmd_i[`WEFT_VEC_b_byte] : 4'd0, cmd_i[`WEFT_VEC_a_base], 4'd0}),
    .s0_i      ({scaled(splat, cmd_i[`WEFT_VEC_b_s0]), scaled(1'b0, cmd_i[`WEFT_VEC_a_s0])}),
    .s1_i      ({scaled(splat, cmd_i[`WEFT_VEC_b_s1]), scaled(1'b0, cmd_i[`WEFT_VEC_a_s1])}),
    .s2_i      ({scaled(splat, cmd_i[`WEFT_VEC_b_s2]), scaled(1'b0, cmd_i[`WEFT_VEC_a_s2])}),
    .take_i    (take),
    .again_i   (!batch_end),
    .pass_end_o(pass_end),
    .last_o    (last),
    .addr_o    ({b, a})
  );
  vector_taps u_taps (
    .clk_i   (clk_i),
    .start_i (start_i),
    .k0_i    (cmd_i[`WEFT_VEC_k0]),
    .k1_i    (cmd_i[`WEFT_VEC_k1]),
    .s0_i    (cmd_i[`WEFT_VEC_a_k0]),
    .s1_i    (cmd_i[`WEFT_VEC_a_k1]),
    .clear_i (take && pass_end && step_end),
    .take_i  (take && pass_end),
    .end_o   (taps_last),
    .offset_o(tap)
  );
  wire [3:0] unused_a = a[3:0];

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      run_q    <= 1'b0;
      req_q    <= 1'b0;
      room_a_q <= QUEUE[RW-1:0];
      room_b_q <= QUEUE[RW-1:0];
    end else begin
      room_a_q <= room_a_q + {{(RW-1){1'b0}}, a_valid_o && a_ready_i} - {{(RW-1){1'b0}}, ask && !now_b};
      room_b_q <= room_b_q + {{(RW-1){1'b0}}, b_pop} - {{(RW-1){1'b0}}, ask && now_b};
      if (ask)           req_q <= 1'b1;
      else if (vr_gnt_i) req_q <= 1'b0;
      if (start_i)              stays_q <= 1'b0;
      else if (ask && now_b)    stays_q <= 1'b1;
      if (start_i)                            run_q <= reads != 4'd0;
      else if (take && pass_end && batch_end && last) run_q <= 1'b0;
    end
    if (ask) addr_q <= now_b ? b[19:4] : a[19:4] + tap;
    if (ask && now_b) b_word_q <= b[19:4];
    if (start_i) begin
      step_q <= first;
      half_q <= 1'b0;
    end else if (move) begin
      half_q <= !use_end;
      if (use_end && pass_end && step_end) step_q <= batch_end ? first : next_step;
    end
  end
  assign vr_req_o  = req_q;
  assign vr_addr_o = addr_q;

  // What the words under way are.
  wire       tag_valid, tag_b;
  stream_fifo #(.WIDTH(1), .DEPTH(8)) u_tags (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .in_valid_i (ask),
    .in_ready_o (tag_ready),
    .in_data_i  (now_b),
    .out_valid_o(tag_valid),
    .out_ready_i(vr_rvalid_i),
    .out_data_o (tag_b)
  );
  wire a_room, b_room;
  stream_fifo #(.WIDTH(128), .DEPTH(QUEUE)) u_a (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .in_valid_i (vr_rvalid_i && !tag_b),
    .in_ready_o (a_room),                 // room_a_q keeps a place for every request
    .in_data_i  (vr_rdata_i),
    .out_valid_o(a_valid_o),
    .out_ready_i(a_ready_i),
    .out_data_o (a_data_o)
  );
  wire         b_word_valid;
  wire [127:0] b_word;
  wire         b_pop = b_ready_i && !b_same;
  stream_fifo #(.WIDTH(128), .DEPTH(QUEUE)) u_b (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .in_valid_i (vr_rvalid_i && tag_b),
    .in_ready_o (b_room),
    .in_data_i  (vr_rdata_i),
    .out_valid_o(b_word_valid),
    .out_ready_i(b_pop),
    .out_data_o (b_word)
  );
  // Uses of B in order: the word of the use before, or the next one; and the byte.
  wire         use_valid, b_same;
  reg  [127:0] b_last_q;
  stream_fifo #(.WIDTH(5), .DEPTH(QUEUE)) u_uses (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .in_valid_i (take && on_b),
    .in_ready_o (uses_ready),
    .in_data_i  ({same, b[3:0]}),
    .out_valid_o(use_valid),
    .out_ready_i(b_ready_i),
    .out_data_o ({b_same, b_byte_o})
  );
  assign b_valid_o = use_valid && (b_same || b_word_valid);
  assign b_data_o  = b_same ? b_last_q : b_word;
  always @(posedge clk_i) if (b_pop) b_last_q <= b_word;
  wire unused = &{1'b0, tag_valid, a_room, b_room};

`ifdef WEFT_ASSERT
  always @(posedge clk_i) if (rst_ni) assert (!vr_rvalid_i || (tag_valid && (tag_b ? b_room : a_room)));   // nothing overflows
`endif

endmodule

`default_nettype wire
