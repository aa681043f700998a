// SPDX-License-Identifier: Apache-2.0
//
// The AXI4-Lite slave and the register file.
//
// Address and data of a write are taken independently, one access at a time in each direction. Regions, CMD_OFFSET and CMD_COUNT
// cannot be written while a job runs or a reset is under way, regions not at all once LOCK is set: what the window check compares
// with never changes under it. Bases and CMD_OFFSET are multiples of 128: their low bits do not exist and read zero.
// A write needs all four strobes (else SLVERR and no effect). Unknown addresses read zero, writes to them do nothing.
// Latency: write response 2 cycles after both halves; read 2 cycles, event counters up to 32 (see counters.v).

`default_nettype none
`include "weft_spec.vh"

module regs #(
  parameter integer ROWS        = 2,
  parameter integer COLS        = 2,
  parameter integer LANES       = 4,
  parameter integer BUF_WORDS   = 1024,
  parameter integer BANK_WORDS  = 256,
  parameter integer PPU_LANES   = 2,
  parameter integer FSPAD_BYTES = 128,
  parameter integer NET_BYTES   = 8,
  parameter integer BUS_BYTES   = 8
) (
  input  wire         clk_i,
  input  wire         rst_ni,

  input  wire         s_axil_awvalid,
  output wire         s_axil_awready,
  input  wire [11:0]  s_axil_awaddr,
  input  wire         s_axil_wvalid,
  output wire         s_axil_wready,
  input  wire [31:0]  s_axil_wdata,
  input  wire [3:0]   s_axil_wstrb,
  output wire         s_axil_bvalid,
  input  wire         s_axil_bready,
  output wire [1:0]   s_axil_bresp,
  input  wire         s_axil_arvalid,
  output wire         s_axil_arready,
  input  wire [11:0]  s_axil_araddr,
  output wire         s_axil_rvalid,
  input  wire         s_axil_rready,
  output wire [31:0]  s_axil_rdata,
  output wire [1:0]   s_axil_rresp,
  output wire         irq_o,

  // to and from job
  output wire         start_o,           // one cycle
  output wire         reset_o,           // one cycle
  output wire [31:0]  cmd_offset_o,
  output wire [31:0]  cmd_count_o,
  output wire [255:0] region_base_o,     // region i at bits 32i+31:32i
  output wire [255:0] region_size_o,
  input  wire         busy_i,
  input  wire         done_i,
  input  wire         error_i,
  input  wire         resetting_i,
  input  wire         irq_done_i,        // one cycle each
  input  wire         irq_error_i,
  input  wire [4:0]   engines_busy_i,    // LOAD, ARRAY, VECTOR, STORE, FETCH from bit 0
  input  wire [31:0]  error_cause_i,
  input  wire [31:0]  error_addr_i,
  input  wire [31:0]  error_cmd_i,
  input  wire [63:0]  done_counts_i,     // 16 bits per engine

  // counters: request held until valid
  output wire         cnt_req_o,
  output wire [5:0]   cnt_index_o,
  input  wire         cnt_valid_i,
  input  wire [63:0]  cnt_data_i
);

  localparam integer REGIONS  = `WEFT_REGIONS;
  localparam integer COUNTERS = `WEFT_COUNTERS;
  localparam integer VERSION  = (`WEFT_VERSION_MAJOR << 16) | (`WEFT_VERSION_MINOR << 8) | `WEFT_VERSION_PATCH;
  localparam integer CFG0 = ROWS | (COLS << 8) | (LANES << 16) | (PPU_LANES << 24);
  localparam integer CFG1 = BUF_WORDS | (NET_BYTES << 16) | (BUS_BYTES << 24);
  localparam integer CFG2 = FSPAD_BYTES | (`WEFT_ACC_DEPTH << 16);
  localparam integer CFG3 = `WEFT_WINDOW_WORDS | (`WEFT_PARAM_DEPTH << 8) | (`WEFT_OBUF_WORDS << 16) | ((BANK_WORDS / 256) << 24);

  // ---- writes ----
  reg         aw_q, w_q, bvalid_q, berror_q;
  reg [11:0]  waddr_q;
  reg [31:0]  wdata_q;
  reg [3:0]   wstrb_q;
  wire        respond = aw_q && w_q && !bvalid_q;
  wire        write   = respond && wstrb_q == 4'hf;
  wire [11:0] waddr   = {waddr_q[11:2], 2'b00};
  assign s_axil_awready = !aw_q;
  assign s_axil_wready  = !w_q;
  assign s_axil_bvalid  = bvalid_q;
  assign s_axil_bresp   = {berror_q, 1'b0};

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      aw_q     <= 1'b0;
      w_q      <= 1'b0;
      bvalid_q <= 1'b0;
    end else begin
      if (respond)             aw_q <= 1'b0;
      else if (s_axil_awvalid) aw_q <= 1'b1;
      if (respond)             w_q <= 1'b0;
      else if (s_axil_wvalid)  w_q <= 1'b1;
      if (respond)             bvalid_q <= 1'b1;
      else if (s_axil_bready)  bvalid_q <= 1'b0;
    end
  end
  always @(posedge clk_i) begin
    if (s_axil_awvalid && s_axil_awready) waddr_q <= s_axil_awaddr;
    if (s_axil_wvalid && s_axil_wready) begin
      wdata_q <= s_axil_wdata;
      wstrb_q <= s_axil_wstrb;
    end
    if (respond) berror_q <= wstrb_q != 4'hf;
  end

  reg          lock_q;
  reg  [1:0]   irq_enable_q, irq_status_q;
  reg  [31:7]  offset_q;
  reg  [31:0]  count_q;
  reg  [255:0] base_q, size_q;
  reg          irq_q;
  wire         open   = !busy_i && !resetting_i;
  wire         control = write && waddr == `WEFT_REG_CTRL;
  assign start_o      = control && wdata_q[0] && !wdata_q[1];
  assign reset_o      = control && wdata_q[1];
  assign cmd_offset_o = {offset_q, 7'h0};
  assign cmd_count_o  = count_q;
  assign irq_o        = irq_q;

  integer i;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      lock_q       <= 1'b0;
      irq_enable_q <= 2'b00;
      irq_status_q <= 2'b00;
      irq_q        <= 1'b0;
      offset_q     <= 25'h0;
      count_q      <= 32'h0;
      base_q       <= 256'h0;
      size_q       <= 256'h0;
    end else begin
      irq_q <= |(irq_enable_q & irq_status_q);
      irq_status_q <= (reset_o ? 2'b00 : irq_status_q & ~(write && waddr == `WEFT_REG_IRQ_STATUS ? wdata_q[1:0] : 2'b00)) |
                      {irq_error_i, irq_done_i};
      if (write) begin
        case (waddr)
          `WEFT_REG_IRQ_ENABLE: irq_enable_q <= wdata_q[1:0];
          `WEFT_REG_LOCK:       lock_q <= lock_q || wdata_q[0];
          `WEFT_REG_CMD_OFFSET: if (open) offset_q <= wdata_q[31:7];
          `WEFT_REG_CMD_COUNT:  if (open) count_q <= wdata_q;
          default: ;
        endcase
        for (i = 0; i < REGIONS; i = i + 1) begin
          if (open && !lock_q && {20'h0, waddr} == {20'h0, `WEFT_REG_REGION0} + 8*i)     base_q[32*i +: 32] <= {wdata_q[31:7], 7'h0};
          if (open && !lock_q && {20'h0, waddr} == {20'h0, `WEFT_REG_REGION0} + 8*i + 4) size_q[32*i +: 32] <= wdata_q;
        end
      end
    end
  end
  assign region_base_o = base_q;
  assign region_size_o = size_q;

  // ---- reads ----
  reg         ar_q, rvalid_q;
  reg [11:0]  raddr_q;
  reg [31:0]  rdata_q, value;
  wire [11:0] raddr      = {raddr_q[11:2], 2'b00};
  wire [11:0] in_cnt     = raddr - `WEFT_REG_COUNTER0;
  wire [11:0] in_region  = raddr - `WEFT_REG_REGION0;
  wire        is_cnt     = raddr >= `WEFT_REG_COUNTER0 && {23'h0, in_cnt[11:3]} < COUNTERS;
  wire        is_region  = raddr >= `WEFT_REG_REGION0 && {23'h0, in_region[11:3]} < REGIONS;
  wire        answer     = ar_q && !rvalid_q && (!is_cnt || cnt_valid_i);
  wire        unused     = &{1'b0, waddr_q[1:0], raddr_q[1:0], in_cnt, in_region};
  assign cnt_req_o      = ar_q && !rvalid_q && is_cnt;
  assign cnt_index_o    = in_cnt[8:3];
  assign s_axil_arready = !ar_q;
  assign s_axil_rvalid  = rvalid_q;
  assign s_axil_rdata   = rdata_q;
  assign s_axil_rresp   = 2'b00;

  always @* begin
    case (raddr)
      `WEFT_REG_ID:          value = `WEFT_ID;
      `WEFT_REG_VERSION:     value = VERSION;
      `WEFT_REG_CFG0:        value = CFG0;
      `WEFT_REG_CFG1:        value = CFG1;
      `WEFT_REG_CFG2:        value = CFG2;
      `WEFT_REG_CFG3:        value = CFG3;
      `WEFT_REG_STATUS:      value = {19'h0, engines_busy_i, 4'h0, resetting_i, error_i, done_i, busy_i};
      `WEFT_REG_IRQ_ENABLE:  value = {30'h0, irq_enable_q};
      `WEFT_REG_IRQ_STATUS:  value = {30'h0, irq_status_q};
      `WEFT_REG_CMD_OFFSET:  value = {offset_q, 7'h0};
      `WEFT_REG_CMD_COUNT:   value = count_q;
      `WEFT_REG_LOCK:        value = {31'h0, lock_q};
      `WEFT_REG_ERROR_CAUSE: value = error_cause_i;
      `WEFT_REG_ERROR_ADDR:  value = error_addr_i;
      `WEFT_REG_ERROR_CMD:   value = error_cmd_i;
      `WEFT_REG_DONE_LOAD:   value = {16'h0, done_counts_i[15:0]};
      `WEFT_REG_DONE_ARRAY:  value = {16'h0, done_counts_i[31:16]};
      `WEFT_REG_DONE_VECTOR: value = {16'h0, done_counts_i[47:32]};
      `WEFT_REG_DONE_STORE:  value = {16'h0, done_counts_i[63:48]};
      default:               value = 32'h0;
    endcase
    if (is_region) value = raddr[2] ? size_q[{in_region[5:3], 5'h0} +: 32] : base_q[{in_region[5:3], 5'h0} +: 32];
    if (is_cnt)    value = raddr[2] ? cnt_data_i[63:32] : cnt_data_i[31:0];
  end

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      ar_q     <= 1'b0;
      rvalid_q <= 1'b0;
    end else begin
      if (rvalid_q && s_axil_rready) begin
        ar_q     <= 1'b0;
        rvalid_q <= 1'b0;
      end else begin
        if (s_axil_arvalid) ar_q <= 1'b1;
        if (answer)         rvalid_q <= 1'b1;
      end
    end
  end
  always @(posedge clk_i) begin
    if (s_axil_arvalid && s_axil_arready) raddr_q <= s_axil_araddr;
    if (answer) rdata_q <= value;
  end

endmodule

`default_nettype wire
