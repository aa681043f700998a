/* SPDX-License-Identifier: Apache-2.0
 *
 * Tensors in files: NumPy's .npy (version 1.0) and raw bytes.
 *
 * A .npy file is: the 6-byte magic, version 1 0, a little-endian 16-bit header length, and a header that is a Python
 * dictionary literal with the keys descr, fortran_order and shape, padded with spaces to a multiple of 64 and a newline; then
 * the values. The keys are accepted in any order.
 */
#include "npy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "readfile.h"

enum { PREAMBLE = 10, ALIGN = 64 };
static const char magic[8] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0};

static const struct { weft_dtype_t type; char name[4]; } types[] = {
    {WEFT_I8, "|i1"}, {WEFT_U8, "|u1"}, {WEFT_I32, "<i4"}, {WEFT_F32, "<f4"}};
enum { TYPES = sizeof types / sizeof types[0] };

/* Reader of the header: never moves past end. */
typedef struct { const char *at, *end; } cursor_t;

static void spaces(cursor_t *c) {
  while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t')) c->at++;
}

static bool accept(cursor_t *c, const char *word) {
  size_t n = strlen(word);
  spaces(c);
  if ((size_t)(c->end - c->at) < n || memcmp(c->at, word, n) != 0) return false;
  c->at += n;
  return true;
}

/* 'text' or "text", of at most size - 1 characters. */
static bool quoted(cursor_t *c, char *text, size_t size) {
  spaces(c);
  if (c->at == c->end || (*c->at != '\'' && *c->at != '"')) return false;
  char quote = *c->at++;
  size_t n = 0;
  while (c->at < c->end && *c->at != quote && n + 1 < size) text[n++] = *c->at++;
  text[n] = 0;
  return c->at < c->end && *c->at++ == quote;
}

static bool number(cursor_t *c, int64_t *value) {
  spaces(c);
  const char *from = c->at;
  for (*value = 0; c->at < c->end && *c->at >= '0' && *c->at <= '9' && *value <= INT32_MAX; c->at++) *value = *value * 10 + (*c->at - '0');
  return c->at > from && *value <= INT32_MAX;
}

static int parse_type(cursor_t *c, weft_npy_t *a, weft_msg_t *m) {
  char name[16];
  if (!quoted(c, name, sizeof name))
    return weft_fail(m, WEFT_E_UNSUPPORTED, "header names no simple type; accepted: int8, uint8, int32, float32");
  for (int i = 0; i < TYPES; i++)
    /* One-byte types have no byte order; some writers put one there. */
    if (strcmp(name, types[i].name) == 0 || (types[i].name[0] == '|' && strchr("<>=", name[0]) && strcmp(name + 1, types[i].name + 1) == 0)) {
      a->type = types[i].type;
      return WEFT_OK;
    }
  for (char *s = name; *s; s++)
    if ((unsigned char)*s < 0x20 || (unsigned char)*s > 0x7e) *s = '?';
  return weft_fail(m, WEFT_E_UNSUPPORTED, "type '%s'; accepted: '|i1' '|u1' '<i4' '<f4' (int8, uint8, int32, float32)", name);
}

static int parse_shape(cursor_t *c, weft_npy_t *a, weft_msg_t *m) {
  if (!accept(c, "(")) return weft_fail(m, WEFT_E_FORMAT, "header has no shape in parentheses");
  while (!accept(c, ")")) {
    int64_t d;
    if (!number(c, &d) || d < 1) return weft_fail(m, WEFT_E_FORMAT, "shape holds something else than sizes from 1 to 2^31 - 1");
    if (a->rank == WEFT_MAX_RANK) return weft_fail(m, WEFT_E_UNSUPPORTED, "shape of more than %d dimensions", WEFT_MAX_RANK);
    a->dim[a->rank++] = (int32_t)d;
    if (accept(c, ",")) continue;
    if (accept(c, ")")) break;
    return weft_fail(m, WEFT_E_FORMAT, "shape is not a list of sizes");
  }
  a->elements = 1;
  for (int i = 0; i < a->rank; i++) {
    if (a->elements > (size_t)INT32_MAX / (size_t)a->dim[i]) return weft_fail(m, WEFT_E_UNSUPPORTED, "shape asks for more than 2^31 - 1 values");
    a->elements *= (size_t)a->dim[i];
  }
  return WEFT_OK;
}

static int parse_header(cursor_t c, weft_npy_t *a, weft_msg_t *m) {
  bool descr = false, order = false, shape = false;
  if (!accept(&c, "{")) return weft_fail(m, WEFT_E_FORMAT, "header is not a dictionary");
  while (!accept(&c, "}")) {
    char key[16];
    int e = WEFT_OK;
    if (!quoted(&c, key, sizeof key) || !accept(&c, ":")) return weft_fail(m, WEFT_E_FORMAT, "header is not a list of 'key': value");
    if (!strcmp(key, "descr") && !descr) {
      descr = true;
      e = parse_type(&c, a, m);
    } else if (!strcmp(key, "shape") && !shape) {
      shape = true;
      e = parse_shape(&c, a, m);
    } else if (!strcmp(key, "fortran_order") && !order) {
      order = true;
      if (!accept(&c, "False")) e = weft_fail(m, WEFT_E_UNSUPPORTED, "fortran_order is not False; save it with numpy.ascontiguousarray()");
    } else {
      e = weft_fail(m, WEFT_E_FORMAT, "header has an unknown key or one twice");
    }
    if (e) return e;
    if (!accept(&c, ",") && (c.at == c.end || *c.at != '}')) return weft_fail(m, WEFT_E_FORMAT, "header ends inside its dictionary");
  }
  spaces(&c);
  if (c.at != c.end) return weft_fail(m, WEFT_E_FORMAT, "header goes on after its dictionary");
  if (!descr || !order || !shape) return weft_fail(m, WEFT_E_FORMAT, "header lacks descr, fortran_order or shape");
  return WEFT_OK;
}

