// SPDX-License-Identifier: Apache-2.0
//
// Turns a LOAD or STORE command into AXI bursts: n1 x n0 runs of elems*elem_bytes bytes, cut at block borders.
//
// A block is 16 beats, aligned: a burst that stays inside one can neither be longer than 16 beats nor cross 4 KiB.
// The cut is made on the bus address (region base + offset). A base is a multiple of 128, so for 256-byte blocks its bit 7 counts.
// The start of a run wraps modulo 2^32; inside a run the offset keeps its 33rd bit, so that the window check sees an overflow.
// Throughput: one burst per cycle, also from run to run. Latency: 2 + (bits of elems) cycles from start_i to the first burst
// (the length of a run is multiplied serially: it is needed once per command).

`default_nettype none

module burst_gen #(
  parameter integer BUS_BYTES = 8          // 8 or 16
) (
  input  wire        clk_i,
  input  wire        rst_ni,

  // start_i: one cycle while busy_o is 0; all counts >= 1
  input  wire        start_i,
  input  wire [31:0] offset_i,             // bytes in the region
  input  wire [15:0] elem_bytes_i,
  input  wire [15:0] elems_i,
  input  wire [15:0] n0_i,
  input  wire [15:0] n1_i,
  input  wire [31:0] s0_i,                 // bytes from run to run, inner and outer loop
  input  wire [31:0] s1_i,
  input  wire        base7_i,              // bit 7 of the region's base
  output wire        busy_o,

  // bursts: stable while b_valid_o && !b_ready_i
  output wire        b_valid_o,
  input  wire        b_ready_i,
  output wire [32:0] b_off_o,
  output wire [8:0]  b_bytes_o             // 1 .. 16*BUS_BYTES
);

  generate if (BUS_BYTES != 8 && BUS_BYTES != 16) begin : g_check
    burst_gen_BUS_BYTES_must_be_8_or_16 u_check ();
  end endgenerate

  localparam integer BLOCK = 16 * BUS_BYTES;
  localparam integer BLB   = $clog2(BLOCK);
  localparam [1:0] IDLE = 2'd0, LENGTH = 2'd1, RUN = 2'd2;

  reg [1:0]  state_q;
  reg [31:0] len_q;                        // bytes of a run
  reg [31:0] mul_a_q;                      // serial multiplier: len += a while b's bits are shifted out
  reg [15:0] mul_b_q;
  reg [31:0] row_q, run_q;                 // offset of the first run of this i1, of this run
  reg [32:0] cur_q;                        // offset of the next burst
  reg [31:0] rem_q;                        // bytes of the run from there on
  reg [15:0] i0_q, i1_q;                   // runs left, this one included
  reg [15:0] n0_q;
  reg [31:0] s0_q, s1_q;
  reg        base7_q;

  // Bytes to the end of the block, on the bus.
  wire [7:0]     base_low = {base7_q, 7'h0};
  wire [BLB-1:0] in_block = cur_q[BLB-1:0] + base_low[BLB-1:0];
  wire [8:0]     room     = BLOCK[8:0] - {{(9-BLB){1'b0}}, in_block};
  wire           run_last = rem_q <= {23'h0, room};
  wire [8:0]     bytes    = run_last ? rem_q[8:0] : room;
  wire [31:0]    next_row = row_q + s1_q;
  wire [31:0]    next_run = run_q + s0_q;
  wire           unused   = &{1'b0, base_low};   // narrow bus: bit 7 does not matter

  assign busy_o    = state_q != IDLE;
  assign b_valid_o = state_q == RUN;
  assign b_off_o   = cur_q;
  assign b_bytes_o = bytes;

  always @(posedge clk_i) begin
    if (!rst_ni) state_q <= IDLE;
    else case (state_q)
      IDLE:    if (start_i) state_q <= LENGTH;
      LENGTH:  if (mul_b_q == 16'h0) state_q <= RUN;
      default: if (b_ready_i && run_last && i0_q == 16'd1 && i1_q == 16'd1) state_q <= IDLE;
    endcase
  end

  always @(posedge clk_i) begin
    case (state_q)
      IDLE: if (start_i) begin
        len_q   <= 32'h0;
        mul_a_q <= {16'h0, elem_bytes_i};
        mul_b_q <= elems_i;
        row_q   <= offset_i;
        run_q   <= offset_i;
        cur_q   <= {1'b0, offset_i};
        i0_q    <= n0_i;
        i1_q    <= n1_i;
        n0_q    <= n0_i;
        s0_q    <= s0_i;
        s1_q    <= s1_i;
        base7_q <= base7_i;
      end
      LENGTH: begin
        if (mul_b_q[0]) len_q <= len_q + mul_a_q;
        mul_a_q <= {mul_a_q[30:0], 1'b0};
        mul_b_q <= {1'b0, mul_b_q[15:1]};
        rem_q   <= len_q;                  // complete when b is used up
      end
      default: if (b_ready_i) begin
        if (!run_last) begin
          cur_q <= cur_q + {24'h0, bytes};
          rem_q <= rem_q - {23'h0, bytes};
        end else begin
          rem_q <= len_q;
          if (i0_q != 16'd1) begin
            i0_q  <= i0_q - 16'd1;
            run_q <= next_run;
            cur_q <= {1'b0, next_run};
          end else begin
            i0_q  <= n0_q;
            i1_q  <= i1_q - 16'd1;
            row_q <= next_row;
            run_q <= next_row;
            cur_q <= {1'b0, next_row};
          end
        end
      end
    endcase
  end

`ifdef WEFT_ASSERT
  always @(posedge clk_i) if (rst_ni && b_valid_o) begin
    assert (b_bytes_o != 9'd0);
    assert ({{(32-BLB){1'b0}}, in_block} + {23'h0, b_bytes_o} <= BLOCK);      // inside one block
  end
`endif

endmodule

`default_nettype wire
