// SPDX-License-Identifier: Apache-2.0
//
// From the array's psums to ofmap words in the buffer: everything of a CONV command behind the column accumulators.
//
// param_loader fetches a filter block's requantisation entries ahead; psum_drain sends psums with their entries to the lanes (outside:
// they are shared with the vector engine); assembly gathers the lanes' bytes into words; ofmap_writer writes them. Each part follows
// the command stream at its own place, so a following command's parameters load while this one drains.
//
// Throughput: one psum vector per ceil(active columns / PPU_LANES) cycles and one ofmap word per cycle, whichever is slower.

`default_nettype none
`include "weft_spec.vh"

module collector #(
  parameter integer COLS      = 4,
  parameter integer PPU_LANES = 4,
  parameter integer BEATS     = (COLS + PPU_LANES - 1) / PPU_LANES,   // derived, do not set
  parameter integer BW        = BEATS > 1 ? $clog2(BEATS) : 1         // derived, do not set
) (
  input  wire                    clk_i,
  input  wire                    rst_ni,

  // CONV commands, in order, valid/ready; the record is held until it is taken
  input  wire                    ccmd_valid_i,
  output wire                    ccmd_ready_o,
  input  wire [1023:0]           ccmd_i,
  // psum vectors, valid/ready
  input  wire                    psum_valid_i,
  output wire                    psum_ready_o,
  input  wire [COLS*32-1:0]      psum_data_i,
  output wire                    cdone_o,

  // buffer read port for parameters
  output wire                    pr_req_o,
  output wire [15:0]             pr_addr_o,
  input  wire                    pr_gnt_i,
  input  wire                    pr_rvalid_i,
  input  wire [127:0]            pr_rdata_i,
  // buffer write port for the ofmap
  output wire                    ow_req_o,
  output wire [15:0]             ow_addr_o,
  output wire [127:0]            ow_wdata_o,
  output wire [15:0]             ow_wstrb_o,
  input  wire                    ow_gnt_i,

  // beats to the lanes, valid/ready (see psum_drain), and back
  output wire                    beat_valid_o,
  input  wire                    beat_ready_i,
  output wire [18+BW:0]          tag_o,
  output wire [PPU_LANES*32-1:0] x_o,
  output wire [PPU_LANES*32-1:0] bias_o,
  output wire [PPU_LANES*31-1:0] mult_o,
  output wire [PPU_LANES*5-1:0]  ls_o,
  output wire [PPU_LANES*5-1:0]  rs_o,
  output wire [PPU_LANES*2-1:0]  part_o,
  output wire [23:0]             act_o,
  input  wire                    v_valid_i,
  input  wire [18+BW:0]          v_tag_i,
  input  wire [PPU_LANES*8-1:0]  q_i            // of the beat of two cycles ago
);

  // ---- values that are derived from a command, registered: it is passed on one cycle after it came ----
  // Words that a position takes in the assembly: the most that any of the command's runs touches, times chains (ROWS), at most
  // OBUF_WORDS. A run starts at a byte that agrees with out_c0 below the lowest set bit of MT, so the latest start is known.
  localparam integer MOST = `WEFT_OBUF_WORDS;
  wire [15:0] cmd_mt    = ccmd_i[`WEFT_CONV_MT];
  wire [7:0]  chains    = ccmd_i[`WEFT_CONV_nchain];
  wire [1:0]  kind      = ccmd_i[`WEFT_CONV_kind];
  wire [7:0]  mt        = cmd_mt[7:0];
  wire [7:0]  below     = mt ^ (mt - 8'd1);                        // the lowest set bit of MT and all below it
  wire [3:0]  latest    = ccmd_i[`WEFT_CONV_out_c0] | ~below[4:1];
  wire [7:0]  run_bytes = {4'd0, latest} + mt + 8'd15;
  wire [3:0]  run_words = run_bytes[7:4];
  wire [6:0]  all_words = (chains[0] ? {3'd0, run_words} : 7'd0) + (chains[1] ? {2'd0, run_words, 1'd0} : 7'd0) +
                          (chains[2] ? {1'd0, run_words, 2'd0} : 7'd0) + (chains[3] ? {run_words, 3'd0} : 7'd0);
  wire [6:0]  words_of  = kind == 2'd0 ? all_words : {3'd0, run_words};
  wire [20:0] unused_size = {cmd_mt[15:8], chains[7:4], below[7:5], below[0], run_bytes[3:0], ccmd_t[5]};
  // Beats that hold the e_cols * T active columns; a handful of adders instead of a multiplier block.
  localparam integer LANE_BITS = $clog2(PPU_LANES);
  localparam integer ROUND     = PPU_LANES - 1;
  wire [7:0]  e_cols  = ccmd_i[`WEFT_CONV_e_cols];
  wire [7:0]  ccmd_t  = ccmd_i[`WEFT_CONV_T];
  wire [1:0]  unused_t = ccmd_t[7:6];
  wire [7:0]  active  = (ccmd_t[0] ? e_cols : 8'd0) + (ccmd_t[1] ? {e_cols[6:0], 1'b0} : 8'd0) + (ccmd_t[2] ? {e_cols[5:0], 2'b0} : 8'd0) +
                        (ccmd_t[3] ? {e_cols[4:0], 3'b0} : 8'd0) + (ccmd_t[4] ? {e_cols[3:0], 4'b0} : 8'd0);
  reg  [3:0]  size_q;
  reg  [7:0]  beats_q;
  reg         derived_q;                                           // for the command that is offered now
  wire        take;
  always @(posedge clk_i) begin
    derived_q <= rst_ni && ccmd_valid_i && !take;
    size_q    <= words_of > MOST[6:0] ? MOST[3:0] : words_of[3:0];
    beats_q   <= (active + ROUND[7:0]) >> LANE_BITS;
  end

  // A command goes to all three parts in the same cycle.
  wire loader_ready, drain_ready, writer_ready;
  assign ccmd_ready_o = derived_q && loader_ready && drain_ready && writer_ready;
  assign take         = ccmd_valid_i && ccmd_ready_o;

  wire [PPU_LANES-1:0] we;
  wire                 wbank;
  wire [BW-1:0]        wbeat;
  wire [5:0]           wentry;
  wire [74:0]          wdata;
  wire [1:0]           full;
  wire                 taken, block_done;
  wire [2*COLS*4-1:0]  off;
  wire [2*COLS*3-1:0]  words;
  param_loader #(.COLS(COLS), .PPU_LANES(PPU_LANES)) u_loader (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .cmd_valid_i(take),
    .cmd_ready_o(loader_ready),
    .cmd_i      (ccmd_i),
    .pr_req_o   (pr_req_o),
    .pr_addr_o  (pr_addr_o),
    .pr_gnt_i   (pr_gnt_i),
    .pr_rvalid_i(pr_rvalid_i),
    .pr_rdata_i (pr_rdata_i),
    .we_o       (we),
    .wbank_o    (wbank),
    .wbeat_o    (wbeat),
    .wentry_o   (wentry),
    .wdata_o    (wdata),
    .full_o     (full),
    .taken_i    (taken),
    .free_i     (block_done),
    .off_o      (off),
    .words_o    (words)
  );

  wire [3:0] freed;
  psum_drain #(.COLS(COLS), .PPU_LANES(PPU_LANES)) u_drain (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .cmd_valid_i    (take),
    .cmd_ready_o    (drain_ready),
    .cmd_i          (ccmd_i),
    .size_i         (size_q),
    .beats_i        (beats_q),
    .psum_valid_i   (psum_valid_i),
    .psum_ready_o   (psum_ready_o),
    .psum_data_i    (psum_data_i),
    .we_i           (we),
    .wbank_i        (wbank),
    .wbeat_i        (wbeat),
    .wentry_i       (wentry),
    .wdata_i        (wdata),
    .full_i         (full),
    .taken_o        (taken),
    .freed_i        (freed),
    .beat_valid_o   (beat_valid_o),
    .beat_ready_i   (beat_ready_i),
    .tag_o          (tag_o),
    .x_o            (x_o),
    .bias_o         (bias_o),
    .mult_o         (mult_o),
    .ls_o           (ls_o),
    .rs_o           (rs_o),
    .part_o         (part_o),
    .act_o          (act_o)
  );

  wire                         position;
  wire [2:0]                   flags;
  wire [3:0]                   rword;
  wire [BW-1:0]                rbeat;
  wire [$clog2(PPU_LANES)-1:0] rlane;
  wire [127:0]                 rdata;
  assembly #(.COLS(COLS), .PPU_LANES(PPU_LANES)) u_assembly (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .v_valid_i   (v_valid_i),
    .v_tag_i     (v_tag_i),
    .q_i         (q_i),
    .off_i       (off),
    .words_i     (words),
    .block_done_o(block_done),
    .position_o  (position),
    .flags_o     (flags),
    .rbeat_i     (rbeat),
    .rlane_i     (rlane),
    .rword_i     (rword),
    .rdata_o     (rdata)
  );

  ofmap_writer #(.COLS(COLS), .PPU_LANES(PPU_LANES)) u_writer (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .cmd_valid_i    (take),
    .cmd_ready_o    (writer_ready),
    .cmd_i          (ccmd_i),
    .size_i         (size_q),
    .position_i     (position),
    .flags_i        (flags),
    .freed_o        (freed),
    .rbeat_o        (rbeat),
    .rlane_o        (rlane),
    .rword_o        (rword),
    .rdata_i        (rdata),
    .ow_req_o       (ow_req_o),
    .ow_addr_o      (ow_addr_o),
    .ow_wdata_o     (ow_wdata_o),
    .ow_wstrb_o     (ow_wstrb_o),
    .ow_gnt_i       (ow_gnt_i),
    .cdone_o        (cdone_o)
  );

endmodule

`default_nettype wire
