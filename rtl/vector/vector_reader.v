// SPDX-License-Identifier: Apache-2.0
//
// Reads the vector engine's operand words from the buffer, in the order in which the steps use them, ahead of their use.
//
// Order: batches of BATCH output words; within a batch step by step (step 0 tap by tap); within a step word by word. Steps on the
// accumulator read nothing. A word that two steps need is read twice: a word is a use, so the counter is exact without a cache.
// Throughput: one word per cycle while reads are granted. QUEUE words of room cover the read latency.

`default_nettype none
`include "weft_spec.vh"

module vector_reader #(
  parameter integer BATCH = 4,            // output words of a batch, power of two
  parameter integer QUEUE = 16            // words of room
) (
  input  wire          clk_i,
  input  wire          rst_ni,
  input  wire          start_i,           // one cycle, after cmd_i became stable
  /* verilator lint_off UNUSEDSIGNAL */   // a record carries fields for other parts
  input  wire [1023:0] cmd_i,             // stable until the engine is done
  /* verilator lint_on UNUSEDSIGNAL */

  // buffer read port: request held until granted, data two cycles after the grant
  output wire          vr_req_o,
  output wire [15:0]   vr_addr_o,
  input  wire          vr_gnt_i,
  input  wire          vr_rvalid_i,
  input  wire [127:0]  vr_rdata_i,

  // operand words, valid/ready
  output wire          op_valid_o,
  input  wire          op_ready_i,
  output wire [127:0]  op_data_o
);

  localparam integer WB   = $clog2(BATCH);
  localparam integer LAST = BATCH - 1;

  wire [15:0] n0 = cmd_i[`WEFT_VEC_n0], n1 = cmd_i[`WEFT_VEC_n1], n2 = cmd_i[`WEFT_VEC_n2];
  reg  [15:0] n0_1_q, n1_1_q, n2_1_q;     // last indices
  reg  [7:0]  k0_1_q, k1_1_q;
  wire [7:0]  k0 = cmd_i[`WEFT_VEC_k0], k1 = cmd_i[`WEFT_VEC_k1];
  wire [2:0]  nsteps = cmd_i[`WEFT_VEC_nsteps];
  wire [7:0]  st0 = cmd_i[`WEFT_VEC_step0], st1 = cmd_i[`WEFT_VEC_step1], st2 = cmd_i[`WEFT_VEC_step2], st3 = cmd_i[`WEFT_VEC_step3];
  wire [3:0]  on_a = {st3[1:0] == 2'd0, st2[1:0] == 2'd0, st1[1:0] == 2'd0, st0[1:0] == 2'd0};
  wire [3:0]  on_b = {st3[1:0] == 2'd1, st2[1:0] == 2'd1, st1[1:0] == 2'd1, st0[1:0] == 2'd1};
  wire [3:0]  reads = (on_a | on_b) & {nsteps > 3'd3, nsteps > 3'd2, nsteps > 3'd1, 1'b1};
  wire [23:0] unused_steps = {st3[7:2], st2[7:2], st1[7:2], st0[7:2]};

  // Place in the loops: now (…_q) and where the batch began (…_s_q), to which every further step returns.
  reg  [15:0] i0_q, i1_q, i2_q, a_q, a1_q, a2_q, b_q, b1_q, b2_q;
  reg  [15:0] i0_s_q, i1_s_q, i2_s_q, a_s_q, a1_s_q, a2_s_q, b_s_q, b1_s_q, b2_s_q;
  wire        e0   = i0_q == n0_1_q;
  wire        e1   = i1_q == n1_1_q;
  wire        e2   = i2_q == n2_1_q;
  wire [15:0] i0_n = e0 ? 16'd0 : i0_q + 16'd1;
  wire [15:0] i1_n = e0 ? (e1 ? 16'd0 : i1_q + 16'd1) : i1_q;
  wire [15:0] i2_n = e0 && e1 ? i2_q + 16'd1 : i2_q;
  wire [15:0] a2_n = e0 && e1 ? a2_q + cmd_i[`WEFT_VEC_a_s2] : a2_q;
  wire [15:0] a1_n = e0 ? (e1 ? a2_q + cmd_i[`WEFT_VEC_a_s2] : a1_q + cmd_i[`WEFT_VEC_a_s1]) : a1_q;
  wire [15:0] a_n  = e0 ? a1_n : a_q + cmd_i[`WEFT_VEC_a_s0];
  wire [15:0] b2_n = e0 && e1 ? b2_q + cmd_i[`WEFT_VEC_b_s2] : b2_q;
  wire [15:0] b1_n = e0 ? (e1 ? b2_q + cmd_i[`WEFT_VEC_b_s2] : b1_q + cmd_i[`WEFT_VEC_b_s1]) : b1_q;
  wire [15:0] b_n  = e0 ? b1_n : b_q + cmd_i[`WEFT_VEC_b_s0];

  reg          run_q;
  reg [1:0]    step_q;
  reg [WB-1:0] word_q;
  reg [7:0]    t0_q, t1_q;
  reg [15:0]   tap_q, tap1_q;             // offset of the tap, of its outer row
  localparam integer RW = $clog2(QUEUE) + 1;
  reg [RW-1:0] room_q;                    // free places, requests under way counted as used

  // The lowest reading step above this one, if any.
  wire [3:0] above     = reads & (4'b1110 << step_q);
  wire [1:0] next_step = above[1] ? 2'd1 : above[2] ? 2'd2 : 2'd3;
  wire       last_word = e0 && e1 && e2;
  wire       pass_end  = word_q == LAST[WB-1:0] || last_word;
  wire       tap0_end  = t0_q == k0_1_q;
  wire       taps_end  = step_q != 2'd0 || (tap0_end && t1_q == k1_1_q);
  wire       batch_end = pass_end && taps_end && above == 4'd0;
  wire       skip      = !reads[step_q];  // only a step 0 that reads nothing
  reg         req_q;                      // a request waits for its grant; it leaves from registers
  reg  [15:0] addr_q;
  wire        ask       = run_q && !skip && room_q != {RW{1'b0}} && (!req_q || vr_gnt_i);
  wire        take      = ask || (run_q && skip && above != 4'd0);

  assign vr_req_o  = req_q;
  assign vr_addr_o = addr_q;
  always @(posedge clk_i) begin
    if (!rst_ni)       req_q <= 1'b0;
    else if (ask)      req_q <= 1'b1;
    else if (vr_gnt_i) req_q <= 1'b0;
    if (ask) addr_q <= on_a[step_q] ? a_q + tap_q : b_q;
  end

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      run_q  <= 1'b0;
      room_q <= QUEUE[RW-1:0];
    end else begin
      room_q <= room_q + {{(RW-1){1'b0}}, op_valid_o && op_ready_i} - {{(RW-1){1'b0}}, ask};
      if (start_i) run_q <= reads != 4'd0;
      else if (take && !skip && batch_end && last_word) run_q <= 1'b0;
    end

    if (start_i) begin
      {n0_1_q, n1_1_q, n2_1_q} <= {n0 - 16'd1, n1 - 16'd1, n2 - 16'd1};
      {k0_1_q, k1_1_q} <= {k0 - 8'd1, k1 - 8'd1};
      step_q <= 2'd0;
      word_q <= {WB{1'b0}};
      {t0_q, t1_q, tap_q, tap1_q} <= 48'd0;
      {i0_q, i1_q, i2_q, i0_s_q, i1_s_q, i2_s_q} <= 96'd0;
      {a_q, a1_q, a2_q, a_s_q, a1_s_q, a2_s_q} <= {6{cmd_i[`WEFT_VEC_a_base]}};
      {b_q, b1_q, b2_q, b_s_q, b1_s_q, b2_s_q} <= {6{cmd_i[`WEFT_VEC_b_base]}};
    end else if (take && skip) begin
      step_q <= next_step;
    end else if (take) begin
      word_q <= pass_end ? {WB{1'b0}} : word_q + 1'b1;
      if (pass_end && !batch_end) begin
        {i0_q, i1_q, i2_q} <= {i0_s_q, i1_s_q, i2_s_q};
        {a_q, a1_q, a2_q}  <= {a_s_q, a1_s_q, a2_s_q};
        {b_q, b1_q, b2_q}  <= {b_s_q, b1_s_q, b2_s_q};
      end else begin
        {i0_q, i1_q, i2_q} <= {i0_n, i1_n, i2_n};
        {a_q, a1_q, a2_q}  <= {a_n, a1_n, a2_n};
        {b_q, b1_q, b2_q}  <= {b_n, b1_n, b2_n};
      end
      if (batch_end) begin
        {i0_s_q, i1_s_q, i2_s_q} <= {i0_n, i1_n, i2_n};
        {a_s_q, a1_s_q, a2_s_q}  <= {a_n, a1_n, a2_n};
        {b_s_q, b1_s_q, b2_s_q}  <= {b_n, b1_n, b2_n};
      end
      if (pass_end) begin
        if (taps_end) begin
          step_q <= batch_end ? 2'd0 : next_step;
          {t0_q, t1_q, tap_q, tap1_q} <= 48'd0;
        end else if (tap0_end) begin
          t0_q   <= 8'd0;
          t1_q   <= t1_q + 8'd1;
          tap_q  <= tap1_q + cmd_i[`WEFT_VEC_a_k1];
          tap1_q <= tap1_q + cmd_i[`WEFT_VEC_a_k1];
        end else begin
          t0_q  <= t0_q + 8'd1;
          tap_q <= tap_q + cmd_i[`WEFT_VEC_a_k0];
        end
      end
    end
  end

  stream_fifo #(.WIDTH(128), .DEPTH(QUEUE)) u_queue (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .in_valid_i (vr_rvalid_i),
    .in_ready_o (unused_ready),           // room_q keeps a place for every request
    .in_data_i  (vr_rdata_i),
    .out_valid_o(op_valid_o),
    .out_ready_i(op_ready_i),
    .out_data_o (op_data_o)
  );
  wire unused_ready;

`ifdef WEFT_ASSERT
  always @(posedge clk_i) if (rst_ni) assert (!vr_rvalid_i || unused_ready);   // the queue never overflows
`endif

endmodule

`default_nettype wire
