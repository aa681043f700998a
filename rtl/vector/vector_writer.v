// SPDX-License-Identifier: Apache-2.0
//
// Writes the vector engine's result words to the buffer and says when the last one has been granted.
//
// Order: batches of BATCH output words; when the last step has taps, tap by tap within a batch, one word for each.
// Words come from the lanes, which cannot wait: the engine reserves a place here (room_o) before it sends the beats of a word.
// Throughput: one word per cycle while writes are granted.

`default_nettype none
`include "weft_spec.vh"

module vector_writer #(
  parameter integer BATCH = 4,            // output words of a batch, power of two
  parameter integer QUEUE = 16            // words of room: at least the lanes' latency for one word per cycle
) (
  input  wire          clk_i,
  input  wire          rst_ni,
  input  wire          start_i,           // one cycle, after cmd_i became stable
  /* verilator lint_off UNUSEDSIGNAL */   // a record carries fields for other parts
  input  wire [1023:0] cmd_i,             // stable until done_o
  /* verilator lint_on UNUSEDSIGNAL */

  input  wire          taps_i,            // the last step has taps; stable with cmd_i

  output wire          room_o,            // a word may be reserved
  input  wire          reserve_i,         // one cycle: it is
  input  wire          word_valid_i,      // a reserved word arrives
  input  wire [127:0]  word_i,

  // buffer write port: request and payload held until granted; always whole words
  output wire          vw_req_o,
  output wire [15:0]   vw_addr_o,
  output wire [127:0]  vw_wdata_o,
  output wire [15:0]   vw_wstrb_o,
  input  wire          vw_gnt_i,

  output wire          done_o             // one cycle: the last word is granted
);

  localparam integer RW = $clog2(QUEUE) + 1;
  reg [RW-1:0] room_q;
  wire         give = vw_req_o && vw_gnt_i;
  wire         pass_end, last, taps_last;
  wire         step_end = !taps_i || taps_last;
  wire [15:0]  word, tap;

  vector_walk #(.BATCH(BATCH), .STREAMS(1), .AW(16)) u_walk (
    .clk_i     (clk_i),
    .start_i   (start_i),
    .n0_i      (cmd_i[`WEFT_VEC_n0]),
    .n1_i      (cmd_i[`WEFT_VEC_n1]),
    .n2_i      (cmd_i[`WEFT_VEC_n2]),
    .base_i    (cmd_i[`WEFT_VEC_out_base]),
    .s0_i      (cmd_i[`WEFT_VEC_out_s0]),
    .s1_i      (cmd_i[`WEFT_VEC_out_s1]),
    .s2_i      (cmd_i[`WEFT_VEC_out_s2]),
    .take_i    (give),
    .again_i   (!step_end),
    .pass_end_o(pass_end),
    .last_o    (last),
    .addr_o    (word)
  );
  vector_taps u_taps (
    .clk_i   (clk_i),
    .start_i (start_i),
    .k0_i    (cmd_i[`WEFT_VEC_k0]),
    .k1_i    (cmd_i[`WEFT_VEC_k1]),
    .s0_i    (cmd_i[`WEFT_VEC_out_k0]),
    .s1_i    (cmd_i[`WEFT_VEC_out_k1]),
    .clear_i (give && pass_end && step_end),
    .take_i  (give && pass_end),
    .end_o   (taps_last),
    .offset_o(tap)
  );

  assign room_o     = room_q != {RW{1'b0}};
  assign done_o     = give && pass_end && step_end && last;
  assign vw_addr_o  = word + tap;
  assign vw_wstrb_o = 16'hffff;

  always @(posedge clk_i) begin
    if (!rst_ni) room_q <= QUEUE[RW-1:0];
    else         room_q <= room_q + {{(RW-1){1'b0}}, give} - {{(RW-1){1'b0}}, reserve_i};
  end

  stream_fifo #(.WIDTH(128), .DEPTH(QUEUE)) u_queue (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .in_valid_i (word_valid_i),
    .in_ready_o (unused_ready),           // room_q keeps a place for every word
    .in_data_i  (word_i),
    .out_valid_o(vw_req_o),
    .out_ready_i(vw_gnt_i),
    .out_data_o (vw_wdata_o)
  );
  wire unused_ready;

`ifdef WEFT_ASSERT
  always @(posedge clk_i) if (rst_ni) assert (!word_valid_i || unused_ready);   // the queue never overflows
`endif

endmodule

`default_nettype wire
