/* SPDX-License-Identifier: Apache-2.0
 *
 * Random legal CONV geometries, and the filter image and requantisation entries of given filters.
 *
 * The image is written byte by byte from the order in docs/spec.md, independently of how the machine model reads it.
 */
#ifndef WEFT_TEST_RANDCONV_H
#define WEFT_TEST_RANDCONV_H

#include "conv_shape.h"
#include "rand.h"

typedef struct {
  int64_t max_words;     /* of each of ifmap, ofmap, filter image and entries */
  int64_t max_issue;     /* array cycles that issue */
} randconv_limits_t;

/* Everything but the addresses (in_base, filt_base, param_base, out_base are 0); in_row, in_pix, out_row, out_pix are set. */
void randconv_geometry(rand_t *r, const weft_config_t *cfg, const randconv_limits_t *limits, weft_conv_t *c);

/* Cuts a drawn command down to one pass group, so that its psums may stay in the accumulators. */
void randconv_one_group(const weft_config_t *cfg, weft_conv_t *c);
/* Another command that can go on with the psums of `like`, a command of one pass group. */
void randconv_like(rand_t *r, const weft_config_t *cfg, const randconv_limits_t *limits, const weft_conv_t *like, weft_conv_t *c);

/* Filters as a plain array: weight[((m*R + r)*S + s)*depth + j], depth = groups*q (GROUPS: q): channel j counted from the first
 * channel that output channel m sums over. */
int64_t randconv_depth(const weft_config_t *cfg, const weft_conv_t *c);
int64_t randconv_first_channel(const weft_config_t *cfg, const weft_conv_t *c, int64_t m);

int64_t randconv_image_words(const weft_config_t *cfg, const weft_conv_t *c);
void randconv_image(const weft_config_t *cfg, const weft_conv_t *c, const int8_t *weight, uint8_t *image);

typedef struct { int32_t bias, mult; int ls, rs, part; } randconv_entry_t;   /* part: bit 0 a byte of the int16, bit 1 the high one */
int64_t randconv_entry_words(const weft_conv_t *c);
void randconv_entries(const weft_conv_t *c, const randconv_entry_t *entry /* M of them */, uint8_t *to);
/* A requantisation that keeps most results of sums of about `terms` products in range, or (one in four) an extreme one. */
randconv_entry_t randconv_entry(rand_t *r, int64_t terms);

/* Words from the base to the last word that the command's ifmap and ofmap may touch, plus one. */
int64_t randconv_ifmap_words(const weft_config_t *cfg, const weft_conv_t *c);
int64_t randconv_ofmap_words(const weft_conv_t *c);

#endif
