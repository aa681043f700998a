// SPDX-License-Identifier: Apache-2.0
//
// The virtual platform's devices, from the firmware's side, with either form of Weft: bus errors, memory, UART, timer, interrupt
// controller, Weft's registers, and a device that fails, never interrupts, or is reset in the middle of a job.
//
// usage: test_platform model|rtl       prints `<n> passed, <n> failed`

#include <cstdio>
#include <cstring>
#include <systemc>

#include "driver/weft_driver.h"
#include "map.h"
#include "platform.h"
#include "rtl_core.h"

namespace {

int passed, failed;

void check(bool ok, const char *what, int line)
{
  (ok ? passed : failed)++;
  if (!ok) printf("FAIL %s (line %d)\n", what, line);
}
#define CHECK(x) check(x, #x, __LINE__)

uint32_t rd(const hal_t *h, uint32_t a) { return h->read32(h->ctx, a); }
void wr(const hal_t *h, uint32_t a, uint32_t v) { h->write32(h->ctx, a, v); }
uint64_t now(const hal_t *h)
{
  uint64_t lo = rd(h, SOC_PERIPHERALS + SOC_TIME_LO);
  return lo | (uint64_t)rd(h, SOC_PERIPHERALS + SOC_TIME_HI) << 32;
}
void alarm_at(const hal_t *h, uint64_t t)
{
  wr(h, SOC_PERIPHERALS + SOC_ALARM_HI, UINT32_MAX);
  wr(h, SOC_PERIPHERALS + SOC_ALARM_LO, (uint32_t)t);
  wr(h, SOC_PERIPHERALS + SOC_ALARM_HI, (uint32_t)(t >> 32));
}
uint32_t pending(const hal_t *h) { return rd(h, PLATFORM_INTC + PLATFORM_INTC_PENDING); }

constexpr size_t kDram = 1 << 16;

void test_bus(const hal_t *h)
{
  uint8_t a[64], b[64];
  for (int i = 0; i < 64; i++) a[i] = (uint8_t)(7 * i + 1);
  CHECK(h->write(h->ctx, SOC_DRAM + kDram - 64, a, 64) == 0);
  CHECK(h->read(h->ctx, SOC_DRAM + kDram - 64, b, 64) == 0 && !memcmp(a, b, 64));
  CHECK(rd(h, SOC_DRAM + kDram - 64) == 0x160f0801u);               // little endian
  CHECK(h->write(h->ctx, SOC_DRAM + kDram - 63, a, 64) == -1);      // one byte beyond
  CHECK(h->read(h->ctx, SOC_DRAM + kDram - 64, b, 64) == 0 && !memcmp(a, b, 64));
  CHECK(rd(h, SOC_DRAM - 4) == UINT32_MAX);                         // nothing there
  CHECK(rd(h, 0xfffffffcu) == UINT32_MAX);
  CHECK(h->read(h->ctx, SOC_WEFT, b, 8) == -1);                     // registers are words
  CHECK(h->read(h->ctx, SOC_PERIPHERALS + 2, b, 4) == -1);
  uint64_t t = now(h);
  CHECK(h->read(h->ctx, SOC_DRAM, b, 64) == 0);
  uint64_t near = now(h) - t;
  std::vector<uint8_t> big(32768);
  t = now(h);
  CHECK(h->read(h->ctx, SOC_DRAM, big.data(), big.size()) == 0);
  CHECK(now(h) - t > near + big.size() / 32);                       // time grows with the bytes
}

void test_timer(const hal_t *h)
{
  wr(h, SOC_PERIPHERALS + SOC_IRQ_ENABLE, 2);
  wr(h, PLATFORM_INTC + PLATFORM_INTC_ENABLE, SOC_IRQ_TIMER);
  uint64_t t = now(h) + 5000;
  alarm_at(h, t);
  CHECK(!(pending(h) & SOC_IRQ_TIMER));
  h->wait_irq(h->ctx);
  uint64_t woke = now(h);
  CHECK(woke >= t && woke < t + 20);
  CHECK(pending(h) == SOC_IRQ_TIMER);
  wr(h, SOC_PERIPHERALS + SOC_IRQ_ENABLE, 0);
  CHECK(pending(h) == 0);
  alarm_at(h, UINT64_MAX);
}

void test_uart(const hal_t *h, Platform *p, std::string *sent)
{
  CHECK(rd(h, SOC_PERIPHERALS + SOC_UART_DATA) >> 31 == 1);
  for (const char *c = "hello"; *c; c++) wr(h, SOC_PERIPHERALS + SOC_UART_DATA, (uint8_t)*c);
  CHECK(*sent == "hello");
  wr(h, SOC_PERIPHERALS + SOC_IRQ_ENABLE, 1);
  wr(h, PLATFORM_INTC + PLATFORM_INTC_ENABLE, SOC_IRQ_UART);
  p->peripherals.receive('x');
  p->peripherals.receive('\xff');
  h->wait_irq(h->ctx);
  CHECK(pending(h) == SOC_IRQ_UART);
  CHECK(rd(h, SOC_PERIPHERALS + SOC_UART_STATUS) == 1);
  CHECK(rd(h, SOC_PERIPHERALS + SOC_UART_DATA) == 'x');
  CHECK(rd(h, SOC_PERIPHERALS + SOC_UART_DATA) == 0xff);
  CHECK(rd(h, SOC_PERIPHERALS + SOC_UART_STATUS) == 0);
  CHECK(pending(h) == 0);
  wr(h, SOC_PERIPHERALS + SOC_IRQ_ENABLE, 0);
}

// ---- Weft through its driver

struct Driver {
  const hal_t *h;
  weft_io_t io;
  explicit Driver(const hal_t *hal) : h(hal)
  {
    io.ctx = this;
    io.read32 = [](void *c, uint32_t o) { return rd(static_cast<Driver *>(c)->h, SOC_WEFT + o); };
    io.write32 = [](void *c, uint32_t o, uint32_t v) { wr(static_cast<Driver *>(c)->h, SOC_WEFT + o, v); };
    io.mem_read = [](void *c, uint32_t a, void *to, size_t n) {
      const hal_t *x = static_cast<Driver *>(c)->h;
      return x->read(x->ctx, SOC_DRAM + a, to, n);
    };
    io.mem_write = [](void *c, uint32_t a, const void *from, size_t n) {
      const hal_t *x = static_cast<Driver *>(c)->h;
      return x->write(x->ctx, SOC_DRAM + a, from, n);
    };
    io.now = [](void *c) { return ::now(static_cast<Driver *>(c)->h); };
    io.wait_until = [](void *c, uint64_t deadline) {
      const hal_t *x = static_cast<Driver *>(c)->h;
      alarm_at(x, deadline);
      x->wait_irq(x->ctx);
      return pending(x) & SOC_IRQ_WEFT ? 1 : 0;
    };
  }
};

// A list that copies `bytes` bytes within region 1 through the buffer: LOAD, then STORE.
void put_copy(const hal_t *h, uint32_t at, uint32_t from, uint32_t to, uint32_t bytes, int region)
{
  uint32_t rec[2][WEFT_CMD_WORDS];
  weft_cmd_t c;
  memset(&c, 0, sizeof c);
  c.dma.opcode = WEFT_CMD_LOAD;
  c.dma.region = region;
  c.dma.offset = from;
  c.dma.elem_bytes = bytes;
  c.dma.elems = c.dma.n0 = c.dma.n1 = 1;
  CHECK(!weft_cmd_pack(&c, rec[0]));
  c.dma.opcode = WEFT_CMD_STORE;
  c.dma.offset = to;
  c.dma.wait_en = 1 << WEFT_ENG_LOAD;
  c.dma.wait_load = 1;
  CHECK(!weft_cmd_pack(&c, rec[1]));
  CHECK(h->write(h->ctx, SOC_DRAM + at, rec, sizeof rec) == 0);
}

void test_weft(const hal_t *h)
{
  Driver d(h);
  weft_dev_t dev;
  weft_dev_error_t e;
  uint64_t counter[WEFT_COUNTERS];
  uint8_t data[96], back[97];
  for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(3 * i + 5);
  memset(back, 0x55, sizeof back);
  wr(h, SOC_PERIPHERALS + SOC_IRQ_ENABLE, 2);
  wr(h, PLATFORM_INTC + PLATFORM_INTC_ENABLE, SOC_IRQ_WEFT | SOC_IRQ_TIMER);
  CHECK(weft_dev_open(&dev, &d.io) == 0);
  CHECK(weft_dev_is(&dev, weft_config_find(RtlCore::configuration())));
  CHECK(weft_dev_region(&dev, 0, 0, 0x1000) == 0);
  CHECK(weft_dev_region(&dev, 1, 0x2000, 0x1000) == 0);
  CHECK(h->write(h->ctx, SOC_DRAM + 0x2003, data, sizeof data) == 0);         // unaligned both ways: byte enables
  CHECK(h->write(h->ctx, SOC_DRAM + 0x2805 - 1, back, sizeof back) == 0);
  put_copy(h, 0, 3, 0x805, sizeof data, 1);

  CHECK(weft_dev_start(&dev, 0, 2) == 0);
  CHECK(rd(h, SOC_WEFT + WEFT_REG_STATUS) & 1);                               // BUSY
  CHECK(weft_dev_start(&dev, 0, 2) == WEFT_DRV_E_STATE);
  CHECK(weft_dev_wait(&dev, weft_dev_deadline(&dev, 100000)) == 0);
  CHECK(!(pending(h) & SOC_IRQ_WEFT));                                        // the driver acknowledged it
  CHECK(h->read(h->ctx, SOC_DRAM + 0x2804, back, sizeof back) == 0);
  CHECK(back[0] == 0x55 && !memcmp(back + 1, data, sizeof data));
  CHECK(weft_dev_counters(&dev, counter) == 0);
  CHECK(counter[WEFT_CNT_CYCLES] > 20 && counter[WEFT_CNT_CYCLES] < 2000);
  CHECK(counter[WEFT_CNT_BUF_LOAD] == 6 && counter[WEFT_CNT_BUF_STORE] == 6);

  // A list that points outside its region: error by interrupt, nothing written, reset, usable again.
  put_copy(h, 0, 3, 0xfff, sizeof data, 1);
  uint32_t guard = 0x12345678, seen = 0;
  CHECK(h->write(h->ctx, SOC_DRAM + 0x3000, &guard, 4) == 0);
  CHECK(weft_dev_start(&dev, 0, 2) == 0);
  CHECK(weft_dev_wait(&dev, weft_dev_deadline(&dev, 100000)) == WEFT_DRV_E_DEVICE);
  CHECK(weft_dev_error(&dev, &e) == 0 && e.code == WEFT_ERR_WINDOW && e.engine == WEFT_ENG_STORE && e.command == 1);
  CHECK(h->read(h->ctx, SOC_DRAM + 0x3000, &seen, 4) == 0 && seen == guard);
  CHECK(weft_dev_start(&dev, 0, 2) == WEFT_DRV_E_STATE);
  CHECK(weft_dev_reset(&dev) == 0);

  // Memory that does not answer: a region beyond the DRAM.
  CHECK(weft_dev_region(&dev, 2, 0x100000, 0x1000) == 0);
  put_copy(h, 0, 0, 64, 64, 2);
  CHECK(weft_dev_start(&dev, 0, 2) == 0);
  CHECK(weft_dev_wait(&dev, weft_dev_deadline(&dev, 100000)) == WEFT_DRV_E_DEVICE);
  CHECK(weft_dev_error(&dev, &e) == 0 && e.code == WEFT_ERR_AXI_READ && e.engine == WEFT_ENG_LOAD);
  CHECK(weft_dev_reset(&dev) == 0);

  // An interrupt that never comes, here because its line is masked: the timer ends the wait.
  put_copy(h, 0, 3, 0x905, sizeof data, 1);
  wr(h, PLATFORM_INTC + PLATFORM_INTC_ENABLE, SOC_IRQ_TIMER);
  CHECK(weft_dev_start(&dev, 0, 2) == 0);
  uint64_t t = now(h);
  CHECK(d.io.wait_until(&d, weft_dev_deadline(&dev, 3000)) == 1);                                            // pending although masked
  CHECK(now(h) - t >= 3000);
  wr(h, PLATFORM_INTC + PLATFORM_INTC_ENABLE, SOC_IRQ_WEFT | SOC_IRQ_TIMER);
  CHECK(weft_dev_wait(&dev, weft_dev_deadline(&dev, 100)) == 0);

  // Reset in the middle of a job, then the same job again.
  memset(back, 0x55, sizeof back);
  CHECK(h->write(h->ctx, SOC_DRAM + 0x2904, back, sizeof back) == 0);
  CHECK(weft_dev_start(&dev, 0, 2) == 0);
  CHECK(weft_dev_reset(&dev) == 0);
  CHECK(d.io.wait_until(&d, weft_dev_deadline(&dev, 3000)) == 0);                                            // it does not finish after all
  CHECK(weft_dev_start(&dev, 0, 2) == 0);
  CHECK(weft_dev_wait(&dev, weft_dev_deadline(&dev, 100000)) == 0);
  CHECK(h->read(h->ctx, SOC_DRAM + 0x2904, back, sizeof back) == 0);
  CHECK(back[0] == 0x55 && !memcmp(back + 1, data, sizeof data));

  // START with no commands.
  wr(h, SOC_WEFT + WEFT_REG_CMD_COUNT, 0);
  wr(h, SOC_WEFT + WEFT_REG_CTRL, 1);
  CHECK(weft_dev_wait(&dev, weft_dev_deadline(&dev, 100000)) == WEFT_DRV_E_DEVICE);
  CHECK(weft_dev_error(&dev, &e) == 0 && e.code == WEFT_ERR_START);
  CHECK(weft_dev_reset(&dev) == 0);
}

}  // namespace

int sc_main(int argc, char **argv)
{
  if (argc != 2 || (strcmp(argv[1], "model") && strcmp(argv[1], "rtl"))) {
    fprintf(stderr, "usage: test_platform model|rtl\n");
    return 2;
  }
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  std::string sent;
  Platform *p = nullptr;
  bool ended = false;
  Platform::Setup s;
  s.cfg = weft_config_find(RtlCore::configuration());
  s.dram_bytes = kDram;
  s.rtl = !strcmp(argv[1], "rtl");
  s.firmware = [&](const hal_t *h) {
    test_bus(h);
    test_timer(h);
    test_uart(h, p, &sent);
    test_weft(h);
    ended = true;
  };
  Platform platform(s);
  p = &platform;
  platform.peripherals.sent = [&](char c) { sent += c; };
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_SEC));
  CHECK(ended);
  CHECK(platform.weft->violation().empty());
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
