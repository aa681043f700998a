// SPDX-License-Identifier: Apache-2.0
//
// The event counters: 64 bits each, without 64 flip-flops each.
//
// Every event has a small accumulator; a pointer goes round, one counter a cycle, and adds the small one into a memory word. A read
// waits until the pointer comes by and gets the sum of both, so it is exact at that cycle. clear_i is done with a valid bit per word.
// Throughput: all events in every cycle. Latency of a read: at most COUNTERS + 2 cycles.

`default_nettype none
`include "weft_spec.vh"

module counters (
  input  wire                     clk_i,
  input  wire                     rst_ni,
  input  wire                     clear_i,      // one cycle; events of that cycle do not count

  input  wire [`WEFT_COUNTERS-1:0] ev_i,        // by counter number; that of MAC is not used
  input  wire [15:0]              ev_mac_i,     // multiplications of this cycle

  input  wire                     rd_req_i,     // held until rd_valid_o
  input  wire [5:0]               rd_index_i,   // < COUNTERS
  output wire                     rd_valid_o,   // one cycle
  output wire [63:0]              rd_data_o
);

  localparam integer N    = `WEFT_COUNTERS;
  localparam integer MAC  = `WEFT_CNT_MAC;
  localparam integer SMALL = 6;                 // N events of one fit
  localparam integer WIDE  = 16 + SMALL;        // N events of up to 2^16 - 1

  reg [5:0]         ptr_q, ptr1_q;              // counter visited; the one added in the second stage
  reg               on1_q, fresh1_q;
  reg [N-1:0]       fresh_q;                    // the memory word is valid
  reg [WIDE-1:0]    mac_q, add1_q;
  reg [N*SMALL-1:0] small_q;
  reg [63:0]        mem_q [0:N-1];
  reg [63:0]        base1_q;

  // Small accumulators; a visit takes the old value away.
  integer i;
  always @(posedge clk_i) begin
    for (i = 0; i < N; i = i + 1) begin
      if (!rst_ni || clear_i) small_q[SMALL*i +: SMALL] <= {SMALL{1'b0}};
      else small_q[SMALL*i +: SMALL] <= (ptr_q == i[5:0] ? {SMALL{1'b0}} : small_q[SMALL*i +: SMALL]) + {{(SMALL-1){1'b0}}, ev_i[i]};
    end
    if (!rst_ni || clear_i) mac_q <= {WIDE{1'b0}};
    else mac_q <= (ptr_q == MAC[5:0] ? {WIDE{1'b0}} : mac_q) + {{SMALL{1'b0}}, ev_mac_i};
  end

  // First stage: fetch both parts. Second: add and write back.
  wire [63:0] sum = (fresh1_q ? base1_q : 64'h0) + {{(64-WIDE){1'b0}}, add1_q};
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      ptr_q <= 6'd0;
      on1_q <= 1'b0;
    end else begin
      ptr_q <= ptr_q == N[5:0] - 6'd1 ? 6'd0 : ptr_q + 6'd1;
      on1_q <= !clear_i;
    end
    if (!rst_ni || clear_i) fresh_q <= {N{1'b0}};
    else if (on1_q)         fresh_q[ptr1_q[4:0]] <= 1'b1;
  end
  always @(posedge clk_i) begin
    ptr1_q   <= ptr_q;
    add1_q   <= ptr_q == MAC[5:0] ? mac_q : {{16{1'b0}}, small_q[ptr_q[4:0]*SMALL +: SMALL]};
    base1_q  <= mem_q[ptr_q[4:0]];
    fresh1_q <= fresh_q[ptr_q[4:0]];
    if (on1_q) mem_q[ptr1_q[4:0]] <= sum;
  end

  assign rd_valid_o = rd_req_i && on1_q && ptr1_q == rd_index_i;
  assign rd_data_o  = sum;

  generate if (N > 32) begin : g_check
    counters_more_than_32_need_wider_pointers u_bad ();
  end endgenerate

endmodule

`default_nettype wire
