// SPDX-License-Identifier: Apache-2.0
//
// A small system around Weft: a RISC-V processor (picorv32, RV32IM), its memory, UART, timer, and Weft on its bus.
//
// Weft's registers hang on the processor's bus through AXI4-Lite; its AXI4 master goes to the DRAM outside, and so does the processor's
// own DRAM port (one word at a time). The processor is the package pythondata-cpu-picorv32, found when the simulation is built.
// Accesses to RAM take the processor's minimum (it looks ahead by one cycle), all others wait for their answer.

`default_nettype none
`include "soc_map.vh"
`include "weft_config.vh"

module weft_soc #(
  parameter integer BUS_BYTES = `WEFT_BUS_BYTES
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,

  // the processor's DRAM port: valid is held until ready, then rdata counts; wstrb 0 is a read
  output wire                   dram_valid_o,
  input  wire                   dram_ready_i,
  output wire [31:0]            dram_addr_o,
  output wire [31:0]            dram_wdata_o,
  output wire [3:0]             dram_wstrb_o,
  input  wire [31:0]            dram_rdata_i,

  // UART bytes: valid is held until ready
  output wire                   tx_valid_o,
  output wire [7:0]             tx_data_o,
  input  wire                   tx_ready_i,
  input  wire                   rx_valid_i,
  input  wire [7:0]             rx_data_i,
  output wire                   rx_ready_o,

  // for the simulation: end of the program, processor stuck, register writes for the bus monitor, and a way to cut Weft's interrupt
  output wire                   exit_valid_o,
  output wire [31:0]            exit_code_o,
  output wire                   trap_o,
  output wire [31:0]            pc_o,            // address of the last instruction fetched
  output wire                   reg_write_o,
  output wire [11:0]            reg_addr_o,
  output wire [31:0]            reg_wdata_o,
  input  wire                   cut_irq_i,

  // Weft's AXI4 master (see rtl/weft.v)
  output wire                   m_axi_arvalid,
  input  wire                   m_axi_arready,
  output wire [31:0]            m_axi_araddr,
  output wire [7:0]             m_axi_arlen,
  output wire [2:0]             m_axi_arsize,
  output wire [1:0]             m_axi_arburst,
  input  wire                   m_axi_rvalid,
  output wire                   m_axi_rready,
  input  wire [BUS_BYTES*8-1:0] m_axi_rdata,
  input  wire [1:0]             m_axi_rresp,
  input  wire                   m_axi_rlast,
  output wire                   m_axi_awvalid,
  input  wire                   m_axi_awready,
  output wire [31:0]            m_axi_awaddr,
  output wire [7:0]             m_axi_awlen,
  output wire [2:0]             m_axi_awsize,
  output wire [1:0]             m_axi_awburst,
  output wire                   m_axi_wvalid,
  input  wire                   m_axi_wready,
  output wire [BUS_BYTES*8-1:0] m_axi_wdata,
  output wire [BUS_BYTES-1:0]   m_axi_wstrb,
  output wire                   m_axi_wlast,
  input  wire                   m_axi_bvalid,
  output wire                   m_axi_bready,
  input  wire [1:0]             m_axi_bresp
);

  localparam integer RAM_WORDS = `SOC_RAM_BYTES / 4;
  localparam integer RAM_BITS  = $clog2(RAM_WORDS);

  // ---- processor ----
  wire        valid, instr, ready, la_read, la_write, irq_weft, irq_uart, irq_timer;
  wire [31:0] addr, wdata, rdata, la_addr, la_wdata;
  wire [3:0]  wstrb, la_wstrb;
  wire        stray;
  wire [31:0] irq = {25'h0, stray, irq_timer, irq_uart, irq_weft && !cut_irq_i, 3'h0};

  /* verilator lint_off PINCONNECTEMPTY */
  picorv32 #(
    .ENABLE_COUNTERS(1'b0), .ENABLE_COUNTERS64(1'b0), .BARREL_SHIFTER(1'b1), .ENABLE_MUL(1'b0), .ENABLE_FAST_MUL(1'b1),
    .ENABLE_DIV(1'b1), .ENABLE_IRQ(1'b1), .ENABLE_IRQ_TIMER(1'b0), .LATCHED_IRQ(`SOC_IRQ_FATAL),
    .PROGADDR_RESET(`SOC_RAM), .PROGADDR_IRQ(`SOC_RAM + 32'h10), .STACKADDR(32'hffffffff)
  ) u_cpu (
    .clk(clk_i), .resetn(rst_ni), .trap(trap_o), .mem_valid(valid), .mem_instr(instr), .mem_ready(ready), .mem_addr(addr),
    .mem_wdata(wdata), .mem_wstrb(wstrb), .mem_rdata(rdata), .mem_la_read(la_read), .mem_la_write(la_write), .mem_la_addr(la_addr),
    .mem_la_wdata(la_wdata), .mem_la_wstrb(la_wstrb), .pcpi_valid(), .pcpi_insn(), .pcpi_rs1(), .pcpi_rs2(), .pcpi_wr(1'b0),
    .pcpi_rd(32'h0), .pcpi_wait(1'b0), .pcpi_ready(1'b0), .irq(irq), .eoi(), .trace_valid(), .trace_data());
  /* verilator lint_on PINCONNECTEMPTY */

  reg [31:0] pc_q;
  always @(posedge clk_i) if (valid && instr) pc_q <= addr;
  assign pc_o = pc_q;

  // ---- address map ----
  wire in_ram  = addr < `SOC_RAM_BYTES;
  wire in_dram = addr[31:30] == 2'b01;
  wire in_weft = {addr[31:12], 12'h0} == `SOC_WEFT;
  wire in_peri = {addr[31:8], 8'h0} == `SOC_PERIPHERALS;
  wire weft_ready, peri_ready;
  wire [31:0] weft_rdata, peri_rdata;
  reg  [31:0] ram_q;
  assign stray = valid && !(in_ram || in_dram || in_weft || in_peri);   // answered with 0, and a fatal interrupt
  assign ready = valid && (in_dram ? dram_ready_i : in_weft ? weft_ready : in_peri ? peri_ready : 1'b1);
  assign rdata = in_ram ? ram_q : in_dram ? dram_rdata_i : in_weft ? weft_rdata : in_peri ? peri_rdata : 32'h0;

  // ---- RAM; +firmware=FILE names its contents, one 32-bit word a line ----
  reg [31:0] ram [0:RAM_WORDS-1];
  wire              la_ram = la_addr < `SOC_RAM_BYTES;
  wire [RAM_BITS-1:0] la_word = la_addr[RAM_BITS+1:2];
  always @(posedge clk_i) begin
    if (la_read && la_ram) ram_q <= ram[la_word];
    if (la_write && la_ram) begin
      if (la_wstrb[0]) ram[la_word][7:0]   <= la_wdata[7:0];
      if (la_wstrb[1]) ram[la_word][15:8]  <= la_wdata[15:8];
      if (la_wstrb[2]) ram[la_word][23:16] <= la_wdata[23:16];
      if (la_wstrb[3]) ram[la_word][31:24] <= la_wdata[31:24];
    end
  end
  reg [8*1024-1:0] firmware;
  initial if ($value$plusargs("firmware=%s", firmware)) $readmemh(firmware, ram);

  // ---- DRAM port ----
  assign dram_valid_o = valid && in_dram;
  assign dram_addr_o  = {2'b00, addr[29:0]};
  assign dram_wdata_o = wdata;
  assign dram_wstrb_o = wstrb;

  peripherals u_peripherals (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid && in_peri), .ready_o(peri_ready), .addr_i(addr[7:0]), .wdata_i(wdata),
    .wstrb_i(wstrb), .rdata_o(peri_rdata), .tx_valid_o(tx_valid_o), .tx_data_o(tx_data_o), .tx_ready_i(tx_ready_i),
    .rx_valid_i(rx_valid_i), .rx_data_i(rx_data_i), .rx_ready_o(rx_ready_o), .irq_uart_o(irq_uart), .irq_timer_o(irq_timer),
    .exit_valid_o(exit_valid_o), .exit_code_o(exit_code_o));

  // ---- Weft ----
  wire        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  wire [31:0] awaddr, araddr, lite_wdata, lite_rdata;
  wire [3:0]  lite_wstrb;
  wire [1:0]  bresp, rresp;
  wire        unused = &{1'b0, bresp, rresp, awaddr[31:12], araddr[31:12]};   // Weft answers OKAY to every register access
  assign reg_write_o = wvalid && wready;
  assign reg_addr_o  = awaddr[11:0];
  assign reg_wdata_o = lite_wdata;

  lite_bridge u_bridge (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid && in_weft), .ready_o(weft_ready), .addr_i(addr), .wdata_i(wdata),
    .wstrb_i(wstrb), .rdata_o(weft_rdata), .m_awvalid(awvalid), .m_awready(awready), .m_awaddr(awaddr), .m_wvalid(wvalid),
    .m_wready(wready), .m_wdata(lite_wdata), .m_wstrb(lite_wstrb), .m_bvalid(bvalid), .m_bready(bready), .m_arvalid(arvalid),
    .m_arready(arready), .m_araddr(araddr), .m_rvalid(rvalid), .m_rready(rready), .m_rdata(lite_rdata));

  weft u_weft (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .s_axil_awvalid(awvalid), .s_axil_awready(awready), .s_axil_awaddr(awaddr[11:0]), .s_axil_wvalid(wvalid),
    .s_axil_wready(wready), .s_axil_wdata(lite_wdata), .s_axil_wstrb(lite_wstrb), .s_axil_bvalid(bvalid), .s_axil_bready(bready),
    .s_axil_bresp(bresp), .s_axil_arvalid(arvalid), .s_axil_arready(arready), .s_axil_araddr(araddr[11:0]),
    .s_axil_rvalid(rvalid), .s_axil_rready(rready), .s_axil_rdata(lite_rdata), .s_axil_rresp(rresp),
    .m_axi_arvalid(m_axi_arvalid), .m_axi_arready(m_axi_arready), .m_axi_araddr(m_axi_araddr), .m_axi_arlen(m_axi_arlen),
    .m_axi_arsize(m_axi_arsize), .m_axi_arburst(m_axi_arburst), .m_axi_rvalid(m_axi_rvalid), .m_axi_rready(m_axi_rready),
    .m_axi_rdata(m_axi_rdata), .m_axi_rresp(m_axi_rresp), .m_axi_rlast(m_axi_rlast), .m_axi_awvalid(m_axi_awvalid),
    .m_axi_awready(m_axi_awready), .m_axi_awaddr(m_axi_awaddr), .m_axi_awlen(m_axi_awlen), .m_axi_awsize(m_axi_awsize),
    .m_axi_awburst(m_axi_awburst), .m_axi_wvalid(m_axi_wvalid), .m_axi_wready(m_axi_wready), .m_axi_wdata(m_axi_wdata),
    .m_axi_wstrb(m_axi_wstrb), .m_axi_wlast(m_axi_wlast), .m_axi_bvalid(m_axi_bvalid), .m_axi_bready(m_axi_bready),
    .m_axi_bresp(m_axi_bresp), .irq_o(irq_weft));

endmodule

`default_nettype wire
