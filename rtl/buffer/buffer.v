// SPDX-License-Identifier: Apache-2.0
//
// The global buffer: banks of 16-byte words behind eight client ports, each bank serving one access per cycle.
//
// Every engine has ports of its own, so a conflict is only ever two accesses to one bank in one cycle; the round-robin arbiter of
// the bank lets one wait. The compiler places streams that run together in different banks.
// Port protocol: x_req_i and its payload are held until x_gnt_o (combinational, same cycle). Read data comes with x_rvalid_o exactly
// two cycles after the grant, in order, and cannot be held back. A write is seen by reads that are granted in later cycles.
// An address beyond the buffer is granted at once, a write is dropped, a read gives zero, and err_o tells who (error BUFFER).
// Throughput: one access per client and per bank and cycle. Latency: read 2 cycles, bank read register then client mux register.

`default_nettype none

module buffer #(
  parameter integer BUF_WORDS  = 1024,
  parameter integer BANK_WORDS = 256       // power of two that divides BUF_WORDS
) (
  input  wire         clk_i,
  input  wire         rst_ni,

  // LOAD writes
  input  wire         ld_req_i,
  input  wire [15:0]  ld_addr_i,
  input  wire [127:0] ld_wdata_i,
  input  wire [15:0]  ld_wstrb_i,
  output wire         ld_gnt_o,
  // STORE reads
  input  wire         st_req_i,
  input  wire [15:0]  st_addr_i,
  output wire         st_gnt_o,
  output wire         st_rvalid_o,
  output wire [127:0] st_rdata_o,
  // ARRAY: ifmap feeder reads
  input  wire         if_req_i,
  input  wire [15:0]  if_addr_i,
  output wire         if_gnt_o,
  output wire         if_rvalid_o,
  output wire [127:0] if_rdata_o,
  // ARRAY: filter loader reads
  input  wire         fl_req_i,
  input  wire [15:0]  fl_addr_i,
  output wire         fl_gnt_o,
  output wire         fl_rvalid_o,
  output wire [127:0] fl_rdata_o,
  // ARRAY: parameter loader reads
  input  wire         pr_req_i,
  input  wire [15:0]  pr_addr_i,
  output wire         pr_gnt_o,
  output wire         pr_rvalid_o,
  output wire [127:0] pr_rdata_o,
  // ARRAY: collector writes the ofmap
  input  wire         ow_req_i,
  input  wire [15:0]  ow_addr_i,
  input  wire [127:0] ow_wdata_i,
  input  wire [15:0]  ow_wstrb_i,
  output wire         ow_gnt_o,
  // VECTOR reads
  input  wire         vr_req_i,
  input  wire [15:0]  vr_addr_i,
  output wire         vr_gnt_o,
  output wire         vr_rvalid_o,
  output wire [127:0] vr_rdata_o,
  // VECTOR writes
  input  wire         vw_req_i,
  input  wire [15:0]  vw_addr_i,
  input  wire [127:0] vw_wdata_i,
  input  wire [15:0]  vw_wstrb_i,
  output wire         vw_gnt_o,

  output wire [7:0]   err_o      // grants beyond the buffer: vw vr ow pr fl if st ld
);

  localparam integer BANKS = BUF_WORDS / BANK_WORDS;
  localparam integer BAW   = $clog2(BANK_WORDS);
  localparam integer BW    = 16 - BAW;             // bits of a bank number (any 16-bit address has one)
  localparam integer IW    = BANKS < 2 ? 1 : $clog2(BANKS);   // bits that tell the existing banks apart
  localparam integer READERS = 5;

  generate if (BANKS * BANK_WORDS != BUF_WORDS || (1 << BAW) != BANK_WORDS || BUF_WORDS > 32768 || BAW > 14) begin : g_check
    buffer_BANK_WORDS_must_be_a_power_of_two_that_divides_BUF_WORDS u_check ();
  end endgenerate

  // Clients by number: 0 ld, 1 st, 2 if, 3 fl, 4 pr, 5 ow, 6 vr, 7 vw.
  wire [7:0]   req   = {vw_req_i, vr_req_i, ow_req_i, pr_req_i, fl_req_i, if_req_i, st_req_i, ld_req_i};
  wire [127:0] addr  = {vw_addr_i, vr_addr_i, ow_addr_i, pr_addr_i, fl_addr_i, if_addr_i, st_addr_i, ld_addr_i};
  wire [7:0]   beyond;                              // address outside the buffer
  wire [BANKS*8-1:0]   bank_gnt;
  wire [BANKS*128-1:0] bank_rdata;

  genvar g, c;
  generate
    for (c = 0; c < 8; c = c + 1) begin : g_client
      assign beyond[c] = {16'h0, addr[16*c +: 16]} >= BUF_WORDS;
    end

    for (g = 0; g < BANKS; g = g + 1) begin : g_bank
      wire [7:0] hit, gnt;
      for (c = 0; c < 8; c = c + 1) begin : g_hit
        assign hit[c] = req[c] && addr[16*c + BAW +: BW] == g[BW-1:0];
      end
      rr_arbiter #(.N(8)) u_arb (.clk_i(clk_i), .rst_ni(rst_ni), .req_i(hit), .gnt_o(gnt));
      assign bank_gnt[8*g +: 8] = gnt;

      // One-hot and-or muxes; the grant is the late signal.
      wire [BAW-1:0] baddr = ({BAW{gnt[0]}} & addr[  0 +: BAW]) | ({BAW{gnt[1]}} & addr[ 16 +: BAW]) |
                             ({BAW{gnt[2]}} & addr[ 32 +: BAW]) | ({BAW{gnt[3]}} & addr[ 48 +: BAW]) |
                             ({BAW{gnt[4]}} & addr[ 64 +: BAW]) | ({BAW{gnt[5]}} & addr[ 80 +: BAW]) |
                             ({BAW{gnt[6]}} & addr[ 96 +: BAW]) | ({BAW{gnt[7]}} & addr[112 +: BAW]);
      wire [127:0] bwdata  = gnt[5] ? ow_wdata_i : gnt[7] ? vw_wdata_i : ld_wdata_i;
      wire [15:0]  bwstrb  = gnt[5] ? ow_wstrb_i : gnt[7] ? vw_wstrb_i : ld_wstrb_i;
      buffer_bank #(.BANK_WORDS(BANK_WORDS)) u_bank (
        .clk_i(clk_i), .en_i(|gnt), .we_i(gnt[0] || gnt[5] || gnt[7]), .wstrb_i(bwstrb), .addr_i(baddr), .wdata_i(bwdata),
        .rdata_o(bank_rdata[128*g +: 128]));
    end
  endgenerate

  // A client is granted by its bank, or because no bank holds its address.
  reg  [7:0] granted;
  integer    i;
  always @* begin
    granted = req & beyond;
    for (i = 0; i < BANKS; i = i + 1) granted = granted | bank_gnt[8*i +: 8];
  end
  assign err_o = req & beyond;
  assign {vw_gnt_o, vr_gnt_o, ow_gnt_o, pr_gnt_o, fl_gnt_o, if_gnt_o, st_gnt_o, ld_gnt_o} = granted;

  // Readers by number: 0 st, 1 if, 2 fl, 3 pr, 4 vr.
  wire [READERS-1:0]    rd_gnt    = {granted[6], granted[4:1]};
  wire [READERS-1:0]    rd_beyond = {beyond[6], beyond[4:1]};
  reg  [READERS-1:0]     s1_valid_q, s2_valid_q;
  wire [READERS*128-1:0] s2_data;

  always @(posedge clk_i) begin
    s1_valid_q <= rst_ni ? rd_gnt     : {READERS{1'b0}};
    s2_valid_q <= rst_ni ? s1_valid_q : {READERS{1'b0}};
  end

  generate for (g = 0; g < READERS; g = g + 1) begin : g_reader
    localparam integer CLIENT = g == READERS-1 ? 6 : g + 1;
    reg [IW-1:0] bank_q;       // bank whose read register holds the word in the next cycle
    reg          beyond_q;
    reg [127:0]  data_q;
    always @(posedge clk_i) begin
      if (rd_gnt[g]) begin
        bank_q   <= addr[16*CLIENT + BAW +: IW];
        beyond_q <= rd_beyond[g];
      end
      if (s1_valid_q[g]) data_q <= beyond_q ? 128'h0 : bank_rdata[{bank_q, 7'h0} +: 128];
    end
    assign s2_data[128*g +: 128] = data_q;
  end endgenerate

  assign {vr_rvalid_o, pr_rvalid_o, fl_rvalid_o, if_rvalid_o, st_rvalid_o} = s2_valid_q;
  assign {vr_rdata_o, pr_rdata_o, fl_rdata_o, if_rdata_o, st_rdata_o}      = s2_data;

endmodule

`default_nettype wire
