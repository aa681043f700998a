/* SPDX-License-Identifier: Apache-2.0
 *
 * The specification in the .def files of docs/spec as C: constants, registers, configurations, and each command as a struct.
 *
 * weft_<cmd>_t holds a command's fields as plain integers; weft_<cmd>_pack() writes the 32-word record and fails
 * (returns the name of the field) when a value does not fit its width; weft_<cmd>_unpack() is the inverse.
 */
#ifndef WEFT_SPEC_H
#define WEFT_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
#define P(name, value, text) WEFT_##name = value,
#include "params.def"
#undef P
#define R(name, off, acc, text) WEFT_REG_##name = off,
#include "registers.def"
#undef R
#define E(name, code, text) WEFT_ERR_##name = code,
#include "errors.def"
#undef E
};

enum {
#define K(name, exact, text) WEFT_CNT_##name,
#include "counters.def"
#undef K
  WEFT_COUNTERS
};

enum {
#define O(name, code, engine, text) WEFT_CMD_##name = code,
#include "commands.def"
};

enum weft_engine { WEFT_ENG_LOAD, WEFT_ENG_ARRAY, WEFT_ENG_VECTOR, WEFT_ENG_STORE };
enum weft_chain_kind { WEFT_CHAIN_ROWS, WEFT_CHAIN_FILTERS, WEFT_CHAIN_GROUPS };

/* One configuration; bytes and words as docs/spec/configs.def says. */
typedef struct {
  const char *name;
  int rows, cols, lanes, buf_words, bank_words, ppu_lanes, fspad_bytes, net_bytes, bus_bytes;
  const char *text;
} weft_config_t;

extern const weft_config_t weft_configs[];      /* ends with name == NULL */
const weft_config_t *weft_config_find(const char *name);   /* NULL when unknown */
extern const char *const weft_counter_name[WEFT_COUNTERS];
extern const bool weft_counter_exact[WEFT_COUNTERS];
const char *weft_error_text(int code);          /* never NULL */
const char *weft_command_name(int opcode);      /* NULL when unknown */

/* A field of a record; `offset` is its int64_t member in the command's struct. */
typedef struct { const char *name; uint8_t word, lsb, width, sgn; uint16_t offset; } weft_field_t;

/* Every struct starts with the header fields. All members are int64_t so that out-of-range values are seen. */
#define WEFT_HDR_FIELDS int64_t opcode, wait_en, tag, wait_load, wait_array, wait_vector, wait_store;
typedef struct { WEFT_HDR_FIELDS } weft_hdr_t;
typedef struct { WEFT_HDR_FIELDS
  int64_t region, offset, elem_bytes, elems, n0, n1, dram_s0, dram_s1, buf, buf_se, buf_s0, buf_s1;
} weft_dma_t;                                   /* LOAD and STORE */
typedef struct { WEFT_HDR_FIELDS
  int64_t in_base, in_row, in_pix, zx, zw, in_h, in_w, in_w_last, pad_top, pad_left, stride_y, stride_x, dil_y, dil_x,
    R, S, qw_lg, kind, psum_in, psum_out, k0, rsh, r_span, pairs, chain_len, nchain, pair_dr, pair_dg, groups, folds, K, P, e_cols, T,
    NM, NY, NX, FT, OH, OW, OW_last, M, MT, g_step, filt_base, filt_pkts, param_base, y_step, out_base, out_row, out_pix,
    out_c0, zo, act_min, act_max;
} weft_conv_t;
typedef struct { WEFT_HDR_FIELDS
  int64_t a_base, b_base, out_base, n0, n1, n2, k0, k1, nsteps, t0_wide, t1_wide, b_splat, t_stay, a_s0, a_s1, a_s2, a_k0, a_k1, b_s0, b_s1,
    b_s2, out_s0, out_s1, out_s2, za, zb, zo, act_min, act_max, b_byte, step0, step1, step2, step3, mult0, mult1, mult2, ls0, rs0,
    ls1, rs1, ls2, rs2, out_k0, bias, out_k1, t0_base, t1_base;
} weft_vec_t;
typedef struct { WEFT_HDR_FIELDS
  int64_t in_base, out_base, n0, n1, rows, cols, c0, fill, in_row, in_s0, in_s1, out_col, out_s0, out_s1;
} weft_transpose_t;
typedef union { weft_hdr_t hdr; weft_dma_t dma; weft_conv_t conv; weft_vec_t vec; weft_transpose_t transpose; } weft_cmd_t;

/* c->hdr.opcode selects. NULL when fine, else the name of the first field whose value does not fit (or "opcode"). */
const char *weft_cmd_pack(const weft_cmd_t *c, uint32_t rec[WEFT_CMD_WORDS]);
/* 0, WEFT_ERR_OPCODE or WEFT_ERR_RESERVED. */
int weft_cmd_unpack(const uint32_t rec[WEFT_CMD_WORDS], weft_cmd_t *c);
/* The fields of an opcode (header first), for printing; NULL when unknown. */
const weft_field_t *weft_cmd_fields(int opcode, int *count);

/* VEC program steps: the values of a field, WEFT_FN_ADD and so on, and the field's place. */
enum {
#define V(field, name, value, text) WEFT_##field##_##name = value,
#include "steps.def"
#define S(field, lsb, width, text) WEFT_STEP_##field##_LSB = lsb, WEFT_STEP_##field##_MASK = (1 << (width)) - 1,
#include "steps.def"
};
typedef struct { int a, b, fn, scale, into, div, taps; } weft_step_t;
int64_t weft_step_pack(weft_step_t s);                                    /* fields are masked to their width */
weft_step_t weft_step_unpack(int64_t code);
#define WEFT_STEP(...) weft_step_pack((weft_step_t){__VA_ARGS__})         /* WEFT_STEP(.fn = WEFT_FN_ACC, .into = WEFT_INTO_OUT) */

#ifdef __cplusplus
}
#endif
#endif
