/* SPDX-License-Identifier: Apache-2.0
 *
 * .npy and raw tensor files: what numpy writes is read, what we write is what numpy writes, damaged headers are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "import/npy.h"
#include "import/readfile.h"

/* A file made of a header text and `bytes` values 0, 1, 2...; numpy's padding is not needed to read it. Freed by the caller. */
static uint8_t *make(const char *header, size_t bytes, size_t *size) {
  size_t n = strlen(header);
  uint8_t *p = malloc(10 + n + bytes);
  assert_non_null(p);
  memcpy(p, "\x93NUMPY\x01\x00", 8);
  p[8] = (uint8_t)(n & 0xff);
  p[9] = (uint8_t)(n >> 8);
  memcpy(p + 10, header, n);
  for (size_t i = 0; i < bytes; i++) p[10 + n + i] = (uint8_t)i;
  *size = 10 + n + bytes;
  return p;
}

/* Exactly what numpy 2 writes for np.arange(6, dtype='int8').reshape(1, 2, 3): 128 bytes and the values. */
static void numpy_bytes(uint8_t file[134]) {
  static const char head[] = "\x93NUMPY\x01\x00v\x00{'descr': '|i1', 'fortran_order': False, 'shape': (1, 2, 3), }";
  memset(file, ' ', 128);
  memcpy(file, head, sizeof head - 1);
  file[127] = '\n';
  for (int i = 0; i < 6; i++) file[128 + i] = (uint8_t)i;
}

static void reads_numpy(void **state) {
  (void)state;
  uint8_t file[134];
  weft_npy_t a;
  weft_msg_t m;
  numpy_bytes(file);
  if (weft_npy_parse(file, sizeof file, &a, &m)) fail_msg("%s", m.msg);
  assert_int_equal(a.type, WEFT_I8);
  assert_int_equal(a.rank, 3);
  assert_int_equal(a.dim[0], 1);
  assert_int_equal(a.dim[1], 2);
  assert_int_equal(a.dim[2], 3);
  assert_int_equal(a.elements, 6);
  assert_memory_equal(a.data, "\0\1\2\3\4\5", 6);
  weft_npy_free(&a);
  assert_null(a.data);
}

static void accepts(const char *header, weft_dtype_t type, int rank, size_t elements) {
  size_t size, bytes = elements * weft_dtype_size(type);
  uint8_t *p = make(header, bytes, &size);
  weft_npy_t a;
  weft_msg_t m;
  if (weft_npy_parse(p, size, &a, &m)) fail_msg("%s: %s", header, m.msg);
  assert_int_equal(a.type, type);
  assert_int_equal(a.rank, rank);
  assert_int_equal(a.elements, elements);
  assert_memory_equal(a.data, p + size - bytes, bytes);
  weft_npy_free(&a);
  free(p);
}

static void reads_variants(void **state) {
  (void)state;
  accepts("{'descr': '|u1', 'fortran_order': False, 'shape': (7,), }", WEFT_U8, 1, 7);
  accepts("{'descr': '<i4', 'fortran_order': False, 'shape': (), }", WEFT_I32, 0, 1);
  accepts("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,2,3)}\n", WEFT_F32, 6, 6);
  accepts("{ \"shape\":(4 , 5 ),\"fortran_order\" : False,\"descr\":\"<i1\" }   ", WEFT_I8, 2, 20);
}

static void refuses(const char *header, size_t bytes, int code, const char *words) {
  size_t size;
  uint8_t *p = make(header, bytes, &size);
  weft_npy_t a;
  weft_msg_t m = {{0}};
  assert_int_equal(weft_npy_parse(p, size, &a, &m), code);
  assert_null(a.data);
  if (!strstr(m.msg, words)) fail_msg("message: %s\nexpected to hold: %s", m.msg, words);
  free(p);
}

