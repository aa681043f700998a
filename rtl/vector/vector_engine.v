// SPDX-License-Identifier: Apache-2.0
//
// Runs a VEC command: a small program of steps over words of 16 int8, on the lanes that it shares with the collector.
//
// A step depends on the one before it, and the way through operands and lanes is long. So PPU_LANES output words (16 beats) form a batch:
// step 0 of all of them, tap by tap, then step 1 of all of them, and so on. A full batch hides most of the latency; a short one waits a few
// cycles between steps. ACC and ROW of a batch are 16 entries a lane, entry = beat within the batch; results do not depend on batching.
//
// While a command runs, the next one waits at the door (vcmd_valid_i) and its tables are loaded into the other half of the table memories.
// With t_stay it takes those that are there.
// Throughput: one beat per cycle that the lanes grant. Latency of a command: about 30 cycles beyond its beats, and what is left of loading its
// tables (table_loader).

`default_nettype none
`include "weft_spec.vh"

module vector_engine #(
  parameter integer PPU_LANES = 4
) (
  input  wire                    clk_i,
  input  wire                    rst_ni,

  // VEC commands, one at a time; a valid one stays as it is until it is taken, which is once its tables are loaded
  input  wire                    vcmd_valid_i,
  output wire                    vcmd_ready_o,
  input  wire                    hold_i,         // none is taken: another part of the engine runs
  input  wire [1023:0]           vcmd_i,
  output wire                    vdone_o,
  output wire                    vbusy_o,        // a command runs or is at the door

  // buffer ports: operands and tables, results
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

  // beats to the lanes, valid/ready, and back
  output wire                    beat_valid_o,
  input  wire                    beat_ready_i,
  output wire [8:0]              tag_o,          // 3:0 accumulator entry, 7:4 where v goes, 8 last beat of its word
  output wire [PPU_LANES*32-1:0] x_o,
  output wire [31:0]             bias_o,         // common to the lanes
  output wire [PPU_LANES*32-1:0] mult_o,
  output wire [PPU_LANES*5-1:0]  ls_o,
  output wire [PPU_LANES*5-1:0]  rs_o,
  output wire                    div_o,
  output wire [23:0]             act_o,          // max, min, zero point
  input  wire                    v_valid_i,
  input  wire [8:0]              v_tag_i,
  input  wire [PPU_LANES*32-1:0] v_i,
  input  wire [PPU_LANES*8-1:0]  q_i             // of the beat of two cycles ago
);

  localparam integer BPW   = 16 / PPU_LANES;     // beats of a word
  localparam integer WB    = $clog2(PPU_LANES);  // a batch is PPU_LANES words
  localparam integer BB    = 4 - WB;             // bits of a beat number (0 with 16 lanes)
  // Beats from one on an entry to the next that reads it: five operand stages, the beat register, the lanes' 11, the update.
  localparam integer DISTANCE = 18;

  generate if (PPU_LANES != 2 && PPU_LANES != 4 && PPU_LANES != 8 && PPU_LANES != 16) begin : g_check
    vector_engine_PPU_LANES_must_be_2_4_8_or_16 u_check ();
  end endgenerate

  // Where v goes (tag 7:4): bit 3 the row state with vector_row's operation, else bit 2 a result, else the accumulator's operation.
  localparam [3:0] TO_SET = 4'd0, TO_ADD = 4'd1, TO_MAX = 4'd2, TO_OUT = 4'd4, TO_ROW_SET = 4'd8, TO_ROW_ADD = 4'd9, TO_X_SET = 4'd10,
                   TO_U_SET = 4'd11, TO_X_ADD = 4'd12, TO_ROW_LAST = 4'd13;

  // ---- command ----
  reg          run_q, start_q;
  /* verilator lint_off UNUSEDSIGNAL */          // reserved bits and header
  reg [1023:0] cmd_q;
  /* verilator lint_on UNUSEDSIGNAL */
  reg          door_q, loaded_q;                 // at the door: seen, its tables there
  reg  [1:0]   loading_q;                        // tables on their way
  wire         taken = vcmd_valid_i && vcmd_ready_o;
  wire         go    = start_q;                  // the first cycle in which the command's registers are stable
  assign vcmd_ready_o = !run_q && loaded_q && !hold_i;
  assign vbusy_o      = run_q || door_q;
  always @(posedge clk_i) begin
    if (!rst_ni) {run_q, start_q} <= 2'b00;
    else begin
      if (taken)        run_q <= 1'b1;
      else if (vdone_o) run_q <= 1'b0;
      start_q <= taken;
    end
    if (!run_q) cmd_q <= vcmd_i;
  end

  // ---- what the steps need: once a command, from its registers ----
  wire [63:0] steps  = {cmd_q[`WEFT_VEC_step3], cmd_q[`WEFT_VEC_step2], cmd_q[`WEFT_VEC_step1], cmd_q[`WEFT_VEC_step0]};
  wire [2:0]  nsteps = cmd_q[`WEFT_VEC_nsteps];
  wire [3:0]  on_a, on_b, taps;
  genvar s;
  generate for (s = 0; s < 4; s = s + 1) begin : g_step
    localparam [2:0] NUMBER = s;
    wire [15:0] st     = steps[16*s +: 16];
    wire [2:0]  fn     = st[`WEFT_STEP_fn];
    wire        here   = NUMBER < nsteps && st[`WEFT_STEP_into] != `WEFT_INTO_RECIP;
    wire        uses_a = here && fn != `WEFT_FN_B && fn != `WEFT_FN_ACC;
    wire        uses_b = here && fn != `WEFT_FN_A && fn != `WEFT_FN_ACC;
    wire [2:0]  bsel   = {1'b0, st[`WEFT_STEP_b]};
    wire        b_of_a = bsel == `WEFT_B_T1A || bsel == `WEFT_B_T1D;
    assign on_a[s]  = uses_a || (uses_b && b_of_a);
    assign on_b[s]  = (uses_b && !b_of_a) || (here && st[`WEFT_STEP_scale] == `WEFT_SCALE_WEIGHT);
    assign taps[s]  = here && st[`WEFT_STEP_taps];
    wire unused_st = &{1'b0, st};
  end endgenerate
  wire [2:0] steps_1   = nsteps - 3'd1;
  wire [1:0] last_step = steps_1[1:0];
  wire       unused_steps = steps_1[2];

  // ---- tables of the command at the door ----
  wire [63:0] door_steps = {vcmd_i[`WEFT_VEC_step3], vcmd_i[`WEFT_VEC_step2], vcmd_i[`WEFT_VEC_step1], vcmd_i[`WEFT_VEC_step0]};
  wire [3:0]  on_t0, on_t1;
  generate for (s = 0; s < 4; s = s + 1) begin : g_door
    localparam [2:0] NUMBER = s;
    wire [15:0] st   = door_steps[16*s +: 16];
    wire [2:0]  fn   = st[`WEFT_STEP_fn];
    wire        here = NUMBER < vcmd_i[`WEFT_VEC_nsteps] && st[`WEFT_STEP_into] != `WEFT_INTO_RECIP && fn != `WEFT_FN_ACC;
    assign on_t0[s] = here && fn != `WEFT_FN_B && {1'b0, st[`WEFT_STEP_a]} != `WEFT_A_RAW;
    assign on_t1[s] = here && fn != `WEFT_FN_A && {1'b0, st[`WEFT_STEP_b]} != `WEFT_B_RAW;
    wire unused_st = &{1'b0, st};
  end endgenerate
  wire        rd_req;
  wire [15:0] rd_addr;
  reg  [1:0]  use_q;                             // tables to load
  reg         half_q;                            // of the table memories, that the running command reads: the one loaded last
  wire [1:0]  tl_req, tl_done, tw;
  wire [31:0] tl_addr;
  wire [15:0] twaddr;
  wire [63:0] twdata;
  wire        load = door_q && loading_q == 2'b00 && !loaded_q;
  wire [1:0]  left = loading_q & ~tl_done;
  always @(posedge clk_i) begin
    if (!rst_ni || taken) begin
      {door_q, loaded_q} <= 2'b00;
      loading_q          <= 2'b00;
    end else begin
      door_q    <= vcmd_valid_i;
      loading_q <= load ? use_q : left;
      if (load ? use_q == 2'b00 : loading_q != 2'b00 && left == 2'b00) loaded_q <= 1'b1;
    end
    if (!rst_ni)    half_q <= 1'b0;
    else if (taken) half_q <= half_q ^ |use_q;
    use_q <= vcmd_i[`WEFT_VEC_t_stay] ? 2'b00 : {|on_t1, |on_t0};
  end

  // ---- buffer reads: tables go before operands, but a request that waits stays; data comes two cycles after the grant ----
  localparam [1:0] TABLE0 = 2'd0, TABLE1 = 2'd1, OPERANDS = 2'd2;
  reg        held_q;
  reg  [1:0] held_who_q, who1_q, who2_q;         // of the request that waits, of the words that come in one and two cycles
  wire [1:0] who = held_q ? held_who_q : tl_req[0] ? TABLE0 : tl_req[1] ? TABLE1 : OPERANDS;
  assign vr_req_o  = tl_req != 2'b00 || rd_req;
  assign vr_addr_o = who == OPERANDS ? rd_addr : who == TABLE1 ? tl_addr[31:16] : tl_addr[15:0];
  always @(posedge clk_i) begin
    held_q     <= rst_ni && vr_req_o && !vr_gnt_i;
    held_who_q <= who;
    {who2_q, who1_q} <= {who1_q, who};
  end
  wire [1:0] base_wide = {vcmd_i[`WEFT_VEC_t1_wide], vcmd_i[`WEFT_VEC_t0_wide]};
  wire [31:0] base     = {vcmd_i[`WEFT_VEC_t1_base], vcmd_i[`WEFT_VEC_t0_base]};
  genvar t;
  generate for (t = 0; t < 2; t = t + 1) begin : g_table
    localparam [1:0] ME = t;
    table_loader u_loader (
      .clk_i   (clk_i),
      .rst_ni  (rst_ni),
      .start_i (load && use_q[t]),
      .base_i  (base[16*t +: 16]),
      .wide_i  (base_wide[t]),
      .done_o  (tl_done[t]),
      .req_o   (tl_req[t]),
      .addr_o  (tl_addr[16*t +: 16]),
      .gnt_i   (vr_gnt_i && who == ME),
      .rvalid_i(vr_rvalid_i && who2_q == ME),
      .rdata_i (vr_rdata_i),
      .we_o    (tw[t]),
      .waddr_o (twaddr[8*t +: 8]),
      .wdata_o (twdata[32*t +: 32])
    );
  end endgenerate

  wire         a_valid, a_ready, b_valid, b_ready;
  wire [127:0] a_word, b_word;
  wire [3:0]   b_byte;
  vector_reader #(.BATCH(PPU_LANES)) u_reader (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .start_i    (go),
    .cmd_i      (cmd_q),
    .on_a_i     (on_a),
    .on_b_i     (on_b),
    .taps_i     (taps),
    .vr_req_o   (rd_req),
    .vr_addr_o  (rd_addr),
    .vr_gnt_i   (vr_gnt_i && who == OPERANDS),
    .vr_rvalid_i(vr_rvalid_i && who2_q == OPERANDS),
    .vr_rdata_i (vr_rdata_i),
    .a_valid_o  (a_valid),
    .a_ready_i  (a_ready),
    .a_data_o   (a_word),
    .b_valid_o  (b_valid),
    .b_ready_i  (b_ready),
    .b_data_o   (b_word),
    .b_byte_o   (b_byte)
  );

  // ---- issue: batch, step, tap, word, beat ----
  reg         go_q;                              // beats are left
  reg  [1:0]  step_q;
  reg  [2:0]  pass_q;                            // of a RECIP step
  reg         first_q, first_tap_q;              // first pass of the batch: counts its words; first tap of the step
  reg  [1:0]  weight_q;                          // tap number modulo 4
  reg  [15:0] i0_q, i1_q, i2_q, n0_1_q, n1_1_q, n2_1_q;   // output word, advanced by the first pass; last indices
  reg  [3:0]  ent_q, ent_last_q;                 // beat within the batch, last one
  reg         final_q;                           // the batch is the command's last
  reg  [4:0]  wait_q;                            // beats to leave out
  reg  [15:0] code_q;                            // step step_q
  wire [2:0]  into      = code_q[`WEFT_STEP_into];
  wire        recip     = into == `WEFT_INTO_RECIP;
  wire        out       = into == `WEFT_INTO_OUT;
  wire        word_beg, word_end, taps_last;
  wire        e0        = i0_q == n0_1_q;
  wire        e1        = i1_q == n1_1_q;
  wire        last_word = e0 && e1 && i2_q == n2_1_q;
  wire        pass_end  = word_end && (first_q ? ent_q == 4'd15 || last_word : ent_q == ent_last_q);
  wire        final_now = first_q ? last_word : final_q;
  wire        step_end  = recip ? pass_q == 3'd7 : !taps[step_q] || taps_last;
  wire        steps_end = step_q == last_step;
  wire [1:0]  step_nx   = steps_end ? 2'd0 : step_q + 2'd1;
  wire [15:0] code_nx   = steps[16*step_nx +: 16];
  // The next pass reads what this one writes. Taps only add to it where it is written.
  wire        needs_nx  = step_end ? code_nx[`WEFT_STEP_fn] == `WEFT_FN_ACC || {1'b0, code_nx[`WEFT_STEP_a]} == `WEFT_A_T0D ||
                                     {1'b0, code_nx[`WEFT_STEP_b]} == `WEFT_B_T1D || code_nx[`WEFT_STEP_scale] == `WEFT_SCALE_ROW ||
                                     code_nx[`WEFT_STEP_into] == `WEFT_INTO_RECIP
                                   : recip;
  wire        out_room;
  reg  [5:0]  valid_q;                           // stages 0..4 of the operands, the beat register
  wire        adv       = !valid_q[5] || beat_ready_i;
  wire        fire      = go_q && adv && wait_q == 5'd0 && (!on_a[step_q] || a_valid) && (!on_b[step_q] || b_valid) &&
                          (!(out && word_beg) || out_room);
  assign a_ready = fire && on_a[step_q] && word_end;
  assign b_ready = fire && on_b[step_q] && word_end;

  vector_taps u_taps (
    .clk_i   (clk_i),
    .start_i (go),
    .k0_i    (cmd_q[`WEFT_VEC_k0]),
    .k1_i    (cmd_q[`WEFT_VEC_k1]),
    .s0_i    (16'd0),
    .s1_i    (16'd0),
    .clear_i (fire && pass_end && step_end),
    .take_i  (fire && pass_end && !recip),
    .end_o   (taps_last),
    .offset_o(unused_offset)
  );
  wire [15:0] unused_offset;

  localparam integer FULL = BPW - 1;
  assign word_beg = (ent_q & FULL[3:0]) == 4'd0;
  assign word_end = (ent_q & FULL[3:0]) == FULL[3:0];

  reg [3:0] to;
  always @* begin
    case (into)
      `WEFT_INTO_ADD:   to = first_tap_q && step_q == 2'd0 ? TO_SET : TO_ADD;
      `WEFT_INTO_MAX:   to = first_tap_q && step_q == 2'd0 ? TO_SET : TO_MAX;
      `WEFT_INTO_ROW:   to = first_tap_q ? TO_ROW_SET : TO_ROW_ADD;
      `WEFT_INTO_RECIP: to = pass_q == 3'd0 ? TO_ROW_SET : pass_q == 3'd1 ? TO_X_SET : !pass_q[0] ? TO_U_SET : pass_q == 3'd7 ? TO_ROW_LAST : TO_X_ADD;
      `WEFT_INTO_OUT:   to = TO_OUT;
      default:          to = TO_SET;
    endcase
  end

  always @(posedge clk_i) begin
    if (!rst_ni)                                                    go_q <= 1'b0;
    else if (go)                                                    go_q <= 1'b1;
    else if (fire && pass_end && step_end && steps_end && final_now) go_q <= 1'b0;

    if (go) begin
      {n0_1_q, n1_1_q, n2_1_q} <= {cmd_q[`WEFT_VEC_n0] - 16'd1, cmd_q[`WEFT_VEC_n1] - 16'd1, cmd_q[`WEFT_VEC_n2] - 16'd1};
      code_q  <= steps[15:0];
      step_q  <= 2'd0;
      pass_q  <= 3'd0;
      {first_q, first_tap_q} <= 2'b11;
      weight_q <= 2'd0;
      {i0_q, i1_q, i2_q} <= 48'd0;
      ent_q   <= 4'd0;
      wait_q  <= 5'd0;
    end else if (fire) begin
      ent_q <= pass_end ? 4'd0 : ent_q + 4'd1;
      if (first_q && word_end) begin
        i0_q <= e0 ? 16'd0 : i0_q + 16'd1;
        if (e0)       i1_q <= e1 ? 16'd0 : i1_q + 16'd1;
        if (e0 && e1) i2_q <= i2_q + 16'd1;
      end
      if (pass_end) begin
        first_q     <= step_end && steps_end;
        first_tap_q <= step_end;
        pass_q      <= step_end || !recip ? 3'd0 : pass_q + 3'd1;
        weight_q    <= step_end ? 2'd0 : weight_q + 2'd1;
        if (first_q) begin
          ent_last_q <= ent_q;
          final_q    <= last_word;
        end
        if (step_end) begin
          step_q <= step_nx;
          code_q <= code_nx;
        end
        if (needs_nx) wait_q <= DISTANCE[4:0] - 5'd1 - {1'b0, ent_q};
      end
    end else if (adv && wait_q != 5'd0) wait_q <= wait_q - 5'd1;
  end

  // ---- operand stages: what the lanes share moves along with them ----
  localparam integer CW = 15 + 9 + 3 + 1 + 32;
  wire [CW-1:0] ctl_in;
  reg  [CW-1:0] ctl_q [0:4];
  reg  [31:0]   weight;
  always @* begin
    case (weight_q)
      2'd0:    weight = b_word[31:0];
      2'd1:    weight = b_word[63:32];
      2'd2:    weight = b_word[95:64];
      default: weight = b_word[127:96];
    endcase
  end
  assign ctl_in = {weight, recip, pass_q, word_end, to, ent_q, code_q[14:0]};
  integer k;
  always @(posedge clk_i) begin
    if (!rst_ni)  valid_q <= 6'd0;
    else if (adv) valid_q <= {valid_q[4:0], fire};
    if (adv) begin
      ctl_q[0] <= ctl_in;
      for (k = 1; k < 5; k = k + 1) ctl_q[k] <= ctl_q[k-1];
    end
  end
  wire [14:0] code1 = ctl_q[1][14:0], code2 = ctl_q[2][14:0], code3 = ctl_q[3][14:0], code4 = ctl_q[4][14:0];
  wire [3:0]  ent4  = ctl_q[4][18:15];
  wire [8:0]  tag4  = ctl_q[4][23:15];
  wire [2:0]  pass4 = ctl_q[4][26:24];
  wire        recip4 = ctl_q[4][27];
  wire [31:0] weight4 = ctl_q[4][59:28];
  wire        unused_code = &{1'b0, code1, code2, code3, code4, code_q, weight4[31]};

  // Scales of the beat that leaves stage 4.
  wire [2:0] scale4 = code4[`WEFT_STEP_scale];
  reg [31:0] mult;
  reg [4:0]  ls, rs;
  always @* begin
    case (scale4)
      `WEFT_SCALE_0, `WEFT_SCALE_WEIGHT: begin
        mult = scale4 == `WEFT_SCALE_0 ? cmd_q[`WEFT_VEC_mult0] : {1'b0, weight4[30:0]};
        ls   = cmd_q[`WEFT_VEC_ls0];
        rs   = cmd_q[`WEFT_VEC_rs0];
      end
      `WEFT_SCALE_1: begin
        mult = cmd_q[`WEFT_VEC_mult1];
        ls   = cmd_q[`WEFT_VEC_ls1];
        rs   = cmd_q[`WEFT_VEC_rs1];
      end
      `WEFT_SCALE_2: begin
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

  reg  [8:0]  tag_q;
  reg  [31:0] bias_q;
  reg         div_q;
  wire        acc4 = code4[`WEFT_STEP_fn] == `WEFT_FN_ACC && !recip4;
  always @(posedge clk_i)
    if (adv) begin
      tag_q  <= tag4;
      bias_q <= acc4 ? cmd_q[`WEFT_VEC_bias] : 32'd0;
      div_q  <= code4[`WEFT_STEP_div];
    end
  assign beat_valid_o = valid_q[5];
  assign tag_o  = tag_q;
  assign bias_o = bias_q;
  assign div_o  = div_q;
  assign act_o  = {cmd_q[`WEFT_VEC_act_max], cmd_q[`WEFT_VEC_act_min], cmd_q[`WEFT_VEC_zo]};

  wire [PPU_LANES*8-1:0] a_beat, b_beat;         // this beat's bytes of the operand words
  wire [127:0]           b_lanes = cmd_q[`WEFT_VEC_b_splat] ? {16{b_word[8*b_byte +: 8]}} : b_word;
  generate
    if (BB == 0) begin : g_whole
      assign a_beat = a_word;
      assign b_beat = b_lanes;
    end else begin : g_part
      assign a_beat = a_word[PPU_LANES*8*ent_q[BB-1:0] +: PPU_LANES*8];
      assign b_beat = b_lanes[PPU_LANES*8*ent_q[BB-1:0] +: PPU_LANES*8];
    end
  endgenerate

  genvar l;
  generate for (l = 0; l < PPU_LANES; l = l + 1) begin : g_lane
    wire [7:0]  acc_low;
    wire [31:0] acc, y, row_x, row_mult, scale_mult;
    wire [4:0]  row_ls, scale_rs;
    vector_acc u_acc (
      .clk_i  (clk_i),
      .laddr_i(ent_q),
      .low_o  (acc_low),
      .raddr_i(ent4),
      .rdata_o(acc),
      .we_i   (v_valid_i && v_tag_i[7:6] == 2'b00),
      .waddr_i(v_tag_i[3:0]),
      .into_i (v_tag_i[5:4]),
      .v_i    (v_i[32*l +: 32])
    );
    vector_row u_row (
      .clk_i       (clk_i),
      .raddr_i     (ent4),
      .pass_i      (pass4),
      .keep_i      (adv && valid_q[4] && recip4 && pass4 == 3'd0),
      .x_o         (row_x),
      .mult_o      (row_mult),
      .ls_o        (row_ls),
      .scale_mult_o(scale_mult),
      .scale_rs_o  (scale_rs),
      .we_i        (v_valid_i && v_tag_i[7]),
      .waddr_i     (v_tag_i[3:0]),
      .op_i        (v_tag_i[6:4]),
      .v_i         (v_i[32*l +: 32])
    );
    vector_operand u_operand (
      .clk_i   (clk_i),
      .adv_i   (adv),
      .a_i     (a_beat[8*l +: 8]),
      .b_i     (b_beat[8*l +: 8]),
      .acc_i   (acc_low),
      .asel0_i (code_q[`WEFT_STEP_a]),
      .bsel0_i (code_q[`WEFT_STEP_b]),
      .asel2_i (code1[`WEFT_STEP_a]),
      .bsel2_i (code1[`WEFT_STEP_b]),
      .sqr3_i  (code2[`WEFT_STEP_fn] == `WEFT_FN_SQR),
      .fn4_i   (code3[`WEFT_STEP_fn]),
      .za_i    (cmd_q[`WEFT_VEC_za]),
      .zb_i    (cmd_q[`WEFT_VEC_zb]),
      .half_i  (half_q),
      .tw_i    (tw),
      .twaddr_i(twaddr),
      .twdata_i(twdata),
      .x_o     (y)
    );
    reg [31:0] x_q, mult_q;
    reg [4:0]  ls_q, rs_q;
    wire       by_row = scale4 == `WEFT_SCALE_ROW;
    always @(posedge clk_i)
      if (adv) begin
        x_q    <= recip4 ? row_x : acc4 ? acc : y;
        mult_q <= recip4 ? row_mult : by_row ? scale_mult : mult;
        ls_q   <= recip4 ? (pass4 == 3'd0 ? row_ls : 5'd0) : code4[`WEFT_STEP_div] ? 5'd0 : ls;   // a division does not shift left
        rs_q   <= recip4 ? 5'd0 : by_row ? scale_rs : rs;
      end
    assign x_o[32*l +: 32]    = x_q;
    assign mult_o[32*l +: 32] = mult_q;
    assign ls_o[5*l +: 5]     = ls_q;
    assign rs_o[5*l +: 5]     = rs_q;
  end endgenerate

  // ---- back from the lanes: result words at q ----
  reg [1:0] q_out_q, q_end_q;                    // out beats on their way from v to q; last of a word
  always @(posedge clk_i) begin
    q_out_q <= {q_out_q[0], rst_ni && v_valid_i && v_tag_i[7:6] == 2'b01};
    q_end_q <= {q_end_q[0], v_tag_i[8]};
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

  vector_writer #(.BATCH(PPU_LANES), .QUEUE(32)) u_writer (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .start_i     (go),
    .cmd_i       (cmd_q),
    .taps_i      (taps[last_step]),
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
