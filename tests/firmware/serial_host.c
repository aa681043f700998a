/* SPDX-License-Identifier: Apache-2.0
 *
 * A host for the firmware's serial protocol: drives it as MLPerf Tiny's runner would, and checks every reply and the result.
 *
 * usage: serial_host TTY INPUT.bin RESULTS.txt CONFIG MODEL
 * RESULTS.txt holds the golden model's first output, dequantised. Prints `<n> passed, <n> failed, 0 skipped`.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { REPLY = 1 << 16, CHUNK = 32, SECONDS = 120 };

static int tty, passed, failed;
static char reply[REPLY];

/* Reads until "m-ready"; false when it does not come in time. */
static int until_ready(void)
{
  size_t n = 0;
  time_t end = time(NULL) + SECONDS;
  reply[0] = 0;
  while (!strstr(reply, "m-ready\r\n")) {
    struct pollfd p = {tty, POLLIN, 0};
    if (time(NULL) > end || n + 1 >= REPLY) return 0;
    if (poll(&p, 1, 1000) <= 0) continue;
    ssize_t k = read(tty, reply + n, REPLY - 1 - n);
    if (k <= 0) return 0;
    n += (size_t)k;
    reply[n] = 0;
  }
  return 1;
}

static int send_command(const char *c)
{
  size_t n = strlen(c);
  return write(tty, c, n) == (ssize_t)n && write(tty, "%", 1) == 1 && until_ready();
}

/* Sends and looks for every text, in this order, up to NULL. */
static void expect(const char *command, const char *const *want)
{
  int ok = send_command(command);
  const char *at = reply;
  for (; ok && *want; want++) {
    const char *found = strstr(at, *want);
    if (!found) ok = 0;
    else at = found + strlen(*want);
  }
  if (ok) passed++;
  else failed++;
  if (!ok) printf("FAILED %.40s%%: no '%s' in the reply:\n%s\n", command, *want ? *want : "m-ready", reply);
}
#define EXPECT(command, ...) expect(command, (const char *const[]){__VA_ARGS__, NULL})

static long read_all(const char *path, char *to, long room)
{
  FILE *f = fopen(path, "rb");
  long n = f ? (long)fread(to, 1, (size_t)room, f) : -1;
  if (f) fclose(f);
  return n;
}

static unsigned long lap(void)
{
  const char *at = strstr(reply, "m-lap-us-");
  return at ? strtoul(at + 9, NULL, 10) : 0;
}

static void load(const unsigned char *input, long n)
{
  for (long at = 0; at < n; at += CHUNK) {
    char c[8 + 2 * CHUNK] = "db ";
    long k = n - at < CHUNK ? n - at : CHUNK;
    for (long i = 0; i < k; i++) sprintf(c + 3 + 2 * i, "%02X", input[at + i]);
    if (at + k < n) EXPECT(c, "m-ready");
    else EXPECT(c, "m-load-done", "m-ready");
  }
}

int main(int argc, char **argv)
{
  static unsigned char input[1 << 20];
  static char results[REPLY], want[REPLY + 32], text[128];
  if (argc != 6 || (tty = open(argv[1], O_RDWR | O_NOCTTY)) < 0) return 2;
  long n = read_all(argv[2], (char *)input, sizeof input), r = read_all(argv[3], results, REPLY - 1);
  if (n < 1 || r < 1) return 2;
  results[strcspn(results, "\n")] = 0;
  if (!until_ready() || !strstr(reply, "m-init-done\r\n")) {
    printf("FAILED no m-init-done and m-ready after the start:\n%s\n", reply);
    return 1;
  }
  snprintf(text, sizeof text, "m-name-dut-[Weft %s]\r\n", argv[4]);
  EXPECT("name", text);
  snprintf(text, sizeof text, "m-model-[%s]\r\n", argv[5]);
  EXPECT("profile", "m-profile-[", text);
  EXPECT("timestamp", "m-lap-us-");
  unsigned long first = lap();
  EXPECT("timestamp", "m-lap-us-");
  if (lap() > first) passed++;
  else printf("FAILED time stands still: %lu, %lu\n", first, lap()), failed++;

  EXPECT("bogus", "e-[Unknown command: bogus]");
  EXPECT("infer 1 0", "e-[infer: no input");
  EXPECT("db 00", "e-[db: no `db load` before");
  EXPECT("db load 3", "e-[db load: the network's input has ");
  EXPECT("db load many", "e-[db load needs a number");
  EXPECT("infer x", "e-[infer needs a number");
  memset(text, 'x', 100);
  text[100] = 0;
  EXPECT(text, "e-[command longer than 80 bytes]");
  snprintf(text, sizeof text, "db load %ld", n);
  EXPECT(text, "m-[Expecting ", " bytes]");
  EXPECT("db 0", "e-[db: odd number");
  EXPECT("db 0g", "e-[db: not a hex digit");
  EXPECT(text, "m-[Expecting ");
  load(input, n);
  EXPECT("db 00", "e-[db: more bytes than announced]");
  EXPECT("infer 2 1", "m-warmup-start-1", "m-warmup-done", "m-infer-start-2", "m-lap-us-", "m-lap-us-", "m-infer-done");
  snprintf(want, sizeof want, "m-results-[%s]\r\n", results);
  EXPECT("results", want);
  EXPECT("exit", "m-ready");
  printf("%d passed, %d failed, 0 skipped\n", passed, failed);
  return failed != 0;
}
