// SPDX-License-Identifier: Apache-2.0
//
// UART, timer and the end of a simulation: the small registers of the system (soc_map.vh).
//
// The UART is the byte side of one: bytes leave and arrive by valid and ready, a serialiser for a board goes outside. Every access
// is answered in its first cycle, but a write to UART_DATA waits until the byte is taken.

`default_nettype none
`include "soc_map.vh"

module peripherals (
  input  wire        clk_i,
  input  wire        rst_ni,

  // processor side: valid is held until ready; wstrb 0 is a read
  input  wire        valid_i,
  output wire        ready_o,
  input  wire [7:0]  addr_i,
  input  wire [31:0] wdata_i,
  input  wire [3:0]  wstrb_i,
  output reg  [31:0] rdata_o,

  // bytes: valid is held until ready
  output wire        tx_valid_o,
  output wire [7:0]  tx_data_o,
  input  wire        tx_ready_i,
  input  wire        rx_valid_i,
  input  wire [7:0]  rx_data_i,
  output wire        rx_ready_o,

  output wire        irq_uart_o,     // levels
  output wire        irq_timer_o,
  output wire        exit_valid_o,   // one cycle
  output wire [31:0] exit_code_o
);

  // One byte waits here, so that the interrupt line does not depend on the outside in the same cycle.
  reg        rx_full_q;
  reg [7:0]  rx_q;
  reg [1:0]  enable_q;
  reg [63:0] time_q, alarm_q;
  reg [31:0] high_q, scratch_q;
  reg        alarm_up_q;

  wire [31:0] at    = {24'h0, addr_i};
  wire        write = valid_i && wstrb_i != 4'h0;
  wire        read  = valid_i && wstrb_i == 4'h0;
  wire        send  = write && at == `SOC_UART_DATA;

  assign tx_valid_o   = send;
  assign tx_data_o    = wdata_i[7:0];
  assign ready_o      = valid_i && (!send || tx_ready_i);
  assign rx_ready_o   = !rx_full_q;
  assign irq_uart_o   = rx_full_q && enable_q[0];
  assign irq_timer_o  = alarm_up_q && enable_q[1];
  assign exit_valid_o = write && at == `SOC_EXIT;
  assign exit_code_o  = wdata_i;

  always @* begin
    case (at)
      `SOC_UART_DATA:   rdata_o = {!rx_full_q, 23'h0, rx_q};
      `SOC_UART_STATUS: rdata_o = {31'h0, rx_full_q};
      `SOC_IRQ_ENABLE:  rdata_o = {30'h0, enable_q};
      `SOC_TIME_LO:     rdata_o = time_q[31:0];
      `SOC_TIME_HI:     rdata_o = high_q;
      `SOC_ALARM_LO:    rdata_o = alarm_q[31:0];
      `SOC_ALARM_HI:    rdata_o = alarm_q[63:32];
      `SOC_SCRATCH:     rdata_o = scratch_q;
      default:          rdata_o = 32'h0;
    endcase
  end

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      rx_full_q  <= 1'b0;
      enable_q   <= 2'b00;
      time_q     <= 64'h0;
      alarm_q    <= {64{1'b1}};
      alarm_up_q <= 1'b0;
      scratch_q  <= 32'h0;
      high_q     <= 32'h0;
    end else begin
      time_q     <= time_q + 64'h1;
      alarm_up_q <= time_q >= alarm_q;
      if (rx_valid_i && rx_ready_o)                rx_full_q <= 1'b1;
      else if (read && at == `SOC_UART_DATA)       rx_full_q <= 1'b0;
      if (read && at == `SOC_TIME_LO)              high_q <= time_q[63:32];
      if (write && at == `SOC_IRQ_ENABLE)          enable_q <= wdata_i[1:0];
      if (write && at == `SOC_SCRATCH)             scratch_q <= wdata_i;
      if (write && at == `SOC_ALARM_LO)            alarm_q[31:0] <= wdata_i;
      if (write && at == `SOC_ALARM_HI)            alarm_q[63:32] <= wdata_i;
    end
  end
  always @(posedge clk_i) if (rx_valid_i && rx_ready_o) rx_q <= rx_data_i;

endmodule

`default_nettype wire
