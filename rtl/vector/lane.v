// SPDX-License-Identifier: Apache-2.0
//
// One lane: the arithmetic of requantisation and of element-wise steps on one int32 element a cycle.
//
//   x1 = x + bias                     (div: |x| + bias, the sign is put back at the end), wrapping
//   r  = SRDHM(x1 << ls, mult)        (div: the product is cut, not rounded)
//   v  = RDP(r, rs)                   (div: r >> rs, then the sign)
//   q  = clamp(v + zo, min, max), or a byte of v + zo saturated to int16
//
// Why it is exact.
// SRDHM(a, b) of the reference adds 2^30 (or 1 - 2^30 below zero) to p = a*b and divides by 2^31 towards zero. For p >= 0 that is
// floor((p + 2^30) / 2^31). For p < 0 the dividend is negative, so the quotient is a ceiling, and
// ceil((p + 1 - 2^30) / 2^31) = floor((p + 1 - 2^30 + 2^31 - 1) / 2^31) = floor((p + 2^30) / 2^31). So one shift serves both signs.
// RDP rounds half away from zero: the bit below the cut rounds up, except for a negative value that is exactly at the half.
// A multiplier of 2^31 passes x1 unchanged (mult_i is unsigned, 0..2^31): steps without a scale need no second path.
//
// The 32 x 32 product takes three 18 x 18 multipliers (Karatsuba): with x = xh*2^16 + xl, m = mh*2^16 + ml,
//   p = hh*2^32 + (mid - hh - ll)*2^16 + ll,  hh = xh*mh, ll = xl*ml, mid = (xh + xl)*(mh + ml),
// so that 144 PE multipliers and four lanes fit the 156 of an ECP5-85F.
//
// Throughput: one element per cycle, never stalls. Latency: v_o is register 10, q_o register 12 after the input register 0.
// Registers load only when their enable is set: an idle lane does not switch.

