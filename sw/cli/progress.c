/* SPDX-License-Identifier: Apache-2.0
 *
 * One line of progress with an estimate of the time left, on standard error and only when that is a terminal.
 */
#include <time.h>
#include <unistd.h>

#include "cli.h"

double seconds_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void progress_begin(progress_t *p, const char *what)
{
  *p = (progress_t){.on = isatty(STDERR_FILENO) != 0, .start = seconds_now(), .what = what};
}

void progress_step(progress_t *p, double done)
{
  double now = seconds_now();
  if (!p->on || now - p->shown < 0.2) return;
  p->shown = now;
  fprintf(stderr, "\r%s %3.0f %%", p->what, 100 * done);
  if (done > 0.02) fprintf(stderr, ", %.0f s left", (now - p->start) * (1 - done) / done);
  fprintf(stderr, "\033[K");
}

void progress_end(progress_t *p)
{
  if (p->on && p->shown > 0) fprintf(stderr, "\r\033[K");
}
