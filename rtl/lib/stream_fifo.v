// SPDX-License-Identifier: Apache-2.0
//
// First-in first-out queue between two valid/ready streams.
//
// The oldest word falls through: out_data_o is valid together with out_valid_o, nothing is requested first. Ready depends only
// on registers, so the queue cuts both the forward and the backward path; the data output is a LUT-RAM read (or flip-flops).
// Throughput: one word per cycle in and out, also when nearly full or nearly empty. Latency: one cycle.
// For depths of up to some dozens of words; a longer one wants ram_1r1w.

`default_nettype none

module stream_fifo #(
  parameter integer WIDTH = 8,
  parameter integer DEPTH = 2              // words, >= 2 (one entry could not take and give in the same cycle)
) (
  input  wire             clk_i,
  input  wire             rst_ni,          // synchronous, active low

  // in: the producer holds in_data_i while in_valid_i && !in_ready_o
  input  wire             in_valid_i,
  output wire             in_ready_o,
  input  wire [WIDTH-1:0] in_data_i,

  // out: out_data_o is stable while out_valid_o && !out_ready_i
  output wire             out_valid_o,
  input  wire             out_ready_i,
  output wire [WIDTH-1:0] out_data_o
);

  generate if (DEPTH < 2) begin : g_check
    stream_fifo_DEPTH_must_be_at_least_2 u_check ();
  end endgenerate

  localparam integer PW = DEPTH < 3 ? 1 : $clog2(DEPTH);   // pointer bits
  localparam integer LAST = DEPTH - 1;

  reg [WIDTH-1:0] mem_q [0:DEPTH-1];
  reg [PW-1:0]    head_q, tail_q;          // next to read, next to write
  reg             full_q, empty_q;

  wire          push      = in_valid_i && in_ready_o;
  wire          pop       = out_valid_o && out_ready_i;
  wire [PW-1:0] head_next = head_q == LAST[PW-1:0] ? {PW{1'b0}} : head_q + 1'b1;
  wire [PW-1:0] tail_next = tail_q == LAST[PW-1:0] ? {PW{1'b0}} : tail_q + 1'b1;

  assign in_ready_o  = !full_q;
  assign out_valid_o = !empty_q;
  assign out_data_o  = mem_q[head_q];

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      head_q  <= {PW{1'b0}};
      tail_q  <= {PW{1'b0}};
      full_q  <= 1'b0;
      empty_q <= 1'b1;
    end else begin
      if (pop)  head_q <= head_next;
      if (push) tail_q <= tail_next;
      // Equal pointers mean full after a push and empty after a pop.
      if (push && !pop) begin
        full_q  <= tail_next == head_q;
        empty_q <= 1'b0;
      end else if (pop && !push) begin
        full_q  <= 1'b0;
        empty_q <= head_next == tail_q;
      end
    end
  end

  always @(posedge clk_i)
    if (push) mem_q[tail_q] <= in_data_i;

`ifdef WEFT_ASSERT
  reg             stalled_q = 1'b0;
  reg [WIDTH-1:0] seen_q;
  always @(posedge clk_i) begin
    stalled_q <= rst_ni && out_valid_o && !out_ready_i;
    seen_q    <= out_data_o;
    if (rst_ni) begin
      assert (!(full_q && empty_q));
      if (stalled_q) assert (out_valid_o && out_data_o == seen_q);   // a word is neither withdrawn nor changed
    end
  end
`endif

endmodule

`default_nettype wire
