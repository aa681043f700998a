// SPDX-License-Identifier: Apache-2.0
//
// Gathers the lanes' bytes into ofmap words: 16 channels of one pixel leave as one buffer word.
//
// A column delivers the channels of an output position one by one; with several chains or a run that straddles words they land in
// up to OBUF_WORDS words. A column has twice as many, used as a ring: the drain gives each position the words that the command
// needs, the writer returns them, so that several small positions are under way at once (the lanes alone hide 13 cycles).
// Which bytes are valid is not kept: the writer knows it from the channel range.
// Word of a byte: base + chain * words(column) + (off(column) + channel) / 16; byte: (off + channel) mod 16 (see param_loader).
//
// Throughput: one beat per cycle. A byte is stored three cycles after v_valid_i; the read port is combinational.

`default_nettype none
`include "weft_spec.vh"

module assembly #(
  parameter integer COLS      = 4,
  parameter integer PPU_LANES = 4,
  parameter integer BEATS     = (COLS + PPU_LANES - 1) / PPU_LANES,   // derived, do not set
  parameter integer BW        = BEATS > 1 ? $clog2(BEATS) : 1         // derived, do not set
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,

  // a beat of psums at the lanes' output; q belongs to the beat of two cycles ago
  input  wire                   v_valid_i,
  input  wire [18+BW:0]         v_tag_i,        // see psum_drain
  input  wire [PPU_LANES*8-1:0] q_i,

  input  wire [2*COLS*4-1:0]    off_i,          // see param_loader
  input  wire [2*COLS*3-1:0]    words_i,

  output wire                   block_done_o,   // one cycle: the last byte of a filter block has its place
  output wire                   position_o,     // one cycle: a position is complete; its flags:
  output wire [2:0]             flags_o,        // last of command, filter block, row block

  // writer: column = beat * PPU_LANES + lane
  input  wire [BW-1:0]          rbeat_i,
  input  wire [$clog2(PPU_LANES)-1:0] rlane_i,
  input  wire [3:0]             rword_i,
  output wire [127:0]           rdata_o
);

  localparam integer WW = $clog2(2 * `WEFT_OBUF_WORDS);
  generate if (WW != 4) begin : g_check
    assembly_word_index_is_4_bits_wide u_check ();
  end endgenerate

  // stage 1: the tag; stage 2: place of each byte, aligned with q
  reg           valid1_q, valid2_q;
  reg [18+BW:0] tag1_q, tag2_q;
  always @(posedge clk_i) begin
    if (!rst_ni) {valid2_q, valid1_q} <= 2'b00;
    else         {valid2_q, valid1_q} <= {valid1_q, v_valid_i};
    if (v_valid_i) tag1_q <= v_tag_i;
    if (valid1_q)  tag2_q <= tag1_q;
  end
  wire [5:0]    run1   = tag1_q[5:0];
  wire [2:0]    chain1 = tag1_q[8:6];
  wire          pbank1 = tag1_q[9];
  wire [BW-1:0] beat1  = tag1_q[18 +: BW];
  wire [BW-1:0] beat2  = tag2_q[18 +: BW];
  wire [3:0]    base1  = tag1_q[17:14];
  wire          last2  = valid2_q && tag2_q[18+BW] && tag2_q[10];
  wire [13:0]   unused_tag2 = {tag2_q[17:14], tag2_q[9:0]};

  assign position_o   = last2;
  assign flags_o      = tag2_q[13:11];
  assign block_done_o = last2 && tag2_q[12];

  // memories: address = (beat,) word
  localparam integer BB = BEATS > 1 ? BW : 0;
  localparam integer AW = BB + WW;
  wire [BW+WW-1:0] raddr = {rbeat_i, rword_i};
  wire             unused_raddr = raddr[BW+WW-1];
  wire [127:0]   rdata [0:PPU_LANES-1];
  assign rdata_o = rdata[rlane_i];

  genvar l, b;
  generate
    for (l = 0; l < PPU_LANES; l = l + 1) begin : g_lane
      if (l < COLS) begin : g_used
        wire [6:0] place [0:2*BEATS-1];                // words, off of the lane's columns, bank by bank
        for (b = 0; b < BEATS; b = b + 1) begin : g_beat
          if (b*PPU_LANES + l < COLS) begin : g_col
            assign place[b]         = {words_i[3*(b*PPU_LANES + l) +: 3], off_i[4*(b*PPU_LANES + l) +: 4]};
            assign place[BEATS + b] = {words_i[3*(COLS + b*PPU_LANES + l) +: 3], off_i[4*(COLS + b*PPU_LANES + l) +: 4]};
          end else begin : g_none
            assign place[b]         = 7'd0;
            assign place[BEATS + b] = 7'd0;
          end
        end
        wire [6:0] here;
        if (BEATS > 1) begin : g_mux
          wire [6:0] here0 = place[{1'b0, beat1}];
          wire [6:0] here1 = place[BEATS[BW:0] + {1'b0, beat1}];
          assign here = pbank1 ? here1 : here0;
        end else begin : g_one
          wire unused_beat = beat1[0];
          assign here = pbank1 ? place[1] : place[0];
        end
        wire [6:0] byte1 = {3'd0, here[3:0]} + {1'b0, run1};
        // chain * words < 8, spelt out so that no multiplier block is spent on it
        wire [2:0] row1 = (chain1[0] ? here[6:4] : 3'd0) + (chain1[1] ? {here[5:4], 1'b0} : 3'd0) + (chain1[2] ? {here[4], 2'b0} : 3'd0);
        reg  [3:0] word2_q;
        reg  [3:0] byte2_q;
        always @(posedge clk_i)
          if (valid1_q) begin
            word2_q <= base1 + {1'b0, row1 + byte1[6:4]};
            byte2_q <= byte1[3:0];
          end

        wire [BW+WW-1:0] waddr = {beat2, word2_q};
        wire             unused_waddr = waddr[BW+WW-1];
        assembly_ram #(.DEPTH(1 << AW)) u_words (
          .clk_i  (clk_i),
          .we_i   (valid2_q),
          .waddr_i(waddr[AW-1:0]),
          .wbyte_i(byte2_q),
          .wdata_i(q_i[8*l +: 8]),
          .raddr_i(raddr[AW-1:0]),
          .rdata_o(rdata[l])
        );
      end else begin : g_unused
        wire [7:0] unused_q = q_i[8*l +: 8];
        assign rdata[l] = 128'd0;
      end
    end
  endgenerate

endmodule

`default_nettype wire
