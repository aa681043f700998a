/* SPDX-License-Identifier: Apache-2.0
 *
 * See serial.h. Replies follow the runner's: "m-<what>-...", one line each.
 */
#include "serial.h"

#include "board.h"
#include "print.h"

static void error(const char *what, const char *detail)
{
  print_str("e-[");
  print_str(what);
  print_str(detail);
  print_str("]\r\n");
}

static void ready(void) { print_str("m-ready\r\n"); }

static void timestamp(void)
{
  print_str("m-lap-us-");
  print_u64(board_cycles() / board_mhz());
  print_str("\r\n");
}

void serial_start(serial_t *s, fwnet_t *net, uint8_t *input, uint32_t room)
{
  *s = (serial_t){.net = net, .input = input, .room = room};
  print_str("m-timestamp-mode-performance\r\n");
  timestamp();
  print_str("m-init-done\r\n");
  ready();
}

/* A decimal number at *at; false when there is none or it exceeds 10^6. */
static bool number(const char **at, uint32_t *v)
{
  const char *p = *at;
  while (*p == ' ') p++;
  if (*p < '0' || *p > '9') return false;
  for (*v = 0; *p >= '0' && *p <= '9'; p++)
    if ((*v = *v * 10 + (uint32_t)(*p - '0')) > 1000000) return false;
  *at = p;
  return true;
}

static bool ends(const char *p)
{
  while (*p == ' ') p++;
  return !*p;
}

static int nibble(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  c = (char)(c | 32);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void db_load(serial_t *s, const char *p)
{
  uint32_t n, input;
  fwnet_input(s->net, 0, &input);
  if (!number(&p, &n) || !ends(p)) return error("db load needs a number of bytes: ", p);
  if (n != input || n > s->room) {
    print_str("e-[db load: the network's input has ");
    print_u64(input);
    return print_str(" bytes]\r\n");
  }
  s->want = n;
  s->have = 0;
  print_str("m-[Expecting ");
  print_u64(n);
  print_str(" bytes]\r\n");
}

static void db_bytes(serial_t *s, const char *p)
{
  if (!s->want) return error("db: no `db load` before", "");
  if (strlen(p) % 2) return error("db: odd number of hex digits", "");
  if (strlen(p) / 2 > s->want - s->have) return error("db: more bytes than announced", "");
  for (; *p; p += 2) {
    int hi = nibble(p[0]), lo = nibble(p[1]);
    if (hi < 0 || lo < 0) return error("db: not a hex digit: ", p);
    s->input[s->have++] = (uint8_t)(hi << 4 | lo);
  }
  if (s->have == s->want) print_str("m-load-done\r\n");
}

/* n times the same input, each an inference of its own: variables start anew. */
static bool infer_times(serial_t *s, uint32_t n)
{
  weft_msg_t m = {""};
  for (uint32_t i = 0; i < n; i++) {
    uint32_t bytes;
    uint8_t *to = fwnet_input(s->net, 0, &bytes);
    fwnet_reset(s->net);
    memcpy(to, s->input, bytes);
    if (fwnet_infer(s->net, &m)) {
      error(m.msg, "");
      return false;
    }
  }
  return true;
}

static void infer(serial_t *s, const char *p)
{
  uint32_t n, warm = 0;
  if (!number(&p, &n) || n < 1) return error("infer needs a number of inferences >= 1", "");
  if (!ends(p) && (!number(&p, &warm) || !ends(p))) return error("infer: the warm-up is not a number", "");
  if (!s->want || s->have != s->want) return error("infer: no input; use `db load` and `db`", "");
  print_str("m-warmup-start-");
  print_u64(warm);
  print_str("\r\n");
  if (!infer_times(s, warm)) return;
  print_str("m-warmup-done\r\nm-infer-start-");
  print_u64(n);
  print_str("\r\n");
  timestamp();
  if (!infer_times(s, n)) return;
  timestamp();
  print_str("m-infer-done\r\n");
}

static void results(serial_t *s)
{
  uint32_t bytes;
  const uint8_t *out = fwnet_output(s->net, 0, &bytes);
  const weft_tensor_t *t = fwnet_output_tensor(s->net, 0);
  if (t->type != WEFT_I8 || t->nscale != 1) return error("results: the output is not quantised int8", "");
  print_str("m-results-[");
  for (uint32_t i = 0; i < bytes; i++) {
    if (i) print_str(",");
    print_scaled((int8_t)out[i] - t->zero[0], t->scale[0]);
  }
  print_str("]\r\n");
}

static int run(serial_t *s)
{
  const char *c = s->command;
  if (!strcmp(c, "name")) {
    print_str("m-name-dut-[Weft ");
    print_str(s->net->head->config);
    print_str("]\r\n");
  } else if (!strcmp(c, "profile")) {
    print_str("m-profile-[Weft firmware ");
    print_u64(WEFT_VERSION_MAJOR);
    print_str(".");
    print_u64(WEFT_VERSION_MINOR);
    print_str(".");
    print_u64(WEFT_VERSION_PATCH);
    print_str("]\r\nm-model-[");
    print_str(s->net->head->name);
    print_str("]\r\n");
  } else if (!strcmp(c, "timestamp")) {
    timestamp();
  } else if (!strcmp(c, "help")) {
    print_str("name% profile% timestamp% db load N% db HEX% infer N W% results% exit%\r\n");
  } else if (!strncmp(c, "db load ", 8)) {
    db_load(s, c + 8);
  } else if (!strncmp(c, "db ", 3)) {
    db_bytes(s, c + 3);
  } else if (!strncmp(c, "infer ", 6)) {
    infer(s, c + 6);
  } else if (!strcmp(c, "results")) {
    results(s);
  } else if (!strcmp(c, "exit")) {
    return 1;
  } else {
    error("Unknown command: ", c);
  }
  return 0;
}

int serial_byte(serial_t *s, uint8_t byte)
{
  if (byte == '\r' || byte == '\n') return 0;
  if (byte != '%') {
    if (s->length < SERIAL_COMMAND) s->command[s->length] = (char)byte;
    if (s->length <= SERIAL_COMMAND) s->length++;      /* one more than fits: too long */
    return 0;
  }
  int end = 0;
  if (s->length > SERIAL_COMMAND) {
    error("command longer than 80 bytes", "");
  } else {
    s->command[s->length] = 0;
    end = run(s);
  }
  s->length = 0;
  ready();
  return end;
}
