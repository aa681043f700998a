// SPDX-License-Identifier: Apache-2.0
//
// Writes the vector engine's result words to the buffer and says when the last one has been granted.
//
// Words come from the lanes, which cannot wait: the engine reserves a place here (room_o) before it sends the beats of a word.
// Throughput: one word per cycle while writes are granted.

`default_nettype none
`include "weft_spec.vh"

module vector_writer #(
  parameter integer QUEUE = 16            // words of room: at least the lanes' latency for one word per cycle
) (
  input  wire          clk_i,
  input  wire          rst_ni,
  input  wire          start_i,           // one cycle, after cmd_i became stable
  /* verilator lint_off UNUSEDSIGNAL */   // a record carries fields for other parts
  input  wire [1023:0] cmd_i,             // stable until done_o
  /* verilator lint_on UNUSEDSIGNAL */

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
  wire [15:0]  n0 = cmd_i[`WEFT_VEC_n0], n1 = cmd_i[`WEFT_VEC_n1], n2 = cmd_i[`WEFT_VEC_n2];
  reg [15:0]   n0_1_q, n1_1_q, n2_1_q;    // last indices
  reg [15:0]   i0_q, i1_q, i2_q, o_q, o1_q, o2_q;
  reg [RW-1:0] room_q;
  wire         e0   = i0_q == n0_1_q;
  wire         e1   = i1_q == n1_1_q;
  wire         e2   = i2_q == n2_1_q;
  wire [15:0]  o1_n = e1 ? o2_q + cmd_i[`WEFT_VEC_out_s2] : o1_q + cmd_i[`WEFT_VEC_out_s1];
  wire         give = vw_req_o && vw_gnt_i;

  assign room_o     = room_q != {RW{1'b0}};
  assign done_o     = give && e0 && e1 && e2;
  assign vw_addr_o  = o_q;
  assign vw_wstrb_o = 16'hffff;

  always @(posedge clk_i) begin
    if (!rst_ni) room_q <= QUEUE[RW-1:0];
    else         room_q <= room_q + {{(RW-1){1'b0}}, give} - {{(RW-1){1'b0}}, reserve_i};

    if (start_i) begin
      {n0_1_q, n1_1_q, n2_1_q} <= {n0 - 16'd1, n1 - 16'd1, n2 - 16'd1};
      {i0_q, i1_q, i2_q} <= 48'd0;
      {o_q, o1_q, o2_q}  <= {3{cmd_i[`WEFT_VEC_out_base]}};
    end else if (give) begin
      i0_q <= e0 ? 16'd0 : i0_q + 16'd1;
      o_q  <= e0 ? o1_n : o_q + cmd_i[`WEFT_VEC_out_s0];
      if (e0) begin
        i1_q <= e1 ? 16'd0 : i1_q + 16'd1;
        o1_q <= o1_n;
        if (e1) begin
          i2_q <= i2_q + 16'd1;
          o2_q <= o1_n;
        end
      end
    end
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
