// SPDX-License-Identifier: Apache-2.0
//
// Takes the array's psum vectors in order and sends their columns, with the parameters of their channels, to the lanes.
//
// A vector holds one int32 a column; lane l serves columns l, l + PPU_LANES, ..., so a vector takes ceil(active columns / PPU_LANES)
// beats. The walk (mb, yb, xb, x, p, c) of the spec is only counters here: nothing travels with a psum. Every beat gets a tag
// that tells the assembly where its bytes belong (below, at tag_o).
//
// Throughput: one beat per cycle, so one vector per cycle when the lanes are as many as the active columns.
// Latency: vector accepted in cycle n, first beat offered in n + 2 (parameter memories are read in between).
// A vector is refused while its filter block's parameters are missing or the assembly has no room for its position.

`default_nettype none
`include "weft_spec.vh"

module psum_drain #(
  parameter integer COLS      = 4,
  parameter integer PPU_LANES = 4,
  parameter integer BEATS     = (COLS + PPU_LANES - 1) / PPU_LANES,   // derived, do not set
  parameter integer BW        = BEATS > 1 ? $clog2(BEATS) : 1         // derived, do not set
) (
  input  wire                    clk_i,
  input  wire                    rst_ni,

  // commands, in order
  input  wire                    cmd_valid_i,
  output wire                    cmd_ready_o,
  /* verilator lint_off UNUSEDSIGNAL */  // a record carries fields for other parts
  input  wire [1023:0]           cmd_i,
  /* verilator lint_on UNUSEDSIGNAL */
  input  wire [3:0]              size_i,          // words that a position takes in the assembly, 1..8
  input  wire [7:0]              beats_i,         // beats of a vector, >= 1

  // psum vectors, valid/ready; column j at bits 32j+31:32j
  input  wire                    psum_valid_i,
  output wire                    psum_ready_o,
  input  wire [COLS*32-1:0]      psum_data_i,

  // parameter memories, written by the loader
  input  wire [PPU_LANES-1:0]    we_i,
  input  wire                    wbank_i,
  input  wire [BW-1:0]           wbeat_i,
  input  wire [5:0]              wentry_i,
  input  wire [74:0]             wdata_i,
  input  wire [1:0]              full_i,          // banks that hold a filter block's entries
  output wire                    taken_o,         // one cycle: a block's last vector is accepted

  input  wire [3:0]              freed_i,         // words of the assembly that became free in this cycle

  // beats to the lanes: valid/ready, payload held
  output wire                    beat_valid_o,
  input  wire                    beat_ready_i,
  output wire [18+BW:0]          tag_o,           // 5:0 channel in the column's run, 8:6 chain (ROWS), 9 parameter bank,
                                                  // 10 last vector of the position, 11 ... of the row block, 12 ... of the
                                                  // filter block, 13 ... of the command, 17:14 the position's first assembly
                                                  // word, then beat, last beat
  output wire [PPU_LANES*32-1:0] x_o,
  output wire [PPU_LANES*32-1:0] bias_o,
  output wire [PPU_LANES*31-1:0] mult_o,
  output wire [PPU_LANES*5-1:0]  ls_o,
  output wire [PPU_LANES*5-1:0]  rs_o,
  output wire [PPU_LANES*2-1:0]  part_o,          // bit 0: a byte of the int16, bit 1: the high one
  output wire [23:0]             act_o            // max, min, zero point
);

  localparam integer FW = 6*16 + 6 + 8 + 8 + 1 + 24 + 4;

  wire          act;
  wire [FW-1:0] fields;
  wire [15:0]   nm_1, ny_1, nx_1, ft_1, ow_1, p_1;
  wire [5:0]    p_n;
  wire [7:0]    nchain_1, beats_1;
  wire          rows_kind;
  wire [23:0]   clamp;
  wire [3:0]    size;
  wire          done;

  // Loop limits are kept as the last index: comparing with n - 1 would put a subtraction before every comparison.
  wire [15:0] cmd_nm = cmd_i[`WEFT_CONV_NM], cmd_ny = cmd_i[`WEFT_CONV_NY], cmd_nx = cmd_i[`WEFT_CONV_NX], cmd_ft = cmd_i[`WEFT_CONV_FT];
  wire [15:0] cmd_ow = cmd_i[`WEFT_CONV_OW], cmd_p = cmd_i[`WEFT_CONV_P];
  wire [7:0]  cmd_nchain = cmd_i[`WEFT_CONV_nchain];
  wire [1:0]  kind = cmd_i[`WEFT_CONV_kind];

  cmd_slot #(.WIDTH(FW)) u_cmd (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .valid_i (cmd_valid_i),
    .ready_o (cmd_ready_o),
    .fields_i({cmd_nm - 16'd1, cmd_ny - 16'd1, cmd_nx - 16'd1, cmd_ft - 16'd1, cmd_ow - 16'd1, cmd_p - 16'd1, cmd_p[5:0],
               cmd_nchain - 8'd1, beats_i - 8'd1, kind == 2'd0,
               cmd_i[`WEFT_CONV_act_max], cmd_i[`WEFT_CONV_act_min], cmd_i[`WEFT_CONV_zo], size_i}),
    .valid_o (act),
    .fields_o(fields),
    .done_i  (done)
  );
  assign {nm_1, ny_1, nx_1, ft_1, ow_1, p_1, p_n, nchain_1, beats_1, rows_kind, clamp, size} = fields;

  localparam integer WORDS = 2 * `WEFT_OBUF_WORDS;      // of the assembly, per column: two of the largest positions

  // ---- the walk, one step per accepted vector ----
  reg  [15:0] mb_q, yb_q, xb_q, xt_q, ox_q, p_q;
  reg  [7:0]  c_q;
  reg  [5:0]  run_q;          // channel of the column's run: p (ROWS), c*P + p
  reg         pbank_q;
  reg  [3:0]  base_q;         // first assembly word of the position
  reg  [4:0]  free_q;         // assembly words that no position owns
  reg         hold_q;         // a vector is being sent
  wire        c_end   = c_q == nchain_1;
  wire        pos_beg = c_q == 8'd0 && p_q == 16'd0;
  wire        pos_end = c_end && p_q == p_1;
  wire        xt_end  = xt_q == ft_1;
  wire        ox_end  = ox_q == ow_1;
  wire        row_end = ox_end || (xt_end && xb_q == nx_1);
  wire        blk_end = row_end && yb_q == ny_1;
  wire        cmd_end = blk_end && mb_q == nm_1;
  wire        last_fire;      // the held vector's last beat leaves
  wire        take    = psum_valid_i && psum_ready_o;

  assign psum_ready_o = act && full_i[pbank_q] && (!pos_beg || free_q >= {1'b0, size}) && (!hold_q || last_fire);
  assign taken_o      = take && pos_end && blk_end;
  assign done         = take && pos_end && cmd_end;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      {mb_q, yb_q, xb_q, xt_q, ox_q, p_q} <= 96'd0;
      c_q     <= 8'd0;
      run_q   <= 6'd0;
      pbank_q <= 1'b0;
      base_q  <= 4'd0;
      free_q  <= WORDS[4:0];
    end else begin
      free_q <= free_q + {1'b0, freed_i} - (take && pos_beg ? {1'b0, size} : 5'd0);
      if (take) begin
        c_q   <= c_end ? 8'd0 : c_q + 8'd1;
        run_q <= c_end ? (pos_end ? 6'd0 : p_q[5:0] + 6'd1) : rows_kind ? run_q : run_q + p_n;
        if (c_end) p_q <= pos_end ? 16'd0 : p_q + 16'd1;
        if (pos_end) begin
          base_q  <= base_q + size;
          ox_q    <= row_end ? 16'd0 : ox_q + 16'd1;
          xt_q    <= row_end || xt_end ? 16'd0 : xt_q + 16'd1;
          xb_q    <= row_end ? 16'd0 : xt_end ? xb_q + 16'd1 : xb_q;
          if (row_end) yb_q <= blk_end ? 16'd0 : yb_q + 16'd1;
          if (blk_end) mb_q <= cmd_end ? 16'd0 : mb_q + 16'd1;
          if (blk_end) pbank_q <= !pbank_q;
        end
      end
    end
  end

  // ---- hold a vector, read parameters beat by beat ----
  reg  [COLS*32-1:0] data_q;
  reg  [17:0]        vec_q;       // tag without the beat
  reg  [23:0]        act_q;
  reg  [7:0]         left_q;      // beats left after the current one
  reg  [BW-1:0]      beat_q;
  reg                out_q;       // a beat is offered to the lanes
  wire               fire = hold_q && (!out_q || beat_ready_i);
  assign last_fire = fire && left_q == 8'd0;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      hold_q <= 1'b0;
      out_q  <= 1'b0;
    end else begin
      if (take)           hold_q <= 1'b1;
      else if (last_fire) hold_q <= 1'b0;
      if (fire)              out_q <= 1'b1;
      else if (beat_ready_i) out_q <= 1'b0;
    end
    if (take) begin
      data_q <= psum_data_i;
      vec_q  <= {base_q, cmd_end && pos_end, blk_end && pos_end, row_end && pos_end, pos_end, pbank_q,
                 rows_kind ? c_q[2:0] : 3'd0, run_q};
      act_q  <= clamp;
      left_q <= beats_1;
      beat_q <= {BW{1'b0}};
    end else if (fire) begin
      left_q <= left_q - 8'd1;
      beat_q <= beat_q + 1'b1;
    end
  end

  reg [18+BW:0] tag_q;
  reg [23:0]    beat_act_q;
  always @(posedge clk_i)
    if (fire) begin
      tag_q      <= {left_q == 8'd0, beat_q, vec_q};
      beat_act_q <= act_q;
    end
  assign beat_valid_o = out_q;
  assign tag_o        = tag_q;
  assign act_o        = beat_act_q;

  // ---- lanes: choose the column, fetch its entry ----
  localparam integer BB = BEATS > 1 ? BW : 0;      // address bits that the beat takes
  localparam integer AW = BB + 7;
  wire [BW+6:0] waddr = {wbeat_i, wbank_i, wentry_i};
  wire [BW+6:0] raddr = {beat_q, vec_q[9], vec_q[5:0]};
  wire          unused_addr = waddr[BW+6] ^ raddr[BW+6];   // not part of the address when there is one beat

  genvar l, b;
  generate
    for (l = 0; l < PPU_LANES; l = l + 1) begin : g_lane
      if (l < COLS) begin : g_used
        wire [31:0] x [0:BEATS-1];
        for (b = 0; b < BEATS; b = b + 1) begin : g_beat
          if (b*PPU_LANES + l < COLS) begin : g_col
            assign x[b] = data_q[32*(b*PPU_LANES + l) +: 32];
          end else begin : g_none
            assign x[b] = 32'd0;
          end
        end
        reg [31:0] x_q;
        if (BEATS > 1) begin : g_mux
          always @(posedge clk_i) if (fire) x_q <= x[beat_q];
        end else begin : g_one
          always @(posedge clk_i) if (fire) x_q <= x[0];
        end
        wire [74:0] entry;
        ram_1r1w #(.WIDTH(75), .DEPTH(1 << AW), .STYLE(1)) u_param (
          .clk_i  (clk_i),
          .we_i   (we_i[l]),
          .waddr_i(waddr[AW-1:0]),
          .wdata_i(wdata_i),
          .re_i   (fire),
          .raddr_i(raddr[AW-1:0]),
          .rdata_o(entry)
        );
        assign x_o[32*l +: 32] = x_q;
        assign {part_o[2*l +: 2], rs_o[5*l +: 5], ls_o[5*l +: 5], mult_o[31*l +: 31], bias_o[32*l +: 32]} = entry;
      end else begin : g_unused
        wire unused_we = we_i[l];
        assign x_o[32*l +: 32] = 32'd0;
        assign {part_o[2*l +: 2], rs_o[5*l +: 5], ls_o[5*l +: 5], mult_o[31*l +: 31], bias_o[32*l +: 32]} = 75'd0;
      end
    end
  endgenerate

endmodule

`default_nettype wire
