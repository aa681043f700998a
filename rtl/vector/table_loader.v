// SPDX-License-Identifier: Apache-2.0
//
// Reads a table that a VEC command uses from the buffer and writes it into the lanes' table memories, all lanes alike.
//
// A table is 256 entries: 16 words of int8, sign extended, or 64 words of int32. Each of the two tables has a loader of its own.
// Throughput: one entry per cycle. Latency: about 280 (int8) or 330 (int32) cycles.

`default_nettype none

module table_loader (
  input  wire          clk_i,
  input  wire          rst_ni,
  input  wire          start_i,           // one cycle
  input  wire [15:0]   base_i,            // first buffer word, with start_i
  input  wire          wide_i,            // int32; stable from start_i to done_o
  output wire          done_o,            // one cycle: the last entry is being written

  // buffer read port: request held until granted, data two cycles after the grant
  output wire          req_o,
  output wire [15:0]   addr_o,
  input  wire          gnt_i,
  input  wire          rvalid_i,
  input  wire [127:0]  rdata_i,

  output wire          we_o,
  output wire [7:0]    waddr_o,
  output wire [31:0]   wdata_o
);

  reg         req_q, asked_q, word_valid_q;      // asked: the next word is requested or has come
  reg [15:0]  addr_q;
  reg [6:0]   left_q;                     // words still to be requested
  reg [127:0] word_q;                     // its lowest entry is written next
  reg [3:0]   part_q;                     // entries of the word that follow
  reg [7:0]   entry_q;
  wire        ask = !asked_q && left_q != 7'd0;

  assign req_o   = req_q;
  assign addr_o  = addr_q;
  assign we_o    = word_valid_q;
  assign waddr_o = entry_q;
  assign wdata_o = wide_i ? word_q[31:0] : {{24{word_q[7]}}, word_q[7:0]};
  assign done_o  = word_valid_q && entry_q == 8'd255;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      {req_q, word_valid_q} <= 2'b00;
      left_q <= 7'd0;
    end else begin
      if (ask)        req_q <= 1'b1;
      else if (gnt_i) req_q <= 1'b0;
      if (rvalid_i)                            word_valid_q <= 1'b1;
      else if (word_valid_q && part_q == 4'd0) word_valid_q <= 1'b0;
      if (start_i)  left_q <= wide_i ? 7'd64 : 7'd16;
      else if (ask) left_q <= left_q - 7'd1;
    end

    if (start_i) begin
      addr_q  <= base_i;
      entry_q <= 8'd0;
      asked_q <= 1'b0;
    end else begin
      // The next word is asked for when the one before has four entries left: it arrives after the last of them.
      if (ask)                                 asked_q <= 1'b1;
      else if (word_valid_q && part_q == 4'd3) asked_q <= 1'b0;
      if (req_q && gnt_i) addr_q <= addr_q + 16'd1;
      if (word_valid_q) entry_q <= entry_q + 8'd1;
    end
    if (rvalid_i) begin
      word_q <= rdata_i;
      part_q <= wide_i ? 4'd3 : 4'd15;
    end else if (word_valid_q) begin
      word_q <= wide_i ? word_q >> 32 : word_q >> 8;
      part_q <= part_q - 4'd1;
    end
  end

endmodule

`default_nettype wire
