// SPDX-License-Identifier: Apache-2.0
//
// Dispatch and scoreboard: a short queue before each engine; the head waits for completed-counts of other engines, then starts.
//
// Records come in program order and each engine takes its own in order. A head may start when for every engine it names
// (int16)(done - wait) >= 0. In a valid list waits name only earlier commands, so the first unfinished one can always run. When no engine
// works, no head may start and no record can come in, nothing will ever change: stuck_o reports that instead of hanging.
// Throughput: one record per cycle in, one command per engine and two cycles out. Latency: 2 cycles.

`default_nettype none
`include "weft_spec.vh"

module dispatch (
  input  wire          clk_i,
  input  wire          rst_ni,          // also between jobs and after errors
  input  wire          clear_i,         // START or RESET: completed counts to zero

  // legal records in program order
  input  wire          rec_valid_i,
  output wire          rec_ready_o,
  input  wire [767:0]  rec_i,           // words 0..23
  input  wire [31:0]   rec_index_i,
  input  wire          fetch_busy_i,    // more records may come

  // engines, bit or slice e: 0 LOAD, 1 ARRAY, 2 VECTOR, 3 STORE. A command is held until it is taken.
  output wire [3:0]    cmd_valid_o,
  input  wire [3:0]    cmd_ready_i,
  output wire [351:0]  load_cmd_o,      // words 0..10
  output wire [767:0]  array_cmd_o,     // words 0..23
  output wire [767:0]  vector_cmd_o,    // words 0..23
  output wire [351:0]  store_cmd_o,
  output wire [31:0]   load_index_o,    // with its command
  output wire [31:0]   store_index_o,
  input  wire [3:0]    done_i,          // one cycle per completed command

  output wire [63:0]   done_o,          // completed counts, 16 bits each, modulo 2^16
  output wire          idle_o,          // every dispatched command is complete
  output wire [31:0]   array_index_o,   // oldest command not complete (for error reports)
  output wire [31:0]   vector_index_o,
  output wire          stuck_o,         // every head waits for ever (error WAIT)
  output wire [1:0]    stuck_engine_o,  // the earliest of them in the list
  output wire [31:0]   stuck_index_o,
  output wire [7:0]    debug_o          // queue not empty, head waits
);

  localparam integer DEPTH = `WEFT_QUEUE_DEPTH;
  localparam integer CW = 16;

  // Which engine; the opcode is known to be legal.
  wire [7:0] opcode = rec_i[`WEFT_HDR_opcode];
  wire [3:0] target = {opcode == `WEFT_OP_STORE, opcode == `WEFT_OP_VEC || opcode == `WEFT_OP_TRANSPOSE, opcode == `WEFT_OP_CONV, opcode == `WEFT_OP_LOAD};
  wire [3:0] q_ready, q_valid, own_ready;
  assign rec_ready_o = (target & q_ready & own_ready) != 4'h0;
  wire [3:0] push = target & {4{rec_valid_i && rec_ready_o}};

  // Queues hold the words that a command can have, and for the DMA engines its index.
  wire [95:0] load_head = load_cmd_o[95:0], array_head = array_cmd_o[95:0], vector_head = vector_cmd_o[95:0], store_head = store_cmd_o[95:0];
  wire [3:0]  pop = cmd_valid_o & cmd_ready_i;
  stream_fifo #(.WIDTH(384), .DEPTH(DEPTH)) u_load (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(push[0]), .in_ready_o(q_ready[0]), .in_data_i({rec_index_i, rec_i[351:0]}),
    .out_valid_o(q_valid[0]), .out_ready_i(pop[0]), .out_data_o({load_index_o, load_cmd_o}));
  stream_fifo #(.WIDTH(768), .DEPTH(DEPTH)) u_array (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(push[1]), .in_ready_o(q_ready[1]), .in_data_i(rec_i),
    .out_valid_o(q_valid[1]), .out_ready_i(pop[1]), .out_data_o(array_cmd_o));
  stream_fifo #(.WIDTH(768), .DEPTH(DEPTH)) u_vector (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(push[2]), .in_ready_o(q_ready[2]), .in_data_i(rec_i),
    .out_valid_o(q_valid[2]), .out_ready_i(pop[2]), .out_data_o(vector_cmd_o));
  stream_fifo #(.WIDTH(384), .DEPTH(DEPTH)) u_store (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(push[3]), .in_ready_o(q_ready[3]), .in_data_i({rec_index_i, rec_i[351:0]}),
    .out_valid_o(q_valid[3]), .out_ready_i(pop[3]), .out_data_o({store_index_o, store_cmd_o}));

  // Completed, dispatched and started counts.
  reg [4*CW-1:0] done_q, given_q, taken_q;   // taken: started by the engine
  integer e;
  always @(posedge clk_i) begin
    for (e = 0; e < 4; e = e + 1) begin
      if (!rst_ni)      given_q[CW*e +: CW] <= {CW{1'b0}};
      else if (push[e]) given_q[CW*e +: CW] <= given_q[CW*e +: CW] + 16'd1;
      if (!rst_ni)     taken_q[CW*e +: CW] <= {CW{1'b0}};
      else if (pop[e]) taken_q[CW*e +: CW] <= taken_q[CW*e +: CW] + 16'd1;
      if (clear_i)        done_q[CW*e +: CW] <= {CW{1'b0}};
      else if (done_i[e]) done_q[CW*e +: CW] <= done_q[CW*e +: CW] + 16'd1;
    end
    if (clear_i) begin
      given_q <= {4*CW{1'b0}};
      taken_q <= {4*CW{1'b0}};
    end
  end
  assign done_o = done_q;
  assign idle_o = given_q == done_q;

  // Scoreboard. Counts only grow, so a wait that was met stays met: its result is registered.
  wire [4*96-1:0] heads = {store_head, vector_head, array_head, load_head};
  reg  [3:0]      met_q;
  wire [3:0]      met;
  genvar g, h;
  generate for (g = 0; g < 4; g = g + 1) begin : g_head
    wire [95:0] head   = heads[96*g +: 96];
    wire [63:0] wait_n = {head[`WEFT_HDR_wait_store], head[`WEFT_HDR_wait_vector], head[`WEFT_HDR_wait_array], head[`WEFT_HDR_wait_load]};
    wire [3:0]  wait_e = head[`WEFT_HDR_wait_en];
    wire [3:0]  fine;
    for (h = 0; h < 4; h = h + 1) begin : g_wait
      wire [15:0] ahead = done_q[CW*h +: CW] - wait_n[CW*h +: CW];
      assign fine[h] = !wait_e[h] || !ahead[15];
      wire unused = &{1'b0, ahead};
    end
    assign met[g] = &fine;
    wire unused_head = &{1'b0, head};
    always @(posedge clk_i) begin
      if (!rst_ni) met_q[g] <= 1'b0;
      else         met_q[g] <= q_valid[g] && !pop[g] && met[g];
    end
  end endgenerate
  assign cmd_valid_o = q_valid & met_q;
  assign debug_o     = {q_valid, q_valid & ~met_q};

  // Indices of ARRAY and VECTOR commands from dispatch to completion: two wait, at most two run.
  wire [1:0] own_valid;
  stream_fifo #(.WIDTH(32), .DEPTH(DEPTH + 2)) u_own_array (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(push[1]), .in_ready_o(own_ready[1]), .in_data_i(rec_index_i),
    .out_valid_o(own_valid[0]), .out_ready_i(done_i[1]), .out_data_o(array_index_o));
  stream_fifo #(.WIDTH(32), .DEPTH(DEPTH + 2)) u_own_vector (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(push[2]), .in_ready_o(own_ready[2]), .in_data_i(rec_index_i),
    .out_valid_o(own_valid[1]), .out_ready_i(done_i[2]), .out_data_o(vector_index_o));
  // Nothing runs, nobody may start, nothing comes: find the earliest head.
  assign stuck_o = q_valid != 4'h0 && (q_valid & met) == 4'h0 && taken_q == done_q && (!fetch_busy_i || (rec_valid_i && !rec_ready_o));
  wire [31:0] first_da = q_valid[0] && (!q_valid[1] || load_index_o < array_index_o) ? load_index_o : array_index_o;
  wire [31:0] first_vs = q_valid[2] && (!q_valid[3] || vector_index_o < store_index_o) ? vector_index_o : store_index_o;
  wire        in_da    = (|q_valid[1:0]) && (!(|q_valid[3:2]) || first_da < first_vs);
  assign stuck_index_o  = in_da ? first_da : first_vs;
  assign stuck_engine_o = in_da ? {1'b0, !(q_valid[0] && first_da == load_index_o)} : {1'b1, !(q_valid[2] && first_vs == vector_index_o)};

  assign own_ready[0] = 1'b1;
  assign own_ready[3] = 1'b1;
  wire unused_own = &{1'b0, own_valid};

endmodule

`default_nettype wire
