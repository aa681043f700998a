/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of the bench beside each other, a process each: a crash or a leak in one does not touch the others, and their processor time is theirs alone.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

typedef struct { pid_t pid; int fd, row; } worker_t;
enum { MAX_JOBS = 16 };

/* A result fits a pipe's buffer, so the child never waits for its reader. */
_Static_assert(sizeof(bench_result_t) <= 4096, "a result must fit into a pipe");

static int start(worker_t *w, const bench_row_t *row, const bench_opts_t *o)
{
  int fd[2];
  if (pipe(fd)) return -1;
  fflush(NULL);
  w->pid = fork();
  if (w->pid == 0) {
    close(fd[0]);
    bench_result_t r;
    bench_measure(row, o, &r);
    _exit(write(fd[1], &r, sizeof r) == (ssize_t)sizeof r ? 0 : 1);
  }
  close(fd[1]);
  w->fd = fd[0];
  if (w->pid > 0) return 0;
  close(fd[0]);
  return -1;
}

static void collect(worker_t *w, int status, bench_result_t *r)
{
  if (read(w->fd, r, sizeof *r) != (ssize_t)sizeof *r) {
    *r = (bench_result_t){.state = BENCH_FAILED};
    if (WIFSIGNALED(status)) snprintf(r->why, sizeof r->why, "its process ended by signal %d", WTERMSIG(status));
    else snprintf(r->why, sizeof r->why, "its process ended without a result");
  }
  close(w->fd);
  w->pid = 0;
}

int bench_pool(const bench_row_t *row, int n, int jobs, const bool *wanted, const bench_opts_t *o, bench_result_t *result, void (*told)(void *ctx, int i),
               void *ctx)
{
  worker_t w[MAX_JOBS] = {{0, 0, 0}};
  if (jobs > MAX_JOBS) jobs = MAX_JOBS;
  for (int next = 0, running = 0; next < n || running;) {
    while (next < n && !wanted[next]) next++;
    worker_t *at = NULL;
    for (int k = 0; k < jobs && next < n; k++)
      if (!w[k].pid) at = &w[k];
    if (at) {
      at->row = next;
      if (start(at, &row[next], o)) return -1;
      next++;
      running++;
      continue;
    }
    if (!running) break;
    int status;
    pid_t pid = waitpid(-1, &status, 0);
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) return -1;
    for (int k = 0; k < jobs; k++)
      if (w[k].pid == pid) {
        collect(&w[k], status, &result[w[k].row]);
        running--;
        told(ctx, w[k].row);
      }
  }
  return 0;
}
