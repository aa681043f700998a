// SPDX-License-Identifier: Apache-2.0
//
// Walks the buffer words of a LOAD or STORE command in DRAM order: n1 x n0 runs of elems elements of ceil(elem_bytes/16) words.
//
// For each word it gives the buffer address, how many of its 16 bytes exist in DRAM, where a run begins and ends, and at which byte
// of a bus beat the run begins. LOAD writes by it, STORE reads by it; the bursts come from burst_gen, which walks the same loops in bytes.
// Throughput: one word per cycle. Latency: one cycle from start_i.

`default_nettype none

module elem_walk #(
  parameter integer BUS_BYTES = 8,
  parameter integer LB = $clog2(BUS_BYTES)   // derived, do not set
) (
  input  wire          clk_i,
  input  wire          rst_ni,

  // start_i: one cycle while busy_o is 0; all counts >= 1
  input  wire          start_i,
  input  wire [LB-1:0] off_i,                // low bits of the DRAM offset and strides
  input  wire [LB-1:0] s0_i,
  input  wire [LB-1:0] s1_i,
  input  wire [15:0]   elem_bytes_i,
  input  wire [15:0]   elems_i,
  input  wire [15:0]   n0_i,
  input  wire [15:0]   n1_i,
  input  wire [15:0]   buf_i,                // buffer words
  input  wire [15:0]   buf_se_i,
  input  wire [15:0]   buf_s0_i,
  input  wire [15:0]   buf_s1_i,
  output wire          busy_o,

  // words: stable while w_valid_o && !w_ready_i
  output wire          w_valid_o,
  input  wire          w_ready_i,
  output wire [15:0]   w_addr_o,
  output wire [4:0]    w_bytes_o,            // 1..16
  output wire          w_first_o,            // first word of a run
  output wire          w_last_o,             // last word of a run
  output wire          w_end_o,              // last word of the command
  output wire [LB-1:0] w_off_o               // byte of the beat at which the run begins
);

  reg          busy_q, first_q;
  reg [15:0]   n0_q, elems_q, ebytes_q, se_q, bs0_q, bs1_q;
  reg [LB-1:0] s0_q, s1_q;
  reg [15:0]   i1_q, i0_q, e_q;              // left, this one included
  reg [15:0]   brem_q;                       // bytes of the element from this word on
  reg [15:0]   row_q, run_q, elem_q, word_q; // buffer address of i1, of the run, of the element, of the word
  reg [LB-1:0] orow_q, orun_q;               // the same in DRAM

  wire elem_last = brem_q <= 16'd16;
  wire run_last  = elem_last && e_q == 16'd1;
  wire row_last  = run_last && i0_q == 16'd1;
  wire [15:0]   next_elem = elem_q + se_q;
  wire [15:0]   next_run  = run_q + bs0_q;
  wire [15:0]   next_row  = row_q + bs1_q;
  wire [LB-1:0] next_orun = orun_q + s0_q;
  wire [LB-1:0] next_orow = orow_q + s1_q;

  assign busy_o    = busy_q;
  assign w_valid_o = busy_q;
  assign w_addr_o  = word_q;
  assign w_bytes_o = elem_last ? brem_q[4:0] : 5'd16;
  assign w_first_o = first_q;
  assign w_last_o  = run_last;
  assign w_end_o   = row_last && i1_q == 16'd1;
  assign w_off_o   = orun_q;

  always @(posedge clk_i) begin
    if (!rst_ni)                     busy_q <= 1'b0;
    else if (!busy_q)                busy_q <= start_i;
    else if (w_ready_i && w_end_o)   busy_q <= 1'b0;
  end

  always @(posedge clk_i) begin
    if (!busy_q) begin
      if (start_i) begin
        n0_q     <= n0_i;
        elems_q  <= elems_i;
        ebytes_q <= elem_bytes_i;
        se_q     <= buf_se_i;
        bs0_q    <= buf_s0_i;
        bs1_q    <= buf_s1_i;
        s0_q     <= s0_i;
        s1_q     <= s1_i;
        i1_q     <= n1_i;
        i0_q     <= n0_i;
        e_q      <= elems_i;
        brem_q   <= elem_bytes_i;
        first_q  <= 1'b1;
        row_q    <= buf_i;
        run_q    <= buf_i;
        elem_q   <= buf_i;
        word_q   <= buf_i;
        orow_q   <= off_i;
        orun_q   <= off_i;
      end
    end else if (w_ready_i) begin
      first_q <= run_last;
      brem_q  <= elem_last ? ebytes_q : brem_q - 16'd16;
      word_q  <= word_q + 16'd1;
      if (elem_last) begin
        e_q    <= e_q - 16'd1;
        elem_q <= next_elem;
        word_q <= next_elem;
      end
      if (run_last) begin
        e_q    <= elems_q;
        i0_q   <= i0_q - 16'd1;
        run_q  <= next_run;
        elem_q <= next_run;
        word_q <= next_run;
        orun_q <= next_orun;
      end
      if (row_last) begin
        i0_q   <= n0_q;
        i1_q   <= i1_q - 16'd1;
        row_q  <= next_row;
        run_q  <= next_row;
        elem_q <= next_row;
        word_q <= next_row;
        orow_q <= next_orow;
        orun_q <= next_orow;
      end
    end
  end

endmodule

`default_nettype wire