static void refuses_bad_headers(void **state) {
  (void)state;
  const int F = WEFT_E_FORMAT, U = WEFT_E_UNSUPPORTED;
  refuses("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", 16, U, "type '<f8'; accepted: '|i1' '|u1' '<i4' '<f4'");
  refuses("{'descr': '>i4', 'fortran_order': False, 'shape': (2,), }", 8, U, "type '>i4'");
  refuses("{'descr': [('a', '|i1')], 'fortran_order': False, 'shape': (2,), }", 2, U, "names no simple type");
  refuses("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 2), }", 4, U, "fortran_order is not False");
  refuses("{'descr': '|i1', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1), }", 1, U, "more than 6 dimensions");
  refuses("{'descr': '|i1', 'fortran_order': False, 'shape': (65536, 65536), }", 1, U, "more than 2^31 - 1 values");
  refuses("{'descr': '|i1', 'fortran_order': False, 'shape': (0, 3), }", 0, F, "sizes from 1 to 2^31 - 1");
  refuses("{'descr': '|i1', 'fortran_order': False, 'shape': (-3,), }", 3, F, "sizes from 1");
  refuses("{'descr': '|i1', 'fortran_order': False, 'shape': (99999999999999999999999,), }", 3, F, "sizes from 1");
  refuses("{'descr': '|i1', 'fortran_order': False, 'shape': (3 3), }", 9, F, "not a list of sizes");
  refuses("{'descr': '|i1', 'fortran_order': False, 'shape': 3, }", 3, F, "no shape in parentheses");
  refuses("{'descr': '|i1', 'fortran_order': False, 'shape': (3,", 3, F, "sizes from 1");
  refuses("{'descr': '|i1', 'fortran_order': False, }", 3, F, "lacks descr, fortran_order or shape");
  refuses("{'descr': '|i1', 'descr': '|i1', 'shape': (3,)}", 3, F, "unknown key or one twice");
  refuses("{'descr': '|i1", 3, U, "names no simple type");
  refuses("{'descr': '|i1' 'shape': (3,)}", 3, F, "ends inside its dictionary");
  refuses("{'descr': '|i1', 'fortran_order': False, 'shape': (3,)} + x", 3, F, "goes on after its dictionary");
  refuses("'descr'", 3, F, "not a dictionary");
  refuses("", 3, F, "not a dictionary");
  refuses("{'descr': '|i1', 'fortran_order': False, 'shape': (3,), }", 2, F, "holds 2 bytes of values; its shape and type ask for 3");
  refuses("{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }", 13, F, "holds 13 bytes of values; its shape and type ask for 12");
}

static void refuses_bad_frames(void **state) {
  (void)state;
  uint8_t file[134];
  weft_npy_t a;
  weft_msg_t m;
  for (size_t n = 0; n < sizeof file; n++) {   /* cut anywhere; an own block, so that a sanitizer sees a read past the end */
    numpy_bytes(file);
    uint8_t *part = malloc(n ? n : 1);
    memcpy(part, file, n);
    assert_true(weft_npy_parse(part, n, &a, &m) < 0);
    assert_null(a.data);
    free(part);
  }
  numpy_bytes(file);
  file[6] = 2;
  assert_int_equal(weft_npy_parse(file, sizeof file, &a, &m), WEFT_E_UNSUPPORTED);
  assert_string_equal(m.msg, ".npy version 2.0; accepted: 1.0");
  numpy_bytes(file);
  file[9] = 0xff;
  assert_int_equal(weft_npy_parse(file, sizeof file, &a, &m), WEFT_E_FORMAT);
  assert_non_null(strstr(m.msg, "header of 65398 bytes in a file of 134"));
  file[0] = 'x';
  assert_int_equal(weft_npy_parse(file, sizeof file, &a, &m), WEFT_E_FORMAT);
  assert_non_null(strstr(m.msg, "not a .npy file"));
}

/* A file that is gone after the test. */
static char path[] = "/tmp/weft-npy-XXXXXX";
static int open_path(void **state) {
  (void)state;
  int fd = mkstemp(path);
  return fd < 0 ? -1 : close(fd);
}
static int remove_path(void **state) {
  (void)state;
  return unlink(path);
}

