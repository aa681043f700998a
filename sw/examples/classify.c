/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads a .tflite network, runs one input on a Weft device and prints the best class: all of weft.h that most programs need.
 *
 *   cc classify.c $(pkg-config --cflags --libs weft) -o classify
 *   ./classify net.tflite [input.bin [configuration [model|rtl]]]     without a file the input is zero, quantised
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weft.h>

static int8_t *read_input(const char *path, const weft_tensor_info_t *t)
{
  int8_t *x = malloc(t->bytes);
  FILE *f = path ? fopen(path, "rb") : NULL;
  if (x && !path) memset(x, t->zero, t->bytes);
  if (x && path && (!f || fread(x, 1, t->bytes, f) != t->bytes || getc(f) != EOF)) {
    fprintf(stderr, "%s: cannot be read, or not %zu bytes\n", path, t->bytes);
    free(x);
    x = NULL;
  }
  if (f) fclose(f);
  return x;
}

static void print_result(const weft_session_t *s, const weft_plan_info_t *plan, const weft_tensor_info_t *t, const int8_t *y)
{
  size_t best = 0;
  for (size_t i = 1; i < t->bytes; i++)
    if (y[i] > y[best]) best = i;
  printf("class %zu, score %g\n", best, (double)t->scale * (y[best] - t->zero));
  printf("%d layers on the NPU, %d on the CPU, %llu MACs\n", plan->npu_layers, plan->cpu_layers, (unsigned long long)plan->macs);
  uint64_t n;
  for (int i = 0; weft_list_counter(i); i++)
    if (!weft_session_counter(s, i, -1, &n, NULL) && n) printf("%-12s %llu\n", weft_list_counter(i), (unsigned long long)n);
}

int main(int argc, char **argv)
{
  const char *config = argc > 3 ? argv[3] : "weft144", *target = argc > 4 ? argv[4] : "model";
  weft_net_t *net = NULL;
  weft_plan_t *plan = NULL;
  weft_device_t *device = NULL;
  weft_session_t *session = NULL;
  weft_tensor_info_t in, out;
  weft_plan_info_t info;
  weft_msg_t m = {"usage: classify net.tflite [input.bin [configuration [model|rtl]]]"};
  int8_t *x = NULL, *y = NULL;

  int ok = argc > 1 && !weft_net_load(argv[1], &net, &m) && !weft_net_input(net, 0, &in, &m) && !weft_net_output(net, 0, &out, &m) &&
           !weft_plan_make(net, config, 0, &plan, &m) && !weft_plan_info(plan, &info, &m) &&
           !weft_device_open(target, config, NULL, &device, &m) && !weft_session_open(device, plan, &session, &m);
  if (ok && (x = read_input(argc > 2 ? argv[2] : NULL, &in)) && (y = malloc(out.bytes))) {
    ok = !weft_session_write(session, 0, x, in.bytes, &m) && !weft_session_run(session, &m) &&
         !weft_session_read(session, 0, y, out.bytes, &m);
    if (ok) print_result(session, &info, &out, y);
  }
  if (!ok) fprintf(stderr, "classify: %s\n", m.msg);
  free(x);
  free(y);
  weft_session_close(session);
  weft_device_close(device);
  weft_plan_free(plan);
  weft_net_free(net);
  return ok && y ? 0 : 1;
}
