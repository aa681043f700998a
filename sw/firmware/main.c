/* SPDX-License-Identifier: Apache-2.0
 *
 * The firmware: finds Weft, opens the images that the mailbox names, runs them, prints results, cycles and counters.
 *
 * Lines for programs: `output <i> <bytes> <hex>`, `inference cycles=<n> ...`, `counter <name> <n>`, errors `e-[...]`. In mode SERIAL it speaks
 * MLPerf Tiny's protocol instead (serial.h). Exit code: 0 when the last image ran, else 1; 2 without a device or a mailbox.
 */
#include "board.h"
#include "fwnet.h"
#include "print.h"
#include "serial.h"

static weft_dev_t dev;
static fwnet_t net;
static serial_t serial;

static void number(const char *label, uint64_t v)
{
  print_str(label);
  print_u64(v);
}

static void print_error(const char *what)
{
  print_str("e-[");
  print_str(what);
  print_str("]\r\n");
}

static int find_device(void)
{
  weft_io_t io = board_io();
  if (weft_dev_open(&dev, &io)) {
    print_error("device: no Weft of this version at its address");
    return -1;
  }
  number("weft ", dev.info.version >> 16);
  number(".", dev.info.version >> 8 & 255);
  number(".", dev.info.version & 255);
  number(", ", (uint64_t)dev.info.rows);
  number(" x ", (uint64_t)dev.info.cols);
  number(" PEs x ", (uint64_t)dev.info.lanes);
  print_str(" lanes\r\n");
  if (weft_dev_reset(&dev)) {
    print_error("device: does not come out of reset");
    return -1;
  }
  return 0;
}

/* One inference, segment by segment, so that it can say where the time went. Each run is of its own: variables start anew. */
static int infer(const uint8_t *input, uint32_t input_bytes, weft_msg_t *m)
{
  uint64_t jobs = 0, cpu = 0, begin = board_cycles();
  fwnet_reset(&net);
  for (uint32_t i = 0; i < net.head->ninputs; i++) {
    uint32_t bytes;
    uint8_t *to = fwnet_input(&net, i, &bytes);
    if (bytes > input_bytes) return weft_fail(m, WEFT_E_ARG, "input: %lu bytes are missing", (unsigned long)(bytes - input_bytes));
    memcpy(to, input, bytes);
    input += bytes;
    input_bytes -= bytes;
  }
  memset(net.counter, 0, sizeof net.counter);
  net.irqs = 0;
  for (uint32_t i = 0; i < net.head->nsegments; i++) {
    uint64_t t = board_cycles();
    int err = fwnet_segment(&net, i, m);
    if (err) return err;
    *(net.seg[i].npu ? &jobs : &cpu) += board_cycles() - t;
  }
  number("inference cycles=", board_cycles() - begin);
  number(" device=", jobs);
  number(" cpu=", cpu);
  number(" interrupts=", net.irqs);
  print_str("\r\n");
  for (uint32_t i = 0; i < net.head->noutputs; i++) {
    uint32_t bytes;
    const uint8_t *out = fwnet_output(&net, i, &bytes);
    number("output ", i);
    number(" ", bytes);
    print_str(" ");
    print_bytes(out, bytes);
    print_str("\r\n");
  }
  return WEFT_OK;
}

static int open_image(const volatile weft_mailbox_t *box, uint32_t i, weft_msg_t *m)
{
  uint64_t t = board_cycles();
  fwnet_close(&net);
  int err = fwnet_open(&net, &dev, board_dram(), box->dram_bytes, box->image[i].at, box->image[i].bytes, box->free, m);
  if (err) return err;
  print_str("network ");
  print_str(net.head->name);
  number(": ", net.head->nsegments);
  number(" segments, ", net.head->nops);
  number(" on the CPU, opened in ", board_cycles() - t);
  number(" cycles, of these ", net.check_ticks);
  print_str(" to check the command lists\r\n");
  return WEFT_OK;
}

static int run_image(const volatile weft_mailbox_t *box, uint32_t i)
{
  weft_msg_t m = {""};
  int err = open_image(box, i, &m);
  for (uint32_t r = 0; r < box->runs && !err; r++) err = infer(board_dram() + box->input, box->input_bytes, &m);
  if (err) {
    print_error(m.msg);
    return 1;
  }
  for (int c = 0; c < WEFT_COUNTERS; c++) {
    if (!net.counter[c]) continue;
    print_str("counter ");
    print_str(weft_counter_name[c]);
    number(" ", net.counter[c]);
    print_str("\r\n");
  }
  return 0;
}

static int serve(const volatile weft_mailbox_t *box)
{
  weft_msg_t m = {""};
  if (open_image(box, 0, &m)) {
    print_error(m.msg);
    return 1;
  }
  serial_start(&serial, &net, board_dram() + box->input, box->input_bytes);
  while (!serial_byte(&serial, board_get())) {}
  return 0;
}

int main(void)
{
  const volatile weft_mailbox_t *box = board_mailbox();
  int code = 2;
  if (find_device()) board_exit(code);
  if (box->magic != WEFT_MAILBOX_MAGIC || box->images < 1 || box->images > WEFT_MAILBOX_IMAGES || box->input > box->dram_bytes ||
      box->input_bytes > box->dram_bytes - box->input) {
    print_error("mailbox: not at the start of DRAM, or wrong");
    board_exit(code);
  }
  if (box->mode == WEFT_MODE_SERIAL) board_exit(serve(box));
  for (uint32_t i = 0; i < box->images; i++) code = run_image(box, i);
  board_exit(code);
}
