/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulated system's board: UART, timer, Weft at the addresses of soc_map.h, reached through hw.h. The same on the RISC-V core and on the
 * SystemC platform.
 */
#include "board.h"

#include "hw.h"
#include "print.h"
#include "soc_map.h"

enum { ENABLE_UART = 1, ENABLE_TIMER = 2 };
#define NO_BYTE 0x80000000u

static uint32_t get(uint32_t at) { return hw_read(SOC_PERIPHERALS + at); }
static void put(uint32_t at, uint32_t v) { hw_write(SOC_PERIPHERALS + at, v); }

uint64_t board_cycles(void)
{
  uint32_t lo = get(SOC_TIME_LO);
  return lo | (uint64_t)get(SOC_TIME_HI) << 32;
}

uint32_t board_mhz(void) { return SOC_CLOCK_MHZ; }

void board_put(const char *bytes, size_t n)
{
  for (size_t i = 0; i < n; i++) put(SOC_UART_DATA, (uint8_t)bytes[i]);
}

uint8_t board_get(void)
{
  for (;;) {
    uint32_t v = get(SOC_UART_DATA);
    if (!(v & NO_BYTE)) return (uint8_t)v;
    put(SOC_IRQ_ENABLE, ENABLE_UART);
    hw_sleep();
    put(SOC_IRQ_ENABLE, 0);
  }
}

static uint32_t io_read32(void *ctx, uint32_t offset) { (void)ctx; return hw_read(SOC_WEFT + offset); }
static void io_write32(void *ctx, uint32_t offset, uint32_t v) { (void)ctx; hw_write(SOC_WEFT + offset, v); }

static bool in_dram(uint32_t addr, size_t bytes)
{
  uint32_t size = board_mailbox()->dram_bytes;
  return addr <= size && bytes <= size - addr;
}

static int io_mem_read(void *ctx, uint32_t addr, void *to, size_t bytes)
{
  (void)ctx;
  if (!in_dram(addr, bytes)) return WEFT_DRV_E_IO;
  memcpy(to, board_dram() + addr, bytes);
  return 0;
}

static int io_mem_write(void *ctx, uint32_t addr, const void *from, size_t bytes)
{
  (void)ctx;
  if (!in_dram(addr, bytes)) return WEFT_DRV_E_IO;
  memcpy(board_dram() + addr, from, bytes);
  return 0;
}

static uint64_t io_now(void *ctx) { (void)ctx; return board_cycles(); }

static int io_wait_until(void *ctx, uint64_t deadline)
{
  (void)ctx;
  put(SOC_ALARM_HI, 0xffffffffu);       /* no false alarm between the two halves */
  put(SOC_ALARM_LO, (uint32_t)deadline);
  put(SOC_ALARM_HI, (uint32_t)(deadline >> 32));
  put(SOC_IRQ_ENABLE, ENABLE_TIMER);
  uint32_t lines;
  do lines = hw_sleep(); while (!(lines & (SOC_IRQ_WEFT | SOC_IRQ_TIMER)));
  put(SOC_IRQ_ENABLE, 0);
  return lines & SOC_IRQ_WEFT ? 1 : 0;
}

weft_io_t board_io(void)
{
  return (weft_io_t){.ctx = NULL, .read32 = io_read32, .write32 = io_write32, .mem_read = io_mem_read, .mem_write = io_mem_write,
                     .now = io_now, .wait_until = io_wait_until};
}

uint8_t *board_dram(void) { return hw_dram(); }

const volatile weft_mailbox_t *board_mailbox(void) { return (const volatile weft_mailbox_t *)(const void *)hw_dram(); }

void board_exit(int code)
{
  put(SOC_EXIT, (uint32_t)code);
  for (;;) hw_sleep();
}

/* Entered by start.S: an illegal instruction, a misaligned or a stray access. */
void board_fatal(uint32_t pc, uint32_t lines);
void board_fatal(uint32_t pc, uint32_t lines)
{
  print_str("e-[processor fault at 0x");
  print_hex(pc, 8);
  print_str(lines & 2 ? ": illegal instruction" : lines & 4 ? ": misaligned access" : ": no such address");
  print_str("]\r\n");
  board_exit(3);
}
