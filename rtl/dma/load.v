// SPDX-License-Identifier: Apache-2.0
//
// The LOAD engine: DRAM to buffer, strided, elements padded to whole buffer words.
//
// Two halves, so that the memory latency is paid once and not once per command: the front asks for the bursts of command n+1 while
// the back still writes the words of command n. Data and writes stay in program order, so nobody sees the overlap (the waits of
// command n+1 were met before the front got it). Commands are told apart by a bit that alternates (cmd: 0 or 1).
// Throughput: one bus beat and one buffer word per cycle. Latency: about 6 cycles and the memory's to the first word.

`default_nettype none
`include "weft_spec.vh"

module load #(
  parameter integer BUS_BYTES = 8
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,          // also between jobs and after errors

  // commands: words 0..10 of the record and its index in the list
  input  wire                   cmd_valid_i,
  output wire                   cmd_ready_o,
  input  wire [351:0]           cmd_i,
  input  wire [31:0]            cmd_index_i,
  output wire                   done_o,
  output wire                   busy_o,
  output wire [31:0]            index0_o,        // list index of the command with cmd bit 0, 1
  output wire [31:0]            index1_o,
  output wire                   back_cmd_o,      // cmd bit of the command that writes the buffer

  input  wire [7:0]             base7_i,         // bit 7 of every region's base

  // bursts to axi_read
  output wire                   lq_valid_o,
  input  wire                   lq_ready_i,
  output wire [2:0]             lq_region_o,
  output wire [32:0]            lq_off_o,
  output wire [8:0]             lq_bytes_o,
  output wire                   lq_cmd_o,
  // their data
  input  wire                   lr_valid_i,
  output wire                   lr_ready_o,
  input  wire [BUS_BYTES*8-1:0] lr_data_i,

  // buffer write port
  output wire                   ld_req_o,
  output wire [15:0]            ld_addr_o,
  output wire [127:0]           ld_wdata_o,
  output wire [15:0]            ld_wstrb_o,
  input  wire                   ld_gnt_i,

  output wire                   ev_buf_o,        // a word was written
  output wire [2:0]             debug_o          // front busy, a command waits for the back, back busy
);

  localparam integer LB = $clog2(BUS_BYTES);

  // Front: bursts.
  wire       gen_busy, walk_busy;
  reg        wait_valid_q;                       // a command that the front has and the back has not begun
  reg        next_cmd_q, front_cmd_q, back_cmd_q;
  reg [2:0]  region_q;
  reg [31:0] index0_q, index1_q;
  assign cmd_ready_o = !gen_busy && !wait_valid_q;
  wire   accept      = cmd_valid_i && cmd_ready_o;
  wire [2:0] region  = cmd_i[`WEFT_LOAD_region];

  burst_gen #(.BUS_BYTES(BUS_BYTES)) u_gen (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(accept), .offset_i(cmd_i[`WEFT_LOAD_offset]), .elem_bytes_i(cmd_i[`WEFT_LOAD_elem_bytes]),
    .elems_i(cmd_i[`WEFT_LOAD_elems]), .n0_i(cmd_i[`WEFT_LOAD_n0]), .n1_i(cmd_i[`WEFT_LOAD_n1]), .s0_i(cmd_i[`WEFT_LOAD_dram_s0]),
    .s1_i(cmd_i[`WEFT_LOAD_dram_s1]), .base7_i(base7_i[region]), .busy_o(gen_busy),
    .b_valid_o(lq_valid_o), .b_ready_i(lq_ready_i), .b_off_o(lq_off_o), .b_bytes_o(lq_bytes_o));
  assign lq_region_o = region_q;
  assign lq_cmd_o    = front_cmd_q;

  always @(posedge clk_i) if (accept) begin
    region_q    <= region;
    front_cmd_q <= next_cmd_q;
    if (next_cmd_q) index1_q <= cmd_index_i;
    else            index0_q <= cmd_index_i;
  end

  // Between: what the back needs of the command.
  reg [351:96] wait_q;
  wire         out_valid, out_end;
  wire         begin_back = wait_valid_q && !walk_busy && !out_valid;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      wait_valid_q <= 1'b0;
      next_cmd_q   <= 1'b0;
      back_cmd_q   <= 1'b0;
    end else begin
      if (accept)          wait_valid_q <= 1'b1;
      else if (begin_back) wait_valid_q <= 1'b0;
      if (accept)          next_cmd_q <= !next_cmd_q;
      if (done_o)          back_cmd_q <= !back_cmd_q;
    end
  end
  always @(posedge clk_i) if (accept) wait_q <= cmd_i[351:96];
  wire [31:0]   off     = wait_q[`WEFT_LOAD_offset];
  wire [31:0]   s0      = wait_q[`WEFT_LOAD_dram_s0];
  wire [31:0]   s1      = wait_q[`WEFT_LOAD_dram_s1];
  wire          unused  = &{1'b0, cmd_i[95:0], wait_q, off, s0, s1};

  // Back: beats to words. The queue lets a burst's beats come in while the buffer port waits for its bank.
  wire                   q_valid, q_ready, w_valid, w_ready, w_first, w_last, w_end, o_valid, o_ready;
  wire [BUS_BYTES*8-1:0] q_data;
  wire [15:0]            w_addr;
  wire [4:0]             w_bytes;
  wire [LB-1:0]          w_off;
  wire [127:0]           o_data;
  stream_fifo #(.WIDTH(BUS_BYTES*8), .DEPTH(16)) u_beats (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(lr_valid_i), .in_ready_o(lr_ready_o), .in_data_i(lr_data_i),
    .out_valid_o(q_valid), .out_ready_i(q_ready), .out_data_o(q_data));

  elem_walk #(.BUS_BYTES(BUS_BYTES)) u_walk (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(begin_back), .off_i(off[LB-1:0]), .s0_i(s0[LB-1:0]), .s1_i(s1[LB-1:0]),
    .elem_bytes_i(wait_q[`WEFT_LOAD_elem_bytes]), .elems_i(wait_q[`WEFT_LOAD_elems]), .n0_i(wait_q[`WEFT_LOAD_n0]),
    .n1_i(wait_q[`WEFT_LOAD_n1]), .buf_i(wait_q[`WEFT_LOAD_buf]), .buf_se_i(wait_q[`WEFT_LOAD_buf_se]),
    .buf_s0_i(wait_q[`WEFT_LOAD_buf_s0]), .buf_s1_i(wait_q[`WEFT_LOAD_buf_s1]), .busy_o(walk_busy),
    .w_valid_o(w_valid), .w_ready_i(w_ready), .w_addr_o(w_addr), .w_bytes_o(w_bytes), .w_first_o(w_first), .w_last_o(w_last),
    .w_end_o(w_end), .w_off_o(w_off));

  load_unpack #(.BUS_BYTES(BUS_BYTES)) u_unpack (
    .clk_i(clk_i), .rst_ni(rst_ni), .r_valid_i(q_valid), .r_ready_o(q_ready), .r_data_i(q_data),
    .w_valid_i(w_valid), .w_ready_o(w_ready), .w_bytes_i(w_bytes), .w_first_i(w_first), .w_last_i(w_last), .w_off_i(w_off),
    .o_valid_o(o_valid), .o_ready_i(o_ready), .o_data_o(o_data));

  // Words to the buffer port.

  stream_fifo #(.WIDTH(145), .DEPTH(2)) u_out (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(o_valid), .in_ready_o(o_ready), .in_data_i({w_end, w_addr, o_data}),
    .out_valid_o(out_valid), .out_ready_i(ld_gnt_i), .out_data_o({out_end, ld_addr_o, ld_wdata_o}));
  assign ld_req_o   = out_valid;
  assign ld_wstrb_o = 16'hffff;

  assign done_o     = out_valid && ld_gnt_i && out_end;
  assign ev_buf_o   = out_valid && ld_gnt_i;
  assign busy_o     = gen_busy || wait_valid_q || walk_busy || out_valid;
  assign index0_o   = index0_q;
  assign index1_o   = index1_q;
  assign back_cmd_o = back_cmd_q;
  assign debug_o    = {gen_busy, wait_valid_q, walk_busy || out_valid};

endmodule

`default_nettype wire
