/* SPDX-License-Identifier: Apache-2.0
 *
 * Text to the UART without printf: the firmware prints words, numbers and hex, and must stay small.
 */
#ifndef WEFT_FW_PRINT_H
#define WEFT_FW_PRINT_H

#include <stddef.h>
#include <stdint.h>

void print_str(const char *s);
void print_u64(uint64_t v);
void print_hex(uint32_t v, int digits);
void print_bytes(const uint8_t *b, size_t n);      /* two hex digits each */
/* q * scale with 3 decimals, rounded to nearest, by integers: a floating-point library would take 2.5 KiB. |q| < 2^10, scale finite; from 2^20 on as 2^20. */
void print_scaled(int32_t q, float scale);

#endif
