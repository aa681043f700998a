// SPDX-License-Identifier: Apache-2.0
//
// The AXI4 read channels, shared by command fetch and LOAD: window check, AR, and R handed to the owner of each burst.
//
// One ID, so data come back in order: a queue remembers owner, length and address of every burst between AR and its last beat.
// Fetch goes first (it asks for little, and everything waits for it). While flush_i is 1 no new address goes out, addresses that are
// already on the bus stay until taken, and data are thrown away; idle_o then tells that nothing is outstanding. RLAST is not
// needed: beats are counted. Throughput: one burst and one beat per cycle. Latency: 2 cycles from request to AR, none on R.
// Up to OUTSTANDING bursts, so that runs of one beat each still hide a memory latency of as many cycles.

`default_nettype none

module axi_read #(
  parameter integer BUS_BYTES = 8,
  parameter integer OUTSTANDING = 64
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,          // hardware reset only: a job's reset comes as flush_i
  input  wire                   flush_i,
  output wire                   idle_o,

  input  wire [255:0]           region_base_i,   // region i at bits 32i+31:32i
  input  wire [255:0]           region_size_i,

  // fetch: one record of 128 bytes in region 0 per request; always takes its data
  input  wire                   fq_valid_i,
  output wire                   fq_ready_o,
  input  wire [32:0]            fq_off_i,
  output wire                   fq_fail_o,       // one cycle: a request lay outside the region and was dropped
  output wire                   fr_valid_o,
  output wire [BUS_BYTES*8-1:0] data_o,          // of fr and lr

  // LOAD: bursts that stay inside a block (burst_gen)
  input  wire                   lq_valid_i,
  output wire                   lq_ready_o,
  input  wire [2:0]             lq_region_i,
  input  wire [32:0]            lq_off_i,
  input  wire [8:0]             lq_bytes_i,
  input  wire                   lq_cmd_i,        // which of the two commands in flight
  output wire                   lr_valid_o,
  input  wire                   lr_ready_i,

  // errors, one cycle each; fq_fail_o and err_window_o come with win_addr_o, err_axi_o with axi_*
  output wire                   err_window_o,    // LOAD
  output wire                   win_cmd_o,
  output wire [31:0]            win_addr_o,
  output wire                   err_axi_o,
  output wire                   axi_fetch_o,     // the burst was a fetch, else LOAD's
  output wire                   axi_cmd_o,
  output wire [31:0]            axi_addr_o,

  output wire                   m_axi_arvalid,
  input  wire                   m_axi_arready,
  output wire [31:0]            m_axi_araddr,
  output wire [7:0]             m_axi_arlen,
  input  wire                   m_axi_rvalid,
  output wire                   m_axi_rready,
  input  wire [BUS_BYTES*8-1:0] m_axi_rdata,
  input  wire [1:0]             m_axi_rresp
);

  localparam integer LB = $clog2(BUS_BYTES);

  // Request: fetch before LOAD, through the window check.
  wire        chk_ready, chk_valid, chk_ok, chk_fetch, chk_cmd;
  wire [31:0] chk_addr;
  wire [8:0]  chk_bytes;
  wire        issue;                             // the address register and the queues have room
  wire [2:0]  region = fq_valid_i ? 3'd0 : lq_region_i;
  assign fq_ready_o = chk_ready && !flush_i;
  assign lq_ready_o = chk_ready && !flush_i && !fq_valid_i;

  window_check #(.META(2)) u_window (
    .clk_i(clk_i), .rst_ni(rst_ni && !flush_i),
    .in_valid_i((fq_valid_i || lq_valid_i) && !flush_i), .in_ready_o(chk_ready),
    .in_base_i(region_base_i[{region, 5'h0} +: 32]), .in_size_i(region_size_i[{region, 5'h0} +: 32]),
    .in_off_i(fq_valid_i ? fq_off_i : lq_off_i), .in_bytes_i(fq_valid_i ? 9'd128 : lq_bytes_i),
    .in_meta_i({fq_valid_i, lq_cmd_i}),
    .out_valid_o(chk_valid), .out_ready_i(!chk_ok || issue), .out_ok_o(chk_ok), .out_addr_o(chk_addr), .out_bytes_o(chk_bytes),
    .out_meta_o({chk_fetch, chk_cmd}));

  assign fq_fail_o    = chk_valid && !chk_ok && !flush_i && chk_fetch;
  assign err_window_o = chk_valid && !chk_ok && !flush_i && !chk_fetch;
  assign win_cmd_o    = chk_cmd;
  assign win_addr_o   = chk_addr;

  // AR register. The burst starts on a whole beat; beats - 1 = (position in the beat + bytes - 1) / bus bytes.
  reg         arvalid_q;
  reg [31:0]  araddr_q;
  reg [3:0]   arlen_q;
  wire        own_ready, own_valid, own_fetch, own_cmd;
  wire [3:0]  own_len;
  wire [31:0] own_addr;
  wire [8:0]  last_byte = {{(9-LB){1'b0}}, chk_addr[LB-1:0]} + chk_bytes - 9'd1;
  wire [3:0]  len       = last_byte[LB +: 4];
  wire [31:0] addr      = {chk_addr[31:LB], {LB{1'b0}}};
  assign      issue     = !flush_i && own_ready && (!arvalid_q || m_axi_arready);
  wire        unused    = &{1'b0, last_byte};
  wire        go        = chk_valid && chk_ok && issue;

  always @(posedge clk_i) begin
    if (!rst_ni)            arvalid_q <= 1'b0;
    else if (go)            arvalid_q <= 1'b1;
    else if (m_axi_arready) arvalid_q <= 1'b0;
  end
  always @(posedge clk_i) if (go) begin
    araddr_q <= addr;
    arlen_q  <= len;
  end
  assign m_axi_arvalid = arvalid_q;
  assign m_axi_araddr  = araddr_q;
  assign m_axi_arlen   = {4'h0, arlen_q};

  // Owners, from AR to the last beat.
  reg  [3:0] beat_q;
  wire       beat = m_axi_rvalid && m_axi_rready;
  wire       last = beat_q == own_len;
  stream_fifo #(.WIDTH(38), .DEPTH(OUTSTANDING)) u_owner (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(go), .in_ready_o(own_ready), .in_data_i({chk_fetch, chk_cmd, len, addr}),
    .out_valid_o(own_valid), .out_ready_i(beat && last), .out_data_o({own_fetch, own_cmd, own_len, own_addr}));

  always @(posedge clk_i) begin
    if (!rst_ni)   beat_q <= 4'd0;
    else if (beat) beat_q <= last ? 4'd0 : beat_q + 4'd1;
  end

  assign m_axi_rready = own_valid && (flush_i || own_fetch || lr_ready_i);
  assign data_o       = m_axi_rdata;
  assign fr_valid_o   = m_axi_rvalid && own_valid && own_fetch && !flush_i;
  assign lr_valid_o   = m_axi_rvalid && own_valid && !own_fetch && !flush_i;

  assign err_axi_o   = beat && m_axi_rresp != 2'b00 && !flush_i;
  assign axi_fetch_o = own_fetch;
  assign axi_cmd_o   = own_cmd;
  assign axi_addr_o  = own_addr;
  assign idle_o      = !arvalid_q && !own_valid && !chk_valid;

`ifdef WEFT_ASSERT
  reg        waits_q = 1'b0;
  reg [35:0] seen_q;
  always @(posedge clk_i) begin
    waits_q <= rst_ni && m_axi_arvalid && !m_axi_arready;
    seen_q  <= {araddr_q, arlen_q};
    if (rst_ni && waits_q) assert (m_axi_arvalid && seen_q == {araddr_q, arlen_q});
    if (rst_ni && m_axi_arvalid) assert ({{20+LB{1'b0}}, araddr_q[11:LB]} + {28'h0, arlen_q} < (4096 >> LB));   // inside 4 KiB
  end
`endif

endmodule

`default_nettype wire