static void writes_as_numpy(void **state) {
  (void)state;
  uint8_t expected[134];
  int8_t values[6] = {0, 1, 2, 3, 4, 5};
  weft_npy_t a = {.type = WEFT_I8, .rank = 3, .dim = {1, 2, 3}, .elements = 6, .data = values};
  weft_msg_t m;
  void *got;
  size_t size;
  if (weft_npy_write(path, &a, &m)) fail_msg("%s", m.msg);
  if (weft_read_file(path, &got, &size, &m)) fail_msg("%s", m.msg);
  numpy_bytes(expected);
  assert_int_equal(size, sizeof expected);
  assert_memory_equal(got, expected, sizeof expected);
  free(got);
}

static void writes_and_reads_all(void **state) {
  (void)state;
  static const weft_dtype_t types[] = {WEFT_I8, WEFT_U8, WEFT_I32, WEFT_F32};
  static uint8_t values[4 * 2 * 3 * 5];
  for (size_t i = 0; i < sizeof values; i++) values[i] = (uint8_t)(i * 37 + 11);
  for (int rank = 0; rank <= WEFT_MAX_RANK; rank++)
    for (int k = 0; k < 4; k++) {
      weft_npy_t a = {.type = types[k], .rank = rank, .dim = {1, 1, 1, 1, 1, 1}, .elements = rank ? 30 : 1, .data = values}, b;
      weft_msg_t m;
      if (rank) a.dim[rank - 1] = 30;
      if (weft_npy_write(path, &a, &m) || weft_npy_read(path, &b, &m)) fail_msg("%s", m.msg);
      assert_int_equal(b.type, a.type);
      assert_int_equal(b.rank, a.rank);
      assert_memory_equal(b.dim, a.dim, (size_t)rank * sizeof *a.dim);
      assert_memory_equal(b.data, values, a.elements * weft_dtype_size(a.type));
      weft_npy_free(&b);
    }
}

static void reports_file_errors(void **state) {
  (void)state;
  weft_npy_t a = {.type = WEFT_I8, .rank = 1, .dim = {4}, .elements = 4, .data = "abc"}, b;
  weft_msg_t m;
  void *data;
  assert_int_equal(weft_npy_write("no/such/folder/y.npy", &a, &m), WEFT_E_FILE);
  assert_string_equal(m.msg, "no/such/folder/y.npy: No such file or directory");
  assert_int_equal(weft_npy_write("/dev/full", &a, &m), WEFT_E_FILE);
  assert_string_equal(m.msg, "/dev/full: No space left on device");
  assert_int_equal(weft_npy_read("/dev/null", &b, &m), WEFT_E_FORMAT);
  assert_non_null(strstr(m.msg, "/dev/null: not a .npy file"));
  a.elements = 5;
  assert_int_equal(weft_npy_write(path, &a, &m), WEFT_E_ARG);
  a.elements = 4;
  a.type = WEFT_I64;
  assert_int_equal(weft_npy_write(path, &a, &m), WEFT_E_ARG);
  a.type = WEFT_I8;
  assert_int_equal(weft_npy_write(path, &a, &m), WEFT_OK);
  assert_int_equal(weft_bin_read(path, 131, &data, &m), WEFT_E_FORMAT);
  assert_non_null(strstr(m.msg, "holds 132 bytes; the tensor has 131"));
  assert_null(data);
  assert_int_equal(weft_bin_read(path, 132, &data, &m), WEFT_OK);
  assert_memory_equal((char *)data + 128, "abc", 4);
  free(data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_numpy), cmocka_unit_test(reads_variants), cmocka_unit_test(refuses_bad_headers), cmocka_unit_test(refuses_bad_frames),
      cmocka_unit_test(writes_as_numpy), cmocka_unit_test(writes_and_reads_all), cmocka_unit_test(reports_file_errors)};
  return cmocka_run_group_tests_name("npy", tests, open_path, remove_path);
}