`default_nettype none

module lane (
  input  wire        clk_i,
  input  wire [12:0] en_i,         // bit k: register stage k takes a new element this cycle
  input  wire        div0_i,       // the element in stage 0 divides; likewise stages 6 and 9
  input  wire        div6_i,
  input  wire        div9_i,
  input  wire [31:0] x_i,          // stage 0 inputs
  input  wire [31:0] bias_i,
  input  wire [31:0] mult_i,       // unsigned, 0..2^31
  input  wire [4:0]  ls_i,
  input  wire [4:0]  rs_i,
  input  wire [7:0]  zo_i,         // signed; of the element in stage 10
  input  wire [7:0]  min_i,        // signed; of the element in stage 11
  input  wire [7:0]  max_i,
  input  wire [1:0]  part_i,       // bit 0: q is a byte of v + zo saturated to int16, bit 1: the high one; of the element in stage 11
  output wire [31:0] v_o,          // stage 10
  output wire [7:0]  q_o           // stage 12
);

  // stage 0: input
  reg [31:0] x0_q, b0_q, m0_q;
  reg [4:0]  ls0_q, rs0_q;
  always @(posedge clk_i)
    if (en_i[0]) begin
      x0_q  <= x_i;
      b0_q  <= bias_i;
      m0_q  <= mult_i;
      ls0_q <= ls_i;
      rs0_q <= rs_i;
    end

  // stage 1: bias, magnitude. -x = ~x + 1, and the 1 is the adder's carry.
  wire       neg0 = div0_i && x0_q[31];
  reg [31:0] x1_q, m1_q;
  reg [4:0]  ls1_q, rs1_q;
  reg        neg1_q;
  always @(posedge clk_i)
    if (en_i[1]) begin
      x1_q   <= (x0_q ^ {32{neg0}}) + b0_q + {31'd0, neg0};
      m1_q   <= m0_q;
      ls1_q  <= ls0_q;
      rs1_q  <= rs0_q;
      neg1_q <= neg0;
    end

  // stage 2: left shift, wrapping
  reg [31:0] x2_q, m2_q;
  reg [4:0]  rs2_q;
  reg        neg2_q;
  always @(posedge clk_i)
    if (en_i[2]) begin
      x2_q   <= x1_q << ls1_q;
      m2_q   <= m1_q;
      rs2_q  <= rs1_q;
      neg2_q <= neg1_q;
    end

  // stage 3: multiplier inputs
  reg signed [15:0] xh3_q;
  reg        [15:0] xl3_q, mh3_q, ml3_q;
  reg signed [17:0] xs3_q;
  reg        [16:0] ms3_q;
  reg        [4:0]  rs3_q;
  reg               neg3_q;
  always @(posedge clk_i)
    if (en_i[3]) begin
      xh3_q  <= x2_q[31:16];
      xl3_q  <= x2_q[15:0];
      xs3_q  <= {{2{x2_q[31]}}, x2_q[31:16]} + {2'b0, x2_q[15:0]};
      mh3_q  <= m2_q[31:16];
      ml3_q  <= m2_q[15:0];
      ms3_q  <= {1'b0, m2_q[31:16]} + {1'b0, m2_q[15:0]};
      rs3_q  <= rs2_q;
      neg3_q <= neg2_q;
    end

  // stage 4: products. hh is within +-2^30, mid within 18 x 18 signed.
  reg signed [31:0] hh4_q;
  reg        [31:0] ll4_q;
  reg signed [35:0] mid4_q;
  reg        [4:0]  rs4_q;
  reg               neg4_q;
  wire signed [16:0] mh3s = {1'b0, mh3_q};
  wire signed [17:0] ms3s = {1'b0, ms3_q};
  wire signed [32:0] hh   = xh3_q * mh3s;
  always @(posedge clk_i)
    if (en_i[4]) begin
      hh4_q  <= hh[31:0];
      ll4_q  <= xl3_q * ml3_q;
      mid4_q <= xs3_q * ms3s;
      rs4_q  <= rs3_q;
      neg4_q <= neg3_q;
    end
  wire unused_hh = hh[32];                 // equals hh[31]: mh <= 2^15

  // stages 5, 6: p >> 16 = (hh*2^16 + ll/2^16 - hh) + (mid - ll), modulo 2^47 (p is within -2^62..2^62-1)
  reg [46:0] u5_q, w6_q;
  reg [36:0] t5_q;
  reg [4:0]  rs5_q, rs6_q;
  reg        neg5_q, neg6_q;
  always @(posedge clk_i)
    if (en_i[5]) begin
      u5_q   <= {hh4_q[30:0], ll4_q[31:16]} - {{15{hh4_q[31]}}, hh4_q};
      t5_q   <= {mid4_q[35], mid4_q} - {5'd0, ll4_q};
      rs5_q  <= rs4_q;
      neg5_q <= neg4_q;
    end
  always @(posedge clk_i)
    if (en_i[6]) begin
      w6_q   <= u5_q + {{10{t5_q[36]}}, t5_q};
      rs6_q  <= rs5_q;
      neg6_q <= neg5_q;
    end
  wire [13:0] unused_w = w6_q[13:0];

  // stage 7: (p + 2^30) >> 31; a division cuts
  reg [31:0] r7_q;
  reg [4:0]  rs7_q;
  reg        neg7_q;
  always @(posedge clk_i)
    if (en_i[7]) begin
      r7_q   <= w6_q[46:15] + {31'd0, w6_q[14] && !div6_i};
      rs7_q  <= rs6_q;
      neg7_q <= neg6_q;
    end

  // stages 8, 9: arithmetic right shift; bit 0 keeps the last bit that falls out, sticky whether any before it was set
  reg signed [32:0] s8_q, s9_q;
  reg               sticky8_q, sticky9_q, neg8_q, neg9_q;
  reg        [2:0]  rs8_q;
  reg        [24:0] lost8;
  reg        [7:0]  lost9;
  wire signed [32:0] s7 = {r7_q, 1'b0};
  always @* begin
    case (rs7_q[4:3])
      2'd0:    lost8 = 25'd0;
      2'd1:    lost8 = {17'd0, s7[7:0]};
      2'd2:    lost8 = {9'd0, s7[15:0]};
      default: lost8 = {1'b0, s7[23:0]};
    endcase
    lost9 = s8_q[7:0] & ~(8'hff << rs8_q);
  end
  always @(posedge clk_i)
    if (en_i[8]) begin
      s8_q      <= s7 >>> {rs7_q[4:3], 3'd0};
      sticky8_q <= |lost8;
      rs8_q     <= rs7_q[2:0];
      neg8_q    <= neg7_q;
    end
  always @(posedge clk_i)
    if (en_i[9]) begin
      s9_q      <= s8_q >>> rs8_q;
      sticky9_q <= sticky8_q || (|lost9);
      neg9_q    <= neg8_q;
    end

  // stage 10: rounding up, or the sign of a division; one adder
  wire       up9 = div9_i ? neg9_q : s9_q[0] && (!s9_q[32] || sticky9_q);
  reg [31:0] v10_q;
  always @(posedge clk_i)
    if (en_i[10]) v10_q <= (s9_q[32:1] ^ {32{neg9_q}}) + {31'd0, up9};

  // stages 11, 12: zero point, clamp
  reg [31:0] v11_q;
  reg [7:0]  q12_q;
  wire       fits  = v11_q[31:7] == {25{v11_q[31]}};          // is an int8
  wire       below = fits ? $signed(v11_q[7:0]) < $signed(min_i) : v11_q[31];
  wire       above = fits ? $signed(v11_q[7:0]) > $signed(max_i) : !v11_q[31];
  wire        fits16 = v11_q[31:15] == {17{v11_q[31]}};
  wire [15:0] half   = fits16 ? v11_q[15:0] : {v11_q[31], {15{!v11_q[31]}}};
  always @(posedge clk_i)
    if (en_i[11]) v11_q <= v10_q + {{24{zo_i[7]}}, zo_i};
  always @(posedge clk_i)
    if (en_i[12]) q12_q <= part_i[0] ? (part_i[1] ? half[15:8] : half[7:0]) : below ? min_i : above ? max_i : v11_q[7:0];

  assign v_o = v10_q;
  assign q_o = q12_q;

endmodule

`default_nettype wire
