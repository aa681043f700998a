// SPDX-License-Identifier: Apache-2.0
//
// Cuts the beats of a read stream into buffer words: any byte alignment, 1 to 16 bytes a word, the rest of a word zero.
//
// A window of the next beats (17 to 31 bytes are enough for a word at any alignment) is shifted by the byte position. One beat
// leaves the window per cycle; a word that uses up more than one leaves the others as a debt for the following cycles.
// Runs begin on a beat of their own. Throughput: one word or one beat per cycle, whichever is the limit. Latency: one cycle.

`default_nettype none

module load_unpack #(
  parameter integer BUS_BYTES = 8,
  parameter integer LB = $clog2(BUS_BYTES)         // derived, do not set
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,

  // beats of the runs, in order
  input  wire                   r_valid_i,
  output wire                   r_ready_o,
  input  wire [BUS_BYTES*8-1:0] r_data_i,

  // the words to cut (elem_walk)
  input  wire                   w_valid_i,
  output wire                   w_ready_o,
  input  wire [4:0]             w_bytes_i,         // 1..16
  input  wire                   w_first_i,         // of a run
  input  wire                   w_last_i,
  input  wire [LB-1:0]          w_off_i,           // first byte of the run within its beat

  // o_data_o belongs to the word taken at w; o_valid_o means w_valid_i && w_ready_o once o_ready_i is 1
  output wire                   o_valid_o,
  input  wire                   o_ready_i,
  output wire [127:0]           o_data_o
);

  localparam integer BEATS = 16 / BUS_BYTES + 1;   // of the window
  localparam integer BW    = BUS_BYTES * 8;

  reg [BEATS*BW-1:0] win_q;
  reg [1:0]          count_q;                      // beats in the window
  reg [1:0]          debt_q;                       // of them, beats that are used up
  reg [LB-1:0]       pos_q;                        // next byte of the run in the first beat

  wire [LB-1:0] pos  = w_first_i ? w_off_i : pos_q;
  wire [5:0]    stop = {{(6-LB){1'b0}}, pos} + {1'b0, w_bytes_i};                 // 1..31
  wire [5:0]    have = {{(4-LB){1'b0}}, count_q, {LB{1'b0}}};
  wire [5:0]    up   = stop + BUS_BYTES[5:0] - 6'd1;
  wire [1:0]    used = w_last_i ? up[LB +: 2] : stop[LB +: 2];                    // beats that the word uses up

  assign o_valid_o = w_valid_i && debt_q == 2'd0 && stop <= have;
  assign w_ready_o = o_ready_i && debt_q == 2'd0 && stop <= have;
  wire take = w_valid_i && w_ready_o;
  wire pop  = debt_q != 2'd0 || (take && used != 2'd0);
  wire [1:0] kept = count_q - {1'b0, pop};
  assign r_ready_o = kept < BEATS[1:0];
  wire push = r_valid_i && r_ready_o;

  // Shift to the first byte, cut off what does not belong to the word.
  wire [BEATS*BW-1:0] shifted = win_q >> {pos, 3'b000};
  genvar b;
  generate for (b = 0; b < 16; b = b + 1) begin : g_byte
    assign o_data_o[8*b +: 8] = b < {27'h0, w_bytes_i} ? shifted[8*b +: 8] : 8'h00;
  end endgenerate
  wire unused = &{1'b0, shifted, stop, up};

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q <= 2'd0;
      debt_q  <= 2'd0;
    end else begin
      count_q <= kept + {1'b0, push};
      if (debt_q != 2'd0)             debt_q <= debt_q - 2'd1;
      else if (take && used != 2'd0)  debt_q <= used - 2'd1;
    end
  end

  wire [BEATS*BW-1:0] moved = pop ? win_q >> BW : win_q;
  integer i;
  always @(posedge clk_i) begin
    if (take) pos_q <= stop[LB-1:0];
    if (pop || push) win_q <= moved;
    for (i = 0; i < BEATS; i = i + 1)
      if (push && kept == i[1:0]) win_q[BW*i +: BW] <= r_data_i;
  end

endmodule

`default_nettype wire
