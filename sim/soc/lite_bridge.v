// SPDX-License-Identifier: Apache-2.0
//
// From the processor's memory port to an AXI4-Lite master: one access at a time, held until it is answered.
//
// The port keeps address, data and strobes stable from valid to ready. Latency: the slave's, plus one cycle.

`default_nettype none

module lite_bridge (
  input  wire        clk_i,
  input  wire        rst_ni,

  // processor side: valid is held until ready; wstrb 0 is a read
  input  wire        valid_i,
  output wire        ready_o,
  input  wire [31:0] addr_i,
  input  wire [31:0] wdata_i,
  input  wire [3:0]  wstrb_i,
  output wire [31:0] rdata_o,

  // AXI4-Lite master
  output wire        m_awvalid,
  input  wire        m_awready,
  output wire [31:0] m_awaddr,
  output wire        m_wvalid,
  input  wire        m_wready,
  output wire [31:0] m_wdata,
  output wire [3:0]  m_wstrb,
  input  wire        m_bvalid,
  output wire        m_bready,
  output wire        m_arvalid,
  input  wire        m_arready,
  output wire [31:0] m_araddr,
  input  wire        m_rvalid,
  output wire        m_rready,
  input  wire [31:0] m_rdata
);

  // Which of the three request channels the slave has taken in this access.
  reg  aw_q, w_q, ar_q;
  wire write = valid_i && wstrb_i != 4'h0;
  wire read  = valid_i && wstrb_i == 4'h0;

  assign m_awvalid = write && !aw_q;
  assign m_wvalid  = write && !w_q;
  assign m_arvalid = read && !ar_q;
  assign m_awaddr  = addr_i;
  assign m_araddr  = addr_i;
  assign m_wdata   = wdata_i;
  assign m_wstrb   = wstrb_i;
  assign m_bready  = write;
  assign m_rready  = read;
  assign ready_o   = write ? m_bvalid : read && m_rvalid;
  assign rdata_o   = m_rdata;

  always @(posedge clk_i) begin
    if (!rst_ni || ready_o) begin
      aw_q <= 1'b0;
      w_q  <= 1'b0;
      ar_q <= 1'b0;
    end else begin
      if (m_awvalid && m_awready) aw_q <= 1'b1;
      if (m_wvalid && m_wready)   w_q  <= 1'b1;
      if (m_arvalid && m_arready) ar_q <= 1'b1;
    end
  end

endmodule

`default_nettype wire
