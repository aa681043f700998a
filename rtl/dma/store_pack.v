// SPDX-License-Identifier: Apache-2.0
//
// Packs buffer words (1 to 16 bytes of each) into the beats of a write stream, at any byte alignment, with byte strobes.
//
// The inverse of load_unpack. An accumulator takes a word at its fill position; a full beat, or the rest at the end of a run, leaves.
// The first word of the next run enters in the cycle in which the last beat of a run leaves.
// Throughput: one word or one beat per cycle, whichever is the limit. Latency: one cycle.

`default_nettype none

module store_pack #(
  parameter integer BUS_BYTES = 8,
  parameter integer LB = $clog2(BUS_BYTES)         // derived, do not set
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,

  // words
  input  wire                   w_valid_i,
  output wire                   w_ready_o,
  input  wire [127:0]           w_data_i,
  input  wire [4:0]             w_bytes_i,         // 1..16
  input  wire                   w_first_i,         // of a run
  input  wire                   w_last_i,
  input  wire [LB-1:0]          w_off_i,           // first byte of the run within its beat

  // beats: stable while b_valid_o && !b_ready_i
  output wire                   b_valid_o,
  input  wire                   b_ready_i,
  output wire [BUS_BYTES*8-1:0] b_data_o,
  output wire [BUS_BYTES-1:0]   b_strb_o,

  output wire                   empty_o
);

  localparam integer AB = BUS_BYTES + 16;          // bytes of the accumulator: at most BUS-1 + 16 are in use

  reg [AB*8-1:0] acc_q;
  reg [AB-1:0]   strb_q;
  reg [5:0]      fill_q;                           // end of the bytes in it
  reg            last_q;                           // they end a run

  wire full  = fill_q >= BUS_BYTES[5:0];
  wire ends = last_q && fill_q <= BUS_BYTES[5:0]; // the next beat is the last of the run
  assign b_valid_o = full || last_q;
  assign b_data_o  = acc_q[BUS_BYTES*8-1:0];
  assign b_strb_o  = strb_q[BUS_BYTES-1:0];
  assign empty_o   = fill_q == 6'd0;

  wire       emit  = b_valid_o && b_ready_i;
  wire [5:0] left  = !emit ? fill_q : ends ? 6'd0 : fill_q - BUS_BYTES[5:0];
  wire       open  = !last_q || (emit && ends);   // the run goes on, or the accumulator is empty
  assign w_ready_o = open && left < BUS_BYTES[5:0];
  wire       take  = w_valid_i && w_ready_o;

  wire [LB-1:0] pos = w_first_i ? w_off_i : left[LB-1:0];
  wire [127:0]  word;                              // bytes beyond the word's own are zero, so that they can be or-ed
  wire [15:0]   strb;
  genvar b;
  generate for (b = 0; b < 16; b = b + 1) begin : g_byte
    assign strb[b]        = b < {27'h0, w_bytes_i};
    assign word[8*b +: 8] = strb[b] ? w_data_i[8*b +: 8] : 8'h00;
  end endgenerate
  wire [AB*8-1:0] word_at = {{(AB*8-128){1'b0}}, word} << {pos, 3'b000};
  wire [AB-1:0]   strb_at = {{(AB-16){1'b0}}, strb} << pos;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      fill_q <= 6'd0;
      last_q <= 1'b0;
    end else begin
      fill_q <= take ? {{(6-LB){1'b0}}, pos} + {1'b0, w_bytes_i} : left;
      last_q <= take ? w_last_i : last_q && !(emit && ends);
    end
  end

  always @(posedge clk_i) if (emit || take) begin
    // What stays: nothing after the last beat of a run or when a run begins, else the bytes beyond the beat that left.
    acc_q  <= (left == 6'd0 ? {AB*8{1'b0}} : emit ? acc_q >> (BUS_BYTES*8) : acc_q) | (take ? word_at : {AB*8{1'b0}});
    strb_q <= (left == 6'd0 ? {AB{1'b0}} : emit ? strb_q >> BUS_BYTES : strb_q) | (take ? strb_at : {AB{1'b0}});
  end

`ifdef WEFT_ASSERT
  always @(posedge clk_i) if (rst_ni) begin
    assert (fill_q < AB[5:0]);
    if (take && w_first_i) assert (left == 6'd0);
  end
`endif

endmodule

`default_nettype wire
