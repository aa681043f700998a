// SPDX-License-Identifier: Apache-2.0
//
// The accumulators at the foot of the columns: sum the folds of a pass group, then pass the last fold's psums on.
//
// All columns get their n-th vector of a pass in the same cycle, so they share one address, the running number of the vector in the
// pass, and one wide memory. Fold 0 starts from zero without a read, the last fold goes out without a write; with one fold
// the memory rests; a command may also begin with the sums that the one before has left, and leave its own. An address is written 3 cycles after it is read and not read again before that (sequencer: gap).
// The queue never overflows: the sequencer issues only what has room.
// Throughput: one vector per cycle. Latency: 3 cycles to the queue, 4 to psum_valid_o.

`default_nettype none
`include "weft_spec.vh"

module column_acc #(
  parameter integer COLS     = 14,
  parameter integer CHAIN_W  = 30,
  parameter integer DELAY    = 13,               // cycles from the control of row 0 to the vector at din_i
  parameter integer PF_DEPTH = 48                // psum queue, vectors
) (
  input  wire                    clk_i,
  input  wire                    rst_ni,

  // control as row 0 gets it
  input  wire                    slot_en_i,
  input  wire                    slot_fold0_i,   // sums begin here
  input  wire                    slot_foldn_i,   // sums go out
  input  wire                    slot_start_i,   // first vector of the pass
  input  wire                    slot_last_i,    // last vector of the command
  input  wire [COLS*32-1:0]      din_i,          // drain of the last row, CHAIN_W bits used of each 32

  // psums of the last fold; a valid/ready stream, column j at 32j
  output wire                    psum_valid_o,
  input  wire                    psum_ready_i,
  output wire [COLS*32-1:0]      psum_data_o,
  output wire                    pop_o,
  output wire                    kept_o,         // pulse: a command whose sums stay has passed with its last vector

  output wire                    ev_acc_read_o,
  output wire                    ev_acc_write_o
);

  localparam integer AW = $clog2(`WEFT_ACC_DEPTH);

  // -- the control goes the same way as the data, only beside the array -------------------------------------------------------
  reg  [DELAY-1:0] en_q, f0_q, fn_q, st_q, la_q;
  always @(posedge clk_i) begin
    en_q <= rst_ni ? {en_q[DELAY-2:0], slot_en_i} : {DELAY{1'b0}};
    f0_q <= {f0_q[DELAY-2:0], slot_fold0_i};
    fn_q <= {fn_q[DELAY-2:0], slot_foldn_i};
    st_q <= {st_q[DELAY-2:0], slot_start_i};
    la_q <= {la_q[DELAY-2:0], slot_last_i};
  end
  wire en = en_q[DELAY-1];
  wire f0 = f0_q[DELAY-1];
  wire fn = fn_q[DELAY-1];
  wire st = st_q[DELAY-1];
  assign kept_o = en && la_q[DELAY-1] && !fn;

  // -- read, register, add, write or give -------------------------------------------------------------------------------------
  reg  [AW-1:0]      next_q, addr1_q, addr2_q, addr3_q;
  reg                en1_q, en2_q, f01_q, f02_q, fn1_q, fn2_q, we3_q, give3_q;
  reg  [COLS*32-1:0] mem2_q, sum3_q;
  reg  [COLS*32-1:0] din1_q, din2_q;
  wire [COLS*32-1:0] mem1;
  wire [AW-1:0]      addr = st ? {AW{1'b0}} : next_q;

  ram_1r1w #(.WIDTH(COLS*32), .DEPTH(`WEFT_ACC_DEPTH), .STYLE(1)) u_mem (
    .clk_i   (clk_i),
    .we_i    (we3_q),
    .waddr_i (addr3_q),
    .wdata_i (sum3_q),
    .re_i    (en && !f0),
    .raddr_i (addr),
    .rdata_o (mem1)
  );

  always @(posedge clk_i) begin
    en1_q   <= rst_ni && en;
    en2_q   <= rst_ni && en1_q;
    we3_q   <= rst_ni && en2_q && !fn2_q;
    give3_q <= rst_ni && en2_q && fn2_q;
  end

  integer j;
  always @(posedge clk_i) begin
    if (en) begin
      next_q  <= addr + 1'b1;
      addr1_q <= addr;
      f01_q   <= f0;
      fn1_q   <= fn;
      din1_q  <= din_i;
    end
    if (en1_q) begin                             // memory alone in a cycle: its access time is the longest of all parts
      addr2_q <= addr1_q;
      f02_q   <= f01_q;
      fn2_q   <= fn1_q;
      din2_q  <= din1_q;
      if (!f01_q) mem2_q <= mem1;
    end
    if (en2_q) begin
      addr3_q <= addr2_q;
      for (j = 0; j < COLS; j = j + 1)
        sum3_q[j*32 +: 32] <= (f02_q ? 32'd0 : mem2_q[j*32 +: 32]) +
                              {{(32-CHAIN_W){din2_q[j*32+CHAIN_W-1]}}, din2_q[j*32 +: CHAIN_W]};
    end
  end

  wire ready;
  stream_fifo #(.WIDTH(COLS*32), .DEPTH(PF_DEPTH)) u_queue (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .in_valid_i  (give3_q),
    .in_ready_o  (ready),
    .in_data_i   (sum3_q),
    .out_valid_o (psum_valid_o),
    .out_ready_i (psum_ready_i),
    .out_data_o  (psum_data_o)
  );
  assign pop_o = psum_valid_o && psum_ready_i;

  assign ev_acc_read_o  = en1_q && !f01_q;
  assign ev_acc_write_o = we3_q;

`ifdef WEFT_ASSERT
  always @(posedge clk_i)
    if (rst_ni) begin
      assert (ready || !give3_q);
      if (we3_q && en && !f0) assert (addr3_q != addr);
      if (en2_q && !fn2_q && en && !f0) assert (addr2_q != addr);
      if (en1_q && !fn1_q && en && !f0) assert (addr1_q != addr);
    end
`else
  wire unused_ready = ready;
`endif

endmodule

`default_nettype wire
