// SPDX-License-Identifier: Apache-2.0
//
// Weft, the top: registers and command fetch, dispatch, four engines, the banked buffer, and the AXI ports.
//
// Structure only, no behaviour. The one file that reads the configuration (build/gen/<name>/weft_config.vh), as defaults of its
// parameters. One clock. rst_ni is a synchronous reset; between jobs and after errors job.v resets everything below it but the
// registers, the counters and the two AXI interfaces.

`default_nettype none
`include "weft_spec.vh"
`include "weft_config.vh"

module weft #(
  parameter integer ROWS        = `WEFT_ROWS,
  parameter integer COLS        = `WEFT_COLS,
  parameter integer LANES       = `WEFT_LANES,
  parameter integer BUF_WORDS   = `WEFT_BUF_WORDS,
  parameter integer BANK_WORDS  = `WEFT_BANK_WORDS,
  parameter integer PPU_LANES   = `WEFT_PPU_LANES,
  parameter integer FSPAD_BYTES = `WEFT_FSPAD_BYTES,
  parameter integer NET_BYTES   = `WEFT_NET_BYTES,
  parameter integer BUS_BYTES   = `WEFT_BUS_BYTES
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,

  // AXI4-Lite slave, 32 bit: the registers
  input  wire                   s_axil_awvalid,
  output wire                   s_axil_awready,
  input  wire [11:0]            s_axil_awaddr,
  input  wire                   s_axil_wvalid,
  output wire                   s_axil_wready,
  input  wire [31:0]            s_axil_wdata,
  input  wire [3:0]             s_axil_wstrb,
  output wire                   s_axil_bvalid,
  input  wire                   s_axil_bready,
  output wire [1:0]             s_axil_bresp,
  input  wire                   s_axil_arvalid,
  output wire                   s_axil_arready,
  input  wire [11:0]            s_axil_araddr,
  output wire                   s_axil_rvalid,
  input  wire                   s_axil_rready,
  output wire [31:0]            s_axil_rdata,
  output wire [1:0]             s_axil_rresp,

  // AXI4 master: INCR bursts of at most 16 beats of the bus width, one ID (0, not brought out)
  output wire                   m_axi_arvalid,
  input  wire                   m_axi_arready,
  output wire [31:0]            m_axi_araddr,
  output wire [7:0]             m_axi_arlen,
  output wire [2:0]             m_axi_arsize,
  output wire [1:0]             m_axi_arburst,
  input  wire                   m_axi_rvalid,
  output wire                   m_axi_rready,
  input  wire [BUS_BYTES*8-1:0] m_axi_rdata,
  input  wire [1:0]             m_axi_rresp,
  input  wire                   m_axi_rlast,     // not needed: beats are counted
  output wire                   m_axi_awvalid,
  input  wire                   m_axi_awready,
  output wire [31:0]            m_axi_awaddr,
  output wire [7:0]             m_axi_awlen,
  output wire [2:0]             m_axi_awsize,
  output wire [1:0]             m_axi_awburst,
  output wire                   m_axi_wvalid,
  input  wire                   m_axi_wready,
  output wire [BUS_BYTES*8-1:0] m_axi_wdata,
  output wire [BUS_BYTES-1:0]   m_axi_wstrb,
  output wire                   m_axi_wlast,
  input  wire                   m_axi_bvalid,
  output wire                   m_axi_bready,
  input  wire [1:0]             m_axi_bresp,

  output wire                   irq_o
);

  // ---- configuration ----
  generate
    if (ROWS < 1 || ROWS > 255 || COLS < 1 || COLS > 255) begin : g_size
      weft_ROWS_and_COLS_must_be_1_to_255 u_bad ();
    end
    if (LANES != 1 && LANES != 2 && LANES != 4 && LANES != 8) begin : g_lanes
      weft_LANES_must_be_1_2_4_or_8 u_bad ();
    end
    if (BUS_BYTES != 8 && BUS_BYTES != 16) begin : g_bus
      weft_BUS_BYTES_must_be_8_or_16 u_bad ();
    end
    if (NET_BYTES != 8 && NET_BYTES != 16) begin : g_net
      weft_NET_BYTES_must_be_8_or_16 u_bad ();
    end
    if (FSPAD_BYTES % LANES != 0 || FSPAD_BYTES > 65535) begin : g_fspad
      weft_FSPAD_BYTES_must_be_a_multiple_of_LANES_below_64_KiB u_bad ();
    end
  endgenerate
  localparam integer BUS_LG = $clog2(BUS_BYTES);
  assign m_axi_arsize  = BUS_LG[2:0];
  assign m_axi_awsize  = BUS_LG[2:0];
  assign m_axi_arburst = 2'b01;
  assign m_axi_awburst = 2'b01;
  wire   unused_rlast  = &{1'b0, m_axi_rlast};

  // ---- registers, job, counters ----
  wire         start, reset, job_start, clear, flush, engine_rst_n, running;
  wire         busy, done, error, resetting, irq_done, irq_error;
  wire [31:0]  cmd_offset, cmd_count, error_cause, error_addr, error_cmd;
  wire [255:0] region_base, region_size;
  wire [63:0]  done_counts;
  wire [4:0]   engines_busy;
  wire         cnt_req, cnt_valid;
  wire [5:0]   cnt_index;
  wire [63:0]  cnt_data;
  wire [7:0]   base7;
  genvar r;
  generate for (r = 0; r < 8; r = r + 1) begin : g_base7
    assign base7[r] = region_base[32*r + 7];
  end endgenerate

  regs #(
    .ROWS(ROWS), .COLS(COLS), .LANES(LANES), .BUF_WORDS(BUF_WORDS), .BANK_WORDS(BANK_WORDS), .PPU_LANES(PPU_LANES),
    .FSPAD_BYTES(FSPAD_BYTES), .NET_BYTES(NET_BYTES), .BUS_BYTES(BUS_BYTES)
  ) u_regs (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .s_axil_awvalid(s_axil_awvalid), .s_axil_awready(s_axil_awready), .s_axil_awaddr(s_axil_awaddr),
    .s_axil_wvalid(s_axil_wvalid), .s_axil_wready(s_axil_wready), .s_axil_wdata(s_axil_wdata), .s_axil_wstrb(s_axil_wstrb),
    .s_axil_bvalid(s_axil_bvalid), .s_axil_bready(s_axil_bready), .s_axil_bresp(s_axil_bresp),
    .s_axil_arvalid(s_axil_arvalid), .s_axil_arready(s_axil_arready), .s_axil_araddr(s_axil_araddr),
    .s_axil_rvalid(s_axil_rvalid), .s_axil_rready(s_axil_rready), .s_axil_rdata(s_axil_rdata), .s_axil_rresp(s_axil_rresp),
    .irq_o(irq_o), .start_o(start), .reset_o(reset), .cmd_offset_o(cmd_offset), .cmd_count_o(cmd_count),
    .region_base_o(region_base), .region_size_o(region_size), .busy_i(busy), .done_i(done), .error_i(error),
    .resetting_i(resetting), .irq_done_i(irq_done), .irq_error_i(irq_error), .engines_busy_i(engines_busy),
    .error_cause_i(error_cause), .error_addr_i(error_addr), .error_cmd_i(error_cmd), .done_counts_i(done_counts),
    .cnt_req_o(cnt_req), .cnt_index_o(cnt_index), .cnt_valid_i(cnt_valid), .cnt_data_i(cnt_data));

  wire        fetch_busy, engines_idle, rd_idle, wr_idle;
  wire        rd_window, rd_window_cmd, rd_axi, rd_axi_fetch, rd_axi_cmd, wr_window, wr_axi, fetch_err;
  wire [31:0] rd_window_addr, rd_axi_addr, wr_window_addr, wr_axi_addr, fetch_err_addr, fetch_err_index;
  wire [7:0]  fetch_err_cause, buf_err;
  wire [31:0] load_index0, load_index1, array_index, vector_index, store_index;
  wire        load_back_cmd, stuck;
  wire [1:0]  stuck_engine;
  wire [31:0] stuck_index;
  wire [2:0]  job_debug;

  job u_job (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(start), .reset_i(reset), .count_zero_i(cmd_count == 32'h0),
    .start_o(job_start), .clear_o(clear), .flush_o(flush), .engine_rst_no(engine_rst_n), .running_o(running),
    .fetch_busy_i(fetch_busy), .engines_idle_i(engines_idle), .axi_idle_i(rd_idle && wr_idle),
    .axi_read_i(rd_axi), .axi_read_engine_i(rd_axi_fetch ? 4'd4 : {2'b00, `WEFT_ENG_LOAD}), .axi_read_addr_i(rd_axi_addr),
    .axi_read_index_i(rd_axi_fetch ? fetch_err_index : rd_axi_cmd ? load_index1 : load_index0),
    .axi_write_i(wr_axi), .axi_write_addr_i(wr_axi_addr),
    .load_window_i(rd_window), .load_window_addr_i(rd_window_addr), .load_window_index_i(rd_window_cmd ? load_index1 : load_index0),
    .store_window_i(wr_window), .store_window_addr_i(wr_window_addr),
    .buffer_i({buf_err[1], buf_err[7] || buf_err[6], |buf_err[5:2], buf_err[0]}),
    .load_index_i(load_back_cmd ? load_index1 : load_index0), .array_index_i(array_index), .vector_index_i(vector_index),
    .store_index_i(store_index),
    .fetch_i(fetch_err), .fetch_cause_i(fetch_err_cause), .fetch_addr_i(fetch_err_addr), .fetch_index_i(fetch_err_index),
    .stuck_i(stuck), .stuck_engine_i(stuck_engine), .stuck_index_i(stuck_index),
    .busy_o(busy), .done_o(done), .error_o(error), .resetting_o(resetting), .irq_done_o(irq_done), .irq_error_o(irq_error),
    .error_cause_o(error_cause), .error_addr_o(error_addr), .error_cmd_o(error_cmd), .debug_o(job_debug));

  wire [`WEFT_COUNTERS-1:0] ev;
  wire [15:0]               ev_mac;
  counters u_counters (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear), .ev_i(ev), .ev_mac_i(ev_mac),
    .rd_req_i(cnt_req), .rd_index_i(cnt_index), .rd_valid_o(cnt_valid), .rd_data_o(cnt_data));

  // ---- fetch and dispatch ----
  wire                   fq_valid, fq_ready, fq_fail, fr_valid, rec_valid, rec_ready;
  wire [32:0]            fq_off;
  wire [BUS_BYTES*8-1:0] rd_data;
  wire [767:0]           rec, array_cmd;
  wire [31:0]            rec_index, load_index, store_cmd_index;
  wire [2:0]             fetch_debug;
  fetch #(
    .BUS_BYTES(BUS_BYTES), .ROWS(ROWS), .COLS(COLS), .LANES(LANES), .FSPAD_BYTES(FSPAD_BYTES), .NET_BYTES(NET_BYTES)
  ) u_fetch (
    .clk_i(clk_i), .rst_ni(engine_rst_n), .start_i(job_start), .cmd_offset_i(cmd_offset), .cmd_count_i(cmd_count), .busy_o(fetch_busy),
    .fq_valid_o(fq_valid), .fq_ready_i(fq_ready), .fq_off_o(fq_off), .fq_fail_i(fq_fail), .fq_fail_addr_i(rd_window_addr),
    .fr_valid_i(fr_valid), .fr_data_i(rd_data), .rec_valid_o(rec_valid), .rec_ready_i(rec_ready), .rec_o(rec), .rec_index_o(rec_index),
    .err_o(fetch_err), .err_cause_o(fetch_err_cause), .err_addr_o(fetch_err_addr), .err_index_o(fetch_err_index),
    .ev_beat_o(ev[`WEFT_CNT_FETCH_BEATS]), .debug_o(fetch_debug));

  wire [3:0]   cmd_valid, cmd_ready, cmd_done;
  wire [351:0] load_cmd, store_cmd;
  wire [767:0] vector_cmd;
  wire [7:0]   queue_debug;
  dispatch u_dispatch (
    .clk_i(clk_i), .rst_ni(engine_rst_n), .clear_i(clear), .rec_valid_i(rec_valid), .rec_ready_o(rec_ready), .rec_i(rec),
    .rec_index_i(rec_index), .fetch_busy_i(fetch_busy), .cmd_valid_o(cmd_valid), .cmd_ready_i(cmd_ready), .load_cmd_o(load_cmd), .array_cmd_o(array_cmd),
    .vector_cmd_o(vector_cmd), .store_cmd_o(store_cmd), .load_index_o(load_index), .store_index_o(store_cmd_index),
    .done_i(cmd_done), .done_o(done_counts), .idle_o(engines_idle), .array_index_o(array_index), .vector_index_o(vector_index),
    .stuck_o(stuck), .stuck_engine_o(stuck_engine), .stuck_index_o(stuck_index), .debug_o(queue_debug));

  // ---- LOAD, STORE and the AXI master ----
  wire         lq_valid, lq_ready, lq_cmd, lr_valid, lr_ready, load_busy;
  wire [2:0]   lq_region, load_debug;
  wire [32:0]  lq_off;
  wire [8:0]   lq_bytes;
  wire         ld_req, ld_gnt;
  wire [15:0]  ld_addr, ld_wstrb;
  wire [127:0] ld_wdata;
  load #(.BUS_BYTES(BUS_BYTES)) u_load (
    .clk_i(clk_i), .rst_ni(engine_rst_n), .cmd_valid_i(cmd_valid[0]), .cmd_ready_o(cmd_ready[0]), .cmd_i(load_cmd),
    .cmd_index_i(load_index), .done_o(cmd_done[0]), .busy_o(load_busy), .index0_o(load_index0), .index1_o(load_index1),
    .back_cmd_o(load_back_cmd), .base7_i(base7), .lq_valid_o(lq_valid), .lq_ready_i(lq_ready), .lq_region_o(lq_region),
    .lq_off_o(lq_off), .lq_bytes_o(lq_bytes), .lq_cmd_o(lq_cmd), .lr_valid_i(lr_valid), .lr_ready_o(lr_ready), .lr_data_i(rd_data),
    .ld_req_o(ld_req), .ld_addr_o(ld_addr), .ld_wdata_o(ld_wdata), .ld_wstrb_o(ld_wstrb), .ld_gnt_i(ld_gnt),
    .ev_buf_o(ev[`WEFT_CNT_BUF_LOAD]), .debug_o(load_debug));

  axi_read #(.BUS_BYTES(BUS_BYTES)) u_axi_read (
    .clk_i(clk_i), .rst_ni(rst_ni), .flush_i(flush), .idle_o(rd_idle), .region_base_i(region_base), .region_size_i(region_size),
    .fq_valid_i(fq_valid), .fq_ready_o(fq_ready), .fq_off_i(fq_off), .fq_fail_o(fq_fail), .fr_valid_o(fr_valid), .data_o(rd_data),
    .lq_valid_i(lq_valid), .lq_ready_o(lq_ready), .lq_region_i(lq_region), .lq_off_i(lq_off), .lq_bytes_i(lq_bytes), .lq_cmd_i(lq_cmd),
    .lr_valid_o(lr_valid), .lr_ready_i(lr_ready),
    .err_window_o(rd_window), .win_cmd_o(rd_window_cmd), .win_addr_o(rd_window_addr), .err_axi_o(rd_axi), .axi_fetch_o(rd_axi_fetch),
    .axi_cmd_o(rd_axi_cmd), .axi_addr_o(rd_axi_addr),
    .m_axi_arvalid(m_axi_arvalid), .m_axi_arready(m_axi_arready), .m_axi_araddr(m_axi_araddr), .m_axi_arlen(m_axi_arlen),
    .m_axi_rvalid(m_axi_rvalid), .m_axi_rready(m_axi_rready), .m_axi_rdata(m_axi_rdata), .m_axi_rresp(m_axi_rresp));

  wire                   sq_valid, sq_ready, sw_valid, sw_ready, store_busy;
  wire [2:0]             sq_region, store_debug;
  wire [32:0]            sq_off;
  wire [8:0]             sq_bytes;
  wire [BUS_BYTES*8-1:0] sw_data;
  wire [BUS_BYTES-1:0]   sw_strb;
  wire                   st_req, st_gnt, st_rvalid;
  wire [15:0]            st_addr;
  wire [127:0]           st_rdata;
  store #(.BUS_BYTES(BUS_BYTES)) u_store (
    .clk_i(clk_i), .rst_ni(engine_rst_n), .cmd_valid_i(cmd_valid[3]), .cmd_ready_o(cmd_ready[3]), .cmd_i(store_cmd),
    .cmd_index_i(store_cmd_index), .done_o(cmd_done[3]), .busy_o(store_busy), .index_o(store_index), .base7_i(base7),
    .sq_valid_o(sq_valid), .sq_ready_i(sq_ready), .sq_region_o(sq_region), .sq_off_o(sq_off), .sq_bytes_o(sq_bytes),
    .sw_valid_o(sw_valid), .sw_ready_i(sw_ready), .sw_data_o(sw_data), .sw_strb_o(sw_strb), .axi_idle_i(wr_idle),
    .st_req_o(st_req), .st_addr_o(st_addr), .st_gnt_i(st_gnt), .st_rvalid_i(st_rvalid), .st_rdata_i(st_rdata),
    .ev_buf_o(ev[`WEFT_CNT_BUF_STORE]), .debug_o(store_debug));

  axi_write #(.BUS_BYTES(BUS_BYTES)) u_axi_write (
    .clk_i(clk_i), .rst_ni(rst_ni), .flush_i(flush), .idle_o(wr_idle), .region_base_i(region_base), .region_size_i(region_size),
    .sq_valid_i(sq_valid), .sq_ready_o(sq_ready), .sq_region_i(sq_region), .sq_off_i(sq_off), .sq_bytes_i(sq_bytes),
    .sw_valid_i(sw_valid), .sw_ready_o(sw_ready), .sw_data_i(sw_data), .sw_strb_i(sw_strb),
    .err_window_o(wr_window), .win_addr_o(wr_window_addr), .err_axi_o(wr_axi), .axi_addr_o(wr_axi_addr),
    .ev_beat_o(ev[`WEFT_CNT_STORE_BEATS]),
    .m_axi_awvalid(m_axi_awvalid), .m_axi_awready(m_axi_awready), .m_axi_awaddr(m_axi_awaddr), .m_axi_awlen(m_axi_awlen),
    .m_axi_wvalid(m_axi_wvalid), .m_axi_wready(m_axi_wready), .m_axi_wdata(m_axi_wdata), .m_axi_wstrb(m_axi_wstrb),
    .m_axi_wlast(m_axi_wlast), .m_axi_bvalid(m_axi_bvalid), .m_axi_bready(m_axi_bready), .m_axi_bresp(m_axi_bresp));

  // ---- ARRAY and VECTOR ----
  wire               ccmd_valid, ccmd_ready, psum_valid, psum_ready, cdone, array_busy, vector_busy;
  wire [1023:0]      ccmd;
  wire [COLS*32-1:0] psum;
  wire               if_req, if_gnt, if_rvalid, fl_req, fl_gnt, fl_rvalid;
  wire [15:0]        if_addr, fl_addr;
  wire [127:0]       if_rdata, fl_rdata;
  array_engine #(
    .ROWS(ROWS), .COLS(COLS), .LANES(LANES), .FSPAD_BYTES(FSPAD_BYTES), .NET_BYTES(NET_BYTES)
  ) u_array (
    .clk_i(clk_i), .rst_ni(engine_rst_n), .cmd_valid_i(cmd_valid[1]), .cmd_ready_o(cmd_ready[1]), .cmd_i({256'h0, array_cmd}),
    .done_o(cmd_done[1]), .busy_o(array_busy),
    .if_req_o(if_req), .if_addr_o(if_addr), .if_gnt_i(if_gnt), .if_rvalid_i(if_rvalid), .if_rdata_i(if_rdata),
    .fl_req_o(fl_req), .fl_addr_o(fl_addr), .fl_gnt_i(fl_gnt), .fl_rvalid_i(fl_rvalid), .fl_rdata_i(fl_rdata),
    .ccmd_valid_o(ccmd_valid), .ccmd_ready_i(ccmd_ready), .ccmd_o(ccmd),
    .psum_valid_o(psum_valid), .psum_ready_i(psum_ready), .psum_data_o(psum), .cdone_i(cdone),
    .ev_stall_ifmap_o(ev[`WEFT_CNT_STALL_IFMAP]), .ev_stall_filter_o(ev[`WEFT_CNT_STALL_FILTER]),
    .ev_stall_out_o(ev[`WEFT_CNT_STALL_OUT]), .ev_buf_ifmap_o(ev[`WEFT_CNT_BUF_IFMAP]), .ev_buf_filter_o(ev[`WEFT_CNT_BUF_FILTER]),
    .ev_noc_ifmap_o(ev[`WEFT_CNT_NOC_IFMAP]), .ev_noc_zero_o(ev[`WEFT_CNT_NOC_ZERO]), .ev_noc_filter_o(ev[`WEFT_CNT_NOC_FILTER]),
    .ev_issue_o(ev[`WEFT_CNT_ISSUE]), .ev_mac_o(ev_mac), .ev_acc_read_o(ev[`WEFT_CNT_ACC_READ]),
    .ev_acc_write_o(ev[`WEFT_CNT_ACC_WRITE]));

  wire         pr_req, pr_gnt, pr_rvalid, ow_req, ow_gnt, vr_req, vr_gnt, vr_rvalid, vw_req, vw_gnt;
  wire [15:0]  pr_addr, ow_addr, ow_wstrb, vr_addr, vw_addr, vw_wstrb;
  wire [127:0] pr_rdata, ow_wdata, vr_rdata, vw_wdata;
  ppu #(.COLS(COLS), .PPU_LANES(PPU_LANES)) u_ppu (
    .clk_i(clk_i), .rst_ni(engine_rst_n),
    .ccmd_valid_i(ccmd_valid), .ccmd_ready_o(ccmd_ready), .ccmd_i(ccmd),
    .psum_valid_i(psum_valid), .psum_ready_o(psum_ready), .psum_data_i(psum), .cdone_o(cdone),
    .vcmd_valid_i(cmd_valid[2]), .vcmd_ready_o(cmd_ready[2]), .vcmd_i({256'h0, vector_cmd}), .vdone_o(cmd_done[2]), .vbusy_o(vector_busy),
    .pr_req_o(pr_req), .pr_addr_o(pr_addr), .pr_gnt_i(pr_gnt), .pr_rvalid_i(pr_rvalid), .pr_rdata_i(pr_rdata),
    .ow_req_o(ow_req), .ow_addr_o(ow_addr), .ow_wdata_o(ow_wdata), .ow_wstrb_o(ow_wstrb), .ow_gnt_i(ow_gnt),
    .vr_req_o(vr_req), .vr_addr_o(vr_addr), .vr_gnt_i(vr_gnt), .vr_rvalid_i(vr_rvalid), .vr_rdata_i(vr_rdata),
    .vw_req_o(vw_req), .vw_addr_o(vw_addr), .vw_wdata_o(vw_wdata), .vw_wstrb_o(vw_wstrb), .vw_gnt_i(vw_gnt),
    .ev_buf_param_o(ev[`WEFT_CNT_BUF_PARAM]), .ev_buf_ofmap_o(ev[`WEFT_CNT_BUF_OFMAP]), .ev_buf_vec_rd_o(ev[`WEFT_CNT_BUF_VEC_RD]),
    .ev_buf_vec_wr_o(ev[`WEFT_CNT_BUF_VEC_WR]), .ev_psum_out_o(ev[`WEFT_CNT_PSUM_OUT]), .ev_vec_beats_o(ev[`WEFT_CNT_VEC_BEATS]));

  // ---- buffer ----
  buffer #(.BUF_WORDS(BUF_WORDS), .BANK_WORDS(BANK_WORDS)) u_buffer (
    .clk_i(clk_i), .rst_ni(engine_rst_n),
    .ld_req_i(ld_req), .ld_addr_i(ld_addr), .ld_wdata_i(ld_wdata), .ld_wstrb_i(ld_wstrb), .ld_gnt_o(ld_gnt),
    .st_req_i(st_req), .st_addr_i(st_addr), .st_gnt_o(st_gnt), .st_rvalid_o(st_rvalid), .st_rdata_o(st_rdata),
    .if_req_i(if_req), .if_addr_i(if_addr), .if_gnt_o(if_gnt), .if_rvalid_o(if_rvalid), .if_rdata_o(if_rdata),
    .fl_req_i(fl_req), .fl_addr_i(fl_addr), .fl_gnt_o(fl_gnt), .fl_rvalid_o(fl_rvalid), .fl_rdata_o(fl_rdata),
    .pr_req_i(pr_req), .pr_addr_i(pr_addr), .pr_gnt_o(pr_gnt), .pr_rvalid_o(pr_rvalid), .pr_rdata_o(pr_rdata),
    .ow_req_i(ow_req), .ow_addr_i(ow_addr), .ow_wdata_i(ow_wdata), .ow_wstrb_i(ow_wstrb), .ow_gnt_o(ow_gnt),
    .vr_req_i(vr_req), .vr_addr_i(vr_addr), .vr_gnt_o(vr_gnt), .vr_rvalid_o(vr_rvalid), .vr_rdata_o(vr_rdata),
    .vw_req_i(vw_req), .vw_addr_i(vw_addr), .vw_wdata_i(vw_wdata), .vw_wstrb_i(vw_wstrb), .vw_gnt_o(vw_gnt),
    .err_o(buf_err));

  // ---- events that are no engine's own ----
  assign ev[`WEFT_CNT_CYCLES]      = running;
  assign ev[`WEFT_CNT_BUSY_LOAD]   = load_busy;
  assign ev[`WEFT_CNT_BUSY_ARRAY]  = array_busy;
  assign ev[`WEFT_CNT_BUSY_VECTOR] = vector_busy;
  assign ev[`WEFT_CNT_BUSY_STORE]  = store_busy;
  assign ev[`WEFT_CNT_LOAD_BEATS]  = lr_valid && lr_ready;
  assign ev[`WEFT_CNT_MAC]         = 1'b0;       // counted by ev_mac
  assign engines_busy = {fetch_busy, store_busy, vector_busy, array_busy, load_busy};

  // Who waits for what, for the harness' hang report: job, fetch, LOAD and STORE states, queues, bus. Not used by the hardware.
  /* verilator lint_off UNUSEDSIGNAL */
  wire [31:0] debug_state /* verilator public_flat_rd */ = {
    3'h0, job_debug, fetch_debug, load_debug, store_debug, queue_debug, rd_idle, wr_idle,
    m_axi_arvalid, m_axi_awvalid, m_axi_wvalid, array_busy, vector_busy, running, flush};
  /* verilator lint_on UNUSEDSIGNAL */

endmodule

`default_nettype wire
