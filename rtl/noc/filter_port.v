// SPDX-License-Identifier: Apache-2.0
//
// A row's port on the filter Y-bus: keeps the packets with the row's tag and puts their LANES-words one by one on the row's X-bus.
//
// The tag lane runs one cycle ahead of the data lane. A packet takes W_BANKS cycles on the X-bus; the loader's pace guarantees
// that the next one for this row comes no earlier.
// Throughput: one packet per W_BANKS cycles for a row, one per cycle passed on. Latency: data in to first filter write 2 cycles.

`default_nettype none

module filter_port #(
  parameter integer COLS    = 14,
  parameter integer LANES   = 4,
  parameter integer W_BANKS = 4,                  // LANES-words of a packet
  parameter integer F_AW    = 8,
  parameter integer T_W     = 4,
  parameter integer R_W     = 4
) (
  input  wire                       clk_i,
  input  wire                       rst_ni,

  // configuration, two command banks (bank 0 low)
  input  wire [1:0]                 active_i,
  input  wire [2*R_W-1:0]           ftag_i,       // which filters the row holds
  input  wire [2*COLS*T_W-1:0]      col_t_i,      // filter group of each column
  input  wire [2*COLS-1:0]          col_active_i,

  // Y-bus in and out
  input  wire                       tag_valid_i,
  input  wire                       tag_par_i,
  input  wire [T_W-1:0]             tag_t_i,
  input  wire [R_W-1:0]             tag_row_i,
  input  wire [F_AW-$clog2(W_BANKS)-1:0] dat_addr_i,   // spad bank and packet number
  input  wire [W_BANKS*LANES*9-1:0] dat_i,
  output wire                       tag_valid_o,
  output wire                       tag_par_o,
  output wire [T_W-1:0]             tag_t_o,
  output wire [R_W-1:0]             tag_row_o,
  output wire [F_AW-$clog2(W_BANKS)-1:0] dat_addr_o,
  output wire [W_BANKS*LANES*9-1:0] dat_o,

  // X-bus
  output wire [COLS-1:0]            we_o,
  output wire [F_AW-1:0]            waddr_o,
  output wire [LANES*9-1:0]         wdata_o
);

  localparam integer LGB = $clog2(W_BANKS);
  localparam integer WW  = LANES * 9;

  reg                    valid_q, par_q;
  reg  [T_W-1:0]         t_q;
  reg  [R_W-1:0]         row_q;
  reg  [F_AW-LGB-1:0]    addr_q;
  reg  [W_BANKS*WW-1:0]  dat_q;

  always @(posedge clk_i)
    if (!rst_ni) valid_q <= 1'b0;
    else         valid_q <= tag_valid_i;

  always @(posedge clk_i) begin
    if (tag_valid_i) begin
      par_q <= tag_par_i;
      t_q   <= tag_t_i;
      row_q <= tag_row_i;
    end
    if (valid_q) begin                           // this packet's data is on its way
      addr_q <= dat_addr_i;
      dat_q  <= dat_i;
    end
  end

  assign tag_valid_o = valid_q;
  assign tag_par_o   = par_q;
  assign tag_t_o     = t_q;
  assign tag_row_o   = row_q;
  assign dat_addr_o  = addr_q;
  assign dat_o       = dat_q;

  // -- match ------------------------------------------------------------------------------------------------------------------
  reg                hit_q, hpar_q;
  reg  [T_W-1:0]     ht_q;
  wire [R_W-1:0]     own = par_q ? ftag_i[R_W +: R_W] : ftag_i[0 +: R_W];

  always @(posedge clk_i) begin
    hit_q <= rst_ni && valid_q && active_i[par_q] && row_q == own;
    if (valid_q) begin
      hpar_q <= par_q;
      ht_q   <= t_q;
    end
  end

  // -- X-bus ------------------------------------------------------------------------------------------------------------------
  wire [COLS*T_W-1:0]    col_t = hpar_q ? col_t_i[COLS*T_W +: COLS*T_W] : col_t_i[0 +: COLS*T_W];
  wire [COLS-1:0]        col_a = hpar_q ? col_active_i[COLS +: COLS] : col_active_i[0 +: COLS];
  reg                    busy_q;
  reg  [LGB-1:0]         word_q;
  reg  [F_AW-LGB-1:0]    xaddr_q;
  reg  [W_BANKS*WW-1:0]  xdat_q;
  reg  [COLS-1:0]        we_q;
  wire                   last = &word_q;

  always @(posedge clk_i)
    if (!rst_ni)            busy_q <= 1'b0;
    else if (hit_q)         busy_q <= 1'b1;
    else if (busy_q & last) busy_q <= 1'b0;

  integer j;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      we_q <= {COLS{1'b0}};
    end else if (hit_q) begin
      word_q  <= {LGB{1'b0}};
      xaddr_q <= addr_q;
      xdat_q  <= dat_q;
      for (j = 0; j < COLS; j = j + 1)
        we_q[j] <= col_a[j] && ht_q == col_t[j*T_W +: T_W];
    end else if (busy_q) begin
      word_q  <= word_q + 1'b1;
      xdat_q  <= xdat_q >> WW;
      if (last) we_q <= {COLS{1'b0}};
    end
  end

  assign we_o    = we_q;
  assign waddr_o = {xaddr_q, word_q};
  assign wdata_o = xdat_q[WW-1:0];

`ifdef WEFT_ASSERT
  always @(posedge clk_i)
    if (rst_ni && hit_q) assert (!busy_q || last);   // the loader's pace
`endif

endmodule

`default_nettype wire
