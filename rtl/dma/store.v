// SPDX-License-Identifier: Apache-2.0
//
// The STORE engine: buffer to DRAM, strided, the padding of elements stripped.
//
// Bursts and words are generated side by side; the buffer is read ahead as far as the word queue has room (read data cannot be held
// back, so room is reserved before the request). One command at a time: it is complete when every burst has its response.
// Throughput: one bus beat and one buffer word per cycle. Latency: about 8 cycles to the first beat; the memory's response at the end.

`default_nettype none
`include "weft_spec.vh"

module store #(
  parameter integer BUS_BYTES = 8
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,          // also between jobs and after errors

  // commands: words 0..10 of the record (fields stand as in LOAD) and its index in the list
  input  wire                   cmd_valid_i,
  output wire                   cmd_ready_o,
  input  wire [351:0]           cmd_i,
  input  wire [31:0]            cmd_index_i,
  output wire                   done_o,
  output wire                   busy_o,
  output wire [31:0]            index_o,         // list index of the command under way

  input  wire [7:0]             base7_i,         // bit 7 of every region's base

  // bursts and beats to axi_write
  output wire                   sq_valid_o,
  input  wire                   sq_ready_i,
  output wire [2:0]             sq_region_o,
  output wire [32:0]            sq_off_o,
  output wire [8:0]             sq_bytes_o,
  output wire                   sw_valid_o,
  input  wire                   sw_ready_i,
  output wire [BUS_BYTES*8-1:0] sw_data_o,
  output wire [BUS_BYTES-1:0]   sw_strb_o,
  input  wire                   axi_idle_i,      // every burst handed over is answered

  // buffer read port
  output wire                   st_req_o,
  output wire [15:0]            st_addr_o,
  input  wire                   st_gnt_i,
  input  wire                   st_rvalid_i,
  input  wire [127:0]           st_rdata_i,

  output wire                   ev_buf_o,        // a word was read
  output wire [2:0]             debug_o          // bursts to announce, words to read, data under way
);

  localparam integer LB = $clog2(BUS_BYTES);
  localparam integer DEPTH = 8;                  // words read ahead: covers the 2 cycles of the buffer and bank conflicts

  reg        active_q, started_q;                // started_q: one cycle later, so that the generators are seen busy
  reg [2:0]  region_q;
  reg [31:0] index_q;
  assign cmd_ready_o = !active_q;
  wire   accept      = cmd_valid_i && cmd_ready_o;
  wire [2:0] region  = cmd_i[`WEFT_STORE_region];
  wire       gen_busy, walk_busy, pack_empty, meta_valid;
  assign done_o      = active_q && started_q && !gen_busy && !walk_busy && !meta_valid && pack_empty && axi_idle_i;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q  <= 1'b0;
      started_q <= 1'b0;
    end else begin
      if (accept)      active_q <= 1'b1;
      else if (done_o) active_q <= 1'b0;
      started_q <= active_q && !done_o;
    end
  end
  always @(posedge clk_i) if (accept) begin
    region_q <= region;
    index_q  <= cmd_index_i;
  end

  burst_gen #(.BUS_BYTES(BUS_BYTES)) u_gen (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(accept), .offset_i(cmd_i[`WEFT_STORE_offset]),
    .elem_bytes_i(cmd_i[`WEFT_STORE_elem_bytes]), .elems_i(cmd_i[`WEFT_STORE_elems]), .n0_i(cmd_i[`WEFT_STORE_n0]),
    .n1_i(cmd_i[`WEFT_STORE_n1]), .s0_i(cmd_i[`WEFT_STORE_dram_s0]), .s1_i(cmd_i[`WEFT_STORE_dram_s1]), .base7_i(base7_i[region]),
    .busy_o(gen_busy), .b_valid_o(sq_valid_o), .b_ready_i(sq_ready_i), .b_off_o(sq_off_o), .b_bytes_o(sq_bytes_o));
  assign sq_region_o = region_q;

  wire [31:0]   off    = cmd_i[`WEFT_STORE_offset];
  wire [31:0]   s0     = cmd_i[`WEFT_STORE_dram_s0];
  wire [31:0]   s1     = cmd_i[`WEFT_STORE_dram_s1];
  wire          w_valid, w_first, w_last, w_end;
  wire [4:0]    w_bytes;
  wire [LB-1:0] w_off;
  wire          unused = &{1'b0, cmd_i, off, s0, s1, w_end};
  elem_walk #(.BUS_BYTES(BUS_BYTES)) u_walk (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(accept), .off_i(off[LB-1:0]), .s0_i(s0[LB-1:0]), .s1_i(s1[LB-1:0]),
    .elem_bytes_i(cmd_i[`WEFT_STORE_elem_bytes]), .elems_i(cmd_i[`WEFT_STORE_elems]), .n0_i(cmd_i[`WEFT_STORE_n0]),
    .n1_i(cmd_i[`WEFT_STORE_n1]), .buf_i(cmd_i[`WEFT_STORE_buf]), .buf_se_i(cmd_i[`WEFT_STORE_buf_se]),
    .buf_s0_i(cmd_i[`WEFT_STORE_buf_s0]), .buf_s1_i(cmd_i[`WEFT_STORE_buf_s1]), .busy_o(walk_busy),
    .w_valid_o(w_valid), .w_ready_i(st_req_o && st_gnt_i), .w_addr_o(st_addr_o), .w_bytes_o(w_bytes), .w_first_o(w_first),
    .w_last_o(w_last), .w_end_o(w_end), .w_off_o(w_off));

  // A word's description is queued with its request: its queue, as deep as the data queue, is the reservation.
  wire          meta_ready, data_valid, data_ready, data_room, p_first, p_last, pack_ready;
  wire [4:0]    p_bytes;
  wire [LB-1:0] p_off;
  wire [127:0]  data;
  assign st_req_o = w_valid && meta_ready;
  stream_fifo #(.WIDTH(7 + LB), .DEPTH(DEPTH)) u_meta (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(st_req_o && st_gnt_i), .in_ready_o(meta_ready),
    .in_data_i({w_bytes, w_first, w_last, w_off}), .out_valid_o(meta_valid), .out_ready_i(data_valid && pack_ready),
    .out_data_o({p_bytes, p_first, p_last, p_off}));
  stream_fifo #(.WIDTH(128), .DEPTH(DEPTH)) u_data (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(st_rvalid_i), .in_ready_o(data_room), .in_data_i(st_rdata_i),
    .out_valid_o(data_valid), .out_ready_i(data_ready), .out_data_o(data));
  assign data_ready = pack_ready;
  wire unused_room  = &{1'b0, data_room};

  store_pack #(.BUS_BYTES(BUS_BYTES)) u_pack (
    .clk_i(clk_i), .rst_ni(rst_ni), .w_valid_i(data_valid), .w_ready_o(pack_ready), .w_data_i(data), .w_bytes_i(p_bytes),
    .w_first_i(p_first), .w_last_i(p_last), .w_off_i(p_off),
    .b_valid_o(sw_valid_o), .b_ready_i(sw_ready_i), .b_data_o(sw_data_o), .b_strb_o(sw_strb_o), .empty_o(pack_empty));

  assign busy_o   = active_q;
  assign index_o  = index_q;
  assign ev_buf_o = st_req_o && st_gnt_i;
  assign debug_o  = {gen_busy, walk_busy, meta_valid || !pack_empty};

`ifdef WEFT_ASSERT
  always @(posedge clk_i) if (rst_ni && st_rvalid_i) assert (data_room);
`endif

endmodule

`default_nettype wire
