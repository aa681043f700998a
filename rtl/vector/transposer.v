// SPDX-License-Identifier: Apache-2.0
//
// Runs a TRANSPOSE command: blocks of up to 16 x 16 bytes, buffer to buffer.
//
// Two blocks are held, one being filled while the other is written out. A block stands in 16 byte-wide memories, skewed: byte b of input
// word j in memory (b + j) mod 16 at place j. So an input word and an output word both touch every memory once.
// Throughput: one word in and one word out per cycle while granted; a block takes max(rows, cols) cycles. Latency: about 25 cycles.

`default_nettype none
`include "weft_spec.vh"

module transposer (
  input  wire          clk_i,
  input  wire          rst_ni,
  input  wire          cmd_valid_i,       // TRANSPOSE commands, one at a time
  output wire          cmd_ready_o,
  input  wire [1023:0] cmd_i,
  output wire          done_o,            // one cycle: the last word is granted
  output wire          busy_o,

  // buffer ports: request and payload held until granted, read data two cycles after the grant
  output wire          vr_req_o,
  output wire [15:0]   vr_addr_o,
  input  wire          vr_gnt_i,
  input  wire          vr_rvalid_i,
  input  wire [127:0]  vr_rdata_i,
  output wire          vw_req_o,
  output wire [15:0]   vw_addr_o,
  output wire [127:0]  vw_wdata_o,
  input  wire          vw_gnt_i
);

  reg          run_q, start_q;
  /* verilator lint_off UNUSEDSIGNAL */   // reserved bits and header
  reg [1023:0] cmd_q;
  /* verilator lint_on UNUSEDSIGNAL */
  assign cmd_ready_o = !run_q;
  assign busy_o      = run_q;
  always @(posedge clk_i) begin
    if (!rst_ni) {run_q, start_q} <= 2'b00;
    else begin
      if (cmd_valid_i && cmd_ready_o) run_q <= 1'b1;
      else if (done_o)                run_q <= 1'b0;
      start_q <= cmd_valid_i && cmd_ready_o;
    end
    if (!run_q) cmd_q <= cmd_i;
  end
  wire [4:0] rows = cmd_q[`WEFT_TRANSPOSE_rows], cols = cmd_q[`WEFT_TRANSPOSE_cols];
  wire [3:0] c0   = cmd_q[`WEFT_TRANSPOSE_c0];
  wire [7:0] fill = cmd_q[`WEFT_TRANSPOSE_fill];
  wire [4:0] rows_1 = rows - 5'd1, cols_1 = cols - 5'd1;
  wire       unused_1 = rows_1[4] ^ cols_1[4];

  // ---- requests: block by block, row by row ----
  wire        in_end, in_last, room, ask;
  wire [15:0] in_block;
  reg         in_run_q, req_q;
  reg  [3:0]  in_j_q;
  reg  [15:0] row_q, addr_q;              // offset of the row within the block
  reg  [1:0]  used_q;                     // blocks held: requested for, and not yet read out
  reg         fresh_q;                    // the next request starts a block
  wire        freed;
  assign room = used_q != 2'd2 || !fresh_q;
  assign ask  = in_run_q && room && (!req_q || vr_gnt_i);
  assign in_end = in_j_q == rows_1[3:0];
  vector_walk #(.BATCH(2), .STREAMS(1), .AW(16)) u_in (
    .clk_i(clk_i), .start_i(start_q), .n0_i(cmd_q[`WEFT_TRANSPOSE_n0]), .n1_i(cmd_q[`WEFT_TRANSPOSE_n1]), .n2_i(16'd1),
    .base_i(cmd_q[`WEFT_TRANSPOSE_in_base]), .s0_i(cmd_q[`WEFT_TRANSPOSE_in_s0]), .s1_i(cmd_q[`WEFT_TRANSPOSE_in_s1]), .s2_i(16'd0),
    .take_i(ask && in_end), .again_i(1'b0), .pass_end_o(unused_in), .last_o(in_last), .addr_o(in_block));
  wire unused_in;
  always @(posedge clk_i) begin
    if (!rst_ni) {in_run_q, req_q, used_q} <= 4'd0;
    else begin
      if (start_q)                        in_run_q <= 1'b1;
      else if (ask && in_end && in_last) in_run_q <= 1'b0;
      if (ask)           req_q <= 1'b1;
      else if (vr_gnt_i) req_q <= 1'b0;
      used_q <= used_q + {1'b0, ask && fresh_q} - {1'b0, freed};
    end
    if (start_q) begin
      in_j_q  <= 4'd0;
      row_q   <= 16'd0;
      fresh_q <= 1'b1;
    end else if (ask) begin
      in_j_q  <= in_end ? 4'd0 : in_j_q + 4'd1;
      row_q   <= in_end ? 16'd0 : row_q + cmd_q[`WEFT_TRANSPOSE_in_row];
      fresh_q <= in_end;
    end
    if (ask) addr_q <= in_block + row_q;
  end
  assign vr_req_o  = req_q;
  assign vr_addr_o = addr_q;

  // ---- words come in ----
  reg  [3:0]   j_q;
  reg          half_in_q, half_out_q;
  reg  [1:0]   full_q;                    // blocks complete and not yet read out
  wire         came = vr_rvalid_i && run_q;
  wire         came_all = came && j_q == rows_1[3:0];
  wire [127:0] skewed;

  // ---- words go out: read, rotate, write ----
  reg  [3:0]   k_q, c_q, c1_q;            // output word within the block; column c0 + k; of the word read
  reg          read_q, out_req_q;         // a word stands in bytes1_q, in wdata_q
  reg  [127:0] bytes1_q, wdata_q;
  reg  [15:0]  out1_q, waddr_q, col_q;
  reg          last1_q, last_q;
  wire         out_last;
  wire [15:0]  out_block;
  wire [127:0] bytes, turned;
  wire         move  = !out_req_q || vw_gnt_i;                 // wdata_q can take a word
  wire         step  = !read_q || move;
  wire         fetch = full_q != 2'd0 && step;
  wire         out_end = k_q == cols_1[3:0];
  assign freed = fetch && out_end;
  vector_walk #(.BATCH(2), .STREAMS(1), .AW(16)) u_out (
    .clk_i(clk_i), .start_i(start_q), .n0_i(cmd_q[`WEFT_TRANSPOSE_n0]), .n1_i(cmd_q[`WEFT_TRANSPOSE_n1]), .n2_i(16'd1),
    .base_i(cmd_q[`WEFT_TRANSPOSE_out_base]), .s0_i(cmd_q[`WEFT_TRANSPOSE_out_s0]), .s1_i(cmd_q[`WEFT_TRANSPOSE_out_s1]), .s2_i(16'd0),
    .take_i(freed), .again_i(1'b0), .pass_end_o(unused_out), .last_o(out_last), .addr_o(out_block));
  wire unused_out;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      {half_in_q, half_out_q, full_q, read_q, out_req_q} <= 6'd0;
      j_q <= 4'd0;
    end else begin
      if (came) j_q <= came_all ? 4'd0 : j_q + 4'd1;
      if (came_all) half_in_q  <= !half_in_q;
      if (freed)    half_out_q <= !half_out_q;
      full_q <= full_q + {1'b0, came_all} - {1'b0, freed};
      if (step) read_q    <= fetch;
      if (move) out_req_q <= read_q;
    end
    if (start_q || freed) begin
      k_q   <= 4'd0;
      c_q   <= c0;
      col_q <= 16'd0;
    end else if (fetch) begin
      k_q   <= k_q + 4'd1;
      c_q   <= c_q + 4'd1;
      col_q <= col_q + cmd_q[`WEFT_TRANSPOSE_out_col];
    end
    if (step) begin
      bytes1_q <= bytes;
      c1_q     <= c_q;
      out1_q   <= out_block + col_q;
      last1_q  <= out_end && out_last;
    end
    if (move) begin
      wdata_q <= turned;
      waddr_q <= out1_q;
      last_q  <= last1_q;
    end
  end
  assign vw_req_o   = out_req_q;
  assign vw_addr_o  = waddr_q;
  assign vw_wdata_o = wdata_q;
  assign done_o     = out_req_q && vw_gnt_i && last_q;

  // Rotations by whole bytes; byte i of the result is byte (i - j) or (i + c) mod 16.
  wire [255:0] twice_in = {vr_rdata_i, vr_rdata_i}, twice_out = {bytes1_q, bytes1_q};
  assign skewed = twice_in[128 - 8*j_q +: 128];
  genvar i;
  generate for (i = 0; i < 16; i = i + 1) begin : g_byte
    localparam [3:0] ME = i;
    reg  [7:0] mem_q [0:31];
    wire [3:0] place = ME - c_q;
    always @(posedge clk_i) if (came) mem_q[{half_in_q, j_q}] <= skewed[8*i +: 8];
    assign bytes[8*i +: 8]  = mem_q[{half_out_q, place}];
    assign turned[8*i +: 8] = {1'b0, ME} < rows ? twice_out[8*({1'b0, ME} + {1'b0, c1_q}) +: 8] : fill;
  end endgenerate

endmodule

`default_nettype wire
