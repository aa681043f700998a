// SPDX-License-Identifier: Apache-2.0
//
// The AXI4 write channels of STORE: window check, AW, W with WLAST, and the count of write responses.
//
// W beats go out in the order of the addresses, only for bursts that passed the check; neither channel waits for the other on the
// bus. While flush_i is 1 no new address goes out; bursts that were announced get their remaining beats with all strobes zero,
// so that a slave is never left waiting and nothing more is written. idle_o: nothing is checked, announced or unanswered.
// Throughput: one burst and one beat per cycle. Latency: 2 cycles from request to AW, one from beat to W.

`default_nettype none

module axi_write #(
  parameter integer BUS_BYTES = 8,
  parameter integer OUTSTANDING = 64
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,          // hardware reset only
  input  wire                   flush_i,
  output wire                   idle_o,

  input  wire [255:0]           region_base_i,
  input  wire [255:0]           region_size_i,

  // bursts that stay inside a block (burst_gen)
  input  wire                   sq_valid_i,
  output wire                   sq_ready_o,
  input  wire [2:0]             sq_region_i,
  input  wire [32:0]            sq_off_i,
  input  wire [8:0]             sq_bytes_i,
  // their beats
  input  wire                   sw_valid_i,
  output wire                   sw_ready_o,
  input  wire [BUS_BYTES*8-1:0] sw_data_i,
  input  wire [BUS_BYTES-1:0]   sw_strb_i,

  output wire                   err_window_o,    // one cycle each
  output wire [31:0]            win_addr_o,
  output wire                   err_axi_o,
  output wire [31:0]            axi_addr_o,
  output wire                   ev_beat_o,

  output wire                   m_axi_awvalid,
  input  wire                   m_axi_awready,
  output wire [31:0]            m_axi_awaddr,
  output wire [7:0]             m_axi_awlen,
  output wire                   m_axi_wvalid,
  input  wire                   m_axi_wready,
  output wire [BUS_BYTES*8-1:0] m_axi_wdata,
  output wire [BUS_BYTES-1:0]   m_axi_wstrb,
  output wire                   m_axi_wlast,
  input  wire                   m_axi_bvalid,
  output wire                   m_axi_bready,
  input  wire [1:0]             m_axi_bresp
);

  localparam integer LB = $clog2(BUS_BYTES);

  wire        chk_ready, chk_valid, chk_ok, chk_unused;
  wire [31:0] chk_addr;
  wire [8:0]  chk_bytes;
  wire        issue;                             // the address register and the queues have room
  window_check #(.META(1)) u_window (
    .clk_i(clk_i), .rst_ni(rst_ni && !flush_i),
    .in_valid_i(sq_valid_i && !flush_i), .in_ready_o(chk_ready),
    .in_base_i(region_base_i[{sq_region_i, 5'h0} +: 32]), .in_size_i(region_size_i[{sq_region_i, 5'h0} +: 32]),
    .in_off_i(sq_off_i), .in_bytes_i(sq_bytes_i), .in_meta_i(1'b0),
    .out_valid_o(chk_valid), .out_ready_i(!chk_ok || issue), .out_ok_o(chk_ok), .out_addr_o(chk_addr), .out_bytes_o(chk_bytes),
    .out_meta_o(chk_unused));
  assign sq_ready_o   = chk_ready && !flush_i;
  assign err_window_o = chk_valid && !chk_ok && !flush_i;
  assign win_addr_o   = chk_addr;

  // AW register.
  reg         awvalid_q;
  reg [31:0]  awaddr_q;
  reg [3:0]   awlen_q;
  wire        len_ready, len_valid, resp_ready, resp_valid;
  wire [3:0]  w_len;
  wire [8:0]  last_byte = {{(9-LB){1'b0}}, chk_addr[LB-1:0]} + chk_bytes - 9'd1;
  wire [3:0]  len       = last_byte[LB +: 4];
  wire [31:0] addr      = {chk_addr[31:LB], {LB{1'b0}}};
  assign      issue     = !flush_i && len_ready && resp_ready && (!awvalid_q || m_axi_awready);
  wire        go        = chk_valid && chk_ok && issue;
  wire        unused    = &{1'b0, last_byte, chk_unused};

  always @(posedge clk_i) begin
    if (!rst_ni)            awvalid_q <= 1'b0;
    else if (go)            awvalid_q <= 1'b1;
    else if (m_axi_awready) awvalid_q <= 1'b0;
  end
  always @(posedge clk_i) if (go) begin
    awaddr_q <= addr;
    awlen_q  <= len;
  end
  assign m_axi_awvalid = awvalid_q;
  assign m_axi_awaddr  = awaddr_q;
  assign m_axi_awlen   = {4'h0, awlen_q};

  // W register, filled from STORE or, in a flush, with beats that write nothing.
  reg                   wvalid_q, wlast_q;
  reg [BUS_BYTES*8-1:0] wdata_q;
  reg [BUS_BYTES-1:0]   wstrb_q;
  reg [3:0]             beat_q;
  wire w_free = len_valid && (!wvalid_q || m_axi_wready);
  wire w_take = w_free && (sw_valid_i || flush_i);
  wire w_last = beat_q == w_len;
  assign sw_ready_o = w_free && !flush_i;

  stream_fifo #(.WIDTH(4), .DEPTH(OUTSTANDING)) u_len (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(go), .in_ready_o(len_ready), .in_data_i(len),
    .out_valid_o(len_valid), .out_ready_i(w_take && w_last), .out_data_o(w_len));

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      wvalid_q <= 1'b0;
      beat_q   <= 4'd0;
    end else begin
      if (w_take)            wvalid_q <= 1'b1;
      else if (m_axi_wready) wvalid_q <= 1'b0;
      if (w_take)            beat_q <= w_last ? 4'd0 : beat_q + 4'd1;
    end
  end
  always @(posedge clk_i) if (w_take) begin
    wdata_q <= sw_data_i;
    wstrb_q <= flush_i ? {BUS_BYTES{1'b0}} : sw_strb_i;
    wlast_q <= w_last;
  end
  assign m_axi_wvalid = wvalid_q;
  assign m_axi_wdata  = wdata_q;
  assign m_axi_wstrb  = wstrb_q;
  assign m_axi_wlast  = wlast_q;
  assign ev_beat_o    = wvalid_q && m_axi_wready && !flush_i;

  // Responses, in order of the addresses.
  stream_fifo #(.WIDTH(32), .DEPTH(OUTSTANDING)) u_resp (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(go), .in_ready_o(resp_ready), .in_data_i(addr),
    .out_valid_o(resp_valid), .out_ready_i(m_axi_bvalid), .out_data_o(axi_addr_o));
  assign m_axi_bready = 1'b1;
  assign err_axi_o    = m_axi_bvalid && m_axi_bresp != 2'b00 && !flush_i;
  assign idle_o       = !chk_valid && !awvalid_q && !wvalid_q && !len_valid && !resp_valid;

`ifdef WEFT_ASSERT
  reg                     aw_waits_q = 1'b0, w_waits_q = 1'b0;
  reg [35:0]              aw_seen_q;
  reg [BUS_BYTES*9+1-1:0] w_seen_q;
  always @(posedge clk_i) begin
    aw_waits_q <= rst_ni && m_axi_awvalid && !m_axi_awready;
    w_waits_q  <= rst_ni && m_axi_wvalid && !m_axi_wready;
    aw_seen_q  <= {awaddr_q, awlen_q};
    w_seen_q   <= {wdata_q, wstrb_q, wlast_q};
    if (rst_ni && aw_waits_q) assert (m_axi_awvalid && aw_seen_q == {awaddr_q, awlen_q});
    if (rst_ni && w_waits_q)  assert (m_axi_wvalid && w_seen_q == {wdata_q, wstrb_q, wlast_q});
    if (rst_ni && m_axi_awvalid) assert ({{20+LB{1'b0}}, awaddr_q[11:LB]} + {28'h0, awlen_q} < (4096 >> LB));
  end
`endif

endmodule

`default_nettype wire