static int parse(const uint8_t *p, size_t size, weft_npy_t *a, weft_msg_t *m) {
  if (size < PREAMBLE || memcmp(p, magic, 6) != 0) return weft_fail(m, WEFT_E_FORMAT, "not a .npy file: it does not start with \\x93NUMPY");
  if (p[6] != magic[6] || p[7] != magic[7]) return weft_fail(m, WEFT_E_UNSUPPORTED, ".npy version %u.%u; accepted: 1.0", p[6], p[7]);
  size_t header = (size_t)p[8] | (size_t)p[9] << 8;
  if (header > size - PREAMBLE) return weft_fail(m, WEFT_E_FORMAT, "header of %zu bytes in a file of %zu", header, size);
  const char *text = (const char *)p + PREAMBLE;
  int e = parse_header((cursor_t){text, text + header}, a, m);
  if (e) return e;
  size_t have = size - PREAMBLE - header, want = a->elements * weft_dtype_size(a->type);
  if (have != want) return weft_fail(m, WEFT_E_FORMAT, "holds %zu bytes of values; its shape and type ask for %zu", have, want);
  a->data = malloc(want);
  if (!a->data) return weft_fail(m, WEFT_E_MEMORY, "no memory for %zu bytes", want);
  memcpy(a->data, text + header, want);
  return WEFT_OK;
}

int weft_npy_parse(const void *bytes, size_t size, weft_npy_t *a, weft_msg_t *m) {
  if (!bytes || !a) return weft_fail(m, WEFT_E_ARG, "weft_npy_parse: a pointer is NULL");
  memset(a, 0, sizeof *a);
  int e = parse(bytes, size, a, m);
  if (e) memset(a, 0, sizeof *a);
  return e;
}

int weft_npy_read(const char *path, weft_npy_t *a, weft_msg_t *m) {
  if (!a) return weft_fail(m, WEFT_E_ARG, "weft_npy_read: no place for the result");
  memset(a, 0, sizeof *a);
  void *bytes;
  size_t size;
  int e = weft_read_file(path, &bytes, &size, m);
  if (e) return e;
  weft_msg_t why = {{0}};
  e = weft_npy_parse(bytes, size, a, &why);
  free(bytes);
  return e ? weft_fail(m, e, "%.120s: %s", path, why.msg) : WEFT_OK;
}

void weft_npy_free(weft_npy_t *a) {
  if (!a) return;
  free(a->data);
  memset(a, 0, sizeof *a);
}

int weft_npy_write(const char *path, const weft_npy_t *a, weft_msg_t *m) {
  if (!path || !a || !a->data || a->rank < 0 || a->rank > WEFT_MAX_RANK) return weft_fail(m, WEFT_E_ARG, "weft_npy_write: not a tensor");
  const char *type = NULL;
  size_t product = 1;
  for (int i = 0; i < TYPES; i++)
    if (types[i].type == a->type) type = types[i].name;
  for (int i = 0; i < a->rank; i++) product *= a->dim[i] > 0 ? (size_t)a->dim[i] : 0;
  if (!type || product != a->elements)
    return weft_fail(m, WEFT_E_ARG, "%.120s: cannot write %zu values of %s; shape and count must agree, types: INT8 UINT8 INT32 FLOAT32",
                     path, a->elements, weft_dtype_name(a->type));

  char head[PREAMBLE + 4 * ALIGN];   /* 6 sizes of up to 10 digits and the fixed words take less than 150 */
  memcpy(head, magic, sizeof magic);
  size_t n = PREAMBLE, room = sizeof head;
  n += (size_t)snprintf(head + n, room - n, "{'descr': '%s', 'fortran_order': False, 'shape': (", type);
  for (int i = 0; i < a->rank; i++) n += (size_t)snprintf(head + n, room - n, i ? " %d," : "%d,", (int)a->dim[i]);
  if (a->rank > 1) n--;              /* Python wants the last comma for one dimension only */
  n += (size_t)snprintf(head + n, room - n, "), }");
  while ((n + 1) % ALIGN) head[n++] = ' ';
  head[n++] = '\n';
  head[8] = (char)((n - PREAMBLE) & 0xff);
  head[9] = (char)((n - PREAMBLE) >> 8);

  FILE *f = fopen(path, "wb");
  if (!f) return weft_fail(m, WEFT_E_FILE, "%.200s: %s", path, strerror(errno));
  size_t bytes = a->elements * weft_dtype_size(a->type);
  bool ok = fwrite(head, 1, n, f) == n && fwrite(a->data, 1, bytes, f) == bytes;
  int why = errno;
  if (fclose(f) != 0 && ok) {
    ok = false;
    why = errno;
  }
  return ok ? WEFT_OK : weft_fail(m, WEFT_E_FILE, "%.200s: %s", path, strerror(why));
}

int weft_bin_read(const char *path, size_t bytes, void **data, weft_msg_t *m) {
  size_t size;
  int e = weft_read_file(path, data, &size, m);
  if (e) return e;
  if (size == bytes) return WEFT_OK;
  free(*data);
  *data = NULL;
  return weft_fail(m, WEFT_E_FORMAT, "%.200s: holds %zu bytes; the tensor has %zu", path, size, bytes);
}
