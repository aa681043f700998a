// SPDX-License-Identifier: Apache-2.0
//
// Checks the fields of a command: what the validator in software (cmodel legal.c) refuses ends in error FIELD here too.
//
// Limits of docs/spec.md sections 3 to 5 (`Legal`), and the fields that only repeat others (K, MT, r_span, ...) against what they
// repeat: the engines count by both, so a contradiction would hang them or exceed their memories. A list from software was validated
// before; this is for memory that was not. So it is small, not quick: one serial 17 x 16 multiplier and one comparison after each
// product. Addresses are checked where they are used (buffer, window_check). Throughput: one record in 2 (LOAD, STORE, VEC, TRANSPOSE) or about
// 150 to 250 (CONV) cycles, beside the engines' work because fetch runs ahead. Latency: the same.

`default_nettype none
`include "weft_spec.vh"

module field_check #(
  parameter integer ROWS        = 2,
  parameter integer COLS        = 2,
  parameter integer LANES       = 4,      // power of two
  parameter integer FSPAD_BYTES = 128,
  parameter integer NET_BYTES   = 8
) (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire         start_i,            // one cycle while idle; the record is complete in the next cycle
  input  wire [767:0] rec_i,              // stable until done_o; opcode known
  output wire         done_o,             // one cycle
  output wire         ok_o                // with done_o
);

  // ---- fields of CONV ----
  wire [7:0]  opcode    = rec_i[`WEFT_HDR_opcode];
  wire [15:0] in_h      = rec_i[`WEFT_CONV_in_h],      in_w     = rec_i[`WEFT_CONV_in_w], in_w_last = rec_i[`WEFT_CONV_in_w_last];
  wire [7:0]  stride_y  = rec_i[`WEFT_CONV_stride_y],  stride_x = rec_i[`WEFT_CONV_stride_x];
  wire [7:0]  dil_y     = rec_i[`WEFT_CONV_dil_y],     dil_x    = rec_i[`WEFT_CONV_dil_x];
  wire [7:0]  fr        = rec_i[`WEFT_CONV_R],         fs       = rec_i[`WEFT_CONV_S];
  wire [2:0]  qw_lg     = rec_i[`WEFT_CONV_qw_lg];
  wire [1:0]  kind      = rec_i[`WEFT_CONV_kind];
  wire [7:0]  k0        = rec_i[`WEFT_CONV_k0],        rsh      = rec_i[`WEFT_CONV_rsh];
  wire [15:0] r_span    = rec_i[`WEFT_CONV_r_span];
  wire [7:0]  pairs     = rec_i[`WEFT_CONV_pairs],     chain_len = rec_i[`WEFT_CONV_chain_len], nchain = rec_i[`WEFT_CONV_nchain];
  wire [7:0]  pair_dr   = rec_i[`WEFT_CONV_pair_dr];
  wire [15:0] pair_dg   = rec_i[`WEFT_CONV_pair_dg],   groups   = rec_i[`WEFT_CONV_groups], folds = rec_i[`WEFT_CONV_folds];
  wire [15:0] walk      = rec_i[`WEFT_CONV_K],         p        = rec_i[`WEFT_CONV_P];
  wire [7:0]  e_cols    = rec_i[`WEFT_CONV_e_cols],    t        = rec_i[`WEFT_CONV_T];
  wire [15:0] nm        = rec_i[`WEFT_CONV_NM],        ny       = rec_i[`WEFT_CONV_NY], nx = rec_i[`WEFT_CONV_NX];
  wire [15:0] ft        = rec_i[`WEFT_CONV_FT],        oh       = rec_i[`WEFT_CONV_OH], ow = rec_i[`WEFT_CONV_OW];
  wire [15:0] ow_last   = rec_i[`WEFT_CONV_OW_last],   m        = rec_i[`WEFT_CONV_M],  mt = rec_i[`WEFT_CONV_MT];
  wire [15:0] filt_pkts = rec_i[`WEFT_CONV_filt_pkts], y_step   = rec_i[`WEFT_CONV_y_step];
  wire [3:0]  out_c0    = rec_i[`WEFT_CONV_out_c0];
  wire signed [7:0] act_min = rec_i[`WEFT_CONV_act_min], act_max = rec_i[`WEFT_CONV_act_max];

  localparam [1:0] ROWS_KIND = 2'd0, GROUPS_KIND = 2'd2;
  localparam integer LANES_LG = $clog2(LANES), NET_LG = $clog2(NET_BYTES);
  localparam integer ACC_DEPTH = `WEFT_ACC_DEPTH, PARAM_DEPTH = `WEFT_PARAM_DEPTH, WINDOW_WORDS = `WEFT_WINDOW_WORDS;
  localparam integer OBUF_WORDS = `WEFT_OBUF_WORDS, MAX_QW_LG = `WEFT_MAX_QW_LG;

  // Everything that needs no product.
  wire by_rows    = kind == ROWS_KIND, by_groups = kind == GROUPS_KIND;
  wire stays      = rec_i[`WEFT_CONV_psum_in] || rec_i[`WEFT_CONV_psum_out];
  wire net_shared = ({5'd0, qw_lg} + LANES_LG[7:0]) < NET_LG[7:0];              // a packet serves several groups
  wire conv_plain =
    in_h != 0 && in_w != 0 && in_w_last != 0 && in_w_last <= in_w && stride_y != 0 && stride_x != 0 && dil_y != 0 && dil_x != 0 &&
    fr != 0 && fs != 0 && qw_lg <= MAX_QW_LG[2:0] && kind <= GROUPS_KIND && k0 != 0 && rsh != 0 && pairs != 0 && chain_len != 0 &&
    nchain != 0 && groups != 0 && folds != 0 && walk == ({8'h0, fs} << qw_lg) && {8'h0, nchain} <= walk && pair_dr < fr && p != 0 &&
    e_cols != 0 && t != 0 && nm != 0 && ny != 0 && nx != 0 && ft != 0 && oh != 0 && ow != 0 && ow_last != 0 && ow_last <= ow &&
    (!stays || (nm == 16'd1 && ny == 16'd1 && nx == 16'd1)) && m != 0 && mt != 0 && filt_pkts != 0 &&
    (!by_groups || (t == 8'd1 && groups == {8'h0, nchain} && (nchain == 8'd1 || (chain_len == fr && folds == 16'd1)))) &&
    (by_groups || pairs == chain_len) && act_min <= act_max && (!net_shared || pair_dr == 8'd0 || groups == 16'd1);

  // ---- the others ----
  wire dma_ok = rec_i[`WEFT_LOAD_elem_bytes] != 0 && rec_i[`WEFT_LOAD_elems] != 0 && rec_i[`WEFT_LOAD_n0] != 0 && rec_i[`WEFT_LOAD_n1] != 0;
  wire [63:0] steps  = {rec_i[`WEFT_VEC_step3], rec_i[`WEFT_VEC_step2], rec_i[`WEFT_VEC_step1], rec_i[`WEFT_VEC_step0]};
  wire [2:0]  nsteps = rec_i[`WEFT_VEC_nsteps];
  wire signed [7:0] vec_min = rec_i[`WEFT_VEC_act_min], vec_max = rec_i[`WEFT_VEC_act_max];
  wire [31:0] mult0  = rec_i[`WEFT_VEC_mult0], mult1 = rec_i[`WEFT_VEC_mult1], mult2 = rec_i[`WEFT_VEC_mult2];
  wire        splat  = rec_i[`WEFT_VEC_b_splat];
  localparam [31:0] NO_SCALE = 32'h80000000;
  wire [3:0]  step_ok, gives_acc, gives_row, gives_recip, has_taps;
  genvar s;
  generate for (s = 0; s < 4; s = s + 1) begin : g_step
    localparam [2:0] NUMBER = s + 1;
    localparam [3:0] EARLIER = (4'd1 << s) - 4'd1;
    wire [15:0] step   = steps[16*s +: 16];
    wire [2:0]  fn     = step[`WEFT_STEP_fn], scale = step[`WEFT_STEP_scale], into = step[`WEFT_STEP_into];
    wire [2:0]  asel   = {1'b0, step[`WEFT_STEP_a]}, bsel = {1'b0, step[`WEFT_STEP_b]};
    wire        here   = nsteps >= NUMBER;
    wire        to_row = into == `WEFT_INTO_ROW, recip = into == `WEFT_INTO_RECIP, out = into == `WEFT_INTO_OUT;
    wire        takes_acc = fn == `WEFT_FN_ACC || asel == `WEFT_A_T0D || bsel == `WEFT_B_T1D;
    wire        reads_acc = takes_acc || (s != 0 && (into == `WEFT_INTO_ADD || into == `WEFT_INTO_MAX));
    wire        acc = (gives_acc & EARLIER) != 4'd0, row = (gives_row & EARLIER) != 4'd0, reciprocal = (gives_recip & EARLIER) != 4'd0;
    wire        a_used = fn != `WEFT_FN_B && fn != `WEFT_FN_ACC, b_used = fn != `WEFT_FN_A && fn != `WEFT_FN_ACC;
    wire        fine   =
      !step[15] && asel != 3'd3 && scale <= `WEFT_SCALE_WEIGHT && into <= `WEFT_INTO_OUT && out == (nsteps == NUMBER) &&
      (a_used || asel == 3'd0) && (b_used || bsel == 3'd0) && (!reads_acc || acc) && (!takes_acc || !step[`WEFT_STEP_taps] || into > `WEFT_INTO_MAX) && (!to_row || !row) &&
      (scale != `WEFT_SCALE_ROW || reciprocal) && (scale != `WEFT_SCALE_WEIGHT || (fn == `WEFT_FN_A && !splat)) &&
      (!step[`WEFT_STEP_div] || (fn == `WEFT_FN_ACC && scale < `WEFT_SCALE_NONE)) &&
      (!recip || (row && !reciprocal && step[6:0] == 7'd0 && scale == `WEFT_SCALE_NONE && !step[`WEFT_STEP_taps]));
    assign step_ok[s]     = here ? fine : step == 16'h0;
    assign gives_acc[s]   = here && into <= `WEFT_INTO_MAX;
    assign gives_row[s]   = here && to_row;
    assign gives_recip[s] = here && recip;
    assign has_taps[s]    = here && step[`WEFT_STEP_taps];
  end endgenerate
  wire one_tap = rec_i[`WEFT_VEC_k0] == 16'd1 && rec_i[`WEFT_VEC_k1] == 8'd1;
  wire vec_ok  = rec_i[`WEFT_VEC_n0] != 0 && rec_i[`WEFT_VEC_n1] != 0 && rec_i[`WEFT_VEC_n2] != 0 && rec_i[`WEFT_VEC_k0] != 0 &&
                 rec_i[`WEFT_VEC_k1] != 0 && nsteps != 0 && nsteps <= 3'd4 && (&step_ok) && ((|has_taps) || one_tap) &&
                 vec_min <= vec_max && mult0 <= NO_SCALE && mult1 <= NO_SCALE && mult2 <= NO_SCALE;
  wire [4:0] rows_16 = rec_i[`WEFT_TRANSPOSE_rows], cols_16 = rec_i[`WEFT_TRANSPOSE_cols];
  wire [5:0] cols_end = {2'b00, rec_i[`WEFT_TRANSPOSE_c0]} + {1'b0, cols_16};
  wire transpose_ok = rec_i[`WEFT_TRANSPOSE_n0] != 0 && rec_i[`WEFT_TRANSPOSE_n1] != 0 && rows_16 != 5'd0 && rows_16 <= 5'd16 && cols_16 != 5'd0 &&
                      cols_end <= 6'd16;
  wire unused  = &{1'b0, rec_i, mult0, mult1, mult2};

  // ---- products, one after the other ----
  // Step n computes acc = a * b + c and then asks for `good`. hold keeps the product of an earlier step.
  localparam [2:0] IDLE = 3'd0, PLAIN = 3'd1, SET = 3'd2, MUL = 3'd3, JUDGE = 3'd4, WORDS = 3'd5, GCD = 3'd6, DONE = 3'd7;
  localparam [4:0] STEPS = 5'd28, AT_GCD = 5'd9, AT_WORDS = 5'd26;
  reg [2:0]  state_q;
  reg [4:0]  step_q;
  reg        ok_q;
  reg [31:0] a_q, acc_q, hold_q;
  reg [15:0] b_q;
  reg [3:0]  pos_q, turn_q;                      // WORDS: byte position of a block of output channels; blocks looked at
  reg [12:0] words_q;                            // most words that one needs

  reg [16:0] a;
  reg [15:0] b;
  reg [7:0]  c;
  reg        good, keep;
  localparam integer SPAD_WORDS = FSPAD_BYTES / LANES;
  wire [15:0] per_rows    = by_rows ? {8'h0, nchain} : 16'd1;
  wire [15:0] per_rest    = by_rows ? 16'd1 : {8'h0, nchain};
  wire [31:0] bytes_up    = (acc_q << LANES_LG) + NET_BYTES - 1;                 // P*K*LANES, to be divided by NET_BYTES
  wire [15:0] dil_room    = WINDOW_WORDS[15:0] >> qw_lg;
  always @* begin
    a = 17'd0; b = 16'd0; c = 8'd0; good = 1'b1; keep = 1'b0;
    case (step_q)
      // pairs, chains, columns
      5'd0:  begin a = {9'h0, chain_len}; b = {8'h0, nchain}; good = acc_q <= ROWS && (!by_groups || acc_q == {24'h0, pairs}); end
      5'd1:  begin a = {9'h0, e_cols};  b = {8'h0, t};       good = acc_q <= COLS; end
      // memories: accumulators, entries, filter spad, window
      5'd2:  begin a = {1'b0, p};       b = ft;              good = acc_q <= ACC_DEPTH; end
      5'd3:  begin a = acc_q[16:0];     b = {8'h0, nchain};  good = acc_q <= ACC_DEPTH; end
      5'd4:  begin a = {1'b0, p};       b = per_rest;        good = acc_q <= PARAM_DEPTH && acc_q == {16'h0, mt}; end
      5'd5:  begin a = {1'b0, p};       b = walk;            good = acc_q <= SPAD_WORDS && bytes_up >> NET_LG == {16'h0, filt_pkts}; end
      5'd6:  begin a = {9'h0, dil_x};   b = {8'h0, fs} - 16'd1; c = 8'd1; good = acc_q <= {16'h0, dil_room}; end
      // rows of the feeder
      5'd7:  begin a = {9'h0, fr};      b = {8'h0, dil_y};   good = acc_q == {16'h0, r_span}; end
      5'd8:  begin a = {9'h0, k0};      b = {8'h0, stride_y}; keep = 1'b1; end
      5'd9:  begin a = {9'h0, rsh};     b = {8'h0, dil_y};   good = acc_q == hold_q; end         // and then gcd(k0, rsh) = 1
      // folds
      5'd10: begin a = {1'b0, pair_dg}; b = {8'h0, fr}; c = pair_dr; good = acc_q == {24'h0, pairs}; end
      5'd11: begin a = {1'b0, groups};  b = {8'h0, fr};      keep = 1'b1; end
      5'd12: begin a = {1'b0, folds};   b = {8'h0, pairs};   good = acc_q >= hold_q; end
      5'd13: begin a = {1'b0, folds} - 17'd1; b = {8'h0, pairs}; good = acc_q < hold_q; end
      // blocks cover the outputs exactly
      5'd14: begin a = {9'h0, e_cols};  b = per_rows;        good = acc_q == {16'h0, y_step}; end
      5'd15: begin a = {1'b0, ft};      b = nx - 16'd1;      good = acc_q < {16'h0, ow}; end
      5'd16: begin a = {1'b0, ft};      b = nx;              good = acc_q >= {16'h0, ow}; end
      5'd17: begin a = {1'b0, y_step};  b = ny - 16'd1;      good = acc_q < {16'h0, oh}; end
      5'd18: begin a = {1'b0, y_step};  b = ny;              good = acc_q >= {16'h0, oh}; keep = 1'b1; end
      // the last ifmap row and column that they name
      5'd19: begin a = hold_q[16:0] - 17'd1; b = {8'h0, stride_y}; keep = 1'b1; end
      5'd20: begin a = {9'h0, fr} - 17'd1; b = {8'h0, dil_y}; good = acc_q + hold_q <= 32'd65535; end
      5'd21: begin a = {1'b0, ow} - 17'd1; b = {8'h0, stride_x}; keep = 1'b1; end
      5'd22: begin a = {9'h0, fs} - 17'd1; b = {8'h0, dil_x}; good = acc_q + hold_q <= 32'd65535; end
      // output channels, and the words that one block of them needs
      5'd23: begin a = {1'b0, mt};      b = {8'h0, t};       keep = 1'b1; end
      5'd24: begin a = hold_q[16:0];    b = nm;              good = acc_q >= {16'h0, m}; end
      5'd25: begin a = hold_q[16:0];    b = nm - 16'd1;      good = acc_q < {16'h0, m}; end
      5'd26: begin a = {1'b0, nm};      b = {8'h0, t};       keep = 1'b1; end
      5'd27: begin a = {4'h0, words_q}; b = per_rows;        good = acc_q <= OBUF_WORDS; end
      default: good = 1'b1;
    endcase
  end

  // Words that MT channels starting at byte pos_q touch.
  wire [16:0] words_up = {13'h0, pos_q} + {1'b0, mt} + 17'd15;
  wire [12:0] words    = words_up[16:4];
  wire        unused_w = &{1'b0, words_up};

  always @(posedge clk_i) begin
    if (!rst_ni) state_q <= IDLE;
    else case (state_q)
      IDLE:  if (start_i) state_q <= PLAIN;
      PLAIN: state_q <= opcode == `WEFT_OP_CONV && conv_plain ? SET : DONE;
      SET:   state_q <= MUL;
      MUL:   if (b_q[15:1] == 15'd0) state_q <= JUDGE;
      JUDGE: state_q <= !good || step_q == STEPS - 5'd1 ? DONE : step_q == AT_GCD ? GCD : step_q == AT_WORDS ? WORDS : SET;
      GCD:   if (a_q == {16'h0, b_q}) state_q <= a_q == 32'd1 ? SET : DONE;
      WORDS: if (turn_q == 4'd15 || {28'h0, turn_q} + 32'd1 >= hold_q) state_q <= SET;
      default: state_q <= IDLE;
    endcase
  end

  always @(posedge clk_i) begin
    case (state_q)
      PLAIN: begin
        step_q  <= 5'd0;
        pos_q   <= out_c0;
        turn_q  <= 4'd0;
        words_q <= 13'd0;
        case (opcode)
          `WEFT_OP_CONV: ok_q <= conv_plain;
          `WEFT_OP_VEC:  ok_q <= vec_ok;
          `WEFT_OP_TRANSPOSE: ok_q <= transpose_ok;
          default:       ok_q <= dma_ok;
        endcase
      end
      SET: begin
        a_q   <= {15'h0, a};
        b_q   <= b;
        acc_q <= {24'h0, c};
      end
      MUL: begin
        if (b_q[0]) acc_q <= acc_q + a_q;
        a_q <= {a_q[30:0], 1'b0};
        b_q <= {1'b0, b_q[15:1]};
      end
      JUDGE: begin
        if (!good) ok_q <= 1'b0;
        if (keep) hold_q <= acc_q;
        a_q    <= {24'h0, k0};
        b_q    <= {8'h0, rsh};
        step_q <= step_q + 5'd1;
      end
      GCD: begin                                 // by subtraction; both are at least 1
        if (a_q > {16'h0, b_q})      a_q <= a_q - {16'h0, b_q};
        else if (a_q < {16'h0, b_q}) b_q <= b_q - a_q[15:0];
        else if (a_q != 32'd1)       ok_q <= 1'b0;
      end
      WORDS: begin
        if (words > words_q) words_q <= words;
        pos_q  <= pos_q + mt[3:0];
        turn_q <= turn_q + 4'd1;
      end
      default: ;
    endcase
  end

  assign done_o = state_q == DONE;
  assign ok_o   = ok_q;

endmodule

`default_nettype wire
