// SPDX-License-Identifier: Apache-2.0
//
// The post-processing unit: one set of lanes, shared by the collector (CONV results) and the vector engine (VEC commands), and the byte
// transposer, which takes turns with the vector engine.
//
// The array's drain goes first, beat by beat, because a stalled drain stalls the array; after STARVED refused cycles the vector engine
// gets one beat, so both always progress.
// Throughput: one beat of PPU_LANES elements per cycle in all.

`default_nettype none
`include "weft_spec.vh"

module ppu #(
  parameter integer COLS      = 4,
  parameter integer PPU_LANES = 4
) (
  input  wire               clk_i,
  input  wire               rst_ni,

  // from the array: CONV commands and psum vectors in order (valid/ready); column j at bits 32j+31:32j
  input  wire               ccmd_valid_i,
  output wire               ccmd_ready_o,
  input  wire [1023:0]      ccmd_i,
  input  wire               psum_valid_i,
  output wire               psum_ready_o,
  input  wire [COLS*32-1:0] psum_data_i,
  output wire               cdone_o,           // one cycle: the command's last word is in the buffer

  // VEC and TRANSPOSE commands
  input  wire               vcmd_valid_i,
  output wire               vcmd_ready_o,
  input  wire [1023:0]      vcmd_i,
  output wire               vdone_o,
  output wire               vbusy_o,

  // buffer clients; request and payload are held until granted, read data come two cycles after the grant
  output wire               pr_req_o,          // parameters
  output wire [15:0]        pr_addr_o,
  input  wire               pr_gnt_i,
  input  wire               pr_rvalid_i,
  input  wire [127:0]       pr_rdata_i,
  output wire               ow_req_o,          // ofmap
  output wire [15:0]        ow_addr_o,
  output wire [127:0]       ow_wdata_o,
  output wire [15:0]        ow_wstrb_o,
  input  wire               ow_gnt_i,
  output wire               vr_req_o,          // vector operands
  output wire [15:0]        vr_addr_o,
  input  wire               vr_gnt_i,
  input  wire               vr_rvalid_i,
  input  wire [127:0]       vr_rdata_i,
  output wire               vw_req_o,          // vector results
  output wire [15:0]        vw_addr_o,
  output wire [127:0]       vw_wdata_o,
  output wire [15:0]        vw_wstrb_o,
  input  wire               vw_gnt_i,

  // events of this cycle
  output wire               ev_buf_param_o,
  output wire               ev_buf_ofmap_o,
  output wire               ev_buf_vec_rd_o,
  output wire               ev_buf_vec_wr_o,
  output wire               ev_psum_out_o,
  output wire               ev_vec_beats_o
);

  localparam integer BEATS   = (COLS + PPU_LANES - 1) / PPU_LANES;
  localparam integer BW      = BEATS > 1 ? $clog2(BEATS) : 1;
  localparam integer TAG_W   = 19 + BW;        // the collector's; the vector engine's 9 bits fit
  localparam [3:0]   STARVED = 4'd8;

  wire                    c_valid, c_ready, v_valid, v_ready;
  wire [TAG_W-1:0]        c_tag;
  wire [8:0]              v_tag;
  wire [PPU_LANES*32-1:0] c_x, c_bias, v_x, c_mult, v_mult;
  wire [PPU_LANES*31-1:0] c_mult31;
  wire [PPU_LANES*5-1:0]  c_ls, c_rs, v_ls, v_rs;
  wire [PPU_LANES*2-1:0]  c_part;
  wire [23:0]             c_act, v_act;
  wire [31:0]             v_bias;
  wire                    v_div;
  wire                    back_valid;
  wire [TAG_W:0]          back_tag;            // top bit: the vector engine's
  wire [PPU_LANES*32-1:0] back_v;
  wire [PPU_LANES*8-1:0]  back_q;

  // ---- arbitration ----
  reg  [3:0] refused_q;
  wire       choose_v = v_valid && (!c_valid || refused_q == STARVED);
  assign c_ready = !choose_v;
  assign v_ready = choose_v;
  always @(posedge clk_i) begin
    if (!rst_ni || choose_v || !v_valid) refused_q <= 4'd0;
    else                                 refused_q <= refused_q + 4'd1;
  end

  genvar l;
  generate for (l = 0; l < PPU_LANES; l = l + 1) begin : g_mult
    assign c_mult[32*l +: 32] = {1'b0, c_mult31[31*l +: 31]};
  end endgenerate

  lanes #(.PPU_LANES(PPU_LANES), .TAG_W(TAG_W + 1)) u_lanes (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni),
    .valid_i  (c_valid || v_valid),
    .tag_i    (choose_v ? {1'b1, {(TAG_W-9){1'b0}}, v_tag} : {1'b0, c_tag}),
    .x_i      (choose_v ? v_x : c_x),
    .bias_i   (choose_v ? {PPU_LANES{v_bias}} : c_bias),
    .mult_i   (choose_v ? v_mult : c_mult),
    .ls_i     (choose_v ? v_ls : c_ls),
    .rs_i     (choose_v ? v_rs : c_rs),
    .div_i    (choose_v && v_div),
    .part_i   (choose_v ? {PPU_LANES{2'b00}} : c_part),
    .zo_i     (choose_v ? v_act[7:0] : c_act[7:0]),
    .min_i    (choose_v ? v_act[15:8] : c_act[15:8]),
    .max_i    (choose_v ? v_act[23:16] : c_act[23:16]),
    .v_valid_o(back_valid),
    .v_tag_o  (back_tag),
    .v_o      (back_v),
    .q_o      (back_q)
  );

  collector #(.COLS(COLS), .PPU_LANES(PPU_LANES)) u_collector (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .ccmd_valid_i(ccmd_valid_i),
    .ccmd_ready_o(ccmd_ready_o),
    .ccmd_i      (ccmd_i),
    .psum_valid_i(psum_valid_i),
    .psum_ready_o(psum_ready_o),
    .psum_data_i (psum_data_i),
    .cdone_o     (cdone_o),
    .pr_req_o    (pr_req_o),
    .pr_addr_o   (pr_addr_o),
    .pr_gnt_i    (pr_gnt_i),
    .pr_rvalid_i (pr_rvalid_i),
    .pr_rdata_i  (pr_rdata_i),
    .ow_req_o    (ow_req_o),
    .ow_addr_o   (ow_addr_o),
    .ow_wdata_o  (ow_wdata_o),
    .ow_wstrb_o  (ow_wstrb_o),
    .ow_gnt_i    (ow_gnt_i),
    .beat_valid_o(c_valid),
    .beat_ready_i(c_ready),
    .tag_o       (c_tag),
    .x_o         (c_x),
    .bias_o      (c_bias),
    .mult_o      (c_mult31),
    .ls_o        (c_ls),
    .rs_o        (c_rs),
    .part_o      (c_part),
    .act_o       (c_act),
    .v_valid_i   (back_valid && !back_tag[TAG_W]),
    .v_tag_i     (back_tag[TAG_W-1:0]),
    .q_i         (back_q)
  );

  // ---- VECTOR: one command at a time, VEC or TRANSPOSE; the idle one requests nothing, but a VEC that waits loads its tables ----
  wire         transpose = vcmd_i[`WEFT_HDR_opcode] == `WEFT_OP_TRANSPOSE;
  wire         e_ready, e_done, e_busy, e_vr_req, e_vw_req, t_ready, t_done, t_busy, t_vr_req, t_vw_req;
  wire [15:0]  e_vr_addr, e_vw_addr, t_vr_addr, t_vw_addr;
  wire [127:0] e_vw_wdata, t_vw_wdata;
  assign vcmd_ready_o = transpose ? t_ready && !e_busy : e_ready;
  assign vdone_o      = e_done || t_done;
  assign vbusy_o      = e_busy || t_busy;
  assign vr_req_o     = e_vr_req || t_vr_req;
  // Tables go before blocks, but a request that waits stays; data comes two cycles after the grant.
  reg          vr_held_q, vr_held_t_q;
  reg  [1:0]   vr_t_q;
  wire         vr_t   = vr_held_q ? vr_held_t_q : !e_vr_req;
  assign vr_addr_o    = vr_t ? t_vr_addr : e_vr_addr;
  always @(posedge clk_i) begin
    vr_held_q   <= rst_ni && vr_req_o && !vr_gnt_i;
    vr_held_t_q <= vr_t;
    vr_t_q      <= {vr_t_q[0], vr_t};
  end
  assign vw_req_o     = e_vw_req || t_vw_req;
  assign vw_addr_o    = t_busy ? t_vw_addr : e_vw_addr;
  assign vw_wdata_o   = t_busy ? t_vw_wdata : e_vw_wdata;

  transposer u_transposer (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .cmd_valid_i(vcmd_valid_i && transpose && !e_busy),
    .cmd_ready_o(t_ready),
    .cmd_i      (vcmd_i),
    .done_o     (t_done),
    .busy_o     (t_busy),
    .vr_req_o   (t_vr_req),
    .vr_addr_o  (t_vr_addr),
    .vr_gnt_i   (vr_gnt_i && vr_t),
    .vr_rvalid_i(vr_rvalid_i && vr_t_q[1]),
    .vr_rdata_i (vr_rdata_i),
    .vw_req_o   (t_vw_req),
    .vw_addr_o  (t_vw_addr),
    .vw_wdata_o (t_vw_wdata),
    .vw_gnt_i   (vw_gnt_i)
  );

  vector_engine #(.PPU_LANES(PPU_LANES)) u_vector (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .vcmd_valid_i(vcmd_valid_i && !transpose),
    .vcmd_ready_o(e_ready),
    .hold_i      (t_busy),
    .vcmd_i      (vcmd_i),
    .vdone_o     (e_done),
    .vbusy_o     (e_busy),
    .vr_req_o    (e_vr_req),
    .vr_addr_o   (e_vr_addr),
    .vr_gnt_i    (vr_gnt_i && !vr_t),
    .vr_rvalid_i (vr_rvalid_i && !vr_t_q[1]),
    .vr_rdata_i  (vr_rdata_i),
    .vw_req_o    (e_vw_req),
    .vw_addr_o   (e_vw_addr),
    .vw_wdata_o  (e_vw_wdata),
    .vw_wstrb_o  (vw_wstrb_o),
    .vw_gnt_i    (vw_gnt_i),
    .beat_valid_o(v_valid),
    .beat_ready_i(v_ready),
    .tag_o       (v_tag),
    .x_o         (v_x),
    .bias_o      (v_bias),
    .mult_o      (v_mult),
    .ls_o        (v_ls),
    .rs_o        (v_rs),
    .div_o       (v_div),
    .act_o       (v_act),
    .v_valid_i   (back_valid && back_tag[TAG_W]),
    .v_tag_i     (back_tag[8:0]),
    .v_i         (back_v),
    .q_i         (back_q)
  );

  assign ev_buf_param_o  = pr_req_o && pr_gnt_i;
  assign ev_buf_ofmap_o  = ow_req_o && ow_gnt_i;
  assign ev_buf_vec_rd_o = vr_req_o && vr_gnt_i;
  assign ev_buf_vec_wr_o = vw_req_o && vw_gnt_i;
  assign ev_psum_out_o   = psum_valid_i && psum_ready_o;
  assign ev_vec_beats_o  = v_valid && v_ready;

endmodule

`default_nettype wire
