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
/* v with 3 decimals, rounded to nearest; |v| < 2^31 / 1000. */
void print_milli(float v);

#endif
