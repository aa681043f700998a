// SPDX-License-Identifier: Apache-2.0
//
// Runs a VEC command: a small program of steps over words of 16 int8, on the lanes that it shares with the collector.
//
// A step depends on the one before it, and the lanes are 13 deep. So PPU_LANES output words (16 beats) form a batch: step 0 of all of
// them, tap by tap, then step 1 of all of them, and so on. A full batch hides the latency; a short one waits a few cycles between
// steps. The accumulators of a batch are 16 entries a lane, entry = beat within the batch; results do not depend on batching.
//
// Throughput: one beat per cycle that the lanes grant. Latency of a command: about 25 cycles beyond its beats.

`default_nettype none
`include "weft_spec.vh"

module vector_engine #(
  parameter integer PPU_LANES = 4
) (
  input  wire                    clk_i,
  input  wire                    rst_ni,

  // VEC commands, one at a time
  input  wire                    vcmd_valid_i,
  output wire                    vcmd_ready_o,
  input  wire [1023:0]           vcmd_i,
  output wire                    vdone_o,
  output wire                    vbusy_o,

  // buffer ports: operands, results
  output wire                    vr_req_o,
  output wire [15:0]             vr_addr_o,
  input  wire                    vr_gnt_i,
  input  wire                    vr_rvalid_i,
  input  wire [127:0]            vr_rdata_i,
  output wire                    vw_req_o,
  output wire [15:0]             vw_addr_o,
  output wire [127:0]            vw_wdata_o,
  output wire [15:0]             vw_wstrb_o,
  input  wire                    vw_gnt_i,

  // beats to the lanes, valid/ready, and back. All but x is common to the lanes.
  output wire                    beat_valid_o,
  input  wire                    beat_ready_i,
  output wire [7:0]              tag_o,          // 3:0 accumulator entry, 5:4 into, 6 out, 7 last beat of its word
  output wire [PPU_LANES*32-1:0] x_o,
  output wire [31:0]             bias_o,
  output wire [31:0]             mult_o,
  output wire [4:0]              ls_o,
  output wire [4:0]              rs_o,
  output wire                    div_o,
  output wire [23:0]             act_o,          // max, min, zero point
  input  wire                    v_valid_i,
  input  wire [7:0]              v_tag_i,
  input  wire [PPU_LANES*32-1:0] v_i,
  input  wire [PPU_LANES*8-1:0]  q_i             // of the beat of two cycles ago
);

  localparam integer BPW   = 16 / PPU_LANES;     // beats of a word
  localparam integer WB    = $clog2(PPU_LANES);  // a batch is PPU_LANES words
  localparam integer BB    = 4 - WB;             // bits of a beat number (0 with 16 lanes)
  // Beats from one on an accumulator entry to the next that reads the entry: the lanes' 11, the registered beat, the update.
  localparam integer DISTANCE = 13;

  generate if (PPU_LANES != 2 && PPU_LANES != 4 && PPU_LANES != 8 && PPU_LANES != 16) begin : g_check
    vector_engine_PPU_LANES_must_be_2_4_8_or_16 u_check ();
  end endgenerate

  // ---- command ----
  reg          run_q, start_q;
  /* verilator lint_off UNUSEDSIGNAL */          // reserved bits and header
  reg [1023:0] cmd_q;
  /* verilator lint_on UNUSEDSIGNAL */
  assign vcmd_ready_o = !run_q;
  assign vbusy_o      = run_q;
  always @(posedge clk_i) begin
    if (!rst_ni) {run_q, start_q} <= 2'b00;
    else begin
      if (vcmd_valid_i && vcmd_ready_o) run_q <= 1'b1;
      else if (vdone_o)                 run_q <= 1'b0;
      start_q <= vcmd_valid_i && vcmd_ready_o;
    end
    if (!run_q) cmd_q <= vcmd_i;
  end

  wire         op_valid, op_ready;
  wire [127:0] op;
  vector_reader #(.BATCH(PPU_LANES)) u_reader (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .start_i    (start_q),
    .cmd_i      (cmd_q),
    .vr_req_o   (vr_req_o),
    .vr_addr_o  (vr_addr_o),
    .vr_gnt_i   (vr_gnt_i),
    .vr_rvalid_i(vr_rvalid_i),
    .vr_rdata_i (vr_rdata_i),
    .op_valid_o (op_valid),
    .op_ready_i (op_ready),
    .op_data_o  (op)
  );

  // ---- issue: batch, step, tap, word, beat ----
  wire [15:0] n0 = cmd_q[`WEFT_VEC_n0], n1 = cmd_q[`WEFT_VEC_n1], n2 = cmd_q[`WEFT_VEC_n2];
  wire [7:0]  k0 = cmd_q[`WEFT_VEC_k0], k1 = cmd_q[`WEFT_VEC_k1];
  wire [2:0]  nsteps = cmd_q[`WEFT_VEC_nsteps];
  reg  [15:0] n0_1_q, n1_1_q, n2_1_q;            // last indices
  reg  [7:0]  k0_1_q, k1_1_q;
  reg  [1:0]  last_step_q;
  wire [2:0]  steps_1 = nsteps - 3'd1;
  wire        unused_steps = steps_1[2];
  wire [31:0] steps  = {cmd_q[`WEFT_VEC_step3], cmd_q[`WEFT_VEC_step2], cmd_q[`WEFT_VEC_step1], cmd_q[`WEFT_VEC_step0]};

  reg         go_q;                              // beats are left
  reg  [1:0]  step_q;
  reg  [7:0]  t0_q, t1_q;
  reg         first_q;                           // first tap of step 0: counts the batch's words
  reg  [15:0] i0_q, i1_q, i2_q;                  // output word, advanced by the first tap
  reg  [3:0]  ent_q, ent_last_q;                 // beat within the batch, last one
  reg         final_q;                           // the batch is the command's last
  reg  [3:0]  wait_q;                            // beats to leave out
  reg  [7:0]  step_code_q;                       // code of step_q
  wire [7:0]  step      = step_code_q;
  wire [1:0]  src       = step[1:0];
  wire        out       = step[7];
  wire        from_acc  = src[1];
  wire [1:0]  into      = first_q ? 2'd0 : step[3:2];
  wire        word_beg, word_end;
  wire        e0        = i0_q == n0_1_q;
  wire        e1        = i1_q == n1_1_q;
  wire        e2        = i2_q == n2_1_q;
  wire        last_word = e0 && e1 && e2;
  wire        pass_end  = word_end && (first_q ? ent_q == 4'd15 || last_word : ent_q == ent_last_q);
  wire        final_now = first_q ? last_word : final_q;
  wire        tap0_end  = t0_q == k0_1_q;
  wire        taps_end  = step_q != 2'd0 || (tap0_end && t1_q == k1_1_q);
  wire        steps_end = step_q == last_step_q;
  wire [1:0]  step_nx   = steps_end ? 2'd0 : step_q + 2'd1;
  wire        acc_nx    = steps[8*step_nx + 1];     // the next step reads the accumulator
  wire        out_room;
  reg         beat_q;
  wire        slot      = !beat_q || beat_ready_i;            // the beat register can take one
  wire        fire      = go_q && slot && wait_q == 4'd0 && (from_acc || op_valid) && (!(out && word_beg) || out_room);
  assign op_ready = fire && !from_acc && word_end;

  localparam integer FULL = BPW - 1;
  assign word_beg = (ent_q & FULL[3:0]) == 4'd0;
  assign word_end = (ent_q & FULL[3:0]) == FULL[3:0];

  always @(posedge clk_i) begin
    if (!rst_ni)                                                   go_q <= 1'b0;
    else if (start_q)                                              go_q <= 1'b1;
    else if (fire && pass_end && taps_end && steps_end && final_now) go_q <= 1'b0;

    if (start_q) begin
      {n0_1_q, n1_1_q, n2_1_q} <= {n0 - 16'd1, n1 - 16'd1, n2 - 16'd1};
      {k0_1_q, k1_1_q} <= {k0 - 8'd1, k1 - 8'd1};
      last_step_q <= steps_1[1:0];
      step_code_q <= steps[7:0];
      step_q  <= 2'd0;
      first_q <= 1'b1;
      {t0_q, t1_q} <= 16'd0;
      {i0_q, i1_q, i2_q} <= 48'd0;
      ent_q   <= 4'd0;
      wait_q  <= 4'd0;
    end else if (fire) begin
      ent_q <= pass_end ? 4'd0 : ent_q + 4'd1;
      if (first_q && word_end) begin
        i0_q <= e0 ? 16'd0 : i0_q + 16'd1;
        if (e0)       i1_q <= e1 ? 16'd0 : i1_q + 16'd1;
        if (e0 && e1) i2_q <= i2_q + 16'd1;
      end
      if (pass_end) begin
        first_q <= taps_end && steps_end;
        if (first_q) begin
          ent_last_q <= ent_q;
          final_q    <= last_word;
        end
        if (taps_end) begin
          step_q <= step_nx;
          step_code_q <= steps[8*step_nx +: 8];
          {t0_q, t1_q} <= 16'd0;
          if (acc_nx && ent_q < DISTANCE[3:0] - 4'd1) wait_q <= DISTANCE[3:0] - 4'd1 - ent_q;
        end else begin
          t0_q <= tap0_end ? 8'd0 : t0_q + 8'd1;
          if (tap0_end) t1_q <= t1_q + 8'd1;
        end
      end
    end else if (slot && wait_q != 4'd0) wait_q <= wait_q - 4'd1;
  end

  // ---- the beat ----
  reg  [7:0]              tag_q;
  reg  [PPU_LANES*32-1:0] x_q;
  reg  [31:0]             bias_q, mult_q;
  reg  [4:0]              ls_q, rs_q;
  reg                     div_q;
  wire [PPU_LANES*32-1:0] acc, x;
  wire [PPU_LANES*8-1:0]  op_beat;               // this beat's bytes of the operand word
  wire [7:0]              za = cmd_q[`WEFT_VEC_za], zb = cmd_q[`WEFT_VEC_zb];
  wire [7:0]              minus_z = 8'd0 - (src[0] ? zb : za);   // -(-128) needs a ninth bit
  wire                    z_lowest = (src[0] ? zb : za) == 8'h80;
  reg  [31:0]             mult;
  reg  [4:0]              ls, rs;
  always @* begin
    case (step[5:4])
      2'd0: begin
        mult = cmd_q[`WEFT_VEC_mult0];
        ls   = cmd_q[`WEFT_VEC_ls0];
        rs   = cmd_q[`WEFT_VEC_rs0];
      end
      2'd1: begin
        mult = cmd_q[`WEFT_VEC_mult1];
        ls   = cmd_q[`WEFT_VEC_ls1];
        rs   = cmd_q[`WEFT_VEC_rs1];
      end
      2'd2: begin
        mult = cmd_q[`WEFT_VEC_mult2];
        ls   = cmd_q[`WEFT_VEC_ls2];
        rs   = cmd_q[`WEFT_VEC_rs2];
      end
      default: begin                             // no scale: times 2^31
        mult = 32'h80000000;
        ls   = 5'd0;
        rs   = 5'd0;
      end
    endcase
  end

  generate
    if (BB == 0) begin : g_whole
      assign op_beat = op;
    end else begin : g_part
      assign op_beat = op[PPU_LANES*8*ent_q[BB-1:0] +: PPU_LANES*8];
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni)           beat_q <= 1'b0;
    else if (fire)         beat_q <= 1'b1;
    else if (beat_ready_i) beat_q <= 1'b0;
    if (fire) begin
      tag_q  <= {word_end, out, into, ent_q};
      x_q    <= x;
      bias_q <= from_acc ? cmd_q[`WEFT_VEC_bias] : {{24{minus_z[7] && !z_lowest}}, minus_z};
      mult_q <= mult;
      ls_q   <= step[6] ? 5'd0 : ls;             // a division does not shift left
      rs_q   <= rs;
      div_q  <= step[6];
    end
  end
  assign beat_valid_o = beat_q;
  assign tag_o  = tag_q;
  assign x_o    = x_q;
  assign bias_o = bias_q;
  assign mult_o = mult_q;
  assign ls_o   = ls_q;
  assign rs_o   = rs_q;
  assign div_o  = div_q;
  assign act_o  = {cmd_q[`WEFT_VEC_act_max], cmd_q[`WEFT_VEC_act_min], cmd_q[`WEFT_VEC_zo]};

  // ---- back from the lanes: accumulators at v, result words at q ----
  genvar l;
  generate for (l = 0; l < PPU_LANES; l = l + 1) begin : g_acc
    vector_acc u_acc (
      .clk_i  (clk_i),
      .raddr_i(ent_q),
      .rdata_o(acc[32*l +: 32]),
      .we_i   (v_valid_i && !v_tag_i[6]),
      .waddr_i(v_tag_i[3:0]),
      .into_i (v_tag_i[5:4]),
      .v_i    (v_i[32*l +: 32])
    );
    assign x[32*l +: 32] = from_acc ? acc[32*l +: 32] : {{24{op_beat[8*l + 7]}}, op_beat[8*l +: 8]};
  end endgenerate

  reg [1:0] q_out_q, q_end_q;                    // out beats on their way from v to q; last of a word
  always @(posedge clk_i) begin
    q_out_q <= {q_out_q[0], rst_ni && v_valid_i && v_tag_i[6]};
    q_end_q <= {q_end_q[0], v_tag_i[7]};
  end
  wire [127:0] word;
  generate
    if (PPU_LANES == 16) begin : g_word
      assign word = q_i;
    end else begin : g_gather                    // beats of a word come one after the other, other steps never between them
      reg [127-PPU_LANES*8:0] part_q;
      assign word = {q_i, part_q};
      always @(posedge clk_i) if (q_out_q[1]) part_q <= word[127:PPU_LANES*8];
    end
  endgenerate

  vector_writer u_writer (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .start_i     (start_q),
    .cmd_i       (cmd_q),
    .room_o      (out_room),
    .reserve_i   (fire && out && word_beg),
    .word_valid_i(q_out_q[1] && q_end_q[1]),
    .word_i      (word),
    .vw_req_o    (vw_req_o),
    .vw_addr_o   (vw_addr_o),
    .vw_wdata_o  (vw_wdata_o),
    .vw_wstrb_o  (vw_wstrb_o),
    .vw_gnt_i    (vw_gnt_i),
    .done_o      (vdone_o)
  );

endmodule

`default_nettype wire
