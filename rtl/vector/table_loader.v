// SPDX-License-Identifier: Apache-2.0
//
// Reads the tables that a VEC command uses from the buffer and writes them into the lanes' table memories, all lanes alike. It does so
// while the command waits for the one before it.
//
// A table is 256 entries: 16 words of int8, sign extended, or 64 words of int32.
// Throughput: one entry per cycle. Latency: about 280 (int8) or 330 (int32) cycles for each table, none when none is used.

`default_nettype none
`include "weft_spec.vh"

module table_loader (
  input  wire          clk_i,
  input  wire          rst_ni,
  input  wire          start_i,           // one cycle
  /* verilator lint_off UNUSEDSIGNAL */   // a record carries fields for other parts
  input  wire [1023:0] cmd_i,             // stable from start_i to done_o
  /* verilator lint_on UNUSEDSIGNAL */
  input  wire [1:0]    use_i,             // tables 0, 1; stable with cmd_i
  output wire          done_o,            // one cycle: all that are used are loaded

  // buffer read port: request held until granted, data two cycles after the grant
  output wire          req_o,
  output wire [15:0]   addr_o,
  input  wire          gnt_i,
  input  wire          rvalid_i,
  input  wire [127:0]  rdata_i,

  output wire [1:0]    tw_o,              // write tables 0, 1
  output wire [7:0]    twaddr_o,
  output wire [31:0]   twdata_o
);

  reg         run_q, table_q, req_q, asked_q, word_valid_q;   // asked: the next word is requested or has come
  reg [15:0]  addr_q;
  reg [6:0]   left_q;                     // words still to be requested
  reg [127:0] word_q;                     // its lowest entry is written next
  reg [3:0]   part_q;                     // entries of the word that follow
  reg [7:0]   entry_q;
  reg         start_table_q;
  wire        wide      = table_q ? cmd_i[`WEFT_VEC_t1_wide] : cmd_i[`WEFT_VEC_t0_wide];
  wire        ask       = run_q && !start_table_q && !asked_q && left_q != 7'd0;
  wire        table_end = word_valid_q && entry_q == 8'd255;
  wire        second    = table_end && !table_q && use_i[1];

  assign req_o    = req_q;
  assign addr_o   = addr_q;
  assign tw_o     = {word_valid_q && table_q, word_valid_q && !table_q};
  assign twaddr_o = entry_q;
  assign twdata_o = wide ? word_q[31:0] : {{24{word_q[7]}}, word_q[7:0]};
  assign done_o   = (start_i && use_i == 2'b00) || (table_end && !second);

  always @(posedge clk_i) begin
    if (!rst_ni) {run_q, req_q, word_valid_q, start_table_q} <= 4'b0000;
    else begin
      if (start_i && use_i != 2'b00) run_q <= 1'b1;
      else if (done_o)               run_q <= 1'b0;
      start_table_q <= (start_i && use_i != 2'b00) || second;
      if (ask)        req_q <= 1'b1;
      else if (gnt_i) req_q <= 1'b0;
      if (rvalid_i && run_q)                  word_valid_q <= 1'b1;
      else if (word_valid_q && part_q == 4'd0) word_valid_q <= 1'b0;
    end

    if (start_i)     table_q <= !use_i[0];
    else if (second) table_q <= 1'b1;
    if (start_table_q) begin
      addr_q  <= table_q ? cmd_i[`WEFT_VEC_t1_base] : cmd_i[`WEFT_VEC_t0_base];
      left_q  <= wide ? 7'd64 : 7'd16;
      entry_q <= 8'd0;
      asked_q <= 1'b0;
    end else begin
      // The next word is asked for when the one before has four entries left: it arrives after the last of them.
      if (ask) begin
        asked_q <= 1'b1;
        left_q  <= left_q - 7'd1;
      end else if (word_valid_q && part_q == 4'd3) asked_q <= 1'b0;
      if (req_q && gnt_i) addr_q <= addr_q + 16'd1;
      if (word_valid_q) entry_q <= entry_q + 8'd1;
    end
    if (rvalid_i) begin
      word_q <= rdata_i;
      part_q <= wide ? 4'd3 : 4'd15;
    end else if (word_valid_q) begin
      word_q <= wide ? word_q >> 32 : word_q >> 8;
      part_q <= part_q - 4'd1;
    end
  end

endmodule

`default_nettype wire
