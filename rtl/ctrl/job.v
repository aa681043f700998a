// SPDX-License-Identifier: Apache-2.0
//
// The life of a job: START, running, DONE; or an error or RESET, then draining the bus with everything else held in reset.
//
// Only this module knows the states. Engines need no error handling of their own: they report, and are reset from here while
// axi_read and axi_write finish what is on the bus. The first error is kept; of several in one cycle, the first in the order below.
// Latency: engines are in reset two cycles after an error; a drain takes at least 8 cycles.

`default_nettype none
`include "weft_spec.vh"

module job (
  input  wire         clk_i,
  input  wire         rst_ni,

  // from the registers, one cycle each
  input  wire         start_i,
  input  wire         reset_i,
  input  wire         count_zero_i,      // CMD_COUNT is 0

  output wire         start_o,           // one cycle: a job begins
  output wire         clear_o,           // counters and completed counts to zero (also in hardware reset)
  output wire         flush_o,           // nothing new goes to the bus, what is on it is drained
  output wire         engine_rst_no,     // reset of everything but registers, counters and bus interfaces
  output wire         running_o,         // a cycle between START and DONE or error

  // completion
  input  wire         fetch_busy_i,
  input  wire         engines_idle_i,
  input  wire         axi_idle_i,

  // errors, one cycle each but for stuck_i
  input  wire         axi_read_i,
  input  wire [3:0]   axi_read_engine_i,
  input  wire [31:0]  axi_read_addr_i,
  input  wire [31:0]  axi_read_index_i,
  input  wire         axi_write_i,
  input  wire [31:0]  axi_write_addr_i,
  input  wire         load_window_i,
  input  wire [31:0]  load_window_addr_i,
  input  wire [31:0]  load_window_index_i,
  input  wire         store_window_i,
  input  wire [31:0]  store_window_addr_i,
  input  wire [3:0]   buffer_i,          // by engine
  input  wire [31:0]  load_index_i,      // list index of the command that the engine works on
  input  wire [31:0]  array_index_i,
  input  wire [31:0]  vector_index_i,
  input  wire [31:0]  store_index_i,
  input  wire         fetch_i,
  input  wire [7:0]   fetch_cause_i,
  input  wire [31:0]  fetch_addr_i,
  input  wire [31:0]  fetch_index_i,

  input  wire         stuck_i,           // held while it lasts
  input  wire [1:0]   stuck_engine_i,
  input  wire [31:0]  stuck_index_i,

  // to the registers
  output wire         busy_o,
  output wire         done_o,
  output wire         error_o,
  output wire         resetting_o,
  output wire         irq_done_o,        // one cycle: DONE came
  output wire         irq_error_o,       // one cycle: ERROR came
  output wire [31:0]  error_cause_o,
  output wire [31:0]  error_addr_o,
  output wire [31:0]  error_cmd_o,
  output wire [2:0]   debug_o
);

  localparam [2:0] IDLE = 3'd0, RUN = 3'd1, DRAIN = 3'd2, ERROR = 3'd3, RESET = 3'd4;
  localparam [3:0] LOAD = {2'b00, `WEFT_ENG_LOAD}, ARRAY = {2'b00, `WEFT_ENG_CONV}, VECTOR = {2'b00, `WEFT_ENG_VEC},
                   STORE = {2'b00, `WEFT_ENG_STORE}, FETCH = 4'd4;

  reg [2:0]  state_q;
  reg [2:0]  wait_q;                     // pipelines run empty before the bus is asked whether it is idle
  reg        done_q, engine_rst_nq;
  reg [7:0]  cause_q;
  reg [3:0]  engine_q;
  reg [31:0] addr_q, index_q;

  // The error of this cycle.
  reg [7:0]  cause;
  reg [3:0]  engine;
  reg [31:0] addr, index;
  always @* begin
    cause = `WEFT_ERR_NONE; engine = FETCH; addr = 32'h0; index = 32'h0;
    if (axi_read_i) begin
      cause = `WEFT_ERR_AXI_READ;  engine = axi_read_engine_i; addr = axi_read_addr_i;     index = axi_read_index_i;
    end else if (axi_write_i) begin
      cause = `WEFT_ERR_AXI_WRITE; engine = STORE;             addr = axi_write_addr_i;    index = store_index_i;
    end else if (load_window_i) begin
      cause = `WEFT_ERR_WINDOW;    engine = LOAD;              addr = load_window_addr_i;  index = load_window_index_i;
    end else if (store_window_i) begin
      cause = `WEFT_ERR_WINDOW;    engine = STORE;             addr = store_window_addr_i; index = store_index_i;
    end else if (buffer_i[LOAD[1:0]]) begin
      cause = `WEFT_ERR_BUFFER;    engine = LOAD;              index = load_index_i;
    end else if (buffer_i[ARRAY[1:0]]) begin
      cause = `WEFT_ERR_BUFFER;    engine = ARRAY;             index = array_index_i;
    end else if (buffer_i[VECTOR[1:0]]) begin
      cause = `WEFT_ERR_BUFFER;    engine = VECTOR;            index = vector_index_i;
    end else if (buffer_i[STORE[1:0]]) begin
      cause = `WEFT_ERR_BUFFER;    engine = STORE;             index = store_index_i;
    end else if (fetch_i) begin
      cause = fetch_cause_i;                                   addr = fetch_addr_i;        index = fetch_index_i;
    end else if (stuck_i) begin
      cause = `WEFT_ERR_WAIT;      engine = {2'b00, stuck_engine_i};                       index = stuck_index_i;
    end else if (start_i) begin
      cause = `WEFT_ERR_START;                                 index = fetch_index_i;      // START while busy
    end
  end
  wire failed   = state_q == RUN && cause != `WEFT_ERR_NONE;
  wire refused  = state_q == IDLE && start_i && count_zero_i && !reset_i;
  wire finished = state_q == RUN && !failed && !fetch_busy_i && engines_idle_i;
  assign start_o = state_q == IDLE && start_i && !count_zero_i && !reset_i;
  wire drained  = wait_q == 3'd7 && axi_idle_i;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q       <= IDLE;
      wait_q        <= 3'd0;
      done_q        <= 1'b0;
      engine_rst_nq <= 1'b0;
      cause_q       <= `WEFT_ERR_NONE;
      engine_q      <= 4'd0;
      addr_q        <= 32'h0;
      index_q       <= 32'h0;
    end else begin
      engine_rst_nq <= state_q == IDLE || state_q == RUN;
      if (wait_q != 3'd7) wait_q <= wait_q + 3'd1;
      case (state_q)
        IDLE: begin
          if (start_o)      state_q <= RUN;
          else if (refused) state_q <= DRAIN;
          if (start_i) done_q <= 1'b0;
          wait_q <= 3'd0;
        end
        RUN: begin
          if (failed) state_q <= DRAIN;
          else if (finished) begin
            state_q <= IDLE;
            done_q  <= 1'b1;
          end
          wait_q <= 3'd0;
        end
        DRAIN:   if (drained) state_q <= ERROR;
        RESET:   if (drained) state_q <= IDLE;
        default: ;                       // ERROR: until RESET
      endcase
      if (failed || refused) begin
        cause_q  <= refused ? `WEFT_ERR_START : cause;
        engine_q <= refused ? FETCH : engine;
        addr_q   <= refused ? 32'h0 : addr;
        index_q  <= refused ? 32'h0 : index;
      end
      if (reset_i) begin
        state_q  <= RESET;
        wait_q   <= 3'd0;
        done_q   <= 1'b0;
        cause_q  <= `WEFT_ERR_NONE;
        engine_q <= 4'd0;
        addr_q   <= 32'h0;
        index_q  <= 32'h0;
      end
    end
  end

  assign clear_o       = !rst_ni || start_o || reset_i;
  assign flush_o       = state_q != IDLE && state_q != RUN;
  assign engine_rst_no = engine_rst_nq && rst_ni;
  assign running_o     = state_q == RUN;
  assign busy_o        = state_q == RUN || state_q == DRAIN;
  assign done_o        = done_q;
  assign error_o       = state_q == ERROR;
  assign resetting_o   = state_q == RESET;
  assign irq_done_o    = finished && !reset_i;
  assign irq_error_o   = state_q == DRAIN && drained && !reset_i;
  assign error_cause_o = {20'h0, engine_q, cause_q};
  assign error_addr_o  = addr_q;
  assign error_cmd_o   = index_q;
  assign debug_o       = state_q;

endmodule

`default_nettype wire
