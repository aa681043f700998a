// SPDX-License-Identifier: Apache-2.0
//
// Turns a CONV command into what rows, columns, feeder, loader and sequencer are set to: who each PE is, and products of fields.
//
// Identities come from counters, one row or column a cycle, written into bank par_i; nothing of the other bank changes, so the
// command before goes on. The feeder steps through the ifmap by additions only; the steps are computed here by one
// shift-and-add multiplier that stops when the multiplier has no more ones.
// Latency: about ROWS + COLS or 12 + the bit lengths of the twelve multipliers, typically 35 cycles, hidden by the former command.

`default_nettype none
`include "weft_spec.vh"

module array_config #(
  parameter integer ROWS  = 12,
  parameter integer COLS  = 14,
  parameter integer LANES = 4,
  parameter integer W_AW  = 6,
  parameter integer Y_W   = 16,
  parameter integer T_W   = 4,
  parameter integer R_W   = 4,
  parameter integer CFG_W = 3 + 2 * R_W + 8 + 2 * Y_W   // of a row, derived, do not set
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,

  input  wire                  start_i,          // pulse; cmd_i and par_i stable from here to done_o
  input  wire                  par_i,
  /* verilator lint_off UNUSEDSIGNAL */          // the other fields are for the other units
  input  wire [1023:0]         cmd_i,
  /* verilator lint_on UNUSEDSIGNAL */
  output wire                  busy_o,
  output wire                  done_o,           // pulse: everything below is set

  // rows: one write a cycle
  output wire                  row_we_o,
  output wire [R_W-1:0]        row_o,
  output wire [CFG_W-1:0]      row_cfg_o,        // see pe_row.v
  // columns, both banks
  output wire [2*COLS*Y_W-1:0] col_y_o,
  output wire [2*COLS*T_W-1:0] col_t_o,
  output wire [2*COLS-1:0]     col_active_o,
  // both banks: window words of a position, multiplier uses of an issue, filter tags
  output wire [2*W_AW+1:0]     span_o,
  output wire [31:0]           mac_o,
  output wire [15:0]           ntag_o,
  // twelve products for the feeder, each {18-bit coordinate, 16-bit buffer address}; they stay until the next start_i
  output wire [12*34-1:0]      prod_o
);

  localparam integer L = $clog2(LANES);

  wire [7:0]  dil_y    = cmd_i[`WEFT_CONV_dil_y];
  wire [7:0]  stride_y = cmd_i[`WEFT_CONV_stride_y];
  wire [7:0]  stride_x = cmd_i[`WEFT_CONV_stride_x];
  wire [15:0] in_row   = cmd_i[`WEFT_CONV_in_row];
  wire [15:0] in_pix   = cmd_i[`WEFT_CONV_in_pix];
  wire [1:0]  kind     = cmd_i[`WEFT_CONV_kind];
  wire        rows_k   = kind == 2'd0;
  wire        groups_k = kind == 2'd2;

  // -- products ---------------------------------------------------------------------------------------------------------------
  reg  [3:0]  step_q;
  reg         mul_q;                             // multiplying
  reg  [15:0] m_q;
  reg  [17:0] add_y_q, sum_y_q;
  reg  [15:0] add_a_q, sum_a_q;
  reg  [33:0] prod_q [0:11];
  reg  [3:0]  load;                              // which product's operands
  reg  [15:0] m;
  reg  [17:0] y;
  reg  [15:0] a;

  always @* begin
    load = start_i ? 4'd0 : step_q + 4'd1;
    {y, a} = {18'd1, in_row};
    case (load)
      4'd0:    m = {8'd0, dil_y};
      4'd1:    m = {8'd0, stride_y};
      4'd2:    begin m = {8'd0, cmd_i[`WEFT_CONV_R]};           {y, a} = prod_q[0]; end
      4'd3:    begin m = {8'd0, cmd_i[`WEFT_CONV_pair_dr]};     {y, a} = prod_q[0]; end
      4'd4:    begin m = {8'd0, cmd_i[`WEFT_CONV_rsh] - 8'd1};  {y, a} = prod_q[0]; end
      4'd5:    begin m = cmd_i[`WEFT_CONV_y_step];              {y, a} = prod_q[1]; end
      4'd6:    m = {8'd0, cmd_i[`WEFT_CONV_pad_top]};
      4'd7:    begin m = {8'd0, cmd_i[`WEFT_CONV_pad_left]};    a = in_pix; end
      4'd8:    begin m = {8'd0, stride_x};                      a = in_pix; end
      4'd9:    begin m = {8'd0, cmd_i[`WEFT_CONV_S] - 8'd1};    y = {10'd0, cmd_i[`WEFT_CONV_dil_x]}; end
      4'd10:   begin m = {8'd0, stride_x};                      y = {2'd0, cmd_i[`WEFT_CONV_OW] - 16'd1}; end
      default: begin m = cmd_i[`WEFT_CONV_FT];                  {y, a} = prod_q[8]; end
    endcase
  end

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      mul_q  <= 1'b0;
      step_q <= 4'd0;
    end else if (start_i || (mul_q && m_q == 16'd0)) begin
      mul_q  <= start_i || step_q != 4'd11;
      step_q <= load;
    end
  end

  always @(posedge clk_i) begin
    if (start_i || m_q == 16'd0) begin
      m_q     <= m;
      add_y_q <= y;
      add_a_q <= a;
      sum_y_q <= 18'd0;
      sum_a_q <= 16'd0;
    end else begin
      m_q     <= m_q >> 1;
      add_y_q <= add_y_q << 1;
      add_a_q <= add_a_q << 1;
      if (m_q[0]) begin
        sum_y_q <= sum_y_q + add_y_q;
        sum_a_q <= sum_a_q + add_a_q;
      end
    end
    if (mul_q && m_q == 16'd0) prod_q[step_q] <= {sum_y_q, sum_a_q};
  end

  genvar g;
  generate for (g = 0; g < 12; g = g + 1) begin : g_prod
    assign prod_o[34*g +: 34] = prod_q[g];
  end endgenerate

  // -- columns, then rows -----------------------------------------------------------------------------------------------------
  localparam [1:0] S_IDLE = 2'd0, S_COLS = 2'd1, S_ROWS = 2'd2, S_WAIT = 2'd3;
  localparam integer I_W = $clog2((ROWS > COLS ? ROWS : COLS) + 1);
  reg  [1:0]            state_q;
  reg  [I_W-1:0]        i_q;                     // column or row
  reg  [7:0]            e_q, t_q;                // column: output row slot, filter group
  reg  [Y_W-1:0]        y_q, ecols_y_q;          // e * stride_y, e_cols * stride_y
  reg  [7:0]            nact_q;                  // active columns
  reg  [7:0]            k_q, c_q, r_q, goff_q;   // row: place in the chain, chain, filter row and group of its pair
  reg  [Y_W-1:0]        ry_q, chain_y_q;
  reg  [7:0]            tags_q;
  reg  [15:0]           uses_q;
  reg  [2*COLS*Y_W-1:0] col_y_q;
  reg  [2*COLS*T_W-1:0] col_t_q;
  reg  [2*COLS-1:0]     col_active_q;
  reg  [2*W_AW+1:0]     span_q;
  reg  [31:0]           mac_q;
  reg  [15:0]           ntag_q;

  wire        e_last   = e_q == cmd_i[`WEFT_CONV_e_cols] - 8'd1;
  wire        k_last   = k_q == cmd_i[`WEFT_CONV_chain_len] - 8'd1;
  wire        r_last   = r_q == cmd_i[`WEFT_CONV_R] - 8'd1;
  wire        active   = c_q < cmd_i[`WEFT_CONV_nchain];
  wire [7:0]  tag      = rows_k ? k_q : {{(8-I_W){1'b0}}, i_q};
  wire [17:0] span_x   = prod_q[9][33:16] + 18'd1;
  wire [W_AW:0] span_w = span_x[W_AW:0] << cmd_i[`WEFT_CONV_qw_lg];
  wire        unused   = &{1'b0, span_x[17:W_AW+1]};             // legal: at most the window
  wire        done     = state_q == S_WAIT && !mul_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= S_IDLE;
    end else case (state_q)
      S_IDLE: if (start_i) state_q <= S_COLS;
      S_COLS: if (i_q == COLS[I_W-1:0] - 1'b1) state_q <= S_ROWS;
      S_ROWS: if (i_q == ROWS[I_W-1:0] - 1'b1) state_q <= S_WAIT;
      S_WAIT: if (!mul_q) state_q <= S_IDLE;
    endcase
  end

  integer j;
  always @(posedge clk_i) begin
    case (state_q)
      S_IDLE: begin
        i_q       <= {I_W{1'b0}};
        e_q       <= 8'd0;
        t_q       <= 8'd0;
        y_q       <= {Y_W{1'b0}};
        nact_q    <= 8'd0;
        k_q       <= 8'd0;
        c_q       <= 8'd0;
        r_q       <= 8'd0;
        goff_q    <= 8'd0;
        ry_q      <= {Y_W{1'b0}};
        chain_y_q <= {Y_W{1'b0}};
        tags_q    <= 8'd0;
        uses_q    <= 16'd0;
      end
      S_COLS: begin
        for (j = 0; j < COLS; j = j + 1)
          if (i_q == j[I_W-1:0]) begin
            if (par_i) begin
              col_y_q[(COLS+j)*Y_W +: Y_W] <= y_q;
              col_t_q[(COLS+j)*T_W +: T_W] <= t_q[T_W-1:0];
              col_active_q[COLS+j]         <= t_q < cmd_i[`WEFT_CONV_T];
            end else begin
              col_y_q[j*Y_W +: Y_W] <= y_q;
              col_t_q[j*T_W +: T_W] <= t_q[T_W-1:0];
              col_active_q[j]       <= t_q < cmd_i[`WEFT_CONV_T];
            end
          end
        if (t_q < cmd_i[`WEFT_CONV_T]) nact_q <= nact_q + 8'd1;
        e_q <= e_last ? 8'd0 : e_q + 8'd1;
        y_q <= e_last ? {Y_W{1'b0}} : y_q + {{(Y_W-8){1'b0}}, stride_y};
        if (e_last) begin
          t_q       <= t_q + 8'd1;
          ecols_y_q <= y_q + {{(Y_W-8){1'b0}}, stride_y};
        end
        i_q <= i_q == COLS[I_W-1:0] - 1'b1 ? {I_W{1'b0}} : i_q + 1'b1;
      end
      S_ROWS: begin
        i_q <= i_q + 1'b1;
        if (active) begin
          uses_q <= uses_q + ({8'd0, nact_q} << L);
          tags_q <= tag + 8'd1 > tags_q ? tag + 8'd1 : tags_q;
        end
        if (k_last && !groups_k) begin               // the next chain holds the same pairs
          r_q    <= 8'd0;
          goff_q <= 8'd0;
          ry_q   <= {Y_W{1'b0}};
        end else begin
          r_q    <= r_last ? 8'd0 : r_q + 8'd1;
          ry_q   <= r_last ? {Y_W{1'b0}} : ry_q + {{(Y_W-8){1'b0}}, dil_y};
          if (r_last) goff_q <= goff_q + 8'd1;
        end
        k_q <= k_last ? 8'd0 : k_q + 8'd1;
        if (k_last) begin
          c_q <= c_q + 8'd1;
          if (rows_k) chain_y_q <= chain_y_q + ecols_y_q;
        end
      end
      default: if (done) begin
        if (par_i) begin
          span_q[W_AW+1 +: W_AW+1] <= span_w;
          mac_q[31:16]             <= uses_q;
          ntag_q[15:8]             <= tags_q;
        end else begin
          span_q[0 +: W_AW+1]      <= span_w;
          mac_q[15:0]              <= uses_q;
          ntag_q[7:0]              <= tags_q;
        end
      end
    endcase
  end

  // head: first of its chain, tail: last; a head starts from zero, a tail gives the chain's sum
  assign row_cfg_o    = {active, k_q == 8'd0, active && k_last, c_q[R_W-1:0], tag[R_W-1:0], goff_q, ry_q, ry_q + chain_y_q};
  assign row_we_o     = state_q == S_ROWS;
  assign row_o        = i_q[R_W-1:0];
  assign col_y_o      = col_y_q;
  assign col_t_o      = col_t_q;
  assign col_active_o = col_active_q;
  assign span_o       = span_q;
  assign mac_o        = mac_q;
  assign ntag_o       = ntag_q;
  assign busy_o       = state_q != S_IDLE || mul_q;

  reg done_q;
  always @(posedge clk_i) done_q <= rst_ni && done;
  assign done_o = done_q;

endmodule

`default_nettype wire
