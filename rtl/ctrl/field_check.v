// SPDX-License-Identifier: Apache-2.0
//
// Checks the fields of a command whose wrong values could hang an engine or exceed its memories (error FIELD).
//
// Limits of docs/spec.md section 4 (`Legal`), and the fields that only repeat others (K, MT, r_span, ...) against what they repeat: the
// engines count by both. A list from software was validated before; this is for memory that was not. So it is small, not quick:
// one serial 16 x 16 multiplier, one comparison after each product. Addresses are checked where they are used (buffer, window_check).
// Throughput: one record in 1 (LOAD, STORE, VEC) or about 60 to 200 (CONV) cycles, hidden by the fetch-ahead. Latency: the same.

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

  localparam [1:0] ROWS_KIND = 2'd0, GROUPS_KIND = 2'd2;
  localparam integer LANES_LG = $clog2(LANES), NET_LG = $clog2(NET_BYTES);
  localparam integer ACC_DEPTH = `WEFT_ACC_DEPTH, PARAM_DEPTH = `WEFT_PARAM_DEPTH, WINDOW_WORDS = `WEFT_WINDOW_WORDS;
  localparam integer OBUF_WORDS = `WEFT_OBUF_WORDS, MAX_QW_LG = `WEFT_MAX_QW_LG;

  // Everything that needs no product.
  wire by_rows    = kind == ROWS_KIND, by_groups = kind == GROUPS_KIND;
  wire net_shared = ({5'd0, qw_lg} + LANES_LG[7:0]) < NET_LG[7:0];              // a packet serves several groups
  wire conv_plain =
    in_h != 0 && in_w != 0 && in_w_last != 0 && in_w_last <= in_w && stride_y != 0 && stride_x != 0 && dil_y != 0 && dil_x != 0 &&
    fr != 0 && fs != 0 && qw_lg <= MAX_QW_LG[2:0] && kind <= GROUPS_KIND && k0 != 0 && rsh != 0 && pairs != 0 && chain_len != 0 &&
    nchain != 0 && groups != 0 && folds != 0 && walk == ({8'h0, fs} << qw_lg) && {8'h0, nchain} <= walk && pair_dr < fr && p != 0 &&
    e_cols != 0 && t != 0 && nm != 0 && ny != 0 && nx != 0 && ft != 0 && oh != 0 && ow != 0 && ow_last != 0 && ow_last <= ow &&
    m != 0 && mt != 0 && filt_pkts != 0 &&
    (!by_groups || (t == 8'd1 && groups == {8'h0, nchain} && (nchain == 8'd1 || (chain_len == fr && folds == 16'd1)))) &&
    (by_groups || pairs == chain_len) && (!net_shared || pair_dr == 8'd0 || groups == 16'd1);

  // ---- the others ----
  wire dma_ok = rec_i[`WEFT_LOAD_elem_bytes] != 0 && rec_i[`WEFT_LOAD_elems] != 0 && rec_i[`WEFT_LOAD_n0] != 0 && rec_i[`WEFT_LOAD_n1] != 0;
  wire [31:0] steps  = {rec_i[`WEFT_VEC_step3], rec_i[`WEFT_VEC_step2], rec_i[`WEFT_VEC_step1], rec_i[`WEFT_VEC_step0]};
  wire [2:0]  nsteps = rec_i[`WEFT_VEC_nsteps];
  wire [3:0]  used, step_ok;                     // src and into have no code 3; out stands in the last step alone
  genvar s;
  generate for (s = 0; s < 4; s = s + 1) begin : g_step
    localparam [2:0] NUMBER = s + 1;
    assign used[s]    = nsteps >= NUMBER;
    assign step_ok[s] = !used[s] || (steps[8*s +: 2] != 2'd3 && steps[8*s+2 +: 2] != 2'd3 && steps[8*s+7] == (nsteps == NUMBER));
  end endgenerate
  wire one_tap = rec_i[`WEFT_VEC_k0] == 8'd1 && rec_i[`WEFT_VEC_k1] == 8'd1;
  wire vec_ok  = rec_i[`WEFT_VEC_n0] != 0 && rec_i[`WEFT_VEC_n1] != 0 && rec_i[`WEFT_VEC_n2] != 0 && rec_i[`WEFT_VEC_k0] != 0 &&
                 rec_i[`WEFT_VEC_k1] != 0 && nsteps != 0 && nsteps <= 3'd4 && (&step_ok) && (nsteps != 3'd1 || one_tap);
  wire unused  = &{1'b0, rec_i, steps};

  // ---- products, one after the other ----
  // Step n computes acc = a * b + c and then asks for `good`. hold keeps the product of an earlier step.
  localparam [2:0] IDLE = 3'd0, PLAIN = 3'd1, SET = 3'd2, MUL = 3'd3, JUDGE = 3'd4, WORDS = 3'd5, DONE = 3'd6;
  localparam [4:0] LAST_STEP = 5'd18;
  reg [2:0]  state_q;
  reg [4:0]  step_q;
  reg        ok_q;
  reg [31:0] a_q, acc_q, hold_q;
  reg [15:0] b_q;
  reg [3:0]  pos_q, turn_q;                      // WORDS: byte position of a block of output channels; blocks looked at
  reg [12:0] words_q;                            // most words that one needs

  reg [15:0] a, b;
  reg [7:0]  c;
  reg        good;
  wire [31:0] fspad_words = FSPAD_BYTES / LANES;
  wire [31:0] bytes_up    = (acc_q << LANES_LG) + NET_BYTES - 1;                 // P*K*LANES, to be divided by NET_BYTES
  wire [15:0] dil_room    = WINDOW_WORDS[15:0] >> qw_lg;
  always @* begin
    a = 16'd0; b = 16'd0; c = 8'd0; good = 1'b1;
    case (step_q)
      5'd0: begin a = {8'h0, chain_len}; b = {8'h0, nchain};
                  good = acc_q <= ROWS && (!by_groups || acc_q == {24'h0, pairs}); end
      5'd1: begin a = {8'h0, e_cols}; b = {8'h0, t};            good = acc_q <= COLS; end
      5'd2: begin a = p; b = ft;                                good = acc_q <= ACC_DEPTH; end
      5'd3: begin a = acc_q[15:0]; b = {8'h0, nchain};          good = acc_q <= ACC_DEPTH; end
      5'd4: begin a = p; b = by_rows ? 16'd1 : {8'h0, nchain};  good = acc_q <= PARAM_DEPTH && acc_q == {16'h0, mt}; end
      5'd5: begin a = p; b = walk;                              good = acc_q <= fspad_words && bytes_up >> NET_LG == {16'h0, filt_pkts}; end
      5'd6: begin a = {8'h0, dil_x}; b = {8'h0, fs} - 16'd1; c = 8'd1; good = acc_q <= {16'h0, dil_room}; end
      5'd7: begin a = {8'h0, fr}; b = {8'h0, dil_y};            good = acc_q == {16'h0, r_span}; end
      5'd8: begin a = {8'h0, k0}; b = {8'h0, stride_y}; end
      5'd9: begin a = {8'h0, rsh}; b = {8'h0, dil_y};           good = acc_q == hold_q; end
      5'd10: begin a = pair_dg; b = {8'h0, fr}; c = pair_dr;    good = acc_q == {24'h0, pairs}; end
      5'd11: begin a = groups; b = {8'h0, fr}; end
      5'd12: begin a = folds; b = {8'h0, pairs};                good = acc_q >= hold_q; end
      5'd13: begin a = folds - 16'd1; b = {8'h0, pairs};        good = acc_q < hold_q; end
      5'd14: begin a = {8'h0, e_cols}; b = by_rows ? {8'h0, nchain} : 16'd1; good = acc_q == {16'h0, y_step}; end
      5'd15: begin a = ft; b = nx - 16'd1;                      good = acc_q < {16'h0, ow}; end
      5'd16: begin a = nm; b = {8'h0, t}; end                                   // blocks of output channels
      5'd17: begin a = {3'h0, words_q}; b = by_rows ? {8'h0, nchain} : 16'd1; good = acc_q <= OBUF_WORDS; end
      default: good = 1'b1;
    endcase
  end
  wire keeps = step_q == 5'd8 || step_q == 5'd11 || step_q == 5'd16;

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
      MUL:   if (b_q == 16'd0) state_q <= JUDGE;
      JUDGE: state_q <= !good || step_q == LAST_STEP - 5'd1 ? DONE : step_q == 5'd16 ? WORDS : SET;
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
          default:       ok_q <= dma_ok;
        endcase
      end
      SET: begin
        a_q   <= {16'h0, a};
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
        if (keeps) hold_q <= acc_q;
        step_q <= step_q + 5'd1;
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
